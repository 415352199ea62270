#!/usr/bin/env bats
# rhythm-get: where the token and the secret must not appear.

load ../helper

setup_file() { sandbox_start; }

setup() {
  common_setup
  sandbox_profile
}

# spy NAME - puts a program before NAME in PATH that records its arguments and environment in a file and then runs NAME.
spy() {
  mkdir -p "$BATS_TEST_TMPDIR/spy"
  printf '%s\n' '#!/bin/sh' "{ printf '%s\\n' \"\$0\" \"\$@\"; env; } >'$BATS_TEST_TMPDIR/seen.$1.'\$\$" "exec $(command -v "$1") \"\$@\"" \
    >"$BATS_TEST_TMPDIR/spy/$1"
  chmod +x "$BATS_TEST_TMPDIR/spy/$1"
  PATH=$BATS_TEST_TMPDIR/spy:$PATH
}

@test "no argument and no environment of the programs it runs holds the token or the secret" {
  sed -i '/^client_secret=/d' "$XDG_CONFIG_HOME/rhythm/default.conf"
  local with=(env RHYTHM_CLIENT_SECRET=sandbox-secret RHYTHM_PASSWORD=sandbox-secret RHYTHM_REDIS_URL=redis://:sandbox-secret@127.0.0.1:1
    RHYTHM_CACHE_URL=redis://:sandbox-secret@127.0.0.1:1)
  local program
  for program in curl jq cat awk sed head mktemp rm date; do
    spy "$program"
  done
  expect 0 "${with[@]}" rhythm-get rolodex 'contacts/{tenantId}/c-1' --jq .id
  out_is c-1
  expect 0 "${with[@]}" rhythm-get -i rolodex 'contacts/{tenantId}/c-1'
  out_has '.*"id":"c-1".*'
  expect 22 "${with[@]}" rhythm-get rolodex 'contacts/{tenantId}/missing'
  err_any
  expect 0 "${with[@]}" rhythm-get rolodex 'contacts/{tenantId}' -d @- --jq .sys_version <<<'{}'
  out_is 1
  cd "$BATS_TEST_TMPDIR"
  printf '%s\n' seen.* | cut -d . -f 2 | grep -v -E '^(sed|head|rm|date)$' | sort -u >ran
  lines_are ran awk cat curl jq mktemp
  no_secret seen.*
}

@test "ps shows no token during a call" {
  expect 0 rhythm-token print
  cp "$OUT" "$HOME/token"
  knob api.latency_ms=1500
  begin slow rhythm-get rolodex 'contacts/{tenantId}/c-1' --jq .id
  until_counter api_requests 1
  own_processes >processes
  grep -q -F 'curl -q -g' processes
  no_secret processes
  finish 0 slow
  out_is c-1
  err_empty
}

@test "-v shows what curl does, with the token blotted out" {
  expect 0 rhythm-get -v rolodex 'contacts/{tenantId}/c-1' --jq .id
  out_is c-1
  err_has '> GET /rolodex/contacts/acme\.org/c-1 HTTP/1\.1.?'
  err_has '> Authorization: Bearer \*\*\*.?'
  err_has '< HTTP/1\.1 200 OK.?'
  no_secret
  knob api.answer=403-missing-equal
  expect 22 rhythm-get --verbose rolodex 'contacts/{tenantId}/c-1'
  out_empty
  err_has ".*Bearer \*\*\*.*"
  no_secret
}

@test "-v blots out every header that contains a secret, and a proxy's password" {
  sandbox_profile api_base="$SANDBOX_HTTPS/{service}" ca_bundle="$SANDBOX_CA"
  secret S3cret-1 Ym9iOlMzY3JldC0x
  expect 0 rhythm-token print
  https_proxy=http://bob:S3cret-1@${SANDBOX_HTTP#http://} expect 69 rhythm-get -v rolodex contacts/acme.org/c-1
  err_has '> Proxy-Authorization: Basic \*\*\*'
  err_has ".*'http://\*\*\*@127\.0\.0\.1:[0-9]+'.*"
  no_secret
  expect 0 rhythm-get -v rolodex contacts/acme.org/c-1 --jq .id -H 'Cookie: a=S3cret-1' -H 'X-Api-Key: S3cret-1' \
    -H 'X-Auth-Token: S3cret-1' -H 'X-Other: seen'
  err_has '> Cookie: \*\*\*'
  err_has '> X-Api-Key: \*\*\*'
  err_has '> X-Auth-Token: \*\*\*'
  err_has '> X-Other: seen'
  no_secret
}

@test "a token or secret typed in the wrong place is not repeated" {
  expect 0 rhythm-token print
  local token words instead
  token=$(<"$OUT")
  instead="rhythm-get: an argument is a token, which other users can read; omit it to use the profile's token, or put it into a file and use --token FILE; see rhythm-get --help" # meta: words
  for words in "$token" "rolodex $token" "rolodex contacts $token" "--token $token rolodex x" "--token=$token rolodex x" \
    "-p $token rolodex x"; do
    # shellcheck disable=SC2086 # words are meant
    expect 64 rhythm-get $words
    err_is "$instead"
    no_secret
  done
  expect 64 rhythm-get rolodex x "Authorization: Bearer $token"
  err_is "$instead"
  expect 64 rhythm-get rolodex x "Bearer $token"
  err_is "$instead"
  secret S3cret-1
  for words in '-- --oauth2-bearer=S3cret-1' '-- --oauth2-bearer S3cret-1' '-- -uname:S3cret-1' '-- S3cret-1' '--oauth2-bearer=S3cret-1' \
    '--user name:S3cret-1' '-u name:S3cret-1' '-H Authorization:S3cret-1'; do
    # shellcheck disable=SC2086
    expect 64 rhythm-get rolodex x $words
    err_any
    no_secret
  done
  expect 64 rhythm-get rolodex x -H ' Authorization: Bearer S3cret-1'
  err_any
  no_secret
  expect 65 rhythm-get rolodex x -d "@$token"
  err_is 'rhythm-get: -d @***: cannot read this file: File name too long; name a file that you can read'
  no_secret
  counter_is api_requests 0
}

@test "the API receives exactly the token that rhythm-token prints" {
  expect 0 rhythm-token header
  local sum
  sum=$(tr -d '\n' <"$OUT" | sed 's/^Authorization: //' | sha256sum | cut -d ' ' -f 1)
  expect 0 rhythm-get echo x --jq '.headers.authorization, .authorization_scheme'
  out_is "sha256:$sum" Bearer
  err_empty
}

@test "if no token can be minted, no request is made" {
  knob token.answer=500
  expect 69 rhythm-get rolodex contacts/acme.org/c-1
  out_empty
  err_matches 'rhythm-token: .*'
  no_secret
  counter_is api_requests 0
}

@test "a GET with a cached token runs four programs" {
  expect 0 rhythm-token -q
  ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0 expect 0 strace -ff -e trace=execve -o trace rhythm-get rolodex 'contacts/{tenantId}/c-1'
  out_has '.*"id":"c-1".*'
  err_any
  cat trace.* | sed -n -E 's|^execve\("([^"]*/)?([^"/]*)".* = 0$|\2|p' | sort >programs
  lines_are programs cat curl rhythm-get rhythm-token
}

@test "a setting of several lines adds nothing to curl's configuration" {
  export RHYTHM_CA_BUNDLE=$'/x\nurl = "'$SANDBOX_HTTP/_sandbox/landing$'"\n#'
  expect 78 rhythm-get rolodex contacts/acme.org/c-1
  out_empty
  err_is "rhythm-token: ca_bundle=/x\\nurl = \"$SANDBOX_HTTP/_sandbox/landing\"\\n# (env) should be a path without control characters"
  counter_is landings 0
  counter_is api_requests 0
  no_secret
}
