#!/usr/bin/env bats
# Lack of memory is reported as such: a failed allocation makes no token invalid and loses none of its claims.
# shellcheck disable=SC2030,SC2031 # each case is a process of its own

load ../helper
load token

setup_file() { sandbox_start; }

SAMPLES=120 # of the allocations that rhythm-net makes, spread over all of them and those at the end, where it decodes

setup() {
  common_setup
  if sanitized; then
    skip 'a sanitizer has an allocator of its own'
  fi
  "${CC:-cc}" -O2 -shared -fPIC -o faulty.so "$TESTS/faulty.c"
  export FAULTY_PROGRAM=rhythm-net FAULTY_COUNT=$PWD/count FAULTY_AT=0
}


# faults N - prints which of N allocations are made to fail.
faults() {
  local i
  for ((i = 1; i <= SAMPLES / 2; i++)); do
    printf '%s\n' $((i * $1 / (SAMPLES / 2))) $(($1 - i + 1))
  done | sort -n -u
}

@test "out of memory verify never says invalid or gives a wrong reason" {
  sandbox_profile
  expect 0 rhythm-token verify --get signature
  out_is valid
  expect 0 env LD_PRELOAD="$PWD/faulty.so" rhythm-token verify
  [[ -s count ]] || fail 'no allocation was counted'
  faults "$(<count)" >which
  ended=0
  while read -r FAULTY_AT; do
    export FAULTY_AT
    status=0
    LD_PRELOAD=$PWD/faulty.so timeout 20 rhythm-token verify >out.txt 2>err.txt || status=$? # meta: judged below
    case $status in
      0) has out.txt signature=valid ;;
      70 | 69 | 73) ended=$((ended + 1)) ;;
      *) fail "allocation $FAULTY_AT: $status" "$(<out.txt)" "$(<err.txt)" ;;
    esac
    lacks out.txt invalid
  done <which
  ((ended > 0)) || fail 'no fault had an effect'
}

@test "a token that could not be decoded is not stored without its claims" {
  sandbox_profile hourly_limit=0 monthly_limit=0
  expect 0 env LD_PRELOAD="$PWD/faulty.so" rhythm-token
  cp "$OUT" first
  [[ -s count ]] || fail 'no allocation was counted'
  faults "$(<count)" >which
  ended=0
  while read -r FAULTY_AT; do
    export FAULTY_AT
    rm -rf "$XDG_CACHE_HOME/rhythm"
    status=0
    LD_PRELOAD=$PWD/faulty.so timeout 20 rhythm-token >out.txt 2>err.txt || status=$? # meta: judged below
    case $status in
      0) has out.txt tenant_id=acme.org ;;
      70 | 69 | 73 | 76) ended=$((ended + 1)) ;;
      *) fail "allocation $FAULTY_AT: $status" "$(<out.txt)" "$(<err.txt)" ;;
    esac
    file=$(entry)
    [[ -z $file ]] || has "$file" tenant_id=acme.org
  done <which
  ((ended > 0)) || fail 'no fault had an effect'
}

