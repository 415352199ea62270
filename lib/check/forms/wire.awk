# Wire logs of Apache's HTTP client and similar ones: >> and << before what was sent and received, quoted, with [\r][\n] at
# the end.

function wire_line(i,   text, sent) {
  text = lines[i]
  if (!match(text, /(^|[ \t:]|\])(http-outgoing-[0-9]+ +)?(>>|<<) *"?/)) return 0
  if (text !~ /http-outgoing|\[\\r\]|\[\\n\]|(>>|<<) ("|[A-Z]+ [^ ]+ HTTP|HTTP\/)/ && !wire_seen) return 0
  sent = substr(text, RSTART, RLENGTH) ~ />>/
  text = substr(text, RSTART + RLENGTH)
  gsub(/\[\\[rn]\]/, "", text); sub(/\\n"?$/, "", text); sub(/"[ \t]*$/, "", text); gsub(/\\r/, "", text)
  if (sent && is_request_line(text)) {
    wire_seen = 1; curl_marks = 0
    if (!(e && x[e, "form"] == "wire" && x[e, "status"] == "" && index(x[e, "target"], " ") == 0 && x[e, "target"] == substr(text, index(text, " ") + 1, length(x[e, "target"])))) request_line("wire", text)
    return 1
  }
  if (!sent && is_status_line(text)) {
    wire_seen = 1
    if (e && x[e, "form"] == "wire" && x[e, "status"] != "" && part != "body") return 1
    if (part == "request") request_whole()
    status_line(text)
    return 1
  }
  if (!wire_seen) return 0
  if (blank(text)) { if (sent && part == "request") { request_whole(); part = "sent" } else if (!sent && part == "answer") part = "body"; return 1 }
  if (part == "request" && sent || part == "answer" && !sent) { if (text ~ /^[A-Za-z0-9-]+:/) return header_line(text, !sent) }
  if (!sent) { body(text); return 1 }
  return 1
}
