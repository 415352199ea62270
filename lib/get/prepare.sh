# shellcheck shell=sh disable=SC2154,SC2034 # the variables are shared with rhythm-get
# A call with more to it than an everyday GET has: its body, the question before DELETE, the dry run.
#
# To be sourced by rhythm-get, after text.sh.

# check_filter
# Lets jq read the filter, with no input.
check_filter() {
  check_error=$(jq " $filter" </dev/null 2>&1 >/dev/null) && return
  check_error=${check_error#jq: error: }
  fail 64 "--jq: ${check_error%%
*}"
}

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
      cat >"$private/body" || fail 73 "cannot write the body to $private; free space there, or set TMPDIR"
      sent=@$private/body ;;
    @*)
      if [ ! -r "${data#@}" ] || [ -d "${data#@}" ]; then fail 65 "-d $data: this file does not exist or cannot be read"; fi
      [ -f "${data#@}" ] || { private_dir; cat <"${data#@}" >"$private/body"; sent=@$private/body; } ;;
    *) ;;
  esac
  # shellcheck disable=SC2016 # jq's own $
  kind=$(print_body | jq -r -n 'reduce inputs as $one (""; . + " " + ($one | type)) | .[1:]' 2>&1) && case $kind in
    '') fail 65 '-d: the body is empty, not JSON' ;;
    *\ *) fail 65 '-d: the body is more than one JSON value' ;;
    *) return 0 ;;
  esac
  command -v jq >/dev/null || fail 69 '-d needs jq to check the body; install jq'
  case $kind in
    *'parse error: '*) kind=${kind#*parse error: } ;;
    *'error (at '*'): '*) kind=${kind#*'): '} ;;
    *) ;;
  esac
  fail 65 "-d: the body is not JSON: ${kind%%
*}"
}

# patch_of_body
# Prints the JSON Patch that replaces what the body, an object, holds.
patch_of_body() {
  print_body |
    jq -c 'to_entries | map({op: "replace", path: ("/" + (.key | gsub("~"; "~0") | gsub("/"; "~1"))), value})'
}

# read_changes WORD...
# Sets data to the JSON Patch (RFC 6902) that --set, --set-json and --unset say. Dots lead into objects, unless there is a
# backslash before them; add replaces what is there, but into an array it would insert.
read_changes() {
  for word; do
    shift
    case $word in
      --unset:*) set -- "$@" remove "=${word#*:}" '' ;;
      --set:* | --set-json:*) name=${word%%=*} && set -- "$@" "${name#--}" "=${name#*:}" "=${word#*=}" ;;
      *) ;;
    esac
  done
  # A value that is JSON goes in as it was typed, for jq 1.6 would round its numbers.
  # shellcheck disable=SC2016 # jq's own $
  data=$(jq -n -j '
    def pointer: gsub("\\\\[.]"; "\u0001") | split(".")
      | map("/" + (gsub("\u0001"; ".") | gsub("~"; "~0") | gsub("/"; "~1"))) | add;
    def good: . as $text | try (fromjson | type != "number" or ($text | test("^\\s*-?[0-9]"))) catch false;
    $ARGS.positional as $words
    | [range(0; $words | length; 3) as $at | $words[$at:$at + 3] | map(sub("^="; ""))
      | .[1] as $field | ($field | pointer) as $path | .[2] as $value
      | if .[0] == "remove" then {$path, json: "{\"op\":\"remove\",\"path\":\($path | tojson)}"}
        elif (.[0] | startswith("set-json:")) and ($value | good | not) then error("the value of \($field) is not JSON")
        else {$path, json: ("{\"op\":\"\(if $path | test("/[0-9]+$") then "replace" else "add" end)\",\"path\":\($path | tojson),"
          + "\"value\":\(if .[0] | startswith("set:") then $value | tojson else $value end)}")}
        end]
    | (group_by(.path) | map(select(length > 1)) | first) as $twice
    | if $twice then error($twice[0].path + " is changed twice") else "[" + (map(.json) | join(",")) + "]" end
    ' --args "$@" 2>&1) || {
    data=${data#*jq: error }
    fail 65 "--set: ${data#*: }"
  }
  has_data=yes
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
    PATCH,object,) fail 65 "PATCH takes a JSON Patch, not an object; did you mean -d '$(patch_of_body)'?" ;;
    PATCH,array,) type_line='Content-Type: application/json-patch+json' ;;
    *) ;;
  esac
}

# prepare_no_body
# The same where there is nothing to send. Some methods want to hear that.
prepare_no_body() {
  method=${method:-GET}
  case $method in
    PATCH) usage '-X PATCH needs -d, --set or --unset' ;;
    POST | PUT) has_body=yes type_line=Content-Type: ;;
    *) ;;
  esac
}

# known_to_read
# Status 0 if a read-only profile lets this call through. Of a whole URL the catalogue does not know the service.
known_to_read() {
  case $method in GET) return 0 ;; POST) ;; *) return 1 ;; esac
  ! reads || return 0
  [ -n "$service" ] || return 1
  # shellcheck source=lib/get/catalogue.sh
  catalogue_lib=$lib/get && . "$lib/get/catalogue.sh"
  catalogue_reads "$service" "$path" "$method"
}

# prepared WORD...
# A call with more to it than an everyday GET has. Its ends are said aloud, with exit, or yash runs no EXIT trap.
prepared() {
  use call
  [ -z "$all$start_key$max" ] || [ -n "$all$lines_name" ] || usage '--start-key and --limit work only with --all or NAME=@FILE'
  [ -z "$has_filter" ] || [ -z "$include" ] || usage '-i cannot be used with --jq: headers are not JSON'
  [ -z "$has_filter" ] || command -v jq >/dev/null || fail 69 '--jq needs jq; install it'
  case $token,$data,$lines in
    -,@-,* | -,*,- | *,@-,-) usage 'only one of --token -, -d @- and NAME=@- can read standard input' ;;
    *) ;;
  esac
  # A pipe can be read once, and the token is needed for the report too.
  case $dry_run,$token in
    , | yes,*) ;;
    ,-) private_dir && cat >"$private/token" ;;
    ,/dev/*) private_dir && cat <"$token" >"$private/token" ;;
    *) [ -f "$token" ] || [ ! -r "$token" ] || { private_dir && cat <"$token" >"$private/token"; } ;;
  esac || fail 73 "cannot write the token to $private; free space there, or set TMPDIR"
  [ -z "$private" ] || [ ! -e "$private/token" ] || token=$private/token
  if [ -n "$changes" ]; then
    [ "$method" = PATCH ] || usage '--set, --set-json and --unset work only with -X PATCH'
    [ -z "$has_data" ] || usage '-d cannot be used with --set, --set-json or --unset: they make the body'
    read_changes "$@"
  fi
  if [ -n "$has_data" ]; then prepare_body; else prepare_no_body; fi
  [ -z "$own_type" ] || type_line=''
  [ -z "$lines_name" ] || { use lines && prepare_lines; }
  # A call that only reads may find out on the way.
  [ -z "$has_filter" ] || { [ -z "$all$lines_name$dry_run" ] && reads; } || check_filter
  if [ -n "$fields" ]; then
    case $method in POST) fields_name=fieldsToReturn ;; *) fields_name=fields ;; esac
    set -- "$@" "o:$fields_name==$fields"
  fi
  if [ -n "$dry_run" ]; then
    if [ -n "$lines_name" ]; then
      first_line
      for word; do
        shift
        case $word in
          "o:$lines_name={$lines_name}") [ -z "$line" ] || set -- "$@" "o:$lines_name=$line" ;;
          *) set -- "$@" "$word" ;;
        esac
      done
    fi
    where -n "$@" || exit
    curl_words print_command "$@"
    return
  fi
  if [ "$method" != GET ] || [ -n "$all$lines_name$elsewhere" ]; then
    where '' "$@" || exit
    if [ "$read_only" = yes ] && ! known_to_read; then
      fail 64 "read_only=yes: $method $url is refused; this profile allows only GET, POST .../search and the catalogue's other reads"
    fi
    case $elsewhere$url in --*http://*) usage "curl's $elsewhere is refused with an http URL: it could send the token unencrypted to another machine" ;; *) ;; esac
    confirm
    case $method,${path%%\?*} in POST,*/batch) batch=yes ;; *) ;; esac
  fi
  prepared_status=0
  if [ -n "$output" ] && [ "$output" != - ]; then
    use output
    to_file "$@" || prepared_status=$?
  else
    go "$@" || prepared_status=$?
  fi
  exit "$prepared_status"
}

# go WORD...
go() {
  if [ -n "$all$lines_name" ]; then use call refusal pages && pages "$@"; else calls "$@"; fi
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
  [ -z "$all" ] || say 'note: this command gets only the first page; --all itself follows the cursor'
  [ -z "$lines_name" ] || say "note: this command makes only the call for the first line; $many makes one for each line"
  printf '%s\n' "$line"
}
