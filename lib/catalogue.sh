# shellcheck shell=sh disable=SC2016,SC2154 # awk's own dollars; catalogue_lib is the caller's
# The API catalogue, as shell functions: which services, resources and paths there are, what method a
# path takes and how a list comes back. For the format see the head of catalogue.tsv.
#
# To be sourced. The caller sets
#   catalogue_lib      the directory that holds the catalogue.tsv that came with rhythm
#   catalogue_program  the name that messages begin with; rhythm-get if unset
# Nothing here touches the network, and nothing is written. Every variable begins with catalogue_.
# Status 65 everywhere: there is no valid catalogue, said on stderr.

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

# catalogue_open
# Chooses the catalogue, once for a process: catalogue_used is its path. The newer one, by the date in
# the first line, or by the file's time where the dates do not decide; one that is not valid is passed
# over with a warning that names it. The other functions call this; call it yourself before using
# them in $(...), so that the choice is made, and the warning given, only once.
catalogue_open() {
  [ -z "${catalogue_used-}" ] || return 0
  # awk takes a relative a=b/catalogue.tsv for an assignment
  case $catalogue_lib in /*) ;; *) catalogue_lib=./$catalogue_lib ;; esac
  catalogue_shipped=$catalogue_lib/catalogue.tsv
  catalogue_user=$(catalogue_user_file) || catalogue_user=
  [ -f "$catalogue_user" ] && [ -r "$catalogue_user" ] || catalogue_user=
  [ -f "$catalogue_shipped" ] && [ -r "$catalogue_shipped" ] || catalogue_shipped=
  catalogue_first=user
  if [ -n "$catalogue_user" ] && [ -n "$catalogue_shipped" ]; then
    # shellcheck disable=SC3013 # -nt: POSIX since 2024, and in every shell we run under
    ! [ "$catalogue_shipped" -nt "$catalogue_user" ] || catalogue_first=shipped
  fi
  # Prints: which one (user, shipped, none), then the first bad line of each, 0 if none was met.
  catalogue_verdict=$(LC_ALL=C catalogue_user=$catalogue_user catalogue_shipped=$catalogue_shipped \
    catalogue_first=$catalogue_first awk -F '\t' "$catalogue__good"'
    function date(file,   line) {
      if (file == "" || (getline line < file) < 1) return ""
      close(file)
      return match(line, /^#.*20[0-9][0-9]-[01][0-9]-[0-3][0-9]/) ? substr(line, RLENGTH - 9, 10) : ""
    }
    # 0: valid; else the number of the first line that is not (of an empty file: 1)
    function check(file,   n, rows) {
      if (file == "") return -1
      while ((getline < file) > 0) {
        n++
        if ($0 ~ /^#/ || $0 == "") continue
        if (!good() || ++rows > 100000) { close(file); return n }
      }
      close(file)
      return rows ? 0 : n + 1
    }
    BEGIN {
      path["user"] = ENVIRON["catalogue_user"]; path["shipped"] = ENVIRON["catalogue_shipped"]
      one = ENVIRON["catalogue_first"]; two = one == "user" ? "shipped" : "user"
      d1 = date(path[one]); d2 = date(path[two])
      if (d1 != "" && d2 != "" && d2 > d1) { t = one; one = two; two = t }
      used = "none"
      if ((bad[one] = check(path[one])) == 0) used = one
      else if ((bad[two] = check(path[two])) == 0) used = two
      print used, bad["user"] + 0, bad["shipped"] + 0
    }') || return 70
  catalogue_bad=${catalogue_verdict#* }
  catalogue__warn "$catalogue_user" "${catalogue_bad% *}"
  catalogue__warn "$catalogue_shipped" "${catalogue_bad#* }"
  case $catalogue_verdict in
    user\ *) catalogue_used=$catalogue_user ;;
    shipped\ *) catalogue_used=$catalogue_shipped ;;
    *) printf '%s: no API catalogue in %s; install rhythm again\n' \
         "${catalogue_program:-rhythm-get}" "$catalogue_lib" >&2
       return 65 ;;
  esac
}

# catalogue__warn FILE LINE
# Says that FILE is passed over because of LINE, if LINE is above 0.
catalogue__warn() {
  [ "$2" -gt 0 ] || return 0
  printf '%s: %s: line %s is no catalogue row; not using this file (update-catalogue writes a new one)\n' \
    "${catalogue_program:-rhythm-get}" "$1" "$2" >&2
}

# catalogue_file
# Prints the path of the catalogue that is used.
catalogue_file() {
  catalogue_open || return
  printf '%s\n' "$catalogue_used"
}

# catalogue_services
# Prints the services' names, a line each, sorted.
catalogue_services() {
  catalogue_open || return
  LC_ALL=C awk -F '\t' "$catalogue__good"'good() && !seen[$1]++ { print $1 }' "$catalogue_used" | LC_ALL=C sort
}

# catalogue_has_service NAME
# Status 0: there is such a service, 1: there is not.
catalogue_has_service() {
  catalogue_open || return
  LC_ALL=C catalogue_name=$1 awk -F '\t' "$catalogue__good"'
    $1 == ENVIRON["catalogue_name"] && good() { found = 1; exit }
    END { exit !found }' "$catalogue_used"
}

# catalogue_has_resource SERVICE NAME
# Status 0: SERVICE has paths that begin with NAME, 1: it has none.
catalogue_has_resource() {
  catalogue_open || return
  LC_ALL=C catalogue_service=$1 catalogue_name=$2 awk -F '\t' "$catalogue__good"'
    BEGIN { name = ENVIRON["catalogue_name"] }
    $1 == ENVIRON["catalogue_service"] && name != "-" && index($3 "/", name "/") == 1 && good() { found = 1; exit }
    END { exit !found }' "$catalogue_used"
}

# catalogue__near WORD
# Of the lines on standard input prints at most three, nearest to WORD first: those that begin with it,
# and those that a few wrong, missing, doubled or swapped letters away are it. Status 1: none.
catalogue__near() {
  LC_ALL=C catalogue_word=$1 awk '
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
      if (word == "") exit 1
      far = length(word) < 4 ? 1 : length(word) < 9 ? 2 : 3
    }
    {
      x = index(tolower($0), word) == 1 ? 0.5 : distance(word, tolower($0))
      if (x > far) next
      for (i = ++n; i > 1 && (cost[i - 1] > x || (cost[i - 1] == x && name[i - 1] > $0)); i--) {
        cost[i] = cost[i - 1]; name[i] = name[i - 1]
      }
      cost[i] = x; name[i] = $0
    }
    END {
      for (i = 1; i <= n && i <= 3; i++) print name[i]
      exit !n
    }'
}

# catalogue_nearest NAME
# Prints the names of the services nearest to NAME, a line each, at most three. Status 1: none is near.
catalogue_nearest() {
  catalogue_open || return
  catalogue_services | catalogue__near "$1"
}

# catalogue__resources SERVICE
# Prints SERVICE's resources, a line each.
catalogue__resources() {
  LC_ALL=C catalogue_service=$1 awk -F '\t' "$catalogue__good"'
    $1 == ENVIRON["catalogue_service"] && $3 != "-" && good() {
      sub(/\/.*/, "", $3)
      if (!seen[$3]++) print $3
    }' "$catalogue_used"
}

# catalogue__unknown WHAT NAME NEAREST ALL
# One line on stderr: there is no WHAT called NAME; the NEAREST (lines), or else ALL (lines) there are.
catalogue__unknown() {
  LC_ALL=C catalogue_what=$1 catalogue_name=$2 catalogue_near=$3 catalogue_all=$4 \
    catalogue_who=${catalogue_program:-rhythm-get} awk 'BEGIN {
      name = substr(ENVIRON["catalogue_name"], 1, 64); gsub(/[^ -~]/, "?", name)
      near = ENVIRON["catalogue_near"]; gsub(/\n/, ", ", near)
      all = ENVIRON["catalogue_all"]; gsub(/\n/, ", ", all)
      hint = near != "" ? "; nearest: " near : all != "" ? "; there are: " all : ""
      printf "%s: no %s \"%s\"%s\n", ENVIRON["catalogue_who"], ENVIRON["catalogue_what"], name, hint
    }' >&2
}

# catalogue_list [SERVICE [RESOURCE]]
# What there is to explore: as an aligned table with a heading if standard output is a terminal, else as
# TSV without one. The last column says whether it is confirmed, derived or unverified. Columns:
#   (nothing)          service, number of resources, number of known calls (a method of a path), state
#   SERVICE            resource, method and path that list it, kind of that list, number of known calls, state
#   SERVICE RESOURCE   method, path, kind, state
# Status 64: no such service or resource, said on stderr with the nearest names.
catalogue_list() {
  catalogue_open || return
  if [ $# -gt 2 ]; then
    printf '%s: --list takes a service and a resource, not %s words\n' "${catalogue_program:-rhythm-get}" $# >&2
    return 64
  fi
  if [ $# -gt 0 ] && ! catalogue_has_service "$1"; then
    catalogue__unknown service "$1" "$(catalogue_nearest "$1")" "$(catalogue_services)"
    return 64
  fi
  if [ $# -gt 1 ] && ! catalogue_has_resource "$1" "${2%/}"; then
    catalogue__unknown "$1 resource" "$2" "$(catalogue__resources "$1" | catalogue__near "${2%/}")" ''
    return 64
  fi
  catalogue_terminal=0
  [ ! -t 1 ] || catalogue_terminal=1
  catalogue_resource=${2-}
  LC_ALL=C catalogue_depth=$# catalogue_service=${1-} catalogue_resource=${catalogue_resource%/} \
    catalogue_terminal=$catalogue_terminal awk -F '\t' "$catalogue__good"'
    BEGIN {
      depth = ENVIRON["catalogue_depth"] + 0; service = ENVIRON["catalogue_service"]
      resource = ENVIRON["catalogue_resource"]; terminal = ENVIRON["catalogue_terminal"] + 0
      if (terminal) out(depth == 0 ? "SERVICE\tRESOURCES\tCALLS\tSTATE" : \
        depth == 1 ? "RESOURCE\tMETHOD\tLISTED BY\tKIND\tCALLS\tSTATE" : "METHOD\tPATH\tKIND\tSTATE")
    }
    function out(line) { lines[++count] = line }
    # How good a way of listing this row is: a plain list, then a search, then the lists of a part.
    function rank(   n, part) {
      n = split($3, part, "/")
      return $4 ~ /^list/ && n <= 2 ? 4 : $4 == "search" ? 3 : $4 ~ /^list/ ? 2 : $4 == "singleton" ? 1 : 0
    }
    /^#/ || !good() || (depth && $1 != service) { next }
    depth == 2 { if (index($3 "/", resource "/") == 1) out($2 "\t" $3 "\t" $4 "\t" $5); next }
    {
      first = $3; sub(/\/.*/, "", first)
      key = depth ? first : $1
      if (depth && first == "-") next
      if (!(key in state)) { order[++keys] = key; state[key] = $5; how[key] = "-\t-\t-"; calls[key] = 0 }
      if ($5 == "confirmed") state[key] = $5
      if (first != "-" && !seen[$1, first]++) resources[key]++
      if ($2 != "-") calls[key]++
      if (rank() > best[key]) { best[key] = rank(); how[key] = $2 "\t" $3 "\t" $4 }
    }
    END {
      for (i = 1; i <= keys; i++) {
        key = order[i]
        out(depth ? key "\t" how[key] "\t" calls[key] "\t" state[key] : \
          key "\t" resources[key] + 0 "\t" calls[key] "\t" state[key])
      }
      if (!terminal) { for (i = 1; i <= count; i++) print lines[i]; exit }
      for (i = 1; i <= count; i++) {
        n = split(lines[i], cell, "\t")
        for (j = 1; j < n; j++) if (length(cell[j]) > width[j]) width[j] = length(cell[j])
      }
      for (i = 1; i <= count; i++) {
        n = split(lines[i], cell, "\t")
        for (j = 1; j < n; j++) printf "%-" (width[j] + 2) "s", cell[j]
        print cell[n]
      }
    }' "$catalogue_used"
}

# catalogue__match SERVICE METHOD PATH
# Prints "METHOD<tab>KIND" of the rows whose path matches PATH best (a word of its own beats a placeholder,
# the leftmost difference decides); METHOD empty: of any method, reading ones first. PATH is a template
# or filled in, may begin with a slash and have a query. Status 1: none.
catalogue__match() {
  catalogue_open || return
  LC_ALL=C catalogue_service=$1 catalogue_method=$2 catalogue_path=$3 awk -F '\t' "$catalogue__good"'
    BEGIN {
      service = ENVIRON["catalogue_service"]; method = ENVIRON["catalogue_method"]
      path = ENVIRON["catalogue_path"]
      sub(/[?#].*/, "", path); sub(/^\/+/, "", path); sub(/\/+$/, "", path)
      n = split(path, want, "/")
    }
    $1 != service || $2 == "-" || (method != "" && $2 != method) { next }
    !good() || split($3, have, "/") != n { next }
    {
      score = "s"
      for (i = 1; i <= n; i++) {
        if (want[i] == have[i] && have[i] !~ /[{]/) score = score "1"
        else if (want[i] != "" && have[i] ~ /[{]/) score = score "0"
        else next
      }
      if (score < best) next
      if (score > best) { best = score; split("", kind) }
      kind[$2] = $4
    }
    END {
      if (best == "") exit 1
      if ("GET" in kind) print "GET\t" kind["GET"]
      m = split("POST PUT PATCH DELETE", name, " ")
      for (i = 1; i <= m; i++) if (name[i] in kind) print name[i] "\t" kind[name[i]]
    }' "$catalogue_used"
}

# catalogue_method SERVICE PATH
# Prints the methods that PATH is known to take, a line each: GET first, then POST, PUT, PATCH, DELETE.
# Status 1: the path is not known.
catalogue_method() {
  catalogue_rows=$(catalogue__match "$1" '' "$2") || return
  printf '%s\n' "$catalogue_rows" | cut -f 1
}

# catalogue_kind SERVICE METHOD PATH
# Prints the kind of what METHOD PATH gives, as the head of catalogue.tsv names it. Status 1: not known.
catalogue_kind() {
  catalogue_rows=$(catalogue__match "$1" "$2" "$3") || return
  printf '%s\n' "${catalogue_rows#*	}"
}

# catalogue_place SERVICE RESOURCE
# One line: "yes" or "no", whether there is such a service; how many resources of it are known; "yes" or "no", whether
# RESOURCE is one of them; then the other services that have a RESOURCE.
catalogue_place() {
  catalogue_open || return
  LC_ALL=C catalogue_service=$1 catalogue_name=$2 awk -F '\t' "$catalogue__good"'
    BEGIN { service = ENVIRON["catalogue_service"]; name = ENVIRON["catalogue_name"]; known = has = "no" }
    !good() { next }
    $1 == service { known = "yes" }
    $3 != "-" {
      first = $3; sub(/\/.*/, "", first)
      if ($1 == service && !seen[first]++) resources++
      if (first == name && $1 == service) has = "yes"
      else if (first == name && !other[$1]++) others = others " " $1
    }
    END { print known, resources + 0, has others }' "$catalogue_used"
}
