# OkHttp's logging interceptor: --> METHOD URL, headers, --> END; <-- STATUS URL, headers, the body, <-- END HTTP.

function okhttp_line(i,   text, piece) {
  text = lines[i]
  sub(/^.*([A-Za-z):]|\])[ ]+(-->|<--) /, "", text) # the logger's own mark
  if (match(lines[i], /(-->|<--) .*/)) text = substr(lines[i], RSTART)
  else text = trimmed(lines[i])
  if (text ~ /^--> END/) { if (part == "request") request_whole(); part = "sent"; ok_seen = 0; return 1 }
  if (text ~ /^<-- END/) { part = ""; ok_seen = 0; return 1 }
  if (text ~ /^--> [A-Z]+ https?:/) {
    split(text, piece, " ")
    curl_marks = 0
    begin_request("okhttp", piece[2], piece[3], piece[4] ~ /2/ ? "2" : "1")
    ok_seen = 1
    if (text ~ /END|-byte body\)$/) { request_part() }
    return 1
  }
  if (text ~ /^<-- [1-5][0-9][0-9] /) {
    split(text, piece, " ")
    begin_answer(piece[2], text)
    ok_seen = 1
    return 1
  }
  if (match(text, /^<-- HTTP FAILED: /)) { ok_seen = 0; if (!library_failure(text)) failed("network", substr(text, RLENGTH + 1)); return 1 }
  if (!ok_seen || part !~ /^(request|answer|body)$/) return 0
  if (blank(text)) { if (part == "answer") part = "body"; return 1 }
  if (part == "body") { body(text); return 1 }
  sub(/^.*OkHttp[^:]*: /, "", text)
  if (text ~ /^[A-Za-z0-9-]+: ?/) return header_line(text, part == "answer")
  if (part == "answer") { part = "body"; body(text); return 1 }
  return 0
}
