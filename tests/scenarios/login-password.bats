#!/usr/bin/env bats
# login with the password grant: where the password comes from, and how the issuer may respond.

load ../helper
load ../login

setup_file() { sandbox_start; }
setup() {
  login_setup
  secret 'correct horse'
}

LOGGED_IN='rhythm-token: logged in as .+; the token is valid for (86400|863[0-9]{2}) s and is renewed automatically'

password_profile() {
  user_profile grant=password username=ada@acme.example "$@"
}

# refused STATUS KNOB ERE - with this response of the issuer login fails, and nothing is kept.
refused() {
  knob "token.answer=$2"
  expect "$1" rhythm-token login
  out_empty
  err_matches "rhythm-token: ${SANDBOX_HTTP//./\\.} refused \\($3"
  no_secret
  same "$(entry)" ""
}

@test "login uses the password in the profile" {
  password_profile 'password=correct horse'
  expect 0 rhythm-token login
  out_empty
  err_matches "$LOGGED_IN"
  no_secret
  counter_is last_grant_type password
  counter_is last_audience https://api.rhythmsoftware.com
  counter_is last_scope offline_access
  counter_is authorize_requests 0
  expect 0 rhythm-token --get contact_id
  out_is contact-ada
  expect 1 grep -r 'correct horse' "$XDG_RUNTIME_DIR" "$XDG_STATE_HOME"
  out_empty
}

@test "a profile with a password that others can read is refused" {
  password_profile 'password=correct horse'
  chmod 644 "$XDG_CONFIG_HOME/rhythm/default.conf"
  expect 78 rhythm-token login
  out_empty
  err_matches 'rhythm-token: others can read the secret in the profile .*default\.conf; run: chmod 600 .*default\.conf'
  no_secret
}

@test "login uses the first line of the password command's output" {
  password_profile 'password_command=printf "correct horse\\nand more\\n"'
  expect 0 rhythm-token login
  out_empty
  err_matches "$LOGGED_IN"
  no_secret
  expect 0 rhythm-token --get sub
  out_is 'auth0|ada'
}

@test "a password command that fails, prints nothing or hangs costs no request" {
  password_profile 'password_command=exit 3' timeout=2
  expect 78 rhythm-token login
  out_empty
  err_matches 'rhythm-token: password_command failed \(exit 3\); run it by hand to see why'
  password_profile 'password_command=true' timeout=2
  expect 78 rhythm-token login
  out_empty
  err_matches 'rhythm-token: the first line from password_command is empty; it should be the secret'
  password_profile 'password_command=sleep 60' timeout=2
  expect 78 rhythm-token login
  out_empty
  err_matches 'rhythm-token: password_command printed no line within 2 s; run it by hand to see why, or raise timeout'
  counter_is token_requests 0
}

prompted() {
  until_true grep -q -s 'Password for ada@acme.example: ' "$TMPDIR/typescript"
}

@test "login asks for the password, without echo" {
  password_profile
  terminal login 'rhythm-token login; echo "status=$?"; stty -a'
  prompted
  printf 'correct horse\n' >&7
  finish 0 login
  exec 7>&-
  err_empty
  out_has '.*Password for ada@acme\.example: .*'
  out_has 'rhythm-token: logged in as .*; .*'$'\r'
  out_has 'status=0'$'\r'
  out_lacks ' -echo '
  out_lacks 'correct horse'
  no_secret "$TMPDIR/typescript"
  expect 0 rhythm-token --get sub
  out_is 'auth0|ada'
}

@test "Ctrl-C at the prompt ends the login, and the terminal echoes again" {
  password_profile
  terminal login 'trap : INT; env --default-signal=INT rhythm-token login; echo "status=$?"; stty -a'
  prompted
  printf 'correct\003' >&7
  finish 0 login
  exec 7>&-
  err_empty
  out_has '.*status=130'$'\r'
  out_lacks ' -echo '
  counter_is token_requests 0
}

@test "login uses a password file that others cannot read" {
  printf 'correct horse\n' >pw
  chmod 600 pw
  password_profile "password_file=$PWD/pw"
  expect 0 rhythm-token login
  out_empty
  err_matches "$LOGGED_IN"
  no_secret
  chmod 644 pw
  expect 78 rhythm-token login
  out_empty
  err_is "rhythm-token: others can read password_file $PWD/pw; run: chmod 600 $PWD/pw"
}

@test "a password command may ask on the terminal" {
  password_profile "password_command=printf 'PIN: ' >/dev/tty; read -r pin </dev/tty; echo \"\$pin\""
  # shellcheck disable=SC2016 # for that shell
  terminal login 'rhythm-token login; echo "status=$?"; read -r line; echo "read=$line"'
  until_true grep -q -s -e 'PIN: ' -e status= "$TMPDIR/typescript"
  printf 'correct horse\nmine again\n' >&7
  finish 0 login
  exec 7>&-
  err_empty
  out_has 'rhythm-token: logged in as .*; .*'$'\r'
  out_has 'status=0'$'\r'
  out_has 'read=mine again'$'\r'
}

@test "Ctrl-C at a command's question ends the login too" {
  password_profile "password_command=printf 'PIN: ' >/dev/tty; read -r pin </dev/tty; echo \"\$pin\""
  terminal login 'trap : INT; env --default-signal=INT rhythm-token login; echo "status=$?"'
  until_true grep -q -s 'PIN: ' "$TMPDIR/typescript"
  printf '\003' >&7
  finish 0 login
  exec 7>&-
  err_empty
  out_has '.*status=130'$'\r'
  counter_is token_requests 0
}

@test "a username cannot move the cursor of the terminal that shows the prompt" {
  password_profile 'username=ada\x1b[2J\n'
  terminal login 'rhythm-token login'
  until_true grep -q -s -F 'Password for ada\x1b[2J\n: ' "$TMPDIR/typescript"
  printf 'x\n' >&7
  finish 77 login
  exec 7>&-
  out_has '.*username or password is wrong; check both'$'\r'
  out_lacks $'\x1b\\[2J'
}

@test "without a terminal login does not ask" {
  password_profile
  expect 78 setsid -w rhythm-token login
  out_empty
  err_is 'rhythm-token: there is no terminal to ask for the password of ada@acme.example; set password_command'
  counter_is token_requests 0
}

@test "a missing username, or a password set twice, is an error of the profile" {
  user_profile grant=password
  expect 78 rhythm-token login
  out_empty
  err_is 'rhythm-token: grant=password needs a username; set username'
  password_profile 'password=correct horse' password_command=true
  expect 78 rhythm-token login
  out_empty
  err_matches 'rhythm-token: password and password_command are both set \(file:.*\); keep one'
  no_secret
}

@test "a wrong password is refused with one line" {
  password_profile password=not-the-one
  secret not-the-one
  expect 77 rhythm-token login
  out_empty
  err_matches "rhythm-token: ${SANDBOX_HTTP//./\\.} refused \(403 invalid_grant: Wrong email or password\.\): username or password is wrong; check both"
  no_secret
  counter_is token_requests 1
  same "$(entry)" ""
}

@test "a password that the issuer echoes is not in any message" {
  password_profile password=Wrong
  secret Wrong
  expect 77 rhythm-token login
  out_empty
  err_matches "rhythm-token: ${SANDBOX_HTTP//./\\.} refused \(403 invalid_grant: \*\*\* email or password\.\): username or password is wrong; check both"
  no_secret
}

@test "a second factor, a leaked password, a block and a missing grant each get their remedy" {
  password_profile 'password=correct horse'
  refused 77 mfa-required '401 mfa_required: .*\): this user needs a second factor; set grant=authorization_code and use rhythm-token login'
  refused 77 password-leaked '401 password_leaked: .*\): this password was found in a leak; set a new password'
  refused 75 too-many-attempts '429 too_many_attempts: .*\): this user is blocked after too many wrong passwords; wait, or unblock the user'
  refused 77 invalid-user-password '403 invalid_user_password: .*\): username or password is wrong; check both'
  refused 77 grant-not-allowed "403 unauthorized_client: .*\): this client may not use this grant; set another grant, or ask Rhythm's support to enable this grant"
}

@test "a secret over the limit is refused, not cut, and nothing hangs" {
  local long
  long=$(head -c 30000 /dev/zero | tr '\0' x)
  password_profile "password=$long"
  expect 78 rhythm-token login
  out_empty
  err_is "rhythm-token: password (file:$XDG_CONFIG_HOME/rhythm/default.conf) is longer than 4096 bytes; it should be only the secret"
  password_profile 'password=correct horse'
  RHYTHM_CLIENT_SECRET=$long$long$long expect 78 rhythm-token login
  out_empty
  err_is 'rhythm-token: client_secret (env) is longer than 4096 bytes; it should be only the secret'
  counter_is token_requests 0
}
