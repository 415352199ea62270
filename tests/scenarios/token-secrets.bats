#!/usr/bin/env bats
# The secret and the token: where they come from, and where they must never appear.
# shellcheck disable=SC2016,SC2030,SC2031 # secret commands are not for this shell; each case is a process of its own

load ../helper
load token

setup_file() { sandbox_start; }

# with_command COMMAND [KEY=VALUE...] - a profile whose secret comes from a command.
with_command() {
  local command=$1
  shift
  sandbox_profile client_secret= "client_secret_command=$command" "$@"
}

@test "a secret file gives its first line" {
  sandbox_profile client_secret= "client_secret_file=$PWD/secret"
  (umask 077 && printf 'sandbox-secret\r\nsecond line\n' >secret)
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
}

@test "a secret command gives the first line of its output" {
  with_command 'echo sandbox-secret; echo second; yes | head -n 100000'
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
}

@test "the secret command runs only for a mint" {
  with_command "echo run >>$PWD/runs; echo sandbox-secret"
  expect 0 rhythm-token print
  expect 0 rhythm-token print
  expect 0 rhythm-token status
  expect 0 rhythm-token config
  expect 0 rhythm-token --offline print
  lines_are runs run
  expect 0 rhythm-token print --refresh
  lines_are runs run run
}

@test "the command's standard input is /dev/null, and it gets neither our secrets nor our descriptors" {
  with_command "readlink /proc/self/fd/0 >$PWD/in; ls /proc/self/fd >$PWD/fds; env >$PWD/env; echo sandbox-secret"
  RHYTHM_PASSWORD=hunter2-password expect 0 rhythm-token --get tenant_id <<<'not for you'
  out_is acme.org
  err_empty
  lines_are in /dev/null
  # 3 is the directory that ls reads
  lines_are fds 0 1 2 3
  expect 1 grep -a -E 'hunter2|sandbox-secret' env
  out_empty
}

@test "a command that fails is 78 with a message, and no request is made" {
  with_command 'echo no key >&2; exit 3'
  expect 78 rhythm-token
  out_empty
  err_is 'no key' 'rhythm-token: client_secret_command failed (exit 3); run it by hand to see why'
  with_command 'echo half-a-secret; exit 4'
  expect 78 rhythm-token
  out_empty
  err_is 'rhythm-token: client_secret_command failed (exit 4); run it by hand to see why'
  with_command 'kill -SEGV $$'
  expect 78 rhythm-token
  out_empty
  err_is 'rhythm-token: client_secret_command failed (signal 11); run it by hand to see why'
  with_command no-such-command-here
  expect 78 rhythm-token
  out_empty
  err_matches '.*no-such-command-here: .*not found' 'rhythm-token: client_secret_command failed \(exit 127\); run it by hand to see why'
  counter_is token_requests 0
  absent "$XDG_STATE_HOME/rhythm"
}

@test "a command that prints nothing is 78" {
  for command in true 'echo' 'echo; echo sandbox-secret' "printf '\\\\0\\\\n'" "printf 'a\\\\0\\\\n'; exec sleep 87"; do
    with_command "$command"
    expect 78 rhythm-token
    out_empty
    err_is 'rhythm-token: the first line from client_secret_command is empty; it should be the secret'
  done
  counter_is token_requests 0
}

@test "a command that hangs is 78 after the time limit, and is killed with its children" {
  with_command "sleep 87 & echo \$! >$PWD/child; sleep 88" timeout=1
  expect 78 rhythm-token
  out_empty
  err_is 'rhythm-token: client_secret_command printed no line within 1 s; run it by hand to see why, or raise timeout'
  child=$(<child)
  [[ ! -d /proc/$child || $(</proc/"$child"/stat) == *') Z '* ]] || fail "the command's child is still there"
}

@test "a signal that ends rhythm-token ends the command with its children, and needs no message" {
  local signal
  for signal in TERM:143 HUP:129 INT:130; do
    with_command "sleep 87 & echo \$! >$PWD/new; mv $PWD/new $PWD/child; sleep 88"
    begin token env --default-signal rhythm-token
    until_true test -e child
    kill -"${signal%:*}" "$BEGUN"
    finish "${signal#*:}" token
    out_empty
    err_empty
    [[ ! -d /proc/$(<child) || $(</proc/"$(<child)"/stat) == *') Z '* ]] || fail "$signal: the command's child is still there"
    rm child
  done
}

@test "a command that prints without end is 78" {
  with_command 'base64 -w 0 </dev/zero'
  expect 78 rhythm-token
  out_empty
  err_matches 'rhythm-token: the first line from client_secret_command is longer than 4096 bytes; it should be only the secret'
}

@test "the wait for a command that has closed its output takes no processor time" {
  with_command 'exec >&-; sleep 1'
  trace 78 wait4,waitid rhythm-token
  err_is 'rhythm-token: the first line from client_secret_command is empty; it should be the secret'
  expect 0 grep -c wait trace # once every 5 ms at most
  (($(<"$OUT") < 300)) || fail "$(<"$OUT") looks at the command's end"
}

@test "a background child of the command neither delays the mint nor inherits the lock" {
  with_command "sleep 30 >/dev/null 2>&1 & echo \$! >$PWD/child; echo sandbox-secret"
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  child=$(<child)
  [[ -d /proc/$child ]] || fail 'the background child was killed'
  expect 0 ls -ln "/proc/$child/fd"
  out_lacks rhythm
  expect 0 flock -n "$(entry)+lock" true
  kill "$child"
  rm child
  with_command "sleep 300 & echo \$! >$PWD/child; echo sandbox-secret"
  expect 0 rhythm-token --get tenant_id --refresh
  out_is acme.org
  kill "$(<child)"
}

@test "a rotated secret is used at the next mint, and --refresh proves it" {
  sandbox_profile
  expect 0 rhythm-token print
  cp "$OUT" first
  knob client.secret=rotated-secret
  secret rotated-secret
  expect 0 rhythm-token print
  out_is_file first
  expect 77 rhythm-token print --refresh
  out_empty
  err_has 'rhythm-token: .* refused \(401 access_denied: Unauthorized\): client ID or secret is wrong; .*'
  expect 0 rhythm-token print
  out_is_file first
  sandbox_profile client_secret=rotated-secret
  expect 0 rhythm-token print --refresh
  out_matches '[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+'
  err_empty
  lines_are <(ls "$XDG_CACHE_HOME/rhythm") "$(identity)" "$(identity)+lock"
  mint_count 2
}

@test "no argument list and no environment of rhythm-net contains the secret or the token" {
  needs_root # /proc of a program that may not be dumped
  (umask 077 && echo sandbox-secret >kept)
  with_command "cat $PWD/kept"
  knob token.delay_ms=4000
  begin slow rhythm-token print
  pid=$BEGUN
  until_counter token_requests 1
  tr '\0' '\n' <"/proc/$pid/cmdline" >cmdline
  tr '\0' '\n' <"/proc/$pid/environ" >environ
  ps -ww -o args --pid "$pid" --ppid "$pid" >processes
  expect 0 head -n 1 cmdline
  out_matches rhythm-token
  has processes '.*/rhythm-net mint'
  no_secret cmdline environ processes
  finish 0 slow
  out_matches '.*\..*\..*'
  token=$(<"$OUT")
  expect 0 rhythm-token print
  out_is "$token"
}

@test "both programs disable core dumps before anything else" {
  needs_linux
  sandbox_profile
  trace 0 prctl,openat,execve rhythm-token print
  expect 0 grep -a -c 'prctl(PR_SET_DUMPABLE, SUID_DUMP_DISABLE) *= 0' trace
  out_is 2
  # no file of the user's was opened before
  sed -n '0,/PR_SET_DUMPABLE/p' trace >first
  expect 1 grep -a default.conf first
  out_empty
}

@test "a secret that the issuer echoes is not in the message, the ledger or the failure record" {
  for word in Unauthorized access_denied; do
    rm -rf "$XDG_STATE_HOME/rhythm"
    sandbox_profile "client_secret=$word"
    printf '%s\n' "$word" >"$BATS_TEST_TMPDIR/secrets"
    expect 77 rhythm-token
    out_empty
    err_matches "rhythm-token: $SANDBOX_HTTP refused \(401 .*\*\*\*.*\).*"
    no_secret
    no_secret "$(ledger)" "$XDG_CACHE_HOME/rhythm/$(identity)+failed"
  done
}

@test "a secret that the issuer echoes altered or in part is not in the message either" {
  local odd='s3cret/+&<x>"y'\''z\0123456789'
  knob "client.secret=$odd"
  while IFS= read -r echoed; do
    rm -rf "$XDG_STATE_HOME/rhythm"
    profile default "auth0_domain=$SANDBOX_HTTP" client_id=sandbox-client 'client_secret=s3cret/+&<x>"y'\''z\\0123456789' \
      "audience=_${echoed//\\/\\\\}_"
    expect 77 rhythm-token
    out_empty
    err_matches "rhythm-token: $SANDBOX_HTTP refused \(403 access_denied: (Service not enabled within domain: _?)?\*\*\*_?\): .*"
    expect 0 grep -c 403.access_denied "$(ledger)"
    grep -a -h -v '^begun' "$(ledger)" "$XDG_CACHE_HOME"/rhythm/*+failed >kept
    lacks kept 3456789
  done <<'END'
s3cret/+&<x>"y'z\0123456789
s3cret%2F%2B%26%3Cx%3E%22y%27z%5C0123456789
s3cret%252F%252B%2526%253Cx%253E%2522y%2527z%255C0123456789
s3cret/+&amp;&lt;x&gt;&quot;y&#39;z\0123456789
s3cret/+&#x26;&#x3C;x&#x3e;&#034;y&apos;z\0123456789
s3cret\/+\u0026\u003Cx\u003e\"y\u0027z\\0123456789
czNjcmV0LysmPHg+InknelwwMTIzNDU2Nzg5
c2FuZGJveC1jbGllbnQ6czNjcmV0LysmPHg-InknelwwMTIzNDU2Nzg5
3cret/+&<x>"y'z\012345678
y'z\01234567
END
}

@test "a secret of any bytes is sent unchanged" {
  odd=$'a b&c=d%20+/\\"\'\xc3\xa9;#'
  knob "client.secret=$odd"
  export RHYTHM_AUTH0_DOMAIN=$SANDBOX_HTTP RHYTHM_CLIENT_ID=sandbox-client RHYTHM_CLIENT_SECRET=$odd
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
}

@test "-v shows neither secret nor token, whatever the issuer responds" {
  sandbox_profile hourly_limit=0
  for answer in '' wrong-secret not-json no-token redirect cut; do
    knob "token.answer=$answer"
    case $answer in
      '') want=0 ;;
      wrong-secret) want=77 ;;
      cut) want=69 ;;
      *) want=76 ;;
    esac
    expect "$want" rhythm-token -v --refresh --get tenant_id
    err_has 'rhythm-token: .*/oauth/token: status [0-9]+, [0-9]+ bytes'
    no_secret
  done
}

@test "only the entry contains the token, and no other file of ours the secret" {
  sandbox_profile
  expect 0 rhythm-token print
  token=$(<"$OUT")
  expect 0 grep -r -l -F -e "$token" "$HOME" "$XDG_RUNTIME_DIR" "$TMPDIR"
  out_is "$(entry)"
  expect 0 grep -r -l -F -e sandbox-secret "$HOME" "$XDG_RUNTIME_DIR" "$TMPDIR"
  out_is "$XDG_CONFIG_HOME/rhythm/default.conf"
}

@test "a token in the wrong place is not repeated, and the message says where it belongs" {
  local opaque=aZ3Kx9qP0bT7vLmN2wRtYuIoP5sDfGhJkL8cVbNm1QwErTy place='which others can see in the process list'
  jwt '{"sub":"x"}'
  token=$(<token.jwt)
  secret "$opaque" c2lnbmF0dXJl "${opaque:0:32}"
  for given in "$token" "$opaque" "${opaque:0:32}" "Bearer $token"; do
    expect 64 rhythm-token "$given"
    out_empty
    err_is "rhythm-token: the command looks like a token, $place; run rhythm-token claims - instead, then paste the token"
    no_secret
    for command in claims verify "facts --token"; do
      # shellcheck disable=SC2086 # words
      expect 65 rhythm-token $command "$given"
      out_lacks '^[^c]'
      err_is "rhythm-token: the file name looks like a token, $place; give - instead, then paste the token"
      no_secret
    done
    expect 65 rhythm-token print --token "$given"
    out_empty
    err_is "rhythm-token: the file name looks like a token, $place; give - instead, then paste the token"
    no_secret
    for command in url curl; do
      expect 64 rhythm-token "$command" "$given" contacts
      out_empty
      err_is "rhythm-token: the argument for SERVICE looks like a token, $place; give --token - instead, then paste the token"
      expect 64 rhythm-token "$command" rolodex contacts "$given"
      out_empty
      err_is "rhythm-token: the argument for NAME=VALUE looks like a token, $place; give --token - instead, then paste the token"
      no_secret
    done
    RHYTHM_TOKEN_FILE=$given expect 78 rhythm-token print
    out_empty
    err_is 'rhythm-token: token_file should be the name of a file, but no such file exists (it is not shown because it may be the secret); create the file, or correct the name'
    no_secret
    RHYTHM_TOKEN_FILE=$given expect 0 rhythm-token config --get token_file
    out_is '***'
    # in a message a client ID looks like an old opaque token
    [[ $given != "${opaque:0:32}" ]] || continue
    for option in "--$given" "--min-valid=$given" "--format=$given" "-p$given" "--get=$given"; do
      expect "$(case $option in -p*) echo 78 ;; --get*) echo 65 ;; *) echo 64 ;; esac)" rhythm-token "$option" config
      out_empty
      err_any
      no_secret
    done
  done
}

@test "a secret given as a file's name is not repeated" {
  export RHYTHM_AUTH0_DOMAIN=$SANDBOX_HTTP RHYTHM_CLIENT_ID=sandbox-client
  for given in hunter2 'hunter2 and words' a/hunter2 'hunter2+/=' "$(printf 'x%.0s' {1..300})hunter2"; do
    secret hunter2
    RHYTHM_CLIENT_SECRET_FILE=$given expect 78 rhythm-token
    out_empty
    err_is 'rhythm-token: client_secret_file should be the name of a file, but no such file exists (it is not shown because it may be the secret); create the file, or correct the name'
    no_secret
    RHYTHM_CLIENT_SECRET_FILE=$given expect 0 rhythm-token config
    out_has 'client_secret_file=\*\*\*'
    no_secret
  done
  RHYTHM_CLIENT_SECRET_FILE=$'-----BEGIN\nhunter2' expect 78 rhythm-token
  out_empty
  err_is 'rhythm-token: client_secret_file=*** (env) should be a path without control characters'
  RHYTHM_CLIENT_SECRET_FILE=/run/secrets/rhythm expect 78 rhythm-token
  out_empty
  err_is 'rhythm-token: cannot read client_secret_file /run/secrets/rhythm: No such file or directory'
  RHYTHM_CLIENT_SECRET_COMMAND='echo aZ3Kx9qP0bT7vLmN2wRtYuIoP5sDfGhJkL8cVbNm1QwErTy' expect 0 rhythm-token config \
    --get client_secret_command
  out_is 'echo ***'
  counter_is connections 0
}
