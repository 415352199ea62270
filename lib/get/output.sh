# shellcheck shell=sh disable=SC2154,SC2034,SC2016 # the variables are shared with rhythm-get; jq's dollars
# Where a good response goes: through a filter, to a terminal, into a file; and batches with failed operations.
#
# To be sourced by rhythm-get, after text.sh and call.sh.

# keep NAME
# Copies stdin into a file of the private directory. Status 73, with a message: it cannot be written whole.
keep() {
  private_dir
  cat 2>/dev/null >"$private/$1" && return
  say "cannot write the response to $private; free space there, or set TMPDIR"
  return 73
}

# deliver
# Copies a good response from stdin to stdout. Status as receive.
deliver() {
  exec 4>&-
  [ -z "$batch" ] || { deliver_batch; return; }
  if [ -n "$include" ]; then
    if [ -t 1 ]; then printf '%s' "$head" | plain; else printf '%s' "$head"; fi
  fi
  if [ -t 1 ]; then show_answer; else cat; fi
}

# exchange_filtered WORD...
# Sends the request, and starts jq at the same time, because jq often starts more slowly than the API responds. jq gets
# only a good response. Its messages are kept in filter_said until the response is known, its status in filter_status.
# The status of receive comes on descriptor 4, after curl's last lines.
exchange_filtered() {
  filter_status=0 filter_program=" $filter"
  # A path that finds null in a page that is not the last was probably meant for its items. A filter with a variable, or
  # one that does not begin with a dot, may not fit into this program; one with Items is meant for the page.
  case $filter in
    *\$* | *Items*) ;;
    .*) filter_program=". as \$page | $filter
      | if (\$page | .LastEvaluatedKey? // false) != false and . == null then \"--all\" | debug | null else . end" ;;
    *) ;;
  esac
  if [ -t 1 ]; then
    private_dir
    filter_said=$(exchange_reported "$@" | jq -M -r "$filter_program" 2>&1 >"$private/filtered" 3<&- 4>&- 5<&-) || filter_status=$?
  else
    { filter_said=$(exchange_reported "$@" 7>&- |
      jq ${NO_COLOR:+-M} -r "$filter_program" 2>&1 >&7 3<&- 4>&- 5<&- 7>&-) || filter_status=$?; } 7>&1
  fi
}

# exchange_reported WORD...
# exchange, which also writes its status to descriptor 4.
exchange_reported() {
  reported=0
  exchange "$@" || reported=$?
  printf 'received=%s\n' "$reported" >&4
}

# judge_filter
# Sets call_status for a call with a filter, and prints jq's messages if the response was good. A filter that jq cannot
# parse ends the program. call_status becomes 73 if jq cannot write, and 4 if the response is not JSON. jq's own status does
# not tell: 2 means either, and in jq 1.7 5 means not JSON or a filter that does not fit. Its messages do.
judge_filter() {
  case $answer in 2?? | 304) ;; *) return 0 ;; esac
  [ "$filter_status" -ne 3 ] || check_filter
  [ ! -t 1 ] || plain <"$private/filtered"
  case $filter_said in
    *'["DEBUG:","--all"]'*)
      filter_said=$(printf '%s\n' "$filter_said" | grep -v -x -F '["DEBUG:","--all"]') || :
      filter_null=yes ;;
    *) filter_null='' ;;
  esac
  case $filter_said in
    *'riting output failed: '*)
      say "cannot write to standard output: ${filter_said##*failed: }"
      call_status=73
      return ;;
    '') ;;
    *) printf '%s\n' "$filter_said" | blot >&2 ;;
  esac
  [ -z "$filter_null" ] || [ -n "$quiet" ] ||
    say 'note: the filter found null, because it got a whole page of a list; add --all to filter each item'
  case $call_status,$filter_status,${filter_said##*"
"} in
    22,* | 7[0-9],*) ;; # receive has judged it
    *,5,'parse error: '* | *,5,'jq: parse error: '*) call_status=4 ;;
    *) call_status=$filter_status ;;
  esac
}

# show_answer
# Prints a response on a terminal: JSON laid out and in color, and a note if there are more pages; anything else without
# control characters.
show_answer() {
  header_of content-type
  case $header in
    application/json* | application/*+json*) ;;
    *) plain; return ;;
  esac
  keep answer || return
  if next_page=$(jq 'objects | .LastEvaluatedKey | values' "$private/answer" 2>/dev/null) && lay_out; then
    if [ -n "${NO_COLOR-}" ]; then plain <"$private/laid"; else coloured <"$private/laid"; fi
  else
    plain <"$private/answer"
  fi
  [ -n "$quiet" ] || [ -z "$next_page" ] || say 'note: there are more pages; add --all'
}

# lay_out
# Lets jq lay out the response, into the private directory. Status 1: this would change a number, as jq 1.6 does above
# 2^53.
lay_out() {
  if [ -n "${NO_COLOR-}" ]; then colour=-M; else colour=-C; fi
  jq "$colour" . "$private/answer" >"$private/laid" && numbers <"$private/answer" >"$private/numbers" &&
    numbers <"$private/laid" | cmp -s - "$private/numbers"
}

# numbers
# Prints everything in JSON, colored or not, that is not a string, one word per line; numbers that every awk can represent
# get one spelling.
numbers() {
  LC_ALL=C awk '{
    gsub(/\033\[[0-9;]*m/, "")
    gsub(/"([^"\\]|\\.)*"/, ",")
    n = split($0, word, /[][{}:, \t\r]+/)
    for (i = 1; i <= n; i++) {
      digits = word[i]
      gsub(/[^0-9]/, "", digits)
      if (word[i] ~ /^-?[0-9]/ && length(digits) <= 15) word[i] = sprintf("%.17g", word[i])
      else if (word[i] ~ /^[^eE]*[.][^eE]*$/) sub(/[.]?0+$/, "", word[i])
      if (word[i] != "") print word[i]
    }
  }'
}

# deliver_batch
# Prints the response to a batch. Status 22: it reports failed operations. The form of a failed operation is not published,
# so the usual forms are recognized.
deliver_batch() {
  keep batch || return
  batch='' batch_status=0
  deliver <"$private/batch" || return
  batch_said=$(jq -r '
    def failed: objects | (.error // .errors // .error_message // .errorMessage | . != null and . != "" and . != [] and . != {})
      or .success == false or ((.status // .status_code // .statusCode)
        | (numbers | . >= 400) // (strings | test("^(error|fail|reject|invalid|denied)"; "i")) // false);
    objects | select((.error_count | numbers) > 0) | .error_count as $errors
    | [(.results | arrays) | range(length) as $i | {at: ($i + 1), result: .[$i]} | select(.result | failed)] as $failed
    | "\($errors) of \($errors + (.success_count | numbers // 0)) operations failed",
      ($failed[] | "operation \(.at) of the body failed: \(.result | tojson | .[:1000])"),
      (select(($failed | length) < $errors)
        | "\($errors - ($failed | length)) failed operations are not named in a known form; look for them in the response")
    ' "$private/batch" 2>/dev/null) || return 0
  [ -n "$batch_said" ] || return 0
  printf '%s\n' "$batch_said" | sed 's/^/rhythm-get: /' | blot >&2
  return 22
}

# to_file WORD...
# Makes the call with standard output in a part file in the directory of FILE, which replaces FILE at the end.
to_file() {
  [ ! -d "$output" ] || fail 73 "-o $output: it is a directory; name a file"
  if [ -e "$output" ] && [ ! -f "$output" ]; then # a device, a pipe: nothing to replace
    go "$@" >"$output"
    return
  fi
  resolve "$output" || fail 73 "-o $output: too many symbolic links; name another file"
  case $resolved in /* | ./*) target=$resolved ;; *) target=./$resolved ;; esac
  [ ! -e "$target" ] || is_ours "$target" || fail 73 "-o $output: it belongs to another user; remove it, or name another file"
  [ ! -e "$target" ] || [ -w "$target" ] || fail 73 "-o $output: it is write-protected; change its mode, or name another file"
  part=$target.$$.part
  [ -z "$all$lines_name" ] || part=$target.part
  set_traps
  if [ -n "$start_key" ] && { [ -e "$part" ] || [ -L "$part" ]; }; then
    { [ ! -L "$part" ] && is_ours "$part"; } ||
      fail 73 "-o $output: $output.part is a symbolic link or belongs to another user, so nothing is appended to it; remove it, and run the command again without --start-key"
    [ -n "$quiet" ] || { quoted "$output.part" && say "note: appending to $quoted, which is renamed when the list is complete"; }
  else
    if [ -e "$part" ] || [ -L "$part" ]; then rm -f -- "$part" 2>/dev/null || :; fi
    scrap=$part
    (set -C && : >"$part") 2>/dev/null || {
      scrap=''
      [ -d "${target%/*}" ] || fail 73 "-o $output: there is no directory ${output%/*}; create it, or name another file"
      [ ! -e "$part" ] || fail 73 "-o $output: ${part#./} is in the way and cannot be removed; remove it, or name another file"
      fail 73 "-o $output: cannot create ${part#./}; name a file in a directory that you can write to"
    }
    [ ! -e "$target" ] || copy_mode || fail 73 "-o $output: cannot copy its mode to $part; name another file"
  fi
  # Others who can write in this directory may have replaced the part file, so the open file is checked.
  exec 8>>"$part" || fail 73 "-o $output: cannot write to $part; check its free space and permissions"
  is_ours /dev/fd/8 || fail 73 "-o $output: $part belongs to another user; remove it"
  file_status=0
  go "$@" >&8 8>&- || file_status=$?
  # Another run for the same FILE may have begun, and have replaced the part file by its own.
  # shellcheck disable=SC3013 # -ef: in every shell that we run under
  if ! [ "$part" -ef /dev/fd/8 ]; then
    scrap=''
    [ "$file_status" -ne 0 ] || fail 73 "-o $output: $output.part was replaced during this run, perhaps by another one; try again when that has ended"
    return "$file_status"
  fi
  exec 8>&-
  case $answer,$file_status in
    304,0) rm -f -- "$part" ;; # nothing came, and nothing changed
    ,0 | [!45]*,0 | 2*,22) mv -f -- "$part" "$target" && scrap='' || return 73 ;;
    *) [ -s "$part" ] || rm -f -- "$part" ;;
  esac
  return "$file_status"
}

# is_ours FILE - status 0: FILE is a regular file of this user.
is_ours() {
  # shellcheck disable=SC3067 # -O: in every shell that we run under
  [ -f "$1" ] && [ -O "$1" ]
}

# copy_mode
# Gives the part file, which is still empty, the mode and group of the file that it will replace. If it cannot have the
# group, nobody else gets its permissions.
copy_mode() {
  alike=$(stat -c '%a %g' -- "$target" 2>/dev/null || stat -f '%Lp %g' -- "$target" 2>/dev/null) || return # GNU's, else BSD's
  mode=${alike% *}
  chgrp -- "${alike#* }" "$part" 2>/dev/null || mode=${mode%??}00
  chmod -- "${mode#"${mode%???}"}" "$part" # the last three digits: no set-user-ID bit is copied
}
