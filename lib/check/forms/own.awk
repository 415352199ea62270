# What rhythm itself prints: rhythm-get's error report with its block for support, rhythm-check's report, a bundle.
#
# A verdict in the text is not evidence, and is ignored. In a bundle the exchange is raw HTTP.

function own_line(i,   text, piece) {
  text = lines[i]
  if (text ~ /^rhythm-get: HTTP [1-5][0-9][0-9] [A-Z]+ http/) {
    split(text, piece, " ")
    if (!(e && x[e, "status"] == piece[3])) { begin_request("own", piece[4], piece[5], "unknown"); begin_answer(piece[3], "") }
    x[e, "curl"] = ""; curl_marks = 0
    part = "body"
    return 1
  }
  if (text ~ /^For Rhythm's support:/) { part = "own"; return 1 }
  if (text ~ /^rhythm-check: .*$|^VERDICT: |^check\.[a-z-]+=(pass|fail|warn|skip)$/) { own_report = 1; part = "own"; return 1 }
  if (text ~ /^bundle\.exchange:/) { part = ""; curl_marks = 0; own_bundle = 1; return 1 }
  if (own_bundle && text ~ /^bundle\.(verdict|end):/) { part = "own"; return 1 }
  if (part != "own" && text !~ /^rhythm-(get|token): /) return 0
  if (part == "own" && own_report && text ~ /^([ \t]|(cause|reason|fix)=|$)/) return 1
  if (text ~ /^request_id=/ && e) { x[e, "answer", "x-amzn-requestid"] = substr(text, 12); return 1 }
  return text ~ /^(time|status|request_id|tenant_id|client_id|[a-z_.]+)=/ && part == "own"
}
