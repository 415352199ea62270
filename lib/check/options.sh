# shellcheck shell=sh disable=SC2034 # the options are rhythm-check's
# The command line of rhythm-check: its help, and which options can be combined.
#
# To be sourced by rhythm-check. Nothing here reads a file or starts a program, except rhythm-token --version.

usage() {
  cat <<'END'
usage: rhythm-check [OPTIONS] [SERVICE PATH | URL]
       rhythm-check [OPTIONS] -
       rhythm-check [OPTIONS] --token FILE|- [SERVICE PATH | URL]
       rhythm-check [OPTIONS] --capture FILE|-
Names the cause of a 401 from Rhythm's APIs, and the fix.

  without arguments         judge this profile's token, with one request to
                            the API
  SERVICE PATH | URL        the same with this call; it never writes
  -                         judge standard input: paste anything that contains
                            a token or a request

options, anywhere before --:
      --token=FILE|-        judge this token or header line, offline; live if
                            SERVICE PATH or URL follows
      --capture=FILE|-      judge a captured request; it is not sent again
                            (--request is the same)
      --bundle              print what support needs, without secrets;
                            rhythm-check - reads it back
      --offline             open no connection
      --format=text|kv|json set the output format (default: text)
      --get=KEY             print only this value: cause, reason, fix, check.ID
  -p, --profile=NAME        use NAME.conf, which overrides the environment
  -q, --quiet               print only cause=
  -v, --verbose             print every fact and the request on standard error
  -h, --help                print this help
  -V, --version             print the version

exit: 0 no failure, 1 a verdict with a failure, 64 usage, 65 bad input,
69 offline without a token, 70 a bug, 73 cannot write, 75 try later,
78 no such profile. More: man rhythm-check
END
}

# token_like WORD
# Status 0: WORD may be a token or a secret, which nobody meant to put into an argument; it is never printed.
token_like() {
  case $1 in
    *eyJ* | [Bb]earer* | [Aa]uthorization:*) return 0 ;;
    *://* | */* | *.conf | *.txt | *.json | *.log | *.har) return 1 ;;
    *[0-9]*) [ ${#1} -ge 24 ] ;;
    *) [ ${#1} -ge 40 ] ;;
  esac
}

# wrong_word STATUS TEXT WORD
# Ends with TEXT, which shows WORD, unless that may be a token.
wrong_word() {
  if token_like "$3"; then
    complain "$1" "an argument looks like a token or a secret, and every user of this machine can read arguments; paste it into: rhythm-check -"
  fi
  complain "$1" "$2"
}

# unknown_option NAME
unknown_option() {
  use place # the catalogue's reader compares names
  near=$(usage | grep -o -e '--[a-z][a-z-]*' | sort -u | catalogue_nearest_words "$1") || near=''
  wrong_word 64 "there is no option $1${near:+; nearest: $near}; see rhythm-check --help" "$1"
}

# parse ARGUMENT...
# Sets the options, and operand_1, operand_2 and operands (their number).
parse() {
  token_from='' request_from='' bundle='' offline='' format='' get='' quiet='' verbose=''
  operand_1='' operand_2='' operands=0
  while [ $# -gt 0 ]; do
    parse_option=$1
    shift
    case $parse_option in
      --) while [ $# -gt 0 ]; do parse_operand "$1"; shift; done; break ;;
      --token | --request | --capture | --format | --get | --profile | -p)
        [ $# -gt 0 ] || complain 64 "$parse_option needs a value; see rhythm-check --help"
        parse_value "$parse_option" "$1"
        shift ;;
      --token=* | --request=* | --capture=* | --format=* | --get=* | --profile=*) parse_value "${parse_option%%=*}" "${parse_option#*=}" ;;
      -p?*) parse_value -p "${parse_option#-p}" ;;
      --offline) offline=yes ;;
      --bundle) bundle=yes ;;
      -q | --quiet) quiet=yes ;;
      -v | --verbose) verbose=yes ;;
      -qv | -vq) quiet=yes verbose=yes ;;
      -h | --help) usage; exit 0 ;;
      -V | --version) rhythm_token --version | sed 's/^rhythm-token/rhythm-check/'; exit 0 ;;
      -?*) unknown_option "${parse_option%%=*}" ;;
      *) parse_operand "$parse_option" ;;
    esac
  done
}

# parse_value OPTION VALUE
parse_value() {
  [ -n "$2" ] || complain 64 "$1 needs a value; see rhythm-check --help"
  case $1 in
    --token) token_from=$2 ;;
    --request | --capture) request_from=$2 ;;
    --get) get=$2 ;;
    --profile | -p) profile=$2 ;;
    *)
      case $2 in
        text | kv | json) format=$2 ;;
        *) wrong_word 64 "unknown format $2: use text, kv or json; see rhythm-check --help" "$2" ;;
      esac ;;
  esac
}

# parse_operand WORD
parse_operand() {
  operands=$((operands + 1))
  case $operands in
    1) operand_1=$1 ;;
    2) operand_2=$1 ;;
    *) wrong_word 64 "unexpected argument $1; see rhythm-check --help" "$1" ;;
  esac
}

# check_usage
# Refuses options and operands that cannot be combined.
check_usage() {
  if [ "$operand_1" = - ]; then
    case $operands$token_from$request_from in 1) ;; *) complain 64 '- cannot be combined with --token, --capture or another argument; see rhythm-check --help' ;; esac
  elif [ -n "$request_from" ]; then
    case $operands$token_from in 0) ;; *) complain 64 '--capture cannot be combined with --token, SERVICE PATH or URL; see rhythm-check --help' ;; esac
  else
    ! token_like "$operand_1" || wrong_word 64 '' "$operand_1"
    ! token_like "$operand_2" || wrong_word 64 '' "$operand_2"
    case $operands,$operand_1 in
      0, | 2,* | 1,*://*) ;;
      *)
        [ ! -f "$operand_1" ] || wrong_word 64 "$operand_1 is a file; to judge what it contains, run: rhythm-check - <FILE" "$operand_1"
        wrong_word 64 "missing PATH after service $operand_1; see rhythm-check --help" "$operand_1" ;;
    esac
    [ "$operands" -eq 0 ] || [ -z "$offline" ] || complain 64 '--offline cannot be combined with SERVICE PATH or URL; see rhythm-check --help'
  fi
  [ -z "$get" ] || [ -z "$format$quiet" ] || complain 64 '--get cannot be combined with --format or --quiet; see rhythm-check --help'
  case $get in '' | cause | reason | fix | check.*) ;; *) wrong_word 65 "unknown key $get; use cause, reason, fix or check.ID" "$get" ;; esac
  format=${format:-text}
  [ -z "$quiet" ] || format=quiet
  [ -z "$get" ] || format='get'
  [ -z "$bundle" ] || format=bundle
}
