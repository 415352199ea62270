# mitmdump --set flow_detail=3: "CLIENT: METHOD URL VERSION", the headers indented, " << VERSION STATUS", headers, the body.

function mitmproxy_line(i,   text, piece) {
  text = lines[i]
  if (text ~ /^[0-9a-f.:]+[:]? [A-Z]+ https?:\/\/[^ ]+( HTTP\/[0-9.]+)?[ \t]*$/ && text ~ /^[^ ]*:[0-9]+:? /) {
    split(text, piece, " ")
    curl_marks = 0; mitm_seen = 1
    begin_request("mitmproxy", piece[2], piece[3], piece[4] ~ /[23]/ ? "2" : "1")
    return 1
  }
  if (!mitm_seen) return 0
  if (match(text, /^[ \t]*<< +(HTTP\/[0-9.]+ +)?[1-5][0-9][0-9]( |$)/)) {
    if (part == "request") request_whole()
    text = substr(text, 1, RLENGTH)
    sub(/[ \t]+$/, "", text)
    begin_answer(substr(text, length(text) - 2), text)
    return 1
  }
  if (part == "request" || part == "answer") {
    if (blank(text)) { if (part == "request") { request_whole(); part = "sent" } else part = "body"; return 1 }
    if (text ~ /^[ \t]+:?[A-Za-z0-9-]+: /) return header_line(trimmed(text), part == "answer")
  }
  return 0
}
