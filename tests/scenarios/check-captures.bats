#!/usr/bin/env bats
# rhythm-check reads what people paste: transcripts, raw HTTP, curl commands, tokens with text around them.

load ../helper

TOKEN=$BATS_TEST_DIRNAME/../matrix/token

setup() {
  common_setup
  profile default auth0_domain=acme-org.us.auth0.com
  "$TOKEN" machine >token
  token=$(<token)
}

# title LINE - the text form begins with this line, which may be wrapped.
title() {
  awk '/^  /{ exit } { printf "%s%s", sep, $0; sep = " " } END { print "" }' "$OUT" >title
  lines_are title "$1"
}

# fed FILE - gives rhythm-check the file as it was pasted.
fed() {
  expect "$1" rhythm-check --offline - <"$2"
}

@test "the report says what was pasted and what was cleaned up" {
  fed 0 token
  title 'rhythm-check: a token, as pasted'
  printf '  "%s",\n' "$token" >pasted
  fed 0 pasted
  title 'rhythm-check: a token, as pasted; ignored in the input: quotes'
  fold -w 60 token | sed 's/^/> /' >pasted
  fed 0 pasted
  title 'rhythm-check: a token, as pasted; ignored in the input: mail quoting, line breaks'
  fold -w 60 token | sed 's/$/ /' >pasted
  fed 0 pasted
  title 'rhythm-check: a token, as pasted; ignored in the input: line breaks'
  printf '\357\273\277%s\302\240\n' "$token" >pasted
  fed 0 pasted
  title 'rhythm-check: a token, as pasted; ignored in the input: invisible characters'
  printf '{"access_token":"%s","expires_in":86400,"token_type":"Bearer"}\n' "$token" >pasted
  fed 0 pasted
  title 'rhythm-check: a token, as pasted; ignored in the input: token response'
  printf 'Bearer %s\n' "$token" >pasted
  fed 0 pasted
  title 'rhythm-check: an Authorization header value, as pasted'
  printf '"Authorization": "Bearer %s",\n' "$token" >pasted
  fed 0 pasted
  title 'rhythm-check: a header line, as pasted; ignored in the input: quotes'
  printf '\342\200\234%s\342\200\235\n' "$token" >pasted
  expect 0 rhythm-check --format=kv - <pasted
  err_is 'rhythm-check: note: ignored in the input: quotes'
  out_has cause=none
  expect 0 rhythm-check -q - <pasted
  err_empty
}

@test "a token with a line break before or after each dot is read, even after a short header" {
  printf '%s.%s\n' eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9 "${token#*.}" >token # {"alg":"RS256","typ":"JWT"}
  sed 's/[.]/&\n/g' token >pasted
  fed 0 pasted
  title 'rhythm-check: a token, as pasted; ignored in the input: line breaks'
  sed 's/[.]/\n&/g' token >pasted
  fed 0 pasted
  title 'rhythm-check: a token, as pasted; ignored in the input: line breaks'
}

@test "a token without its beginning, attached to other text, is not shown" {
  local tail=${token#*.} form
  tail=${tail:40}
  printf "curl: (7) Failed to connect to 203.0.113.9 port 443 after 2 ms: Couldn't connect to server%s\n" "$tail" >words
  printf 'GET https://rolodex.api.rhythmsoftware.com/contacts/acme.org/c-7%s\nAuthorization: Bearer %s\n\n401 Unauthorized\n' \
    "${tail%.*}" "$token" >url
  secret "${tail:0:60}"
  for form in --format=kv --format=text --bundle; do
    expect 1 rhythm-check --offline "$form" - <words
    err_any
    no_secret
    expect 1 rhythm-check --offline "$form" - <url
    err_any
    no_secret
  done
}

@test "the last of several requests is judged, and the report says so" {
  cat >two <<END
* Connected to rolodex.api.rhythmsoftware.com (192.0.2.1) port 443
> GET /contacts/acme.org/c-1 HTTP/1.1
> Host: rolodex.api.rhythmsoftware.com
>
< HTTP/1.1 401 Unauthorized
<
{"message":"Unauthorized"}
> GET /contacts/other.org/c-1 HTTP/1.1
> Host: rolodex.api.rhythmsoftware.com
> Authorization: Bearer $token
>
< HTTP/1.1 403 Forbidden
<
{"Message":"User is not authorized to access this resource"}
END
  expect 1 rhythm-check --format=kv --offline --request two
  err_is 'rhythm-check: note: only the last of 2 requests was checked'
  out_has cause=tenant-mismatch
  out_has "reason=the path's tenant is other.org, the token's is acme.org"
  fed 1 two
  title 'rhythm-check: a curl -v transcript; only the last of 2 requests was checked'
  no_secret
}

@test "a tunnel through a proxy is not the request, and its refusal is a network failure" {
  cat >proxied <<END
* Uses proxy env variable https_proxy == 'http://proxy.example:3128'
> CONNECT rolodex.api.rhythmsoftware.com:443 HTTP/1.1
> Host: rolodex.api.rhythmsoftware.com:443
>
< HTTP/1.1 200 Connection established
<
> GET /contacts/acme.org/c-1 HTTP/2
> Host: rolodex.api.rhythmsoftware.com
> authorization: Bearer $token
>
< HTTP/2 200
<
{}
END
  expect 0 rhythm-check --format=kv --offline --request proxied
  err_empty
  out_has check.header-name=pass
  cat >refused <<END
> CONNECT rolodex.api.rhythmsoftware.com:443 HTTP/1.1
>
< HTTP/1.1 407 Proxy Authentication Required
<
curl: (56) CONNECT tunnel failed, response 407
END
  expect 1 rhythm-check --get cause --offline --request refused
  out_is network
}

@test "a curl command is read as people paste it" {
  cat >cmd <<END
\$ TENANT=acme.org curl -sS --http1.1 \\
    --request POST \\
    --header "Content-Type: application/json" \\
    -H\$'Authorization: Bearer $token' \\
    --url="https://rolodex.api.rhythmsoftware.com/contacts/acme.org/search?exclusiveStartKey=x" \\
    --data-raw '{"a": "it'\\''s", "b": "x | y > z"}' 2>&1 | jq .
{"message":"Unauthorized"}
END
  expect 1 rhythm-check --format=kv --offline - <cmd
  err_empty
  out_has cause=unexplained
  out_has check.tenant-mismatch=pass
  out_has 'fix=.*status 401, POST https://rolodex.api.rhythmsoftware.com/contacts/acme.org/search, tenant acme.org'
  printf 'curl --oauth2-bearer %s https://rolodex.api.rhythmsoftware.com/contacts/current' "$token" >cmd
  expect 1 rhythm-check --get cause --offline - <cmd
  out_is contact-context
  # shellcheck disable=SC2016 # for rhythm-check to see
  printf 'curl -XGET -H "Authorization: Bearer $TOKEN" https://rolodex.api.rhythmsoftware.com/contacts/$TENANT/c-1\n' >cmd
  expect 1 rhythm-check --format=kv --offline - <cmd
  err_is 'rhythm-check: note: the input shows a placeholder such as *** for the token, so the token was not checked'
  out_has cause=unexplained
  out_has 'reason=.*: it lacks the token and the response'
  out_has check.header-scheme=pass
  out_has check.tenant-mismatch=skip
  printf 'rhythm-token header | curl -H @- https://rolodex.api.rhythmsoftware.com/contacts/acme.org/c-1\n' >cmd
  expect 1 rhythm-check --format=kv --offline - <cmd
  err_is 'rhythm-check: note: the input shows a placeholder such as *** for the token, so the token was not checked'
  printf 'curl -u me:sandbox-secret rolodex.api.rhythmsoftware.com/contacts/current\n' >cmd
  expect 1 rhythm-check --format=kv --offline - <cmd
  err_empty
  out_has cause=header-scheme
  out_has check.base-url=fail
  no_secret
  printf 'curl -H "Authorization: Bearer %s"\n' "$token" >cmd
  expect 0 rhythm-check --format=kv --offline - <cmd
  err_is 'rhythm-check: note: no URL was found in the input'
}

@test "a host that is a shell variable is not judged" {
  profile default auth0_domain=acme-org.us.auth0.com
  local url
  # shellcheck disable=SC2016 # the command's own
  for url in 'https://${SERVICE}.api.rhythmsoftware.com/contacts/acme.org/c-1' 'https://$HOST/contacts/acme.org/c-1'; do
    printf 'curl -H "Authorization: Bearer %s" "%s"\n' "$("$TOKEN" machine)" "$url" >capture
    expect 0 rhythm-check --format=kv --request capture
    err_any
    out_has cause=none
  done
  # shellcheck disable=SC2016
  printf 'curl -H "Authorization: Bearer %s" "https://$S.evil.example/x"\n' "$("$TOKEN" machine)" >capture
  expect 1 rhythm-check --format=kv --request capture
  err_any
  out_has cause=base-url
}

@test "a request and response piped in, as rhythm-get does it, are judged" {
  {
    printf 'GET /contacts/acme.org/c-1 HTTP/1.1\r\nHost: rolodex.api.rhythmsoftware.com\r\nAuthorization: Bearer %s\r\n\r\n' "$token"
    printf 'HTTP/1.1 401 Unauthorized\r\nDate: Sun, 22 Nov 2037 03:00:00 GMT\r\nx-amzn-requestid: r-1\r\n\r\n{"message":"Unauthorized"}'
  } >exchange
  expect 1 rhythm-check --format=kv --request - --offline <exchange
  err_empty
  out_has cause=token-expired
  out_has "reason=the token expired [0-9]+ days before the response was sent: .*, the time was 2142471600"
  no_secret
  sed -i 's/Sun, 22 Nov 2037/Sun, 15 Feb 2037/' exchange # the calendar's year begins in March
  expect 1 rhythm-check --format=kv --request - --offline <exchange
  err_empty
  out_has 'reason=.*, the time was 2118279600'
}

@test "nothing of an interim response is taken for the final one's" {
  {
    printf '> GET /contacts/acme.org/c-1 HTTP/1.1\n> Host: rolodex.api.rhythmsoftware.com\n> Authorization: Bearer %s\n>\n' "$token"
    printf '< HTTP/1.1 100 Continue\n< Date: Sun, 22 Nov 2037 03:00:00 GMT\n<\n< HTTP/1.1 401 Unauthorized\n<\n{"message":"Unauthorized"}\n'
  } >capture
  expect 1 rhythm-check --format=kv --offline --request capture
  err_empty
  out_has check.token-expired=pass
}

@test "a header called Proxy-Authorization is not the API's" {
  printf '12:00:01 INFO connecting, Proxy-Authorization: Basic dXNlcjpwYXNzd29yZA==\n12:00:02 WARN %s/contacts/acme.org/c-1 401 {"message":"Unauthorized"}\n' \
    https://rolodex.api.rhythmsoftware.com >capture
  expect 1 rhythm-check --format=kv --offline - <capture
  err_any
  out_has check.header-scheme=skip
  out_has cause=unexplained
}

@test "a response body does not count as another request or answer" {
  profile default auth0_domain=acme-org.us.auth0.com
  {
    printf 'GET https://rolodex.api.rhythmsoftware.com/contacts/acme.org/c-1 HTTP/1.1\nAuthorization: Bearer %s\n\n' "$("$TOKEN" machine)"
    printf 'HTTP/1.1 401 Unauthorized\n\nHTTP/1.1 200 OK\n\nyou sent:\n\nGET /x HTTP/1.1\nHost: evil.example\n\n> GET /y HTTP/1.1\n'
  } >capture
  expect 1 rhythm-check --format=kv --offline --request capture
  err_empty
  out_has cause=unexplained
  out_has 'reason=the API returned 401, .*'
}

@test "a response alone is judged, and the token that it echoes is not shown" {
  printf 'HTTP/2 403\nx-amzn-errortype: IncompleteSignatureException\n\n{"message":"%s not a valid key=value pair (missing equal-sign) in Authorization header: Bearer %s"}\n' \
    "$token" "$token" >answer
  expect 1 rhythm-check --format=kv --offline - <answer
  err_empty
  out_has cause=route
  out_has check.header-missing=pass
  no_secret
  printf 'HTTP/1.1 401 Unauthorized\nwww-authenticate: Bearer error_description="bad %s"\n\n{}\n' "$token" >answer
  expect 1 rhythm-check --offline - <answer
  out_has 'VERDICT: unexplained'
  no_secret
  local opaque=p3QxvT0mZ8cLr5WkYb1NdJ7hUe2Gf9Sa
  printf 'HTTP/2 403\n\n{"message":"%s not a valid key=value pair (missing equal-sign) in Authorization header: %s"}\n' \
    "'$opaque'" "'Bearer $opaque'" >answer
  expect 1 rhythm-check --bundle --offline - <answer
  out_has verdict.cause=route
  out_lacks "$opaque"
  printf 'HTTP/2 302\nlocation: https://acme-org.us.auth0.com/callback?code=%s\n\n' "$opaque" >answer
  expect 0 rhythm-check --bundle --offline - <answer
  out_has fact.answer.location=https://acme-org.us.auth0.com/callback
  out_lacks "$opaque"
  printf 'GET /contacts/acme.org/c-1 HTTP/1.1\nHost: rolodex.api.rhythmsoftware.com\nAuthorization: Bearer k3yAbc9Z\n\n' >answer
  printf 'HTTP/1.1 500 Internal Server Error\n\n{"message":"k3yAbc9Z is not a key"}\n' >>answer
  expect 1 rhythm-check --format=kv --offline - <answer
  err_empty
  out_has '.*\*\*\* is not a key.*'
  out_lacks k3yAbc9Z
}

@test "a capture with colors, indentation and times is read" {
  printf '\033[1m  03:00:00.000001 > GET /contacts/current HTTP/1.1\033[0m\n  03:00:00.000001 > Host: rolodex.api.rhythmsoftware.com\n' >capture
  sed 's/^\(.*\)  03/\103/' capture >plain
  expect 1 rhythm-check --get cause --offline --request plain
  out_is header-missing
}

@test "many lines and long lines take little time" {
  {
    printf '> GET /contacts/acme.org/c-1 HTTP/1.1\n> Host: rolodex.api.rhythmsoftware.com\n> Authorization: Bearer %s\n>\n< HTTP/1.1 200 OK\n<\n' "$token"
    head -c 1000000 /dev/zero | tr '\0' x
    yes '{"a":"eyJ"}' | head -n 100000
  } >large
  expect 0 prlimit --cpu=10 rhythm-check --format=kv --offline --request large
  err_empty
  out_has cause=none
}

@test "a long run of blanks, in a line or at its end, takes no longer than other text" {
  local blank
  for blank in ' ' $'\t' $'\r' $'\302\240'; do
    { printf 'Authorization: Bearer %s' "$token"; printf "%0200000d" 0 | sed "s/0/$blank/g"; printf 'x\nHTTP/1.1 401 Unauthorized\n'; } >large
    expect 1 prlimit --cpu=10 rhythm-check --format=kv --offline --request large
    err_any
    out_has 'cause=.*'
  done
}

@test "a text of the largest size is read to its end, one that is a byte longer not at all" {
  { head -c $((4194304 - ${#token} - 2)) /dev/zero | tr '\0' x && printf '\n%s\n' "$token"; } >largest
  expect 0 rhythm-check -q --offline - <largest
  out_is cause=none
  err_empty
  printf x | cat - largest >larger
  expect 65 rhythm-check -q --offline - <larger
  err_any
}
