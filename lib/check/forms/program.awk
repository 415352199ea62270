# A call as a program writes it: fetch, axios, requests, PowerShell's Invoke-WebRequest. Browsers copy requests so.
#
# The URL and the pairs of a name and a value in quotes are read, up to the bracket that closes the call.

BEGIN {
  CALL = "(^|[^A-Za-z_.])(fetch|axios([.][a-z]+)?|requests[.][a-z]+|httpx[.][a-z]+|session[.](get|post|put|patch|delete)|got([.][a-z]+)?|" \
    "Invoke-WebRequest|Invoke-RestMethod|iwr|irm)([ \t]*[(]|[ \t]+-)"
  PAIR = "[\"'`]?[A-Za-z][A-Za-z0-9_-]*[\"'`]?[ \t]*(:|=>|=|,)[ \t]*[\"'`][^\"'`]*[\"'`]"
}

function program_line(i,   text, n, depth, all, method, url, shell) {
  if (lines[i] !~ CALL) return 0
  shell = lines[i] ~ /Invoke-|(iwr|irm)[ \t]/
  for (n = 0; i + n <= count && n < 80; n++) {
    text = lines[i + n]
    all = all "\n" text
    depth += gsub(/[({]/, "&", text) - gsub(/[)}]/, "&", text)
    if (depth <= 0 && !(shell && text ~ /`[ \t]*$/)) { n++; break }
  }
  if (!match(all, /["'`]https?:\/\/[^"'`]*["'`]/)) return 0
  url = substr(all, RSTART + 1, RLENGTH - 2)
  method = "GET"
  if (match(all, /(requests|axios|httpx|session|got)[.](get|post|put|patch|delete)/)) { method = toupper(substr(all, RSTART, RLENGTH)); sub(/.*[.]/, "", method) }
  if (match(all, /([Mm]ethod["' ]*[:=]? *["'`]?)(GET|POST|PUT|PATCH|DELETE|Get|Post|Put|Patch|Delete)/)) {
    method = toupper(substr(all, RSTART, RLENGTH)); sub(/.*[^A-Z]/, "", method)
  }
  begin_request("program", method, url, "unknown")
  if (all ~ /sec-fetch-|[Hh]eaders *@[{]|"headers": [{]/) request_whole()
  while (match(all, PAIR)) {
    text = substr(all, RSTART, RLENGTH)
    all = substr(all, RSTART + RLENGTH)
    program_pair(text)
  }
  part = "output"
  return n
}
function program_pair(text,   at, name, value) {
  at = match(text, /[ \t]*(:|=>|=|,)[ \t]*["'`]/)
  name = substr(text, 1, at - 1)
  gsub(/["'`]/, "", name)
  value = substr(text, at + RLENGTH)
  sub(/.$/, "", value)
  if (tolower(name) ~ /^(uri|url|method|body|data|credentials|mode|referrer|referrerpolicy|contenttype)$/) return
  if (tolower(name) == "authorization" && value ~ /[$][{]|[$][A-Za-z_]|[{][A-Za-z_.]+[}]|['"] *[+]/) {
    x[e, "variable"] = match(value, /[$]?[{]?[A-Za-z_][A-Za-z_.]*[}]?$/) ? substr(value, RSTART, RLENGTH) : "a variable"
    value = "Bearer [redacted]"
  }
  request_header(name, " " value)
}
