#!/usr/bin/env bats
# rhythm-token inspect: what a pasted token or header line is, as facts.

load ../helper

TOKEN=$BATS_TEST_DIRNAME/../matrix/token

# facts LINE... - what inspect says of ./input, but for the time.
facts() {
  expect 0 rhythm-token inspect input
  err_empty
  sed '/^now=[0-9]*$/d' "$OUT" >facts
  lines_are facts "$@"
}

@test "a machine's token" {
  "$TOKEN" machine exp=2000000000 iat=1900000000 >input
  facts form=jwt alg=RS256 kid=current typ=JWT kind=machine iss=https://acme-org.us.auth0.com/ \
    aud=https://api.rhythmsoftware.com exp=2000000000 exp.kind=number iat=1900000000 iat.kind=number nbf.kind=missing \
    tenant_id=acme.org tenant_id.state=present customer_id=c-1 customer_id.state=present contact_id.state=missing
  no_secret
}

@test "times in the wrong unit or type, claims in the wrong place" {
  "$TOKEN" user exp=2000000000000 'iat="1900000000"' 'nbf="soon"' aud=[] tenant_id='" "' customer_id=7 contact_id- \
    plain:contact_id=k 'header.alg="no\u001bne"' header.kid=1 'iss="a\nb"' >input
  facts form=jwt 'alg=no\x1bne' typ=JWT kind=user 'iss=a\nb' exp=2000000000 exp.kind=milliseconds iat=1900000000 \
    iat.kind=string nbf.kind=other tenant_id.state=empty customer_id.state=other contact_id.state=plain
}

@test "a bare token, Bearer and a header line are the same token" {
  local text
  "$TOKEN" machine exp=2000000000 >token
  for text in '%s' '%s\n' 'Bearer %s' 'bearer  %s\r\n' 'Authorization: Bearer %s\n' ' authorization : %s '; do
    # shellcheck disable=SC2059 # a format
    printf "$text" "$(<token)" >input
    expect 0 rhythm-token inspect --get form input
    out_is jwt
    expect 0 rhythm-token print --token input
    out_is_file token
  done
}

@test "what is no JWT" {
  local want
  while IFS='|' read -r want text; do
    printf '%b' "$text" >input
    expect 0 rhythm-token inspect --get form input
    err_empty
    out_is "$want"
  done <<'END'
empty|
empty| \n
opaque|abcDEF-_0
opaque|undefined
malformed|***
malformed|eyJhbGciOiJub25lIn0
malformed|a.b
malformed|a.b.c.d
malformed|a.b.c.d.e
malformed|eyJhbGciOiJub25lIn0.e30=.c2ln
claims|{"iss":"x"}
claims|aud=x\nexp=1
json|{"error":"access_denied"}
binary|a\0b
END
}

@test "no setting has a say in it, and nothing is fetched" {
  profile default nonsense
  "$TOKEN" machine >input
  expect 0 rhythm-token inspect --get form <input
  err_empty
  out_is jwt
  expect 65 rhythm-token inspect nothing
  out_empty
  err_is 'rhythm-token: cannot read the token in nothing: No such file or directory'
}
