#!/usr/bin/env bats
# Where verify gets its keys: matched by kid, type and use, kept on disk, and never "invalid" for lack of keys.
# shellcheck disable=SC2016 # $key is jq's

load ../helper

setup_file() { sandbox_start; }
setup() {
  common_setup
  sandbox_profile timeout=3
  FILE=$XDG_CACHE_HOME/rhythm/keys,127.0.0.1%3A${SANDBOX_HTTP##*:}
}

# mint [KNOB...] - writes a new, valid token to the file `token`.
mint() {
  knob "$@"
  rm -f "$XDG_CACHE_HOME"/rhythm/client_credentials*
  expect 0 rhythm-token print
  cp "$OUT" token
  err_any
}

# aged SECONDS - makes the cached key set that much older.
aged() {
  sed -i "s/^fetched_at=.*/fetched_at=$(($(date +%s) - $1))/" "$FILE"
}

verdict() {
  expect "$1" rhythm-token verify token
  out_has "signature=$2"
  err_empty
}

# with_keys FILTER STATUS LINE... - verifies the vector own-rs256 with its key set changed by the jq filter; $key is its key.
with_keys() {
  jq -c ".keys[0] as \$key | $1" "$TESTS/vectors/own-rs256.jwks" >changed
  shift
  expect "$1" rhythm-token verify --signature-only --jwks changed "$TESTS/vectors/own-rs256.jws"
  err_empty
  out_is "${@:2}"
}

VALID=(signature=valid alg=RS256)
NO_KEY=(signature=invalid alg=RS256 "reason=no key in the key set fits the token's alg")
BROKEN=(signature=invalid alg=RS256 'reason=the key for this token is malformed, too weak or too large')

@test "the key set is kept on disk and fetched once" {
  mint
  verdict 0 valid
  counter_is jwks_requests 1
  mode_is 600 "$FILE"
  verdict 0 valid
  counter_is jwks_requests 1
  expect 0 rhythm-token verify --offline token
  out_has signature=valid
  aged 601
  verdict 0 valid
  counter_is jwks_requests 2
}

@test "--offline without a kept key set is 69, not invalid" {
  mint
  expect 69 rhythm-token verify --offline token
  out_empty
  err_is 'rhythm-token: no key set of the issuer is cached; run rhythm-token verify once without --offline'
  expect 69 rhythm-token verify --offline --jwks "$SANDBOX_HTTP/.well-known/jwks.json" token
  out_empty
  err_is "rhythm-token: --jwks=$SANDBOX_HTTP/.well-known/jwks.json needs the network; leave out --offline, or name a file"
  counter_is jwks_requests 0
}

@test "an unknown kid fetches the key set again, but not within a minute" {
  mint
  verdict 0 valid
  mint token.kid=unknown
  expect 1 rhythm-token verify token
  out_has "reason=no key in the key set has the token's kid and fits its alg"
  counter_is jwks_requests 1
  aged 61
  expect 1 rhythm-token verify token
  out_has signature=invalid
  counter_is jwks_requests 2
  expect 1 rhythm-token verify token
  out_has signature=invalid
  counter_is jwks_requests 2
}

@test "after a rotation the new key is fetched, and the old one works while it is in the set" {
  local i
  mint
  cp token old
  verdict 0 valid
  knob jwks.rotate=1
  mint
  verdict 0 valid
  counter_is jwks_requests 1
  aged 601
  verdict 0 valid
  counter_is jwks_requests 2
  cp old token
  verdict 0 valid
  for i in 1 2; do
    knob jwks.rotate=1
  done
  mint
  aged 61
  verdict 0 valid
  counter_is jwks_requests 3
  cp old token
  aged 61
  expect 1 rhythm-token verify token
  out_has "reason=no key in the key set has the token's kid and fits its alg"
  counter_is jwks_requests 4
}

@test "a token without a kid is tried with every key that fits" {
  mint token.kid=none
  verdict 0 valid
  out_lacks '^kid='
}

@test "a key set that cannot be fetched is 69 and never invalid" {
  local answer
  mint
  for answer in 404 500 503 not-json empty array huge redirect close cut; do
    knob "jwks.answer=$answer"
    expect 69 rhythm-token verify token
    out_empty
    err_matches "rhythm-token: cannot fetch the key set from $SANDBOX_HTTP/\.well-known/jwks\.json: .+"
    absent "$FILE"
  done
  knob jwks.answer=hang
  SECONDS=0
  expect 69 rhythm-token verify token
  out_empty
  err_matches "rhythm-token: cannot fetch the key set from .*: .*timed out.*"
  ((SECONDS < 40))
  knob jwks.answer=drip
  expect 69 rhythm-token verify token
  out_empty
  err_matches "rhythm-token: cannot fetch the key set from .*: .*timed out.*"
  absent "$FILE"
}

@test "a failed fetch keeps the old key set" {
  mint
  verdict 0 valid
  aged 601
  knob jwks.answer=not-json
  expect 69 rhythm-token verify token
  out_empty
  err_any
  expect 0 rhythm-token verify --offline token
  out_has signature=valid
}

@test "an empty key set is a key set without a fitting key" {
  mint jwks.answer=none
  expect 1 rhythm-token verify token
  out_has "reason=no key in the key set has the token's kid and fits its alg"
  err_empty
}

@test "a key set that is damaged on disk is fetched again" {
  mint
  verdict 0 valid
  head -c 100 "$FILE" >part
  cp part "$FILE"
  verdict 0 valid
  counter_is jwks_requests 2
  : >"$FILE"
  verdict 0 valid
  counter_is jwks_requests 3
  printf 'fetched_at=%s\nkeys=[1,2]\n' "$(date +%s)" >"$FILE"
  verdict 0 valid
  counter_is jwks_requests 4
}

@test "a kept key set from the future is fetched again" {
  mint
  verdict 0 valid
  aged -600
  verdict 0 valid
  counter_is jwks_requests 2
}

@test "1,000 keys are searched in time, with a kid and without" {
  ulimit -t 10
  mint jwks.answer=many
  verdict 0 valid
  mint token.kid=none
  verdict 0 valid
}

@test "broken keys, huge ones and duplicates are skipped one by one" {
  ulimit -t 10
  mint jwks.answer=broken-keys
  # The set with a modulus of 1 MiB is over the limit of 1 MiB as a whole.
  expect 69 rhythm-token verify token
  out_empty
  err_matches 'rhythm-token: cannot fetch the key set from .*: the response exceeds 1048576 bytes; check the URL'
  knob jwks.answer=
  curl -q -s --noproxy '*' "$SANDBOX_HTTP/.well-known/jwks.json" >good
  knob jwks.answer=broken-keys
  curl -q -s --noproxy '*' "$SANDBOX_HTTP/.well-known/jwks.json" | jq -c '.keys |= map(if type == "object" and .kid == "huge" then .n |= .[:500000] else . end)' >broken
  expect 0 rhythm-token verify --jwks broken token
  out_has signature=valid
  err_empty
}

@test "--jwks takes a file, and one that is not a key set is 65" {
  mint
  expect 65 rhythm-token verify --jwks nonexistent token
  out_empty
  err_is 'rhythm-token: cannot read the key set --jwks=nonexistent: No such file or directory; name a JWKS file or URL'
  echo 'no JSON' >bad
  expect 65 rhythm-token verify --jwks bad token
  out_empty
  err_is 'rhythm-token: --jwks=bad is not a JSON object with "keys"; name a JWKS file or URL with --jwks'
  echo '{"keys":{}}' >bad
  expect 65 rhythm-token verify --jwks bad token
  out_empty
  err_is 'rhythm-token: --jwks=bad is not a JSON object with "keys"; name a JWKS file or URL with --jwks'
  head -c 1048577 /dev/zero | tr '\0' ' ' >bad
  expect 65 rhythm-token verify --jwks bad token
  out_empty
  err_is 'rhythm-token: cannot read the key set --jwks=bad: it is over 1 MiB; name a JWKS file or URL'
  : >bad
  expect 65 rhythm-token verify --jwks bad token
  out_empty
  err_is 'rhythm-token: --jwks=bad is not a JSON object with "keys"; name a JWKS file or URL with --jwks'
  expect 65 rhythm-token verify --jwks . token
  out_empty
  err_is 'rhythm-token: cannot read the key set --jwks=.: Is a directory; name a JWKS file or URL'
}

@test "--jwks takes an https URL or loopback, and no other http URL" {
  mint
  expect 78 rhythm-token verify --jwks http://keys.example/jwks.json token
  out_empty
  err_matches 'rhythm-token: --jwks=http://keys\.example/jwks\.json should be a file or .+'
  expect 0 rhythm-token verify --jwks "$SANDBOX_HTTP/.well-known/jwks.json" token
  out_has signature=valid
  err_empty
  absent "$FILE"
}

@test "use, key_ops, alg and kty restrict what a key is used for" {
  with_keys '.' 0 "${VALID[@]}"
  with_keys '.keys[0].use = "sig"' 0 "${VALID[@]}"
  with_keys '.keys[0].use = "enc"' 1 "${NO_KEY[@]}"
  with_keys '.keys[0].use = 7' 1 "${NO_KEY[@]}"
  with_keys '.keys[0].key_ops = ["verify"]' 0 "${VALID[@]}"
  with_keys '.keys[0].key_ops = ["sign"]' 1 "${NO_KEY[@]}"
  with_keys '.keys[0].key_ops = []' 1 "${NO_KEY[@]}"
  with_keys '.keys[0].key_ops = "verify"' 1 "${NO_KEY[@]}"
  with_keys '.keys[0].alg = "RS256"' 0 "${VALID[@]}"
  with_keys '.keys[0].alg = "RS512"' 1 "${NO_KEY[@]}"
  with_keys '.keys[0].alg = "PS256"' 1 "${NO_KEY[@]}"
  with_keys '.keys[0].alg = "RSA-OAEP"' 1 "${NO_KEY[@]}"
  with_keys '.keys[0].kty = "EC"' 1 "${NO_KEY[@]}"
  with_keys '.keys[0].kty = "oct"' 1 "${NO_KEY[@]}"
  with_keys 'del(.keys[0].kty)' 1 "${NO_KEY[@]}"
}

@test "a broken key alone is reported, and before a good one it is skipped" {
  local filter
  for filter in '.n = "+/=*%"' '.n = ""' '.n = "AQAB"' 'del(.n)' '.n = 17' '.e = "AQ"' '.e = "Ag"' '.e = "AAAA"' 'del(.e)' \
    '.e = .n' '.n += "A"' '.n = "A" + .n[1:]' '.n |= .[:84]' '.n |= .[:85]'; do
    with_keys ".keys = [\$key | $filter]" 1 "${BROKEN[@]}"
    with_keys ".keys = [(\$key | $filter), \$key]" 0 "${VALID[@]}"
  done
}

@test "moduli of 1 MiB, and as many of the largest keys as fit, are judged within seconds" {
  sandbox_profile timeout=90
  ulimit -t 20 # CPU seconds per process, which do not depend on what else the machine does
  with_keys '.keys = [$key | .n = "_" * 500000 + "w"]' 1 "${BROKEN[@]}"
  with_keys '.keys = [($key | .n = "_" * 500000 + "w"), $key]' 0 "${VALID[@]}"
  with_keys '.keys = [range(300) as $i | $key | .n = "_" * 2730 + "8"]' 1 \
    signature=invalid alg=RS256 'reason=no key in the key set verifies the signature'
  jq -c '.keys[0] as $key | .keys = [range(1000) as $i | $key]' "$TESTS/vectors/own-es512.jwks" >changed
  sed 's/[^.]*$//' "$TESTS/vectors/own-es512.jws" | tr -d '\n' >token
  sed 's/.*\.//' "$TESTS/vectors/rfc7515-a4-es512.jws" >>token
  expect 1 rhythm-token verify --signature-only --jwks changed token
  out_has 'reason=no key in the key set verifies the signature'
  err_empty
}

@test "entries of a key set that are not keys are skipped" {
  with_keys '.keys = [null, 7, "key", [], {}, {"kty": null}, $key]' 0 "${VALID[@]}"
  with_keys '.keys = [$key, $key, $key]' 0 "${VALID[@]}"
  with_keys '.keys = []' 1 "${NO_KEY[@]}"
}

@test "each of several keys with one kid is tried" {
  mint
  curl -q -s --noproxy '*' "$SANDBOX_HTTP/.well-known/jwks.json" |
    jq -c '.keys[0].kid as $kid | .keys |= (map(select(.kty == "RSA") | .kid = $kid) | [.[1], .[2], .[1], .[0]])' >same
  expect 0 rhythm-token verify --jwks same token
  out_has signature=valid
  jq -c '.keys |= .[:3]' same >without
  expect 1 rhythm-token verify --jwks without token
  out_has signature=invalid
  out_has 'reason=no key in the key set verifies the signature'
  err_empty
}

@test "EC points that are off the curve, cut or of another curve verify nothing" {
  local filter
  for filter in '.x = "AQAB"' '.y = .x' 'del(.y)' '.x = .x + "A"' '.x = "A" * 43' '.y = 7'; do
    jq -c ".keys[0] |= ($filter)" "$TESTS/vectors/own-es256.jwks" >changed
    expect 1 rhythm-token verify --signature-only --jwks changed "$TESTS/vectors/own-es256.jws"
    err_empty
    out_is signature=invalid alg=ES256 'reason=the key for this token is malformed, too weak or too large'
  done
  jq -c '.keys[0].crv = "P-384"' "$TESTS/vectors/own-es256.jwks" >changed
  expect 1 rhythm-token verify --signature-only --jwks changed "$TESTS/vectors/own-es256.jws"
  err_empty
  out_is signature=invalid alg=ES256 "reason=no key in the key set fits the token's alg"
}

@test "twenty processes can verify at once" {
  local i
  mint
  for ((i = 0; i < 20; i++)); do
    begin "herd-$i" rhythm-token verify token
  done
  for ((i = 0; i < 20; i++)); do
    finish 0 "herd-$i"
    out_has signature=valid
    err_empty
  done
  expect 0 find "$XDG_CACHE_HOME/rhythm" -name '*+new'
  out_empty
}

@test "if the cache cannot be written, no key set is kept, and verify goes on" {
  mint
  rm -rf "$XDG_CACHE_HOME"
  ln -s /nonexistent "$XDG_CACHE_HOME"
  expect 0 rhythm-token verify token
  out_has signature=valid
  err_has 'rhythm-token: warning: the key set is not cached; the next rhythm-token verify fetches it again'
}
