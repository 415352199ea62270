#!/usr/bin/env bats
# Interop: rhythm-token treats the tokens of an independent OpenID provider as it treats Auth0's.

load ../helper

setup_file() {
  local fifo=$BATS_FILE_TMPDIR/alive
  mkfifo "$fifo"
  # The issuer ends when nobody holds the other end of its standard input any more, so it cannot outlive this file.
  exec 8<>"$fifo"
  node "${INTEROP:-$TESTS/interop}/issuer.mjs" <"$fifo" >"$BATS_FILE_TMPDIR/issuer.kv" 2>"$BATS_FILE_TMPDIR/issuer.log" 3>&- 4>&- 8>&- &
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

# asked - prints how many requests the token endpoint has received.
asked() {
  curl -q -s -f --noproxy '*' --max-time 10 "$ISSUER/_count" | value token_requests /dev/stdin
}

# asked_again N - it has received N requests since the case began.
asked_again() {
  same "$(($(asked) - BEFORE)) token requests" "$1 token requests"
}

@test "a certified issuer's token is fetched once and then shown from the cache" {
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
  asked_again 1
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
  asked_again 1
}

@test "the token's claims are sorted, without Rhythm's namespace" {
  expect 0 rhythm-token
  out_matches 'aud=https://api\.rhythmsoftware\.com' 'azp=interop-client' 'client_id=interop-client' \
    'customer_id=customer-1' 'exp=[0-9]+' 'gty=client-credentials' 'iat=[0-9]+' "iss=${ISSUER//./\\.}" 'jti=.+' \
    'sub=interop-client@clients' 'tenant_id=acme\.org'
  err_empty
}

@test "a token of type at+jwt counts as a JWT" {
  expect 0 rhythm-token header
  out_matches 'Authorization: Bearer [A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+'
  err_empty
  expect 0 jq -R -r 'ltrimstr("Authorization: Bearer ") | split(".")[0] | @base64d | fromjson | .typ' "$OUT"
  out_is at+jwt
  asked_again 1
}

@test "twenty processes that start together make one request" {
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

# --- a person logs in ---------------------------------------------------------------------------------------------------

LOGGED_IN='rhythm-token: logged in as .+; the token is valid for (86400|863[0-9]{2}) s and is renewed automatically'
OPENED=('rhythm-token: log in with your browser; if no login page opens, go to http://127\.0\.0\.1:[0-9]+/authorize\?[^ ]+'
  'rhythm-token: if the page says "Callback URL mismatch", ask Rhythm support to add http://[a-z0-9.:]+/callback to the application'\''s allowed callback URLs')

# native_profile - writes a profile of the public client; a program goes through the issuer's own pages.
native_profile() {
  profile native "auth0_domain=$ISSUER" client_id=interop-native grant=authorization_code scope=openid
  export BROWSER=$TESTS/interop/browser
  REVOKED=$(revoked)
}

revoked() {
  curl -q -s -f --noproxy '*' --max-time 10 "$ISSUER/_count" | value revoke_requests /dev/stdin
}

# kept NAME - prints a value of the session's one entry.
kept() {
  value "$1" "$(find "$XDG_RUNTIME_DIR/rhythm" -name 'authorization_code,*native')"
}

# redeem REFRESH_TOKEN - uses it as anybody who has it could.
redeem() {
  expect 0 curl -q -s --noproxy '*' --max-time 10 "$ISSUER/oauth/token" -d grant_type=refresh_token \
    -d client_id=interop-native --data-urlencode "refresh_token=$1"
  err_empty
}

@test "a user logs in through the issuer's own pages: code, PKCE, iss" {
  native_profile
  expect 0 rhythm-token login -p native
  out_empty
  err_matches "${OPENED[@]}" "$LOGGED_IN"
  no_secret
  asked_again 1
  expect 0 rhythm-token -p native --get contact_id
  out_is contact-ada
  expect 0 rhythm-token -p native --get sub
  out_is ada
  err_empty
  asked_again 1
  expect 0 rhythm-token -p native status
  out_has kind=user
  out_has state=valid
  out_has minted=0
}

@test "the user's token verifies against the issuer's key set" {
  native_profile
  expect 0 rhythm-token login -p native
  err_any
  out_empty
  expect 0 rhythm-token verify -p native
  out_has signature=valid
  out_has alg=RS256
  out_has kid=interop-1
  out_has sub=ada
  err_empty
}

@test "a user who declines is told so, and nothing is kept" {
  native_profile
  INTEROP_ANSWER=deny expect 77 rhythm-token login -p native
  out_empty
  err_matches "${OPENED[@]}" 'rhythm-token: the login failed: access_denied: .+'
  asked_again 0
  same "$(kept token 2>/dev/null)" ""
}

@test "renewal rotates the refresh token, and reusing an old one ends the login" {
  local first second
  native_profile
  expect 0 rhythm-token login -p native
  err_any
  out_empty
  first=$(kept refresh_token)
  expect 0 rhythm-token -p native --refresh --get sub
  out_is ada
  err_empty
  second=$(kept refresh_token)
  secret "$first" "$second"
  [[ $first != "$second" ]]
  asked_again 2
  expect 0 rhythm-token -p native --refresh --get sub
  out_is ada
  asked_again 3
  redeem "$first"
  out_has '.*"error":"invalid_grant".*'
  expect 77 rhythm-token -p native --refresh
  out_empty
  err_matches "rhythm-token: ${ISSUER//./\\.} refused \(400 invalid_grant: .*\): the login is invalid or has expired; run rhythm-token login again"
  no_secret
}

@test "twenty processes renew once" {
  local i
  native_profile
  expect 0 rhythm-token login -p native
  err_any
  out_empty
  sed -i "s/^expires_at=.*/expires_at=$(($(date +%s) - 5))/" "$(find "$XDG_RUNTIME_DIR/rhythm" -name 'authorization_code,*native')"
  for ((i = 0; i < 20; i++)); do
    begin "herd-$i" rhythm-token -p native --get sub
  done
  for ((i = 0; i < 20; i++)); do
    finish 0 "herd-$i"
    out_is ada
    err_empty
  done
  asked_again 2
}

@test "logout revokes the tokens at the issuer and wipes them here" {
  local token
  native_profile
  expect 0 rhythm-token login -p native
  err_any
  out_empty
  token=$(kept refresh_token)
  secret "$token"
  expect 0 rhythm-token logout -p native
  out_empty
  err_is 'rhythm-token: the token of profile native is deleted'
  same "$(($(revoked) - REVOKED)) revocations" "1 revocations"
  same "$(kept token 2>/dev/null)" ""
  redeem "$token"
  out_has '.*"error":"invalid_grant".*'
  expect 77 rhythm-token -p native
  out_empty
  err_is 'rhythm-token: nobody is logged in; run rhythm-token login -p native'
}
