# shellcheck shell=sh disable=SC2154,SC2034 # dir, the options and the URL are rhythm-check's
# The live check: the profile's token, or a pasted one, and the response to one request with it, which never writes.
#
# To be sourced by rhythm-check, after input.sh and place.sh.

# gather_live
gather_live() {
  mode=live
  if [ -n "$token_from" ]; then
    title='the pasted token, live'
    held=$dir/token
    put pasted yes
    note_reading
  else
    title="the token of profile ${profile:-${RHYTHM_PROFILE:-default}}"
    [ -n "$offline" ] || title="$title, live"
  fi
  case $operands$offline in
    *yes) ask --offline ;;
    0) ask --signature-only ;;
    1) ask --signature-only -- "$operand_1" ;;
    *) ask --signature-only -- "$operand_1" "$operand_2" ;;
  esac
  if ! fact facts form; then
    [ -z "$held" ] || complain 70 "rhythm-token facts: $(said_why)"
    put_no_token
  elif [ -z "$held" ] && ! is facts form jwt; then
    # If it is not a JWT, such as a word in a token_file, it is read like pasted input.
    rhythm_token --quiet header | read_text - check_token= check_token_only=yes
  elif fact facts url; then
    place "$fact"
    if choose_method; then
      probe
      probe_other_style
    fi
  elif [ "$ask_status" -ne 0 ]; then
    [ -z "$problem" ] || complain "$ask_status" "$problem"
    put_no_call "$(said_why)"
  fi
}

# put_no_token
# Puts why the profile has no token: the recorded cause, if it is this failure's; otherwise what the exit status says.
put_no_token() {
  no_token_words=$(said_why)
  fact facts wrong || : # none: nothing was tried
  if [ -n "$fact" ] && is facts ledger.failure.message "$fact" && fact facts ledger.failure.cause; then
    put token.cause "$fact"
  else
    case $offline$ask_status in
      78) put token.cause config ;;
      69) put token.cause network ;;
      77) put token.cause credentials ;;
      76) put token.cause server ;;
      *) complain "$ask_status" "$no_token_words" ;;
    esac
  fi
  put token.words "$no_token_words"
}

# put_no_call WORDS
# Handles a call that cannot be made. If the URL is elsewhere, the checks say so; if the token lacks a claim that the path
# needs, it is still judged.
put_no_call() {
  case $1 in
    *' is not below api_base='*)
      put required_base "$api_base"
      place "${1%%' is not below api_base='*}" ;; # as it is shown: no line break in it ends the line
    'the token has no '*) note "${1%; add *}" ;; # add NAME=VALUE is rhythm-token's remedy
    *' has no value; add '*) complain 64 "${1%; add *}; write it into the path" ;;
    *) complain 64 "$1" ;;
  esac
}

# choose_method
# Sets method from the catalogue. Status 1: the call would write, so it is not made.
choose_method() {
  method=GET
  case $url_path in */search) method=POST; return 0 ;; *) ;; esac
  known_methods=$(catalogue_method "$url_service" "${url_path#/}") || known_methods=''
  case $known_methods in '' | GET*) return 0 ;; *) ;; esac
  note "no request was made: the catalogue has only $(printf '%s\n' "$known_methods" | paste -s -d ' ' -) for this path, and a check never writes"
  return 1
}

# probe
# Makes the one request to the API. The response is read like any other capture.
probe() {
  command -v curl >/dev/null || complain 70 'curl is not installed; install it'
  set -- -q -g -s -S --suppress-connect-headers -D "$dir/answer" -H @- -X "$method" -w '%{stderr}sent=%{size_request}\n'
  [ "$method" = GET ] || set -- "$@" -H 'Content-Type: application/json' --data '{}'
  case $url in http://*) set -- "$@" --noproxy '*' ;; *) ;; esac
  if fact facts config.timeout; then set -- "$@" --max-time "$fact"; fi
  if fact facts config.ca_bundle; then set -- "$@" --cacert "$fact"; fi
  : >"$dir/answer"
  [ -z "$verbose" ] || printf 'rhythm-check: %s %s\n' "$method" "$url" >&2
  rhythm_token --quiet header | curl "$@" --url "$url" 2>"$dir/curl" |
    head -c 65536 >"$dir/body" # an error message is shorter
  [ -s "$dir/answer" ] || cp "$dir/curl" "$dir/answer"
  {
    printf '%s %s HTTP/1.1\n\n' "$method" "$url"
    cat "$dir/answer" "$dir/body"
  } >"$dir/input"
  is_ascii "$dir/input" || take_utf8
  read_text "$dir/input" check_sealed=yes check_token=
  if ! fact capture status && ! fact capture failure; then
    probe_failure=network probe_words=$(sed -n '1{/^sent=/d;p;}' "$dir/curl")
    # curl 8.23 says this if the file is missing; earlier ones end with number 77
    case $probe_words in 'curl: '*' --cacert'*) probe_failure=tls ;; *) ;; esac
    printf 'failure=%s\nfailure.words=%s\n' "$probe_failure" "${probe_words:-curl failed without a message}" >>"$dir/capture"
    captured=''
  fi
  detail capture
}

# probe_other_style
# If the base URL is a published one and could not be reached, so that nothing was sent, asks the other one. If that one
# responds, its response is judged.
probe_other_style() {
  case $url_style in
    service) other_url=https://api.rhythmsoftware.com/$url_service-v1$url_path ;;
    article) other_url=https://$url_service.api.rhythmsoftware.com$url_path ;;
    *) return 0 ;;
  esac
  grep -q -x 'sent=0' "$dir/curl" && rhythm_token url -- "$other_url" >/dev/null 2>&1 || return 0
  configured_url=$url
  fact capture failure.words || :
  unanswered=$fact
  mv "$dir/capture" "$dir/unanswered"
  place "$other_url"
  probe
  if fact capture status; then
    put unanswered "$unanswered"
  else
    place "$configured_url"
    mv "$dir/unanswered" "$dir/capture"
    captured=''
  fi
}
