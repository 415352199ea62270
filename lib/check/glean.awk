# glean: the generic reader, for the lines that no form takes. It looks in any line for what it knows: a token, the value of
# an Authorization header, a URL, a status, a date, the words of a gateway or a library. What it finds counts; what it does
# not find proves nothing, because the text may not show everything.
#
# Results are in g[], with the rank of each: a finding replaces another of the same rank or less. Of bare tokens the first
# one is kept, because people write the one they mean first. The ranks:
#
#   header  3 Authorization, 2 another name or none before Bearer or a token, 1 a longer name such as X-Authorization
#   token   3 called access_token, 2 not called anything, 1 called id_token or refresh_token
#   url     4 a call of the API or the token endpoint, 3 after a method or a word such as "URL", 2 another of Rhythm's, 1 without
#           a path, 0 not looked at
#   status  3 after HTTP/1.1 or before a reason phrase, 2 after a word such as "status", 1 alone in its line; 0.5 more from 400
#           on, 1 more for the three that are judged

BEGIN {
  AUTHORIZATION = "[Aa][Uu][Tt][Hh][Oo][Rr][Ii][ZzSs][Aa][Tt][Ii][Oo][Nn]([\"'`\\\\]|\\])*[ \t]*(:|=>|=|,|->)[ \t]*[[({]?[ \t]*\\\\?[\"'`]?"
  SCHEME = "^([Bb][Ee][Aa][Rr][Ee][Rr]|[Bb]asic|[Dd]igest|[Tt]oken|JWT|jwt|[Oo][Aa]uth|[Aa]pi[Kk]ey|AWS4-HMAC-SHA256|Negotiate|NTLM|Key)([ \t:=]|$)"
  REASON = "unauthorized|forbidden|too many requests|internal server error|bad gateway|service unavailable|gateway time-?out|not found|bad request|client error|server error|proxy authentication|conflict|created|method not allowed|found|ok[^a-z]|ok$"
}

function better(rank, than) { return rank >= than + 0 }

function glean(text,   low, plain) {
  if (blank(text)) { if (part == "body" && e) body(text); return }
  if (part == "body" && e) body(text)
  else if (part == "output" && e && text !~ /^(curl|wget|http): /) body(text)
  if (text ~ /^\[[0-9][0-9]?\][+-]? /) return   # a shell's job
  glean_assignment(text)
  glean_header(text)
  plain = glean_tokens(text)
  low = tolower(plain)
  if (curl_words(plain)) return
  if (index(low, "://")) glean_urls(plain, low)
  else if (match(plain, /(^|["' ])(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) +\/[^ "']*/)) glean_path(substr(plain, RSTART, RLENGTH))
  if (low ~ /[1-5][0-9][0-9]/) glean_status(low)
  if (low ~ /www-authenticate|error_description|message|unauthorized|forbidden|denied|authoriz|expired|audience|issuer|signature|token|jwt|scope|exceeded|too many|error|not enabled|quota/) glean_words(plain, low)
  if (g["complaint"] == "") g["complaint"] = complaint(low)
  if (low ~ /date/ && match(plain, /[A-Z][a-z][a-z], [0-9][0-9] [A-Z][a-z][a-z] [0-9][0-9][0-9][0-9] [0-9:]+ (GMT|UTC)/)) g["date"] = substr(plain, RSTART, RLENGTH)
  if (match(low, /(x-amzn-requestid|apigw-requestid|x-amzn-request-id|request[-_ ]?id)["']?[ :=]+["']?[a-z0-9=_-]+/)) g["request"] = last_word(substr(plain, RSTART, RLENGTH))
  if (match(low, /^["']?(host|:authority)["']?[ :=]+["']?[a-z0-9.-]+(:[0-9]+)?/)) g["host"] = last_word(substr(plain, RSTART, RLENGTH))
  if (match(low, /retry-after["']?[ :=]+["']?[0-9a-z]/)) g["retry"] = last_word(substr(low, RSTART, RLENGTH))
  g["claims"] += gsub(/(^|[ "{,])(iss|aud|exp|iat|azp|gty|sub|http:\/\/rhythmsoftware.com\/[a-z_]+|tenant_id|customer_id)"?[ ]*[:=]/, "&", low)
  if (low ~ /blocked by cors|cors policy|cors error|preflight/) g["cors"] = "yes"
  if (!e || x[e, "status"] == "") library_words(plain)
}
function last_word(s) { sub(/^.*[ :="']/, "", s); return s }

# A failure that a library reports before there was any exchange is kept until the end.
function library_words(text,   was) {
  was = exchanges
  if (!library_failure(text)) return
  if (!was) x[e, "form"] = "gleaned"
}

# NAME=VALUE, as in a shell or a settings file: the value of a command's $NAME.
function glean_assignment(text,   name, value) {
  if (!match(text, /^[ \t]*(export |set |\$env:|\$|let |const |var )?[A-Za-z_][A-Za-z0-9_]*[ ]*=[ ]*["']?(Bearer )?eyJ[A-Za-z0-9_.-]+/)) return
  text = substr(text, RSTART, RLENGTH)
  name = text; sub(/[ ]*=.*/, "", name); sub(/^[ \t]*(export |set |\$env:|\$|let |const |var )?/, "", name)
  value = text; sub(/^[^=]*=[ ]*["']?(Bearer )?/, "", value)
  assigned[name] = value
}

# --- tokens and headers ------------------------------------------------------------------------------------------------

function glean_header(text,   front, value, end, q, name) {
  if (header_pending != "") {
    if (text ~ /^[ \t]*(- +)?["'`]?([Bb]earer|eyJ)/) { sub(/^[ \t]*(- +)?/, "", text); text = "Authorization: " text }
    else keep_header(header_pending, 3)
    header_pending = ""
  }
  if (match(text, AUTHORIZATION)) {
    front = substr(text, 1, RSTART - 1)
    q = substr(text, RSTART + RLENGTH - 1, 1)
    value = substr(text, RSTART + RLENGTH)
    if (front ~ /[Pp]roxy-$/) return
    if (q ~ /["'`]/ && index(value, q)) {
      if (substr(value, index(value, q) + 1) ~ /^[ ]*([+&%.]|[|][|])/) return   # a program concatenates it
      value = substr(value, 1, index(value, q) - 1)
      g["quoted"] = 1
    }
    else {
      end = value
      gsub(/\]/, ")", end)   # awks disagree about a ] in a set
      if (trimmed(front) != "" || end ~ /^[A-Za-z]+ [^ ]+["'},)]/) {
        if (match(end, /^[A-Za-z]+[ =:]+("[^"]*"|'[^']*'|[$%#]?[{<]+[^{}<>]*[}>]+)/) && value ~ SCHEME) value = substr(value, 1, RLENGTH)
        else if (match(end, /^[A-Za-z0-9-]+[ =:]+[^ ,;"'})]+/) && value ~ SCHEME) value = substr(value, 1, RLENGTH)
        else if (match(end, /^[^ ,;"'})]+/)) value = substr(value, 1, RLENGTH)
      }
    }
    sub(/([ \t]*[|]|`+)[ \t]*$/, "", value)
    sub(/[ \t]+$/, "", value)
    if (!header_value(value)) return
    if (value ~ /[$][{(]?[A-Za-z_]|[{][A-Za-z_.]+[}]|["'`] *[+.&] *|f"/ && value !~ /eyJ/) { if (value !~ /^[Bb]earer [{$]/ || front ~ /[A-Za-z(]/) return }
    if (part == "request") request_cut()   # the form's reader could not read this line
    name = match(text, /[Aa][Uu][Tt][Hh][Oo][Rr][Ii][ZzSs][Aa][Tt][Ii][Oo][Nn]/) ? substr(text, RSTART, RLENGTH) : "Authorization"
    front = substr(text, 1, RSTART - 1)
    if (match(front, /[A-Za-z-]+-$/)) name = substr(front, RSTART) name
    if (value == "" && trimmed(text) ~ /[:=,>]$/) { header_pending = name ":"; return }   # its value may be on the next line
    keep_header(name ":" (value == "" ? "" : " ") value, front ~ /-$/ ? 1 : 3)
    return
  }
  if (match(text, /^[ \t]*["']?[A-Za-z-]*([Aa]uth|[Aa]pi-?[Kk]ey)[A-Za-z-]*["']?[ \t]*:[ \t]*["']?([Bb]earer +)?eyJ[A-Za-z0-9_.-]+/)) {
    value = substr(text, RSTART, RLENGTH); gsub(/["']/, "", value)
    if (value !~ /_/ || index(value, "_") > index(value, ":")) keep_header(trimmed(value), 2)
    return
  }
  if (match(text, /(^|[^A-Za-z_-])[Bb][Ee][Aa][Rr][Ee][Rr]([ \t]+|[:=][ \t]*|eyJ)["'`]?[^ \t"'`,;)]*.*/)) {
    value = substr(text, RSTART + (substr(text, RSTART, 1) !~ /[Bb]/), RLENGTH)
    if (value ~ /^[A-Za-z]+[ \t]*[=:][ \t]*["'`]|^[A-Za-z]+[ \t]+[=:]/) return   # a setting of that name
    if (trimmed(text) != trimmed(value)) {
      q = value; sub(/^[A-Za-z]+[ \t:=]*/, "", q)
      if (q !~ /^["'`]?(eyJ|[*]|[<{[][A-Za-z_* -]+([>}]|\])|undefined|null|None|nil|[xX][xX][xX])/) return
      match(value, /^[A-Za-z]+[ \t:=]*(eyJ)?["'`]?[^ \t"'`,;)}]*/)
      value = substr(value, 1, RLENGTH)
      if (value ~ /eyJ/) sub(/<\/.*/, "", value)   # the end of an XML element
    } else {
      sub(/[ \t]*[|][ \t]*$/, "", value)
      if (value ~ /^[Bb]earer +([a-z]+ )*(error|realm|scope|token|auth)/ && value !~ /eyJ/) return
    }
    keep_header(value, 2)
  }
}
# Whether it looks like a header's value, and not like a sentence about one.
function header_value(value) {
  if (value == "") return 1
  if (value ~ SCHEME || value ~ /eyJ|[*][*]|^[<\[{(]|redact|REDACT|YOUR|^(undefined|null|None|nil|NULL)$/) return 1
  return value !~ /[ \t]/ && (length(value) > 19 || value ~ /[0-9_$%]/)
}
function keep_header(line, rank) {
  if (!better(rank, g["header.rank"])) return
  g["header"] = line; g["header.rank"] = rank
}

# Keeps the tokens of a line; returns the line without them. A run of letters without a dot after it is skipped as a whole,
# because looking for the dot from each "eyJ" in it would take the square of its length.
function glean_tokens(text,   token, front, out, run) {
  while (match(text, /eyJ[A-Za-z0-9_-]*/)) {
    run = RSTART + RLENGTH
    front = substr(text, 1, RSTART - 1)
    token = substr(text, RSTART, RLENGTH)
    text = substr(text, run)
    out = out front
    if (!match(text, /^[.][A-Za-z0-9_.%=-]+/)) { out = out token; continue }
    token = token substr(text, 1, RLENGTH)
    text = substr(text, RLENGTH + 1)
    keep_token(token, out, text)
    out = out "TOKEN"
  }
  return glean_encoded(out text)
}
function keep_token(token, front, behind,   rank) {
  front = substr(front, length(front) > 60 ? length(front) - 60 : 1)
  if (front ~ /["'`“]$/ && behind ~ /^["'`”]/) g["quoted"] = 1
  front = tolower(front)
  sub(/[.,;]+$/, "", token)
  rank = front ~ /access_?token["' ]*[:=> ]*["']*$/ ? 3 : front ~ /(id|refresh)_?token["' ]*[:=> ]*["']*$/ ? 1 : 2
  if (rank == 3) g["answer"] = 1
  if (token ~ /%2[Ee]/) token = from_hex(token, "%")
  if (rank > g["token.rank"] + 0) { g["token"] = token; g["token.rank"] = rank }
  if (!(substr(token, 1, 200) in token_seen)) { token_seen[substr(token, 1, 200)] = 1; g["tokens"]++ }
}
# A token in base64 once more, as a Kubernetes secret has it.
function glean_encoded(text,   plain) {
  if (index(text, "ZXlK") && match(text, /ZXlK[A-Za-z0-9+\/]+=*/) && RLENGTH > 80) {
    plain = from_base64(substr(text, RSTART, RLENGTH))
    if (plain ~ /^eyJ[A-Za-z0-9_-]+[.]/) { keep_token(trimmed(plain), "", ""); sub(/ZXlK[A-Za-z0-9+\/]+=*/, "TOKEN", text) }
  }
  if (index(text, "QmVhcmVyIGV5S") && match(text, /QmVhcmVyIGV5S[A-Za-z0-9+\/]+=*/)) {
    keep_header(first_line(from_base64(substr(text, RSTART, RLENGTH))), 2)
    sub(/QmVhcmVyIGV5S[A-Za-z0-9+\/]+=*/, "TOKEN", text)
  }
  return text
}

function first_line(s) { sub(/[\r\n].*/, "", s); return trimmed(s) }

# --- the request's URL, and the response ------------------------------------------------------------------------------

function glean_urls(text, low,   url, rank, before, method) {
  while (match(text, /https?:\/\/[^ \t"'`<>()\\|{},;]+([{][A-Za-z_]+[}][^ \t"'`<>()\\|{},;]*)*/)) {
    url = substr(text, RSTART, RLENGTH)
    if (url !~ /:\/\/\[/) sub(/\].*/, "", url)
    before = substr(text, 1, RSTART - 1)
    text = substr(text, RSTART + RLENGTH)
    sub(/[.:]+$/, "", url)
    rank = url ~ /^https:\/\/[^\/]*api\.rhythmsoftware\.com/ && url !~ /\/\/docs\./ && url ~ /rhythmsoftware\.com(:[0-9]+)?\/./ ? 4 : \
      url ~ /\/oauth\/token/ ? 4 : url ~ /^https?:\/\/[^\/]*rhythmsoftware[.]com\/[a-z]*/ && url !~ /\/(tenant|customer|contact)_/ ? 2 : 0
    if (url ~ /rhythmsoftware\.com\/?$/ && rank) rank = 1
    method = match(before, /(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)(["'`: ,]|\])*$/) ? substr(before, RSTART, RLENGTH) : ""
    gsub(/[^A-Z]/, "", method)
    if (method != "" && rank < 3) rank = 3
    else if (rank < 3 && tolower(before) ~ /(request[-_ ]?ur[il]|for url:?|[^a-z]ur[il]|^ur[il])["'` :=]*$/ && url !~ /docs|help|support|errors?\/|oauth2\/|w3[.]org|schemas/) rank = 3
    if (!rank || !better(rank, g["url.rank"])) continue
    g["url"] = url; g["url.rank"] = rank; g["url.method"] = method
  }
}
# A path without its host, after a method, as in a server's own log.
function glean_path(text,   piece) {
  gsub(/["']/, " ", text)
  split(trimmed(text), piece, " +")
  g["path"] = piece[2]; g["path.method"] = piece[1]
}

# A status, and not a line number, a length, a range or a list of allowed codes.
function glean_status(low,   number, before, after, rank) {
  while (match(low, /[1-5][0-9][0-9]/)) {
    number = substr(low, RSTART, 3)
    before = glean_before substr(low, RSTART > 120 ? RSTART - 120 : 1, RSTART > 120 ? 120 : RSTART - 1)
    after = substr(low, RSTART + 3, 40)
    glean_before = substr(before, length(before) > 120 ? length(before) - 120 : 1) number
    low = substr(low, RSTART + 3)
    if (before ~ /[0-9a-z_.#$-]$/ && before !~ /(http|status|code|error|[^0-9a-z]e|s)$/ || after ~ /^[0-9a-z_]/ || after ~ /^[.:-][0-9]/) continue
    if (after ~ /^ ?(bytes|ms|s[^a-z]|%|kb|items|records|sec|lines|tokens|characters)/) continue
    if (before ~ /(line|length|size|port|bytes|took|count|retry|retries|expected|expect|allowed?|accept(ed)?|ignored?|[^=>-][<>]=?|range|limit|col|column|page|offset|total|timeout|after|in|of|top|id) *[:=]? *["'\[(]?$/ && before !~ /(status|code) *[:=(]? *["'\[(]?$/) continue
    if (after ~ /^["']? *([,|\/]|or|-|to|\.\.) *["']?[1-5][0-9x][0-9x]/ || before ~ /[1-5][0-9x][0-9x]["']? *([,|\/]|or|-|to|\.\.) *["']?$/) continue
    if (before ~ /["'] [1-5][0-9][0-9] +$/) continue   # an access log's size
    if (before ~ /(^|[^a-z])(expected|expects|allow|accept|ignor|retry|retries|retryable|forcelist|unless|should|want|valid)[a-z ]*[^a-z]*(status|code|codes)?[^a-z]*$/) continue
    rank = 0
    if (before ~ /http\/[0-9.]+["']? +$/) rank = 3
    else if (after ~ "^([)]|\\])?[\"']?[ :,\"'(-]*([{]\"message\": *\")?(" REASON ")" && before !~ /[0-9] $/) rank = 3
    else if (before ~ /(status|statuscode|status[ _-]code|http[ _-]?(code|status|error|response)?|response([ _-]?(code|status))?|httpstatus|error[ _-]?code|\[response|error|code|returned|returns|answered|responded|received|got|failed|failure|resulted|sc|result|gave|gives|gets|get|with|rc|=>|->|<--|<-|<|→|←|»)(["']|\])*[ ]*[:=>]*[ ]*(with|is|was|of|a|an|http|error|status|code|response|:|=|\[|\(|"|'|<| )*$/) rank = 2
    else if (before ~ /(get|post|put|patch|delete|head|options)["']? +[^ ]*\/[^ ]*["']?( [^ ]+)* *[|:\[(-]* *["']?$/) rank = 2
    else if (after ~ /^ error/ || before ~ /[0-9.]+ $/ && after ~ /^ ([0-9-]+ )+"(get|post|put|patch|delete|head|options) /) rank = 2
    else if (before ~ /tcp_[a-z_]+\/$|[0-9]\/[0-9]+\/[+]?[0-9]+ $/) rank = 2   # squid; HAProxy's times
    else if (before ~ /^[ [("']*$/ && (after ~ /^([)"' ]|\])*$/)) rank = 1
    if (!rank) { if (number ~ /^(401|403|429|5..)$/ && g["complaint"] == "") g["complaint"] = number; continue }
    if (number >= 400 && rank < 3) rank += 0.5
    if (number == 401 || number == 403 || number == 429) rank++   # a program's own 500 often follows from it
    if (better(rank, g["status.rank"]) || number >= 400 && g["status"] < 400) { g["status"] = number; g["status.rank"] = rank }
  }
  glean_before = ""
}

# Keeps the words of the lines that glean() selected, and a WWW-Authenticate header.
function glean_words(text, low) {
  if (match(low, /www-authenticate["']?[ \t]*[:=][ \t]*["'\[]*/)) { g["www"] = substr(text, RSTART + RLENGTH); sub(/(["'},]|\])+$/, "", g["www"]) }
  if (length(said) < 4000) said = said text "\n"
}
