#!/usr/bin/env bats
# All pages of a list, as the internal program hands them to rhythm-get --all: every item once, whatever happens.

load ../helper
load token

setup_file() { sandbox_start; }

setup() {
  common_setup
  sandbox_profile
  LIST=$SANDBOX_HTTP/membership/addOns/acme.org
  SEARCH=$SANDBOX_HTTP/rolodex/contacts/acme.org/search
  BARE=$SANDBOX_HTTP/awards/nominationProcesses/acme.org
  mkdir refusal
  # Options of rhythm-token remain options; all others become attributes of the verb, after the URL.
  cat >"$BATS_TEST_TMPDIR/pager" <<'PAGER'
#!/bin/bash
options=() attributes=() url=
for word; do
  case $word in
    --token=* | --profile=* | --quiet | --verbose) options+=("$word") ;;
    --progress) attributes+=(progress=yes) ;;
    --body=*) attributes+=("body_path=${word#*=}") ;;
    --*=*) name=${word%%=*} name=${name#--}; attributes+=("${name//-/_}=${word#*=}") ;;
    *) url=$word ;;
  esac
done
exec rhythm-token "${options[@]}" pages -- "$url" "${attributes[@]}"
PAGER
  chmod +x "$BATS_TEST_TMPDIR/pager"
  PAGER=("$BATS_TEST_TMPDIR/pager" --error-dir=refusal)
}

# whole_list N - writes what N items should look like, one per line, to the file `whole`: one page, cut by sed.
whole_list() {
  expect 0 rhythm-token header
  cp "$OUT" header
  knob api.items="$1" api.page="$1"
  { curl -q -sS -f -H @header "$LIST" && echo; } |
    sed -e 's/^{"Count":[0-9]*,"Items":\[//' -e 's/\]}$//' -e 's/},{/}\n{/g' >whole
  same "$(grep -c . whole)" "$1"
  knob api.page=10
}

# flow ARGUMENT... - begins a run (`flow`) whose output goes through a pipe that holds less than a page: after `take` has
# read the first lines, the run waits in the middle of a page.
flow() {
  mkfifo flow
  # shellcheck disable=SC2016 # for the shell that it starts
  begin flow env --default-signal=INT,TERM,HUP sh -c 'exec "$@" >flow' sh "${PAGER[@]}" "$@"
  exec {FLOW}<flow
  : >got
}

# take [LINES] - reads this many lines, or all the rest, into the file `got`.
take() {
  local line i
  for ((i = 0; i < ${1:-0}; i++)); do
    IFS= read -r -u "$FLOW" line
    printf '%s\n' "$line" >>got
  done
  if (($# == 0)); then
    cat <&"$FLOW" >>got
    exec {FLOW}<&-
  fi
}

# resume ARGUMENT... - continues where the pager stopped, and appends the output to the file `got`.
resume() {
  local key
  key=$(<refusal/start_key)
  rm refusal/start_key
  expect 0 "${PAGER[@]}" ${key:+"--start-key=$key"} "$@"
  cat "$OUT" >>got
}

# --- lists -------------------------------------------------------------------------------------------------------------

@test "all pages of a list are printed, one item per line, byte for byte" {
  whole_list 25
  expect 0 "${PAGER[@]}" "$LIST"
  out_is_file whole
  out_has '.*"first_name":"Ren\\u00e9".*"amount":19\.99,"balance":7\.50,"member_number":9007199254741000,.*c\\/7".*'
  mint_count 1
}

@test "one connection serves all pages" {
  whole_list 300
  local before
  before=$(counter connections)
  expect 0 "${PAGER[@]}" "$LIST"
  out_is_file whole
  counter_is api_requests 31
  same "$(counter connections)" $((before + 1))
}

@test "a search sends its body with every page, and the cursor in the query" {
  printf '{"a":1}' >body
  knob api.items=23
  expect 0 "${PAGER[@]}" --method=POST --body=body "$SEARCH?fieldsToReturn=id"
  seq -f '{"id":"c-%g"}' 23 | out_is
  counter_is api_requests 3
}

@test "the cursor is added to an existing query" {
  knob api.items=11
  expect 0 "${PAGER[@]}" --verbose "$LIST?fields=id,amount&x=%2F"
  same "$(grep -c . "$OUT")" 11
  err_has 'rhythm-get: http://.*/addOns/acme\.org\?fields=id,amount&x=%2F&exclusiveStartKey=acme\.org%7Cc-10[^ ]*: status 200, .*'
}

@test "a cursor may be an object, and a null cursor ends the list" {
  whole_list 31
  knob api.cursor=object
  expect 0 "${PAGER[@]}" "$LIST"
  out_is_file whole
  knob api.cursor=null-last
  expect 0 "${PAGER[@]}" "$LIST"
  out_is_file whole
}

@test "a bare array is printed, with a note that there is no cursor" {
  whole_list 12
  expect 0 "${PAGER[@]}" "$BARE"
  out_is_file whole
  err_is 'rhythm-get: note: this list has no pages: the response is one array, which is complete'
  knob api.answer=array
  expect 0 "${PAGER[@]}" --quiet "$LIST"
  out_empty
}

@test "an empty list is not an error" {
  knob api.items=0
  expect 0 "${PAGER[@]}" "$LIST"
  out_empty
  counter_is api_requests 1
}

@test "--max ends the run, and requests no page beyond it" {
  whole_list 40
  control DELETE >/dev/null
  knob api.items=40
  expect 0 "${PAGER[@]}" --max=20 "$LIST"
  head -n 20 whole | out_is
  counter_is api_requests 2
  expect 0 "${PAGER[@]}" --max=7 "$LIST"
  head -n 7 whole | out_is
  expect 0 "${PAGER[@]}" --max=99 "$LIST"
  out_is_file whole
}

@test "a run begins at --start-key, which replaces one in the URL" {
  whole_list 25
  expect 0 "${PAGER[@]}" --start-key='acme.org|c-10#/+=& é' "$LIST"
  tail -n +11 whole | out_is
  expect 0 "${PAGER[@]}" --start-key='acme.org|c-20#/+=& é' "$LIST?exclusiveStartKey=nonsense"
  tail -n +21 whole | out_is
}

# --- interruptions -----------------------------------------------------------------------------------------------------

@test "after a broken connection the resumed run prints the rest, with no item twice or missing" {
  whole_list 3000
  knob api.page=500
  flow --retries=0 "$LIST"
  take 10
  knob api.answer=cut
  take
  finish 69 flow
  err_has 'rhythm-get: page [0-9]+: GET .*: no complete response: .*'
  knob api.answer=
  resume "$LIST"
  lines_are got <whole
}

@test "after SIGINT, SIGTERM or SIGHUP the page is finished, and the run can be resumed there" {
  whole_list 3000
  knob api.page=500
  local signal
  for signal in INT:130 TERM:143 HUP:129; do
    rm -f flow
    flow "$LIST"
    take 700
    kill -"${signal%:*}" "$BEGUN"
    take
    finish "${signal#*:}" flow
    err_empty
    [[ $(<refusal/start_key) =~ ^acme.org\|c-[0-9]+00#/\+=\&\ é$ ]]
    resume "$LIST"
    lines_are got <whole
  done
}

@test "a resumed run with --max gets the number of items left" {
  whole_list 3000
  knob api.page=500
  flow --max=2900 "$LIST"
  take 10
  kill -INT "$BEGUN"
  take
  finish 130 flow
  err_empty
  same "$(<refusal/left)" $((2900 - $(grep -c . got)))
}

@test "a run interrupted before the first page is resumed from its own start" {
  knob api.answer=hang
  begin hanging env --default-signal=INT "${PAGER[@]}" --start-key="it's" --max=3 "$LIST"
  until_counter api_requests 1
  kill -INT "$BEGUN"
  finish 130 hanging
  out_empty
  err_empty
  same "$(<refusal/start_key)" "it's"
  same "$(<refusal/left)" 3
}

@test "an ignored signal stays ignored" {
  whole_list 40
  knob api.latency_ms=100
  # shellcheck disable=SC2016 # for the shell that it starts
  begin calm sh -c 'trap "" HUP; exec "$@"' sh "${PAGER[@]}" "$LIST"
  until_counter api_requests 2
  kill -HUP "$BEGUN"
  finish 0 calm
  out_is_file whole
}

@test "when rhythm-token is killed, the list ends, even if its output is a file" {
  local seen
  knob api.items=3000 api.page=5 api.latency_ms=100
  begin run "${PAGER[@]}" "$LIST"
  until_counter api_requests 3
  kill -KILL "$BEGUN"
  finish 137 run
  err_any
  sleep 0.3
  seen=$(counter api_requests)
  sleep 0.5
  counter_is api_requests "$seen"
}

@test "a reader that closes the pipe ends the run without a message" {
  knob api.items=5000 api.page=500
  flow "$LIST"
  take 1
  exec {FLOW}<&-
  finish 141 flow
  out_empty
}

@test "a full disk keeps whole pages, and the run can be resumed" {
  whole_list 300
  knob api.page=50
  expect 73 bash -c 'trap "" XFSZ; ulimit -f 32; exec "$@" >got' bash "${PAGER[@]}" "$LIST"
  err_has 'rhythm-get: cannot write to standard output: File too large'
  same "$(($(grep -c . got) % 50))" 0
  resume "$LIST"
  lines_are got <whole
  expect 73 bash -c 'exec "$@" >/dev/full' bash "${PAGER[@]}" "$LIST"
  err_is 'rhythm-get: cannot write to standard output: No space left on device'
}

@test "a server that is down is retried, then it is 69 and the run starts again from the beginning" {
  expect 0 rhythm-token print
  sandbox_profile api_base="http://127.0.0.1:1/{service}"
  expect 69 "${PAGER[@]}" --retries=1 http://127.0.0.1:1/membership/addOns/acme.org
  out_empty
  err_matches 'rhythm-get: .*; trying again in [01]\.[0-9] s \(1 of 1\)' \
    'rhythm-get: page 1: GET http://127.0.0.1:1/membership/addOns/acme.org: no complete response: .*'
  same "$(<refusal/start_key)" ''
}

# --- one page ahead ----------------------------------------------------------------------------------------------------

# ahead LINES REQUESTS - reads LINES, then waits in the middle of a page; exactly REQUESTS pages have been requested by then.
ahead() {
  take "$1"
  until_counter api_requests "$2"
  sleep 0.3
  counter_is api_requests "$2"
}

@test "while a page is written, only the next one is requested" {
  knob api.items=3000 api.page=500
  flow "$LIST"
  ahead 10 2
  ahead 500 3
  take
  finish 0 flow
  counter_is api_requests 6
  same "$(jq -r .id got | sort -u | grep -c '')" 3000
}

@test "a search is requested ahead, a POST that may write is not" {
  knob api.items=3000 api.page=1000
  flow --method=POST --body=/dev/null "$SEARCH"
  ahead 1 2
  take
  finish 0 flow
  rm flow
  control DELETE >/dev/null
  knob api.items=3000 api.page=1000
  flow --method=POST "$SANDBOX_HTTP/system/queries/acme.org/start/x/json"
  take
  finish 22 flow
  counter_is api_requests 1
}

@test "with --max the next page is requested ahead unless the current one is the last" {
  knob api.items=3000 api.page=500
  flow --max=1000 "$LIST"
  ahead 10 2
  ahead 500 2
  take
  finish 0 flow
  same "$(grep -c '' got)" 1000
  counter_is api_requests 2
}

@test "after a 429 to the request ahead the current page is finished first, and the next is not requested ahead" {
  whole_list 3000
  control DELETE >/dev/null
  knob api.items=3000 api.page=500
  flow "$LIST"
  ahead 10 2
  knob api.answer=429-retry-after api.answer_times=1 retry_after=1
  ahead 500 3
  same "$(<"$BATS_TEST_TMPDIR/begun/flow.err")" ''
  ahead 600 4
  take
  finish 0 flow
  lines_are got <whole
  err_is 'rhythm-get: HTTP 429 for page 3; trying again in 1.0 s (1 of 3)'
  counter_is api_requests 7
}

@test "a request ahead with a truncated response is repeated without a message" {
  whole_list 3000
  control DELETE >/dev/null
  knob api.items=3000 api.page=500
  flow --retries=0 "$LIST"
  ahead 10 2
  knob api.answer=cut api.answer_times=1
  take
  finish 0 flow
  lines_are got <whole
  err_empty
  counter_is api_requests 7
}

@test "a refusal of the request ahead is reported after the current page, which counts" {
  whole_list 3000
  control DELETE >/dev/null
  knob api.items=3000 api.page=500
  flow "$LIST"
  ahead 10 2
  knob api.answer=404
  ahead 500 3
  absent refusal/body
  take
  finish 22 flow
  err_empty
  head -n 1000 whole | lines_are got
  knob api.answer=
  resume "$LIST"
  lines_are got <whole
}

@test "after a signal during a request ahead the current page is finished, and the next run starts after it" {
  whole_list 3000
  control DELETE >/dev/null
  knob api.items=3000 api.page=500 api.latency_ms=300
  flow "$LIST"
  ahead 10 2
  kill -INT "$BEGUN"
  take
  finish 130 flow
  err_empty
  head -n 500 whole | lines_are got
  knob api.latency_ms=0
  resume "$LIST"
  lines_are got <whole
}

# --- retries -----------------------------------------------------------------------------------------------------------

@test "429 and 503 are retried as Retry-After says, in seconds or as a date" {
  whole_list 25
  knob api.answer=429-retry-after api.answer_times=1 retry_after=1
  local began=${EPOCHREALTIME/./}
  expect 0 "${PAGER[@]}" "$LIST"
  same "$((${EPOCHREALTIME/./} - began >= 1000000))" 1
  out_is_file whole
  err_is 'rhythm-get: HTTP 429 for page 1; trying again in 1.0 s (1 of 3)'
  knob api.answer=503-retry-after-date api.answer_times=2
  expect 0 "${PAGER[@]}" --quiet "$LIST"
  out_is_file whole
}

@test "a Retry-After date is measured by the server's clock, not ours" {
  expect 0 rhythm-token print
  knob clock_offset=40000 retry_after=2 api.answer=503-retry-after-date api.answer_times=1 api.items=1
  expect 0 "${PAGER[@]}" "$LIST"
  err_is 'rhythm-get: HTTP 503 for page 1; trying again in 2.0 s (1 of 3)'
}

@test "without Retry-After the waits grow, and end after --retries" {
  knob api.answer=429
  expect 22 "${PAGER[@]}" --retries=2 "$LIST"
  out_empty
  err_matches 'rhythm-get: HTTP 429 for page 1; trying again in (0\.[5-9]|1\.0) s \(1 of 2\)' \
    'rhythm-get: HTTP 429 for page 1; trying again in (1\.[0-9]|2\.0) s \(2 of 2\)'
  counter_is api_requests 3
}

@test "no wait is longer than two minutes" {
  knob api.answer=503-retry-after retry_after=121
  expect 22 "${PAGER[@]}" "$LIST"
  err_empty
  counter_is api_requests 1
}

@test "a Retry-After of zero or in the past does not mean to retry at once" {
  local answer
  for answer in 503-retry-after-date 429-retry-after; do
    knob api.answer="$answer" api.answer_times=1 retry_after=-60 api.items=1
    expect 0 "${PAGER[@]}" "$LIST"
    err_matches "rhythm-get: HTTP ${answer%%-*} for page 1; trying again in (0\.[5-9]|1\.0) s \(1 of 3\)"
  done
}

@test "a connection that breaks once is retried" {
  whole_list 25
  knob api.answer=cut api.answer_times=1
  expect 0 "${PAGER[@]}" "$LIST"
  out_is_file whole
  err_matches 'rhythm-get: .*; trying again in .* s \(1 of 3\)'
}

@test "a POST that is not a search is not sent twice, except after a 429" {
  knob api.answer=503
  expect 22 "${PAGER[@]}" --method=POST "$SANDBOX_HTTP/rolodex/contacts/acme.org"
  counter_is api_requests 1
  knob api.answer=cut
  expect 69 "${PAGER[@]}" --method=POST "$SEARCH/more"
  err_any
  counter_is api_requests 2
  knob api.answer=429-retry-after api.answer_times=1 retry_after=0 api.items=1
  expect 22 "${PAGER[@]}" --method=POST "$SANDBOX_HTTP/rolodex/contacts/acme.org"
  err_matches 'rhythm-get: HTTP 429 for page 1; trying again in (0\.[5-9]|1\.0) s \(1 of 3\)'
}

# --- the token ---------------------------------------------------------------------------------------------------------

# new_token CLAIMS - prints a token like the cached one, with these claims changed.
new_token() {
  expect 0 rhythm-token --format=json
  local payload
  payload=$(jq -c ". + $1" "$OUT")
  curl -q -sS -f --noproxy '*' --data-binary "$payload" "$SANDBOX_HTTP/_sandbox/token"
}

@test "a token that expires during the run is replaced, and the page requested again" {
  whole_list 3000
  knob api.page=500
  new_token '{exp: (now + 1000 | floor)}' >token
  new_token '{exp: (now + 9000 | floor)}' >next
  flow --token=token "$LIST"
  take 10
  mv next token
  knob clock_offset=5000
  take
  finish 0 flow
  lines_are got <whole
  err_empty
}

# flow_into_expiry - a run of several pages, of which ten items are read; its token has expired meanwhile.
flow_into_expiry() {
  whole_list 3000
  knob api.page=500
  flow "$LIST"
  take 10
  age 90000
}

# end_while_it_waits - the API refuses the token, so the run waits for another one; a signal ends it.
end_while_it_waits() {
  knob api.answer=401
  cat <&"$FLOW" >/dev/null &
  until_counter api_requests 4
  sleep 0.5
  kill -TERM "$BEGUN"
  EXPECT_TIMEOUT=20 finish 143 flow
}

@test "a signal ends the wait for another process that is getting the token" {
  flow_into_expiry
  exec 9>>"$(entry)+lock"
  flock 9
  end_while_it_waits
  err_empty
  exec 9>&-
  knob api.answer=
  mint_count 1
}

@test "a signal ends the command that is to print the secret, and mints nothing" {
  echo sandbox-secret >secret
  sandbox_profile client_secret= "client_secret_command=cat $PWD/secret"
  flow_into_expiry
  rm secret
  mkfifo secret
  end_while_it_waits
  err_empty
  knob api.answer=
  mint_count 1
}

@test "a 401 with no newer token to try ends the run, and mints nothing" {
  whole_list 3000
  knob api.page=500
  flow "$LIST"
  take 10
  knob api.answer=401
  take
  finish 22 flow
  err_empty
  mint_count 1
  knob api.answer=
  resume "$LIST"
  lines_are got <whole
}

@test "a token from standard input is read once" {
  expect 0 rhythm-token print
  knob api.items=25
  expect 0 "${PAGER[@]}" --token=- "$LIST" <"$OUT"
  same "$(grep -c . "$OUT")" 25
  knob api.answer=401
  rhythm_token_from_cache=$(cat "$XDG_CACHE_HOME"/rhythm/* | sed -n 's/^token=//p')
  expect 22 "${PAGER[@]}" --token=- "$LIST" <<<"$rhythm_token_from_cache"
  err_empty
}

@test "without a token no request is made" {
  sandbox_profile client_secret=wrong
  knob token.answer=wrong-secret
  expect 77 "${PAGER[@]}" "$LIST"
  err_any
  out_empty
  counter_is api_requests 0
}

@test "no token is sent outside the base URL" {
  local url
  for url in "http://127.0.0.1:1/membership/x" "https://127.0.0.1.evil.example/x" \
    "${SANDBOX_HTTP/127/user@127}/membership/x" "$SANDBOX_HTTP/membership/../x"; do
    expect 65 "${PAGER[@]}" "$url"
    err_matches 'rhythm-token: .*'
  done
  mint_count 0
  counter_is api_requests 0
  knob api.answer=redirect
  expect 76 "${PAGER[@]}" "$LIST"
  err_matches 'rhythm-get: page 1: HTTP 302 GET .* redirects to http://localhost:[0-9]+/_sandbox/landing, which is not followed; check the URL and api_base'
  counter_is landings 0
  expect 0 rhythm-token print
  knob "redirect_to=http://e.example/?t=$(<"$OUT")"
  expect 76 "${PAGER[@]}" "$LIST"
  err_matches 'rhythm-get: page 1: HTTP 302 GET .* redirects to http://e\.example/\?t=\*\*\*, which is not followed; check the URL and api_base'
  no_secret
  expect 64 "${PAGER[@]}" --header='authorization: Bearer mine' "$LIST"
  err_is "rhythm-get: this command sets the Authorization header itself; for another token, use --token FILE"
}

# --- refusals and nonsense ---------------------------------------------------------------------------------------------

@test "a refused response is kept as it came, for the caller to show" {
  knob api.answer=404
  expect 22 "${PAGER[@]}" "$LIST"
  out_empty
  err_empty
  lines_are refusal/body < <(printf '{"message":"Not Found"}')
  same "$(head -n 1 refusal/headers)" 'HTTP/1.1 404 Not Found'
  has refusal/headers '[Xx]-amzn-requestid: .*'
  mode_is 600 refusal/body
  absent refusal/start_key
  same "$(<refusal/url)" "$LIST"
}

@test "a token echoed by the gateway is blotted out" {
  knob api.answer=403-missing-equal
  expect 22 "${PAGER[@]}" "$LIST"
  err_empty
  has refusal/body '.*Bearer \*\*\*[^*].*'
  no_secret "$OUT" "$ERR" refusal/body refusal/headers
}

@test "a repeated cursor ends the run" {
  knob api.cursor=repeat
  expect 76 "${PAGER[@]}" "$LIST"
  err_is "rhythm-get: page 2: GET $LIST: the next cursor is repeated, so pagination is looping; tell Rhythm's support"
  same "$(sed 's/,.*//' "$OUT" | sort | uniq -d | grep -c .)" 9
}

@test "a response that is not a list is 76" {
  knob api.answer=not-json
  expect 76 "${PAGER[@]}" "$LIST"
  out_empty
  err_is "rhythm-get: page 1: GET $LIST: the response (38 bytes, text/html) is not JSON; check the URL and api_base"
  knob api.answer=empty
  expect 76 "${PAGER[@]}" "$LIST"
  err_is "rhythm-get: page 1: GET $LIST: the response (0 bytes, application/json) is empty; check the URL and api_base"
  knob api.answer=
  expect 76 "${PAGER[@]}" "$LIST/c-1"
  err_matches 'rhythm-get: page 1: GET .*/c-1: the response \(.*\) is not a list: it is neither an array nor an object with Items; leave out --all'
}

@test "none of a later response that is not JSON is printed, and the run can be resumed" {
  whole_list 3000
  knob api.page=500
  flow "$LIST"
  take 10
  knob api.answer=not-json
  take
  finish 76 flow
  err_matches 'rhythm-get: page [0-9]+: GET .*exclusiveStartKey=.*: the response \(38 bytes, text/html\) is not JSON; .*'
  knob api.answer=
  resume "$LIST"
  lines_are got <whole
}

@test "a page over 64 MiB is refused" {
  knob api.answer=huge huge_bytes=67108865
  expect 76 "${PAGER[@]}" --quiet "$LIST"
  out_empty
  err_is "rhythm-get: page 1: GET $LIST: the response is larger than 64 MiB; get only the fields you need, with --fields"
}

# --- what is said ------------------------------------------------------------------------------------------------------

@test "progress is one line that is erased at the end" {
  knob api.items=50 api.latency_ms=150
  expect 0 "${PAGER[@]}" --progress --max=45 "$LIST"
  same "$(grep -c . "$OUT")" 45
  tr '\r' '\n' <"$ERR" >said
  has said 'pages [2-5]  items [2-5][05]  [0-9]+/s'
  err_matches $'pages [0-9]+  .*\r +\r'
}

@test "-v shows the requests without the token" {
  knob api.items=12
  expect 0 "${PAGER[@]}" --verbose "$LIST"
  err_has 'rhythm-get: http://.*/addOns/acme.org: status 200, .*'
  err_has 'rhythm-get: http://.*exclusiveStartKey=acme.org%7Cc-10%23%2F%2B%3D%26%20%C3%A9: status 200, .*'
  no_secret
}
