#!/usr/bin/env bats
# The sandbox as its users see it: installed, strict, and with both readings of a fact that is uncertain.

load ../helper

setup_file() { sandbox_start; }

setup() {
  common_setup
  sandbox_profile
  PROGRAM=$SANDBOX_PROGRAM
}

CONTACTS=contacts/acme.org

# another OPTION... - begins a second sandbox; said KEY prints a value of its output.
another() {
  begin another "$PROGRAM" --die-with-parent "$@"
  ANOTHER=$BEGUN
  until_true grep -q '^ready=1' "$BATS_TEST_TMPDIR/begun/another.out"
}

said() {
  sed -n "s/^$1=//p" "$BATS_TEST_TMPDIR/begun/another.out"
}

@test "the sandbox runs from a path with blanks, without the source tree" {
  local away="$BATS_TEST_TMPDIR/ä b"
  mkdir -p "$away/bin" "$away/lib/rhythm/get" "$away/state dir"
  cp "$SANDBOX_PROGRAM" "$away/bin/rhythm-sandbox"
  cd /
  expect 1 "$away/bin/rhythm-sandbox"
  out_empty
  err_is "rhythm-sandbox: cannot find the catalogue of rhythm-get; use --catalogue FILE"
  cp "$TOP/lib/get/catalogue.tsv" "$away/lib/rhythm/get"
  PROGRAM=$away/bin/rhythm-sandbox
  another --state-dir "$away/state dir"
  sandbox_profile "auth0_domain=$(said https)" "api_base=$(said https)/{service}" "ca_bundle=$away/state dir/ca.pem"
  expect 0 rhythm-get rolodex "$CONTACTS/c-1" --jq .id
  out_is c-1
  kill -TERM "$ANOTHER"
  finish 0 another
  out_has "ca_bundle=$away/state dir/ca\.pem"
}

@test "the sandbox knows the calls of its catalogue and names any other" {
  printf 'rolodex\tGET\tcontacts/{tenantId}/{id}\tget\tconfirmed\t-\n' >one.tsv
  another --catalogue one.tsv
  sandbox_profile "auth0_domain=$(said http)" "api_base=$(said http)/{service}"
  expect 0 rhythm-get rolodex "$CONTACTS/c-1" --jq .id
  out_is c-1
  expect 22 rhythm-get -q rolodex "$CONTACTS/search" -d '{}'
  err_has 'rhythm-get: HTTP 403 .*'
  kill -TERM "$ANOTHER"
  finish 0 another
  out_has ready=1
  echo '# nothing' >none.tsv
  expect 1 "$SANDBOX_PROGRAM" --catalogue none.tsv
  err_matches 'rhythm-sandbox: cannot read a catalogue from none\.tsv: .*'
  expect 64 "$SANDBOX_PROGRAM" --knobs=html
  err_is 'rhythm-sandbox: --knobs takes mdoc only'
  expect 0 "$SANDBOX_PROGRAM" --version
  out_matches 'rhythm-sandbox .*'
}

@test "a write is kept until a reset" {
  expect 0 rhythm-get -X PATCH rolodex "$CONTACTS/c-3" -d '[{"op":"add","path":"/city","value":"Oslo"}]' --jq .city
  out_is Oslo
  expect 0 rhythm-get -X DELETE -y rolodex "$CONTACTS/c-4" --jq .
  out_is c-4
  expect 0 rhythm-get rolodex "$CONTACTS" -d '{"last_name":"New"}' --jq .id
  out_is new-1
  expect 0 rhythm-get -a rolodex "$CONTACTS/search" -d '{}' --jq 'select(.city or .id == "new-1") | .city // .last_name'
  out_is Oslo New
  expect 0 rhythm-get --allow 404 rolodex "$CONTACTS/c-4"
  out_empty
  control DELETE >/dev/null
  expect 0 rhythm-get rolodex "$CONTACTS/c-4" --jq .id
  out_is c-4
}

@test "IDs with | : and # can be called, listed and paged" {
  knob 'api.id=acme|c:x#'
  expect 0 rhythm-get rolodex 'contacts/{tenantId}/{id}' 'id=acme|c:x#7' --jq .id
  out_is 'acme|c:x#7'
  expect 0 rhythm-get -a rolodex "$CONTACTS/search" -d '{}' --jq .id
  seq -f 'acme|c:x#%g' 25 | out_is
}

@test "a search that takes its cursor in the body comes to its end, or reports a loop" {
  knob api.search_cursor=body
  expect 76 rhythm-get -a rolodex "$CONTACTS/search" -d '{}' --jq .id
  err_any
  expect 0 rhythm-get rolodex "$CONTACTS/search" -d '{"exclusiveStartKey":"acme.org|c-20#/+=& é"}' --jq '.Items[0].id'
  out_is c-21
  knob api.search_cursor=query
  expect 0 rhythm-get -a rolodex "$CONTACTS/search" -d '{}' --jq .id
  seq -f 'c-%g' 25 | out_is
}

@test "another tenant and an unknown path are refused in the same words" {
  expect 22 rhythm-get -q rolodex contacts/other.org/c-1
  err_has '\{"Message":"User is not authorized to access this resource"\}'
  expect 22 rhythm-get -q rolodex "$CONTACTS/c-1/nothing"
  err_has '\{"Message":"User is not authorized to access this resource"\}'
  knob api.unknown_path=missing-token
  expect 22 rhythm-get -q rolodex "$CONTACTS/c-1/nothing"
  err_has '\{"message":"Missing Authentication Token"\}'
}

@test "a resource is listed only in the way of its kind" {
  expect 0 rhythm-get rolodex 'addressTypes/{tenantId}' --jq .Count
  out_is 10
  expect 0 rhythm-get fundraising 'gifts/{tenantId}' --jq length
  out_is 25
  expect 0 rhythm-get events 'coupons/{tenantId}/event/e-1' --jq .Count
  out_is 10
  expect 0 rhythm-get rolodex 'organizations/{tenantId}/search' -d '{}' --jq .Count
  out_is 10
  expect 0 rhythm-get membership 'ballots/{tenantId}/c-1' --jq .id
  out_is c-1
  local none
  for none in 'rolodex addressTypes/acme.org/search -d {}' 'events coupons/acme.org' 'rolodex organizations/acme.org' \
    'membership ballots/acme.org' 'membership ballots/acme.org/search -d {}' 'rolodex statistics/acme.org'; do
    # shellcheck disable=SC2086 # words
    expect 22 rhythm-get -q $none
    err_has 'rhythm-get: HTTP 403 .*'
  done
}

@test "a trailer is not part of the body" {
  knob api.trailers=1
  expect 0 rhythm-get rolodex "$CONTACTS/c-1" --jq .id
  out_is c-1
  expect 0 rhythm-get -o one rolodex "$CONTACTS/c-1"
  expect 0 jq -r .id one
  out_is c-1
  expect 0 rhythm-get -a rolodex "$CONTACTS/search" -d '{}' --jq .id
  seq -f 'c-%g' 25 | out_is
}

@test "some operations of a batch can fail while the others are done" {
  local operations='{"operations":[{"op":"delete","id":"c-1"},{"op":"delete","id":"none"}]}'
  expect 22 rhythm-get rolodex "$CONTACTS/batch" -d "$operations" --jq .success_count
  out_is 1
  err_is 'rhythm-get: 1 of 2 operations failed' 'rhythm-get: operation 2 of the body failed: {"id":"none","status":404,"error":"Not Found"}'
  expect 0 rhythm-get --allow 404 rolodex "$CONTACTS/c-1"
  out_empty
  knob api.batch_results=bare
  expect 22 rhythm-get rolodex "$CONTACTS/batch" -d "$operations" --jq .error_count
  out_is 2
  err_is 'rhythm-get: 2 of 2 operations failed' \
    'rhythm-get: 2 failed operations are not named in a known form; look for them in the response'
}

@test "an issuer can be given by its IPv6 address" {
  if ! curl -q -s -g -o home "http://[::1]:${SANDBOX_HTTP##*:}/_sandbox"; then
    skip 'no IPv6 on this machine'
  fi
  sandbox_profile "auth0_domain=http://[::1]:${SANDBOX_HTTP##*:}" "api_base=http://[::1]:${SANDBOX_HTTP##*:}/{service}"
  expect 0 rhythm-get rolodex "$CONTACTS/c-1" --jq .id
  out_is c-1
  expect 0 rhythm-token verify
  err_any
}

@test "a query is started, polled, and fetched from a URL that gets no token" {
  local url body='{"context_id":"x","criteria":{},"fields":[{"name":"id"}]}'
  expect 0 rhythm-get system 'queries/{tenantId}/start/{type}/csv' type=rolodex:contacts -d "$body" --jq '.id, .status'
  out_is q-1 RUNNING
  expect 0 rhythm-get system 'queries/{tenantId}/describe/q-1' --jq '.status'
  out_is RUNNING
  expect 0 rhythm-get system 'queries/{tenantId}/describe/q-1' --jq '.has_result_set'
  out_is false
  expect 0 rhythm-get system 'queries/{tenantId}/describe/q-1' --jq '.status, .result_uri'
  out_matches SUCCEEDED 'http://127\.0\.0\.2:[0-9]+/q-1\.csv\?.*'
  url=$(tail -n 1 "$OUT")
  expect 65 rhythm-get "$url"
  err_any
  counter_is result_requests 0
  expect 0 curl -q -s --noproxy '*' -K - <<<"url = \"$url\""
  same "$(grep -c '' "$OUT")" 26
  counter_is result_authorizations 0
  knob query.polls=0 query.outcome=failed
  expect 0 rhythm-get system 'queries/{tenantId}/describe/q-1' --jq .status
  out_is FAILED
}

@test "quotas per hour and day are shown as sent, and run out" {
  knob quota.hour=2 quota.day=50
  expect 0 rhythm-token --refresh --get tenant_id
  out_is acme.org
  err_any
  expect 0 rhythm-token status
  out_has 'quota\..*'
  expect 0 rhythm-token --refresh --get tenant_id
  err_any
  expect 75 rhythm-token --refresh --get tenant_id
  err_has '.*[Qq]uota.*'
}
