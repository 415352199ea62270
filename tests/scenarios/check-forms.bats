#!/usr/bin/env bats
# rhythm-check reads whatever people paste: every capture of tests/matrix/captures, run by somebody other than the sender, and
# without any part of the token in the output.

load ../helper

TOKEN=$BATS_TEST_DIRNAME/../matrix/token
CAPTURES=$BATS_TEST_DIRNAME/../matrix/captures

setup() {
  common_setup
  profile vendor auth0_domain=vendor.us.auth0.com client_id=vendor audience=https://api.vendor.example "api_base=https://api.vendor.example/{service}"
  valid=$("$TOKEN" machine)
  expired=$("$TOKEN" machine iat-90000 exp-3600)
  audience=$("$TOKEN" machine aud=https://other.example)
  tenant=$("$TOKEN" machine tenant_id=other.org)
  id=$("$TOKEN" id)
  date=$(LC_ALL=C date -u '+%a, %d %b %Y %H:%M:%S GMT') # a fixed date would be wrong tomorrow
  right=0
  all=0
}

# one CAUSE - ./input gets this verdict, with another sender's settings.
one() {
  local wanted=$1 status=1
  case $wanted in
    none) status=0 ;;
    'exit 65') status=65 ;;
    *) ;;
  esac
  RHYTHM_PROFILE=vendor expect "$status" rhythm-check --format=kv --offline - <input || return
  err_any
  no_pieces || return
  if ((status == 65)); then
    out_empty || return # meta: the status of this function counts
  else
    out_has "cause=$wanted" || return # meta: the status of this function counts
    out_has 'reason=.+' || return # meta: the status of this function counts
    out_has 'fix=.+' || return # meta: the status of this function counts
  fi
}

# no_pieces - no part of a token or a secret was printed; a part is 24 characters of a payload or a signature.
no_pieces() {
  local token part parts=()
  no_secret || return # meta: the status of this function counts
  for token in "$valid" "$expired" "$audience" "$tenant" "$id"; do
    part=${token#*.}
    parts+=(-e "${part:40:24}" -e "${token##*.}")
  done
  if grep -q -F "${parts[@]}" "$OUT" "$ERR"; then
    fail 'a piece of a token was printed' || return
  fi
}

# part N OF - judges every OF-th capture, beginning with the N-th.
part() {
  local n=0 name='' cause='' line
  : >input
  while IFS= read -r line || [[ -n $line ]]; do
    case $line in
      '=== '*)
        judged "$1" "$2"
        if ((all == 6 && right == 0)); then
          fail 'nothing is right; the rest was not tried' || return
        fi
        name=${line#=== } cause=''
        n=$((n + 1))
        : >input
        ;;
      *)
        if [[ -z $name ]]; then
          continue
        elif [[ -z $cause ]]; then
          cause=$line
        elif ((n % $2 == $1)); then
          line=${line//@valid@/$valid} line=${line//@expired@/$expired} line=${line//@audience@/$audience}
          line=${line//@tenant@/$tenant} line=${line//@id@/$id} line=${line//@date@/$date} line=${line//^M/$'\r'} line=${line//^[/$'\e'}
          printf '%s\n' "$line" >>input
        fi
        ;;
    esac
  done <"$CAPTURES"
  judged "$1" "$2"
  if ((all == 0 || right != all)); then
    fail "$right of $all captures are judged rightly" || return
  fi
}
judged() {
  if [[ -z $name ]] || ((n % $2 != $1)); then
    return
  fi
  all=$((all + 1))
  if one "$cause"; then
    right=$((right + 1))
  else
    printf 'WRONG: %s\n' "$name" >&2
  fi
}

@test "in captures of other programs the cause is found (1 of 5)" { part 0 5; }
@test "in captures of other programs the cause is found (2 of 5)" { part 1 5; }
@test "in captures of other programs the cause is found (3 of 5)" { part 2 5; }
@test "in captures of other programs the cause is found (4 of 5)" { part 3 5; }
@test "in captures of other programs the cause is found (5 of 5)" { part 4 5; }

@test "UTF-16, base64, quoted-printable and marks at line ends are decoded" {
  printf 'GET /contacts/acme.org/c-1 HTTP/1.1\r\nHost: rolodex.api.rhythmsoftware.com\r\nAuthorization: Bearer %s\r\n\r\nHTTP/1.1 401 Unauthorized\r\n\r\n{"message":"Unauthorized"}\r\n' \
    "$expired" >plain
  iconv -f UTF-8 -t UTF-16 plain >utf16
  iconv -f UTF-8 -t UTF-16BE plain >utf16be
  base64 <plain >in-base64
  tr -d '\r' <plain | sed -E 's/=/=3D/g; s/(.{70})/\1=\n/g' >quoted
  printf 'data:\n  token: %s\n' "$(printf '%s' "$expired" | base64 -w 0)" >secret
  printf '<item><url>https://rolodex.api.rhythmsoftware.com/contacts/acme.org/c-1</url><request>%s</request><status>401</status></item>\n' \
    "$(base64 -w 0 <plain)" >item
  cat -A plain >visible
  tr -d '\r' <plain | sed 's/ /\xc2\xa0/g' >no-break
  local file
  for file in utf16 utf16be in-base64 quoted secret item visible no-break; do
    expect 1 rhythm-check --get cause --offline - <"$file"
    err_any
    out_is token-expired
  done
}

@test "UTF-16 is decoded also where iconv does not know it" {
  printf 'GET /contacts/acme.org/c-1 HTTP/1.1\r\nHost: rolodex.api.rhythmsoftware.com\r\nAuthorization: Bearer %s\r\n\r\nHTTP/1.1 401 Unauthorized\r\n' \
    "$expired" | iconv -f UTF-8 -t UTF-16 >utf16
  mkdir old
  printf '#!/bin/sh\ncase $* in *UTF-16*) exit 1 ;; *) exec %s "$@" ;; esac\n' "$(command -v iconv)" >old/iconv
  chmod +x old/iconv
  PATH=$PWD/old:$PATH expect 1 rhythm-check --get cause --offline - <utf16
  err_any
  out_is token-expired
}

@test "a call in a program that was cut before its closing bracket ends after 80 lines" {
  {
    printf 'fetch("https://rolodex.api.rhythmsoftware.com/contacts/acme.org/c-1", {\n'
    printf '  "Authorization": "Bearer %s",\n' "$valid"
    printf '  "X-Field-%s": "1",\n' {3..79}
    printf '  "method": "DELETE",\nHTTP/1.1 401 Unauthorized\n'
  } >input
  expect 1 rhythm-check --format=kv --offline - <input
  err_any
  out_has cause=unexplained
  out_has 'fix=.* status 401, DELETE https://rolodex.api.rhythmsoftware.com/contacts/acme.org/c-1, .*'
}

@test "every awk gives the same verdicts" {
  local awk
  printf "curl -H 'Authorization: Bearer %s' https://rolodex.api.rhythmsoftware.com/contacts/acme.org/c-1\n{\"message\":\"Unauthorized\"}\n" "$expired" >input
  expect 1 rhythm-check --format=kv --offline - <input
  cp "$OUT" wanted.raw
  sed 's/^reason=.*/reason=/' wanted.raw >wanted
  for awk in $(each_awk); do
    PATH=$PWD/$awk:$PATH expect 1 rhythm-check --format=kv --offline - <input
    err_empty
    sed 's/^reason=.*/reason=/' "$OUT" >got
    lines_are got <wanted
  done
}

@test "the time for a long text grows in proportion to its length" {
  local text file
  for text in 'status code of nothing in the log' 'word eyJ error 401 and so on' eyJhbGciOiJub25lIn0eyJhbGciOiJub25lIn0 \
    'GET https://rolodex.api.rhythmsoftware.com/contacts/acme.org/c-1 returned status 200'; do
    { yes "$text" || :; } | head -c 1000000 >lines
    tr '\n' ' ' <lines >line
    for file in lines line; do
      # shellcheck disable=SC2016 # the inner shell's
      expect 0 timeout 30 sh -c 'rhythm-check --format=kv --offline - <"$1" >said || [ $? -eq 65 ] || grep -q ^cause= said' sh "$file"
      err_any
      [[ -s said || -s $ERR ]] # a verdict, or a reason for none
    done
  done
}
