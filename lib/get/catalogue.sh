# shellcheck shell=sh disable=SC2016,SC2154 # awk's own dollars; catalogue_lib is the caller's
# The API catalogue, as shell functions: which services, resources and paths there are, what method a
# path takes and how a list comes back. For the format see the head of catalogue.tsv.
#
# To be sourced. The caller sets
#   catalogue_lib      the directory that holds the catalogue.tsv that came with rhythm
#   catalogue_program  the name that messages begin with; rhythm-get if unset
# Nothing here touches the network, and nothing is written. Every variable begins with catalogue_.
# Status 65 everywhere: there is no valid catalogue, said on stderr.

: "${catalogue_program:=rhythm-get}"

# One row, split at tabs. Whoever reads a catalogue reads it through this, so what a broken or hostile
# file holds never reaches a terminal or a request.
catalogue__good='
  function good() {
    return NF == 5 && $1 ~ /^[a-z0-9][a-z0-9-]*$/ && $2 ~ /^(-|GET|POST|PUT|PATCH|DELETE)$/ &&
      ($3 == "-" || ("/" $3 ~ /^(\/[A-Za-z0-9{}_.-]+)+$/ && "/" $3 "/" !~ /\/\.\.?\//)) &&
      $4 ~ /^(-|[a-z][a-z-]*)$/ && $5 ~ /^(confirmed|derived|unverified)$/
  }'

# catalogue_user_file
# Prints where this user keeps a catalogue of their own, whether or not there is one.
# Status 1: neither XDG_DATA_HOME nor HOME says.
catalogue_user_file() {
  case ${XDG_DATA_HOME-} in
    /*) printf '%s\n' "$XDG_DATA_HOME/rhythm/catalogue.tsv" ;;
    *) case ${HOME-} in
         /*) printf '%s\n' "$HOME/.local/share/rhythm/catalogue.tsv" ;;
         *) return 1 ;;
       esac ;;
  esac
}

# catalogue__day FILE
# Prints the date in its first line as a number, if there is one.
catalogue__day() {
  LC_ALL=C sed -n '1{s/^#.*\(20[0-9][0-9]\)-\([01][0-9]\)-\([0-3][0-9]\).*/\1\2\3/p;q;}' "$1"
}

# catalogue__later FILE THAN
# Status 0: it is the later one, by the dates in the first lines, or by the files' times where those do not decide.
catalogue__later() {
  catalogue_day=$(catalogue__day "$1") catalogue_than=$(catalogue__day "$2")
  if [ -n "$catalogue_day" ] && [ -n "$catalogue_than" ] && [ "$catalogue_day" -ne "$catalogue_than" ]; then
    [ "$catalogue_day" -gt "$catalogue_than" ]
  else
    # shellcheck disable=SC3013 # -nt: POSIX since 2024, and in every shell we run under
    [ "$1" -nt "$2" ]
  fi
}

# catalogue_open
# Chooses the catalogue, once for a process: catalogue_used is its path. The later of the user's and the one that came
# with rhythm; one that is not valid is passed over with a warning that names it. The other functions call this; call
# it yourself before using them in $(...), so that the choice is made, and the warning given, only once.
catalogue_open() {
  [ -z "${catalogue_used-}" ] || return 0
  # awk takes a relative a=b/catalogue.tsv for an assignment
  case $catalogue_lib in /*) ;; *) catalogue_lib=./$catalogue_lib ;; esac
  set -- "$catalogue_lib/catalogue.tsv"
  if catalogue_user=$(catalogue_user_file) && [ -f "$catalogue_user" ] && [ -r "$catalogue_user" ]; then
    if [ -f "$1" ] && [ -r "$1" ] && catalogue__later "$1" "$catalogue_user"; then
      set -- "$1" "$catalogue_user"
    else
      set -- "$catalogue_user" "$1"
    fi
  fi
  for catalogue_choice; do
    if [ ! -f "$catalogue_choice" ] || [ ! -r "$catalogue_choice" ]; then continue; fi
    # The first line that is no row; 0 if there is none. A file without a row ends too early.
    catalogue_bad=$(LC_ALL=C awk -F '\t' "$catalogue__good"'
      /^#/ || $0 == "" { next }
      !good() || ++rows > 100000 { bad = NR; exit }
      END { print bad ? bad : rows ? 0 : NR + 1 }' "$catalogue_choice") || return 70
    if [ "$catalogue_bad" -eq 0 ]; then
      catalogue_used=$catalogue_choice
      return 0
    fi
    printf '%s: %s: line %s is no catalogue row; not using this file (update-catalogue writes a new one)\n' \
      "$catalogue_program" "$catalogue_choice" "$catalogue_bad" >&2
  done
  printf '%s: no API catalogue in %s; install rhythm again\n' "$catalogue_program" "$catalogue_lib" >&2
  return 65
}

# catalogue__rows PROGRAM [ARGUMENT...]
# Runs an awk program on the rows; in it word[1], word[2] ... are the ARGUMENTs.
catalogue__rows() {
  catalogue_open || return
  catalogue_code=$1
  shift
  LC_ALL=C awk -F '\t' -- "$catalogue__good"'
    BEGIN { for (i = 1; i < ARGC - 1; i++) { word[i] = ARGV[i]; ARGV[i] = "" } }
    !good() { next }'"$catalogue_code" "$@" "$catalogue_used"
}

# catalogue_services
# Prints the services' names, a line each, sorted.
catalogue_services() {
  catalogue_open || return
  catalogue__rows '!seen[$1]++ { print $1 }' | LC_ALL=C sort
}

# catalogue_has_service NAME
# Status 0: there is such a service, 1: there is not.
catalogue_has_service() {
  catalogue__rows '$1 == word[1] { found = 1; exit } END { exit !found }' "$1"
}

# catalogue__near WORD
# Of the lines on standard input prints at most three, nearest to WORD first: those that begin with it,
# and those that a few wrong, missing, doubled or swapped letters away are it. Status 1: none.
catalogue__near() {
  catalogue_near=$(LC_ALL=C catalogue_word=$1 awk '
    function min(x, y) { return x < y ? x : y }
    function distance(a, b,   i, j, x, d) {   # Damerau and Levenshtein, optimal string alignment
      for (i = 0; i <= length(a); i++) d[i, 0] = i
      for (j = 0; j <= length(b); j++) d[0, j] = j
      for (i = 1; i <= length(a); i++) for (j = 1; j <= length(b); j++) {
        x = substr(a, i, 1) != substr(b, j, 1)
        d[i, j] = min(min(d[i - 1, j], d[i, j - 1]) + 1, d[i - 1, j - 1] + x)
        if (i > 1 && j > 1 && substr(a, i, 1) == substr(b, j - 1, 1) && substr(a, i - 1, 1) == substr(b, j, 1))
          d[i, j] = min(d[i, j], d[i - 2, j - 2] + 1)
      }
      return d[length(a), length(b)]
    }
    BEGIN {
      word = tolower(substr(ENVIRON["catalogue_word"], 1, 64))
      if (word == "") exit
      far = length(word) < 4 ? 1 : length(word) < 9 ? 2 : 3
    }
    {
      cost = index(tolower($0), word) == 1 ? 0.5 : distance(word, tolower($0))
      if (cost <= far) print cost, $0
    }' | LC_ALL=C sort -k 1,1n -k 2 | sed -n '1,3s/^[^ ]* //p')
  [ -n "$catalogue_near" ] || return
  printf '%s\n' "$catalogue_near"
}

# catalogue_nearest NAME
# Prints the names of the services nearest to NAME, a line each, at most three. Status 1: none is near.
catalogue_nearest() {
  catalogue_open || return
  catalogue_services | catalogue__near "$1"
}

# catalogue_unknown WHAT NAME HINT
# One line on stderr: there is no WHAT called NAME; of several lines in HINT commas make one.
catalogue_unknown() {
  printf '%s: no %s "%s"%s\n' "$catalogue_program" "$1" "$(printf '%s' "$2" | head -c 64 | LC_ALL=C tr -c ' -~' '?')" \
    "$(printf '%s\n' "$3" | paste -s -d , - | sed 's/,/, /g')" >&2
}

# catalogue_list [SERVICE [RESOURCE]]
# What there is to explore: as an aligned table with a heading if standard output is a terminal, else as
# TSV without one. The last column says whether it is confirmed, derived or unverified. Columns:
#   (nothing)          service, number of resources, number of known calls (a method of a path), state
#   SERVICE            resource, method and path that list it, kind of that list, number of known calls, state
#   SERVICE RESOURCE   method, path, kind, state
# Status 64: no such service or resource, said on stderr with the nearest names; 73: it cannot be written.
catalogue_list() {
  catalogue_open || return
  if [ $# -gt 2 ]; then
    printf '%s: --list takes a service and a resource, not %s words\n' "$catalogue_program" $# >&2
    return 64
  fi
  catalogue_terminal=0 catalogue_resource=${2-} catalogue_status=0
  catalogue_resource=${catalogue_resource%/}
  [ ! -t 1 ] || catalogue_terminal=1
  catalogue__rows '
    BEGIN { depth = word[1] + 0; terminal = word[2] + 0; service = word[3]; resource = word[4] }
    function out(line) { lines[++count] = line }
    # How good a way of listing this row is: a plain list, then a search, then the lists of a part.
    function rank(   n, part) {
      n = split($3, part, "/")
      return $4 ~ /^list/ && n <= 2 ? 4 : $4 == "search" ? 3 : $4 ~ /^list/ ? 2 : $4 == "singleton" ? 1 : 0
    }
    depth && $1 != service { next }
    { known = 1 }
    depth && $3 == "-" { next }
    depth == 2 { if (index($3 "/", resource "/") == 1) out($2 "\t" $3 "\t" $4 "\t" $5); next }
    {
      first = $3; sub(/\/.*/, "", first)
      key = depth ? first : $1
      if (!(key in state)) { order[++keys] = key; state[key] = $5; how[key] = "-\t-\t-"; calls[key] = 0 }
      if ($5 == "confirmed") state[key] = $5
      if (first != "-" && !seen[$1, first]++) resources[key]++
      if ($2 != "-") calls[key]++
      if (rank() > best[key]) { best[key] = rank(); how[key] = $2 "\t" $3 "\t" $4 }
    }
    END {
      if (!known) exit 3
      for (i = 1; i <= keys; i++) {
        key = order[i]
        out(key "\t" (depth ? how[key] : resources[key] + 0) "\t" calls[key] "\t" state[key])
      }
      if (depth == 2 && !count) exit 4
      if (!terminal) { for (i = 1; i <= count; i++) print lines[i]; exit }
      lines[0] = depth == 0 ? "SERVICE\tRESOURCES\tCALLS\tSTATE" : \
        depth == 1 ? "RESOURCE\tMETHOD\tLISTED BY\tKIND\tCALLS\tSTATE" : "METHOD\tPATH\tKIND\tSTATE"
      for (i = 0; i <= count; i++) {
        n = split(lines[i], cell, "\t")
        for (j = 1; j < n; j++) if (length(cell[j]) > width[j]) width[j] = length(cell[j])
      }
      for (i = 0; i <= count; i++) {
        n = split(lines[i], cell, "\t")
        for (j = 1; j < n; j++) printf "%-" (width[j] + 2) "s", cell[j]
        print cell[n]
      }
    }' $# "$catalogue_terminal" "${1-}" "$catalogue_resource" || catalogue_status=$?
  case $catalogue_status in
    2) return 73 ;; # awk has said why
    3)
      if catalogue_near=$(catalogue_nearest "$1"); then catalogue_near="; nearest: $catalogue_near"
      else catalogue_near="; there are: $(catalogue_services)"; fi
      catalogue_unknown service "$1" "$catalogue_near" ;;
    4)
      catalogue_near=$(catalogue__rows '$1 == word[1] && $3 != "-" { sub(/\/.*/, "", $3); print $3 }' "$1" | sort -u |
        catalogue__near "$catalogue_resource") || :
      catalogue_unknown "$1 resource" "$2" "${catalogue_near:+; nearest: $catalogue_near}" ;;
    *) return "$catalogue_status" ;;
  esac
  return 64
}

# catalogue_method SERVICE PATH
# Prints the methods that PATH is known to take, a line each: GET first, then POST, PUT, PATCH, DELETE. They are those of
# the rows that match PATH best: a word of its own beats a placeholder, the leftmost difference decides. PATH is a template
# or filled in, may begin with a slash and have a query. Status 1: the path is not known.
catalogue_method() {
  catalogue__rows '
    BEGIN {
      sub(/[?#].*/, "", word[2]); sub(/^\/+/, "", word[2]); sub(/\/+$/, "", word[2])
      n = split(word[2], want, "/")
    }
    $1 != word[1] || $2 == "-" || split($3, have, "/") != n { next }
    {
      score = "s"
      for (i = 1; i <= n; i++) {
        if (want[i] == have[i] && have[i] !~ /[{]/) score = score "1"
        else if (want[i] != "" && have[i] ~ /[{]/) score = score "0"
        else next
      }
      if (score < best) next
      if (score > best) { best = score; split("", takes) }
      takes[$2] = 1
    }
    END {
      n = split("GET POST PUT PATCH DELETE", name, " ")
      for (i = 1; i <= n; i++) if (name[i] in takes) print name[i]
      exit best == ""
    }' "$@"
}

# catalogue_place SERVICE RESOURCE
# One line: "yes" or "no", whether there is such a service; how many resources of it are known; "yes" or "no", whether
# RESOURCE is one of them; then the other services that have a RESOURCE.
catalogue_place() {
  catalogue__rows '
    BEGIN { known = has = "no" }
    $1 == word[1] { known = "yes" }
    $3 != "-" {
      sub(/\/.*/, "", $3)
      if ($1 == word[1] && !seen[$3]++) resources++
      if ($3 == word[2] && $1 == word[1]) has = "yes"
      else if ($3 == word[2] && !other[$1]++) others = others " " $1
    }
    END { print known, resources + 0, has others }' "$@"
}
