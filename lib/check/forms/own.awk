# What rhythm itself prints: rhythm-get's error report with its block for support, rhythm-check's report, a bundle.
#
# A verdict in the text is not evidence, and is ignored. A whole bundle is read by bundle.sh; the lines of one that lost its
# first line are ignored too, because facts may be missing from it.

function own_line(i,   text, piece) {
  text = lines[i]
  if (text ~ /^rhythm-get: HTTP [1-5][0-9][0-9] [A-Z]+ http/) {
    split(text, piece, " ")
    if (!(e && x[e, "status"] == piece[3])) { begin_request("own", piece[4], piece[5], "unknown"); begin_answer(piece[3], "") }
    curl_marks = 0
    part = "body"
    return 1
  }
  if (text ~ /^For Rhythm's support:/) { part = "own"; return 1 }
  if (text ~ /^rhythm-check: .*$|^VERDICT: |^check\.[a-z-]+=(pass|fail|warn|skip)$/) { own_report = 1; part = "own"; return 1 }
  if (text ~ /^[> ]*(fact|verdict)[.][a-z0-9._-]+=/) return 1
  if (part != "own" && text !~ /^rhythm-(get|token): /) return 0
  if (part == "own" && own_report && text ~ /^([ \t]|(cause|reason|fix)=|$)/) return 1
  if (text ~ /^request_id=/ && e) { x[e, "answer", "x-amzn-requestid"] = substr(text, 12); return 1 }
  return text ~ /^(time|status|request_id|tenant_id|client_id|[a-z_.]+)=/ && part == "own"
}
