# shellcheck shell=sh disable=SC2016,SC2154 # awk's own dollars; catalogue_lib is the caller's
# The API catalogue as shell functions: which services, resources and paths exist, which methods a path takes, and how
# records are listed. The head of catalogue.tsv describes the format.
#
# To be sourced. The caller sets
#   catalogue_lib      the directory that holds the catalogue.tsv that came with rhythm
#   catalogue_program  the name that messages begin with; rhythm-get if unset
# Nothing here uses the network or writes a file. Every variable begins with catalogue_.
# Status 65 of any function: there is no valid catalogue; stderr has the message.

: "${catalogue_program:=rhythm-get}"
catalogue_format=2

# good() - is this row, split at tabs, valid? Every reader of a catalogue skips other rows, so that nothing from a broken or
# hostile file reaches a terminal or a request.
catalogue__good='
  function good() {
    return NF == 6 && $1 ~ /^[a-z0-9][a-z0-9-]*$/ && $2 ~ /^(-|GET|POST|PUT|PATCH|DELETE)$/ &&
      ($3 == "-" || ("/" $3 ~ /^(\/[A-Za-z0-9{}_.-]+)+$/ && "/" $3 "/" !~ /\/\.\.?\//)) &&
      $4 ~ /^(-|[a-z][a-z-]*)$/ && $5 ~ /^(confirmed|derived)$/ && $6 ~ /^[A-Za-z0-9_.:?,-]+$/
  }'

# catalogue_user_file
# Sets catalogue_user to the path of this user's own catalogue, whether or not it exists.
# Status 1: neither XDG_DATA_HOME nor HOME is an absolute path.
catalogue_user_file() {
  case ${XDG_DATA_HOME-} in
    /*) catalogue_user=$XDG_DATA_HOME/rhythm/catalogue.tsv ;;
    *) case ${HOME-} in
         /*) catalogue_user=$HOME/.local/share/rhythm/catalogue.tsv ;;
         *) return 1 ;;
       esac ;;
  esac
}

# catalogue_updater
# Sets catalogue_update to the command that writes the user's catalogue: installed, or in a source tree.
catalogue_updater() {
  catalogue_update=update-catalogue
  for catalogue_beside in "$catalogue_lib/.." "$catalogue_lib/../../scripts"; do
    [ ! -x "$catalogue_beside/update-catalogue" ] || catalogue_update=$(cd "$catalogue_beside" && pwd)/update-catalogue
  done
}

# catalogue__ignore FILE WHY - warns.
catalogue__ignore() {
  catalogue_updater
  printf '%s: warning: %s is ignored: %s; to write a new one, run %s\n' "$catalogue_program" "$1" "$2" "$catalogue_update" >&2
}

# catalogue__day FILE
# Sets catalogue_day to the date of the catalogue, as a number. Status 1, with a warning: FILE is in another format, or not
# a catalogue.
catalogue__day() {
  catalogue_first=$(head -c 64 "$1" 2>/dev/null | LC_ALL=C sed -n '1{s/[^ -~]/?/g;p;}')
  case $catalogue_first in
    "# Rhythm API catalogue, format $catalogue_format, "20[0-9][0-9]-[01][0-9]-[0-3][0-9])
      catalogue_day=${catalogue_first##* }
      catalogue_first=${catalogue_day#*-}
      catalogue_day=${catalogue_day%%-*}${catalogue_first%-*}${catalogue_first#*-}
      return ;;
    '# Rhythm API catalogue, 20'*) catalogue_first='it was written for rhythm 1.0, in format 1' ;;
    '# Rhythm API catalogue, format '*)
      catalogue_first=${catalogue_first#*format }
      catalogue_first="it has format ${catalogue_first%%,*}, but this rhythm reads format $catalogue_format" ;;
    *) catalogue_first='it is not an API catalogue' ;;
  esac
  catalogue__ignore "$1" "$catalogue_first"
  return 1
}

# catalogue__valid FILE
# Status 0: all of its rows are valid. Status 1: a warning names the first that is not.
catalogue__valid() {
  # The number of the first invalid line, or 0. In a file without rows, it is the line after the last.
  catalogue_bad=$(LC_ALL=C awk -F '\t' "$catalogue__good"'
    /^#/ || $0 == "" { next }
    !good() || ++rows > 100000 { bad = NR; exit }
    END { print bad ? bad : rows ? 0 : NR + 1 }' "$1")
  [ "$catalogue_bad" != 0 ] || return 0
  catalogue__ignore "$1" "line $catalogue_bad is not a catalogue row"
  return 1
}

# catalogue_open
# Chooses the catalogue, once per process, and sets catalogue_used to its path. It is the user's own, unless the one that
# came with rhythm has a later date. One that is invalid or in another format is ignored, with a warning. The other functions
# call this; call it before you use them in $(...), so that the choice and the warning happen only once.
catalogue_open() {
  [ -z "${catalogue_used-}" ] || return 0
  # awk takes a relative path such as a=b/catalogue.tsv as an assignment
  case $catalogue_lib in /*) ;; *) catalogue_lib=./$catalogue_lib ;; esac
  catalogue_shipped=$catalogue_lib/catalogue.tsv
  if catalogue_user_file && [ -f "$catalogue_user" ] && [ -r "$catalogue_user" ] &&
    catalogue__day "$catalogue_user"; then
    catalogue_than=$catalogue_day catalogue_day=0
    [ ! -s "$catalogue_shipped" ] || catalogue__day "$catalogue_shipped" || catalogue_day=0
    if [ "$catalogue_than" -ge "$catalogue_day" ] && catalogue__valid "$catalogue_user"; then
      catalogue_used=$catalogue_user
      return 0
    fi
  fi
  # The file that came with this program is not validated.
  if [ ! -f "$catalogue_shipped" ] || [ ! -s "$catalogue_shipped" ] || [ ! -r "$catalogue_shipped" ]; then
    printf '%s: no API catalogue in %s; install rhythm again\n' "$catalogue_program" "$catalogue_lib" >&2
    return 65
  fi
  catalogue_used=$catalogue_shipped
}

# catalogue__rows SERVICE PROGRAM [ARGUMENT...]
# Runs an awk program on SERVICE's rows, or on all rows if SERVICE is empty. word[1], word[2] ... are the ARGUMENTs. A
# program that calls names() in BEGIN gets only the rows of services and resources, which is faster.
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
# Prints the names of the services, one per line, sorted.
catalogue_services() {
  catalogue_open || return
  catalogue__rows '' 'BEGIN { names() } !seen[$1]++ { print $1 }' | LC_ALL=C sort
}

# catalogue_has_service NAME
# Status 0: there is such a service; 1: there is not.
catalogue_has_service() {
  [ -n "$1" ] && catalogue__rows "$1" '{ found = 1; exit } END { exit !found }'
}

# catalogue_complete SERVICE
# Status 0: SERVICE's list is complete, so a name that is missing does not exist. Prints what is complete: "all" calls, or
# the resources that contain "records" and how they are listed. Status 1: some may be missing.
catalogue_complete() {
  catalogue__rows "$1" '
    BEGIN { names() }
    $3 == "-" && $4 ~ /^(all|records)$/ { print $4; found = 1; exit }
    END { exit !found }'
}

# catalogue_has_resource SERVICE RESOURCE
# Status 0: SERVICE has this RESOURCE. Usually it does, and then this takes a fifth of the time of catalogue_place.
catalogue_has_resource() {
  catalogue_open || return
  case $1$2 in '' | *[!A-Za-z0-9_-]*) return 1 ;; *) ;; esac
  LC_ALL=C grep -q "^$1[[:blank:]][^[:blank:]]*[[:blank:]]$2[[:blank:]/]" "$catalogue_used"
}

# catalogue_listing SERVICE RESOURCE
# Prints one line: how the records of RESOURCE are listed, and by which call: "list GET contacts/{tenantId}", "search POST
# ...", "parent GET ...", "id GET ..." (no list at all), "singleton GET ..."; "- - -" if this is not known. Status 1: no such
# resource.
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

# fit(template) returns how well the path in want[1] to want[n] fits; "" means not at all, and the greater of two fits is
# the better. An equal word beats a placeholder, and the leftmost difference decides. wanted(path) sets want.
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
# Prints the methods that PATH takes, one per line, in the order GET, POST, PUT, PATCH, DELETE. They come from the rows that
# fit PATH best. PATH may have placeholders or values, begin with a slash and have a query. Status 1: the path is not known.
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
# Status 0: the call changes nothing: GET and HEAD, POST to a search, and other calls known to read by POST.
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
# Prints one line: "yes" or "no", whether there is such a service; how many of its resources are known; "yes" or "no",
# whether RESOURCE is one of them; then the other services that have a RESOURCE.
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

# distance(a, b) counts wrong, missing, doubled and swapped letters (Damerau and Levenshtein, optimal string alignment), in
# either case. far(word) is the largest distance that still counts as near.
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
# Reads lines of a cost and a word, and prints the words of the three with the least cost. Status 1: there are none.
catalogue__nearest_three() {
  catalogue_near=$(LC_ALL=C sort -u -k 1,1n -k 2 | sed -n '1,3s/^[^ ]* //p')
  [ -n "$catalogue_near" ] || return
  printf '%s\n' "$catalogue_near"
}

# catalogue__near WORD
# Reads one word per line and prints at most three, the nearest to WORD first: those that begin with WORD, and those that
# differ from it in a few letters. Status 1: none.
catalogue__near() {
  LC_ALL=C catalogue_word=$1 awk "$catalogue__distance"'
    BEGIN { word = tolower(ENVIRON["catalogue_word"]); if (word == "") exit }
    {
      cost = index(tolower($0), word) == 1 ? 0.5 : distance(word, $0)
      if (cost <= far(word)) print cost, $0
    }' | catalogue__nearest_three
}

# catalogue_nearest_words WORD
# The same on one line, separated by commas.
catalogue_nearest_words() {
  catalogue_near=$(catalogue__near "$1") || return
  printf '%s\n' "$catalogue_near" | paste -s -d , - | sed 's/,/, /g'
}

# catalogue_nearest NAME
# Prints the names of at most three services nearest to NAME, one per line. Status 1: none is near.
catalogue_nearest() {
  catalogue_open || return
  catalogue_services | catalogue__near "$1"
}

# catalogue_nearest_resource SERVICE NAME
# The same for SERVICE's resources.
catalogue_nearest_resource() {
  catalogue_open || return
  catalogue__rows "$1" 'BEGIN { names() } $3 != "-" { print $3 }' | catalogue__near "$2"
}

# catalogue_nearest_path SERVICE PATH [METHOD]
# The same for SERVICE's paths with as many segments that take METHOD: PATH with its words and the names of its placeholders
# spelled as in the catalogue; values stay. If PATH is known, it comes first.
catalogue_nearest_path() {
  catalogue_open || return
  # As above, but a placeholder fits anything, at the cost of a tenth of a letter.
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
# Prints one line: what may be wrong with a call that was refused. Its resource is not known or is listed by another call,
# or the path takes other methods or is misspelled. Status 1: nothing is known to be wrong.
catalogue_hint() {
  catalogue_path=${2%%[?#]*} catalogue_path=${catalogue_path#/} catalogue_path=${catalogue_path%/}
  catalogue_resource=${catalogue_path%%/*}
  if ! catalogue_listed=$(catalogue_listing "$1" "$catalogue_resource"); then
    catalogue_place=$(catalogue_place "$1" "$catalogue_resource") || return 1
    case $catalogue_place in 'yes '*) ;; *) return 1 ;; esac
    catalogue_place=${catalogue_place#yes * no}
    catalogue_near=$(catalogue_nearest_resource "$1" "$catalogue_resource" | catalogue__words) || :
    catalogue_near=${catalogue_near:+"; nearest: $catalogue_near"}
    catalogue_near=$catalogue_near${catalogue_place:+"; it is in $(printf '%s\n' "${catalogue_place# }" | sed 's/ /, /g')"}
    printf 'the catalogue has no "%s" in %s%s\n' "$(catalogue__plain "$catalogue_resource")" "$1" \
      "${catalogue_near:-"; to see what it has, run rhythm-get --list $1"}"
    return
  fi
  catalogue_takes=$(catalogue_method "$1" "$catalogue_path" | catalogue__words) || catalogue_takes=''
  case ", $catalogue_takes," in *", $3,"*) return 1 ;; *) ;; esac
  case $3,$catalogue_path,$catalogue_listed in
    GET,*/*/*,*) ;;
    GET,*,'list '* | GET,*,'search '* | GET,*,'parent '*)
      printf 'to list %s, call %s\n' "$catalogue_resource" "${catalogue_listed#* }"; return ;;
    GET,*,'id '*)
      printf '%s has no list; get one record with %s\n' "$catalogue_resource" "${catalogue_listed#* }"; return ;;
    *) ;;
  esac
  # Not what was typed itself, which a placeholder may fit.
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
# Joins lines into one, separated by commas.
catalogue__words() { paste -s -d , - | sed 's/,/, /g'; }

# catalogue__plain TEXT
# Prints the first 200 bytes, with ? for everything but printable ASCII.
catalogue__plain() { printf '%s' "$1" | head -c 200 | LC_ALL=C tr -c ' -~' '?'; }

# catalogue_unknown WHAT NAME HINT
# Prints one line on stderr: there is no WHAT called NAME. The lines of HINT are joined with commas.
catalogue_unknown() {
  printf '%s: no %s "%s"%s\n' "$catalogue_program" "$1" "$(catalogue__plain "$2" | head -c 64)" \
    "$(printf '%s\n' "$3" | catalogue__words)" >&2
}
