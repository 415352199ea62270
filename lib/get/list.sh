# shellcheck shell=sh disable=SC2016,SC2154 # awk's own dollars; lib and quiet are rhythm-get's
# rhythm-get --list: what can be called, from the catalogue.
#
# To be sourced by rhythm-get, which sets lib. Nothing here uses the network.

# shellcheck source=lib/get/catalogue.sh
catalogue_lib=$lib/get && . "$lib/get/catalogue.sh"

# list_catalogue WORD...
# WORD... are those of rhythm-get: operands begin with o:.
list_catalogue() {
  for word; do
    shift
    set -- "$@" "${word#o:}"
  done
  catalogue_list "$@"
}

# awk functions that print rows of cells separated by tabs: aligned in columns on a terminal, elsewhere unchanged.
list__table='
  function out(line) { lines[++count] = line }
  function table(heading,   i, j, n, cell, width) {
    if (terminal) lines[0] = heading
    for (i = !terminal; i <= count; i++) {
      n = split(lines[i], cell, "\t")
      for (j = 1; j < n; j++) if (length(cell[j]) > width[j]) width[j] = length(cell[j])
    }
    for (i = !terminal; i <= count; i++) {
      if (!terminal) { print lines[i]; continue }
      n = split(lines[i], cell, "\t")
      for (j = 1; j < n; j++) printf "%-" (width[j] + 2) "s", cell[j]
      print cell[n]
    }
    count = 0
  }'

# list__services
list__services() {
  catalogue__rows '' "$list__table"'
    BEGIN { terminal = word[1] }
    !($1 in state) { order[++keys] = $1; state[$1] = $5; whole[$1] = "part" }
    $5 == "confirmed" { state[$1] = $5 }
    $3 == "-" { whole[$1] = $4; next }
    { first = $3; sub(/\/.*/, "", first); if (!seen[$1, first]++) resources[$1]++ }
    $2 != "-" { calls[$1]++ }
    END {
      for (i = 1; i <= keys; i++) {
        key = order[i]
        out(key "\t" resources[key] + 0 "\t" calls[key] + 0 "\t" state[key] "\t" whole[key])
      }
      table("SERVICE\tRESOURCES\tCALLS\tSTATE\tCOVERAGE")
    }' "$list_terminal"
}

# list__resources SERVICE
# Status 3: there is no such service.
list__resources() {
  catalogue__rows "$1" "$list__table"'
    BEGIN { terminal = word[1] }
    # Which call to show for a resource: a plain list before a search, a search before the list below a parent.
    function rank(   n, part) {
      n = split($3, part, "/")
      return $4 ~ /^list/ && n <= 2 ? 4 : $4 == "search" ? 3 : $4 ~ /^(list|child)/ ? 2 : $4 == "singleton" ? 1 : 0
    }
    { known = 1 }
    $3 == "-" { next }
    {
      key = $3; sub(/\/.*/, "", key)
      if (!(key in state)) { order[++keys] = key; state[key] = $5; by[key] = "-\t-\t-"; how[key] = "-" }
      if ($5 == "confirmed") state[key] = $5
      if ($2 == "-") { how[key] = $4; next }
      calls[key]++
      if (rank() > best[key]) { best[key] = rank(); by[key] = $2 "\t" $3 "\t" $4 }
    }
    END {
      if (!known) exit 3
      for (i = 1; i <= keys; i++) {
        key = order[i]
        out(key "\t" by[key] "\t" calls[key] + 0 "\t" state[key] "\t" how[key])
      }
      table("RESOURCE\tMETHOD\tLISTED BY\tKIND\tCALLS\tSTATE\tHOW LISTED")
    }' "$list_terminal" "$1"
}

# list__resource SERVICE RESOURCE
# Status 3: there is no such service, 4: no such resource.
list__resource() {
  catalogue__rows "$1" "$list__table"'
    BEGIN { terminal = word[1]; resource = word[3] }
    # text is NAME:TYPE, with ? after a name that is only derived.
    function field(text,   name, type, rule) {
      name = type = text; sub(/:.*/, "", name); sub(/.*:/, "", type)
      rule = sub(/[?]$/, "", name)
      if (name in has) return
      has[name] = 1
      out((terminal ? "" : "field\t") name "\t" (text == "..." ? "-\t-" : type "\t" (rule ? "derived" : "confirmed")) (terminal ? "" : "\t-"))
    }
    function fields(text,   n, i, part) {
      n = text == "-" ? 0 : split(text, part, ",")
      for (i = 1; i <= n; i++) if (part[i] != "...") field(part[i])
      if (n && part[n] == "...") more = 1
    }
    # The address of the reference page: contactRoles is contact-roles there.
    function page(   name) {
      name = resource
      while (match(name, /[a-z0-9][A-Z]/)) name = substr(name, 1, RSTART) "-" substr(name, RSTART + 1)
      return "https://docs.api.rhythmsoftware.com/apis/" word[2] "/" word[2] "-v1/" tolower(name)
    }
    { known = 1 }
    $3 == "-" { common = $6; next }
    index($3 "/", resource "/") != 1 { next }
    { found = 1 }
    $2 == "-" { own = $6; state = $5; how = $4; next }
    { out($2 "\t" $3 "\t" $4 "\t" $5 "\t" $6); calls++ }
    END {
      if (!known) exit 3
      if (!found) exit 4
      if (!calls) out("-\t" resource "\t" how "\t" state "\t-")
      table("METHOD\tPATH\tKIND\tSTATE\tQUERY PARAMETERS")
      if (own own how != "---" && own != "") {
        fields(own)
        if (how !~ /^(-|singleton)$/ && common != "") fields(common)
        if (more || own == "-") field("...")
        if (terminal) print ""
        table("FIELD\tTYPE\tSTATE")
      }
      if (terminal) print "\nreference: " page()
      else print "page\t" page() "\t-\tderived\t-"
    }' "$list_terminal" "$1" "$2"
}

# list__text [SERVICE [RESOURCE]]
list__text() {
  case $# in
    0) list__services ;;
    1) list__resources "$1" ;;
    *) list__resource "$1" "$list_resource" ;;
  esac
}

# catalogue_list [SERVICE [RESOURCE]]
# Prints what can be called: on a terminal an aligned table with a heading, elsewhere TSV without a heading. STATE is
# confirmed or derived. Columns:
#   (nothing)          service, number of resources, number of known calls (a method of a path), state, completeness
#   SERVICE            resource, method and path that list it, kind of that list, number of known calls, state, how it is listed
#   SERVICE RESOURCE   method, path, kind, state, query parameters; then "field", name, type, state, "-"; then "page",
#                      the address of the reference's page, "-", state, "-"
# Status 64: no such service or resource; stderr names the nearest. 73: standard output cannot be written.
catalogue_list() {
  catalogue_open || return
  if [ $# -gt 2 ]; then
    printf '%s: --list takes SERVICE and RESOURCE, not %s words; see rhythm-get --help\n' "$catalogue_program" $# >&2
    return 64
  fi
  list_terminal=0 list_resource=${2-} list_status=0
  list_resource=${list_resource%/}
  [ ! -t 1 ] || list_terminal=1
  # Through a variable, because not every awk fails if it cannot write.
  list_text=$(list__text "$@") || list_status=$?
  case $list_status in
    0)
      # Through cat, because not every shell reports a failed write, and none with the reason.
      { list_error=$(printf '%s\n' "$list_text" 2>/dev/null | LC_ALL=C cat 2>&1 >&3) || list_status=$?; } 3>&1
      case $list_status in
        0) ;;
        1)
          printf '%s: cannot write to standard output: %s\n' "$catalogue_program" "${list_error##*: }" >&2
          return 73 ;;
        *) return "$list_status" ;;
      esac
      list__note
      return 0 ;;
    3)
      if list_near=$(catalogue_nearest "$1"); then list_near="; nearest: $list_near"
      else list_near="; the services are: $(catalogue_services)"; fi
      catalogue_unknown service "$1" "$list_near" ;;
    4)
      list_near=$(catalogue_nearest_resource "$1" "$list_resource") || :
      catalogue_unknown "$1 resource" "$2" "${list_near:+; nearest: $list_near}" ;;
    *) return "$list_status" ;;
  esac
  return 64
}

# list__note
# Explains the words on a terminal, and how to get a complete catalogue.
list__note() {
  [ "$list_terminal,${quiet-}" = 1, ] || return 0
  catalogue_updater
  printf '%s: %s; %s\n' "$catalogue_program" \
    'note: what is marked "derived" or "?" follows from a naming rule and was never seen' \
    "for the complete list from Rhythm's OpenAPI descriptions, run $catalogue_update" >&2
}
