#!/usr/bin/env bats
# rhythm-check: its output formats, exit statuses, bad input, and its manual page.

load ../helper

TOKEN=$BATS_TEST_DIRNAME/../matrix/token

FORMS='paste a token, a header line, the output of curl -v, a HAR file, a log, or any text that contains one of them'

IDS='config credentials grant quota header-missing header-name header-scheme token-malformed token-opaque token-expired
token-not-yet-valid clock-skew audience issuer signature tenant-claim customer-claim first-login contact-context
tenant-mismatch base-url route permission rate-limit network tls server unexplained'

@test "key=value output has every check in its order, then the verdict" {
  "$TOKEN" user aud=https://other.example contact_id- >token
  expect 1 rhythm-check --format=kv --token token
  err_empty
  out_is <<'END'
check.config=skip
check.credentials=skip
check.grant=skip
check.quota=skip
check.header-missing=skip
check.header-name=skip
check.header-scheme=skip
check.token-malformed=pass
check.token-opaque=pass
check.token-expired=pass
check.token-not-yet-valid=pass
check.clock-skew=pass
check.audience=fail
check.issuer=skip
check.signature=skip
check.tenant-claim=pass
check.customer-claim=pass
check.first-login=fail
check.contact-context=pass
check.tenant-mismatch=skip
check.base-url=skip
check.route=skip
check.permission=skip
check.rate-limit=skip
check.network=skip
check.tls=skip
check.server=skip
check.unexplained=skip
cause=audience
reason=aud is https://other.example; it must be or contain exactly https://api.rhythmsoftware.com
fix=request a token with audience=https://api.rhythmsoftware.com (set RHYTHM_AUDIENCE=https://api.rhythmsoftware.com)
END
}

@test "JSON output has the same keys, in one object on one line" {
  "$TOKEN" machine 'aud="a\"b\\c\n\u001b\u009b"' >token
  expect 1 rhythm-check --format=json --token token
  err_empty
  cp "$OUT" answer
  expect 0 jq -r 'keys_unsorted | map(ltrimstr("check.")) | join(" ")' answer
  out_is "$(printf '%s cause reason fix' "$IDS" | tr '\n' ' ')"
  expect 0 jq -j .reason answer
  # shellcheck disable=SC1003
  printf 'aud is a"b\\c\n\033\302\233; it must be or contain exactly https://api.rhythmsoftware.com' >wanted
  out_is_file wanted
  expect 0 wc -l answer
  out_is '1 answer'
}

@test "a backslash in a response escapes nothing, with every awk" {
  local awk said='the API returned 401 (a\x1b[31m "red"\nfix=x), and no check explains it; the input lacks the request and the token'
  printf '%s\n' 'HTTP/1.1 401 Unauthorized' '' '{"message":"a\x1b[31m \"red\"\nfix=x"}' >response
  for awk in $(each_awk); do
    PATH=$PWD/$awk:$PATH expect 1 rhythm-check --get reason - <response
    err_empty
    out_is "$said"
    PATH=$PWD/$awk:$PATH expect 1 rhythm-check --format=json - <response
    err_empty
    cp "$OUT" answer
    expect 0 jq -r .reason answer
    out_is "$said"
  done
}

@test "--get prints one raw value, and is 65 if there is none" {
  "$TOKEN" machine 'aud="a\nb"' >token
  expect 1 rhythm-check --get cause --token token
  err_empty
  out_is audience
  expect 1 rhythm-check --get=check.tenant-claim --token token
  out_is pass
  expect 1 rhythm-check --get reason --token token
  out_is 'aud is a' 'b; it must be or contain exactly https://api.rhythmsoftware.com'
  expect 65 rhythm-check --get check.nothing --token token
  out_empty
  err_is 'rhythm-check: unknown key check.nothing; rhythm-check --format=kv prints all keys' # meta: text
}

@test "-q prints the cause alone" {
  "$TOKEN" machine >token
  expect 0 rhythm-check -q --token token
  err_empty
  out_is cause=none
  "$TOKEN" machine tenant_id- >token
  expect 1 rhythm-check --quiet --token token
  err_empty
  out_is cause=tenant-claim
}

@test "text output is a table of 80 columns without color, with the verdict last" {
  "$TOKEN" machine 'aud=["https://a.example/with/a/long/path/that/does/not/fit/into/one/line/of/eighty/columns"]' customer_id- >token
  expect 1 rhythm-check --token token
  err_empty
  out_is <<'END'
rhythm-check: a token, as pasted
   ok   token-malformed, token-opaque, token-expired, token-not-yet-valid,
        clock-skew, tenant-claim, first-login
  FAIL  audience
  warn  customer-claim      customer_id is missing; the tutorial at
                            docs.api.rhythmsoftware.com requires it, the
                            support article calls it optional
   --   not judged: config, credentials, grant, quota, header-missing,
        header-name, header-scheme, issuer, signature, contact-context,
        tenant-mismatch, base-url, route, permission, rate-limit, network, tls,
        server

VERDICT: audience
  why:  aud is
        https://a.example/with/a/long/path/that/does/not/fit/into/one/line/of/e
        ighty/columns; it must be or contain exactly
        https://api.rhythmsoftware.com
  fix:  request a token with audience=https://api.rhythmsoftware.com (set
        RHYTHM_AUDIENCE=https://api.rhythmsoftware.com)
END
}

@test "color appears on a terminal only, and not with NO_COLOR" {
  "$TOKEN" machine tenant_id- >token
  TERM=xterm expect 1 script -q -e -c 'rhythm-check --token token' /dev/null
  out_has $'.*\e\\[1;31mVERDICT: tenant-claim\e\\[0m.*'
  TERM=xterm NO_COLOR=1 expect 1 script -q -e -c 'rhythm-check --token token' /dev/null
  out_has $'VERDICT: tenant-claim\r'
  TERM=xterm expect 1 rhythm-check --token token
  out_has 'VERDICT: tenant-claim'
}

@test "a claim cannot forge a line or move the cursor" {
  "$TOKEN" machine 'aud="x\ncause=none\u001b[2J"' >token
  expect 1 rhythm-check --format=kv --token token
  err_empty
  out_has 'cause=audience'
  out_lacks '^cause=none'
  out_lacks $'\e'
  expect 1 rhythm-check --token token
  out_lacks $'\e'
}

@test "an argument in a message cannot move the cursor" {
  expect 64 rhythm-check $'\e[31mr\303\251d\302\233'
  err_is $'rhythm-check: missing PATH after service ?[31mr\303\251d?; see rhythm-check --help'
  expect 65 rhythm-check --offline --get $'\e]0;x\a'
  err_is 'rhythm-check: unknown key ?]0;x?; use cause, reason, fix or check.ID'
  expect 65 rhythm-check --capture $'no\e[2Jfile'
  err_matches 'rhythm-check: cannot read no[?]\[2Jfile; .*'
}

@test "options that exclude each other are a usage error" {
  expect 64 rhythm-check --nothing
  out_empty
  err_is 'rhythm-check: there is no option --nothing; see rhythm-check --help'
  expect 64 rhythm-check --fromat=kv
  err_is 'rhythm-check: there is no option --fromat; nearest: --format; see rhythm-check --help'
  expect 64 rhythm-check rolodex
  err_is 'rhythm-check: missing PATH after service rolodex; see rhythm-check --help'
  : >what-i-was-sent.txt
  expect 64 rhythm-check what-i-was-sent.txt
  err_is 'rhythm-check: what-i-was-sent.txt is a file; to judge what it contains, run: rhythm-check - <FILE'
  expect 64 rhythm-check a b c
  err_is 'rhythm-check: unexpected argument c; see rhythm-check --help'
  expect 64 rhythm-check --format=xml
  err_is 'rhythm-check: unknown format xml: use text, kv or json; see rhythm-check --help'
  expect 64 rhythm-check --token
  err_is 'rhythm-check: --token needs a value; see rhythm-check --help'
  expect 64 rhythm-check --request r rolodex contacts/current
  err_is 'rhythm-check: --capture cannot be combined with --token, SERVICE PATH or URL; see rhythm-check --help'
  expect 64 rhythm-check --token t -
  err_is 'rhythm-check: - cannot be combined with --token, --capture or another argument; see rhythm-check --help'
  expect 64 rhythm-check --offline rolodex contacts/current
  err_is 'rhythm-check: --offline cannot be combined with SERVICE PATH or URL; see rhythm-check --help'
  expect 64 rhythm-check --get cause -q
  err_is 'rhythm-check: --get cannot be combined with --format or --quiet; see rhythm-check --help'
  out_empty
}

@test "input of an unknown form is 65 with one line, and none of it is shown" {
  expect 65 rhythm-check -
  out_empty
  err_is "rhythm-check: standard input is empty; $FORMS"
  printf '\n \n' >input
  expect 65 rhythm-check --request input
  out_empty
  err_is "rhythm-check: input is empty; $FORMS"
  printf 'a\0b sandbox-secret' >input
  expect 65 rhythm-check --token input
  out_empty
  no_secret
  err_is "rhythm-check: input is binary; $FORMS"
  head -c 10485760 /dev/zero | tr '\0' a >input
  expect 65 rhythm-check --token input
  out_empty
  err_is "rhythm-check: input is over 4 MiB; paste only the failed request and its response"
  printf 'My token is sandbox-secret\nand it does not work.\n' >input
  expect 65 rhythm-check - <input
  out_empty
  no_secret
  err_is "rhythm-check: standard input contains no token, request or status; $FORMS"
  "$TOKEN" machine >input
  expect 65 rhythm-check --request input
  out_empty
  no_secret
  err_is 'rhythm-check: input contains a token, not a request; use --token'
  printf "curl -H 'Authorization: Bearer x' https://x.example/\n" >input
  expect 65 rhythm-check --token input
  out_empty
  err_is 'rhythm-check: input contains a request, not a token; use --capture'
  expect 65 rhythm-check --token nothing-there
  out_empty
  err_is 'rhythm-check: cannot read nothing-there; name a readable file, or - for standard input'
}

@test "a missing or broken profile is an error only if it was asked for" {
  "$TOKEN" machine >token
  expect 78 rhythm-check -p nothing --token token
  out_empty
  err_matches 'rhythm-check: .*nothing.*'
  profile default nonsense
  expect 0 rhythm-check --format=kv --token token
  err_empty
  out_has 'check.config=warn'
  out_has 'cause=none'
}

@test "the issuer and the audience are those of the profile" {
  profile acme auth0_domain=https://ACME-org.us.auth0.com/
  profile other auth0_domain=other.us.auth0.com
  profile slash audience=https://api.rhythmsoftware.com/
  "$TOKEN" machine >token
  expect 0 rhythm-check -p acme --get check.issuer --token token
  out_is pass
  expect 1 rhythm-check -p other --get reason --token token
  out_is "the token was issued by https://acme-org.us.auth0.com/; this profile's issuer is other.us.auth0.com"
  expect 1 rhythm-check -p slash --get cause --token token
  out_is audience
}

@test "no files stay behind, and a symbolic link to the program works" {
  "$TOKEN" machine >token
  mkdir links
  ln -s "$PROGRAMS/rhythm-check" links/one
  ln -s one links/two
  expect 0 links/two -q --token token
  out_is cause=none
  err_empty
  absent "$XDG_RUNTIME_DIR"/rhythm-check.* "$TMPDIR"/rhythm-check.*
}

@test "a reader that has closed the pipe gets no message and leaves no files, in any shell" {
  "$TOKEN" machine >token
  mkfifo pipe
  local shell form
  for shell in dash 'bash --posix' 'busybox ash' mksh yash zsh 'zsh --emulate sh'; do
    command -v "${shell%% *}" >/dev/null || continue
    for form in --format=kv --format=text --get=cause -q; do
      true <pipe &
      # shellcheck disable=SC2016,SC2086 # the inner shell's; words
      expect 141 sh -c 'exec "$@" >pipe' sh $shell "$PROGRAMS/rhythm-check" "$form" --token token
      err_empty
      absent "$XDG_RUNTIME_DIR"/rhythm-check.*
    done
  done
}

@test "a verdict that cannot be written is 73, not a failure of the token" {
  "$TOKEN" machine >token
  local form
  for form in --format=kv --format=json --format=text --get=cause -q; do
    # shellcheck disable=SC2016 # the inner shell's
    expect 73 sh -c 'exec rhythm-check "$1" --token token >/dev/full' sh "$form"
    err_is 'rhythm-check: cannot write to standard output: No space left on device'
  done
}

@test "a full disk under its files is 73, never a verdict" {
  needs_root
  unshare -m true 2>/dev/null || skip 'may not mount here'
  "$TOKEN" machine >token
  expect 0 rhythm-check - <token
  cp "$OUT" verdict
  cat >full <<'END'
mkdir -p small && mount -t tmpfs -o size=64k,mode=700 none small && unset XDG_RUNTIME_DIR && export TMPDIR=$PWD/small
head -c "$(($1 * 4096))" /dev/zero >small/filler
shift
status=0
"$@" || status=$?
echo "$status" >status
END
  local pages complete=0
  for pages in 15 13 11 9 7 5 3 1; do
    expect 0 unshare -m sh full "$pages" rhythm-check - <token
    if [[ $(<status) == 0 ]]; then
      out_is_file verdict
      complete=$((complete + 1))
    else
      lines_are status 73
      out_empty
      err_has 'rhythm-check: .*free.*space.*|rhythm-check: cannot write to .*'
    fi
  done
  ((complete > 0 && complete < 8)) || fail "$complete of 8 were complete"
}

@test "the verdict is the same in every shell" {
  profile default auth0_domain=acme-org.us.auth0.com
  "$TOKEN" machine exp-3600 aud=x >token
  expect 1 rhythm-check --format=kv --token token
  cp "$OUT" wanted.raw
  sed 's/^reason=.*/reason=/' wanted.raw >wanted
  local shell
  for shell in dash 'bash --posix' 'busybox ash' mksh yash zsh 'zsh --emulate sh'; do
    if command -v "${shell%% *}" >/dev/null; then
      # shellcheck disable=SC2086 # words
      expect 1 $shell "$PROGRAMS/rhythm-check" --format=kv --token token
      err_empty
      sed 's/^reason=.*/reason=/' "$OUT" >got
      lines_are got <wanted
    fi
  done
}

@test "times beyond a 32-bit shell's integers are judged correctly" {
  local shell kind
  for shell in sh mksh; do
    command -v "$shell" >/dev/null || continue
    for kind in exp=4000000000:none exp=99999999999:none exp=-9999999999:token-expired nbf=4000000000:token-not-yet-valid; do
      "$TOKEN" machine "${kind%:*}" >token
      if [[ $kind == *:none ]]; then
        expect 0 "$shell" "$PROGRAMS/rhythm-check" -q --token token
      else
        expect 1 "$shell" "$PROGRAMS/rhythm-check" -q --token token
      fi
      err_empty
      out_is "cause=${kind#*:}"
    done
  done
}

@test "--help and the manual page know the same options, and the page every cause" {
  local page=$BATS_TEST_DIRNAME/../../bin/rhythm-check.1
  expect 0 rhythm-check --help
  err_empty
  grep -o -E '^ +(-[a-zA-Z], )?--[a-z]+' "$OUT" | grep -o -E -- '--[a-z]+' | sort >help
  sed -n -E '/^\.It Fl/s/.*Fl Fl ([a-z]+).*/--\1/p' "$page" | sort >manual
  lines_are help <manual
  expect 0 rhythm-check -h
  out_lacks '.{81}'
  "$TOKEN" machine >token
  expect 0 rhythm-check --format=kv --token token
  sed -n -E 's/^check\.([a-z-]+)=.*/\1/p' "$OUT" >ids
  sed -n -E 's/^\.It Sy ([a-z-]+)$/\1/p' "$page" | grep -v '^none$' >anchors
  lines_are anchors <ids
  expect 0 rhythm-check --version
  out_matches 'rhythm-check [0-9]+\.[0-9]+\.[0-9]+'
}
