#!/usr/bin/env bats
# rhythm-token claims, header and print: the output for a token without faults.
# shellcheck disable=SC2030,SC2031 # each case is a process of its own

load ../helper
load token

setup_file() { sandbox_start; }

@test "a machine token's claims are sorted, without Rhythm's namespace" {
  sandbox_profile
  expect 0 rhythm-token
  out_matches 'aud=https://api\.rhythmsoftware\.com' azp=sandbox-client customer_id=customer-acme 'exp=[0-9]{10}' \
    gty=client-credentials 'iat=[0-9]{10}' "iss=$SANDBOX_HTTP/" sub=sandbox-client@clients 'tenant_id=acme\.org'
  err_empty
  mint_count 1
}

@test "claims is the default command, and prints the same from the cache" {
  sandbox_profile
  expect 0 rhythm-token
  cp "$OUT" first
  expect 0 rhythm-token claims
  out_is_file first
  err_empty
  mint_count 1
}

@test "header and print give the same token, ready for curl" {
  sandbox_profile
  expect 0 rhythm-token print
  out_matches '[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+'
  err_empty
  token=$(<"$OUT")
  expect 0 rhythm-token header
  out_is "Authorization: Bearer $token"
  err_empty
  mint_count 1
}

@test "curl reads the header from standard input" {
  sandbox_profile
  expect 0 rhythm-token header
  expect 0 curl -q -s -f --noproxy '*' -o /dev/null -w '%{http_code}\n' -H @- "$SANDBOX_HTTP/rolodex/contacts/acme.org/c-1" <"$OUT"
  out_is 200
}

@test "a token in a file is decoded in any form" {
  jwt '{"sub":"s"}'
  token=$(<token.jwt)
  printf '%s' "$token" >bare
  printf 'Bearer %s\n' "$token" >bearer
  printf 'Authorization: Bearer %s\r\n' "$token" >line
  printf '\n  authorization:bearer %s  \n\n' "$token" >sloppy
  for form in bare bearer line sloppy; do
    expect 0 rhythm-token claims "$form"
    out_is sub=s
    err_empty
    expect 0 rhythm-token claims - <"$form"
    out_is sub=s
    err_empty
    expect 0 rhythm-token --token "$form" header
    out_is "Authorization: Bearer $token"
    err_empty
    expect 0 rhythm-token --token=- print <"$form"
    out_is "$token"
    err_empty
  done
  absent "$XDG_CACHE_HOME/rhythm" "$XDG_STATE_HOME/rhythm"
}

@test "a given token needs no settings and no network" {
  jwt '{"sub":"s"}'
  sandbox_profile
  before=$(counter connections)
  trace 0 socket,connect rhythm-token claims token.jwt
  out_is sub=s
  err_empty
  expect 1 grep -a -E 'socket\(|connect\(' trace
  out_empty
  counter_is connections "$before"
  mint_count 0
}

@test "each kind of value has its own form" {
  jwt '{"t":true,"f":false,"n":null,"i":-5,"big":9223372036854775807,"price":19.99,"tenth":0.1,"e":"","u":"\u00e9\u20ac",
    "a":["x","y",3],"ea":[],"eo":{},"o":{"b":{"c":1},"a":[true,{"k":"v"}],"e":{}}}'
  expect 0 rhythm-token claims token.jwt
  out_is a=x a=y a=3 big=9223372036854775807 e= 'ea=[]' 'eo={}' f=false i=-5 n=null o.a=true o.a.k=v o.b.c=1 'o.e={}' \
    price=19.99 t=true tenth=0.1 $'u=\xc3\xa9\xe2\x82\xac'
  err_empty
}

@test "a key with other bytes is percent-encoded, and sorted by what is printed" {
  jwt '{"a b":1,"a=b":2,"a%b":3,"a\nb":4,"\u00e9":5,"a/b:c@d-e.f_g":6,"":7,"Z":8}'
  expect 0 rhythm-token claims token.jwt
  out_is %00=7 %C3%A9=5 Z=8 a%0Ab=4 a%20b=1 a%25b=3 a%3Db=2 a/b:c@d-e.f_g=6
  err_empty
}

@test "a plain claim never hides Rhythm's own" {
  jwt '{"http://rhythmsoftware.com/tenant_id":"real.org","tenant_id":"forged.org","contact_id":"forged","x":1,
    "http://rhythmsoftware.com/x":2,"http://rhythmsoftware.com/exp":3,"exp":4}'
  expect 0 rhythm-token claims token.jwt
  out_is exp=4 http://rhythmsoftware.com/exp=3 plain.contact_id=forged plain.tenant_id=forged.org plain.x=1 \
    tenant_id=real.org x=2
  err_empty
  expect 0 rhythm-token claims token.jwt --get tenant_id
  out_is real.org
  expect 65 rhythm-token claims token.jwt --get contact_id
  out_empty
  err_is 'rhythm-token: the output has no key contact_id; leave out --get to see its keys'
}

@test "--get prints the raw value alone, an array's elements one per line" {
  jwt '{"a":["x y","z"],"back":"a\\b","o":{"k":"v"},"e":""}'
  expect 0 rhythm-token claims token.jwt --get a
  out_is 'x y' z
  expect 0 rhythm-token claims token.jwt --get=back
  out_is 'a\b'
  expect 0 rhythm-token claims --get o.k token.jwt
  out_is v
  expect 0 rhythm-token claims --get e token.jwt
  out_is ''
  expect 65 rhythm-token claims --get o token.jwt
  out_empty
  err_is 'rhythm-token: the output has no key o; leave out --get to see its keys'
}

@test "--get of a missing key is 65, from the cache too, and mints once" {
  sandbox_profile
  expect 65 rhythm-token --get contact_id
  out_empty
  err_is 'rhythm-token: the output has no key contact_id; leave out --get to see its keys'
  expect 65 rhythm-token --get contact_id
  out_empty
  err_is 'rhythm-token: the output has no key contact_id; leave out --get to see its keys'
  mint_count 1
}

@test "--format=json prints the payload on one line" {
  jwt '{"b":[1, 2.5],  "a":"x\ny","http://rhythmsoftware.com/tenant_id":"t","n":null}'
  expect 0 rhythm-token claims --format=json token.jwt
  out_matches '\{.*\}'
  err_empty
  expect 0 jq -S -c . "$OUT"
  out_is '{"a":"x\ny","b":[1,2.5],"http://rhythmsoftware.com/tenant_id":"t","n":null}'
}

@test "--format=json prints the same from the issuer and from the cache" {
  sandbox_profile
  expect 0 rhythm-token --format=json
  cp "$OUT" first
  err_empty
  expect 0 rhythm-token --format json
  out_is_file first
  err_empty
  expect 0 jq -r '."http://rhythmsoftware.com/tenant_id"' first
  out_is acme.org
  mint_count 1
}

@test "--format=shell prints assignments, an array's elements on lines" {
  jwt '{"http://rhythmsoftware.com/tenant_id":"acme.org","a":["x","y"],"q":"it'"'"'s","o":{"k-v":"1"},"é":2}'
  expect 0 rhythm-token claims --format=shell token.jwt
  out_is "rhythm___='2'" "rhythm_a='x" "y'" "rhythm_o_k_v='1'" "rhythm_q='it'\\''s'" "rhythm_tenant_id='acme.org'"
  err_empty
}

@test "with --format=shell the first of keys with one name wins, with a warning" {
  jwt '{"a-b":"1","a.b":"2","a_b":["3","4"]}'
  expect 0 rhythm-token claims --format=shell token.jwt
  out_is "rhythm_a_b='1'"
  err_matches 'rhythm-token: warning: a\.b is left out, because a-b is already rhythm_a_b; use --format=json to see both' \
    'rhythm-token: warning: a_b is left out, because a-b is already rhythm_a_b; use --format=json to see both'
  expect 0 rhythm-token -q claims --format=shell token.jwt
  out_is "rhythm_a_b='1'"
  err_empty
}

@test "the manual's eval line works" {
  sandbox_profile
  cat >loop <<'END'
c=$(rhythm-token --format=shell) || exit; eval "$c" # meta: expect judges the script
printf '%s %s\n' "$rhythm_tenant_id" "$rhythm_gty"
END
  expect 0 sh loop
  out_is 'acme.org client-credentials'
  err_empty
}

@test "the manual's reading loop works" {
  sandbox_profile
  cat >loop <<'END'
rhythm-token | while IFS= read -r l; do # meta: expect judges the script
  k=${l%%=*} v=${l#*=}
  case $k in tenant_id) printf '<%s>\n' "$v" ;; esac
done
END
  expect 0 sh loop
  out_is '<acme.org>'
  err_empty
}

@test "the eval line fails if there is no token" {
  profile default "auth0_domain=$SANDBOX_HTTP"
  cat >loop <<'END'
c=$(rhythm-token --format=shell) || exit; eval "$c" # meta: expect judges the script
echo went on
END
  expect 78 sh loop
  out_empty
  err_has 'rhythm-token: client_id is not set; .*'
}

@test "standard output that cannot be written is an error" {
  sandbox_profile
  cat >full <<'END'
rhythm-token >/dev/full # meta: expect judges the script
END
  expect 73 sh full
  out_empty
  err_is 'rhythm-token: cannot write to standard output: No space left on device'
  expect 73 sh full
  err_is 'rhythm-token: cannot write to standard output: No space left on device'
  mint_count 1
}

@test "with standard streams closed none of our files takes their place" {
  sandbox_profile
  expect 73 sh -c 'exec rhythm-token print <&- >&- 2>&-'
  out_empty
  err_empty
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  mint_count 1
}
