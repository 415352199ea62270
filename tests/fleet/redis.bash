# shellcheck shell=bash
# Real Redis servers on loopback, for the scenarios of the shared cache.
#
#   redis_start [OPTION VALUE...]   starts an empty server without persistence; options as for redis-server.
#                                   Sets REDIS_PORT, REDIS_URL, REDIS_PID. REDIS_SERVER names another program, valkey-server
#   redis_stop                      ends all servers that were started; call it in teardown
#   redis COMMAND...                runs redis-cli on REDIS_PORT, to inspect the store
#   impostor HOW                    starts ./impostor, which is not a Redis server; sets REDIS_PORT, REDIS_URL
#   helper NAME                     prints the path of rhythm-cache-NAME under test
#   asked STATUS NAME OPERATION KEY=VALUE...   like expect, for one request to helper NAME (./ask)
#   FLEET                           this directory

FLEET=$TESTS/fleet

helper() {
  if [[ -n $TESTED_PREFIX ]]; then
    printf '%s\n' "$TESTED_PREFIX/lib/rhythm/cache/rhythm-cache-$1"
  else
    printf '%s\n' "$TOP/lib/cache/rhythm-cache-$1"
  fi
}

redis_start() {
  quietly start_redis "$@"
}

start_redis() {
  local dir tries ready=
  dir=$(mktemp -d "$BATS_TEST_TMPDIR/redis.XXXXXX") || return
  for ((tries = 0; tries < 20; tries++)); do
    REDIS_PORT=$((20000 + RANDOM % 12000))
    "${REDIS_SERVER:-redis-server}" ${REDIS_CONFIG:+"$REDIS_CONFIG"} --port "$REDIS_PORT" --bind 127.0.0.1 --save '' --appendonly no --dir "$dir" \
      --logfile '' "$@" >"$dir/log" 2>&1 </dev/null 3>&- 4>&- &
    REDIS_PID=$!
    if redis_is_ready "$dir/log" "$REDIS_PID"; then
      ready=yes
      break
    fi
    wait "$REDIS_PID" 2>/dev/null || :
    if ! grep -q 'Address already in use' "$dir/log"; then
      break
    fi
  done
  if [[ -z $ready ]]; then
    cat "$dir/log" >&2
    fail 'redis-server did not start' || return
  fi
  printf '%s\n' "$REDIS_PID" >>"$BATS_TEST_TMPDIR/redis.pids"
  REDIS_URL=redis://127.0.0.1:$REDIS_PORT
  export REDIS_PORT REDIS_URL REDIS_PID
}

redis_is_ready() {
  local i
  for ((i = 0; i < 500; i++)); do
    if grep -q -E 'Ready to accept connections|Sentinel ID is' "$1"; then
      return 0
    fi
    if ! kill -0 "$2" 2>/dev/null; then
      return 1
    fi
    sleep 0.02
  done
  return 1
}

redis_stop() {
  local pid
  if [[ ! -e $BATS_TEST_TMPDIR/redis.pids ]]; then
    return 0
  fi
  while read -r pid; do
    kill -CONT "$pid" 2>/dev/null || :
    kill -KILL "$pid" 2>/dev/null || :
    wait "$pid" 2>/dev/null || :
  done <"$BATS_TEST_TMPDIR/redis.pids"
  rm "$BATS_TEST_TMPDIR/redis.pids"
}

redis() {
  redis-cli -p "$REDIS_PORT" "$@"
}

impostor() {
  local dir
  dir=$(mktemp -d "$BATS_TEST_TMPDIR/impostor.XXXXXX") || return
  "$FLEET/impostor" "$1" >"$dir/kv" 2>"$dir/log" </dev/null 3>&- 4>&- &
  printf '%s\n' $! >>"$BATS_TEST_TMPDIR/redis.pids"
  await "$dir/kv" port $! || return
  REDIS_PORT=$(value port "$dir/kv")
  REDIS_URL=redis://127.0.0.1:$REDIS_PORT
}

asked() {
  expect "$1" "$FLEET/ask" "$(helper "$2")" "${@:3}"
}
