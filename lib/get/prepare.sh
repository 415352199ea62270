# shellcheck shell=sh disable=SC2154,SC2034 # the variables are shared with rhythm-get
# Calls beyond a plain GET: the body, the question before DELETE, the dry run.
#
# To be sourced by rhythm-get, after text.sh.

# check_filter
# Exits if jq cannot parse the filter.
check_filter() {
  check_error=$(jq " $filter" </dev/null 2>&1 >/dev/null) && return
  check_error=$(printf '%s\n' "$check_error" |
    sed -n '1{s/^jq: error: //;s/ (Unix shell quoting issues?)//;s/ at <top-level>,/ at/;s/:$//;p;}')
  fail 64 "--jq: $check_error; correct the filter, and quote it for the shell"
}

# print_body
print_body() {
  case $sent in @*) cat <"${sent#@}" ;; *) printf '%s' "$sent" ;; esac
}

# read_body
# Checks the body. Sets sent to what curl sends, a JSON text or @FILE, and kind to the type of the JSON value.
read_body() {
  sent=$data
  case $data in
    @-)
      private_dir
      cat >"$private/data" || fail 73 "cannot write the body to $private; free space there, or set TMPDIR"
      sent=@$private/data ;;
    @*)
      must_read "-d $data" "${data#@}"
      [ -f "${data#@}" ] || { private_dir; cat <"${data#@}" >"$private/data"; sent=@$private/data; } ;;
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
# Prints the JSON Patch that replaces each field of the body, an object.
patch_of_body() {
  print_body |
    jq -c 'to_entries | map({op: "replace", path: ("/" + (.key | gsub("~"; "~0") | gsub("/"; "~1"))), value})'
}

# read_changes WORD...
# Sets data to the JSON Patch (RFC 6902) for --set, --set-json and --unset. A dot leads into an object unless a backslash is
# before it. The operation is add, which replaces a value that exists; in an array, where add would insert, it is replace.
# A name in a path has ~0 for ~ and then ~1 for / (RFC 6901, section 3). Words get an = in front, or jq would take one that
# begins with a hyphen as an option.
read_changes() {
  for word; do
    shift
    case $word in
      --unset:*) set -- "$@" remove "=${word#*:}" '' ;;
      --set:* | --set-json:*) name=${word%%=*} && set -- "$@" "${name#--}" "=${name#*:}" "=${word#*=}" ;;
      *) ;;
    esac
  done
  # A JSON value is copied as typed, because jq 1.6 would round its numbers.
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
# Asks before DELETE on a terminal.
confirm() {
  [ "$method" = DELETE ] && [ -z "$yes" ] && [ -t 0 ] || return 0
  # If stderr is a file, nobody would see the question there.
  if [ -t 2 ]; then tty=/dev/stderr; else tty=/dev/tty; fi
  printf 'rhythm-get: DELETE %s is final. Go on? [y/N] ' "$url" >"$tty"
  IFS= read -r line || { line='' && printf '\n' >"$tty"; }
  case $line in [Yy] | [Yy][Ee][Ss]) ;; *) fail 1 'nothing was deleted' ;; esac
}

# prepare_body
# Sets the method, the body and its content type.
prepare_body() {
  method=${method:-POST}
  read_body
  has_body=yes type_line='Content-Type: application/json'
  [ "$dry_run$data" != yes@- ] || sent=$(print_body) # the printed command cannot read our standard input
  case $method,$kind,$own_type in
    PATCH,object,) fail 65 "PATCH takes a JSON Patch, not an object; did you mean -d '$(patch_of_body)'?" ;;
    PATCH,array,) type_line='Content-Type: application/json-patch+json' ;;
    *) ;;
  esac
}

# prepare_no_body
# The same without a body. POST and PUT send an empty one, so that there is a Content-Length.
prepare_no_body() {
  method=${method:-GET}
  case $method in
    PATCH) usage '-X PATCH needs -d, --set or --unset' ;;
    POST | PUT) has_body=yes type_line=Content-Type: ;;
    *) ;;
  esac
}

# known_to_read
# Status 0: a read-only profile allows this call. For a whole URL the service is unknown, so the catalogue cannot help.
known_to_read() {
  case $method in GET) return 0 ;; POST) ;; *) return 1 ;; esac
  ! reads || return 0
  [ -n "$service" ] || return 1
  # shellcheck source=lib/get/catalogue.sh
  catalogue_lib=$lib/get && . "$lib/get/catalogue.sh"
  catalogue_reads "$service" "$api_path" "$method"
}

# prepared WORD...
# Makes a call beyond a plain GET. It ends with exit, because yash runs no EXIT trap otherwise.
prepared() {
  use call
  [ -z "$all$start_key$max" ] || [ -n "$all$lines_name" ] || usage '--start-key and --limit work only with --all or NAME=@FILE'
  [ -z "$has_filter" ] || [ -z "$include" ] || usage '-i cannot be used with --jq: headers are not JSON'
  [ -z "$has_filter" ] || command -v jq >/dev/null || fail 69 '--jq needs jq; install it'
  case $token,$data,$lines in
    -,@-,* | -,*,- | *,@-,-) usage 'only one of --token -, -d @- and NAME=@- can read standard input' ;;
    *) ;;
  esac
  # A pipe can be read only once, and the token is needed for the report too.
  case $dry_run,$token in
    , | yes,*) ;;
    ,-) private_dir && cat >"$private/token" ;;
    ,/dev/*) private_dir && cat <"$token" >"$private/token" ;;
    *) [ -f "$token" ] || [ ! -r "$token" ] || { private_dir && cat <"$token" >"$private/token"; } ;;
  esac || fail 73 "cannot write the token to $private; free space there, or set TMPDIR"
  [ -z "$private" ] || [ ! -e "$private/token" ] || token=$private/token
  if [ -n "$changes" ]; then
    [ "$method" = PATCH ] || usage '--set, --set-json and --unset work only with -X PATCH'
    [ -z "$has_data" ] || usage '-d cannot be used with --set, --set-json or --unset, which make the body'
    read_changes "$@"
  fi
  if [ -n "$has_data" ]; then prepare_body; else prepare_no_body; fi
  [ -z "$own_type" ] || type_line=''
  [ -z "$lines_name" ] || { use lines && prepare_lines; }
  # A single call that only reads finds a bad filter while it runs.
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
    resolve_url -n "$@" || exit
    curl_words print_command "$@"
    return
  fi
  if [ "$method" != GET ] || [ -n "$all$lines_name$elsewhere" ]; then
    resolve_url '' "$@" || exit
    if [ "$read_only" = yes ] && ! known_to_read; then
      fail 64 "$method $url is refused: this profile has read_only=yes, which allows only GET, and POST if PATH as typed is known to read; use another profile"
    fi
    case $elsewhere$url in --*http://*) usage "curl's $elsewhere is refused with an http URL: it could send the token unencrypted to another machine" ;; *) ;; esac
    confirm
    case $method,${api_path%%\?*} in POST,*/batch) batch=yes ;; *) ;; esac
  fi
  [ -z "$all$lines_name" ] || { use pages && check_pages "$@"; }
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
# Prints the call as one line for a shell; curl gets these arguments.
print_command() {
  line=rhythm-token
  command -v rhythm-token >/dev/null || { quoted "$here/rhythm-token"; line=$quoted; }
  add_quoted header ${profile:+"--profile=$profile"} ${token:+"--token=$token"}
  line="$line | curl -q -g -s -S -f -H @- --max-redirs 0"
  case $url in
    http:*) add_quoted --proto =http --noproxy '*' ;;
    *) add_quoted --proto =https ;;
  esac
  add_quoted --connect-timeout "$timeout" --speed-limit 1 --speed-time "$timeout"
  case $method in GET) ;; HEAD) add_quoted -I ;; *) add_quoted -X "$method" ;; esac
  [ "$output" != - ] || output=''
  if [ -z "$has_filter" ]; then
    add_quoted ${ca_bundle:+--cacert "$ca_bundle"} ${include:+-i} ${output:+-o "$output"} "$@" "$url"
  else
    add_quoted ${ca_bundle:+--cacert "$ca_bundle"} "$@" "$url"
    line="$line | jq -r"
    case $filter in -*) filter=" $filter" ;; *) ;; esac # or jq would take it as an option
    add_quoted "${all:+(.Items? // .)[] | }$filter"
    [ -z "$output" ] || { line="$line >" && add_quoted "$output"; }
  fi
  [ -z "$all" ] || say 'note: the printed command gets only the first page; rhythm-get --all gets all pages'
  [ -z "$lines_name" ] || say "note: the printed command makes only the call for the first line; rhythm-get with $many makes one for each line"
  printf '%s\n' "$line"
}
