#!/usr/bin/env bats
# rhythm-cache-redis against real servers, good and bad, and against servers that are not Redis.
# shellcheck disable=SC2016,SC2030,SC2031 # a case is a subshell of its own

load ../helper
load ../fleet/redis

teardown() {
  redis_stop
  common_teardown
}

# refused ERE - the last request was refused with one line that contains this, and printed nothing else.
refused() {
  out_empty
  err_matches "rhythm-cache-redis: .*$1.*"
  no_secret
}

# get_a_lock - sets LOCK.
get_a_lock() {
  asked 0 redis lock "url=$REDIS_URL" ttl=60
  LOCK=$(value lock "$OUT")
}

@test "a minimal Redis server passes the whole protocol" {
  redis_start
  expect 0 "$TESTS/cache-helper-conformance" "$(helper redis)" "url=$REDIS_URL"
  out_lacks '^not ok'
}

@test "Valkey passes the whole protocol" {
  type -P valkey-server >/dev/null || skip 'no valkey-server is installed'
  REDIS_SERVER=valkey-server redis_start
  expect 0 "$TESTS/cache-helper-conformance" "$(helper redis)" "url=$REDIS_URL"
  out_lacks '^not ok'
}

@test "a Redis user with only the manual's commands passes the protocol over a socket, in another database" {
  redis_start --unixsocket "$BATS_TEST_TMPDIR/tmp/redis.sock"
  local rules
  rules=$(sed -n '/^ACL SETUSER rhythm/,/^\.Ed/{/^\.Ed/d;s/^ACL SETUSER rhythm on >PASSWORD//;p}' "$TOP/lib/cache/rhythm-cache.7")
  # shellcheck disable=SC2086 # to be split
  expect 0 redis-cli -p "$REDIS_PORT" ACL SETUSER rhythm on '>p@ss "w\o rd' $rules +select
  out_is OK
  expect 0 "$TESTS/cache-helper-conformance" "$(helper redis)" \
    "url=unix://rhythm:p%40ss%20%22w%5Co%20rd@$BATS_TEST_TMPDIR/tmp/redis.sock?db=3"
  out_lacks '^not ok'
}

@test "without one of the manual's commands an operation fails with the server's words" {
  redis_start
  local -a commands
  mapfile -t commands < <(sed -n '/^ACL SETUSER rhythm/,/^\.Ed/s/^  //p' "$TOP/lib/cache/rhythm-cache.7" | tr ' ' '\n')
  same "${#commands[@]}" 12
  local command operation refusals
  for command in "${commands[@]}"; do
    redis ACL SETUSER rhythm reset on nopass '~rhythm:1:*' "${commands[@]}" "-${command#+}" >/dev/null
    redis FLUSHALL >/dev/null
    refusals=0
    for operation in lock get store mint settle totals lock unlock; do
      "$FLEET/ask" "$(helper redis)" "$operation" "url=redis://rhythm:x@127.0.0.1:$REDIS_PORT" ttl=60 \
        lock="$(redis GET "$(redis KEYS 'rhythm:1:lock:*' | head -n 1)")" monthly_limit=9 hourly_limit=9 entry=x host=h profile=p \
        place="$(redis HKEYS "$(redis KEYS 'rhythm:1:mints:*' | head -n 1)" | head -n 1)" outcome=denied \
        >"$BATS_TEST_TMPDIR/tmp/out" 2>"$BATS_TEST_TMPDIR/tmp/err" && continue
      # without the lock or place the request is malformed
      grep -q 'the request' "$BATS_TEST_TMPDIR/tmp/err" && continue
      refusals=$((refusals + 1))
      lines_match "$BATS_TEST_TMPDIR/tmp/err" 'rhythm-cache-redis: the Redis server: .*(permission|can.t run).*; give the Redis user the permissions listed in rhythm-cache\(7\)' ||
        fail "$command, $operation: $(cat "$BATS_TEST_TMPDIR/tmp/err")"
    done
    ((refusals > 0)) || [[ $command == +expire || $command == +pttl ]] || fail "no operation needs $command"
  done
}

lines_match() {
  quietly matches "$@"
}

@test "TLS trusts the named authority and no other" {
  local dir=$BATS_TEST_TMPDIR/tmp name
  for name in ours theirs; do
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$name" -keyout "$dir/$name.key" -out "$dir/$name.pem" 2>/dev/null
  done
  start_tls "$dir/ours"
  asked 0 redis lock "url=$REDIS_URL" "ca_bundle=$dir/ours.pem" ttl=5
  out_has 'lock=[0-9]+'
  asked 69 redis get "url=$REDIS_URL" "ca_bundle=$dir/theirs.pem"
  refused 'certificate verify failed.*; check redis_ca_bundle'
  asked 69 redis get "url=$REDIS_URL" "ca_bundle=$dir/none.pem"
  refused 'redis-cli: .*Invalid CA Certificate.*; check redis_ca_bundle'
  asked 78 redis get "url=$REDIS_URL"
  refused 'redis_ca_bundle'
  asked 69 redis get "url=redis://127.0.0.1:${REDIS_URL##*:}"
  refused 'Redis server'
}

# start_tls NAME - starts a server with NAME.pem and NAME.key, on a TLS port only.
start_tls() {
  redis_start --tls-port $((32000 + RANDOM % 700)) --tls-cert-file "$1.pem" --tls-key-file "$1.key" \
    --tls-ca-cert-file "$1.pem" --tls-auth-clients no
  REDIS_URL=rediss://127.0.0.1:$(redis CONFIG GET tls-port | tail -n 1)
}

@test "a password may be in the URL or beside it; a wrong or missing one is reported" {
  secret 'h3"l\l%o'
  redis_start --requirepass 'h3"l\l%o'
  asked 0 redis get "url=redis://:h3%22l%5cl%25o@127.0.0.1:$REDIS_PORT"
  out_has 'now=.*'
  asked 0 redis get "url=$REDIS_URL" 'password=h3"l\\l%o'
  asked 0 redis get "url=redis://default:wrong@127.0.0.1:$REDIS_PORT" 'password=h3"l\\l%o'
  asked 69 redis get "url=redis://:s3cret@127.0.0.1:$REDIS_PORT"
  refused 'WRONGPASS.*; check the user and password'
  err_lacks s3cret
  asked 69 redis get "url=$REDIS_URL"
  refused 'NOAUTH.*; check the user and password'
  asked 78 redis get "url=redis://rhythm@127.0.0.1:$REDIS_PORT"
  refused 'names a user'
  export REDISCLI_AUTH='h3"l\l%o'
  asked 69 redis get "url=$REDIS_URL"
  refused 'NOAUTH'
}

@test "an invalid URL is 78, and its password is not repeated" {
  local url
  secret hunter2
  for url in http://u:hunter2@host hunter2 redis: redis:// 'redis://u:hunter2@' redis://:hunter2@host:0 redis://:hunter2@host:65536 \
    redis://:hunter2@host:x redis://:hunter2@host/x redis://:hunter2@host/99999 'redis://:hunter2@ho st' 'redis://:hunter2@-h' \
    'redis://u:hunter2%2@host' 'redis://u:hunter2%zz@host' 'redis://:hunter2@host;id' 'redis://[::1' 'unix:relative' \
    'unix:///a?hunter2' 'unix:///a%20b' 'redis://:hunter2@host/0?x=y' 'REDIS://host' 'redis-sentinel://:hunter2@host'; do
    asked 78 redis get "url=$url"
    refused redis_url
  done
}

@test "a server that is down, or that goes down, is 69" {
  asked 69 redis get url=redis://127.0.0.1:1
  refused 'Connection refused; check redis_url, and whether the server is running'
  asked 69 redis get url=unix:///nonexistent.sock
  refused 'No such file'
  asked 69 redis get 'url=redis://[::1]:1'
  refused '(Connection refused|Cannot assign|not supported)'
}

@test "a paused server is 69 within the time limit" {
  redis_start
  kill -STOP "$REDIS_PID"
  SECONDS=0
  asked 69 redis lock "url=$REDIS_URL" ttl=5 timeout=1
  refused 'did not respond in time'
  ((SECONDS <= 15))
  kill -CONT "$REDIS_PID"
  asked 0 redis lock "url=$REDIS_URL" ttl=5 timeout=5
}

@test "something other than Redis is 69, and what was sent to it is not repeated" {
  local how
  secret hunter2
  for how in closed http echo cut other large silent slow; do
    impostor "$how"
    asked 69 redis lock "url=redis://u:hunter2@127.0.0.1:$REDIS_PORT" ttl=5 timeout=2
    refused .
    ((${#how} > 0 && $(stat -c %s "$ERR") < 500))
  done
}

@test "a server with too many clients says so" {
  redis_start --maxclients 1
  { sleep 5; } | redis-cli -p "$REDIS_PORT" >/dev/null 2>&1 3>&- 4>&- &
  sleep 1
  asked 69 redis lock "url=$REDIS_URL" ttl=5 timeout=5
  refused 'ERR; it has too many clients; raise its maxclients'
}

@test "a server that repeats the password does not get it into the message" {
  impostor tattle
  asked 69 redis lock "url=redis://u:hunter2pass@127.0.0.1:$REDIS_PORT" ttl=5 timeout=2
  refused 'the Redis server: WRONGPASS; check the user and password'
  err_lacks hunter2
}

@test "a server's error cannot move the cursor with C0 or C1 control characters" {
  impostor escape
  asked 69 redis lock "url=redis://127.0.0.1:$REDIS_PORT" ttl=5 timeout=2
  refused 'ERR [?]\[31m[?][?]\[31mred'
}

@test "a full server still returns what is stored, and a lock is 69" {
  redis_start
  get_a_lock
  asked 0 redis store "url=$REDIS_URL" "lock=$LOCK" ttl=60 entry=kept
  redis CONFIG SET maxmemory 1 maxmemory-policy noeviction >/dev/null
  asked 0 redis get "url=$REDIS_URL"
  out_has entry=kept
  asked 69 redis lock "url=$REDIS_URL" ttl=5 identity=two
  refused 'OOM.*; free memory'
  asked 69 redis mint "url=$REDIS_URL" "lock=$LOCK" monthly_limit=9 hourly_limit=9 host=h profile=p
  refused OOM
}

@test "a replica can be read, and a lock is 69" {
  redis_start
  get_a_lock
  asked 0 redis store "url=$REDIS_URL" "lock=$LOCK" ttl=60 entry=kept
  redis REPLICAOF 127.0.0.1 1 >/dev/null
  asked 0 redis get "url=$REDIS_URL"
  out_has entry=kept
  asked 69 redis lock "url=$REDIS_URL" ttl=5 identity=two
  refused 'READONLY.*; set redis_url to the primary'
}

@test "after the store is emptied the old lock and place are worthless, and the new lock differs" {
  redis_start
  get_a_lock
  local old=$LOCK place
  asked 0 redis mint "url=$REDIS_URL" "lock=$old" monthly_limit=1 hourly_limit=1 host=h profile=p
  place=$(value place "$OUT")
  redis FLUSHALL >/dev/null
  get_a_lock
  [[ $LOCK != "$old" ]]
  asked 0 redis store "url=$REDIS_URL" "lock=$old" ttl=60 entry=x
  out_has lost=yes
  asked 0 redis settle "url=$REDIS_URL" "place=$place" outcome=ok
  out_has settled=no
  asked 0 redis mint "url=$REDIS_URL" "lock=$LOCK" monthly_limit=1 hourly_limit=1 host=h profile=p
  out_has 'place=.*'
}

@test "Cluster and Sentinel are refused by name" {
  redis_start --cluster-enabled yes
  asked 78 redis get "url=$REDIS_URL"
  refused 'Redis Cluster'
  : >"$BATS_TEST_TMPDIR/tmp/sentinel.conf"
  REDIS_CONFIG=$BATS_TEST_TMPDIR/tmp/sentinel.conf redis_start --sentinel
  asked 78 redis get "url=$REDIS_URL"
  refused 'Redis Sentinel'
}

@test "a key with content that rhythm did not write is 69, with the key's name" {
  redis_start
  asked 0 redis lock "url=$REDIS_URL" ttl=60
  local one customer
  one=$(value identity "$OUT")
  customer=$(printf issuer | sha256sum | cut -c 1-64)
  redis HSET "rhythm:1:entry:$one" a b >/dev/null
  asked 69 redis get "url=$REDIS_URL"
  refused "rhythm:1:entry:$one contains data that rhythm did not write; delete it"
  redis SET "rhythm:1:entry:$one" 'two words' >/dev/null
  asked 69 redis get "url=$REDIS_URL"
  refused "rhythm:1:entry:$one contains"
  redis DEL "rhythm:1:entry:$one" >/dev/null
  redis SET "rhythm:1:lock:$one" forever >/dev/null
  asked 69 redis lock "url=$REDIS_URL" ttl=5
  refused "rhythm:1:lock:$one contains"
  redis DEL "rhythm:1:lock:$one" >/dev/null
  redis HSET "rhythm:1:mints:$customer" place 'who knows' >/dev/null
  asked 69 redis totals "url=$REDIS_URL"
  refused "rhythm:1:mints:$customer contains"
  redis DEL "rhythm:1:mints:$customer" >/dev/null
  redis SADD "rhythm:1:mints:$customer" place >/dev/null
  asked 69 redis totals "url=$REDIS_URL"
  refused "rhythm:1:mints:$customer contains"
}

@test "every key is one of the manual's three kinds and expires" {
  redis_start
  get_a_lock
  asked 0 redis store "url=$REDIS_URL" "lock=$LOCK" ttl=60 entry=x
  asked 0 redis mint "url=$REDIS_URL" "lock=$LOCK" monthly_limit=9 hourly_limit=9 host=h profile=p
  redis KEYS '*' | sort >"$BATS_TEST_TMPDIR/tmp/keys"
  lines_match "$BATS_TEST_TMPDIR/tmp/keys" 'rhythm:1:entry:[0-9a-f]{64}' 'rhythm:1:lock:[0-9a-f]{64}' 'rhythm:1:mints:[0-9a-f]{64}'
  local key
  while read -r key; do
    (($(redis TTL "$key") > 0))
  done <"$BATS_TEST_TMPDIR/tmp/keys"
}

@test "each month counts alone, but the last hour spans its first day" {
  redis_start
  get_a_lock
  asked 0 redis totals "url=$REDIS_URL"
  local starts now one customer
  starts=$(value month_starts "$OUT") now=$(value now "$OUT") one=$(value identity "$OUT")
  same "$(date -u -d "@$starts" '+%Y-%m %d %T')" "$(value month "$OUT") 01 00:00:00"
  same "$(date -u -d "@$(value month_ends "$OUT")" '+%Y-%m-%d %T')" "$(date -u -d "$(date -u -d "@$starts" +%F) +1 month" '+%Y-%m-%d %T')"
  customer=$(printf issuer | sha256sum | cut -c 1-64)
  redis HSET "rhythm:1:mints:$customer" old "$((starts - 1)) $one h p ok" hour "$((now - 3500)) $one h p ok" \
    past "$((now - 3601)) $one h p ok" >/dev/null
  asked 0 redis totals "url=$REDIS_URL"
  out_has minted=2
  out_has hour=1
  asked 0 redis mint "url=$REDIS_URL" "lock=$LOCK" monthly_limit=9 hourly_limit=1 host=h profile=p
  out_has full=hour
  out_matches version=1 identity=.* now=.* full=hour 'frees_in=([6-9][0-9]|10[0-9])' minted=2 hour=1
  asked 0 redis mint "url=$REDIS_URL" "lock=$LOCK" monthly_limit=9 hourly_limit=9 host=h profile=p
  out_has minted=3
  same "$(redis HEXISTS "rhythm:1:mints:$customer" old)" 0
}

@test "no program gets a secret as an argument or in its environment" {
  secret hunter2 fenc3dSecret
  redis_start --requirepass hunter2
  expect 0 strace -f -v -s 10000 -e trace=execve -o "$BATS_TEST_TMPDIR/tmp/trace" \
    "$FLEET/ask" "$(helper redis)" lock ttl=5 </dev/null "url=redis://:hunter2@127.0.0.1:$REDIS_PORT"
  out_has 'lock=.*'
  # The arguments of the test's own program are not the helper's.
  grep -F rhythm-cache-redis "$BATS_TEST_TMPDIR/tmp/trace" | grep -v fleet/ask >"$BATS_TEST_TMPDIR/tmp/helper"
  grep -F 'redis-cli' "$BATS_TEST_TMPDIR/tmp/trace" | grep -F '"--no-raw"' >"$BATS_TEST_TMPDIR/tmp/cli"
  (($(grep -c '' "$BATS_TEST_TMPDIR/tmp/cli") >= 1))
  no_secret "$BATS_TEST_TMPDIR/tmp/helper" "$BATS_TEST_TMPDIR/tmp/cli"
  same "$(grep -c -F 'EVAL' "$BATS_TEST_TMPDIR/tmp/cli")" 0
}

@test "every shell and every awk give the same result" {
  redis_start
  local shell awk
  get_a_lock
  asked 0 redis store "url=$REDIS_URL" "lock=$LOCK" ttl=60 entry=kept
  for shell in dash bash 'busybox ash' mksh yash zsh; do
    if ! command -v "${shell%% *}" >/dev/null; then
      continue
    fi
    # shellcheck disable=SC2086 # to be split
    expect 0 sh -c 'printf "%s\n" version=1 "url=$2" "identity=$3" | $1 "$4" get' - "$shell" "$REDIS_URL" "$(printf one | sha256sum | cut -c 1-64)" "$(helper redis)"
    out_has entry=kept
  done
  redis ACL SETUSER quoted on '>p"w\o' '~*' '&*' +@all >/dev/null
  for awk in $(each_awk); do
    PATH=$PWD/$awk:$PATH asked 0 redis get "url=$REDIS_URL"
    out_has entry=kept
    PATH=$PWD/$awk:$PATH asked 0 redis get "url=$REDIS_URL" user=quoted 'password=p"w\\o'
    out_has entry=kept
    PATH=$PWD/$awk:$PATH asked 78 redis get url=redis://a%4@b
    refused redis_url
  done
}

@test "without redis-cli the error names the package to install" {
  mkdir few
  local name
  for name in sh awk cat cut sha256sum timeout printf; do
    ln -s "$(command -v "$name")" "few/$name"
  done
  expect 69 env PATH="$PWD/few" "$FLEET/ask" "$(helper redis)" get url=redis://127.0.0.1
  refused 'cannot find redis-cli.*redis-tools'
}

@test "a slow server that answers within the limit is waited for" {
  redis_start
  # After a second redis-cli prints how long a command took.
  kill -STOP "$REDIS_PID"
  { sleep 2; kill -CONT "$REDIS_PID"; } 3>&- &
  local busy=$!
  asked 0 redis lock "url=$REDIS_URL" ttl=60
  out_has 'lock=.*'
  wait "$busy"
}
