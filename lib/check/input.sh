# shellcheck shell=sh disable=SC2154,SC2034 # dir, lib and the options are rhythm-check's; it reads capture and mode
# What was pasted, read: as text of UTF-8, then as facts, through forms/ and the passes round them.
#
# To be sourced by rhythm-check.

readonly INPUT_MAX=4194304 # bytes
readonly FORMS='paste a token, a header line, the output of curl -v, a HAR file, a log, or whatever holds one of them'

# take_input FILE|-
# Copies it to $dir/input, as text of UTF-8 and of a bearable size.
take_input() {
  take_name=$1
  if [ "$1" = - ]; then
    take_name='standard input'
    head -c $((INPUT_MAX + 1)) >"$dir/input"
  elif [ -d "$1" ] || ! [ -r "$1" ]; then
    wrong_word 65 "cannot read $1" "$1"
  else
    head -c $((INPUT_MAX + 1)) <"$1" >"$dir/input"
  fi
  is_ascii "$dir/input" || take_encoding
}

# is_ascii FILE
# Status 0: it is, and without a NUL, as most texts are; the others cost a few programs more.
is_ascii() {
  # shellcheck disable=SC2094 # both read
  tr -d '\000\200-\377' <"$1" | cmp -s - "$1"
}

# take_encoding
# Makes UTF-8 of UTF-16, as PowerShell's > writes it; other bytes that are no text are refused.
take_encoding() {
  take_nuls=$(tr -d '\001-\377' <"$dir/input" | wc -c)
  if [ "$take_nuls" -gt 0 ]; then
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
# Takes out of $dir/input what is no UTF-8, NULs, and the controls of C1.
take_utf8() {
  if command -v iconv >/dev/null; then
    iconv -c -f UTF-8 -t UTF-8 "$dir/input" >"$dir/text" 2>/dev/null || : # -c says so, and is no failure
  else
    tr -d '\200-\377' <"$dir/input" >"$dir/text"
  fi
  sed "s/$(printf '\302')[$(printf '\200')-$(printf '\237')]//g" "$dir/text" | tr -d '\000' >"$dir/input"
}

# read_text FILE [NAME=VALUE...]
# The facts of FILE go to $dir/capture, with these variables for facts.awk.
read_text() (
  read_file=$1
  shift
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

# read_capture
# The facts of $dir/input, and capture: what it is. Complains if nothing in it is known.
read_capture() {
  read_first=''
  IFS= read -r read_first <"$dir/input" || :
  case $request_from,$read_first in
    # What rhythm-get hands over is one exchange, whatever its answer looks like.
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
    large) complain 65 "$take_name is over 4 MiB, which is no token and no request; $FORMS" ;;
    other) complain 65 "$take_name holds nothing that is known: no token, no request, no status; $FORMS" ;;
    token) [ -z "$request_from" ] || complain 65 "$take_name holds no request; $FORMS" ;;
    *) [ -z "$token_from" ] || complain 65 "$take_name holds a request, not a token; use --capture" ;;
  esac
}

# read_json
# Nested JSON: jq writes the exchange in it down as raw HTTP, or else its values a line each. Without jq, or if it is no
# JSON after all, it is a text like any other.
read_json() {
  if command -v jq >/dev/null && jq -r -f "$lib/check/forms/json.jq" "$dir/json" >"$dir/text" 2>/dev/null && [ -s "$dir/text" ]; then
    read_text "$dir/text"
  else
    read_text "$dir/input"
  fi
}
