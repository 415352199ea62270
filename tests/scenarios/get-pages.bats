#!/usr/bin/env bats
# rhythm-get --all, as a user sees it; pages.bats tests the fetching of pages.

load ../helper
load get

setup_file() { sandbox_start; }

setup() {
  common_setup
  sandbox_profile
}

ids() { seq -f 'c-%g' "$1" "$2"; }

@test "all items of all pages are printed, one per line, byte for byte" {
  expect 0 rhythm-get -a rolodex 'contacts/{tenantId}/search' -d '{}'
  cp "$OUT" items
  same "$(grep -c '' items)" 25
  same "$(sed -n 17p items)" '{"id":"c-17","tenant_id":"acme.org","first_name":"Ren\u00e9","last_name":"Zoë \"Z\"","email_address":"c-17@acme.example","amount":19.99,"balance":17.50,"member_number":9007199254741010,"url":"https:\/\/acme.example\/c\/17","active":true,"sys_last_modified_at":"2026-01-01T00:17:00.000Z","sys_version":1}'
  err_empty
  counter_is api_requests 3
  mint_count 1
}

@test "--jq gets each item, --fields is sent, --max and --start-key limit the run" {
  expect 0 rhythm-get --all rolodex 'contacts/{tenantId}/search' -d '{}' --jq .id
  ids 1 25 | out_is
  expect 0 rhythm-get -a --fields id --limit 2 rolodex 'contacts/{tenantId}/search' -d @- <<<'{}'
  out_is '{"id":"c-1"}' '{"id":"c-2"}'
  expect 0 rhythm-get -a --start-key 'acme.org|c-20#/+=& é' rolodex 'contacts/{tenantId}/search' -d '{}' --jq .id
  ids 21 25 | out_is
  err_empty
  absent "$TMPDIR"/rhythm-get.*
}

@test "a refusal is reported as for a single call" {
  knob api.answer=404
  expect 22 rhythm-get -a rolodex 'contacts/{tenantId}/search' -d '{}'
  out_empty
  err_matches "rhythm-get: HTTP 404 POST $SANDBOX_HTTP/rolodex/contacts/acme.org/search" '\{"message":"Not Found"\}' 'rhythm-get: check the path, and that this record exists' \
    "For Rhythm's support:" 'time=.*' status=404 'request_id=0.*1' cause= tenant_id=acme.org client_id=sandbox-client
  no_secret
  expect 0 rhythm-get --allow 404 -a rolodex 'contacts/{tenantId}/search' -d '{}'
  out_empty
  err_empty
  echo before >data
  expect 0 rhythm-get --allow 404 -a -o data rolodex 'contacts/{tenantId}/search' -d '{}'
  err_empty
  lines_are data before
  absent data.part
  absent "$TMPDIR"/rhythm-get.*
}

@test "options that exclude --all are refused" {
  expect 64 rhythm-get -a -i rolodex contacts/acme.org/search -d '{}'
  err_is 'rhythm-get: -i cannot be used with --all, which prints only items; leave it out; see rhythm-get --help'
  expect 64 rhythm-get -a -X PUT rolodex contacts/acme.org -d '{}'
  err_is 'rhythm-get: --all works only with GET and POST, not with PUT; see rhythm-get --help'
  expect 64 rhythm-get -a rolodex contacts/acme.org -- --compressed
  err_is "rhythm-get: curl options cannot be used with --all; see rhythm-get --help"
  out_empty
  counter_is api_requests 0
}

@test "of two runs for one file, the later one writes it, and the earlier one is no success" {
  local list=(rhythm-get -a rolodex contacts/acme.org/search -d '{}' --jq .id -o list)
  knob api.items=100 api.page=5 api.latency_ms=100
  begin first "${list[@]}"
  until_counter api_requests 3
  begin second "${list[@]}"
  finish 73 first
  err_is 'rhythm-get: -o list: list.part was replaced during this run, perhaps by another one; try again when that has ended'
  finish 0 second
  lines_are list < <(ids 1 100)
  absent list.part "$TMPDIR"/rhythm-get.*
}

@test "a refused command line neither leaves a partial file nor removes an earlier one" {
  local words
  for words in -i '-X DELETE -y' '-- --compressed'; do
    # shellcheck disable=SC2086 # words
    expect 64 rhythm-get rolodex contacts/acme.org/search -a -o list $words
    err_any
    absent list*
    echo kept >list.part
    # shellcheck disable=SC2086
    expect 64 rhythm-get rolodex contacts/acme.org/search -a -o list $words
    err_any
    lines_are list.part kept
    rm list.part
  done
  mkdir list.part
  expect 73 rhythm-get rolodex contacts/acme.org/search -d '{}' -a -o list
  err_matches 'rhythm-get: -o list: list.part is in the way and cannot be removed; remove it, or name another file'
  expect 0 rmdir list.part
}

@test "| head ends the run without a message, with a filter too" {
  knob api.items=5000 api.page=5
  expect 0 sh -c "rhythm-get -a rolodex contacts/acme.org/search -d '{}' | head -n 1"
  out_has '\{"id":"c-1",.*'
  err_empty
  expect 0 sh -c "rhythm-get -a rolodex contacts/acme.org/search -d '{}' --jq .id | head -n 1"
  out_is c-1
  err_empty
}

@test "an interrupted run says how to continue, and its partial file can be appended to" {
  knob api.items=60 api.page=5 api.latency_ms=100
  begin run rhythm-get -a rolodex contacts/acme.org/search -d '{}' --jq '.id + "'\''"' -o 'all ids' --retries 1
  until_counter api_requests 3
  kill -TERM "$BEGUN"
  finish 143 run
  out_empty
  err_matches 'rhythm-get: stopped by SIGTERM before the end of the list; to get the rest, run:' \
    "rhythm-get -a rolodex contacts/acme\.org/search -d '\{\}' --jq '\.id \+ \"'.''\"' -o 'all ids' --retries 1 --start-key '.*'"
  absent 'all ids'
  mode_is 600 'all ids.part'
  tail -n 1 "$ERR" >resume
  knob api.latency_ms=0
  expect 0 sh resume
  out_empty
  err_is 'rhythm-get: note: appending to '"'all ids.part', which is renamed when the list is complete"
  same "$(<'all ids')" "$(ids 1 60 | sed "s/$/'/")"
  absent 'all ids.part' "$TMPDIR"/rhythm-get.*
}

@test "a signal that comes before the list begins ends it too" {
  knob api.items=60 api.page=5 api.latency_ms=100
  mkdir early
  # shellcheck disable=SC2016 # the script's own
  printf '#!/bin/sh\nkill -TERM "$PPID"\nexec %s "$@"\n' "$(command -v mkfifo)" >early/mkfifo
  chmod +x early/mkfifo
  expect 143 env PATH="$PWD/early:$PATH" rhythm-get -a rolodex contacts/acme.org/search -d '{}' --jq .id
  err_matches 'rhythm-get: stopped by SIGTERM before the end of the list; to get the rest, run:' \
    "rhythm-get -a rolodex contacts/acme\.org/search -d '\{\}' --jq \.id( --start-key .*)?"
  (($(counter api_requests) < 12)) || fail 'the list went on to its end'
  absent "$TMPDIR"/rhythm-get.*
}

@test "when rhythm-get is killed, the list ends, even if its output is a file" {
  local seen
  knob api.items=3000 api.page=5 api.latency_ms=100
  begin run rhythm-get -a rolodex contacts/acme.org/search -d '{}' --jq .id
  until_counter api_requests 3
  kill -KILL "$BEGUN"
  finish 137 run
  err_any
  sleep 2
  seen=$(counter api_requests)
  sleep 1
  counter_is api_requests "$seen"
}

@test "Ctrl-C also ends the loop around it" {
  local asked
  knob api.items=60 api.page=5 api.latency_ms=100
  begin run env --default-signal=INT setsid bash -c "
    for i in 1 2; do rhythm-get -a rolodex contacts/acme.org/search -d '{}' -o ids; echo went on; done"
  until_counter api_requests 3
  kill -INT -- "-$BEGUN"
  finish 130 run
  out_empty
  err_matches 'rhythm-get: stopped by SIGINT before the end of the list; to get the rest, run:' "rhythm-get .* --start-key '.*'"
  absent "$TMPDIR"/rhythm-get.*
  knob api.latency_ms=60000
  asked=$(counter api_requests)
  begin one env --default-signal=INT setsid bash -c "
    for i in 1 2; do rhythm-get rolodex contacts/acme.org/search -d '{}' -o one; echo went on; done"
  until_counter api_requests $((asked + 1))
  kill -INT -- "-$BEGUN"
  finish 130 one
  out_empty
  err_empty
  absent one* "$TMPDIR"/rhythm-get.*
}

@test "the command to continue can be pasted, even with quotes and line breaks in the first one" {
  knob api.items=60 api.page=5 api.latency_ms=100
  begin run rhythm-get -a rolodex contacts/acme.org/search -d $'{\n\t"a": "it\'s \\\\ 100%"\n}' --jq $'.id |\n .' --retries 1
  until_counter api_requests 3
  kill -TERM "$BEGUN"
  finish 143 run
  cp "$OUT" got
  err_matches 'rhythm-get: stopped by SIGTERM before the end of the list; to get the rest, run:' 'rhythm-get -a .* --start-key .*'
  tail -n 1 "$ERR" >resume
  knob api.latency_ms=0
  expect 0 sh resume
  err_empty
  same "$(cat got "$OUT")" "$(ids 1 60)"
}

@test "after an error in the middle of a list the command to continue is printed once, last" {
  knob api.items=60 api.page=5 api.latency_ms=50
  begin run rhythm-get -a --retries 0 rolodex contacts/acme.org/search -d '{}' --jq .id
  until_counter api_requests 3
  knob api.answer=500 api.latency_ms=0
  finish 22 run
  cp "$OUT" got
  cp "$ERR" said
  err_has "rhythm-get -a --retries 0 rolodex contacts/acme.org/search -d '\{\}' --jq \.id --start-key '.*'"
  [[ $(head -n 1 said) =~ ^rhythm-get:\ HTTP\ 500\ POST\ $SANDBOX_HTTP/rolodex/contacts/acme.org/search\?exclusiveStartKey=acme.org%7Cc-[0-9]+ ]]
  same "$(grep -c '^rhythm-get -a ' said)" 1
  has said 'rhythm-get: stopped before the end of the list; to get the rest, run:'
  tail -n 1 said >resume
  knob api.answer=
  expect 0 sh resume
  err_empty
  same "$(cat got "$OUT")" "$(ids 1 60)"
}

@test "a signal after the last page does not undo the output" {
  mkdir slow
  # shellcheck disable=SC2016 # for the script
  printf '%s\n' '#!/bin/sh' ': >"$TMPDIR/moving"; sleep 0.5; exec /bin/mv "$@"' >slow/mv
  chmod +x slow/mv
  PATH=$PWD/slow:$PATH begin run env --default-signal=TERM setsid rhythm-get -a -o ids rolodex contacts/acme.org/search -d '{}' --jq .id
  until_true test -e moving
  kill -TERM -- "-$BEGUN"
  finish 0 run
  out_empty
  err_empty
  same "$(<ids)" "$(ids 1 25)"
  absent ids.part "$TMPDIR"/rhythm-get.*
}

@test "lists interrupted in 20 of the 400 ways of scripts/faults are resumed byte for byte" {
  TMPDIR=/tmp EXPECT_TIMEOUT=300 expect 0 "$TESTS/faults/pages" --short --seed "$RANDOM"
  err_empty
  out_has 'pages: 21 trials, 0 faults'
  sed 's/^/# /' "$OUT" >&3
}

@test "a list on a terminal is harmless, and so are jq's messages about it" {
  on_terminal 0 '' "rhythm-get -a --max 1 rolodex contacts/acme.org/search -d '{}' --jq '\"one\\u001b[31mtwo\\u009b2J\"'"
  grep -q -x -e 'one?\[31mtwo?2J' plain
  on_terminal 65 '' "rhythm-get -a --max 1 rolodex contacts/acme.org/search -d '{}' --jq '\"\\u001b[31m\\u009b2J\" | error'"
  lacks plain $'\e|\xc2\x9b'
}

@test "a response that is not a list is 76, with nothing on standard output" {
  knob api.answer=not-json
  expect 76 rhythm-get -a rolodex contacts/acme.org/search -d '{}'
  out_empty
  err_any
  no_secret
}

@test "the README's filters print CSV and a table" {
  expect 0 rhythm-get -a --max 2 rolodex 'contacts/{tenantId}/search' -d '{}' --jq '[.id, .last_name, .amount] | @csv'
  out_is '"c-1","Zoë ""Z""",19.99' '"c-2","Zoë ""Z""",19.99'
  expect 0 sh -c "rhythm-get -a --max 2 rolodex 'contacts/{tenantId}/search' -d '{}' --jq '[.id, .email_address] | @tsv' | column -t"
  out_is 'c-1  c-1@acme.example' 'c-2  c-2@acme.example'
  err_empty
}
