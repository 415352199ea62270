# capture: reads a failed request as people have it, and says what is in it.
#
#   awk -f capture.awk FILE        environment: capture_header, a file that takes the Authorization header
#
# It knows the output of `curl -v`, raw HTTP (a request, a request and its answer, an answer) and a curl command with what
# it printed. Of several requests the last one counts. It judges nothing, and prints facts, key=value:
#
#   capture=        transcript, raw, command; token: perhaps a token, a header line or something like it; har; other; empty
#   requests=       how many there were, without CONNECT
#   http=           1, 2, unknown
#   method= url=    without user, query and fragment; a shell's variable in it stays as $NAME
#   query.token=yes   the query holds a token
#   header.count=   how many headers are called Authorization, blanks before the colon aside; none: no request was shown
#   header.other=   without one: the name of a header that holds a token
#   header.user=yes a user name and password stand beside it, in a command
#   header.lines=yes  the value of a command's header has a line break in it
#   variable=       the header's value comes from here, and is not in the text
#   failure=        network, tls, proxy: there was no answer of the API; failure.words= in curl's words
#   status=         the answer's, or what its body implies
#   says=           what its words mean: unauthorized policy deny route equal forbidden throttled expired audience issuer
#                   signature notyet scope
#   answer.date= answer.words= answer.request= answer.retry= answer.location=
#
# The header's line goes to the file as it was sent, token and all; nothing printed holds any of it.

function escaped(s) {
  gsub(/eyJ[A-Za-z0-9_-]*[.][A-Za-z0-9_.-]*/, "***", s)
  gsub(/[\001-\037\177]/, " ", s)
  gsub(/\302[\200-\237]/, " ", s)
  gsub(/\\/, "\\\\", s)
  return substr(s, 1, 400)
}
function put(key, value) { if (value != "") print key "=" escaped(value) }
function trimmed(s) { sub(/^[ \t]+/, "", s); sub(/[ \t]+$/, "", s); return s }

function begin_request() {
  requests++
  method = target = host = scheme = location = variable = both = broken = other = ""
  authorizations = 0; line = other_line = ""
  begin_answer(); status = ""; failure = failure_words = ""
  shown = 1
}
function begin_answer() { body = ""; date = www = errortype = request_id = retry = location = "" }

# A header of the request: NAME as it stands, blanks included.
function request_header(name, value,   plain) {
  plain = tolower(trimmed(name))
  if (plain == "host" || plain == ":authority") { host = trimmed(value); return }
  if (plain == ":method") { method = trimmed(value); return }
  if (plain == ":path") { target = trimmed(value); return }
  if (plain == ":scheme") { scheme = trimmed(value); return }
  if (plain == "authorization") {
    # of two, the one that is meant
    if (!authorizations++ || tolower(value) ~ /^[ \t]*bearer/) line = name ":" value
  } else if (plain ~ /^(authori[sz]at?i?on|auth?ori[sz]ation|aut?h?|authentication|authorisation|x-authori[sz]ation|x-auth|token|jwt|bearer|(x-)?(access|auth|bearer|id)[-_]token|(x-)?api[-_]?(key|token))$/ ||
    value ~ /^[ \t]*([Bb]earer[ \t]|eyJ[A-Za-z0-9_-]+[.])/) {
    other = trimmed(name); other_line = name ":" value
  }
}
function answer_header(name, value) {
  name = tolower(trimmed(name)); value = trimmed(value)
  if (name == "date") date = value
  else if (name == "www-authenticate") www = www " " value
  else if (name == "x-amzn-errortype") errortype = value
  else if (name == "x-amzn-requestid" || name == "apigw-requestid" || (name == "x-amz-apigw-id" && request_id == "")) request_id = value
  else if (name == "retry-after") retry = value
  else if (name == "location") location = value
}
# "Name: value" to one of the two; 1 if it is one.
function header(text, of_answer,   at) {
  at = index(substr(text, 2), ":") + 1   # not the colon of :path
  if (at < 2) return 0
  if (of_answer) answer_header(substr(text, 1, at - 1), substr(text, at + 1))
  else request_header(substr(text, 1, at - 1), substr(text, at + 1))
  return 1
}
function status_line(text,   part) {
  split(text, part, " ")
  begin_answer(); status = part[2]
  if (status ~ /^1/) status = ""
}
function request_line(text,   part) {
  split(text, part, " ")
  begin_request()
  method = part[1]; target = part[2]; http = part[3] ~ /^HTTP\/[23]/ ? "2" : "1"
}
function is_request_line(text) { return text ~ /^[A-Z]+ [^ ]+ HTTP\/[0-9]/ }
function is_status_line(text) { return text ~ /^HTTP\/[0-9.]+ [1-5][0-9][0-9]/ }
# curl's last words, for a transfer without an answer
function curl_says(text,   number) {
  if (!match(text, /curl: \([0-9]+\)/)) return
  number = substr(text, RSTART + 7, RLENGTH - 8) + 0
  if (number == 22 || number == 23 || number == 18) return
  if (number == 35 || number == 51 || number == 58 || number == 60 || number == 77 || number == 83 || number == 90 || number == 91) failure = "tls"
  else failure = "network"
  failure_words = substr(text, RSTART)
}
function curl_notes(text) {
  if (text ~ /(Could not resolve|Failed to connect|Connection refused|Connection timed out|Connection reset|Empty reply|Operation timed out|Resolving timed out|Network is unreachable)/) {
    failure = "network"; if (failure_words == "") failure_words = substr(text, 3)
  } else if (text ~ /(SSL certificate (problem|OpenSSL verify result)|certificate verify failed|SSL_connect|unable to get local issuer|certificate has expired|no alternative certificate subject name matches|subject name .* does not match|SSL peer|handshake fail)/) {
    failure = "tls"; if (failure_words == "") failure_words = substr(text, 3)
  }
  if (text ~ /(SSL connection using|ALPN|TLSv1|TLS handshake)/) tls_seen = 1
  if (text ~ /(Connected to|Established connection)/ && text !~ / port 443/) plain_seen = 1
}

# --- curl -v -------------------------------------------------------------------------------------------------------------

function read_transcript(   i, text, mode, connect) {
  for (i = 1; i <= count; i++) {
    text = lines[i]
    sub(/^[0-9][0-9]:[0-9][0-9]:[0-9][0-9][.][0-9]+ /, "", text)
    sub(/^[ \t]+[<>*] /, substr(text, match(text, /[<>*] /), 2), text)
    if (text ~ /^> CONNECT /) { connect = 1; mode = "" }
    else if (text ~ /^> / && is_request_line(substr(text, 3))) {
      connect = 0; plain_before = plain_seen; tls_before = tls_seen
      request_line(substr(text, 3)); mode = "request"
    } else if (text ~ /^< / && is_status_line(substr(text, 3))) {
      if (connect) {
        if (text !~ / 2[0-9][0-9]/) { begin_request(); failure = "proxy"; failure_words = substr(text, 3) }
        mode = ""
      } else { status_line(substr(text, 3)); failure = ""; mode = "answer" }
    } else if (text ~ /^> / && mode == "request") header(substr(text, 3), 0)
    else if (text ~ /^<[ \t]*$/ && mode == "answer") mode = "body"
    else if (text ~ /^< / && mode == "answer") header(substr(text, 3), 1)
    else if (text ~ /^\* /) { curl_notes(text) }
    else if (text ~ /^curl: \(/) { if (status == "") { curl_says(text) } }
    else if (mode == "body" && text !~ /^[{}] \[/) { if (length(body) < 8000) body = body text "\n" }
  }
  if (failure != "" && !shown && match(failure_words notes, /(host:|connect to) [A-Za-z0-9.-]+/)) {
    host = substr(failure_words notes, RSTART, RLENGTH); sub(/.* /, "", host)
  }
  if (scheme == "") scheme = http == "2" || tls_before || !plain_before ? "https" : "http"
}

# --- raw HTTP ------------------------------------------------------------------------------------------------------------

# One request with a whole URL in its first line is one exchange, as rhythm-get and the live check hand it over: what its
# body holds is no further request or answer, however much it looks like one.
function read_raw(   i, text, mode, single) {
  mode = "start"
  for (i = 1; i <= count; i++) {
    text = lines[i]
    if (single && mode == "body" && status != "") { if (length(body) < 8000) body = body text "\n"; continue }
    if (mode == "start" && text ~ /^:(authority|method|path|scheme):/) { begin_request(); http = "2"; mode = "request"; header(text, 0) }
    else if (mode != "request" && mode != "answer" && is_request_line(text)) {
      request_line(text); mode = "request"; single = requests == 1 && target ~ /^https?:\/\//
    } else if (mode != "answer" && is_status_line(text)) { status_line(text); mode = "answer" }
    else if (mode == "request" && text ~ /^[ \t]*$/) mode = "sent"
    else if (mode == "request") header(text, 0)
    else if (mode == "answer" && text ~ /^[ \t]*$/) mode = "body"
    else if (mode == "answer") header(text, 1)
    else if (text ~ /^curl: \(/ && status == "") curl_says(text)
    else if (mode == "body" && length(body) < 8000) body = body text "\n"
  }
  if (scheme == "") scheme = host ~ /^(127\.|localhost(:|$)|\[::1\])/ ? "http" : "https"
}

# --- a curl command ------------------------------------------------------------------------------------------------------

# Splits the command that begins in line FIRST into words[1..word_count]; returns the number of its last line. A variable
# or a command in its place is marked by \001 and stands in expansion.
function split_command(first,   text, i, n, c, quote, word, has, rest) {
  word_count = 0; i = first; text = lines[i]
  sub(/^[ \t]*([$#%>][ \t]+)?/, "", text)
  cmd = text ~ /\^"/ || text ~ /\^$/
  quote = word = ""; has = 0
  while (1) {
    if (cmd) gsub(/\^"/, "\"", text)
    n = length(text)
    for (p = 1; p <= n; p++) {
      c = substr(text, p, 1); rest = substr(text, p)
      if (match(rest, "^[A-Za-z0-9_.:/@%+=,-]+")) { word = word substr(rest, 1, RLENGTH); has = 1; p += RLENGTH - 1; continue }
      if (quote == "'") { if (c == "'") quote = ""; else word = word c; continue }
      if (quote == "$'") {
        if (c == "'") quote = ""
        else if (c == "\\") { p++; c = substr(text, p, 1); word = word (c == "n" ? "\n" : c == "t" ? "\t" : c == "r" ? "\r" : c) }
        else word = word c
        continue
      }
      if (c == "$" && rest ~ /^\$'/ && quote == "") { quote = "$'"; has = 1; p++; continue }
      if (c == "$" && rest ~ /^\$[A-Za-z_{(]/) {
        if (match(rest, /^\$[A-Za-z_][A-Za-z_0-9]*/) || match(rest, /^\$\{[^}]*\}/) || match(rest, /^\$\([^)]*\)/)) {
          word = word "\001" substr(rest, 1, RLENGTH) "\002"; has = 1; p += RLENGTH - 1; continue
        }
      }
      if (c == "`" && match(rest, /^`[^`]+`/)) { word = word "\001" substr(rest, 1, RLENGTH) "\002"; has = 1; p += RLENGTH - 1; continue }
      if (c == "\\" && p < n && (quote == "" || substr(text, p + 1, 1) ~ /["\\$`]/)) { p++; word = word substr(text, p, 1); has = 1; continue }
      if (quote == "\"") { if (c == "\"") quote = ""; else word = word c; continue }
      if (c == "'" || c == "\"") { quote = c; has = 1; continue }
      if (c == "\\" && p == n) break
      if ((c == "^" || c == "`") && p == n) break
      if (c == " " || c == "\t") { if (has) words[++word_count] = word; word = ""; has = 0; continue }
      if (c ~ /[|;]/ || (c == "&" && has == 0) || (c == "&" && substr(text, p + 1, 1) == "&") || (c ~ /[<>]/)) {
        # a pipe before curl: what comes before it does not count
        if (c == "|" && rest ~ /^\|[ \t]*curl/) { word_count = 0; word = ""; has = 0; continue }
        if (c ~ /[<>]/) { if (word ~ /^[0-9]$/) { word = ""; has = 0 } }
        if (has) words[++word_count] = word
        return i
      }
      word = word c; has = 1
    }
    if (quote != "" && i < count) { word = word "\n"; text = lines[++i]; continue }
    if (quote == "" && p <= n && i < count) { if (has) words[++word_count] = word; word = ""; has = 0; text = lines[++i]; continue }
    break
  }
  if (has) words[++word_count] = word
  return i
}

function is_command(text) { return text !~ /^curl failed to verify/ && text ~ /^[ \t]*([$#%>][ \t]+)?((sudo|time|[A-Z_]+=[^ ]*)[ \t]+)*(rhythm-token[^|]*\|[ \t]*)?curl(\.exe)?[ \t]/ }

# A header as -H takes it.
function command_header(text,   at) {
  if (text ~ /^@/) { variable = text == "@-" ? "standard input" : substr(text, 2); authorizations++; line = "Authorization: Bearer [redacted]"; return }
  at = index(text, ":")
  if (!at) { sub(/;[ \t]*$/, "", text); if (tolower(text) == "authorization") request_header(text, ""); return }
  if (text ~ /^[^:]+:[ \t]*$/) { removed[tolower(trimmed(substr(text, 1, at - 1)))] = 1; return }
  if (text ~ /\001/ && tolower(substr(text, 1, at)) ~ /authori[sz]ation/) {
    match(text, /\001[^\002]*\002/); variable = substr(text, RSTART + 1, RLENGTH - 2)
    gsub(/\001[^\002]*\002/, "[redacted]", text)
  }
  if (tolower(substr(text, 1, at)) ~ /^authorization[ \t]*:/ && text ~ /[\r\n]/) { broken = "yes"; gsub(/[\r\n]+/, "", text) }
  request_header(substr(text, 1, at - 1), substr(text, at + 1))
}

function read_options(   i, name, value, takes, letters, k, user, bearer, data, get, head, upload) {
  begin_request(); http = "unknown"; method = ""; split("", removed)
  user = bearer = ""; data = get = head = upload = 0
  takes = " header request url data data-raw data-binary data-ascii data-urlencode json user oauth2-bearer output user-agent cookie referer max-time connect-timeout proxy cacert capath cert key form form-string write-out retry resolve cookie-jar config interface limit-rate range upload-file proxy-user proxy-header proto tls-max ciphers dump-header aws-sigv4 netrc-file connect-to noproxy max-redirs retry-delay retry-max-time trace trace-ascii stderr dns-servers local-port request-target unix-socket url-query variable "
  for (i = 2; i <= word_count; i++) {
    name = words[i]
    if (name ~ /^--./) {
      name = substr(name, 3); value = ""
      if (name ~ /^[a-z0-9-]+=/) { value = substr(name, index(name, "=") + 1); sub(/=.*/, "", name) }
      else if (index(takes, " " name " ")) value = words[++i]
    } else if (name ~ /^-./) {
      letters = substr(name, 2); name = ""
      for (k = 1; k <= length(letters); k++) {
        name = substr(letters, k, 1)
        if (index("AbcCdDeEFHKmoPQrtTuUwxXyYz", name)) {
          value = k < length(letters) ? substr(letters, k + 1) : words[++i]
          break
        }
        if (name == "G") get = 1
        if (name == "I") head = 1
      }
      name = name == "H" ? "header" : name == "X" ? "request" : name == "u" ? "user" : name == "d" ? "data" : name == "F" ? "form" : name == "T" ? "upload-file" : ""
    } else { name = "url"; value = words[i] }
    if (name == "header") command_header(value)
    else if (name == "request") method = value
    else if (name == "url") target = value
    else if (name == "user") user = value
    else if (name == "oauth2-bearer") bearer = value
    else if (name ~ /^(data|json|form)/) data = 1
    else if (name == "get") get = 1
    else if (name == "head") head = 1
    else if (name == "upload-file") upload = 1
  }
  if (method == "") method = head ? "HEAD" : get ? "GET" : data ? "POST" : upload ? "PUT" : "GET"
  if (target !~ /^[a-z]+:\/\// && target != "" && target !~ /^\001/) target = "http://" target
  if (target ~ /^[a-z]+:\/\/[^\/]*@/) user = "in the URL"
  if (authorizations || ("authorization" in removed)) { if (user != "" && authorizations) both = "yes" }
  else if (bearer != "") command_header("Authorization: Bearer " bearer)
  else if (user != "") request_header("Authorization", " Basic [redacted]")
  gsub(/[\001\002]/, "", target)
}

# The last command, and what stands below it: its output.
function read_command(   i, mode) {
  for (i = 1; i <= count; i++) {
    if (is_command(lines[i])) { i = split_command(i); read_options(); mode = "body" }
    else if (mode != "" && mode != "answer" && is_status_line(lines[i])) { status_line(lines[i]); mode = "answer" }
    else if (mode == "answer" && lines[i] ~ /^[ \t]*$/) mode = "body"
    else if (mode == "answer") header(lines[i], 1)
    else if (mode != "" && lines[i] ~ /^curl: \(/ && status == "") curl_says(lines[i])
    else if (mode == "body" && length(body) < 8000) body = body lines[i] "\n"
  }
}

# --- what it is, and what it says ----------------------------------------------------------------------------------------

function kind(   i, k, text, all, lead) {
  for (i = 1; i <= count && lines[i] ~ /^[ \t]*$/; i++) ;
  if (is_request_line(lines[i]) && lines[i] ~ / https?:\/\//) return "raw"   # whatever its body holds
  for (i = 1; i <= count; i++) {
    text = lines[i]
    if (text ~ /^([0-9:.]+ )?[ \t]*> [A-Z]+ [^ ]+ HTTP\/[0-9]/ || text ~ /^([0-9:.]+ )?[ \t]*< HTTP\/[0-9]/) return "transcript"
    if (text ~ /^curl: \([0-9]/) only_words = 1
    if (text ~ /^\* (Trying|Host |Could not resolve|Connected to|Uses proxy|Rebuilt URL)/ || text ~ /^\*   Trying/) return "transcript"
  }
  for (i = 1; i <= count && lines[i] ~ /^[ \t]*$/; i++) ;
  if (i > count) return "empty"
  text = lines[i]
  if (is_request_line(text) || is_status_line(text) || text ~ /^:(authority|method|path|scheme):/) return "raw"
  for (k = i; k <= count; k++) if (is_command(lines[k])) return "command"
  for (k = i; k <= count && k < i + 50; k++) all = all lines[k] "\n"
  if (all ~ /"log"[ \t\n]*:/ && all ~ /"(entries|creator|pages|version)"[ \t\n]*:/) return "har"
  lead = tolower(all)
  sub(/^([ \t\n"'`>]|\342\200[\234\230])+/, "", lead)
  if (lead ~ /^(eyj|bearer|authori[sz]ation|access_token=)/ || lead ~ /^[a-z0-9_-]+["']?[ \t]*:[ \t]*["']?(bearer|eyj)/ ||
    lead ~ /^[{].*"access_token"/) return "token"
  if (all ~ /"(iss|aud)"[ \t\n]*:/ || all ~ /(^|\n)(iss|aud|tenant_id)=/) return "token"
  text = trimmed(text)
  if (count == i || count == i + 1 && lines[count] ~ /^[ \t]*$/)
    if (text !~ /[ \t]/ && text !~ /^[a-z]+:\/\// || tolower(text) ~ /^["']?\[object [a-z]+\]/) return "token"
  return only_words ? "transcript" : "other"
}

# What the answer's words mean. The body's and the gateway's own words first: they are about this request.
function meaning(   text, t) {
  text = tolower(body); t = tolower(errortype)
  if (status != "" && status !~ /^4/) return ""   # words in a record are not the gateway's
  if (status == "" && www t == "" && text !~ /(^|\n)[ \t]*[{][ \t\n]*"message"[ \t]*:/) return ""
  if (status ~ /^(401|403)?$/ && (text ~ /missing authentication token/ || t ~ /missingauthenticationtoken/)) return "route"
  if (status ~ /^(401|403)?$/ && (text ~ /missing equal-sign|not a valid key=value pair/ || t ~ /incompletesignature/)) return "equal"
  if (tolower(www) ~ /insufficient_scope/) return "scope"
  if (status == 401 || status == "") {
    if (tolower(www) ~ /error_description/) {
      t = tolower(www); sub(/.*error_description/, "", t)
      if (t ~ /audience/) return "audience"
      if (t ~ /expired/) return "expired"
      if (t ~ /issuer/) return "issuer"
      if (t ~ /signature|signing|jwks|kid/) return "signature"
      if (t ~ /not valid yet|not yet valid|nbf|iat|before/) return "notyet"
      if (t ~ /scope/) return "scope"
    }
    if (text ~ /token has expired/ || tolower(errortype) ~ /expiredtoken/) return "expired"
  }
  if (text ~ /explicit deny/) return "deny"
  if (text ~ /not authorized to (access|perform)/ || t ~ /accessdenied/) return "policy"
  if (text ~ /too many requests|limit exceeded|rate exceeded/ || t ~ /toomanyrequests|limitexceeded|throttl/) return "throttled"
  if (text ~ /"message"[ \t]*:[ \t]*"forbidden"/ || t ~ /forbidden/) return "forbidden"
  if (text ~ /"message"[ \t]*:[ \t]*"unauthorized"/ || t ~ /unauthorized/) return "unauthorized"
  return ""
}
function implied(says) {
  return says == "unauthorized" || says ~ /^(expired|audience|issuer|signature|notyet)$/ ? 401 : \
    says ~ /^(policy|deny|route|equal|forbidden)$/ ? 403 : says == "throttled" ? 429 : ""
}

{ sub(/\r$/, ""); gsub(/\033\[[0-9;]*m/, ""); if (NR == 1) sub(/^\357\273\277/, ""); lines[++count] = $0 }

END {
  what = kind()
  print "capture=" what
  if (what == "transcript") read_transcript()
  else if (what == "raw") read_raw()
  else if (what == "command") read_command()
  else exit
  url = target ~ /^[A-Za-z]+:\/\// || (target == "" && host == "") ? target : host == "" ? "" : scheme "://" host target
  if (match(url, /^[A-Za-z]+:\/\/[^\/]*/)) url = tolower(substr(url, 1, RLENGTH)) substr(url, RLENGTH + 1)
  query = url ~ /[?]/ ? substr(url, index(url, "?")) : ""
  if (query ~ /(token|jwt|authorization|bearer)=|=eyJ/) print "query.token=yes"
  sub(/[?#].*/, "", url)
  if (url ~ /^[A-Za-z]+:\/\/[^\/]*@/) { user = 1; sub(/:\/\/[^\/]*@/, "://", url) }
  print "requests=" requests + 0
  put("http", http); put("method", method); put("url", url)
  print "header.count=" (shown ? authorizations + 0 : "none")
  if (!authorizations) put("header.other", other)
  put("header.user", both); put("header.lines", broken); put("variable", variable)
  says = meaning()
  if (status == "" && failure == "") status = implied(says)
  if (status == "") { put("failure", failure); put("failure.words", failure_words) }
  put("status", status); put("says", says)
  put("answer.date", date); put("answer.words", trimmed(www)); put("answer.request", request_id)
  put("answer.retry", retry); put("answer.location", location)
  if (ENVIRON["capture_header"] != "") printf "%s\n", (authorizations ? line : other_line) > ENVIRON["capture_header"]
}
