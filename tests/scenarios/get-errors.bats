#!/usr/bin/env bats
# rhythm-get: bad responses, broken connections, and what is retried.

load ../helper
load get

setup_file() { sandbox_start; }

setup() {
  common_setup
  sandbox_profile
  URL=$SANDBOX_HTTP/rolodex/contacts/acme.org/c-1
}

@test "a 404 shows one line, the body, and the lines for support" {
  expect 22 rhythm-get rolodex 'contacts/{tenantId}/missing'
  out_empty
  err_matches "rhythm-get: HTTP 404 GET $SANDBOX_HTTP/rolodex/contacts/acme.org/missing" '\{"message":"Not Found"\}' 'rhythm-get: check the path, and that this record exists' \
    "For Rhythm's support:" 'time=20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z' status=404 \
    'request_id=00000000-0000-4000-8000-000000000001' cause= tenant_id=acme.org client_id=sandbox-client
  no_secret
  counter_is api_requests 1
  mint_count 1
  absent "$TMPDIR"/rhythm-get.*
}

@test "a search without a body is told to add one" {
  expect 22 rhythm-get rolodex contacts/acme.org/search
  out_empty
  err_has "rhythm-get: a search needs POST; add -d '\{\}'"
  [[ $(head -n 1 "$ERR") == "rhythm-get: HTTP 40"[34]" GET $SANDBOX_HTTP/rolodex/contacts/acme.org/search" ]]
}

@test "after a 401 or 403 the lines for support give the cause that rhythm-check found" {
  knob api.answer=401
  expect 22 rhythm-get -H 'X-A: b' rolodex contacts/acme.org/c-1
  err_has status=401
  err_has 'cause=[a-z-]+'
  err_has "VERDICT: $(sed -n 's/^cause=//p' "$ERR")"
  knob api.answer=403-deny
  expect 22 rhythm-get rolodex contacts/acme.org/c-1
  err_has status=403
  err_has 'cause=[a-z-]+'
  err_has "VERDICT: $(sed -n 's/^cause=//p' "$ERR")"
  no_secret
}

@test "every status of 400 and more is 22, with nothing on standard output" {
  local answer
  for answer in 400 401 403-policy 403-deny 403-route 403-forbidden 404 409 500 504; do
    knob api.answer="$answer"
    expect 22 rhythm-get -q rolodex contacts/acme.org/c-1
    out_empty
    err_matches "rhythm-get: HTTP ${answer%%-*} GET $URL" '\{"[Mm]essage":"[A-Za-z ]+"\}'
    no_secret
  done
  mint_count 1
}

@test "a 401 never mints a token" {
  knob api.answer=401
  expect 22 rhythm-get -q rolodex contacts/acme.org/c-1
  err_any
  expect 22 rhythm-get -q rolodex contacts/acme.org/c-1
  err_any
  mint_count 1
  counter_is api_requests 2
}

@test "a token that the gateway echoes is not shown" {
  knob api.answer=403-missing-equal
  expect 22 rhythm-get rolodex contacts/acme.org/c-1
  out_empty
  err_has "\{\"message\":\"'\*\*\*' not a valid key=value pair \(missing equal-sign\) in Authorization header: 'Bearer \*\*\*'.\"\}"
  no_secret
  printf '%s\n' an-opaque-token-0123 >mine
  secret an-opaque-token-0123
  expect 22 rhythm-get --token mine rolodex contacts/acme.org/c-1
  err_has "\{\"message\":\"'\*\*\*' not a valid .*"
  no_secret
}

@test "a response cannot move the cursor with C0 or C1 control characters" {
  knob api.answer=redirect redirect_to=$'http://e.example/\e[31m\xc2\x9b2J\x7f\xc3\xa9'
  expect 76 rhythm-get rolodex contacts/acme.org/c-1
  err_is "rhythm-get: HTTP 302 GET $SANDBOX_HTTP/rolodex/contacts/acme.org/c-1 redirects to http://e.example/?[31m?2J?"$'\xc3\xa9, which is not followed; check the URL and api_base'
  expect 76 rhythm-get -v rolodex contacts/acme.org/c-1
  err_has '< Location: http://e\.example/\?\[31m\?2J\?'$'\xc3\xa9'
  err_lacks $'[\x01-\x1f\x7f]|\xc2[\x80-\x9f]'
}

@test "curl's message cannot move the cursor, though it may quote the server's certificate" {
  mkdir fake
  printf '%s\n' '#!/bin/sh' 'cat >/dev/null' "printf 'curl=60 the name \\033[31mA\\302\\2332J does not match\\n' >&2" 'exit 60' >fake/curl
  chmod +x fake/curl
  PATH=$PWD/fake:$PATH expect 69 rhythm-get rolodex contacts/acme.org/c-1
  out_empty
  err_is "rhythm-get: GET $SANDBOX_HTTP/rolodex/contacts/acme.org/c-1: the name ?[31mA?2J does not match (curl 60); check the host name in the URL and api_base"
}

@test "a missing curl is named before anything is sent" {
  mkdir bare
  for program in sh env awk sed grep cat rm mktemp dirname readlink; do
    ln -s "$(command -v "$program")" bare
  done
  expect 69 env PATH="$(dirname "$(type -p rhythm-get)"):$PWD/bare" rhythm-get rolodex contacts/acme.org/c-1
  err_is 'rhythm-get: curl is not installed; install it'
}

@test "for a 401 rhythm-check judges this very request and response" {
  mkdir -p tree/bin tree/lib
  cp "$PROGRAMS/rhythm-get" "$PROGRAMS/rhythm-token" tree/bin
  cp -r "$PROGRAMS"/../lib/{,rhythm/}{get,rhythm-net} tree/lib 2>/dev/null || :
  printf '%s\n' '#!/bin/sh' 'printf "%s\n" "$*" >asked; cat >captured; echo the verdict; exit 1' >tree/bin/rhythm-check
  chmod +x tree/bin/rhythm-check
  knob api.answer=401
  expect 22 tree/bin/rhythm-get -p default -H 'X-A: b' rolodex contacts/acme.org/c-1
  err_has 'the verdict'
  no_secret
  lines_are asked '--profile=default --request - --offline'
  echo >>captured
  tr -d '\r' <captured | sed -E 's/eyJ[^ ]+/TOKEN/; s/^Date: .*/Date: now/' >captured.plain
  lines_are captured.plain "GET $URL HTTP/1.1" 'Authorization: Bearer TOKEN' 'X-A: b' '' 'HTTP/1.1 401 Unauthorized' 'Date: now' \
    'Content-Type: application/json' 'x-amzn-errortype: UnauthorizedException' \
    'x-amzn-requestid: 00000000-0000-4000-8000-000000000001' 'Content-Length: 26' '' '{"message":"Unauthorized"}'
  counter_is api_requests 1
  mint_count 1
  absent "$TMPDIR"/rhythm-get.*
}

@test "curl's message is shown whole, even if it is written slowly" {
  fake_curl 'HTTP/1.1 200 OK\r\n\r\n' body
  # shellcheck disable=SC2016 # for sed
  sed -i '$s/.*/printf cur >\&2; sleep 0.5; printf "l=0 \\n" >\&2/' fake/curl
  PATH=$PWD/fake:$PATH expect 0 rhythm-get rolodex contacts/acme.org/c-1
  printf body | out_is
  err_empty
}

@test "a binary body does not prevent the verdict" {
  fake_curl 'HTTP/1.1 401 Unauthorized\r\n\r\n' '\0000\0001\0037x'
  PATH=$PWD/fake:$PATH expect 22 rhythm-get rolodex contacts/acme.org/c-1
  out_empty
  err_has 'VERDICT: .*'
}

@test "a redirect is not followed, not even for a write" {
  local status
  for status in 301 302 307 308; do
    knob api.answer=redirect redirect_status="$status"
    expect 76 rhythm-get rolodex contacts/acme.org/c-1
    out_empty
    err_matches "rhythm-get: HTTP $status GET $URL redirects to http://localhost:[0-9]+/_sandbox/landing, which is not followed; check the URL and api_base"
    expect 76 rhythm-get rolodex contacts/acme.org/c-1 -d '{}'
    out_empty
    err_matches "rhythm-get: HTTP $status POST $URL redirects to http://localhost:[0-9]+/_sandbox/landing, which is not followed; check the URL and api_base"
  done
  counter_is landings 0
  counter_is api_requests 8
}

@test "a body with 100,000 beginnings of tokens is shown quickly" {
  fake_curl 'HTTP/1.1 404 Not Found\r\n\r\n' ''
  head -c 300000 /dev/zero | sed 's/\x0/eyJ/g' >fake/body
  PATH=$PWD/fake:$PATH expect 22 prlimit --cpu=10 rhythm-get -q rolodex contacts/acme.org/c-1
  out_empty
  err_has '(eyJ)+'
}

@test "a token is blotted out whole, with anything inside or around it" {
  fake_curl 'HTTP/1.1 404 Not Found\r\n\r\n' '(eyJhb.eyJpc.aaeyJbb) eyJno eyJhb..x,y\n'
  PATH=$PWD/fake:$PATH expect 22 rhythm-get -q rolodex contacts/acme.org/c-1
  err_matches "rhythm-get: HTTP 404 GET $URL" '\(\*\*\*\) eyJno \*\*\*,y'
}

@test "a header that looks like a status line is not one" {
  fake_curl 'HTTP/1.1 404 Not Found\r\nHTTP/1.1 200 : x\r\n\r\n' '{}\n'
  PATH=$PWD/fake:$PATH expect 22 rhythm-get -q rolodex contacts/acme.org/c-1
  out_empty
  err_matches "rhythm-get: HTTP 404 GET $URL" '\{\}'
}

@test "a token from a pipe is blotted out too, and the verdict is about it" {
  printf '%s\n' an-opaque-token-0123 >mine
  secret an-opaque-token-0123
  knob api.answer=403-missing-equal
  # shellcheck disable=SC2016 # for bash itself
  expect 22 bash -c 'rhythm-get --token <(cat mine) rolodex contacts/acme.org/c-1'
  err_has '.*Bearer \*\*\*.*'
  no_secret
  expect 22 bash -c 'rhythm-get --token /dev/stdin rolodex contacts/acme.org/c-1 <mine'
  err_has '.*Bearer \*\*\*.*'
  no_secret
  absent "$TMPDIR"/rhythm-get.*
}

@test "the request ID for support is found under both names" {
  knob api.answer=401 api.www_authenticate=1
  expect 22 rhythm-get rolodex contacts/acme.org/c-1
  err_has 'request_id=00000000-0000-4000-8000-000000000001'
}

@test "a closed standard output is 73, and no item is lost silently" {
  expect 73 sh -c 'rhythm-get -a rolodex contacts/acme.org/search -d "{}" >&-'
  err_has 'rhythm-get: cannot write to standard output: .*'
  expect 73 sh -c 'rhythm-get rolodex contacts/acme.org/c-1 --jq .id >&-'
  err_has 'rhythm-get: cannot write to standard output: .*'
  expect 73 sh -c 'rhythm-token print >&-'
  err_has 'rhythm-token: cannot write to standard output: .*'
}

@test "calls work with standard error closed" {
  local words
  printf 'c-1\n' >ids
  for words in 'rolodex contacts/acme.org/c-1' '-a rolodex contacts/acme.org/search -d {}' '-v rolodex contacts/acme.org/c-1' \
    'rolodex contacts/acme.org/{id} id=@ids' '-n rolodex contacts/acme.org/c-1' --list; do
    # shellcheck disable=SC2086 # words
    expect 0 rhythm-get $words
    cp "$OUT" open
    err_any
    expect 0 sh -c "exec rhythm-get $words 2>&-"
    out_is_file open
  done
  expect 64 sh -c 'rhythm-get --bad 2>&-'
  expect 22 sh -c 'rhythm-get rolodex contacts/acme.org/missing 2>&-'
  absent "$TMPDIR"/rhythm-get.*
}

@test "304 leaves the file of -o unchanged" {
  fake_curl 'HTTP/1.1 304 Not Modified\r\n\r\n' ''
  echo old >data
  PATH=$PWD/fake:$PATH expect 0 rhythm-get -o data rolodex contacts/acme.org/c-1
  err_empty
  lines_are fake/asked asked
  lines_are data old
  absent data.*
}

@test "a closed port is 69" {
  sandbox_profile api_base="http://127.0.0.1:1/{service}"
  expect 69 rhythm-get --retries 0 rolodex contacts/acme.org/c-1
  out_empty
  err_matches "rhythm-get: GET http://127.0.0.1:1/rolodex/contacts/acme.org/c-1: .*onnect.* \(curl 7\)"
  no_secret
}

@test "a server that sends nothing, or hangs up, is 69" {
  sandbox_profile timeout=1
  knob api.answer=hang
  expect 69 rhythm-get --retries 0 rolodex contacts/acme.org/c-1
  out_empty
  err_matches "rhythm-get: GET $URL: .* \(curl 28\)"
  knob api.answer=close
  expect 69 rhythm-get --retries 0 rolodex contacts/acme.org/c-1
  out_empty
  err_matches "rhythm-get: GET $URL: Empty reply from server \(curl 52\)"
}

@test "an interim response is not the response: without another the call is repeated, then it is 69" {
  # Sends 103, and for every third connection the response too.
  cat >interim.pl <<'END'
use IO::Socket::INET;
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 4) or die;
open my $port, '>', 'port.new'; print $port $server->sockport; close $port; rename 'port.new', 'port';
for my $n (1 .. 5) {
  my $client = $server->accept;
  while (<$client>) { last if $_ eq "\r\n" }
  print $client "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n";
  print $client "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n{}\n" if $n == 3;
}
END
  begin server perl interim.pl
  until_true test -e port
  local base
  base=http://127.0.0.1:$(<port)
  sandbox_profile api_base="$base/{service}"
  expect 0 rhythm-get rolodex contacts/acme.org/c-1
  out_is '{}'
  err_matches '.*; trying again in .*' '.*; trying again in .*'
  expect 69 rhythm-get --retries 1 rolodex contacts/acme.org/c-1
  out_empty
  err_matches '.*; trying again in .*' "rhythm-get: GET $base/rolodex/contacts/acme.org/c-1: .* \(curl (52|56)\)"
  finish 0 server
}

@test "a slow response is not a hang, however long it takes" {
  sandbox_profile timeout=3
  knob api.answer=drip drip_ms=20
  expect 0 rhythm-get rolodex contacts/acme.org/c-1 --jq type
  out_is object
  err_empty
}

@test "an untrusted certificate is 69, a missing CA bundle 78" {
  sandbox_profile api_base="$SANDBOX_HTTPS/{service}"
  expect 69 rhythm-get --retries 0 rolodex contacts/acme.org/c-1
  out_empty
  err_matches "rhythm-get: GET $SANDBOX_HTTPS/rolodex/contacts/acme.org/c-1: .*certificate.* \(curl 60\); if a proxy or a private CA is in between, set ca_bundle"
  sandbox_profile api_base="$SANDBOX_HTTPS/{service}" ca_bundle=/nonexistent/ca.pem
  expect 78 rhythm-get --retries 0 rolodex contacts/acme.org/c-1
  out_empty
  err_is 'rhythm-token: cannot read ca_bundle=/nonexistent/ca.pem: No such file or directory'
  : >empty.pem
  sandbox_profile api_base="$SANDBOX_HTTPS/{service}" ca_bundle="$PWD/empty.pem"
  expect 78 rhythm-get --retries 0 rolodex contacts/acme.org/c-1
  out_empty
  err_matches "rhythm-get: GET $SANDBOX_HTTPS/.*empty\.pem.* \(curl 77\); set ca_bundle to a file of PEM certificates"
}

@test "an option that curl refuses is 64, with curl's message" {
  expect 64 rhythm-get rolodex contacts/acme.org/c-1 -- --max-time abc
  out_empty
  err_matches "rhythm-get: GET $URL: curl: option --max-time: .+ \(curl 2\)"
  counter_is api_requests 0
}

@test "a truncated response is curl's 18, after its beginning was printed" {
  knob api.answer=cut
  expect 18 rhythm-get rolodex contacts/acme.org/c-1
  out_matches '\{.*'
  err_matches "rhythm-get: GET $URL: .+ \(curl 18\)"
}

@test "a response that is not JSON is 76, and a filter that does not fit it is 65" {
  knob api.answer=not-json
  expect 76 rhythm-get rolodex contacts/acme.org/c-1 --jq .
  out_empty
  err_matches '(jq: )?parse error: .*' "rhythm-get: GET $URL: the response is not JSON; leave out --jq to see it"
  expect 0 rhythm-get rolodex contacts/acme.org/c-1
  out_matches '.+'
  knob api.answer=
  expect 65 rhythm-get rolodex contacts/acme.org/c-1 --jq '.id.x'
  out_empty
  err_matches 'jq: error .*'
}

@test "a full output is 73, with and without a filter and for all pages" {
  local words
  for words in 'contacts/acme.org/c-1' 'contacts/acme.org/c-1 --jq .' 'contacts/acme.org/search -d {} -a' \
    'contacts/acme.org/search -d {} -a --jq .id'; do
    # shellcheck disable=SC2016,SC2086 # the inner shell's; words
    expect 73 sh -c 'exec rhythm-get rolodex "$@" >/dev/full' sh $words
    err_has '.*No space left on device.*'
  done
  expect 73 sh -c 'exec rhythm-get rolodex contacts/acme.org/c-1 --jq .id >/dev/full'
  err_is 'rhythm-get: cannot write to standard output: No space left on device'
}

@test "a call to loopback uses no proxy" {
  export http_proxy=http://127.0.0.1:1 all_proxy=http://127.0.0.1:1
  expect 0 rhythm-get rolodex contacts/acme.org/c-1 --jq .id
  out_is c-1
  expect 0 rhythm-get rolodex contacts/acme.org/c-1 --jq .id -- -x http://127.0.0.1:1
  out_is c-1
  err_empty
}

@test "curl's own configuration is not read" {
  printf '%s\n' 'header = "X-Mine: yes"' 'fail' 'location' >"$HOME/.curlrc"
  export CURL_HOME=$HOME
  expect 0 rhythm-get echo x --jq '.headers["x-mine"]'
  out_is null
  err_empty
}

@test "429 and 503 are retried as Retry-After says" {
  local answer
  for answer in 429-retry-after 503-retry-after 503-retry-after-date; do
    knob api.answer="$answer" api.answer_times=1
    expect 0 rhythm-get rolodex contacts/acme.org/c-1 --jq .id
    out_is c-1
    err_matches "rhythm-get: HTTP ${answer%%-*} GET $URL; trying again in [0-2]\.[0-9] s \(1 of 3\)"
  done
  counter_is api_requests 6
}

@test "without Retry-After the wait grows and the retries end" {
  knob api.answer=429
  expect 22 rhythm-get --retries 2 rolodex contacts/acme.org/c-1
  out_empty
  err_has "rhythm-get: HTTP 429 GET $URL; trying again in (0\.[5-9]|1\.0) s \(1 of 2\)"
  err_has "rhythm-get: HTTP 429 GET $URL; trying again in (1\.[0-9]|2\.0) s \(2 of 2\)"
  err_has "rhythm-get: HTTP 429 GET $URL"
  counter_is api_requests 3
  knob api.answer=429
  expect 22 rhythm-get -q --retries 0 rolodex contacts/acme.org/c-1
  err_matches "rhythm-get: HTTP 429 GET $URL" '.*'
  counter_is api_requests 4
}

@test "no wait is longer than two minutes" {
  knob api.answer=429-retry-after retry_after=3600
  expect 22 rhythm-get -q rolodex contacts/acme.org/c-1
  out_empty
  err_matches "rhythm-get: HTTP 429 GET $URL" '.*'
  knob api.answer=503-retry-after-date retry_after=130
  expect 22 rhythm-get rolodex contacts/acme.org/c-1
  err_has 'rhythm-get: the response asks for a wait of 1(29|30) s, and rhythm-get waits at most 120 s; try again later' # meta: words
  same "$(head -n 1 "$ERR")" "rhythm-get: HTTP 503 GET $URL"
  counter_is api_requests 2
}

@test "a Retry-After of zero or in the past does not mean to retry at once" {
  local answer
  for answer in 503-retry-after-date 429-retry-after; do
    knob api.answer="$answer" api.answer_times=1 retry_after=-60
    expect 0 rhythm-get rolodex contacts/acme.org/c-1 --jq .id
    out_is c-1
    err_matches "rhythm-get: HTTP ${answer%%-*} GET $URL; trying again in (0\.[5-9]|1\.0) s \(1 of 3\)"
  done
  knob api.answer=429-retry-after api.answer_times=1 retry_after=0
  expect 0 rhythm-get rolodex contacts/acme.org/c-1 --jq .id
  err_matches "rhythm-get: HTTP 429 GET $URL; trying again in (0\.[5-9]|1\.0) s \(1 of 3\)"
}

@test "a proxy's refusal is reported as one, and not retried" {
  sandbox_profile api_base="$SANDBOX_HTTPS/{service}" ca_bundle="$SANDBOX_CA"
  expect 0 rhythm-token print
  https_proxy=$SANDBOX_HTTP expect 69 rhythm-get rolodex contacts/acme.org/c-1
  out_empty
  err_matches "rhythm-get: GET $SANDBOX_HTTPS/rolodex/contacts/acme.org/c-1: the proxy refused the connection \(HTTP 40[0-9]\); ask its administrator, or set https_proxy to another"
  counter_is api_requests 1
  fake_curl '' ''
  printf 'curl=56 CONNECT tunnel failed, response 407\nanswer=000\nproxy=407\n' >fake/said
  echo exit 56 >>fake/curl
  PATH=$PWD/fake:$PATH expect 69 rhythm-get rolodex contacts/acme.org/c-1
  err_matches "rhythm-get: GET $SANDBOX_HTTPS/rolodex/contacts/acme.org/c-1: the proxy requires a username and password, or rejected yours \(HTTP 407\); put them into its URL, .*"
}

@test "a write is retried after 429 only, a search also after 503" {
  knob api.answer=429-retry-after api.answer_times=1
  expect 0 rhythm-get -q rolodex contacts/acme.org -d '{"a":1}' --jq .a
  out_is 1
  counter_is api_requests 2
  knob api.answer=503-retry-after api.answer_times=1
  expect 22 rhythm-get -q rolodex contacts/acme.org -d '{"a":1}'
  err_matches "rhythm-get: HTTP 503 POST $SANDBOX_HTTP/rolodex/contacts/acme.org" '.*'
  counter_is api_requests 3
  knob api.answer=503-retry-after api.answer_times=1
  expect 0 rhythm-get -q rolodex contacts/acme.org/search -d '{}' --jq .Count
  out_is 10
  counter_is api_requests 5
}

@test "a lost connection is retried for a read, never for a write" {
  knob api.answer=close api.answer_times=1
  expect 0 rhythm-get rolodex contacts/acme.org/c-1 --jq .id
  out_is c-1
  err_matches "rhythm-get: GET $URL: Empty reply from server \(curl 52\); trying again in [01]\.[0-9] s \(1 of 3\)"
  knob api.answer=close api.answer_times=1
  expect 69 rhythm-get rolodex contacts/acme.org -d '{}'
  out_empty
  err_matches "rhythm-get: POST $SANDBOX_HTTP/rolodex/contacts/acme.org: Empty reply from server \(curl 52\)"
  counter_is api_requests 3
}

@test "no temporary files stay behind, in any shell" {
  local shell
  for shell in dash 'bash --posix' 'busybox ash' mksh yash 'zsh --emulate sh'; do
    command -v "${shell%% *}" >/dev/null || continue
    # shellcheck disable=SC2086 # words are meant
    expect 22 $shell "$PROGRAMS/rhythm-get" rolodex contacts/acme.org/missing
    err_any
    # shellcheck disable=SC2086
    expect 22 $shell "$PROGRAMS/rhythm-get" rolodex nosuch/acme.org -d @- <<<'{}'
    err_any
    # shellcheck disable=SC2086
    expect 65 $shell "$PROGRAMS/rhythm-get" rolodex nosuch/../acme.org -d @- <<<'{}'
    err_any
    absent "$TMPDIR"/rhythm-get.*
  done
}

@test "after the refusal of an unknown call the nearest is named, and how the resource is listed" {
  sandbox_profile
  expect 22 rhythm-get rolodex 'contcats/{tenantId}/c-1'
  out_empty
  err_has 'rhythm-get: the catalogue has no "contcats" in rolodex; nearest: contacts'
  [[ $(sed -n 4p "$ERR") == "For Rhythm's support:" ]]
  expect 22 rhythm-get rolodex 'contacts/{tenantId}'
  err_has 'rhythm-get: to list contacts, call POST contacts/\{tenantId\}/search'
  expect 22 rhythm-get -q rolodex 'contacts/{tenantId}'
  err_lacks 'listed by'
  expect 22 rhythm-get rolodex contacts/acme.org/missing
  err_lacks 'catalogue|listed by'
}
