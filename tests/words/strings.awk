# strings: the texts in a source file, as tests/words/list prints them. -v language=c (also awk and Lua), or sh (all shells).
#
# No parser: it knows quotes, comments, parentheses and here-documents, and joins what the program joins, with `...` for
# what only the program knows. The kind is the call, or the shell command, that gets the text.

# says - does a person read it? Two words in a row, or one if it goes into a message.
function says(text, kind) {
  if (text ~ /^[<>{}() \t]*$/) return 0
  if (FILENAME ~ /awk$/ && text !~ / / || text ~ /BEGIN [{]/) return 0
  return text ~ /[A-Za-z]['a-z]*,? [a-z]['a-z]/ || kind ~ /message|fail|warn|die$|complain|say$|note$/ && text ~ /[a-z][a-z][a-z]/
}

function emit(line, kind, text) {
  gsub(/[ \t\n]+/, " ", text)
  sub(/^ /, "", text)
  sub(/ $/, "", text)
  if (says(text, kind)) printf "%s:%d\t%s\t%s\n", FILENAME, line, (kind == "" ? "text" : kind), text
}

# flush - what was joined at this depth is one text.
function flush() {
  if (quoted[depth]) emit(since[depth], call[depth], joined[depth])
  joined[depth] = ""
  quoted[depth] = 0
}

function join(text) { joined[depth] = joined[depth] text }

# unknown - something between two strings that only the program knows.
function unknown() { if (joined[depth] !~ /\.\.\.$/) join("...") }

function quote(text) {
  if (!quoted[depth]) since[depth] = begun
  quoted[depth] = 1
  join(text)
}

function push(name) { call[++depth] = name; joined[depth] = ""; quoted[depth] = 0 }

# --- C, awk, Lua -----------------------------------------------------------------------------------------------------

function code(line,   c, rest) {
  if (language == "c" && line ~ /^#(include|error)/) return
  while (line != "") {
    if (commented) {
      if (!match(line, /\*\//)) return
      line = substr(line, RSTART + 2)
      commented = 0
      continue
    }
    c = substr(line, 1, 1)
    if (c == "\"" || c == "'" && FILENAME !~ /awk$/) {
      begun = FNR
      rest = string(line, c)
      line = substr(line, length(rest) + 3)
      if (c == "\"" || FILENAME ~ /lua$/) { gsub(/\\n/, " ", rest); gsub(/\\"/, "\"", rest); quote(rest) }
      last = c
      continue
    }
    if (substr(line, 1, 2) == "/*" && FILENAME !~ /awk$/) { commented = 1; continue }
    if (substr(line, 1, 2) ~ /^(\/\/|--)$/ && FILENAME !~ /awk$/ && (c == "/" || FILENAME ~ /lua$/)) return
    if (c == "#" && FILENAME ~ /awk$/) break
    if (c == "/" && FILENAME ~ /awk$/ && last !~ /[A-Za-z0-9_)\]]/) { line = substr(line, regex(line) + 1); last = ")"; continue }
    if (match(line, /^[A-Za-z_][A-Za-z0-9_]*/)) {
      name = substr(line, 1, RLENGTH)
      line = substr(line, RLENGTH + 1)
      last = name == "return" || name == "print" || name == "printf" ? "," : "a"
      if (name ~ /^(return|print|printf|in|else)$/) { flush(); if (name ~ /^print/) call[depth] = name }
      else if (line ~ /^ ?\(/ && name !~ /^(if|while|for|switch)$/) { unknown(); push(name); sub(/^ ?\(/, "", line); last = "(" }
      else if (name !~ /^PRI[a-z0-9]+$/) unknown()
      continue
    }
    if (c == "(") push(call[depth])
    else if (c == ")") { flush(); if (depth) depth-- }
    else if (c ~ /[][;,{}?:=<>!&|]/) { flush(); if (c ~ /[;{}]/ && !depth) call[0] = "" }
    else if (c ~ /[0-9$]/) unknown()
    if (c !~ /[ \t]/) last = c
    line = substr(line, 2)
  }
  if (FILENAME ~ /awk$/ && last !~ /[\\,&|]/) flush()
}

# string - what is between the quote that begins line and the next one.
function string(line, q,   i) {
  for (i = 2; i <= length(line) && substr(line, i, 1) != q; i++) if (substr(line, i, 1) == "\\") i++
  return substr(line, 2, i - 2)
}

# regex - the length of the pattern that begins line.
function regex(line,   i, c, class) {
  for (i = 2; i <= length(line); i++) {
    c = substr(line, i, 1)
    if (c == "\\") i++
    else if (c == "[" && !class) { class = 1; if (substr(line, i + 1, 1) == "]") i++ }
    else if (c == "]") class = 0
    else if (c == "/" && !class) break
  }
  return i
}

# --- shells ----------------------------------------------------------------------------------------------------------

function top() { return substr(nest, length(nest)) }
function leave() { nest = substr(nest, 1, length(nest) - 1) }

# word - ends a word; the first of a command names the kind of those behind it.
function word() {
  if (text == "") return
  if (has_quotes) { if (command ~ /awk|jq|sed|trap/) program(text); else emit(begun, command, text) }
  else if (first && text !~ /^(if|then|else|elif|do|while|until|!|\[|[{]|[A-Za-z_]+=.*|command|exec)$/) { command = text; first = 0 }
  text = ""
  has_quotes = 0
}

# program - of another language, in quotes: its strings.
function program(text,   rest) {
  while (match(text, /"[^"]*"/)) {
    rest = substr(text, RSTART + 1, RLENGTH - 2)
    text = substr(text, RSTART + RLENGTH)
    emit(begun, command, rest)
  }
}

function shell(line,   c, two, i) {
  if (here != "") {
    two = line
    if (dash) sub(/^\t+/, "", two)
    if (two == here) here = ""
    else emit(FNR, "help", line)
    return
  }
  for (i = 1; i <= length(line); i++) {
    c = substr(line, i, 1)
    two = substr(line, i, 2)
    if (top() == "'") {
      if (c == "'") leave(); else text = text c
    } else if (c == "\\") {
      if (top() == "\"" && two !~ /["$`\\]$/) text = text c
      else { text = text substr(line, i + 1, 1); i++ }
    } else if (c == "\"") {
      if (top() == "\"") leave()
      else { if (nest == "") { if (text == "" || !has_quotes) begun = FNR; has_quotes = 1 } else text = text; nest = nest "\"" }
    } else if (two == "$(" || two == "${") {
      nest = nest (two == "$(" ? "(" : "{"); i++; text = text two
    } else if (top() == "{") {
      if (c == "}") leave()
      text = text c
    } else if (top() == "\"") {
      text = text c
    } else if (c == "'") {
      if (nest == "") { if (text == "" || !has_quotes) begun = FNR; has_quotes = 1 }
      nest = nest "'"
    } else if (top() == "(") {
      if (c == "(") nest = nest "("; else if (c == ")") leave()
      text = text c
    } else if (c == "#" && (i == 1 || substr(line, i - 1, 1) ~ /[ \t;]/)) {
      break
    } else if (c ~ /[ \t]/) {
      word()
    } else if (c ~ /[;&|()]/) {
      word(); first = 1; command = ""
    } else if (two == "<<" && match(substr(line, i), /^<<-?[\\'"]?[A-Za-z_]+/)) {
      here = substr(line, i, RLENGTH); dash = here ~ /^<<-/
      gsub(/[^A-Za-z_]/, "", here); i += RLENGTH; word()
    } else text = text c
  }
  if (nest != "") text = text " "
  else if (line !~ /\\$/) { word(); first = 1; command = "" }
}

FNR == 1 { depth = 0; call[0] = ""; joined[0] = ""; commented = 0; nest = ""; text = ""; has_quotes = 0; here = ""; first = 1; last = "" }
language == "sh" { shell($0); next }
{ code($0) }
