#!/usr/bin/env bats
# rhythm-check, live: what it sends, what it never sends, and what it costs.

load ../helper

TOKEN=$BATS_TEST_DIRNAME/../matrix/token

setup_file() {
  sandbox_start
}

@test "a check makes one token request and one API request" {
  sandbox_profile
  expect 0 rhythm-check --format=kv
  err_empty
  out_has cause=none
  out_has check.credentials=pass
  mint_count 1
  counter_is api_requests 1
  expect 0 rhythm-check --format=kv
  err_empty
  out_has check.credentials=skip
  out_has check.quota=pass
  mint_count 1
  counter_is api_requests 2
  no_secret
}

@test "a user's token calls contacts/current, and its signature is verified whatever the API says" {
  printf '{"iss":"%s/","sub":"auth0|ada","aud":"https://api.rhythmsoftware.com","iat":1700000000,"exp":4102444800%s}' "$SANDBOX_HTTP" \
    ',"http://rhythmsoftware.com/tenant_id":"acme.org","http://rhythmsoftware.com/customer_id":"c","http://rhythmsoftware.com/contact_id":"contact-ada"' >payload
  curl -q -s --noproxy '*' --data-binary @payload "$SANDBOX_HTTP/_sandbox/token" >token
  chmod 600 token
  sandbox_profile token_file="$PWD/token"
  expect 0 rhythm-check -v --format=kv
  err_has "rhythm-check: GET $SANDBOX_HTTP/rolodex/contacts/current"
  out_has check.signature=pass
  counter_is jwks_requests 1
  counter_is api_requests 1
  mint_count 0
}

@test "with unreadable settings no request is made, not even to their api_base" {
  "$TOKEN" machine >token
  profile default "api_base=$SANDBOX_HTTP/{service}" nonsense
  expect 78 rhythm-check --token token rolodex 'contacts/{tenantId}'
  out_empty
  err_matches 'rhythm-check: .*/default\.conf line 2 is not key=value.*'
  chmod 666 "$XDG_CONFIG_HOME/rhythm/default.conf"
  expect 78 rhythm-check --token token rolodex 'contacts/{tenantId}'
  out_empty
  err_matches 'rhythm-check: refusing profile .*, .*'
  counter_is connections 0
}

@test "closed descriptors do not change a verdict" {
  sandbox_profile
  expect 0 rhythm-token print
  local shell
  for shell in dash 'bash --posix' 'busybox ash' mksh yash 'zsh --emulate sh'; do
    command -v "${shell%% *}" >/dev/null || continue
    # shellcheck disable=SC2016 # for that shell
    expect 0 sh -c 'exec $1 "$(command -v rhythm-check)" -q <&-' sh "$shell"
    out_is cause=none
    err_empty
    [[ $shell != zsh* ]] || continue # zsh uses that descriptor for its own script
    # shellcheck disable=SC2016
    expect 0 sh -c 'exec $1 "$(command -v rhythm-check)" -q 2>&-' sh "$shell"
    out_is cause=none
  done
}

@test "a failed token request is made once, and the API is not called" {
  sandbox_profile
  knob token.answer=wrong-secret
  expect 1 rhythm-check --format=kv
  err_empty
  out_has cause=credentials
  out_has 'reason=http.* refused \(401 access_denied: Unauthorized\): client ID or secret is wrong'
  counter_is token_requests 1
  counter_is api_requests 0
  no_secret
}

@test "a quota verdict shows the ledger's figures" {
  sandbox_profile
  knob token.answer=client-quota
  expect 1 rhythm-check --format=kv
  err_empty
  out_has cause=quota
  out_has "reason=.*; this machine's ledger shows 0 of 1000 tokens this month"
}

@test "the fix is the remedy of the error, unless more is known" {
  sandbox_profile default auth0_domain="$SANDBOX_HTTPS"
  expect 1 rhythm-check --format=kv
  out_has cause=tls
  out_has 'reason=no secure connection to https://127\.0\.0\.1:[0-9]+: [^;]*'
  out_has "fix=set RHYTHM_CA_BUNDLE=FILE, a file with your network's CA; no token was judged"
  sandbox_profile default monthly_limit=1
  expect 0 rhythm-token header
  rm -rf "$XDG_CACHE_HOME"
  expect 1 rhythm-check --format=kv
  out_has cause=quota
  out_has 'fix=wait until [0-9-]+ \(UTC\), or raise monthly_limit in .*'
  sandbox_profile default 'client_secret_command=echo no key >&2; exit 3'
  sed -i '/^client_secret=/d' "$XDG_CONFIG_HOME/rhythm/default.conf"
  expect 1 rhythm-check --format=kv
  out_has 'reason=client_secret_command failed \(exit 3\) \(it said: no key\)'
  out_has 'fix=run it by hand to see why'
}

@test "a shared cache that is down is a failure of the network" {
  sandbox_profile cache=redis redis_url=redis://127.0.0.1:1
  expect 1 rhythm-check --format=kv
  err_empty
  out_has cause=network
  out_has 'reason=the cache helper rhythm-cache-redis .* \(it said: .*\)'
  out_has 'fix=.*--no-shared to bypass the shared cache'
  counter_is token_requests 0
}

@test "a token request that failed without a record of it is judged by its exit status" {
  local failed
  sandbox_profile default auth0_domain=http://127.0.0.1:1
  expect 1 rhythm-check --format=kv
  out_has cause=network
  failed=$(find "$XDG_CACHE_HOME/rhythm" -name '*+failed')
  rm "$failed"
  mkdir "$failed"
  expect 1 rhythm-check --format=kv
  out_has cause=network
  out_has 'reason=.*127\.0\.0\.1:1.*'
}

@test "an unknown refusal after the month's limit is probably the quota" {
  sandbox_profile default monthly_limit=2
  expect 0 rhythm-token header
  rm -rf "$XDG_CACHE_HOME"
  knob token.answer=month-spent
  expect 1 rhythm-check --format=kv
  err_empty
  out_has cause=quota
  out_has "reason=probably the quota: .*; this machine's ledger shows 1 of 2 tokens this month"
  sandbox_profile default monthly_limit=1000
  expect 1 rhythm-check --format=kv
  err_empty
  out_has cause=unexplained
}

@test "a missing CA bundle is reported as tls, not as network" {
  sandbox_profile default "api_base=$SANDBOX_HTTPS/{service}" ca_bundle=/nonexistent
  expect 1 rhythm-check --format=kv
  err_empty
  out_has cause=tls
  out_has 'fix=.*ca_bundle.*'
  counter_is api_requests 0
}

# published SERVICE_PORT ARTICLE_PORT - a curl that maps the two published hosts to these ports of this machine.
published() {
  mkdir hosts
  printf '#!/bin/sh\nexec %s -q -k --connect-to rolodex.api.rhythmsoftware.com:443:127.0.0.1:%s %s:%s "$@"\n' \
    "$(command -v curl)" "$1" '--connect-to api.rhythmsoftware.com:443:127.0.0.1' "$2" >hosts/curl
  chmod +x hosts/curl
  PATH=$PWD/hosts:$PATH
}

@test "the published base URL that answered is named if the configured one did not" {
  local port=${SANDBOX_HTTPS##*:}
  knob api.base_urls=both
  sandbox_profile default 'api_base=https://{service}.api.rhythmsoftware.com'
  published 1 "$port"
  expect 1 rhythm-check --format=kv
  err_empty
  out_has cause=base-url
  out_has 'reason=the configured base URL did not respond \(curl: \(7\) .*\); the other published one returned 200: https://api\.rhythmsoftware\.com/rolodex-v1/communicationTypes/acme\.org'
  out_has 'fix=set api_base=https://api\.rhythmsoftware\.com/\{service\}-v1 in .*/default\.conf'
  counter_is api_requests 1
  rm -r hosts
  published "$port" 1
  expect 0 rhythm-check --format=kv
  err_empty
  out_has check.base-url=pass
  expect 1 env 'RHYTHM_API_BASE=https://api.rhythmsoftware.com/{service}-v1' rhythm-check --format=kv
  err_empty
  out_has 'reason=.* returned 200: https://rolodex\.api\.rhythmsoftware\.com/communicationTypes/acme\.org'
  rm -r hosts
  published 1 1
  expect 1 rhythm-check --format=kv
  err_empty
  out_has cause=network
  out_has 'reason=no response: curl: \(7\) .*'
  out_has check.base-url=pass
  counter_is api_requests 3
  mint_count 1
  no_secret
}

@test "a call that is known to write is not made" {
  sandbox_profile
  expect 0 rhythm-check --format=kv rolodex contacts/acme.org/c-17
  err_any
  out_has check.permission=pass
  expect 0 rhythm-check --format=kv rolodex contacts/acme.org/batch
  err_is 'rhythm-check: note: no request was made: the catalogue has only POST for this path, and a check never writes'
  expect 0 rhythm-check --format=kv rolodex 'contacts/{tenantId}'
  err_is 'rhythm-check: note: no request was made: the catalogue has only POST for this path, and a check never writes'
  out_has check.permission=skip
  counter_is api_requests 1
}

@test "a URL below another base than the profile's is named, and gets no request" {
  sandbox_profile
  expect 1 rhythm-check --format=kv https://rolodex.api.rhythmsoftware.com/contacts/acme.org/c-1
  err_empty
  out_has cause=base-url
  out_has "reason=no request was made: https://rolodex\.api\.rhythmsoftware\.com/contacts/acme\.org/c-1 is not below api_base=$SANDBOX_HTTP/\{service\}, and the token is sent nowhere else"
  out_has 'fix=check a URL below it, or set api_base=https://\{service\}\.api\.rhythmsoftware\.com in .*/default\.conf'
  expect 1 rhythm-check --format=kv https://api.rhythmsoftware.com/rolodex-v1/contacts/acme.org/c-1
  err_empty
  out_has 'fix=check a URL below it, or set api_base=https://api\.rhythmsoftware\.com/\{service\}-v1 in .*/default\.conf'
  counter_is api_requests 0
}

@test "a foreign URL gets no token and no request" {
  sandbox_profile
  expect 1 rhythm-check --format=kv "${SANDBOX_HTTP/127.0.0.1/localhost}/rolodex/contacts/acme.org/c-1"
  err_any
  out_has cause=base-url
  expect 1 rhythm-check --format=kv $'https://x.example/a\ncause=none'
  err_any
  out_has 'reason=https://x\.example/a\\ncause=none is not below .*'
  out_lacks '^cause=none'
  counter_is api_requests 0
}

@test "a web page is not a response of the API, and the commands name the profile" {
  sandbox_profile work
  knob api.answer=not-json
  expect 1 rhythm-check -p work --format=kv
  err_empty
  out_has cause=server
  out_has 'reason=the response \(200\) is a web page \(text/html.*\), which the API never returns'
  rm -rf "$XDG_CACHE_HOME"
  knob token.answer=wrong-secret
  expect 1 rhythm-check -p work --get fix
  out_matches '.*, then run rhythm-token -p work --refresh header'
  err_empty
}

@test "a redirect is not followed" {
  sandbox_profile
  knob api.answer=redirect
  expect 1 rhythm-check --format=kv
  err_empty
  out_has cause=base-url
  counter_is landings 0
}

@test "a placeholder word or an opaque token is not sent" {
  sandbox_profile
  printf 'undefined\n' >token
  expect 1 rhythm-check --format=kv --token token rolodex contacts/current
  err_empty
  out_has cause=token-malformed
  counter_is api_requests 0
  mint_count 0
}

@test "a placeholder word or an opaque token in a token_file is not sent, and is named" {
  local cause text
  sandbox_profile token_file="$PWD/token"
  while IFS='|' read -r cause text; do
    printf '%s\n' "$text" >token
    chmod 600 token
    expect 1 rhythm-check --format=kv
    err_empty
    out_has "cause=$cause"
    [[ $cause == token-opaque ]] || out_has "reason=the token is the (placeholder|word) ${text#Bearer }, .*"
    expect 1 rhythm-check --format=kv --offline
    err_empty
    out_has "cause=$cause"
  done <<'END'
token-malformed|undefined
token-malformed|null
token-malformed|None
token-malformed|Bearer undefined
token-malformed|YOUR_TOKEN
token-opaque|abcDEF-_0
END
  counter_is api_requests 0
  mint_count 0
}

@test "a token_file without a token is 65, with the reason" {
  local text
  sandbox_profile token_file="$PWD/token"
  for text in '' '[object Object]' 'two words'; do
    printf '%s\n' "$text" >token
    chmod 600 token
    for how in --format=kv --offline; do
      expect 65 rhythm-check "$how"
      out_empty
      err_is "rhythm-check: there is no token in $PWD/token; it should contain a JWT, \"Bearer ...\" or an Authorization header line"
    done
  done
  counter_is api_requests 0
}

@test "--offline opens no connection" {
  sandbox_profile
  expect 0 rhythm-token header
  knob api.answer=500
  local before
  before=$(counter connections)
  expect 0 rhythm-check --offline --format=kv
  err_empty
  out_has cause=none
  out_has check.signature=skip
  expect 0 rhythm-check --offline
  out_has '^rhythm-check: the token of profile default$'
  same "$before" "$(counter connections)"
  rm -rf "$XDG_CACHE_HOME"
  expect 69 rhythm-check --offline --format=kv
  out_empty
  err_is 'rhythm-check: no valid token is cached; run rhythm-token once without --offline'
}

@test "no argument and no environment of curl holds the token or the secret" {
  sandbox_profile client_secret=
  mkdir spies
  printf '#!/bin/sh\n{ printf "%%s\\n" "$@"; env; } >>%s/spied\nexec %s "$@"\n' "$PWD" "$(command -v curl)" >spies/curl
  chmod +x spies/curl
  RHYTHM_CLIENT_SECRET=sandbox-secret RHYTHM_PASSWORD=sandbox-secret PATH=$PWD/spies:$PATH expect 0 rhythm-check --format=kv
  err_empty
  expect 0 cat spied
  out_has '@-'
  no_secret spied
  absent "$XDG_RUNTIME_DIR"/rhythm-check.*
}

@test "a captured request is not sent again" {
  sandbox_profile
  expect 0 rhythm-token header
  {
    printf 'GET /rolodex/contacts/acme.org/c-1 HTTP/1.1\nHost: %s\n' "${SANDBOX_HTTP#http://}"
    cat "$OUT"
    printf '\nHTTP/1.1 401 Unauthorized\n\n{"message":"Unauthorized"}\n'
  } >capture
  expect 1 rhythm-check --format=kv --request capture
  err_any
  out_has cause=unexplained
  out_has check.base-url=pass
  counter_is api_requests 0
  mint_count 1
}

@test "little of an endless response is kept" {
  sandbox_profile timeout=60
  knob api.answer=huge huge_bytes=100000000000
  EXPECT_TIMEOUT=50 expect 0 rhythm-check --format=kv
  err_empty
  out_has cause=none
  knob huge_bytes=10485760
}

@test "words after -- are not options" {
  sandbox_profile
  knob api.unknown_path=missing-token
  expect 1 rhythm-check -q -- rolodex --offline
  out_is cause=route
  expect 0 rhythm-check -q -- rolodex contacts/acme.org/c-1
  out_is cause=none
}

@test "when killed, it leaves no files behind" {
  sandbox_profile timeout=2 # the shell handles a signal only after curl has exited
  knob api.answer=hang
  begin one rhythm-check
  until_counter api_requests 1
  kill -TERM "$BEGUN"
  finish 143 one
  err_any
  absent "$XDG_RUNTIME_DIR"/rhythm-check.*
}

@test "Ctrl-C also ends the loop around it" {
  sandbox_profile
  knob api.latency_ms=60000
  begin one env --default-signal=INT setsid bash -c 'for i in 1 2; do rhythm-check; echo went on; done'
  until_counter api_requests 1
  kill -INT -- "-$BEGUN"
  finish 130 one
  out_empty
  err_empty
  absent "$XDG_RUNTIME_DIR"/rhythm-check.*
}

@test "a curl that prints nothing does not count as success" {
  sandbox_profile
  mkdir spies
  printf '#!/bin/sh\nexit 2\n' >spies/curl
  chmod +x spies/curl
  PATH=$PWD/spies:$PATH expect 1 rhythm-check --format=kv
  err_empty
  out_has cause=network
  out_has 'reason=no response: curl failed without a message'
}

@test "a verdict that cannot be written is 73, in one line" {
  sandbox_profile
  local words
  for words in --format=text --format=kv --format=json --quiet --get=fix; do
    # shellcheck disable=SC2016 # the inner shell's
    expect 73 sh -c 'rhythm-check "$1" >/dev/full' sh "$words"
    err_is 'rhythm-check: cannot write to standard output: No space left on device'
  done
  expect 65 rhythm-check --get=nothing
  out_empty
  err_is 'rhythm-check: unknown key nothing; use cause, reason, fix or check.ID'
  expect 65 rhythm-check --get=check.nothing
  out_empty
  err_is 'rhythm-check: unknown key check.nothing; rhythm-check --format=kv prints all keys' # meta: text
  expect 64 rhythm-check rolodex 'contacts/{tenantId}/{id}'
  out_empty
  err_is 'rhythm-check: {id} has no value; write it into the path'
}

@test "if no call was made, the fix names the command that makes one" {
  sandbox_profile
  expect 0 rhythm-token --get sub
  expect 0 rhythm-check --offline --format=kv
  err_empty
  out_has 'fix=run a live check to see whether the API accepts the token: rhythm-check'
  expect 0 rhythm-check --format=kv rolodex 'contacts/{tenantId}'
  err_has '.*the catalogue has only POST .*'
  out_has 'fix=run a live check to see whether the API accepts the token: rhythm-check'
  counter_is api_requests 0
}
