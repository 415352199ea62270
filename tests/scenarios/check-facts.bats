#!/usr/bin/env bats
# rhythm-token facts: all that rhythm-check needs to know, from one run.

load ../helper

setup_file() {
  sandbox_start
}

TOKEN=$BATS_TEST_DIRNAME/../matrix/token

# facts LINE... - what is said of the token in ./input, but for the time.
facts() {
  expect 0 rhythm-token facts --token input
  err_empty
  sed '/^now=[0-9]*$/d;/^config\./d' "$OUT" >facts
  lines_are facts "$@"
}

@test "the facts of a machine's token are its claims and their types" {
  "$TOKEN" machine exp=2000000000 iat=1900000000 >input
  facts form=jwt alg=RS256 kid=current typ=JWT kind=machine iss=https://acme-org.us.auth0.com/ \
    aud=https://api.rhythmsoftware.com exp=2000000000 exp.kind=number iat=1900000000 iat.kind=number nbf.kind=missing \
    tenant_id=acme.org tenant_id.state=present customer_id=c-1 customer_id.state=present contact_id.state=missing
  no_secret
}

@test "times in the wrong unit or type and claims in the wrong place are reported" {
  "$TOKEN" user exp=2000000000000 'iat="1900000000"' 'nbf="soon"' aud=[] tenant_id='" "' customer_id=7 contact_id- \
    plain:contact_id=k 'header.alg="no\u001bne"' header.kid=1 'iss="a\nb"' >input
  facts form=jwt 'alg=no\x1bne' typ=JWT kind=user 'iss=a\nb' exp=2000000000 exp.kind=milliseconds iat=1900000000 \
    iat.kind=string nbf.kind=other tenant_id.state=empty customer_id.state=other contact_id.state=plain
}

@test "a bare token, Bearer and a header line give the same facts" {
  local text
  "$TOKEN" machine exp=2000000000 >token
  for text in '%s' '%s\n' 'Bearer %s' 'bearer  %s\r\n' 'Authorization: Bearer %s\n' ' authorization : %s '; do
    # shellcheck disable=SC2059 # a format
    printf "$text" "$(<token)" >input
    expect 0 rhythm-token facts --get form --token input
    out_is jwt
    expect 0 rhythm-token print --token input
    out_is_file token
  done
}

@test "the form of input that is not a JWT is named" {
  local want
  while IFS='|' read -r want text; do
    printf '%b' "$text" >input
    expect 0 rhythm-token facts --get form --token input
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

@test "a given token needs no settings, and nothing is fetched" {
  profile default nonsense
  "$TOKEN" machine >input
  expect 78 rhythm-token facts --token - <input
  out_has form=jwt
  out_lacks '^(config|ledger|url)'
  err_has 'rhythm-token: .*/default\.conf line 1 is not key=value.*'
  for line in '' "api_base=$SANDBOX_HTTP/{service}"; do
    profile default "$line" nonsense
    expect 78 rhythm-token facts --signature-only --token - rolodex 'contacts/{tenantId}' <input
    out_has form=jwt
    out_lacks '^(config|ledger|url|verify)'
    err_matches 'rhythm-token: .*/default\.conf line 2 is not key=value.*'
  done
  expect 78 rhythm-token facts
  out_empty
  err_any
  rm "$XDG_CONFIG_HOME/rhythm/default.conf"
  expect 65 rhythm-token facts --token nothing
  out_has config.profile=default
  out_lacks '^form='
  err_is 'rhythm-token: cannot read a token from the file nothing: No such file or directory'
}

@test "one token request gives settings, ledger, claims, call and signature of the profile" {
  sandbox_profile
  expect 0 rhythm-token facts --signature-only
  err_empty
  out_has config.client_id=sandbox-client
  out_has 'config\.from\.client_id=file:.*/default\.conf'
  out_has 'config\.client_secret=\*\*\*'
  out_has ledger.state=valid
  out_has ledger.left=999
  out_has fresh=yes
  out_has form=jwt
  out_has kind=machine
  out_has tenant_id=acme.org
  out_has "url=$SANDBOX_HTTP/rolodex/communicationTypes/acme\.org"
  out_has verify=pass
  no_secret
  expect 0 rhythm-token facts rolodex 'contacts/{tenantId}/c-1'
  err_empty
  out_has "url=$SANDBOX_HTTP/rolodex/contacts/acme\.org/c-1"
  out_lacks '^(fresh|verify)'
  counter_is jwks_requests 1
  mint_count 1
}

@test "an invalid call does not hide the facts of the token" {
  sandbox_profile
  expect 64 rhythm-token facts rolodex 'contacts/{tenantId}/{id}'
  out_has form=jwt
  out_lacks '^url'
  err_is 'rhythm-token: {id} has no value; add id=VALUE'
  expect 65 rhythm-token facts https://x.example/contacts
  out_has form=jwt
  err_has 'rhythm-token: https://x\.example/contacts is not below api_base=.*'
}

@test "--offline opens no connection and names no call" {
  sandbox_profile
  expect 69 rhythm-token facts --offline
  out_has ledger.state=none
  out_lacks '^(form|url)'
  err_is 'rhythm-token: no valid token is cached; run rhythm-token once without --offline'
  expect 0 rhythm-token print
  expect 0 rhythm-token facts --offline
  err_empty
  out_has ledger.state=valid
  out_has form=jwt
  out_lacks '^(fresh|url)'
  "$TOKEN" machine >input
  chmod 644 input
  expect 0 rhythm-token facts --offline --signature-only --token input
  out_has verify=skip
  out_has 'verify\.note=not verified: no key set of the issuer is cached.*'
  err_any
  counter_is jwks_requests 0
}

@test "a refused token request reports its cause and the ledger" {
  sandbox_profile
  knob token.answer=wrong-secret
  expect 77 rhythm-token facts
  out_has config.client_id=sandbox-client
  out_has ledger.failure.cause=credentials
  out_has ledger.left=1000
  out_lacks '^form='
  err_has '.*access_denied: Unauthorized.*'
}

@test "a token file and a user's token have facts without a ledger" {
  sandbox_profile default token_file="$PWD/token"
  "$TOKEN" user exp+3600 "iss=\"$SANDBOX_HTTP/\"" >token
  expect 78 rhythm-token facts
  err_has '.*chmod.*'
  chmod 600 token
  expect 0 rhythm-token facts --signature-only
  err_empty
  out_has kind=user
  out_has "url=$SANDBOX_HTTP/rolodex/contacts/current"
  out_has verify=fail
  out_has 'verify\.note=.*'
  out_lacks '^(fresh|ledger)'
  printf 'undefined' >token
  expect 0 rhythm-token facts --signature-only
  err_empty
  out_has form=opaque
  out_lacks '^(url|verify)'
  mint_count 0
}
