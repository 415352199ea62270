# report: prints the verdict of checks.awk as key=value, as JSON, for a person, or one value of it.
#
# Environment: report_form (text, kv, json, get, quiet), report_key (get), report_colour (text; 1: on). Values are
# escaped as everywhere in rhythm. report() returns the exit status; 65: get with an unknown key.

function report(   form, key, i) {
  form = ENVIRON["report_form"]; key = ENVIRON["report_key"]
  for (i = 1; i <= id_count; i++) row("check." ids[i], state[ids[i]])
  row("cause", cause)
  row("reason", reason)
  row("fix", fix)
  if (form == "get" && !(key in rows)) return 65
  if (form == "get") print plain(rows[key], 0)
  else if (form == "quiet") print "cause=" cause
  else if (form == "kv" || form == "bundle") printf "%s", lines
  else if (form == "json") print "{" object "}"
  else put_text()
  return cause != "none"
}
function row(key, value) {
  rows[key] = value
  lines = lines key "=" value "\n"
  object = object (object == "" ? "" : ",") "\"" key "\":\"" plain(value, 1) "\""
}

# Checks without words are joined in one line, so that a failure stands out. The verdict's reason is printed only at the end.
function put_text(   mark, words, i, id) {
  note[cause] = ""; delete state["unexplained"]
  mark["pass"] = paint("32", " ok "); mark["warn"] = paint("33", "warn")
  mark["fail"] = paint("1;31", "FAIL"); mark["skip"] = " -- "
  for (i = 1; i <= id_count; i++) {
    id = ids[i]
    if (note[id] == "") words[state[id]] = words[state[id]] (words[state[id]] == "" ? "" : ", ") id
  }
  wrapped("", 0, fact["title"])
  if (words["pass"] != "") wrapped("  " mark["pass"] "  ", 8, words["pass"])
  if (cause != "none" && cause != "unexplained") print "  " mark["fail"] "  " cause
  for (i = 1; i <= id_count; i++) {
    id = ids[i]
    if (note[id] != "") wrapped("  " mark[state[id]] "  " sprintf("%-20s", id), 28, note[id])
  }
  if (words["skip"] != "") wrapped("   --   ", 8, "not judged: " words["skip"])
  print ""
  print paint(cause == "none" ? "1;32" : "1;31", "VERDICT: " cause)
  wrapped("  why:  ", 8, reason)
  wrapped("  fix:  ", 8, fix)
}
function paint(colour, s) { return ENVIRON["report_colour"] == 1 ? "\033[" colour "m" s "\033[0m" : s }

# Prints TEXT after FIRST (of WIDTH columns), in lines of at most 79 columns; further lines are indented by WIDTH.
function wrapped(first, width, text,   n, word, i, line, room) {
  room = 79 - width
  n = split(text, word, " ")
  for (i = 1; i <= n; i++) {
    if (line != "" && length(line) + 1 + length(word[i]) > room) {
      print first line
      first = sprintf("%" width "s", ""); line = ""
    }
    line = line (line == "" ? "" : " ") word[i]
    while (length(line) > room) {   # a word that is longer than a line
      print first substr(line, 1, room)
      first = sprintf("%" width "s", ""); line = substr(line, room + 1)
    }
  }
  print first line
}
function digit(s) { return index("0123456789abcdef", s) - 1 }
# The value's own bytes, for JSON as a JSON string writes them.
function plain(s, json,   out, at, c, code) {
  out = ""
  while (at = index(s, "\\")) {
    out = out quoted(substr(s, 1, at - 1), json)
    c = substr(s, at + 1, 1); s = substr(s, at + 2)
    if (c == "\\") out = out (json ? "\\\\" : "\\")
    else if (c ~ /[nrt]/) out = out (json ? "\\" c : c == "n" ? "\n" : c == "r" ? "\r" : "\t")
    else if (c == "x") {
      code = digit(substr(s, 1, 1)) * 16 + digit(substr(s, 2, 1)); s = substr(s, 3)
      if (!json) out = out sprintf("%c", code)
      else if (code == 194 && substr(s, 1, 2) == "\\x") { out = out "\\u00" substr(s, 3, 2); s = substr(s, 5) }
      else out = out (code < 128 ? sprintf("\\u%04x", code) : "\\ufffd")
    }
  }
  return out quoted(s, json)
}
# Only \\& is a backslash and the match in every awk: busybox 1.37 drops the backslash of a replacement \", and mawk makes one of \\.
function quoted(s, json) { if (json) gsub(/"/, "\\\\&", s); return s }
