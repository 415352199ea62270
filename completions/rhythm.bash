# shellcheck shell=bash
# Tab for rhythm-token, rhythm-get and rhythm-check in bash.
#
# Source this file, or let bash-completion find it as share/bash-completion/completions/rhythm-get (and
# one a command); that package is not needed. What there is to call comes from the API catalogue, a text
# file: no command of rhythm's is run, nothing goes over the network, nothing is written to stderr.

# _rhythm_read_line
# Sets words (what stands before the word at the cursor), cur (that word up to the cursor, without quotes)
# and strip (the part of cur that readline keeps by itself). bash splits a line at COMP_WORDBREAKS, so
# --format=kv and @body.json come in pieces: pieces that touch on the line belong together.
_rhythm_read_line() {
  local rest=${COMP_LINE:0:COMP_POINT} piece gap breaks='' i
  words=() cur='' strip=''
  for ((i = 0; i <= COMP_CWORD; i++)); do
    gap=${rest%%[![:space:]]*}
    rest=${rest#"$gap"}
    piece=${COMP_WORDS[i]-}
    ((i < COMP_CWORD)) || piece=$rest
    if [[ $rest == "$piece"* ]]; then rest=${rest#"$piece"}; else gap=' '; fi
    if ((i == 0)) || [[ -n $gap ]]; then words+=("$piece"); else words[${#words[@]} - 1]+=$piece; fi
  done
  cur=${words[${#words[@]} - 1]}
  unset "words[${#words[@]}-1]"
  for i in = : @; do [[ $COMP_WORDBREAKS != *"$i"* ]] || breaks+=$i; done
  if [[ -n $breaks && $cur == *["$breaks"]* && $cur != [\"\']* ]]; then
    strip=${cur%"${cur##*["$breaks"]}"}
    strip=${strip%@}   # splits words, but stays with the part behind it
  fi
  cur=${cur//[\"\'\\]/}
}

# _rhythm_offer WORD...
# Offers those that begin with cur.
_rhythm_offer() {
  local word
  for word; do
    [[ $word != "$cur"* ]] || COMPREPLY+=("${word#"$strip"}")
  done
}

# _rhythm_offer_files [-d]
# Offers the names of files, with -d of directories, for what stands after the last = or :.
_rhythm_offer_files() {
  local IFS=$'\n' name
  compopt -o filenames 2>/dev/null
  while read -r name; do COMPREPLY+=("$name"); done < <(compgen "${1--f}" -- "${cur#"$strip"}" 2>/dev/null)
}

# _rhythm_offer_bodies
# Offers @ and the names of files after it; JSON itself is for the user to type. No readline of its own knows
# that these are files: what has to be quoted is quoted here.
_rhythm_offer_bodies() {
  local IFS=$'\n' name
  case $cur in
    '') _rhythm_offer @ ;;
    @*)
      while read -r name; do
        [[ ! -d $name ]] || name+=/
        printf -v name %q "$name"
        COMPREPLY+=("@$name")
      done < <(compgen -f -- "${cur#@}" 2>/dev/null) ;;
  esac
}

# _rhythm_offer_profiles
# Offers the names of *.conf. A name that rhythm would refuse is not offered: it may hold anything.
_rhythm_offer_profiles() {
  local home=${XDG_CONFIG_HOME-} IFS=$' \t\n'
  [[ $home == /* ]] || home=${HOME-}/.config
  # In a shell of its own: globbing may be switched off or made to fail here.
  # shellcheck disable=SC2046 # the names hold no blanks or patterns
  _rhythm_offer $(
    set +f
    shopt -u failglob nocaseglob
    for file in "$home"/rhythm/*.conf; do
      name=${file##*/}
      name=${name%.conf}
      [[ ! -f $file || $name == *[!A-Za-z0-9._-]* ]] || printf '%s\n' "$name"
    done 2>/dev/null
  )
}

# _rhythm_offer_catalogue MODE [SERVICE]
# Offers what the catalogue in use has: the user's own or the one beside the command, the one with the later
# date in its first line, or else the newer file; and the other one if it holds no row. MODE is
#   services   their names              resources   the names of SERVICE's resources
#   paths      the next segment of SERVICE's paths, with a slash where more follows; a placeholder that is
#              filled in already matches too
#   readable   the same, of paths that a GET or a search reads
_rhythm_offer_catalogue() {
  local user=${XDG_DATA_HOME-} command=${words[0]-} file IFS=$' \t\n'
  local -a files=()
  [[ $user == /* ]] || user=${HOME-}/.local/share
  user=$user/rhythm/catalogue.tsv
  # shellcheck disable=SC2088 # a tilde as it was typed
  [[ $command != '~/'* ]] || command=${HOME-}/${command#'~/'}
  [[ $command == */* && -f $command ]] || command=$(type -P rhythm-get 2>/dev/null)
  [[ ! -L $command ]] || command=$(readlink -f -- "$command" 2>/dev/null)
  if [[ $command == */* ]]; then
    [[ $command == /* ]] || command=./$command
    for file in "${command%/*}"/../lib/{rhythm/,}get/catalogue.tsv; do
      if [[ -f $file && -r $file ]]; then files=("$file"); break; fi
    done
  fi
  if [[ -f $user && -r $user ]]; then
    if [[ ${files[0]-} -nt $user ]]; then files+=("$user"); else files=("$user" ${files[@]+"${files[@]}"}); fi
  fi
  ((${#files[@]})) || return 0
  # One awk, the same in all shells: fast. What it prints holds neither blanks nor patterns.
  # shellcheck disable=SC2207
  COMPREPLY+=($(LC_ALL=C rhythm_mode=$1 rhythm_service=${2-} rhythm_cur=$cur awk '
    BEGIN {
      FS = "\t"
      mode = ENVIRON["rhythm_mode"]; service = ENVIRON["rhythm_service"]; cur = ENVIRON["rhythm_cur"]
      stem = cur; sub(/[^\/]*$/, "", stem); n = split(stem "x", part, "/")
      for (i = 1; i < ARGC; i++) {
        line = ""; getline line <ARGV[i]; close(ARGV[i])
        if (line ~ /^#/ && match(line, /20[0-9][0-9]-[01][0-9]-[0-3][0-9]/)) date[i] = substr(line, RSTART, 10)
      }
      if (date[1] != "" && date[2] > date[1]) { file = ARGV[1]; ARGV[1] = ARGV[2]; ARGV[2] = file; file = "" }
    }
    function good() {
      return NF == 5 && $1 ~ /^[a-z0-9][a-z0-9-]*$/ && $2 ~ /^([A-Z]+|-)$/ && $3 ~ /^[A-Za-z0-9{}_.\/-]+$/ &&
        $4 ~ /^[a-z-]+$/ && $5 ~ /^(confirmed|derived|unverified)$/
    }
    function offer(word) { if (substr(word, 1, length(cur)) == cur && !seen[word]++) { print word; offered = 1 } }
    # Where a value stands for a placeholder, it counts only if nothing else does.
    function path(p,   word, j, filled) {
      m = split(p, have, "/"); word = stem have[n] (m > n ? "/" : "")
      for (j = 1; j < n; j++) if (have[j] != part[j]) {
        if (j == 1 || have[j] !~ /^[{]/ || part[j] == "") return
        filled = 1
      }
      if (filled && m >= n) later[++count] = word
      else if (m >= n) offer(word)
    }
    FILENAME != file { if (rows) exit; file = FILENAME }
    # One good row is enough of each service, or of those that are not asked for.
    rows && (mode == "services" ? $1 == last : $1 != service) || !good() { next }
    { rows = 1; last = $1 }
    mode == "services" { offer($1); next }
    $1 != service || $3 == "-" { next }
    mode == "resources" { sub(/\/.*/, "", $3); offer($3); next }
    $2 == "-" { path($3 "/{tenantId}"); path($3 "/{tenantId}/search"); path($3 "/{tenantId}/{id}"); next }
    mode == "paths" || $2 == "GET" || $4 == "search" { path($3) }
    END { if (!offered) for (i = 1; i <= count; i++) offer(later[i]) }' "${files[@]}" 2>/dev/null))
  COMPREPLY=(${COMPREPLY[@]+"${COMPREPLY[@]#"$strip"}"})
  # As of a file's name: readline then puts a backslash before { and }. bash would take them literally without,
  # but also for the begin of another command, and complete nothing of ours behind them.
  [[ $1 == services || ${COMPREPLY[*]-} != *'{'* ]] || compopt -o filenames 2>/dev/null
}

# _rhythm_offer_names PATH WORD...
# Offers NAME= for the placeholders of PATH that neither the token nor one of the WORDs fills.
_rhythm_offer_names() {
  local rest=$1 name IFS=$' \t\n'
  shift
  while [[ $rest == *'{'*'}'* ]]; do
    rest=${rest#*'{'}
    name=${rest%%'}'*}
    case $name in
      tenantId | tenant_id | contactId | contact_id | customerId | customer_id | '' | *[!A-Za-z0-9_.-]*) continue ;;
    esac
    [[ " $*" == *" $name="* || " ${COMPREPLY[*]-} " == *" $name= "* ]] || _rhythm_offer "$name="
  done
}

# What the options are, those that go with one command of rhythm-token behind its name; and which take a word.
_rhythm_common='-p --profile --token -q --quiet -v --verbose -h --help -V --version'
_rhythm_token_options="$_rhythm_common --min-valid --refresh --offline --format --get --session-dir --status-fd"
_rhythm_verb_options='verify--jwks verify--signature-only verify--leeway login--no-browser status--log url-n url--dry-run inspect--date'
_rhythm_get_options="$_rhythm_common --list -X --method --request -d --data -H --header -a --all --start-key --max --fields --jq --allow -i --include -o --output -n --dry-run --retries -y --yes -s --silent -S --show-error -f --fail"
_rhythm_check_options="$_rhythm_common --request --offline --format --get"
_rhythm_with_word=' -p --profile --token --get --format --min-valid --jwks --leeway --session-dir --status-fd --date -X --method --request -d --data -H --header -o --output --start-key --max --fields --jq --allow --retries '
_rhythm_settings=(auth0_domain client_{id,secret,secret_file,secret_command} audience tenant_id api_base grant username password password_file password_command scope redirect_uri token_file cache redis_url {month,hour}ly_limit read_only timeout ca_bundle)
_rhythm_causes=(config credentials grant quota header-{missing,name,scheme} token-{malformed,opaque,expired,not-yet-valid} clock-skew audience issuer signature {tenant,customer}-claim first-login contact-context tenant-mismatch base-url route permission rate-limit network tls server unexplained)

# _rhythm_offer_value COMMAND OPTION VERB
# Offers what OPTION takes; VERB is rhythm-token's command, if it stands on the line.
_rhythm_offer_value() {
  case $1,$2 in
    *,-p | *,--profile) _rhythm_offer_profiles ;;
    *,--token | rhythm-check,--request) _rhythm_offer - ; _rhythm_offer_files ;;
    *,-o | *,--output | *,--jwks) _rhythm_offer_files ;;
    *,--session-dir) _rhythm_offer_files -d ;;
    *,-d | *,--data) _rhythm_offer_bodies ;;
    *,-X | *,--method | *,--request) _rhythm_offer GET POST PUT PATCH DELETE ;;
    *,--allow) _rhythm_offer 400 401 403 404 409 429 ;;
    rhythm-token,--format) _rhythm_offer kv shell json ;;
    rhythm-check,--format) _rhythm_offer text kv json ;;
    rhythm-check,--get) _rhythm_offer cause reason fix "${_rhythm_causes[@]/#/check.}" ;;
    rhythm-token,--get)
      case $3 in
        status) _rhythm_offer profile kind state expires_{at,in} entry quota.per_{hour,day}.{limit,left,resets_in} \
          failure.{at,status,cause,message} ledger month minted limit left projected ;;
        config) _rhythm_offer profile "${_rhythm_settings[@]}" "${_rhythm_settings[@]/#/from.}" ;;
        verify) _rhythm_offer signature alg kid iss aud sub exp reason ;;
        url) _rhythm_offer url timeout read_only ca_bundle ;;
        '' | claims) _rhythm_offer aud azp contact_id contact_name customer_id exp gty iat iss sub tenant_id ;;
      esac ;;
  esac
}

# _rhythm COMMAND
# The function that bash calls. Sets COMPREPLY.
_rhythm() {
  local words cur strip command=${1##*/} word option='' rest=no list=no IFS=$' \t\n'
  local -a operands=()
  COMPREPLY=()
  _rhythm_read_line
  for word in ${words[@]+"${words[@]:1}"}; do
    word=${word//[\"\'\\]/}
    if [[ -n $option ]]; then option=''
    elif [[ $rest == yes ]]; then :
    elif [[ $word == -- ]]; then rest=yes
    elif [[ $word == --list ]]; then list=yes
    elif [[ $word == -?* ]]; then [[ $_rhythm_with_word != *" $word "* ]] || option=$word
    else operands+=("$word"); fi
  done
  set -- ${operands[@]+"${operands[@]}"}
  # shellcheck disable=SC2086 # lists of words
  if [[ -n $option ]]; then
    _rhythm_offer_value "$command" "$option" "${1-}"
  elif [[ $rest == yes ]]; then
    # After --: curl's business, or a file's name.
    [[ $command == rhythm-get ]] || _rhythm_offer_files
  elif [[ $cur == --*=* ]]; then
    option=${cur%%=*}
    cur=${cur#*=}
    if [[ -n $strip ]]; then strip=${strip#"$option="}
    else strip=''; fi
    if [[ $_rhythm_with_word == *" $option "* ]]; then
      _rhythm_offer_value "$command" "$option" "${1-}"
      if [[ $COMP_WORDBREAKS != *=* ]]; then COMPREPLY=(${COMPREPLY[@]+"${COMPREPLY[@]/#/$option=}"}); fi
    fi
  elif [[ $cur == -* ]]; then
    case $command in
      rhythm-token)
        _rhythm_offer $_rhythm_token_options
        for word in $_rhythm_verb_options; do
          [[ -n ${1-} && $1 != "${word%%-*}" ]] || _rhythm_offer "-${word#*-}"
        done ;;
      rhythm-get) _rhythm_offer $_rhythm_get_options ;;
      rhythm-check) _rhythm_offer $_rhythm_check_options ;;
    esac
  else
    case $command,${1-} in rhythm-token,url | rhythm-token,curl) command=rhythm-get; shift ;; esac
    case $command,$list,$# in
      rhythm-token,*,0) _rhythm_offer claims header print url curl verify inspect status login logout config ;;
      rhythm-token,*,1) case $1 in claims | verify | inspect) _rhythm_offer -; _rhythm_offer_files ;; esac ;;
      rhythm-get,*,0) _rhythm_offer_catalogue services ;;
      rhythm-get,yes,1) _rhythm_offer_catalogue resources "$1" ;;
      rhythm-get,yes,*) ;;
      rhythm-check,*,0) _rhythm_offer -; _rhythm_offer_catalogue services ;;
      rhythm-get,no,1) case $1 in *://*) _rhythm_offer_names "$@" ;; *) _rhythm_offer_catalogue paths "$1" ;; esac ;;
      rhythm-check,*,1) case $1 in *://*) ;; *) _rhythm_offer_catalogue readable "$1" ;; esac ;;
      rhythm-get,no,*)
        case $1 in *://*) ;; *) shift ;; esac
        _rhythm_offer_names "$@" ;;
    esac
  fi
  # More is to come after a slash or an equals sign: no blank.
  if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[/=@] ]]; then compopt -o nospace 2>/dev/null; fi
  return 0
}

complete -F _rhythm rhythm-token rhythm-get rhythm-check
