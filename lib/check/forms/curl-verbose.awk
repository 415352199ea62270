# curl -v: lines that begin with *, > and <, and the body. Insomnia's timeline and others look the same.

function curl_verbose_line(i,   text) {
  text = lines[i]
  sub(/^curl(\.exe)? : /, "", text)
  sub(/^[0-9][0-9]:[0-9][0-9]:[0-9][0-9][.][0-9]+ (\[[A-Z0-9a-z:.-]*\] )*/, "", text)
  if (text ~ /^[ \t]+[<>*]([ \t]|$)/) sub(/^[ \t]+/, "", text)
  if (text ~ /^\* /) return curl_note(text)
  if (text ~ /^[{}] \[[0-9]+ bytes data\]/) return 1
  if (text ~ /^> ?CONNECT [^ ]+ HTTP/) { connect = 1; part = ""; return 1 }
  if (text ~ /^>/) return curl_sent(substr(text, 2))
  if (text ~ /^<([ \t]|$)/) return curl_received(substr(text, 2))
  if (text ~ /^(\[?[.][.][.]+\]?|…)$/ && part == "request") { request_cut(); return 1 }
  if (blank(text) && curl_marks && part == "request") { request_whole(); part = "sent"; return 1 }
  return 0
}
function curl_sent(text) {
  sub(/^ /, "", text)
  if (is_request_line(text)) {
    connect = 0; curl_marks = 1
    request_line("curl-verbose", text)
    if (plain_seen && !tls_seen && x[e, "http"] != 2) x[e, "plain"] = "yes"
    return 1
  }
  if (!curl_marks) return 0
  if (part == "request" && blank(text)) { request_whole(); part = "sent"; return 1 }
  if (part == "request" && text ~ /^(\[?[.][.][.]+\]?|…)$/) { request_cut(); return 1 }
  return part == "request" ? header_line(text, 0) : 0
}
function curl_received(text) {
  sub(/^[ \t]+/, "", text)
  if (is_status_line(text)) {
    curl_marks = 1
    if (connect) {
      if (text !~ / 2[0-9][0-9]/) { begin_proxy(); failed("proxy", text) }
      part = ""
    } else { if (part == "request") part = "cut"; status_line(text) }
    return 1
  }
  if (!curl_marks) return 0
  if (part == "answer") {
    if (blank(text)) part = "body"
    else header_line(text, 1)
    return 1
  }
  return blank(text) || text ~ /^[A-Za-z0-9-]+:/
}
function begin_proxy() { begin_request("curl-verbose", "", "", "unknown"); x[e, "proxy"] = "yes" }

# curl's notes on the connection, and the headers of HTTP/2 and 3, which it lists before the request.
function curl_note(text) {
  if (text ~ /^\* ((\[HTTP\/[23]\] )?\[[0-9]+\]|h2h3|h2|h3) \[.*\]/) {
    if (!(e && x[e, "preface"] != "")) { begin_request("curl-verbose", "", "", "2"); x[e, "preface"] = "yes" }
    sub(/^\* ((\[HTTP\/[23]\] )?\[[0-9]+\]|h2h3|h2|h3) \[/, "", text); sub(/\][ \t]*$/, "", text)
    header_line(text, 0)
    return 1
  }
  if (match(text, /Preparing request to [^ ]+/)) note_url = substr(text, RSTART + 21, RLENGTH - 21)
  if (text ~ /^\* +(Trying|Connected to|Host |Uses proxy|Could not resolve|ALPN|SSL|TLS|Using HTTP|using HTTP|Connection|Server cert|Closing|Mark bundle|Re-using|Rebuilt)/) curl_seen = 1
  if (text ~ /SSL connection using|ALPN|TLSv1|TLS handshake/) tls_seen = 1
  if (text ~ /Connected to|Established connection/) {
    if (text !~ / port 443/) plain_seen = 1
    if (match(text, /Connected to [^ ]+/)) note_host = substr(text, RSTART + 13, RLENGTH - 13)
  }
  curl_failure(substr(text, 3))
  return curl_seen || curl_marks
}
