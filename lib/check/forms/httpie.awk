# A command of HTTPie or xh: http [OPTIONS] [METHOD] URL [NAME:VALUE]. Its output is raw HTTP.

function httpie_line(i,   text, at, k, word, value, method, url, scheme, auth) {
  text = lines[i]
  if (!match(text, /^[ \t]*(([^'"=|]*[$#%>]|[+])[ \t]+)?(https?|xhs?)[ \t]+(-|[A-Z]+ |https?:|:|[a-z0-9.-]+[.][a-z]+\/|\\$)/)) return 0
  if (!match(text, /(^|[ \t])(https?|xhs?)[ \t]/)) return 0
  at = RSTART + (substr(text, RSTART, 1) ~ /[ \t]/)
  at = split_command(i, at)
  for (k = 2; k <= word_count; k++) {
    word = words[k]
    if (word ~ /^(-A|--auth-type|-a|--auth|--bearer)$/) { value = words[++k]; if (word ~ /^-(A|-auth-type)$/) scheme = tolower(value); else auth = value }
    else if (word ~ /^--auth-type=/) scheme = tolower(substr(word, 13))
    else if (word ~ /^--auth=/) auth = substr(word, 8)
    else if (word ~ /^--(verify|cert|cert-key|cert-key-pass|proxy|timeout|session|output|print|style|pretty|format-options|max-redirects|ssl|ciphers)$|^-(o|p|s)$/) k++
    else if (word ~ /^-/) continue
    else if (word ~ /^[A-Z]+$/ && url == "") method = word
    else if (url == "") url = word
    else if (word ~ /^[A-Za-z0-9_-]+:[^=\/]/ || word ~ /^[A-Za-z0-9_-]+:$/) item[++items] = word
  }
  if (url !~ /:\/\//) url = "https://" url
  begin_request("httpie", method == "" ? "GET" : method, url, "unknown")
  x[e, "command"] = "yes"
  for (k = 1; k <= items; k++) command_header(item[k])
  items = 0
  if (auth != "") command_header("Authorization: " (scheme == "bearer" || word ~ /bearer/ ? "Bearer " : "Basic ") (scheme == "bearer" ? auth : "[redacted]"))
  request_whole()
  part = "output"
  return at - i + 1
}
