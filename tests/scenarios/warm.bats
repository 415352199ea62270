#!/usr/bin/env bats
# The warm path: with a valid token in the cache nothing unnecessary is loaded, and a call costs next to nothing.

load ../helper
load token

setup_file() { sandbox_start; }

# internal NAME - prints the path of an internal program.
internal() {
  if [[ -n $TESTED_PREFIX ]]; then
    printf '%s\n' "$TESTED_PREFIX/lib/rhythm/$1"
  else
    printf '%s\n' "$TOP/lib/$1"
  fi
}

# libjwt_loads_libcurl - does libjwt itself load libcurl? Version 3 in Debian does.
libjwt_loads_libcurl() {
  ldd "$(ldd "$(internal rhythm-jwt)" | sed -n 's/^.*libjwt.* => \(.*\) (.*)$/\1/p')" | grep -q libcurl
}

@test "the front is linked with neither libcurl, libjwt, jansson nor libcrypto" {
  expect 0 rhythm-token --version
  out_matches 'rhythm-token [0-9.]+'
  ldd "$PROGRAMS/rhythm-token" >libraries 2>&1 || :
  lacks libraries 'libcurl|libjwt|libjansson|libcrypto|libssl'
  # What each program itself is linked with; libjwt may load more.
  readelf -d "$(internal rhythm-net)" >libraries
  has libraries '.*NEEDED.*libcurl.*'
  has libraries '.*NEEDED.*libjwt.*'
  readelf -d "$(internal rhythm-jwt)" >libraries
  has libraries '.*NEEDED.*libjwt.*'
  lacks libraries libcurl
}

@test "with a valid token no library of the internal programs is opened, and no other program is run" {
  needs_root # strace reads the strings of a program that may not be dumped
  sandbox_profile
  expect 0 rhythm-token print
  for command in claims header print status '--get tenant_id' '--format=shell' '--format=json' 'claims -q'; do
    # shellcheck disable=SC2086 # words
    trace 0 execve,open,openat,socket,clone,fork,vfork rhythm-token $command
    out_has '.+'
    err_empty
    lacks trace 'libcurl|libjwt|libjansson|libcrypto|libssl|rhythm-net|rhythm-jwt|(socket|v?fork|clone3?)\('
    same "$(grep -c execve trace)" 1
    has trace ".*$(identity).*"
  done
  mint_count 1
}

@test "claims of a token in a file, and an offline check of it, load no libcurl" {
  needs_root # for the names of the libraries in the trace
  sandbox_profile
  expect 0 rhythm-token print
  cp "$OUT" token
  for command in 'rhythm-token claims token' 'rhythm-check --token token'; do
    # shellcheck disable=SC2086 # words
    trace 0 execve,open,openat $command
    err_empty
    has trace '.*/libjwt.*'
    lacks trace rhythm-net
    libjwt_loads_libcurl || lacks trace libcurl
  done
  mint_count 1
}

# instructions NAME CMD... - counts the instructions of CMD, and writes the number to the file NAME.
instructions() {
  local name=$1
  shift
  expect 0 valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@"
  err_has '==[0-9]+== Collected : [0-9]+'
  sed -n 's/^==[0-9]*== Collected : \([0-9]*\)$/\1/p' "$ERR" >"$name"
}

@test "claims, header, print and curl cost less than 1.5 times a copy of the same file" {
  sandbox_profile
  expect 0 rhythm-token print
  if sanitized; then
    echo '# skipped: a sanitizer counts its own instructions' >&3
    skip 'a sanitizer counts its own instructions'
  fi
  ${CC:-cc} -O2 -o copy "$TESTS/bench/copy.c"
  instructions of-copy ./copy "$(entry)"
  out_is_file "$(entry)"
  copy=$(<of-copy)
  for command in claims header print 'curl rolodex contacts/acme.org/c-1'; do
    # shellcheck disable=SC2086 # a command and its operands
    expect 0 rhythm-token $command
    out_has '.+'
    cp "$OUT" wanted
    # shellcheck disable=SC2086
    instructions of-command "$PROGRAMS/rhythm-token" $command
    out_is_file wanted
    count=$(<of-command)
    echo "# $command $count, copy $copy, $(awk -v a="$count" -v b="$copy" 'BEGIN { printf "%.2fx", a / b }')" >&3
    limit=14
    # The curl command reads more text, which other C libraries scan byte by byte: 1.63 with musl 1.2.5.
    [[ $command != curl* ]] || grep -a -q -i glibc "$PROGRAMS/rhythm-token" || limit=18
    [[ ${TESTED_PLATFORM-} != posix ]] || limit=20 # without explicit_bzero, memory is wiped byte by byte
    ((count * 10 < limit * copy)) || fail "$command: $count instructions, copy: $copy"
  done
  mint_count 1
}
