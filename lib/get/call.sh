# shellcheck shell=sh disable=SC2154,SC2034,SC2030,SC2031 # the variables are shared with rhythm-get
# What calls need beyond a plain GET: a private directory, the headers of a response, -v.
#
# To be sourced by rhythm-get, after text.sh.

# set_traps
# Sets traps that remove our temporary files when this shell ends, and that end it by the signal that it received: only
# then does Ctrl-C also end a shell loop around rhythm-get.
set_traps() {
  trap 'clean_up' EXIT
  trap 'ended=HUP; exit 129' HUP
  trap 'ended=INT; exit 130' INT
  trap 'ended=QUIT; exit 131' QUIT
  trap 'ended=PIPE; exit 141' PIPE
  trap 'ended=TERM; exit 143' TERM
}

# clean_up - the EXIT trap.
clean_up() {
  [ -z "$private$scrap" ] || rm -rf -- ${private:+"$private"} ${scrap:+"$scrap"}
  [ -n "$ended" ] || return 0
  trap - "$ended"
  kill -s "$ended" $$
}

# private_dir
# Makes a private directory, once, and sets private to it; it is removed when this shell ends.
private_dir() {
  [ -z "$private" ] || return 0
  # The traps come first, and mktemp ignores signals: otherwise a directory could be left whose name we do not know.
  set_traps
  private=$(trap '' HUP INT QUIT PIPE TERM && mktemp -d "${TMPDIR:-/tmp}/rhythm-get.XXXXXX") ||
    fail 73 "cannot make a directory in ${TMPDIR:-/tmp}; set TMPDIR to one that you can write to"
}

# in_private COMMAND...
# Runs COMMAND at the end of a subshell, and removes the directory that it made: zsh and yash run no EXIT trap there.
in_private() {
  private_before=$private private_status=0 scrap=''
  "$@" || private_status=$?
  [ "$private" = "$private_before" ] || rm -rf -- "$private"
  return "$private_status"
}

# make_pipes
# Makes named pipes for descriptors 3, 4 and 5 of a call and for head_pipe, and writes the same first lines into them: for
# shells that use files for here-documents, and for systems where /dev/fd/5 is opened only for reading, as descriptor 5
# was (BSD and macOS).
make_pipes() {
  private_dir
  rm -f -- "$private/notes" "$private/head"
  mkfifo "$private/notes" "$private/head" || fail 73 "cannot make a pipe in $private; set TMPDIR to another directory"
  head_pipe=$private/head
  # shellcheck disable=SC2094 # both ends at once, or each open would wait for the other
  exec 6<>"$private/notes" 3<"$private/notes" 4>"$private/notes"
  printf 'answer=\n' >&4
  # shellcheck disable=SC2094
  exec 6<>"$head_pipe" 5<"$head_pipe"
  printf '\n' >&6
  exec 6>&-
}

# cached VERB
# Runs rhythm-token VERB with the cached token: requests none, and prints no message.
cached() (
  offline=yes verbose=''
  token_program "$1" </dev/null 2>/dev/null 4>/dev/null
)

# resolve_url OPTION WORD...
# Sets url, timeout, read_only and ca_bundle. With OPTION -n, no token is requested, and placeholders may stay.
resolve_url() {
  dry=$1
  resolved_lines=$(shift; token_program url "$@" 4>/dev/null) || return
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
$resolved_lines
LINES
}

# must_read WORD FILE
# Ends the program if FILE, which WORD names, cannot be read.
must_read() {
  [ ! -r "$2" ] || [ -d "$2" ] || return 0
  must_error=$(LC_ALL=C cat -- "$2" 2>&1 >/dev/null) || :
  fail 65 "$1: cannot read this file: ${must_error##*: }; name a file that you can read"
}

# name_url WORD...
# Sets url for a message, without a request; if that fails, to what was typed.
name_url() {
  resolve_url -n "$@" 2>/dev/null || url="$service${service:+ }$api_path"
}

# reads
# Status 0: this call changes nothing, so it may be repeated.
reads() {
  case $method in
    GET | HEAD) ;;
    POST) case ${api_path%%\?*} in */search) ;; *) return 1 ;; esac ;;
    *) return 1 ;;
  esac
}

# header_of NAMES
# Sets header to the value of the first header in head with one of these NAMES (lower case, separated by |), or to
# nothing.
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

# verbose_curl WORD...
# curl -v, with secrets blotted out of what it reports on stderr: that goes through the pipe, and stdout passes by it on
# descriptor 7.
verbose_curl() {
  { curl_words curl_program "$@" 2>&1 >&7 7>&- | blot 4 >&2 6>&- 7>&-; } 7>&1
}
