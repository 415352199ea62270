# shellcheck shell=sh disable=SC2034,SC2154 # results are the caller's to show; the facts come from it
# The causes of a refusal, each with the check that finds it, in the order in which the first one explains the rest.
#
# To be sourced. The caller sets the facts (see facts_clear and facts_read), then calls checks_run, and finds
#   checks_results   a line a check: ID, tab, pass warn fail or skip, tab, a note for people or nothing
#   checks_cause checks_reason checks_fix     the verdict
# All texts are escaped as values of key=value are. Nothing here reads or sends anything, except through the functions that
# the caller defines:
#   caller_verify    the signature against the issuer's key set: sets verify_state to pass, fail or skip, and verify_note
# catalogue.sh must be there too.

readonly DOCUMENTED_AUDIENCE=https://api.rhythmsoftware.com
readonly SERVICE_BASE='https://{service}.api.rhythmsoftware.com'
readonly ARTICLE_BASE='https://api.rhythmsoftware.com/{service}-v1'
readonly CLOCK_LEEWAY=60 # seconds by which two clocks may differ
readonly TAB='	'

# --- facts -------------------------------------------------------------------------------------------------------------

# facts_clear
# mode is what is judged: token (pasted), request (captured), live.
facts_clear() {
  mode=token source=the\ token
  fact_form='' fact_why='' fact_word='' fact_alg='' fact_signature='' fact_kind='' fact_id_token='' fact_iss='' fact_aud='' fact_kid=''
  audience_found='' # one element of aud is the audience, exactly
  fact_exp='' fact_exp_kind='' fact_iat='' fact_nbf='' fact_now='' fact_date='' fact_cleaned=''
  fact_tenant='' fact_tenant_state='' fact_customer_state='' fact_contact_state=''
  fact_name='' fact_scheme='' fact_scheme_form=''
  fact_capture='' fact_requests='' fact_http='' fact_method='' fact_url='' fact_query_token='' fact_headers=none fact_other='' fact_user=''
  fact_lines='' fact_variable='' fact_failure='' fact_failure_words='' fact_status='' fact_says='' fact_answer_date=''
  fact_answer_words='' fact_request_id='' fact_retry='' fact_location=''
  # of the profile
  set_audience=$DOCUMENTED_AUDIENCE set_api_base=$SERVICE_BASE set_issuer='' set_problem=''
  # why there is no token, and what the ledger says; live only
  token_cause='' token_words='' token_fresh='' ledger_minted='' ledger_limit='' ledger_left=''
}

# shell_number
# Sets shell_number to fact_value, or to the nearest number with which 32 bits (mksh) can still count.
shell_number() {
  case $fact_value in
    -?????????*) shell_number=-99999999 ;;
    1????????? | 20???????? | 21[0-3]???????) shell_number=$fact_value ;;
    ??????????*) shell_number=2140000000 ;;
    *) shell_number=$fact_value ;;
  esac
}

# facts_read FILE
# Takes the facts that rhythm-token inspect, rhythm-token config and capture.awk print.
facts_read() {
  while IFS= read -r fact_line; do
    fact_value=${fact_line#*=}
    case $fact_line in
      form=*) fact_form=$fact_value ;;
      why=*) fact_why=$fact_value ;;
      word=*) fact_word=$fact_value ;;
      alg=*) fact_alg=$fact_value ;;
      kid=*) fact_kid=$fact_value ;;
      signature=*) fact_signature=$fact_value ;;
      kind=*) fact_kind=$fact_value ;;
      id_token=*) fact_id_token=$fact_value ;;
      iss=*) fact_iss=$fact_value ;;
      aud=*)
        [ "$fact_value" != "$set_audience" ] || audience_found=yes
        fact_aud=${fact_aud:+$fact_aud, }$fact_value ;;
      exp=*) fact_exp=$fact_value; shell_number; exp_at=$shell_number ;;
      exp.kind=*) fact_exp_kind=$fact_value ;;
      iat=*) fact_iat=$fact_value; shell_number; iat_at=$shell_number ;;
      nbf=*) fact_nbf=$fact_value; shell_number; nbf_at=$shell_number ;;
      now=*) fact_now=$fact_value ;;
      date=unknown) ;;
      date=*) fact_date=$fact_value ;;
      cleaned=*) fact_cleaned=${fact_cleaned:+$fact_cleaned, }$fact_value ;;
      tenant_id=*) fact_tenant=$fact_value ;;
      tenant_id.state=*) fact_tenant_state=$fact_value ;;
      customer_id.state=*) fact_customer_state=$fact_value ;;
      contact_id.state=*) fact_contact_state=$fact_value ;;
      header.name=*) fact_name=$fact_value ;;
      scheme=*) fact_scheme=$fact_value ;;
      scheme.form=*) fact_scheme_form=$fact_value ;;
      capture=*) fact_capture=$fact_value ;;
      requests=*) fact_requests=$fact_value ;;
      http=*) fact_http=$fact_value ;;
      method=*) fact_method=$fact_value ;;
      url=*) fact_url=$fact_value ;;
      query.token=*) fact_query_token=$fact_value ;;
      header.count=*) fact_headers=$fact_value ;;
      header.other=*) fact_other=$fact_value ;;
      header.user=*) fact_user=$fact_value ;;
      header.lines=*) fact_lines=$fact_value ;;
      variable=*) fact_variable=$fact_value ;;
      failure=*) fact_failure=$fact_value ;;
      failure.words=*) fact_failure_words=$fact_value ;;
      status=*) fact_status=$fact_value ;;
      says=*) fact_says=$fact_value ;;
      answer.date=*) fact_answer_date=$fact_value ;;
      answer.words=*) fact_answer_words=$fact_value ;;
      answer.request=*) fact_request_id=$fact_value ;;
      answer.retry=*) fact_retry=$fact_value ;;
      answer.location=*) fact_location=$fact_value ;;
      *) ;;
    esac
  done <"$1"
}

# settings_read FILE
# Takes what rhythm-token config prints.
settings_read() {
  while IFS= read -r fact_line; do
    fact_value=${fact_line#*=}
    case $fact_line in
      audience=*) set_audience=$fact_value ;;
      api_base=*) set_api_base=${fact_value%/} ;;
      auth0_domain=*) set_issuer=$fact_value ;;
      *) ;;
    esac
  done <"$1"
}

# --- results -----------------------------------------------------------------------------------------------------------

# result ID STATE [NOTE]
result() {
  checks_results="$checks_results$1$TAB$2$TAB${3-}
"
}
pass() { result "$1" pass "${2-}"; }
skip() { result "$1" skip "${2-}"; }
warn() { result "$1" warn "$2"; }

# fail ID REASON FIX
# The first one is the verdict. What speaks against a token that the answer does not speak against is a warning.
fail() {
  if [ -n "$lenient" ]; then
    case $1 in
      base-url) case $fact_status in 2?? | 304) warn "$1" "$2"; return ;; *) ;; esac ;;
      route | permission | rate-limit | network | tls | server | unexplained) ;;
      header-missing | header-name) [ "$lenient" = route ] || { warn "$1" "$2"; return; } ;;
      *) warn "$1" "$2"; return ;;
    esac
  fi
  result "$1" fail "$2"
  [ -z "$checks_cause" ] || return 0
  checks_cause=$1 checks_reason=$2 checks_fix=$3
}

# suspect ID REASON FIX
# A warning that becomes the verdict if the API refused and nothing else explains it.
suspect() {
  warn "$1" "$2"
  [ -z "$suspect_id" ] || return 0
  suspect_id=$1 suspect_reason=$2 suspect_fix=$3
}

# skip_all ID...
skip_all() {
  for check_id; do
    skip "$check_id"
  done
}

# said WORD
# Status 0: the answer's own words name this cause.
said() { [ "$fact_says" = "$1" ]; }

# duration SECONDS
# Sets duration to what people say: 40 s, 12 min, 5 h 10 min, 3 days.
duration() {
  duration=$1
  [ "$duration" -ge 0 ] || duration=$((0 - duration))
  if [ "$duration" -lt 120 ]; then
    duration="$duration s"
  elif [ "$duration" -lt 7200 ]; then
    duration="$((duration / 60)) min"
  elif [ "$duration" -lt 172800 ]; then
    duration="$((duration / 3600)) h $((duration % 3600 / 60)) min"
  else
    duration="$((duration / 86400)) days"
  fi
}

# --- where the request goes --------------------------------------------------------------------------------------------

# own_base URL
# Status 0: URL is below the profile's api_base; url_service and url_rest are set.
own_base() {
  own_before=${set_api_base%%"{service}"*}
  case $1 in "$own_before"*) ;; *) return 1 ;; esac
  url_rest=${1#"$own_before"}
  case $set_api_base in
    *'{service}'*) ;;
    *) case $url_rest in '' | /*) return 0 ;; *) return 1 ;; esac ;;
  esac
  own_after=${set_api_base#*"{service}"}
  url_service=${url_rest%%[!a-z0-9-]*}
  url_rest=${url_rest#"$url_service"}
  case $own_after in
    -*) case $url_service in *"${own_after%%/*}") url_rest=$own_after$url_rest url_service=${url_service%"$own_after"} ;; *) ;; esac ;;
    *) ;;
  esac
  case $url_rest in "$own_after" | "$own_after"/*) url_rest=${url_rest#"$own_after"} ;; *) return 1 ;; esac
  url_service=${url_service%-v1}
  [ -n "$url_service" ]
}

# place_url URL
# Sets url_style (service, article, own, foreign; none without a URL), url_service, url_rest (the path behind the base),
# url_resource, url_tenant (the path's tenant, if it has one), url_contact (yes: the call needs a contact), and, if it is
# foreign, url_problem.
place_url() {
  url_style=foreign url_service='' url_rest='' url_resource='' url_tenant='' url_contact='' url_problem=''
  case $1 in
    '') url_style=none; return ;;
    https://api.rhythmsoftware.com | https://api.rhythmsoftware.com[:/]*)
      url_rest=${1#https://api.rhythmsoftware.com} url_rest=${url_rest#:443} url_rest=${url_rest#/}
      url_service=${url_rest%%/*}
      case $url_rest in */*) url_rest=/${url_rest#*/} ;; *) url_rest='' ;; esac
      case $url_service in
        *-v1) url_style=article url_service=${url_service%-v1} ;;
        *) url_problem="below https://api.rhythmsoftware.com the path begins with a service and -v1, such as /rolodex-v1; this one begins with /$url_service"; return ;;
      esac ;;
    https://*.api.rhythmsoftware.com | https://*.api.rhythmsoftware.com[:/]*)
      url_rest=${1#https://} url_service=${url_rest%%.api.rhythmsoftware.com*}
      url_rest=${url_rest#*.api.rhythmsoftware.com} url_rest=${url_rest#:443}
      case $url_service in
        docs) url_problem='docs.api.rhythmsoftware.com holds the documentation and a mock server, not the API'; return ;;
        *[!a-z0-9_\$\{\}-]*) url_problem="$url_service is no service"; return ;;
        *\$*) url_style=service ;; # a shell's variable, not to be judged
        *[!a-z0-9-]*) url_problem="$url_service is no service"; return ;;
        *) url_style=service ;;
      esac ;;
    *)
      if own_base "$1"; then
        url_style=own
      else
        url_rest=${1#*://}
        case ${url_rest%%/*} in [!\$]* | *.*) ;; *) url_style=none; return ;; esac # a variable for the whole host
        case $1 in
          http://*.rhythmsoftware.com*) url_problem='it is http://, and Rhythm speaks https:// only' ;;
          *) url_problem="${url_rest%%/*} is not below https://SERVICE.api.rhythmsoftware.com or https://api.rhythmsoftware.com/SERVICE-v1" ;;
        esac
        return
      fi ;;
  esac
  place_path
}

# place_path
# The part of place_url behind the base.
place_path() {
  url_resource=${url_rest#/}
  url_tenant=''
  case $url_resource in */?*) url_tenant=${url_resource#*/} url_tenant=${url_tenant%%/*} ;; *) ;; esac
  url_resource=${url_resource%%/*}
  case $url_rest in /contacts/current | /contacts/current/ | /contacts/*/current | /contacts/*/current/) url_contact=yes ;; *) ;; esac
  case $url_tenant in current | warmUpStepFunctions) url_tenant='' ;; *) ;; esac
  while :; do
    case $url_tenant in
      *%2[Ee]*) url_tenant=${url_tenant%%%2[Ee]*}.${url_tenant#*%2[Ee]} ;;
      *%2[Dd]*) url_tenant=${url_tenant%%%2[Dd]*}-${url_tenant#*%2[Dd]} ;;
      *) break ;;
    esac
  done
}

# --- the checks, in their order ----------------------------------------------------------------------------------------

# check_profile
# config, credentials, grant, quota: did the profile get its token?
check_profile() {
  if [ "$mode" != live ]; then
    if [ -n "$set_problem" ]; then warn config "$set_problem"; else skip config; fi
    skip_all credentials grant quota
    return
  fi
  for check_id in config credentials grant quota; do
    if [ "$token_cause" = "$check_id" ]; then
      fail "$check_id" "$token_words" "$token_fix"
    elif [ -n "$token_cause" ] && [ "$check_id" != config ]; then
      skip "$check_id"
    else
      case $check_id in
        credentials)
          if [ "$token_fresh" = yes ]; then pass credentials
          else skip credentials "not tested, the token came from the cache; rhythm-token --refresh header would, for one token of the month"; fi ;;
        grant) if [ "$token_fresh" = yes ]; then pass grant; else skip grant; fi ;;
        quota) check_ledger ;;
        *) pass "$check_id" ;;
      esac
    fi
  done
}

# check_ledger
# What is left of the month, if the ledger was read.
check_ledger() {
  if [ -z "$ledger_left" ]; then
    skip quota
  elif [ "$ledger_left" -le $((ledger_limit / 10)) ]; then
    warn quota "$ledger_minted of $ledger_limit tokens of this month are spent, by this machine's ledger"
  else
    pass quota
  fi
}

# check_header
# header-missing, header-name, header-scheme. Sets no_token if there is nothing to look into.
check_header() {
  no_token=''
  if [ "$mode" = live ]; then
    if [ -n "$token_cause" ]; then skip_all header-missing header-name header-scheme
    else pass header-missing; pass header-name; pass header-scheme; fi
    return
  fi
  if [ "$mode" = token ] && [ -z "$fact_scheme_form" ]; then
    skip_all header-missing header-name header-scheme
    return
  fi
  if [ "$mode" = request ]; then
    if [ "$fact_headers" = none ]; then
      skip_all header-missing header-name header-scheme
      no_token=yes
      return
    fi
    if [ "$fact_headers" = 0 ] && [ -z "$fact_other" ]; then
      no_token=yes
      if [ -n "$fact_query_token" ]; then
        fail header-missing 'the request has no Authorization header; its token stands in the URL, where the API does not look and logs keep it' \
          'send the token as the header  Authorization: Bearer TOKEN'
      else
        fail header-missing 'the request has no Authorization header' \
          'send the header  Authorization: Bearer TOKEN  (rhythm-token header | curl -H @- URL)'
      fi
      skip_all header-name header-scheme
      return
    fi
  fi
  pass header-missing
  check_header_name
  check_header_scheme
}

# check_header_name
check_header_name() {
  case ${fact_other:-${fact_name:-Authorization}} in
    Authorization) pass header-name ;;
    *[\ \\]*)
      fail header-name "blanks stand between the header's name and its colon: \"$fact_name:\"" 'write  Authorization: Bearer TOKEN  without a blank before the colon' ;;
    [Aa][Uu][Tt][Hh][Oo][Rr][Ii][Zz][Aa][Tt][Ii][Oo][Nn])
      if [ "$fact_http" = 1 ]; then
        warn header-name "it is spelt $fact_name: right in HTTP/2; in HTTP/1 both guides want Authorization, though case should not matter"
      else
        pass header-name
      fi ;;
    *) fail header-name "the token stands in a header called ${fact_other:-$fact_name}, not Authorization" 'call the header exactly Authorization' ;;
  esac
}

# check_header_scheme
# "Bearer", one space, token; and nothing else.
check_header_scheme() {
  scheme_wrong=''
  case $fact_scheme_form in
    good) ;;
    empty) [ -n "$fact_scheme" ] || scheme_wrong='it has no value' ;;
    bare) [ "$fact_form" = redacted ] && { skip header-scheme 'blotted out'; return; }
      scheme_wrong='the word Bearer and a space are missing in front of the token' ;;
    case) scheme_wrong="it begins with $fact_scheme; the guides ask for Bearer, with a capital B" ;;
    colon) scheme_wrong='there is a colon behind Bearer; it is Bearer, one space, token' ;;
    joined) scheme_wrong='there is no space between Bearer and the token' ;;
    spaces) scheme_wrong='there is more than one space between Bearer and the token' ;;
    tab) scheme_wrong='there is a tab between Bearer and the token, not a space' ;;
    twice) scheme_wrong='Bearer stands there twice: your code adds it to a value that has it already' ;;
    quotes) scheme_wrong='there are quotes or brackets in the value; they went out with it' ;;
    foreign) scheme_wrong="its scheme is $fact_scheme, not Bearer" ;;
    *) skip header-scheme; return ;;
  esac
  if [ -z "$scheme_wrong" ] && [ "$mode" = request ]; then
    case $fact_headers in 0 | 1) ;; *) scheme_wrong="there are $fact_headers Authorization headers, and the API reads one" ;; esac
    [ -z "$fact_lines" ] || scheme_wrong='there is a line break in its value, such as the one at the end of a file'
    case $fact_cleaned in *brackets*) scheme_wrong='there are brackets round the token' ;; *spaces*) scheme_wrong='there are spaces inside the token' ;; *) ;; esac
  fi
  if [ -n "$scheme_wrong" ]; then
    fail header-scheme "the Authorization header is not well-formed: $scheme_wrong" 'send exactly  Authorization: Bearer TOKEN  (the word, one space, the token, nothing else)'
    case $fact_scheme_form in foreign | empty) no_token=yes ;; *) ;; esac
  elif [ -n "$fact_user" ]; then
    warn header-scheme 'a user name and password (-u) stand beside the header; curl sends the header alone'
  else
    pass header-scheme
  fi
}

# check_form
# token-malformed, token-opaque. Sets no_token unless there are claims to look into.
check_form() {
  malformed='' malformed_fix='use the access token itself: rhythm-token print, or the value at access_token in the answer of /oauth/token'
  case $fact_form in
    jwt) [ "$fact_id_token" = yes ] && {
        malformed="this is an ID token, made out to the client ($fact_aud): it says who somebody is and opens no API"
        malformed_fix='send the access_token of the same login, not the id_token'; } ;;
    jwe | opaque) ;;
    redacted)
      if [ -n "$fact_variable" ]; then skip token-malformed "the token comes from $fact_variable, which is not in what you pasted"
      else skip token-malformed 'the token is blotted out; it was not checked'; fi
      skip token-opaque
      no_token=yes
      return ;;
    empty) malformed='there is no token behind Bearer: the variable or file it comes from is empty' ;;
    word) malformed="the token is the word $fact_word: what a program prints for a value that it does not have"
      malformed_fix='find out why your program has no token there: a failed token request, or a wrong name of a field (it is access_token)' ;;
    placeholder) malformed="the token is $fact_word as it stands: nothing was put in its place (single quotes keep a shell from it)" ;;
    claims) malformed="these are a token's claims, not the token" ;;
    json) malformed='this is JSON, not a token; an error answer of the issuer, perhaps' ;;
    malformed) malformed="the token $fact_why" ;;
    *) malformed='this is no text that could be a token' ;;
  esac
  if [ -n "$malformed" ]; then
    fail token-malformed "$malformed" "$malformed_fix"
    skip token-opaque
    no_token=yes
    return
  fi
  pass token-malformed
  case $fact_form in
    jwe) malformed='it is encrypted (five parts)' ;;
    opaque) malformed='it has no dots, so it is no JWT' ;;
    *) pass token-opaque; return ;;
  esac
  fail token-opaque "the token is opaque: $malformed. Auth0 issues such a one when the token request names no audience" \
    "ask for the token with audience=$DOCUMENTED_AUDIENCE"
  no_token=yes
}

# check_expired
# exp against the clock that counts.
check_expired() {
  late=''
  case $fact_exp_kind in
    missing) suspect token-expired 'the token has no exp, so it never expires; the gateway may refuse it for that' 'use a token that the issuer made, with an exp'; return ;;
    other) suspect token-expired 'exp is no number that can be read' 'use a token that the issuer made'; return ;;
    string) odd_kind=' (a string, where a number of seconds belongs)' ;;
    milliseconds) odd_kind=' (in milliseconds, where seconds belong)' ;;
    *) odd_kind='' ;;
  esac
  late=$((reference - exp_at))
  duration "$late"
  if [ "$late" -ge 0 ]; then
    if [ "$skewed" = yes ] && [ "$exp_at" -gt "$fact_now" ]; then
      skip token-expired 'see clock-skew'
      clock_wrong="the token ended $duration ago by the API's clock, and is valid by this machine's"
    else
      fail token-expired "the token expired $duration ago by $clock_name: exp is $fact_exp$odd_kind, the time was $reference" "$expired_fix"
    fi
  elif said expired; then
    fail token-expired "the API says that the token has expired; by $clock_name it has $duration left (exp is $fact_exp$odd_kind)" "$expired_fix"
  elif [ -n "$odd_kind" ]; then
    suspect token-expired "exp is $fact_exp$odd_kind; the gateway cannot read it as the issuer meant it" 'use a token that the issuer made, unchanged'
  else
    pass token-expired
  fi
}

# check_times
# token-expired, token-not-yet-valid, clock-skew.
check_times() {
  reference=$fact_now clock_name="this machine's clock" skewed='' clock_wrong='' early='' apart=0
  if [ -n "$fact_date" ]; then
    reference=$fact_date clock_name="the answer's Date"
    if [ "$mode" = live ]; then
      clock_name="the API's clock" apart=$((fact_now - fact_date))
      { [ "$apart" -le "$CLOCK_LEEWAY" ] && [ "$apart" -ge -"$CLOCK_LEEWAY" ]; } || skewed=yes
    fi
  fi
  check_expired
  [ -z "$fact_nbf" ] || [ "$nbf_at" -le $((reference + CLOCK_LEEWAY)) ] || early="nbf is $fact_nbf" early_by=$((nbf_at - reference))
  if [ -z "$early" ] && [ -n "$fact_iat" ] && [ "$iat_at" -gt $((reference + CLOCK_LEEWAY)) ]; then
    early_by=$((iat_at - reference))
    if [ -n "$fact_date" ]; then
      early="iat is $fact_iat"
    else
      duration "$early_by"
      clock_wrong="by this machine's clock the token was issued $duration in the future (iat is $fact_iat, now is $fact_now)"
    fi
  fi
  if [ -n "$early" ]; then
    duration "$early_by"
    fail token-not-yet-valid "the token becomes valid in $duration only: $early, and by $clock_name it was $reference" \
      'wait until then; if the token is new, the clocks of issuer and API differ: use the token a minute later, or tell the issuer'
  elif said notyet; then
    fail token-not-yet-valid 'the API says that the token is not valid yet' 'use the token a minute later; check the clock of what made it'
  else
    pass token-not-yet-valid
  fi
  if [ -n "$clock_wrong" ]; then
    duration "$apart"
    [ "$apart" -eq 0 ] || clock_wrong="$clock_wrong; this machine's clock is $duration off"
    fail clock-skew "$clock_wrong" "set this machine's clock (timedatectl set-ntp true), then get a new token: rhythm-token --refresh header"
  elif [ -n "$skewed" ]; then
    duration "$apart"
    if [ "$apart" -gt 0 ]; then warn clock-skew "this machine's clock is $duration ahead of the API's"
    else warn clock-skew "this machine's clock is $duration behind the API's"; fi
  elif [ "$mode" = live ] && [ -z "$fact_date" ]; then
    skip clock-skew
  else
    pass clock-skew
  fi
}

# check_audience
check_audience() {
  audience_fix="ask for the token with audience=$set_audience (set RHYTHM_AUDIENCE=$set_audience)"
  case $audience_found,", $fact_aud, " in
    yes,*) ;;
    *", $set_audience/, "*)
      fail audience "aud is $fact_aud; with the slash at its end it is another audience than $set_audience" "$audience_fix"; return ;;
    ',, , ') fail audience "the token has no aud; it should be $set_audience" "$audience_fix"; return ;;
    *) fail audience "aud is $fact_aud; it should be or hold $set_audience, exactly" "$audience_fix"; return ;;
  esac
  if said audience; then
    fail audience "the API says that the audience is wrong; aud is $fact_aud" "set RHYTHM_AUDIENCE=$DOCUMENTED_AUDIENCE and get a new token (rhythm-token --refresh header)"
  elif [ "$set_audience" != "$DOCUMENTED_AUDIENCE" ] && { [ "$set_api_base" = "$SERVICE_BASE" ] || [ "$set_api_base" = "$ARTICLE_BASE" ]; }; then
    suspect audience "the profile asks for the audience $set_audience; Rhythm's is $DOCUMENTED_AUDIENCE" "set RHYTHM_AUDIENCE=$DOCUMENTED_AUDIENCE and get a new token"
  else
    pass audience
  fi
}

# check_issuer
# issuer, signature. The key set is asked for only while nothing else is wrong.
check_issuer() {
  issuer_wanted=${set_issuer#http*://} issuer_wanted=${issuer_wanted%/}
  case $issuer_wanted in *[A-Z]*) issuer_wanted=$(printf '%s' "$issuer_wanted" | tr '[:upper:]' '[:lower:]') ;; *) ;; esac
  issuer_found=${fact_iss#http*://} issuer_found=${issuer_found%/}
  if [ -z "$fact_iss" ]; then
    fail issuer 'the token names no issuer (iss)' 'use a token of the issuer that Rhythm Console shows under Security & Settings > API Keys'
  elif said issuer; then
    fail issuer "the API says that the issuer is wrong; iss is $fact_iss" 'use a token of the issuer that Rhythm Console shows under Security & Settings > API Keys'
  elif [ -z "$set_issuer" ]; then
    skip issuer
  elif [ "$issuer_found" != "$issuer_wanted" ]; then
    fail issuer "the token was issued by $fact_iss; this profile's issuer is $set_issuer" 'get the token from this issuer, or choose the profile that belongs to the token with -p NAME'
  else
    pass issuer
  fi
  unsigned_fix='use the token as the issuer made it: rhythm-token print'
  case $fact_alg in
    [nN][oO][nN][eE] | '') fail signature 'the token is not signed (alg is none)' "$unsigned_fix"; return ;;
    HS*) fail signature "the token is signed with a shared secret ($fact_alg), which no key set of the issuer verifies" "$unsigned_fix"; return ;;
    *) ;;
  esac
  if [ "$fact_signature" = empty ]; then
    fail signature 'the third part of the token, the signature, is empty: it was cut off' "$unsigned_fix"
  elif said signature; then
    fail signature 'the API says that the signature is wrong' "$unsigned_fix"
  elif [ -n "$checks_cause" ]; then
    skip signature
  else
    verify_state=skip verify_note=''
    case $fact_status in 2*) verify_state=pass ;; *) caller_verify ;; esac
    if [ "$verify_state" = fail ]; then
      fail signature "the issuer's key set does not verify the token: $verify_note" "$unsigned_fix"
    else
      result signature "$verify_state" "$verify_note"
    fi
  fi
}

# check_claims
# tenant-claim, customer-claim, first-login, contact-context.
check_claims() {
  case $fact_tenant_state in
    present) pass tenant-claim ;;
    plain) fail tenant-claim 'tenant_id has no namespace; Rhythm reads http://rhythmsoftware.com/tenant_id only' 'use a token of the Rhythm issuer as it is; an Action that renames claims must keep the namespace' ;;
    empty) fail tenant-claim 'http://rhythmsoftware.com/tenant_id is empty' "the API key belongs to no tenant: ask Rhythm's support to set the tenant of this client" ;;
    *) fail tenant-claim 'the token has no http://rhythmsoftware.com/tenant_id' 'take the API key from Rhythm Console, Security & Settings > API Keys: only its issuer stamps the tenant' ;;
  esac
  if [ "$fact_customer_state" = present ]; then
    pass customer-claim
  else
    warn customer-claim "customer_id is $fact_customer_state; the tutorial at docs.api.rhythmsoftware.com requires it, the support article calls it optional"
  fi
  check_contact
}

# check_contact
# Machine tokens never have a contact, and need none but for what is about the person.
check_contact() {
  if [ "$fact_kind" = machine ]; then
    pass first-login
    if [ -n "$url_contact" ]; then
      fail contact-context "a machine token stands for no person, and this call asks for the person's own contact" \
        "call it with a user's token (rhythm-token login), or read a contact by its id: contacts/{tenantId}/ID"
    elif [ "$url_style" = none ]; then
      skip contact-context
    else
      pass contact-context
    fi
    return
  fi
  if [ "$fact_contact_state" = present ]; then
    pass first-login
  elif [ "$fact_contact_state" = plain ]; then
    fail first-login 'this user token has a contact_id without the namespace http://rhythmsoftware.com/, which Rhythm does not read' 'use a token of the Rhythm issuer as it is'
  else
    fail first-login "this user token has no contact_id ($fact_contact_state): the person has never logged in to Rhythm's UI" \
      'log in to the Rhythm UI once as this person, then get a new token'
  fi
  pass contact-context
}

# check_tenant
# tenant-mismatch: the path's tenant against the token's.
check_tenant() {
  if [ -z "$url_tenant" ] || [ "$fact_tenant_state" != present ]; then
    skip tenant-mismatch
    return
  fi
  case $url_tenant in
    \{* | %7[Bb]* | :* | \<*)
      fail tenant-mismatch "the path still holds the placeholder $url_tenant; the token's tenant is $fact_tenant" "put the tenant in its place: $fact_tenant" ;;
    *\$* | *%*) skip tenant-mismatch ;;
    "$fact_tenant") pass tenant-mismatch ;;
    *) fail tenant-mismatch "the path's tenant is $url_tenant, the token's is $fact_tenant" "call the path with $fact_tenant, or use a token of $url_tenant (another profile: -p NAME)" ;;
  esac
}

# other_style
# Sets other_base: what to try where the base URL is one of the two that Rhythm publishes, and may be the one that is not
# served. Which of them answers is not tried: that would be a second request.
other_style() {
  case $url_style in
    article) other_base="try the other published base URL: https://$url_service.api.rhythmsoftware.com$url_rest" ;;
    service) other_base="try the other published base URL: https://api.rhythmsoftware.com/$url_service-v1$url_rest" ;;
    *) other_base='' ;;
  esac
}

# check_base
# base-url: is it a Rhythm service, and the one that has this path?
check_base() {
  base_fix='call https://SERVICE.api.rhythmsoftware.com/PATH (the reference) or https://api.rhythmsoftware.com/SERVICE-v1/PATH (the support article), such as https://rolodex.api.rhythmsoftware.com/contacts/current'
  case $url_style in
    none) skip base-url; return ;;
    foreign) fail base-url "$fact_url is not below a Rhythm base URL: $url_problem" "$base_fix"; return ;;
    *) ;;
  esac
  case $url_service in
    '' | *\$*) pass base-url; return ;;
    *) ;;
  esac
  place=$(catalogue_place "$url_service" "$url_resource") || place='yes 0 no'
  case $place in
    no*)
      near=$(catalogue_nearest "$url_service" | tr '\n' ' ') || near=''
      fail base-url "Rhythm has no service called $url_service${near:+ (nearest: ${near% })}" "$base_fix" ;;
    'yes 0 '* | 'yes '*' yes'* | 'yes '*' no')
      if [ "$url_style" = article ] && said forbidden; then
        fail base-url "the gateway answered 403 Forbidden, as it does for a host or base path that it does not serve" \
          "$other_base"
      elif case $fact_status in 304) false ;; 3??) true ;; *) false ;; esac; then
        fail base-url "the answer is a redirect ($fact_status)${fact_location:+ to $fact_location}; the API does not redirect, and clients drop the token on the way" "$base_fix"
      else
        pass base-url
      fi ;;
    *)
      fail base-url "$url_service has no /$url_resource; it is a path of ${place#yes * no }" "call it at https://$(printf '%s' "${place#yes * no }" | sed 's/ .*//').api.rhythmsoftware.com$url_rest" ;;
  esac
}

# support
# Sets support to what Rhythm's support needs.
support() {
  support="write to Rhythm's support with${fact_request_id:+ request id $fact_request_id,}${fact_answer_date:+ the time $fact_answer_date,}${fact_status:+ status $fact_status,}${fact_method:+ $fact_method}${fact_url:+ $fact_url,}${fact_tenant:+ tenant $fact_tenant}"
  support=${support%,}
}

# check_answer
# route, permission, rate-limit, network, tls, server: what the answer alone tells.
check_answer() {
  shown_method="${fact_method:+$fact_method }${fact_url:-this URL}"
  case $fact_says,$checks_cause in
    route, | equal,)
      fail route "the gateway has no route for $shown_method; its answer ($fact_status) is about that, not about the token" \
        "check method and path against the reference (rhythm-get --list SERVICE RESOURCE)${other_base:+; if they are right, $other_base}" ;;
    route,* | equal,*) skip route ;;
    *) case $fact_status in 2??) pass route ;; *) skip route ;; esac ;;
  esac
  case $fact_status,$fact_says,$checks_cause in
    403,policy, | 403,deny, | 40[13],scope,)
      support
      fail permission "the API's authorizer knows this caller and refuses it this call (403${fact_says:+, $fact_says})" \
        "have the right for this call given to the API key or the person in Rhythm Console; else $support" ;;
    2??,*) pass permission ;;
    *) skip permission ;;
  esac
  case $fact_status in
    429) fail rate-limit "the API answered 429: too many requests in a short time; the token is not the matter" "wait${fact_retry:+ (Retry-After: $fact_retry)} and send fewer requests at a time" ;;
    [1-5]??) pass rate-limit ;;
    *) token_failure rate-limit || skip rate-limit ;;
  esac
  check_connection
}

# token_failure ID
# Status 0: the token itself could not be had for this cause, and that is said.
token_failure() {
  [ "$token_cause" = "$1" ] || return 1
  fail "$1" "$token_words" "$token_fix"
}

# check_connection
# network, tls, server.
check_connection() {
  case $fact_failure,$fact_status in
    network,*) fail network "no answer came: $fact_failure_words" 'check the name, the network, the firewall and the proxy variables; the token was never judged' ;;
    proxy,* | *,407) fail network "a proxy on the way refused: ${fact_failure_words:-407}" 'give curl the right proxy (https_proxy, no_proxy); the token was never judged' ;;
    *,[1-5]??) pass network ;;
    *) token_failure network || skip network ;;
  esac
  case $fact_failure,$fact_status in
    tls,*) fail tls "no secure connection: $fact_failure_words" 'set ca_bundle (RHYTHM_CA_BUNDLE) to the CA of your network, or check the host name and the clock; the token was never judged' ;;
    *,[1-5]??) pass tls ;;
    *) token_failure tls || skip tls ;;
  esac
  case $fact_status in
    5??) support
      fail server "the API answered $fact_status: the other side is in trouble; the token is not the matter" "try again later; if it stays, $support" ;;
    [1-4]??) pass server ;;
    *) token_failure server || skip server ;;
  esac
}

# check_rest
# unexplained; and a suspicion becomes the verdict if nothing else explains a refusal.
check_rest() {
  case $fact_status in
    401 | 403) ;;
    '') token_failure unexplained || skip unexplained; return ;;
    *) pass unexplained; return ;;
  esac
  if [ -n "$checks_cause" ]; then
    pass unexplained
  elif [ -n "$suspect_id" ]; then
    checks_cause=$suspect_id checks_reason="the API refused ($fact_status), and $suspect_reason" checks_fix=$suspect_fix
    suspect_line="$suspect_id${TAB}warn$TAB"
    checks_results="${checks_results%%"$suspect_line"*}$suspect_id${TAB}fail$TAB${checks_results#*"$suspect_line"}"
    pass unexplained
  else
    support
    unexplained="the API answered $fact_status${fact_answer_words:+ ($fact_answer_words)}, and no check explains it"
    [ "$fact_form" != redacted ] || unexplained="$unexplained; the token itself was blotted out or left out, and not checked"
    [ "$no_token" = yes ] || [ "$fact_customer_state" = present ] || unexplained="$unexplained; customer_id is $fact_customer_state, which one of the two guides requires"
    ! said forbidden || unexplained="$unexplained; Forbidden comes from a firewall, an API key or the host's mapping"
    if [ "$fact_form" = redacted ]; then support="check the token itself (rhythm-check --token FILE); else $support"; fi
    fail unexplained "$unexplained" "$support"
  fi
}

# checks_none
# The verdict if nothing failed.
checks_none() {
  checks_cause=none checks_fix='nothing to fix'
  case $fact_status in
    2??) checks_reason="the API answered $fact_status: it took the token" ;;
    ?*) checks_reason="the API answered $fact_status, which is no refusal of the token" checks_fix="look at the request: what it asks for, and the answer's words" ;;
    *)
      checks_reason='nothing is wrong that can be seen here'
      checks_fix='whether the API takes it, only a live check can say: rhythm-check'
      [ "$mode" = live ] || checks_fix="$checks_fix --token FILE SERVICE PATH"
      [ "$fact_form" != redacted ] || checks_reason="$checks_reason; the token itself is not in the text" ;;
  esac
}

# checks_run
checks_run() {
  checks_results='' checks_cause='' checks_reason='' checks_fix='' suspect_id='' no_token='' lenient=''
  case $fact_failure,$fact_status,$fact_says in
    ,40[13],route | ,40[13],equal) lenient=route ;;
    ,401,* | ,403,* | ,,*) ;;
    *) lenient=yes ;;
  esac
  place_url "$fact_url"
  other_style
  expired_fix='get a new token (rhythm-token header renews by itself; a program that keeps its own must ask again before exp)'
  check_profile
  check_header
  if [ -n "$token_cause" ] || [ -n "$no_token" ]; then
    token_checks_without
  else
    check_form
    if [ "$no_token" = yes ]; then
      token_checks_without_claims
    else
      check_times
      check_audience
      check_issuer
      check_claims
      check_tenant
    fi
  fi
  check_base
  check_answer
  check_rest
  [ -n "$checks_cause" ] || checks_none
}

# token_checks_without
# Without a token to look into: what the answer says of it, the rest is skipped.
token_checks_without() {
  skip_all token-malformed token-opaque
  token_checks_without_claims
}

# token_checks_without_claims
token_checks_without_claims() {
  for check_id in token-expired token-not-yet-valid clock-skew audience issuer signature tenant-claim customer-claim first-login contact-context tenant-mismatch; do
    without_word=$check_id
    case $check_id in token-expired) without_word=expired ;; token-not-yet-valid) without_word=notyet ;; *) ;; esac
    if [ "$token_cause" = "$check_id" ]; then
      fail "$check_id" "$token_words" "$token_fix"
    elif said "$without_word" && [ -z "$checks_cause" ]; then
      fail "$check_id" "the API says so: $fact_answer_words" 'see the manual page, rhythm-check(1), for this cause'
    else
      skip "$check_id"
    fi
  done
}
