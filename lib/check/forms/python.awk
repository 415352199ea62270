# Python's http.client with its debug level set: send: b'...', reply: '...', header: ...; requests and urllib3 print so.

function python_line(i,   text, n, k, piece) {
  text = lines[i]
  sub(/^.*DEBUG:[a-z.]*:/, "", text)
  if (match(text, /^send: b?['"]/)) {
    text = substr(text, RLENGTH + 1)
    sub(/['"][ \t]*$/, "", text)
    if (text !~ /^[A-Z]+ [^ ]+ HTTP\//) { if (part == "request" || part == "sent") return 1; return 0 }
    gsub(/\\r/, "", text)
    n = split(text, piece, "\\\\n")
    curl_marks = 0
    request_line("python", piece[1])
    for (k = 2; k <= n && piece[k] != ""; k++) header_line(piece[k], 0)
    request_whole()
    part = "sent"
    return 1
  }
  if (match(text, /^reply: ['"]/)) {
    text = substr(text, RLENGTH + 1)
    sub(/(\\r)?(\\n)?['"]?[ \t]*$/, "", text)
    if (is_status_line(text)) { status_line(text); part = "replied" }
    return 1
  }
  if (part == "replied" && match(text, /^header: /)) { header_line(substr(text, 9), 1); return 1 }
  if (part == "replied") part = "body"
  return 0
}
