# shellcheck shell=bash
# What scenarios of rhythm-get share.

# fake_curl HEAD BODY - a curl that answers like this, ends well, and leaves the file fake/asked; texts as printf's %b has them.
fake_curl() {
  mkdir -p fake
  local status=${1#* }
  printf '%b' "$1" >fake/head
  printf '%b' "$2" >fake/body
  printf 'curl=0 \nanswer=%s\n' "${status%% *}" >fake/said
  cat >fake/curl <<END
#!/bin/sh
while [ "\$1" != -D ]; do shift; done
cat >/dev/null
echo asked >'$PWD/fake/asked'
cat '$PWD/fake/head' >"\$2"
cat '$PWD/fake/body'
cat '$PWD/fake/said' >&2
END
  chmod +x fake/curl
}

# on_terminal STATUS INPUT COMMAND - runs a command line on a pseudo-terminal; its output is in the file `plain`.
on_terminal() {
  expect "$1" script -q -e -c "$3" /dev/null <<<"$2"
  tr -d '\r' <"$OUT" >plain
}
