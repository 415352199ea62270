#!/usr/bin/env bats
# rhythm-get: what is refused before anything is sent, without a mint.

load ../helper

setup_file() { sandbox_start; }

setup() {
  common_setup
  sandbox_profile
}

# untouched - nothing was printed, no request was made, and no file is left.
untouched() {
  out_empty
  no_secret
  mint_count 0
  counter_is api_requests 0
  absent "$TMPDIR"/rhythm-get.*
}

# refuses STATUS MESSAGE ARGUMENT... - rhythm-get prints exactly this line.
refuses() {
  local status=$1 message=$2
  shift 2
  expect "$status" rhythm-get "$@"
  err_is "$message"
  untouched
}

@test "an invalid command line is refused" {
  refuses 64 'rhythm-get: nothing to call; give SERVICE PATH or a URL; see rhythm-get --help'
  refuses 64 'rhythm-get: missing PATH after service rolodex; see rhythm-get --help' rolodex
  refuses 64 "rhythm-get: 'rolodex/contacts/current' is not a service name; give SERVICE and PATH as two arguments: rolodex contacts/current; see rhythm-get --help" rolodex/contacts/current
  refuses 64 "rhythm-get: 'GET' is not a service name; for this method, use -X GET; see rhythm-get --help" GET rolodex contacts/current
  refuses 64 'rhythm-get: --max 0: must be at least 1; see rhythm-get --help' -a --max 0 rolodex x
  refuses 64 'rhythm-get: there is no option --nonsense; see rhythm-get --help' --nonsense rolodex x
  refuses 64 'rhythm-get: there is no option -Z; see rhythm-get --help' -qZ rolodex x
  refuses 64 'rhythm-get: --jq needs a value; see rhythm-get --help' rolodex x --jq
  refuses 64 'rhythm-get: --all takes no value; see rhythm-get --help' --all=yes rolodex x
  refuses 64 'rhythm-get: -X get: a method must be in capital letters, like GET; see rhythm-get --help' -X get rolodex x
  refuses 64 'rhythm-get: --retries many: must be a whole number from 0 to 999999999; see rhythm-get --help' --retries many rolodex x
  refuses 64 'rhythm-get: --max -1: must be a whole number from 0 to 999999999; see rhythm-get --help' -a --max -1 rolodex x
  refuses 64 'rhythm-get: --allow 4xx: must be status codes separated by commas; see rhythm-get --help' --allow 4xx rolodex x
  refuses 64 'rhythm-get: --start-key and --limit work only with --all or NAME=@FILE; see rhythm-get --help' --max 3 rolodex x
  refuses 64 'rhythm-get: -i cannot be used with --jq: headers are not JSON; see rhythm-get --help' -i --jq . rolodex x
  refuses 64 'rhythm-get: --fields a b: must be names separated by commas; see rhythm-get --help' --fields 'a b' rolodex x
  refuses 64 "rhythm-get: 'Rolodex' is not a service name: it must consist of a-z, 0-9 and -; see rhythm-get --help" Rolodex x
}

@test "a mistyped option gets the nearest one" {
  refuses 64 'rhythm-get: there is no option --feilds; nearest: --fields; see rhythm-get --help' --feilds=id rolodex x
  refuses 64 'rhythm-get: there is no option --jqq; nearest: --jq; see rhythm-get --help' --jqq .id rolodex x
  refuses 64 'rhythm-get: there is no option --start; nearest: --start-key; see rhythm-get --help' -a --start x rolodex x
}

@test "placeholders and NAME=VALUE words that do not match are refused" {
  refuses 64 'rhythm-token: {id} has no value; add id=VALUE' rolodex 'contacts/{tenantId}/{id}'
  refuses 64 'rhythm-token: there is no {ID} in contacts/{id}; a query parameter is written ID==VALUE' rolodex 'contacts/{id}' ID=1
  refuses 64 "rhythm-token: 'x' is not NAME=VALUE; write NAME=VALUE to fill {NAME} in the path, or NAME==VALUE for a query parameter" rolodex contacts x
  refuses 65 'rhythm-token: {id} would be empty and so change the path; give it a value' rolodex 'contacts/{id}' id=
}

@test "a path with . or .. or an empty segment is refused" {
  local path segment
  for path in contacts/../x contacts/./x contacts//x 'contacts/%2e%2e/x' 'contacts/.%2E' '../x'; do
    case $path in *../x) segment=/.. ;; *./x) segment=/. ;; *//x) segment=// ;; *2e/x) segment=/%2e%2e ;; *) segment=/.%2E ;; esac
    expect 65 rhythm-get rolodex "$path"
    err_matches "rhythm-token: http://127.0.0.1:[0-9]+/rolodex/.*: the path must not contain \"$segment\"; remove it"
    untouched
  done
  expect 65 rhythm-get rolodex 'contacts/{id}/x' id=..
  err_matches 'rhythm-token: .*: the path must not contain "/\.\."; remove it'
  untouched
}

@test "a URL that is not below the base is refused, however similar it looks" {
  local url remedy
  for url in https://evil.example/x "$SANDBOX_HTTPS/rolodex/x" "http://user@${SANDBOX_HTTP#http://}/rolodex/x" \
    "$SANDBOX_HTTP.evil.example/x" "${SANDBOX_HTTP}@evil.example/x" "$SANDBOX_HTTP\\@evil.example/x" "$SANDBOX_HTTP/" \
    "file:///etc/passwd" "http://127.0.0.1:1/rolodex/x"; do
    expect 65 rhythm-get "$url"
    case $url in *user@* | *@evil*) remedy='use an address without a username \(the part before @\)' ;; *) remedy='(check the URL|use an address whose (host name|port) .*)' ;; esac
    err_matches "rhythm-token: .* is not below api_base=http://127.0.0.1:[0-9]+/\\{service\\}, and the token is sent nowhere else; $remedy"
    untouched
  done
  sandbox_profile api_base='https://{service}.api.rhythmsoftware.com'
  for url in https://rolodex.api.rhythmsoftware.com.evil.example/x https://rolodex.api.rhythmsoftware.com@evil.example/x \
    'https://rolodex.api.rhythmsoftware.com\@evil.example/x' https://rolodex.api.rhythmsoftware.com:8443/x \
    http://rolodex.api.rhythmsoftware.com/x https://a.b.api.rhythmsoftware.com/x; do
    expect 65 rhythm-get "$url"
    case $url in *@*) remedy='use an address without a username \(the part before @\)' ;; *) remedy='check the URL' ;; esac
    err_matches "rhythm-token: .* is not below api_base=.*, and the token is sent nowhere else; $remedy"
    untouched
  done
}

@test "a placeholder for a claim that the token lacks is refused" {
  expect 65 rhythm-get rolodex 'contacts/{tenantId}/{contactId}'
  err_is 'rhythm-token: the token has no contact_id for {contactId} (machine tokens never have one); add contactId=VALUE'
  out_empty
  counter_is api_requests 0
  mint_count 1
}

@test "a header that is ours or invalid is refused" {
  local ours="rhythm-get: -H: rhythm-get sets the Authorization header itself; for another token, use --token FILE; see rhythm-get --help"
  refuses 64 "$ours" -H 'Authorization: Bearer x' rolodex x
  refuses 64 "$ours" rolodex x --header='aUTHORIZATION:x'
  refuses 64 "$ours" -H 'authorization;' rolodex x
  refuses 64 "$ours" '-HAuthorization:' rolodex x
  refuses 64 "rhythm-get: -H: the Host header cannot be set, because the URL decides who gets the token; see rhythm-get --help" -H 'host: evil.example' rolodex x
  refuses 64 "$ours" -H 'Authorization : x' rolodex x
  refuses 64 "$ours" -H ' Authorization: x' rolodex x
  refuses 64 "rhythm-get: -H: a header must look like 'Name: value'; see rhythm-get --help" -H @headers rolodex x
  refuses 64 "rhythm-get: -H: a header must look like 'Name: value', without spaces in the name; see rhythm-get --help" -H 'X Y: x' rolodex x
  refuses 64 'rhythm-get: -H: a header must be one line without control characters; see rhythm-get --help' -H $'X: y\nAuthorization: z' rolodex x
  refuses 64 'rhythm-get: -H: a header must be one line without control characters; see rhythm-get --help' -H $'X: y\r' rolodex x
  refuses 64 "rhythm-get: -H: a header must look like 'Name: value'; see rhythm-get --help" -H x rolodex x
}

@test "curl options that redirect the token, or read or write other files, are refused" {
  local option
  for option in -L --location --loc -v --verbose --trace --trace-ascii -K --config --next -: --url -o -O --output -D -i -H --header \
    -u --user --oauth2-bearer --location-trusted -d -X -F -T -I --proxy-header --netrc -n -w --write-out --noproxy --proto \
    --unix-socket --json --get --stderr --libcurl --etag-save --aws-sigv4 --variable --parallel --request-target -k --insecure --cookie --referer; do
    expect 64 rhythm-get rolodex x -- "$option" x
    err_matches "rhythm-get: curl's $option (is refused:|cannot be used (after --|with rhythm-get);) .*; see rhythm-get --help"
    untouched
  done
  for option in -sL -m5; do
    expect 64 rhythm-get rolodex x -- "$option"
    err_matches "rhythm-get: curl's ${option::2} is followed by more letters; after --, write each curl option, and its value, as a separate word; see rhythm-get --help"
    untouched
  done
  refuses 64 "rhythm-get: curl's -u cannot be used with rhythm-get; leave it out; see rhythm-get --help" rolodex x -- -uname
  refuses 64 "rhythm-get: curl's -k is refused: any server could get the token; set ca_bundle instead; see rhythm-get --help" rolodex x -- -kL
  refuses 64 "rhythm-get: curl's -L is refused: rhythm-get never follows a redirect; leave it out; see rhythm-get --help" rolodex x -- -L
  refuses 64 "rhythm-get: curl's --head cannot be used after --; write -X HEAD before -- instead; see rhythm-get --help" rolodex x -- --head
  refuses 64 'rhythm-get: word 4 after -- is not a curl option or the value of one, so curl would take it as another URL; leave it out; see rhythm-get --help' \
    rolodex x -- -4 -m 5 https://evil.example/
  refuses 64 "rhythm-get: curl's -m needs a value; see rhythm-get --help" rolodex x -- -m
  expect 64 rhythm-get rolodex x -- --connect-to ::evil.example:80
  err_is "rhythm-get: curl's --connect-to is refused with an http URL: it could send the token unencrypted to another machine; see rhythm-get --help"
  untouched
}

@test "a filter that jq cannot compile is refused" {
  expect 64 rhythm-get rolodex x -d '{}' --jq '.a |'
  err_matches 'rhythm-get: --jq: syntax error, .* line 1.*; correct the filter, and quote it for the shell'
  untouched
  expect 64 rhythm-get -n rolodex x --jq '.a |'
  err_matches 'rhythm-get: --jq: syntax error, .* line 1.*; correct the filter, and quote it for the shell'
  untouched
  expect 64 rhythm-get -a rolodex x --jq 'nosuch'
  err_matches 'rhythm-get: --jq: nosuch/0 is not defined.*; correct the filter, and quote it for the shell'
  untouched
}

@test "a body that is not one JSON value is refused" {
  expect 65 rhythm-get rolodex x -d '{"a": 1,}'
  err_matches 'rhythm-get: -d: the body is not JSON: .* at line 1, column 9'
  untouched
  printf '{\n  "a": nope\n}\n' >file
  expect 65 rhythm-get rolodex x -d @file
  err_matches 'rhythm-get: -d: the body is not JSON: .* at line 3, column [01]'
  untouched
  expect 65 rhythm-get rolodex x -d @- <file
  err_matches 'rhythm-get: -d: the body is not JSON: .* at line 3, column [01]'
  untouched
  refuses 65 'rhythm-get: -d: the body is empty, not JSON' rolodex x -d ''
  refuses 65 'rhythm-get: -d: the body is empty, not JSON' rolodex x -d @-
  refuses 65 'rhythm-get: -d: the body is more than one JSON value' rolodex x -d '{} {}'
  refuses 65 'rhythm-get: -d @none: cannot read this file: No such file or directory; name a file that you can read' rolodex x -d @none
  refuses 64 'rhythm-get: -d can be given only once; see rhythm-get --help' rolodex x -d '{}' -d '{}'
  refuses 64 'rhythm-get: only one of --token -, -d @- and NAME=@- can read standard input; see rhythm-get --help' --token - rolodex x -d @-
}

@test "a PATCH that is not a JSON Patch is refused" {
  refuses 65 "rhythm-get: PATCH takes a JSON Patch, not an object; did you mean -d '[{\"op\":\"replace\",\"path\":\"/first_name\",\"value\":\"Ada\"},{\"op\":\"replace\",\"path\":\"/a~1b~0c\",\"value\":[1]}]'?" \
    -X PATCH rolodex 'contacts/{tenantId}/c-1' -d '{"first_name": "Ada", "a/b~c": [1]}'
  refuses 64 'rhythm-get: -X PATCH needs -d, --set or --unset; see rhythm-get --help' -X PATCH rolodex x
}

@test "an output that cannot be written is refused" {
  mkdir dir
  refuses 73 'rhythm-get: -o dir: it is a directory; name a file' -o dir rolodex x
  refuses 73 'rhythm-get: -o none/file: there is no directory none; create it, or name another file' -o none/file rolodex x
}

@test "a write in a read-only profile is refused" {
  sandbox_profile read_only=yes tenant_id=acme.org
  local method
  for method in POST PUT DELETE HEAD; do
    refuses 64 "rhythm-get: $method $SANDBOX_HTTP/rolodex/contacts/acme.org is refused: this profile has read_only=yes, which allows only GET, and POST if PATH as typed is known to read; use another profile" \
      -y -X "$method" rolodex 'contacts/{tenantId}'
  done
  refuses 64 "rhythm-get: POST $SANDBOX_HTTP/system/queries/acme.org/start/a/b/c is refused: this profile has read_only=yes, which allows only GET, and POST if PATH as typed is known to read; use another profile" \
    system 'queries/{tenantId}/start/a/b/c' -d '{}'
  refuses 64 "rhythm-get: POST $SANDBOX_HTTP/rolodex/contacts/acme.org/search is refused: this profile has read_only=yes, which allows only GET, and POST if PATH as typed is known to read; use another profile" \
    rolodex 'contacts/{tenantId}/{what}' what=search -d '{}'
  expect 0 rhythm-get rolodex 'contacts/{tenantId}/search' -d '{}' --jq .Count
  out_is 10
  expect 0 rhythm-get rolodex 'contacts/{tenantId}/c-1' --jq .id
  out_is c-1
  err_empty
  # A POST reads if the catalogue says so, whatever words its values contain.
  expect 22 rhythm-get system 'queries/{tenantId}/start/rolodex:contacts/csv' -d '{}'
  err_has 'rhythm-get: HTTP 400 .*'
}

@test "without settings or a token no request is made" {
  rm "$XDG_CONFIG_HOME/rhythm/default.conf"
  expect 78 rhythm-get rolodex contacts/x
  err_matches 'rhythm-token: auth0_domain.*'
  untouched
  sandbox_profile
  knob token.answer=wrong-secret
  expect 77 rhythm-get rolodex contacts/x
  err_matches 'rhythm-token: .*'
  out_empty
  no_secret
  counter_is api_requests 0
}
