#!/usr/bin/env bats
# Many processes at once: one mint per token lifetime, one failed request per herd.
# shellcheck disable=SC2030,SC2031 # each case is a process of its own

load ../helper
load token

setup_file() { sandbox_start; }

# What was begun last sleeps; and there is nothing that it could wait for but the lock.
waits_for_lock() {
  [[ $(<"/proc/$BEGUN/stat") == *'(rhythm-token) S '* ]]
}

entry_is_there() {
  [[ -n $(entry) ]]
}

@test "200 cold starts at once mint one token" {
  sandbox_profile
  knob token.delay_ms=300
  n=$(fewer 200 50)
  herd "$n" rhythm-token --get tenant_id
  herd_is "$n" 0 'acme\.org' ''
  minted=$(counter mints)
  echo "# $n concurrent cold starts, $minted token minted" >&3
  same "$minted" 1
  counter_is token_requests 1
  outcomes begun ok=200
}

@test "all cold starts get the same token" {
  sandbox_profile
  herd 50 rhythm-token print
  lines_are <(uniq -c herd/statuses | sed 's/^ *//') '50 0'
  same "$(sort -u herd/*.out | wc -l)" 1
  mint_count 1
}

@test "processes that start together share one failed request, and each prints the reason" {
  sandbox_profile client_secret=wrong
  knob token.delay_ms=1500
  herd 40 rhythm-token
  herd_is 40 77 '' 'rhythm-token: .* refused \(401 access_denied: Unauthorized\): client ID or secret is wrong; .*'
  counter_is token_requests 1
  outcomes begun 'denied=401 access_denied'
}

@test "a failure is not shared with a process that started after it" {
  sandbox_profile client_secret=wrong
  expect 77 rhythm-token
  err_has 'rhythm-token: .* refused .*'
  sandbox_profile
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
  counter_is token_requests 2
  absent "$(entry)+failed"
}

@test "a failure record from earlier, or from the future, is ignored" {
  sandbox_profile client_secret=wrong
  expect 77 rhythm-token
  err_any
  file=$XDG_CACHE_HOME/rhythm/$(identity)+failed
  sandbox_profile
  edit "$file" failed_ns $((($(date +%s) + 5000) * 1000000000))
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
}

@test "processes that start --refresh together share one mint, a later one mints again" {
  sandbox_profile
  expect 0 rhythm-token print
  cp "$OUT" old
  # the first mint must last until the last process has started
  knob token.delay_ms=1500
  herd 20 rhythm-token print --refresh
  lines_are <(uniq -c herd/statuses | sed 's/^ *//') '20 0'
  count=$(counter mints)
  # a mint that began before a process started does not count for it: one more at most
  ((count == 2 || count == 3)) || fail "$count mints"
  knob token.delay_ms=0
  expect 0 rhythm-token print --refresh
  mint_count $((count + 1))
}

@test "--refresh accepts a mint that began after it started" {
  sandbox_profile
  expect 0 rhythm-token print
  expect 0 env rhythm-token --refresh print
  mint_count 2
  # this process waits for the lock, and finds a token that another process has since requested
  exec 9>>"$(entry)+lock"
  flock 9
  begin waiting rhythm-token --refresh --get tenant_id 9>&-
  until_true waits_for_lock
  edit "$(entry)" begun_ns "$(date +%s%N)"
  exec 9>&-
  finish 0 waiting
  out_is acme.org
  err_empty
  mint_count 2
}

@test "while one process gets a token, those with a valid one do not wait" {
  sandbox_profile
  expect 0 rhythm-token print
  exec 9>>"$(entry)+lock"
  flock 9
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
  exec 9>&-
}

@test "a lock that is never released is 75 within the time limit, and is named" {
  sandbox_profile timeout=1
  mkdir -p "$XDG_CACHE_HOME/rhythm"
  exec 9>>"$XDG_CACHE_HOME/rhythm/$(identity)+lock"
  flock 9
  expect 75 rhythm-token
  out_empty
  err_is "rhythm-token: another process has been requesting this token for 12 s; try again (its lease is $XDG_CACHE_HOME/rhythm/$(identity)+lock)"
  exec 9>&-
  counter_is token_requests 0
}

@test "a lock file that was replaced during the wait is locked again" {
  sandbox_profile
  mkdir -p "$XDG_CACHE_HOME/rhythm"
  lock=$XDG_CACHE_HOME/rhythm/$(identity)+lock
  exec 9>>"$lock"
  flock 9
  begin waiting rhythm-token --get tenant_id 9>&-
  until_true waits_for_lock
  rm "$lock"
  exec 9>&-
  finish 0 waiting
  out_is acme.org
  err_empty
  [[ -e $lock ]] || fail 'there is no lock file'
  mint_count 1
}

@test "processes of different identities do not wait for each other" {
  sandbox_profile
  sandbox_profile other 'scope=x'
  mkdir -p "$XDG_CACHE_HOME/rhythm"
  exec 9>>"$XDG_CACHE_HOME/rhythm/$(identity)+lock"
  flock 9
  expect 0 rhythm-token -p other --get tenant_id
  out_is acme.org
  exec 9>&-
}

@test "the lock is released before a slow reader gets the output" {
  sandbox_profile
  knob 'token.claims={"pad":"'"$(head -c 90000 /dev/zero | tr '\0' x)"'"}'
  mkfifo pipe
  begin writer sh -c 'exec rhythm-token >pipe'
  exec 8<pipe
  until_true entry_is_there
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  expect 0 flock -n "$(entry)+lock" true
  cat <&8 >answer
  exec 8<&-
  finish 0 writer
  err_empty
  mint_count 1
}
