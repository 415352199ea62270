# header: splits a header line, or what was pasted as one, into its name, its scheme, and the token or what is in its place.
#
# take_header(line, of_request) sets h[]:
#
#   name     as written, including spaces before the colon; "" if there was none
#   scheme   its word as written
#   form     good, or what is wrong: bare: no scheme; case: bearer; colon: Bearer:; joined: BearereyJ...; equals: Bearer=;
#            spaces, tab, nbsp: after it; twice; quotes: in the header; empty: no token; foreign: Basic and similar
#   kind     what is in the token's place: empty; word: what a program prints for a missing value; placeholder: never
#            replaced; redacted: removed by the reporter; claims; json; "" if it has to be decoded
#   token    the token, without quotes and the like around it; cleaned: what was removed
#
# A placeholder and a redacted token look alike. The first is the sender's mistake, the second the reporter's care: a name
# such as YOUR_TOKEN is the first; asterisks, or a word such as hidden, are the second.

BEGIN {
  FOREIGN = "^(basic|digest|token|jwt|oauth|apikey|api-key|apitoken|negotiate|ntlm|aws4-hmac-sha256|mac|key|hawk|signature)$"
  NOTHING = "^(undefined|null|none|nil|nan|true|false|\\(null\\)|\\(nil\\)|<nil>|%!s\\(<nil>\\)|token|access_?token|accesstoken|string|" \
    "promise [{] <pending> [}]|\\[?object[ a-z]*\\]?|some\\(.*|optional\\(.*|<null>|<undefined>|<none>|nothing|empty|n/a)$"
}

function take_header(line, of_request,   value, at, round) {
  split("", h)
  h["form"] = "good"
  value = line
  if (match(value, /^[ \t]*["']?[A-Za-z][A-Za-z0-9_-]*["']?[ \t]*:/) && value !~ /^[ \t]*["']?[A-Za-z]+:\/\// && value !~ /^[ \t]*[Bb][Ee][Aa][Rr][Ee][Rr]:/) {
    h["name"] = substr(value, 1, RLENGTH - 1)
    sub(/^[ \t]*/, "", h["name"]); gsub(/["']/, "", h["name"])
    value = substr(value, RLENGTH + 1)
    h["is"] = 1
  }
  if (!of_request) {
    # the characters without width that text.awk names
    if (gsub(/(​|‌|‍|⁠|­|﻿)/, "", value)) h["cleaned"] = "invisible characters"
    for (round = 0; round < 4 && unquoted(value); round++) { value = inner; h["cleaned"] = "quotes" }
  }
  value = trimmed(value)
  take_scheme(value, of_request)
  take_kind(of_request)
}
# Sets inner: what is between quotes at both ends. 1: there are such quotes.
function unquoted(s) {
  s = trimmed(s)
  sub(/["'][,;]$/, substr(s, length(s) - 1, 1), s)
  if (s ~ /^b?["'`].*["'`]$/) { sub(/^b?["'`]/, "", s); sub(/["'`]$/, "", s); inner = s; return 1 }
  if (s ~ /^(“|‘).*(”|’)$/) { sub(/^(“|‘)/, "", s); sub(/(”|’)$/, "", s); inner = s; return 1 }
  return 0
}
function worse(form) { if (h["form"] == "good") h["form"] = form }

function take_scheme(value, of_request,   low, word, round) {
  if (of_request && unquoted(value) && inner ~ /^([Bb]earer|eyJ)/) { worse("quotes"); value = inner }
  for (round = 0; round < 6; round++) {
    low = tolower(value)
    word = low; sub(/[ \t].*/, "", word)
    if (starts(low, "bearer")) {
      if (h["scheme"] != "") worse("twice"); else h["scheme"] = substr(value, 1, 6)
      value = after_scheme(substr(value, 1, 6), substr(value, 7))
    } else if (word != low && word ~ FOREIGN && h["scheme"] == "") {
      h["scheme"] = substr(value, 1, length(word)); worse("foreign")
      value = trimmed(substr(value, length(word) + 1))
      sub(/^[Tt]oken=/, "", value)
    } else break
  }
  if (h["scheme"] != "") h["is"] = 1
  else if (h["is"]) worse(value == "" ? "empty" : "bare")
  h["token"] = value
}
# Judges what is between the scheme and the token; returns the token.
function after_scheme(scheme, rest) {
  if (rest == "" || blank(rest)) { worse(scheme == "Bearer" ? "empty" : "case"); return "" }
  if (rest ~ /^:/) { worse("colon"); return trimmed(substr(rest, 2)) }
  if (rest ~ /^=/) { worse("equals"); return trimmed(substr(rest, 2)) }
  # U+00A0, U+202F, U+2007, as themselves: see visible() in text.awk
  if (rest ~ /^( | | )/) { worse("nbsp"); sub(/^( | | )[ \t]*/, "", rest); return rest }
  if (rest !~ /^[ \t]/) { worse("joined"); return rest }
  if (scheme != "Bearer") worse("case")
  else if (rest ~ /^[ \t]*\t/) worse("tab")
  else if (rest ~ /^  /) worse("spaces")
  return trimmed(rest)
}

function take_kind(of_request,   token, low) {
  token = h["token"]
  if (unquoted(token)) {
    if (h["scheme"] != "" && inner != "" || of_request && h["is"]) worse("quotes"); else h["cleaned"] = "quotes"
    token = inner
  }
  if (token ~ /^(<eyJ.*>|[{]eyJ.*[}])$/) { token = substr(token, 2, length(token) - 2); h["cleaned"] = "brackets"; if (of_request) worse("brackets") }
  if (token ~ /^eyJ[A-Za-z0-9_=.-]*([ \t]+[A-Za-z0-9_=.-]+)+$/) { gsub(/[ \t]/, "", token); h["cleaned"] = "spaces"; if (h["is"]) worse("inside") }
  if (token ~ /^eyJ.*, *([Bb]earer )?eyJ/) { worse("several"); sub(/,.*/, "", token) }
  h["token"] = token
  low = tolower(token)
  if (token == "") h["kind"] = "empty"
  else if (low ~ NOTHING) h["kind"] = "word"
  else if (is_claims(token)) h["kind"] = "claims"
  else if (token ~ /^[{][ \t]*"/) h["kind"] = "json"
  else if (is_redacted(token, low)) h["kind"] = "redacted"
  else if (is_placeholder(token, low)) h["kind"] = "placeholder"
  if (h["kind"] ~ /^(word|placeholder)$/) h["word"] = substr(token, 1, 40)
}
# A token's claims instead of the token: JSON, or lines of key=value.
function is_claims(s) {
  return s ~ /^[{]/ && s ~ /"(iss|aud)"|rhythmsoftware\.com/ || s ~ /^(aud|azp|exp|iss|tenant_id)=/
}
function is_redacted(token, low) {
  if (token ~ /^eyJ[A-Za-z0-9_-]+[.]eyJ[A-Za-z0-9_-]+[.][A-Za-z0-9_-]+$/) return 0
  if (token ~ /[*][*]|\.\.\.|…|█|••|^[*]$|^-+$|^[.]+$|^_+$/) return 1
  if (low ~ /^(ey|eyj)?[x]+([.][x]+)*$/ && length(token) >= 3) return 1
  if (low ~ /(redact|mask|hidden|hide|remov|secret|credential|filter|sensitiv|sanitiz|scrub|omit|snip|obfuscat|censor|private|truncat|stripped|confidential|replaced)/ && low !~ /securestring|your|^[$]|@[0-9a-f]+$/ && token !~ /^eyJ.*[.]eyJ/ && length(token) <= 80) return 1
  return low ~ /^[<([](the |a |my |valid |long |access |auth|bearer |jwt|id)*[_ -]?(token|jwt|key|value|string)?s?([>)]|\])$/ && low !~ /your|^<nil/
}
function is_placeholder(token, low) {
  if (token ~ /eyJ[A-Za-z0-9_-]+[.]eyJ/) return 0
  if (token ~ /^[$%]|^@[{]|^#[{]|^[{].*[}]$|^[<[].*(>|\])$|^&lt;|^<%|^[A-Z][A-Z_]*$/) return 1
  if (low ~ /your[_ -]|^your|_here$|[_ -]goes[_ -]|insert|replace[_ -]?me|change[_ -]?me|my[_ -]?token|^(jwt|access|auth|bearer)?[_-]?token$/) return 1
  if (low ~ /^system\.|^(java|com|org|net|io)\.[a-z0-9.]+[@$a-z0-9]*$|[a-z]@[0-9a-f]+$|^function|=>|^class |^async |coroutine|^<.* at 0x|^promise|^task|pending|&[{]|^map\[|^hash\{|^%!|^\[object/) return 1
  return token ~ /[ \t]/ && token !~ /eyJ/
}
