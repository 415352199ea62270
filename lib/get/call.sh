# shellcheck shell=sh disable=SC2154,SC2034,SC2030,SC2031 # the variables are shared with rhythm-get
# What a call needs when it is not an everyday GET: a directory of its own, jq, the headers of an answer, -v.
#
# To be sourced by rhythm-get, after text.sh.

# guard
# Has what we made removed when this shell ends, and ends it by the signal that ends us: only then does Ctrl-C end a loop
# around us too.
guard() {
  trap 'leave' EXIT
  trap 'ended=HUP; exit 129' HUP
  trap 'ended=INT; exit 130' INT
  trap 'ended=QUIT; exit 131' QUIT
  trap 'ended=PIPE; exit 141' PIPE
  trap 'ended=TERM; exit 143' TERM
}

# leave
leave() {
  [ -z "$private$scrap" ] || rm -rf -- ${private:+"$private"} ${scrap:+"$scrap"}
  [ -n "$ended" ] || return 0
  trap - "$ended"
  kill -s "$ended" $$
}

# private_dir
# Makes a directory for us alone, once, and sets private to it; it goes when this shell does.
private_dir() {
  [ -z "$private" ] || return 0
  guard # before there is something to leave behind; and mktemp finishes, so that its name comes to be known
  private=$(trap '' HUP INT QUIT PIPE TERM && mktemp -d "${TMPDIR:-/tmp}/rhythm-get.XXXXXX") ||
    fail 73 "cannot make a directory in ${TMPDIR:-/tmp}; set TMPDIR to one that you can write to"
}

# in_private COMMAND...
# Runs it at the end of a subshell, and removes the directory that it made: zsh and yash run no EXIT trap in a subshell.
in_private() {
  private_before=$private private_status=0 scrap=''
  "$@" || private_status=$?
  [ "$private" = "$private_before" ] || rm -rf -- "$private"
  return "$private_status"
}

# make_pipes
# Pipes with names, for the descriptors 3, 4 and 5 of a call and for head_pipe, with the same lines in them: for shells that
# have files for here-documents, and systems on which /dev/fd/5 is what 5 is, to be read only (BSD and macOS).
make_pipes() {
  private_dir
  rm -f -- "$private/notes" "$private/head"
  mkfifo "$private/notes" "$private/head" || fail 73 "cannot make a pipe in $private; set TMPDIR to another directory"
  head_pipe=$private/head
  # shellcheck disable=SC2094 # both ends are wanted, or each would wait for the other
  exec 6<>"$private/notes" 3<"$private/notes" 4>"$private/notes"
  printf 'answer=\n' >&4
  # shellcheck disable=SC2094
  exec 6<>"$head_pipe" 5<"$head_pipe"
  printf '\n' >&6
  exec 6>&-
}

# kept VERB
# rhythm-token VERB for the token in the cache: at no mint, and without a word.
kept() (
  offline=yes verbose=''
  token_program "$1" </dev/null 2>/dev/null 4>/dev/null
)

# where OPTION WORD...
# Sets url, timeout, read_only and ca_bundle. OPTION -n: no token is fetched, and placeholders may stay.
where() {
  dry=$1
  where_lines=$(shift; token_program url "$@" 4>/dev/null) || return
  url='' timeout='' read_only='' ca_bundle=''
  while IFS= read -r line; do
    case $line in
      url=*) url=${line#*=} ;;
      timeout=*) timeout=${line#*=} ;;
      read_only=*) read_only=${line#*=} ;;
      ca_bundle=*) ca_bundle=${line#*=} ;;
      *) ;;
    esac
  done <<LINES
$where_lines
LINES
}

# about WORD...
# Sets url for a message: at no mint and no request, and to what was typed if there is no better.
about() {
  where -n "$@" 2>/dev/null || url="$service${service:+ }$path"
}

# reads
# Status 0 if this call changes nothing: it may be repeated.
reads() {
  case $method in
    GET | HEAD) ;;
    POST) case ${path%%\?*} in */search) ;; *) return 1 ;; esac ;;
    *) return 1 ;;
  esac
}

# header_of NAMES
# Sets header to the value of the first header in head that has one of these NAMES (lower case, with | between them), or
# to nothing.
header_of() {
  header=$(LC_ALL=C header_names=$1 awk '
    match(tolower($0), "^(" ENVIRON["header_names"] "):") {
      header = substr($0, RLENGTH + 1)
      gsub(/^ | *\r$/, "", header)
      print header
      exit
    }' <<HEAD
$head
HEAD
  )
}

# talk WORD...
# curl that tells on stderr what it does.
talk() {
  { curl_words curl_program "$@" 2>&1 >&7 7>&- | blot 4 >&2 6>&- 7>&-; } 7>&1
}
