# shellcheck shell=sh disable=SC2154
# What the API answers: read by smoke, whose functions and variables it uses.

test_authorizer() {
  knobs
  token=$(token_of "$(machine)")
  no='401 {"message":"Unauthorized"}'
  is 'no header' "${no}" "$(ask "${http}/rolodex/contacts/acme.org/c-1")"
  for h in "authorization ${token}" "Authorization: bearer ${token}" "Authorization: Bearer  ${token}" "Authorization: ${token}" "X-Authorization: Bearer ${token}"; do
    is "header ${h%ey*}" "${no}" "$(ask -H "${h}" "${http}/rolodex/contacts/acme.org/c-1")"
  done
  is 'another tenant' '403 {"Message":"User is not authorized to access this resource"}' "$(api rolodex/contacts/other.org/c-1)"
  is 'machine on contacts/current' "${no}" "$(api rolodex/contacts/current)"
  has 'errortype' 'x-amzn-errortype: UnauthorizedException' "$(ask -D - "${http}/rolodex/contacts/acme.org/c-1")"
  has 'request id' 'x-amzn-requestid: 00000000-0000-4000-8000-00000000' "$(ask -D - "${http}/rolodex/contacts/acme.org/c-1")"
  knobs clock_offset=90000 api.www_authenticate=1
  is 'expired by the clock' "${no}" "$(api rolodex/contacts/acme.org/c-1 -D "${tmp}/head")"
  has 'api.www_authenticate=1 names the reason' 'www-authenticate: Bearer scope="" error="invalid_token" error_description="the token has expired"' "$(cat "${tmp}/head")"
  knobs 'token.claims={"aud":"https://other.example"}' api.www_authenticate=1
  token=$(token_of "$(machine)")
  is 'audience' "${no}" "$(api rolodex/contacts/acme.org/c-1 -D "${tmp}/head")"
  has 'a wrong audience is named' 'the token does not have a valid audience' "$(cat "${tmp}/head")"
  for row in 400=400 401=401 403-policy=403 403-deny=403 403-route=403 403-missing-equal=403 \
    403-credential=403 500-authorizer=500 403-forbidden=403 404=404 409=409 429=429 429-limit=429 429-retry-after=429 500=500 503=503 \
    503-retry-after=503 503-retry-after-date=503 504=504; do
    knobs "api.answer=${row%=*}"
    is "api ${row}" "${row#*=}" "$(api rolodex/contacts/acme.org/c-1 | cut -c1-3)"
  done
  knobs api.answer=403-missing-equal
  has 'the token is echoed' "in Authorization header: 'Bearer ${token}'" "$(api rolodex/contacts/acme.org/c-1)"
  knobs api.answer=redirect
  is 'redirects can be followed and seen' '200 1' "$(curl -s -L -o "${tmp}/body" -w '%{http_code}' "${http}/rolodex/x") $(state landings)"
}

# pages PATH [CURL ARGUMENTS]: follows the cursor, prints the ids in one line.
pages() {
  pages_path=$1
  pages_key=
  shift
  while :; do
    curl -s -G -H "Authorization: Bearer ${token}" "${http}/${pages_path}" "$@" \
      ${pages_key:+--data-urlencode "exclusiveStartKey=${pages_key}"} >"${tmp}/page"
    jq -j '.Items[].id | .[2:] + " "' "${tmp}/page"
    pages_key=$(jq -r '.LastEvaluatedKey // empty | if type == "object" then tojson else . end' "${tmp}/page")
    [ -n "${pages_key}" ] || break
  done
}

test_lists() {
  knobs api.items=25 api.page=10
  token=$(token_of "$(machine)")
  all=$(seq 25 | tr '\n' ' ')
  is 'all pages' "${all}" "$(pages commerce/orders/acme.org)"
  is 'search' "${all}" "$(pages rolodex/contacts/acme.org/search -X POST)"
  is 'a bare array' 25 "$(api careers/packages/acme.org | sed 's/^200 //' | jq length)"
  is 'gifts too' array "$(api fundraising/gifts/acme.org | sed 's/^200 //' | jq -r type)"
  has 'bytes' '"first_name":"Ren\u00e9"' "$(api commerce/orders/acme.org)"
  has 'numbers' '"amount":19.99,"balance":1.50,"member_number":9007199254740994,"url":"https:\/\/acme' "$(api commerce/orders/acme.org)"
  has 'a mangled cursor' '400 ' "$(api 'commerce/orders/acme.org?exclusiveStartKey=acme.org|c-10')"
  knobs api.cursor=object
  is 'object cursors' "${all}" "$(pages commerce/orders/acme.org)"
  knobs api.cursor=repeat
  is 'repeating cursors' true "$(a=$(api commerce/orders/acme.org | sed 's/^200 //' | jq .LastEvaluatedKey); k=$(printf '%s' "${a}" | jq -r '@uri'); b=$(api "commerce/orders/acme.org?exclusiveStartKey=${k}" | sed 's/^200 //' | jq .LastEvaluatedKey); [ "${a}" = "${b}" ] && echo true)"
  knobs api.items=0
  is 'nothing' '200 {"Count":0,"Items":[]}' "$(api commerce/orders/acme.org)"
  knobs api.items=100000 api.page=100000
  is 'a streamed page' 100000 "$(api commerce/orders/acme.org | sed 's/^200 //' | jq .Count)"
}

test_paths() {
  knobs
  token=$(token_of "$(machine)")
  no='401 {"message":"Unauthorized"}'
  denied='403 {"Message":"User is not authorized to access this resource"}'
  is 'a foreign tenant' "${denied}" "$(api rolodex/contacts/other.org/c-1)"
  # One answer for both: a tenant that is not the token's, and a path that is none.
  for p in rolodex/nope/acme.org rolodex/orders/acme.org rolodex/contacts/acme.org rolodex/contacts rolodex/contacts/acme.org/ rolodex/contacts/acme.org/c-1/x rolodex; do
    is "no such path: ${p}" "${denied}" "$(api "${p}")"
  done
  is 'and no such method' "${denied}" "$(api rolodex/contacts/acme.org/c-1 -X POST -d '{}')"
  is 'without a token' "${no}" "$(ask "${http}/rolodex/nope/acme.org")"
  is 'a preflight has none' "${no}" "$(ask -X OPTIONS "${http}/rolodex/contacts/acme.org/c-1")"
  for p in nope/contacts/acme.org contacts/acme.org ''; do
    is "no service: /${p}" "${no}" "$(api "${p}")"
  done
  knobs api.denied=403-deny
  has 'an explicit deny' '403 {"message":"User is not authorized to access this resource with an explicit deny"}' "$(api rolodex/nope/acme.org)"
  knobs api.unknown_path=missing-token api.unknown_service=403-forbidden
  route='403 {"message":"Missing Authentication Token"}'
  is 'api.unknown_path=missing-token: no route' "${route}" "$(api rolodex/nope/acme.org)"
  is 'the same without a token' "${route}" "$(ask "${http}/rolodex/nope/acme.org")"
  is 'another tenant is still denied' "${denied}" "$(api rolodex/contacts/other.org/c-1)"
  is 'a domain without a mapping' '403 {"message":"Forbidden"}' "$(api nope/contacts/acme.org)"
  knobs api.base_urls=both
  has 'both base URLs' '200 {"id":"c-1"' "$(api rolodex-v1/contacts/acme.org/c-1)"
  knobs api.base_urls=reference
  is 'api.base_urls=reference refuses the base URL of the article' "${no}" "$(api rolodex-v1/contacts/acme.org/c-1)"
  has 'api.base_urls=reference accepts that of the reference' '200 {"id":"c-1"' "$(api rolodex/contacts/acme.org/c-1)"
  knobs api.base_urls=article
  is 'api.base_urls=article refuses the base URL of the reference' "${no}" "$(api rolodex/contacts/acme.org/c-1)"
  has 'api.base_urls=article accepts that of the article' '200 {"id":"c-1"' "$(api rolodex-v1/contacts/acme.org/c-1)"
  knobs
  has 'a singleton has one record' '200 {"id":"c-1"' "$(api rolodex/regionConfigurations/acme.org)"
  has 'a resource without a list: get by ID' '200 {"id":"c-1"' "$(api rolodex/contactDistricts/acme.org/c-1)"
  is 'a resource without a list: no list' "${denied}" "$(api rolodex/contactDistricts/acme.org)"
  # Each resource has one kind of list: plain, by parent or by search. The other kinds are denied.
  has 'a plain list' '200 {"Count":10' "$(api rolodex/communicationTypes/acme.org)"
  is 'a resource with a plain list has no search' "${denied}" "$(api rolodex/communicationTypes/acme.org/search -d '{}')"
  has 'a list by parent' '200 {"Count":10' "$(api accreditation/accreditationPhases/acme.org/accreditation/a-1)"
  is 'a resource with a list by parent has no plain list' "${denied}" "$(api accreditation/accreditationPhases/acme.org)"
  has 'a search' '200 {"Count":10' "$(api rolodex/contacts/acme.org/search -d '{}')"
  is 'a resource with a search has no plain list' "${denied}" "$(api rolodex/contacts/acme.org)"
  is 'contacts/current takes no tenant' "${no}" "$(api rolodex/contacts/current)"
  knobs api.routes=confirmed
  is 'api.routes=confirmed: a derived call does not exist' "${denied}" "$(api rolodex/contacts/acme.org/batch -d '{"operations":[]}')"
  has 'api.routes=confirmed: a confirmed call exists' '200 {"id":"c-1"' "$(api rolodex/contacts/acme.org/c-1)"
}

test_ids() {
  for id in 'acme|c:x#' 'c ' 'a%2Fb?c=' ; do
    knobs "api.id=${id}"
    token=$(token_of "$(machine)")
    path=rolodex/contacts/acme.org/$(printf '%s' "${id}17" | jq -sRr @uri)
    is "the id ${id}17" "${id}17" "$(api "${path}" | sed 's/^200 //' | jq -r .id)"
    is "is in the list" true "$(api rolodex/contacts/acme.org/search -d '{}' | sed 's/^200 //' | jq --arg id "${id}7" '[.Items[].id] | contains([$id])')"
    key=$(api rolodex/contacts/acme.org/search -d '{}' | sed 's/^200 //' | jq -r '.LastEvaluatedKey | @uri')
    is "a cursor continues after ${id}10" "${id}11" "$(api "rolodex/contacts/acme.org/search?exclusiveStartKey=${key}" -d '{}' | sed 's/^200 //' | jq -r '.Items[0].id')"
    is 'delete returns the ID' "\"${id}17\"" "$(api "${path}" -X DELETE | sed 's/^200 //')"
  done
  knobs
  is 'no such id' '404 {"message":"Not Found"}' "$(api rolodex/contacts/acme.org/c-26)"
}

test_calls() {
  knobs
  token=$(token_of "$(machine)")
  is 'fields' '200 {"id":"c-2","amount":19.99}' "$(api 'rolodex/contacts/acme.org/c-2?fields=id,amount')"
  is 'a list has no fields' true "$(api 'rolodex/communicationTypes/acme.org?fields=id' | sed 's/^200 //' | jq '.Items[0] | has("amount")')"
  is 'fieldsToReturn' '{"id":"c-1"}' "$(api 'rolodex/contacts/acme.org/search?fieldsToReturn=id' -d '{}' | sed 's/^200 //' | jq -c '.Items[0]')"
  is 'fieldsToReturn in the body is ignored' true "$(api rolodex/contacts/acme.org/search -d '{"fieldsToReturn":["id"]}' | sed 's/^200 //' | jq -c '.Items[0] | has("amount")')"
  key='acme.org|c-10#/+=& é'
  uri=$(jq -rn --arg k "${key}" '$k | @uri')
  is 'a cursor in the query' c-11 "$(api "rolodex/contacts/acme.org/search?exclusiveStartKey=${uri}" -d '{}' | sed 's/^200 //' | jq -r '.Items[0].id')"
  is 'a cursor in the body is ignored' c-1 "$(api rolodex/contacts/acme.org/search -d "{\"exclusiveStartKey\":\"${key}\"}" | sed 's/^200 //' | jq -r '.Items[0].id')"
  knobs api.search_cursor=body
  is 'api.search_cursor=body: a cursor in the body' c-11 "$(api rolodex/contacts/acme.org/search -d "{\"exclusiveStartKey\":\"${key}\"}" | sed 's/^200 //' | jq -r '.Items[0].id')"
  is 'api.search_cursor=body: a cursor in the query is ignored' c-1 "$(api "rolodex/contacts/acme.org/search?exclusiveStartKey=${uri}" -d '{}' | sed 's/^200 //' | jq -r '.Items[0].id')"
  is 'api.search_cursor=body: fieldsToReturn in the body' '{"id":"c-1"}' "$(api rolodex/contacts/acme.org/search -d '{"fieldsToReturn":["id"]}' | sed 's/^200 //' | jq -c '.Items[0]')"
  knobs
  is 'criteria are an object' 400 "$(api rolodex/contacts/acme.org/search -d '[]' | cut -c1-3)"
  has 'lookup' '200 {"id":"c-7"' "$(api rolodex/contacts/acme.org/emailAddress/c-7%40acme.example)"
  is 'lookup of an unknown email' 404 "$(api rolodex/contacts/acme.org/emailAddress/x%40y | cut -c1-3)"
  has 'an execution' '"status":"SUCCEEDED"' "$(api system/stepFunctions/acme.org/describe/arn%3Aaws%3Astates%3A1)"
  knobs api.trailers=1
  is 'a trailer is not part of the body' c-1 "$(api rolodex/contacts/acme.org/c-1 -D "${tmp}/head" | sed 's/^200 //' | jq -r .id)"
  has 'a trailer is sent' 'X-Sandbox-Trailer: not a part of the body' "$(curl -s -i --raw -H "Authorization: Bearer ${token}" "${http}/rolodex/contacts/acme.org/c-1")"
  knobs
  sum=$(printf 'Bearer %s' "${token}" | sha256sum | cut -c1-64)
  is 'echo' "[\"PUT\",\"/echo/a%20b?x=%2f+\",\"sha256:${sum}\",\"Bearer\",\"hi\",2]" \
    "$(api 'echo/a%20b?x=%2f+' -X PUT -d hi | sed 's/^200 //' | jq -c '[.method, .target, .headers.authorization, .authorization_scheme, .body, .body_bytes]')"
  is 'echo does not return a token without a scheme' 0 "$(ask -H "Authorization: ${token}" "${http}/echo/" | grep -c "${token}" || :)"
  is 'the last header' "${sum}" "$(api rolodex/contacts/acme.org/c-1 >"${tmp}/x"; state last_authorization_sha256)"
}

# patch ID OPERATIONS: a JSON Patch of a contact.
patch() { api "rolodex/contacts/acme.org/$1" -X PATCH -H 'Content-Type: application/json-patch+json' -d "$2"; }

test_writes() {
  knobs
  token=$(token_of "$(machine)")
  contacts=rolodex/contacts/acme.org
  answer=$(api "${contacts}" -d '{"a": 1.10, "big": 9007199254740993}')
  is 'create returns an ID' '["new-1",1.1,1]' "$(printf '%s' "${answer#* }" | jq -c '[.id, .a, .sys_version]')"
  has 'a created record keeps its numbers' '"a":1.1,"big":9007199254740993' "$(api "${contacts}/new-1")"
  is 'create with an id' 400 "$(api "${contacts}" -d '{"id":"x"}' | cut -c1-3)"
  is 'create with a body that is not JSON' 400 "$(api "${contacts}" -d '{' | cut -c1-3)"
  is 'create from a list' 400 "$(api "${contacts}" -d '[]' | cut -c1-3)"
  is 'the last page contains the created record' '["c-25","new-1"]' "$(api "${contacts}/search?exclusiveStartKey=acme.org%7Cc-20%23%2F%2B%3D%26%20%C3%A9" -d '{}' | sed 's/^200 //' | jq -c '[.Count, .Items[-2:][].id][1:]')"
  is 'put replaces' '["c-3",2,1,null]' "$(api "${contacts}/c-3" -X PUT -d '{"x":1}' | sed 's/^200 //' | jq -c '[.id, .sys_version, .x, .amount]')"
  is 'and it is kept' '["c-3",2,1,null]' "$(api "${contacts}/c-3" | sed 's/^200 //' | jq -c '[.id, .sys_version, .x, .amount]')"
  is 'put under another id' 400 "$(api "${contacts}/c-3" -X PUT -d '{"id":"c-4"}' | cut -c1-3)"
  is 'put of an unknown ID' 404 "$(api "${contacts}/c-99" -X PUT -d '{}' | cut -c1-3)"
  is 'patch' '[2,"Oslo",19.99,["b","c"]]' "$(patch c-4 '[{"op":"add","path":"/city","value":"Oslo"},{"op":"add","path":"/l","value":["a","b"]},{"op":"add","path":"/l/-","value":"c"},{"op":"remove","path":"/l/0"},{"op":"test","path":"/city","value":"Oslo"}]' | sed 's/^200 //' | jq -c '[.sys_version, .city, .amount, .l]')"
  is 'and it is kept' Oslo "$(api "${contacts}/c-4?fields=city" | sed 's/^200 //' | jq -r .city)"
  is 'names with / and ~' '["v",null]' "$(patch c-4 '[{"op":"add","path":"/a~1b~0c","value":"w"},{"op":"replace","path":"/a~1b~0c","value":"v"},{"op":"copy","from":"/a~1b~0c","path":"/d"},{"op":"move","from":"/d","path":"/e"}]' | sed 's/^200 //' | jq -c '[.["a/b~c"], .d]')"
  for bad in '{}' '[{"op":"add"}]' '[{"op":"replace","path":"/none","value":1}]' '[{"op":"remove","path":"/none"}]' '[{"op":"add","path":"/x~2","value":1}]' \
    '[{"op":"add","path":"x","value":1}]' '[{"op":"jump","path":"/x","value":1}]' '[{"op":"add","path":"/l/7","value":1}]' '[{"op":"add","path":"/y/z","value":1}]' \
    '[{"op":"move","from":"/l","path":"/l/0"}]' '[{"op":"replace","path":"","value":1}]'; do
    is "a bad patch: ${bad}" 400 "$(patch c-4 "${bad}" | cut -c1-3)"
  done
  is 'a test that fails' 409 "$(patch c-4 '[{"op":"replace","path":"/city","value":"Rome"},{"op":"test","path":"/city","value":"Bonn"}]' | cut -c1-3)"
  is 'a patch whose test fails changes nothing' Oslo "$(api "${contacts}/c-4?fields=city" | sed 's/^200 //' | jq -r .city)"
  is 'patch of another type' 400 "$(api "${contacts}/c-4" -X PATCH -d '[]' | cut -c1-3)"
  is 'patch of an unknown ID' 404 "$(patch c-99 '[]' | cut -c1-3)"
  is 'delete' '200 "c-1"' "$(api "${contacts}/c-1" -X DELETE)"
  is 'a deleted record is gone' '404 {"message":"Not Found"}' "$(api "${contacts}/c-1")"
  is 'a second delete' 404 "$(api "${contacts}/c-1" -X DELETE | cut -c1-3)"
  is 'a list omits deleted records' '[9,"c-2"]' "$(api "${contacts}/search" -d '{}' | sed 's/^200 //' | jq -c '[.Count, .Items[0].id]')"
  is 'a list contains the changes' '["x",2]' "$(api "${contacts}/search" -d '{}' | sed 's/^200 //' | jq -c '.Items[] | select(.id == "c-3") | [(keys - ["id", "sys_last_modified_at", "sys_version"])[0], .sys_version]')"
  is 'other resources are not changed' 200 "$(api rolodex/organizations/acme.org/c-1 | cut -c1-3)"
  knobs
  is 'a reset restores deleted records' 200 "$(api "${contacts}/c-1" | cut -c1-3)"
}

test_batches() {
  knobs
  token=$(token_of "$(machine)")
  batch=rolodex/contacts/acme.org/batch
  is 'batch' '200 {"error_count":0,"success_count":2,"results":[{"status":200},{"id":"c-1","status":200}]}' "$(api "${batch}" -d '{"operations":[{},{"id":"c-1"}]}')"
  is 'the key is operations' 400 "$(api "${batch}" -d '[{}]' | cut -c1-3)"
  is 'a batch of 101 operations' 400 "$(jq -nc '{operations: [range(101) | {}]}' | api "${batch}" -d @- | cut -c1-3)"
  is 'a batch of 100 operations' 100 "$(jq -nc '{operations: [range(100) | {}]}' | api "${batch}" -d @- | sed 's/^200 //' | jq .success_count)"
  answer=$(api "${batch}" -d '{"operations":[{"op":"delete","id":"c-1"},{"op":"patch","id":"c-2","patch":[{"op":"add","path":"/x","value":1}]},{"op":"delete","id":"none"},{"op":"create","id":"c-3"}]}')
  is 'single operations of a batch fail' '[2,2,[200,200,404,400]]' "$(printf '%s' "${answer#200 }" | jq -c '[.error_count, .success_count, [.results[].status]]')"
  is 'the other operations succeed' '404 1' "$(api rolodex/contacts/acme.org/c-1 | cut -c1-3) $(api rolodex/contacts/acme.org/c-2 | sed 's/^200 //' | jq .x)"
  knobs api.batch_results=bare
  is 'api.batch_results=bare' '{"error_count":1,"success_count":1,"results":["none",null]}' "$(api "${batch}" -d '{"operations":[{"id":"none"},{}]}' | sed 's/^200 //')"
  knobs api.batch_fails=2
  is 'api.batch_fails=2' '[2,1]' "$(api "${batch}" -d '{"operations":[{},{},{}]}' | sed 's/^200 //' | jq -c '[.error_count, .success_count]')"
}

test_queries() {
  knobs
  token=$(token_of "$(machine)")
  body='{"context_id":"x","criteria":{},"fields":[{"name":"id"}],"limit":10,"name":"all"}'
  start=system/queries/acme.org/start/rolodex%3Acontacts
  for bad in '' '{}' '[]' '{"context_id":"x","criteria":{},"fields":[]}' '{"context_id":"x","criteria":{},"fields":["id"]}' '{"context_id":"x","criteria":[],"fields":[{}]}' '{"criteria":{},"fields":[{}]}' '{"context_id":"x","criteria":{},"fields":[{}],"limit":"1"}'; do
    is "a start with ${bad:-nothing}" 400 "$(api "${start}/csv" -d "${bad}" | cut -c1-3)"
  done
  is 'an unknown format' 400 "$(api "${start}/pdf" -d "${body}" | cut -c1-3)"
  is 'an unknown type' 400 "$(api system/queries/acme.org/start/rolodex%3Anope/csv -d "${body}" | cut -c1-3)"
  answer=$(api "${start}/csv" -d "${body}")
  is 'start' '["q-1","RUNNING",false,"all"]' "$(printf '%s' "${answer#200 }" | jq -c '[.id, .status, .has_result_set, .name]')"
  describe=system/queries/acme.org/describe/q-1
  is 'describe reports RUNNING twice' 'RUNNING RUNNING' "$(api "${describe}" | sed 's/^200 //' | jq -r .status) $(api "${describe}" | sed 's/^200 //' | jq -r .status)"
  answer=$(api "${describe}")
  is 'the third describe reports the end' '["SUCCEEDED",true,25]' "$(printf '%s' "${answer#200 }" | jq -c '[.status, .has_result_set, .rows]')"
  url=$(printf '%s' "${answer#200 }" | jq -r .result_uri)
  has 'the result is on another host and port' 'http://127.0.0.2:' "${url}"
  is 'a signed URL needs no token' 26 "$(curl -s "${url}" | grep -c '')"
  has 'a signed URL with a token is refused' '400 <Error><Code>InvalidArgument' "$(ask -H "Authorization: Bearer ${token}" "${url}")"
  has 'an unsigned URL is refused' '403 <Error><Code>SignatureDoesNotMatch' "$(ask "${url%%[?]*}")"
  has 'a URL with a wrong signature is refused' '403 <Error><Code>SignatureDoesNotMatch' "$(ask "${url}x")"
  is 'requests are counted' '4 1' "$(state result_requests) $(state result_authorizations)"
  is 'unknown' 404 "$(api system/queries/acme.org/describe/q-9 | cut -c1-3)"
  knobs query.polls=0 clock_offset=0
  url=$(api "${start}/json" -d "${body}" >"${tmp}/x"; api "${describe}" | sed 's/^200 //' | jq -r .result_uri)
  is 'JSON' 25 "$(curl -s "${url}" | jq length)"
  is 'a signed URL expires' '403 200' "$(curl -s -o "${tmp}/x" "${http}/_sandbox" -d clock_offset=1000; ask "${url}" | cut -c1-3) $(curl -s -o "${tmp}/x" "${http}/_sandbox" -d clock_offset=0; ask "${url}" | cut -c1-3)"
  knobs query.polls=0 query.outcome=failed 'query.words=going,done,broken'
  api "${start}/csv" -d "${body}" >"${tmp}/x"
  is 'a query that fails' '["broken",false,null]' "$(api "${describe}" | sed 's/^200 //' | jq -c '[.status, .has_result_set, .result_uri]')"
  knobs query.polls=0 query.outcome=empty query.result_field=url
  api "${start}/csv" -d "${body}" >"${tmp}/x"
  is 'one without a result' '["SUCCEEDED",false,0,null]' "$(api "${describe}" | sed 's/^200 //' | jq -c '[.status, .has_result_set, .rows, .url]')"
  knobs query.polls=0 query.delay_ms=60000
  api "${start}/csv" -d "${body}" >"${tmp}/x"
  is 'query.delay_ms keeps a query running' RUNNING "$(api "${describe}" | sed 's/^200 //' | jq -r .status)"
  definition=system/queries/acme.org/public/description/rolodex%3Acontacts
  is 'a type has a description' contacts "$(api "${definition}?contextId=x" | sed 's/^200 //' | jq -r .primary_table)"
  is 'the description requires a token' 401 "$(ask "${http}/${definition}" | cut -c1-3)"
  knobs query.public=1
  is 'query.public=1: the description requires no token' 200 "$(ask "${http}/${definition}" | cut -c1-3)"
}
