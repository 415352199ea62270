# shellcheck shell=sh disable=SC2016,SC2154,SC2034 # awk's dollars; the variables are shared with rhythm-get
# Text that others wrote, made harmless before people or their terminals get it; and words as a shell reads them back.
#
# To be sourced by rhythm-get. Nothing here starts anything but awk, od and sed.

# Functions for awk under LC_ALL=C. Each prints its text at once: to collect the pieces of a long line takes for ever.
#   show(text)     without what moves a cursor or rings a bell: control characters of both sets (C1 as UTF-8 has it, and
#                  as bare bytes, as whatever is no UTF-8), DEL, and a carriage return that would write the line anew
#   blank(text)   the same, and whatever has the shape of a token blotted out
text_awk='
  BEGIN {
    good_utf8 = "(\302[\240-\277]|[\303-\337][\200-\277]|\340[\240-\277][\200-\277]|[\341-\354\356\357][\200-\277][\200-\277]|" \
      "\355[\200-\237][\200-\277]|\360[\220-\277][\200-\277][\200-\277]|[\361-\363][\200-\277][\200-\277][\200-\277]|" \
      "\364[\200-\217][\200-\277][\200-\277])"
  }
  function show(text,   piece, n, i, at, wide) {
    gsub(/[\001-\010\013-\037\177]|\302[\200-\237]/, "?", text)
    if (text !~ /[\200-\377]/) { printf "%s", text; return }
    n = split(text, piece, good_utf8)
    for (i = at = 1; i <= n; i++) {
      at += length(piece[i])
      gsub(/[\200-\377]/, "?", piece[i])
      printf "%s", piece[i]
      if (i == n) break
      wide = substr(text, at, 1)
      wide = wide ~ /[\360-\364]/ ? 4 : wide ~ /[\340-\357]/ ? 3 : 2
      printf "%s", substr(text, at, wide)
      at += wide
    }
  }
  function blank(text,   piece, n, i, inside) {
    # Each piece behind an eyJ is looked at once: a body of nothing but eyJ must not take an hour.
    n = split(text, piece, "eyJ")
    show(piece[1])
    for (i = 2; i <= n; i++) {
      if (!(inside ? match(piece[i], /^[A-Za-z0-9_.-]*/) : match(piece[i], /^[A-Za-z0-9_-]*[.][A-Za-z0-9_.-]*/)))
        show("eyJ" piece[i])
      else { printf "%s", inside ? "" : "***"; show(substr(piece[i], RLENGTH + 1)) }
      inside = RLENGTH == length(piece[i])
    }
  }'

# plain
# Copies text for a terminal.
plain() {
  LC_ALL=C awk "$text_awk"'{ sub(/\r$/, ""); show($0); print "" }'
}

# coloured
# The same of what jq has laid out: an escape in it is jq's own, and a colour.
coloured() {
  LC_ALL=C awk "$text_awk"'
    {
      n = split($0, piece, "\033")
      show(piece[1])
      for (i = 2; i <= n; i++) {
        if (match(piece[i], /^\[[0-9;]*m/)) printf "\033%s", substr(piece[i], 1, RLENGTH)
        show(substr(piece[i], RLENGTH > 0 ? RLENGTH + 1 : 1))
      }
      print ""
    }'
}

# harmless
# Copies a message.
harmless() {
  LC_ALL=C awk "$text_awk"'{ blank($0); print "" }'
}

# blot [FD]
# Copies what the other side or curl says, the token blotted out, and whatever has the shape of one, the values of headers
# that hold secrets, and the password in a URL. Lines with curl=, answer= and proxy= go to descriptor FD, if there is one.
blot() {
  { kept print || printf '\n'; cat; } |
    LC_ALL=C blot_to=${1:+/dev/fd/4} awk "$text_awk"'
      NR == 1 { token = length($0) < 8 ? "" : $0; to = ENVIRON["blot_to"]; next }
      to != "" && /^(curl|answer|proxy|verify)=/ { print >> to; next }
      {
        done = ""
        while (token != "" && (i = index($0, token))) { done = done substr($0, 1, i - 1) "***"; $0 = substr($0, i + length(token)) }
        line = done $0
        sub(/\r$/, "", line)
        gsub(/:\/\/[^\/@ \047"]*@/, "://***@", line)
        # "> Name: value", and "* [HTTP/2] [1] [name: value]"
        if (match(tolower(line), /^([<>] |\* .*\[)[a-z0-9-]*(auth|cookie|key|secret|token|passw|session|signature)[a-z0-9-]*:/)) {
          name = substr(line, 1, RLENGTH)
          value = substr(line, RLENGTH + 1)
          if (tolower(name) !~ /authenticate:$/) {
            if (tolower(name) !~ /authorization:$/ || !match(value, /^ *[A-Za-z]+ +/)) RLENGTH = 0
            line = name (RLENGTH > 0 ? substr(value, 1, RLENGTH) : " ") "***" (line ~ /\]$/ && line ~ /^\*/ ? "]" : "")
          }
        }
        blank(line)
        print ""
      }' 4>&"${1:-2}"
}

# quoted WORD
# Sets quoted to WORD as a shell reads it back, on one line: what a terminal would obey, printf makes.
quoted() {
  case $1 in
    *[[:cntrl:]]*) octal "$1" ;;
    '' | *[!A-Za-z0-9_./:=@%+,-]*)
      quoted=$(printf '%s\n' "$1" | plain)
      if [ "$quoted" = "$1" ]; then
        quoted=$(printf '%s' "$1" | sed "s/'/'\\\\''/g")
        quoted="'$quoted'"
      else
        octal "$1"
      fi ;;
    *) quoted=$1 ;;
  esac
}

# octal WORD
octal() {
  quoted=$(printf '%s' "$1" | od -A n -v -t o1 | tr -d '\n' | sed 's/ /\\/g')
  quoted="\"\$(printf '$quoted')\""
}

# put WORD...
# Adds the words to line, as a shell reads them back.
put() {
  for word; do
    quoted "$word"
    line="$line $quoted"
  done
}
