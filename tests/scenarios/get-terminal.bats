#!/usr/bin/env bats
# rhythm-get: what reaches a terminal. Contacts type their own names, and a server sends what it likes.

load ../helper
load get

setup_file() { sandbox_start; }

setup() {
  common_setup
  sandbox_profile
}

# calm [ERE] - `plain` contains no control characters except what matches (colors).
calm() {
  LC_ALL=C sed -E "s/${1:-$'\x01'}//g" plain >calmed
  lacks calmed $'[\x01-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]'
  expect 0 iconv -f UTF-8 -t UTF-8 calmed
  out_is_file calmed
}

@test "on a terminal JSON is formatted and colored, and a note mentions further pages" {
  on_terminal 0 '' 'rhythm-get rolodex contacts/acme.org/search -d "{}" --fields id'
  grep -q -F $'\e[' plain
  grep -q -F -x -e 'rhythm-get: note: there are more pages; add --all' plain
  on_terminal 0 '' 'NO_COLOR=1 rhythm-get rolodex contacts/acme.org/c-1 --fields id'
  lacks plain $'\e'
  grep -q -x -e '  "id": "c-1"' plain
  lacks plain 'more pages'
  knob api.answer=not-json
  on_terminal 0 '' 'rhythm-get rolodex contacts/acme.org/c-1'
  lacks plain 'rhythm-get|jq'
  absent "$TMPDIR"/rhythm-get.*
}

@test "a number that jq would change is shown as it came, one that jq only respells is not" {
  fake_curl 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n' '{"a":0.10000000000000000001,"b":"\\"1\033[31m"}'
  on_terminal 0 '' "PATH='$PWD/fake':\$PATH rhythm-get rolodex contacts/acme.org/c-1"
  if jq --version | grep -q '^jq-1\.[0-6]'; then
    grep -q -F -x '{"a":0.10000000000000000001,"b":"\"1?[31m"}' plain
  fi
  calm $'\e\\[[0-9;]*m'
  fake_curl 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n' '{"id":9007199254741011,"LastEvaluatedKey":"k"}'
  on_terminal 0 '' "PATH='$PWD/fake':\$PATH NO_COLOR=1 rhythm-get rolodex contacts/acme.org/c-1"
  grep -q -E '"id": ?9007199254741011' plain
  grep -q -F -x -e 'rhythm-get: note: there are more pages; add --all' plain
  fake_curl 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n' \
    '{"a":[1.0, 19.90,1e3,-0.0,0.000001, 0.1],\n"b":"\\"9007199254741011]"}'
  on_terminal 0 '' "PATH='$PWD/fake':\$PATH NO_COLOR=1 rhythm-get rolodex contacts/acme.org/c-1"
  grep -q -F -x -e '  "b": "\"9007199254741011]"' plain
}

@test "raw strings from --jq cannot move the cursor" {
  on_terminal 0 '' "rhythm-get echo x -d '\"one\\u001b[31mtwo\\u009b2Jthree\\u007ffour\\u00e9\"' --jq '.body | fromjson'"
  grep -q -x $'one?\\[31mtwo?2Jthree?four\xc3\xa9' plain
  calm
}

@test "formatted JSON contains jq's colors and no other control characters" {
  fake_curl 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n' '{"a":"b\0302\02332Jc\0177d","\0302\0233x":1}'
  on_terminal 0 '' "PATH='$PWD/fake':\$PATH rhythm-get rolodex contacts/acme.org/c-1"
  grep -q $'\e\\[' plain
  grep -q 'b?2Jc' plain
  calm $'\e\\[[0-9;]*m'
}

@test "a text, a header and a byte that is not UTF-8 cannot move the cursor" {
  fake_curl 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Evil: \033[31m\0233\r\n\r\n' 'one\033[31mtwo\0302\02332Jthree\02332Jfour\0303\0251\n'
  on_terminal 0 '' "PATH='$PWD/fake':\$PATH rhythm-get -i rolodex contacts/acme.org/c-1"
  grep -q -x $'one?\\[31mtwo?2Jthree?2Jfour\xc3\xa9' plain
  grep -q -x -e 'X-Evil: ?\[31m?' plain
  calm
}

@test "messages of jq and curl, and an error's body, cannot move the cursor" {
  on_terminal 65 '' "rhythm-get echo x -d '\"\\u001b[31m\\u009b\"' --jq '.body | fromjson | error'"
  calm
  fake_curl 'HTTP/1.1 404 Not Found\r\n\r\n' 'one\033[31mtwo\02332J\n'
  on_terminal 22 '' "PATH='$PWD/fake':\$PATH rhythm-get -q rolodex contacts/acme.org/c-1"
  grep -q -x -e 'one?\[31mtwo?2J' plain
  calm
}

@test "output that does not go to a terminal keeps its bytes" {
  fake_curl 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n' 'one\033[31mtwo\02332J\r\n'
  PATH=$PWD/fake:$PATH expect 0 rhythm-get rolodex contacts/acme.org/c-1
  printf 'one\033[31mtwo\2332J\r\n' | out_is
  err_empty
}
