# shellcheck shell=sh disable=SC2154,SC2034,SC2030,SC2031 # the variables are shared with rhythm-get
# What rhythm-get does besides an everyday GET: bodies and writes, retries, the report of a failure, pages, terminals.
#
# To be sourced by rhythm-get, whose variables (method, url, quiet, ...) these functions share. Words are its words of a
# call: o:OPERAND, h:HEADER and c:CURL-ARGUMENT.

request_read=yes

# private_dir
# Makes a directory for us alone, once, and sets private to it; it goes when this shell does.
private_dir() {
  [ -z "$private" ] || return 0
  private=$(mktemp -d "${TMPDIR:-/tmp}/rhythm-get.XXXXXX") || fail 73 'there is no directory for temporary files; set TMPDIR'
  trap 'rm -rf -- "$private" ${scrap:+"$scrap"}; as_ended' EXIT
  trap 'ended=HUP; exit 129' HUP
  trap 'ended=INT; exit 130' INT
  trap 'ended=QUIT; exit 131' QUIT
  trap 'ended=PIPE; exit 141' PIPE
  trap 'ended=TERM; exit 143' TERM
}

# as_ended
# Dies of the signal that ended us, if one did: only then does Ctrl-C end a loop around us too.
as_ended() {
  [ -n "$ended" ] || return 0
  trap - "$ended"
  kill -s "$ended" $$
}

# in_private COMMAND...
# Runs it at the end of a subshell, and removes the directory that it made: zsh and yash run no EXIT trap in a subshell.
in_private() {
  private_before=$private private_status=0
  "$@" || private_status=$?
  [ "$private" = "$private_before" ] || rm -rf -- "$private"
  return "$private_status"
}

# quoted WORD
# Sets quoted to WORD as a shell reads it back, on one line: what a terminal would obey, printf makes.
quoted() {
  case $1 in
    *[[:cntrl:]]*)
      quoted=$(printf '%s' "$1" | od -A n -v -t o1 | tr -d '\n' | sed 's/ /\\/g')
      quoted="\"\$(printf '$quoted')\"" ;;
    '' | *[!A-Za-z0-9_./:=@%+,-]*)
      quoted=$(printf '%s' "$1" | sed "s/'/'\\\\''/g")
      quoted="'$quoted'" ;;
    *) quoted=$1 ;;
  esac
}

# put WORD...
# Adds the words to line, as a shell reads them back.
put() {
  for word; do
    quoted "$word"
    line="$line $quoted"
  done
}

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

# --- what the command line may hold ---------------------------------------------------------------------------------

# check_header LINE
# Refuses what is not one header, or is one that decides where the token goes. Sets own_type if it is the content type.
check_header() {
  case $1 in
    *[[:cntrl:]]*) usage '-H: a header is one line without control characters' ;;
    [!:\;]*[:\;]*) ;;
    *) usage "-H $1: it is 'Name: value'" ;;
  esac
  case ${1%%[:;]*} in
    *[!A-Za-z0-9!#\$%\&\'*+.^_\`\|~-]*) usage "-H $1: it is 'Name: value'" ;;
    [Aa][Uu][Tt][Hh][Oo][Rr][Ii][Zz][Aa][Tt][Ii][Oo][Nn])
      usage '-H: the Authorization header is ours; for another token there is --token FILE' ;;
    [Hh][Oo][Ss][Tt]) usage '-H: Host is decided by the URL, for it decides who gets the token' ;;
    [Cc][Oo][Nn][Tt][Ee][Nn][Tt]-[Tt][Yy][Pp][Ee]) own_type=yes ;;
    *) ;;
  esac
}

# check_curl_words WORD...
# Refuses, of curl's words, every one that is not an option of curl known to add no URL, no configuration, no header, no
# output and no trace. A list of what is good: curl has many names for what is not, and abbreviates them.
check_curl_words() {
  name=''
  for word; do
    case $name,$word in
      ,c:*) word=${word#c:} ;;
      *,c:*) name=''; continue ;; # its value
      *) continue ;;
    esac
    case $word in
      -0 | -1 | -4 | -6 | -g | -N | -q | -s | -S | -f | --http1.0 | --http1.1 | --http2 | --http2-prior-knowledge | \
        --http3 | --ipv4 | --ipv6 | --globoff | --no-buffer | --silent | --show-error | --fail | --compressed | \
        --no-alpn | --no-keepalive | --no-sessionid | --tcp-nodelay | --tcp-fastopen | --tlsv1 | --tlsv1.[0123] | \
        --cert-status | --ssl-no-revoke | --ssl-revoke-best-effort | --tr-encoding | --haproxy-protocol | \
        --proxy-basic | --proxy-digest | --proxy-ntlm | --proxy-negotiate | --proxy-anyauth | --proxytunnel)
        ;;
      -[mxU] | --max-time | --connect-timeout | --limit-rate | --speed-limit | --speed-time | --proxy | --proxy-user | \
        --preproxy | --socks5 | --socks5-hostname | --interface | --local-port | --dns-servers | --dns-interface | \
        --doh-url | --cacert | --capath | --crlfile | --cert | --cert-type | --key | --key-type | \
        --pass | --ciphers | --tls13-ciphers | --tls-max | --curves | --pinnedpubkey | --proxy-cacert | --proxy-capath | \
        --keepalive-time | --max-filesize | --happy-eyeballs-timeout-ms | --range)
        name=$word ;;
      --resolve | --connect-to) name=$word elsewhere=$word ;;
      -k | --insecure | --proxy-insecure)
        usage "curl's $word is not passed on: whoever answered would get the token; set ca_bundle" ;;
      --request-target) usage "curl's $word is not passed on: the URL is judged as it stands" ;;
      -*) usage "curl's $word is not passed on: rhythm-get has its own options for URL, body, headers and output" ;;
      *) usage "$word after --: it would be one more URL for curl" ;;
    esac
  done
  [ -z "$name" ] || usage "curl's $name needs a value"
}

# check_service NAME
# For a service that is not among those we know by heart: refused if the catalogue does not know it either and either
# the calls go to Rhythm itself or another name is near.
check_service() {
  case $1 in *[!a-z0-9-]*) usage "'$1' is no service name (a-z 0-9 -)" ;; *) ;; esac
  # shellcheck source=lib/get/catalogue.sh
  catalogue_lib=$lib/get && . "$lib/get/catalogue.sh"
  catalogue_open 2>/dev/null || return 0
  ! catalogue_has_service "$1" || return 0
  if ! near=$(catalogue_nearest "$1"); then
    base=$("$here/rhythm-token" ${profile:+"--profile=$profile"} config --get api_base) || exit $?
    case $base in
      "https://{service}.api.rhythmsoftware.com" | "https://api.rhythmsoftware.com/{service}-v1") near=$(catalogue_services) ;;
      *) return 0 ;;
    esac
  fi
  catalogue_unknown service "$1" "; nearest: $near; one that is not in the catalogue is called by its whole URL"
  exit 64
}

# check_filter
# Lets jq read the filter, with no input.
check_filter() {
  check_error=$(run_jq " $filter" </dev/null 2>&1 >/dev/null) && return
  [ $? -ne 127 ] || fail 69 '--jq: there is no jq here; install it'
  check_error=${check_error#jq: error: }
  fail 64 "--jq: ${check_error%%
*}"
}

# --- where a call goes ------------------------------------------------------------------------------------------------

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

# --- bodies and writes --------------------------------------------------------------------------------------------

# print_body
print_body() {
  case $sent in @*) cat <"${sent#@}" ;; *) printf '%s' "$sent" ;; esac
}

# read_body
# Checks the body; sets sent to what curl is to send it from, a JSON text or @FILE, and kind to the type of its value.
read_body() {
  sent=$data
  case $data in
    @-)
      private_dir
      cat >"$private/body" || fail 73 "cannot keep the body in $private"
      sent=@$private/body ;;
    @*)
      if [ ! -r "${data#@}" ] || [ -d "${data#@}" ]; then fail 65 "-d $data: there is no such file that can be read"; fi
      [ -f "${data#@}" ] || { private_dir; cat <"${data#@}" >"$private/body"; sent=@$private/body; } ;;
    *) ;;
  esac
  # shellcheck disable=SC2016 # jq's own $
  kind=$(print_body | run_jq -r -n 'reduce inputs as $one (""; . + " " + ($one | type)) | .[1:]' 2>&1) && case $kind in
    '') fail 65 '-d: the body is empty, not JSON' ;;
    *\ *) fail 65 '-d: the body is more than one JSON value' ;;
    *) return 0 ;;
  esac
  command -v jq >/dev/null || fail 69 '-d: there is no jq here to check the body; install it'
  case $kind in
    *'parse error: '*) kind=${kind#*parse error: } ;;
    *'error (at '*'): '*) kind=${kind#*'): '} ;;
    *) ;;
  esac
  fail 65 "-d: the body is not JSON: ${kind%%
*}"
}

# meant
# Prints the JSON Patch that replaces what the body, an object, holds.
meant() {
  print_body |
    run_jq -c 'to_entries | map({op: "replace", path: ("/" + (.key | gsub("~"; "~0") | gsub("/"; "~1"))), value})'
}

# confirm
# On a terminal asks before DELETE.
confirm() {
  [ "$method" = DELETE ] && [ -z "$yes" ] && [ -t 0 ] || return 0
  # Where stderr goes to a file, nobody would see the question.
  if [ -t 2 ]; then tty=/dev/stderr; else tty=/dev/tty; fi
  printf 'rhythm-get: DELETE %s is final. Go on? [y/N] ' "$url" >"$tty"
  IFS= read -r line || { line='' && printf '\n' >"$tty"; }
  case $line in [Yy] | [Yy][Ee][Ss]) ;; *) fail 1 'nothing was deleted' ;; esac
}

# prepare_body
# Sets what is sent, and as what.
prepare_body() {
  method=${method:-POST}
  read_body
  has_body=yes type_line='Content-Type: application/json'
  [ "$dry_run$data" != yes@- ] || sent=$(print_body)
  case $method,$kind,$own_type in
    PATCH,object,) fail 65 "PATCH takes a JSON Patch, not an object; you may mean -d '$(meant)'" ;;
    PATCH,array,) type_line='Content-Type: application/json-patch+json' ;;
    *) ;;
  esac
}

# prepare_no_body
# The same where there is nothing to send. Some methods want to hear that.
prepare_no_body() {
  method=${method:-GET}
  case $method in
    PATCH) usage '-X PATCH needs -d' ;;
    POST | PUT) has_body=yes type_line=Content-Type: ;;
    *) ;;
  esac
}

# prepared WORD...
# A call with more to it than an everyday GET has. Its ends are said aloud, with exit, or yash runs no EXIT trap.
prepared() {
  [ -z "$all$start_key$max" ] || [ -n "$all" ] || usage '--start-key and --max go with --all'
  [ -z "$has_filter" ] || [ -z "$include" ] || usage '-i and --jq: headers are no JSON'
  [ -z "$has_filter" ] || check_filter
  [ "$token,$data" != -,@- ] || usage '--token - and -d @-: there is one standard input'
  # A pipe can be read once, and the token is needed for the report too.
  case $dry_run,$token in
    , | yes,*) ;;
    ,-) private_dir && cat >"$private/token" ;;
    ,/dev/*) private_dir && cat <"$token" >"$private/token" ;;
    *) [ -f "$token" ] || [ ! -r "$token" ] || { private_dir && cat <"$token" >"$private/token"; } ;;
  esac || fail 73 "cannot keep the token in $private"
  [ ! -e "$private/token" ] || token=$private/token
  if [ -n "$has_data" ]; then prepare_body; else prepare_no_body; fi
  [ -z "$own_type" ] || type_line=''
  if [ -n "$fields" ]; then
    case $method in POST) fields_name=fieldsToReturn ;; *) fields_name=fields ;; esac
    set -- "$@" "o:$fields_name==$fields"
  fi
  if [ -n "$dry_run" ]; then
    where -n "$@" || exit
    curl_words print_command "$@"
    return
  fi
  if [ "$method" != GET ] || [ -n "$all$elsewhere" ]; then
    where '' "$@" || exit
    if [ "$read_only" = yes ] && { ! reads || [ "$method" = HEAD ]; }; then
      fail 64 "read_only=yes: $method $url is refused; only GET and POST .../search are let through"
    fi
    case $elsewhere$url in --*http://*) usage "curl's $elsewhere would take the token off this machine in clear" ;; *) ;; esac
    confirm
  fi
  prepared_status=0
  if [ -n "$output" ] && [ "$output" != - ]; then
    to_file "$@" || prepared_status=$?
  else
    go "$@" || prepared_status=$?
  fi
  exit "$prepared_status"
}

# go WORD...
go() {
  if [ -n "$all" ]; then pages "$@"; else calls "$@"; fi
}

# to_file WORD...
# With standard output into a file beside FILE, which takes its place in the end.
to_file() {
  [ ! -d "$output" ] || fail 73 "-o $output: it is a directory"
  if [ -e "$output" ] && [ ! -f "$output" ]; then # a device, a pipe: nothing to replace
    go "$@" >"$output"
    return
  fi
  resolve "$output" || fail 73 "-o $output: too many symbolic links"
  case $resolved in /*) target=$resolved ;; *) target=./$resolved ;; esac
  [ ! -e "$target" ] || [ -w "$target" ] || fail 73 "-o $output: it may not be written"
  if [ -n "$all" ]; then
    part=$target.part
  else
    part=$target.$$.part scrap=$part
    private_dir
  fi
  if [ -n "$start_key" ] && [ -f "$part" ] && [ ! -L "$part" ]; then
    [ -n "$quiet" ] || say "adding to $output.part"
  else
    rm -f -- "$part"
    (set -C && : >"$part") 2>/dev/null || fail 73 "-o $output: cannot write beside it; is ${target%/*} there and yours?"
    [ ! -e "$target" ] || { cp -p -- "$target" "$part" && : >"$part"; } || fail 73 "-o $output: cannot write beside it"
  fi
  file_status=0
  go "$@" >>"$part" || file_status=$?
  case $answer,$file_status in
    304,0) rm -f -- "$part" ;; # nothing came, and nothing changed
    ,0 | [!45]*,0) mv -f -- "$part" "$target" || return 73 ;;
    *) [ -s "$part" ] || rm -f -- "$part" ;;
  esac
  return "$file_status"
}

# print_command ARGUMENT...
# The call, for which curl is to have these arguments, as one line for a shell.
print_command() {
  line=rhythm-token
  command -v rhythm-token >/dev/null || { quoted "$here/rhythm-token"; line=$quoted; }
  put header ${profile:+"--profile=$profile"} ${token:+"--token=$token"}
  line="$line | curl -q -g -s -S -f -H @- --max-redirs 0"
  case $url in
    http:*) put --proto =http --noproxy '*' ;;
    *) put --proto =https ;;
  esac
  put --connect-timeout "$timeout" --speed-limit 1 --speed-time "$timeout"
  case $method in GET) ;; HEAD) put -I ;; *) put -X "$method" ;; esac
  [ "$output" != - ] || output=''
  if [ -z "$has_filter" ]; then
    put ${ca_bundle:+--cacert "$ca_bundle"} ${include:+-i} ${output:+-o "$output"} "$@" "$url"
  else
    put ${ca_bundle:+--cacert "$ca_bundle"} "$@" "$url"
    line="$line | jq -r"
    case $filter in -*) filter=" $filter" ;; *) ;; esac # no option of jq
    put "${all:+(.Items? // .)[] | }$filter"
    [ -z "$output" ] || { line="$line >" && put "$output"; }
  fi
  [ -z "$all" ] || say 'this is the call for the first page; the cursor is followed by --all itself'
  printf '%s\n' "$line"
}

# --- answers that are no good -----------------------------------------------------------------------------------------

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

# asked
# Sets asked to the seconds that Retry-After asks to wait for (RFC 9110, 10.2.3), 121 if it is more, or to nothing.
asked() {
  header_of date
  asked_at=$header
  header_of retry-after
  asked=$(
    export LC_ALL=C
    run_jq -n -R '
      def date: strptime("%a, %d %b %Y %H:%M:%S GMT") | mktime;
      input | if test("^[0-9]+$") then tonumber else date - (input | try date catch (now | floor)) end
      | [[., 0] | max, 121] | min' 2>/dev/null <<DATES
$header
$asked_at
DATES
  ) || asked=''
}

# pause AFTER
# Status 0: AFTER that the call may be tried again, in so many seconds as pause now says, and this has been announced.
# They are as Retry-After has it, up to two minutes, else 1, 2, 4 ... 30, of which chance takes up to a half, so that
# callers who failed together do not come back together.
pause() {
  [ "$attempt" -lt "$retries" ] || return
  asked
  random=$(od -A n -N 1 -t u1 /dev/urandom 2>/dev/null) || random=$$
  random=$((random % 256))
  if [ -n "$asked" ]; then
    [ "$asked" -le 120 ] || return
    pause_ms=$((asked * 1000 + random))
  else
    pause_ms=$((attempt < 5 ? 1000 << attempt : 30000))
    pause_ms=$((pause_ms / 2 + pause_ms * random / 510))
  fi
  pause=$((pause_ms / 1000)).$((pause_ms % 1000 / 100))
  [ -n "$quiet" ] || say "$1; trying again in $pause s ($((attempt + 1)) of $retries)"
}

# kept VERB
# rhythm-token VERB for the token in the cache: at no mint, and without a word.
kept() (
  offline=yes verbose=''
  token_program "$1" </dev/null 2>/dev/null 4>/dev/null
)

# blot [FD]
# Copies text, the token and whatever has the shape of one blotted out, and without control characters, those of a
# UTF-8 terminal's second set (C1) and a carriage return that would write the line anew among them. Lines with
# curl= and answer= go to descriptor FD, if there is one.
blot() {
  { kept print || printf '\n'; cat; } |
    LC_ALL=C blot_to=${1:+/dev/fd/$1} awk '
      NR == 1 { token = length($0) < 8 ? "" : $0; to = ENVIRON["blot_to"]; next }
      to != "" && /^(curl|answer)=/ { print > to; next }
      {
        done = ""
        while (token != "" && (i = index($0, token))) { done = done substr($0, 1, i - 1) "***"; $0 = substr($0, i + length(token)) }
        line = done $0
        sub(/\r$/, "", line)
        gsub(/[\001-\010\013-\037\177]|\302[\200-\237]/, "?", line)
        # Each piece behind an eyJ is looked at once: a body of nothing but eyJ must not take an hour.
        n = split(line, piece, "eyJ")
        printf "%s", piece[1]
        inside = 0
        for (i = 2; i <= n; i++) {
          if (!match(piece[i], inside ? "^[A-Za-z0-9_.-]*" : "^[A-Za-z0-9_-]*[.][A-Za-z0-9_.-]*")) printf "eyJ%s", piece[i]
          else printf "%s%s", inside ? "" : "***", substr(piece[i], RLENGTH + 1)
          inside = RLENGTH == length(piece[i])
        }
        print ""
      }'
}

# talk WORD...
# curl that tells on stderr what it does.
talk() {
  { curl_words curl_program "$@" 2>&1 >&5 5>&- | blot 4 >&2 5>&-; } 5>&1
}

# refused WORD...
# An answer that is neither 2xx nor 304; its body is on standard input. Status as receive.
refused() {
  case $code,$allow, in [45]??,*",$code,"*) cat >/dev/null; return 0 ;; *) ;; esac
  about "$@"
  case $code in
    [45]??) ;;
    *)
      cat >/dev/null
      header_of location
      printf 'rhythm-get: HTTP %s %s %s redirects to %s, which is not followed\n' "$code" "$method" "$url" "${header:-nowhere}" |
        blot >&2
      return 76 ;;
  esac
  if { [ "$code" = 429 ] || { [ "$code" = 503 ] && reads; }; } && pause "HTTP $code $method $url"; then
    cat >/dev/null
    return 75
  fi
  private_dir
  # More than that is no message.
  head -c 1048576 >"$private/answer"
  cat >/dev/null
  report "$private/answer" "$@"
  return 22
}

# report FILE WORD...
# Says everything about an answer of 400 or more, whose body is in FILE: its line, its body, what Rhythm's support asks
# for, the verdict.
report() {
  report_body=$1
  shift
  {
    printf 'rhythm-get: HTTP %s %s %s\n' "$code" "$method" "$url"
    blot <"$report_body"
  } >&2
  [ -z "$quiet" ] || return 0
  header_of 'x-amzn-requestid|apigw-requestid|x-amz-apigw-id'
  {
    printf '%s\n' "For Rhythm's support:" "time=$(date -u +%Y-%m-%dT%H:%M:%SZ)" "status=$code" "request_id=$header"
    kept claims | awk '
      /^tenant_id=/ { tenant = substr($0, 11) }
      /^(azp|client_id)=/ { client = substr($0, index($0, "=") + 1) }
      END { print "tenant_id=" tenant "\nclient_id=" client }'
  } | blot >&2
  case $code in 401 | 403) verdict "$@" ;; *) ;; esac
}

# verdict WORD...
# What rhythm-check thinks of this very request and answer.
verdict() {
  [ -x "$here/rhythm-check" ] || return 0
  {
    printf '%s %s HTTP/1.1\n' "$method" "$url"
    kept header || :
    for word; do
      case $word in h:*) printf '%s\n' "${word#h:}" ;; *) ;; esac
    done
    [ -z "$type_line" ] || printf '%s\n' "$type_line"
    printf '\n%s' "$head"
    cat "$report_body"
  } | LC_ALL=C tr -d '\000-\010\016-\032\034-\037' |
    "$here/rhythm-check" ${profile:+"--profile=$profile"} --request - --offline >&2 4>&- || :
}

# again WORD...
# After a call that failed. Status 0: it is to be repeated; else it is rhythm-get's own, said on stderr.
again() {
  [ -z "$broken" ] || return "$broken"
  case $call_status,$curl in
    0,*) ;;
    22,* | 76,*) return "$call_status" ;;
    75,*) return 0 ;;
    *,0 | *,23) # not curl failed, but the one who takes the body
      [ "$call_status" -le 128 ] || return 141
      [ -n "$has_filter" ] || return 73
      case $call_status in 2 | 4) ;; 73) return 73 ;; *) return 65 ;; esac
      about "$@"
      say "$method $url: the answer is not JSON"
      return 76 ;;
    *) ;;
  esac
  about "$@"
  # The other side's certificate can be quoted in it.
  [ -z "$why" ] || why=$(printf '%s\n' "$why" | blot)
  case $answer,$curl in
    ,[67] | ,16 | ,28 | ,35 | ,52 | ,5[56] | ,92)
      head=''
      if reads && pause "$method $url: ${why:-no answer} (curl $curl)"; then
        sleep "$pause"
        return 0
      fi ;;
    *) ;;
  esac
  case $curl$why in 'curl: option '*) curl=2 ;; *) ;; esac # refused before there was anything to write out
  say "$method $url: ${why:-curl ended without a word} (curl ${curl:-?})"
  case $curl in
    2) return 64 ;;
    3) return 65 ;;
    77) return 78 ;;
    *) [ -n "$answer" ] && [ "${curl:-99}" -lt 64 ] || return 69 ;;
  esac
  return "$curl"
}

# --- terminals and pages ----------------------------------------------------------------------------------------------

# show_answer
# To a terminal: JSON laid out and in colour, and whether there is more of it; all else as it comes.
show_answer() {
  header_of content-type
  case $header in
    application/json* | application/*+json*) ;;
    *) exec cat ;;
  esac
  private_dir
  cat >"$private/answer"
  if ! next_page=$(run_jq 'objects | .LastEvaluatedKey | values' "$private/answer" 2>/dev/null); then
    cat "$private/answer"
    return
  fi
  (run_jq ${NO_COLOR:+-M} . "$private/answer")
  if [ -z "$quiet" ] && [ -n "$next_page" ]; then say 'there are more pages: add --all'; fi
}

# pages WORD...
# All pages, an item a line, by the internal program that does it on one connection.
pages() {
  [ -z "$include" ] || usage '-i and --all: an item has no headers'
  case $method in GET | POST) ;; *) usage "--all reads: it goes with GET and POST, not $method" ;; esac
  for word; do
    case $word in c:*) usage "curl's ${word#c:} does not go with --all" ;; *) ;; esac
  done
  private_dir
  mkdir "$private/error" || return 73
  [ -z "$has_data" ] || print_body >"$private/sent" || return 73
  jq_pid=''
  if [ -n "$has_filter" ]; then
    mkfifo "$private/items" || return 73
    run_jq --unbuffered ${NO_COLOR:+-M} -r " $filter" <"$private/items" &
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
  exec "$here/rhythm-token" ${profile:+"--profile=$profile"} ${token:+"--token=$token"} ${quiet:+-q} ${verbose:+-v} \
    pages -- "$url" "method=$method" ${has_data:+"body_path=$private/sent"} "$@" ${type_line:+"header=$type_line"} \
    ${max:+"max=$max"} ${start_key:+"start_key=$start_key"} "retries=$retries" ${progress:+progress=yes} \
    "error_dir=$private/error" "resume=$resume"
}
