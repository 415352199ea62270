#!/usr/bin/env bats
# What rhythm-check prints: the reason and the fix of every cause; its bundle; the recipes of its manual; and what it never
# prints or passes on.

load ../helper

TOKEN=$BATS_TEST_DIRNAME/../matrix/token
S=https://rolodex.api.rhythmsoftware.com

setup() {
  common_setup
  machine=$("$TOKEN" machine)
}

# ask HEADER STATUS BODY [PATH [RESPONSE-HEADER]] - writes a captured request to ./input.
ask() {
  printf 'GET %s HTTP/1.1\nHost: rolodex.api.rhythmsoftware.com\n%s\n\nHTTP/1.1 %s\n%s\n%s\n' \
    "${4:-/contacts/acme.org/c-1}" "$1" "$2" "${5:+$5$'\n'}" "$3" >input
}

# says CAUSE REASON FIX [OPTION...] - the verdict on ./input; REASON and FIX are patterns.
says() {
  local status=1
  [[ $1 != none ]] || status=0
  expect "$status" rhythm-check --format=kv --offline "${@:4}" - <input
  err_any
  out_has "cause=$1"
  out_has "reason=$2"
  out_has "fix=$3"
}

UNAUTHORIZED='{"message":"Unauthorized"}'
DENIED='{"Message":"User is not authorized to access this resource"}'

@test "a header line alone shows quotes or brackets around the token and unreplaced placeholders" {
  while IFS='|' read -r value cause reason; do
    printf 'Authorization: Bearer %s\n' "${value//@/$machine}" >input
    says "$cause" "$reason" '.+'
  done <<'ROWS'
"@"|header-scheme|.*it contains quotes or brackets.*
'@'|header-scheme|.*it contains quotes or brackets.*
{@}|none|.+
<@>|none|.+
""|token-malformed|there is no token after Bearer.*
${TOKEN}|token-malformed|the token is the placeholder \$\{TOKEN\}, .*
{{access_token}}|token-malformed|the token is the placeholder \{\{access_token\}\}, .*
%TOKEN%|token-malformed|the token is the placeholder %TOKEN%, .*
System.Net.Token|token-malformed|the token is System\.Net\.Token, which a program printed in place of the token
[object Promise]|token-malformed|the token is \[object Promise\], which a program prints for a result that was not awaited
function () { return t }|token-malformed|the token is function \(\) \{ return t \}, which a program printed .*
ROWS
}

@test "a missing, misnamed or malformed header is named" {
  ask 'Accept: */*' '401 Unauthorized' "$UNAUTHORIZED"
  says header-missing 'the request has no Authorization header' 'send the header  Authorization: Bearer TOKEN .*'
  ask "Cookie: t=$machine" '401 Unauthorized' "$UNAUTHORIZED"
  says header-missing '.*; a token is in a cookie, where the API does not look' '.*'
  ask "X-Api-Key: $machine" '401 Unauthorized' "$UNAUTHORIZED"
  says header-name 'the token is in a header called X-Api-Key, not Authorization' 'name the header Authorization'
  ask "Authorization: $machine" '401 Unauthorized' "$UNAUTHORIZED"
  says header-scheme '.*the word Bearer and a space are missing before the token' 'send exactly  Authorization: Bearer TOKEN .*'
  ask "Authorization: bearer $machine" '401 Unauthorized' "$UNAUTHORIZED"
  says header-scheme 'the API returned 401, and the header begins with bearer; .*RFC 9110.*' 'send exactly  Authorization: Bearer TOKEN'
  printf 'curl -H “Authorization: Bearer %s” %s/contacts/acme.org/c-1\n' "$machine" "$S" >input
  says header-missing '.*the command has typographic quotes.*' 'replace the typographic quotes .*'
}

@test "a malformed token is named, and so is a token whose claims are wrong" {
  ask 'Authorization: Bearer undefined' '401 Unauthorized' "$UNAUTHORIZED"
  says token-malformed 'the token is the word undefined, .*' 'find out why your program has no token: .*'
  ask 'Authorization: Bearer <YOUR_JWT_HERE>' '401 Unauthorized' "$UNAUTHORIZED"
  says token-malformed 'the token is the placeholder <YOUR_JWT_HERE>, .*' 'replace the placeholder with the token; or use: .*'
  ask 'Authorization: Bearer q8Zt0-LmX2vKd9sPw4RyB7nHc1Ej6Ua' '401 Unauthorized' "$UNAUTHORIZED"
  says token-opaque 'the token is opaque: it has no dots, .*' 'request a token with audience=https://api.rhythmsoftware.com'
  "$TOKEN" machine exp-3600 >input
  says token-expired 'the token expired 60 min ago by this machine.s clock: .*' 'get a new token .*'
  "$TOKEN" machine nbf+3600 >input
  says token-not-yet-valid 'the token becomes valid in (59|60) min by .* clock: nbf is .*' "check this machine's clock; if it is right, wait until then"
  "$TOKEN" machine iat+7200 exp+93600 >input
  says clock-skew 'by this machine.s clock the token was issued .* in the future .*' "set this machine's clock .*"
  "$TOKEN" machine aud=https://a.example >input
  says audience 'aud is https://a.example; .*' 'request a token with audience=https://api.rhythmsoftware.com .*'
  "$TOKEN" machine header.alg=HS256 >input
  says signature 'the token is signed with a shared secret \(HS256\), .*' 'get a new token and use it unchanged: rhythm-token --refresh header'
  "$TOKEN" machine tenant_id- >input
  says tenant-claim 'the token has no claim http://rhythmsoftware.com/tenant_id' 'request a token with an API key from Rhythm Console > .*'
  "$TOKEN" user contact_id- >input
  says first-login "this user token's contact_id is missing: .*" "log in to Rhythm's UI once as this person, then get a new token"
  "$TOKEN" machine header.alg=EdDSA >input
  says none '.*' '.*'
  out_has check.signature=skip
}

@test "settings that do not fit what was pasted decide the verdict with -p, and are only mentioned without it" {
  profile other auth0_domain=other.us.auth0.com
  ask "Authorization: Bearer $machine" '401 Unauthorized' "$UNAUTHORIZED"
  says issuer "the token was issued by https://acme-org.us.auth0.com/; this profile's issuer is other.us.auth0.com" \
    "get the token from this profile's issuer, .*" -p other
  RHYTHM_PROFILE=other says unexplained '.*the token was issued by .*, but the issuer in your own settings is other.us.auth0.com' 'if the call is meant to use your own settings, send their token .*; otherwise try the other published base URL: .*'
  printf '%s\n' "$machine" >input
  RHYTHM_AUTH0_DOMAIN=other.us.auth0.com says none 'no problem was found, except for a suspicion: .*the issuer in your own settings is other.us.auth0.com' '.*; otherwise run a live check .*'
}

@test "a wrong path, tenant, base URL or route is named" {
  ask "Authorization: Bearer $machine" '401 Unauthorized' "$UNAUTHORIZED" /contacts/current
  says contact-context "this call returns the caller's own contact, .*" "use a user's token .*"
  ask "Authorization: Bearer $("$TOKEN" machine tenant_id=other.org)" '403 Forbidden' "$DENIED"
  says tenant-mismatch "the path's tenant is acme.org, the token's is other.org" 'replace acme.org in the path with other.org, .*'
  ask "Authorization: Bearer $machine" '403 Forbidden' "$DENIED" /contacts//c-1
  says tenant-mismatch 'the path has two slashes and no tenant between them; .*' 'put acme.org between the two slashes'
  printf "curl -H 'Authorization: Bearer %s' https://rolodex.rhythmsoftware.com/contacts/acme.org/c-1\n" "$machine" >input
  says base-url 'https://rolodex.rhythmsoftware.com/contacts/acme.org/c-1 is not below a Rhythm base URL: .*' 'call https://SERVICE.api.*'
  ask "Authorization: Bearer $machine" '403 Forbidden' '{"message":"Missing Authentication Token"}' /contcats/acme.org/c-1
  says route 'the gateway returned 403 \(Missing Authentication Token\) because it has no route for GET https://.*/contcats/acme.org/c-1; the token is not the problem' \
    'compare method and path with rhythm-get --list rolodex contacts .*'
  ask "Authorization: Bearer $machine" '403 Forbidden' "$DENIED" /contcats/acme.org/c-1
  says route 'the authorizer refused GET .*: rolodex has no /contcats' '.*rhythm-get --list rolodex contacts.*'
  ask "Authorization: $machine" '403 Forbidden' "$DENIED"
  says permission 'the authorizer read the token and refused this call with 403 .*: the caller is not allowed to access the tenant, or the path does not exist' 'have the permission .*'
  out_has check.header-scheme=warn
  ask "Authorization: Bearer $machine" '403 Forbidden' '{"Message":"User: anonymous is not authorized to perform: execute-api:Invoke"}'
  says permission 'the gateway did not read the token: .*' '.*'
  # in a service that is not complete here an unknown path only raises a doubt
  printf 'GET /contacts/acme.org/c-1 HTTP/1.1\nHost: system.api.rhythmsoftware.com\nAuthorization: Bearer %s\n\nHTTP/1.1 401 Unauthorized\n\n%s\n' \
    "$machine" "$UNAUTHORIZED" >input
  says unexplained '.*the catalogue has /contacts for rolodex, not for system.*' 'if the call is meant for rolodex, call https://rolodex\.api\.rhythmsoftware\.com/contacts/acme\.org/c-1; otherwise .*'
}

@test "a refusal that is not about the token is named" {
  ask "Authorization: Bearer $machine" '429 Too Many Requests' '{"message":"Limit Exceeded"}' '' 'Retry-After: 7'
  says rate-limit 'the API returned 429 \(Limit Exceeded\): .*' 'wait \(Retry-After: 7\) .*'
  printf "curl -H 'Authorization: Bearer %s' %s/contacts/acme.org/c-1\ncurl: (6) Could not resolve host: rolodex.api.rhythmsoftware.com\n" "$machine" "$S" >input
  says network 'no response: curl: \(6\) Could not resolve host.*' 'check the host name, and the name servers .*'
  printf "curl -H 'Authorization: Bearer %s' %s/contacts/acme.org/c-1\ncurl: (56) CONNECT tunnel failed, response 407\n" "$machine" "$S" >input
  says network 'a proxy refused the request: .*407' 'correct the proxy settings .*'
  printf "curl -H 'Authorization: Bearer %s' %s/contacts/acme.org/c-1\ncurl: (60) SSL certificate problem: certificate has expired\n" "$machine" "$S" >input
  says tls 'the TLS connection failed: .*' 'check the clock .*'
  ask "Authorization: Bearer $machine" '503 Service Unavailable' '{"message":"Service Unavailable"}'
  says server 'the API returned 503 \(Service Unavailable\): .*' 'try again later; .*'
  printf "curl -H 'Authorization: Bearer %s' %s/contacts/acme.org/c-1\ncurl: (3) URL using bad/illegal format or missing URL\n" "$machine" "$S" >input
  says unexplained 'curl sent nothing, so there is no response to judge: curl: \(3\) .*' 'correct the URL, .*'
  ask "Authorization: Bearer $machine" '403 Forbidden' '<html>Generated by cloudfront: the request could not be satisfied</html>'
  says unexplained 'CloudFront, not the API, returned 403; .*' '.*'
  ask "Authorization: Bearer $machine" '401 Unauthorized' '' '' 'WWW-Authenticate: Basic realm="staff"'
  says unexplained 'a web server or proxy that asks for a username .*realm="staff".*, not the API, returned 401; .*' '.*'
}

@test "the remedy fits the words of the program that failed" {
  local words remedy
  while IFS='|' read -r words remedy; do
    printf '%s\n' "$words" >input
    expect 1 rhythm-check --get=fix --offline - <input
    err_any
    out_has "$remedy.*; the token was not judged"
  done <<'ROWS'
curl: (35) OpenSSL/3.0.2: error:0A00010B:SSL routines::wrong version number|check the scheme
curl: (35) schannel: next InitializeSecurityContext failed: Unknown error (0x80092012)|allow connections to the revocation server
curl: (58) could not load PEM client certificate, OpenSSL error|correct the client certificate
curl: (60) SSL: no alternative certificate subject name matches target host name 'x.example'|correct the host name
curl: (60) SSL certificate problem: unable to get local issuer certificate|give curl your network's CA
curl: (60) schannel: SEC_E_UNTRUSTED_ROOT (0x80090325)|add your network's CA to the system's
curl: (77) error setting certificate file: /nonexistent|correct the path of the CA file
javax.net.ssl.SSLHandshakeException: PKIX path building failed: unable to find valid certification path|import your network's CA into Java's
FetchError: request to https://rolodex.api.rhythmsoftware.com/contacts failed, reason: self-signed certificate in certificate chain|set NODE_EXTRA_CA_CERTS
System.Net.Http.HttpRequestException: The SSL connection could not be established, see inner exception.|read the inner exception
[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self signed certificate in certificate chain (_ssl.c:1002)|set SSL_CERT_FILE
Get "https://rolodex.api.rhythmsoftware.com/": tls: failed to verify certificate: x509: certificate signed by unknown authority|add your network's CA to the system's
cURL error 60: SSL certificate problem: unable to get local issuer certificate|set curl.cainfo
curl: (92) HTTP/2 stream 5 was not closed cleanly: INTERNAL_ERROR (err 2)|try again; if it fails again, use HTTP/1.1
curl: (52) Empty reply from server|try again; if it fails again, check the firewall
curl: (7) Failed to connect to rolodex.api.rhythmsoftware.com port 443|check the host name, the network
ROWS
  printf 'curl: (5) Could not resolve proxy: proxy.example\n' >input
  says network 'the connection to the proxy failed: .*' 'correct the proxy settings .*'
  printf 'curl: (26) Failed to open/read local data from file/application\n' >input
  says unexplained 'curl sent nothing, .*' 'name a file that curl can read .*'
}

@test "if too little was pasted, the verdict says what is missing and how to get it" {
  printf '%s\n' "$UNAUTHORIZED" >input
  says unexplained '.*; the input lacks the request and the token' 'let rhythm-check make the call: .* curl -v, .*'
  out_lacks 'fix=.*support'
  ask 'Authorization: Bearer ***' '401 Unauthorized' "$UNAUTHORIZED"
  says unexplained '.*; the input lacks the token' 'check the token with rhythm-check --token FILE; .*'
  ask "Authorization: Bearer $machine" '401 Unauthorized' "$UNAUTHORIZED" '' 'x-amzn-requestid: r-17'
  says unexplained 'the API returned 401 \(Unauthorized\), and no check explains it' \
    "try the other published base URL: .*; then write to Rhythm's support with request ID r-17, .*"
}

@test "a captured refusal of the issuer is read as a live one is" {
  printf '{"error":"access_denied","error_description":"Unauthorized"}\n' >input
  says credentials 'the issuer refused the token request \(access_denied: Unauthorized\): client ID or secret is wrong' 'compare the client ID and secret with Rhythm Console .*'
  printf '{"error":"invalid_grant","error_description":"Unknown or invalid refresh token."}\n' >input
  says credentials '.*: the login is invalid or has expired' 'run rhythm-token login again'
  printf '{"error":"unauthorized_client","error_description":"Grant type x not allowed for the client."}\n' >input
  says grant 'the issuer refused the token request \(unauthorized_client: .*\): this client may not use this grant' "set another grant, or ask Rhythm's support to enable this grant"
  printf 'POST /oauth/token HTTP/1.1\nHost: acme-org.us.auth0.com\n\nHTTP/1.1 429 Too Many Requests\n\n{"error":"too_many_requests","error_description":"Client quota exceeded"}\n' >input
  says quota 'the issuer refused the token request with 429 .*' 'wait until the quota resets, .*'
  printf '{"error":"access_denied","error_description":"Service not enabled within domain: https://api.rhythmsoftware.com"}\n' >input
  says audience '.*' 'set RHYTHM_AUTH0_DOMAIN=DOMAIN, with the domain that Rhythm Console .* shows: the audience is right, the issuer is not'
  printf '{"error":"access_denied","error_description":"Service not enabled within domain: https://x.example"}\n' >input
  says audience '.*' 'set RHYTHM_AUDIENCE=https://api.rhythmsoftware.com'
  printf '{"error":"invalid_scope","error_description":"unknown scope: x"}\n' >input
  says config '.*unknown scope: x.*' 'request a scope that the issuer knows .*'
}

@test "a bundle contains no secrets and gives the same verdict when read" {
  "$TOKEN" machine exp-3600 >token
  secret sandbox-secret
  profile default username=ada.lovelace client_secret_file=/home/ada.lovelace/secret cache_url=file:///home/ada.lovelace/store
  ask "Authorization: Bearer $(<token)" '401 Unauthorized' "$UNAUTHORIZED"
  RHYTHM_CLIENT_SECRET=sandbox-secret expect 1 rhythm-check --bundle --offline - <input
  err_empty
  no_secret
  out_lacks 'eyJ'
  out_lacks 'ada\.lovelace'
  out_has 'fact\.config\.timeout=30'
  out_has 'verdict.cause=token-expired'
  out_has 'version=rhythm-check .*'
  cp "$OUT" bundle
  sed -n 's/^verdict\.//p' bundle >wanted
  sed 's/^/> /' bundle >quoted
  local file
  for file in bundle quoted; do
    expect 1 rhythm-check --format=kv - <"$file"
    err_empty
    cp "$OUT" got
    lines_are got <wanted
  done
  ask "Authorization: Bearer $machine" '500 Internal Server Error' '{"message":"database is down"}'
  expect 1 rhythm-check --bundle --offline - <input
  cp "$OUT" bundle
  sed -n 's/^verdict\.//p' bundle >wanted
  expect 1 rhythm-check --format=kv - <bundle
  err_empty
  cp "$OUT" got
  lines_are got <wanted
  out_has 'reason=.*\(database is down\).*'
}

@test "nothing of a bundle that lost its first line is taken for a response" {
  ask "Authorization: Bearer $("$TOKEN" machine exp-3600)" '401 Unauthorized' "$UNAUTHORIZED"
  expect 1 rhythm-check --bundle --offline - <input
  grep -E '^(fact|verdict)[.]' "$OUT" >rest
  sed 's/^/> /' rest >quoted
  ask "Authorization: Bearer $machine" '401 Unauthorized' "$UNAUTHORIZED"
  local file
  for file in rest quoted; do
    expect 65 rhythm-check --format=kv --offline - <"$file"
    err_any
    out_empty
    cat input "$file" >both
    expect 1 rhythm-check --format=kv --offline - <both
    err_empty
    out_has cause=unexplained
    out_has 'reason=the API returned 401 \(Unauthorized\), and no check explains it'
  done
}

expect_failure() {
  # shellcheck disable=SC2016 # the inner shell's
  expect 0 sh -c 'rhythm-check "$@" && exit 1; [ $? -eq 64 ] || [ $? -eq 65 ] || [ $? -eq 1 ]' sh "$@"
  out_empty
}

@test "a token in the wrong place is not printed, and the message says where it belongs" {
  local words
  for words in "$machine" "--token $machine" "--$machine" "rolodex $machine" "a b $machine" "--get $machine" "--capture $machine" "Bearer $machine"; do
    # shellcheck disable=SC2086 # words
    expect_failure $words
    no_secret
    err_has '.*paste it into: rhythm-check -'
  done
}

@test "only rhythm-token inherits the secrets of the environment" {
  mkdir spies
  local program
  for program in awk sed head tr cmp mktemp cat; do
    # shellcheck disable=SC2016 # the spy's
    printf '#!/bin/sh\nenv >>"%s/seen"\nexec "%s" "$@"\n' "$PWD" "$(command -v "$program")" >"spies/$program"
    chmod +x "spies/$program"
  done
  printf '%s\n' "$machine" >token
  RHYTHM_CLIENT_SECRET=sandbox-secret RHYTHM_PASSWORD=sandbox-password \
    RHYTHM_REDIS_URL=redis://:sandbox-secret@127.0.0.1:1 RHYTHM_CACHE_URL=redis://:sandbox-secret@127.0.0.1:1 \
    PATH=$PWD/spies:$PATH expect 0 rhythm-check -q --token token
  out_is cause=none
  err_empty
  grep -q '^PATH=' seen
  secret sandbox-secret sandbox-password
  no_secret seen
}

@test "the JSON is valid for any capture" {
  printf 'GET /contacts/acme.org/\233\377\342\200\303 HTTP/1.1\nHost: rolodex.api.rhythmsoftware.com\nAuthorization: Bearer undefined\n\nHTTP/1.1 401 Unauthorized\n\n{"message":"\302\233 \\"x\\" \\\\ \377"}\n' >input
  expect 1 rhythm-check --format=json --offline - <input
  err_any
  cp "$OUT" answer
  expect 0 jq -r .cause answer
  out_is token-malformed
  expect 0 iconv -f UTF-8 -t UTF-8 answer
  out_lacks $'\302\233'
}

# recipe N - writes the N-th indented example of the manual as a script.
recipe() {
  awk -v wanted="$1" '/^\.Bd -literal/ { n++; on = n == wanted; next } /^\.Ed/ { on = 0 } on { gsub(/\\e/, "\\"); print }' \
    "$BATS_TEST_DIRNAME/../../bin/rhythm-check.1" >recipe
  chmod +x recipe
}

@test "the manual's monitoring plugin works" {
  sandbox_start
  sandbox_profile client_id=sandbox-client
  recipe 2
  expect 0 sh recipe
  err_empty
  out_is 'RHYTHM OK - the API returned 200: it accepted the token'
  knob api.answer=503
  expect 1 sh recipe
  out_has 'RHYTHM WARNING - server: .*'
  knob api.answer=401
  expect 2 sh recipe
  out_has 'RHYTHM CRITICAL - unexplained: .*'
  expect 3 sh recipe nowhere
  out_is 'RHYTHM UNKNOWN - rhythm-check gave no verdict'
  knob api.answer=
  recipe 3
  expect 0 bash recipe
  err_any
  out_has $'default\t.*'
  sandbox_stop
}
