# What `make` builds with, installs, removes again and ships.
# shellcheck disable=SC2016 # the inner shell's variables
load ../helper

# A prefix and a root that every place which forgets a quote trips over.
PREFIX="/opt/My Apps/it's \"here\""

BUILDS=${O:-build}
MAKE=(make -s -j2 -C "$TOP" O="$BUILDS/install" PREFIX="$PREFIX")
export EXPECT_TIMEOUT=300

# built NAME - where the objects and programs of that build are.
built() {
  (cd "$TOP" && cd "$BUILDS/$1" && pwd)
}

setup_file() {
  "${MAKE[@]}" all sandbox
}

# in_root DIR - makes a root to install to, with files in it that are not ours; prints nothing.
in_root() {
  ROOT="$BATS_TEST_TMPDIR/root of $1"
  TO=$ROOT$PREFIX
  mkdir -p "$TO/lib/rhythm/check" "$TO/share/man/man1"
  echo mine | tee "$ROOT/opt/My" "$TO/lib/rhythm/mine" "$TO/lib/rhythm/check/mine.awk" >"$TO/share/man/man1/other.1"
  (cd "$ROOT" && find . -type f | sort) >"$BATS_TEST_TMPDIR/before"
}

@test "install and uninstall work with blanks and quotes in PREFIX and DESTDIR" {
  in_root "install"
  expect 0 "${MAKE[@]}" DESTDIR="$ROOT" install
  out_empty
  err_empty
  mode_is 755 "$TO/bin/rhythm-token"
  mode_is 755 "$TO/lib/rhythm/rhythm-net"
  mode_is 755 "$TO/lib/rhythm/rhythm-jwt"
  mode_is 755 "$TO/lib/rhythm"
  mode_is 644 "$TO/share/man/man1/rhythm-get.1"
  for name in rhythm-token rhythm-get rhythm-check; do
    expect 0 "$TO/bin/$name" --version
    out_is "$name $(make -s -C "$TOP" version)"
    expect 0 cmp "$TOP/bin/$name.1" "$TO/share/man/man1/$name.1"
  done
  # The message of a refusal comes from a part below lib/.
  expect 0 "$TO/bin/rhythm-get" --list rolodex
  out_has '.*contacts.*'
  expect 64 "$TO/bin/rhythm-check" --no-such-option
  err_any

  expect 0 "${MAKE[@]}" DESTDIR="$ROOT" uninstall
  out_empty
  err_empty
  expect 0 sh -c 'cd "$1" && find . -type f | sort' sh "$ROOT"
  out_is_file "$BATS_TEST_TMPDIR/before"
}

@test "all goals share one flags file: no goal rebuilds what another one has built" {
  expect 0 "${MAKE[@]}" "$BUILDS/install/base/platform.o"
  cp "$(built install)/flags" "$BATS_TEST_TMPDIR/flags"
  for room in base/kv jwt/jws; do
    expect 0 "${MAKE[@]}" "$BUILDS/install/$room.o"
    expect 0 cmp "$(built install)/flags" "$BATS_TEST_TMPDIR/flags"
  done
}

@test "uninstall removes our folders and keeps the shared ones" {
  ROOT="$BATS_TEST_TMPDIR/a root"
  expect 0 "${MAKE[@]}" DESTDIR="$ROOT" install
  expect 0 "${MAKE[@]}" DESTDIR="$ROOT" uninstall
  absent "$ROOT$PREFIX/lib/rhythm"
  expect 0 find "$ROOT" ! -type d
  out_empty
  expect 0 test -d "$ROOT$PREFIX/share/man/man1"
}

@test "the internal programs are found below the PREFIX that was compiled in" {
  # Alone in a directory, the front knows only the compiled-in PREFIX.
  mkdir "$BATS_TEST_TMPDIR/alone"
  cp "$(built install)/rhythm-token" "$BATS_TEST_TMPDIR/alone"
  profile default auth0_domain=http://127.0.0.1:9 client_id=x client_secret=sandbox-secret
  expect 70 "$BATS_TEST_TMPDIR/alone/rhythm-token"
  err_has ".*$PREFIX/lib/rhythm.*"
}

@test "a folder of lib/ is installed with everything but C, and programs stay executable" {
  ROOT="$BATS_TEST_TMPDIR/a root"
  expect 0 "${MAKE[@]}" DESTDIR="$ROOT" install
  (cd "$TOP/lib" && find . -mindepth 2 -type f ! -name '*.[ch]' ! -name '*.md' ! -name '*.[1-9]' | sort) \
    >"$BATS_TEST_TMPDIR/wanted"
  expect 0 sh -c 'cd "$1" && find . -mindepth 2 -type f | sort' sh "$ROOT$PREFIX/lib/rhythm"
  out_is_file "$BATS_TEST_TMPDIR/wanted"
  (cd "$TOP/lib" && find . -mindepth 2 -type f -perm -u+x ! -name '*.[ch]' | sort) >"$BATS_TEST_TMPDIR/wanted"
  expect 0 sh -c 'cd "$1" && find . -mindepth 2 -type f -perm -u+x | sort' sh "$ROOT$PREFIX/lib/rhythm"
  out_is_file "$BATS_TEST_TMPDIR/wanted"
}

@test "with PREFIX=/usr/local uninstall also removes what install put into /etc" {
  ROOT="$BATS_TEST_TMPDIR/a root"
  for goal in install uninstall; do
    expect 0 make -s -j2 -C "$TOP" O="$BUILDS/install-gcc" CC=gcc PREFIX=/usr/local DESTDIR="$ROOT" "$goal"
  done
  expect 0 find "$ROOT" ! -type d
  out_empty
  expect 0 test -d "$ROOT/etc/fish/completions"
}

@test "install-strip removes all symbols, and the program still runs" {
  ROOT="$BATS_TEST_TMPDIR/a root"
  expect 0 "${MAKE[@]}" DESTDIR="$ROOT" install-strip
  for program in bin/rhythm-token lib/rhythm/rhythm-net lib/rhythm/rhythm-jwt; do
    expect 0 readelf -W -S "$ROOT$PREFIX/$program"
    out_has '.* \.text .*'
    out_lacks '\.symtab'
  done
  expect 0 "$ROOT$PREFIX/bin/rhythm-token" --version
  out_has 'rhythm-token .*'
}

@test "the sandbox is installed and removed by name" {
  ROOT="$BATS_TEST_TMPDIR/a root"
  expect 0 "${MAKE[@]}" DESTDIR="$ROOT" install-sandbox
  err_empty
  expect 0 "$ROOT$PREFIX/bin/rhythm-sandbox" --help
  out_has 'usage: rhythm-sandbox.*'
  expect 0 cmp "$TOP/tests/sandbox/rhythm-sandbox.1" "$ROOT$PREFIX/share/man/man1/rhythm-sandbox.1"
  expect 0 "${MAKE[@]}" DESTDIR="$ROOT" uninstall-sandbox
  expect 0 find "$ROOT" ! -type d
  out_empty
}

# hardened PROGRAM - its ELF headers say: position-independent, immediate binding, no executable stack.
hardened() {
  expect 0 readelf -W -l -d "$1"
  out_has 'Elf file type is DYN .*'
  out_has ' *GNU_RELRO .*'
  out_has ' *GNU_STACK .* RW .*'
  out_has '.*FLAGS_1.* NOW.*'
}

@test "gcc and clang are asked which flags they accept, and harden all programs" {
  for compiler in gcc clang; do
    expect 0 make -s -j2 -C "$TOP" O="$BUILDS/install-$compiler" CC="$compiler" PREFIX=/usr/local
    programs=$(built "install-$compiler")
    hardened "$programs/rhythm-token"
    for program in rhythm-net rhythm-jwt; do
      hardened "$programs/$program"
      expect 0 readelf -W -s "$programs/$program"
      out_has '.* __stack_chk_fail.*'
      out_has '.*_chk@.*'
    done
    expect 0 readelf -W -l "$programs/rhythm-token"
    out_lacks INTERP
  done
}

@test "a linker without -z and static linking, as on macOS, builds a dynamic front" {
  cat >"$BATS_TEST_TMPDIR/other-cc" <<'END'
#!/bin/sh
for word; do
  case $word in -static* | -Wl,-z*) echo "ld: unknown option: $word" >&2; exit 1 ;; esac
done
exec cc "$@"
END
  chmod +x "$BATS_TEST_TMPDIR/other-cc"
  expect 0 make -s -C "$TOP" O="$BUILDS/install-other" CC="$BATS_TEST_TMPDIR/other-cc" front
  err_empty
  expect 0 readelf -W -l "$(built install-other)/rhythm-token"
  out_has ' *INTERP .*'
  expect 0 "$(built install-other)/rhythm-token" --version
  out_has 'rhythm-token .*'
}

@test "a compiler that produces nothing is named" {
  expect 2 make -s -C "$TOP" O="$BATS_TEST_TMPDIR/none" CC=no-such-compiler front
  err_has 'ask-compiler: CC=no-such-compiler cannot build a program: .*'
}

@test "a make other than GNU's gets a one-line message" {
  command -v bmake >/dev/null || skip 'bmake is not installed'
  expect 1 bmake -C "$TOP"
  out_empty
  err_matches 'bmake: .*: rhythm needs GNU make, which may be called gmake here'
}

@test "all three programs print the Makefile's version" {
  for name in rhythm-token rhythm-get rhythm-check; do
    expect 0 "$TOP/bin/$name" --version
    out_is "$name $(make -s -C "$TOP" version)"
  done
  # No other file may contain the version.
  expect 1 grep -r -n -F "$(make -s -C "$TOP" version | sed 's/^/=/')" "$TOP/Makefile" "$TOP/lib" "$TOP/scripts" "$TOP/completions"
  out_empty
}

@test "make dist gives the same bytes twice, with every file of the commit" {
  git -C "$TOP" rev-parse -q --verify HEAD >/dev/null || skip 'no git checkout'
  version=$(make -s -C "$TOP" version)
  expect 0 make -s -C "$TOP" O="$BATS_TEST_TMPDIR/one" dist
  out_is "$BATS_TEST_TMPDIR/one/rhythm-$version.tar.gz"
  (umask 077 && TZ=Asia/Tokyo make -s -C "$TOP" O="$BATS_TEST_TMPDIR/two" dist)
  expect 0 cmp "$BATS_TEST_TMPDIR/one/rhythm-$version.tar.gz" "$BATS_TEST_TMPDIR/two/rhythm-$version.tar.gz"
  git -C "$TOP" ls-tree -r --name-only HEAD | sed "s|^|rhythm-$version/|" | sort >"$BATS_TEST_TMPDIR/wanted"
  expect 0 sh -c 'tar -tzf "$1" | grep -v /\$ | sort' sh "$BATS_TEST_TMPDIR/one/rhythm-$version.tar.gz"
  out_is_file "$BATS_TEST_TMPDIR/wanted"
}

@test "make dist without git says that it needs git" {
  mkdir -p "$BATS_TEST_TMPDIR/tree"
  cp -r "$TOP/Makefile" "$TOP/bin" "$TOP/scripts" "$TOP/tests" "$BATS_TEST_TMPDIR/tree"
  expect 2 env GIT_CEILING_DIRECTORIES="$BATS_TEST_TMPDIR" make -s -C "$BATS_TEST_TMPDIR/tree" dist
  err_has 'make dist: not a git checkout; run it in one'
}
