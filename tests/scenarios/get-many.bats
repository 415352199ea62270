#!/usr/bin/env bats
# rhythm-get NAME=@FILE: one call per line, on one connection, whatever the lines contain.
# shellcheck disable=SC2094 # these read their ids from a file, not what they write

load ../helper
load get

setup_file() { sandbox_start; }

setup() {
  common_setup
  sandbox_profile
  ONE='contacts/{tenantId}/{id}'
}

ids() { seq -f 'c-%g' "$1" "$2"; }

@test "each line makes one call on one connection, and the responses come in the order of the lines" {
  printf 'c-7\nc-3\nc-7\n' >ids
  expect 0 rhythm-get rolodex "$ONE" id=c-7
  cp "$OUT" seven
  expect 0 rhythm-get rolodex "$ONE" id=c-3
  { cat seven; echo; cat "$OUT"; echo; cat seven; echo; } >wanted
  local before
  before=$(counter connections)
  expect 0 rhythm-get rolodex "$ONE" id=@ids
  out_is_file wanted
  err_empty
  same "$(counter connections)" $((before + 1))
  counter_is api_requests 5
  mint_count 1
}

@test "lines may come from standard input, and --jq gets each response" {
  expect 0 sh -c "seq -f c-%g 25 | rhythm-get rolodex '$ONE' id=@- --jq '.id + \"!\"'"
  ids 1 25 | sed 's/$/!/' | out_is
  err_empty
  absent "$TMPDIR"/rhythm-get.*
}

@test "empty lines, CRLF, a byte order mark and a missing last newline are handled" {
  printf '\357\273\277c-1\r\n\r\n\n\nc-2\r\nc-3' >ids
  expect 0 rhythm-get rolodex "$ONE" id=@ids --jq .id
  ids 1 3 | out_is
  err_empty
  counter_is api_requests 3
  : >ids
  expect 0 rhythm-get rolodex "$ONE" id=@ids
  out_empty
  counter_is api_requests 3
}

@test "a line is one segment, with any characters in it" {
  knob 'api.id=acme|c:x# %2F/é'
  seq -f 'acme|c:x# %%2F/é%g' 1 3 >ids
  expect 0 rhythm-get rolodex "$ONE" id=@ids --jq .id
  out_is_file ids
  err_empty
}

@test "a failed line is reported by number, the others are still called, and the exit status is 22" {
  printf 'c-1\nc-99\n..\n@c-2\nc-2\n' >ids
  expect 22 rhythm-get rolodex "$ONE" id=@ids --jq .id
  out_is c-1 c-2
  err_is "rhythm-get: line 2 of ids: HTTP 404 GET $SANDBOX_HTTP/rolodex/contacts/acme.org/c-99: {\"message\":\"Not Found\"}" \
    'rhythm-get: line 3 of ids consists of dots only, which would change the path, so it was skipped; correct it' \
    "rhythm-get: line 4 of ids: HTTP 404 GET $SANDBOX_HTTP/rolodex/contacts/acme.org/%40c-2: {\"message\":\"Not Found\"}"
  counter_is api_requests 4
  echo before >data
  expect 22 rhythm-get -q rolodex "$ONE" id=@ids --jq .id -o data
  lines_are data c-1 c-2
  err_any
  absent data.part
  expect 0 rhythm-get --allow 404 rolodex "$ONE" id=@- --jq .id <<<$'c-99\nc-1'
  out_is c-1
  err_empty
}

@test "a response that is not JSON, a redirect or an echoed token fails only its own line" {
  ids 1 3 >ids
  knob api.answer=not-json api.answer_times=1
  expect 22 rhythm-get rolodex "$ONE" id=@ids --jq .id
  ids 2 3 | out_is
  err_is "rhythm-get: line 1 of ids: GET $SANDBOX_HTTP/rolodex/contacts/acme.org/c-1: the response (38 bytes, text/html) is not JSON; check the URL and api_base"
  knob api.answer=empty api.answer_times=1
  expect 22 rhythm-get rolodex "$ONE" id=@ids --jq .id
  ids 2 3 | out_is
  err_matches 'rhythm-get: line 1 of ids: GET .*/c-1: the response \(0 bytes.*\) is empty; check the URL and api_base'
  knob api.answer=redirect api.answer_times=1
  expect 22 rhythm-get rolodex "$ONE" id=@ids --jq .id
  ids 2 3 | out_is
  err_matches 'rhythm-get: line 1 of ids: HTTP 302 GET .*/c-1 redirects to .*, which is not followed; check the URL and api_base'
  knob api.answer=403-missing-equal api.answer_times=1
  expect 22 rhythm-get rolodex "$ONE" id=@ids --jq .id
  ids 2 3 | out_is
  err_matches 'rhythm-get: line 1 of ids: HTTP 403 GET .*Bearer \*\*\*[^*].*'
  no_secret
}

@test "a line over 8 KiB or with a NUL byte is an error of that line" {
  { echo c-1; head -c 1048576 /dev/zero | tr '\0' x; printf '\nc-2\nc\0003\nc-3\n'; } >ids
  expect 22 rhythm-get rolodex "$ONE" id=@ids --jq .id
  ids 1 3 | out_is
  err_is 'rhythm-get: line 2 of ids is longer than 8 KiB, so it was skipped; correct it' \
    'rhythm-get: line 4 of ids contains a NUL byte, so it was skipped; correct it'
  counter_is api_requests 3
}

@test "an unreadable file is refused before anything is sent" {
  mkdir folder
  expect 65 rhythm-get rolodex "$ONE" id=@folder
  err_is 'rhythm-get: id=@folder: cannot read this file: Is a directory; name a file that you can read'
  expect 65 rhythm-get rolodex "$ONE" id=@missing
  err_is 'rhythm-get: id=@missing: cannot read this file: No such file or directory; name a file that you can read'
  # shellcheck disable=SC2016 # for the shell that it starts
  expect 65 sh -c 'rhythm-get rolodex "$1" id=@- <folder' sh "$ONE"
  err_has 'rhythm-get: cannot read standard input from line 1 on: Is a directory; use a file that you can read'
  out_empty
  counter_is api_requests 0
}

@test "a file without read permission is refused" {
  needs_other
  sandbox_profile
  echo c-1 >ids
  chown "$OTHER" ids
  chmod 000 ids
  expect_of_other 65 rhythm-get rolodex 'contacts/acme.org/{id}' id=@ids
  err_is 'rhythm-get: id=@ids: cannot read this file: Permission denied; name a file that you can read'
  counter_is api_requests 0
}

@test "a file that grows during the run is read as it was at the start" {
  ids 1 3 >ids
  expect 0 sh -c "rhythm-get rolodex '$ONE' id=@ids --jq .id >>ids"
  lines_are ids c-1 c-2 c-3 c-1 c-2 c-3
  counter_is api_requests 3
}

@test "options that exclude a call per line are refused" {
  ids 1 3 >ids
  expect 64 rhythm-get rolodex "$ONE" id=@ids tenantId=@ids
  err_is 'rhythm-get: tenantId=@ids: only one NAME=@FILE is allowed, and id=@ids is already given; see rhythm-get --help'
  expect 64 rhythm-get -a rolodex "$ONE" id=@ids
  err_is 'rhythm-get: --all cannot be used with id=@ids; to get all pages for each line, write a shell loop; see rhythm-get --help'
  expect 64 rhythm-get -i rolodex "$ONE" id=@ids
  err_is 'rhythm-get: -i cannot be used with id=@ids, which prints only items; leave it out; see rhythm-get --help'
  local words
  for words in '-X DELETE' '-X PUT' '-X POST' '-X HEAD' '-d {}'; do
    # shellcheck disable=SC2086 # words
    expect 64 rhythm-get $words rolodex "$ONE" id=@ids
    err_has 'rhythm-get: id=@ids works only with GET and POST .../search, not with .*'
  done
  expect 64 rhythm-get rolodex "$ONE" id=@- --token -
  err_is 'rhythm-get: only one of --token -, -d @- and NAME=@- can read standard input; see rhythm-get --help'
  expect 64 rhythm-get rolodex "$ONE" id=@
  err_is "rhythm-get: id=@ needs a file name or - after the @; if the value itself begins with @, write it into PATH in place of {id}; see rhythm-get --help"
  expect 64 rhythm-get rolodex 'contacts/{tenantId}' id=@ids
  err_matches 'rhythm-token: there is no \{id\} in contacts/\{tenantId\}; .*'
  expect 64 rhythm-get rolodex "$ONE" id=@ids -- --compressed
  err_is "rhythm-get: curl options cannot be used with id=@ids; see rhythm-get --help"
  expect 64 rhythm-get rolodex "$ONE" id=@ids --start-key c-1
  err_is 'rhythm-get: --start-key c-1: must be a number, that of a line of ids, because id=@ids is given; see rhythm-get --help'
  expect 64 rhythm-get rolodex "$ONE" id=@ids --start-key 99999999999999999999
  err_is 'rhythm-get: --start-key 99999999999999999999: is too large for the number of a line; see rhythm-get --help'
  expect 64 rhythm-get rolodex "$ONE" id=@ids --jq '.id |'
  err_any
  out_empty
  counter_is api_requests 0
}

@test "a leading @ in PATH, or in a query parameter's value, is literal" {
  expect 22 rhythm-get -q rolodex 'contacts/{tenantId}/@c-1'
  err_has "rhythm-get: HTTP 404 GET $SANDBOX_HTTP/rolodex/contacts/acme.org/@c-1"
  expect 0 rhythm-get -n rolodex 'contacts/acme.org/c-1' fields==@ids
  out_has '.*fields=%40ids.*'
}

@test "a search for each line sends its body every time" {
  knob api.items=3
  printf 'acme.org\nacme.org\n' >tenants
  expect 0 rhythm-get rolodex 'contacts/{tenant}/search' tenant=@tenants -d '{"a":1}' --jq '.Items[].id'
  { ids 1 3; ids 1 3; } | out_is
  counter_is api_requests 2
}

@test "-n shows the first call and sends nothing" {
  printf '\r\nc 1\r\nc-2\n' >ids
  expect 0 rhythm-get -n rolodex 'contacts/acme.org/{id}' id=@ids
  out_has "rhythm-token header \| curl .* $SANDBOX_HTTP/rolodex/contacts/acme.org/c%201"
  err_is 'rhythm-get: note: the printed command makes only the call for the first line; rhythm-get with id=@ids makes one for each line'
  expect 0 rhythm-get -n rolodex 'contacts/acme.org/{id}' id=@- </dev/null
  out_has '.*/contacts/acme.org/\{id\}.*'
  err_any
  counter_is api_requests 0
  mint_count 0
}

@test "a signal stops the run, and the printed command continues after the last line" {
  local from
  for from in ids -; do
    ids 1 25 >ids
    knob api.latency_ms=100
    # shellcheck disable=SC2016 # for the shell that it starts
    begin run env --default-signal=INT sh -c 'exec "$@" <ids' sh rhythm-get \
      rolodex "$ONE" id="@$from" --jq '.id + "'"'"'"' -o 'all ids'
    until_counter api_requests 4
    kill -INT "$BEGUN"
    finish 130 run
    out_empty
    cp "$ERR" said
    same "$(grep -c '' said)" 2
    [[ $(head -n 1 said) =~ ^"rhythm-get: stopped after line "([0-9]+)" of ${from/#-/standard input}; to resume with the next line, run:"$ ]]
    same "$(grep -c '' 'all ids.part')" "${BASH_REMATCH[1]}"
    err_has "rhythm-get rolodex .* -o 'all ids' --start-key ${BASH_REMATCH[1]}"
    knob api.latency_ms=0
    tail -n 1 said >resume
    expect 0 sh resume <ids
    err_is 'rhythm-get: note: appending to '"'all ids.part', which is renamed when the list is complete"
    ids 1 25 | sed "s/$/'/" >wanted
    lines_are 'all ids' <wanted
    control DELETE >/dev/null
    rm 'all ids'
  done
}

@test "429 is retried, and if it persists the run stops with a command to continue" {
  ids 1 5 >ids
  knob api.answer=429-retry-after api.answer_times=1 retry_after=1
  expect 0 rhythm-get rolodex "$ONE" id=@ids --jq .id
  out_is_file ids
  err_is 'rhythm-get: HTTP 429 for line 1 of ids; trying again in 1.0 s (1 of 3)'
  knob api.answer=429
  expect 22 rhythm-get rolodex "$ONE" id=@ids --retries 0 --start-key 3 --limit 2
  out_empty
  err_has "rhythm-get: HTTP 429 GET $SANDBOX_HTTP/rolodex/contacts/acme.org/c-4"
  err_has 'request_id=.*'
}

@test "a lost connection stops the run with a command to continue" {
  ids 1 5 >ids
  expect 0 rhythm-token header
  knob api.answer=cut api.latency_ms=0
  expect 69 rhythm-get rolodex "$ONE" id=@ids --retries 0 --start-key 2
  err_matches 'rhythm-get: line 3 of ids: GET .*/c-3: no complete response: .*' 'rhythm-get: stopped after line 2 of ids; to resume with the next line, run:' \
    "rhythm-get rolodex 'contacts/\{tenantId\}/\{id\}' id=@ids --retries 0 --start-key 2"
  tail -n 1 "$ERR" >resume
  knob api.answer=
  expect 0 sh resume
  same "$(jq -r .id "$OUT" | paste -s -d ,)" c-3,c-4,c-5
}

@test "--limit ends the run after that many responses" {
  ids 1 5 >ids
  expect 0 rhythm-get rolodex "$ONE" id=@ids --limit 2 --jq .id
  ids 1 2 | out_is
  counter_is api_requests 2
}

@test "a 401 with no newer token to try ends the run, with the report of a single call" {
  ids 1 5 >ids
  knob api.answer=401
  expect 22 rhythm-get rolodex "$ONE" id=@ids
  out_empty
  err_has "rhythm-get: HTTP 401 GET $SANDBOX_HTTP/rolodex/contacts/acme.org/c-1"
  err_has "For Rhythm's support:"
  counter_is api_requests 1
  mint_count 1
}

@test "a token that expires during the run is replaced, and the line called again" {
  ids 1 25 >ids
  expect 0 rhythm-token --format=json
  local name payload
  for name in token:1000 next:9000; do
    payload=$(jq -c ". + {exp: (now + ${name#*:} | floor)}" "$OUT")
    curl -q -sS -f --noproxy '*' --data-binary "$payload" "$SANDBOX_HTTP/_sandbox/token" >"${name%:*}"
  done
  knob api.latency_ms=100
  begin run rhythm-get --token token rolodex "$ONE" id=@ids --jq .id
  until_counter api_requests 3
  mv next token
  knob clock_offset=5000 api.latency_ms=0
  finish 0 run
  out_is_file ids
  err_empty
}

@test "| head ends the run without a message" {
  ids 1 25 >ids
  expect 0 sh -c "rhythm-get rolodex '$ONE' id=@ids | head -n 1"
  out_has '\{"id":"c-1",.*'
  err_empty
}

@test "on a terminal a prompt asks for lines" {
  on_terminal 0 $'c-1\nc-2\n\004' "rhythm-get rolodex '$ONE' id=@- --jq .id"
  grep -q -x "rhythm-get: type a value for id on each line, then Ctrl-D" plain
  grep -q -x c-2 plain
}
