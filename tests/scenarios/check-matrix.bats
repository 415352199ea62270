#!/usr/bin/env bats
# Whether rhythm-check names the right cause: the table tests/matrix/check.tsv, row by row.

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

@test "a token, pasted" {
  matrix paste
}

@test "standard input that it has to recognise" {
  matrix auto
}

@test "a curl command" {
  matrix curl
}

@test "raw HTTP" {
  matrix raw
}

@test "the output of curl -v" {
  matrix verbose
}

@test "live, against the sandbox" {
  matrix live
}
