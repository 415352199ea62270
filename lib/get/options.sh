# shellcheck shell=sh disable=SC2154,SC2034,SC2030,SC2031 # the variables are shared with rhythm-get
# Checks of less frequent arguments: values of options, headers, changes, options for curl, unknown services and options.
#
# To be sourced by rhythm-get. Nothing here sends anything.

# unknown_option NAME
unknown_option() {
  # shellcheck source=lib/get/catalogue.sh
  catalogue_lib=$lib/get && . "$lib/get/catalogue.sh"
  case $1 in
    --*) near=$(use help && help | grep -o -e '--[a-z][a-z-]*' | sort -u | catalogue_nearest_words "$1") || near='' ;;
    *) near='' ;;
  esac
  usage "there is no option $1${near:+; nearest: $near}"
}

# check_number NAME VALUE
check_number() {
  case $2 in '' | *[!0-9]* | ??????????*) usage "$1 $2: must be a whole number from 0 to 999999999" ;; *) ;; esac
}

# check_method NAME
check_method() {
  case $1 in '' | *[!A-Z]*) usage "-X $1: a method must be in capital letters, like GET" ;; *) ;; esac
}

# check_fields LIST
check_fields() {
  case $1 in '' | *[!A-Za-z0-9_.,-]*) usage "--fields $1: must be names separated by commas" ;; *) ;; esac
}

# check_statuses LIST - that of --allow.
check_statuses() {
  case ,$1, in *[!0-9,]* | *,,*) usage "--allow $1: must be status codes separated by commas" ;; *) ;; esac
}

# check_header LINE
# Refuses what is not one header, and headers that decide which token goes where. Sets own_type if it is the content
# type. Messages do not repeat LINE, which may be a secret.
check_header() {
  case $1 in
    *[[:cntrl:]]*) usage '-H: a header must be one line without control characters' ;;
    *) ;;
  esac
  header_name=${1%%[:;]*}
  while :; do
    case $header_name in ' '*) header_name=${header_name# } ;; *' ') header_name=${header_name% } ;; *) break ;; esac
  done
  case $header_name in
    [Aa][Uu][Tt][Hh][Oo][Rr][Ii][Zz][Aa][Tt][Ii][Oo][Nn])
      usage '-H: rhythm-get sets the Authorization header itself; for another token, use --token FILE' ;;
    [Hh][Oo][Ss][Tt]) usage '-H: the Host header cannot be set, because the URL decides who gets the token' ;;
    [Cc][Oo][Nn][Tt][Ee][Nn][Tt]-[Tt][Yy][Pp][Ee]) own_type=yes ;;
    *) ;;
  esac
  case $1 in [!:\;]*[:\;]*) ;; *) usage "-H: a header must look like 'Name: value'" ;; esac
  case ${1%%[:;]*} in
    *[!A-Za-z0-9!#\$%\&\'*+.^_\`\|~-]*) usage "-H: a header must look like 'Name: value', without spaces in the name" ;;
    *) ;;
  esac
}

# check_change NAME VALUE
# Checks --set, --set-json and --unset.
check_change() {
  case $1,$2 in
    *,=* | *,) usage "$1: missing field name" ;;
    --unset,*=*) usage "$1 takes a field name without a value" ;;
    --set,*=* | --set-json,*=* | --unset,*) changes=yes ;;
    *) usage "$1 takes FIELD=VALUE" ;;
  esac
}

# check_lines WORD
# If WORD is NAME=@FILE, sets lines_name and lines to its parts, and word to NAME={NAME}, which keeps the placeholder in
# the URL.
check_lines() {
  case ${1%%=@*} in '' | *[!A-Za-z0-9_]*) return 0 ;; *) ;; esac
  [ -z "$lines_name" ] || usage "$1: only one NAME=@FILE is allowed, and $lines_name=@$lines is already given"
  lines_name=${1%%=@*} lines=${1#*=@}
  [ -n "$lines" ] || usage "$1 needs a file name or - after the @; if the value itself begins with @, write it into PATH in place of {$lines_name}"
  word="$lines_name={$lines_name}"
}

# check_curl_words WORD...
# Refuses every argument for curl that is not on the list of options known to add no URL, configuration, header, output
# or trace. The list names what is allowed, because curl has many names for everything else, and abbreviations.
check_curl_words() {
  name='' curl_count=0
  for word; do
    case $word in c:*) word=${word#c:} curl_count=$((curl_count + 1)) ;; *) continue ;; esac
    [ -z "$name" ] || { name=''; continue; } # its value
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
      --*) refuse_curl_option "${word%%=*}" ;; # without the value, which may be a secret
      -?*) refuse_curl_option "${word%"${word#-?}"}" ;;
      *) usage "word $curl_count after -- is not a curl option or the value of one, so curl would take it as another URL; leave it out" ;;
    esac
  done
  [ -z "$name" ] || usage "curl's $name needs a value"
}

# refuse_curl_option NAME
refuse_curl_option() {
  case $1 in
    -k | --insecure | --proxy-insecure) usage "curl's $1 is refused: any server could get the token; set ca_bundle instead" ;;
    --request-target) usage "curl's $1 is refused: the request must go to the URL that was checked; leave it out" ;;
    -L | --locat*) usage "curl's $1 is refused: rhythm-get never follows a redirect; leave it out" ;;
    -X | --request) own=-X ;;
    -H | --header) own=-H ;;
    -d | --data* | --json) own=-d ;;
    -o | --output) own=-o ;;
    -i | --include) own=-i ;;
    -v | --verbose) own=-v ;;
    -I | --head) own='-X HEAD' ;;
    -G | --get) own=NAME==VALUE ;;
    -[0146gNqsSfmxU]) usage "curl's $1 is followed by more letters; after --, write each curl option, and its value, as a separate word" ;;
    *) usage "curl's $1 cannot be used with rhythm-get; leave it out" ;;
  esac
  usage "curl's $1 cannot be used after --; write $own before -- instead"
}

# missing_path SERVICE
missing_path() {
  case $1 in
    */* | *' '*) usage "'$1' is not a service name; give SERVICE and PATH as two arguments: ${1%%[/ ]*} ${1#*[/ ]}" ;;
    *) usage "missing PATH after service $1" ;;
  esac
}

# check_service NAME
# For a service that is not in $services: refuses it if it is not in the catalogue either, and a name is near or the call
# would go to Rhythm itself.
check_service() {
  case $1 in
    GET | HEAD | POST | PUT | PATCH | DELETE) usage "'$1' is not a service name; for this method, use -X $1" ;;
    *[!a-z0-9-]*) usage "'$1' is not a service name: it must consist of a-z, 0-9 and -" ;;
    *) ;;
  esac
  # shellcheck source=lib/get/catalogue.sh
  catalogue_lib=$lib/get && . "$lib/get/catalogue.sh"
  catalogue_open 2>/dev/null || return 0
  ! catalogue_has_service "$1" || return 0
  if near=$(catalogue_nearest "$1"); then near="nearest: $near"
  else
    base=$(share_secrets && exec "$here/rhythm-token" ${profile:+"--profile=$profile"} config --get api_base) || exit $?
    case $base in
      "https://{service}.api.rhythmsoftware.com" | "https://api.rhythmsoftware.com/{service}-v1") near="the services are: $(catalogue_services)" ;;
      *) return 0 ;;
    esac
  fi
  catalogue_unknown service "$1" "; $near; a service that is not in the catalogue needs a whole URL"
  exit 64
}
