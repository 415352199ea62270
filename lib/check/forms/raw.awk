# Raw HTTP: a request, a response, or both; or the pseudo headers of HTTP/2 and what follows them.

BEGIN { PSEUDO = "^:(authority|method|path|scheme):" }

function raw_line(i,   text) {
  text = lines[i]
  if (sealed && part == "body") { body(text); return 1 }
  sub(/^[ \t]+/, "", text)
  sub(/^(<=|=>|<-|->|<<|>>|←|→)[ \t]*/, "", text)
  if (is_request_line(text)) {
    if (part == "sent" && sealed) return 0
    curl_marks = 0
    request_line("raw", text)
    return 1
  }
  if (is_status_line(text)) {
    curl_marks = 0
    if (part == "request") part = "sent"   # the blank line between them was lost
    status_line(text)
    return 1
  }
  if (text ~ PSEUDO) {
    if (part != "request") {
      if (e && x[e, "form"] == "browser") part = "request"
      else begin_request("raw", "", "", "2")
    }
    x[e, "http"] = "2"; curl_marks = 0
    header_line(text, 0); raw_headers++
    return 1
  }
  if (curl_marks || part !~ /^(request|answer)$/) return 0
  if (blank(text)) {
    if (part == "request") { if (x[e, "form"] == "raw") request_whole(); part = x[e, "form"] == "browser" ? part : "sent" }
    else part = "body"
    return 1
  }
  if (text ~ /^(\[?[.][.][.]+\]?|…)$/ && part == "request") { request_cut(); return 1 }
  if (text ~ /^[^A-Za-z:]/) return 0
  if (text !~ /^[A-Za-z0-9_-]+[ \t]*:/) return 0
  raw_headers += part == "request"
  return header_line(text, part == "answer")
}
# The text ended within the request's headers, so all of them were shown.
function raw_end() { if (part == "request" && x[e, "form"] == "raw" && raw_headers) request_whole() }
