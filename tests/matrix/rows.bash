# shellcheck shell=bash disable=SC2154 # the harness sets SANDBOX_*, OUT and ERR
# Runs the rows of check.tsv; its head explains the columns.

MATRIX=${BASH_SOURCE[0]%/*}

# unsigned RECIPE - prints a token without a valid signature, or the text in its place.
unsigned() {
  case $1 in
    -) ;;
    text:*) printf '%b\n' "${1#text:}" ;;
    *)
      local -a recipe
      read -ra recipe <<<"$1"
      "$MATRIX/token" "${recipe[@]}"
      ;;
  esac
}

# signed RECIPE - prints such a token, signed by the sandbox.
signed() {
  local token payload
  token=$(unsigned "$1 iss=$SANDBOX_HTTP/")
  payload=${token#*.}
  payload=${payload%%.*}
  while ((${#payload} % 4)); do
    payload+="="
  done
  tr -- '-_' '+/' <<<"$payload" | base64 -d |
    curl -q -s -S -f --noproxy '*' --data-binary @- "$SANDBOX_HTTP/_sandbox/token"
}

# answer_lines ANSWER DATE - prints a response: the status line, the headers, an empty line and the body.
answer_lines() {
  local status=${1%% *} word=${1#* } extra='' body
  if [[ $word == *';'* ]]; then
    extra=${word#*;}
    word=${word%%;*}
  fi
  case $word in
    unauthorized) body='{"message":"Unauthorized"}' ;;
    expired) body='{"message":"The incoming token has expired"}' ;;
    policy) body='{"Message":"User is not authorized to access this resource"}' ;;
    deny) body='{"message":"User is not authorized to access this resource with an explicit deny"}' ;;
    route) body='{"message":"Missing Authentication Token"}' ;;
    equal) body="{\"message\":\"'eyJhbGciOiJSUzI1NiJ9.e30.c2ln' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln'.\"}" ;;
    forbidden) body='{"message":"Forbidden"}' ;;
    throttled) body='{"message":"Too Many Requests"}' ;;
    record) body='{"Items":[{"note":"Missing Authentication Token; User is not authorized to access this resource"}]}' ;;
    missing) body='{"message":"Not Found"}' ;;
    trouble) body='{"message":"Internal server error"}' ;;
    html) body='<html><body>Sorry</body></html>' ;;
    *) body='{"Count":0,"Items":[]}' ;;
  esac
  printf 'HTTP/%s %s\n' "$http" "$status"
  if [[ -n $2 ]]; then
    printf 'date: %s\n' "$2"
  fi
  printf 'content-type: application/json\nx-amzn-requestid: 00000000-0000-4000-8000-000000000001\n'
  if [[ -n $extra ]]; then
    printf '%s\n' "$extra"
  fi
  printf '\n%s\n' "$body"
}

# capture FORM HEADER METHOD URL ANSWER DATE - prints a captured request in this form.
capture() {
  local form=$1 header=$2 method=$3 url=$4 answer=$5 date=$6 host rest
  rest=${url#*://}
  host=${rest%%/*}
  rest=/${rest#*/}
  case $form in
    curl)
      printf "curl -sS -X %s" "$method"
      if [[ $header != none ]]; then
        printf " \\\\\n  %b" "$header"
      fi
      printf " \\\\\n  '%s'\n" "$url"
      if [[ $answer != - ]]; then
        answer_lines "$answer" "$date" | sed '1,/^$/d'
      fi
      ;;
    raw)
      printf '%s %s HTTP/%s\nHost: %s\n' "$method" "$rest" "$http" "$host"
      if [[ $header != none ]]; then
        printf '%b\n' "$header"
      fi
      printf 'Accept: */*\n\n'
      if [[ $answer != - ]]; then
        answer_lines "$answer" "$date"
      fi
      ;;
    verbose)
      printf '* Connected to %s (192.0.2.1) port 443\n* ALPN: server accepted\n' "$host"
      printf '> %s %s HTTP/%s\n> Host: %s\n' "$method" "$rest" "$http" "$host"
      if [[ $header != none ]]; then
        printf '%b\n' "$header" | sed 's/^/> /'
      fi
      printf '> Accept: */*\n> \n'
      case $answer in
        -) ;;
        curl:*) printf 'curl: %s\n' "${answer#curl:}" ;;
        *) answer_lines "$answer" "$date" | sed '1,/^$/s/^/< /' ;;
      esac
      ;;
    *) fail "no such form: $form" || return ;;
  esac
}

# live_row TOKEN PROFILE REQUEST ANSWER CLOCK - prepares the sandbox and the profile, and sets run, the command.
live_row() {
  local -a words
  control DELETE
  rm -rf "$XDG_CACHE_HOME" "$XDG_STATE_HOME"
  read -ra words <<<"$2"
  words=("${words[@]/#-/client_id=sandbox-client}")
  sandbox_profile "${words[@]/@HTTPS/$SANDBOX_HTTPS}"
  run=(rhythm-check --format=kv)
  case $1 in
    signed*)
      signed "${1#signed }" >pasted
      run+=(--token pasted)
      ;;
    -) ;;
    *)
      read -ra words <<<"$1"
      knob "${words[@]}"
      ;;
  esac
  if [[ $5 == after:* ]]; then
    expect 0 rhythm-token header
    if [[ $5 == after:forget ]]; then
      rm -rf "$XDG_CACHE_HOME"
    else
      knob "${5#after:}"
    fi
  fi
  if [[ $4 != - ]]; then
    read -ra words <<<"$4"
    knob "${words[@]}"
  fi
  if [[ $3 != - ]]; then
    read -ra words <<<"${3//@BASE/$SANDBOX_HTTP}"
    run+=("${words[@]}")
  fi
}

# offline_row FORM TOKEN HEADER REQUEST ANSWER CLOCK - sets run, the command; writes its input to ./input.
offline_row() {
  local form=$1 token header=$3 request=$4 date='' method url
  http=1.1
  token=$(unsigned "$2")
  form=${form%+}
  case $form in
    paste | auto)
      [[ $header != - ]] || header=@
      printf '%b' "${header//@/$token}" >input
      run=(rhythm-check --format=kv)
      if [[ $form == paste ]]; then
        run+=(--token input)
      else
        run+=(-)
      fi
      [[ $1 != *+ ]] || run+=(-p default)
      return
      ;;
    *) ;;
  esac
  if [[ $header == - ]]; then
    header='Authorization: Bearer @'
    [[ $form != curl ]] || header="-H 'Authorization: Bearer @'"
  fi
  if [[ $request == *' 2' ]]; then
    http=2
    request=${request% 2}
  fi
  method=${request%% *}
  url=${request#* }
  url=${url//\{S\}/https://rolodex.api.rhythmsoftware.com}
  url=${url//\{A\}/https://api.rhythmsoftware.com/rolodex-v1}
  if [[ $6 == date* ]]; then
    date=$(date -u -d "@$(($(date +%s) + ${6#date}))" '+%a, %d %b %Y %H:%M:%S GMT')
  fi
  capture "$form" "${header//@/$token}" "$method" "$url" "$5" "$date" >input
  run=(rhythm-check --format=kv --offline --request input)
  [[ $1 != *+ ]] || run+=(-p default)
}

# row NAME CAUSE ALSO FORM TOKEN HEADER REQUEST ANSWER CLOCK - fails, and shows the output, if the verdict is another.
row() {
  local cause=$2 also=$3 form=$4 status=1 state
  local -a run states
  local http
  [[ $cause != none ]] || status=0
  if [[ $form == live ]]; then
    live_row "${@:5}" || return
  else
    profile default auth0_domain=acme-org.us.auth0.com
    offline_row "${@:4}" || return
  fi
  if [[ $form == auto* ]]; then
    expect "$status" "${run[@]}" <input || return
  else
    expect "$status" "${run[@]}" || return
  fi
  err_any
  no_secret || return
  out_has "cause=$cause" || return
  out_has 'reason=.+' || return
  out_has 'fix=.+' || return
  if [[ $cause != none ]]; then
    out_has "check\\.$cause=fail" || return
  fi
  read -ra states <<<"${also//-/-}"
  for state in "${states[@]}"; do
    [[ $state == - ]] || out_has "check\\.$state" || return
  done
}

# matrix FORM-PATTERN - runs the rows of these forms, counts how many are right, and fails if one is not.
matrix() {
  local pattern=$1 line right=0 all=0
  local -a column
  while IFS= read -r line; do
    [[ -n $line && $line != \#* ]] || continue
    IFS=$'\t' read -ra column <<<"$line"
    # shellcheck disable=SC2053 # a pattern
    [[ ${column[3]%+} == $pattern ]] || continue
    if [[ ${#column[@]} != 9 ]]; then
      fail "${#column[@]} columns, not 9: $line" || return
    fi
    all=$((all + 1))
    if row "${column[@]}"; then
      right=$((right + 1))
    else
      printf 'WRONG: %s\n' "${column[0]}" >&2
      if ((all == 6 && right == 0)); then
        fail 'nothing is right; the rest was not tried' || return
      fi
    fi
  done <"$MATRIX/check.tsv"
  printf '%s %s\n' "$right" "$all" >>"$BATS_FILE_TMPDIR/matrix"
  if ((all == 0 || right != all)); then
    fail "$right of $all rows of $pattern are right" || return
  fi
}
