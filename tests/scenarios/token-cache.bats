#!/usr/bin/env bats
# The cache on disk: its owner and modes, damaged entries, full disks, and what a kill leaves behind.
# shellcheck disable=SC2030,SC2031 # each case is a process of its own

load ../helper
load token

setup_file() { sandbox_start; }

@test "directories are 0700 and files 0600, whatever the umask" {
  sandbox_profile
  expect 0 sh -c 'umask 0; exec rhythm-token print'
  mode_is 700 "$XDG_CACHE_HOME"
  mode_is 700 "$XDG_CACHE_HOME/rhythm"
  mode_is 700 "$XDG_STATE_HOME"
  mode_is 700 "$XDG_STATE_HOME/rhythm"
  mode_is 600 "$(entry)"
  mode_is 600 "$(entry)+lock"
  mode_is 600 "$(ledger)"
  lines_are <(ls -A "$XDG_CACHE_HOME/rhythm") "$(identity)" "$(identity)+lock"
  lines_are <(ls -A "$XDG_STATE_HOME/rhythm") "$(basename "$(ledger)")"
}

@test "our directory is made private again if it was opened to others" {
  sandbox_profile
  expect 0 rhythm-token print
  chmod 755 "$XDG_CACHE_HOME/rhythm"
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
  mode_is 700 "$XDG_CACHE_HOME/rhythm"
}

@test "each setting that shapes a token gets its own entry, the secret does not" {
  sandbox_profile
  expect 0 rhythm-token print
  same "$(entry)" "$XDG_CACHE_HOME/rhythm/$(identity)"
  sandbox_profile 'scope=b a  b'
  expect 0 rhythm-token print
  sandbox_profile 'scope=a b'
  expect 0 rhythm-token print
  mint_count 2
  lines_are <(cd "$XDG_CACHE_HOME/rhythm" && ls -I "*+lock") "$(identity)" "$(identity | sed 's/,$/a%20b,/')"
  sandbox_profile other client_secret=another
  expect 0 rhythm-token -p other print
  mint_count 2
}

@test "an identity too long for a file name is hashed, and compared inside the entry" {
  long=$(head -c 300 /dev/zero | tr '\0' s)
  sandbox_profile "scope=$long"
  expect 0 rhythm-token print
  expect 0 rhythm-token print
  mint_count 1
  name=$(basename "$(entry)")
  same "${#name}" 200
  sed -i 's/^identity=.*/identity=other/' "$(entry)"
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_is "rhythm-token: warning: cache entry $(entry) is ignored: it belongs to another identity"
  mint_count 2
}

@test "an entry that is empty, cut, foreign or garbage is named and costs one token" {
  sandbox_profile hourly_limit=0
  expect 0 rhythm-token
  cp "$OUT" claims
  file=$(entry)
  cp "$file" good
  size=$(stat -c %s good)
  n=1
  damaged() {
    expect 0 rhythm-token --get tenant_id
    out_is acme.org
    err_is "rhythm-token: warning: cache entry $file is ignored: $1"
    n=$((n + 1))
    mint_count "$n"
    expect 0 rhythm-token --get tenant_id
    out_is acme.org
    err_empty
  }
  : >"$file" && damaged 'it is empty'
  for cut in $(fewer "1 5 9 10 11 60 200" 9) 700 $((size / 2)) $((size - 1)); do
    head -c "$cut" good >"$file"
    case $cut in
      1 | 5 | 9) damaged 'it has another format version' ;;
      *) damaged 'it is incomplete or damaged' ;;
    esac
  done
  { cat good && echo more=1; } >"$file" && damaged 'it is incomplete or damaged'
  sed 's/^identity=.*/identity=x/' good >"$file" && damaged "it belongs to another identity"
  grep -v '^token=' good >"$file" && damaged 'it is incomplete or damaged'
  sed 's/^token=/token=a\\nX-Evil: 1/' good >"$file" && damaged 'it is incomplete or damaged'
  sed 's/^expires_at=.*/expires_at=9223372036854775807/' good >"$file" && damaged 'it is incomplete or damaged'
  head -c 4096 /dev/urandom >"$file" && damaged 'it has another format version'
  head -c 4096 /dev/zero >"$file" && damaged 'it has another format version'
  truncate -s 33M "$file" && damaged 'it is over 32 MiB'
}

@test "damaged entries do not bypass the limits" {
  sandbox_profile hourly_limit=2
  for i in 1 2; do
    expect 0 rhythm-token print
    err_any
    : >"$(entry)"
  done
  expect 75 rhythm-token print
  out_empty
  err_matches 'rhythm-token: warning: cache entry .* is ignored: it is empty' \
    'rhythm-token: hourly_limit is reached: 2 tokens minted in the last hour; wait 60 min, or raise hourly_limit in .*/default\.conf'
  mint_count 2
}

@test "a cache directory that is a symbolic link or not a directory is 73" {
  sandbox_profile
  mkdir -p "$XDG_CACHE_HOME" elsewhere
  ln -s "$PWD/elsewhere" "$XDG_CACHE_HOME/rhythm"
  expect 73 rhythm-token
  out_empty
  err_is "rhythm-token: $XDG_CACHE_HOME/rhythm is a symbolic link or not a directory; remove it"
  rm "$XDG_CACHE_HOME/rhythm"
  : >"$XDG_CACHE_HOME/rhythm"
  expect 73 rhythm-token
  out_empty
  err_is "rhythm-token: $XDG_CACHE_HOME/rhythm is a symbolic link or not a directory; remove it"
  lines_are <(ls elsewhere) </dev/null
  counter_is token_requests 0
}

@test "a state directory that is a symbolic link is 73 before any request" {
  sandbox_profile
  mkdir -p "$XDG_STATE_HOME" elsewhere
  ln -s "$PWD/elsewhere" "$XDG_STATE_HOME/rhythm"
  expect 73 rhythm-token
  out_empty
  err_is "rhythm-token: $XDG_STATE_HOME/rhythm is a symbolic link or not a directory; remove it"
  counter_is token_requests 0
  lines_are <(ls elsewhere) </dev/null
}

@test "an entry, lock or ledger that is a symbolic link is 73, and is not followed" {
  sandbox_profile
  expect 0 rhythm-token print
  cp "$(entry)" good
  file=$(entry)
  mv "$file" elsewhere
  ln -s "$PWD/elsewhere" "$file"
  expect 73 rhythm-token
  out_empty
  err_is "rhythm-token: cannot read $file: it is a symbolic link; remove it"
  rm "$file"
  cp good "$file"
  rm "$file+lock"
  ln -s "$PWD/locked" "$file+lock"
  expect 73 rhythm-token --refresh
  out_empty
  err_is "rhythm-token: cannot open $file+lock: it is a symbolic link; remove it"
  absent locked
  rm "$file+lock"
  mv "$(ledger)" moved
  ln -s "$PWD/moved" "$(ledger)"
  expect 73 rhythm-token --refresh
  out_empty
  err_matches "rhythm-token: cannot use the ledger of token requests $(ledger): it is .*; .*"
  cmp good "$file"
  mint_count 1
}

@test "symbolic links in place of new files are replaced, not followed" {
  sandbox_profile
  mkdir -p "$XDG_CACHE_HOME/rhythm"
  file=$XDG_CACHE_HOME/rhythm/$(identity)
  echo precious >precious
  ln -s "$PWD/precious" "$file+new"
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
  ln -s "$PWD/precious" "$file+failed"
  knob token.answer=wrong-secret
  expect 77 rhythm-token --refresh
  err_any
  lines_are precious precious
  mode_is 600 "$file+failed"
  [[ ! -L $file+failed ]] || fail 'the record is still a link'
}

@test "a file or directory of another user is 73" {
  needs_other
  sandbox_profile
  expect 0 rhythm-token print
  file=$(entry)
  chown 12345 "$file"
  expect 73 rhythm-token
  out_empty
  err_is "rhythm-token: cannot read $file: it is not a regular file that belongs to you; remove it"
  chown 0 "$file"
  chown 12345 "$file+lock"
  expect 73 rhythm-token --refresh
  out_empty
  err_is "rhythm-token: cannot open $file+lock: it is not a regular file that belongs to you; remove it"
  chown 0 "$file+lock"
  chown 12345 "$XDG_CACHE_HOME/rhythm"
  expect 73 rhythm-token
  out_empty
  err_is "rhythm-token: $XDG_CACHE_HOME/rhythm belongs to user 12345, not to you; remove it, or set XDG_CACHE_HOME to a directory of your own"
  chown 0 "$XDG_CACHE_HOME/rhythm"
  chown 12345 "$(ledger)"
  expect 73 rhythm-token --refresh
  out_empty
  err_matches "rhythm-token: cannot use the ledger of token requests $(ledger): it is .*; .*"
  mint_count 1
}

@test "an entry that is a pipe or a directory does not hang the command" {
  sandbox_profile
  expect 0 rhythm-token print
  file=$(entry)
  rm "$file"
  mkfifo "$file"
  expect 73 rhythm-token
  out_empty
  err_is "rhythm-token: cannot read $file: it is not a regular file that belongs to you; remove it"
  rm "$file"
  mkdir "$file"
  expect 73 rhythm-token
  out_empty
  err_is "rhythm-token: cannot read $file: it is not a regular file that belongs to you; remove it"
}

@test "nothing is created in a HOME that belongs to another user: 73" {
  needs_other
  sandbox_profile
  chown 12345 "$HOME"
  unset XDG_CACHE_HOME XDG_STATE_HOME
  expect 73 rhythm-token
  out_empty
  err_is "rhythm-token: HOME=$HOME belongs to user 12345; set HOME to a directory of your own (with sudo, use sudo -H)"
  absent "$HOME/.cache" "$HOME/.local"
  counter_is token_requests 0
}

@test "tokens are cached for a user other than root" {
  sandbox_profile
  expect_of_other 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
  expect_of_other 0 rhythm-token --get tenant_id
  out_is acme.org
  mint_count 1
}

@test "a directory that cannot be written is 73, and costs no token" {
  sandbox_profile
  mkdir -p "$XDG_CACHE_HOME/rhythm"
  chmod 500 "$XDG_CACHE_HOME/rhythm"
  expect_of_other 73 rhythm-token
  out_empty
  err_is "rhythm-token: cannot open $XDG_CACHE_HOME/rhythm/$(identity)+lock: Permission denied; check its permissions and those of the directory above it"
  chmod 700 "$XDG_CACHE_HOME/rhythm"
  mkdir -p "$XDG_STATE_HOME"
  chmod 500 "$XDG_STATE_HOME"
  expect_of_other 73 rhythm-token
  out_empty
  err_is "rhythm-token: cannot create $XDG_STATE_HOME/rhythm: Permission denied; check its permissions and those of the directory above it"
  counter_is token_requests 0
}

@test "a full disk is 73, costs no token, and keeps the last good entry" {
  needs_root
  unshare -m true 2>/dev/null || skip 'may not mount here'
  sandbox_profile
  expect 0 rhythm-token print
  cp "$(entry)" good
  cat >full <<'END'
mount -t tmpfs -o size=16k,mode=700 none "$XDG_CACHE_HOME/rhythm" && cp good "$XDG_CACHE_HOME/rhythm/$1" && shift && "$@"
status=$?
ls -A "$XDG_CACHE_HOME/rhythm" >left
exit "$status"
END
  expect 73 unshare -m sh full "$(identity)" rhythm-token --refresh
  out_empty
  err_is "rhythm-token: no token was requested, because there is no room for it in $XDG_CACHE_HOME/rhythm: No space left on device; free some space"
  lines_are left "$(identity)" "$(identity)+lock"
  expect 0 unshare -m sh full "$(identity)" rhythm-token --get tenant_id
  out_is acme.org
  counter_is token_requests 1
}

@test "a full disk under the ledger is 73, and costs no token" {
  needs_root
  unshare -m true 2>/dev/null || skip 'may not mount here'
  sandbox_profile
  mkdir -p "$XDG_STATE_HOME/rhythm"
  cat >full <<'END'
mount -t tmpfs -o size=4k,mode=700 none "$XDG_STATE_HOME/rhythm"
head -c 4096 /dev/zero >"$XDG_STATE_HOME/rhythm/filler"
exec "$@"
END
  expect 73 unshare -m sh full rhythm-token
  out_empty
  err_matches "rhythm-token: cannot use the ledger of token requests $(ledger): No space left on device; free some space"
  counter_is token_requests 0
}

@test "a limit on file sizes is 73, and costs no token" {
  sandbox_profile
  expect 73 sh -c 'ulimit -f 8; exec rhythm-token'
  out_empty
  err_is "rhythm-token: no token was requested, because there is no room for it in $XDG_CACHE_HOME/rhythm: File too large; raise the limit on file sizes (ulimit -f)"
  counter_is token_requests 0
  lines_are <(cd "$XDG_CACHE_HOME/rhythm" && ls -I "*+lock") </dev/null
}

@test "after a kill at any moment the entry is the old or the new one, complete" {
  sandbox_profile hourly_limit=0
  expect 0 rhythm-token
  cp "$OUT" claims
  knob token.delay_ms=5
  n=$(fewer 50 10)
  for ((i = 0; i < n; i++)); do
    begin victim rhythm-token --refresh --get tenant_id
    sleep "0.0$((RANDOM % 4))$((RANDOM % 10))"
    kill -KILL "$BEGUN" 2>/dev/null || :
    wait "$BEGUN" 2>/dev/null || :
    rm "$BATS_TEST_TMPDIR/begun/victim.pid"
    expect 0 rhythm-token --offline --get tenant_id
    out_is acme.org
    err_empty
  done
  minted=$(counter mints)
  echo "# $n kills, $minted tokens minted" >&3
  expect 0 rhythm-token --refresh --get tenant_id
  out_is acme.org
  err_empty
  lines_are <(ls -A "$XDG_CACHE_HOME/rhythm") "$(identity)" "$(identity)+lock"
  # each request is in the ledger
  asked=$(grep -c '^begun\.' "$(ledger)")
  ((asked >= minted + 1)) || fail "$asked requests in the ledger, but $minted tokens minted"
}

@test "files left by a killed process do no harm" {
  sandbox_profile
  mkdir -p "$XDG_CACHE_HOME/rhythm"
  head -c 65536 /dev/zero >"$XDG_CACHE_HOME/rhythm/$(identity)+new"
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  err_empty
  lines_are <(ls -A "$XDG_CACHE_HOME/rhythm") "$(identity)" "$(identity)+lock"
}

@test "a damaged failure record is ignored" {
  sandbox_profile
  mkdir -p "$XDG_CACHE_HOME/rhythm"
  for text in '' garbage 'failed_ns=1' $'failed_ns=99999999999999999999\ncount=-1\nstatus=0\nmessage=x' \
    $'failed_ns=1\ncount=9223372036854775807\nstatus=69\nmessage=x'; do
    printf '%s' "$text" >"$XDG_CACHE_HOME/rhythm/$(identity)+failed"
    expect 65 rhythm-token status --get failure.message
    out_empty
    err_is 'rhythm-token: the output has no key failure.message; leave out --get to see its keys'
  done
}

@test "after a damaged failure record the next failure counts as the first" {
  sandbox_profile client_secret=wrong
  mkdir -p "$XDG_CACHE_HOME/rhythm"
  for count in 1000000 9223372036854775807 -7; do
    printf 'failed_ns=1\ncount=%s\nstatus=69\nmessage=x\n' "$count" >"$XDG_CACHE_HOME/rhythm/$(identity)+failed"
    expect 77 rhythm-token
    err_any
    grep -q -x count=1 "$XDG_CACHE_HOME/rhythm/$(identity)+failed"
  done
}

# as_user PROFILE - writes a user's profile of that name.
as_user() {
  sandbox_profile "$1" client_id=sandbox-user-client client_secret= grant=password username=ada@acme.example \
    'password=correct horse'
}

@test "no profile's files can be taken for another's lock, failure or new entry" {
  local name other
  for name in web web.new web.lock web.failed; do
    as_user "$name"
    expect 0 rhythm-token -p "$name" login
    err_matches 'rhythm-token: logged in.*'
  done
  for name in web web.new web.lock web.failed; do
    expect 0 rhythm-token -p "$name" login
    err_matches 'rhythm-token: logged in.*'
    expect 0 rhythm-token -p "$name" logout
    err_matches 'rhythm-token: the token of profile .* is deleted'
    expect 1 rhythm-token -p "$name" status --get state
    out_is none
    expect 0 rhythm-token -p "$name" login
    err_matches 'rhythm-token: logged in.*'
    for other in web web.new web.lock web.failed; do
      expect 0 rhythm-token -p "$other" status --get state
      out_is valid
    done
  done
}

@test "no scope's or username's files can be taken for another's lock, failure or new entry" {
  sandbox_profile scope=a username=x
  expect 0 rhythm-token print
  cp "$OUT" first
  for name in x.lock x.new x.failed x+lock x+new x+failed; do
    sandbox_profile scope=a "username=$name" hourly_limit=0
    expect 0 rhythm-token print
    sandbox_profile "scope=a $name" username=x hourly_limit=0
    expect 0 rhythm-token print
  done
  sandbox_profile scope=a username=x
  expect 0 rhythm-token print
  out_is_file first
  mint_count 13
}

@test "an entry of version 1.0 is read, and its other files are left alone" {
  sandbox_profile
  expect 0 rhythm-token print
  cp "$OUT" first
  mv "$(entry)+lock" "$(entry).lock"
  printf 'old' >"$XDG_CACHE_HOME/rhythm/$(identity).failed"
  expect 0 rhythm-token print
  out_is_file first
  expect 0 rhythm-token print --refresh
  mint_count 2
  lines_are <(ls "$XDG_CACHE_HOME/rhythm") "$(identity)" "$(identity)+lock" "$(identity).failed" "$(identity).lock"
}
