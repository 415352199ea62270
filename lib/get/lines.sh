# shellcheck shell=sh disable=SC2154,SC2034 # the variables are shared with rhythm-get
# One call for each line of a file: NAME=@FILE. pages.sh makes the calls; this file checks and opens the lines.
#
# To be sourced by rhythm-get, after text.sh and call.sh.

# prepare_lines
# Refuses what cannot be used with NAME=@FILE.
prepare_lines() {
  many="$lines_name=@$lines"
  case $lines in -) lines_source='standard input' ;; *) lines_source=$lines ;; esac
  [ -z "$all" ] || usage "--all cannot be used with $many; to get all pages for each line, write a shell loop"
  { [ "$method" != HEAD ] && reads; } || usage "$many works only with GET and POST .../search, not with $method $api_path"
  case $start_key in
    *[!0-9]*) usage "--start-key $start_key: must be a number, that of a line of $lines_source, because $many is given" ;;
    ???????????????????*) usage "--start-key $start_key: is too large for the number of a line" ;; # 64 bits hold 18 digits
    *) ;;
  esac
  case $lines in
    -) ;;
    *) must_read "$many" "$lines" ;;
  esac
}

# open_lines
# Opens the lines on descriptor 3. Typed lines are read to their end first, because the program that makes the calls is
# in its own process group, which may not read a terminal.
open_lines() {
  case $lines in -) exec 3<&0 ;; *) exec 3<"$lines" ;; esac
  [ -t 3 ] || return 0
  [ -n "$quiet" ] || say "type a value for $lines_name on each line, then Ctrl-D"
  cat <&3 >"$private/typed" || fail 73 "cannot write what was typed to $private; free space there, or set TMPDIR"
  exec 3<"$private/typed"
}

# first_line
# Sets line to the first line that is not empty, or to nothing.
first_line() {
  cr=$(printf '\r.') cr=${cr%.} line=''
  case $lines in -) ;; *) exec <"$lines" ;; esac
  while IFS= read -r line || [ -n "$line" ]; do
    line=${line%"$cr"}
    [ -z "$line" ] || break
  done
}
