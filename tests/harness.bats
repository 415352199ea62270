#!/usr/bin/env bats
# The harness itself: each assertion must fail when it should. A harness that passes everything proves nothing.

load helper

setup_file() {
  mkdir -p "$BATS_FILE_TMPDIR/tree/bin"
  printf '#!/bin/sh\nexit 0\n' >"$BATS_FILE_TMPDIR/tree/bin/rhythm-token"
  chmod +x "$BATS_FILE_TMPDIR/tree/bin/rhythm-token"
  export TESTED_PREFIX=$BATS_FILE_TMPDIR/tree
}

# refused CMD... - the assertion fails with a message.
refused() {
  local got=0
  ("$@") >/dev/null 2>"$BATS_TEST_TMPDIR/refusal" || got=$?
  if [[ $got == 0 || ! -s $BATS_TEST_TMPDIR/refusal ]]; then
    fail "passed, or failed without a word: ${*@Q}"
  fi
}

@test "expect accepts the given exit status and no other" {
  expect 0 true
  expect 3 sh -c 'exit 3'
  refused expect 0 false
  refused expect 1 true
  refused expect 3 sh -c 'exit 4'
  refused expect 0 no-such-program
}

@test "expect kills a program that hangs" {
  EXPECT_TIMEOUT=0.2 refused expect 0 sleep 5
  EXPECT_TIMEOUT=0.2 expect 124 sleep 5
}

@test "a program's standard input is /dev/null unless something is piped or redirected" {
  expect 0 cat
  out_empty
  printf 'piped\n' | expect 0 cat
  out_is piped
  expect 0 cat <<<'redirected'
  out_is redirected
  expect 0 sed s/re/not-re/ "$OUT"
  out_is not-redirected
}

@test "a variable set in front of expect reaches only the program" {
  # shellcheck disable=SC2016 # for the shell that expect starts
  ONE=1 expect 0 sh -c 'echo "$ONE"'
  out_is 1
  same "${ONE-none}" none
}

@test "standard output is compared byte by byte" {
  refused out_is x
  refused out_empty
  expect 0 printf 'a\nb\n'
  out_is a b
  out_is <<<$'a\nb'
  refused out_is a
  refused out_is a b c
  refused out_is a b ''
  refused out_is a B
  refused out_empty
  expect 0 printf 'a'
  refused out_is a
  printf a >wanted
  out_is_file wanted
  expect 0 printf 'a\0b\n'
  printf 'a\0b\n' >wanted
  out_is_file wanted
  refused out_is ab
  expect 0 true
  out_empty
  refused out_is ''
}

@test "a pattern must match a whole line, and each pattern its own line" {
  expect 0 printf 'a1\nb2\n'
  out_matches 'a[0-9]' 'b[0-9]'
  refused out_matches 'a[0-9]'
  refused out_matches 'a[0-9]' 'b[0-9]' 'c'
  refused out_matches 'a' 'b2'
  refused out_matches 'a1|x' '2'
  refused out_matches
  out_has 'b[0-9]'
  refused out_has '[0-9]'
  out_lacks c
  refused out_lacks '[0-9]'
}

@test "standard error that nobody checked fails the next step and the case" {
  expect 0 sh -c 'echo warning >&2'
  refused expect 0 true
  expect 0 sh -c 'echo warning >&2'
  refused common_teardown
  expect 0 sh -c 'echo warning >&2'
  err_is warning
  expect 0 sh -c 'echo warning >&2'
  err_any
  expect 0 true
  err_empty
}

@test "a background program is waited for and judged like any other" {
  begin one sh -c 'sleep 0.1; echo out; echo err >&2; exit 7'
  begin two sh -c 'exit 0'
  finish 0 two
  out_empty
  finish 7 one
  out_is out
  err_is err
  begin three sh -c 'exit 5'
  refused finish 0 three
  rm -f begun/*
  refused finish 0 never-begun
}

@test "a program that was begun but never finished fails the case" {
  begin one sleep 30
  refused common_teardown
  rm -f "$BATS_TEST_TMPDIR/begun/one.pid"
}

@test "a secret, a token and a token's signature are found anywhere" {
  refused no_secret
  expect 0 echo harmless
  no_secret
  expect 0 echo "it is sandbox-secret!"
  refused no_secret
  expect 0 sh -c 'echo "it is sandbox-secret!" >&2'
  err_any
  refused no_secret
  expect 0 echo eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhYmMifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ
  refused no_secret
  mkdir -p "$XDG_CACHE_HOME/rhythm"
  printf 'token=eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhYmMifQ.c2lnbmF0dXJlLXNpZ25hdHVyZQ\n' >"$XDG_CACHE_HOME/rhythm/entry"
  expect 0 echo 'cut: ...c2lnbmF0dXJlLXNpZ25hdHVyZQ'
  refused no_secret
  secret another
  expect 0 echo 'one and another'
  refused no_secret
  refused no_secret /no/such/file
}

@test "lines_are, mode_is and absent fail when the file differs" {
  printf 'a\n' >file
  chmod 640 file
  lines_are file a
  refused lines_are file b
  refused lines_are nothing a
  mode_is 640 file
  refused mode_is 600 file
  refused mode_is 600 nothing
  absent nothing
  refused absent nothing file
  ln -s nowhere link
  refused absent link
}

@test "a sanitizer's report fails the case even if the exit status is right" {
  printf 'heap-use-after-free\n' >"$BATS_TEST_TMPDIR/sanitizers/report.1"
  refused common_teardown
  rm "$BATS_TEST_TMPDIR/sanitizers/report.1"
}

@test "no setting of whoever runs the tests gets in" {
  export RHYTHM_CLIENT_SECRET=mine http_proxy=http://127.0.0.1:1 XDG_CONFIG_DIRS=/x
  unset_settings
  expect 0 sh -c 'env | grep -c -e RHYTHM_ -e proxy -e XDG_CONFIG_DIRS || :'
  out_is 0
}

@test "a profile is readable by its owner only, and later keys win" {
  export SANDBOX_HTTP=http://127.0.0.1:1
  sandbox_profile other client_id=mine hourly_limit=3
  mode_is 600 "$XDG_CONFIG_HOME/rhythm/other.conf"
  expect 0 sort "$XDG_CONFIG_HOME/rhythm/other.conf"
  out_is 'api_base=http://127.0.0.1:1/{service}' audience=https://api.rhythmsoftware.com \
    auth0_domain=http://127.0.0.1:1 client_id=mine client_secret=sandbox-secret hourly_limit=3
}

# --- counting ----------------------------------------------------------------------------------------------------------

# ran_to PASSED FAILED SKIPPED OPTION... - what tests/run counts for the scenario file on standard input.
ran_to() {
  local status=1
  [[ $2 != 0 ]] || status=0
  mkdir -p counted
  sed "s/^%/@/" >counted/case.bats
  expect "$status" "$TESTS/run" -o counted/out "${@:4}" counted/case.bats
  err_empty
  lines_are counted/out/counts "passed=$1" "failed=$2" "skipped=$3"
}

@test "each case counts once, by its result" {
  ran_to 1 1 1 <<'END'
%test "good" { true; }
%test "bad" { false; }
%test "left out" { skip 'no moon'; }
END
  out_has '    skipped: left out: no moon'
}

@test "a failure outside the cases adds one and cancels nothing" {
  ran_to 1 1 0 <<'END'
teardown_file() { false; }
%test "good" { true; }
END
  ran_to 1 2 0 --all-must-fail <<'END'
teardown_file() { false; }
%test "passes although nothing was done" { true; }
%test "fails" { false; }
END
  out_has '    passed although the programs did nothing: passes although nothing was done'
  ran_to 0 2 0 <<'END'
setup_file() { false; }
%test "one" { true; }
%test "two" { true; }
END
  ran_to 0 2 0 --all-must-fail <<'END'
setup_file() { false; }
%test "one" { true; }
%test "two" { true; }
END
}

@test "a case without a result has failed, and so has a file without cases" {
  mkdir bin
  printf '#!/bin/sh\nprintf "1..4\\nok 1 a\\nok 1 a\\nok 2 b\\nok 7 z\\nnot ok 3 c\\n"\n' >bin/bats
  chmod +x bin/bats
  PATH=$PWD/bin:$PATH ran_to 2 4 0 </dev/null
  PATH=$PWD/bin:$PATH ran_to 1 5 0 --all-must-fail </dev/null
  ran_to 0 1 0 <<<'# nothing'
  ran_to 0 1 0 --all-must-fail <<<'# nothing'
  ran_to 0 1 0 <<<'%test "not even bash'
}

@test "no part's count can cancel a failure" {
  local odd
  mkdir counts
  printf 'passed=3\nfailed=1\nskipped=2\n' >counts/good
  for odd in 'passed=1 failed=-1 skipped=0' 'passed=1 failed=x skipped=0' 'passed=1 failed= skipped=0' 'passed=1 failed=0' \
    'passed=1 failed=0 failed=0 skipped=0' 'passed=1 failed=1e3 skipped=0' 'passed=1 failed=0 skipped=0 more=1' ''; do
    # shellcheck disable=SC2086 # words
    printf '%s\n' $odd >counts/odd
    expect 0 "$TESTS/sum" counts/odd counts/good
    out_matches 'passed=[34]' 'failed=2' 'skipped=2'
    err_is '  counts/odd: ended without a result'
  done
  expect 0 "$TESTS/sum" counts/nothing counts/good
  out_is passed=3 failed=2 skipped=2
  err_is '  counts/nothing: ended without a result'
  expect 0 "$TESTS/sum" counts/good counts/good
  out_is passed=6 failed=2 skipped=4
  err_empty
}

@test "CPU seconds include a shell and its children, less what came earlier" {
  printf '0m1.500000s 0m0.500000s\n1m0.000000s 0m3.000000s\n' >before
  printf '0m1.50s 0m1.50s\n2m10.25s 1m0.75s\n' >after # as other shells write them
  expect 0 "$TESTS/cpu" after
  out_is 194
  expect 0 "$TESTS/cpu" after before
  out_is 129
  # shellcheck disable=SC2016 # for that shell
  expect 0 sh -c 'times >begun; awk "BEGIN { for (i = 0; i < 40000000; i++) n += i }"; times >ended; exec "$0" ended begun' "$TESTS/cpu"
  out_matches '[1-9][0-9]*'
}

@test "the demo's picture shows what a terminal does, and is valid XML for any text" {
  printf 'before\n== what is in my token?\r\n$ a <&> "b"\r\n\033[1;31mFAIL\033[0m R\303\251n\033[32m\303\251 \033[39mx\n%s\n' \
    "$(printf '%0150d' 0)" >typescript
  expect 0 "$TOP/scripts/picture" --render <typescript
  out_lacks before
  out_has '<text .*><tspan class="c6">== what is in my token\?</tspan></text>'
  out_has '<text .*><tspan class="c2">\$</tspan><tspan class="b"> a &lt;&amp;&gt; "b"</tspan></text>'
  out_has '<text .*><tspan class="c1 b">FAIL</tspan> Rén<tspan class="c2">é </tspan>x</text>'
  out_has '<text .*>0{100}</text>'
  out_has '<text .*>0{50}</text>'
  expect 1 "$TOP/scripts/picture" --render <<<'no demo'
  expect 64 "$TOP/scripts/picture" --what
  err_has 'picture \[--render\] .*'
}
