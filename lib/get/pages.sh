# shellcheck shell=sh disable=SC2154,SC2034,SC2030,SC2031 # the variables are shared with rhythm-get
# Many requests on one connection: all pages of a list (--all), or one call for each line of a file (NAME=@FILE).
#
# To be sourced by rhythm-get, after text.sh.

# remember ARGUMENT...
# Sets resume to this command without --start-key and --limit. An interrupted --all or NAME=@FILE prints it with new
# values for both.
remember() {
  line=rhythm-get
  while [ $# -gt 0 ]; do
    case $1 in
      --start-key=* | --max=* | --limit=*) ;;
      --start-key | --max | --limit) [ $# -eq 1 ] || shift ;;
      *) add_quoted "$1" ;;
    esac
    shift
  done
  resume=$line
}

# check_pages WORD...
# Refuses what cannot be used with --all or NAME=@FILE.
check_pages() {
  many=${many:---all}
  [ -z "$include" ] || usage "-i cannot be used with $many, which prints only items; leave it out"
  case $method in GET | POST) ;; *) usage "--all works only with GET and POST, not with $method" ;; esac
  for word; do
    case $word in c:*) usage "curl options cannot be used with $many" ;; *) ;; esac
  done
}

# pages WORD...
# Prints all pages, one item per line, or the responses for all lines. rhythm-token has them fetched on one connection;
# jq filters them if asked, and plain cleans them for a terminal. The program that writes a page also counts it, and what it
# wrote always arrives, because its readers ignore signals and end with their input. The first signal ends the run after
# the current page, a second one at once. The last line on stderr is the command that resumes the run.
pages() {
  private_dir
  if [ -n "$lines_name" ]; then open_lines; else exec 3</dev/null; fi
  [ -z "$has_data" ] || print_body 2>/dev/null >"$private/sent" ||
    fail 73 "cannot write the body to $private; free space there, or set TMPDIR"
  pager='' jq='' shower='' sayer='' asked_to_stop=0 told=0
  trap 'stop HUP' HUP
  trap 'stop INT' INT
  trap 'stop QUIT' QUIT
  trap 'stop TERM' TERM
  scrap='' # from here on, there is a command that resumes the run
  start_readers
  (ignore_signals && exec <&3 >&6 3<&- 5>&- 6>&- && pages_program "$@") &
  pager=$!
  exec 3<&-
  tell_pager # a signal may have come before it started
  exec 5>&- 6>&-
  reap "$pager" && pages_status=$reaped
  jq_status=0
  for word in ${jq:+"$jq"} ${shower:+"$shower"} ${sayer:+"$sayer"}; do
    reap "$word"
    [ "$word" != "$jq" ] || jq_status=$reaped
  done
  [ "$pages_status" -gt 128 ] || [ "$asked_to_stop" -gt 1 ] || ended='' # the run is complete in spite of the signal
  [ -n "$ended" ] || ignore_signals                                     # from here on a signal would spoil that
  case $pages_status,$lines_name in
    22,?*) [ -e "$private/headers" ] || answer=200 ;; # every line was called, though some failed
    *) ;;
  esac
  [ "$pages_status$answer" != 22 ] || report_page "$@" || return 0
  case $jq_status in
    0) show_resume; return "$pages_status" ;;
    2) return 73 ;; # its input is valid JSON, so it cannot write
    [345]) return 65 ;;
    *) return 141 ;;
  esac
}

ignore_signals() {
  trap '' HUP INT QUIT TERM
}

# stop SIGNAL
# The trap for a signal. A second signal within a second counts as the same, because timeout(1) sends its signal twice.
stop() {
  ended=${ended:-$1} interrupted=yes
  now=$(ignore_signals && date +%s)
  case $asked_to_stop in
    0) asked_to_stop=1 stopped_at=$now ;;
    *) [ "${now:-0}" -le "$((${stopped_at:-0} + 1))" ] || asked_to_stop=2 ;;
  esac
  [ "$asked_to_stop" -lt 2 ] || [ -z "$jq" ] || kill -s KILL "$jq" 2>/dev/null || :
  tell_pager
}

# tell_pager
# Sends SIGUSR1 to the pager for each signal that it has not been told of. It ignores the others, which may have reached the
# whole process group.
tell_pager() {
  [ -n "$pager" ] || return 0
  while [ "$told" -lt "$asked_to_stop" ]; do
    told=$((told + 1))
    kill -s USR1 "$pager" 2>/dev/null || :
  done
}

# reap PID
# Waits for the process, however many signals come meanwhile, and sets reaped to its status.
reap() {
  reaped=127
  while :; do
    interrupted='' one_status=0
    wait "$1" 2>/dev/null || one_status=$?
    [ "$one_status" -eq 127 ] || reaped=$one_status # else the previous wait got its status
    [ -n "$interrupted" ] || return 0
  done
}

# start_readers
# Starts the readers, from the last one to the first. Items then go to descriptor 6, and jq's messages to 5.
start_readers() {
  exec 5>&2 6>&1
  if [ -t 2 ] && [ -n "$has_filter" ]; then
    exec 6>&2
    stage harmless
    sayer=$staged
    exec 5>&6 6>&1
  fi
  if [ -t 1 ]; then
    stage plain
    shower=$staged
  fi
  if [ -n "$has_filter" ]; then
    stage filter_items
    jq=$staged
  fi
}

# stage COMMAND
# Starts COMMAND between a new pipe and descriptor 6, which becomes the writing end of that pipe. Both ends are opened here,
# or each side would wait for the other, which may be gone.
stage() {
  mkfifo "$private/pipe" || fail 73 "cannot make a pipe in $private; set TMPDIR to another directory"
  # shellcheck disable=SC2094
  exec 9<>"$private/pipe" 7>"$private/pipe" 8<"$private/pipe"
  exec 9>&-
  rm -f -- "$private/pipe"
  # Closed with exec, because a shell that closes a descriptor for one function only keeps a copy, and the pipe stays open.
  (ignore_signals && exec <&8 >&6 6>&- 7>&- 8<&- && "$1") &
  staged=$!
  exec 6>&7 7>&- 8<&-
}

filter_items() {
  exec jq --unbuffered ${NO_COLOR:+-M} -r " $filter" 2>&5 5>&-
}

# report_page WORD...
# Reports a page that was refused. Status 1: --allow names its status, so there is nothing to report.
report_page() {
  head=$(cat "$private/headers") && url=$(cat "$private/url")
  code=${head#* } code=${code%%[!0-9]*}
  answer=$code
  case ,$allow, in *",$code,"*) return 1 ;; *) ;; esac
  head="$head

"
  report "$private/body" "$@"
}

# show_resume
# Prints the command that resumes the run, if there is one: from where the pager stopped or, if it did not begin, from where
# this command began.
show_resume() {
  line=$resume
  if [ "$asked_to_stop" -lt 2 ] && [ -e "$private/start_key" ]; then
    start_key=$(cat "$private/start_key" && printf .)
    start_key=${start_key%.} max='' # the dot kept a newline at its end
    [ ! -e "$private/left" ] || max=$(cat "$private/left")
  elif [ -z "$ended" ] || [ -e "$private/begun" ]; then
    return 0
  fi
  [ -n "$quiet" ] || (
    ignore_signals # another one would end awk, and then the command would not be printed
    case $lines_name in
      '') say "stopped${ended:+ by SIG$ended} before the end of the list; to get the rest, run:" ;;
      *) say "stopped after line ${start_key:-0} of $lines_source; to resume with the next line, run:" ;;
    esac
  ) || :
  [ -z "$start_key" ] || add_quoted --start-key "$start_key"
  [ -z "$max" ] || add_quoted --limit "$max"
  printf '%s\n' "$line" >&2
}

# pages_program WORD...
# Becomes rhythm-token pages.
pages_program() {
  for word; do
    shift
    case $word in h:*) set -- "$@" "header=${word#h:}" ;; *) ;; esac
  done
  progress=''
  if [ -z "$quiet" ] && [ -t 2 ]; then progress=yes; fi
  share_secrets
  exec "$here/rhythm-token" ${profile:+"--profile=$profile"} ${token:+"--token=$token"} ${quiet:+-q} ${verbose:+-v} \
    pages -- "$url" "method=$method" ${has_data:+"body_path=$private/sent"} "$@" ${type_line:+"header=$type_line"} \
    ${lines_name:+"hole=%7B$lines_name%7D"} ${lines_name:+"allow=$allow,"} ${lines_name:+"source=$lines_source"} \
    ${max:+"max=$max"} ${start_key:+"start_key=$start_key"} "retries=$retries" ${progress:+progress=yes} \
    "error_dir=$private"
}
