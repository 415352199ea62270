# shellcheck shell=bash
# What the parts of scripts/faults share: a world and a sandbox as the scenarios have them, and what counts as a fault.
#
#   source "${0%/*}/world.bash"    with the part's own arguments: sets SHORT (yes or no), and seeds RANDOM
#   fault TEXT...                  counts a fault and prints why
#   tried                          counts a trial
#   cold                           removes token, ledger and everything else of earlier trials
#   clean TEXT                     checks what must hold after any trial: a token can be got, no file is left behind, and no
#                                  request is missing from the ledger
#   offline_is TEXT STATUS...      checks the cache without a network: the right claim, or none and one of these statuses
#   outcome STATUS OUT ERR TEXT [silent]   judges one run: right output or a failure with a message, no crash, no hang
#   below N                        prints a random number
#   done_with NAME                 prints the figures, and exits 1 if there was a fault
#
# Every run asks for `--get tenant_id`, and the right output is acme.org.

set -u
TOP=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
bats_require_minimum_version() { :; }

export SHORT=no
while (($#)); do
  case $1 in
    --short) SHORT=yes ;;
    --seed) RANDOM=$2; shift ;;
    *) printf 'usage: %s [--short] [--seed N]\n' "$0" >&2; exit 64 ;;
  esac
  shift
done

WORLD=$(mktemp -d)
BATS_RUN_TMPDIR=$WORLD BATS_SUITE_TMPDIR=$WORLD BATS_FILE_TMPDIR=$WORLD BATS_TEST_TMPDIR=$WORLD/case
mkdir "$BATS_TEST_TMPDIR"
# A copy, because a build in the meantime replaces programs.
if [[ -z ${RHYTHM_PREFIX-} ]]; then
  mkdir "$WORLD/programs"
  cp -R "$TOP/bin" "$TOP/lib" "$WORLD/programs"
  export RHYTHM_PREFIX=$WORLD/programs
fi
# shellcheck source=tests/helper.bash
source "$TOP/tests/helper.bash"
trap 'sandbox_stop; rm -rf "$WORLD"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
sandbox_start || exit 69
make_world || exit 69
cd "$TMPDIR" || exit 69
sandbox_profile hourly_limit=0 monthly_limit=0

TRIED=0 FAULTS=0 REQUESTS=0
readonly RIGHT=acme.org

fault() {
  FAULTS=$((FAULTS + 1))
  printf '  FAULT: %s\n' "$*"
}

tried() {
  TRIED=$((TRIED + 1))
}

below() {
  printf '%s\n' $(((RANDOM * 32768 + RANDOM) % $1))
}

# files - prints the names of all files, except those in $TMPDIR.
files() {
  find "$HOME" "$XDG_RUNTIME_DIR" -type f -printf '%f\n' | sort
}

cold() {
  rm -rf "$XDG_CACHE_HOME" "$XDG_STATE_HOME"
  find "$XDG_RUNTIME_DIR" -mindepth 1 -delete
  REQUESTS=$(counter token_requests)
}

begun() {
  cat "$XDG_STATE_HOME"/rhythm/* 2>/dev/null | grep -c '^begun\.' || :
}

clean() {
  local out status=0 asked strange
  out=$(rhythm-token --refresh --get tenant_id 2>err.clean) || status=$?
  [[ $status == 0 && $out == "$RIGHT" ]] || fault "$1: afterwards a clean run exited $status: $out $(head -n 1 err.clean)"
  asked=$(($(counter token_requests) - REQUESTS))
  (($(begun) >= asked)) || fault "$1: $asked requests, $(begun) in the ledger"
  strange=$(files | grep -v -x -F -f "$WORLD/usual" | grep -v 'failed$')
  [[ -z $strange ]] || fault "$1: left behind: $strange"
}

offline_is() {
  local out status=0 text=$1
  shift
  out=$(rhythm-token --offline --get tenant_id 2>err.offline) || status=$?
  if [[ $status == 0 ]]; then
    [[ $out == "$RIGHT" ]] || fault "$text: the cached token has tenant_id $out"
    [[ ! -s err.offline ]] || fault "$text: $(head -n 1 err.offline)"
  else
    [[ " $* " == *" $status "* ]] || fault "$text: the entry is lost: $(head -n 1 err.offline)"
  fi
}

outcome() {
  local status=$1 out=$2 err=$3 text=$4
  if ((status == 124 || status == 137)); then
    fault "$text: the command hangs"
  elif ((status == 127)) && grep -q 'error while loading shared libraries' "$err"; then
    : # the loader's message
  elif ((status >= 126)); then
    fault "$text: the command crashed with status $status: $(head -n 1 "$err")"
  elif ((status == 0)); then
    [[ $(<"$out") == "$RIGHT" ]] || fault "$text: status 0 with wrong output: $(head -c 100 "$out")"
  elif [[ ! -s $err && ${5-} != silent ]]; then
    fault "$text: status $status without a message"
  elif [[ -s $out ]]; then
    fault "$text: status $status with output: $(head -c 100 "$out")"
  fi
}

# as_usual - notes the names of the files that a working run leaves.
as_usual() {
  local out
  out=$(rhythm-token verify -q 2>&1 && rhythm-token --get tenant_id 2>&1) || fault "nothing works: $out"
  files >"$WORLD/usual"
}

done_with() {
  printf '%s: %s trials, %s faults\n' "$1" "$TRIED" "$FAULTS"
  ((FAULTS == 0))
  exit
}

# preloaded PROGRAM... - puts a tree into PATH whose front is linked dynamically, and in which these programs (rhythm-token,
# rhythm-net) are run with tests/faults/fail.c preloaded, controlled by FAULT_ variables in the file fail.env.
preloaded() {
  local tree=$WORLD/tree program place
  {
    make -s -C "$TOP" O="${O:-build}/faults" STATIC= PREFIX="$tree" install
    cc -O2 -shared -fPIC -o "$WORLD/fail.so" "$TOP/tests/faults/fail.c" -ldl
  } >"$WORLD/build.log" 2>&1
  if [[ ! -e $tree/bin/rhythm-token || ! -e $WORLD/fail.so ]]; then
    cat "$WORLD/build.log"
    exit 69
  fi
  : >"$WORLD/fail.env"
  for program; do
    place=$tree/bin/$program
    [[ $program == rhythm-token ]] || place=$tree/lib/rhythm/$program
    mkdir "$WORLD/real.$program"
    if [[ $program == rhythm-token ]]; then
      # The real program must find its internal program.
      mkdir "$WORLD/real.$program/bin"
      ln -s "$tree/lib" "$WORLD/real.$program/lib"
      mv "$place" "$WORLD/real.$program/bin/$program"
    else
      mv "$place" "$WORLD/real.$program/$program"
    fi
    real=$(find "$WORLD/real.$program" -name "$program" -type f)
    cat >"$place" <<END
#!/bin/sh
set -a
. '$WORLD/fail.env'
set +a
LD_PRELOAD='$WORLD/fail.so' exec '$real' "\$@"
END
    chmod +x "$place"
  done
  PATH=$tree/bin:$PATH
}
