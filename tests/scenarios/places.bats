#!/usr/bin/env bats
# The programs in a directory with a blank and characters beyond ASCII in its name, in every shell.

load ../helper

setup_file() { sandbox_start; }

setup() {
  common_setup
  sandbox_profile
  PLACE="$BATS_TEST_TMPDIR/élève of mine's"
  mkdir "$PLACE"
  cp -R "$PROGRAMS" "$PLACE/bin"
  [[ ! -e $PROGRAMS/../lib ]] || cp -R "$PROGRAMS/../lib" "$PLACE/lib"
  PATH=$PLACE/bin:$PATH
}

@test "rhythm-token finds its internal program in an odd directory" {
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
  mint_count 1
}

@test "a cache helper is found in a directory with a colon in its name" {
  mv "$PLACE" "$BATS_TEST_TMPDIR/a:b"
  mkdir -m 700 store
  sandbox_profile cache=dir "cache_url=file://$PWD/store"
  expect 0 "$BATS_TEST_TMPDIR/a:b/bin/rhythm-token" --get tenant_id
  out_is acme.org
  err_empty
}

@test "rhythm-get and rhythm-check find their parts in an odd directory, by path, by PATH and through a link" {
  ln -s "$PLACE/bin/rhythm-get" "$PLACE/ein Link"
  for shell in dash 'bash --posix' 'busybox ash' mksh yash 'zsh --emulate sh'; do
    command -v "${shell%% *}" >/dev/null || { echo "# skipped: ${shell%% *} is not installed" >&3; continue; }
    # In the C locale yash accepts only ASCII names.
    local locale=C
    [[ $shell != yash ]] || locale=C.UTF-8
    for program in "$PLACE/bin/rhythm-get" "$PLACE/ein Link"; do
      # shellcheck disable=SC2086 # a shell and its option
      LC_ALL=$locale expect 0 $shell "$program" rolodex 'contacts/{tenantId}/c-1' --jq .id
      out_is c-1
      err_empty
    done
    # shellcheck disable=SC2086 # a shell and its option
    LC_ALL=$locale expect 0 $shell "$PLACE/bin/rhythm-check" -q
    out_is cause=none
    err_empty
  done
  expect 0 rhythm-get --list
  out_has $'rolodex\t.*'
  err_empty
  mint_count 1
}
