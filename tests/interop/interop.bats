#!/usr/bin/env bats
# Interop: an OpenID provider that nobody here wrote hands out tokens, and rhythm-token treats them as it treats Auth0's.

load ../helper

setup_file() {
  local fifo=$BATS_FILE_TMPDIR/alive
  mkfifo "$fifo"
  # The issuer ends when nobody holds the other end of its standard input any more, so it cannot outlive this file.
  exec 8<>"$fifo"
  node "$TESTS/interop/issuer.mjs" <"$fifo" >"$BATS_FILE_TMPDIR/issuer.kv" 2>"$BATS_FILE_TMPDIR/issuer.log" 3>&- 4>&- 8>&- &
  export ISSUER_PID=$!
  await "$BATS_FILE_TMPDIR/issuer.kv" issuer "$ISSUER_PID" || { cat "$BATS_FILE_TMPDIR/issuer.log" >&2; return 1; }
  ISSUER=$(value issuer "$BATS_FILE_TMPDIR/issuer.kv")
  export ISSUER
}

teardown_file() {
  kill "$ISSUER_PID"
}

setup() {
  common_setup
  export RHYTHM_AUTH0_DOMAIN=$ISSUER RHYTHM_CLIENT_ID=interop-client RHYTHM_CLIENT_SECRET=interop-secret
  export RHYTHM_AUDIENCE=https://api.rhythmsoftware.com
  BEFORE=$(asked)
}

# asked - prints how many requests the token endpoint has seen.
asked() {
  curl -q -s -f --noproxy '*' --max-time 10 "$ISSUER/_count" | value token_requests /dev/stdin
}

# asked_again N - since the case began.
asked_again() {
  same "$(($(asked) - BEFORE)) token requests" "$1 token requests"
}

@test "a token of a certified issuer is fetched once and shown from the cache" {
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
  asked_again 1
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
  asked_again 1
}

@test "its claims come out sorted, with Rhythm's namespace dropped" {
  expect 0 rhythm-token
  out_matches 'aud=https://api\.rhythmsoftware\.com' 'azp=interop-client' 'client_id=interop-client' \
    'customer_id=customer-1' 'exp=[0-9]+' 'gty=client-credentials' 'iat=[0-9]+' "iss=${ISSUER//./\\.}" 'jti=.+' \
    'sub=interop-client@clients' 'tenant_id=acme\.org'
  err_empty
}

@test "a JWT whose type is at+jwt is a JWT" {
  expect 0 rhythm-token header
  out_matches 'Authorization: Bearer [A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+'
  err_empty
  expect 0 jq -R -r 'ltrimstr("Authorization: Bearer ") | split(".")[0] | @base64d | fromjson | .typ' "$OUT"
  out_is at+jwt
  asked_again 1
}

@test "twenty processes that start together ask once" {
  local i
  for ((i = 0; i < 20; i++)); do
    begin "herd-$i" rhythm-token --get sub
  done
  for ((i = 0; i < 20; i++)); do
    finish 0 "herd-$i"
    out_is interop-client@clients
    err_empty
  done
  asked_again 1
}

@test "a wrong secret is refused in one line, and leaves nothing behind" {
  export RHYTHM_CLIENT_SECRET=not-the-interop-one
  secret not-the-interop-one
  expect 77 rhythm-token
  out_empty
  err_matches 'rhythm-token: .+'
  no_secret
  asked_again 1
}
