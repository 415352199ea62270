# shellcheck shell=sh disable=SC2154,SC2034 # dir, lib and the options are rhythm-check's; it reads capture and mode
# Reads pasted input: as UTF-8 text, then as facts, through forms/ and the passes around them.
#
# To be sourced by rhythm-check.

readonly INPUT_MAX=4194304 # bytes
readonly FORMS='paste a token, a header line, the output of curl -v, a HAR file, a log, or any text that contains one of them'

# take_input FILE|-
# Copies it to $dir/input as UTF-8 text, up to one byte more than INPUT_MAX.
take_input() {
  take_name=$1
  if [ "$1" = - ]; then
    take_name='standard input'
    head -c $((INPUT_MAX + 1)) >"$dir/input"
  elif [ -d "$1" ] || ! [ -r "$1" ]; then
    wrong_word 65 "cannot read $1; name a readable file, or - for standard input" "$1"
  else
    head -c $((INPUT_MAX + 1)) <"$1" >"$dir/input"
  fi
  is_ascii "$dir/input" || take_encoding
}

# is_ascii FILE
# Status 0: FILE is ASCII without NUL bytes, as most texts are; only the others need more programs.
is_ascii() {
  tr -d '\001-\177' <"$1" >"$dir/rest" && [ ! -s "$dir/rest" ]
}

# take_encoding
# Converts UTF-16, which PowerShell's > writes, to UTF-8; refuses other binary input.
take_encoding() {
  take_nuls=$(tr -d '\001-\377' <"$dir/input" | wc -c)
  if [ "$take_nuls" -gt 0 ]; then
    # In UTF-16 every second byte of ASCII is NUL; a few other characters leave at least two fifths.
    [ $((take_nuls * 5)) -ge $(($(wc -c <"$dir/input") * 2)) ] || complain 65 "$take_name is binary; $FORMS"
    case $(head -c 2 <"$dir/input" | od -An -tx1 | tr -d ' ') in
      fffe | ??00) take_from=UTF-16LE ;;
      feff | 00??) take_from=UTF-16BE ;;
      *) complain 65 "$take_name is binary; $FORMS" ;;
    esac
    if ! { command -v iconv && iconv -f "$take_from" -t UTF-8 "$dir/input" >"$dir/text"; } >/dev/null 2>&1; then
      tr -d '\000\376\377' <"$dir/input" >"$dir/text"
    fi
    mv "$dir/text" "$dir/input"
  fi
  take_utf8
}

# take_utf8
# Removes from $dir/input what is not UTF-8, NUL bytes, and the C1 control characters.
take_utf8() {
  if command -v iconv >/dev/null; then
    iconv -c -f UTF-8 -t UTF-8 "$dir/input" >"$dir/text" 2>/dev/null || : # with -c, bytes that were left out are no failure
  else
    tr -d '\200-\377' <"$dir/input" >"$dir/text"
  fi
  sed "s/$(printf '\302')[$(printf '\200')-$(printf '\237')]//g" "$dir/text" | tr -d '\000' >"$dir/input"
}

# read_text FILE [NAME=VALUE...]
# Puts the facts of FILE into $dir/capture; the variables are facts.awk's.
read_text() {
  captured='' read_file=$1
  shift
  (
    # shellcheck disable=SC2163 # assignments, each of them
    export "check_lib=$lib/check" "check_token=$dir/token" "check_max=$INPUT_MAX" "$@"
    set --
    for read_part in text shellwords exchange words glean header; do
      set -- "$@" -f "$lib/check/$read_part.awk"
    done
    for read_part in "$lib"/check/forms/*.awk; do
      set -- "$@" -f "$read_part"
    done
    exec awk "$@" -f "$lib/check/facts.awk" "$read_file" >"$dir/capture"
  )
}

# read_capture
# Reads the facts of $dir/input and sets capture to what it is. Ends if nothing in it is recognized.
read_capture() {
  read_first=''
  [ -z "$request_from" ] || IFS= read -r read_first <"$dir/input" || : # a shell reads a long line byte by byte
  case $request_from,$read_first in
    # What rhythm-get passes on is one exchange, whatever the response looks like.
    ?*,[A-Z]*[A-Z]' http'*'://'*' HTTP/1.1'*) read_text "$dir/input" check_sealed=yes ;;
    *)
      read_text "$dir/input" "check_json=$dir/json" "check_token_only=$token_from"
      ! is capture capture json || read_json ;;
  esac
  detail capture
  fact capture capture
  capture=$fact
  case $capture in
    empty) complain 65 "$take_name is empty; $FORMS" ;;
    large) complain 65 "$take_name is over 4 MiB; paste only the failed request and its response" ;;
    other) complain 65 "$take_name contains no token, request or status; $FORMS" ;;
    token) [ -z "$request_from" ] || complain 65 "$take_name contains a token, not a request; use --token" ;;
    *) [ -z "$token_from" ] || complain 65 "$take_name contains a request, not a token; use --capture" ;;
  esac
}

# read_json
# Nested JSON: jq writes the exchange in it as raw HTTP, or else its values, one per line. Without jq, or if it is not JSON
# after all, it is read like any other text.
read_json() {
  if command -v jq >/dev/null && jq -r -f "$lib/check/forms/json.jq" "$dir/json" >"$dir/text" 2>/dev/null && [ -s "$dir/text" ]; then
    read_text "$dir/text"
  else
    read_text "$dir/input"
  fi
}
