# text: reads pasted input and removes the layers around it, so that any form can be inside any layer.
#
# Each pass works on lines[1..count] and knows one layer: what a terminal or a progress meter leaves in a line, an encoding
# for mail or the web, a Markdown fence, marks and timestamps before every line, and hard wraps inside a token. A pass that
# does not find its layer changes nothing. None is run on a sealed text: that is an exchange which rhythm itself wrote, and a
# hostile response in it must not be able to look like a layer.
#
# All loops go forward over the lines once; a line longer than LINE_MAX is cut at a space or a comma.

BEGIN {
  LINE_MAX = 32000 # characters
  METER_FIELD = "[ ]*[0-9]+[ ]+[0-9.]+[kMGTP]?[ ]+[0-9]+[ ]+[0-9.]+[kMGTP]?[ ]+[0-9]+[ ]+[0-9.]+[kMGTP]?[ ]+[0-9.]+[kMGTP]?" \
    "[ ]+[0-9.]+[kMGTP]?[ ]+[-0-9]+:[-0-9]+:[-0-9]+[ ]+[-0-9]+:[-0-9]+:[-0-9]+[ ]+[-0-9]+:[-0-9]+:[-0-9]+[ ]+[0-9.]+[kMGTP]?"
  METER = "^(" METER_FIELD ")+"
  DAY = "[0-9][0-9][0-9][0-9][-/][0-9][0-9][-/][0-9][0-9]"
  CLOCK = "[0-9][0-9]:[0-9][0-9]:[0-9][0-9]([.,][0-9]+)?"
  # What loggers, containers and CI put before every line.
  split("", DECORATION)
  DECORATION[1] = "^[ \t]*[[(]?" DAY "[T ]" CLOCK "(Z|[ ]?[+-][0-9][0-9]:?[0-9][0-9])?[])]?([ \t]*[|:-][ \t]|[ \t]+|$)"   # date and time
  DECORATION[2] = "^[ \t]*[[(]?" CLOCK "[])]?([ \t]*[|-][ \t]|[ \t]+|$)"   # time
  DECORATION[3] = "^[A-Z][a-z][a-z] [ 0-9][0-9] " CLOCK " [^ ]+ [^ ]+: "   # syslog
  DECORATION[4] = "^[A-Za-z0-9][A-Za-z0-9_.-]*[ ]+[|]([ ]|$)"   # docker compose
  DECORATION[5] = "^\\[(pod|container|stdout|stderr|main|worker|http|[a-z]+-[a-z0-9-]+)[A-Za-z0-9 _./:-]*\\]:?[ ]"   # kubectl --prefix, a CI's step
  DECORATION[6] = "^(\\[?(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|trace|debug|info|warn|error|stdout F|stderr F)\\]?)[ :-]*[ \t]"   # a level
  DECORATION[7] = "^[ ]+[0-9]+(\t|[ ]?[|:][ ]|[ ][ ])"   # line numbers
  DECORATION[8] = "^[ \t]*[|][ ]"   # a bar
  DECORATION[9] = "^\\[[0-9.]+s?\\][ ]"   # seconds, as in dmesg
  DECORATION[10] = "^(//|#|;|--)[ ]"   # a comment's mark
  DECORATION[11] = "^\\[[A-Za-z0-9 _.:#/@$-]+\\][ ]"   # anything in brackets
  DECORATION[12] = "^[A-Z]/[A-Za-z]+ *\\( *[0-9]+\\):[ ]"   # Android's logcat
  DECORATIONS = 12
  for (n = 0; n < 64; n++) { LONG_GAP = LONG_GAP "[ \t]"; LONG_RETURNS = LONG_RETURNS "\r"; LONG_WIDE = LONG_WIDE "( | )" }
}

function blank(s) { return s ~ /^[ \t]*$/ }
function trimmed(s) { sub(/^[ \t]+/, "", s); sub(/[ \t]+$/, "", s); return s }
# Records what was removed, once.
function took(what) { if (index(taken ", ", what ", ") == 0) taken = taken (taken == "" ? "" : ", ") what }
function starts(s, with) { return substr(s, 1, length(with)) == with }

{
  bytes += length($0) + 1
  if (bytes > ENVIRON["check_max"]) exit
  text_line($0)
}

function text_line(text,   n, i, part) {
  # for most awks, matching blanks at an end takes time that is quadratic in the blanks before it
  if (text ~ LONG_GAP) gsub(/[ \t][ \t]+/, " ", text)
  if (text ~ LONG_RETURNS) gsub(/\r\r+/, "\r", text)
  # a byte order mark, U+FEFF
  if (NR == 1 && sub(/^﻿/, "", text)) took("invisible characters")
  if (ENVIRON["check_sealed"] != "") { sub(/\r$/, "", text); lines[++count] = text; return }
  sub(/(\r+|\^M\$?)$/, "", text)   # ^M$: as cat -A shows it
  if (index(text, "\033")) text = without_escapes(text)
  if (!index(text, "\r")) { text_put(text); return }
  n = split(text, part, "\r")
  for (i = 1; i <= n; i++) if (part[i] != "") text_put(part[i])
}
function without_escapes(s) {
  gsub(/\033\][^\007\033]*(\007|\033\\)/, "", s)
  gsub(/\033\[[0-9;?]*[A-Za-z]/, "", s)
  gsub(/\033[()][A-Za-z0-9]/, "", s)
  gsub(/\033./, "", s)
  return s
}
function text_put(text,   at) {
  if (text ~ /[^ -~\t]/) text = visible(text)
  if (text ~ /^[> ]*rhythm-check bundle 1/) bundle = 1
  gsub(/[\001-\010\013\014\016-\037\177]/, "", text)
  if (text ~ /[-0-9]:[-0-9][-0-9] /) {
    if (sub(METER, "", text) && blank(text)) return
  }
  if (text ~ /^ *% Total .*% Received|^ *Dload  Upload/) return
  while (length(text) > LINE_MAX) {
    at = match(substr(text, LINE_MAX - 4000, 4000), /[ \t,;&"'}>][^ \t,;&"'}>]*$/)
    at = at ? LINE_MAX - 4001 + at : LINE_MAX
    lines[++count] = substr(text, 1, at)
    text = substr(text, at + 1)
  }
  lines[++count] = text
}

# Without characters that have no width, and without no-break spaces at the ends; web pages and editors insert both.
# They are written here as themselves, because no escape for them is common to all awks: U+200B, U+200C, U+200D, U+2060,
# U+00AD and U+FEFF have no width; U+00A0 and U+202F do not break. They are alternatives, not sets: awk sees bytes here.
function visible(s,   n) {
  n = gsub(/(​|‌|‍|⁠|­|﻿)/, "", s)
  if (s ~ LONG_WIDE) n += gsub(/( | )( | )+/, " ", s)   # as in text_line
  n += sub(/^( | )+/, "", s) + sub(/( | )+$/, "", s)
  if (!index(s, " ") && s ~ /( | ).*( | )/) n += gsub(/( | )/, " ", s)   # all of them: it was not the sender
  if (n) took("invisible characters")
  return s
}

# Runs all passes, from the outermost layer inwards. 1: inside the first ones is nested JSON, which jq reads.
function unwrap(   round) {
  if (ENVIRON["check_sealed"] != "") return 0
  take_base64()
  take_base64_parts()
  take_quoted_printable()
  if (hand_over_json()) return 1
  take_markup()
  take_spacing()
  for (round = 0; round < 3; round++)
    if (!(take_quotes() + take_decorations())) break
  take_csv()
  take_fences()
  if (hand_over_json()) return 1
  take_percent()
  take_escapes()
  take_wraps()
  return 0
}

# --- encodings ---------------------------------------------------------------------------------------------------------

# The whole text in base64, as `base64` prints it, or as a secret's value. RFC 4648, section 4.
function take_base64(   i, all, found, plain) {
  for (i = 1; i <= count; i++) {
    if (blank(lines[i])) continue
    if (lines[i] !~ /^[ \t]*[A-Za-z0-9+\/_-]+=*[ \t]*$/) return
    found++
    if (length(all) > 200000) return
    all = all trimmed(lines[i])
  }
  if (!found || length(all) < 40 || all ~ /^eyJ/) return
  plain = from_base64(all)
  if (plain == "" || plain ~ /[\001-\010\016-\037\177-\377]/ || plain !~ /[ .:=]/) return
  count = split(plain, lines, "\n")
  took("base64")
}
# A request or a response in base64 within other text, as a proxy exports it. GET, POST, PUT, PATCH, DELETE and HTTP/ begin so.
function take_base64_parts(   i, n, k, text, part, kept) {
  for (i = 1; i <= count; i++) {
    text = lines[i]
    if (!match(text, /(R0VUI|UE9TV|UFVUI|UEFUQ0gg|REVMRVRF|SFRUUC8)[A-Za-z0-9+\/]+=*/) || RLENGTH <= 40) { decoded[++kept] = text; continue }
    text = substr(text, 1, RSTART - 1) "\n" from_base64(substr(text, RSTART, RLENGTH)) "\n" substr(text, RSTART + RLENGTH)
    gsub(/[\001-\010\013-\037\177-\377]/, "", text)
    took("base64")
    n = split(text, part, "\n")
    for (k = 1; k <= n; k++) decoded[++kept] = part[k]
  }
  if (kept == count + 0) return
  for (i = 1; i <= kept; i++) lines[i] = decoded[i]
  count = kept
}

function from_base64(s,   i, out, bits, value, n, power) {
  split("1 4 16", power, " ")   # two bits at a time; BusyBox may lack the operator for it
  if (!("A" in base64_value))
    for (i = 1; i <= 64; i++) base64_value[substr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", i, 1)] = i - 1
  gsub(/-/, "+", s); gsub(/_/, "/", s)
  n = length(s)
  for (i = 1; i <= n; i++) {
    if (!(substr(s, i, 1) in base64_value)) break
    value = value * 64 + base64_value[substr(s, i, 1)]
    bits += 6
    if (bits >= 8) {
      bits -= 8
      out = out sprintf("%c", int(value / power[bits / 2 + 1]))
      value = value % power[bits / 2 + 1]
    }
  }
  return out
}

# RFC 2045, section 6.7: a line that ends with "=" goes on in the next one, and =3D is "=".
function take_quoted_printable(   i, soft, coded, kept, text) {
  for (i = 1; i <= count; i++) {
    if (lines[i] ~ /[^= ]=$/) soft++
    if (lines[i] ~ /=(3D|20|22|27|2E|09|C2|E2)/) coded++
  }
  if (soft < 1 || soft + coded < 2) return
  took("quoted-printable")
  for (i = 1; i <= count; i++) {
    text = text lines[i]
    if (sub(/=[ \t]*$/, "", text) && i < count) continue
    lines[++kept] = coded ? from_hex(text, "=") : text
    text = ""
  }
  count = kept
}
# Decodes %XX (or =XX) if it is ASCII, and nothing else.
function from_hex(s, mark,   out, at, code) {
  while (at = match(s, mark "[2-7][0-9A-Fa-f]")) {
    code = index("0123456789abcdef", tolower(substr(s, at + 1, 1))) * 16 + index("0123456789abcdef", tolower(substr(s, at + 2, 1))) - 17
    out = out substr(s, 1, at - 1) sprintf("%c", code)
    s = substr(s, at + 3)
  }
  return out s
}

# A header that was put into a URL or a form: %20 for a space, %2E for a dot.
function take_percent(   i) {
  for (i = 1; i <= count; i++)
    if (lines[i] ~ /[Bb]earer(%20|[+])|[Aa]uthorization(%3[Aa]|%22)/ && lines[i] !~ /[Aa]uthorization: *[Bb]earer/ && !is_command(lines[i])) {
      gsub(/[Bb]earer[+]/, "Bearer ", lines[i])
      lines[i] = from_hex(lines[i], "%")
      took("percent encoding")
    }
}

# HTML: what a web page, a ticket or a chat export turns quotes and line ends into.
function take_markup(   i, entities, tags, kept, n, k, part, text) {
  for (i = 1; i <= count; i++) {
    if (lines[i] ~ /&(quot|apos|lt|gt|nbsp|#0*3[49]|#x2[27]|#0*6[02]);/) entities = 1
    if (lines[i] ~ /<\/?(br|pre|code|div|span|p|blockquote|td|tr|li|table|body|html|strong|em|b|i|a|tt|font|wbr)( [^<>]*)?\/?>/) tags = 1
  }
  if (!entities && !tags) return
  took("HTML")
  for (i = 1; i <= count; i++) {
    text = lines[i]
    if (tags) {
      gsub(/<(br|\/p|\/div|\/tr|\/li)( [^<>]*)?\/?>/, "\n", text)
      gsub(/<\/?(br|pre|code|div|span|p|blockquote|td|tr|li|table|body|html|strong|em|b|i|a|tt|font|wbr)( [^<>]*)?\/?>/, "", text)
    }
    if (index(text, "&")) {
      gsub(/&(quot|#0*34|#x22);/, "\"", text); gsub(/&(apos|#0*39|#x27);/, "'", text)
      gsub(/&(lt|#0*60);/, "<", text); gsub(/&(gt|#0*62);/, ">", text)
      gsub(/&(nbsp|#0*160);/, " ", text); gsub(/&amp;/, "\\&", text)
    }
    n = split(text, part, "\n")
    if (n == 0) { marked[++kept] = ""; continue }
    for (k = 1; k <= n; k++) marked[++kept] = part[k]
  }
  for (i = 1; i <= kept; i++) lines[i] = marked[i]
  count = kept
}

# A blank line after every line, as word processors and mail programs leave it. A blank line of the text itself is then three.
function take_spacing(   i, full, single, kept, blanks) {
  for (i = 1; i <= count; i++) {
    if (blank(lines[i])) continue
    full++
    if (i + 1 < count && blank(lines[i + 1]) && !blank(lines[i + 2])) single++
    else if (i < count && !blank(lines[i + 1])) return
  }
  if (full < 4 || single < full / 2) return
  took("blank lines")
  for (i = 1; i <= count; i++) {
    blanks = blank(lines[i]) ? blanks + 1 : 0
    if (blanks != 1 && blanks < 3) lines[++kept] = lines[i]
  }
  count = kept
}

# Text inside a string of JSON or of a program: decodes \" and \n if a header follows such a \n.
function take_escapes(   i, n, k, part, text, kept, found) {
  for (i = 1; i <= count && !found; i++)
    found = index(lines[i], "\\") && lines[i] ~ /(\\r)?\\n[A-Za-z-]+: |\\n[<>*] |HTTP\/[0-9.]+[^"\\]*\\r\\n|\\u00(22|26|3[cCeE])|\\"[A-Za-z_-]+\\"[ ]*:/ && lines[i] !~ /\$'/
  if (!found) return
  took("backslash escapes")
  for (i = 1; i <= count; i++) {
    text = lines[i]
    if (!index(text, "\\") || text ~ /(send|reply): b?['"]/ || is_command(text)) { unescaped[++kept] = text; continue }
    gsub(/\\\\"/, "\"", text); gsub(/\\"/, "\"", text); gsub(/\\\//, "/", text); gsub(/\\t/, " ", text)
    gsub(/\\u0022/, "\"", text); gsub(/\\u0026/, "\\&", text); gsub(/\\u003[cC]/, "<", text); gsub(/\\u003[eE]/, ">", text)
    gsub(/\\r/, "", text)
    n = split(text, part, /\\\\?n/)
    for (k = 1; k <= n; k++) unescaped[++kept] = part[k]
  }
  for (i = 1; i <= kept; i++) lines[i] = unescaped[i]
  count = kept
}

# --- marks before the lines --------------------------------------------------------------------------------------------

# The marks of a quoted mail: one block of lines that begin with ">", and not within output of curl -v, whose lines begin so
# too. 1: there were some.
function take_quotes(   i, first, last, known, text) {
  for (i = 1; i <= count; i++) {
    text = lines[i]
    if (text ~ /^[ \t]*>/) { if (!first) first = i; last = i }
    else if (text ~ /^[<*] /) return 0
  }
  if (!first || last == first) return 0
  if (lines[first - 1] ~ /[\\^`][ \t]*$/) return 0
  for (i = first; i <= last; i++) {
    text = lines[i]
    if (blank(text)) continue
    if (!sub(/^[ \t]*> ?/, "", text)) { if (text ~ /^[A-Za-z0-9_.-]+$/) continue; return 0 }   # a mail program wrapped it later
    if (text ~ /^([<>*] |[A-Za-z0-9_.-]+$|HTTP\/|[{]|\$? ?curl |eyJ|[A-Z]+ [^ ]+ HTTP|[A-Za-z-]*[Aa]uthorization)/) known = 1
  }
  if (!known) return 0
  took("mail quoting")
  for (i = first; i <= last; i++) sub(/^[ \t]*> ?/, "", lines[i])
  return 1
}

# A timestamp or a mark before most lines. 1: there was one.
function take_decorations(   i, k, full, hits, best, most) {
  for (i = 1; i <= count && i <= 400; i++) {
    if (blank(lines[i])) continue
    full++
    for (k = 1; k <= DECORATIONS; k++) if (lines[i] ~ DECORATION[k]) hits[k]++
  }
  for (k = 1; k <= DECORATIONS; k++) if (hits[k] > most) { most = hits[k]; best = k }
  if (full < 2 || most < 2 || most < full * 0.6) return 0
  took(best == 7 || best == 8 || best == 10 ? "line prefixes" : "log timestamps")
  for (i = 1; i <= count; i++) {
    sub(DECORATION[best], "", lines[i])
  }
  return 1
}

# A quote inside a field of a CSV file is doubled.
function take_csv(   i) {
  for (i = 1; i <= count; i++) if (lines[i] ~ /""[A-Za-z_-]+""[ ]*:/) { gsub(/""/, "\"", lines[i]); took("CSV quotes") }
}

# The fences of Markdown, and the backslashes that it puts before its own marks.
function take_fences(   i, kept) {
  for (i = 1; i <= count; i++)
    if (lines[i] !~ /^[ \t]*(```|~~~)[A-Za-z]*[ \t]*$/) {
      lines[++kept] = lines[i]
      gsub(/```/, "", lines[kept])
      gsub(/\\_/, "_", lines[kept]); gsub(/\\\*/, "*", lines[kept]); sub(/^\\>/, ">", lines[kept])
    }
  count = kept + 0
}

# --- hard wraps --------------------------------------------------------------------------------------------------------

# A token that a terminal, a mail or a chat broke into lines. All of them but the last have one width.
function take_wraps(   i, kept, text, width, same) {
  for (i = 1; i <= count; i++) {
    text = lines[i]
    width = length(text)
    if (width > 300 || text !~ /(eyJ[A-Za-z0-9_.-]*|[Bb]earer)[ \t]*$/) { lines[++kept] = text; continue }
    sub(/[ \t]+$/, "", text)
    for (same = 0; i < count && length(text) < 65536; same++) {
      if (!goes_on(text, lines[i + 1], width, length(lines[i]), same)) break
      if (text ~ /earer$/) { text = text " "; width = length(lines[i + 1]) }
      text = text unindented(lines[++i])
      took("line breaks")
    }
    lines[++kept] = text
  }
  count = kept + 0
}
function unindented(s) {
  sub(/^[ \t]*([>|] ?)?[ \t]*/, "", s)
  sub(/[ \t]+$/, "", s)
  return s
}
# Whether the token at the end of TEXT continues in the next line. WIDTH: of its first line; LAST: of its last line so far;
# SAME: how many lines have been joined.
function goes_on(text, next_line, width, last, same,   whole, dots) {
  next_line = unindented(next_line)
  if (next_line == "" || last < width) return 0
  if (text ~ /earer$/) return next_line ~ /^eyJ/
  whole = next_line ~ /^[A-Za-z0-9_.-]+$/
  if (text ~ /[.]$/ || next_line ~ /^[.]/) return whole
  dots = text ~ /eyJ[^.]*[.][^.]*[.]/
  if (whole) return width >= 40 && (!dots || same || length(next_line) >= 24) && !(dots && next_line ~ /^eyJ/)
  return width >= 60 && (!dots || same) && next_line ~ /^[A-Za-z0-9_.-]+["'^`),;& ]/ && next_line !~ /^[A-Za-z-]+ |^--?[a-zA-Z]/
}
