# shellcheck shell=bash
# For the scenarios that log in: loaded after the helper.
#
#   user_profile [NAME] [KEY=VALUE...]   writes a user's profile for the sandbox; later keys win
#   page_has ERE                         the last page in the browser has a line that the ERE matches completely
#   login_url NAME                       prints the URL that the login NAME, which was begun, tells the user to open
#   redirect_of URL                      prints where the sandbox sends the browser that opens URL
#   callback_of URL                      prints the redirect_uri in URL; state_of URL likewise
#   entry                                prints the path of the one user token there is
#   fetch STATUS URL [CURL OPTION...]    requests it as a browser would; the page is in $TMPDIR/answer
#   any_port                             lets logins use any port; otherwise only the registered one, as Auth0 requires
#   terminal NAME COMMAND                begins a shell command on a terminal; input written to descriptor 7 is typed
# login_setup makes $BROWSER a program that logs ada in and follows the sandbox's redirects.

login_setup() {
  common_setup
  # shellcheck disable=SC2016 # for the browser itself
  printf '%s\n' '#!/bin/sh' 'printf "%s\n" "$@" >"$TMPDIR/browser.arguments"' 'for page; do :; done' \
    'url=$(sed -n "s/.*content=\"0;url=\([^\"]*\)\".*/\1/p" "$page" | sed "s/&amp;/\&/g")' \
    'curl -q -s -L --noproxy "*" --max-time 20 -o "$TMPDIR/page.new" -- "$url"' \
    'mv "$TMPDIR/page.new" "$TMPDIR/page"' >"$TMPDIR/browser"
  chmod +x "$TMPDIR/browser"
  export BROWSER=$TMPDIR/browser
  LOGIN_PORT=$(quiet_port)
  knob authorize.user=ada@acme.example "client.callbacks=http://127.0.0.1:$LOGIN_PORT/callback"
}

# quiet_port - prints a free port below those that the system assigns to connections.
quiet_port() {
  local port=$((10000 + BASHPID % 10000))
  while grep -q "^ *[0-9]*: [0-9A-F]*:$(printf '%04X' "$port") " /proc/net/tcp; do
    port=$((port + 1))
  done
  printf '%s\n' "$port"
}

# any_port - from now on any callback URL is accepted, as by issuers that follow RFC 8252, section 7.3, and user_profile asks
# for any free port.
any_port() {
  LOGIN_PORT=0
  knob client.callbacks=any
}

user_profile() {
  local name=default
  if (($#)) && [[ $1 != *=* ]]; then
    name=$1
    shift
  fi
  sandbox_profile "$name" client_id=sandbox-user-client client_secret= grant=authorization_code "redirect_port=$LOGIN_PORT" "$@"
}

page_has() {
  quietly see_page "$1"
}

see_page() {
  local i
  for ((i = 0; i < 500; i++)); do
    if [[ -e $TMPDIR/page ]]; then
      break
    fi
    sleep 0.02
  done
  has "$TMPDIR/page" "$1"
}

login_url() {
  local err=$BATS_TEST_TMPDIR/begun/$1.err
  until_true grep -q -s '/authorize?' "$err" >&2 || return
  grep -o 'http[^ ]*/authorize?[^ ]*' "$err" | head -n 1
}

decoded() {
  printf '%b\n' "$(sed 's/%/\\x/g')"
}

parameter() {
  sed -n "s/.*[?&]$1=\([^&]*\).*/\1/p" <<<"$2" | decoded
}

callback_of() {
  parameter redirect_uri "$1"
}

state_of() {
  parameter state "$1"
}

redirect_of() {
  curl -q -s --noproxy '*' --max-time 20 -o /dev/null -w '%{redirect_url}' -- "$1"
}

fetch() {
  local want=$1 url=$2 got
  shift 2
  got=$(curl -q -s --noproxy '*' --max-time 20 -o "$TMPDIR/answer" -w '%{http_code}' "$@" -- "$url") || :
  same "HTTP $got" "HTTP $want"
}

# logged_in - logs in.
logged_in() {
  needs_linux
  expect 0 rhythm-token login "$@"
  err_any
  out_empty
}

entry() {
  find "$XDG_RUNTIME_DIR/rhythm" -type f ! -name '*+lock' ! -name '*+failed'
}

terminal() {
  mkfifo "$TMPDIR/keys"
  # shellcheck disable=SC2016 # for that shell
  begin "$1" sh -c 'exec script -q -f -e -c "$1" "$2" <"$3"' sh "$2" "$TMPDIR/typescript" "$TMPDIR/keys"
  exec 7>"$TMPDIR/keys"
}
