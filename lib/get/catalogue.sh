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
catalogue_format=2

# One row, split at tabs. Whoever reads a catalogue reads it through this, so what a broken or hostile
# file holds never reaches a terminal or a request.
catalogue__good='
  function good() {
    return NF == 6 && $1 ~ /^[a-z0-9][a-z0-9-]*$/ && $2 ~ /^(-|GET|POST|PUT|PATCH|DELETE)$/ &&
      ($3 == "-" || ("/" $3 ~ /^(\/[A-Za-z0-9{}_.-]+)+$/ && "/" $3 "/" !~ /\/\.\.?\//)) &&
      $4 ~ /^(-|[a-z][a-z-]*)$/ && $5 ~ /^(confirmed|derived)$/ && $6 ~ /^[A-Za-z0-9_.:?,-]+$/
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

# catalogue__ignore FILE WHY
catalogue__ignore() {
  printf '%s: %s: %s; ignoring this file (update-catalogue writes a new one)\n' "$catalogue_program" "$1" "$2" >&2
}

# catalogue__day FILE
# Sets catalogue_day to the date of a catalogue in our format, as a number. Status 1: it is in another format or none, said.
catalogue__day() {
  catalogue_first=$(head -c 64 "$1" 2>/dev/null | LC_ALL=C sed -n '1{s/[^ -~]/?/g;p;}')
  case $catalogue_first in
    "# Rhythm API catalogue, format $catalogue_format, "20[0-9][0-9]-[01][0-9]-[0-3][0-9])
      catalogue_day=${catalogue_first##* }
      catalogue_first=${catalogue_day#*-}
      catalogue_day=${catalogue_day%%-*}${catalogue_first%-*}${catalogue_first#*-}
      return ;;
    '# Rhythm API catalogue, 20'*) catalogue_first='written for rhythm 1.0, in format 1' ;;
    '# Rhythm API catalogue, format '*)
      catalogue_first=${catalogue_first#*format }
      catalogue_first="in format ${catalogue_first%%,*}, and this rhythm reads format $catalogue_format" ;;
    *) catalogue_first='not an API catalogue' ;;
  esac
  catalogue__ignore "$1" "$catalogue_first"
  return 1
}

# catalogue__valid FILE
# Status 0: all of its rows are good ones, else it is said which is not.
catalogue__valid() {
  # The first line that is no row; 0 if there is none. A file without a row ends too early.
  catalogue_bad=$(LC_ALL=C awk -F '\t' "$catalogue__good"'
    /^#/ || $0 == "" { next }
    !good() || ++rows > 100000 { bad = NR; exit }
    END { print bad ? bad : rows ? 0 : NR + 1 }' "$1")
  [ "$catalogue_bad" != 0 ] || return 0
  catalogue__ignore "$1" "line $catalogue_bad is not a catalogue row"
  return 1
}

# catalogue_open
# Chooses the catalogue, once for a process: catalogue_used is its path. The user's own, unless the one that came with
# rhythm has a later date; one that is not valid, or in another format, is passed over with a warning that names it. The
# other functions call this; call it yourself before using them in $(...), so that the choice is made, and the warning
# given, only once.
catalogue_open() {
  [ -z "${catalogue_used-}" ] || return 0
  # awk takes a relative a=b/catalogue.tsv for an assignment
  case $catalogue_lib in /*) ;; *) catalogue_lib=./$catalogue_lib ;; esac
  catalogue_shipped=$catalogue_lib/catalogue.tsv
  if catalogue_user=$(catalogue_user_file) && [ -f "$catalogue_user" ] && [ -r "$catalogue_user" ] &&
    catalogue__day "$catalogue_user"; then
    catalogue_than=$catalogue_day catalogue_day=0
    [ ! -s "$catalogue_shipped" ] || catalogue__day "$catalogue_shipped" || catalogue_day=0
    if [ "$catalogue_than" -ge "$catalogue_day" ] && catalogue__valid "$catalogue_user"; then
      catalogue_used=$catalogue_user
      return 0
    fi
  fi
  # What came with this program needs no proof.
  if [ ! -f "$catalogue_shipped" ] || [ ! -s "$catalogue_shipped" ] || [ ! -r "$catalogue_shipped" ]; then
    printf '%s: no API catalogue in %s; install rhythm again\n' "$catalogue_program" "$catalogue_lib" >&2
    return 65
  fi
  catalogue_used=$catalogue_shipped
}

# catalogue__rows SERVICE PROGRAM [ARGUMENT...]
# Runs an awk program on SERVICE's rows, on all if it is empty; in it word[1], word[2] ... are the ARGUMENTs. One that
# begins with names() gets the rows of services and resources only, and faster.
catalogue__rows() {
  catalogue_open || return
  catalogue_begin=${1:+"$1$(printf '\t')"}
  catalogue_code=$2
  shift 2
  LC_ALL=C catalogue_begin=$catalogue_begin awk -F '\t' -- "$catalogue__good"'
    function names() { only = "-" }
    BEGIN { for (i = 1; i < ARGC - 1; i++) { word[i] = ARGV[i]; ARGV[i] = "" }; begin = ENVIRON["catalogue_begin"] }
    (begin != "" && index($0, begin) != 1) || (only != "" && $2 != only) || !good() { next }'"$catalogue_code" "$@" "$catalogue_used"
}

# catalogue_services
# Prints the services' names, a line each, sorted.
catalogue_services() {
  catalogue_open || return
  catalogue__rows '' 'BEGIN { names() } !seen[$1]++ { print $1 }' | LC_ALL=C sort
}

# catalogue_has_service NAME
# Status 0: there is such a service, 1: there is not.
catalogue_has_service() {
  [ -n "$1" ] && catalogue__rows "$1" '{ found = 1; exit } END { exit !found }'
}

# catalogue_complete SERVICE
# Status 0: an absent name proves something, for SERVICE's list is complete. Prints in what: "all" calls are known, or all
# resources that hold "records" and how they are listed. Status 1: it may lack some.
catalogue_complete() {
  catalogue__rows "$1" '
    BEGIN { names() }
    $3 == "-" && $4 ~ /^(all|records)$/ { print $4; found = 1; exit }
    END { exit !found }'
}

# catalogue_has_resource SERVICE RESOURCE
# Status 0: SERVICE has a RESOURCE of this name. For the usual case, in which it has, this costs a fifth of catalogue_place.
catalogue_has_resource() {
  catalogue_open || return
  case $1$2 in '' | *[!A-Za-z0-9_-]*) return 1 ;; *) ;; esac
  catalogue_tab=$(printf '\t')
  LC_ALL=C grep -q "^$1${catalogue_tab}[^$catalogue_tab]*$catalogue_tab$2[$catalogue_tab/]" "$catalogue_used"
}

# catalogue_listing SERVICE RESOURCE
# Prints in one line how RESOURCE's records are listed, and by what call: "list GET contacts/{tenantId}", "search POST
# ...", "parent GET ...", "id GET ..." (no list at all), "singleton GET ..."; "- - -" if that is not known. Status 1: there
# is no such resource.
catalogue_listing() {
  catalogue__rows "$1" '
    $2 == "-" && $3 == word[1] { how = $4 }
    index($3, word[1] "/") == 1 {
      n = split($3, part, "/")
      as = $4 ~ /^list/ && n <= 2 ? "list" : $4 ~ /^(list|child$)/ ? "parent" : $4 == "get" ? "id" : $4
      if ($2 != "-" && !(as in call)) call[as] = $2 " " $3
    }
    END {
      if (how == "") exit 1
      print how, how in call ? call[how] : "- -"
    }' "$2"
}

# How well a path fits a row: of two that fit the greater is the better one. A word of its own beats a placeholder, the
# leftmost difference decides; "" is no fit. In want[1] to want[n] are the path's segments.
catalogue__fit='
  function wanted(path) {
    sub(/[?#].*/, "", path); sub(/^\/+/, "", path); sub(/\/+$/, "", path)
    n = split(path, want, "/")
  }
  function fit(template,   have, i, score) {
    if (split(template, have, "/") != n) return ""
    score = "s"
    for (i = 1; i <= n; i++) {
      if (want[i] == have[i] && have[i] !~ /[{]/) score = score "1"
      else if (want[i] != "" && have[i] ~ /[{]/) score = score "0"
      else return ""
    }
    return score
  }'

# catalogue_method SERVICE PATH
# Prints the methods that PATH is known to take, a line each: GET first, then POST, PUT, PATCH, DELETE. They are those of
# the rows that fit PATH best. PATH is a template or filled in, may begin with a slash and have a query. Status 1: the path
# is not known.
catalogue_method() {
  catalogue__rows "$1" "$catalogue__fit"'
    BEGIN { wanted(word[1]) }
    $2 == "-" || (score = fit($3)) == "" || score < best { next }
    score > best { best = score; split("", takes) }
    { takes[$2] = 1 }
    END {
      n = split("GET POST PUT PATCH DELETE", name, " ")
      for (i = 1; i <= n; i++) if (name[i] in takes) print name[i]
      exit best == ""
    }' "$2"
}

# catalogue_reads SERVICE PATH METHOD
# Status 0: the call changes nothing. That is GET and HEAD, POST to a search, and whatever else is known to read by POST.
catalogue_reads() {
  case $3 in GET | HEAD) return 0 ;; POST) ;; *) return 1 ;; esac
  case ${2%%[?#]*} in */search) return 0 ;; *) ;; esac
  catalogue__rows "$1" "$catalogue__fit"'
    BEGIN { wanted(word[1]) }
    $2 != "POST" || (score = fit($3)) == "" || score < best { next }
    { best = score; reads = $4 ~ /^(search|query-start)$/ }
    END { exit !reads }' "$2"
}

# catalogue_place SERVICE RESOURCE
# One line: "yes" or "no", whether there is such a service; how many resources of it are known; "yes" or "no", whether
# RESOURCE is one of them; then the other services that have a RESOURCE.
catalogue_place() {
  catalogue__rows '' '
    BEGIN { names(); known = has = "no" }
    $1 == word[1] { known = "yes" }
    $3 != "-" {
      if ($1 == word[1]) resources++
      if ($3 == word[2] && $1 == word[1]) has = "yes"
      else if ($3 == word[2] && !other[$1]++) others = others " " $1
    }
    END { print known, resources + 0, has others }' "$@"
}

# --- the nearest name -------------------------------------------------------------------------------------------------

# How far WORD is from another one, in wrong, missing, doubled or swapped letters (Damerau and Levenshtein, optimal string
# alignment), letters of either case being the same; and how far is too far for such a word.
catalogue__distance='
  function min(x, y) { return x < y ? x : y }
  function distance(a, b,   i, j, x, d) {
    a = tolower(substr(a, 1, 64)); b = tolower(substr(b, 1, 64))
    if (a == b) return 0
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
  function far(word) { return length(word) < 4 ? 1 : length(word) < 9 ? 2 : 3 }'

# catalogue__nearest_three
# Of lines with a cost and a word on standard input prints the words of at most three, the least cost first.
# Status 1: there is none.
catalogue__nearest_three() {
  catalogue_near=$(LC_ALL=C sort -u -k 1,1n -k 2 | sed -n '1,3s/^[^ ]* //p')
  [ -n "$catalogue_near" ] || return
  printf '%s\n' "$catalogue_near"
}

# catalogue__near WORD
# Of the words on standard input, a line each, prints at most three, nearest to WORD first: those that begin with it, and
# those that a few letters away are it. Status 1: none.
catalogue__near() {
  LC_ALL=C catalogue_word=$1 awk "$catalogue__distance"'
    BEGIN { word = tolower(ENVIRON["catalogue_word"]); if (word == "") exit }
    {
      cost = index(tolower($0), word) == 1 ? 0.5 : distance(word, $0)
      if (cost <= far(word)) print cost, $0
    }' | catalogue__nearest_three
}

# catalogue_nearest NAME
# Prints the names of the services nearest to NAME, a line each, at most three. Status 1: none is near.
catalogue_nearest() {
  catalogue_open || return
  catalogue_services | catalogue__near "$1"
}

# catalogue_nearest_resource SERVICE NAME
# The same of SERVICE's resources.
catalogue_nearest_resource() {
  catalogue_open || return
  catalogue__rows "$1" 'BEGIN { names() } $3 != "-" { print $3 }' | catalogue__near "$2"
}

# catalogue_nearest_path SERVICE PATH [METHOD]
# The same of SERVICE's paths with as many segments, only of those that take METHOD: what PATH would be with its words, and
# the names of its placeholders, spelled as in the catalogue; values that were filled in stay. If PATH is known, it is the
# first.
catalogue_nearest_path() {
  catalogue_open || return
  # As above, but a placeholder fits anything, at the price of a tenth of a letter.
  catalogue__rows "$1" "$catalogue__fit$catalogue__distance"'
    BEGIN { wanted(word[1]); for (i = 1; i <= n; i++) too_far[i] = far(want[i]) }
    $2 == "-" || (word[2] != "" && $2 != word[2]) || split($3, have, "/") != n || seen[$3]++ { next }
    {
      cost = 0; path = ""
      for (i = 1; i <= n; i++) {
        this = have[i]; away = 0
        if (want[i] == "") next
        if (this ~ /[{]/ && want[i] !~ /[{]/) { away = 0.1; this = want[i] }
        else if (this != want[i] && (away = distance(want[i], this)) > too_far[i]) next
        else if (this != want[i] && away == 0) away = 0.2
        cost += away; path = path (i > 1 ? "/" : "") this
      }
      if (!(path in costs) || cost < costs[path]) costs[path] = cost
    }
    END { for (path in costs) print costs[path], path }' "$2" "${3-}" | catalogue__nearest_three
}

# catalogue_hint SERVICE PATH METHOD
# Prints in one line what may be wrong with a call that was refused: its resource is not known, or is listed by another
# call, or the path takes other methods, or is misspelt. Status 1: nothing is known to be wrong with it.
catalogue_hint() {
  catalogue_path=${2%%[?#]*} catalogue_path=${catalogue_path#/} catalogue_path=${catalogue_path%/}
  catalogue_resource=${catalogue_path%%/*}
  if ! catalogue_listed=$(catalogue_listing "$1" "$catalogue_resource"); then
    catalogue_place=$(catalogue_place "$1" "$catalogue_resource") || return 1
    case $catalogue_place in 'yes '*) ;; *) return 1 ;; esac
    catalogue_place=${catalogue_place#yes * no}
    catalogue_near=$(catalogue_nearest_resource "$1" "$catalogue_resource" | catalogue__words) || :
    printf 'the catalogue has no "%s" in %s%s%s\n' "$(catalogue__plain "$catalogue_resource")" "$1" \
      "${catalogue_near:+; nearest: $catalogue_near}" \
      "${catalogue_place:+; it is in $(printf '%s\n' "${catalogue_place# }" | sed 's/ /, /g')}"
    return
  fi
  catalogue_takes=$(catalogue_method "$1" "$catalogue_path" | catalogue__words) || catalogue_takes=''
  case ", $catalogue_takes," in *", $3,"*) return 1 ;; *) ;; esac
  case $3,$catalogue_path,$catalogue_listed in
    GET,*/*/*,*) ;;
    GET,*,'list '* | GET,*,'search '* | GET,*,'parent '*)
      printf '%s is listed by %s\n' "$catalogue_resource" "${catalogue_listed#* }"; return ;;
    GET,*,'id '*)
      printf '%s has no list; get one record with %s\n' "$catalogue_resource" "${catalogue_listed#* }"; return ;;
    *) ;;
  esac
  # A placeholder takes any word: what fits only so is no better than what was typed.
  catalogue_near=$(catalogue_nearest_path "$1" "$catalogue_path" "$3" | grep -v -x -F -e "$catalogue_path" | catalogue__words)
  if [ -n "$catalogue_takes" ]; then
    printf 'the catalogue has this path with %s, not with %s%s\n' "$catalogue_takes" "$3" "${catalogue_near:+; nearest: $3 $catalogue_near}"
  elif [ -n "$catalogue_near" ]; then
    printf 'the catalogue has no such path in %s; nearest: %s\n' "$1" "$(catalogue__plain "$catalogue_near")"
  else
    return 1
  fi
}

# catalogue__words
# Of lines makes one, with commas.
catalogue__words() { paste -s -d , - | sed 's/,/, /g'; }

# catalogue__plain TEXT
# Prints the begin of it, without what could move a cursor.
catalogue__plain() { printf '%s' "$1" | head -c 200 | LC_ALL=C tr -c ' -~' '?'; }

# catalogue_unknown WHAT NAME HINT
# One line on stderr: there is no WHAT called NAME; of several lines in HINT commas make one.
catalogue_unknown() {
  printf '%s: no %s "%s"%s\n' "$catalogue_program" "$1" "$(catalogue__plain "$2" | head -c 64)" \
    "$(printf '%s\n' "$3" | catalogue__words)" >&2
}
