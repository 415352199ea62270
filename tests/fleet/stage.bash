# shellcheck shell=bash
# What herd and cost share: a sandbox and a Redis server on a socket, in a directory that is removed at the end.
#
#   stage_start          sets work, issuer and redis_socket
#   host_profile HOME    writes the default profile of a host that shares its token, with the Redis user of the manual
#   counter NAME         prints one of the sandbox's counters
#   redis COMMAND...     runs redis-cli
#   token                the program under test: of this tree, or of RHYTHM_PREFIX

top=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
# shellcheck disable=SC2034 # used by the scripts that source this file
token=${RHYTHM_PREFIX:-$top}/bin/rhythm-token
export LC_ALL=C
unset "${!RHYTHM_@}" "${!XDG_@}"
stage_pids=()

stage_end() {
  ((${#stage_pids[@]} == 0)) || kill "${stage_pids[@]}" 2>/dev/null
  wait 2>/dev/null
  rm -rf "$work"
}

# until_true COMMAND... - waits until the command succeeds, for ten seconds at most.
until_true() {
  local i
  for ((i = 0; i < 500; i++)); do
    "$@" && return
    sleep 0.02
  done
  printf '%s: still failing after 10 s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

stage_start() {
  work=$(mktemp -d)
  trap stage_end EXIT
  trap 'exit 143' HUP INT TERM
  redis_socket=$work/redis.sock
  redis-server --port 0 --unixsocket "$redis_socket" --save '' --dir "$work" >"$work/redis.log" 2>&1 &
  stage_pids+=($!)
  mkdir "$work/sandbox"
  [[ -z ${SANDBOX_KEYS:-} ]] || cp "$SANDBOX_KEYS"/*.pem "$work/sandbox"
  "${SANDBOX_PROGRAM:-$top/build/rhythm-sandbox}" --die-with-parent --state-dir "$work/sandbox" >"$work/sandbox.kv" 2>"$work/sandbox.log" &
  stage_pids+=($!)
  until_true grep -q -s '^ready=' "$work/sandbox.kv"
  until_true test -S "$redis_socket"
  # shellcheck disable=SC2046 # to be split
  redis ACL SETUSER rhythm on '>stage' $(sed -n '/^ACL SETUSER rhythm/,/^\.Ed/{/^\.Ed/d;s/^ACL SETUSER rhythm on >PASSWORD//;p}' \
    "$top/lib/cache/rhythm-cache.7") >/dev/null
  # Without a password redis-cli 7.0 would fetch the documentation of all commands, which would be counted.
  redis CONFIG SET requirepass stage >/dev/null
  stage_password=stage
  issuer=$(sed -n 's/^http=//p' "$work/sandbox.kv")
}

host_profile() {
  mkdir -p "$1/.config/rhythm"
  printf '%s\n' "auth0_domain=$issuer" client_id=sandbox-client client_secret=sandbox-secret hourly_limit=0 monthly_limit=0 \
    cache=redis "redis_url=unix://rhythm:stage@$redis_socket" >"$1/.config/rhythm/default.conf"
  chmod 600 "$1/.config/rhythm/default.conf"
}

redis() {
  redis-cli -s "$redis_socket" ${stage_password:+-a "$stage_password" --no-auth-warning} "$@"
}

counter() {
  local connection
  exec {connection}<>"/dev/tcp/127.0.0.1/${issuer##*:}" || return
  printf 'GET /_sandbox HTTP/1.0\r\n\r\n' >&"$connection"
  sed -n "s/^$1=//p" <&"$connection"
  exec {connection}>&-
}
