#!/usr/bin/env bats
# verify --signature-only, with the examples of the RFCs and with vectors of our own (tests/vectors/make.mjs).

load ../helper

# vector NAME STATUS LINE... - judges NAME.jws with NAME.jwks; prints exactly these lines.
vector() {
  local name=$1 status=$2
  shift 2
  expect "$status" rhythm-token verify --signature-only --jwks "$TESTS/vectors/$name.jwks" "$TESTS/vectors/$name.jws"
  out_is "$@"
  err_empty
}

valid() {
  vector "$1" 0 signature=valid "${@:2}"
}

invalid() {
  vector "$1" 1 signature=invalid "${@:2}"
}

NOT_MADE='reason=no key in the key set verifies the signature'
NO_ALG="reason=the header's alg is not RS, PS or ES with 256, 384 or 512"
CRIT="reason=the header's crit requires extensions that rhythm does not support"
NO_KEY="reason=no key in the key set fits the token's alg"

@test "RFC 7515, appendix A: RS256, ES256 and ES512 are valid" {
  valid rfc7515-a2-rs256 alg=RS256
  valid rfc7515-a3-es256 alg=ES256
  valid rfc7515-a4-es512 alg=ES512
}

@test "RFC 7515, appendix A: HS256 and none are refused" {
  invalid rfc7515-a1-hs256 alg=HS256 "$NO_ALG"
  expect 1 rhythm-token verify --signature-only --jwks "$TESTS/vectors/rfc7515-a2-rs256.jwks" \
    "$TESTS/vectors/rfc7515-a5-none.jws"
  out_is signature=invalid alg=none "$NO_ALG"
  err_empty
}

@test "RFC 7520, section 4: RS256, PS384 and ES512 over a payload that is not JSON are valid" {
  valid rfc7520-4.1-rs256 alg=RS256 kid=bilbo.baggins@hobbiton.example
  valid rfc7520-4.2-ps384 alg=PS384 kid=bilbo.baggins@hobbiton.example
  valid rfc7520-4.3-es512 alg=ES512 kid=bilbo.baggins@hobbiton.example
}

@test "RFC 7520, section 4: HS256 is refused, also with its own key" {
  invalid rfc7520-4.4-hs256 alg=HS256 kid=018c0ae5-4d9b-471b-bfd6-eef314bc7037 "$NO_ALG"
}

@test "the example of one RFC is not valid with the key of another" {
  expect 1 rhythm-token verify --signature-only --jwks "$TESTS/vectors/rfc7520-4.1-rs256.jwks" \
    "$TESTS/vectors/rfc7515-a2-rs256.jws"
  out_is signature=invalid alg=RS256 "$NOT_MADE"
  err_empty
}

@test "each of the nine algorithms verifies" {
  local alg
  for alg in RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512; do
    valid "own-${alg,,}" "alg=$alg"
  done
}

@test "a payload may be empty, binary, an array or long expired" {
  valid own-empty-payload alg=ES256
  valid own-binary-payload alg=RS256
  valid own-array-payload alg=ES384
  valid own-expired-payload alg=ES256
  valid own-type-of-its-own alg=ES256
}

@test "an HS256 signature made with the public key is refused" {
  invalid bad-hs256-of-public-key alg=HS256 "$NO_ALG"
}

@test "an algorithm in another case is refused" {
  invalid bad-alg-case alg=rs256 "$NO_ALG"
}

@test "an RSA key does not verify an ES256 signature" {
  invalid bad-es256-of-rsa alg=ES256 "$NO_KEY"
}

@test "crit is refused, even if empty or meaningless" {
  invalid bad-crit alg=RS256 "$CRIT"
  invalid bad-crit-empty alg=RS256 "$CRIT"
}

@test "an ECDSA signature is two numbers of the curve's length: not DER, not longer, not zero" {
  invalid bad-es256-der alg=ES256 "$NOT_MADE"
  invalid bad-es256-long alg=ES256 "$NOT_MADE"
  invalid bad-es256-zero alg=ES256 "$NOT_MADE"
}

@test "a PS256 salt must be as long as the digest" {
  invalid bad-ps256-salt alg=PS256 "$NOT_MADE"
}

@test "an RSA key of 512 bits verifies nothing" {
  invalid bad-rsa-512-bits alg=RS256 'reason=the key for this token is malformed, too weak or too large'
}

@test "a token with a changed or missing byte is never valid" {
  local token name=own-es256 changed i c count=0
  token=$(<"$TESTS/vectors/$name.jws")
  # The unit tests flip each bit; here every third byte is changed, with the program itself.
  for ((i = 0; i < ${#token}; i += 3)); do
    c=${token:i:1}
    changed=${token:0:i}$([[ $c == A ]] && echo B || echo A)${token:i+1}
    printf '%s\n' "$changed" >token
    expect 1 rhythm-token verify --signature-only --jwks "$TESTS/vectors/$name.jwks" token
    out_has signature=invalid
    err_empty
    count=$((count + 1))
    ((i % 9 == 1)) || continue
    printf '%s\n' "${token:0:i}" >token
    expect 1 rhythm-token verify --signature-only --jwks "$TESTS/vectors/$name.jwks" token
    out_has signature=invalid
    err_empty
  done
  same "$count" "$(((${#token} + 2) / 3))"
}
