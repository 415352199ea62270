# Tab in login shells as they are installed: after make install, with no path set by hand, under tmux. /usr/local is one of
# our own, in a mount namespace; where there may be none, this is skipped.
# shellcheck disable=SC2016 # code for other shells

load ../helper

setup_file() {
  ROOT=$BATS_FILE_TMPDIR/root
  export ROOT
  if [[ -z $TESTED_PREFIX ]]; then
    make -s -C "$BATS_TEST_DIRNAME/../.." install DESTDIR="$ROOT" PREFIX=/usr/local 3>&-
  else
    # As if rhythm were installed there.
    mkdir -p "$ROOT/usr" "$ROOT/etc/fish"
    ln -s "$TESTED_PREFIX" "$ROOT/usr/local"
    ln -s "$TESTED_PREFIX/share/fish/vendor_completions.d" "$ROOT/etc/fish/completions"
  fi
}

setup() {
  if unshare -m true 2>/dev/null; then NAMESPACE=-m
  elif unshare -rm true 2>/dev/null; then NAMESPACE=-rm
  else skip 'no mount namespaces here'; fi
  common_setup
  WORLD=$BATS_TEST_TMPDIR/w
  mkdir -p "$WORLD/home" "$WORLD/empty"
  cp -R /etc/skel/. "$WORLD/home/"
  cd "$WORLD" || return # a socket's name must be short
}

teardown() {
  [[ ! -S ${WORLD-}/tmux ]] || tmux -S "$WORLD/tmux" kill-server 2>/dev/null
  common_teardown
}

# log_in SHELL [DIRECTORY] - starts a login shell in tmux that sees our /usr/local, and DIRECTORY as empty.
log_in() {
  local mounts='mount --bind "$0/usr/local" /usr/local'
  [[ ! -d $ROOT/etc/fish ]] || mounts+=' && mount --bind "$0/etc/fish/completions" /etc/fish/completions'
  [[ $# -lt 2 ]] || mounts+=" && mount --bind empty $2"
  unshare "$NAMESPACE" sh -c "$mounts"' && exec tmux -S tmux -f /dev/null new-session -d -x 100 -y 30 "$@"' "$ROOT" \
    "exec env -i HOME='$WORLD/home' USER='$(id -un)' TERM=screen SHELL='$(command -v "$1")' $(command -v "$1") -l" 3>&-
  # shellcheck disable=SC2034 # until_true reads it
  BEGUN=$(tmux -S tmux display-message -p '#{pid}') # until_true stops waiting when it exits
  tmux -S tmux send-keys "printf 'rea%s\\n' dy" Enter
  until_true shows '^ready'
}

# shows REGEXP - a line on the terminal matches.
shows() { tmux -S tmux capture-pane -p >pane && grep -q -E -e "$1" pane; }

# cleared - the command line is empty.
cleared() { ! shows '[#$%>] rhythm'; }

# tab_gives TYPED LINE - TYPED and Tab result in LINE; then the line is cleared.
tab_gives() {
  tmux -S tmux send-keys -l -- "$1"
  tmux -S tmux send-keys Tab
  if ! until_true shows "[^ ] +$2( |\$)"; then
    cat pane >&2
    return 1
  fi
  tmux -S tmux send-keys C-u
  until_true cleared
}

# all_commands - each command completes, whichever comes first, and so does the catalogue.
all_commands() {
  tab_gives 'rhythm-check --form' 'rhythm-check --format=?'
  tab_gives 'rhythm-token stat' 'rhythm-token status'
  tab_gives 'rhythm-get ro' 'rhythm-get rolodex'
  tab_gives 'rhythm-get rolodex contacts/cu' 'rhythm-get rolodex contacts/current'
  tab_gives 'rhythm-get rolodex contacts/current --fie' 'rhythm-get rolodex contacts/current --fields=?'
}

# from_readme FILE - appends to FILE the line that the README says to put there.
from_readme() {
  local line
  line=$(sed -n "s,^|.*in \`~/$1\`: \`\\([^\`]*\\)\`.*,\\1,p" "$TOP/README.md")
  [[ -n $line ]]
  printf '%s\n' "$line" >>"home/$1"
}

@test "bash completes with the package bash-completion" {
  [[ -e /etc/profile.d/bash_completion.sh ]] || skip 'bash-completion is not installed'
  log_in bash
  all_commands
}

@test "bash completes without bash-completion, by the line in the README" {
  from_readme .bashrc
  if [[ -d /usr/share/bash-completion ]]; then log_in bash /usr/share/bash-completion; else log_in bash; fi
  all_commands
}

@test "zsh completes by the line in the README" {
  from_readme .zshrc
  log_in zsh
  all_commands
}

@test "fish completes with nothing in XDG_DATA_DIRS" {
  log_in fish
  all_commands
}
