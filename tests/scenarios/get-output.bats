#!/usr/bin/env bats
# rhythm-get: files that it writes, and what it leaves behind.

load ../helper

setup_file() { sandbox_start; }

setup() {
  common_setup
  sandbox_profile
}

# needs_root - for cases that need a file of somebody else's.
needs_root() {
  [[ $(id -u) == 0 ]] || skip 'only root can make a file that is somebody else'\''s'
}

readonly KEY='acme.org|c-20#/+=& é'

@test "a file of somebody else's is neither replaced nor added to" {
  needs_root
  chmod 1777 .
  echo theirs >data
  chown 65534 data
  expect 73 rhythm-get -o data rolodex contacts/acme.org/c-1
  err_is "rhythm-get: -o data: it is somebody else's; remove it, or name another file"
  lines_are data theirs
  rm data
  echo theirs >data.part
  chown 65534 data.part
  expect 73 rhythm-get -a -o data --start-key "$KEY" rolodex contacts/acme.org/search -d '{}'
  err_is 'rhythm-get: -o data: data.part is no file of yours, so nothing is added to it; remove it, and start without --start-key'
  lines_are data.part theirs
  absent data
  out_empty
  counter_is api_requests 0
}

@test "a part that is no plain file is not added to" {
  local kind
  echo mine >mine
  for kind in 'ln -s mine data.part' 'mkdir data.part' 'mkfifo data.part' 'ln -s nowhere data.part'; do
    $kind
    expect 73 rhythm-get -a -o data --start-key "$KEY" rolodex contacts/acme.org/search -d '{}'
    err_is 'rhythm-get: -o data: data.part is no file of yours, so nothing is added to it; remove it, and start without --start-key'
    rm -r data.part
  done
  lines_are mine mine
  absent data nowhere
}

@test "a part never holds what the file held before, and has its mode" {
  printf 'old %s\n' 1 2 3 >data
  chmod 640 data
  knob api.items=60 api.page=5 api.latency_ms=100
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

@test "a signal while temporary files are made leaves none" {
  mkdir slow
  # shellcheck disable=SC2016 # for the script
  printf '%s\n' '#!/bin/sh' 'made=$(/usr/bin/mktemp "$@"); : >"$TMPDIR/made"; sleep 0.5; printf "%s\n" "$made"' >slow/mktemp
  chmod +x slow/mktemp
  local signal
  for signal in HUP:129 INT:130 TERM:143; do
    rm -f made
    PATH=$PWD/slow:$PATH begin run env --default-signal=INT,HUP,TERM setsid rhythm-get rolodex contacts/acme.org -d @/dev/stdin
    until_true test -e made
    kill -"${signal%:*}" -- "-$BEGUN"
    finish "${signal#*:}" run
    out_empty
    err_any
    absent "$TMPDIR"/rhythm-get.*
  done
  counter_is api_requests 0
}
