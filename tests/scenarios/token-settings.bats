#!/usr/bin/env bats
# Settings: flag, environment, profile file, default; profiles; what is refused, and with which message.
# shellcheck disable=SC2030,SC2031 # each case is a process of its own

load ../helper
load token

setup_file() { sandbox_start; }

teardown() {
  # A case that failed in between must not leave its file system behind.
  if mountpoint -q "$BATS_TEST_TMPDIR/tmp/mounted"; then umount "$BATS_TEST_TMPDIR/tmp/mounted"; fi
  common_teardown
}

# conf - prints the default profile's path.
conf() {
  printf '%s/rhythm/default.conf' "$XDG_CONFIG_HOME"
}

@test "config shows each value with its source, secrets as ***" {
  sandbox_profile "scope=read:x" timeout=7
  RHYTHM_TIMEOUT=9 RHYTHM_HOURLY_LIMIT='' expect 0 rhythm-token config
  out_has profile=default
  out_has "auth0_domain=$SANDBOX_HTTP"
  out_has "from\.auth0_domain=file:$(conf)"
  out_has 'client_secret=\*\*\*'
  out_has "from\.client_secret=file:.*"
  out_has timeout=9
  out_has from.timeout=env
  out_has hourly_limit=10
  out_has from.hourly_limit=default
  out_lacks '^password='
  err_empty
  no_secret
  counter_is token_requests 0
}

@test "config without settings shows the defaults" {
  expect 0 rhythm-token config
  out_is profile=default audience=https://api.rhythmsoftware.com from.audience=default \
    'api_base=https://{service}.api.rhythmsoftware.com' from.api_base=default grant=client_credentials from.grant=default \
    redirect_uri=http://127.0.0.1:8484/callback from.redirect_uri=default cache=file from.cache=default monthly_limit=1000 from.monthly_limit=default \
    hourly_limit=10 from.hourly_limit=default read_only=no from.read_only=default timeout=30 from.timeout=default
  err_empty
}

@test "config takes --get and the formats" {
  sandbox_profile
  expect 0 rhythm-token config --get audience
  out_is https://api.rhythmsoftware.com
  expect 0 rhythm-token config --get client_secret
  out_is '***'
  expect 65 rhythm-token config --get scope
  out_empty
  err_is 'rhythm-token: the output has no key scope; leave out --get to see its keys'
  expect 0 rhythm-token config --format=json
  expect 0 jq -r '.client_id, .["from.audience"]' "$OUT"
  out_is sandbox-client "file:$(conf)"
  expect 0 rhythm-token config --format=shell
  out_has "rhythm_client_id='sandbox-client'"
}

@test "the environment alone is enough" {
  export RHYTHM_AUTH0_DOMAIN=$SANDBOX_HTTP RHYTHM_CLIENT_ID=sandbox-client RHYTHM_CLIENT_SECRET=sandbox-secret
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
  counter_is last_audience https://api.rhythmsoftware.com
  absent "$XDG_CONFIG_HOME"
}

@test "the environment beats the default profile and one named by RHYTHM_PROFILE" {
  sandbox_profile client_id=someone-else
  sandbox_profile other client_id=another
  export RHYTHM_CLIENT_ID=sandbox-client
  expect 0 rhythm-token config --get client_id
  out_is sandbox-client
  RHYTHM_PROFILE=other expect 0 rhythm-token config --get client_id
  out_is sandbox-client
  RHYTHM_PROFILE=other expect 0 rhythm-token config --get profile
  out_is other
  RHYTHM_PROFILE='' expect 0 rhythm-token config --get profile
  out_is default
}

@test "an explicit -p beats the environment" {
  sandbox_profile prod 'api_base=https://prod.example/{service}' timeout=5
  export RHYTHM_AUTH0_DOMAIN=evil.example RHYTHM_CLIENT_ID=evil RHYTHM_CLIENT_SECRET=evil RHYTHM_AUDIENCE=evil \
    RHYTHM_API_BASE=https://evil.example RHYTHM_TIMEOUT=99 RHYTHM_PROFILE=evil RHYTHM_MONTHLY_LIMIT=3
  expect 0 rhythm-token -p prod config
  out_lacks evil
  out_has client_id=sandbox-client
  out_has timeout=5
  out_has monthly_limit=3
  out_has from.monthly_limit=env
  expect 0 rhythm-token --profile=prod --get tenant_id
  out_is acme.org
  mint_count 1
}

@test "under an explicit -p, credentials never come from the environment, whether the file has them or not" {
  profile bare timeout=5
  export RHYTHM_AUTH0_DOMAIN=$SANDBOX_HTTP RHYTHM_CLIENT_ID=sandbox-client RHYTHM_CLIENT_SECRET=sandbox-secret \
    RHYTHM_CLIENT_SECRET_FILE=/x RHYTHM_CLIENT_SECRET_COMMAND=x RHYTHM_GRANT=password RHYTHM_AUDIENCE=x RHYTHM_TENANT_ID=x \
    RHYTHM_USERNAME=x RHYTHM_PASSWORD=x RHYTHM_PASSWORD_COMMAND=x RHYTHM_TOKEN_FILE=x RHYTHM_API_BASE=https://x.example \
    RHYTHM_CA_BUNDLE=x RHYTHM_CACHE=x RHYTHM_REDIS_URL=x RHYTHM_REDIRECT_PORT=1 \
    RHYTHM_REDIRECT_URI=http://localhost:1/x
  expect 0 rhythm-token -p bare config
  out_lacks '=env$'
  expect 78 rhythm-token -p bare
  out_empty
  err_is "rhythm-token: auth0_domain and client_id are not set; put them in $XDG_CONFIG_HOME/rhythm/bare.conf (Rhythm Console > Security & Settings > API Keys)"
  counter_is token_requests 0
}

@test "missing settings are named, with where to put them" {
  expect 78 rhythm-token
  out_empty
  err_is "rhythm-token: auth0_domain and client_id are not set; put them in $XDG_CONFIG_HOME/rhythm/default.conf (Rhythm Console > Security & Settings > API Keys)"
  expect 78 rhythm-token status
  out_empty
  err_is "rhythm-token: auth0_domain and client_id are not set; put them in $XDG_CONFIG_HOME/rhythm/default.conf (Rhythm Console > Security & Settings > API Keys)"
  profile default auth0_domain=acme.example
  expect 78 rhythm-token header
  out_empty
  err_is "rhythm-token: client_id is not set; put it in $XDG_CONFIG_HOME/rhythm/default.conf (Rhythm Console > Security & Settings > API Keys)"
  absent "$XDG_CACHE_HOME/rhythm" "$XDG_STATE_HOME/rhythm"
}

@test "an exported api_base does not redirect a profile's token" {
  sandbox_profile prod api_base=
  export RHYTHM_API_BASE="$SANDBOX_HTTP/{service}"
  expect 0 rhythm-token -p prod url rolodex contacts/c-1 --get url
  out_is https://rolodex.api.rhythmsoftware.com/contacts/c-1
  expect 65 rhythm-token -p prod curl "$SANDBOX_HTTP/rolodex/contacts/c-1"
  out_empty
  err_is "rhythm-token: $SANDBOX_HTTP/rolodex/contacts/c-1 is not below api_base=https://{service}.api.rhythmsoftware.com, and the token is sent nowhere else; check the URL"
  counter_is connections 0
}

@test "without a client secret no request is made, and the message says so" {
  sandbox_profile client_secret=
  for command in print --refresh verify; do
    expect 78 rhythm-token "$command"
    out_empty
    err_is "rhythm-token: client_secret is not set; put it, or a client_secret_command that prints it, in $(conf) (Rhythm Console > Security & Settings > API Keys)"
  done
  counter_is connections 0
  absent "$XDG_STATE_HOME/rhythm"
}

@test "redirect_port is short for a redirect_uri, and both in one place are an error" {
  profile default redirect_port=9999
  expect 0 rhythm-token config
  out_has redirect_uri=http://127.0.0.1:9999/callback
  out_has "from\.redirect_uri=file:$(conf)"
  out_lacks redirect_port
  RHYTHM_REDIRECT_URI=http://localhost:1234/x expect 0 rhythm-token config --get redirect_uri
  out_is http://localhost:1234/x
  profile default 'redirect_uri=http://[::1]:7/a/b'
  expect 0 rhythm-token config --get redirect_uri
  out_is 'http://[::1]:7/a/b'
  RHYTHM_REDIRECT_PORT=5 expect 0 rhythm-token config --get redirect_uri
  out_is http://127.0.0.1:5/callback
  profile default redirect_uri=http://localhost:7/a redirect_port=8
  expect 78 rhythm-token config
  out_empty
  err_is "rhythm-token: redirect_uri and redirect_port are both set (file:$(conf)); keep one"
}

@test "a shared cache without its URL is refused when used, and shown by config" {
  sandbox_profile cache=redis
  expect 0 rhythm-token config --get cache
  out_is redis
  expect 78 rhythm-token
  out_empty
  err_is 'rhythm-token: cache=redis needs redis_url, the address of the store; set it'
  counter_is connections 0
}

@test "a redis_url's password is not shown, and makes its profile a secret file" {
  while read -r url shown; do
    profile default "redis_url=$url"
    expect 0 rhythm-token config --get redis_url
    out_is "$shown"
  done <<'END'
redis://:hunter2-redis@cache.example:6379/0 redis://***@cache.example:6379/0
rediss://user:p@ss/word@cache.example rediss://***@cache.example
redis://hunter2-redis@cache.example redis://***@cache.example
redis://cache.example/0?password=hunter2-redis redis://cache.example/0?***
redis://cache.example:6379/0 redis://cache.example:6379/0
unix:///run/redis.sock unix:///run/redis.sock
END
  profile default redis_url=redis://:hunter2-redis@cache.example
  chmod 644 "$(conf)"
  expect 78 rhythm-token config
  out_empty
  err_is "rhythm-token: others can read the secret in the profile $(conf); run: chmod 600 $(conf)"
  profile default redis_url=redis://cache.example
  chmod 644 "$(conf)"
  expect 0 rhythm-token config --get redis_url
  out_is redis://cache.example
}

@test "a missing default profile is fine, a missing named one is not" {
  expect 0 rhythm-token config --get profile
  out_is default
  expect 0 rhythm-token -p default config --get profile
  out_is default
  expect 78 rhythm-token -p nosuch config
  out_empty
  err_is "rhythm-token: there is no profile $XDG_CONFIG_HOME/rhythm/nosuch.conf; to write it, run rhythm-token config --init -p nosuch"
  RHYTHM_PROFILE=nosuch expect 78 rhythm-token config
  out_empty
  err_is "rhythm-token: there is no profile $XDG_CONFIG_HOME/rhythm/nosuch.conf; to write it, run rhythm-token config --init -p nosuch"
}

@test "a profile's name cannot lead out of the directory" {
  for name in ../x a/b 'a b' .hidden $'a\nb'; do
    expect 78 rhythm-token -p "$name" config
    out_empty
    err_matches "rhythm-token: '.*' is not a profile name; use letters, digits, \. _ -"
  done
}

@test "comments, blank lines and a missing last newline are allowed" {
  mkdir -p "$XDG_CONFIG_HOME/rhythm"
  printf '# a comment\n\nclient_id=a=b\n#client_id=c\nscope=\nusername=back\\\\slash' >"$(conf)"
  expect 0 rhythm-token config --get client_id
  out_is a=b
  expect 0 rhythm-token config --get username
  out_is 'back\slash'
  err_empty
}

@test "a profile with garbage is 78, with the line" {
  mkdir -p "$XDG_CONFIG_HOME/rhythm"
  while IFS='|' read -r text why; do
    printf '# first\n%b' "$text" >"$(conf)"
    expect 78 rhythm-token config
    out_empty
    err_is "rhythm-token: $(conf) line 2$why"
  done <<'END'
nonsense\n| is not key=value; correct it, begin a comment with #, and write a backslash as \\
client_id="x"\n|: the value of client_id has quotes or blanks around it, which would be part of it; remove them
auth0_domain=x.example \n|: the value of auth0_domain has quotes or blanks around it, which would be part of it; remove them
client_id = x\n| is not key=value; correct it, begin a comment with #, and write a backslash as \\
=x\n| is not key=value; correct it, begin a comment with #, and write a backslash as \\
client_id=C:\\x\\q\n| is not key=value; correct it, begin a comment with #, and write a backslash as \\
client_id=\0033[2J\n| is not key=value; correct it, begin a comment with #, and write a backslash as \\
clientid=x\n|: there is no setting 'clientid'; did you mean client_id?
secret=x\n|: there is no setting 'secret'; see rhythm-token(1), SETTINGS
client_id=a\\x00b\n|: client_id contains a NUL byte; remove it
END
  printf '# first\nclient_id=x\r\n' >"$(conf)"
  expect 78 rhythm-token config
  out_empty
  err_is "rhythm-token: $(conf) line 2 has a Windows line ending; run: sed -i 's/\\r\$//' $(conf)"
  printf 'client_id=a\nclient_id=b\n' >"$(conf)"
  expect 78 rhythm-token config
  out_empty
  err_is "rhythm-token: $(conf) line 2 sets client_id a second time; remove one"
  head -c 70000 /dev/zero >"$(conf)"
  expect 78 rhythm-token config
  out_empty
  err_is "rhythm-token: cannot read the profile $(conf): it is over 64 KiB"
  rm "$(conf)"
  mkdir "$(conf)"
  expect 78 rhythm-token config
  out_empty
  err_is "rhythm-token: cannot read the profile $(conf): Is a directory"
}

@test "an invalid value is 78, with its file or variable" {
  while IFS='|' read -r pair why; do
    sandbox_profile "$pair"
    expect 78 rhythm-token
    out_empty
    err_is "rhythm-token: $pair (file:$(conf)) should be $why"
  done <<'END'
timeout=soon|a whole number of seconds, 1 to 86400
timeout=0|a whole number of seconds, 1 to 86400
timeout=86401|a whole number of seconds, 1 to 86400
monthly_limit=-1|a whole number, 0 (no limit) to 1000000000
hourly_limit=1.5|a whole number, 0 (no limit) to 1000000000
hourly_limit=99999999999|a whole number, 0 (no limit) to 1000000000
grant=implicit|client_credentials, password or authorization_code
read_only=maybe|yes or no
auth0_domain=http://issuer.example|an https:// URL; plain http:// is allowed only for loopback addresses
auth0_domain=http://127.0.0.1.evil.example|an https:// URL; plain http:// is allowed only for loopback addresses
auth0_domain=http://127.0.0.1@evil.example|an address without a username (the part before @)
auth0_domain=https://x.example/?q=1|an address without a query, a fragment or special characters
auth0_domain=ftp://x.example|a bare host, such as acme-org.us.auth0.com, without https:// or a path
auth0_domain=x y.example|an address whose host name has only letters, digits, ., - and _
auth0_domain=https://x.example/oauth/token|a bare host, such as acme-org.us.auth0.com, without https:// or a path
auth0_domain=x.example/oauth/token/|a bare host, such as acme-org.us.auth0.com, without https:// or a path
redirect_port=65536|a port, 1 to 65535, or 0 for any
redirect_port=http|a port, 1 to 65535, or 0 for any
redirect_uri=https://127.0.0.1:8484/callback|an http:// URL, such as http://127.0.0.1:8484/callback
redirect_uri=http://127.0.0.1/callback|a URL with a port, such as http://127.0.0.1:8484/callback
redirect_uri=http://127.0.0.1:8484|a URL with a path, such as http://127.0.0.1:8484/callback
redirect_uri=http://192.168.0.1:8484/callback|a URL of this machine, such as http://127.0.0.1:8484/callback
redirect_uri=http://localhost.evil.example:8484/callback|a URL of this machine, such as http://127.0.0.1:8484/callback
redirect_uri=http://127.0.0.1:8484/callback?x=1|an address without a query, a fragment or special characters
redirect_uri=http://127.0.0.1:84840/callback|an address whose port is a number up to 65535
cache=../redis|file, or the name of a cache helper (a-z 0-9 -)
api_base=http://api.example/{service}|an https:// URL; plain http:// is allowed only for loopback addresses
END
  counter_is connections 0
}

@test "a domain is a bare host or a URL, with the same identity" {
  for domain in acme.us.auth0.com https://acme.us.auth0.com https://ACME.us.Auth0.com/; do
    profile default "auth0_domain=$domain" client_id=c
    expect 1 rhythm-token status --get entry
    out_is "$XDG_CACHE_HOME/rhythm/client_credentials,acme.us.auth0.com,c,https%3A%2F%2Fapi.rhythmsoftware.com,,"
    err_empty
  done
}

@test "two secrets in one place are an error" {
  sandbox_profile client_secret_file=/x
  expect 78 rhythm-token config
  out_empty
  err_is "rhythm-token: client_secret and client_secret_file are both set (file:$(conf)); keep one"
  sandbox_profile
  RHYTHM_CLIENT_SECRET=a RHYTHM_CLIENT_SECRET_COMMAND=b expect 78 rhythm-token
  out_empty
  err_is 'rhythm-token: client_secret and client_secret_command are both set (env); keep one'
}

@test "a secret from a source that wins replaces every kind of secret" {
  sandbox_profile client_secret=wrong
  printf 'sandbox-secret\n' >secret
  chmod 600 secret
  RHYTHM_CLIENT_SECRET_FILE=$PWD/secret expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
}

@test "without HOME and XDG variables it is 78, and an empty XDG variable counts as unset" {
  unset HOME XDG_CONFIG_HOME XDG_CACHE_HOME XDG_STATE_HOME
  expect 78 rhythm-token
  out_empty
  err_is 'rhythm-token: neither HOME nor XDG_CACHE_HOME is set to an absolute path; set one of them'
  XDG_CACHE_HOME='' HOME='' expect 78 rhythm-token
  out_empty
  err_is 'rhythm-token: neither HOME nor XDG_CACHE_HOME is set to an absolute path; set one of them'
}

@test "the environment alone is enough without HOME, if the caches are named" {
  unset HOME XDG_CONFIG_HOME
  export RHYTHM_AUTH0_DOMAIN=$SANDBOX_HTTP RHYTHM_CLIENT_ID=sandbox-client RHYTHM_CLIENT_SECRET=sandbox-secret
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
}

@test "a relative XDG path is ignored" {
  sandbox_profile
  XDG_CACHE_HOME=rel XDG_STATE_HOME=rel XDG_CONFIG_HOME=rel expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
  absent rel
  lines_are <(ls "$HOME/.cache/rhythm") "$(identity)" "$(identity)+lock"
}

@test "a profile may be a symbolic link" {
  sandbox_profile
  mv "$(conf)" "$HOME/dotfile"
  ln -s "$HOME/dotfile" "$(conf)"
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
}

@test "a profile with a secret that others can read is refused, one without is not" {
  sandbox_profile
  chmod 640 "$(conf)"
  expect 78 rhythm-token
  out_empty
  err_is "rhythm-token: others can read the secret in the profile $(conf); run: chmod 600 $(conf)"
  no_secret
  counter_is connections 0
  profile default client_id=x
  chmod 644 "$(conf)"
  expect 0 rhythm-token config --get client_id
  out_is x
  err_empty
}

@test "a secret file that others can read is refused with a chmod to run" {
  sandbox_profile client_secret= "client_secret_file=$PWD/secret"
  printf 'sandbox-secret\n' >secret
  chmod 644 secret
  expect 78 rhythm-token
  out_empty
  err_is "rhythm-token: others can read client_secret_file $PWD/secret; run: chmod 600 $PWD/secret"
  chmod 600 secret
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
}

@test "a secret file that is missing, empty or a directory is 78" {
  sandbox_profile client_secret= "client_secret_file=$PWD/secret"
  expect 78 rhythm-token
  out_empty
  err_is "rhythm-token: cannot read client_secret_file $PWD/secret: No such file or directory"
  (umask 077 && : >secret)
  expect 78 rhythm-token
  out_empty
  err_is 'rhythm-token: the first line from client_secret_file is empty; it should be the secret'
  rm secret
  mkdir -m 700 secret
  expect 78 rhythm-token
  out_empty
  err_is "rhythm-token: client_secret_file $PWD/secret is not a file; give the name of a file"
  counter_is connections 0
}

@test "another user's secret file is refused, and root's is accepted if it cannot be written" {
  needs_other
  local readable=$BATS_TEST_TMPDIR/secret
  sandbox_profile client_secret= "client_secret_file=$readable"
  printf 'sandbox-secret\n' >"$readable"
  chown 12345 "$readable"
  chmod 600 "$readable"
  expect 78 rhythm-token
  out_empty
  err_is "rhythm-token: client_secret_file $readable belongs to user 12345, not to you or root; copy it to a file of your own"
  chown 0 "$readable"
  chmod 444 "$readable"
  expect_of_other 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
  chmod 646 "$readable"
  expect_of_other 78 rhythm-token --refresh
  out_empty
  err_is "rhythm-token: others can write client_secret_file $readable; run: chmod go-w $readable"
}

@test "token_file uses exactly this token, mints and caches nothing, and is refused if others can read it" {
  jwt '{"a":"x"}'
  chmod 600 token.jwt
  sandbox_profile "token_file=$PWD/token.jwt"
  expect 0 rhythm-token
  out_is a=x
  err_empty
  expect 0 rhythm-token print
  out_is_file token.jwt
  chmod 644 token.jwt
  for command in print claims 'curl rolodex contacts/c-1'; do
    # shellcheck disable=SC2086 # words
    expect 78 rhythm-token $command
    out_empty
    err_is "rhythm-token: others can read token_file $PWD/token.jwt; run: chmod 600 $PWD/token.jwt"
  done
  expect 0 rhythm-token print --token token.jwt
  out_is_file token.jwt
  mint_count 0
  absent "$XDG_CACHE_HOME/rhythm" "$XDG_STATE_HOME/rhythm"
}

@test "a secret may come through a pipe, however long it takes" {
  jwt '{"a":"x"}'
  # shellcheck disable=SC2016 # for bash
  expect 0 bash -c 'RHYTHM_TOKEN_FILE=<(sleep 0.5; cat token.jwt) rhythm-token print'
  out_is_file token.jwt
  err_empty
}

# needs_root - skips the rest of a case, which makes files of other users, for everybody but root.
needs_root() {
  [[ $EUID == 0 ]] || skip 'needs root'
}

# trap_profile - writes a default profile whose commands all leave a mark.
trap_profile() {
  sandbox_profile client_secret= "client_secret_command=touch $PWD/ran; echo sandbox-secret"
}

# refused STATUS ERE [COMMAND...] - the command fails with this message; no command of the profile is run, and nothing is sent.
refused() {
  local status=$1 why=$2
  shift 2
  for command in print 'claims --refresh' header status config 'url rolodex contacts/c-1'; do
    # shellcheck disable=SC2086 # words
    expect "$status" "$@" rhythm-token $command
    out_empty
    err_matches "rhythm-token: $why"
  done
  absent "$PWD/ran"
  counter_is connections 0
}

@test "a profile that others can write is refused before any command in it runs, and the chmod works" {
  trap_profile
  for mode in 660 606 622; do
    chmod "$mode" "$(conf)"
    refused 78 "refusing profile default, whose commands would run as you: others can change $(conf); run: chmod go-w $(conf)"
  done
  chmod 600 "$(conf)"
  chmod go-w "$(conf)"
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
}

@test "a profile in a directory that others can write, at any level, is refused" {
  trap_profile
  for directory in "$XDG_CONFIG_HOME/rhythm" "$XDG_CONFIG_HOME" "$HOME"; do
    chmod g+w "$directory"
    refused 78 "refusing profile default, whose commands would run as you: others can change $directory; run: chmod go-w $directory"
    chmod g-w "$directory"
  done
  # like /tmp: others can create files there, but not replace ours
  chmod 1777 "$HOME"
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
}

@test "without a profile no directory is checked" {
  mkdir -p "$XDG_CONFIG_HOME"
  chmod 777 "$XDG_CONFIG_HOME"
  expect 0 rhythm-token config --get profile
  out_is default
  err_empty
}

@test "the command in the message can be pasted, whatever the path contains" {
  export XDG_CONFIG_HOME="$HOME/o'clock \$(touch pwned)"
  trap_profile
  chmod 660 "$(conf)"
  expect 78 rhythm-token
  out_empty
  err_matches 'rhythm-token: .*; run: chmod go-w .*'
  sed -n 's/.*; run: //p' "$ERR" >mend
  expect 0 sh mend
  absent pwned
  mode_is 640 "$(conf)"
}

@test "symbolic links of dotfile managers are followed, to a file or directory, and checked alike" {
  mkdir -p "$HOME/dotfiles/rhythm" "$HOME/open"
  trap_profile
  mv "$(conf)" "$HOME/dotfiles/rhythm/real.conf"
  ln -s ../../dotfiles/rhythm/real.conf "$(conf)"
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  rm "$(conf)"
  rmdir "$XDG_CONFIG_HOME/rhythm"
  mv "$HOME/dotfiles/rhythm/real.conf" "$HOME/dotfiles/rhythm/default.conf"
  ln -s "$HOME/./dotfiles/../dotfiles/rhythm/" "$XDG_CONFIG_HOME/rhythm"
  expect 0 rhythm-token --refresh --get tenant_id
  out_is acme.org
  rm ran
  chmod 777 "$HOME/dotfiles"
  expect 78 rhythm-token --refresh
  out_empty
  err_is "rhythm-token: refusing profile default, whose commands would run as you: others can change $HOME/dotfiles; run: chmod go-w $HOME/dotfiles"
  absent ran
  rm "$XDG_CONFIG_HOME/rhythm"
  ln -s rhythm "$XDG_CONFIG_HOME/rhythm"
  expect 78 rhythm-token -p default config
  out_empty
  err_matches "rhythm-token: cannot read the profile $(conf): (Too many levels of symbolic links|Symbolic link loop)"
}

@test "another user's profile, directory or HOME is refused before any command in it runs" {
  needs_root
  trap_profile
  chown 12345 "$(conf)"
  refused 78 "refusing profile default, whose commands would run as you: $(conf) belongs to user 12345, not to you or root; use a file of your own"
  chown 0 "$(conf)"
  chown 12345 "$XDG_CONFIG_HOME/rhythm"
  refused 78 "refusing profile default, whose commands would run as you: $XDG_CONFIG_HOME/rhythm belongs to user 12345, not to you or root; use a directory of your own"
  chown 0 "$XDG_CONFIG_HOME/rhythm"
  chown 12345 "$HOME"
  unset XDG_CONFIG_HOME XDG_CACHE_HOME XDG_STATE_HOME
  refused 73 "HOME=$HOME belongs to user 12345; set HOME to a directory of your own \\(with sudo, use sudo -H\\)"
}

@test "a user may read a profile of theirs that root owns" {
  needs_other
  PATH=$BATS_TEST_TMPDIR/programs/bin:$PATH
  profile default client_id=x
  chown 12345 "$HOME"
  chown -R 0 "$XDG_CONFIG_HOME"
  chmod -R a+rX "$XDG_CONFIG_HOME"
  expect 0 setpriv --reuid=12345 --regid=12345 --clear-groups rhythm-token config --get client_id
  out_is x
  chown 12346 "$(conf)"
  expect 78 setpriv --reuid=12345 --regid=12345 --clear-groups rhythm-token config
  out_empty
  err_is "rhythm-token: refusing profile default, whose commands would run as you: $(conf) belongs to user 12346, not to you or root; use a file of your own"
}

# in_space MAP... - sets user, a command that runs as user 12345 in a new user namespace, mapped by these options of unshare.
in_space() {
  needs_other
  PATH=$BATS_TEST_TMPDIR/programs/bin:$PATH
  user=(setpriv --reuid=12345 --regid=12345 --clear-groups unshare --user "$@")
  "${user[@]}" true 2>/dev/null || skip 'no user namespaces here'
}

@test "in a user namespace without root the system's directories are trusted, other users' files are not" {
  local map
  for map in --map-user=1000 --map-root-user '--map-root-user unshare --user --map-root-user'; do
    # shellcheck disable=SC2086 # words
    in_space $map
    profile default client_id=x
    chown -R 12345 "$HOME"
    expect 0 "${user[@]}" rhythm-token config --get client_id
    out_is x
    chown 12346 "$(conf)"
    chmod 644 "$(conf)"
    expect 78 "${user[@]}" rhythm-token config
    out_empty
    err_is "rhythm-token: refusing profile default, whose commands would run as you: $(conf) belongs to user 65534, not to you or root; use a file of your own"
  done
}

@test "in a user namespace with root, others' directories are not trusted though they look like the overflow user's" {
  needs_root
  unshare --user --map-root-user true 2>/dev/null || skip 'no user namespaces here'
  [[ $(stat -c %u /proc) == 0 ]] || skip 'no root here to be in it'
  profile default client_id=x
  chown 12346 "$XDG_CONFIG_HOME/rhythm"
  chmod 755 "$XDG_CONFIG_HOME/rhythm"
  expect 78 unshare --user --map-root-user rhythm-token config
  err_has ".*: $XDG_CONFIG_HOME/rhythm belongs to user 65534, not to you or root; use a directory of your own"
}

@test "in a user namespace that maps the overflow user's number, that user's directories are not trusted" {
  local owner status map
  in_space
  profile default client_id=x
  mkfifo go
  for owner in 12345 65534; do
    chown -R 12345:12345 "$HOME"
    chown "$owner:$owner" "$XDG_CONFIG_HOME/rhythm"
    chmod 755 . "$XDG_CONFIG_HOME/rhythm"
    # shellcheck disable=SC2016 # the inner shell's
    begin space "${user[@]}" sh -c 'read -r _ <"$0"; exec rhythm-token config --get client_id' "$PWD/go"
    until_true sh -c "readlink /proc/$BEGUN/ns/user | grep -qvxF \"\$(readlink /proc/self/ns/user)\""
    for map in uid_map gid_map; do
      printf '0 12345 1\n65534 65534 1\n' | cat >"/proc/$BEGUN/$map" # in one write
    done
    echo >go
    status=0
    [[ $owner == 12345 ]] || status=78
    finish "$status" space
    if ((status)); then
      err_has ".*, whose commands would run as you: $XDG_CONFIG_HOME/rhythm belongs to user 65534, not to you or root; use a directory of your own"
    else
      out_is x
    fi
  done
}

@test "an unsafe password file is refused before the secret command runs" {
  sandbox_profile client_id=sandbox-user-client client_secret= "client_secret_command=touch $PWD/ran; echo x" grant=password \
    username=ada@acme.example "password_file=$PWD/password"
  printf 'correct horse\n' >password
  chmod 644 password
  expect 78 rhythm-token login
  out_empty
  err_is "rhythm-token: others can read password_file $PWD/password; run: chmod 600 $PWD/password"
  absent ran
  counter_is connections 0
}

@test "a cache or ledger of another user is refused before the secret command runs" {
  needs_root
  trap_profile
  for variable in XDG_CACHE_HOME XDG_STATE_HOME; do
    directory=${!variable}/rhythm
    mkdir -p "$directory"
    chmod 700 "$directory"
    chown 12345 "$directory"
    expect 73 rhythm-token --refresh
    out_empty
    err_is "rhythm-token: $directory belongs to user 12345, not to you; remove it, or set $variable to a directory of your own"
    absent "$PWD/ran"
    chown 0 "$directory"
  done
  counter_is connections 0
}

@test "a profile on a read-only mount, as in containers, is trusted" {
  needs_root
  mkdir mounted
  mount -t tmpfs -o mode=777 tmpfs mounted 2>/dev/null || skip 'cannot mount'
  export XDG_CONFIG_HOME=$PWD/mounted
  trap_profile
  chmod 777 mounted/rhythm
  expect 78 rhythm-token
  out_empty
  err_matches 'rhythm-token: refusing profile default, whose commands would run as you: others can change .*/mounted; run: chmod go-w .*/mounted'
  absent ran
  mount -o remount,ro mounted
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
  umount mounted
}

@test "root's secret that everybody can read is accepted from a read-only mount, also by root" {
  needs_root
  mkdir mounted
  mount -t tmpfs -o mode=755 tmpfs mounted 2>/dev/null || skip 'cannot mount'
  printf 'sandbox-secret\n' >mounted/secret
  chmod 444 mounted/secret
  sandbox_profile client_secret= "client_secret_file=$PWD/mounted/secret"
  expect 78 rhythm-token
  out_empty
  err_is "rhythm-token: others can read client_secret_file $PWD/mounted/secret; run: chmod 600 $PWD/mounted/secret"
  mount -o remount,ro mounted
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
  umount mounted
}
