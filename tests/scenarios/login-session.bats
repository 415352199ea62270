#!/usr/bin/env bats
# Where users' tokens are, who can read them, and how they are revoked.

load ../helper
load ../login

setup_file() { sandbox_start; }
setup() { login_setup; }

FORGOTTEN='rhythm-token: the token of profile default is deleted'

# nothing_in DIR... - no token of any kind lies there.
nothing_in() {
  local dir
  for dir; do
    if [[ -e $dir ]] && grep -r -a -q -E 'eyJ[A-Za-z0-9_-]+\.|refresh_token' -- "$dir"; then
      fail "there is a token in $dir" || return
    fi
  done
}

@test "a user's token is in the runtime directory and nowhere else" {
  user_profile
  logged_in
  expect 0 rhythm-token verify --get signature
  out_is valid
  mode_is 700 "$XDG_RUNTIME_DIR/rhythm"
  mode_is 600 "$(entry)"
  nothing_in "$XDG_CACHE_HOME" "$XDG_STATE_HOME" "$XDG_CONFIG_HOME"
  expect 0 rhythm-token status --get entry
  out_is "$(entry)"
}

@test "status shows the kind of a user's token" {
  user_profile
  expect 1 rhythm-token status
  out_has kind=user
  out_has state=none
  err_empty
  logged_in
  expect 0 rhythm-token status --get kind
  out_is user
  sandbox_profile machine
  expect 1 rhythm-token -p machine status --get kind
  out_is machine
}

@test "two profiles of one user and one client do not share a login" {
  user_profile
  user_profile other
  logged_in
  expect 77 rhythm-token -p other
  out_empty
  err_is 'rhythm-token: nobody is logged in; run rhythm-token login -p other'
}

@test "rhythm-check tells a user who is not logged in to log in, not to get API keys" {
  user_profile
  expect 1 rhythm-check --format=kv
  err_empty
  out_has cause=credentials
  out_has 'reason=nobody is logged in'
  out_has 'fix=run rhythm-token login'
}

@test "without a runtime directory a private one is used, with a warning" {
  needs_linux # to know whose program brings the redirect
  local dir
  dir=/tmp/rhythm-$(id -u)
  user_profile "scenario-$$"
  unset XDG_RUNTIME_DIR
  expect 0 rhythm-token -p "scenario-$$" login
  out_empty
  err_has "rhythm-token: warning: XDG_RUNTIME_DIR is not set, so users' tokens stay in $dir after your session on this machine ends; remove them with rhythm-token logout, or set --session-dir" # meta: text
  mode_is 700 "$dir"
  expect 0 rhythm-token -p "scenario-$$" --get contact_id
  out_is contact-ada
  err_empty
  nothing_in "$HOME"
  expect 0 rhythm-token -p "scenario-$$" logout
  err_is "rhythm-token: the token of profile scenario-$$ is deleted"
  expect 0 find "$dir" -name "*scenario-$$" -size +0
  out_empty
  rm -f "$dir"/*"scenario-$$"*
}

@test "a relative XDG_RUNTIME_DIR is ignored" {
  user_profile
  XDG_RUNTIME_DIR=relative expect 1 rhythm-token status --get entry
  out_matches "/tmp/rhythm-$(id -u)/authorization_code,.*"
  absent relative
}

@test "another user's runtime directory is not used" {
  needs_other
  user_profile
  mkdir -m 700 others
  chown 12345 others
  XDG_RUNTIME_DIR=$PWD/others expect 73 rhythm-token login
  out_empty
  err_is "rhythm-token: XDG_RUNTIME_DIR=$PWD/others belongs to user 12345; set XDG_RUNTIME_DIR to a directory of your own"
  absent others/rhythm
  counter_is authorize_requests 0
}

@test "--session-dir chooses another directory" {
  user_profile
  logged_in --session-dir "$TMPDIR/mine/session"
  mode_is 700 "$TMPDIR/mine/session"
  absent "$XDG_RUNTIME_DIR/rhythm"
  expect 0 rhythm-token --session-dir="$TMPDIR/mine/session" --get contact_id
  out_is contact-ada
  err_empty
  expect 77 rhythm-token
  out_empty
  err_is 'rhythm-token: nobody is logged in; run rhythm-token login'
  expect 0 rhythm-token logout --session-dir "$TMPDIR/mine/session"
  err_is "$FORGOTTEN"
  nothing_in "$TMPDIR/mine"
}

@test "a --session-dir that others can enter is refused, not changed" {
  user_profile
  mkdir -m 755 shared
  expect 73 rhythm-token login --session-dir "$PWD/shared"
  out_empty
  err_is "rhythm-token: others can enter $PWD/shared; run: chmod 700 $PWD/shared"
  mode_is 755 shared
  expect 73 rhythm-token status --session-dir "$PWD/shared"
  out_empty
  err_any
  mode_is 755 shared
  counter_is authorize_requests 0
}

@test "an empty --session-dir is refused" {
  user_profile
  logged_in
  expect 64 rhythm-token --session-dir= --get contact_id
  out_empty
  err_is 'rhythm-token: missing DIR after --session-dir; see rhythm-token --help'
}

@test "a session directory that is a symbolic link is refused" {
  user_profile
  mkdir -m 700 elsewhere
  ln -s "$PWD/elsewhere" "$XDG_RUNTIME_DIR/rhythm"
  expect 73 rhythm-token login
  out_empty
  err_matches "rhythm-token: $XDG_RUNTIME_DIR/rhythm is a symbolic link or not a directory; remove it"
  nothing_in elsewhere
}

@test "logout revokes the refresh token and wipes the tokens here" {
  local old
  user_profile
  logged_in
  cp "$(entry)" old
  old=$(value refresh_token old)
  secret "$old"
  expect 0 rhythm-token logout
  out_empty
  err_is "$FORGOTTEN"
  no_secret
  counter_is revocations 1
  nothing_in "$XDG_RUNTIME_DIR" "$HOME"
  same "$(entry)" ""
  expect 1 rhythm-token status --get state
  out_is none
  # The login itself is revoked, not only our copy of it.
  expect 0 curl -q -s --noproxy '*' "$SANDBOX_HTTP/oauth/token" -d grant_type=refresh_token \
    -d client_id=sandbox-user-client -d "refresh_token=$old"
  out_has '.*"error":"invalid_grant".*'
}

@test "a second logout says that there is no token" {
  user_profile
  expect 0 rhythm-token logout
  out_empty
  err_is 'rhythm-token: profile default has no token to delete'
  logged_in
  expect 0 rhythm-token logout
  err_is "$FORGOTTEN"
  expect 0 rhythm-token logout
  out_empty
  err_is 'rhythm-token: profile default has no token to delete'
  counter_is revocations 1
}

@test "if the issuer cannot be reached, logout still wipes the tokens here and says so" {
  user_profile
  logged_in
  # The same issuer, at a port without TLS: its name, and so the identity, has no scheme.
  user_profile "auth0_domain=${SANDBOX_HTTP/http:/https:}"
  expect 69 rhythm-token logout
  out_empty
  err_matches "rhythm-token: deleted the tokens on this host, but https://.* did not revoke the login: .+; its refresh token remains valid until it expires; ask Rhythm support to revoke it"
  no_secret
  nothing_in "$XDG_RUNTIME_DIR"
}

@test "logout --offline wipes without a request and says that nothing was revoked" {
  user_profile
  logged_in
  expect 0 rhythm-token logout --offline
  out_empty
  err_is 'rhythm-token: warning: --offline: the refresh token is deleted here but not revoked' "$FORGOTTEN"
  counter_is revocations 0
  nothing_in "$XDG_RUNTIME_DIR"
}

@test "logout also wipes a damaged entry" {
  user_profile
  logged_in
  head -n 8 "$(entry)" >part
  grep -q refresh_token part
  cp part "$(entry)"
  expect 0 rhythm-token logout
  out_empty
  err_matches 'rhythm-token: warning: cache entry .* is ignored: it is incomplete or damaged' 'rhythm-token: the unreadable cache entry of profile default is deleted; a login in it is not revoked'
  nothing_in "$XDG_RUNTIME_DIR"
}

@test "logout wipes even if the client's secret command fails" {
  user_profile
  logged_in
  user_profile 'client_secret_command=exit 3'
  expect 0 rhythm-token logout
  out_empty
  err_is 'rhythm-token: client_secret_command failed (exit 3); run it by hand to see why' "$FORGOTTEN"
  counter_is revocations 1
  nothing_in "$XDG_RUNTIME_DIR"
}

@test "a machine's logout wipes its token and revokes nothing" {
  sandbox_profile
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  expect 0 rhythm-token logout
  out_empty
  err_is "$FORGOTTEN"
  nothing_in "$XDG_CACHE_HOME"
  counter_is revocations 0
}

@test "a token from a file needs no login" {
  user_profile
  logged_in
  expect 0 rhythm-token print
  cp "$OUT" token
  chmod 600 token
  err_empty
  expect 0 rhythm-token logout
  err_is "$FORGOTTEN"
  expect 0 rhythm-token --token token --get contact_id
  out_is contact-ada
  err_empty
  user_profile "token_file=$PWD/token"
  expect 0 rhythm-token --get contact_id
  out_is contact-ada
  err_empty
  counter_is token_requests 1
}

@test "-v shows no secret of a user" {
  needs_linux # to know whose program brings the redirect
  user_profile
  expect 0 rhythm-token -v login
  out_empty
  err_any
  no_secret
  secret "$(value refresh_token "$(entry)")"
  no_secret
  expect 0 rhythm-token -v --refresh --get sub
  out_is 'auth0|ada'
  err_any
  secret "$(value refresh_token "$(entry)")"
  no_secret
  expect 0 rhythm-token -v logout
  err_any
  out_empty
  no_secret
}

@test "no argument and no environment contains a secret of a user" {
  needs_linux # to know whose program brings the redirect
  needs_root # /proc of a program that may not be dumped
  local pid url old
  user_profile
  knob authorize.user=ada@acme.example token.delay_ms=1000
  BROWSER=true begin login rhythm-token login
  pid=$BEGUN
  url=$(login_url login)
  begin page curl -q -s --noproxy '*' -o /dev/null "$(redirect_of "$url")"
  expect 0 tr '\0' ' ' <"/proc/$pid/cmdline"
  out_matches 'rhythm-token login '
  expect 0 cat "/proc/$pid/environ"
  no_secret
  finish 0 page
  finish 0 login
  err_any
  out_empty
  old=$(value refresh_token "$(entry)")
  secret "$old"
  knob token.delay_ms=3000 # gives a busy machine time to look
  begin refresh rhythm-token --refresh --get sub
  pid=$BEGUN
  until_counter token_requests 2
  expect 0 tr '\0' ' ' <"/proc/$pid/cmdline"
  out_matches 'rhythm-token --refresh --get sub '
  no_secret
  expect 0 cat "/proc/$pid/environ"
  no_secret
  finish 0 refresh
  out_is 'auth0|ada'
}
