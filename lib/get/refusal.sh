# shellcheck shell=sh disable=SC2154,SC2034,SC2030,SC2031 # the variables are shared with rhythm-get
# Calls that failed: what is tried again and when, what is reported, the exit status.
#
# To be sourced by rhythm-get, after text.sh and call.sh. The retry policy is that of --retries in the manual, and the same
# as in pages/run.c.

# asked
# Sets asked to the seconds that Retry-After (RFC 9110, 10.2.3) asks for. A date is compared with the response's own Date, so
# that our clock does not matter. Sets it to nothing if the header is missing, zero, in the past, or invalid.
asked() {
  header_of date
  asked_at=$header
  header_of retry-after
  asked=$(
    export LC_ALL=C
    jq -n -R '
      def date: strptime("%a, %d %b %Y %H:%M:%S GMT") | mktime;
      input | if test("^[0-9]+$") then tonumber else date - (input | try date catch (now | floor)) end
      | select(. > 0) | [., 999999999] | min' 2>/dev/null <<DATES
$header
$asked_at
DATES
  ) || asked=''
}

# pause AFTER
# Status 0: the call may be tried again; pause is set to the seconds to wait, and a line that begins with AFTER announces it.
# The delay is that of Retry-After, up to two minutes, else 1, 2, 4 ... 30 s, reduced at random by up to half, so that
# callers that failed together do not try again together.
pause() {
  asked
  [ "$attempt" -lt "$retries" ] && [ "${asked:-0}" -le 120 ] || return
  random=$(od -A n -N 1 -t u1 /dev/urandom 2>/dev/null) || random=$$
  random=$((random % 256)) # 0 to 255, so random / 510 below is at most a half
  if [ -n "$asked" ]; then
    pause_ms=$((asked * 1000 + random))
  else
    pause_ms=$((attempt < 5 ? 1000 << attempt : 30000))
    pause_ms=$((pause_ms / 2 + pause_ms * random / 510))
  fi
  pause=$((pause_ms / 1000)).$((pause_ms % 1000 / 100))
  [ -n "$quiet" ] || say "$1; trying again in $pause s ($((attempt + 1)) of $retries)"
}

# refused WORD...
# Deals with a response that is neither 2xx nor 304; its body is on standard input. Status as receive.
refused() {
  case $code,$allow, in [45]??,*",$code,"*) cat >/dev/null; return 0 ;; *) ;; esac
  name_url "$@"
  case $code in
    [45]??) ;;
    *)
      cat >/dev/null
      header_of location
      printf 'rhythm-get: HTTP %s %s %s redirects to %s, which is not followed; check the URL and api_base\n' "$code" "$method" "$url" "${header:-nowhere}" |
        blot >&2
      return 76 ;;
  esac
  if { [ "$code" = 429 ] || { [ "$code" = 503 ] && reads; }; } && pause "HTTP $code $method $url"; then
    cat >/dev/null
    return 75
  fi
  private_dir
  # A longer body is not a message. Its rest is read, or curl would report that it cannot write.
  head -c 1048576 >"$private/answer"
  cat >/dev/null
  report "$private/answer" "$@"
  return 22
}

# report FILE WORD...
# Reports a response of 400 or more, whose body is in FILE: a line, the body, what Rhythm's support asks for, the verdict.
report() {
  report_body=$1
  shift
  {
    printf 'rhythm-get: HTTP %s %s %s\n' "$code" "$method" "$url" | harmless
    blot <"$report_body"
  } >&2
  [ -z "$quiet" ] || return 0
  case $code in
    429 | 503)
      asked
      [ "${asked:-0}" -le 120 ] || say "the response asks for a wait of $asked s, and rhythm-get waits at most 120 s; try again later" ;;
    *) ;;
  esac
  case $code,$method,${api_path%%\?*} in
    *,GET,*/search) say "a search needs POST; add -d '{}'" ;;
    403,* | 404,*) hint ;;
    *) ;;
  esac
  header_of 'x-amzn-requestid|apigw-requestid|x-amz-apigw-id'
  cause=''
  case $code in 401 | 403) cause=$(verdict -q "$@" 2>/dev/null | sed -n 's/^cause=\([a-z-]*\)$/\1/p') ;; *) ;; esac
  {
    printf '%s\n' "For Rhythm's support:" "time=$(date -u +%Y-%m-%dT%H:%M:%SZ)" "status=$code" "request_id=$header" \
      "cause=$cause"
    cached claims | awk '
      /^tenant_id=/ { tenant = substr($0, 11) }
      /^(azp|client_id)=/ { client = substr($0, index($0, "=") + 1) }
      END { print "tenant_id=" tenant "\nclient_id=" client }'
  } | blot >&2
  case $code in 401 | 403) verdict '' "$@" >&2 ;; *) ;; esac
}

# hint
# Prints what may be wrong with the path according to the catalogue: the API refuses an unknown path with 403 or 404.
hint() {
  hint=''
  if [ -n "$service" ]; then
    # shellcheck source=lib/get/catalogue.sh
    catalogue_lib=$lib/get && . "$lib/get/catalogue.sh"
    hint=$(catalogue_hint "$service" "$api_path" "$method" 2>/dev/null) || hint=''
  fi
  [ "$code" != 404 ] || hint=${hint:-check the path, and that this record exists}
  [ -z "$hint" ] || printf 'rhythm-get: %s\n' "$hint" | blot >&2
}

# verdict OPTION WORD...
# Prints rhythm-check's verdict on this request and response; with OPTION -q only cause=.
verdict() {
  [ -x "$here/rhythm-check" ] || return 0
  verdict_option=$1
  shift
  {
    printf '%s %s HTTP/1.1\n' "$method" "$url"
    cached header || :
    for word; do
      case $word in h:*) printf '%s\n' "${word#h:}" ;; *) ;; esac
    done
    [ -z "$type_line" ] || printf '%s\n' "$type_line"
    printf '\n%s' "$head"
    cat "$report_body"
  } | LC_ALL=C tr -d '\000-\010\016-\032\034-\037' |
    (share_secrets &&
      exec "$here/rhythm-check" ${profile:+"--profile=$profile"} ${verdict_option:+"$verdict_option"} --request - --offline 4>&-) || :
}

# try_again WORD...
# After a failed call: status 0 to repeat it, else the exit status of rhythm-get, with a message on stderr.
try_again() {
  [ -z "$broken" ] || return "$broken"
  case $call_status,$curl in
    0,*) ;;
    22,* | 76,*) return "$call_status" ;;
    75,*) return 0 ;;
    *,0 | *,23) # the program that reads the body failed, not curl
      [ "$call_status" -le 128 ] || return 141
      [ -n "$has_filter" ] || return 73
      case $call_status in 2 | 4) ;; 73) return 73 ;; *) return 65 ;; esac
      name_url "$@"
      say "$method $url: the response is not JSON; leave out --jq to see it"
      return 76 ;;
    *) ;;
  esac
  # The hashed directory of certificates does not contain the issuer (OpenSSL's verify results 2 and 19 to 21), or cannot
  # be read: try again with the bundle. Nothing was sent yet.
  case $bundle$curl,$verify in
    77,* | 60,2 | 60,19 | 60,20 | 60,21) bundle=yes; return 0 ;;
    *) ;;
  esac
  name_url "$@"
  case $proxy in
    407) say "$method $url: the proxy requires a username and password, or rejected yours (HTTP 407);" \
      "put them into its URL, as in https_proxy=http://USER:PASSWORD@HOST:PORT"; return 69 ;;
    4??) say "$method $url: the proxy refused the connection (HTTP $proxy); ask its administrator, or set https_proxy to another"
      return 69 ;;
    *) ;;
  esac
  # The message may quote the server's certificate.
  [ -z "$why" ] || why=$(printf '%s\n' "$why" | blot)
  # No status came, and curl's number is one of a connection: it was not made (6, 7, 35), or ended early.
  case $answer,$curl in
    ,[67] | ,16 | ,28 | ,35 | ,52 | ,5[56] | ,92)
      head=''
      if reads && pause "$method $url: ${why:-no response} (curl $curl)"; then
        sleep "$pause"
        return 0
      fi ;;
    *) ;;
  esac
  case $curl$why in 'curl: option '*) curl=2 ;; *) ;; esac # curl refused it before it printed curl=
  case $curl,$verify in # OpenSSL's verify results: the issuer is unknown, the date is wrong, only the name is (curl leaves 1)
    60,2 | 60,18 | 60,19 | 60,20 | 60,21) remedy='if a proxy or a private CA is in between, set ca_bundle' ;;
    60,9 | 60,10) remedy="check this machine's clock, or have the certificate renewed" ;;
    60,[01] | 60,) remedy='check the host name in the URL and api_base' ;;
    77,*) remedy='set ca_bundle to a file of PEM certificates' ;;
    *) remedy='' ;;
  esac
  say "$method $url: ${why:-the call failed, and curl gave no reason} (curl ${curl:-?})${remedy:+; $remedy}"
  case $curl in
    2) return 64 ;;
    3) return 65 ;;
    77) return 78 ;;
    *) [ -n "$answer" ] && [ "${curl:-99}" -lt 64 ] || return 69 ;;
  esac
  return "$curl"
}
