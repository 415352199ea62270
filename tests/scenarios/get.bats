#!/usr/bin/env bats
# rhythm-get: a call that goes well, in all its spellings.
# shellcheck disable=SC2016 # dollars that are meant

load ../helper

setup_file() { sandbox_start; }

setup() {
  common_setup
  sandbox_profile
}

ONE='{"id":"c-17","tenant_id":"acme.org","first_name":"Ren\u00e9","last_name":"Zoë \"Z\"","email_address":"c-17@acme.example","amount":19.99,"balance":17.50,"member_number":9007199254741010,"url":"https:\/\/acme.example\/c\/17","active":true,"sys_last_modified_at":"2026-01-01T00:17:00.000Z","sys_version":1}'

@test "a call uses the cached token, and the response is printed byte for byte" {
  expect 0 rhythm-get rolodex 'contacts/{tenantId}/{id}' id=c-17
  printf %s "$ONE" | out_is
  err_empty
  expect 0 rhythm-get rolodex 'contacts/{tenant_id}/c-17'
  printf %s "$ONE" | out_is
  expect 0 rhythm-get "$SANDBOX_HTTP/rolodex/contacts/acme.org/c-17"
  printf %s "$ONE" | out_is
  mint_count 1
  counter_is api_requests 3
}

@test "HTTPS works with the profile's CA bundle" {
  sandbox_profile api_base="$SANDBOX_HTTPS/{service}" ca_bundle="$SANDBOX_CA"
  expect 0 rhythm-get rolodex contacts/acme.org/c-17
  printf %s "$ONE" | out_is
  err_empty
}

@test "an id with any characters remains one segment, and parameters are encoded" {
  expect 0 rhythm-get echo 'x/{id}' 'id=a|b:c#d/e %f' 'q==1 & 2' 'c==é' --jq .target
  out_is '/echo/x/a%7Cb%3Ac%23d%2Fe%20%25f?q=1%20%26%202&c=%C3%A9'
  err_empty
  expect 0 rhythm-get echo 'a b|c?x=%41#d' --jq .target
  out_is '/echo/a%20b%7Cc?x=%41%23d'
}

@test "options may appear anywhere, in every spelling" {
  local spelling
  for spelling in '--jq .method -X DELETE' '-X DELETE --jq .method' '-XDELETE --jq=.method' '--method=DELETE --jq .method' \
    '--request DELETE --jq .method' '-sSfqXDELETE --jq .method' '--silent --show-error --fail --method DELETE --jq .method' \
    '-ys --jq .method -X DELETE'; do
    # shellcheck disable=SC2086 # words are meant
    expect 0 rhythm-get echo $spelling x
    out_is DELETE
    err_empty
  done
}

@test "with -i the response headers come first" {
  expect 0 rhythm-get -i rolodex contacts/acme.org/c-17
  out_has $'HTTP/1.1 200 OK\r'
  out_has $'Content-Type: application/json\r'
  same "$(tail -n 1 "$OUT")" "$ONE"
  err_empty
  expect 0 rhythm-get --include rolodex contacts/acme.org/c-17
  out_has $'HTTP/1.1 200 OK\r'
}

@test "--jq prints strings raw, and --fields uses the endpoint's own parameter" {
  expect 0 rhythm-get rolodex contacts/acme.org/c-17 --jq .last_name
  out_is 'Zoë "Z"'
  expect 0 rhythm-get --fields first_name,id rolodex contacts/acme.org/c-17
  printf %s '{"id":"c-17","first_name":"Ren\u00e9"}' | out_is
  expect 0 rhythm-get --fields id,amount echo contacts/acme.org/search -d '{}' --jq .query
  out_is 'fieldsToReturn=id%2Camount'
  expect 0 rhythm-get --jq '-(.amount)' rolodex contacts/acme.org/c-17
  out_is -19.99
  err_empty
}

@test "a status named by --allow is not an error and prints nothing" {
  expect 0 rhythm-get --allow 404 rolodex contacts/acme.org/missing
  out_empty
  err_empty
  expect 0 rhythm-get --allow=409 --allow 404,410 rolodex contacts/acme.org/missing
  out_empty
  err_empty
  expect 22 rhythm-get -q --allow 409 rolodex contacts/acme.org/missing
  out_empty
  err_is "rhythm-get: HTTP 404 GET $SANDBOX_HTTP/rolodex/contacts/acme.org/missing" '{"message":"Not Found"}'
}

@test "10 MiB are streamed, and | head ends it without a message" {
  knob api.answer=huge
  expect 0 sh -c 'rhythm-get rolodex contacts/acme.org/c-17 | wc -c'
  out_matches ' *1048[0-9]{4}'
  err_empty
  expect 0 sh -c 'rhythm-get rolodex contacts/acme.org/c-17 | head -c 1'
  out_matches '.'
  err_empty
}

@test "trailers are not part of the body, on standard output or in a file" {
  knob api.trailers=1
  expect 0 rhythm-get rolodex contacts/acme.org/c-17
  printf %s "$ONE" | out_is
  expect 0 rhythm-get -o file rolodex contacts/acme.org/c-17
  same "$(<file)" "$ONE"
  expect 0 rhythm-get -i rolodex contacts/acme.org/c-17
  out_lacks 'X-Sandbox-Trailer: '
  expect 22 rhythm-get -q rolodex contacts/acme.org/missing
  err_lacks 'not a part of the body'
  expect 0 rhythm-get -v rolodex contacts/acme.org/c-17
  printf %s "$ONE" | out_is
  err_any
}

@test "the body is printed as it arrives, not at the end" {
  knob api.answer=drip drip_ms=200
  begin slow rhythm-get rolodex contacts/acme.org/c-17
  until_true test -s "$BATS_TEST_TMPDIR/begun/slow.out"
  same "$(head -c 1 "$BATS_TEST_TMPDIR/begun/slow.out")" '{'
  kill -0 "$BEGUN"
  knob drip_ms=0
  finish 0 slow
  out_has '\{.*\}'
  err_empty
}

@test "a token given by --token is used as it is, and nothing is minted" {
  expect 0 rhythm-token print
  cp "$OUT" mine
  mint_count 1
  expect 0 rhythm-get --token mine rolodex 'contacts/{tenantId}/c-17' --jq .id
  out_is c-17
  expect 0 rhythm-get --token - rolodex 'contacts/{tenantId}/c-17' --jq .id <mine
  out_is c-17
  expect 0 rhythm-get --token=mine rolodex contacts/acme.org/c-17 --jq .id
  out_is c-17
  err_empty
  mint_count 1
  absent "$TMPDIR"/rhythm-get.*
}

@test "-p chooses the profile and beats the environment" {
  sandbox_profile other api_base="$SANDBOX_HTTP/echo/{service}"
  export RHYTHM_API_BASE="https://elsewhere.example/{service}"
  expect 0 rhythm-get -p other rolodex x --jq .target
  out_is /echo/rolodex/x
  expect 0 rhythm-get --profile=other rolodex x --jq .target
  out_is /echo/rolodex/x
  err_empty
}

@test "curl's options go after --" {
  expect 0 rhythm-get rolodex contacts/acme.org/c-17 -- --max-time 20 --compressed -4
  printf %s "$ONE" | out_is
  err_empty
}

@test "-o replaces its file on success, keeps its mode and follows a symbolic link" {
  printf old >data
  chmod 640 data
  ln -s data link
  expect 0 rhythm-get -o link rolodex contacts/acme.org/c-17
  out_empty
  err_empty
  same "$(<data)" "$ONE"
  mode_is 640 data
  same "$(readlink link)" data
  expect 0 rhythm-get --output=new rolodex contacts/acme.org/c-17
  same "$(<new)" "$ONE"
  mode_is 600 new
  expect 0 rhythm-get -o /dev/null rolodex contacts/acme.org/c-17
  out_empty
  expect 0 rhythm-get -o - rolodex contacts/acme.org/c-17
  printf %s "$ONE" | out_is
  same "$(printf '%s ' *)" 'data link new '
}

@test "-o is refused if symbolic links form a loop" {
  ln -s b a
  ln -s a b
  expect 73 rhythm-get -o a rolodex contacts/acme.org/c-17
  out_empty
  err_is 'rhythm-get: -o a: too many symbolic links; name another file'
  counter_is api_requests 0
}

@test "-o leaves its file alone if the call fails" {
  printf old >data
  expect 22 rhythm-get -q -o data rolodex contacts/acme.org/missing
  err_any
  same "$(<data)" old
  knob api.answer=cut
  expect 18 rhythm-get -q -o data rolodex contacts/acme.org/c-17
  err_matches "rhythm-get: GET $SANDBOX_HTTP/rolodex/contacts/acme.org/c-17: .+ \(curl 18\)"
  same "$(<data)" old
  knob api.answer=
  expect 0 rhythm-get --allow 404 -o data rolodex contacts/acme.org/missing
  same "$(<data)" old
  same "$(printf '%s ' *)" 'data '
}

@test "a dry run prints a command that can be pasted, sends nothing and mints nothing" {
  expect 0 rhythm-get -n rolodex 'contacts/{tenantId}/{id}' "q==it's"
  out_is "rhythm-token header | curl -q -g -s -S -f -H @- --max-redirs 0 --proto =http --noproxy '*' --connect-timeout 30 --speed-limit 1 --speed-time 30 '$SANDBOX_HTTP/rolodex/contacts/{tenantId}/{id}?q=it%27s'"
  err_empty
  mint_count 0
  counter_is api_requests 0
  expect 0 rhythm-get --dry-run -X PUT echo x -d '{"a": "it'\''s $HOME"}' -H 'X-A: b c' --jq .body
  cp "$OUT" command
  mint_count 0
  expect 0 sh command
  out_is '{"a": "it'\''s $HOME"}'
  err_empty
  expect 0 rhythm-get -n -d @- echo x --jq .body <<<'[1, 2.0]'
  cp "$OUT" command
  expect 0 sh command
  out_is '[1, 2.0]'
  err_empty
  expect 0 rhythm-get -n -o 'a file' rolodex contacts/acme.org/c-1 --jq .id
  cp "$OUT" command
  expect 0 sh command
  out_empty
  lines_are 'a file' c-1
  expect 0 rhythm-get -n -a rolodex contacts/acme.org/search -d '{}' --jq .id
  err_is 'rhythm-get: note: the printed command gets only the first page; rhythm-get --all gets all pages'
  cp "$OUT" command
  expect 0 sh command
  seq -f 'c-%g' 10 | out_is
  err_empty
}

@test "--list shows the catalogue, and for an unknown service the nearest names" {
  expect 0 rhythm-get --list
  out_has $'rolodex\t[0-9]+\t[0-9]+\tconfirmed\trecords'
  expect 0 rhythm-get --list rolodex contacts
  out_has $'POST\tcontacts/\{tenantId\}/search\tsearch\tconfirmed\texclusiveStartKey,fieldsToReturn'
  out_has $'field\tfirst_name\tstring\tconfirmed\t-'
  err_empty
  expect 64 rhythm-get --list rolodx
  out_empty
  err_is 'rhythm-get: no service "rolodx"; nearest: rolodex'
}

@test "a --list whose output cannot be written is 73" {
  expect 73 sh -c 'rhythm-get --list >/dev/full'
  err_is 'rhythm-get: cannot write to standard output: No space left on device'
}

@test "an unknown service is refused before any request" {
  expect 64 rhythm-get rolodx x
  out_empty
  err_is 'rhythm-get: no service "rolodx"; nearest: rolodex; a service that is not in the catalogue needs a whole URL'
  mint_count 0
  counter_is api_requests 0
  sandbox_profile api_base='https://{service}.api.rhythmsoftware.com'
  expect 64 rhythm-get zzzzzzzz x
  err_matches 'rhythm-get: no service "zzzzzzzz"; the services are: accreditation, .*, system; a service .*'
}

@test "the built-in list of services is the catalogue's" {
  local known
  known=$(sed -n "s/^readonly services=' \(.*\) '$/\1/p" "$PROGRAMS/rhythm-get")
  expect 0 rhythm-get --list
  out_has $'rolodex\t.*'
  same "$known" "$(cut -f 1 "$OUT" | paste -s -d ' ')"
}

@test "every option of --help is in the manual, and vice versa" {
  expect 0 rhythm-get --help
  grep -o -E -e '(^| )-[-A-Za-z]+' "$OUT" | tr -d ' ' | grep -v -x -e '-n' -e '--' | sort -u >help
  sed -n -e '/^\.It Fl/p' -e '/^\.Fl Fl request/p' "$TOP/bin/rhythm-get.1" |
    grep -o -E 'Fl (Fl )?[-A-Za-z]+' | sed -E 's/^Fl (Fl )?/\1/; s/^Fl /--/; s/^([A-Za-z])$/-\1/' | grep -v -x -e '-n' | sort -u >manual
  lines_are help <manual
  expect 0 rhythm-get -h
  out_has 'usage: rhythm-get .*'
  err_empty
}

@test "the version is rhythm-token's" {
  expect 0 rhythm-token --version
  local version
  version=$(<"$OUT")
  expect 0 rhythm-get -V
  out_is "rhythm-get ${version#* }"
  expect 0 rhythm-get --version
  out_is "rhythm-get ${version#* }"
  err_empty
}

@test "rhythm-get works in every shell, and through a symbolic link from anywhere" {
  local shell missing=''
  ln -s "$PROGRAMS/rhythm-get" here
  expect 0 ./here rolodex contacts/acme.org/c-17 --jq .id
  out_is c-17
  for shell in dash 'bash --posix' 'busybox ash' mksh yash 'zsh --emulate sh'; do
    command -v "${shell%% *}" >/dev/null || { missing+=" ${shell%% *}"; continue; }
    # shellcheck disable=SC2086 # words are meant
    expect 0 $shell "$PROGRAMS/rhythm-get" rolodex 'contacts/{tenantId}/c-17'
    printf %s "$ONE" | out_is
    # shellcheck disable=SC2086
    expect 22 $shell "$PROGRAMS/rhythm-get" -q rolodex 'contacts/{tenantId}/missing'
    out_empty
    err_is "rhythm-get: HTTP 404 GET $SANDBOX_HTTP/rolodex/contacts/acme.org/missing" '{"message":"Not Found"}'
    # shellcheck disable=SC2086
    RHYTHM_PROFILE=none expect 78 $shell "$PROGRAMS/rhythm-get" rolodex x
    err_matches 'rhythm-token: there is no profile .*/none\.conf; to write it, run rhythm-token config --init -p none'
  done
  [[ -z $missing ]] || skip "passed, but not under these, which are not here:$missing"
}
