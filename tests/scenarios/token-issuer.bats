#!/usr/bin/env bats
# What rhythm-token does with each response of an issuer: one line, the right status, the right line in the ledger, and the
# last good entry is kept.
# shellcheck disable=SC2030,SC2031 # each case is a process of its own

load ../helper
load token

setup_file() { sandbox_start; }

# answers ANSWER STATUS OUTCOME WHY MESSAGE - the issuer's answer, and what comes of it; MESSAGE and WHY are patterns.
answers() {
  knob "token.answer=$1"
  expect "$2" rhythm-token --refresh
  out_empty
  err_matches "rhythm-token: $SANDBOX_HTTP$5"
  no_secret
  sed -n -E 's/^(ok|denied|unknown|unsent)\.[^=]*=/\1 /p' "$(ledger)" | tail -n 1 >outcome
  matches outcome "$3 $4"
}

@test "a quota refusal is guessed only if the ledger is near its limit" {
  sandbox_profile monthly_limit=10 hourly_limit=0
  knob token.answer=month-spent
  used 7
  expect 77 rhythm-token
  out_empty
  err_has '.* refused \(403 quota_spent: .*\); ask Rhythm support'
  used 1
  expect 77 rhythm-token
  out_empty
  err_has ".* refused \(403 quota_spent: .*\); this month's tokens may be used up: see rhythm-token status"
}

@test "each refusal in Auth0's table is 77, with its meaning and its remedy" {
  sandbox_profile hourly_limit=0
  expect 0 rhythm-token print
  cp "$(entry)" good
  local refused=' refused \(' compare='client ID or secret is wrong; compare both with Rhythm Console > Security & Settings > API Keys'
  answers wrong-secret 77 denied '401 access_denied' "${refused}401 access_denied: Unauthorized\): $compare"
  answers invalid-client 77 denied '401 invalid_client' "${refused}401 invalid_client: Client authentication failed\): $compare"
  answers wrong-audience 77 denied '403 access_denied' \
    "${refused}403 access_denied: Service not enabled within domain: https://api\.rhythmsoftware\.com\): this issuer does not know the audience; use audience=https://api\.rhythmsoftware\.com and the auth0_domain that Rhythm Console shows"
  answers no-client-grant 77 denied '403 access_denied' \
    "${refused}403 access_denied: Client is not authorized to access .*\): this client may not request this audience; ask Rhythm's support to authorize this client for the audience"
  answers grant-not-allowed 77 denied '403 unauthorized_client' \
    "${refused}403 unauthorized_client: Grant type 'client_credentials' not allowed for the client\.\): this client may not use this grant; set another grant, or ask Rhythm's support to enable this grant"
  answers wrong-password 77 denied '403 invalid_grant' "${refused}403 invalid_grant: Wrong email or password\.\): username or password is wrong; check both"
  answers invalid-user-password 77 denied '403 invalid_user_password' "${refused}403 invalid_user_password: .*\): username or password is wrong; check both"
  answers mfa-required 77 denied '401 mfa_required' \
    "${refused}401 mfa_required: .*\): this user needs a second factor; set grant=authorization_code and use rhythm-token login"
  answers password-leaked 77 denied '401 password_leaked' "${refused}401 password_leaked: .*\): this password was found in a leak; set a new password"
  answers action-invalid-scope 77 denied '400 invalid_scope' "${refused}400 invalid_scope: .*\): the issuer refuses this scope; set another scope, or none"
  answers action-invalid-request 77 denied '400 invalid_request' \
    "${refused}400 invalid_request: .*\): the issuer does not accept this request; check the settings: rhythm-token config"
  cmp good "$(entry)"
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
  mint_count 1
}

@test "a refusal that is not in the table is reported without a guess at its reason" {
  sandbox_profile
  answers month-spent 77 denied '403 quota_spent' \
    ' refused \(403 quota_spent: Monthly token limit reached\); ask Rhythm support'
}

@test "too many requests is 75, with Retry-After or the quota if it was sent" {
  sandbox_profile hourly_limit=0
  local many=' refused \(429 too_many_requests: Rate limit exceeded\.' wait='too many requests in a short time; wait, then try again'
  answers rate-limit-bare 75 denied '429 too_many_requests' "$many\): $wait"
  answers rate-limit 75 denied '429 too_many_requests' "$many; Retry-After 1\): $wait"
  answers retry-after-date 75 denied '429 too_many_requests' "$many; Retry-After [A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} .* GMT\): $wait"
  answers too-many-attempts 75 denied '429 too_many_attempts' \
    ' refused \(429 too_many_attempts: .*\): this user is blocked after too many wrong passwords; wait, or unblock the user'
  answers client-quota 75 denied '429 too_many_requests' \
    " refused \(429 too_many_requests: Client quota exceeded; Auth0-Client-Quota-Limit b=per_hour;q=10;r=0;t=1800\): the issuer's token quota is used up; wait, and see rhythm-token status \(the quota resets in 1800 s\)" # meta: only words
  expect 1 rhythm-token status --get failure.message
  out_matches '.*b=per_hour;q=10;r=0;t=1800.*'
}

@test "a failing issuer is 69, and the token may have been counted" {
  sandbox_profile hourly_limit=0
  local again='try again later'
  answers action-server-error 69 unknown '500 server_error' " failed with 500 \(server_error: An Action failed\.\); $again"
  answers 500 69 unknown '500 server_error' " failed with 500 \(.*\); $again"
  answers 503 69 unknown '503 temporarily_unavailable' " failed with 503 \(.*\); $again"
  answers 503-retry-after 69 unknown '503 temporarily_unavailable' " failed with 503 \(.*; Retry-After 1\); $again"
  counter_is token_requests 4
}

@test "a response that no token endpoint sends is 76" {
  sandbox_profile hourly_limit=0
  local right='check auth0_domain'
  answers not-json 76 unknown 200 " did not return a JSON object; $right"
  answers empty 76 unknown 200 " did not return a JSON object; $right"
  answers array 76 unknown 200 " did not return a JSON object; $right"
  answers no-token 76 unknown 200 " returned 200 without a usable access_token; $right"
  knob token.type=mac
  answers '' 76 unknown 200 " returned a token that is not of type Bearer; $right"
  knob token.type=none
  answers '' 76 unknown 200 " returned a token that is not of type Bearer; $right"
}

@test "a token type's case is ignored" {
  sandbox_profile
  knob token.type=bearer
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
}

@test "of a repeated name in a response the last value counts" {
  sandbox_profile
  knob token.answer=repeated-name
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
  expect 0 rhythm-token print
  out_matches 'ey[^.]+\.[^.]+\.[^.]+'
  mint_count 1
}

@test "a response over 1 MiB is 76" {
  sandbox_profile hourly_limit=0
  answers huge 76 unknown 'the response exceeds 1048576 bytes' ': the response exceeds 1048576 bytes; check auth0_domain'
}

@test "redirects of any kind are not followed" {
  sandbox_profile hourly_limit=0
  for kind in 301 302 303 307 308; do
    knob "redirect_status=$kind"
    answers redirect 76 unknown "$kind" ' returned a redirect, which is not followed; check auth0_domain'
  done
  counter_is landings 0
  counter_is token_requests 5
}

@test "a response that breaks off, hangs or drips is 69 within the time limit, and is not requested again" {
  sandbox_profile hourly_limit=0 timeout=1
  local counted='; try again, although the issuer may already have counted this request as a token'
  answers close 69 unknown 'Empty reply from server' " did not respond: Empty reply from server$counted"
  answers cut 69 unknown '.+' " sent an incomplete response: .+$counted"
  answers hang 69 unknown 'Operation timed out .*' " did not respond: Operation timed out after 10[0-9]{2} milliseconds with .*$counted"
  answers drip 69 unknown 'Operation timed out .*' " sent an incomplete response: Operation timed out after 10[0-9]{2} milliseconds with .*$counted"
  counter_is token_requests 4
}

kept_for_the_life_in_its_claims() {
  expect 0 rhythm-token --get tenant_id --refresh
  out_is acme.org
  err_is 'rhythm-token: warning: the issuer did not say how long the token is valid; it is kept for 7200 s'
  expect 0 rhythm-token status --get expires_in
  out_matches '7200|719[0-9]'
}

@test "a token without expires_in lives as long as its claims say" {
  sandbox_profile
  for life in none null '"86400"' -5 0 86400.5; do
    knob "token.expires_in=$life" token.lifetime=7200
    kept_for_the_life_in_its_claims
  done
}

@test "an expires_in of 1,000,000,000 s or more is ignored, one a second less is used" {
  sandbox_profile
  knob token.lifetime=7200
  for life in 1000000000 9223372036854775807; do
    knob "token.expires_in=$life"
    kept_for_the_life_in_its_claims
  done
  knob token.expires_in=999999999
  expect 0 rhythm-token --get tenant_id --refresh
  out_is acme.org
  expect 0 rhythm-token status --get expires_in
  out_matches '99999999[0-9]'
}

@test "a token of unknown life is kept for an hour" {
  sandbox_profile
  knob token.expires_in=none 'token.claims={"exp":null}'
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_is 'rhythm-token: warning: the issuer did not say how long the token is valid; it is kept for 3600 s'
}

@test "Auth0's quota headers are kept, and shown by status" {
  sandbox_profile
  knob 'token.quota_header=b=per_hour;q=10;r=7;t=3540,b=per_day;q=50;r=47;t=43200'
  expect 0 rhythm-token print
  expect 0 rhythm-token status
  out_has quota.per_hour.limit=10
  out_has quota.per_hour.left=7
  out_has quota.per_hour.resets_in=3540
  out_has quota.per_day.limit=50
  out_has quota.per_day.left=47
  out_has quota.per_day.resets_in=43200
  err_empty
}

@test "hostile quota headers do no harm" {
  sandbox_profile
  knob "token.quota_header=b=$(head -c 300 /dev/zero | tr '\0' x);q=1;r=x;t=-5,,;;q,=,b=,b==;q=2;b=a b%;q=99999999999999999999;r=3"
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
  expect 0 rhythm-token status
  out_has 'quota\.x{31}\.limit=1'
  out_lacks '99999'
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  mint_count 1
}

@test "an issuer's control characters reach neither the terminal nor the ledger" {
  sandbox_profile audience=
  RHYTHM_AUDIENCE=$'x\e[2J\ny' expect 77 rhythm-token
  out_empty
  err_matches "rhythm-token: .*Service not enabled within domain: x\\\\x1b\\[2J\\\\ny.*"
}
