# Tab, in real interactive shells under a pseudo-terminal: what is offered, and what the line then is.
# RHYTHM_PREFIX names an installed tree to test, else it is the source tree. Needs bash, zsh and fish.
# shellcheck disable=SC2016,SC2030,SC2031,SC2046,SC2086,SC2164,SC2248 # a case is a subshell; lists of plain words; code in quotes; cd fails the case

bats_require_minimum_version 1.7.0
SHELLS='bash zsh fish'

setup_file() {
  PREFIX=${TESTED_PREFIX-${RHYTHM_PREFIX-}}
  TESTS=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
  export PREFIX TESTS DRIVE_DUMP=$BATS_FILE_TMPDIR/zcompdump
}

setup() {
  local name
  for name in $(compgen -e); do
    case $name in RHYTHM_* | XDG_*) unset "$name" ;; esac
  done
  WORLD=$BATS_TEST_TMPDIR/world
  export LC_ALL=C TMPDIR=$BATS_TEST_TMPDIR HOME=$WORLD/home
  export PATH=$WORLD/bin:/usr/local/bin:/usr/bin:/bin
  mkdir -p "$WORLD/bin" "$WORLD/lib/get" "$HOME/.config/rhythm"
  # Stand-ins for the commands: running one leaves a trace.
  for name in rhythm-token rhythm-get rhythm-check; do
    printf '#!/bin/sh\n: >>"%s/ran"\nprintf "<%%s>\\n" "$@"\n' "$WORLD" >"$WORLD/bin/$name"
    chmod +x "$WORLD/bin/$name"
  done
  cp "$TESTS/completions/catalogue.tsv" "$WORLD/lib/get/catalogue.tsv"
  if [[ -n $PREFIX ]]; then
    export COMPLETION_BASH=$PREFIX/share/bash-completion/completions/rhythm-get
    export COMPLETION_ZSH=$PREFIX/share/zsh/site-functions/_rhythm
    export COMPLETION_FISH=$PREFIX/share/fish/vendor_completions.d/rhythm-get.fish
    ls "$COMPLETION_BASH" "$COMPLETION_ZSH" "$COMPLETION_FISH"
  fi
  cd "$WORLD"
}

teardown() {
  if [[ -e $WORLD/ran ]]; then
    echo 'Tab ran a command of rhythm' >&2
    return 1
  fi
}

# tab SHELL LINE - types LINE and Tab; the result is in $WORLD/answer.SHELL, errors are in $WORLD/wrong.SHELL.
tab() {
  local status=0
  rm -f "$WORLD/answer.$1"
  "$TESTS/completions/drive" "$1" "$2" >"$WORLD/answer.$1" 2>"$WORLD/wrong.$1" 3>&- || status=$?
  [[ $status -eq 0 ]] || printf 'status %s\n' "$status" >>"$WORLD/wrong.$1"
}

# fine SHELL LINE - nothing went wrong, and nothing was written to standard error.
fine() {
  if [[ -s $WORLD/wrong.$1 ]]; then
    printf '%s: %s:\n' "$1" "$2" >&2
    cat -v "$WORLD/wrong.$1" >&2
    return 1
  fi
}

# is SHELL LINE WANTED GOT
is() {
  if [[ $3 != "$4" ]]; then
    printf '%s: %s\nwanted:\n%s\ngot:\n%s\n' "$1" "$2" "$3" "$4" >&2
    return 1
  fi
}

# offered SHELL LINE [WORD...] - after tab: exactly these words were offered, in any order.
offered() {
  local shell=$1 line=$2 wanted=''
  shift 2
  fine "$shell" "$line" || return
  (($# == 0)) || wanted=$(printf '%s\n' "$@" | sort)
  is "$shell" "$line" "$wanted" "$(sed 1d "$WORLD/answer.$shell")"
}

# became SHELL LINE RESULT - after tab: the command line is now RESULT.
became() {
  fine "$1" "$2" || return
  is "$1" "$2" "line=$3" "$(sed -n 1p "$WORLD/answer.$1")"
}

offers() {
  tab "$1" "$2"
  offered "$@"
}

becomes() {
  tab "$1" "$2"
  became "$@"
}

# The same in every shell, all at once.
all_tab() {
  local shell job jobs=()
  for shell in $SHELLS; do
    tab "$shell" "$1" &
    jobs+=($!)
  done
  for job in "${jobs[@]}"; do wait "$job" || return; done
}

all_offer() {
  local shell
  all_tab "$1" || return
  for shell in $SHELLS; do offered "$shell" "$@" || return; done
}

all_become() {
  local shell
  all_tab "$1" || return
  for shell in $SHELLS; do became "$shell" "$@" || return; done
}

# program COMMAND... - runs the program under test, because PATH has stand-ins.
program() { "${PREFIX:-$TESTS/..}/bin/$1" "${@:2}" </dev/null; }

# option_lines COMMAND
option_lines() { program "$1" --help | sed -n '/^options/,/^$/p'; }

# options_of COMMAND [VERB] - prints all its options; with a VERB of rhythm-token, without those of other verbs.
options_of() {
  option_lines "$1" | sed -e 's/with config --init:/with config:/' -e "/with \([a-z]*, \)*${2:-[a-z]*}\(, [a-z]*\)*:/b" -e "${2:+/with [a-z, ]*:/d}" |
    grep -o -E -e ' -(-[a-z][a-z-]*|[A-Za-z])' | tr -d ' ' | sort -u | tr '\n' ' '
}

# options_with_word COMMAND - prints the options that take a value, one per line.
options_with_word() {
  option_lines "$1" | sed -n -e 's/^ *\(-[A-Za-z]\), --[a-z-]*=.*/\1/p'
  option_lines "$1" | grep -o -e '--[a-z-]*=' | tr -d =
}

formats_of() { option_lines "$1" | sed -n 's/.*--format=\([a-z|]*\).*/\1/p' | tr '|' ' '; }

commands_of_token() { program rhythm-token --help | sed -n '/^commands/,/^$/s/^  \([a-z][a-z]*\).*/\1/p'; }

# all_options LINE OPTIONS - exactly these are offered after LINE, in every shell.
all_options() {
  local shell dash
  [[ $2 == *'--help '* ]] || return
  rm -f "$WORLD"/options.*
  for dash in -- -; do
    all_tab "$1 $dash" || return
    for shell in $SHELLS; do
      fine "$shell" "$1 $dash" || return
      sed -e 1d -e 's/=$//' "$WORLD/answer.$shell" >>"$WORLD/options.$shell"
    done
  done
  for shell in $SHELLS; do
    is "$shell" "$1" "$2" "$(grep -x -e '--*[A-Za-z-]*' "$WORLD/options.$shell" | grep -v -x -e - -e -- | sort -u | tr '\n' ' ')" || return
  done
}

@test "the services are offered" {
  all_offer 'rhythm-get ' events rolodex system
  all_become 'rhythm-get ro' 'rhythm-get rolodex '
  all_offer 'rhythm-check r' rolodex
  all_offer 'rhythm-check ' - events rolodex system
}

@test "resources are offered with a slash and no blank after it" {
  all_offer 'rhythm-get rolodex con' contactRoles/ contacts/
  all_become 'rhythm-get rolodex addr' 'rhythm-get rolodex addressTypes/'
  all_offer 'rhythm-get events ' # a service without known paths
}

@test "path segments are offered" {
  all_offer 'rhythm-get rolodex contacts/' contacts/current 'contacts/{tenantId}' 'contacts/{tenantId}/'
  all_become 'rhythm-get rolodex contacts/c' 'rhythm-get rolodex contacts/current '
  all_offer 'rhythm-get rolodex contacts/{tenantId}/' 'contacts/{tenantId}/'{emailAddress/,portal/,search,'{id}'}
}

@test "a path with filled-in placeholders is continued" {
  all_offer 'rhythm-get rolodex contacts/acme.org/' contacts/acme.org/{emailAddress/,portal/,search,'{id}'}
  all_become 'rhythm-get rolodex contacts/acme.org/s' 'rhythm-get rolodex contacts/acme.org/search '
}

@test "a resource known by name only gets the usual forms" {
  all_offer 'rhythm-get rolodex contactRoles/' 'contactRoles/{tenantId}' 'contactRoles/{tenantId}/'
  all_offer 'rhythm-get rolodex contactRoles/{tenantId}/' 'contactRoles/{tenantId}/'{search,'{id}'}
}

@test "only paths that fit the given method, or --all, are offered" {
  all_offer 'rhythm-get -X PATCH rolodex ' contactRoles/ contacts/
  all_offer 'rhythm-get --method=PATCH rolodex contacts/acme.org/' 'contacts/acme.org/{id}'
  all_offer 'rhythm-get -X POST rolodex contacts/{tenantId}/' 'contacts/{tenantId}/'{portal/,search}
  all_offer 'rhythm-get -XDELETE rolodex addressTypes/'
  all_offer 'rhythm-get -X PUT rolodex ' contactRoles/
  all_offer 'rhythm-get --request HEAD rolodex contacts/{tenantId}/' 'contacts/{tenantId}/'{emailAddress/,'{id}'}
  all_offer 'rhythm-get -a rolodex contacts/' 'contacts/{tenantId}/'
  all_offer 'rhythm-get --all rolodex contacts/acme.org/' contacts/acme.org/search
  all_offer 'rhythm-get -a rolodex ' addressTypes/ contactRoles/ contacts/ sponsors/
}

@test "only the methods of the path are offered, if the path is known" {
  all_offer 'rhythm-get rolodex contacts/acme.org/c-17 -X ' DELETE GET PATCH
  all_offer 'rhythm-get rolodex contacts/acme.org/search --method ' POST
  all_offer 'rhythm-get rolodex contacts/current --request=P'
  all_offer 'rhythm-get rolodex contacts/acme.org/x/y/z -X P' PATCH POST PUT
  all_offer 'rhythm-get rolodex contactRoles/acme.org -X P' PATCH POST PUT
}

@test "query parameters of the path are offered once each" {
  all_offer 'rhythm-get rolodex contacts/acme.org/c-17 ' consistentRead== fields==
  all_offer 'rhythm-get rolodex /contacts/acme.org/search?x=1 ' exclusiveStartKey== fieldsToReturn==
  all_offer 'rhythm-get rolodex contacts/acme.org/c-17 fields==id ' consistentRead==
  all_offer 'rhythm-get -X PATCH rolodex contacts/acme.org/c-17 '
  all_offer 'rhythm-get rolodex contacts/current '
  all_offer 'rhythm-get rolodex sponsors/acme.org/event/e-1 ' exclusiveStartKey==
  all_become 'rhythm-get rolodex contacts/acme.org/c-17 c' 'rhythm-get rolodex contacts/acme.org/c-17 consistentRead=='
  all_offer 'rhythm-get rolodex sponsors/acme.org/event/\{event_id\} ' event_id= exclusiveStartKey==
}

@test "fields are offered after fields==, fieldsToReturn== and --fields, also after a comma" {
  local shell before
  for before in 'rhythm-get rolodex contacts/acme.org/c-17 fields==' 'rhythm-get rolodex contacts/acme.org/search fieldsToReturn==' \
    'rhythm-get rolodex contacts/acme.org/c-17 --fields ' 'rhythm-get rolodex contacts/acme.org/c-17 --fields='; do
    all_tab "$before"
    for shell in $SHELLS; do
      # fish offers complete words.
      is "$shell" "$before" 'first_name id last_name sys_version ' \
        "$(fine "$shell" "$before" && sed -e 1d -e 's/.*=//' "$WORLD/answer.$shell" | sort | tr '\n' ' ')"
    done
    for shell in $SHELLS; do
      tab "$shell" "${before}la"
      is "$shell" "$before" "line=${before}last_name" "$(fine "$shell" "$before" && sed -n '1s/ *$//p' "$WORLD/answer.$shell")"
      tab "$shell" "${before}id,fi"
      is "$shell" "$before" "line=${before}id,first_name" "$(fine "$shell" "$before" && sed -n '1s/ *$//p' "$WORLD/answer.$shell")"
    done
  done
  # Fields that are only derived are left out, and a resource known by name only has none.
  all_offer 'rhythm-get rolodex contactRoles/acme.org/c-17 --fields s'
  all_offer 'rhythm-get --fields f'
}

@test "fields for a JSON Patch are offered" {
  all_become 'rhythm-get -X PATCH rolodex contacts/acme.org/c-17 --set la' 'rhythm-get -X PATCH rolodex contacts/acme.org/c-17 --set last_name='
  all_become 'rhythm-get -X PATCH rolodex contacts/acme.org/c-17 --set-json=fi' 'rhythm-get -X PATCH rolodex contacts/acme.org/c-17 --set-json=first_name='
  all_become 'rhythm-get -X PATCH rolodex contacts/acme.org/c-17 --unset la' 'rhythm-get -X PATCH rolodex contacts/acme.org/c-17 --unset last_name '
}

@test "typed text is neither expanded nor unquoted" {
  local shell line
  # A directory and a file in it, for globs to find.
  mkdir -p 'contacts/$(touch PWNED)'
  : >'contacts/$(touch PWNED)/search'
  offers bash 'rhythm-get rolodex contacts/*/s' 'contacts/\*/search'
  offers bash 'rhythm-get rolodex contacts/[$]*/sea' 'contacts/\[\$\]\*/search'
  offers fish 'rhythm-get rolodex contacts/*/s' 'contacts/*/search'
  all_offer 'rhythm-get rolodex contacts/*/c-17 --allow 40' 400 401 403 404 409
  for line in 'contacts/\$\(touch\ PWNED\)/s' 'contacts/\`touch\ PWNED\`/s' 'contacts/\;touch\ PWNED/s' 'contacts/\*/s'; do
    for shell in $SHELLS; do
      tab "$shell" "rhythm-get rolodex $line"
      fine "$shell" "$line"
      sed -n '1s/^line=//p' "$WORLD/answer.$shell" >"$WORLD/line"
      case $shell in
        fish) fish --no-config "$WORLD/line" ;;
        zsh) zsh -f "$WORLD/line" ;;
        bash) bash --norc "$WORLD/line" ;;
      esac >"$WORLD/got"
      is "$shell" "$line" $'<rolodex>\n'"<${line//\\/}earch>" "$(<"$WORLD/got")"
    done
  done
  becomes bash "rhythm-get rolodex 'contacts/|/s" "rhythm-get rolodex 'contacts/|/search' "
  becomes bash 'rhythm-get rolodex "contacts/\`touch PWNED\`/s' 'rhythm-get rolodex "contacts/\`touch PWNED\`/s'
  rm "$WORLD/ran" # by us, not by Tab
  [[ ! -e PWNED ]]
}

@test "rhythm-check is offered only calls that read" {
  all_offer 'rhythm-check rolodex contacts/{tenantId}/' 'contacts/{tenantId}/'{emailAddress/,search,'{id}'}
}

@test "inserted braces are quoted as each shell needs it" {
  local shell line got
  becomes bash 'rhythm-get system queries/' 'rhythm-get system queries/\{tenantId\}/'
  becomes zsh 'rhythm-get system queries/' 'rhythm-get system queries/{tenantId}/'
  becomes fish 'rhythm-get system queries/' 'rhythm-get system queries/\{tenantId\}/'
  for shell in $SHELLS; do
    tab "$shell" 'rhythm-get system queries/acme.org/describe/'
    line=$(sed -n '1s/^line=//p' "$WORLD/answer.$shell")
    case $shell in
      fish) got=$(fish --no-config -c "$line") ;;
      zsh) got=$(zsh -f -c "$line") ;;
      bash) got=$(bash --norc -c "$line") ;;
    esac
    is "$shell" "$line" $'<system>\n<queries/acme.org/describe/{id}>' "$got"
  done
  rm "$WORLD/ran" # by us, not by Tab
}

@test "zsh with BRACE_CCL gets quoted braces" {
  DRIVE_INIT='setopt braceccl' becomes zsh 'rhythm-get system queries/' 'rhythm-get system queries/\{tenantId\}/'
}

@test "an open brace, quotes and backslashes may be on the line" {
  becomes bash 'rhythm-get system queries/{ten' 'rhythm-get system queries/\{tenantId\}/'
  becomes zsh 'rhythm-get system queries/{ten' 'rhythm-get system queries/{tenantId}/'
  # What fish would insert after an open brace does not close it.
  becomes fish 'rhythm-get system queries/{ten' 'rhythm-get system queries/{ten'
  becomes bash 'rhythm-get system "queries/{ten' 'rhythm-get system "queries/{tenantId}/"'
  becomes bash 'rhythm-get system "queries/{tenantId}/d"' 'rhythm-get system queries/\{tenantId\}/describe/'
  becomes zsh 'rhythm-get system "queries/{ten' 'rhythm-get system "queries/{tenantId}/'
  becomes fish 'rhythm-get system "queries/{ten' 'rhythm-get system "queries/{tenantId}/'
  all_become 'rhythm-get system queries/\{tenantId\}/de' 'rhythm-get system queries/\{tenantId\}/describe/'
}

@test "placeholders that the token does not fill are offered once each" {
  all_offer 'rhythm-get rolodex contacts/\{tenantId\}/\{id\} ' id= consistentRead== fields==
  all_become 'rhythm-get rolodex "contacts/{tenantId}/{id}" i' 'rhythm-get rolodex "contacts/{tenantId}/{id}" id='
  all_offer 'rhythm-get rolodex "a/{contactId}/{x}/{y}" x=1 ' y=
  all_offer 'rhythm-get rolodex "a/{contactId}/{x}" x=1 '
  all_offer 'rhythm-get "https://rolodex.api.rhythmsoftware.com/contacts/{tenantId}/{id}" ' id=
}

@test "after --list services are offered, then resources" {
  all_offer 'rhythm-get --list ' events rolodex system
  all_offer 'rhythm-get --list rolodex con' contactRoles contacts
  all_offer 'rhythm-get --list rolodex contacts '
}

@test "methods, statuses and formats are offered" {
  all_offer 'rhythm-get -X ' DELETE GET PATCH POST PUT
  all_offer 'rhythm-get --request P' PATCH POST PUT
  all_offer 'rhythm-get --allow 40' 400 401 403 404 409
  all_offer 'rhythm-get --method D' DELETE
  all_offer 'rhythm-token --format ' $(formats_of rhythm-token)
  all_offer 'rhythm-check --format ' $(formats_of rhythm-check)
  all_become 'rhythm-token --format=s' 'rhythm-token --format=shell '
  all_become 'rhythm-check --format=t' 'rhythm-check --format=text '
}

@test "the commands of rhythm-token and the options of each are offered" {
  local verb
  all_offer 'rhythm-token ' $(commands_of_token)
  all_become 'rhythm-token -q ver' 'rhythm-token -q verify '
  all_become 'rhythm-token verify --si' 'rhythm-token verify --signature-only '
  for verb in $(commands_of_token); do all_options "rhythm-token $verb" "$(options_of rhythm-token "$verb")"; done
  all_offer 'rhythm-token print x'
}

@test "every option of every command is offered, long and short" {
  local command
  for command in rhythm-token rhythm-get rhythm-check; do all_options "$command" "$(options_of "$command")"; done
}

@test "completion knows which options take a value" {
  local command next form with_word words flags
  for command in rhythm-token rhythm-get rhythm-check; do
    case $command in rhythm-token) next=header ;; *) next=rolodex ;; esac
    with_word=$(options_with_word "$command")
    # Not both forms of one option on a line: zsh does not take the second for an option.
    for form in '-.' '--.*'; do
      words=$(grep -x -e "$form" <<<"$with_word")
      all_offer "$command ${words//$'\n'/ x } x ${next:0:3}" $next
      flags=$(options_of "$command" | tr ' ' '\n' | grep -x -e "$form" | grep -v -x -F -e -h -e --help -e -V -e --version \
        -e --list -e --request -e "$with_word")
      all_offer "$command ${flags//$'\n'/ } ${next:0:3}" $next
    done
  done
  all_offer 'rhythm-get --request x ro' rolodex
}

@test "rhythm-token url and curl are offered what rhythm-get is" {
  all_offer 'rhythm-token url ' events rolodex system
  all_offer 'rhythm-token -q curl rolodex con' contactRoles/ contacts/
  all_offer 'rhythm-token url -n rolodex "contacts/{tenantId}/{id}" ' id= consistentRead== fields==
  all_offer 'rhythm-token curl "https://rolodex.api.rhythmsoftware.com/contacts/{tenantId}/{id}" ' id=
}

@test "the keys for --get are offered" {
  local key shell settings
  printf x >"$WORLD/token"
  all_offer 'rhythm-check --get ' $(program rhythm-check --offline --format=kv --token="$WORLD/token" | cut -d = -f 1 || :)
  all_offer 'rhythm-check --get check.token-o' check.token-opaque
  all_offer 'rhythm-token --get c' contact_id contact_name customer_id
  all_offer 'rhythm-token url --get ' ca_bundle read_only timeout url
  all_offer 'rhythm-token verify --get s' signature sub
  settings=$(sed -n '/^\.It Sy Key /,/^\.El/s/^\.It Li \([a-z0-9_]*\) .*/\1/p' "$TESTS/../bin/rhythm-token.1")
  all_offer 'rhythm-token config --get ' profile $settings $(printf 'from.%s\n' $settings)
  all_offer 'rhythm-token status --get f' failure.{at,cause,message,status}
  all_offer 'rhythm-token status --get quota.per_d' quota.per_day.{left,limit,resets_in}
  all_tab 'rhythm-token status --get '
  for key in $(program rhythm-token status | cut -d = -f 1); do
    for shell in $SHELLS; do grep -q -x -e "$key" "$WORLD/answer.$shell" || is "$shell" status "$key" ''; done
  done
}

@test "files are offered after -o, -d @, NAME=@, --token, --capture, --jwks, --session-dir and verify" {
  mkdir "$WORLD/files"
  : >"$WORLD/files/body.json"
  local before
  for before in 'rhythm-get -o ' 'rhythm-get --output=' 'rhythm-get --token ' 'rhythm-check --capture ' \
    'rhythm-check --token=' 'rhythm-token verify ' 'rhythm-token claims ' 'rhythm-token --jwks ' \
    'rhythm-get -d @' 'rhythm-get --data @' 'rhythm-get --data=@' "rhythm-get rolodex 'contacts/{tenantId}/{id}' id=@"; do
    all_become "${before}files/bo" "${before}files/body.json "
    all_become "${before}fil" "${before}files/"
  done
  all_become 'rhythm-token --session-dir fil' 'rhythm-token --session-dir files/'
  all_become 'rhythm-token --session-dir=files/bo' 'rhythm-token --session-dir=files/bo'
  all_offer 'rhythm-get rolodex contacts/current fil'
}

@test "a blank in the name of a body's file is quoted" {
  : >"$WORLD/my body.json"
  becomes bash 'rhythm-get -d @my' 'rhythm-get -d @my\ body.json '
  becomes zsh 'rhythm-get -d @my' 'rhythm-get -d @my\ body.json '
  becomes fish 'rhythm-get -d @my' 'rhythm-get -d @my\ body.json '
}

@test "profiles are offered, but no hostile names, and nothing in a name is run" {
  local dir=$HOME/.config/rhythm
  touch "$dir/default.conf" "$dir/eu-1.conf" "$dir/other.txt" "$dir/a b.conf" "$dir/\$(touch pwned).conf" \
    "$dir/\`touch pwned\`.conf" "$dir/x
y.conf" "$dir/;touch pwned;.conf" "$dir/*.conf" "$dir/é.conf" "$dir/'.conf"
  all_offer 'rhythm-get -p ' default eu-1
  all_offer 'rhythm-check --profile ' default eu-1
  all_become 'rhythm-token --profile=e' 'rhythm-token --profile=eu-1 '
  XDG_CONFIG_HOME=$WORLD/none all_offer 'rhythm-token -p '
  XDG_CONFIG_HOME=relative all_offer 'rhythm-token -p d' default
  [[ ! -e pwned ]]
}

@test "after -- nothing of rhythm's is offered" {
  all_offer 'rhythm-get rolodex contacts/current -- --'
  all_offer 'rhythm-get rolodex contacts/current -- ro'
}

@test "the user's catalogue is read if it is newer" {
  mkdir -p "$HOME/.local/share/rhythm"
  local user=$HOME/.local/share/rhythm/catalogue.tsv
  printf '# Rhythm API catalogue, format 2, 2026-01-03\nmine\tGET\tthings/{tenantId}\tlist\tconfirmed\t-\n' >"$user"
  touch -d 2020-01-01 "$user"
  all_offer 'rhythm-get ' mine
  printf '# Rhythm API catalogue, format 2, 2026-01-01\nmine\tGET\tthings/{tenantId}\tlist\tconfirmed\t-\n' >"$user"
  touch -d 2030-01-01 "$user"
  all_offer 'rhythm-get ' events rolodex system
  # If both have one date, the user's is read.
  printf '# Rhythm API catalogue, format 2, 2026-01-02\nmine\tGET\tthings/{tenantId}\tlist\tconfirmed\t-\n' >"$user"
  touch -d 2020-01-01 "$user"
  all_offer 'rhythm-get ' mine
  # One in another format, or in none, is never read.
  local format
  for format in '' ', format 1' ', format 3' ', format 22'; do
    printf '# Rhythm API catalogue%s, 2030-01-01\nmine\tGET\tthings/{tenantId}\tlist\tconfirmed\t-\n' "$format" >"$user"
    all_offer 'rhythm-get ' events rolodex system
  done
  printf '# Rhythm API catalogue, format 2, 2026-01-02\nmine\tGET\tthings/{tenantId}\tlist\tconfirmed\t-\n' >"$user"
  # In another place, and with none beside the command.
  rm "$WORLD/lib/get/catalogue.tsv"
  mkdir -p "$WORLD/data"
  mv "$HOME/.local/share/rhythm" "$WORLD/data/rhythm"
  XDG_DATA_HOME=$WORLD/data all_offer 'rhythm-get mine ' things/
}

@test "the catalogue beside the command is found: installed, through a link, by path" {
  mkdir -p "$WORLD/lib/rhythm/get"
  mv "$WORLD/lib/get/catalogue.tsv" "$WORLD/lib/rhythm/get/catalogue.tsv"
  all_offer 'rhythm-get ro' rolodex
  mkdir "$WORLD/elsewhere"
  ln -s "$WORLD/bin/rhythm-get" "$WORLD/elsewhere/rhythm-get"
  PATH=$WORLD/elsewhere:/usr/local/bin:/usr/bin:/bin all_offer 'rhythm-get ro' rolodex
  PATH=/usr/local/bin:/usr/bin:/bin all_offer 'bin/rhythm-get ro' rolodex
  PATH=/usr/local/bin:/usr/bin:/bin all_offer 'rhythm-get ro'
}

# program_in DIRECTORY - installs the program that reads the catalogue there.
program_in() {
  mkdir -p "$1"
  local from=$TESTS/../lib
  [[ -z $PREFIX ]] || from=$PREFIX/lib/rhythm
  cp "$from/get/complete.awk" "$1/complete.awk"
}

@test "the catalogue's reader comes with the completion or the command on PATH, never from a typed path" {
  mkdir -p copy typed/bin typed/lib/get
  cp "${COMPLETION_BASH:-$TESTS/../completions/rhythm.bash}" copy/rhythm.bash
  cp "${COMPLETION_ZSH:-$TESTS/../completions/_rhythm}" copy/_rhythm
  cp "${COMPLETION_FISH:-$TESTS/../completions/rhythm.fish}" copy/rhythm.fish
  cp "$WORLD/bin/rhythm-get" typed/bin/rhythm-get
  cp "$WORLD/lib/get/catalogue.tsv" typed/lib/get/catalogue.tsv
  printf 'BEGIN { system("touch %s/ran") }\n' "$WORLD" >typed/lib/get/complete.awk
  all_offer 'typed/bin/rhythm-get ro' rolodex
  export COMPLETION_BASH=$WORLD/copy/rhythm.bash COMPLETION_ZSH=$WORLD/copy/_rhythm COMPLETION_FISH=$WORLD/copy/rhythm.fish
  export DRIVE_DUMP=$WORLD/zcompdump
  PATH=/usr/local/bin:/usr/bin:/bin all_offer 'typed/bin/rhythm-get ro'
  program_in "$WORLD/lib/get"
  all_offer 'typed/bin/rhythm-get ro' rolodex
  mkdir "$WORLD/lib/rhythm"
  mv "$WORLD/lib/get" "$WORLD/lib/rhythm/get"
  all_offer 'rhythm-get ro' rolodex
}

@test "completion works with the awk of busybox" {
  command -v busybox >/dev/null || skip 'there is no busybox'
  ln -s "$(command -v busybox)" "$WORLD/bin/awk"
  all_offer 'rhythm-get ' events rolodex system
  all_offer 'rhythm-get rolodex ' addressTypes/ contactRoles/ contacts/ sponsors/
  all_offer 'rhythm-get rolodex contacts/acme.org/' contacts/acme.org/{emailAddress/,portal/,search,'{id}'}
}

@test "a broken catalogue gives no messages and no hostile words, and the other one is read" {
  mkdir -p "$HOME/.local/share/rhythm"
  local user=$HOME/.local/share/rhythm/catalogue.tsv
  : >"$user"
  touch -d 2030-01-01 "$user"
  all_offer 'rhythm-get ' events rolodex system
  head -c 100000 /dev/urandom >"$user"
  all_offer 'rhythm-get ' events rolodex system
  {
    printf '# Rhythm API catalogue, format 2, 2030-01-01\ngood\tGET\tok/{tenantId}\tlist\tconfirmed\t-\n'
    printf 'good\tGET\t$(touch pwned)/x\tlist\tconfirmed\t-\ngood\tGET\tok/`touch pwned`\tlist\tconfirmed\t-\n'
    printf 'good\tGET\tok/\033[2J\tlist\tconfirmed\t-\ngood\tGET\tok/a b\tlist\tconfirmed\t-\ngood\tGET\n\t\t\t\t\n'
    printf '$(touch pwned)\tGET\tok\tlist\tconfirmed\t-\nBAD\tGET\tok\tlist\tconfirmed\t-\n;id\t-\t-\t-\tconfirmed\t-\n'
  } >"$user"
  all_offer 'rhythm-get ' good
  all_offer 'rhythm-get good ' ok/
  all_offer 'rhythm-get good ok/' 'ok/{tenantId}'
  [[ ! -e pwned ]]
  rm "$user"
  mkdir "$user"
  all_offer 'rhythm-get ro' rolodex
}

@test "completion works without HOME and with hostile words on the line" {
  (unset HOME; all_offer 'rhythm-get ro' rolodex; all_offer 'rhythm-get -p ')
  all_offer 'rhythm-get [a-z]* '
  all_offer 'rhythm-get rolodex .*/'
  all_offer 'rhythm-get "rol;touch pwned" '
  [[ ! -e pwned ]]
}

@test "unusual settings of bash do not matter" {
  local init
  for init in 'set -u' 'set -f' 'shopt -s nullglob' 'shopt -s failglob' 'IFS=:' 'set -o noclobber' 'shopt -s nocasematch' \
    'COMP_WORDBREAKS=${COMP_WORDBREAKS//=}; COMP_WORDBREAKS=${COMP_WORDBREAKS//@}'; do
    DRIVE_INIT=$init offers bash 'rhythm-get rolodex con' contactRoles/ contacts/
    DRIVE_INIT=$init becomes bash 'rhythm-token --format=s' 'rhythm-token --format=shell '
    DRIVE_INIT=$init becomes bash 'rhythm-get --data=@lib/get/c' 'rhythm-get --data=@lib/get/catalogue.tsv '
    touch "$HOME/.config/rhythm/default.conf"
    DRIVE_INIT=$init offers bash 'rhythm-get -p ' default
  done
}

@test "completion works in bash 3.2, which has no compopt" {
  local file=${COMPLETION_BASH:-$TESTS/../completions/rhythm.bash}
  export DRIVE_INIT='enable -n compopt; source "$COMPLETION_BASH"'
  becomes bash 'rhythm-get ro' 'rhythm-get rolodex '
  becomes bash 'rhythm-get rolodex addr' 'rhythm-get rolodex addressTypes/'
  becomes bash 'rhythm-get system queries/' 'rhythm-get system queries/\{tenantId\}/'
  becomes bash 'rhythm-get system queries/\{tenantId\}/d' 'rhythm-get system queries/\{tenantId\}/describe/'
  becomes bash 'rhythm-get rolodex contacts/acme.org/s' 'rhythm-get rolodex contacts/acme.org/search '
  becomes bash 'rhythm-get rolodex contacts/acme.org/c-17 fields==la' 'rhythm-get rolodex contacts/acme.org/c-17 fields==last_name'
  becomes bash 'rhythm-token --format=s' 'rhythm-token --format=shell '
  mkdir 'my files'
  becomes bash 'rhythm-get -o my' 'rhythm-get -o my\ files/'
  # The file uses nothing newer than bash 3.2: no associative arrays, name references, ${x,,}, mapfile ...
  is bash "$file" '' "$(grep -n -E -e '(declare|local|typeset) +-[a-zA-Z]*[Ang]' -e '\$\{[a-zA-Z_]+(\[[^]]*\])?(,|\^|@[A-Z])' \
    -e '\b(mapfile|readarray|coproc|wait -n)\b' -e '\[-[0-9]' -e '\$\{[a-zA-Z_@*]+: ?-?[0-9]+:-' -e '&>>|\|&|;;&|;&' -e '\[\[ -[vR] ' \
    -e 'printf -v "?[a-zA-Z_]+\[' -e '%\(' -e '\bshopt .*(globstar|lastpipe|inherit_errexit)' -e 'EPOCH|BASHPID|SRANDOM' "$file")"
}

@test "unusual settings of zsh and fish do not matter" {
  local init
  for init in 'setopt shwordsplit' 'setopt ksharrays' 'setopt nounset' 'setopt nullglob' 'setopt noglob' 'setopt shglob'; do
    DRIVE_INIT=$init offers zsh 'rhythm-get rolodex con' contactRoles/ contacts/
  done
  DRIVE_INIT="zstyle ':completion:*' matcher-list 'm:{a-z}={A-Z}'" becomes zsh 'rhythm-get rolodex contactr' 'rhythm-get rolodex contactRoles/'
  # Loaded twice, as when each command has a file.
  DRIVE_INIT='source $COMPLETION_FISH' offers fish 'rhythm-get rolodex con' contactRoles/ contacts/
}

@test "each shell loads its file by itself, for each command" {
  local dir=$WORLD/found name
  mkdir -p "$dir"
  program_in "$WORLD/lib/get"
  for name in rhythm-token rhythm-get rhythm-check; do
    cp "${COMPLETION_FISH:-$TESTS/../completions/rhythm.fish}" "$dir/$name.fish"
    is fish "$name" --profile "$(fish --no-config -c 'set fish_complete_path $argv[1]; complete -C "$argv[2] --prof"' "$dir" "$name" | cut -f 1)"
    is bash "$name" "complete -F _rhythm $name" \
      "$(bash --norc -c '. "$1"; complete -p "$2"' bash "${COMPLETION_BASH:-$TESTS/../completions/rhythm.bash}" "$name")"
  done
  # The three files of fish, all loaded, offer each word once.
  is fish all '3' "$(fish --no-config -c 'set fish_complete_path $argv[1]; complete -C "rhythm-token " >/dev/null; complete -C "rhythm-check " >/dev/null; complete -C "rhythm-get " | count' "$dir")"
}
