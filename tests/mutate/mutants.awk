# mutants.awk - draws small changes to code: one for each code line that can have one, in an order that the seed decides.
#
#   awk -v seed=N -f mutants.awk FILE...
#
# Prints one line for each: FILE, LINE, the line, the changed line, separated by tabs. A change negates a condition, drops a
# call or alters a constant. Comments, strings and messages are not changed.

function is_shell() { return FILENAME !~ /\.(c|awk)$/ }
function is_c() { return FILENAME ~ /\.c$/ }

# Returns the line with everything that is not code replaced by \001, at the same place.
function masked(line,   out, i, c, quote, two) {
  out = ""
  for (i = 1; i <= length(line); i++) {
    c = substr(line, i, 1); two = substr(line, i, 2)
    if (in_comment) {
      out = out "\001"
      if (two == "*/") { in_comment = 0; out = out "\001"; i++ }
    } else if (quote != "") {
      out = out (c == quote ? c : "\001")
      if (c == "\\" && quote == "\"") { out = out "\001"; i++ }
      else if (c == quote) quote = ""
    } else if (is_c() && two == "/*") { in_comment = 1; out = out "\001\001"; i++ }
    else if (!is_c() && c == "#" && (i == 1 || substr(line, i - 1, 1) == " ")) {
      while (i++ <= length(line)) out = out "\001"
    } else if (c == "\"" || (is_c() && c == "'")) { quote = c; out = out c }
    else if (c == "'" && substr(line, i + 1) ~ /'/ && !in_program) { quote = c; out = out c }
    else {
      if (c == "'" && is_shell()) in_program = i == length(line) && !in_program
      out = out c
    }
  }
  return out
}

function offer(text) {
  if (text == $0) return
  if (!(where in offers)) { lines++; place[lines] = where; source[where] = $0 }
  offers[where]++
  change[where, offers[where]] = text
}

# swap FROM TO - offers one change for each occurrence of FROM.
function swap(from, to,   at, rest) {
  rest = 1
  while ((at = index(substr(mask, rest), from)) > 0) {
    at += rest - 1
    offer(substr($0, 1, at - 1) to substr($0, at + length(from)))
    rest = at + length(from)
  }
}

function numbers(   rest, at, n, truth) {
  rest = 1
  while (match(substr(mask, rest), /[0-9]+/)) {
    at = rest + RSTART - 1; n = substr(mask, at, RLENGTH); rest = at + RLENGTH
    if (length(n) > 9 || substr(mask, at - 1, 1) ~ /[A-Za-z0-9_.$&\\-]/ || substr(mask, rest, 1) ~ /[A-Za-z0-9_.>]/) continue
    # A truth value is turned, because 2 is as true as 1.
    truth = n == 1 && substr(mask, 1, at - 1) ~ /(return|[^=!<>+-] =) $/ && substr(mask, rest) ~ /^( *[;}]| *$)/
    offer(substr($0, 1, at - 1) (truth ? 0 : n + 1) substr($0, rest))
  }
}

function balanced(text,   open, i, c) {
  for (i = 1; i <= length(text); i++) {
    c = substr(text, i, 1)
    if (c == "(") open++
    if (c == ")" && --open < 0) return 0
  }
  return open == 0
}

# Returns the place of the parenthesis that closes the one at this place; 0 if it is not on this line.
function closing(text, at,   open) {
  for (; at <= length(text); at++) {
    open += (substr(text, at, 1) == "(") - (substr(text, at, 1) == ")")
    if (!open) return at
  }
  return 0
}

function conditions(   at, close_at) {
  swap(" == ", " != "); swap(" != ", " == "); swap(" < ", " <= "); swap(" <= ", " < "); swap(" > ", " >= ")
  swap(" >= ", " > "); swap(" && ", " || "); swap(" || ", " && "); swap("if (!", "if ("); swap(" + ", " - "); swap(" - ", " + ")
  swap(" && !", " && "); swap(" || !", " || ")
  if (match(mask, /if \([^!]/)) {
    at = RSTART + 3
    close_at = closing(mask, at)
    if (close_at) offer(substr($0, 1, at - 1) "(!" substr($0, at, close_at - at + 1) ")" substr($0, close_at + 1))
  }
}

FNR == 1 { in_comment = in_program = 0; in_text = "" }
in_text != "" { if ($0 == in_text) in_text = ""; next }
!/^#/ && match($0, /<<'?[A-Z]+'?/) { in_text = substr($0, RSTART + 2, RLENGTH - 2); gsub(/'/, "", in_text) }
{
  of_program = in_program # awk or jq in a shell script
  mask = masked($0)
  where = FILENAME "\t" FNR
}
/^[#]/ || /^ *(\/\*|\*|\/\/|#)/ || mask ~ /^[ {}();\001]*$/ { next }
/message_|warn|say |complain|die |fail[ _(]|printf .*>&2|usage|help|assert|\t/ { next }
is_c() && /^[a-z].*[,;(){]$/ && !/^ / { next } # what is not in a function
{
  numbers()
  conditions()
  if (is_c()) {
    swap("STATUS_OK;", "STATUS_BUG;"); swap("return -1;", "return 0;")
    if (mask ~ /^ +(\(void\))?[a-z_]+\(.*\);$/ && balanced(mask)) offer(";")
  } else {
    swap("[ -n ", "[ -z "); swap("[ -z ", "[ -n "); swap(" -eq ", " -ne "); swap(" -ne ", " -eq "); swap(" -lt ", " -le ")
    swap(" -le ", " -lt "); swap(" -gt ", " -ge "); swap(" -ge ", " -gt "); swap("if ! ", "if ")
    if (mask ~ /\[ /) { swap(" = ", " != ") }
    if (is_shell() && !of_program && mask ~ /^ +[a-z_]+( [^|&]*)?$/ && mask !~ /[\\{]$|^ *(if|then|else|elif|fi|for|do|done|case|esac|while|until|in|local|readonly) ?/)
      offer(substr($0, 1, match($0, /[^ ]/) - 1) ":")
  }
}

# Returns a number in [0, 1), the same in every awk: x(n+1) = 16807 x(n) mod 2^31 - 1.
function random() {
  seed = seed * 16807 % 2147483647
  return seed / 2147483647
}

END {
  seed = seed * 2654435 + 1
  random()
  while (lines > 0) {
    i = int(random() * lines) + 1
    w = place[i]
    place[i] = place[lines--]
    printf "%s\t%s\t%s\n", w, source[w], change[w, int(random() * offers[w]) + 1]
  }
}
