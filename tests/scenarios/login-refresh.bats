#!/usr/bin/env bats
# A login is renewed silently: with rotation, once for any number of processes, and without counting in the ledger's month.

load ../helper
load ../login

setup_file() { sandbox_start; }
setup() { login_setup; }

# refresh_token - prints the one of the session, and makes it a secret.
refresh_token() {
  local token
  token=$(value refresh_token "$(entry)") || return
  secret "$token"
  printf '%s\n' "$token"
}

# short_lived - logs in with a token for one second and waits until it expires; later tokens last long.
short_lived() {
  knob authorize.user=ada@acme.example token.expires_in=1
  logged_in
  knob token.expires_in=86400
  sleep 1.1
}

@test "an expired token is renewed silently, and the new refresh token replaces the old one" {
  local old new
  user_profile
  short_lived
  old=$(refresh_token)
  expect 0 rhythm-token --get contact_id
  out_is contact-ada
  err_empty
  counter_is last_grant_type refresh_token
  counter_is token_requests 2
  new=$(refresh_token)
  [[ $new != "$old" ]]
  same "$(grep -c '^refresh_token=' "$(entry)")" 1
  expect 0 find "$XDG_RUNTIME_DIR/rhythm" -name '*+new'
  out_empty
  expect 0 rhythm-token --get contact_id
  out_is contact-ada
  counter_is token_requests 2
}

@test "rotation goes on: each renewal uses the newest refresh token" {
  local i
  user_profile
  logged_in
  for i in 2 3 4 5; do
    expect 0 rhythm-token --refresh --get sub
    out_is 'auth0|ada'
    err_empty
    counter_is token_requests "$i"
    counter_is mints "$i"
  done
}

@test "a failed renewal keeps the refresh token" {
  local old
  user_profile
  logged_in
  old=$(refresh_token)
  knob token.answer=503 token.answer_times=1
  expect 69 rhythm-token --refresh
  err_any
  out_empty
  same "$(refresh_token)" "$old"
}

@test "twenty processes that find an expired token make one renewal" {
  local i
  user_profile
  short_lived
  knob token.delay_ms=300
  for ((i = 0; i < 20; i++)); do
    begin "herd-$i" rhythm-token --get contact_id
  done
  for ((i = 0; i < 20; i++)); do
    finish 0 "herd-$i"
    out_is contact-ada
    err_empty
  done
  counter_is token_requests 2
  counter_is mints 2
}

@test "a refresh token that was used before ends the login, with a message" {
  user_profile
  knob authorize.user=ada@acme.example token.expires_in=1
  logged_in
  cp "$(entry)" old
  expect 0 rhythm-token --refresh --get sub
  out_is 'auth0|ada'
  cp old "$(entry)"
  sleep 1.1
  expect 77 rhythm-token
  out_empty
  err_matches "rhythm-token: ${SANDBOX_HTTP//./\\.} refused \(403 invalid_grant: Unknown or invalid refresh token\.\): the login is invalid or has expired; run rhythm-token login again"
  secret "$(value refresh_token old)"
  no_secret
  knob token.expires_in=86400
  logged_in
  expect 0 rhythm-token --get contact_id
  out_is contact-ada
  err_empty
}

@test "twenty processes with an ended login make one request" {
  local i
  user_profile
  short_lived
  knob token.answer=invalid-refresh token.delay_ms=3000
  for ((i = 0; i < 20; i++)); do
    begin "herd-$i" rhythm-token --get contact_id
  done
  for ((i = 0; i < 20; i++)); do
    finish 77 "herd-$i"
    out_empty
    err_matches 'rhythm-token: .* the login is invalid or has expired; run rhythm-token login again'
  done
  counter_is token_requests 2
}

@test "a user who never logged in is told to run login" {
  user_profile
  expect 77 rhythm-token
  out_empty
  err_is 'rhythm-token: nobody is logged in; run rhythm-token login'
  user_profile of-ada grant=password username=ada@acme.example
  expect 77 rhythm-token -p of-ada header
  out_empty
  err_is 'rhythm-token: nobody is logged in; run rhythm-token login -p of-ada'
  counter_is connections "$(counter connections)"
  counter_is token_requests 0
}

@test "a login without a refresh token ends when its token expires" {
  user_profile
  short_lived
  sed -i '/^refresh_token=/d' "$(entry)"
  expect 77 rhythm-token
  out_empty
  err_is 'rhythm-token: the login has expired, and the issuer gave no refresh token; run rhythm-token login'
  counter_is token_requests 1
}

@test "if the issuer fails, the old token serves until it expires, and the refresh token is kept" {
  local old
  user_profile
  knob authorize.user=ada@acme.example token.expires_in=30
  logged_in
  old=$(refresh_token)
  sleep 1
  knob token.answer=500
  expect 0 rhythm-token --min-valid 15 --get contact_id
  out_is contact-ada
  err_any
  expect 69 rhythm-token --refresh
  out_empty
  err_any
  same "$(refresh_token)" "$old"
}

@test "users' tokens do not count toward the limits, but are in the ledger" {
  user_profile hourly_limit=1 monthly_limit=1
  logged_in
  expect 0 rhythm-token --refresh --get sub
  out_is 'auth0|ada'
  err_empty
  expect 0 rhythm-token --refresh --get sub
  out_is 'auth0|ada'
  expect 0 rhythm-token status
  out_has kind=user
  out_has state=valid
  out_has minted=0
  out_has limit=1
  out_has left=1
  out_has projected=0
  err_empty
  no_secret
  expect 0 rhythm-token status --log
  out_matches version=1 'begun\.[0-9.]+=authorization_code,.*' 'ok\.[0-9.]+=200' 'begun\.[0-9.]+=authorization_code,.*' \
    'ok\.[0-9.]+=200' 'begun\.[0-9.]+=authorization_code,.*' 'ok\.[0-9.]+=200'
  no_secret
}

@test "a machine's token counts, while a user's in the same ledger does not" {
  user_profile
  logged_in
  sandbox_profile machine
  expect 0 rhythm-token -p machine --get tenant_id
  out_is acme.org
  expect 0 rhythm-token -p machine status --get minted
  out_is 1
  expect 0 rhythm-token status --get minted
  out_is 1
}
