# exchange: the canonical exchange, which every form is read into: a request line, its headers, a response.
#
# A form's reader calls these functions in the order of its text:
#
#   begin_request(form, method, target, version)   version: 1, 2 or unknown
#   request_header(name, value)                    the name as written, including spaces
#   request_whole()                                every header of the request was shown
#   request_part()                                 the form does not show headers: a missing one proves nothing
#   begin_answer(status)                           ignores 1xx, and 200 of a CONNECT
#   answer_header(name, value), body(text)
#   failed(cause, words)                           there was no response: network, tls, proxy, usage
#
# A command and its transcript are one exchange. The last exchange is judged.
# Fields of exchange E are x[E, NAME]; e is the current one, part what the next lines belong to: request, sent, answer, body.

function begin_request(form, method, target, version,   pending) {
  # A command, and now what it sent: the transcript is more exact, and lacks only what was cut off.
  pending = e && x[e, "command"] != "" && x[e, "status"] == "" && x[e, "failure"] == "" && form == "curl-verbose"
  if (pending) split_off(e)
  else if (!(e && x[e, "preface"] != "" && form == "curl-verbose")) { e = ++exchanges; if (x[e, "proxy"] == "") requests++ }
  x[e, "preface"] = ""
  x[e, "form"] = form; x[e, "method"] = method; x[e, "http"] = version
  if (target != "" || !pending) x[e, "target"] = target
  x[e, "host"] = pending ? x[e, "host"] : ""
  x[e, "seen"] = "part"
  x[e, "authorizations"] = x[e, "names"] = x[e, "spaced"] = 0; x[e, "line"] = x[e, "other"] = x[e, "other_line"] = ""
  part = "request"
}
# Keeps the command's own header, in case the transcript is cut.
function split_off(e) {
  x[e, "command_line"] = x[e, "line"]; x[e, "command_count"] = x[e, "authorizations"]
  x[e, "command"] = ""
}

# What people call a header that should have been Authorization.
function is_mistaken_name(plain) {
  return plain ~ /^(authori[sz]at?i?on|auth?ori[sz]ation|aut?h?|authentication|authorisation|autorization|authorization[-_]?(header|token)|x-authori[sz]ation|x-auth|token|jwt|bearer|(x-)?(access|auth|bearer|id|jwt)[-_]?token|(x-)?api[-_]?(key|token))$/
}

function request_header(name, value,   plain) {
  if (!e) begin_request("headers", "", "", "unknown")
  plain = tolower(trimmed(name))
  value = trimmed_cr(value)
  x[e, "names"]++
  if (name ~ /[ \t]$/) x[e, "spaced"]++
  if (plain == "host" || plain == ":authority") { x[e, "host"] = trimmed(value); return }
  if (plain == ":method") { x[e, "method"] = trimmed(value); return }
  if (plain == ":path") { x[e, "target"] = trimmed(value); return }
  if (plain == ":scheme") { x[e, "scheme"] = trimmed(value); return }
  if (plain == "cookie" && value ~ /eyJ[A-Za-z0-9_-]+[.]eyJ/) x[e, "elsewhere"] = "a cookie"
  if (plain == "proxy-authorization" || plain == "cookie" || plain == "set-cookie") return
  if (plain == "authorization") {
    # Of two, keep the one that was meant.
    if (!x[e, "authorizations"]++ || tolower(value) ~ /^[ \t]*bearer/) x[e, "line"] = name ":" value
  } else if (is_mistaken_name(plain) || value ~ /^[ \t]*([Bb]earer[ \t]|eyJ[A-Za-z0-9_-]+[.])/) {
    x[e, "other"] = trimmed(name); x[e, "other_line"] = name ":" value
  }
}
function trimmed_cr(s) { sub(/\r$/, "", s); return s }
function request_whole() { if (e && x[e, "cut"] == "") x[e, "seen"] = "whole" }
# Three dots: the reporter left something out.
function request_cut() { if (e) { x[e, "cut"] = "yes"; x[e, "seen"] = "part" } }
function request_part() { if (e) x[e, "seen"] = "part" }

function begin_answer(status, words) {
  if (status ~ /^1/ || status == 200 && tolower(words) ~ /connection established|tunnel established/) { part = "answer"; return }
  if (!e) begin_unseen()
  if (x[e, "seen"] == "part" && part == "sent") request_whole()
  forget_answer()
  x[e, "status"] = status
  x[e, "seen_status"] = "yes"
  part = "answer"
}
# A response without its request.
function begin_unseen() {
  e = ++exchanges
  x[e, "form"] = "answer"; x[e, "seen"] = "none"; x[e, "http"] = "unknown"
}
function forget_answer(   i) {
  x[e, "body"] = x[e, "failure"] = x[e, "words"] = x[e, "status"] = ""
  for (i = 1; i <= answer_names; i++) delete x[e, "answer", answer_name[i]]
}
function answer_header(name, value) {
  name = tolower(trimmed(name))
  sub(/^x-amzn-remapped-/, "", name)
  value = trimmed(value)
  if (!(name in answer_known)) { answer_known[name] = 1; answer_name[++answer_names] = name }
  x[e, "answer", name] = (name == "www-authenticate" && x[e, "answer", name] != "" ? x[e, "answer", name] " " : "") value
}
# The empty string is appended because gawk 5.2 frees an element twice that was never set and is passed on.
function answered(name) { return x[e, "answer", name] "" }
function body(text) {
  if (!e) begin_unseen()
  if (length(x[e, "body"]) < 8000) x[e, "body"] = x[e, "body"] text "\n"
}
function failed(cause, words) {
  if (!e) begin_unseen()
  if (x[e, "status"] != "" && cause != "proxy") return
  if (x[e, "failure"] != "" && x[e, "failure"] != "network") return
  if (x[e, "failure"] == cause && x[e, "words"] != "" && words !~ /^curl: /) return
  x[e, "failure"] = cause; x[e, "words"] = words
}

# Passes "Name: value" to request_header() or answer_header(). 1: the text is that.
function header_line(text, of_answer,   at) {
  at = index(substr(text, 2), ":") + 1   # not the colon of :path
  if (at <= 1) return 0
  if (of_answer) answer_header(substr(text, 1, at - 1), substr(text, at + 1))
  else request_header(substr(text, 1, at - 1), substr(text, at + 1))
  return 1
}

function is_request_line(text) { return text ~ /^[A-Z]+ [^ ]+ HTTP\/[0-9.]+[ \t]*$/ }
function is_status_line(text) { return text ~ /^HTTP\/[0-9.]+ +[1-5][0-9][0-9]([ \t]|$)/ }
function status_line(text,   piece) {
  split(text, piece, " ")
  begin_answer(piece[2], text)
}
function request_line(form, text,   piece) {
  split(text, piece, " ")
  begin_request(form, piece[1], piece[2], piece[3] ~ /^HTTP\/[23]/ ? "2" : "1")
}

# The URL of the request, without user, query and fragment. Notes a token in the query as x[e, "elsewhere"].
function exchange_url(   target, host, scheme, url, query) {
  target = x[e, "target"]; host = x[e, "host"]; scheme = x[e, "scheme"]
  sub(/^[^@]*@/, "", host)
  if (scheme == "") scheme = host ~ /^(127\.|localhost(:|$)|\[::1\])/ || x[e, "plain"] != "" ? "http" : "https"
  url = target ~ /^[A-Za-z]+:\/\// || (target == "" && host == "") ? target : host == "" ? "" : scheme "://" host target
  if (match(url, /^[A-Za-z]+:\/\/[^\/]*/)) url = tolower(substr(url, 1, RLENGTH)) substr(url, RLENGTH + 1)
  query = url ~ /[?#]/ ? substr(url, match(url, /[?#]/)) : ""
  if (query ~ /(token|jwt|authorization|bearer)=|=eyJ/) x[e, "elsewhere"] = "the URL"
  sub(/[?#].*/, "", url)
  if (url ~ /^[A-Za-z]+:/) sub(/:\/\/[^\/]*@/, "://", url)
  return url
}
