# What version 1.0.0 left behind, and what another version may leave: read, or set aside with a message; never misread,
# never deleted. tests/upgrade/keep made the files.
load ../helper
load token

setup_file() {
  sandbox_start
}

KEPT=$TESTS/upgrade/1.0.0

# A user's HOME as 1.0.0 left it. Nothing listens where its issuer was.
kept_home() {
  cp -R "$KEPT/home/." "$HOME"
  cp -R "$KEPT/run/." "$XDG_RUNTIME_DIR"
  chmod -R u+w,go= "$HOME" "$XDG_RUNTIME_DIR"
  secret "$(<"$KEPT/print")"
}

# nothing_lost - every file of 1.0.0 is there, unchanged.
nothing_lost() {
  expect 0 diff -r "$KEPT/home" "$HOME"
  expect 0 diff -r "$KEPT/run/rhythm" "$XDG_RUNTIME_DIR/rhythm"
}

@test "a token that 1.0.0 cached is used without a request" {
  kept_home
  expect 0 rhythm-token print
  out_is_file "$KEPT/print"
  err_empty
  expect 0 rhythm-token claims
  out_is_file "$KEPT/claims"
  err_empty
  expect 0 rhythm-token --get state status
  out_is valid
  nothing_lost
}

@test "a user's token that 1.0.0 cached is used too" {
  kept_home
  expect 0 rhythm-token -p ada claims
  out_is_file "$KEPT/claims-ada"
  err_empty
  nothing_lost
}

@test "the ledger of 1.0.0 counts" {
  kept_home
  # The ledger of its month, renamed to this month.
  ledger=$XDG_STATE_HOME/rhythm/127.0.0.1%3A18433
  mv "$ledger".* ledger
  mv ledger "$ledger.$(date -u +%Y-%m)"
  expect 0 rhythm-token status
  out_has minted=2 # the machine's ok and unknown; not the user's, the denied and the unsent
  out_has left=998
  err_empty
  expect 0 rhythm-token status --log
  out_is_file "$KEPT"/home/.local/state/rhythm/*
}

@test "the profile of 1.0.0 means the same" {
  kept_home
  expect 0 rhythm-token config
  for line in auth0_domain=http://127.0.0.1:18433 client_id=sandbox-client 'client_secret=\*\*\*' \
    'api_base=http://127.0.0.1:18433/\{service\}' 'tenant_id=with\\ttab' timeout=5 hourly_limit=20; do
    out_has "$line"
    out_has "from.${line%%=*}=file:.*/default.conf"
  done
  err_empty
  no_secret
}

@test "the catalogue of 1.0.0 is not used, with a message" {
  kept_home
  expect 0 rhythm-get --list rolodex contacts
  out_has '.*contacts.*'
  err_matches 'rhythm-get: .*catalogue.tsv is ignored: it was written for rhythm 1.0, in format 1; .*'
  nothing_lost
}

# newer_entry - makes an entry that is valid but has the next format version.
newer_entry() {
  sandbox_profile
  expect 0 rhythm-token print
  entry=$(rhythm-token status --get entry) # meta: only its name
  sed 's/^version=1$/version=2/' "$entry" >"$BATS_TEST_TMPDIR/newer"
  cp "$BATS_TEST_TMPDIR/newer" "$entry"
}

@test "an entry of another format version is kept aside, whole, before a new one replaces it" {
  newer_entry
  expect 0 rhythm-token print
  err_matches "rhythm-token: warning: cache entry $entry is ignored: it has another format version" \
    "rhythm-token: warning: the cache entry of another format version is kept as $entry\\+aside"
  expect 0 cmp "$entry+aside" "$BATS_TEST_TMPDIR/newer"
  expect 0 grep -x version=1 "$entry"
  mint_count 2
  expect 0 rhythm-token print
  err_empty
  mint_count 2
}

@test "an entry of another format version is not moved while there is no new one" {
  newer_entry
  expect 69 rhythm-token --offline print
  err_has 'rhythm-token: warning: cache entry .* is ignored: it has another format version'
  expect 0 cmp "$entry" "$BATS_TEST_TMPDIR/newer"
}

@test "logout also deletes what was kept aside" {
  newer_entry
  expect 0 rhythm-token print
  err_any
  expect 0 rhythm-token logout
  err_any
  absent "$entry" "$entry+aside"
}

@test "a ledger of another format version is not counted, and no token is minted" {
  sandbox_profile
  expect 0 rhythm-token print
  ledger=$(rhythm-token status --get ledger) # meta: only its name
  expect 0 sed -n 1p "$ledger"
  out_is version=1
  sed 's/^version=1$/version=2/' "$ledger" >"$BATS_TEST_TMPDIR/newer"
  cp "$BATS_TEST_TMPDIR/newer" "$ledger"
  expect 73 rhythm-token --refresh print
  out_empty
  err_matches "rhythm-token: cannot use the ledger of token requests $ledger: it has format version 2, but this rhythm reads only 1; install the version that wrote it, or move it away \(its tokens are then not counted\)"
  mint_count 1
  expect 0 cmp "$ledger" "$BATS_TEST_TMPDIR/newer"
  # The cached token is still used, and costs nothing.
  expect 0 rhythm-token print
  err_empty
}

@test "a profile of another format version is refused before any of it is used" {
  profile default version=2 "auth0_domain=$SANDBOX_HTTP" client_id=sandbox-client client_secret_command='touch ran' \
    new_setting=1
  expect 78 rhythm-token print
  out_empty
  err_matches 'rhythm-token: .*/default.conf has format version 2, but this rhythm reads only 1; install the version that wrote it'
  absent ran
  mint_count 0
  sandbox_profile version=1
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
}
