#!/usr/bin/env bats
# rhythm-token's command line.
# shellcheck disable=SC2030,SC2031 # each case is a process of its own

load ../helper
load token

setup_file() { sandbox_start; }

@test "-V and --version print the version" {
  expect 0 rhythm-token --version
  out_matches 'rhythm-token [0-9]+\.[0-9]+\.[0-9]+'
  err_empty
  cp "$OUT" version
  expect 0 rhythm-token -V
  out_is_file version
}

@test "-h and --help print the help" {
  expect 0 rhythm-token --help
  out_has 'usage: rhythm-token \[OPTIONS\] \[COMMAND\]'
  out_has '  -p, --profile=NAME .*'
  err_empty
  cp "$OUT" help
  expect 0 rhythm-token claims -h -q
  out_is_file help
}

@test "help and version need no settings, no HOME and no cache" {
  unset HOME XDG_CONFIG_HOME XDG_CACHE_HOME XDG_STATE_HOME
  expect 0 rhythm-token --help
  out_has 'commands:'
  expect 0 rhythm-token --version
  out_matches 'rhythm-token .*'
}

@test "options may appear anywhere before --, with = or without" {
  jwt '{"a":"x"}'
  for line in '--get a claims token.jwt' 'claims --get a token.jwt' 'claims token.jwt --get=a' '-q claims token.jwt --get a' \
    '--get a -- claims token.jwt' '--get b --get a claims token.jwt' '-vq claims --get a token.jwt' '-pdefault --get a claims token.jwt'; do
    # shellcheck disable=SC2086 # words
    expect 0 rhythm-token $line
    out_is x
    err_empty
  done
}

@test "words after -- are not options" {
  jwt '{"a":"x"}'
  cp token.jwt ./--get
  expect 0 rhythm-token claims -- --get
  out_is a=x
  err_empty
}

@test "an invalid command line is 64, with the reason, and touches nothing" {
  sandbox_profile
  while IFS='|' read -r line why; do
    # shellcheck disable=SC2086 # words
    expect 64 rhythm-token $line
    out_empty
    err_is "rhythm-token: $why"
  done <<'END'
--nonsense|there is no option --nonsense; see rhythm-token --help
--nonsense=1|there is no option --nonsense; see rhythm-token --help
--quite|there is no option --quite; did you mean --quiet?
--Min-Vaild=3|there is no option --Min-Vaild; did you mean --min-valid?
clamis|there is no command 'clamis'; did you mean claims?
url x y/{tenantid}|{tenantid} has no value; did you mean {tenantId}?
url x y/{customer_di}|{customer_di} has no value; did you mean {customer_id}?
url x y/{b}|{b} has no value; add b=VALUE
-x|there is no option -x; see rhythm-token --help
-qx|there is no option -x; see rhythm-token --help
help|there is no command 'help'; did you mean --help?
refersh|there is no command 'refersh'; did you mean --refresh?
bogus|there is no command 'bogus'; see rhythm-token --help
--refresh=1|--refresh takes no value; see rhythm-token --help
--get|missing KEY after --get; see rhythm-token --help
-p|missing NAME after -p; see rhythm-token --help
--format=xml|--format=xml should be kv, shell or json; see rhythm-token --help
--format=|--format= should be kv, shell or json; see rhythm-token --help
--min-valid=soon|--min-valid=soon should be a whole number, 0 to 1000000000; see rhythm-token --help
--min-valid=-1|--min-valid=-1 should be a whole number, 0 to 1000000000; see rhythm-token --help
--min-valid=1e3|--min-valid=1e3 should be a whole number, 0 to 1000000000; see rhythm-token --help
--min-valid=99999999999999999999|--min-valid=99999999999999999999 should be a whole number, 0 to 1000000000; see rhythm-token --help
header x|header: unexpected 'x'; usage: rhythm-token header
claims a b|claims: unexpected 'b'; usage: rhythm-token claims [FILE|-]
status x|status: unexpected 'x'; usage: rhythm-token status
url|nothing to call; give SERVICE PATH or a URL
--token=|missing FILE|- after --token; see rhythm-token --help
--get a header|header prints only the token; leave out --get and --format
print --format=json|print prints only the token; leave out --get and --format
--refresh --token x|--refresh does not apply to the token of --token; leave out one
END
  # An empty word, as from an unset variable.
  for command in claims verify; do
    expect 64 rhythm-token "$command" ''
    out_empty
    err_is "rhythm-token: $command: the file name is empty; give FILE or -"
  done
  expect 64 rhythm-token -p '' print
  out_empty
  err_is 'rhythm-token: missing NAME after --profile; see rhythm-token --help'
  counter_is token_requests 0
  absent "$XDG_CACHE_HOME/rhythm" "$XDG_STATE_HOME/rhythm"
}

@test "for a mistyped key the nearest one is named" {
  jwt '{"http://rhythmsoftware.com/tenant_id":"acme.org","exp":1}'
  expect 65 rhythm-token claims token.jwt --get tenantid
  out_empty
  err_is 'rhythm-token: the output has no key tenantid; did you mean tenant_id?'
  expect 65 rhythm-token claims token.jwt --get scope
  out_empty
  err_is 'rhythm-token: the output has no key scope; leave out --get to see its keys'
}

@test "an option's control characters do not reach the terminal" {
  expect 64 rhythm-token $'--\e[2J'
  out_empty
  err_is 'rhythm-token: there is no option --\x1b[2J; see rhythm-token --help'
  expect 64 rhythm-token $'a\nb'
  out_empty
  err_is "rhythm-token: there is no command 'a\\nb'; see rhythm-token --help"
}

@test "-v shows what is done, on standard error, without secrets" {
  sandbox_profile
  expect 0 rhythm-token -v --get tenant_id
  out_is acme.org
  local unchecked='rhythm-token: the signature was not checked; run rhythm-token verify to check it'
  err_matches "rhythm-token: $SANDBOX_HTTP/oauth/token: status 200, [0-9]+ bytes" "$unchecked"
  no_secret
  expect 0 rhythm-token -v --get tenant_id
  out_is acme.org
  err_matches 'rhythm-token: token from the cache, valid for 86(400|39[0-9]) s' "$unchecked"
  no_secret
}

@test "url shows where a call goes, and needs no token for settings" {
  sandbox_profile tenant_id=acme.org
  expect 0 rhythm-token url rolodex 'contacts/{tenantId}/{id}' 'id=c|17' fields==first_name
  out_is "url=$SANDBOX_HTTP/rolodex/contacts/acme.org/c%7C17?fields=first_name" timeout=30 read_only=no
  err_empty
  mint_count 0
  sandbox_profile
  expect 0 rhythm-token url rolodex 'contacts/{tenantId}' --get url
  out_is "$SANDBOX_HTTP/rolodex/contacts/acme.org"
  err_empty
  mint_count 1
  expect 65 rhythm-token url rolodex 'contacts/{contactId}'
  out_empty
  err_is 'rhythm-token: the token has no contact_id for {contactId} (machine tokens never have one); add contactId=VALUE'
  expect 0 rhythm-token url -n rolodex 'contacts/{contactId}' --get url
  out_is "$SANDBOX_HTTP/rolodex/contacts/{contactId}"
  expect 65 rhythm-token url https://evil.example/contacts
  out_empty
  err_is "rhythm-token: https://evil.example/contacts is not below api_base=$SANDBOX_HTTP/{service}, and the token is sent nowhere else; check the URL"
}
