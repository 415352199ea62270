# shellcheck shell=sh disable=SC2016,SC2154,SC2034 # awk's dollars; the variables are shared with rhythm-get
# Makes text from elsewhere safe for a terminal, blots out tokens, and quotes words for a shell.
#
# To be sourced by rhythm-get. Nothing here starts any program but awk, od, sed and rhythm-token.

# Functions for awk under LC_ALL=C. Each prints its text piece by piece, because joining the pieces of a long line is slow.
#   show(text)     prints it with ? for everything that could move a cursor or ring a bell: control characters (C0, DEL, C1
#                  in UTF-8) and every byte that is not UTF-8
#   blank(text)    the same, and *** for everything that looks like a token
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
    # Each piece after an eyJ is read once, so that a body of nothing but eyJ takes no quadratic time.
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
# Copies text to a terminal.
plain() {
  LC_ALL=C awk "$text_awk"'{ sub(/\r$/, ""); show($0); print "" }'
}

# coloured
# The same for JSON that jq has laid out: an escape in it is a color of jq's.
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
# Copies a message, without control characters or tokens.
harmless() {
  LC_ALL=C awk "$text_awk"'{ blank($0); print "" }'
}

# blot [FD]
# Copies what the server or curl printed, with *** for the token and everything that looks like one, for the values of
# headers that contain secrets, and for the password in a URL. Lines with curl=, answer=, proxy= and verify= go to
# descriptor FD, if one is given: awk writes to names only, so FD becomes its descriptor 4, and /dev/fd/4 is the name. The
# token comes first, in a line of its own, so that no variable or argument holds it.
blot() {
  { cached print || printf '\n'; cat; } |
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
# Sets quoted to WORD, quoted for a shell, on one line. Control characters are written as octal, for printf.
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

# octal WORD - sets quoted to "$(printf '...')".
octal() {
  quoted=$(printf '%s' "$1" | od -A n -v -t o1 | tr -d '\n' | sed 's/ /\\/g')
  quoted="\"\$(printf '$quoted')\""
}

# add_quoted WORD...
# Adds the words to line, quoted for a shell.
add_quoted() {
  for word; do
    quoted "$word"
    line="$line $quoted"
  done
}
