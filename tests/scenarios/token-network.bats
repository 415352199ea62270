#!/usr/bin/env bats
# Where rhythm-token connects to, and where it does not: HTTPS, CA bundles, proxies, --offline, unreachable issuers.
# shellcheck disable=SC2030,SC2031 # each case is a process of its own

load ../helper
load token

setup_file() { sandbox_start; }

# outcome PATTERN - of the last request, in the ledger of whatever issuer.
outcome() {
  sed -n -E 's/^(ok|denied|unknown|unsent)\.[^=]*=/\1 /p' "$XDG_STATE_HOME"/rhythm/* | tail -n 1 >outcome.txt
  matches outcome.txt "$1"
}

@test "HTTPS trusts the issuer's CA in ca_bundle" {
  sandbox_profile "auth0_domain=$SANDBOX_HTTPS" "ca_bundle=$SANDBOX_CA"
  expect 0 rhythm-token --get iss
  out_is "$SANDBOX_HTTPS/"
  err_empty
  outcome 'ok 200'
  mint_count 1
}

@test "a bare host means HTTPS" {
  sandbox_profile "auth0_domain=${SANDBOX_HTTPS#https://}" "ca_bundle=$SANDBOX_CA"
  expect 0 rhythm-token --get iss
  out_is "$SANDBOX_HTTPS/"
  err_empty
}

@test "an unknown CA is 69 and costs no token, and no option allows it" {
  sandbox_profile "auth0_domain=$SANDBOX_HTTPS"
  expect 69 rhythm-token
  out_empty
  err_matches "rhythm-token: no secure connection to $SANDBOX_HTTPS: .*certificate.*; if a proxy or a private CA is in between, set ca_bundle"
  no_secret
  outcome 'unsent .*certificate.*'
  counter_is token_requests 0
}

@test "a certificate for another host is 69" {
  sandbox_profile "auth0_domain=https://127.0.0.2:${SANDBOX_HTTPS##*:}" "ca_bundle=$SANDBOX_CA"
  expect 69 rhythm-token
  out_empty
  err_matches 'rhythm-token: .*https://127\.0\.0\.2:.*'
  outcome 'unsent .*'
  counter_is token_requests 0
}

@test "a missing CA bundle is 69" {
  sandbox_profile "auth0_domain=$SANDBOX_HTTPS" ca_bundle=/nonexistent
  expect 69 rhythm-token
  out_empty
  err_matches "rhythm-token: no secure connection to $SANDBOX_HTTPS: .*/nonexistent; check the file in ca_bundle, CURL_CA_BUNDLE or SSL_CERT_FILE"
  outcome 'unsent .*'
}

@test "an unreachable issuer is 69, and the request counts as unsent" {
  for domain in https://127.0.0.1:1 http://localhost:1 nosuch.invalid; do
    sandbox_profile "auth0_domain=$domain"
    expect 69 rhythm-token
    out_empty
    err_matches "rhythm-token: cannot reach (https://)?$domain: .*; check auth0_domain and the network"
    outcome 'unsent .*'
    expect 1 rhythm-token status --get minted
    out_is 0
  done
}

@test "plain HTTP to loopback bypasses every proxy" {
  sandbox_profile
  for variable in http_proxy https_proxy HTTPS_PROXY all_proxy ALL_PROXY; do
    export "$variable=http://127.0.0.1:1"
  done
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
}

@test "HTTPS uses curl's proxy variables" {
  sandbox_profile auth0_domain=issuer.example
  export https_proxy=http://127.0.0.1:1
  expect 69 rhythm-token
  out_empty
  err_matches 'rhythm-token: cannot reach https://issuer\.example: .*127\.0\.0\.1.*; check auth0_domain and the network'
  outcome 'unsent .*'
}

@test "a request whose proxy refuses to connect counts as unsent" {
  sandbox_profile auth0_domain=issuer.example
  export https_proxy=$SANDBOX_HTTP
  expect 69 rhythm-token
  out_empty
  err_matches 'rhythm-token: cannot reach https://issuer\.example: .*; check the proxy in https_proxy or all_proxy, and its username and password'
  outcome 'unsent .*'
  counter_is token_requests 0
}

@test "--offline opens no socket, with or without a token" {
  sandbox_profile
  trace 69 socket,connect,execve rhythm-token --offline
  out_empty
  err_is 'rhythm-token: no valid token is cached; run rhythm-token once without --offline'
  expect 1 grep -a -E 'socket\(|connect\(|rhythm-net|rhythm-jwt' trace
  out_empty
  absent "$XDG_CACHE_HOME/rhythm" "$XDG_STATE_HOME/rhythm"
  expect 0 rhythm-token print
  for command in claims header print status config; do
    trace 0 socket,connect,execve rhythm-token --offline "$command"
    expect 1 grep -a -E 'socket\(|connect\(|rhythm-net|rhythm-jwt' trace
    out_empty
  done
  mint_count 1
}

@test "--offline serves an old token until it expires, renews none, and refuses an expired one" {
  sandbox_profile
  expect 0 rhythm-token print
  age 86000
  expect 0 rhythm-token --offline --get tenant_id
  out_is acme.org
  err_empty
  age 500
  expect 69 rhythm-token --offline
  out_empty
  err_is 'rhythm-token: no valid token is cached; run rhythm-token once without --offline'
  mint_count 1
}

@test "status and config never use the network" {
  sandbox_profile
  before=$(counter connections)
  expect 1 rhythm-token status --refresh
  err_empty
  expect 0 rhythm-token config --refresh
  err_empty
  counter_is connections "$before"
}

# system_certificates FILE - makes ./in_system CMD, which runs CMD with only these as the system's certificates, and ./call, which
# makes a call with curl, configured by rhythm-token.
system_certificates() {
  mkdir certs
  cp "$1" certs/ca-certificates.crt
  openssl rehash certs 2>/dev/null
  # shellcheck disable=SC2016 # for the shells that run them
  printf '%s\n' '#!/bin/sh' "exec unshare -m sh -c 'mount --bind certs /etc/ssl/certs && exec \"\$@\"' sh \"\$@\"" >in_system
  # shellcheck disable=SC2016
  printf '%s\n' '#!/bin/bash' 'set -o pipefail' \
    "rhythm-token curl --token token.jwt $SANDBOX_HTTPS/echo/x | curl -q -g -s -S -f -K -" >call
  chmod +x in_system call
  ./in_system true 2>/dev/null || skip 'needs root, and a mount name space'
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout other.key -out other.pem -days 2 \
    -subj '/CN=another authority' 2>/dev/null
  jwt '{"a":"x"}'
}

@test "a ca_bundle replaces the system's certificates: a server that only they know is refused" {
  system_certificates "$SANDBOX_CA"
  sandbox_profile "auth0_domain=$SANDBOX_HTTPS" "api_base=$SANDBOX_HTTPS/{service}"
  expect 0 ./in_system rhythm-token --get tenant_id
  out_is acme.org
  expect 0 ./in_system ./call
  err_empty
  sandbox_profile "auth0_domain=$SANDBOX_HTTPS" "api_base=$SANDBOX_HTTPS/{service}" "ca_bundle=$PWD/other.pem"
  expect 69 ./in_system rhythm-token --refresh
  out_empty
  err_matches "rhythm-token: no secure connection to $SANDBOX_HTTPS: .*certificate.*"
  expect 60 ./in_system ./call
  out_empty
  err_has '.*certificate.*'
  mint_count 1
}

@test "a server that only the ca_bundle knows is accepted" {
  system_certificates "$SANDBOX_CA"
  cp other.pem certs/ca-certificates.crt
  rm certs/*.0
  openssl rehash certs 2>/dev/null
  sandbox_profile "auth0_domain=$SANDBOX_HTTPS" "api_base=$SANDBOX_HTTPS/{service}"
  expect 69 ./in_system rhythm-token
  err_has '.*certificate.*'
  expect 60 ./in_system ./call
  err_has '.*certificate.*'
  sandbox_profile "auth0_domain=$SANDBOX_HTTPS" "api_base=$SANDBOX_HTTPS/{service}" "ca_bundle=$SANDBOX_CA"
  expect 0 ./in_system rhythm-token --get tenant_id
  out_is acme.org
  expect 0 ./in_system ./call
  err_empty
}

# Runs a command with our directory `certs` as /etc/ssl/certs.
# shellcheck disable=SC2016 # for that shell
readonly IN_CERTIFICATES=(unshare -m sh -c 'mount --bind certs /etc/ssl/certs && exec "$@"' sh)

# certificates HASHED BUNDLE - makes `certs`; yes: that part has the sandbox's authority, no: it has another one.
certificates() {
  rm -rf certs
  mkdir certs
  [[ -e other.pem ]] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=other \
    -keyout other.key -out other.pem 2>/dev/null
  cp "$(if [[ $2 == yes ]]; then echo "$SANDBOX_CA"; else echo other.pem; fi)" certs/ca-certificates.crt
  hashed=$(if [[ $1 == yes ]]; then echo "$SANDBOX_CA"; else echo other.pem; fi)
  cp "$hashed" "certs/$(openssl x509 -hash -noout -in "$hashed").0"
}

@test "the hashed certificate directory is enough, also for curl; otherwise the bundle is read" {
  needs_root
  sandbox_profile "auth0_domain=$SANDBOX_HTTPS" "api_base=$SANDBOX_HTTPS/{service}"
  certificates yes no
  expect 0 "${IN_CERTIFICATES[@]}" rhythm-token --get iss
  out_is "$SANDBOX_HTTPS/"
  err_empty
  expect 0 "${IN_CERTIFICATES[@]}" rhythm-token curl rolodex contacts/acme.org/c-1
  out_has 'capath = "/etc/ssl/certs"'
  out_has 'cacert = "/etc/ssl/certs/[0-9a-f]{8}\.0"'
  expect 0 "${IN_CERTIFICATES[@]}" rhythm-token --bundle curl rolodex contacts/acme.org/c-1
  out_lacks 'capath'
  CURL_CA_BUNDLE=$SANDBOX_CA expect 0 "${IN_CERTIFICATES[@]}" rhythm-token curl rolodex contacts/acme.org/c-1
  out_lacks 'capath'
  certificates no yes
  expect 0 "${IN_CERTIFICATES[@]}" rhythm-token --refresh --get iss
  out_is "$SANDBOX_HTTPS/"
  err_empty
  expect 0 "${IN_CERTIFICATES[@]}" rhythm-token curl rolodex contacts/acme.org/c-1
  out_lacks 'capath'
  certificates no no
  expect 69 "${IN_CERTIFICATES[@]}" rhythm-token --refresh
  out_empty
  err_matches "rhythm-token: no secure connection to $SANDBOX_HTTPS: .*certificate.*"
  CURL_CA_BUNDLE=$SANDBOX_CA expect 0 "${IN_CERTIFICATES[@]}" rhythm-token --refresh --get iss
  out_is "$SANDBOX_HTTPS/"
  SSL_CERT_FILE=$SANDBOX_CA expect 0 "${IN_CERTIFICATES[@]}" rhythm-token --refresh --get iss
  out_is "$SANDBOX_HTTPS/"
}

@test "an empty certificate directory, or one of broken links, leaves the bundle in use" {
  needs_root
  sandbox_profile "auth0_domain=$SANDBOX_HTTPS"
  certificates yes yes
  for file in certs/*.0; do ln -sf /nonexistent "$file"; done
  expect 0 "${IN_CERTIFICATES[@]}" rhythm-token --get iss
  out_is "$SANDBOX_HTTPS/"
  rm certs/*.0
  expect 0 "${IN_CERTIFICATES[@]}" rhythm-token --refresh --get iss
  out_is "$SANDBOX_HTTPS/"
  err_empty
}

@test "rhythm-get needs no bundle either, and reads it for a server that the directory does not know" {
  needs_root
  sandbox_profile "auth0_domain=$SANDBOX_HTTPS" "api_base=$SANDBOX_HTTPS/{service}"
  certificates yes no
  expect 0 "${IN_CERTIFICATES[@]}" rhythm-get rolodex 'contacts/{tenantId}/c-1' --jq .id
  out_is c-1
  err_empty
  # the directory's authority was used for the token; now it is removed
  certificates no yes
  cp other.pem "certs/$(openssl x509 -hash -noout -in "$SANDBOX_CA").0"
  expect 0 "${IN_CERTIFICATES[@]}" rhythm-get rolodex 'contacts/{tenantId}/c-1' --jq .id
  out_is c-1
  err_empty
  certificates no no
  expect 69 "${IN_CERTIFICATES[@]}" rhythm-get rolodex 'contacts/{tenantId}/c-1'
  out_empty
  err_matches 'rhythm-get: .*certificate.* \(curl 60\); .* set ca_bundle'
}
