# shellcheck shell=sh disable=SC2154,SC2034,SC2030,SC2031 # the variables are shared with rhythm-get
# All pages of a list: rhythm-get --all.
#
# To be sourced by rhythm-get, after text.sh.

# remember ARGUMENT...
# Sets resume to this command without --start-key and --max: --all prints it with new ones when it is interrupted.
remember() {
  line=rhythm-get
  while [ $# -gt 0 ]; do
    case $1 in
      --start-key=* | --max=*) ;;
      --start-key | --max) [ $# -eq 1 ] || shift ;;
      *) put "$1" ;;
    esac
    shift
  done
  resume=$line
}

# pages WORD...
# All pages, an item a line, by the internal program that does it on one connection.
pages() {
  [ -z "$include" ] || usage '-i and --all: an item has no headers'
  case $method in GET | POST) ;; *) usage "--all reads: it goes with GET and POST, not $method" ;; esac
  for word; do
    case $word in c:*) usage "curl's options do not go with --all" ;; *) ;; esac
  done
  private_dir
  mkdir "$private/error" || return 73
  [ -z "$has_data" ] || print_body >"$private/sent" || return 73
  jq_pid=''
  if [ -n "$has_filter" ]; then
    mkfifo "$private/items" || return 73
    jq --unbuffered ${NO_COLOR:+-M} -r " $filter" <"$private/items" &
    jq_pid=$!
    pages_program "$@" >"$private/items" &
  else
    pages_program "$@" &
  fi
  net_pid=$!
  for signal in HUP INT TERM; do
    # shellcheck disable=SC2064 # this very name
    trap "ended=$signal; "'kill -TERM "$net_pid" 2>/dev/null || :' "$signal"
  done
  while :; do
    pages_status=0
    # A shell that says of a job that it was terminated would say it after the line that resumes.
    wait "$net_pid" 2>/dev/null || pages_status=$?
    kill -0 "$net_pid" 2>/dev/null || break # else a signal ended the wait, not the program
  done
  [ "$pages_status" -gt 128 ] || ended='' # it had come to its end before
  jq_status=0
  [ -z "$jq_pid" ] || wait "$jq_pid" 2>/dev/null || jq_status=$?
  if [ "$pages_status" -eq 22 ]; then
    head=$(cat "$private/error/headers") || return 70
    code=${head#* } code=${code%%[!0-9]*}
    answer=$code
    case ,$allow, in *",$code,"*) return 0 ;; *) ;; esac
    head="$head

"
    report "$private/error/body" "$@"
    [ ! -s "$private/error/resume" ] || cat "$private/error/resume" >&2
  fi
  case $jq_status in
    0) return "$pages_status" ;;
    2) return 73 ;; # what it reads was checked: so it cannot write
    [345]) return 65 ;;
    *) return 141 ;;
  esac
}

# pages_program WORD...
# Becomes the program that does it.
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
    ${max:+"max=$max"} ${start_key:+"start_key=$start_key"} "retries=$retries" ${progress:+progress=yes} \
    "error_dir=$private/error" "resume=$resume"
}
