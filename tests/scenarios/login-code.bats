#!/usr/bin/env bats
# login with the authorization code and PKCE, received on a loopback port or pasted.

load ../helper
load ../login

setup_file() { sandbox_start; }
setup() { login_setup; }

LOGGED_IN='rhythm-token: logged in as .+; the token is valid for (86400|863[0-9]{2}) s and is renewed automatically'
OPENED=('rhythm-token: log in with your browser; if no login page opens, go to http://127\.0\.0\.1:[0-9]+/authorize\?[^ ]+'
  'rhythm-token: if the page says "Callback URL mismatch", ask Rhythm support to add http://[a-z0-9.:]+/callback to the application'\''s allowed callback URLs')

# nothing_kept - there is no token, and no secret in the output.
nothing_kept() {
  same "$(entry 2>/dev/null)" ""
  no_secret
}

@test "login opens the browser, and the token is that user's" {
  needs_linux
  user_profile
  expect 0 rhythm-token login
  out_empty
  err_matches "${OPENED[@]}" "$LOGGED_IN"
  no_secret
  page_has '.*<h1>Return to the terminal</h1><p>It shows who is logged in\. You can close this window\.</p>'
  expect 0 rhythm-token --get contact_id
  out_is contact-ada
  err_empty
  mint_count 1
  counter_is user_mints 1
  counter_is authorize_requests 1
  counter_is token_requests 1
}

@test "the authorization request asks for the audience, a refresh token and S256, and gives the redirect URI" {
  needs_linux
  local url
  user_profile scope='openid profile'
  begin login rhythm-token login
  url=$(login_url login)
  same "$(parameter response_type "$url")" code
  same "$(parameter client_id "$url")" sandbox-user-client
  same "$(parameter audience "$url")" https://api.rhythmsoftware.com
  same "$(parameter scope "$url")" 'openid profile offline_access'
  same "$(parameter code_challenge_method "$url")" S256
  grep -q -E '^[A-Za-z0-9_-]{43}$' <<<"$(parameter code_challenge "$url")"
  grep -q -E '^[A-Za-z0-9_-]{43}$' <<<"$(state_of "$url")"
  grep -q -E '^http://127\.0\.0\.1:[0-9]+/callback$' <<<"$(callback_of "$url")"
  finish 0 login
  out_empty
  err_matches "${OPENED[@]}" "$LOGGED_IN"
}

@test "two logins share neither state nor challenge" {
  needs_linux
  local one two
  user_profile
  begin one rhythm-token login
  one=$(login_url one)
  finish 0 one
  err_any
  out_empty
  begin two rhythm-token login
  two=$(login_url two)
  finish 0 two
  err_any
  [[ $(state_of "$one") != "$(state_of "$two")" ]]
  [[ $(parameter code_challenge "$one") != "$(parameter code_challenge "$two")" ]]
}

@test "BROWSER may have arguments, and the URL comes last" {
  needs_linux
  user_profile
  BROWSER="$TMPDIR/browser --new-window" expect 0 rhythm-token login
  err_matches "${OPENED[@]}" "$LOGGED_IN"
  out_empty
  expect 0 sed -n 1p "$TMPDIR/browser.arguments"
  out_is --new-window
}

@test "without BROWSER, or with an empty one, xdg-open is started" {
  needs_linux
  user_profile
  mkdir "$TMPDIR/bin"
  cp "$TMPDIR/browser" "$TMPDIR/bin/xdg-open"
  BROWSER='' PATH=$TMPDIR/bin:$PATH expect 0 rhythm-token login
  err_matches "${OPENED[@]}" "$LOGGED_IN"
  unset BROWSER
  PATH=$TMPDIR/bin:$PATH expect 0 rhythm-token login
  err_matches "${OPENED[@]}" "$LOGGED_IN"
  out_empty
}

@test "a browser that cannot be started is not an error: the URL is printed" {
  needs_linux
  local url
  user_profile
  BROWSER=/nonexistent begin login rhythm-token login
  url=$(login_url login)
  fetch 200 "$(redirect_of "$url")"
  finish 0 login
  err_matches "${OPENED[@]}" "$LOGGED_IN"
  out_empty
}

@test "the browser gets no secret and none of our descriptors" {
  needs_linux
  user_profile
  cat >"$TMPDIR/browser" <<'EOF'
#!/bin/sh
env >"$TMPDIR/environment"
ls -l /proc/$$/fd >"$TMPDIR/descriptors"
stat -c %a "$1" >"$TMPDIR/mode"
url=$(sed -n 's/.*content="0;url=\([^"]*\)".*/\1/p' "$1" | sed 's/&amp;/\&/g')
curl -q -s -L --noproxy '*' -o /dev/null "$url"
EOF
  RHYTHM_CLIENT_SECRET=sandbox-secret RHYTHM_PASSWORD='correct horse' expect 0 rhythm-token login
  err_any
  out_empty
  secret 'correct horse'
  no_secret "$TMPDIR/environment"
  expect 1 grep -E "socket:|$XDG_RUNTIME_DIR" "$TMPDIR/descriptors"
  out_empty
}

# pasted NAME ARGUMENT... - begins a login that reads what is pasted from $TMPDIR/paste.
pasted() {
  local name=$1
  shift
  mkfifo "$TMPDIR/paste"
  # shellcheck disable=SC2016 # for that shell
  begin "$name" sh -c 'file=$1; shift; exec rhythm-token login --no-browser "$@" <"$file"' sh "$TMPDIR/paste" "$@"
  exec 7>"$TMPDIR/paste"
}

OPEN='rhythm-token: open http://127\.0\.0\.1:[0-9]+/authorize\?[^ ]+'
PASTE='rhythm-token: log in there, then paste the address of the page that you end up on:'

@test "--no-browser prints the URL and accepts the pasted address" {
  local url
  user_profile
  pasted login
  url=$(login_url login)
  redirect_of "$url" >&7
  printf '\r\n' >&7
  finish 0 login
  exec 7>&-
  out_empty
  err_matches "$OPEN" "$PASTE" "$LOGGED_IN"
  absent "$TMPDIR/browser.arguments"
  expect 0 rhythm-token --get sub
  out_is 'auth0|ada'
  mint_count 1
}

@test "--no-browser accepts the query alone" {
  local url redirect
  user_profile
  pasted login
  url=$(login_url login)
  redirect=$(redirect_of "$url")
  printf '%s\n' "${redirect#*\?}" >&7
  finish 0 login
  exec 7>&-
  err_matches "$OPEN" "$PASTE" "$LOGGED_IN"
  out_empty
}

@test "--no-browser opens no port" {
  local url
  knob "client.callbacks=$SANDBOX_HTTP/callback"
  user_profile "redirect_port=${SANDBOX_HTTP##*:}"
  pasted login
  url=$(login_url login)
  same "$(callback_of "$url")" "http://127.0.0.1:${SANDBOX_HTTP##*:}/callback"
  redirect_of "$url" >&7
  printf '\n' >&7
  finish 0 login
  exec 7>&-
  err_matches "$OPEN" "$PASTE" "$LOGGED_IN"
  out_empty
}

@test "a pasted address with another login's state, or without one, is refused" {
  local url
  user_profile
  knob authorize.user=ada@acme.example authorize.answer=wrong-state
  pasted wrong
  url=$(login_url wrong)
  redirect_of "$url" >&7
  printf '\n' >&7
  finish 65 wrong
  exec 7>&-
  out_empty
  err_matches "$OPEN" "$PASTE" "rhythm-token: the pasted URL belongs to another login: its state differs; run rhythm-token login again"
  nothing_kept
  expect 65 rhythm-token login --no-browser <<<'http://127.0.0.1:1/callback?code=abc'
  out_empty
  err_matches "$OPEN" "$PASTE" \
    'rhythm-token: the pasted text is not the redirect URL: it has no state; run rhythm-token login again and paste the whole URL'
  expect 65 rhythm-token login --no-browser </dev/null
  out_empty
  err_matches "$OPEN" "$PASTE" \
    'rhythm-token: the pasted text is not the redirect URL: it has no state; run rhythm-token login again and paste the whole URL'
  head -c 1048576 /dev/zero | tr '\0' a >big
  expect 65 rhythm-token login --no-browser <big
  out_empty
  err_matches "$OPEN" "$PASTE" \
    'rhythm-token: the pasted text is not the redirect URL: it has no state; run rhythm-token login again and paste the whole URL'
  counter_is token_requests 0
  nothing_kept
}

@test "a redirect with another state, or with none, does not end the wait" {
  needs_linux
  local url redirect
  user_profile
  BROWSER=true begin login rhythm-token login
  url=$(login_url login)
  redirect=$(redirect_of "$url")
  fetch 400 "${redirect/state=/state=0}"
  has "$TMPDIR/answer" '.*<h1>Another login</h1><p>This redirect belongs to another login\. Start again from the terminal\.</p>'
  fetch 400 "${redirect/state=/other=}"
  fetch 400 "$(callback_of "$url")?error=access_denied&error_description=forged"
  counter_is token_requests 0
  fetch 200 "$redirect"
  has "$TMPDIR/answer" '.*<h1>Return to the terminal</h1>.*'
  finish 0 login
  out_empty
  err_matches "${OPENED[@]}" 'rhythm-token: warning: refused a redirect whose state is not this login.s; still waiting' \
    'rhythm-token: warning: refused a redirect whose state is not this login.s; still waiting' \
    'rhythm-token: warning: refused a redirect whose state is not this login.s; still waiting' "$LOGGED_IN"
  counter_is token_requests 1
}

asked() {
  [[ $(counter token_requests) == 1 ]]
}

@test "after the first redirect the port is closed" {
  needs_linux
  local url redirect
  user_profile
  knob authorize.user=ada@acme.example token.delay_ms=1500
  BROWSER=true begin login rhythm-token login
  url=$(login_url login)
  redirect=$(redirect_of "$url")
  fetch 200 "$redirect"
  has "$TMPDIR/answer" '.*<h1>Return to the terminal</h1>.*'
  until_true asked
  fetch 000 "$redirect"
  finish 0 login
  err_matches "${OPENED[@]}" "$LOGGED_IN"
  out_empty
  counter_is token_requests 1
  mint_count 1
}

@test "a user who declines is told so, in the terminal and on the page" {
  user_profile
  knob authorize.answer=denied
  expect 77 rhythm-token login
  out_empty
  err_matches "${OPENED[@]}" 'rhythm-token: the login failed: access_denied: User did not authorize the request'
  page_has '.*<h1>Not logged in</h1><p>The terminal shows why\. You can close this window\.</p>'
  counter_is token_requests 0
  nothing_kept
}

@test "the text in a redirect cannot move a terminal's cursor or forge a line" {
  local url
  user_profile
  BROWSER=true begin login rhythm-token login
  url=$(login_url login)
  fetch 200 "$(callback_of "$url")?state=$(state_of "$url")&error=access_denied%1b%5b2J&error_description=a%0arhythm-token:+logged+in%07%c2%9b31m%3cscript%3e%80&iss=$SANDBOX_HTTP"
  expect 1 grep -q script "$TMPDIR/answer"
  err_empty
  finish 77 login
  out_empty
  err_matches "${OPENED[@]}" 'rhythm-token: the login failed: access_denied\\x1b\[2J: a\\nrhythm-token: logged in\\x07\\xc2\\x9b31m<script>\\x80'
  nothing_kept
}

@test "an endless description is cut" {
  local url long
  user_profile
  BROWSER=true begin login rhythm-token login
  url=$(login_url login)
  long=$(head -c 8000 /dev/zero | tr '\0' x)
  fetch 200 "$(callback_of "$url")?state=$(state_of "$url")&error=$long&error_description=$long"
  finish 77 login
  out_empty
  err_matches "${OPENED[@]}" 'rhythm-token: the login failed: x{100}: x{300}'
}

@test "a redirect from another issuer is refused; without iss, or without its slash, it is accepted" {
  needs_linux
  local url redirect
  user_profile
  knob authorize.user=ada@acme.example authorize.answer=wrong-iss
  expect 76 rhythm-token login
  out_empty
  err_matches "${OPENED[@]}" 'rhythm-token: the redirect is from another issuer: https://other\.example/, not .*; check auth0_domain'
  counter_is token_requests 0
  nothing_kept
  knob authorize.answer=no-iss
  expect 0 rhythm-token login
  out_empty
  err_matches "${OPENED[@]}" "$LOGGED_IN"
  knob authorize.answer=
  BROWSER=true begin login rhythm-token login
  url=$(login_url login)
  redirect=$(redirect_of "$url")
  fetch 200 "${redirect/%\%2F/}"
  finish 0 login
  out_empty
  err_matches "${OPENED[@]}" "$LOGGED_IN"
}

@test "an issuer whose name only begins like ours is another issuer" {
  local url
  user_profile
  BROWSER=true begin login rhythm-token login
  url=$(login_url login)
  fetch 200 "$(callback_of "$url")?state=$(state_of "$url")&code=abc&iss=$SANDBOX_HTTP.evil.example"
  finish 76 login
  out_empty
  err_matches "${OPENED[@]}" "rhythm-token: the redirect is from another issuer: ${SANDBOX_HTTP//./\\.}\\.evil\\.example, not ${SANDBOX_HTTP//./\\.}; check auth0_domain"
  counter_is token_requests 0
}

@test "a redirect without a code or an error is refused" {
  local url
  user_profile
  BROWSER=true begin login rhythm-token login
  url=$(login_url login)
  fetch 200 "$(callback_of "$url")?state=$(state_of "$url")&code="
  finish 76 login
  out_empty
  err_matches "${OPENED[@]}" 'rhythm-token: the redirect has neither a code nor an error; run rhythm-token login again'
  counter_is token_requests 0
}

@test "port scanners are answered or dropped, and the login goes on" {
  needs_linux
  local url callback port began slow
  user_profile
  BROWSER=true begin login rhythm-token login
  url=$(login_url login)
  callback=$(callback_of "$url")
  port=${callback#http://127.0.0.1:}
  port=${port%%/*}
  began=$SECONDS
  fetch 404 "http://127.0.0.1:$port/"
  has "$TMPDIR/answer" '.*<h1>Not a login</h1><p>This address accepts only the redirect of rhythm-token login\.</p>'
  fetch 404 "http://127.0.0.1:$port/favicon.ico"
  fetch 404 "$callback?code=x&state=$(state_of "$url")" -X POST -d x=y
  fetch 404 "http://127.0.0.1:$port/callback/../callback?state=$(state_of "$url")" --path-as-is
  # A header of 1 MiB is cut off; whether its sender still reads our response depends on timing.
  { printf 'X-Long: '; head -c 1048576 /dev/zero | tr '\0' x; } >header
  curl -q -s --noproxy '*' --max-time 20 -o /dev/null -H @header "http://127.0.0.1:$port/" || :
  # Bytes that are not HTTP, a request that never ends, and a silent connection.
  head -c 4096 /dev/urandom | curl -q -s --noproxy '*' --max-time 5 -o /dev/null "telnet://127.0.0.1:$port" || :
  exec {slow}<>"/dev/tcp/127.0.0.1/$port"
  printf 'GET /callback?state=%s HTTP/1.1\r\n' "$(state_of "$url")" >&"$slow"
  fetch 200 "$(redirect_of "$url")"
  exec {slow}>&-
  finish 0 login
  ((SECONDS - began < 60))
  out_empty
  err_matches "${OPENED[@]}" "$LOGGED_IN"
  counter_is token_requests 1
}

@test "the port is open on 127.0.0.1 only" {
  needs_linux
  local url port address
  user_profile
  BROWSER=true begin login rhythm-token login
  url=$(login_url login)
  port=$(callback_of "$url")
  port=${port#http://127.0.0.1:}
  port=${port%%/*}
  # shellcheck disable=SC2016 # for awk
  expect 0 awk -v port="$(printf '%04X' "$port")" '$4 == "0A" && $2 ~ ":" port "$" { print $2 }' \
    /proc/net/tcp /proc/net/tcp6
  address=$(printf '0100007F:%04X' "$port")
  out_is "$address"
  fetch 200 "$(redirect_of "$url")"
  finish 0 login
  err_matches "${OPENED[@]}" "$LOGGED_IN"
}

@test "a port in use is an error with a remedy" {
  local port=${SANDBOX_HTTP##*:}
  user_profile "redirect_port=$port"
  expect 69 rhythm-token login
  out_empty
  err_matches "rhythm-token: cannot listen on http://127\.0\.0\.1:$port/callback: Address already in use; .*"
  absent "$TMPDIR/browser.arguments"
  nothing_kept
}

@test "a redirect address that this machine lacks is an error with its reason" {
  unshare -rn true 2>/dev/null || skip 'may not make a network namespace'
  user_profile
  sed -i 's,^redirect_port=.*,redirect_uri=http://[::1]:8484/callback,' "$XDG_CONFIG_HOME/rhythm/default.conf"
  expect 69 unshare -rn rhythm-token login # its loopback device is down
  out_empty
  err_matches 'rhythm-token: cannot listen on http://\[::1]:8484/callback: Cannot assign requested address; .*'
  nothing_kept
}

@test "a fixed port can be used again and again" {
  needs_linux
  local url i
  user_profile
  for i in 1 2; do
    begin "login$i" rhythm-token login
    url=$(login_url "login$i")
    same "$(callback_of "$url")" "http://127.0.0.1:$LOGIN_PORT/callback"
    finish 0 "login$i"
    out_empty
    err_matches "${OPENED[@]}" "$LOGGED_IN"
  done
}

@test "if the issuer accepts any port, a free one is used" {
  needs_linux
  local url
  any_port
  user_profile
  begin login rhythm-token login
  url=$(login_url login)
  finish 0 login
  out_empty
  err_matches "${OPENED[@]}" "$LOGGED_IN"
  grep -q -E '^http://127\.0\.0\.1:[1-9][0-9]*/callback$' <<<"$(callback_of "$url")"
}

@test "a callback URL that is not registered exactly is an error page in the browser and no login" {
  user_profile redirect_port= "redirect_uri=http://localhost:$LOGIN_PORT/callback"
  begin login rhythm-token login
  page_has '.*Callback URL mismatch\. The provided redirect_uri is not in the list of allowed callback URLs\..*'
  kill -TERM "$BEGUN"
  finish 143 login
  out_empty
  err_any
  counter_is authorize_requests 1
  counter_is token_requests 0
  nothing_kept
}

@test "an invalid redirect_port is refused" {
  user_profile redirect_port=65536
  expect 78 rhythm-token login
  out_empty
  err_matches 'rhythm-token: redirect_port=65536 \(file:.*default\.conf\) should be a port, 1 to 65535, or 0 for any'
}

@test "an issuer that refuses the code, fails or hangs ends the login with a message" {
  user_profile timeout=2
  knob authorize.user=ada@acme.example token.answer=invalid-refresh
  expect 77 rhythm-token login
  out_empty
  err_matches "${OPENED[@]}" "rhythm-token: ${SANDBOX_HTTP//./\\.} refused \(403 invalid_grant: .*\): the login is invalid or has expired; run rhythm-token login again"
  page_has '.*<h1>Return to the terminal</h1>.*'
  nothing_kept
  knob token.answer=hang
  expect 69 rhythm-token login
  out_empty
  err_matches "${OPENED[@]}" "rhythm-token: ${SANDBOX_HTTP//./\\.} did not respond: .*; run rhythm-token login again"
  nothing_kept
}

@test "a failed login leaves the old one unchanged" {
  needs_linux
  local before
  user_profile
  logged_in
  before=$(sha256sum "$(entry)")
  knob authorize.answer=denied
  expect 77 rhythm-token login
  out_empty
  err_any
  same "$(sha256sum "$(entry)")" "$before"
  expect 0 rhythm-token --get contact_id
  out_is contact-ada
}

@test "a killed login leaves nothing behind" {
  user_profile
  BROWSER=true begin login rhythm-token login
  login_url login >/dev/null
  kill -TERM "$BEGUN"
  finish 143 login
  out_empty
  err_matches "${OPENED[@]}"
  nothing_kept
}

# port_is_closed - nobody listens at the redirect URI.
port_is_closed() {
  ! curl -q -s -o answer "http://127.0.0.1:$LOGIN_PORT/" # meta: the status of this function counts
}

@test "a login that was killed without warning closes its port" {
  user_profile
  BROWSER=true begin login rhythm-token login
  login_url login >/dev/null
  kill -KILL "$BEGUN"
  finish 137 login
  err_any
  until_true port_is_closed
  no_secret
}

@test "a machine's profile cannot log in, and the message says what a user's profile needs" {
  sandbox_profile
  expect 78 rhythm-token login
  out_empty
  err_is "rhythm-token: profile default is a machine's (grant=client_credentials), which needs no login; for a person, set grant=authorization_code, or grant=password and username"
  absent "$TMPDIR/browser.arguments"
  counter_is connections "$(counter connections)"
  mint_count 0
}

@test "login without an issuer or a client names what is missing" {
  profile default grant=authorization_code
  expect 78 rhythm-token login
  out_empty
  err_matches 'rhythm-token: auth0_domain and client_id( are)? not set; put them in .*/default\.conf .*'
}

@test "login --offline opens no connection" {
  user_profile
  expect 69 rhythm-token login --offline
  out_empty
  err_is 'rhythm-token: a login needs the issuer; leave out --offline'
  absent "$TMPDIR/browser.arguments"
  counter_is authorize_requests 0
}
