# The execution log of an API gateway, as in CloudWatch. The gateway masks the header, so the log never contains a token.

function gateway_line(i,   text, piece) {
  text = lines[i]
  if (match(text, /HTTP Method: [A-Z]+, Resource Path: [^ ]+/)) {
    split(substr(text, RSTART, RLENGTH), piece, " ")
    sub(/,$/, "", piece[3])
    begin_request("gateway", piece[3], piece[6], "unknown")
    return 1
  }
  if (!e || x[e, "form"] != "gateway") return text ~ /^Execution log for request/
  if (match(text, /Method request headers: [{].*[}]/)) {
    text = substr(text, RSTART + 25, RLENGTH - 26)
    gateway_headers(text)
    return 1
  }
  if (match(text, /(Method completed with status|with status code): *[1-5][0-9][0-9]/)) { begin_answer(substr(text, RSTART + RLENGTH - 3, 3), ""); part = "output"; return 1 }
  if (match(text, /(Gateway response body|Method response body after transformations|Endpoint response body before transformations): */)) { body(substr(text, RSTART + RLENGTH)); return 1 }
  if (text ~ /Execution failed|Unauthorized request|Authorizer error|not authorized/) { body(text); return 1 }
  return 0
}
function gateway_headers(text,   n, k, piece) {
  n = split(text, piece, ", ")
  for (k = 1; k <= n; k++) if (match(piece[k], /^[A-Za-z0-9-]+=/)) request_header(substr(piece[k], 1, RLENGTH - 1), " " substr(piece[k], RLENGTH + 1))
  request_whole()
}
