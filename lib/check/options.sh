# shellcheck shell=sh disable=SC2034 # the options are rhythm-check's
# The command line of rhythm-check: its help, and what goes with what.
#
# To be sourced by rhythm-check. Nothing here reads a file or starts anything but rhythm-token --version.

usage() {
  cat <<'END'
usage: rhythm-check [OPTIONS] [SERVICE PATH | URL]
       rhythm-check [OPTIONS] -
       rhythm-check [OPTIONS] --token FILE|- [SERVICE PATH | URL]
       rhythm-check [OPTIONS] --capture FILE|-
Says which cause a 401 of Rhythm's APIs has, and the fix.

  without arguments         this profile's token, live: one request to the API
  SERVICE PATH | URL        the same, with that call; it never writes
  -                         standard input: paste anything that holds a token
                            or a request, whatever printed it; it says what
                            it took it for

options, anywhere before --:
      --token=FILE|-        a token or a header line; offline, unless SERVICE
                            PATH or URL follows: then live with that very token
      --capture=FILE|-      a failed request as captured; it is not sent again
                            (--request is the same)
      --bundle              print what support needs, nothing secret in it;
                            rhythm-check - reads it back
      --offline             open no connection
      --format=text|kv|json how the verdict is printed (text)
      --get=KEY             print this value alone; exit 65 if there is none
  -p, --profile=NAME        settings from NAME.conf, before the environment's
  -q, --quiet               print cause= only
  -v, --verbose             say what is done
  -h, --help                this text
  -V, --version             the version

exit: 0 no failure, 1 a verdict with a failure, 64 usage, 65 bad input,
69 offline without a token, 70 a bug, 73 cannot write, 75 try later,
78 no such profile. More: man rhythm-check
END
}

# token_like WORD
# Status 0: it may be a token or a secret, which nobody meant to put into an argument; it is never printed.
token_like() {
  case $1 in
    *eyJ* | [Bb]earer* | [Aa]uthorization:*) return 0 ;;
    *://* | */* | *.conf | *.txt | *.json | *.log | *.har) return 1 ;;
    *[0-9]*) [ ${#1} -ge 24 ] ;;
    *) [ ${#1} -ge 40 ] ;;
  esac
}

# wrong_word STATUS TEXT WORD
# Complains of a word, and shows it, unless it may be a token.
wrong_word() {
  if token_like "$3"; then
    complain "$1" "that looks like a token or a secret, and every user of this machine can read arguments; paste it into: rhythm-check -"
  fi
  complain "$1" "$2"
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
      -?*) wrong_word 64 "there is no option $parse_option; see rhythm-check --help" "$parse_option" ;;
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
        *) wrong_word 64 "--format=$2: it is text, kv or json" "$2" ;;
      esac ;;
  esac
}

# parse_operand WORD
parse_operand() {
  operands=$((operands + 1))
  case $operands in
    1) operand_1=$1 ;;
    2) operand_2=$1 ;;
    *) wrong_word 64 "unexpected '$1'; usage: rhythm-check [SERVICE PATH | URL]" "$1" ;;
  esac
}

# check_usage
# What options and operands do not go together.
check_usage() {
  if [ "$operand_1" = - ]; then
    case $operands$token_from$request_from in 1) ;; *) complain 64 '- stands alone: rhythm-check [OPTIONS] -' ;; esac
  elif [ -n "$request_from" ]; then
    case $operands$token_from in 0) ;; *) complain 64 '--capture takes neither --token nor SERVICE PATH: the request is in the capture' ;; esac
  else
    ! token_like "$operand_1" || wrong_word 64 '' "$operand_1"
    ! token_like "$operand_2" || wrong_word 64 '' "$operand_2"
    case $operands,$operand_1 in
      0, | 2,* | 1,*://*) ;;
      *) wrong_word 64 "a PATH is missing behind the service $operand_1; usage: rhythm-check [SERVICE PATH | URL]" "$operand_1" ;;
    esac
    [ "$operands" -eq 0 ] || [ -z "$offline" ] || complain 64 '--offline opens no connection, so it takes no SERVICE PATH or URL'
  fi
  [ -z "$get" ] || [ -z "$format$quiet" ] || complain 64 '--get goes with neither --format nor --quiet'
  case $get in '' | cause | reason | fix | check.*) ;; *) wrong_word 65 "there is no $get; there are cause, reason, fix and check.ID" "$get" ;; esac
  format=${format:-text}
  [ -z "$quiet" ] || format=quiet
  [ -z "$get" ] || format='get'
  [ -z "$bundle" ] || format=bundle
}
