#!/usr/bin/env bats
# rhythm-get: bodies, headers, and the question before DELETE.

load ../helper

setup_file() { sandbox_start; }

setup() {
  common_setup
  sandbox_profile
}

# on_terminal STATUS INPUT COMMAND - runs a command line under a pseudo-terminal.
on_terminal() {
  expect "$1" script -q -e -c "$3" /dev/null <<<"$2"
  tr -d '\r' <"$OUT" >plain
}

@test "a body makes a POST, is JSON, and is sent byte for byte" {
  local body=$' {"a":1.00, "b":"\\u00e9\\/", "n":9007199254740993}\n\n'
  expect 0 rhythm-get echo x -d "$body"
  cp "$OUT" answer
  expect 0 jq -r '.method, .headers["content-type"], .body_bytes' answer
  out_is POST application/json "${#body}"
  expect 0 jq -j .body answer
  printf %s "$body" | out_is
  printf %s "$body" >file
  expect 0 rhythm-get echo x --data=@file --jq .body_sha256
  out_is "$(sha256sum <file | cut -d ' ' -f 1)"
  expect 0 rhythm-get echo x -d @- --jq .body_sha256 <file
  out_is "$(sha256sum <file | cut -d ' ' -f 1)"
  expect 0 sh -c 'mkfifo pipe; cat file >pipe & rhythm-get echo x -d @pipe --jq .body_sha256'
  out_is "$(sha256sum <file | cut -d ' ' -f 1)"
  err_empty
  absent "$TMPDIR"/rhythm-get.*
}

@test "a body from standard input is repeated as it was" {
  knob api.answer=429-retry-after api.answer_times=1
  expect 0 rhythm-get -q echo x -d @- --jq .body <<<'{"a": [1, 2]}'
  out_is '{"a": [1, 2]}' ''
  err_empty
  counter_is api_requests 2
}

@test "PUT, PATCH and a POST without a body" {
  expect 0 rhythm-get -X PUT rolodex contacts/acme.org/c-1 -d '{"id":"c-1","a":19.99}' --jq '.id, .a, .sys_version, .last_name'
  out_is c-1 19.99 2 null
  expect 0 rhythm-get -X PATCH echo x -d '[]' --jq '.method, .headers["content-type"]'
  out_is PATCH application/json-patch+json
  expect 0 rhythm-get -X PATCH rolodex contacts/acme.org/c-1 -d '[{"op":"remove","path":"/a"}]' --jq .a
  out_is null
  expect 0 rhythm-get rolodex contacts/acme.org/c-1 --jq .sys_version
  out_is 3
  expect 0 rhythm-get -X PATCH -H 'Content-Type: application/merge-patch+json' echo x -d '{}' --jq '.headers["content-type"]'
  out_is application/merge-patch+json
  expect 0 rhythm-get -X POST echo x --jq '.method, .body_bytes, .headers["content-length"], .headers["content-type"]'
  out_is POST 0 0 null
  err_empty
}

@test "a header of one's own replaces ours of that name" {
  expect 0 rhythm-get echo x -d '{}' -H 'CONTENT-TYPE: application/x-a' --header='X-Two: a: b' -H 'user-agent: me' \
    --jq '.headers["content-type"], .headers["x-two"], .headers["user-agent"], .authorization_scheme'
  out_is application/x-a 'a: b' me Bearer
  expect 0 rhythm-get echo x --jq '.headers["user-agent"]'
  out_matches 'rhythm-get/[0-9.]+'
  err_empty
}

@test "HEAD prints headers with -i, and nothing without" {
  expect 0 rhythm-get -X HEAD -i echo x
  out_has $'HTTP/1.1 200 OK\r'
  expect 0 rhythm-get -X HEAD echo x
  out_empty
  err_empty
}

@test "DELETE goes ahead where nobody can be asked" {
  expect 0 rhythm-get -X DELETE rolodex contacts/acme.org/c-1 --jq .
  out_is c-1
  err_empty
}

@test "on a terminal DELETE asks, and -y answers" {
  local ask="rhythm-get: DELETE $SANDBOX_HTTP/rolodex/contacts/acme.org/c-1 is final. Go on? [y/N] "
  on_terminal 1 n "rhythm-get -X DELETE rolodex contacts/acme.org/c-1"
  grep -q -F -e "$ask" plain
  grep -q -F -e 'rhythm-get: nothing was deleted' plain
  counter_is api_requests 0
  on_terminal 0 y "rhythm-get -X DELETE rolodex contacts/acme.org/c-1"
  grep -q -F -e "$ask" plain
  counter_is api_requests 1
  on_terminal 1 n "rhythm-get -X DELETE rolodex contacts/acme.org/c-1 2>log"
  grep -q -F -e "$ask" plain
  counter_is api_requests 1
  on_terminal 0 '' "rhythm-get -y -X DELETE rolodex contacts/acme.org/c-2"
  lacks plain 'Go on'
  counter_is api_requests 2
}

@test "on a terminal JSON is laid out and coloured, and more pages are mentioned" {
  on_terminal 0 '' 'rhythm-get rolodex contacts/acme.org/search -d "{}"'
  grep -q -F $'\e[' plain
  grep -q -F -x -e 'rhythm-get: there are more pages: add --all' plain
  on_terminal 0 '' 'NO_COLOR=1 rhythm-get rolodex contacts/acme.org/c-1 --fields id'
  lacks plain $'\e'
  grep -q -x -e '  "id": "c-1"' plain
  lacks plain 'more pages'
  knob api.answer=not-json
  on_terminal 0 '' 'rhythm-get rolodex contacts/acme.org/c-1'
  lacks plain 'rhythm-get|jq'
  absent "$TMPDIR"/rhythm-get.*
}
