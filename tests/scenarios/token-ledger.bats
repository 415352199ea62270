#!/usr/bin/env bats
# The ledger and the two limits: what is counted, when a mint is refused, and what status shows.
# shellcheck disable=SC2030,SC2031 # each case is a process of its own

load ../helper
load token

setup_file() { sandbox_start; }

@test "a request writes two lines: one before, one after" {
  sandbox_profile
  expect 0 rhythm-token print
  out_matches '.*'
  matches "$(ledger)" version=1 "begun\.[0-9]{10}\.[0-9]{9}\.[0-9]+=$(identity)" 'ok\.[0-9]{10}\.[0-9]{9}\.[0-9]+=200'
  same "$(sed -n '2s/^begun\.\(.*\)=.*/\1/p' "$(ledger)")" "$(sed -n '3s/^ok\.\(.*\)=.*/\1/p' "$(ledger)")"
}

@test "the first line is on the disk before the request is sent" {
  needs_root # strace reads the strings of a program that may not be dumped
  sandbox_profile
  trace 0 fsync,fdatasync,write,connect,renameat,rename,renameat2 rhythm-token print
  first() { grep -a -n -E "$1" trace | head -n 1 | cut -d : -f 1; }
  { first 'write\(.*begun\.' && first "fsync\(.*$(date -u +%Y-%m)>" && first 'connect\(.*AF_INET' && first 'write\(.*"ok\.'; } >order
  same "$(wc -l <order)" 4
  expect 0 sort -n order
  out_is_file order
}

@test "if the line does not reach the disk, the request is not sent" {
  needs_root # strace reads the strings of a program that may not be dumped
  sandbox_profile
  expect 73 env "ASAN_OPTIONS=$ASAN_OPTIONS:detect_leaks=0" strace -f -y -e trace=fsync,execve,connect \
    -e inject=fsync:error=EIO:when=2 -o trace rhythm-token print
  err_matches 'rhythm-token: cannot use the ledger of token requests .*: (Input/output|I/O) error; check the disk'
  has trace ".*fsync\(.*$(date -u +%Y-%m)>.*INJECTED.*"
  lacks trace 'connect\(.*AF_INET'
  outcomes begun unsent=rhythm-net
  expect 1 rhythm-token status --get minted
  out_is 0
}

@test "the entry is written, flushed and renamed, and its directory flushed" {
  needs_root # strace reads the strings of a program that may not be dumped
  sandbox_profile
  trace 0 fsync,rename,renameat,renameat2 rhythm-token print
  sed -n -E 's/^[0-9]+ +//; /rhythm-token/d; s/.*(fsync|rename[a-z0-9]*)\(.*/\1 &/p' trace |
    sed -n -E 's/^(fsync) .*\+new>.*/\1 new/p; s/^(rename)[a-z0-9]* .*/\1/p; s/^(fsync) .*\.cache\/rhythm>.*/\1 directory/p' >steps
  lines_are steps 'fsync new' 'fsync new' rename 'fsync directory'
}

@test "the four outcomes are ok, denied, unknown and unsent" {
  sandbox_profile
  expect 0 rhythm-token print
  knob token.answer=wrong-secret
  expect 77 rhythm-token --refresh
  err_any
  knob token.answer=hang
  sandbox_profile timeout=1
  expect 69 rhythm-token --refresh
  err_any
  knob token.answer=
  outcomes begun ok=200 begun 'denied=401 access_denied' begun \
    "unknown=$(sed -n 's/^unknown\.[^=]*=//p' "$(ledger)")"
  sandbox_profile auth0_domain=http://127.0.0.1:1
  expect 69 rhythm-token --refresh
  err_any
  matches "$XDG_STATE_HOME/rhythm/127.0.0.1%3A1.$(date -u +%Y-%m)" version=1 'begun\..*' 'unsent\.[0-9.]+=Failed to connect.*'
  sandbox_profile
  expect 0 rhythm-token status --get minted
  out_is 2
}

@test "ok and unknown count, denied and unsent do not" {
  sandbox_profile hourly_limit=0
  used 3 ok
  used 2 unknown
  used 4 denied
  used 5 unsent
  expect 1 rhythm-token status
  out_has minted=5
  out_has left=995
  err_empty
}

@test "a request that never ended counts as unknown" {
  sandbox_profile
  knob token.answer=hang
  begin killed rhythm-token print
  until_counter token_requests 1
  kill -KILL "$BEGUN"
  finish 137 killed
  err_any
  outcomes begun
  expect 1 rhythm-token status --get minted
  out_is 1
}

@test "the hourly limit refuses before any request, with the figure, the wait and the remedy" {
  sandbox_profile
  used 10
  expect 75 rhythm-token
  out_empty
  err_is 'rhythm-token: hourly_limit is reached: 10 tokens minted in the last hour; wait 60 min, or set a higher RHYTHM_HOURLY_LIMIT'
  counter_is connections 0
  absent "$XDG_CACHE_HOME/rhythm/$(identity)"
  RHYTHM_HOURLY_LIMIT=11 expect 0 rhythm-token --get tenant_id
  out_is acme.org
  mint_count 1
}

@test "the hourly limit frees when enough requests are an hour old" {
  sandbox_profile hourly_limit=3
  used 5
  now=$(date +%s)
  # a request every ten minutes, out of order, 50 to 10 minutes ago: with a limit of three, three of them must pass first
  awk -v now="$now" -F . 'BEGIN { split("30 50 10 40 20", ago, " ") }
    { $2 = now - 60 * ago[int((NR + 1) / 2)] } { print }' OFS=. "$(ledger)" >moved
  cp moved "$(ledger)"
  expect 75 rhythm-token
  out_empty
  err_matches 'rhythm-token: hourly_limit is reached: 5 tokens minted in the last hour; wait (30|29) min, or raise hourly_limit in .*/default\.conf'
}

@test "requests over an hour old, and those of other identities, do not count for the hour" {
  sandbox_profile
  used 10
  sed -i -E "s/^(begun|ok)\.[0-9]+/\1.$(($(date +%s) - 3601))/" "$(ledger)"
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  used 9
  sandbox_profile 'scope=x'
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  mint_count 2
}

@test "the monthly limit refuses before any request, and says when it ends" {
  sandbox_profile monthly_limit=20 hourly_limit=0
  used 20
  expect 75 rhythm-token
  out_empty
  frees=$(date -u -d "$(date -u +%Y-%m-01) +1 month" +%Y-%m-%d)
  err_is "rhythm-token: monthly_limit is reached: 20 tokens minted this month; wait until $frees (UTC), or raise monthly_limit in $XDG_CONFIG_HOME/rhythm/default.conf"
  counter_is connections 0
}

@test "the monthly limit counts all identities of the issuer" {
  sandbox_profile monthly_limit=5 hourly_limit=0
  used 5
  sed -i "s/,sandbox-client,/,another-client,/" "$(ledger)"
  expect 75 rhythm-token
  out_empty
  err_matches 'rhythm-token: monthly_limit is reached: 5 tokens minted this month; .*'
}

@test "a limit of 0 means none" {
  sandbox_profile monthly_limit=0 hourly_limit=0
  used 1500
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  expect 0 rhythm-token status
  out_has limit=0
  out_lacks '^left='
}

@test "users' tokens do not count" {
  sandbox_profile
  used 12
  sed -i 's/=client_credentials,/=authorization_code,/' "$(ledger)"
  expect 1 rhythm-token status --get minted
  out_is 0
}

@test "a cached token is served when every limit is reached" {
  sandbox_profile
  expect 0 rhythm-token print
  used 2000
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
  expect 75 rhythm-token --refresh
  out_empty
  err_matches 'rhythm-token: monthly_limit is reached: 2001 tokens minted this month; .*'
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
}

@test "no two processes take the last place within the limit" {
  for i in 1 2 3 4 5 6 7 8; do
    sandbox_profile "p$i" monthly_limit=3 "scope=s$i"
  done
  knob token.delay_ms=200
  # shellcheck disable=SC2016 # for the herd's shell
  herd 8 sh -c 'n=$(mktemp p.XXXXXX); for i in 1 2 3 4 5 6 7 8; do mkdir taken.$i 2>/dev/null && exec rhythm-token -p p$i print; done' # meta: herd judges it
  lines_are <(uniq -c herd/statuses | sed 's/^ *//') '3 0' '5 75'
  mint_count 3
}

@test "torn lines and garbage in the ledger are skipped, and the next line is on its own" {
  sandbox_profile
  used 2
  printf 'begun.12' >>"$(ledger)"
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
  tail -n 3 "$(ledger)" | sed -n '2,3s/\..*//p' >kinds
  lines_are kinds begun ok
  { printf '\0\0\0\0\n=\nno pair\nx=y\nok.=\n\\=\\\n'; head -c 2000 /dev/urandom; } >>"$(ledger)"
  expect 0 rhythm-token status --get minted
  err_empty
  expect 0 rhythm-token --refresh --get tenant_id
  out_is acme.org
}

@test "a ledger of the shortest possible lines is read" {
  sandbox_profile
  used 1
  for ((i = 0; i < 5000; i++)); do echo 'begun.='; done >>"$(ledger)"
  expect 1 rhythm-token status --get minted
  out_is 1
  err_empty
}

@test "a ledger that is too big is 73, and no request is made" {
  sandbox_profile
  used 1
  truncate -s 17M "$(ledger)"
  expect 73 rhythm-token
  out_empty
  err_matches "rhythm-token: cannot use the ledger of token requests $(ledger): it is over 16 MiB; move it away \(its tokens are then not counted\)"
  counter_is token_requests 0
}

@test "status without a token says state=none and exits 1" {
  sandbox_profile
  expect 1 rhythm-token status
  out_is profile=default kind=machine state=none "entry=$XDG_CACHE_HOME/rhythm/$(identity)" "ledger=$(ledger)" \
    "month=$(date -u +%Y-%m)" minted=0 limit=1000 left=1000 projected=0
  err_empty
  absent "$XDG_CACHE_HOME/rhythm" "$XDG_STATE_HOME/rhythm"
}

@test "status shows a valid token" {
  sandbox_profile
  expect 0 rhythm-token print
  expect 0 rhythm-token status
  out_matches profile=default kind=machine state=valid 'expires_at=[0-9]{10}' 'expires_in=(86400|8639[0-9])' \
    "entry=$XDG_CACHE_HOME/rhythm/.*" "ledger=$XDG_STATE_HOME/rhythm/.*" "month=$(date -u +%Y-%m)" minted=1 limit=1000 \
    left=999 'projected=[0-9]+'
  err_empty
  expect 0 rhythm-token status --format=json
  expect 0 jq -r '.minted + 1, .state' "$OUT"
  out_is 2 valid
  expect 0 rhythm-token status --format=shell
  out_has "rhythm_minted='1'"
  expect 0 rhythm-token status --get left
  out_is 999
}

@test "status shows the last failure" {
  sandbox_profile client_secret=wrong
  expect 77 rhythm-token
  cp "$ERR" err
  err_any
  expect 1 rhythm-token status
  out_has 'failure\.at=[0-9]{10}'
  out_has failure.status=77
  out_has failure.cause=credentials
  out_has "failure\.message=$(sed 's/^rhythm-token: //; s/[][().*+?]/\\&/g' err)"
}

@test "status --log prints the ledger unchanged" {
  sandbox_profile
  expect 1 rhythm-token status --log
  out_empty
  expect 0 rhythm-token print
  expect 0 rhythm-token status --log
  out_is_file "$(ledger)"
  err_empty
}
