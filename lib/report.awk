# report: shows a verdict to a person, as JSON, or one value of it.
#
#   awk -f report.awk      environment: report_form (text, json, get), report_key (get), report_title, report_colour (1: on)
#
# Reads key=value lines: check.ID=STATE, then cause=, reason=, fix=. With text, a note about a check follows its line as
# note.ID=. Values are escaped as everywhere in rhythm. Status 65: get, and there is no such key.

function pair() { at = index($0, "="); key = substr($0, 1, at - 1); value = substr($0, at + 1) }
function paint(colour, s) { return ENVIRON["report_colour"] == 1 ? "\033[" colour "m" s "\033[0m" : s }

# Prints TEXT behind FIRST (of WIDTH columns), in lines of 79 columns at most, the further ones indented by WIDTH.
function wrapped(first, width, text,   n, word, i, line, part) {
  n = split(text, word, " ")
  line = ""
  for (i = 1; i <= n; i++) {
    while (length(word[i]) > 79 - width) {   # a URL that fits no line
      if (line != "") { print first line; first = sprintf("%" width "s", ""); line = "" }
      print first substr(word[i], 1, 79 - width); first = sprintf("%" width "s", "")
      word[i] = substr(word[i], 80 - width)
    }
    part = line == "" ? word[i] : line " " word[i]
    if (length(part) > 79 - width) { print first line; first = sprintf("%" width "s", ""); part = word[i] }
    line = part
  }
  print first line
}
function hex(s) { return (index("0123456789abcdef", substr(s, 1, 1)) - 1) * 16 + index("0123456789abcdef", substr(s, 2, 1)) - 1 }
# The value's own bytes; JSON: what stands in a JSON string for them.
function plain(s, json,   out, at, c, code, second) {
  out = ""
  while (at = index(s, "\\")) {
    out = out quoted(substr(s, 1, at - 1), json)
    c = substr(s, at + 1, 1); s = substr(s, at + 2)
    if (c == "\\") out = out (json ? "\\\\" : "\\")
    else if (c ~ /[nrt]/) out = out (json ? "\\" c : c == "n" ? "\n" : c == "r" ? "\r" : "\t")
    else if (c == "x") {
      code = hex(substr(s, 1, 2)); s = substr(s, 3)
      if (!json) out = out sprintf("%c", code)
      else if (code == 194 && substr(s, 1, 2) == "\\x") { second = substr(s, 3, 2); s = substr(s, 5); out = out "\\u00" second }
      else out = out (code < 128 ? sprintf("\\u%04x", code) : "\\ufffd")
    }
  }
  return out quoted(s, json)
}
function quoted(s, json) { if (json) gsub(/"/, "\\\"", s); return s }

{ pair() }
ENVIRON["report_form"] == "get" { if (key == ENVIRON["report_key"]) { print plain(value, 0); found = 1 } ; next }
key ~ /^note[.]/ { note[substr(key, 6)] = value; next }
ENVIRON["report_form"] == "json" { json = json (json == "" ? "{" : ",") "\"" key "\":\"" plain(value, 1) "\""; next }
key ~ /^check[.]/ { order[++n] = substr(key, 7); state[substr(key, 7)] = value; next }
{ last[key] = value }

END {
  if (ENVIRON["report_form"] == "get") exit found ? 0 : 65
  if (ENVIRON["report_form"] == "json") { print json "}"; exit }
  wrapped("", 0, ENVIRON["report_title"])
  for (i = 1; i <= n; i++) {
    id = order[i]
    if (note[id] != "") continue
    if (state[id] == "skip") skipped = skipped (skipped == "" ? "" : ", ") id
    else if (state[id] == "pass") passed = passed (passed == "" ? "" : ", ") id
  }
  if (passed != "") wrapped("  " paint("32", " ok ") "  ", 8, passed)
  for (i = 1; i <= n; i++) {
    id = order[i]
    if (note[id] == "") continue
    mark = state[id] == "pass" ? paint("32", " ok ") : state[id] == "warn" ? paint("33", "warn") : \
      state[id] == "fail" ? paint("1;31", "FAIL") : " -- "
    wrapped("  " mark "  " sprintf("%-20s", id), 28, note[id])
  }
  if (skipped != "") wrapped("   --   ", 8, "not judged: " skipped)
  print ""
  print paint(last["cause"] == "none" ? "1;32" : "1;31", "VERDICT: " last["cause"])
  wrapped("  why:  ", 8, last["reason"])
  wrapped("  fix:  ", 8, last["fix"])
}
