#!/usr/bin/env bats
# A token's lifetime: when it is renewed, who waits, and which token is used if the renewal fails.
# shellcheck disable=SC2016,SC2030,SC2031 # each case is a process of its own

load ../helper
load token

setup_file() { sandbox_start; }

# left SECONDS - makes the entry of a day's life have so many seconds left.
left() {
  age $(($(value expires_at "$(entry)") - $(date +%s) - $1))
}

old_token() {
  expect 0 rhythm-token print
  cp "$OUT" old
}

@test "with more than 900 s left a token is not renewed" {
  sandbox_profile
  old_token
  left 905
  expect 0 rhythm-token print
  out_is_file old
  err_empty
  expect 0 rhythm-token status --get state
  out_is valid
  mint_count 1
}

@test "with less than 900 s left a token is renewed" {
  sandbox_profile
  old_token
  left 890
  expect 0 rhythm-token status --get state
  out_is renewing
  expect 0 rhythm-token print
  out_matches '.*\..*\..*'
  err_empty
  mint_count 2
  expect 0 rhythm-token status --get expires_in
  out_matches '86400|8639[0-9]'
}

@test "of many processes in the renewal window one renews" {
  sandbox_profile
  old_token
  left 800
  knob token.delay_ms=1000
  herd 20 rhythm-token print
  lines_are <(uniq -c herd/statuses | sed 's/^ *//') '20 0'
  same "$(grep -l -F -f old herd/*.out | wc -l) got the old token" '19 got the old token'
  mint_count 2
  counter_is token_requests 2
}

@test "in the renewal window the others print the old token at once, and run no secret command" {
  sandbox_profile
  old_token
  left 800
  sandbox_profile client_secret= "client_secret_command=echo run >>$PWD/runs; echo sandbox-secret"
  knob token.delay_ms=5000
  begin renewer rhythm-token print
  until_counter token_requests 2
  for ((i = 0; i < 5; i++)); do
    expect 0 rhythm-token print
    out_is_file old
    err_empty
  done
  finish 0 renewer
  err_empty
  lines_are runs run
  mint_count 2
}

@test "with less than 300 s left all processes wait for the new token" {
  sandbox_profile
  old_token
  left 290
  knob token.delay_ms=300 'token.claims={"jti":"new"}'
  herd 20 rhythm-token print
  lines_are <(uniq -c herd/statuses | sed 's/^ *//') '20 0'
  same "$(sort -u herd/*.out | wc -l)" 1
  lines_are <(grep -l -F -f old herd/*.out) </dev/null
  mint_count 2
}

@test "--min-valid replaces the 300 s" {
  sandbox_profile
  old_token
  left 5000
  expect 0 rhythm-token print --min-valid 4000
  out_is_file old
  mint_count 1
  expect 0 rhythm-token print --min-valid=6000
  mint_count 2
  left 200
  knob token.answer=503
  expect 0 rhythm-token print --min-valid 0
  err_any
  mint_count 2
}

@test "--min-valid beyond half the lifetime is cut to that, with a warning" {
  sandbox_profile
  old_token
  expect 0 rhythm-token print --min-valid 86000
  out_is_file old
  err_matches 'rhythm-token: warning: --min-valid=86000 is more than half of the token'"'"'s life of (86400|8639[0-9]) s; using (43200|4319[0-9])'
  expect 0 rhythm-token -q print --min-valid 86000
  out_is_file old
  err_empty
  mint_count 1
}

@test "the defaults shrink to a tenth of a short lifetime" {
  sandbox_profile
  knob token.expires_in=600
  old_token
  left 65
  expect 0 rhythm-token print
  out_is_file old
  expect 0 rhythm-token status --get state
  out_is valid
  mint_count 1
  left 55
  expect 0 rhythm-token print
  mint_count 2
}

@test "an expired token is replaced" {
  sandbox_profile
  old_token
  left -1
  expect 1 rhythm-token status --get state
  out_is expired
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
  mint_count 2
}

@test "after a failed renewal the old token serves, with the reason, and the next waits 60 s, doubling" {
  sandbox_profile
  old_token
  left 800
  knob token.answer=503
  expect 0 rhythm-token print
  out_is_file old
  err_matches 'rhythm-token: .* failed with 503 .*' 'rhythm-token: warning: using the cached token, which is valid for (800|79[0-9]) s more'
  counter_is token_requests 2
  expect 0 rhythm-token print
  out_is_file old
  err_empty
  counter_is token_requests 2
  record=$(entry)+failed
  # after 61 s there is another attempt, then a wait of two minutes
  edit "$record" failed_ns $((($(date +%s) - 61) * 1000000000))
  expect 0 rhythm-token print
  out_is_file old
  err_any
  counter_is token_requests 3
  same "$(value count "$record")" 2
  edit "$record" failed_ns $((($(date +%s) - 61) * 1000000000))
  expect 0 rhythm-token print
  err_empty
  counter_is token_requests 3
  edit "$record" failed_ns $((($(date +%s) - 121) * 1000000000))
  expect 0 rhythm-token print
  err_any
  counter_is token_requests 4
  # once a renewal succeeds the record is removed
  edit "$record" failed_ns $((($(date +%s) - 3600) * 1000000000))
  knob token.answer=
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
  absent "$record"
}

@test "the wait after failures has an upper limit" {
  sandbox_profile
  old_token
  left 800
  knob token.answer=503
  expect 0 rhythm-token print
  err_any
  edit "$(entry)+failed" count 1000
  edit "$(entry)+failed" failed_ns $((($(date +%s) - 3841) * 1000000000))
  expect 0 rhythm-token print
  out_is_file old
  err_any
  counter_is token_requests 3
}

@test "with less than 300 s left the old token serves until it expires while renewal fails" {
  sandbox_profile
  old_token
  left 200
  knob token.answer=503
  expect 0 rhythm-token print
  out_is_file old
  err_matches 'rhythm-token: .* failed with 503 .*' 'rhythm-token: warning: using the cached token, which is valid for (200|19[0-9]) s more'
  expect 0 rhythm-token print
  out_is_file old
  err_matches 'rhythm-token: warning: the token is valid for only (200|19[0-9]) s more, and its renewal failed: .* failed with 503 .*'
  counter_is token_requests 2
  left -1
  expect 69 rhythm-token print
  out_empty
  err_matches 'rhythm-token: .* failed with 503 .*'
}

@test "a failed --refresh is an error, and the old token is kept" {
  sandbox_profile
  old_token
  knob token.answer=503
  expect 69 rhythm-token print --refresh
  out_empty
  err_matches 'rhythm-token: .* failed with 503 .*'
  expect 0 rhythm-token print
  out_is_file old
}

@test "a secret command that fails in the renewal window is reported, backs off, and the old token serves" {
  sandbox_profile
  old_token
  left 800
  sandbox_profile client_secret= 'client_secret_command=echo run >>runs; exit 1'
  expect 0 rhythm-token print
  out_is_file old
  err_matches 'rhythm-token: client_secret_command failed \(exit 1\); run it by hand to see why' \
    'rhythm-token: warning: using the cached token, which is valid for [0-9]+ s more'
  expect 0 rhythm-token print
  out_is_file old
  err_empty
  lines_are runs run
  expect 0 rhythm-token status --get failure.cause
  out_is config
  same "$(value count "$(entry)+failed")" 1
}

@test "with less than 300 s left no failure keeps the old token from serving until it expires" {
  sandbox_profile
  old_token
  left 200
  sandbox_profile client_secret= 'client_secret_command=exit 1'
  expect 0 rhythm-token print
  out_is_file old
  err_matches 'rhythm-token: client_secret_command failed \(exit 1\); run it by hand to see why' \
    'rhythm-token: warning: using the cached token, which is valid for (200|19[0-9]) s more'
  sandbox_profile hourly_limit=1
  expect 0 rhythm-token print
  out_is_file old
  err_matches 'rhythm-token: hourly_limit is reached: 1 tokens? minted in the last hour; .*' \
    'rhythm-token: warning: using the cached token, which is valid for (200|19[0-9]) s more'
  counter_is token_requests 1
}

@test "in the renewal window the old token serves when a limit is reached" {
  sandbox_profile monthly_limit=1
  old_token
  left 800
  expect 0 rhythm-token print
  out_is_file old
  err_matches 'rhythm-token: monthly_limit is reached: 1 tokens? minted this month; .*' 'rhythm-token: warning: using the cached token, which is valid for .* s more'
  counter_is token_requests 1
}

@test "lifetime is measured from expires_in by the local clock: an issuer's wrong clock gets a warning" {
  sandbox_profile
  for offset in -7200 7200 -200000 200000; do
    side=behind
    ((offset > 0)) || side='ahead of'
    knob "clock_offset=$offset"
    expect 0 rhythm-token --refresh --get tenant_id
    out_is acme.org
    err_matches "rhythm-token: warning: this machine's clock is [0-9]+ s $side the issuer's; set the clock"
    expect 0 rhythm-token --get tenant_id
    out_is acme.org
    err_empty
    expect 0 rhythm-token status --get expires_in
    out_matches '86400|8639[0-9]'
  done
  mint_count 4
}

@test "an entry from the future is judged by the token's own exp" {
  sandbox_profile
  expect 0 rhythm-token --get exp
  exp=$(<"$OUT")
  age -7200
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_matches "rhythm-token: warning: the cached token was received 7(200|199|198|197) s in the future; check this machine's clock"
  expect 0 rhythm-token status --get expires_at
  out_is "$exp"
  edit "$(entry)" token_exp $(($(date +%s) - 5))
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_has 'rhythm-token: warning: the cached token was received .*'
  mint_count 2
  expect 0 rhythm-token --get tenant_id
  err_empty
}

@test "an entry a few seconds in the future is valid" {
  sandbox_profile
  old_token
  age -30
  expect 0 rhythm-token print
  out_is_file old
  err_empty
  mint_count 1
}
