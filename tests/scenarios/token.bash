# shellcheck shell=bash
# What the scenarios of rhythm-token share: hand-made tokens, and access to its files.
#
#   jwt PAYLOAD [FILE]        writes a token with this payload (in FILE: any bytes) to token.jwt; its signature is not valid
#   entry                     prints the path of the one entry; "" if there is none
#   edit FILE KEY VALUE       gives a number in an entry or record another value
#   age SECONDS               makes the entry that much older: when it was begun and received, and when it expires
#   ledger                    prints the path of this month's one ledger
#   outcomes LINE...          the ledger's lines, without its version, their times and process ids, are exactly these
#   used N [OUTCOME]          adds N machine requests of now to the ledger, with OUTCOME (ok)
#   trace STATUS CALLS CMD... runs it like expect, and writes these system calls to the file trace
#   fewer N M                 prints N, or M where sanitizers make each call slow
#   identity                  prints the sandbox profile's identity, which is in the ledger and names the entry


base64url() {
  base64 -w 0 | tr '/+' '_-' | tr -d '='
}

jwt() {
  {
    printf '{"alg":"RS256","typ":"JWT"}' | base64url
    printf .
    if (($# == 2)); then base64url <"$2"; else printf '%s' "$1" | base64url; fi
    printf '.c2lnbmF0dXJl\n'
  } >token.jwt
}

entry() {
  local file
  for file in "$XDG_CACHE_HOME"/rhythm/*; do
    case $file in
      *+lock | *+failed | *+new | *'*') ;;
      *) printf '%s\n' "$file" ;;
    esac
  done
}

edit() {
  if ! grep -a -q "^$2=" "$1"; then
    fail "there is no $2= in $1" || return
  fi
  sed -i "s|^$2=.*|$2=$3|" "$1"
}

# LeakSanitizer does not work under strace.
trace() {
  ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 expect "$1" strace -f -y -s 40 -e "trace=$2" -o trace "${@:3}"
}

sanitized() {
  ldd "$PROGRAMS/rhythm-token" 2>&1 | grep -q -E 'lib(a|ub)san'
}

fewer() {
  if sanitized; then printf '%s\n' "$2"; else printf '%s\n' "$1"; fi
}

age() {
  local file key old
  file=$(entry)
  for key in received_at expires_at; do
    old=$(value "$key" "$file")
    edit "$file" "$key" $((old - $1))
  done
  old=$(value begun_ns "$file")
  edit "$file" begun_ns $((old - $1 * 1000000000))
}

identity() {
  printf 'client_credentials,127.0.0.1%%3A%s,sandbox-client,https%%3A%%2F%%2Fapi.rhythmsoftware.com,,\n' \
    "${SANDBOX_HTTP##*:}"
}

ledger() {
  printf '%s/rhythm/127.0.0.1%%3A%s.%s\n' "$XDG_STATE_HOME" "${SANDBOX_HTTP##*:}" "$(date -u +%Y-%m)"
}

outcomes() {
  local file
  file=$(ledger)
  sed -E '1{ /^version=1$/d; }; s/^([a-z]+)\.[0-9]+\.[0-9]{9}\.[0-9]+=/\1=/; s/^begun=.*/begun/' "$file" >outcomes.txt
  lines_are outcomes.txt "$@"
}

used() {
  local file i now who
  file=$(ledger)
  who=$(identity)
  now=$(date +%s)
  mkdir -p "${file%/*}"
  chmod 700 "${file%/*}"
  for ((i = 0; i < $1; i++)); do
    printf 'begun.%s.%09d.1=%s\n%s.%s.%09d.1=200\n' "$now" "$i" "$who" "${2:-ok}" "$now" "$i"
  done >>"$file"
}

# herd N CMD... - runs N at once; output is in herd/*.out and *.err, the sorted statuses are in herd/statuses.
herd() {
  rm -rf herd
  mkdir herd
  cat >herd/run <<'END'
n=$1
shift
while [ "$n" -gt 0 ]; do
  { "$@" >"herd/$n.out" 2>"herd/$n.err"; echo "$?" >"herd/$n.status"; } &
  n=$((n - 1))
done
wait
END
  expect 0 sh herd/run "$@"
  sort herd/*.status >herd/statuses
}

# herd_is N STATUS OUT ERR - the herd had N processes, each with this status and these lines (patterns; "": none).
herd_is() {
  lines_are <(uniq -c herd/statuses | sed 's/^ *//') "$1 $2" || return
  sort -u herd/*.out >herd/outs
  sort -u herd/*.err >herd/errs
  if [[ -n $3 ]]; then matches herd/outs "$3"; else empty herd/outs; fi || return
  if [[ -n $4 ]]; then matches herd/errs "$4"; else empty herd/errs; fi
}
