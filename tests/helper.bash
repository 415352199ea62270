# shellcheck shell=bash
# What every scenario loads: a private home, the programs under test, the sandbox, and assertions that cannot pass by
# accident. A scenario file begins with
#
#   load ../helper
#   setup_file() { sandbox_start; }
#
# and a case reads
#
#   @test "a second call mints nothing" {
#     sandbox_profile
#     expect 0 rhythm-token --get tenant_id
#     out_is acme.org
#     expect 0 rhythm-token --get tenant_id
#     out_is acme.org
#     mint_count 1
#   }
#
# Running programs - these are the only ways; ./tests/meta refuses a file that has others.
#   expect STATUS CMD...     runs it; with any other exit status the case fails and shows the output. Standard input is /dev/null
#                            unless redirected or piped. Kills it after EXPECT_TIMEOUT (120) seconds, in case it hangs; what must
#                            be fast runs under prlimit --cpu=SECONDS instead, because machines may be busy
#   begin NAME CMD...        starts it in the background; its process ID is in BEGUN
#   finish STATUS NAME       waits for it, then works like expect
# The output is in the files $OUT and $ERR until the next one runs. Standard error that no assertion checked fails the case.
#
#   out_is LINE...           standard output is exactly these lines; without arguments, exactly the lines on standard input
#   out_is_file FILE         ... exactly these bytes
#   out_empty                ... nothing
#   out_matches ERE...       ... as many lines as arguments, each of which its own ERE matches completely
#   out_has ERE              ... has a line that the ERE matches completely
#   out_lacks ERE            ... has no line in which the ERE matches anywhere
#   err_is, err_is_file, err_empty, err_matches, err_has, err_lacks   the same for standard error; err_any: it does not matter
#   no_secret [FILE...]      $OUT and $ERR (or the FILEs) contain neither the client secret, nor a token, nor a token's signature
#   secret VALUE             adds a secret for no_secret, in this case
#   lines_are FILE LINE...   like out_is, for a file
#   same A B                 the two strings are equal
#   until_true CMD...        waits until it succeeds: at most a minute, and only while the last begun program runs
#   absent PATH...           no such file exists; a pattern that matched nothing counts as absent
#   mode_is MODE PATH        the file's permissions are MODE, in octal
#
# The sandbox - one for each file; its knobs and counters are reset before each case
#   sandbox_start, sandbox_stop          for setup_file and teardown_file (which calls sandbox_stop by default)
#   SANDBOX_HTTP SANDBOX_HTTPS SANDBOX_CA   where it is
#   SANDBOX_KEYS             a directory with keys for it, optional: generating keys takes longer than most cases
#   knob NAME=VALUE...                   sets how it behaves
#   counter NAME                         prints one of its counters or knobs
#   counter_is NAME N, mint_count N      the counter (the count of mints) is N
#   until_counter NAME N                 waits until it is at least N, like until_true
#
# Profiles
#   profile NAME KEY=VALUE...            writes NAME.conf
#   sandbox_profile [NAME] [KEY=VALUE...]   writes one for the sandbox (default); later keys win
#
#   each_awk                 prints, for each awk of this machine, a directory below this case's in which it is called awk
#   own_processes            prints the command lines of this case's processes, and of no others on this machine
#
# A file with its own setup calls common_setup first; one with its own teardown calls common_teardown last.
# Other users, and what only root can do
#   needs_root               skips the case for other users; tests/run then repeats it as root of a user namespace, if possible
#   needs_other              the same, and also needs another user, $OTHER, who can reach this case's files
#   expect_of_other STATUS CMD...   expect as $OTHER, who then owns this case's files, with a copy of the programs that others can
#                            reach; an ordinary user, who is not root anyway, runs it directly
#
#   needs_linux              skips the case if the programs were built with make PLATFORM=posix: those cannot find rhythm-net
#                            beside themselves, tell which user's program sends a redirect, or forbid debugging
#
# TESTED_PATH is a directory of programs that come first in PATH, such as other tools than this system's.
# TESTED_PLATFORM=posix means that the programs were built with make PLATFORM=posix.
# RHYTHM_PREFIX names the installed tree to test, else it is the source tree. VALGRIND=1 runs rhythm-token under valgrind,
# which needs a dynamically linked front: `VALGRIND=1 ./scripts/test FILE.bats` builds one.

bats_require_minimum_version 1.7.0

TESTS=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
TOP=${TESTS%/*}

# Kept under other names, because no RHYTHM_ variable may reach the programs. The first load in a file sets them.
export TESTED_PREFIX=${TESTED_PREFIX-${RHYTHM_PREFIX-}}
export SANDBOX_PROGRAM=${SANDBOX_PROGRAM:-$TOP/build/rhythm-sandbox}

# --- a private world ---------------------------------------------------------------------------------------------------

# quietly CMD... - runs it without bats' trace of every command, which costs more than most commands. A failure in it is shown
# at the caller's line.
quietly() {
  local -
  set +T
  "$@"
}

# fail MESSAGE... - fails the case; prints each MESSAGE on its own line.
fail() {
  printf '%s\n' "$@" >&2
  return 1
}

unset_settings() {
  local name
  unset BROWSER CURL_HOME SSL_CERT_FILE SSL_CERT_DIR CURL_CA_BUNDLE
  unset http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY no_proxy NO_PROXY
  for name in "${!RHYTHM_@}" "${!XDG_@}" "${!REDIS_@}"; do
    if [[ ${!name@a} == *x* ]]; then
      unset "$name"
    fi
  done
}

# The programs under test come first in PATH, also for those that call rhythm-token themselves.
set_path() {
  local programs=$TOP/bin
  if [[ -n $TESTED_PREFIX ]]; then
    programs=$TESTED_PREFIX/bin
  fi
  if [[ ! -x $programs/rhythm-token ]]; then
    fail "there is no $programs/rhythm-token to test" || return
  fi
  export PROGRAMS=$programs
  export PATH=$programs:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
  if [[ -n ${TESTED_PATH:-} ]]; then
    PATH=$TESTED_PATH:$PATH
  fi
  if [[ ${VALGRIND:-0} == 1 ]]; then
    mkdir "$BATS_TEST_TMPDIR/valgrind"
    export VALGRIND_LOGS=$BATS_TEST_TMPDIR/valgrind
    PATH=$TESTS/valgrind:$PATH
  fi
}

# A sanitizer's report goes to a file, so that it is not lost in a pipe or in a message that a case expects.
set_sanitizers() {
  local log=$BATS_TEST_TMPDIR/sanitizers/report
  export ASAN_OPTIONS=exitcode=99:strict_string_checks=1:detect_stack_use_after_return=1:log_path=$log
  export UBSAN_OPTIONS=halt_on_error=1:exitcode=99:print_stacktrace=1:log_path=$log
  export LSAN_OPTIONS=exitcode=99
}

# From here on only the case's own lines are traced, not the functions that it calls.
common_setup() {
  set +T
  make_world
  exec </dev/null
  cd "$BATS_TEST_TMPDIR/tmp" || return
}

make_world() {
  local world=$BATS_TEST_TMPDIR
  unset_settings
  export LC_ALL=C TZ=UTC TERM=dumb
  export HOME=$world/home
  export XDG_CONFIG_HOME=$HOME/.config XDG_CACHE_HOME=$HOME/.cache XDG_STATE_HOME=$HOME/.local/state
  export XDG_RUNTIME_DIR=$world/run TMPDIR=$world/tmp
  mkdir -m 700 "$HOME" "$XDG_RUNTIME_DIR" "$TMPDIR" "$world/new" "$world/sanitizers"
  set_path
  set_sanitizers
  OUT=$world/out
  ERR=$world/err
  printf '%s\n' sandbox-secret interop-secret >"$world/secrets"
  if [[ -n ${SANDBOX_HTTP:-} ]]; then
    control DELETE
  fi
}

common_teardown() {
  quietly look_back
}

# look_back - fails for unchecked standard error, for programs never finished, and for reports of memory checkers.
look_back() {
  local left
  err_was_read || return
  for left in "$BATS_TEST_TMPDIR"/begun/*.pid; do
    if [[ -e $left ]]; then
      kill -KILL "$(<"$left")" 2>/dev/null || :
      fail "${left##*/}: begun but never finished; call finish" || return
    fi
  done
  for left in "$BATS_TEST_TMPDIR"/sanitizers/* "${VALGRIND_LOGS:-/nonexistent}"/*; do
    if [[ -s $left ]]; then
      head -n 60 "$left" >&2
      fail "a memory checker reports: ${left##*/}" || return
    fi
  done
}

setup() {
  common_setup
}

teardown() {
  common_teardown
}

teardown_file() {
  sandbox_stop
}

# --- running programs --------------------------------------------------------------------------------------------------

# show TITLE FILE - prints its beginning, with control characters made visible.
show() {
  printf -- '--- %s\n' "$1" >&2
  if [[ -s $2 ]]; then
    head -c 4000 "$2" | head -n 40 | cat -v >&2
    printf '\n' >&2
  fi
}

show_both() {
  show stdout "$OUT"
  show stderr "$ERR"
}

err_was_read() {
  local unread=$BATS_TEST_TMPDIR/err.unread
  if [[ -e $unread ]]; then
    rm -f "$unread"
    show stderr "$ERR"
    fail 'no assertion checked this standard error; add one, or err_any if it does not matter' || return
  fi
}

# arrived STATUS WANTED CMD... - judges a program that has exited.
arrived() {
  local got=$1 want=$2
  shift 2
  if [[ -s $ERR ]]; then
    : >"$BATS_TEST_TMPDIR/err.unread"
  fi
  if [[ $got != "$want" ]]; then
    rm -f "$BATS_TEST_TMPDIR/err.unread"
    show_both
    if [[ $got == 124 || $got == 137 ]]; then
      printf 'it exceeded the time limit, or was killed\n' >&2
    fi
    fail "exit status $got, expected $want: ${*@Q}"
  fi
}

expect() {
  quietly run_it "$@"
}

run_it() {
  local want=$1 got=0 new=$BATS_TEST_TMPDIR/new
  shift
  err_was_read || return
  # The last output may be the input of this program.
  timeout --kill-after=5 "${EXPECT_TIMEOUT:-120}" "$@" >"$new/out" 2>"$new/err" 3>&- 4>&- || got=$?
  mv "$new/out" "$new/err" "$BATS_TEST_TMPDIR"
  arrived "$got" "$want" "$@"
}

begin() {
  local dir=$BATS_TEST_TMPDIR/begun name=$1
  shift
  mkdir -p "$dir"
  if [[ -e $dir/$name.pid ]]; then
    fail "$name is already running; finish it first" || return
  fi
  "$@" >"$dir/$name.out" 2>"$dir/$name.err" 3>&- 4>&- &
  BEGUN=$!
  printf '%s\n' "$BEGUN" >"$dir/$name.pid"
}

finish() {
  quietly end_it "$@"
}

end_it() {
  local want=$1 name=$2 dir=$BATS_TEST_TMPDIR/begun got=0 pid
  err_was_read || return
  pid=$(<"$dir/$name.pid") || return
  rm -f "$dir/$name.pid"
  timeout "${EXPECT_TIMEOUT:-120}" tail --pid="$pid" -s 0.02 -f /dev/null || kill -KILL "$pid" 2>/dev/null || :
  wait "$pid" || got=$?
  mv "$dir/$name.out" "$OUT"
  mv "$dir/$name.err" "$ERR"
  arrived "$got" "$want" "$name"
}

until_true() {
  quietly wait_until "$@"
}

wait_until() {
  local end=$((SECONDS + 60))
  while ((SECONDS < end)); do
    if "$@"; then
      return 0
    fi
    if ! kill -0 "$BEGUN" 2>/dev/null; then
      break
    fi
    sleep 0.02
  done
  if "$@"; then
    return 0
  fi
  fail "still failing after the wait: ${*@Q}"
}

each_awk() {
  local awk dir
  for awk in mawk gawk 'busybox awk' original-awk; do
    if command -v "${awk%% *}" >/dev/null; then
      dir=awks/${awk%% *}
      mkdir -p "$dir"
      printf '#!/bin/sh\nexec %s "$@"\n' "$awk" >"$dir/awk"
      chmod +x "$dir/awk"
      printf '%s\n' "$dir"
    fi
  done
}

own_processes() {
  ps -e -ww -o pid= -o ppid= -o args= | awk -v top="$$" '
    { parent[$1] = $2; line[NR] = $0; pid[NR] = $1 }
    END {
      for (i = 1; i <= NR; i++) {
        for (p = pid[i]; p > 1 && p != top; p = parent[p]) continue
        if (p == top) { sub(/^ *[0-9]+ +[0-9]+ /, "", line[i]); print line[i] }
      }
    }'
}

# --- other users -------------------------------------------------------------------------------------------------------

readonly OTHER=12345

as_other() {
  setpriv --reuid="$OTHER" --regid="$OTHER" --clear-groups "$@"
}

needs_root() {
  [[ $EUID == 0 ]] || skip 'needs root'
}

needs_linux() {
  [[ ${TESTED_PLATFORM-} != posix ]] || skip 'needs Linux'
}

needs_other() {
  local copy=$BATS_TEST_TMPDIR/programs
  needs_root
  as_other true 2>/dev/null || skip 'there is no other user in this namespace'
  chmod 711 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_SUITE_TMPDIR" "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR"/test 2>/dev/null || :
  as_other test -x "$BATS_TEST_TMPDIR" || skip "others cannot get to ${TMPDIR%%/bats-run-*}"
  if [[ ! -e $copy ]]; then
    mkdir -p "$copy"
    cp -R "$PROGRAMS" "$copy/bin"
    [[ ! -e $PROGRAMS/../lib ]] || cp -R "$PROGRAMS/../lib" "$copy/lib"
    chmod -R a+rX "$copy"
  fi
}

expect_of_other() {
  if [[ $EUID != 0 ]]; then
    expect "$@"
    return
  fi
  needs_other
  chown -R "$OTHER" "$HOME" "$XDG_RUNTIME_DIR" "$TMPDIR"
  PATH=$BATS_TEST_TMPDIR/programs/bin:$PATH expect "$1" setpriv --reuid="$OTHER" --regid="$OTHER" --clear-groups "${@:2}"
}

# --- what came out -----------------------------------------------------------------------------------------------------

# ran - a program has run, so there is output to judge.
ran() {
  if [[ ! -e $OUT ]]; then
    fail 'no program has run yet; call expect first' || return
  fi
}

# same_bytes FILE WANTED_FILE
same_bytes() {
  if ! cmp -s "$1" "$2"; then
    diff -a -u --label expected --label "${1##*/}" "$2" "$1" | head -n 60 | cat -v >&2 || :
    show_both
    fail "${1##*/} is not as expected" || return
  fi
}

lines_are() {
  local file=$1 wanted=$BATS_TEST_TMPDIR/wanted got text
  shift
  if [[ ! -e $file ]]; then
    fail "there is no $file" || return
  fi
  if (($#)); then
    printf -v text '%s\n' "$@"
    # Without a NUL the shell can compare them itself, and needs no other process.
    if ! IFS= read -r -d '' got <"$file" && [[ $got == "$text" ]]; then
      return
    fi
    printf '%s' "$text" >"$wanted"
  else
    cat >"$wanted"
  fi
  same_bytes "$file" "$wanted"
}

# matches FILE ERE... - has exactly one line for each ERE.
matches() {
  local file=$1 line i=0
  shift
  while IFS= read -r line || [[ -n $line ]]; do
    i=$((i + 1))
    if ((i > $#)); then
      show_both
      fail "${file##*/}: one line too many: ${line@Q}" || return
    fi
    if [[ ! $line =~ ^(${!i})$ ]]; then
      show_both
      fail "${file##*/}, line $i: ${line@Q}" "does not match ${!i}" || return
    fi
  done <"$file"
  if ((i != $#)) || (($# == 0)); then
    show_both
    fail "${file##*/} has $i lines, $# expected" || return
  fi
}

# has FILE ERE, lacks FILE ERE
has() {
  if ! LC_ALL=C grep -a -E -x -q -e "$2" -- "$1"; then
    show_both
    fail "${1##*/}: no line matches $2" || return
  fi
}

lacks() {
  if LC_ALL=C grep -a -E -q -e "$2" -- "$1"; then
    show_both
    fail "${1##*/}: there is a line with $2" || return
  fi
}

empty() {
  if [[ -s $1 ]]; then
    show_both
    fail "${1##*/} is not empty" || return
  fi
}

err_read() {
  ran || return
  [[ ! -e $BATS_TEST_TMPDIR/err.unread ]] || rm "$BATS_TEST_TMPDIR/err.unread"
}

out_judged() {
  ran && "$1" "$OUT" "${@:2}"
}

err_judged() {
  err_read && "$1" "$ERR" "${@:2}"
}

out_is() { quietly out_judged lines_are "$@"; }
out_is_file() { quietly out_judged same_bytes "$1"; }
out_empty() { quietly out_judged empty; }
out_matches() { quietly out_judged matches "$@"; }
out_has() { quietly out_judged has "$1"; }
out_lacks() { quietly out_judged lacks "$1"; }
err_is() { quietly err_judged lines_are "$@"; }
err_is_file() { quietly err_judged same_bytes "$1"; }
err_empty() { quietly err_judged empty; }
err_matches() { quietly err_judged matches "$@"; }
err_has() { quietly err_judged has "$1"; }
err_lacks() { quietly err_judged lacks "$1"; }
err_any() { quietly err_read; }

same() {
  if [[ $1 != "$2" ]]; then
    fail "${1@Q}" "is not ${2@Q}" || return
  fi
}

absent() {
  local path
  for path; do
    if [[ -e $path || -L $path ]]; then
      fail "$path exists" || return
    fi
  done
}

mode_is() {
  local got
  got=$(stat -c %a -- "$2") || return
  same "mode $got of $2" "mode $1 of $2"
}

secret() {
  local value
  for value; do
    [[ -z $value ]] || printf '%s\n' "$value" >>"$BATS_TEST_TMPDIR/secrets"
  done
}

# tokens_at_rest - prints the signature of each token in the caches. A token must not be recognized by its beginning alone,
# because a response can be cut.
tokens_at_rest() {
  grep -a -r -h -o -P 'eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.\K[A-Za-z0-9_-]{20,}' \
    "$XDG_CACHE_HOME" "$XDG_RUNTIME_DIR" "$TMPDIR" 2>/dev/null || :
}

no_secret() {
  quietly search_secrets "$@"
}

search_secrets() {
  local file secrets=(-F -f "$BATS_TEST_TMPDIR/secrets" -f "$BATS_TEST_TMPDIR/patterns")
  # Anything that looks like a usable token: header, payload and a part of a signature.
  local token=(-E -e 'eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}')
  if (($# == 0)); then
    ran || return
    set -- "$OUT" "$ERR"
  fi
  for file; do
    if [[ ! -e $file ]]; then
      fail "there is no $file to look for secrets in" || return
    fi
  done
  tokens_at_rest >"$BATS_TEST_TMPDIR/patterns"
  # With -q grep reports a match even if it cannot read another file.
  if grep -a -q "${secrets[@]}" -- "$@"; then
    fail "a secret or a cached token is in $(grep -a -l "${secrets[@]}" -- "$@")" || return
  fi
  if grep -a -q "${token[@]}" -- "$@"; then
    fail "a token is in $(grep -a -l "${token[@]}" -- "$@")" || return
  fi
}

# --- the sandbox -------------------------------------------------------------------------------------------------------

# value KEY FILE - prints the value of a key in key=value lines; status 1 if there is none.
value() {
  local line
  while IFS= read -r line; do
    if [[ ${line%%=*} == "$1" ]]; then
      printf '%s\n' "${line#*=}"
      return 0
    fi
  done <"$2"
  return 1
}

# await FILE KEY PID - waits until FILE has a line with that key: at most a minute, and only while PID runs.
await() {
  local end=$((SECONDS + 60))
  while ((SECONDS < end)); do
    if value "$2" "$1" >/dev/null; then
      return 0
    fi
    if ! kill -0 "$3" 2>/dev/null; then
      break
    fi
    sleep 0.02
  done
  cat "$1" >&2
  fail "the sandbox did not print $2=" || return
}

sandbox_start() {
  local dir=$BATS_FILE_TMPDIR/sandbox
  mkdir "$dir"
  if [[ -n ${SANDBOX_KEYS:-} ]]; then
    cp "$SANDBOX_KEYS"/*.pem "$dir"
  fi
  : >"$dir.kv"
  "$SANDBOX_PROGRAM" --die-with-parent --state-dir "$dir" >"$dir.kv" 2>"$dir.log" </dev/null 3>&- 4>&- &
  export SANDBOX_PID=$!
  await "$dir.kv" ready "$SANDBOX_PID" || { cat "$dir.log" >&2; return 1; }
  SANDBOX_HTTP=$(value http "$dir.kv")
  SANDBOX_HTTPS=$(value https "$dir.kv")
  SANDBOX_CA=$(value ca_bundle "$dir.kv")
  export SANDBOX_HTTP SANDBOX_HTTPS SANDBOX_CA
}

sandbox_stop() {
  if [[ -n ${SANDBOX_PID:-} ]]; then
    kill "$SANDBOX_PID" 2>/dev/null || :
    wait "$SANDBOX_PID" 2>/dev/null || :
    unset SANDBOX_PID
  fi
}

# control METHOD [BODY] - makes a request to the sandbox's control URL; the response is in ANSWER. The shell connects itself:
# there are thousands of these requests, and curl takes longer to start than the sandbox to respond.
control() {
  local line status connection body=${2-}
  exec {connection}<>"/dev/tcp/127.0.0.1/${SANDBOX_HTTP##*:}" || return
  printf '%s /_sandbox HTTP/1.0\r\nHost: sandbox\r\nContent-Length: %s\r\n\r\n%s' "$1" "${#body}" "$body" >&"$connection"
  IFS= read -r -t 10 status <&"$connection" || :
  while IFS= read -r -t 10 line <&"$connection" && [[ $line != $'\r' ]]; do :; done
  IFS= read -r -d '' -t 10 ANSWER <&"$connection" || :
  exec {connection}>&-
  if [[ $status != 'HTTP/1.'?' 200 '* ]]; then
    fail "the sandbox refused $1 $body" "$ANSWER" || return
  fi
}

knob() {
  quietly turn_knob "$@"
}

turn_knob() {
  local body
  printf -v body '%s\n' "$@"
  control POST "$body"
}

counter() {
  quietly read_counter "$1" && printf '%s\n' "$COUNT"
}

# read_counter NAME - sets COUNT.
read_counter() {
  control GET || return
  if [[ ! $'\n'$ANSWER =~ $'\n'"$1"=([^$'\n']*)$'\n' ]]; then
    fail "the sandbox has no counter $1" || return
  fi
  COUNT=${BASH_REMATCH[1]}
}

counter_is() {
  quietly read_counter "$1" && same "$1=$COUNT" "$1=$2"
}

counter_reached() {
  quietly read_counter "$1" && ((COUNT >= $2))
}

until_counter() {
  until_true counter_reached "$@"
}

mint_count() {
  counter_is mints "$1"
}

# --- profiles ----------------------------------------------------------------------------------------------------------

profile() {
  local file=$XDG_CONFIG_HOME/rhythm/$1.conf
  shift
  if [[ -e $file ]]; then
    chmod 600 "$file"
  else
    install -D -m 600 /dev/null "$file"
  fi
  printf '%s\n' "$@" >"$file"
}

sandbox_profile() {
  quietly write_sandbox_profile "$@"
}

write_sandbox_profile() {
  local name=default pair key
  local -A keys=(
    [auth0_domain]=$SANDBOX_HTTP
    [client_id]=sandbox-client
    [client_secret]=sandbox-secret
    [audience]=https://api.rhythmsoftware.com
    [api_base]="$SANDBOX_HTTP/{service}"
  )
  if (($#)) && [[ $1 != *=* ]]; then
    name=$1
    shift
  fi
  for pair; do
    keys[${pair%%=*}]=${pair#*=}
  done
  local -a lines=()
  for key in "${!keys[@]}"; do
    lines+=("$key=${keys[$key]}")
  done
  profile "$name" "${lines[@]}"
}
