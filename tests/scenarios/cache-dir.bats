#!/usr/bin/env bats
# rhythm-cache-dir, the cache helper whose store is a directory; and that the conformance test can fail.
# shellcheck disable=SC2016,SC2030,SC2031 # a case is a subshell of its own

load ../helper
load ../fleet/redis

setup() {
  common_setup
  STORE=$BATS_TEST_TMPDIR/tmp/store
  mkdir -m 700 "$STORE"
  URL=file://$STORE
}

# refused ERE - the last request was refused with a message that contains this, and printed nothing else.
refused() {
  out_empty
  err_matches "rhythm-cache-dir: .*$1.*"
}

get_a_lock() {
  asked 0 dir lock "url=$URL" ttl=60 "$@"
  LOCK=$(value lock "$OUT")
}

@test "the helper passes the whole protocol" {
  expect 0 "$TESTS/cache-helper-conformance" "$(helper dir)" "url=$URL"
  out_lacks '^not ok'
  absent "$STORE"/new.*
}

@test "a helper that breaks one rule of the protocol does not pass" {
  asked 0 dir get "url=$URL"
  local part fault n=0
  while IFS=: read -r part fault; do
    n=$((n + 1))
    mkdir -m 700 "store.$n"
    printf '#!/bin/bash\nset -o pipefail\n"%s" "$@" | sed "$(<fault)"\n' "$(helper dir)" >nearly
    printf '%s\n' "$fault" >fault
    chmod +x nearly
    expect 1 "$TESTS/cache-helper-conformance" --only "$part" ./nearly "url=file://$PWD/store.$n"
    out_has 'not ok .*'
  done <<'FAULTS'
entry:s/^version=1/version=2/
entry:s/^identity=.*/identity=x/
entry:s/^now=.*//
entry:s/^entry=.*/&x/
entry:s/^erased=no/erased=yes/
entry:$a\words
lock:s/^lock=.*/lock=same/
lock:s/^busy=.*/lock=mine.too/
lock:s/^lost=yes/unlocked=yes/
budget:s/^full=.*/place=one.more/
FAULTS
  printf '#!/bin/sh\nexit 0\n' >nearly
  expect 1 "$TESTS/cache-helper-conformance" ./nearly url=x
  out_has 'not ok 1 .*'
}

@test "a killed holder's lock expires, and what that holder stores afterwards is ignored" {
  asked 0 dir lock "url=$URL" ttl=1
  local old
  old=$(value lock "$OUT")
  sleep 2.1
  get_a_lock
  asked 0 dir store "url=$URL" "lock=$LOCK" ttl=60 entry=new
  asked 0 dir store "url=$URL" "lock=$old" ttl=60 entry=old
  out_has lost=yes
  asked 0 dir get "url=$URL"
  out_has entry=new
}

@test "a helper killed at any moment leaves a working store" {
  local i pid
  for i in {1..12}; do
    get_a_lock "identity=id$i"
    "$FLEET/ask" "$(helper dir)" store "url=$URL" "identity=id$i" "lock=$LOCK" ttl=60 entry=whole >/dev/null 2>&1 &
    pid=$!
    sleep "0.0$((i * 3))"
    pkill -KILL -P "$pid" 2>/dev/null || :
    wait "$pid" 2>/dev/null || :
    asked 0 dir get "url=$URL" "identity=id$i"
    value entry "$OUT" >"$BATS_TEST_TMPDIR/tmp/got" || :
    [[ -z $(<"$BATS_TEST_TMPDIR/tmp/got") || $(<"$BATS_TEST_TMPDIR/tmp/got") == whole ]]
    asked 0 dir store "url=$URL" "identity=id$i" "lock=$LOCK" ttl=60 entry=second
    asked 0 dir get "url=$URL" "identity=id$i"
    out_has entry=second
  done
}

@test "after the directory is emptied, an old lock is worthless" {
  get_a_lock
  local old=$LOCK
  rm -rf "${STORE:?}"/*
  asked 0 dir store "url=$URL" "lock=$old" ttl=60 entry=x
  out_has lost=yes
  get_a_lock
  [[ $LOCK != "$old" ]]
  asked 0 dir store "url=$URL" "lock=$old" ttl=60 entry=x
  out_has lost=yes
}

@test "deleted locks do not hide what is stored afterwards" {
  local i
  get_a_lock
  for i in 1 2 3; do
    asked 0 dir lock "url=$URL" ttl=60 "lock=$LOCK"
    LOCK=$(value lock "$OUT")
  done
  asked 0 dir store "url=$URL" "lock=$LOCK" ttl=60 entry=before
  rm "$STORE"/lock.*
  get_a_lock
  asked 0 dir store "url=$URL" "lock=$LOCK" ttl=60 entry=after
  asked 0 dir get "url=$URL"
  out_has entry=after
}

@test "an unusable directory is refused" {
  asked 78 dir get url=/somewhere
  refused 'file:///ABSOLUTE/PATH'
  asked 78 dir get url=file://host/somewhere
  refused 'names a host'
  asked 78 dir get "url=file://$STORE/none"
  refused 'not a directory; create it'
  local mode
  for mode in 702 720 777; do
    chmod "$mode" "$STORE"
    asked 78 dir get "url=$URL"
    refused 'others may write'
  done
}

@test "another user's directory is refused: its owner could make us write elsewhere" {
  needs_other
  chown "$OTHER" "$STORE"
  asked 78 dir get "url=$URL"
  refused 'belongs to another user'
}

@test "a file with content that rhythm did not write is 69, with its name" {
  get_a_lock
  asked 0 dir mint "url=$URL" "lock=$LOCK" monthly_limit=9 hourly_limit=9 host=h profile=p
  local file
  file=$(printf '%s\n' "$STORE"/mints.*/1)
  printf 'not ours\n' >"$file"
  asked 69 dir totals "url=$URL"
  refused 'mints.*1 contains data that rhythm did not write; delete it'
  asked 69 dir mint "url=$URL" "lock=$LOCK" monthly_limit=9 hourly_limit=9 host=h profile=p
  err_any
  printf '1 id h\033[31m p ok n\n' >"$file"
  asked 69 dir totals "url=$URL"
  refused 'mints.*1 contains data that rhythm did not write; delete it'
  mv "${file%/*}" "${file%-*}$(printf '\033[31m\302\233')"
  asked 69 dir totals "url=$URL"
  refused 'mints.*[?]\[31m[?][?]/1 contains data that rhythm did not write; delete it'
  printf '\n' >"$(printf '%s\n' "$STORE"/lock.*)"
  asked 69 dir lock "url=$URL" ttl=5
  refused 'lock.* contains data'
}

@test "no file is readable by others, and no file name tells its owner" {
  get_a_lock
  asked 0 dir store "url=$URL" "lock=$LOCK" ttl=60 entry=x
  asked 0 dir mint "url=$URL" "lock=$LOCK" monthly_limit=9 hourly_limit=9 host=h profile=p
  find "$STORE" -mindepth 1 -printf '%m %f\n' | sort >listing
  quietly matches listing '600 1' '600 entry\.[0-9a-f]{64}\.1' '600 lock\.[0-9a-f]{64}\.1' '700 mints\.[0-9a-f]{64}\.[0-9]{4}-[0-9]{2}'
}

@test "every shell and every awk give the same result" {
  local shell awk n=0
  get_a_lock
  asked 0 dir store "url=$URL" "lock=$LOCK" ttl=60 entry=kept
  for shell in dash bash 'busybox ash' mksh yash 'zsh --emulate sh'; do
    if ! command -v "${shell%% *}" >/dev/null; then
      continue
    fi
    n=$((n + 1))
    cat >one <<END
#!/bin/sh
exec $shell '$(helper dir)' "\$@"
END
    chmod +x one
    for operation in get totals 'mint monthly_limit=0 hourly_limit=0 host=h profile=p' 'lock ttl=60'; do
      # shellcheck disable=SC2086 # to be split
      expect 0 "$FLEET/ask" ./one $operation "url=$URL" "lock=$LOCK"
      if [[ $operation == lock* ]]; then
        LOCK=$(value lock "$OUT")
      fi
    done
    out_has 'lock=.*'
  done
  asked 0 dir totals "url=$URL"
  out_has "minted=$n"
  for awk in $(each_awk); do
    PATH=$PWD/$awk:$PATH asked 0 dir totals "url=$URL" log=yes
    out_has "host.h=$n"
  done
}
