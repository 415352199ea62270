# facts: reads pasted input, through the passes, the forms and the generic reader, and prints what is known about it.
#
#   awk -f text.awk ... -f forms/*.awk -f facts.awk FILE
#       environment: check_lib, where the tables are; check_token, a file for the token if it has to be decoded; check_max,
#       in bytes; check_json, a file for nested JSON, which jq is to write as an exchange; check_sealed=yes, see text.awk
#
# It judges nothing, and prints key=value:
#
#   capture=        token: a token or a header line, and nothing else; request; json: see check_json; bundle: facts of another
#                   run; large; empty; other: nothing recognized
#   read.form= title=   what it was taken for
#   seen.request=   whole: all its headers; part: some of it; none
#   seen.status= seen.body= yes
#   requests= tokens=   how many the input contains
#   http= method= url= query...  url without user, query and fragment; a shell's variable in it stays as $NAME
#   url.gleaned=yes it was found in the text, and may be another request's
#   header.count=   how many headers are called Authorization; none: headers were not shown
#   header.other=   without one: the name of a header that contains a token
#   header.name= scheme= scheme.form= token.kind= word= cleaned=   see header.awk
#   elsewhere=      where a token was found, if not in the header: a cookie, the URL, the body
#   header.user=yes a command has the header, and a username and password too
#   header.lines=yes  the value of a command's header contains a line break
#   fault=          what is wrong with a command's words: quotes, unquoted, dash
#   preflight=yes   a browser's OPTIONS before the request; cors=yes: a browser says that it was refused
#   variable=       the header's value comes from here, and is not in the text
#   failure=        network, tls, proxy, usage: there was no response; failure.words=
#   status=         the response's, or what its words imply: then status.implied=yes
#   says= says.words=   what its words mean, see words.awk, and the words
#   complaint=      without a status: words that say that the call failed
#   stranger=       who responded, if not the API
#   issuer=yes      it is an exchange with the issuer; issuer.error= issuer.description=
#   date=           the response's, in seconds since the epoch
#   answer.date= answer.words= answer.request= answer.retry= answer.location= answer.type=
#
# Nothing printed contains a piece of the token or of a secret, or a character that moves the cursor.

function escaped(s) {
  s = substr(s, 1, 4000)   # the search for tokens takes the square of the length
  s = without_pieces(s)
  gsub(/eyJ[A-Za-z0-9_-]*[.][A-Za-z0-9_.-]*/, "***", s)
  gsub(/eyJ[A-Za-z0-9_-][A-Za-z0-9_-]*/, "***", s)
  if (s ~ /[Ss][Ee][Cc][Rr][Ee][Tt]|[Pp][Aa][Ss][Ss][Ww]/) gsub(/[Ss][Ee][Cc][Rr][Ee][Tt]["']?[ ]*[:=][ ]*["']?[^ "'&,}]+|[Pp][Aa][Ss][Ss][Ww]([Oo][Rr])?[Dd]["']?[ ]*[:=][ ]*["']?[^ "'&,}]+/, "***", s)
  if (s ~ /[Bb]earer /) s = without_bearer(s)
  sub(/'[^']*' not a valid key=value/, "'***' not a valid key=value", s)   # the gateway quotes the header
  s = without_runs(s)
  gsub(/[\001-\037\177]/, " ", s)
  gsub(/\\/, "&&", s)   # a replacement \\ would be a single one in mawk
  if (length(s) > 400) { s = substr(s, 1, 400); sub(/[\200-\377]+$/, "", s) }
  return s
}
# Without runs that are longer and more mixed than any name (see base/secrecy.h): a token that lost its beginning.
function without_runs(s,   out, run) {
  if (length(s) < 40) return s
  while (match(s, /[A-Za-z0-9_-]+/)) {
    run = substr(s, RSTART, RLENGTH)
    if (RLENGTH >= 40 && run ~ /[A-Z]/ && run ~ /[a-z]/ && run ~ /[0-9]/) run = "***"
    out = out substr(s, 1, RSTART - 1) run
    s = substr(s, RSTART + RLENGTH)
  }
  return out s
}
# Without what follows Bearer, which may be a token of any form, except in a WWW-Authenticate header.
function without_bearer(s,   out) {
  while (match(s, /[Bb]earer +[^ '",]+/)) {
    out = out substr(s, 1, RSTART + 6) (substr(s, RSTART, RLENGTH) ~ /=/ || RLENGTH < 20 ? substr(s, RSTART + 7, RLENGTH - 7) : "***")
    s = substr(s, RSTART + RLENGTH)
  }
  return out s
}
# Without the header's token, whatever its form, and each long piece of it, because a response may echo it.
function without_pieces(s,   n, at, out) {
  for (n = 1; n <= pieces; n++) {
    out = ""
    while (at = index(s, piece_of[n])) {
      out = out substr(s, 1, at - 1) "***"
      s = substr(s, at + length(piece_of[n]))
    }
    s = out s
  }
  return s
}
function remember_pieces(token,   n, k, segment) {
  pieces = 0
  if (h["kind"] ~ /^(word|placeholder|redacted|claims)$/) return
  if (length(token) >= 8) piece_of[++pieces] = token
  n = split(token, segment, ".")
  if (n > 1) for (k = 1; k <= n; k++) if (length(segment[k]) >= 12) piece_of[++pieces] = segment[k]
}
function put(key, value) { if (value != "") print key "=" escaped(value) }

END {
  sealed = ENVIRON["check_sealed"] != ""
  if (bytes > ENVIRON["check_max"]) { print "capture=large"; exit }
  if (bundle && !sealed) { print "capture=bundle"; exit }
  if (unwrap()) exit
  read_forms()
  facts()
}

# Hands nested JSON over to jq. 1: it did.
function hand_over_json(   i, first, depth, file) {
  file = ENVIRON["check_json"]
  if (sealed || file == "") return 0
  for (i = 1; i <= count && blank(lines[i]); i++) ;
  first = trimmed(lines[i])
  if (first !~ /^([{]|\[([ \t]*([{]|$)))/ || first ~ /^[{] \[/) return 0
  for (first = i; i <= count; i++) if (lines[i] ~ /[{\[].*[{\[]/ || i > first && lines[i] ~ /[{\[]/) { depth = 1; break }
  if (!depth) return 0
  for (i = first; i <= count; i++) print lines[i] > file
  close(file)
  print "capture=json"
  return 1
}

function facts(   url, says, status, text, www) {
  merge_gleaned()
  if (!e) { print "capture=" (nothing_pasted() ? "empty" : "other"); return }
  url = exchange_url()
  take_line()
  remember_pieces(h["token"] "")
  www = answered("www-authenticate")
  text = x[e, "body"] "\n" (x[e, "form"] == "gleaned" || x[e, "seen_status"] == "" || x[e, "body"] == "" ? said : "")
  # Without a status, the words of a record are not the gateway's.
  if (x[e, "status"] == "" && x[e, "body"] ~ /^[ \t\n]*[{\[]/ && x[e, "body"] !~ /(^|\n)[ \t]*[{][ \t\n]*"([Mm]essage|error|errors|fault|status|statusCode|detail|title)"/) text = g["complaint"] = ""
  take_issuer(url, text)
  says = issuer || x[e, "status"] == "" && x[e, "failure"] != "" ? "" : meaning(x[e, "status"] "", text, answered("x-amzn-errortype"), www)
  status = x[e, "status"]
  if (status == "" && x[e, "failure"] == "" && !issuer) { status = implied(says); if (status != "") put("status.implied", "yes") }
  if (only_token()) put("capture", "token"); else put("capture", "request")
  put("read.form", x[e, "form"]); put("title", sealed ? "the request as captured" : title[x[e, "form"]])
  put("seen.request", x[e, "form"] == "gleaned" || x[e, "seen"] == "" ? "none" : x[e, "seen"])
  put("seen.status", x[e, "status"] != "" ? "yes" : ""); put("seen.body", x[e, "body"] != "" ? "yes" : "")
  print "requests=" requests + 0
  put("tokens", g["tokens"])
  put("http", x[e, "http"]); put("method", x[e, "method"]); put("url", url); put("url.gleaned", x[e, "url_gleaned"])
  print "header.count=" (x[e, "authorizations"] ? x[e, "authorizations"] : x[e, "seen"] == "whole" || x[e, "other"] != "" ? 0 : "none")
  if (!x[e, "authorizations"]) put("header.other", x[e, "other"])
  put_header()
  put("elsewhere", x[e, "elsewhere"]); put("header.user", x[e, "both"]); put("header.lines", x[e, "broken"])
  put("fault", x[e, "fault"]); put("variable", x[e, "variable"])
  put("cors", g["cors"])
  if (x[e, "method"] == "OPTIONS") put("preflight", "yes")
  if (status == "") { put("failure", x[e, "failure"]); put("failure.words", x[e, "words"]) }
  if (status == "" && x[e, "failure"] == "") put("complaint", g["complaint"])
  put("status", status); put("says", says); put("says.words", spoken(text, says)); put("stranger", stranger())
  put("answer.date", answered("date"))
  put("date", answered("date") != "" ? date_seconds(answered("date")) : "")
  put("answer.words", www)
  put("answer.request", request_id()); put("answer.retry", answered("retry-after"))
  put("answer.location", without_query(answered("location"))); put("answer.type", answered("content-type"))
}
function without_query(url) { sub(/[?#].*/, "", url); return url }   # it may be a code or a token
function nothing_pasted(   i) {
  for (i = 1; i <= count; i++) if (!blank(lines[i])) return 0
  return 1
}
function request_id() {
  if (answered("x-amzn-requestid") != "") return answered("x-amzn-requestid")
  return answered("apigw-requestid") != "" ? answered("apigw-requestid") : answered("x-amz-apigw-id")
}
# A date in seconds since the epoch: the three forms of HTTP (RFC 9110, section 5.6.7), and that of RFC 3339 in UTC.
function date_seconds(s,   piece, day, month, year, clock) {
  if (s ~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9][T ]/) { year = substr(s, 1, 4); month = substr(s, 6, 2) + 0; day = substr(s, 9, 2); clock = substr(s, 12, 8) }
  else {
    gsub(/-/, " ", s)
    if (split(s, piece, " ") < 5) return "unknown"
    if (piece[1] ~ /,$/) { day = piece[2]; month = piece[3]; year = piece[4]; clock = piece[5] }
    else { month = piece[2]; day = piece[3]; clock = piece[4]; year = piece[5] }
    month = (index("JanFebMarAprMayJunJulAugSepOctNovDec", month) + 2) / 3
    if (length(year) == 2) year += 2000
  }
  if (month != int(month) || month < 1 || clock !~ /^[0-9][0-9]:[0-9][0-9]:[0-9][0-9]/ || day + 0 < 1) return "unknown"
  if (month <= 2) { year--; month += 12 }   # days since 1970, of the proleptic Gregorian calendar
  day += 365 * year + int(year / 4) - int(year / 100) + int(year / 400) + int((153 * (month - 3) + 2) / 5) - 719469
  return sprintf("%.0f", day * 86400 + substr(clock, 1, 2) * 3600 + substr(clock, 4, 2) * 60 + substr(clock, 7, 2))
}

# Fills the gaps that the forms left with what the generic reader found, which never replaces what a form read.
function merge_gleaned(   none) {
  if (sealed) return
  if (header_pending != "") keep_header(header_pending, 3)
  if (!e && g["header"] == "" && g["token"] == "") glean_whole()
  none = !e || x[e, "form"] == "answer" || x[e, "form"] == "gleaned"
  if (!e) {
    if (g["header"] == "" && g["token"] == "" && g["status"] == "" && !speaks() && g["claims"] < 2 && g["cors"] == "") return
    begin_unseen()
  }
  if (none) x[e, "form"] = x[e, "form"] == "answer" && x[e, "status"] != "" ? "answer" : "gleaned"
  if (x[e, "seen"] != "whole" && !x[e, "authorizations"] && x[e, "command_line"] != "") {
    x[e, "line"] = x[e, "command_line"]; x[e, "authorizations"] = x[e, "command_count"]
  }
  if (wget_header != "" && !x[e, "authorizations"]) { header_line(wget_header, 0) }
  if (x[e, "seen"] != "whole" && !x[e, "authorizations"] && x[e, "other"] == "") glean_line()
  if (x[e, "variable"] != "") take_assigned(x[e, "variable"])
  if (x[e, "target"] == "" && x[e, "host"] == "") {
    if (g["url"] != "" && (g["url.rank"] >= 2)) {
      x[e, "target"] = g["url"]; if (g["url.rank"] < 3) x[e, "url_gleaned"] = "yes"
      if (x[e, "method"] == "") x[e, "method"] = g["url.method"]
    } else if (note_url != "") x[e, "target"] = note_url
    else if (g["host"] ~ /rhythmsoftware|auth0/ && g["path"] != "") { x[e, "host"] = g["host"]; x[e, "target"] = g["path"]; x[e, "method"] = g["path.method"] }
  } else if (x[e, "host"] == "" && x[e, "target"] ~ /^\//) {
    if (g["host"] != "") x[e, "host"] = g["host"]
    else if (note_host != "") x[e, "host"] = note_host
  }
  if (x[e, "status"] == "" && x[e, "failure"] ~ /^(network)?$/ && g["status"] != "") {
    x[e, "status"] = g["status"]; x[e, "failure"] = x[e, "words"] = ""
  }
  if (answered("date") == "" && g["date"] != "") x[e, "answer", "date"] = g["date"]
  if (answered("www-authenticate") == "" && g["www"] != "") x[e, "answer", "www-authenticate"] = g["www"]
  if (answered("retry-after") == "" && g["retry"] != "") x[e, "answer", "retry-after"] = g["retry"]
  if (request_id() == "" && g["request"] != "") x[e, "answer", "x-amzn-requestid"] = g["request"]
}
# Takes the whole text for a token if it is one word that looks as random as a token, or with check_token_only.
function glean_whole(   i, all, words) {
  for (i = 1; i <= count && i < 200; i++) if (!blank(lines[i])) { all = all (all == "" ? "" : "\n") trimmed(lines[i]); words++ }
  if (ENVIRON["check_token_only"] != "" && all != "" && !g["claims"] && length(all) < 20000) g["token"] = all
  else if (words == 1 && all ~ /^[A-Za-z0-9_~+\/-]+=*$/ && length(all) >= 32 && all ~ /[A-Z]/ && all ~ /[a-z]/ && all ~ /[0-9]/) g["token"] = all
}
# Whether the text has the words of a gateway or of the issuer.
function speaks(   m) {
  m = meaning("", said "", "", g["www"] "")
  return m != "" && m != "unauthorized" || said ~ /[Uu]nauthorized/ || said ~ /"error"|error_description/ || described(said "") != ""
}
function glean_line() {
  if (g["header"] != "") {
    if (g["header.rank"] == 1 || tolower(g["header"]) !~ /^(authorization|bearer)/) {
      x[e, "other"] = g["header"]; sub(/:.*/, "", x[e, "other"]); x[e, "other_line"] = g["header"]
    } else { x[e, "line"] = g["header"]; x[e, "authorizations"] = 1 }
    x[e, "gleaned"] = "yes"
  } else if (g["token"] != "") { x[e, "bare"] = g["token"] }
}
# Fills in a command's $NAME, if the text also sets it.
function take_assigned(name,   value) {
  if (name == "standard input") return
  gsub(/[${}]/, "", name); sub(/^env:/, "", name)
  value = assigned[name]
  if (value == "" && g["tokens"] == 1) value = g["token"]
  if (value == "") return
  sub(/\[redacted\]/, value, x[e, "line"])
  x[e, "variable"] = ""
}

# Decides which text is the header or the token, and sets h.
function take_line() {
  has_line = 1
  if (x[e, "authorizations"]) take_header(x[e, "line"], x[e, "gleaned"] == "" || x[e, "status"] != "")
  else if (x[e, "other"] != "") take_header(x[e, "other_line"], 1)
  else if (x[e, "bare"] != "") take_header(x[e, "bare"], 0)
  else {
    has_line = 0
    split("", h)
    if (ENVIRON["check_token_only"] != "" && g["claims"]) g["claims"] = 2
    if (g["claims"] >= 2 && x[e, "form"] == "gleaned") { h["kind"] = "claims"; has_line = 1 }
    else if (g["token"] != "" && x[e, "seen"] == "whole" && x[e, "elsewhere"] == "") x[e, "elsewhere"] = "the text, outside the request's headers"
    if (x[e, "seen"] == "whole" && x[e, "answer", ""] == "" && issuer_url() && g["token"] != "") { take_header(g["token"], 0); has_line = 1; x[e, "bare"] = g["token"] }
  }
}
function put_header() {
  if (!has_line) return
  # The printer's style and not the sender's, if every header has a space there.
  if (x[e, "spaced"] > 1 && x[e, "spaced"] == x[e, "names"]) sub(/[ \t]+$/, "", h["name"])
  put("header.name", h["name"])
  put("scheme", h["scheme"])
  if (h["is"]) put("scheme.form", h["form"])
  put("token.kind", h["kind"]); put("word", h["word"]); put("cleaned", removed_parts())
  if (h["kind"] != "") put("seen.token", h["kind"] ~ /^(redacted)$/ ? "" : "yes")
  else {
    put("seen.token", "yes")
    if (ENVIRON["check_token"] != "") printf "%s\n", h["token"] > ENVIRON["check_token"]
  }
}
# What was ignored: by the passes, and around the token.
function removed_parts() {
  if (h["cleaned"] != "") took(h["cleaned"])
  if (x[e, "bare"] != "" || x[e, "gleaned"] != "") {
    if (g["answer"] != "" && x[e, "bare"] != "") took("token response")
    else if (g["quoted"] != "") took("quotes")
  }
  return taken
}
function only_token() {
  return x[e, "form"] == "gleaned" && has_line && x[e, "status"] == "" && x[e, "failure"] == "" && x[e, "target"] == "" && \
    x[e, "answer", "www-authenticate"] == "" && !speaks()
}

# Recognizes an exchange with the issuer, or its refusal alone (RFC 6749, section 5.2).
function issuer_url() { return x[e, "target"] ~ /\/oauth\/token([?#]|$)/ }
function take_issuer(url, text,   error) {
  issuer = issuer_url() || url ~ /^https:\/\/[^\/]*auth0\.com/
  if (match(text, /"error"[ \t]*:[ \t]*"[a-z_]+"/)) { error = substr(text, RSTART, RLENGTH); gsub(/.*:[ \t]*"|"/, "", error) }
  if (error != "" && match(text, /"error_description"[ \t]*:[ \t]*"([^"\\]|\\.)*"/)) {
    put("issuer.description", json_string(substr(text, RSTART, RLENGTH)))
    if (url == "" || x[e, "url_gleaned"] != "") issuer = 1
  }
  # libraries print it as  code: description
  if (error == "" && match(text, /(access_denied|invalid_client|unauthorized_client|unsupported_grant_type|invalid_grant|invalid_scope|mfa_required|too_many_attempts)[:") (]+[A-Z][^")\n]*/)) {
    issuer_words = substr(text, RSTART, RLENGTH)
    error = issuer_words; sub(/[^a-z_].*/, "", error)
    sub(/^[a-z_]+[:") (]+/, "", issuer_words)
    put("issuer.description", issuer_words)
    issuer = 1
  }
  if (error == "" && (url == "" || x[e, "url_gleaned"] != "" || issuer) && (error = described(text)) != "") {
    issuer_words = substr(text, index(text, described_by))
    sub(/["\n].*/, "", issuer_words)
    put("issuer.description", issuer_words)
    issuer = 1
  }
  if (error ~ /^(invalid_client|unauthorized_client|unsupported_grant_type|invalid_grant|mfa_required|too_many_attempts|password_leaked)$/) issuer = 1
  if (!issuer) return
  put("issuer", "yes"); put("issuer.error", error)
  take_refusal(error, text)
}
function json_string(s) { sub(/^"[^"]*"[ \t]*:[ \t]*"/, "", s); sub(/"$/, "", s); gsub(/\\"/, "\"", s); gsub(/\\\//, "/", s); return s }
# The table that rhythm-token uses for a live refusal.
function load_refusals(   line) {
  if (refusals) return
  while ((getline line < (ENVIRON["check_lib"] "/refusals.tsv")) > 0) if (line !~ /^(#|$)/) refusal[++refusals] = line
}
# The error whose description TEXT contains, as the issuer's own log has it, without the error; or "". One word is not enough.
function described(text,   k, row) {
  load_refusals()
  for (k = 1; k <= refusals; k++) {
    split(refusal[k], row, "\t")
    if (index(row[3], " ") && index(text, row[3])) { described_by = row[3]; return row[2] }
  }
  return ""
}
# Looks up the issuer's refusal.
function take_refusal(error, text,   k, row, description) {
  description = match(text, /"error_description"[ \t]*:[ \t]*"([^"\\]|\\.)*"/) ? json_string(substr(text, RSTART, RLENGTH)) : issuer_words
  if (error == "" && x[e, "status"] !~ /^4/) return
  load_refusals()
  for (k = 1; k <= refusals; k++) {
    split(refusal[k], row, "\t")
    if (row[1] != "-" && row[1] != x[e, "status"] && !(x[e, "status"] == "" && row[2] != "-")) continue
    if (row[2] != "-" && row[2] != error || row[3] != "-" && !starts(description, row[3])) continue
    put("issuer.cause", row[4]); put("issuer.meaning", row[6])
    return
  }
}

# The response's own words, from its body.
function spoken(text, says,   t) {
  if (match(text, /"[Mm]essage"[ \t]*:[ \t]*"([^"\\]|\\.)*"/)) return json_string(substr(text, RSTART, RLENGTH))
  if (match(text, /"error_description"[ \t]*:[ \t]*"([^"\\]|\\.)*"/)) return json_string(substr(text, RSTART, RLENGTH))
  if (says == "" || x[e, "form"] != "gleaned") return ""
  t = trimmed(text); sub(/\n.*/, "", t)
  return substr(t, 1, 160)
}
