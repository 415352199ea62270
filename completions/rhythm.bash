# shellcheck shell=bash
# Tab for rhythm-token, rhythm-get and rhythm-check in bash, from 3.2 on.
#
# Source this file, or let bash-completion find it as share/bash-completion/completions/rhythm-get (and once for each
# other command); that package is not needed. What can be called comes from the API catalogue, a text file: no command
# of rhythm's is run, nothing goes over the network, nothing is written to stderr. Typed words and file names are never
# expanded.

# _rhythm_read_line
# Sets words (those before the word at the cursor), cur (that word up to the cursor, without quotes) and strip (the part
# of cur that readline keeps by itself). bash splits a line at COMP_WORDBREAKS, so --format=kv and @body.json come in
# pieces; pieces that touch on the line are joined again.
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
  quoted=no
  [[ $cur != [\"\']* ]] || quoted=yes
  if [[ -n $breaks && $cur == *["$breaks"]* && $quoted == no ]]; then
    strip=${cur%"${cur##*["$breaks"]}"}
    strip=${strip%@}   # it splits words, but readline keeps it with the part after it
  fi
  cur=${cur//[\"\'\\]/}
}

# _rhythm_offer WORD...
# Offers the WORDs that begin with cur.
_rhythm_offer() {
  local word
  for word; do
    [[ $word != "$cur"* ]] || COMPREPLY+=("${word#"$strip"}")
  done
}

# _rhythm_offer_files [-d]
# Offers the names of files, with -d of directories, for what follows the last = or :.
_rhythm_offer_files() {
  local name
  filenames=yes
  while IFS= read -r name; do COMPREPLY+=("$name"); done < <(compgen "${1--f}" -- "${cur#"$strip"}" 2>/dev/null)
}

# _rhythm_offer_bodies
# Offers @ and the names of files after it; the user has to type JSON. readline does not know that these are files, so
# they are quoted here.
_rhythm_offer_bodies() {
  local name
  case $cur in
    '') _rhythm_offer @ ;;
    @*)
      while IFS= read -r name; do
        [[ ! -d $name ]] || name+=/
        printf -v name %q "$name"
        COMPREPLY+=("@$name")
      done < <(compgen -f -- "${cur#@}" 2>/dev/null) ;;
  esac
}

# _rhythm_offer_profiles
# Offers the names of *.conf. A name that rhythm would refuse may contain anything, and is not offered.
_rhythm_offer_profiles() {
  local home=${XDG_CONFIG_HOME-} file name
  [[ $home == /* ]] || home=${HOME-}/.config
  while IFS= read -r name; do _rhythm_offer "$name"; done < <(
    # In a subshell, because globbing may be off or set to fail in this one.
    set +f
    shopt -u failglob nocaseglob
    for file in "$home"/rhythm/*.conf; do
      name=${file##*/}
      name=${name%.conf}
      [[ ! -f $file || $name == *[!A-Za-z0-9._-]* ]] || printf '%s\n' "$name"
    done 2>/dev/null
  )
}

# _rhythm_resolve FILE
# Sets resolved to FILE with symbolic links resolved, because not every system has readlink -f.
_rhythm_resolve() {
  local link links=0
  resolved=$1
  while [[ -L $resolved ]] && ((links++ < 40)); do
    link=$(readlink "$resolved" 2>/dev/null)
    [[ $link == /* ]] || link=${resolved%/*}/$link
    resolved=$link
  done
  [[ $resolved == /* ]] || resolved=$PWD/$resolved
}

# The directory of this file. The program that it runs is looked up here, and beside the rhythm-get on PATH, but never
# beside a command that was only typed: Tab must not run a program that Enter has not run.
_rhythm_resolve "${BASH_SOURCE[0]}"
_rhythm_home=${resolved%/*}
unset resolved

# _rhythm_offer_catalogue MODE [SERVICE [PATH [METHOD]]]
# Offers the matches in the catalogue; for MODE see lib/get/complete.awk. With the mode fields, cur may contain some already,
# separated by commas.
_rhythm_offer_catalogue() {
  local user=${XDG_DATA_HOME-} command=${words[0]-} ours program='' resolved='' file word before=''
  local -a files=()
  ours=$(type -P rhythm-get 2>/dev/null)
  [[ -z $ours ]] || _rhythm_resolve "$ours"
  for file in "$_rhythm_home"/{../../../lib/rhythm,../lib}/get/complete.awk "${resolved%/*}"/../lib/{rhythm/,}get/complete.awk; do
    if [[ -f $file && -r $file ]]; then program=$file; break; fi
  done
  [[ $user == /* ]] || user=${HOME-}/.local/share
  user=$user/rhythm/catalogue.tsv
  [[ ! -f $user || ! -r $user ]] || files+=("$user")
  # shellcheck disable=SC2088 # a tilde as it was typed
  [[ $command != '~/'* ]] || command=${HOME-}/${command#'~/'}
  [[ ! ($command == */* && -f $command) ]] || _rhythm_resolve "$command"
  for file in "${resolved%/*}"/../lib/{rhythm/,}get/catalogue.tsv; do
    if [[ -f $file && -r $file ]]; then files+=("$file"); break; fi
  done
  [[ -n $program && ${#files[@]} -gt 0 ]] || return 0
  [[ $1 != fields || $cur != *,* ]] || before=${cur%,*},
  # The output contains what was typed, which must not be expanded.
  while IFS= read -r word; do
    word=$before$word
    case $word in
      *[!A-Za-z0-9_./=:@,%+{}-]*)
        # What was quoted when it was typed must be quoted again: readline would leave a $ and a ` as they are.
        [[ $quoted == no || $word != *[\$\`\"\\\!]* ]] || continue
        special=yes ;;
      # As a file's name, readline puts a backslash before { and }. Without it bash would take them literally, but also for
      # the beginning of another command, and would no longer call us for the words after them.
      *'{'*) filenames=yes ;;
    esac
    COMPREPLY+=("${word#"$strip"}")
  done < <(LC_ALL=C rhythm_mode=$1 rhythm_service=${2-} rhythm_path=${3-} rhythm_method=${4-} rhythm_cur=${cur#"$before"} \
    awk -f "$program" -- "${files[@]}" 2>/dev/null)
}

# _rhythm_offer_names PATH WORD...
# Offers NAME= for the placeholders of PATH that get a value neither from the token nor from a WORD.
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

# _rhythm_offer_parameters SERVICE PATH METHOD WORD...
# Offers NAME== for the query parameters of PATH that no WORD sets.
_rhythm_offer_parameters() {
  local call=("$1" "$2" "$3") word IFS=$' \t\n'
  local -a others=(${COMPREPLY[@]+"${COMPREPLY[@]}"})
  shift 3
  COMPREPLY=()
  _rhythm_offer_catalogue parameters "${call[@]}"
  for word in ${COMPREPLY[@]+"${COMPREPLY[@]}"}; do
    [[ " $*" == *" $word"* ]] || others+=("$word")
  done
  COMPREPLY=(${others[@]+"${others[@]}"})
}

# _rhythm_after PREFIX COMMAND...
# Lets COMMAND complete what follows PREFIX, which ends in an equals sign.
_rhythm_after() {
  local prefix=$1 cur=${cur#"$1"} strip=${strip#"$1"}
  shift
  "$@"
  if [[ $COMP_WORDBREAKS != *=* ]]; then COMPREPLY=(${COMPREPLY[@]+"${COMPREPLY[@]/#/$prefix}"}); fi
}

# The options; those of one command of rhythm-token follow its name; and the options that take a word.
_rhythm_common='-p --profile --token -q --quiet -v --verbose -h --help -V --version'
_rhythm_token_options="$_rhythm_common --min-valid --refresh --offline --no-shared --format --get --session-dir --status-fd"
_rhythm_verb_options='verify--jwks verify--signature-only verify--leeway facts--signature-only login--no-browser status--log url-n url--dry-run curl--bundle config--init config--test config-y config--yes'
_rhythm_get_options="$_rhythm_common --list -X --method --request -d --data -H --header -a --all --start-key --max --limit --set --set-json --unset --fields --jq --allow -i --include -o --output -n --dry-run --retries -y --yes -s --silent -S --show-error -f --fail"
_rhythm_check_options="$_rhythm_common --capture --bundle --offline --format --get"
_rhythm_with_word=' -p --profile --token --capture --get --format --min-valid --jwks --leeway --session-dir --status-fd -X --method --request -d --data -H --header -o --output --start-key --max --limit --set --set-json --unset --fields --jq --allow --retries '
_rhythm_settings=(auth0_domain client_{id,secret,secret_file,secret_command} audience tenant_id api_base grant username password password_file password_command scope redirect_uri token_file cache cache_url redis_{url,password_file,password_command,ca_bundle} {month,hour}ly_limit read_only timeout ca_bundle)
_rhythm_causes=(config credentials grant quota header-{missing,name,scheme} token-{malformed,opaque,expired,not-yet-valid} clock-skew audience issuer signature {tenant,customer}-claim first-login contact-context tenant-mismatch base-url route permission rate-limit network tls server unexplained)

# _rhythm_offer_value COMMAND OPTION OPERAND...
# Offers values for OPTION.
_rhythm_offer_value() {
  case $1,$2 in
    *,-p | *,--profile) _rhythm_offer_profiles ;;
    *,--token | *,--capture | rhythm-check,--request) _rhythm_offer - ; _rhythm_offer_files ;;
    *,-o | *,--output | *,--jwks) _rhythm_offer_files ;;
    *,--session-dir) _rhythm_offer_files -d ;;
    *,-d | *,--data) _rhythm_offer_bodies ;;
    *,-X | *,--method | *,--request)
      if [[ -n ${4-} ]]; then _rhythm_offer_catalogue methods "$3" "$4"
      else _rhythm_offer GET POST PUT PATCH DELETE; fi ;;
    *,--fields) nospace=yes; _rhythm_offer_catalogue fields "${3-}" "${4-}" ;;
    *,--unset) _rhythm_offer_catalogue fields "${3-}" "${4-}" ;;
    *,--set | *,--set-json)
      [[ $cur == *=* ]] || _rhythm_offer_catalogue fields "${3-}" "${4-}"
      COMPREPLY=(${COMPREPLY[@]+"${COMPREPLY[@]/%/=}"}) ;;
    *,--allow) _rhythm_offer 400 401 403 404 409 429 ;;
    rhythm-token,--format) _rhythm_offer kv shell json ;;
    rhythm-check,--format) _rhythm_offer text kv json ;;
    rhythm-check,--get) _rhythm_offer cause reason fix "${_rhythm_causes[@]/#/check.}" ;;
    rhythm-token,--get)
      case ${3-} in
        status) _rhythm_offer profile kind state expires_{at,in} entry quota.per_{hour,day}.{limit,left,resets_in} \
          failure.{at,status,cause,message} ledger month minted limit left projected ;;
        config) _rhythm_offer profile "${_rhythm_settings[@]}" "${_rhythm_settings[@]/#/from.}" ;;
        verify) _rhythm_offer signature alg kid iss aud sub exp reason ;;
        url) _rhythm_offer url timeout read_only ca_bundle ;;
        '' | claims) _rhythm_offer aud azp contact_id contact_name customer_id exp gty iat iss sub tenant_id ;;
      esac ;;
  esac
}

# _rhythm_offer_call MODE OPERAND...
# Offers the next of SERVICE PATH NAME=VALUE NAME==VALUE, for rhythm-get.
_rhythm_offer_call() {
  local mode=$1
  shift
  case $#,${1-},$cur in
    0,*) _rhythm_offer_catalogue services ;;
    *,*[A-Za-z0-9_]=@*) [[ $command != rhythm-get ]] || _rhythm_after "${cur%%=@*}=" _rhythm_offer_bodies ;;
    *,*://*) _rhythm_offer_names "$@" ;;
    1,*) _rhythm_offer_catalogue "$mode" "$1" '' "$method" ;;
    *,fields==* | *,fieldsToReturn==*)
      nospace=yes
      _rhythm_after "${cur%%==*}==" _rhythm_offer_catalogue fields "$1" "$2" ;;
    *)
      _rhythm_offer_names "${@:2}"
      _rhythm_offer_parameters "$1" "$2" "$method" "${@:3}" ;;
  esac
}

# _rhythm COMMAND
# The function that bash calls. Sets COMPREPLY.
_rhythm() {
  local words cur strip quoted command=${1##*/} word option='' rest=no list=no method='' mode=paths nospace=no filenames=no
  local special=no IFS=$' \t\n'
  local -a operands=()
  COMPREPLY=()
  _rhythm_read_line
  for word in ${words[@]+"${words[@]:1}"}; do
    word=${word//[\"\'\\]/}
    if [[ -n $option ]]; then
      case $option in -X | --method | --request) method=$word ;; esac
      option=''
    elif [[ $rest == yes ]]; then :
    else
      case $word in
        --) rest=yes ;;
        --list) list=yes ;;
        -a | --all) mode=listed ;;
        -X?*) method=${word#-X} ;;
        --method=* | --request=*) method=${word#*=} ;;
        -?*) [[ $_rhythm_with_word != *" $word "* ]] || option=$word ;;
        *) operands+=("$word") ;;
      esac
    fi
  done
  set -- ${operands[@]+"${operands[@]}"}
  # shellcheck disable=SC2086 # lists of words
  if [[ -n $option ]]; then
    _rhythm_offer_value "$command" "$option" "$@"
  elif [[ $rest == yes ]]; then
    # After --: curl's business, or a file's name.
    [[ $command == rhythm-get ]] || _rhythm_offer_files
  elif [[ $cur == --*=* ]]; then
    option=${cur%%=*}
    [[ $_rhythm_with_word != *" $option "* ]] || _rhythm_after "$option=" _rhythm_offer_value "$command" "$option" "$@"
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
    case $command,$list,$#,${1-} in
      rhythm-token,*,*,url | rhythm-token,*,*,curl | rhythm-token,*,*,facts) _rhythm_offer_call paths "${@:2}" ;;
      rhythm-token,*,0,*) _rhythm_offer claims header print url curl verify facts status login logout config ;;
      rhythm-token,*,1,*) case $1 in claims | verify) _rhythm_offer -; _rhythm_offer_files ;; esac ;;
      rhythm-get,yes,1,*) _rhythm_offer_catalogue resources "$1" ;;
      rhythm-get,yes,[!0]*) ;;
      rhythm-get,*) _rhythm_offer_call "$mode" "$@" ;;
      rhythm-check,*,0,*) _rhythm_offer -; _rhythm_offer_catalogue services ;;
      rhythm-check,*,1,*) case $1 in *://*) ;; *) _rhythm_offer_catalogue readable "$1" ;; esac ;;
    esac
  fi
  _rhythm_finish
}

# _rhythm_finish
# Tells readline whether file names were offered, and whether the word goes on, so that no space may follow.
_rhythm_finish() {
  local i word
  if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[/=@] ]]; then nospace=yes; fi
  # bash 3.2 quotes nothing here, and never adds a space by itself.
  if [[ $quoted == no && ($special == yes || $_rhythm_compopt$filenames == noyes) ]]; then
    for ((i = 0; i < ${#COMPREPLY[@]}; i++)); do
      word=${COMPREPLY[i]}
      [[ $filenames == no || $word == */ || ! -d $word ]] || word+=/
      printf -v word %q "$word"
      COMPREPLY[i]=$word
    done
    filenames=no
  fi
  if [[ $_rhythm_compopt == yes ]]; then
    [[ $nospace == no ]] || compopt -o nospace 2>/dev/null
    [[ $filenames == no ]] || compopt -o filenames 2>/dev/null
  elif [[ ${#COMPREPLY[@]} -eq 1 && $nospace$quoted == nono && ${COMPREPLY[0]} != */ ]]; then
    COMPREPLY[0]+=' '
  fi
  return 0
}

_rhythm_compopt=no
if type compopt >/dev/null 2>&1; then _rhythm_compopt=yes; fi
if [[ $_rhythm_compopt == yes ]]; then
  complete -F _rhythm rhythm-token rhythm-get rhythm-check
else
  complete -o nospace -F _rhythm rhythm-token rhythm-get rhythm-check
fi
