#!/usr/bin/env bats
# rhythm-check names the right cause for each row of tests/matrix/check.tsv.

load ../helper
load ../matrix/rows

setup_file() {
  sandbox_start
}

teardown_file() {
  sandbox_stop
  [[ -e $BATS_FILE_TMPDIR/matrix ]] || return 0
  awk '{ right += $1; all += $2 }
    END { printf "# check matrix: %d of %d, %d %%\n", right, all, all ? 100 * right / all : 0 }' "$BATS_FILE_TMPDIR/matrix" >&3
}

@test "each row's verdict is right for a pasted token" {
  matrix paste
}

@test "each row's verdict is right for standard input of an unknown form" {
  matrix auto
}

@test "each row's verdict is right for a curl command" {
  matrix curl
}

@test "each row's verdict is right for raw HTTP" {
  matrix raw
}

@test "each row's verdict is right for the output of curl -v" {
  matrix verbose
}

@test "each row's verdict is right live, against the sandbox" {
  matrix live
}
