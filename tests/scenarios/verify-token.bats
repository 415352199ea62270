#!/usr/bin/env bats
# verify: a token is trusted for its signature, issuer, audience and times, and for nothing else.
# shellcheck disable=SC2016 # $now is jq's

load ../helper

setup_file() { sandbox_start; }
setup() {
  common_setup
  sandbox_profile
}

AUDIENCE=https://api.rhythmsoftware.com
NO_ALG="reason=the header's alg is not RS, PS or ES with 256, 384 or 512"

# signed QUERY JSON - writes a token to the file `token`, signed by the sandbox.
signed() {
  curl -q -s -f --noproxy '*' --max-time 10 --data-binary "$2" "$SANDBOX_HTTP/_sandbox/token?$1" >token
}

# claims [FILTER] - prints valid claims, changed by the jq filter.
claims() {
  jq -n -c --arg iss "$SANDBOX_HTTP/" --arg aud "$AUDIENCE" --argjson now "$(date +%s)" \
    '{$iss, $aud, sub: "someone", iat: $now, exp: ($now + 3600)}'" | ${1:-.}"
}

# judged STATUS LINE... - verifies the token in the file; alg, kid and the claims in the output are ignored.
judged() {
  local status=$1
  shift
  expect "$status" rhythm-token verify token
  err_empty
  grep -v -E '^(alg|kid|iss|aud|sub|exp)=' "$OUT" >rest || :
  lines_are rest "$@"
}

# An ERE for the complete output.
whole() {
  printf '%s\n' "signature=$1" "alg=$2" 'kid=.+' "iss=${SANDBOX_HTTP//./\\.}/" "aud=$AUDIENCE" 'sub=.+' 'exp=[0-9]+'
}

@test "verify prints the verdict on the cached token and all its facts" {
  local -a lines
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  mapfile -t lines < <(whole valid RS256)
  expect 0 rhythm-token verify
  out_matches "${lines[@]}"
  err_empty
  no_secret
  mint_count 1
  counter_is jwks_requests 1
  expect 0 rhythm-token verify --get signature
  out_is valid
  expect 0 rhythm-token verify --format=json
  expect 0 jq -r .signature "$OUT"
  out_is valid
  expect 0 rhythm-token verify --format=shell
  out_has "rhythm_signature='valid'"
  counter_is jwks_requests 1
}

@test "for a cached token what was signed is judged, not its entry" {
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  sed -i '/^payload=/s/sandbox-client@clients/forged/' "$XDG_CACHE_HOME"/rhythm/client_credentials*,,
  expect 0 rhythm-token verify --get sub
  out_is sandbox-client@clients
  err_empty
}

@test "a token is verified from a file, standard input or a header line" {
  signed alg=RS256 "$(claims)"
  expect 0 rhythm-token verify token
  out_has signature=valid
  expect 0 rhythm-token verify - <token
  out_has signature=valid
  expect 0 rhythm-token verify --token token
  out_has signature=valid
  sed 's/^/Authorization: Bearer /' token >header
  expect 0 rhythm-token verify header
  out_has signature=valid
  err_empty
  mint_count 0
}

@test "the sandbox's algorithms verify, each with its own key" {
  local alg
  for alg in RS256 RS384 RS512 PS256 PS384 PS512 ES256; do
    knob "token.alg=$alg"
    rm -rf "$XDG_CACHE_HOME"
    signed "alg=$alg" "$(claims)"
    expect 0 rhythm-token verify token
    out_has signature=valid
    out_has "alg=$alg"
    err_empty
  done
}

@test "none and HMAC are refused before any fetch, also with the issuer's public key as the secret" {
  signed alg=HS256 "$(claims)"
  judged 1 signature=invalid "$NO_ALG"
  signed alg=HS512 "$(claims)"
  judged 1 signature=invalid "$NO_ALG"
  signed alg=none "$(claims)"
  judged 1 signature=invalid "$NO_ALG"
  counter_is jwks_requests 0
}

@test "input that is not a JWS is not valid" {
  echo opaque-token >token
  judged 1 signature=invalid 'reason=is not a JWT: it has no dots'
  echo a.b >token
  judged 1 signature=invalid 'reason=is not a JWT: it does not have three parts'
  echo a.b.c.d.e >token
  judged 1 signature=invalid 'reason=is not a JWT: it does not have three parts'
  echo 'e30.e30.A=' >token
  judged 1 signature=invalid 'reason=is not a JWT: it contains characters that are not base64url'
  echo '.e30.AA' >token
  judged 1 signature=invalid 'reason=is not a JWT: its header is not a JSON object'
  echo 'e30.e30.AA' >token
  judged 1 signature=invalid "$NO_ALG"
  counter_is jwks_requests 0
}

@test "an expired token is not valid, except within the leeway" {
  signed alg=RS256 "$(claims '.exp = $now - 30')"
  judged 0 signature=valid
  expect 1 rhythm-token verify --leeway 10 token
  out_has signature=valid
  out_has 'reason=expired 3[0-9] s ago'
  err_empty
  signed alg=RS256 "$(claims '.exp = $now - 90')"
  expect 1 rhythm-token verify token
  out_has signature=valid
  out_has 'reason=expired 9[0-9] s ago'
  expect 0 rhythm-token verify --leeway=120 token
  out_has signature=valid
  expect 64 rhythm-token verify --leeway=-1 token
  out_empty
  err_is 'rhythm-token: --leeway=-1 should be a whole number, 0 to 1000000000; see rhythm-token --help'
}

@test "a missing, non-numeric or huge exp is judged correctly" {
  signed alg=RS256 "$(claims 'del(.exp)')"
  judged 1 signature=valid 'reason=exp is missing or not a number'
  signed alg=RS256 "$(claims '.exp = "9999999999"')"
  judged 1 signature=valid 'reason=exp is missing or not a number'
  signed alg=RS256 "$(claims '.exp = null')"
  judged 1 signature=valid 'reason=exp is missing or not a number'
  signed alg=RS256 "$(claims '.exp = 1e300')"
  judged 0 signature=valid
  signed alg=RS256 "$(claims '.exp = -1e300')"
  expect 1 rhythm-token verify token
  out_has 'reason=expired [0-9]+ s ago'
  err_empty
}

@test "an nbf in the future is not valid, except within the leeway, nor one that is not a number" {
  signed alg=RS256 "$(claims '.nbf = $now + 30')"
  judged 0 signature=valid
  signed alg=RS256 "$(claims '.nbf = $now + 500')"
  expect 1 rhythm-token verify token
  out_has 'reason=becomes valid in (500|49[0-9]) s'
  err_empty
  signed alg=RS256 "$(claims '.nbf = "soon"')"
  judged 1 signature=valid 'reason=nbf is not a number'
}

@test "an iss must be the issuer's, with or without the slash" {
  local other='reason=iss is missing, but the configured issuer is '$SANDBOX_HTTP/
  signed alg=RS256 "$(claims '.iss = "https://other.example/"')"
  judged 1 signature=valid "reason=iss is https://other.example/, but the configured issuer is $SANDBOX_HTTP/"
  signed alg=RS256 "$(claims '.iss = .iss + "/"')"
  judged 1 signature=valid "reason=iss is $SANDBOX_HTTP//, but the configured issuer is $SANDBOX_HTTP/"
  signed alg=RS256 "$(claims 'del(.iss)')"
  judged 1 signature=valid "$other"
  signed alg=RS256 "$(claims '.iss = [.iss]')"
  judged 1 signature=valid "$other"
  signed alg=RS256 "$(claims '.iss |= rtrimstr("/")')"
  judged 0 signature=valid
}

@test "the keys are the configured issuer's, never the token's issuer's" {
  signed alg=RS256 "$(claims '.iss = "http://127.0.0.1:1/"')"
  judged 1 signature=valid "reason=iss is http://127.0.0.1:1/, but the configured issuer is $SANDBOX_HTTP/"
  counter_is jwks_requests 1
}

@test "an aud must be or include the audience" {
  signed alg=RS256 "$(claims '.aud = ["https://other.example", .aud]')"
  judged 0 signature=valid
  signed alg=RS256 "$(claims '.aud = "https://other.example"')"
  judged 1 signature=valid "reason=aud does not include $AUDIENCE"
  signed alg=RS256 "$(claims '.aud += ".evil.example"')"
  judged 1 signature=valid "reason=aud does not include $AUDIENCE"
  signed alg=RS256 "$(claims '.aud = [[.aud], {a: .aud}, 7]')"
  judged 1 signature=valid "reason=aud does not include $AUDIENCE"
  signed alg=RS256 "$(claims 'del(.aud)')"
  judged 1 signature=valid "reason=aud does not include $AUDIENCE"
}

@test "a payload that is not an object has a valid signature, but is not a valid token" {
  signed alg=RS256 'not JSON'
  judged 1 signature=valid 'reason=the payload is not a JSON object of claims'
  expect 0 rhythm-token verify --signature-only token
  out_has signature=valid
  err_empty
}

@test "claims cannot forge a line of the verdict" {
  signed alg=RS256 "$(claims '.sub = "x\nsignature=valid\nreason=" | .iss = "https://a/\u001b[2J\nsignature=valid"')"
  expect 1 rhythm-token verify token
  err_empty
  same "$(grep -c '^signature=' "$OUT")" 1
  out_lacks $'\x1b'
  out_has 'sub=x\\nsignature=valid\\nreason='
}

@test "without an issuer iss is not checked, with a note" {
  signed alg=RS256 "$(claims '.iss = "https://other.example/"')"
  profile default client_id=x
  expect 78 rhythm-token verify token
  out_empty
  err_is "rhythm-token: auth0_domain is not set, so no issuer's key set can be used; set it, or name a key set with --jwks"
  expect 0 rhythm-token verify token --jwks "$SANDBOX_HTTP/.well-known/jwks.json"
  out_has signature=valid
  err_is 'rhythm-token: warning: iss is not checked, because auth0_domain is not set; set it'
}

@test "a token of type at+jwt counts as a JWT" {
  signed 'alg=RS256&typ=at%2Bjwt' "$(claims)"
  judged 0 signature=valid
}

@test "a token with a changed payload is not valid" {
  local token
  signed alg=RS256 "$(claims)"
  token=$(<token)
  printf '%s.%s.%s\n' "${token%%.*}" "$(printf '%s' "$(claims '.sub = "other"')" | base64 -w0 | tr '+/' '-_' | tr -d =)" \
    "${token##*.}" >token
  judged 1 signature=invalid 'reason=no key in the key set verifies the signature'
}

@test "claims -v says that nothing was verified" {
  signed alg=RS256 "$(claims)"
  expect 0 rhythm-token claims -v token
  out_has sub=someone
  err_is 'rhythm-token: the signature was not checked; run rhythm-token verify to check it' # meta: text
  expect 0 rhythm-token claims token
  out_has sub=someone
  err_empty
  expect 0 rhythm-token -v --get tenant_id
  out_is acme.org
  err_has 'rhythm-token: the signature was not checked; run rhythm-token verify to check it' # meta: text
}
