#!/usr/bin/env bats
# rhythm-token with hostile tokens and with input that is not a token: no forged line, no moved cursor, no crash.
# shellcheck disable=SC1003,SC2030,SC2031 # each case is a process of its own

load ../helper
load token

setup_file() { sandbox_start; }

@test "no value forges a line or moves a cursor" {
  jwt '{"a":"x\ntenant_id=forged","b":"\u001b[2J\r\t\\","c":"\u009b1m\u007f\u0085","d":"=","e":"\u0001\u001f"}'
  expect 0 rhythm-token claims token.jwt
  out_is 'a=x\ntenant_id=forged' 'b=\x1b[2J\r\t\\' 'c=\xc2\x9b1m\x7f\xc2\x85' 'd==' 'e=\x01\x1f'
  err_empty
}

@test "no value from the issuer or the cache forges a line or moves a cursor" {
  sandbox_profile
  knob 'token.claims={"a":"x\ntenant_id=forged","b":"\u001b[2J\\","k\n=":"\u009b"}'
  expect 0 rhythm-token
  out_has 'a=x\\ntenant_id=forged'
  out_has 'b=\\x1b\[2J\\\\'
  out_has 'k%0A%3D=\\xc2\\x9b'
  out_has 'tenant_id=acme\.org'
  err_empty
  cp "$OUT" first
  expect 0 rhythm-token
  out_is_file first
  expect 0 rhythm-token --get a
  out_is x tenant_id=forged
  expect 0 rhythm-token --get b
  out_is $'\e[2J\\'
  expect 0 rhythm-token --get k%0A%3D
  out_is $'\xc2\x9b'
  mint_count 1
}

@test "--format=shell output is safe to eval, whatever the token contains" {
  # shellcheck disable=SC2016 # not for this shell
  jwt '{"a":"$(touch pwned)`touch pwned`","b":"'"'"'; touch pwned; '"'"'","c\n; touch pwned; \u0027":"x","d":"a\nb\\","$(touch pwned)":"y",
    "e":"\u001b\u009b"}'
  cat >script <<'END'
c=$(rhythm-token claims --format=shell token.jwt) || exit # meta: expect judges the script
eval "$c"
printf '<%s>\n' "$rhythm_a" "$rhythm_b" "$rhythm_d" "$rhythm_e"
END
  for shell in dash bash 'busybox sh' mksh zsh; do
    command -v "${shell%% *}" || continue
    # shellcheck disable=SC2086 # busybox and its applet
    expect 0 $shell script
    # shellcheck disable=SC2016
    out_is '<$(touch pwned)`touch pwned`>' "<'; touch pwned; '>" '<a' 'b\>' $'<\e\xc2\x9b>'
    err_empty
    absent pwned
  done
}

@test "a value with control characters is not written to a terminal, unless escaped" {
  jwt '{"a":"x\u001b[2Jy","b":"plain"}'
  expect 65 script -q -e -c 'rhythm-token claims --get a token.jwt' typescript
  out_is $'rhythm-token: a contains control characters, which are not sent to a terminal; leave out --get to see them escaped\r'
  expect 0 script -q -e -c 'rhythm-token claims --get b token.jwt' typescript
  out_is $'plain\r'
  expect 0 script -q -e -c 'rhythm-token claims token.jwt' typescript
  out_is $'a=x\\x1b[2Jy\r' $'b=plain\r'
  expect 0 rhythm-token claims --get a token.jwt
  out_is $'x\e[2Jy'
}

@test "JSON output has no character that a terminal obeys, and reads back unchanged" {
  jwt '{"a":"x\u009b2J\u007f\u0080y\u001b","b\u0085":"\u00e9"}'
  expect 0 rhythm-token claims --format=json token.jwt
  out_is '{"a":"x\u009b2J\u007f\u0080y\u001B","b\u0085":"'$'\xc3\xa9''"}'
  expect 0 jq -r .a "$OUT"
  out_is $'x\xc2\x9b2J\x7f\xc2\x80y\e'
  RHYTHM_SCOPE=$'x\xc2\x9by' expect 0 rhythm-token config --format=json
  out_has '.*"scope":"x\\u009by".*'
}

@test "--format=shell output is not written to a terminal if a value would move its cursor" {
  jwt '{"a":["x","y"],"b":"x\u001b[2Jy"}'
  expect 65 script -q -e -c 'rhythm-token claims --format=shell token.jwt' typescript
  out_is $'rhythm-token: b contains control characters, which are not sent to a terminal; use --format=kv to see them escaped\r'
  expect 0 rhythm-token claims --format=shell token.jwt
  out_is "rhythm_a='x" "y'" $'rhythm_b=\'x\e[2Jy\''
  jwt '{"a":["x","y"]}'
  expect 0 script -q -e -c 'rhythm-token claims --format=shell token.jwt' typescript
  out_is $'rhythm_a=\'x\r' $'y\'\r'
}

@test "a value of 1 MiB is printed" {
  {
    printf '{"v":"'
    head -c 1048576 /dev/zero | tr '\0' x
    printf '"}'
  } >payload
  jwt '' payload
  expect 0 rhythm-token claims --get v token.jwt
  head -c 1048576 /dev/zero | tr '\0' x >wanted
  echo >>wanted
  out_is_file wanted
  err_empty
}

@test "a value of 100,000 bytes is the same from the issuer and from the cache" {
  sandbox_profile
  printf 'token.claims={"v":"%s"}\n' "$(head -c 100000 /dev/zero | tr '\0' x)" >knobs
  expect 0 curl -q -s -f --noproxy '*' --data-binary @knobs "$SANDBOX_HTTP/_sandbox"
  expect 0 rhythm-token --get v
  err_empty
  cp "$OUT" first
  same "$(wc -c <first)" 100001
  expect 0 rhythm-token --get v
  out_is_file first
  err_empty
  mint_count 1
}

@test "10,000 claims are printed" {
  seq 10000 | sed 's/.*/"k&":&/' | paste -s -d , | sed 's/.*/{&}/' >payload
  jwt '' payload
  expect 0 rhythm-token claims token.jwt
  seq 10000 | sed 's/.*/k&=&/' | LC_ALL=C sort -t = -k 1,1 >wanted
  out_is_file wanted
  err_empty
  expect 0 rhythm-token claims --format=shell token.jwt
  sed -E "s/(.*)=(.*)/rhythm_\1='\2'/" wanted >assignments
  out_is_file assignments
  err_empty
}

@test "objects and arrays 1,000 levels deep are printed" {
  awk 'BEGIN { printf "{\"k\":"; for (i = 0; i < 999; i++) printf "{\"a\":"; printf "1"; for (i = 0; i < 1000; i++) printf "}" }' >payload
  jwt '' payload
  expect 0 rhythm-token claims token.jwt
  same "$(wc -l <"$OUT")" 1
  same "$(head -c 12 "$OUT")" k.a.a.a.a.a.
  err_empty
  awk 'BEGIN { printf "{\"k\":"; for (i = 0; i < 999; i++) printf "["; printf "1"; for (i = 0; i < 999; i++) printf "]"; printf "}" }' >payload
  jwt '' payload
  expect 0 rhythm-token claims token.jwt
  out_is k=1
  err_empty
}

@test "a long name above many elements is an error, and takes no gigabytes" {
  jq -n -c '{("k" * 20000): [range(20000)]}' >payload
  jwt '' payload
  expect 65 prlimit --cpu=20 rhythm-token claims token.jwt
  out_empty
  err_is 'rhythm-token: the token has claims of more than 8 MiB; check where it comes from'
}

@test "a million quotes, or Bearer 100,000 times, take no longer than other text" {
  head -c 1000000 /dev/zero | tr '\0' '"' >quotes
  expect 0 prlimit --cpu=10 rhythm-token facts --token quotes
  out_has form=malformed
  yes 'Bearer' | head -n 100000 | tr '\n' ' ' >bearers
  expect 0 prlimit --cpu=10 rhythm-token facts --token bearers
  out_has form=malformed
  err_empty
}

@test "times at the limits of 64 bits do not overflow, and cost one token" {
  sandbox_profile
  knob token.expires_in=none 'token.claims={"iat":-9223372036854775807,"exp":9223372036854775807}'
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_is 'rhythm-token: warning: the issuer did not say how long the token is valid; it is kept for 3600 s'
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
  mint_count 1
}

@test "nesting that is too deep is an error, not a crash" {
  awk 'BEGIN { printf "{\"k\":"; for (i = 0; i < 100000; i++) printf "["; for (i = 0; i < 100000; i++) printf "]"; printf "}" }' >payload
  jwt '' payload
  expect 65 rhythm-token claims token.jwt
  out_empty
  err_is 'rhythm-token: the token is not a JWT: its payload is not a JSON object (or contains a NUL or a number beyond 64 bits); run rhythm-check - and paste it'
}

@test "a NUL after a number is invalid input, not a lack of memory" {
  printf '{"exp":1\0,"a":2}' >payload
  jwt '' payload
  expect 65 rhythm-token claims token.jwt
  out_empty
  err_is 'rhythm-token: the token is not a JWT: its payload is not a JSON object (or contains a NUL or a number beyond 64 bits); run rhythm-check - and paste it'
}

@test "of a repeated name the last value counts" {
  jwt '{"a":1,"b":2,"a":3}'
  expect 0 rhythm-token claims token.jwt
  out_is a=3 b=2
  err_empty
}

@test "numbers beyond 2^53 are printed unchanged, beyond 64 bits they are an error" {
  jwt '{"a":9007199254740993,"b":-9223372036854775808}'
  expect 0 rhythm-token claims token.jwt
  out_is a=9007199254740993 b=-9223372036854775808
  expect 0 rhythm-token claims --format=json token.jwt
  out_is '{"a":9007199254740993,"b":-9223372036854775808}'
  jwt '{"a":9223372036854775808}'
  expect 65 rhythm-token claims token.jwt
  out_empty
  err_is 'rhythm-token: the token is not a JWT: its payload is not a JSON object (or contains a NUL or a number beyond 64 bits); run rhythm-check - and paste it'
}

@test "invalid UTF-8, a NUL, and a payload that is not a JSON object are errors" {
  printf '{"a":"\xff"}' >invalid
  printf '{"a":"\\u0000"}' >nul
  printf '{"a":"x\0y"}' >raw-nul
  printf '[1]' >array
  printf '"s"' >string
  printf '{"a":' >truncated
  printf 'hello' >text
  for kind in invalid nul raw-nul array string truncated text; do
    jwt '' "$kind"
    expect 65 rhythm-token claims token.jwt
    out_empty
    err_is 'rhythm-token: the token is not a JWT: its payload is not a JSON object (or contains a NUL or a number beyond 64 bits); run rhythm-check - and paste it'
  done
}

@test "input that is not a JWT is refused with the reason" {
  part=eyJhIjoxfQ
  while IFS='|' read -r text why; do
    printf '%s\n' "$text" >token.jwt
    expect 65 rhythm-token claims token.jwt
    out_empty
    err_is "rhythm-token: $why"
  done <<END
undefined|the token is not a JWT: it has no dots; run rhythm-check - and paste it
$part.$part|the token is not a JWT: it does not have three parts; run rhythm-check - and paste it
$part.$part.x.y.z|the token is not a JWT: it does not have three parts; run rhythm-check - and paste it
$part.$part+.x|the token is not a JWT: it contains characters that are not base64url; run rhythm-check - and paste it
.$part.x|the token is not a JWT: its header is not a JSON object; run rhythm-check - and paste it
$part..x|the token is not a JWT: its payload is not a JSON object (or contains a NUL or a number beyond 64 bits); run rhythm-check - and paste it
bm90.$part.x|the token is not a JWT: its header is not a JSON object; run rhythm-check - and paste it
two words|there is no token in token.jwt; it should contain a JWT, "Bearer ..." or an Authorization header line
|there is no token in token.jwt; it should contain a JWT, "Bearer ..." or an Authorization header line
Bearer|there is no token in token.jwt; it should contain a JWT, "Bearer ..." or an Authorization header line
END
  printf 'a.b.c\0d' >token.jwt
  expect 65 rhythm-token print --token token.jwt
  out_empty
  err_is 'rhythm-token: there is no token in token.jwt; it should contain a JWT, "Bearer ..." or an Authorization header line'
}

@test "a token with a line break cannot add a second header" {
  printf 'aaa\r\nX-Evil: 1\n' >token.jwt
  expect 65 rhythm-token header --token token.jwt
  out_empty
  err_is 'rhythm-token: there is no token in token.jwt; it should contain a JWT, "Bearer ..." or an Authorization header line'
}

@test "a token file that is missing, a directory or over 4 MiB is an error" {
  expect 65 rhythm-token claims nowhere
  out_empty
  err_is 'rhythm-token: cannot read a token from the file nowhere: No such file or directory'
  expect 65 rhythm-token claims /
  out_empty
  err_is 'rhythm-token: cannot read a token from the file /: Is a directory'
  head -c 4194305 /dev/zero | tr '\0' x >big
  expect 65 rhythm-token print --token big
  out_empty
  err_is 'rhythm-token: cannot read a token from the file big: it is over 4 MiB'
}

@test "a JWT of 4 MiB is decoded" {
  {
    printf '{"v":"'
    head -c 3100000 /dev/zero | tr '\0' x
    printf '"}'
  } >payload
  jwt '' payload
  expect 0 rhythm-token claims --get v token.jwt
  same "$(wc -c <"$OUT")" 3100001
  err_empty
}

@test "an opaque token is cached and printed, but has no claims" {
  sandbox_profile
  for kind in jwe short; do
    knob "token.opaque=$kind"
    expect 0 rhythm-token print --refresh
    out_matches '[A-Za-z0-9._-]+'
    err_has 'rhythm-token: warning: the token is not a JWT: it .*; check the setting audience'
    cp "$OUT" token
    expect 0 rhythm-token print
    out_is_file token
    err_empty
    expect 65 rhythm-token
    out_empty
    err_is 'rhythm-token: the token is not a JWT, so it has no claims; check the audience that it was requested with: without one it is opaque'
  done
  mint_count 2
}

@test "a payload that cannot be read costs one token in all, not one per call" {
  sandbox_profile
  knob 'token.payload={"a":'
  expect 65 rhythm-token
  out_empty
  err_any
  expect 65 rhythm-token
  out_empty
  err_is 'rhythm-token: the token is not a JWT, so it has no claims; check the audience that it was requested with: without one it is opaque'
  expect 0 rhythm-token header
  out_matches 'Authorization: Bearer .+'
  mint_count 1
}
