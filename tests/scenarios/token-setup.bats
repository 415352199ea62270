#!/usr/bin/env bats
# config --init: the first profile, from arguments and from questions on a terminal.

load ../helper
load ../login

setup_file() { sandbox_start; }
setup() { common_setup; }

DOMAIN='Domain (Rhythm Console > Security & Settings > API Keys): '
SOURCE='Client secret: from a command (c), from a file (f), or typed now (t)? '
HIDDEN='Client secret (not shown): '
TEST='Get a token now, to test it? It counts against the month. [y/N] '

conf() { printf '%s\n' "$XDG_CONFIG_HOME/rhythm/${1:-default}.conf"; }

# nothing_left - there is no profile and no directory for it, as before.
nothing_left() {
  absent "$XDG_CONFIG_HOME"
}

asked() {
  until_true grep -q -s -F -- "$1" "$TMPDIR/typescript"
}

# on_terminal ARGUMENT... - begins config --init on a terminal, and prints afterwards its status and the terminal's state.
on_terminal() {
  terminal init "trap : INT; env --default-signal=INT sh -c 'echo \$\$ >pid; exec \"\$@\"' sh rhythm-token config --init ${*@Q}
    echo \"status=\$?\"; stty -a"
}

# answer QUESTION ANSWER [QUESTION ANSWER]... - waits for each question and types the answer.
answer() {
  while (($#)); do
    asked "$1" || return
    printf '%s\n' "$2" >&7
    shift 2
  done
}

ended() {
  finish 0 init
  exec 7>&-
  err_empty
  out_has ".*status=$1"$'\r'
  out_lacks ' -echo '
}

@test "with everything as arguments a profile of 0600 in a directory of 0700 is written, and nothing is asked" {
  umask 022
  expect 0 setsid -w rhythm-token config --init auth0_domain=acme-org.us.auth0.com client_id=abc \
    'client_secret_command=pass show "rhythm\api"'
  out_empty
  err_is "rhythm-token: wrote $(conf); to get a token, run: rhythm-token"
  lines_are "$(conf)" auth0_domain=acme-org.us.auth0.com client_id=abc 'client_secret_command=pass show "rhythm\\api"'
  mode_is 600 "$(conf)"
  mode_is 700 "$XDG_CONFIG_HOME/rhythm"
  expect 0 rhythm-token config --get client_secret_command
  out_is 'pass show "rhythm\api"'
  lines_are <(ls -A "$XDG_CONFIG_HOME/rhythm") default.conf
}

@test "the environment does not affect what is written" {
  RHYTHM_AUDIENCE=https://other.example RHYTHM_CLIENT_ID=env expect 78 setsid -w rhythm-token config --init -p new \
    auth0_domain=acme-org.us.auth0.com client_secret_command=true
  err_is 'rhythm-token: missing client_id, and there is no terminal to ask on; give each as KEY=VALUE'
  nothing_left
}

@test "without a terminal one line names all that is missing, and nothing is written" {
  expect 78 setsid -w rhythm-token config --init
  out_empty
  err_is 'rhythm-token: missing auth0_domain, client_id, client_secret_command (or client_secret_file), and there is no terminal to ask on; give each as KEY=VALUE'
  expect 78 setsid -w rhythm-token config --init grant=password client_id=x
  out_empty
  err_is 'rhythm-token: missing auth0_domain, username, and there is no terminal to ask on; give each as KEY=VALUE'
  nothing_left
}

@test "a secret as an argument is refused and not repeated" {
  for word in client_secret=top-secret-word password=top-secret-word client_secret= redis_url=redis://u:top-secret-word@h cache_url=x://u:top-secret-word@h; do
    secret top-secret-word
    expect 64 rhythm-token config --init "$word"
    out_empty
    case $word in *_url=*) remedy="the secret in ${word%%=*} in the process list; leave it out, and add ${word%%=*} to the profile later" ;; *) remedy="${word%%=*} in the process list; leave it out, and set ${word%%=*}_file instead" ;; esac
    err_is "rhythm-token: config --init: others can see $remedy"
    no_secret
  done
  nothing_left
}

@test "invalid arguments are 64 before any question" {
  while IFS='|' read -r word message; do
    expect 64 rhythm-token config --init "$word"
    out_empty
    err_has "rhythm-token: $message"
  done <<'ROWS'
client_id|config --init: 'client_id' is not KEY=VALUE
=x|config --init: there is no setting ''; .*
clent_id=x|config --init: there is no setting 'clent_id'; did you mean client_id\?
client_id="x"|config --init: the value of client_id has quotes or blanks around it, .*
auth0_domain=acme-org.us.auth0.com/oauth/token|auth0_domain=acme-org.us.auth0.com/oauth/token \(config --init\) should be a bare host, .*
auth0_domain=acme|auth0_domain=acme \(config --init\) should be a bare host, .*
timeout=soon|timeout=soon \(config --init\) should be a whole number of seconds, 1 to 86400
client_secret_file=secret|client_secret_file should be a path that begins with /
password_file=~/secret|password_file should be a path that begins with /
ca_bundle=ca.pem|ca_bundle should be a path that begins with /
client_secret_file=/nowhere/secret|.*client_secret_file /nowhere/secret.*
ROWS
  expect 64 rhythm-token config --init client_id=x client_id=y
  err_is 'rhythm-token: config --init sets client_id a second time; remove one'
  expect 64 rhythm-token config --init client_secret_command=true client_secret_file=/dev/null
  err_is 'rhythm-token: client_secret_file and client_secret_command are both set (config --init); keep one'
  expect 64 rhythm-token config client_id=x
  err_is "rhythm-token: config: unexpected 'client_id=x'; usage: rhythm-token config [--init [--test] [KEY=VALUE ...]]"
  expect 64 rhythm-token print --init
  err_is 'rhythm-token: --init works only with config; usage: rhythm-token config [--init [--test] [KEY=VALUE ...]]'
  expect 64 rhythm-token config --test
  err_is 'rhythm-token: --test works only with config --init; usage: rhythm-token config [--init [--test] [KEY=VALUE ...]]'
  expect 78 rhythm-token config --init -p ../x
  err_is "rhythm-token: '../x' is not a profile name; use letters, digits, . _ -"
  nothing_left
}

@test "no profile is overwritten without -y" {
  profile mine client_id=old
  cp "$(conf mine)" kept
  expect 73 setsid -w rhythm-token config --init -p mine
  out_empty
  err_is "rhythm-token: $(conf mine) exists; add --yes to replace it"
  lines_are "$(conf mine)" <kept
  expect 0 setsid -w rhythm-token config -y --init -p mine auth0_domain=x.example client_id=new client_secret_command=true
  err_is "rhythm-token: wrote $(conf mine); to get a token, run: rhythm-token -p mine"
  lines_are "$(conf mine)" auth0_domain=x.example client_id=new client_secret_command=true
}

@test "a typed secret is not shown and goes into a file of 0600; answering yes gets a token" {
  on_terminal "api_base=$SANDBOX_HTTP/{service}"
  answer "$DOMAIN" 'https://acme.example/path' 'should be a bare host' "$SANDBOX_HTTP" 'Client ID: ' sandbox-client "$SOURCE" t
  answer "$HIDDEN" sandbox-secret "$TEST" y
  ended 0
  out_has 'tenant_id=acme\.org'$'\r'
  no_secret "$TMPDIR/typescript"
  counter_is token_requests 1
  lines_are "$(conf)" "auth0_domain=$SANDBOX_HTTP" client_id=sandbox-client \
    "client_secret_file=$XDG_CONFIG_HOME/rhythm/default.secret" "api_base=$SANDBOX_HTTP/{service}"
  lines_are "$XDG_CONFIG_HOME/rhythm/default.secret" sandbox-secret
  mode_is 600 "$(conf)"
  mode_is 600 "$XDG_CONFIG_HOME/rhythm/default.secret"
}

@test "without a yes no token is minted" {
  on_terminal -p mine "auth0_domain=$SANDBOX_HTTP" client_id=sandbox-client
  answer "$SOURCE" c 'Command that prints it' 'echo sandbox-secret' "$TEST" ''
  ended 0
  counter_is token_requests 0
  lines_are "$(conf mine)" "auth0_domain=$SANDBOX_HTTP" client_id=sandbox-client 'client_secret_command=echo sandbox-secret'
}

@test "a file with the secret is checked before it is accepted" {
  printf 'sandbox-secret\n' >"$TMPDIR/secret"
  chmod 644 "$TMPDIR/secret"
  on_terminal "auth0_domain=$SANDBOX_HTTP" client_id=sandbox-client
  answer "$SOURCE" f 'File that contains it: ' "$TMPDIR/secret"
  asked 'others can read'
  chmod 600 "$TMPDIR/secret"
  answer 'others can read' "$TMPDIR/secret" "$TEST" n
  ended 0
  lines_are "$(conf)" "auth0_domain=$SANDBOX_HTTP" client_id=sandbox-client "client_secret_file=$TMPDIR/secret"
}

@test "--test gets a token without asking, and proves the secret" {
  expect 0 setsid -w rhythm-token config --init --test "auth0_domain=$SANDBOX_HTTP" client_id=sandbox-client \
    'client_secret_command=echo sandbox-secret'
  out_has tenant_id=acme.org
  err_is "rhythm-token: wrote $(conf)"
  expect 77 setsid -w rhythm-token config --init --test -y "auth0_domain=$SANDBOX_HTTP" client_id=sandbox-client \
    'client_secret_command=echo wrong-secret'
  out_empty
  err_has 'rhythm-token: .* refused .*'
  counter_is token_requests 2
}

@test "a user's profile asks for no secret, and names login as the next step" {
  expect 0 setsid -w rhythm-token config --init -p me auth0_domain=acme-org.us.auth0.com client_id=abc grant=authorization_code
  out_empty
  err_is "rhythm-token: wrote $(conf me); to log in, run: rhythm-token login -p me"
}

# interrupted BYTE STATUS - types BYTE at each question in turn; it ends with STATUS.
interrupted() {
  local -a talk=("$DOMAIN" acme-org.us.auth0.com 'Client ID: ' abc "$SOURCE" t "$HIDDEN" typed-secret "$TEST" y)
  local i
  for ((i = 0; i < ${#talk[@]}; i += 2)); do
    on_terminal
    answer "${talk[@]:0:i}"
    asked "${talk[i]}"
    printf '%s' "$1" >&7
    ended "$2"
    out_lacks typed-secret
    nothing_left
    rm "$TMPDIR/keys" "$TMPDIR/typescript"
  done
  counter_is token_requests 0
}

@test "Ctrl-C at each question leaves nothing behind, and the terminal echoes again" {
  interrupted $'\003' 130
}

@test "SIGTERM at the hidden question leaves nothing behind, and the terminal echoes again" {
  on_terminal auth0_domain=acme-org.us.auth0.com client_id=abc
  answer "$SOURCE" t
  asked "$HIDDEN"
  kill -TERM "$(cat pid)"
  ended 143
  nothing_left
}

@test "Ctrl-D at a question leaves nothing behind" {
  on_terminal
  asked "$DOMAIN"
  printf '\004' >&7
  ended 78
  out_has '.*rhythm-token: no answer; nothing was written'$'\r'
  nothing_left
}

@test "Ctrl-\\ and Ctrl-Z at the hidden question do not leave the terminal hidden" {
  on_terminal auth0_domain=acme-org.us.auth0.com client_id=abc
  answer "$SOURCE" t "$HIDDEN" $'typed\034\032'
  ended 78
  out_has '.*rhythm-token: the secret contains a control character; nothing was written'$'\r'
  nothing_left
}

@test "a configuration directory that cannot be written is 73 and keeps nothing" {
  mkdir -p "$XDG_CONFIG_HOME"
  ln -s "$TMPDIR" "$XDG_CONFIG_HOME/rhythm"
  expect 73 setsid -w rhythm-token config --init auth0_domain=x.example client_id=a client_secret_command=true
  out_empty
  err_has 'rhythm-token: .*/rhythm is a symbolic link or not a directory; remove it'
  absent "$TMPDIR/default.conf"
}
