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
#   answer.date= answer.words= answer.request= answer.retry= answer.location= answer.type=
#
# The header's line goes to the file as it was sent, token and all; nothing printed holds any of it.

BEGIN {
  PSEUDO = "^:(authority|method|path|scheme):"   # the first header of a request in HTTP/2
  EXPANSION = "^([$](env:)?[A-Za-z_][A-Za-z_0-9]*|[$][{][^}]*[}]|[$][(][^)]*[)]|`[^`]+`)"
  # curl's options that take a value, by letter and by name; and the names of the letters that matter here
  LETTERS = "AbcCdDeEFHKmoPQrtTuUwxXyYz"
  TAKES = " header request url data data-raw data-binary data-ascii data-urlencode json user oauth2-bearer output user-agent " \
    "cookie referer max-time connect-timeout proxy cacert capath cert key form form-string write-out retry resolve " \
    "cookie-jar config interface limit-rate range upload-file proxy-user proxy-header proto tls-max ciphers dump-header " \
    "aws-sigv4 netrc-file connect-to noproxy max-redirs retry-delay retry-max-time trace trace-ascii stderr dns-servers " \
    "local-port request-target unix-socket url-query variable "
  split("H header X request u user d data F form T upload-file G get I head", pair, " ")
  for (i = 1; i in pair; i += 2) long[pair[i]] = pair[i + 1]
}

function escaped(s) {
  s = substr(s, 1, 4000)   # a token is looked for anew at each of its letters
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
  method = target = host = scheme = variable = both = broken = other = ""
  authorizations = 0; line = other_line = ""
  begin_answer(); status = ""; failure = failure_words = ""
  shown = 1
}
function begin_answer() { body = ""; split("", answer) }
function add_to_body(text) { if (length(body) < 8000) body = body text "\n" }

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
  name = tolower(trimmed(name))
  answer[name] = (name == "www-authenticate" ? answer[name] " " : "") trimmed(value)
}
function request_id() {
  if (answer["x-amzn-requestid"] != "") return answer["x-amzn-requestid"]
  return answer["apigw-requestid"] != "" ? answer["apigw-requestid"] : answer["x-amz-apigw-id"]
}
# "Name: value" to one of the two, if it is that.
function header(text, of_answer,   at) {
  at = index(substr(text, 2), ":") + 1   # not the colon of :path
  if (at > 1 && of_answer) answer_header(substr(text, 1, at - 1), substr(text, at + 1))
  else if (at > 1) request_header(substr(text, 1, at - 1), substr(text, at + 1))
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
  number = " " substr(text, RSTART + 7, RLENGTH - 8) + 0 " "
  if (index(" 18 22 23 ", number)) return
  failure = index(" 35 51 58 60 77 83 90 91 ", number) ? "tls" : "network"
  failure_words = substr(text, RSTART)
}
# What curl -v says of the connection.
function curl_notes(text,   found) {
  if (text ~ /Could not resolve|Failed to connect|Connection (refused|timed out|reset)|Empty reply/ ||
    text ~ /(Operation|Resolving) timed out|Network is unreachable/) found = "network"
  else if (text ~ /SSL certificate (problem|OpenSSL verify result)|certificate verify failed|SSL_connect|SSL peer/ ||
    text ~ /unable to get local issuer|certificate has expired|no alternative certificate subject name matches/ ||
    text ~ /subject name .* does not match|handshake fail/) found = "tls"
  if (found != "") failure = found
  if (found != "" && failure_words == "") failure_words = substr(text, 3)
  if (text ~ /SSL connection using|ALPN|TLSv1|TLS handshake/) tls_seen = 1
  if (text ~ /Connected to|Established connection/ && text !~ / port 443/) plain_seen = 1
}

# A line of an answer that is printed as it came; mode is answer in its head, then body.
function answer_line(text) {
  if (mode != "answer" && is_status_line(text)) { status_line(text); mode = "answer" }
  else if (mode == "answer" && text ~ /^[ \t]*$/) mode = "body"
  else if (mode == "answer") header(text, 1)
  else if (text ~ /^curl: \(/ && status == "") curl_says(text)
  else if (mode == "body") add_to_body(text)
}

# --- curl -v -------------------------------------------------------------------------------------------------------------

function read_transcript(   i, text, connect) {
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
    else if (mode == "body" && text !~ /^[{}] \[/) add_to_body(text)
  }
  if (failure != "" && !shown && match(failure_words, /(host:|connect to) [A-Za-z0-9.-]+/)) {
    host = substr(failure_words, RSTART, RLENGTH); sub(/.* /, "", host)
  }
  if (scheme == "") scheme = http == "2" || tls_before || !plain_before ? "https" : "http"
}

# --- raw HTTP ------------------------------------------------------------------------------------------------------------

# One request with a whole URL in its first line is one exchange, as rhythm-get and the live check hand it over: what its
# body holds is no further request or answer, however much it looks like one.
function read_raw(   i, text, single) {
  mode = lines[1] ~ /^[ \t]*[{]/ ? "body" : "start"   # the body of an answer alone
  for (i = 1; i <= count; i++) {
    text = lines[i]
    if (single && mode == "body" && status != "") add_to_body(text)
    else if (mode == "start" && text ~ PSEUDO) { begin_request(); http = "2"; mode = "request"; header(text, 0) }
    else if (mode != "request" && mode != "answer" && is_request_line(text)) {
      request_line(text); mode = "request"; single = requests == 1 && target ~ /^https?:\/\//
    } else if (mode != "request" || is_status_line(text)) answer_line(text)
    else if (text ~ /^[ \t]*$/) mode = "sent"
    else header(text, 0)
  }
  if (scheme == "") scheme = host ~ /^(127\.|localhost(:|$)|\[::1\])/ ? "http" : "https"
}

# --- a curl command ------------------------------------------------------------------------------------------------------

# Splits the command that begins in line FIRST into words[1..word_count]; returns the number of its last line. A variable
# or a command in its place stands between \001 and \002.
function split_command(first,   i, windows) {
  word_count = begun = 0; word = quote = ""
  rest = lines[first]
  sub(/^[ \t]*([$#%>][ \t]+)?/, "", rest)
  windows = rest ~ /\^("|$)/   # there ^ is the backslash
  for (i = first; ; rest = lines[++i]) {
    if (windows) gsub(/\^"/, "\"", rest)
    if (!split_line() || i == count) break
    if (quote != "") word = word "\n"; else end_word()
  }
  end_word()
  return i
}

# Splits the rest of a line. 1: the command goes on in the next one.
function split_line(   c) {
  while (rest != "") {
    c = substr(rest, 1, 1)
    if (quote == "'" && c != "'") add(take(index(rest "'", "'") - 1))
    else if (quote == "\"" && match(rest, /^[^"\\$`]+/)) add(take(RLENGTH))
    else if (match(rest, "^[A-Za-z0-9_.:/@%+=,-]+")) add(take(RLENGTH))
    else if (quote ~ /'/ && c == "'" || quote == "\"" && c == "\"") { take(1); quote = "" }
    else if (quote == "$'" && c == "\\") { take(1); add(control(take(1))) }
    else if (quote ~ /'/) add(take(1))
    else if (match(rest, EXPANSION)) add("\001" take(RLENGTH) "\002")
    else if (match(rest, quote == "" ? "^\\\\." : "^\\\\[\"\\\\$`]")) { take(1); add(take(1)) }
    else if (quote != "") add(take(1))
    else if (match(rest, /^(\$?'|")/)) { quote = take(RLENGTH); begun = 1 }
    else if (rest ~ /^[\\^`]$/) return 1
    else if (c ~ /[ \t]/) { take(1); end_word() }
    else if (rest ~ /^\|[ \t]*curl/) { take(1); word_count = begun = 0; word = "" }   # what comes before it does not count
    else if (rest ~ /^([|;<>]|&&)/ || c == "&" && !begun) {
      if (c ~ /[<>]/ && word ~ /^[0-9]$/) begun = 0
      return 0
    } else add(take(1))
  }
  return quote != ""
}
function take(n,   s) { s = substr(rest, 1, n); rest = substr(rest, n + 1); return s }
function add(s) { word = word s; begun = 1 }
function end_word() { if (begun) words[++word_count] = word; word = ""; begun = 0 }
function control(c) { return c == "n" ? "\n" : c == "t" ? "\t" : c == "r" ? "\r" : c }

function is_command(text) { return text !~ /^curl failed to verify/ && text ~ /^[ \t]*([^'"=|]*[$#%>][ \t]*)?((sudo|time|command|[A-Za-z_]+=[^ ]*)[ \t]+)*(rhythm-token[^|]*\|[ \t]*)?(\\|[^ '"=|]*[\/])?curl(\.exe)?[ \t]/ }

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

function read_options(   i, k, name, value, user) {
  begin_request()
  http = "unknown"
  split("", removed); split("", option)
  for (i = 2; i <= word_count; i++) {
    name = words[i]; value = ""
    if (name ~ /^--[a-z0-9-]+=/) {
      value = substr(name, index(name, "=") + 1)
      name = substr(name, 3, index(name, "=") - 3)
    } else if (name ~ /^--./) {
      name = substr(name, 3)
      if (index(TAKES, " " name " ")) value = words[++i]
    } else if (name ~ /^-./) {
      word = name
      for (k = 2; k <= length(word) && !index(LETTERS, substr(word, k, 1)); k++) option[long[substr(word, k, 1)]]
      name = long[substr(word, k, 1)]
      if (k <= length(word)) value = k < length(word) ? substr(word, k + 1) : words[++i]
    } else { name = "url"; value = words[i] }
    if (name == "header") command_header(value)
    else option[name ~ /^(data|json|form)/ ? "data" : name] = value
  }
  method = option["request"]
  if (method == "")
    method = "head" in option ? "HEAD" : "get" in option ? "GET" : "data" in option ? "POST" : "upload-file" in option ? "PUT" : "GET"
  target = option["url"]
  if (target !~ /^[a-z]+:\/\// && target != "" && target !~ /^\001/) target = "http://" target
  user = target ~ /^[a-z]+:\/\/[^\/]*@/ ? "in the URL" : option["user"]
  if (authorizations && user != "") both = "yes"
  if (!authorizations && !("authorization" in removed)) {
    if (option["oauth2-bearer"] != "") command_header("Authorization: Bearer " option["oauth2-bearer"])
    else if (user != "") request_header("Authorization", " Basic [redacted]")
  }
  gsub(/[\001\002]/, "", target)
}

# The last command, and what stands below it: its output.
function read_command(   i) {
  for (i = 1; i <= count; i++) {
    if (is_command(lines[i])) { i = split_command(i); read_options(); mode = "body" }
    else if (mode != "") answer_line(lines[i])
  }
}

# --- what it is, and what it says ----------------------------------------------------------------------------------------

function kind(   i, k, text, all, lead) {
  for (i = 1; i <= count && lines[i] ~ /^[ \t]*$/; i++) ;
  if (i > count) return "empty"
  if (is_request_line(lines[i]) && lines[i] ~ / https?:\/\//) return "raw"   # whatever its body holds
  for (k = i; k <= count; k++) {
    text = lines[k]
    if (text ~ /^([0-9:.]+ )?[ \t]*(> [A-Z]+ [^ ]+|<) HTTP\/[0-9]/) return "transcript"
    if (text ~ /^\* (  Trying|Trying|Host |Could not resolve|Connected to|Uses proxy|Rebuilt URL)/) return "transcript"
    if (text ~ /^curl: \([0-9]/) only_words = 1
  }
  text = lines[i]
  if (is_request_line(text) || is_status_line(text) || text ~ PSEUDO) return "raw"
  for (k = i; k <= count; k++) if (is_command(lines[k])) return "command"
  for (k = i; k <= count && k < i + 50; k++) all = all lines[k] "\n"
  if (all ~ /^[ \t\n]*[{][ \t\n]*"[Mm]essage"[ \t\n]*:/) return "raw"   # the body of an answer
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
function meaning(   text, t, www) {
  text = tolower(body); t = tolower(answer["x-amzn-errortype"]); www = tolower(answer["www-authenticate"])
  if (status != "" && status !~ /^4/) return ""   # words in a record are not the gateway's
  if (status == "" && www t == "" && text !~ /(^|\n)[ \t]*[{][ \t\n]*"message"[ \t]*:/) return ""
  if (status ~ /^(401|403)?$/ && (text ~ /missing authentication token/ || t ~ /missingauthenticationtoken/)) return "route"
  if (status ~ /^(401|403)?$/ && (text ~ /missing equal-sign|not a valid key=value pair/ || t ~ /incompletesignature/)) return "equal"
  if (www ~ /insufficient_scope/) return "scope"
  if (status == 401 || status == "") {
    if (sub(/.*error_description/, "", www)) {
      if (www ~ /audience/) return "audience"
      if (www ~ /expired/) return "expired"
      if (www ~ /issuer/) return "issuer"
      if (www ~ /signature|signing|jwks|kid/) return "signature"
      if (www ~ /not valid yet|not yet valid|nbf|iat|before/) return "notyet"
      if (www ~ /scope/) return "scope"
    }
    if (text ~ /token has expired/ || t ~ /expiredtoken/) return "expired"
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
  if (url ~ /^[A-Za-z]+:/) sub(/:\/\/[^\/]*@/, "://", url)
  print "requests=" requests + 0
  put("http", http); put("method", method); put("url", url)
  print "header.count=" (shown ? authorizations + 0 : "none")
  if (!authorizations) put("header.other", other)
  put("header.user", both); put("header.lines", broken); put("variable", variable)
  says = meaning()
  if (status == "" && failure == "") status = implied(says)
  if (status == "") { put("failure", failure); put("failure.words", failure_words) }
  put("status", status); put("says", says)
  put("answer.date", answer["date"])
  put("answer.words", trimmed(answer["www-authenticate"]))
  put("answer.request", request_id())
  put("answer.retry", answer["retry-after"])
  put("answer.location", answer["location"])
  put("answer.type", answer["content-type"])
  if (ENVIRON["capture_header"] != "") printf "%s\n", (authorizations ? line : other_line) > ENVIRON["capture_header"]
}
