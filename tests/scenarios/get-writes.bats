#!/usr/bin/env bats
# rhythm-get: bodies, headers, and the question before DELETE.

load ../helper
load get

setup_file() { sandbox_start; }

setup() {
  common_setup
  sandbox_profile
}

@test "a body makes the call a POST, is JSON, and is sent byte for byte" {
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

@test "a retry repeats the body from standard input exactly" {
  knob api.answer=429-retry-after api.answer_times=1
  expect 0 rhythm-get -q echo x -d @- --jq .body <<<'{"a": [1, 2]}'
  out_is '{"a": [1, 2]}' ''
  err_empty
  counter_is api_requests 2
}

@test "PUT, PATCH and a POST without a body work" {
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

@test "--set, --set-json and --unset make a JSON Patch" {
  expect 0 rhythm-get -X PATCH echo x --set city=Oslo --set-json n=9007199254740993 --set-json='o={"a": 1.50}' --unset nick \
    --set 'a/b~c.d\.e=it'\''s = x' --set-json 'tags.0="x"' --set e= --set -x=-y --jq '.body, .headers["content-type"]'
  out_is '[{"op":"add","path":"/city","value":"Oslo"},{"op":"add","path":"/n","value":9007199254740993},{"op":"add","path":"/o","value":{"a": 1.50}},{"op":"remove","path":"/nick"},{"op":"add","path":"/a~1b~0c/d.e","value":"it'\''s = x"},{"op":"replace","path":"/tags/0","value":"x"},{"op":"add","path":"/e","value":""},{"op":"add","path":"/-x","value":"-y"}]' \
    application/json-patch+json
  expect 0 rhythm-get -X PATCH rolodex contacts/acme.org/c-1 --set first_name=Ada --unset last_name --jq '.first_name, .last_name'
  out_is Ada null
  err_empty
  expect 0 rhythm-get -n -X PATCH rolodex contacts/acme.org/c-1 --set first_name=Ada
  out_has '.*\[\{"op":"add","path":"/first_name","value":"Ada"\}\].*'
}

@test "invalid or contradictory changes are refused" {
  local value
  for value in Oslo '1 2' '' '{' nan; do
    expect 65 rhythm-get -X PATCH rolodex contacts/acme.org/c-1 --set-json "city=$value"
    err_is 'rhythm-get: --set: the value of city is not JSON'
  done
  expect 65 rhythm-get -X PATCH rolodex contacts/acme.org/c-1 --set a.b=1 --unset a.b
  err_is 'rhythm-get: --set: /a/b is changed twice'
  expect 64 rhythm-get -X PATCH rolodex contacts/acme.org/c-1 --set city
  err_is 'rhythm-get: --set takes FIELD=VALUE; see rhythm-get --help'
  expect 64 rhythm-get -X PATCH rolodex contacts/acme.org/c-1 --set =x
  err_is 'rhythm-get: --set: missing field name; see rhythm-get --help'
  expect 64 rhythm-get -X PATCH rolodex contacts/acme.org/c-1 --unset city=x
  err_is 'rhythm-get: --unset takes a field name without a value; see rhythm-get --help'
  expect 64 rhythm-get rolodex contacts/acme.org/c-1 --set city=x
  err_is 'rhythm-get: --set, --set-json and --unset work only with -X PATCH; see rhythm-get --help'
  expect 64 rhythm-get -X PATCH rolodex contacts/acme.org/c-1 --set city=x -d '[]'
  err_is 'rhythm-get: -d cannot be used with --set, --set-json or --unset, which make the body; see rhythm-get --help'
  counter_is api_requests 0
}

@test "without space for the response to a batch, or for one on a terminal, it is 73" {
  needs_root
  unshare -m true 2>/dev/null || skip 'may not mount here'
  cat >full <<'END'
mkdir -p small && mount -t tmpfs -o size=4k,mode=700 none small && export TMPDIR=$PWD/small
head -c 4096 /dev/zero >small/filler || :
exec "$@"
END
  knob api.batch_fails=1
  expect 73 unshare -m sh full rhythm-get rolodex contacts/acme.org/batch -d '{"operations":[{"id":"c-1"}]}'
  out_empty
  err_matches 'rhythm-get: cannot write the response to .*; free space there, or set TMPDIR'
  expect 73 unshare -m sh full script -q -e -c 'rhythm-get rolodex contacts/acme.org/c-1' /dev/null
  out_matches $'rhythm-get: cannot write the response to .*; free space there, or set TMPDIR\r'
  expect 73 unshare -m sh full rhythm-get -a rolodex contacts/acme.org/search -d '{}'
  out_empty
  err_matches 'rhythm-get: cannot write the body to .*; free space there, or set TMPDIR'
}

@test "a batch with failed operations exits 22, with the response on standard output" {
  local operations='{"operations":[{"op":"delete","id":"c-1"},{"op":"delete","id":"c-2"}]}'
  local body='{"error_count":1,"success_count":1,"results":[{"id":"c-1","status":409,"error":"Conflict"},{"id":"c-2","status":200}]}'
  fake_curl 'HTTP/1.1 200 OK\r\n\r\n' "$body"
  PATH=$PWD/fake:$PATH expect 22 rhythm-get rolodex contacts/acme.org/batch -d "$operations"
  printf %s "$body" | out_is
  err_is 'rhythm-get: 1 of 2 operations failed' \
    'rhythm-get: operation 1 of the body failed: {"id":"c-1","status":409,"error":"Conflict"}'
  PATH=$PWD/fake:$PATH expect 22 rhythm-get rolodex contacts/acme.org/batch -d "$operations" --jq .success_count -o counts
  err_any
  out_empty
  lines_are counts 1
  fake_curl 'HTTP/1.1 200 OK\r\n\r\n' '{"error_count":2,"success_count":0,"results":[{"x":1},{"x":2}]}'
  PATH=$PWD/fake:$PATH expect 22 rhythm-get rolodex contacts/acme.org/batch -d "$operations"
  err_is 'rhythm-get: 2 of 2 operations failed' \
    'rhythm-get: 2 failed operations are not named in a known form; look for them in the response'
  local form
  for form in '{"error":"Conflict"}' '{"errors":["x"]}' '{"errorMessage":"x"}' '{"success":false}' '{"status":"FAILED"}' '{"statusCode":409}'; do
    fake_curl 'HTTP/1.1 200 OK\r\n\r\n' "{\"error_count\":1,\"success_count\":1,\"results\":[{\"error\":\"\",\"status\":200},$form]}"
    PATH=$PWD/fake:$PATH expect 22 rhythm-get rolodex contacts/acme.org/batch -d "$operations"
    err_is 'rhythm-get: 1 of 2 operations failed' "rhythm-get: operation 2 of the body failed: $form"
  done
  expect 0 rhythm-get rolodex contacts/acme.org/batch -d "$operations" --jq .error_count
  out_is 0
  err_empty
}

@test "a given header replaces ours of that name" {
  expect 0 rhythm-get echo x -d '{}' -H 'CONTENT-TYPE: application/x-a' --header='X-Two: a: b' -H 'user-agent: me' \
    --jq '.headers["content-type"], .headers["x-two"], .headers["user-agent"], .authorization_scheme'
  out_is application/x-a 'a: b' me Bearer
  expect 0 rhythm-get echo x --jq '.headers["user-agent"]'
  out_matches 'rhythm-get/[0-9.]+'
  err_empty
}

@test "HEAD prints headers with -i, and otherwise nothing" {
  expect 0 rhythm-get -X HEAD -i echo x
  out_has $'HTTP/1.1 200 OK\r'
  expect 0 rhythm-get -X HEAD echo x
  out_empty
  err_empty
}

@test "without a terminal DELETE does not ask" {
  expect 0 rhythm-get -X DELETE rolodex contacts/acme.org/c-1 --jq .
  out_is c-1
  err_empty
}

@test "on a terminal DELETE asks, and -y answers yes" {
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
