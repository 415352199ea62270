#!/usr/bin/env bats
# rhythm-net as a helper: it gets all it needs and keeps nothing. Whatever happens to it or to its caller, the request is in
# the ledger, and no token is lost that can be kept.
# shellcheck disable=SC2030,SC2031 # each case is a process of its own

load ../helper
load token

setup_file() { sandbox_start; }

# broken_tree PROGRAM-LINES... - a tree of our own whose rhythm-net is a script of these lines.
broken_tree() {
  mkdir -p tree/bin tree/lib
  cp "$PROGRAMS/rhythm-token" tree/bin
  printf '%s\n' '#!/bin/sh' "$@" >tree/lib/rhythm-net
  chmod +x tree/lib/rhythm-net
}

# net_pid - prints the process id of the rhythm-net whose parent was begun last.
net_pid() {
  pgrep -P "$BEGUN"
}

@test "a rhythm-net that does not start costs no token, is unsent in the ledger, and is named" {
  needs_linux
  sandbox_profile
  broken_tree 'exit 127'
  expect 70 tree/bin/rhythm-token
  out_empty
  err_is "rhythm-token: rhythm-net does not run; run make, or run $PWD/tree/lib/rhythm-net to see why"
  counter_is token_requests 0
  outcomes begun unsent=rhythm-net
}

@test "a rhythm-net of another version is not used" {
  needs_linux
  sandbox_profile
  broken_tree 'printf "version=0.9\n\n" >&0; sleep 5'
  expect 70 tree/bin/rhythm-token
  out_empty
  err_matches "rhythm-token: $PWD/tree/lib/rhythm-net has version 0\\.9, not .*; run make"
  outcomes begun unsent=rhythm-net
}

@test "a rhythm-net that cannot be run is named by its path" {
  needs_linux
  sandbox_profile
  broken_tree
  printf 'no program\n' >tree/lib/rhythm-net
  expect 70 tree/bin/rhythm-token
  out_empty
  err_is "rhythm-token: cannot run $PWD/tree/lib/rhythm-net: Exec format error; run make"
  mkdir tree/lib/rhythm
  mv tree/lib/rhythm-net tree/lib/rhythm
  expect 70 tree/bin/rhythm-token
  err_is "rhythm-token: cannot run $PWD/tree/lib/rhythm/rhythm-net: Exec format error; install rhythm again"
  counter_is token_requests 0
}

@test "a missing rhythm-net is named by the path where it should be" {
  [[ -z $TESTED_PREFIX && ! -e /usr/local/lib/rhythm/rhythm-net ]] || skip 'the one that is installed is found'
  sandbox_profile
  broken_tree
  rm tree/lib/rhythm-net
  mkdir tree/lib/rhythm
  expect 70 tree/bin/rhythm-token
  out_empty
  err_is "rhythm-token: cannot run $PWD/tree/lib/rhythm/rhythm-net: No such file or directory; install rhythm again"
  # The program in a source tree before make.
  mv tree/lib/rhythm tree/lib/net
  expect 70 tree/bin/rhythm-token
  err_is "rhythm-token: cannot run $PWD/tree/lib/rhythm-net: No such file or directory; run make"
  counter_is token_requests 0
}

@test "in the renewal window the old token serves despite a broken rhythm-net, and the failure backs off" {
  needs_linux
  sandbox_profile
  expect 0 rhythm-token print
  cp "$OUT" old
  age 85700
  broken_tree 'exit 127'
  expect 0 tree/bin/rhythm-token print
  out_is_file old
  err_matches 'rhythm-token: rhythm-net does not run; .*' 'rhythm-token: warning: using the cached token, which is valid for [67][0-9][0-9] s more'
  expect 0 tree/bin/rhythm-token print
  out_is_file old
  err_empty
  expect 0 tree/bin/rhythm-token status --get failure.status
  out_is 70
  mint_count 1
}

@test "a request whose rhythm-net is killed is unknown, and is not repeated" {
  sandbox_profile timeout=5
  knob token.delay_ms=1500
  begin mint rhythm-token print
  until_counter token_requests 1
  kill -KILL "$(net_pid)"
  finish 69 mint
  out_empty
  err_is 'rhythm-token: rhythm-net ended without an answer; try again'
  counter_is token_requests 1
  outcomes begun unknown=rhythm-net
  sleep 2 # the issuer counts a request when it responds
}

@test "a rhythm-token killed during the request leaves a ledger line, and the next one mints again" {
  sandbox_profile
  knob token.delay_ms=1000
  begin mint rhythm-token print
  until_counter token_requests 1
  kill -KILL "$BEGUN"
  finish 137 mint
  out_empty
  err_any
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  mint_count 2
  outcomes begun begun ok=200
}

@test "while a killed rhythm-token's request is running, no other process makes one" {
  sandbox_profile
  knob token.delay_ms=2000
  begin mint rhythm-token print
  until_counter token_requests 1
  kill -KILL "$BEGUN"
  finish 137 mint
  err_any
  begin next rhythm-token --get tenant_id
  sleep 0.5
  counter_is token_requests 1
  finish 0 next
  out_is acme.org
  counter_is token_requests 2
}

@test "after SIGTERM the response is still awaited and stored" {
  sandbox_profile
  knob token.delay_ms=1000
  begin mint env --default-signal=TERM rhythm-token print
  until_counter token_requests 1
  kill -TERM "$BEGUN"
  finish 143 mint
  out_empty
  err_empty
  expect 0 rhythm-token --offline --get tenant_id
  out_is acme.org
  mint_count 1
  outcomes begun ok=200
}

@test "Ctrl-C during the request also ends the loop around it" {
  sandbox_profile
  knob token.delay_ms=1000
  begin loop env --default-signal=INT setsid bash -c 'for i in 1 2; do rhythm-token print; echo went on; done'
  until_counter token_requests 1
  kill -INT -- "-$BEGUN"
  finish 130 loop
  out_empty
  err_empty
  mint_count 1
}

@test "a second signal ends the wait" {
  sandbox_profile
  knob token.delay_ms=3000
  begin mint env --default-signal=TERM,INT rhythm-token print
  until_counter token_requests 1
  net=$(net_pid)
  kill -INT "$BEGUN"
  sleep 0.2
  kill -INT "$BEGUN"
  finish 130 mint
  out_empty
  err_empty
  expect 1 kill -0 "$net"
  err_any
  outcomes begun unknown=rhythm-net
  sleep 3 # the issuer counts a request when it responds
}

@test "a token is still printed if its cache directory disappeared during the request" {
  sandbox_profile
  knob token.delay_ms=1000
  begin mint rhythm-token --get tenant_id
  until_counter token_requests 1
  rm -r "$XDG_CACHE_HOME/rhythm"
  finish 0 mint
  out_is acme.org
  err_matches 'rhythm-token: cannot write .*/rhythm/.*: No such file or directory' \
    'rhythm-token: warning: the new token is used only this once; the next call requests another one'
  outcomes begun ok=200
}

@test "a process that waited for the lease in vain takes the token that appeared meanwhile" {
  sandbox_profile
  expect 0 rhythm-token print
  sandbox_profile timeout=1
  cp "$OUT" token
  cp "$(entry)" kept
  rm "$(entry)"
  begin holder flock "$XDG_CACHE_HOME/rhythm/$(identity)+lock" sleep 20
  holder=$BEGUN
  sleep 0.3
  begin waiter rhythm-token print
  sleep 2
  cp kept "$XDG_CACHE_HOME/rhythm/$(identity)"
  finish 0 waiter
  out_is_file token
  err_empty
  mint_count 1
  kill "$holder"
  finish 143 holder
}

@test "rhythm-net opens no profile, no cache and no ledger" {
  needs_root # strace reads the strings of a program that may not be dumped
  sandbox_profile
  trace 0 execve,open,openat,openat2 rhythm-token print
  # The trace of each process that ran it or tried to; exec tries one path after another.
  net=$(sed -n 's/^\([0-9]*\) *execve("[^"]*rhythm-net".*/\1/p' trace | sort -u | paste -s -d '|' -)
  [[ $net =~ ^[0-9]+ ]]
  expect 1 grep -a -E "^($net) .*(\.conf|$XDG_CACHE_HOME|$XDG_STATE_HOME|$XDG_CONFIG_HOME)" trace
  out_empty
  expect 0 grep -a -c -E "($XDG_CACHE_HOME|$XDG_STATE_HOME)" trace
  out_matches '[1-9][0-9]*'
}
