#!/usr/bin/env bats
# rhythm-get: in any shell, however it is started, it runs its own programs or refuses.

load ../helper

setup_file() { sandbox_start; }

setup() {
  common_setup
  sandbox_profile
  # What must never be run, under every name that could be mistaken for ours.
  mkdir -p trap/bin trap/lib/get trap/lib/rhythm/get
  local name
  for name in rhythm-token bin/rhythm-token find_self find_rooms main sh bash dash awk cat curl cut date grep head jq mkdir mkfifo mktemp \
    od rm sed sleep stat tr; do
    printf '%s\n' '#!/bin/sh' "echo trapped >'$PWD/trapped'" >"trap/$name"
    chmod +x "trap/$name"
  done
  for name in text call options; do
    printf '%s\n' "echo trapped >'$PWD/trapped'" | tee "trap/lib/get/$name.sh" >"trap/lib/rhythm/get/$name.sh"
  done
}

# each_shell COMMAND... - runs `COMMAND SHELL` for each installed shell; not in a condition, in which its lines could not fail.
# In the C locale yash drops characters beyond ASCII, such as a cursor's é in the command to continue.
each_shell() {
  local shell
  for shell in dash bash 'bash --posix' 'busybox ash' mksh oksh 'env LC_ALL=C.UTF-8 yash' zsh 'zsh --emulate sh'; do
    command -v "$(sed 's,^env [^ ]* ,,; s, .*,,' <<<"$shell")" >/dev/null || continue
    "$@" "$shell"
  done
}

told_to_read() {
  # shellcheck disable=SC2086 # words are meant
  expect 0 $1 "$SCRIPT" rolodex contacts/acme.org/c-1 --jq .id
  out_is c-1
  err_empty
  absent ../trapped
}

@test "a shell given the script's path finds its programs beside it, from any directory" {
  cd trap
  SCRIPT=$PROGRAMS/rhythm-get
  each_shell told_to_read
  SCRIPT=$(realpath --relative-to=. "$PROGRAMS/rhythm-get")
  each_shell told_to_read
  ln -s "$PROGRAMS/rhythm-get" ../another-name
  SCRIPT=../another-name
  each_shell told_to_read
}

in_a_hostile_directory() {
  # shellcheck disable=SC2086
  expect 0 $1 "$PROGRAMS/rhythm-get" -a rolodex contacts/acme.org/search -d '{}' --jq .id -o list
  same "$(grep -c '^c-' list)" 25
  rm list
  # shellcheck disable=SC2086
  expect 22 $1 "$PROGRAMS/rhythm-get" rolodex contacts/acme.org/missing
  err_has status=404
  # shellcheck disable=SC2086
  expect 0 $1 "$PROGRAMS/rhythm-get" -v -X PATCH rolodex contacts/acme.org/c-1 --set first_name=Ada
  err_any
  absent ../trapped
}

@test "no shell runs a program in the current directory, whatever a variable means to it" {
  cd trap
  each_shell in_a_hostile_directory
}

told_without_a_path() {
  # shellcheck disable=SC2086
  expect 0 $1 rhythm-get rolodex contacts/acme.org/c-1 --jq .id
  out_is c-1
  err_empty
}

@test "a script name without a path means the file in this directory" {
  cd "$PROGRAMS"
  each_shell told_without_a_path
}

refuses_sourcing() {
  printf '%s\n' ". '$PROGRAMS/rhythm-get' rolodex contacts/acme.org/c-1" 'echo "went on: $?"' >wrapper
  # shellcheck disable=SC2086
  expect 0 $1 ./wrapper
  out_is 'went on: 64'
  err_is "$REFUSAL"
  # shellcheck disable=SC2086
  expect 64 $1 -s rolodex contacts/acme.org/c-1 <"$PROGRAMS/rhythm-get"
  err_is "$REFUSAL"
  out_empty
  absent ../trapped
}

@test "rhythm-get refuses to be sourced or read from a pipe, and does not end the calling shell" {
  REFUSAL='rhythm-get: cannot tell where this script is; run it as a command, not with "." or from a pipe'
  cd trap
  each_shell refuses_sourcing
  counter_is api_requests 0
  mint_count 0
}

@test "a shell that cannot run rhythm-get is named before anything is sent" {
  local shell found=''
  for shell in ksh93 posh; do
    command -v "$shell" >/dev/null || continue
    found=yes
    expect 69 "$shell" "$PROGRAMS/rhythm-get" rolodex contacts/acme.org/c-1
    out_empty
    err_is 'rhythm-get: ksh93 and posh cannot run this script; run it directly, or with sh, dash, bash, mksh, yash or zsh'
  done
  counter_is api_requests 0
  mint_count 0
  [[ -n $found ]] || skip 'neither ksh93 nor posh is here'
}

# verbose_and_to_a_file SHELL [NAME=VALUE...] - SHELL is words, which run with these variables.
verbose_and_to_a_file() {
  # shellcheck disable=SC2086
  expect 0 env "${@:2}" $1 "$PROGRAMS/rhythm-get" -v -o file rolodex contacts/acme.org/c-1 --jq .id
  err_has '> Authorization: Bearer \*\*\*'
  lines_are file c-1
  rm file
}

@test "-v and -o work in every shell" {
  each_shell verbose_and_to_a_file
  same "$(printf '%s ' file*)" 'file* '
}

@test "named pipes are used if /dev/fd cannot open a pipe's other end, as on BSD and macOS" {
  local shell
  "${CC:-cc}" -O2 -shared -fPIC -o devfd.so "$TESTS/devfd.c"
  mkdir bin
  printf '#!/bin/sh\n: >"%s/made"\nexec /usr/bin/mkfifo "$@"\n' "$PWD" >bin/mkfifo
  chmod +x bin/mkfifo
  for shell in dash 'bash --posix'; do
    # shellcheck disable=SC2016,SC2086 # for that shell; words are meant
    expect 1 env LD_PRELOAD="$PWD/devfd.so" $shell -c 'exec 3</dev/null; { true 4>/dev/fd/3; } 2>/dev/null || exit 1'
    rm -f made
    verbose_and_to_a_file "$shell" PATH="$PWD/bin:$PATH" LD_PRELOAD="$PWD/devfd.so"
    [[ -e made ]] # so it used named pipes
    # shellcheck disable=SC2086 # words are meant
    expect 0 env LD_PRELOAD="$PWD/devfd.so" $shell "$PROGRAMS/rhythm-get" rolodex contacts/acme.org/c-1 --jq .id
    out_is c-1
    err_empty
    # shellcheck disable=SC2086
    expect 22 env LD_PRELOAD="$PWD/devfd.so" $shell "$PROGRAMS/rhythm-get" rolodex contacts/acme.org/none
    out_empty
    err_has 'rhythm-get: HTTP 404 .*'
    absent "$TMPDIR"/rhythm-get.*
  done
}

all_pages() {
  knob api.items=60 api.page=5 api.latency_ms=0
  # shellcheck disable=SC2086
  expect 0 $1 "$PROGRAMS/rhythm-get" -a rolodex contacts/acme.org/search -d '{}' --jq .id
  seq -f 'c-%g' 60 | out_is
  err_empty
  knob api.latency_ms=40
  # shellcheck disable=SC2086
  begin run env --default-signal=TERM setsid $1 "$PROGRAMS/rhythm-get" -a rolodex contacts/acme.org/search -d '{}' --jq .id
  until_counter api_requests $(($(counter api_requests) + 2))
  kill -TERM -- "-$BEGUN"
  finish 143 run
  cp "$OUT" got
  err_matches 'rhythm-get: stopped by SIGTERM before the end of the list; to get the rest, run:' 'rhythm-get -a .* --start-key .*'
  tail -n 1 "$ERR" >resume
  expect 0 sh resume
  err_empty
  same "$(cat got "$OUT")" "$(seq -f 'c-%g' 60)"
  absent "$TMPDIR"/rhythm-get.*
}

@test "--all, and continuing after a signal, work in every shell" {
  each_shell all_pages
}

a_call_for_each_line() {
  printf 'c-1\r\nc-99\nc-2' >ids
  # shellcheck disable=SC2086,SC2094 # words; the ids are read, and not written
  expect 22 $1 "$PROGRAMS/rhythm-get" rolodex 'contacts/acme.org/{id}' id=@- --jq .id <ids
  out_is c-1 c-2
  err_matches 'rhythm-get: line 2 of standard input: HTTP 404 .*'
  # shellcheck disable=SC2086
  expect 0 $1 "$PROGRAMS/rhythm-get" -n rolodex 'contacts/acme.org/{id}' id=@ids
  out_has '.*/contacts/acme.org/c-1'
  err_any
  absent "$TMPDIR"/rhythm-get.*
}

@test "a call per line works in every shell" {
  each_shell a_call_for_each_line
}
