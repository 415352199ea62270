# The API catalogue: what comes with rhythm, the shell functions that read it, and update-catalogue.
# RHYTHM_PREFIX names an installed tree to test, else it is the source tree.
# shellcheck disable=SC2016,SC2317,SC2329,SC2013,SC2034 # for other shells, which run what a case gives them

load ../helper

SHELLS='dash|bash|busybox ash|mksh|yash|zsh --emulate sh'
# Which catalogue is used.
WHICH='catalogue_open; printf "%s\n" "$catalogue_used"'

setup() {
  common_setup
  unset XDG_CONFIG_HOME XDG_CACHE_HOME XDG_STATE_HOME
  WORLD=$BATS_TEST_TMPDIR/world
  mkdir "$WORLD"
  LIB=$TOP/lib UPDATE=$TOP/scripts/update-catalogue
  if [[ -n $TESTED_PREFIX ]]; then LIB=$TESTED_PREFIX/lib/rhythm UPDATE=$TESTED_PREFIX/lib/rhythm/update-catalogue; fi
  LIB=$LIB/get
  SHIPPED=$LIB/catalogue.tsv
  USERS=$HOME/.local/share/rhythm/catalogue.tsv
  SMALL=$TESTS/completions/catalogue.tsv
  KEPT=$TESTS/upgrade/1.0.0/home/.local/share/rhythm/catalogue.tsv # as 1.0.0 wrote it
  cd "$WORLD" || return
}

# is WHAT WANTED GOT
is() {
  if [[ $2 != "$3" ]]; then
    printf '%s\nwanted:\n%s\ngot:\n%s\n' "$1" "$2" "$3" >&2
    return 1
  fi
}

# in_every_shell STATUS CODE CHECK - sources catalogue.sh and runs CODE in each installed shell; then asserts what the function
# CHECK does.
in_every_shell() {
  local shell IFS='|'
  for shell in $SHELLS; do
    IFS=' '
    command -v "${shell%% *}" >/dev/null || continue
    # shellcheck disable=SC2086 # a program and its arguments
    expect "$1" $shell -c 'set -eu; catalogue_lib=$1; . "$catalogue_lib/catalogue.sh"; '"$2" sh "${LIB_USED:-$LIB}" || return
    "$3" || { printf 'under %s\n' "$shell" >&2; return 1; }
  done
}

# lists STATUS WORDS CHECK [CODE] - the same for what rhythm-get --list does with WORDS.
lists() { in_every_shell "$1" "lib=\${1%/get}; . \"\$lib/get/list.sh\"; ${4-} catalogue_list $2" "$3"; }

# small - replaces the shipped catalogue by our own.
small() {
  mkdir -p "$WORLD/lib/get"
  cp "$LIB/catalogue.sh" "$LIB/list.sh" "$WORLD/lib/get/"
  cp "$SMALL" "$WORLD/lib/get/catalogue.tsv"
  cp "$UPDATE" "$WORLD/lib/"
  LIB_USED=$WORLD/lib/get
}

# --- the file ----------------------------------------------------------------------------------------------------------

@test "the shipped catalogue has all services, sorted, and nothing but rows" {
  local kind
  is services "$(printf '%s\n' accreditation awards careers certifications collect commerce committees events fundraising \
    membership platform rolodex sponsorship submissions system)" "$(grep -v '^#' "$SHIPPED" | cut -f 1 | uniq)"
  is sorted "$(grep -v '^#' "$SHIPPED" | sort -u -t $'\t' -k 1,1 -k 3,3 -k 2,2)" "$(grep -v '^#' "$SHIPPED")"
  is 'bad rows' '' "$(grep -v '^#' "$SHIPPED" | grep -v -P '^[a-z]+\t(-|GET|POST|PUT|PATCH|DELETE)\t(-|[A-Za-z0-9{}]+(/[A-Za-z0-9{}_]+)*)\t(-|[a-z-]+)\t(confirmed|derived)\t[A-Za-z0-9_.:?,-]+$')"
  is 'rows of no service or resource' '' "$(grep -v '^#' "$SHIPPED" | awk -F '\t' '
    { first = $3; sub(/\/.*/, "", first) }
    $2 == "-" { has[$1, first] = 1; next }
    !(($1, "-") in has) || !(($1, first) in has)')"
  # Every kind is explained in the head.
  for kind in $(grep -v '^#' "$SHIPPED" | cut -f 4 | sort -u); do
    grep -q -E "^# .*[ ]$kind( |,|;|\$)" "$SHIPPED" || { echo "$kind is not explained" >&2; return 1; }
  done
}

@test "each resource is listed as its calls allow, and no route contradicts its kind" {
  is contradictions '' "$(grep -v '^#' "$SHIPPED" | awk -F '\t' '
    $2 == "-" && $3 != "-" { how[$1 "\t" $3] = $4 }
    { n = split($3, part, "/"); key = $1 "\t" part[1] }
    $2 == "GET" && n == 2 && $4 ~ /^list/ { list[key] = 1 }
    $4 == "search" { search[key] = 1 }
    $4 == "child" { parent[key] = 1 }
    $4 == "get" { id[key] = 1 }
    END {
      for (key in how) {
        is = key in list ? "list" : key in search ? "search" : key in parent ? "parent" : how[key] == "singleton" ? "singleton" : \
          key in id ? "id" : "-"
        if (is != how[key]) print key, how[key], is
      }
    }')"
  # Some, as the reference describes them.
  check() {
    out_is 'search POST contacts/{tenantId}/search' 'list GET addressTypes/{tenantId}' \
      'parent GET sponsors/{tenantId}/event/{event_id}' 'id GET statistics/{tenantId}/{id}' \
      'search POST applications/{tenantId}/search' 'list GET applications/{tenantId}' && err_empty
  }
  in_every_shell 0 'while read -r s r; do catalogue_listing "$s" "$r"; done <<LIST
rolodex contacts
rolodex addressTypes
events sponsors
rolodex statistics
membership applications
certifications applications
LIST
' check
  check() { out_is types && err_empty; }
  in_every_shell 0 'for s in committees events membership submissions; do catalogue_listing $s types; done | sed "s/.* \(types\).*/\1/" | sort -u' check
}

# --- the functions -----------------------------------------------------------------------------------------------------

@test "the services are those of the catalogue" {
  small
  check() { out_is events rolodex system && err_empty; }
  in_every_shell 0 catalogue_services check
  check() { out_is 0 1 1 && err_empty; }
  in_every_shell 0 's=0; for n in rolodex rolo ""; do s=0; catalogue_has_service "$n" || s=$?; echo $s; done' check
}

@test "a list is complete only if its row says so" {
  check() { out_is records 0 1 1 && err_empty; }
  in_every_shell 0 'for n in rolodex system nonsense; do s=0; catalogue_complete "$n" || s=$?; echo $s; done' check
  small
  check() { out_empty && err_empty; }
  in_every_shell 1 'catalogue_complete events' check
}

@test "the catalogue knows how a resource is listed" {
  small
  check() {
    out_is 'list GET addressTypes/{tenantId}' '- - -' 'search POST contacts/{tenantId}/search' \
      'parent GET sponsors/{tenantId}/event/{event_id}' && err_empty
  }
  in_every_shell 0 'for r in addressTypes contactRoles contacts sponsors; do catalogue_listing rolodex $r; done' check
  check() { out_empty && err_empty; }
  in_every_shell 1 'catalogue_listing rolodex nonsense' check
  in_every_shell 1 'catalogue_listing events contacts' check
}

@test "the catalogue knows which calls only read" {
  small
  check() { out_is 'yes yes yes yes yes no no no no no' && err_empty; }
  in_every_shell 0 'while read -r service method path; do
      if catalogue_reads "$service" "$path" "$method"; then echo yes; else echo no; fi
    done <<CALLS | paste -s -d " " -
rolodex GET contacts/current
unknown HEAD what/ever
rolodex POST contacts/acme.org/search?exclusiveStartKey=x
system POST queries/acme.org/start/rolodex:contacts/csv
system POST /queries/{tenantId}/start/{queryType}/{outputFormat}/
rolodex POST contacts/acme.org
rolodex POST contacts/acme.org/portal/search@example.org
system POST queries/acme.org/stop/rolodex:contacts/csv
rolodex DELETE contacts/acme.org/search
rolodex PATCH contacts/acme.org/c-17
CALLS
' check
}

@test "the nearest names are found, at most three" {
  check() { out_is rolodex && err_empty; }
  in_every_shell 0 'catalogue_nearest rolodx' check
  in_every_shell 0 'catalogue_nearest oRlodex' check
  in_every_shell 0 'catalogue_nearest rlodx' check # as many letters away as a word of this length may be
  in_every_shell 0 'catalogue_nearest rol' check
  check() { out_is commerce committees && err_empty; }
  in_every_shell 0 'catalogue_nearest comm' check
  check() { out_is careers certifications collect && err_empty; }
  in_every_shell 0 'catalogue_nearest c' check
  check() { out_empty && err_empty; }
  in_every_shell 1 'catalogue_nearest zzzzzzz' check
  in_every_shell 1 'catalogue_nearest ""' check
  check() { out_is contacts && err_empty; }
  in_every_shell 0 'catalogue_nearest_resource rolodex contcats' check
  check() { out_empty && err_empty; }
  in_every_shell 1 'catalogue_nearest_resource events contcats' check
}

@test "the nearest paths correct words and placeholders and keep values" {
  check() { out_is 'contacts/acme.org/search' && err_empty; }
  in_every_shell 0 'catalogue_nearest_path rolodex contcats/acme.org/serach POST' check
  check() { out_is 'courses/{tenantId}' 'coupons/{tenantId}' && err_empty; }
  in_every_shell 0 'catalogue_nearest_path certifications "coursns/{tenantId}"' check
  check() { out_is 'contacts/{tenantId}/{id}' 'contacts/{tenantId}/search' && err_empty; }
  in_every_shell 0 'catalogue_nearest_path rolodex "/contacts/{tenantid}/{ID}?fields=id" | head -n 1; catalogue_nearest_path rolodex "Contacts/{tenantid}/searchh" POST' check
  # A known path is its own nearest.
  check() { out_is 'contacts/acme.org/serach' 'contacts/acme.org/search' && err_empty; }
  in_every_shell 0 'catalogue_nearest_path rolodex contacts/acme.org/serach' check
  check() { out_empty && err_empty; }
  in_every_shell 1 'catalogue_nearest_path rolodex nonsense/acme.org/search' check
  in_every_shell 1 'catalogue_nearest_path rolodex contcats' check
  in_every_shell 1 'catalogue_nearest_path rolodex contacts//search' check
}

@test "the hint for a refused call says what may be wrong" {
  small
  check() {
    out_is 'to list contacts, call POST contacts/{tenantId}/search' \
      'to list sponsors, call GET sponsors/{tenantId}/event/{event_id}' \
      'the catalogue has no "contcats" in rolodex; nearest: contacts' \
      'the catalogue has no "queries" in rolodex; it is in system' \
      'the catalogue has no "?[2J" in rolodex; to see what it has, run rhythm-get --list rolodex' \
      'the catalogue has this path with POST, not with GET' \
      'the catalogue has this path with GET, PATCH, DELETE, not with POST; nearest: POST contacts/acme.org/search' \
      'the catalogue has no such path in rolodex; nearest: contacts/acme.org/emailAddress/a@b' \
      nothing nothing nothing nothing && err_empty
  }
  in_every_shell 0 'while read -r method service path; do catalogue_hint "$service" "$path" "$method" || echo nothing; done <<CALLS
GET rolodex contacts/acme.org
GET rolodex /sponsors/
GET rolodex contcats/acme.org/c-17
GET rolodex queries/acme.org
GET rolodex $(printf "\033[2J")
GET rolodex contacts/acme.org/search?x=1
POST rolodex contacts/acme.org/serach
GET rolodex contacts/acme.org/emailAdress/a@b
GET rolodex contacts/acme.org/c-17
GET rolodex contactRoles/acme.org/what/ever
GET nonsense contacts/acme.org
GET rolodex addressTypes/acme.org
CALLS
' check
}

@test "--list alone shows the services" {
  small
  check() { out_is $'events\t0\t0\tconfirmed\tpart' $'rolodex\t4\t11\tconfirmed\trecords' $'system\t1\t2\tconfirmed\tpart' && err_empty; }
  lists 0 '' check
}

@test "--list of a service says how each resource is listed" {
  small
  check() {
    out_is $'addressTypes\tGET\taddressTypes/{tenantId}\tlist-array\t1\tconfirmed\tlist' \
      $'contactRoles\t-\t-\t-\t0\tderived\t-' $'contacts\tPOST\tcontacts/{tenantId}/search\tsearch\t8\tconfirmed\tsearch' \
      $'sponsors\tGET\tsponsors/{tenantId}/event/{event_id}\tchild\t2\tconfirmed\tparent' && err_empty
  }
  lists 0 rolodex check
}

@test "--list of a resource shows operations, parameters, fields and the reference page" {
  small
  local page=https://docs.api.rhythmsoftware.com/apis/rolodex/rolodex-v1
  check() {
    out_is $'GET\taddressTypes/{tenantId}\tlist-array\tconfirmed\t-' $'field\tname\tstring\tconfirmed\t-' \
      $'field\tid\tstring\tconfirmed\t-' $'field\tsys_version\tnumber\tconfirmed\t-' \
      $'field\tsys_locked\tboolean\tderived\t-' $'field\t...\t-\t-\t-' "page"$'\t'"$page/address-types"$'\t-\tderived\t-' && err_empty
  }
  lists 0 'rolodex addressTypes' check
  lists 0 'rolodex addressTypes/' check
  check() { out_is $'-\tcontactRoles\t-\tderived\t-' "page"$'\t'"$page/contact-roles"$'\t-\tderived\t-' && err_empty; }
  lists 0 'rolodex contactRoles' check
  check() {
    out_is $'GET\tsponsors/{tenantId}/event/{event_id}\tchild\tconfirmed\texclusiveStartKey?' \
      $'GET\tsponsors/{tenantId}/{id}\tget\tconfirmed\tfields?' $'field\tid\tstring\tconfirmed\t-' \
      $'field\tsys_version\tnumber\tconfirmed\t-' $'field\tsys_locked\tboolean\tderived\t-' \
      "page"$'\t'"$page/sponsors"$'\t-\tderived\t-' && err_empty
  }
  lists 0 'rolodex sponsors' check
}

@test "--list on a terminal is a table with headings, and a note explains derived" {
  small
  cat >"$WORLD/list" <<'SH'
lib=${1%/get}; quiet=$2; shift 2; . "$lib/get/list.sh"; catalogue_list "$@"
SH
  # on_terminal QUIET WORDS... - standard output is a terminal, and standard error goes to the file `note`.
  on_terminal() {
    expect 0 zsh -f -c 'zmodload zsh/zpty; zpty t "dash ${(j: :)${(@qq)argv}} 2>${(qq)0}"; while zpty -r t line; do print -rn -- ${line//$'"'\r'"'/}; done' \
      "$WORLD/note" "$WORLD/list" "$LIB_USED" "$@"
  }
  on_terminal '' rolodex
  out_is 'RESOURCE      METHOD  LISTED BY                             KIND        CALLS  STATE      HOW LISTED' \
         'addressTypes  GET     addressTypes/{tenantId}               list-array  1      confirmed  list' \
         'contactRoles  -       -                                     -           0      derived    -' \
         'contacts      POST    contacts/{tenantId}/search            search      8      confirmed  search' \
         'sponsors      GET     sponsors/{tenantId}/event/{event_id}  child       2      confirmed  parent'
  grep -q '^rhythm-get: note: what is marked "derived" .*; for the complete list .*run .*/lib/update-catalogue$' "$WORLD/note"
  on_terminal '' rolodex addressTypes
  out_is 'METHOD  PATH                     KIND        STATE      QUERY PARAMETERS' \
         'GET     addressTypes/{tenantId}  list-array  confirmed  -' \
         '' \
         'FIELD        TYPE     STATE' \
         'name         string   confirmed' \
         'id           string   confirmed' \
         'sys_version  number   confirmed' \
         'sys_locked   boolean  derived' \
         '...          -        -' \
         '' \
         'reference: https://docs.api.rhythmsoftware.com/apis/rolodex/rolodex-v1/address-types'
  on_terminal ''
  out_is 'SERVICE  RESOURCES  CALLS  STATE      COVERAGE' \
         'events   0          0      confirmed  part' \
         'rolodex  4          11     confirmed  records' \
         'system   1          2      confirmed  part'
  on_terminal yes
  is note '' "$(<"$WORLD/note")"
}

@test "--list of an unknown name is 64, with the nearest" {
  check() { out_empty && err_is 'rhythm-get: no service "rolodx"; nearest: rolodex'; }
  lists 64 rolodx check
  check() { out_empty && err_is 'rhythm-get: no rolodex resource "contcts"; nearest: contacts'; }
  lists 64 'rolodex contcts' check
  small
  check() { out_empty && err_is 'rhythm-check: no service "?[2Jx"; the services are: events, rolodex, system'; }
  lists 64 '"$(printf "\033[2Jx")"' check 'catalogue_program=rhythm-check;'
  check() { out_empty && err_is 'rhythm-get: --list takes SERVICE and RESOURCE, not 3 words; see rhythm-get --help'; }
  lists 64 'rolodex contacts x' check
}

@test "the catalogue knows the methods of a path" {
  small
  check() { out_is GET PATCH DELETE && err_empty; }
  in_every_shell 0 'catalogue_method rolodex contacts/acme.org/c-17' check
  in_every_shell 0 'catalogue_method rolodex "/contacts/{tenantId}/{id}/?fields=a"' check
  check() { out_is POST && err_empty; }
  in_every_shell 0 'catalogue_method rolodex contacts/acme.org/search' check
  check() { out_empty && err_empty; }
  in_every_shell 1 'catalogue_method rolodex contacts/acme.org/x/y/z' check
  in_every_shell 1 'catalogue_method rolodex contactRoles' check
}

@test "a path's own words win over placeholders" {
  small
  check() { out_is GET && err_empty; }
  in_every_shell 0 'catalogue_method rolodex contacts/current' check
  check() { out_is GET PATCH DELETE && err_empty; }
  in_every_shell 0 'catalogue_method rolodex "contacts/acme.org/c|17%20x"' check
  check() { out_empty && err_empty; }
  in_every_shell 1 'catalogue_method rolodex contacts//x' check
  in_every_shell 1 'catalogue_method events contacts/current' check
}

# users DATE [ROW] - writes the user's own catalogue.
users() { printf '# Rhythm API catalogue, format 2, %s\n%s\n' "$1" "${2-$'a\tGET\tb\tlist\tconfirmed\t-'}" >"$USERS"; }

@test "the newer catalogue is used, and the user's if both have one date" {
  mkdir -p "${USERS%/*}"
  small
  check() { out_is "$USERS" && err_empty; }
  users 2026-01-03
  in_every_shell 0 "$WHICH" check
  users 2026-01-02
  in_every_shell 0 "$WHICH" check
  check() { out_is "$LIB_USED/catalogue.tsv" && err_empty; }
  in_every_shell 0 "unset HOME; $WHICH" check
  in_every_shell 0 "XDG_DATA_HOME=/nonexistent; $WHICH" check
  users 2026-01-01
  in_every_shell 0 "$WHICH" check
}

@test "a catalogue in another format is named, not used and not changed" {
  mkdir -p "${USERS%/*}"
  small
  local why file
  # The first is as update-catalogue of 1.0 wrote it.
  for file in "$KEPT" "$WORLD/newer" "$WORLD/other" "$WORLD/empty" "$WORLD/binary"; do
    case $file in
      "$KEPT") why='it was written for rhythm 1.0, in format 1' ;;
      */newer)
        why='it has format 3, but this rhythm reads format 2'
        printf '# Rhythm API catalogue, format 3, 2030-01-01\na\tGET\tb\tlist\tconfirmed\t-\n' >"$file" ;;
      *)
        why='it is not an API catalogue'
        case $file in
          */other) printf '<html>\n' ;;
          */binary) head -c 100000 /dev/urandom ;;
          */empty) ;;
        esac >"$file" ;;
    esac
    cat "$file" >"$USERS" # a copy of a read-only file would be one
    check() {
      out_is "$LIB_USED/catalogue.tsv" events rolodex system &&
        err_is "rhythm-get: warning: $USERS is ignored: $why; to write a new one, run $WORLD/lib/update-catalogue"
    }
    in_every_shell 0 "$WHICH; catalogue_services" check
    cmp "$file" "$USERS"
  done
}

@test "a broken catalogue of the user's is named and ignored" {
  mkdir -p "${USERS%/*}"
  small
  local line
  for line in $'a\tGET\tb' $'a\tGET\tb\tlist\tconfirmed' $'a\tGET\tb\tlist\tconfirmed\t-\tx' $'A\tGET\tb\tlist\tconfirmed\t-' \
    $'a\tget\tb\tlist\tconfirmed\t-' $'a\tGET\t../b\tlist\tconfirmed\t-' $'a\tGET\tb//c\tlist\tconfirmed\t-' \
    $'a\tGET\tb\033[2J\tlist\tconfirmed\t-' $'a\tGET\t/b\tlist\tconfirmed\t-' $'a\tGET\tb\tlist\tmaybe\t-' \
    $'a\tGET\tb\tlist\tconfirmed\t' $'a\tGET\tb\tlist\tconfirmed\t$(id)' $'<html>'; do
    users 2030-01-01 $'a\tGET\tb\tlist\tconfirmed\t-\n'"$line"
    check() {
      out_is "$LIB_USED/catalogue.tsv" &&
        err_is "rhythm-get: warning: $USERS is ignored: line 3 is not a catalogue row; to write a new one, run $WORLD/lib/update-catalogue"
    }
    # One awk program does this for all shells: the first shell is enough.
    SHELLS='sh' in_every_shell 0 "$WHICH" check
  done
  users 2030-01-01 '# no row'
  check() {
    out_is events rolodex system &&
      err_is "rhythm-get: warning: $USERS is ignored: line 3 is not a catalogue row; to write a new one, run $WORLD/lib/update-catalogue"
  }
  in_every_shell 0 catalogue_services check
  chmod u+w "$LIB_USED/catalogue.tsv"
  : >"$LIB_USED/catalogue.tsv"
  rm "$USERS"
  check() { out_empty && err_is "rhythm-get: no API catalogue in $LIB_USED; install rhythm again"; }
  in_every_shell 65 catalogue_services check
}

# --- update-catalogue --------------------------------------------------------------------------------------------------

# rolodex_rows - prints the rows of our own OpenAPI description.
rolodex_rows() {
  printf 'rolodex\t%s\t%s\t%s\tconfirmed\t%s\n' \
    - - all - \
    - addressTypes list id:string,name:string \
    GET 'addressTypes/{tenantId}' list-array - \
    - contactDirectories list id:string,email_address:string \
    GET 'contactDirectories/{tenantId}' list-envelope - \
    - contactRoles list id:string,email_address:string \
    GET 'contactRoles/{tenantId}' list-envelope - \
    - contacts search id:string,email_address:string \
    GET contacts/current current - \
    POST 'contacts/{tenantId}' create - \
    POST 'contacts/{tenantId}/batch' batch - \
    GET 'contacts/{tenantId}/emailAddress/{emailAddress}' lookup - \
    GET 'contacts/{tenantId}/organization/{organization_id}' child - \
    POST 'contacts/{tenantId}/portal/{emailAddress}' action - \
    POST 'contacts/{tenantId}/search' search - \
    DELETE 'contacts/{tenantId}/{id}' delete - \
    GET 'contacts/{tenantId}/{id}' get - \
    PATCH 'contacts/{tenantId}/{id}' update - \
    PUT 'contacts/{tenantId}/{id}' replace - \
    - phoneNumberTypes list - \
    GET 'phoneNumberTypes/{tenantId}' list - \
    - regionConfigurations singleton id:string,name:string \
    DELETE 'regionConfigurations/{tenantId}' delete - \
    GET 'regionConfigurations/{tenantId}' singleton -
}

# event_rows - prints the rows of our OpenAPI 3.1 description.
event_rows() {
  printf 'events\t%s\t%s\t%s\tconfirmed\t%s\n' \
    - - all - \
    - events search id:string,sys_created_at:date-time,sys_version:number,capacity:integer,open:boolean \
    POST 'events/{tenantId}/search' search exclusiveStartKey,fieldsToReturn \
    - sponsors parent id:string,sys_created_at:date-time,sys_version:number,name:string,until:-,booths:json,address:json,parent:json \
    POST 'sponsors/{tenantId}' create - \
    GET 'sponsors/{tenantId}/event/{event_id}' list-envelope exclusiveStartKey \
    DELETE 'sponsors/{tenantId}/{id}' delete - \
    GET 'sponsors/{tenantId}/{id}' get consistentRead,fields \
    PATCH 'sponsors/{tenantId}/{id}' update - \
    PUT 'sponsors/{tenantId}/{id}' replace - \
    - statistics id - \
    GET 'statistics/{tenantId}/{id}' get - \
    - venues list id:string,next:- \
    GET 'venues/{tenantId}' list-array -
}

# updated - the user's catalogue has the rows of rolodex_rows, all others are unchanged, and it is valid, private and alone.
updated() {
  is rolodex "$(rolodex_rows)" "$(grep -P '^rolodex\t' "$USERS")" &&
    is others "$(grep -v -P '^(#|rolodex\t)' "$SHIPPED")" "$(grep -v -P '^(#|rolodex\t)' "$USERS")" &&
    is date "# Rhythm API catalogue, format 2, $(date -u +%Y-%m-%d)" "$(sed -n 1p "$USERS")" &&
    is modes '700 600' "$(stat -c %a "${USERS%/*}") $(stat -c %a "$USERS")" &&
    is 'left over' catalogue.tsv "$(ls -A "${USERS%/*}")" && is 'left over' '' "$(ls -A "$TMPDIR")"
}

@test "update-catalogue reads a directory, in every shell" {
  local shell missing='' IFS='|'
  for shell in $SHELLS; do
    command -v "${shell%% *}" >/dev/null || { missing+=" ${shell%% *}"; continue; }
    rm -rf "$HOME/.local"
    IFS=' '
    # shellcheck disable=SC2086
    expect 0 $shell "$UPDATE" --from "$TESTS/catalogue/openapi" rolodex
    out_empty
    err_is "update-catalogue: $USERS: 1 of 1 services read, $(grep -c '^[^#]' "$USERS") rows"
    updated
  done
  expect 0 "$UPDATE" -q "--from=file://$TESTS/catalogue/openapi" rolodex
  err_empty
  updated
  # Reported once, for all cases.
  [[ -z $missing ]] || skip "passed, but not under these, which are not here:$missing"
}

@test "services without a description keep their rows, with a message" {
  expect 69 "$UPDATE" --from "$TESTS/catalogue/openapi"
  is 'lines on stderr' 15 "$(grep -c '' "$ERR")"
  err_has "update-catalogue: $TESTS/catalogue/openapi/events-v1.json: not a readable file"
  err_has "update-catalogue: $USERS: 1 of 15 services read, [0-9]+ rows; the other services keep their old rows"
  updated
}

# refuses STATUS MESSAGE - rolodex-v1.json in $WORLD/from is refused, and the old catalogue is unchanged.
refuses() {
  local before
  before=$(md5sum <"$USERS")
  expect "$1" "$UPDATE" --from "$WORLD/from" rolodex || return
  out_empty && err_is "update-catalogue: $WORLD/from/rolodex-v1.json: $2" && is before "$before" "$(md5sum <"$USERS")" &&
    is 'left over' catalogue.tsv "$(ls -A "${USERS%/*}")" && is 'left over' '' "$(ls -A "$TMPDIR")"
}

# description TEXT - writes $WORLD/from/rolodex-v1.json.
description() { printf '%s' "$1" >"$WORLD/from/rolodex-v1.json"; }

@test "half-downloaded, empty, absurd and hostile descriptions leave the old catalogue alone" {
  mkdir "$WORLD/from"
  expect 0 "$UPDATE" -q --from "$TESTS/catalogue/openapi" rolodex
  local whole=$TESTS/catalogue/openapi/rolodex/rolodex-v1.json part
  description ''; refuses 65 empty
  description '
  <!DOCTYPE html><html></html>'; refuses 65 'a web page (HTML), not an OpenAPI description'
  for part in 1 10 100 1000 3000; do
    head -c "$part" "$whole" >"$WORLD/from/rolodex-v1.json"
    expect 65 "$UPDATE" --from "$WORLD/from" rolodex
    err_matches "update-catalogue: $WORLD/from/rolodex-v1.json: not JSON, or incomplete: .*"
    updated
  done
  cat "$whole" "$whole" >"$WORLD/from/rolodex-v1.json"; refuses 65 'contains 2 JSON documents, not one'
  local none='not an OpenAPI description: no object with "paths"'
  description '[]'; refuses 65 "$none"
  description '"paths"'; refuses 65 "$none"
  description '{"paths":[1]}'; refuses 65 "$none"
  description '{"paths":{}}'; refuses 65 'describes no paths'
  description '{"paths":{"/a":{"parameters":[]}}}'; refuses 65 'describes no methods'
  description '{"paths":{"/a":"x"}}'; refuses 65 '/a: not an object'
  jq -n '{paths: [range(2001) | {key: "/r\(.)", value: {get: {}}}] | from_entries}' >"$WORLD/from/rolodex-v1.json"
  refuses 65 'describes 2001 paths, and at most 2000 are plausible'
  local odd='a path contains unexpected characters:'
  description '{"paths":{"/a/$(touch pwned)":{"get":{}}}}'; refuses 65 "$odd \"/a/\$(touch pwned)\""
  description '{"paths":{"/a/../b":{"get":{}}}}'; refuses 65 "$odd \"/a/../b\""
  description '{"paths":{"/a\u001b[2Jb":{"get":{}}}}'; refuses 65 "$odd \"/a\\u001b[2Jb\""
  description '{"paths":{"/a\n":{"get":{}}}}'; refuses 65 "$odd \"/a\\n\""
  description '{"paths":{"/a\tb":{"get":{}}}}'; refuses 65 "$odd \"/a\\tb\""
  description '{"paths":{"//evil.example/x":{"get":{}}}}'; refuses 65 "$odd \"//evil.example/x\""
  truncate -s 200M "$WORLD/from/rolodex-v1.json"; refuses 65 'larger than 16 MiB, not read'
  head -c 16777217 /dev/zero >"$WORLD/from/rolodex-v1.json"; refuses 65 'larger than 16 MiB, not read'
  rm "$WORLD/from/rolodex-v1.json"; refuses 69 'not a readable file'
  mkfifo "$WORLD/from/rolodex-v1.json"; refuses 69 'not a readable file'
  [[ ! -e pwned ]]
}

@test "a schema that refers to itself comes to an end" {
  mkdir "$WORLD/from"
  description '{"paths":{"/a/{tenantId}":{"get":{"responses":{"200":{"$ref":"#/components/responses/A"}}}}},
    "components":{"responses":{"A":{"$ref":"#/components/responses/A"}}}}'
  expect 0 "$UPDATE" -q --from "$WORLD/from" rolodex
  is rows $'rolodex\t-\t-\tall\tconfirmed\t-\nrolodex\t-\ta\tlist\tconfirmed\t-\nrolodex\tGET\ta/{tenantId}\tlist\tconfirmed\t-' \
    "$(grep -P '^rolodex\t' "$USERS")"
  description '{"paths":{"/a/{tenantId}":{"get":{"responses":{"200":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/A"}}}}}}}},
    "components":{"schemas":{"A":{"allOf":[{"$ref":"#/components/schemas/A"},{"$ref":"#/components/schemas/A"},{"$ref":"#/components/schemas/A"}],
      "properties":{"id":{"$ref":"#/components/schemas/A"}}}}}}'
  expect 0 "$UPDATE" -q --from "$WORLD/from" rolodex
  is rows $'rolodex\t-\ta\tsingleton\tconfirmed\tid:json' "$(grep -P '^rolodex\t-\ta\t' "$USERS")"
}

# yaml_readers READER - leaves only this one of yq, python3 and ruby in $WORLD/tools.
yaml_readers() {
  if [[ ! -e $WORLD/tools ]]; then
    mkdir "$WORLD/tools"
    ln -s /usr/bin/* "$WORLD/tools"
    [[ /bin -ef /usr/bin ]] || ln -s /bin/* "$WORLD/tools" 2>/dev/null || :
  fi
  rm -f "$WORLD"/tools/{yq,python3,ruby}*
  [[ -z $1 ]] || ln -s "/usr/bin/$1" "$WORLD/tools/$1"
}

@test "OpenAPI 3.1 in YAML is read by yq, python3 or ruby: references, allOf, lists of types" {
  local reader missing=''
  for reader in yq python3 ruby; do
    if ! command -v "/usr/bin/$reader" >/dev/null || [[ $reader == python3 ]] && ! /usr/bin/python3 -c 'import yaml' 2>/dev/null; then
      missing+=" $reader"
      continue
    fi
    rm -rf "$HOME/.local"
    yaml_readers "$reader"
    expect 0 env PATH="$WORLD/tools" "$UPDATE" --from "$TESTS/catalogue/openapi-3.1" events
    err_matches "update-catalogue: $USERS: 1 of 1 services read, [0-9]+ rows"
    is "events by $reader" "$(event_rows)" "$(grep -P '^events\t' "$USERS")"
    mkdir -p "$WORLD/from"
    printf 'paths: {"/a": [\n' >"$WORLD/from/events-v1.yaml"
    expect 65 env PATH="$WORLD/tools" "$UPDATE" --from "$WORLD/from" events
    err_is "update-catalogue: $WORLD/from/events-v1.yaml: not YAML, or incomplete ($reader cannot read it)"
    is "events by $reader" "$(event_rows)" "$(grep -P '^events\t' "$USERS")"
    # A few lines of aliases that expand to gigabytes. ruby takes ten seconds to notice.
    [[ $reader != ruby ]] || continue
    {
      printf 'a0: &a0 [%s]\n' "$(printf 'x,%.0s' {1..10})"
      for i in {1..9}; do printf "a$i: &a$i [%s]\n" "$(printf "*a$((i - 1)),%.0s" {1..10})"; done
      printf 'paths: *a9\n'
    } >"$WORLD/from/events-v1.yaml"
    expect 65 env PATH="$WORLD/tools" "$UPDATE" --from "$WORLD/from" events
    err_matches "update-catalogue: $WORLD/from/events-v1.yaml: (as JSON larger than 32 MiB, not read|not YAML, .*)"
  done
  [[ -z $missing ]] || skip "passed, but not by these, which are not here:$missing"
}

@test "YAML without a program to read it is 69, with what to install" {
  yaml_readers ''
  expect 69 env PATH="$WORLD/tools" "$UPDATE" --from "$TESTS/catalogue/openapi-3.1" events
  out_empty
  err_is "update-catalogue: $TESTS/catalogue/openapi-3.1/events/events-v1.yaml: reading YAML needs yq, python3 with its yaml module, or ruby; install one of them"
  absent "$USERS"
}

@test "a small description whose references multiply ends at a limit of CPU time" {
  mkdir "$WORLD/from" "$WORLD/limited"
  jq -n '{"$ref": "#/components/schemas/A"} as $a | {openapi: "3.0.3",
    paths: {"/things/{tenantId}": {get: {responses: {"200": {content: {"application/json": {schema: $a}}}}}}},
    components: {schemas: {A: {allOf: [range(200) | $a]}}}}' >"$WORLD/from/events-v1.json"
  expect 65 prlimit --cpu=2 "$UPDATE" --from "$WORLD/from" events
  err_is "update-catalogue: $WORLD/from/events-v1.json: jq was killed while reading it, by the limit of 120 s or for lack of memory"
  absent "$USERS"
  printf '#!/bin/sh\nulimit -t >>"%s"\nexec "%s" "$@"\n' "$WORLD/limits" "$(command -v jq)" >"$WORLD/limited/jq"
  chmod +x "$WORLD/limited/jq"
  expect 0 env PATH="$WORLD/limited:$PATH" "$UPDATE" -q --from "$TESTS/catalogue/openapi" rolodex
  lines_are "$WORLD/limits" 120
}

@test "a description of five megabytes is read" {
  mkdir "$WORLD/from"
  jq -n '{openapi: "3.0.3", paths: [range(60) | "R\(.)" as $r
      | {responses: {"200": {content: {"application/json": {schema: {"$ref": "#/components/schemas/\($r)"}}}}}} as $one
      | {"/r\(.)/{tenantId}/search": {post: $one}, "/r\(.)/{tenantId}/{id}": {get: $one, put: $one, patch: $one, delete: {}}}] | add,
    components: {schemas: ([range(60) | {"R\(.)": {allOf: [{"$ref": "#/components/schemas/Record"},
      {properties: ([range(120) | {"field_\(.)": {type: "string", description: ("d" * 600)}}] | add)}]}}] | add + {Record: {properties: {id: {type: "string"}}}})}}' \
    >"$WORLD/from/events-v1.json"
  (($(wc -c <"$WORLD/from/events-v1.json") > 4500000))
  expect 0 "$UPDATE" -q --from "$WORLD/from" events
  is rows 361 "$(grep -c -P '^events\t' "$USERS")"
  is fields 121 "$(grep -P '^events\t-\tr59\t' "$USERS" | cut -f 6 | tr , '\n' | grep -c :)"
}

@test "update-catalogue moves a catalogue in another format aside" {
  mkdir -p "${USERS%/*}"
  cp "$KEPT" "$USERS"
  expect 0 "$UPDATE" --from "$TESTS/catalogue/openapi" rolodex
  err_has "update-catalogue: note: $USERS was in another format; kept as $USERS.old"
  cmp "$USERS.old" "$KEPT"
  is rolodex "$(rolodex_rows)" "$(grep -P '^rolodex\t' "$USERS")"
  expect 0 "$UPDATE" -q --from "$TESTS/catalogue/openapi" rolodex
  err_empty
  cmp "$USERS.old" "$KEPT"
}

@test "after an update the functions and --list call the service complete" {
  expect 0 "$UPDATE" -q --from "$TESTS/catalogue/openapi" rolodex
  check() { out_is all records && err_empty; }
  in_every_shell 0 'catalogue_complete rolodex; catalogue_complete events' check
  check() { out_has $'rolodex\t6\t17\tconfirmed\tall' && err_empty; }
  lists 0 '' check
}

@test "a catalogue that cannot be written is 73" {
  mkdir -p "$HOME/.local/share"
  : >"$HOME/.local/share/rhythm"
  expect 73 "$UPDATE" --from "$TESTS/catalogue/openapi" rolodex
  err_is "update-catalogue: cannot make $HOME/.local/share/rhythm"
  rm "$HOME/.local/share/rhythm"
  ln -s "$WORLD" "$HOME/.local/share/rhythm"
  expect 73 "$UPDATE" --from "$TESTS/catalogue/openapi" rolodex
  err_is "update-catalogue: $HOME/.local/share/rhythm is a symbolic link; replace it with a directory"
  rm "$HOME/.local/share/rhythm"
  mkdir -p "$USERS"
  expect 73 "$UPDATE" --from "$TESTS/catalogue/openapi" rolodex
  err_is "update-catalogue: $USERS is a directory; remove it"
}

@test "a missing HOME is 78, and bad usage is 64" {
  expect 78 env -u HOME "$UPDATE" --from "$TESTS/catalogue/openapi" rolodex
  err_is 'update-catalogue: neither XDG_DATA_HOME nor HOME is set; set one to say where the catalogue goes'
  local words
  for words in --nonsense --from '--from http://docs.example/apis' '--from ftp://docs.example/apis' \
    '--from https://user@docs.example/apis' ../../etc/passwd; do
    # shellcheck disable=SC2086 # words
    expect 64 "$UPDATE" $words
    out_empty
    err_has 'update-catalogue: .+'
  done
  expect 69 "$UPDATE" --from "$WORLD/none"
  err_has "update-catalogue: --from $WORLD/none: no such directory"
  absent "$HOME/.local"
  expect 0 "$UPDATE" --help
  out_has 'usage: update-catalogue.*'
}

# --- over HTTP: a server on loopback, in zsh, that answers as $WORLD/answer says -------------------------------------------

serve() {
  cat >"$WORLD/server" <<'ZSH'
zmodload zsh/net/tcp zsh/zselect
integer port
for ((port = 20000 + RANDOM; port < 60000; port++)); do ztcp -l $port 2>/dev/null && break; done
listener=$REPLY
print $port >$1/port.new && mv $1/port.new $1/port
while ztcp -a $listener; do
  fd=$REPLY
  read -r -u $fd request; print -r -- ${request%$'\r'} >>$1/requests
  while read -r -u $fd header && [[ $header != $'\r' ]]; do :; done
  cat $1/answer >&$fd
  ztcp -c $fd
done
ZSH
  zsh -f "$WORLD/server" "$WORLD" 2>/dev/null 3>&- &
  SERVER=$!
  local i
  for ((i = 0; i < 100; i++)); do [[ ! -e $WORLD/port ]] || break; sleep 0.05; done
  BASE=http://127.0.0.1:$(<"$WORLD/port")/apis
}

teardown() {
  [[ -z ${SERVER-} ]] || kill "$SERVER"
}

@test "over HTTP a response is read, and one refused, redirected, cut off or too large is not" {
  serve
  local body=$TESTS/catalogue/openapi/rolodex/rolodex-v1.json
  # No proxy sees requests to this machine.
  export http_proxy=http://127.0.0.1:1
  { printf 'HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n' "$(wc -c <"$body")"; cat "$body"; } >"$WORLD/answer"
  expect 0 "$UPDATE" -q --from "$BASE" rolodex
  err_empty
  updated
  is request 'GET /apis/rolodex/rolodex-v1.json HTTP/1.1' "$(<"$WORLD/requests")"

  local url=$BASE/rolodex/rolodex-v1.json
  printf 'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n' >"$WORLD/answer"
  expect 69 "$UPDATE" --from "$BASE" rolodex
  err_is "update-catalogue: ${url%json}yaml: HTTP 404" # the published ones are YAML
  is request 'GET /apis/rolodex/rolodex-v1.yaml HTTP/1.1' "$(tail -n 1 "$WORLD/requests")"
  printf 'HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n' >"$WORLD/answer"
  expect 69 "$UPDATE" --from "$BASE" rolodex
  err_is "update-catalogue: $url: HTTP 500"
  # A web page instead of both.
  printf 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n\357\273\277\r\n<!doctype html><p>Sign in' >"$WORLD/answer"
  expect 65 "$UPDATE" --from "$BASE" rolodex
  err_is "update-catalogue: ${url%json}yaml: a web page (HTML), not an OpenAPI description"
  { printf 'HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n' "$(wc -c <"$body")"; head -c 500 "$body"; } >"$WORLD/answer"
  expect 65 "$UPDATE" --from "$BASE" rolodex
  err_is "update-catalogue: $url: the response was cut off; try again"
  { printf 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n'; head -c 500 "$body"; } >"$WORLD/answer"
  expect 65 "$UPDATE" --from "$BASE" rolodex
  err_matches "update-catalogue: $url: not JSON, or incomplete: .*"
  { printf 'HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n'; head -c 500 "$body"; } >"$WORLD/answer"
  expect 65 "$UPDATE" --from "$BASE" rolodex
  err_is "update-catalogue: $url: larger than 16 MiB, not read"
  { printf 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n'; head -c 20000000 /dev/zero; } >"$WORLD/answer"
  expect 65 "$UPDATE" --from "$BASE" rolodex
  err_is "update-catalogue: $url: larger than 16 MiB, not read"
  updated
  printf 'HTTP/1.1 302 Found\r\nLocation: http://localhost:1/x\r\nContent-Length: 0\r\n\r\n' >"$WORLD/answer"
  expect 69 "$UPDATE" --from "$BASE" rolodex
  err_is "update-catalogue: $url: redirects to another host, not followed"
  printf 'HTTP/1.1 302 Found\r\nLocation: /apis/again\r\nContent-Length: 0\r\n\r\n' >"$WORLD/answer"
  expect 69 "$UPDATE" --from "$BASE" rolodex
  err_is "update-catalogue: ${BASE}/again: more than 3 redirects"
  updated
}

@test "a description for which there is no space is 73, even if its beginning is valid" {
  needs_root
  unshare -m true 2>/dev/null || skip 'may not mount here'
  serve
  { printf 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n'; cat "$TESTS/catalogue/openapi/rolodex/rolodex-v1.json"; printf '%99999s\n' ' '; } >"$WORLD/answer"
  cat >full <<'END'
mkdir small && mount -t tmpfs -o size=80k,mode=700 none small && export TMPDIR=$PWD/small
exec "$@"
END
  expect 73 unshare -m sh full "$UPDATE" --from "$BASE" rolodex
  err_matches 'update-catalogue: cannot write to .*/small/update-catalogue\..*; free space there, or set TMPDIR to another directory'
  absent "$USERS"
}

@test "a server that is not there is 69" {
  expect 69 "$UPDATE" --from http://127.0.0.1:1 rolodex
  err_matches 'update-catalogue: http://127\.0\.0\.1:1/rolodex/rolodex-v1\.json: Failed to connect .*'
  absent "$USERS"
}
