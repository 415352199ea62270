#!/usr/bin/env bats
# rhythm-get: the files that it writes and leaves behind.

load ../helper
load get

setup_file() { sandbox_start; }

setup() {
  common_setup
  sandbox_profile
}

# needs_root - for cases that need a file of another user.
needs_root() {
  [[ $(id -u) == 0 ]] || skip 'only root can make a file that is somebody else'\''s'
}

readonly KEY='acme.org|c-20#/+=& é'

@test "another user's file is neither replaced nor appended to" {
  needs_root
  chmod 1777 .
  echo theirs >data
  chown 65534 data
  expect 73 rhythm-get -o data rolodex contacts/acme.org/c-1
  err_is "rhythm-get: -o data: it belongs to another user; remove it, or name another file"
  lines_are data theirs
  rm data
  echo theirs >data.part
  chown 65534 data.part
  expect 73 rhythm-get -a -o data --start-key "$KEY" rolodex contacts/acme.org/search -d '{}'
  err_is 'rhythm-get: -o data: data.part is a symbolic link or belongs to another user, so nothing is appended to it; remove it, and run the command again without --start-key'
  lines_are data.part theirs
  absent data
  out_empty
  counter_is api_requests 0
}

@test "a part that is not a regular file is not appended to" {
  local kind
  echo mine >mine
  for kind in 'ln -s mine data.part' 'mkdir data.part' 'mkfifo data.part' 'ln -s nowhere data.part'; do
    $kind
    expect 73 rhythm-get -a -o data --start-key "$KEY" rolodex contacts/acme.org/search -d '{}'
    err_is 'rhythm-get: -o data: data.part is a symbolic link or belongs to another user, so nothing is appended to it; remove it, and run the command again without --start-key'
    rm -r data.part
  done
  lines_are mine mine
  absent data nowhere
}

@test "a part never has the file's old content, and has its mode" {
  printf 'old %s\n' 1 2 3 >data
  chmod 640 data
  knob api.items=3000 api.page=5 api.latency_ms=100
  begin run setsid rhythm-get -a -o data rolodex contacts/acme.org/search -d '{}' --jq .id
  until_true test -e data.part
  same "$(grep -c old data.part)" 0
  until_counter api_requests 3
  kill -KILL -- "-$BEGUN"
  finish 137 run
  err_any
  same "$(grep -c old data.part)" 0
  mode_is 640 data.part
  same "$(grep -c old data)" 3
}

@test "the mode is copied with the stat of BSD and macOS too" {
  mkdir bsd
  # shellcheck disable=SC2016 # for the script
  printf '%s\n' '#!/bin/sh' '[ "$1 $2" = "-f %Lp %g" ] || { echo "stat: illegal option" >&2; exit 1; }' 'exec /usr/bin/stat -c "%a %g" "$3" "$4"' >bsd/stat
  chmod +x bsd/stat
  : >data
  chmod 640 data
  PATH=$PWD/bsd:$PATH expect 0 rhythm-get -o data rolodex 'contacts/{tenantId}/c-1'
  out_empty
  err_empty
  mode_is 640 data
  grep -q '"id":"c-1"' data
}

@test "a signal during the creation of temporary files leaves none" {
  mkdir slow
  # shellcheck disable=SC2016 # for the script
  printf '%s\n' '#!/bin/sh' 'made=$(/usr/bin/mktemp "$@"); : >"$TMPDIR/made"; until test -e "$TMPDIR/go"; do sleep 0.1; done; printf "%s\n" "$made"' >slow/mktemp
  chmod +x slow/mktemp
  local signal
  for signal in HUP:129 INT:130 TERM:143; do
    rm -f made go
    PATH=$PWD/slow:$PATH begin run env --default-signal=INT,HUP,TERM setsid rhythm-get rolodex contacts/acme.org -d @/dev/stdin
    until_true test -e made
    kill -"${signal%:*}" -- "-$BEGUN"
    : >go
    finish "${signal#*:}" run
    out_empty
    err_any
    absent "$TMPDIR"/rhythm-get.*
  done
  counter_is api_requests 0
}

# both_run - curl, which is waiting for the response, and jq are both running.
both_run() {
  own_processes >processes
  grep -q '^curl ' processes && grep -q '^jq .*\.id' processes
}

@test "jq starts before the response is complete" {
  knob api.latency_ms=5000
  begin slow rhythm-get rolodex contacts/acme.org/c-1 --jq .id
  until_true both_run
  finish 0 slow
  out_is c-1
  err_empty
}

@test "an invalid filter is reported in jq's words after a good response, after any other not at all" {
  expect 64 rhythm-get rolodex contacts/acme.org/c-1 --jq '.a |' -o kept
  out_empty
  err_matches 'rhythm-get: --jq: syntax error, .*'
  absent kept*
  counter_is api_requests 1
  # shellcheck disable=SC2016 # the inner shell's
  expect 64 env --ignore-signal=PIPE rhythm-get rolodex contacts/acme.org/search -d '{}' --jq nosuch
  out_empty
  err_matches 'rhythm-get: --jq: nosuch/0 is not defined.*'
  expect 22 rhythm-get -q rolodex contacts/acme.org/missing --jq nosuch
  out_empty
  err_is "rhythm-get: HTTP 404 GET $SANDBOX_HTTP/rolodex/contacts/acme.org/missing" '{"message":"Not Found"}'
  expect 0 rhythm-get --allow 404 rolodex contacts/acme.org/missing --jq .id
  out_empty
  err_empty
  sandbox_profile other api_base='http://127.0.0.1:1/{service}'
  expect 69 rhythm-get -p other --retries 0 rolodex contacts/acme.org/c-1 --jq nosuch
  out_empty
  err_matches 'rhythm-get: GET http://127\.0\.0\.1:1/.* \(curl 7\)'
  absent "$TMPDIR"/rhythm-get.*
}

@test "a response that is not JSON is 76, and there is no other message when jq stops reading" {
  fake_curl 'HTTP/1.1 200 OK\r\n\r\n' 'nope '
  head -c 1000000 /dev/zero | tr '\0' ' ' >>fake/body
  PATH=$PWD/fake:$PATH expect 76 env --ignore-signal=PIPE rhythm-get rolodex contacts/acme.org/c-1 --jq .
  out_empty
  err_matches '(jq: )?parse error: .*' 'rhythm-get: GET .*: the response is not JSON; leave out --jq to see it'
}

@test "a filter for items that finds null in a page gets a note about --all, any other does not" {
  local filter
  for filter in .id '.address?.city # where' '.id, .Count'; do
    expect 0 rhythm-get rolodex contacts/acme.org/search -d '{}' --jq "$filter"
    out_has null
    err_is 'rhythm-get: note: the filter found null, because it got a whole page of a list; add --all to filter each item'
  done
  expect 0 rhythm-get rolodex contacts/acme.org/search -d '{}' --jq '.id | debug'
  out_is null
  err_is '["DEBUG:",null]' 'rhythm-get: note: the filter found null, because it got a whole page of a list; add --all to filter each item'
  expect 0 rhythm-get -q rolodex contacts/acme.org/search -d '{}' --jq .id
  out_is null
  err_empty
  # shellcheck disable=SC2016 # jq's own $
  for filter in .Count '.Items[0].nickname' '.LastEvaluatedKey | type' '.nothing as $x | $x' '' 'def f: .Count; f' '.Count == 0'; do
    expect 0 rhythm-get rolodex contacts/acme.org/search -d '{}' --jq "$filter"
    [[ -s $OUT ]]
    err_empty
  done
  expect 0 rhythm-get rolodex contacts/acme.org/c-1 --jq .nickname_of_nobody
  out_is null
  err_empty
  expect 0 rhythm-get -a --limit 1 rolodex contacts/acme.org/search -d '{}' --jq .nickname_of_nobody
  out_is null
  err_empty
  # shellcheck disable=SC2016 # jq's own $
  for filter in '.id |' '.id) | (.x' '.id as $x'; do
    expect 64 rhythm-get rolodex contacts/acme.org/search -d '{}' --jq "$filter"
    out_empty
    err_matches 'rhythm-get: --jq: .* line 1.*'
  done
}
