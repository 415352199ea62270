# curl --trace-ascii and --trace, and git's GIT_TRACE_CURL: "=> Send header", "<= Recv header" and "== Info".
#
# curl prints 64 characters (or 16 bytes in hex) per row, after their offset; a full row continues in the next.

function trace_line(i,   text) {
  text = lines[i]
  if (match(text, /(=>|<=|==) (Send|Recv|Info)/)) {
    text = substr(text, RSTART)
    trace_flush()
    trace_seen = 1
    if (text ~ /^== Info/) { trace_way = ""; curl_note("* " substr(text, 10)); return 1 }
    trace_way = text ~ /^=>/ ? "sent" : "received"
    trace_data = text ~ /(Send|Recv) (data|SSL data)/
    if (text ~ /SSL data/) trace_way = ""
    if (match(text, /^(=>|<=) (Send|Recv) (header|data):/)) trace_text(trimmed_left(substr(text, RLENGTH + 1)))
    return 1
  }
  if (!trace_seen || text !~ /^[0-9a-f][0-9a-f][0-9a-f][0-9a-f]+: ?/) return 0
  if (trace_way == "") return 1
  text = substr(text, index(text, ":") + 2)
  if (text ~ /^([0-9a-f][0-9a-f] )+/ && text !~ /^[A-Za-z-]+:/) { trace_hex(text); return 1 }
  trace_row = trace_row text
  if (length(text) < 64) { trace_text(trace_row); trace_row = "" }
  return 1
}
function trimmed_left(s) { sub(/^ /, "", s); return s }
function trace_hex(text,   k, code) {
  for (k = 1; k <= 16 && substr(text, k * 3 - 2, 3) ~ /^[0-9a-f][0-9a-f]( |$)/; k++) {
    code = (index("0123456789abcdef", substr(text, k * 3 - 2, 1)) - 1) * 16 + index("0123456789abcdef", substr(text, k * 3 - 1, 1)) - 1
    if (code == 10) { trace_text(trace_row); trace_row = "" }
    else if (code >= 32 && code < 127) trace_row = trace_row sprintf("%c", code)
  }
}
function trace_flush() { if (trace_row != "") { trace_text(trace_row); trace_row = "" } }
function trace_text(text) {
  if (trace_data) { if (trace_way == "received" && text != "") { part = "body"; body(text) } return }
  if (trace_way == "sent") {
    if (is_request_line(text)) { curl_marks = 0; request_line("trace", text) }
    else if (part == "request" && blank(text)) { request_whole(); part = "sent" }
    else if (part == "request") header_line(text, 0)
  } else if (is_status_line(text)) status_line(text)
  else if (part == "answer" && blank(text)) part = "body"
  else if (part == "answer") header_line(text, 1)
}
