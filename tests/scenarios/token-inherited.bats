#!/usr/bin/env bats
# What a parent process hands down: blocked and ignored signals, descriptors, limits. No promise depends on them.
# shellcheck disable=SC2016,SC2030,SC2031 # for other shells; each case is a process of its own

load ../helper
load token

setup_file() { sandbox_start; }

@test "a blocked or ignored SIGALRM does not lengthen the wait for the lease" {
  sandbox_profile
  expect 0 rhythm-token print
  sandbox_profile timeout=1
  exec 9>>"$(entry)+lock"
  flock 9
  for how in --block-signal --ignore-signal; do
    begin "$how" env "$how=ALRM" rhythm-token print --refresh
  done
  for how in --block-signal --ignore-signal; do
    finish 75 "$how"
    out_empty
    err_has 'rhythm-token: another process has been requesting this token for 12 s; .*'
  done
  exec 9>&-
  mint_count 1
}

@test "with every signal blocked, or SIGCHLD ignored, a command's time limit and exit still work" {
  for how in --block-signal --ignore-signal=CHLD,ALRM,PIPE,XFSZ; do
    sandbox_profile client_secret= 'client_secret_command=exit 3'
    expect 78 env "$how" rhythm-token --refresh
    out_empty
    err_is 'rhythm-token: client_secret_command failed (exit 3); run it by hand to see why'
    sandbox_profile client_secret= 'client_secret_command=sleep 300' timeout=1
    expect 78 env "$how" rhythm-token --refresh
    out_empty
    err_is 'rhythm-token: client_secret_command printed no line within 1 s; run it by hand to see why, or raise timeout'
    sandbox_profile client_secret= 'client_secret_command=echo sandbox-secret'
    expect 0 env "$how" rhythm-token --refresh --get tenant_id
    out_is acme.org
    err_empty
  done
}

@test "signals that a parent blocked are not blocked for the secret command" {
  sandbox_profile client_secret= "client_secret_command=grep SigBlk /proc/self/status >$PWD/mask; echo sandbox-secret"
  expect 0 env --block-signal rhythm-token --get tenant_id
  out_is acme.org
  lines_are mask $'SigBlk:\t0000000000000000'
}

@test "5,000 open descriptors do no harm, and no command inherits them" {
  sandbox_profile client_secret= "client_secret_command=ls /proc/self/fd >$PWD/fds; echo sandbox-secret"
  cat >many <<'END'
ulimit -n 6000
for ((i = 0; i < 5000; i++)); do exec {fd}</dev/null; done
ulimit -S -n 512
exec rhythm-token "$@"
END
  (ulimit -n 6000) || skip 'so many cannot be opened here'
  expect 0 bash many --get tenant_id
  out_is acme.org
  err_empty
  # 3 is the directory that ls reads
  lines_are fds 0 1 2 3
  expect 0 bash many --get tenant_id
  out_is acme.org
  expect 0 bash many verify --get signature
  out_is valid
  mint_count 1
}

@test "low limits on descriptors, files and cores are raised, or are an error that costs no token" {
  sandbox_profile
  expect 0 bash -c 'ulimit -S -n 4; ulimit -S -f 0; ulimit -S -c 0; exec rhythm-token --get tenant_id'
  out_is acme.org
  err_empty
  expect 73 bash -c '(ulimit -f 0; exec rhythm-token --refresh --get tenant_id 2>&1) | cat; exit ${PIPESTATUS[0]}'
  out_matches 'rhythm-token: no token was requested, because there is no room for it in .*: File too large; raise the limit on file sizes \(ulimit -f\)'
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  mint_count 1
}

@test "closed standard descriptors are not taken by our files" {
  sandbox_profile
  expect 0 bash -c 'exec rhythm-token --get tenant_id <&-'
  out_is acme.org
  err_empty
  expect 0 bash -c 'exec rhythm-token --refresh --get tenant_id 2>&- <&-'
  out_is acme.org
  expect 73 bash -c 'exec rhythm-token --get tenant_id >&-'
  out_empty
  err_is 'rhythm-token: cannot write to standard output: Bad file descriptor'
}
