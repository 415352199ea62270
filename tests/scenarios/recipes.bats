# The recipes of rhythm-get's manual, each run as it is printed there.
# shellcheck disable=SC2016 # code for jq and sh

load ../helper

setup_file() { sandbox_start; }

setup() {
  common_setup
  sandbox_profile
  cd "$BATS_TEST_TMPDIR" || return
}

# recipe TITLE [SED] - writes the manual's example under TITLE to the file recipe, as a script; SED shortens waits that a test
# cannot afford.
recipe() {
  {
    echo 'set -eu'
    sed -n "/^\\.Ss $1\$/,/^\\.Ed\$/{/^\\.Bd -literal\$/,/^\\.Ed\$/{/^\\.[BE]d/d;s/\\\\e/\\\\/g;p;};}" "$TOP/bin/rhythm-get.1" | sed "${2-}"
  } >recipe
  [[ $(grep -c '' recipe) -gt 2 ]] || fail "the manual has no recipe called $1"
}

@test "each recipe of the manual has a case here" {
  expect 0 rhythm-get --version # the programs under test are there
  out_matches 'rhythm-get [0-9.]+'
  local title
  while IFS= read -r title; do
    grep -q -F "recipe '$title" "$BATS_TEST_DIRNAME/recipes.bats" || fail "no case for $title"
  done < <(sed -n '/^\.Sh RECIPES/,/^\.Sh SEE/s/^\.Ss //p' "$TOP/bin/rhythm-get.1")
}

@test "a query is started, polled and fetched; its URL is in no argument list, and no token goes there" {
  echo '{"context_id": "all", "criteria": {}, "columns": [{"id": "id"}]}' >query.json
  recipe 'A query: start, poll, fetch' 's/sleep 10/sleep 0.1/; s/900/20/'
  mkdir bin
  # The real curl, with its arguments recorded.
  printf '#!/bin/sh\nprintf "%%s\\n" "$@" >>%s/arguments\nexec %s "$@"\n' "$PWD" "$(command -v curl)" >bin/curl
  chmod +x bin/curl
  expect 0 env PATH="$PWD/bin:$PATH" sh recipe
  out_empty
  err_is RUNNING RUNNING SUCCEEDED
  same 26 "$(grep -c '' contacts.csv)"
  same $'id,last_name,amount\r' "$(head -n 1 contacts.csv)"
  grep -q -x -e contacts.csv arguments
  same '' "$(grep -e X-Amz-Signature arguments || :)"
  counter_is result_requests 1
  counter_is result_authorizations 0
  mint_count 1
}

@test "if the API uses other words for a query, the recipe gives up, or works after changing one word" {
  echo '{"context_id": "all", "criteria": {}, "columns": [{"id": "id"}]}' >query.json
  knob query.outcome=failed query.words=running,ready,broken query.polls=0
  recipe 'A query: start, poll, fetch' 's/sleep 10/sleep 0.5/; s/900/1/'
  expect 75 sh recipe
  err_has broken
  absent contacts.csv
  knob query.outcome=done query.result_field=download_url
  recipe 'A query: start, poll, fetch' 's/sleep 10/sleep 0.1/; s/900/20/; s/result_uri/download_url/'
  expect 0 sh recipe
  err_is ready
  same 26 "$(grep -c '' contacts.csv)"
}

@test "starting a query counts as a read" {
  echo '{"context_id": "all", "criteria": {}, "columns": [{"id": "id"}]}' >query.json
  sandbox_profile read_only=yes
  recipe 'A query: start, poll, fetch' 's/sleep 10/sleep 0.1/; s/900/20/'
  expect 0 sh recipe
  err_has SUCCEEDED
}

@test "changes are sent in batches of a hundred, and the first failure ends the run" {
  local i
  for ((i = 1; i <= 250; i++)); do
    printf '{"op":"patch","id":"c-%s","patch":[{"op":"replace","path":"/last_name","value":"N"}]}\n' $((i % 25 + 1))
  done >changes.ndjson
  recipe 'Changes in batches of a hundred'
  expect 0 sh recipe
  same '100 100 50' "$(jq -r .success_count "$OUT" | paste -s -d ' ')"
  counter_is api_requests 3
  err_any
  knob api.batch_fails=1
  expect 22 sh recipe
  err_any
  counter_is api_requests 4
}

@test "CSV comes with a header row" {
  recipe 'CSV with a header row'
  expect 0 sh recipe
  out_empty
  same 26 "$(grep -c '' contacts.csv)"
  same 'id,last_name,amount' "$(head -n 1 contacts.csv)"
  [[ $(sed -n 2p contacts.csv) == '"c-1",'* ]]
  knob api.answer=500
  expect 22 sh recipe
  err_any
}

@test "only what has changed since the last run is fetched" {
  recipe 'What has changed since the last time'
  expect 0 sh recipe
  same 25 "$(grep -c '' changed.ndjson)"
  same "$(jq -r .sys_last_modified_at all.ndjson | sort | tail -n 1)" "$(cat since)"
  local before
  before=$(cat since)
  expect 0 sh recipe
  same 0 "$(grep -c '' changed.ndjson || :)"
  # Nothing is lost if a run fails.
  knob api.answer=500
  expect 22 sh recipe
  err_any
  same "$before" "$(cat since)"
}

@test "one call runs for every profile" {
  sandbox_profile one
  sandbox_profile two client_secret=wrong client_id=nobody
  recipe 'The same call for every profile'
  expect 0 sh recipe
  same '2' "$(grep -c -P '^acme\.org\tc-1\t' "$OUT")"
  err_has 'two: exit status [1-9][0-9]*'
}

@test "several calls run at once with one token" {
  seq -f 'c-%g' 20 >ids
  knob api.answer=429-retry-after api.answer_times=3
  recipe 'Several calls at once'
  expect 0 sh recipe
  err_any
  same 20 "$(jq -r .id contact-*.json | sort -u | grep -c '')"
  mint_count 1
  echo missing >>ids
  expect 123 sh recipe
  err_has 'rhythm-get: HTTP 404 .*'
}
