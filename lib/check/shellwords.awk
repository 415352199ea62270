# shellwords: splits a command into words as a shell would.
#
#   split_command(i, from)   words[1..word_count] of the command that begins in lines[i] at character FROM; returns the
#                            number of its last line. It knows the quotes of sh, bash's $'', cmd's ^ and PowerShell's `,
#                            and the prompts before a continued line. A variable or a command substitution is put
#                            between \001 and \002.

BEGIN {
  EXPANSION = "^([$](env:)?[A-Za-z_][A-Za-z_0-9]*|[$][{][^}]*[}]|[$][(][^)]*[)]|`[^`]+`|%[A-Za-z_][A-Za-z_0-9]*%)"
}

function split_command(first, from,   i, windows) {
  word_count = begun = 0; word = quote = ""
  rest = substr(lines[first], from)
  close_outer(substr(lines[first], 1, from - 1))
  windows = rest ~ /\^("|[ \t]*$)/
  for (i = first; ; rest = continued(lines[++i])) {
    if (windows) rest = without_carets(rest)
    if (!split_line() || i == count) break
    if (quote != "") word = word "\n"; else end_word()
  }
  end_word()
  return i
}
# sh -c "curl …" and $(curl …): a quote that was opened before the command ends it. It is open if there is an odd number of
# them, which gsub() counts.
function close_outer(front,   c, n) {
  n = split("\" '", c, " ")
  for (; n; n--)
    if (gsub(c[n], c[n], front) % 2 && match(rest, c[n] "[^" c[n] "]*$")) rest = substr(rest, 1, RSTART - 1)
}
# A continued line, without its prompt.
function continued(s) {
  if (quote == "") sub(/^[ \t]*(>>?|More\?|quote>|dquote>|[+])[ \t]+/, "", s)
  return s
}
function without_carets(s,   out, at) {
  while (at = index(s, "^")) {
    if (at == length(s) || substr(s, at) ~ /^\^[ \t]*$/) return out substr(s, 1, at - 1) "\\"
    out = out substr(s, 1, at - 1) substr(s, at + 1, 1)
    s = substr(s, at + 2)
  }
  return out s
}

# Splits the rest of a line. 1: the command continues in the next one.
function split_line(   c) {
  while (rest != "") {
    c = substr(rest, 1, 1)
    if (quote == "'" && c != "'") add(take(index(rest "'", "'") - 1))
    else if (quote == "\"" && match(rest, /^[^"\\$`]+/)) add(take(RLENGTH))
    else if (quote == "" && match(rest, "^[A-Za-z0-9_.:/@+=,-]+")) add(take(RLENGTH))
    else if (quote ~ /'/ && c == "'" || quote == "\"" && c == "\"") { take(1); quote = "" }
    else if (quote == "$'" && c == "\\") { take(1); add(control(take(1))) }
    else if (quote ~ /'/) add(take(1))
    else if (match(rest, EXPANSION)) add("\001" take(RLENGTH) "\002")
    else if (quote == "" && rest ~ /^[\\^`][ \t]*$/) return 1
    else if (match(rest, quote == "" ? "^\\\\." : "^\\\\[\"\\\\$`]")) { take(1); add(take(1)) }
    else if (quote != "") add(take(1))
    else if (match(rest, /^(\$?'|")/)) { quote = take(RLENGTH); begun = 1 }
    else if (c ~ /[ \t]/) { take(1); end_word() }
    else if (rest ~ /^\|[ \t]*curl/) { take(1); word_count = begun = 0; word = "" }   # what precedes it does not count
    else if (rest ~ /^[|;<>&)`]/) {
      if (c ~ /[<>]/ && word ~ /^[0-9]$/) begun = 0
      return 0
    } else add(take(1))
  }
  return quote != ""
}
function take(n,   s) { s = substr(rest, 1, n); rest = substr(rest, n + 1); return s }
function add(s) { word = word s; begun = 1 }
function end_word() { if (begun) words[++word_count] = word; word = ""; begun = 0 }
function control(c) { return c == "n" ? "\n" : c == "t" ? "\t" : c == "r" ? "\r" : c }
