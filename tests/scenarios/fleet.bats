#!/usr/bin/env bats
# Many hosts, one token: rhythm-token with a shared cache, over real Redis servers.
# shellcheck disable=SC2016,SC2030,SC2031 # a case is a subshell of its own

load ../helper
load ../fleet/redis
load token

setup_file() { sandbox_start; }

setup() {
  common_setup
  PATH=$PATH:$BATS_TEST_TMPDIR/tmp/helpers
  mkdir helpers
}

teardown() {
  redis_stop
  common_teardown
}

# fleet_start [KEY=VALUE...] - starts a store, and writes a profile that uses it.
fleet_start() {
  redis_start
  sandbox_profile cache=redis redis_url="$REDIS_URL" "$@"
}

# at HOST STATUS CMD... - expect, as if on that host: with the same profile, but its own cache and ledger.
at() {
  local home=$BATS_TEST_TMPDIR/host-$1
  mkdir -p "$home"
  expect "$2" env XDG_CACHE_HOME="$home/cache" XDG_STATE_HOME="$home/state" "${@:3}"
}

# begin_at HOST NAME CMD... - begin, as if on that host.
begin_at() {
  local home=$BATS_TEST_TMPDIR/host-$1
  mkdir -p "$home"
  begin "$2" env XDG_CACHE_HOME="$home/cache" XDG_STATE_HOME="$home/state" "${@:3}"
}

# store_key KIND - prints the one key of that kind.
store_key() {
  redis KEYS "rhythm:1:$1:*"
}

@test "all hosts share a minted token, and a warm call opens no socket and starts no program" {
  fleet_start
  at a 0 rhythm-token print
  cp "$OUT" token
  at b 0 rhythm-token print
  out_is_file token
  at c 0 rhythm-token --get tenant_id
  out_is acme.org
  mint_count 1
  redis SHUTDOWN NOSAVE >/dev/null 2>&1 || :
  export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/host-b/cache
  trace 0 execve,socket,clone,fork,vfork rhythm-token print
  out_is_file token
  lacks trace '(socket|fork|clone3?)\('
  same "$(grep -c execve trace)" 1
}

# instructions CMD... - prints how many instructions it runs.
instructions() {
  expect 0 valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@"
  err_has '==[0-9]+== Collected : [0-9]+'
  sed -n 's/^==[0-9]*== Collected : \([0-9]*\)$/\1/p' "$ERR"
}

@test "a warm call costs at most two percent more instructions than without a shared cache" {
  if sanitized; then
    skip 'a sanitizer counts its own instructions'
  fi
  fleet_start
  expect 0 rhythm-token print
  out_has 'eyJ.*'
  local without with
  with=$(instructions "$PROGRAMS/rhythm-token" print)
  # Both profiles have the same length.
  sandbox_profile cache=file redis_url="$REDIS_URL"
  without=$(instructions "$PROGRAMS/rhythm-token" print)
  echo "# warm with a shared cache: $with instructions, without: $without" >&3
  ((with * 100 <= without * 102))
}

@test "twenty hosts with fifty processes each, cold and at once, mint once" {
  unset "${!XDG_@}"
  EXPECT_TIMEOUT=200 expect 0 env RHYTHM_PREFIX="$TESTED_PREFIX" SANDBOX_KEYS="${SANDBOX_KEYS:-}" "$TESTS/fleet/herd" \
    "$(fewer 20 4)" "$(fewer 50 5)"
  out_has mints=1
  out_has failed=0
  out_has tokens=1
  sed 's/^/# /' "$OUT" >&3
}

@test "a cold call with a shared cache stays within its limits of commands and bytes" {
  unset "${!XDG_@}"
  EXPECT_TIMEOUT=200 expect 0 env RHYTHM_PREFIX="$TESTED_PREFIX" SANDBOX_KEYS="${SANDBOX_KEYS:-}" "$TESTS/fleet/cost" 5
  sed 's/^/# /' "$OUT" >&3
  out_has 'cold_alone_ms=.*'
  out_has 'cold_shared_mint_ms=.*'
  out_has 'cold_shared_hit_ms=.*'
  (($(value hit_commands "$OUT") <= 10 && $(value hit_bytes "$OUT") <= 12000))
  (($(value mint_commands "$OUT") <= 70 && $(value mint_commands "$OUT") >= 10 && $(value mint_bytes "$OUT") <= 65000))
  (($(value memory_bytes "$OUT") <= 8000))
}

@test "if the minting host is killed, one more token is minted, and nobody waits longer than the lock lasts" {
  redis_start
  # The first store is slow and fails, which is when the host is killed; later ones are not.
  cat >helpers/rhythm-cache-slow <<END
#!/bin/sh
[ "\$1" != store ] || [ -e "$PWD/quick" ] || { : >"$PWD/reached"; sleep 2; exit 1; }
exec "$(helper redis)" "\$@"
END
  chmod +x helpers/rhythm-cache-slow
  sandbox_profile cache=slow cache_url="$REDIS_URL" timeout=2
  local when victim
  for when in before during after; do
    rm -f quick reached
    redis FLUSHALL >/dev/null
    rm -rf "$BATS_TEST_TMPDIR"/host-*
    control DELETE >/dev/null
    knob token.delay_ms=1500
    begin_at a first rhythm-token print
    victim=$BEGUN
    case $when in
      before) until_true key_exists 'rhythm:1:lock:*' ;;
      during) until_counter token_requests 1 ;;
      after) until_true test -e reached ;;
    esac
    kill -KILL "$victim"
    finish 137 first
    err_any
    knob token.delay_ms=0
    : >quick
    SECONDS=0
    at b 0 rhythm-token --get tenant_id
    out_is acme.org
    err_any
    ((SECONDS <= 2 * 2 + 10 + 10))
    (($(counter mints) <= 2))
  done
}

key_exists() {
  [[ -n $(redis KEYS "$1") ]]
}

@test "a refused request does not count, a lost response does" {
  fleet_start
  knob token.answer=wrong-secret
  at a 77 rhythm-token
  err_any
  at a 1 rhythm-token status
  out_has fleet.minted=0
  knob token.answer=cut
  at b 69 rhythm-token
  err_any
  at b 1 rhythm-token status
  out_has fleet.minted=1
  out_has 'fleet\.host\..*=1'
  at b 1 rhythm-token status --log
  out_has 'fleet\.mint\.[^=]*=[0-9]+,.*,default,unknown'
}

@test "the month's limit is for all hosts and identities, the hour's for one identity" {
  fleet_start monthly_limit=2 hourly_limit=1
  at a 0 rhythm-token --get tenant_id
  at a 75 rhythm-token --refresh
  err_matches 'rhythm-token: hourly_limit is reached: 1 token minted by all hosts in the last hour; .*'
  sleep 1.1 # --refresh accepts a token that another host requested in the same second
  at b 75 rhythm-token --refresh
  err_matches 'rhythm-token: hourly_limit is reached: 1 token minted by all hosts in the last hour; wait [0-9]+ min, or .*hourly_limit.*'
  RHYTHM_SCOPE=one at b 0 rhythm-token --get tenant_id
  RHYTHM_SCOPE=two at c 75 rhythm-token
  err_matches 'rhythm-token: monthly_limit is reached: 2 tokens minted by all hosts this month; wait until 20[0-9-]+-01 \(UTC\), or .*monthly_limit.*'
  mint_count 2
  at c 1 rhythm-token status
  out_has fleet.minted=2
  out_has fleet.left=0
  out_has 'fleet\.runs_out=20.*'
  out_has minted=0
}

@test "a broken store is 69 in time, nobody mints around it, and a valid token still serves" {
  local how started
  for how in stopped paused password full replica garbage; do
    redis_stop
    redis_start
    sandbox_profile cache=redis redis_url="$REDIS_URL" timeout=2
    rm -rf "$BATS_TEST_TMPDIR"/host-*
    control DELETE >/dev/null
    at valid 0 rhythm-token --get tenant_id
    redis FLUSHALL >/dev/null
    case $how in
      stopped) redis SHUTDOWN NOSAVE >/dev/null 2>&1 || : ;;
      paused) kill -STOP "$REDIS_PID" ;;
      password) redis CONFIG SET requirepass other >/dev/null ;;
      full) redis CONFIG SET maxmemory 1 maxmemory-policy noeviction >/dev/null ;;
      replica) redis REPLICAOF 127.0.0.1 1 >/dev/null ;;
      garbage)
        impostor http
        sandbox_profile cache=redis redis_url="$REDIS_URL" timeout=2
        ;;
    esac
    started=$EPOCHSECONDS
    at cold 69 rhythm-token
    ((EPOCHSECONDS - started <= 8)) || fail "$how: it took too long"
    err_matches 'rhythm-cache-redis: .*' 'rhythm-token: the cache helper rhythm-cache-redis failed \(exit 69\); .*--no-shared.*'
    no_secret
    at valid 0 rhythm-token --get tenant_id
    out_is acme.org
    mint_count 1
    at cold 1 rhythm-token status
    case $how in
      full | replica) out_has fleet.minted=0 ;; # they can be read
      *)
        out_has fleet=unknown
        err_any
        ;;
    esac
    at cold 0 rhythm-token --no-shared --get tenant_id
    out_is acme.org
    mint_count 2
  done
}

@test "a store restarted empty costs one more mint for all hosts" {
  fleet_start
  at a 0 rhythm-token print
  redis FLUSHALL >/dev/null
  at a 0 rhythm-token print
  at b 0 rhythm-token print
  at c 0 rhythm-token print
  mint_count 2
}

# put_entry VALUE - replaces the stored entry.
put_entry() {
  redis SET "$(store_key entry)" "$1" EX 1000 >/dev/null
}

@test "an entry that was changed, or has another version or secret, is named, not used, and mints once an hour" {
  fleet_start
  at a 0 rhythm-token print
  cp "$OUT" token
  local good key what words count=1
  key=$(store_key entry)
  good=$(redis GET "$key")
  for what in changed version damaged secret; do
    case $what in
      changed) put_entry "${good%?}$([[ $good == *0 ]] && echo 1 || echo 0)"; words='was changed or belongs to another identity; check who can write to the shared cache' ;;
      version) put_entry "2${good#1}"; words='was written by another version of rhythm; install the same version on all hosts' ;;
      damaged) put_entry "${good%??????????}z"; words='is damaged; check who can write to the shared cache' ;;
      secret) put_entry "1.$(printf '%024d' 7).${good#1.*.}"; words='was encrypted with another client secret; use the same one on all hosts' ;;
    esac
    redis DEL "$(store_key mints)" >/dev/null
    at "$what" 0 rhythm-token print
    err_matches "rhythm-token: warning: the token in the shared cache is ignored, because it $words"
    count=$((count + 1))
    mint_count "$count"
    # The entry was replaced; now someone with write access replaces it again.
    redis SET "$key" "2.$good" EX 1000 >/dev/null
    rm -rf "$BATS_TEST_TMPDIR/host-$what/cache"
    at "$what" 75 rhythm-token print
    err_matches 'rhythm-token: warning: the token in the shared cache is ignored, because it was .*' 'rhythm-token: no token was requested, because this host minted one within the last hour, and the one in the shared cache was .*; .*, or use --no-shared'
    out_empty
    mint_count "$count"
  done
}

@test "an entry in another identity's place, or stored after its expiry, is not used" {
  fleet_start
  at a 0 rhythm-token print
  local one good
  one=$(store_key entry)
  good=$(redis GET "$one")
  RHYTHM_SCOPE=two at a 0 rhythm-token print
  redis KEYS 'rhythm:1:entry:*' | while read -r key; do redis SET "$key" "$good" EX 1000 >/dev/null; done
  RHYTHM_SCOPE=two at b 0 rhythm-token print
  err_matches 'rhythm-token: warning: the token in the shared cache is ignored, because it was changed or belongs to another identity; check who can write to the shared cache'
  mint_count 3
  redis FLUSHALL >/dev/null
  knob token.expires_in=2 token.lifetime=2
  at c 0 rhythm-token print
  good=$(redis GET "$one")
  knob token.expires_in=86400 token.lifetime=86400
  sleep 3
  redis SET "$one" "$good" >/dev/null
  at d 0 rhythm-token print
  err_matches 'rhythm-token: warning: the token in the shared cache is ignored, because it has expired; check that the shared cache deletes expired entries'
  mint_count 5
}

@test "hosts whose clocks are an hour apart share a token for its true life" {
  fleet_start
  at a 0 rhythm-token print
  # Hosts whose clocks are an hour behind or ahead; the store's clock is right.
  local shift
  for shift in 3600 -3600; do
    redis FLUSHALL >/dev/null
    cat >helpers/rhythm-cache-shifted <<END
#!/bin/bash
set -o pipefail
"$(helper redis)" "\$@" | awk -F= '\$1 == "now" { \$0 = "now=" \$2 + $shift } { print }'
END
    chmod +x helpers/rhythm-cache-shifted
    rm -rf "$BATS_TEST_TMPDIR"/host-*
    control DELETE >/dev/null
    sandbox_profile cache=shifted cache_url="$REDIS_URL"
    at a 0 rhythm-token print
    sleep 1.1
    at b 0 rhythm-token print
    at b 0 rhythm-token status --get expires_in
    (($(<"$OUT") > 86400 - 30 && $(<"$OUT") < 86400))
    mint_count 1
  done
}

@test "a token whose lock was lost meanwhile is used here, with a warning that it is not shared" {
  sandbox_profile cache=lost cache_url=x
  cat >helpers/rhythm-cache-lost <<'END'
#!/bin/bash
while IFS= read -r line; do [[ $line != identity=* ]] || identity=$line; done
printf '%s\n' version=1 "$identity" now=1
case $1 in lock) echo lock=1 ;; mint) echo place=1 ;; store) echo lost=1 ;; esac
END
  chmod +x helpers/rhythm-cache-lost
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_is 'rhythm-token: warning: the new token is not shared: the lock was lost; other hosts request their own'
}

@test "a bad helper is named, is 69 in time, and nothing is minted" {
  local how started
  sandbox_profile cache=bad cache_url=x timeout=1
  for how in missing directory 'not executable' hangs 'half a line' 'exits 3' 'prints 10 MiB' 'another identity' 'another version' \
    'no pair' 'nothing' 'killed'; do
    rm -rf helpers/rhythm-cache-bad
    {
      printf '#!/bin/bash\nwhile IFS= read -r line; do [[ $line != identity=* ]] || id=$line; done\n'
      case $how in
        hangs) printf 'exec sleep 60\n' ;;
        'half a line') printf 'printf "version=1\\n$id\\nnow"\n' ;;
        'exits 3') printf 'printf "version=1\\n$id\\nnow=1\\nlock=1\\n"; exit 3\n' ;;
        'prints 10 MiB') printf 'printf "version=1\\n$id\\nentry="; head -c 10485760 /dev/zero | tr "\\0" x; echo\n' ;;
        'another identity') printf 'printf "version=1\\nidentity=%%064d\\nnow=1\\nlock=1\\n" 7\n' ;;
        'another version') printf 'printf "version=2\\n$id\\nnow=1\\nlock=1\\n"\n' ;;
        'no pair') printf 'echo version=1; echo hello\n' ;;
        killed) printf 'kill -KILL $$\n' ;;
        *) printf 'exit 0\n' ;;
      esac
    } >helpers/rhythm-cache-bad
    case $how in
      missing) rm helpers/rhythm-cache-bad ;;
      directory) rm helpers/rhythm-cache-bad && mkdir helpers/rhythm-cache-bad ;;
      'not executable') ;;
      *) chmod +x helpers/rhythm-cache-bad ;;
    esac
    started=$EPOCHSECONDS
    expect 69 rhythm-token
    ((EPOCHSECONDS - started <= 9)) || fail "$how: it took too long"
    err_matches 'rhythm-token: the cache helper rhythm-cache-bad .*; .*, or use --no-shared.*'
    case $how in
      missing) err_has '.*was found neither in lib/rhythm/cache nor in PATH.*' ;;
      'not executable' | directory) err_has '.*is not executable.*' ;;
      hangs) err_has '.*did not answer in time.*' ;;
      'half a line') err_has '.*incomplete.*' ;;
      'exits 3') err_has '.*exit 3.*' ;;
      'prints 10 MiB') err_has '.*more than 1 MiB.*' ;;
      'another identity') err_has '.*the entry of another identity; correct the helper.*' ;;
      'another version' | nothing) err_has '.*another version.*' ;;
    esac
    no_secret
    out_empty
  done
  mint_count 0
}

# lying OPERATION LINE... - makes ./helpers/rhythm-cache-lying, whose answer to OPERATION has these lines; other answers are true.
lying() {
  {
    printf '#!/bin/bash\nwhile IFS= read -r line; do [[ $line != identity=* ]] || id=$line; done\nnow=now=$EPOCHSECONDS\n'
    printf 'case $1 in %s) more=%q ;;\n' "$1" "$(printf '%s\n' "${@:2}")"
    printf '%s\n' 'lock) more=lock=1 ;; mint) more=place=1 ;; *) more= ;; esac' 'printf "%s\n" version=1 "$id" "$now" ${more:+"$more"}'
  } >helpers/rhythm-cache-lying
  chmod +x helpers/rhythm-cache-lying
}

@test "an answer without a lock, even with busy=0, means that another host holds it, and nothing is minted" {
  local line
  sandbox_profile cache=lying cache_url=x timeout=1
  for line in lock= busy=0 busy=-1; do
    lying lock "$line"
    EXPECT_TIMEOUT=40 expect 75 rhythm-token
    err_matches 'rhythm-token: other hosts held the lock .*'
  done
  lying mint place=
  expect 75 rhythm-token
  err_matches 'rhythm-token: the lock of the shared cache was lost .*'
  mint_count 0
}

@test "an impossible number in a store's answer counts as missing" {
  local most=9223372036854775807
  sandbox_profile cache=lying cache_url=x
  lying mint full=month "minted=$most" "frees_in=$most"
  expect 75 rhythm-token
  err_is 'rhythm-token: rhythm-cache-lying says that monthly_limit is reached, but not by how many tokens; try again later, or use --no-shared'
  lying mint full=hour hour=-1 "frees_in=-$most"
  expect 75 rhythm-token
  err_is 'rhythm-token: rhythm-cache-lying says that hourly_limit is reached, but not by how many tokens; try again later, or use --no-shared'
  lying totals "minted=$most" "month_starts=-$most" "month_ends=$most" "now=$most"
  expect 1 rhythm-token status
  out_has fleet.minted=0
  out_has fleet.projected=0
  mint_count 0
}

@test "wrong settings are 78: no URL, a bad one, a bad name, two passwords" {
  sandbox_profile cache=redis
  expect 78 rhythm-token
  err_matches 'rhythm-token: cache=redis needs redis_url, .*'
  sandbox_profile cache=redis redis_url=http://u:hunter2@host
  secret hunter2
  expect 78 rhythm-token
  err_matches 'rhythm-cache-redis: redis_url: begins with http:; .*'
  no_secret
  sandbox_profile cache=../redis
  expect 78 rhythm-token
  err_any
  sandbox_profile cache=redis redis_url=redis://host redis_password_file=/x redis_password_command=y
  expect 78 rhythm-token
  err_matches 'rhythm-token: redis_password_file and redis_password_command are both set .*'
  mint_count 0
}

@test "the store's password comes from a file or a command, and is shown nowhere" {
  secret hunter2
  redis_start --requirepass hunter2
  printf 'hunter2\n' >password
  chmod 600 password
  sandbox_profile cache=redis redis_url="$REDIS_URL" redis_password_file="$PWD/password"
  at a 0 rhythm-token -v --get tenant_id
  err_any
  no_secret
  sandbox_profile cache=redis redis_url="$REDIS_URL" redis_password_command="cat $PWD/password"
  at b 0 rhythm-token --get tenant_id
  sandbox_profile cache=redis redis_url="redis://:hunter2@127.0.0.1:$REDIS_PORT"
  at c 0 rhythm-token --get tenant_id
  mint_count 1
  expect 0 rhythm-token config
  out_has 'redis_url=redis://\*\*\*@127\.0\.0\.1:.*'
  no_secret
}

@test "under -p the environment does not choose the shared cache" {
  redis_start
  sandbox_profile other
  RHYTHM_CACHE=redis RHYTHM_REDIS_URL=$REDIS_URL expect 0 rhythm-token -p other --get tenant_id
  same "$(redis DBSIZE)" 0
  RHYTHM_CACHE=redis RHYTHM_REDIS_URL=$REDIS_URL RHYTHM_PROFILE=other expect 0 rhythm-token --refresh --get tenant_id
  same "$(redis DBSIZE)" 2
}

@test "a user's token never leaves the session" {
  fleet_start grant=password client_id=sandbox-user-client client_secret= username=ada@acme.example password='correct horse'
  expect 0 rhythm-token login
  err_any
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  same "$(redis DBSIZE)" 0
}

@test "the store contains no secret, token, client or user in clear, and the helper gets none" {
  fleet_start
  mkfifo seen
  cat >helpers/rhythm-cache-watched <<END
#!/bin/bash
tee -a "$PWD/requests" | "$(helper redis)" "\$@"
END
  chmod +x helpers/rhythm-cache-watched
  sandbox_profile cache=watched cache_url="$REDIS_URL" username=ada@acme.example
  expect 0 rhythm-token print
  cp "$OUT" token
  secret "$(<token)" sandbox-client ada@acme.example "${SANDBOX_HTTP#http://}"
  redis KEYS '*' >dump
  redis GET "$(store_key entry)" >>dump
  redis HGETALL "$(store_key mints)" >>dump
  (($(grep -c '' dump) >= 5))
  no_secret dump requests
  has requests 'identity=[0-9a-f]{64}'
}

@test "logout deletes the token for all hosts" {
  fleet_start
  at a 0 rhythm-token print
  at a 0 rhythm-token logout
  err_any
  same "$(store_key entry)" ''
  at b 0 rhythm-token print
  mint_count 2
}

@test "in the renewal window one host renews, and the others do not wait for it" {
  fleet_start
  at a 0 rhythm-token print
  cp "$OUT" old
  at b 0 rhythm-token print
  local key digest
  sleep 1.1 # a token of the same second would be identical
  export XDG_CACHE_HOME
  for host in a b; do
    XDG_CACHE_HOME=$BATS_TEST_TMPDIR/host-$host/cache
    age 86000
  done
  key=$(store_key entry)
  redis DEL "$key" >/dev/null
  digest=${key##*:}
  redis SET "rhythm:1:lock:$digest" 5 EX 100 >/dev/null
  SECONDS=0
  at a 0 rhythm-token print
  out_is_file old
  ((SECONDS <= 40)) # the lock lasts 100 s
  mint_count 1
  redis DEL "rhythm:1:lock:$digest" >/dev/null
  at a 0 rhythm-token print
  at b 0 rhythm-token print
  mint_count 2
}
