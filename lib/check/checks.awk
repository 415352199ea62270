# checks: goes through the causes of a refusal, in an order in which the first failure explains the rest.
#
#   awk -f checks.awk -f causes/... -f report.awk FILE...
#
# Their order is in judge(), below, and nowhere else; causes/ contains the checks, one file per family, and
# remedies.awk. Reads facts as key=value: what rhythm-token facts and facts.awk print, and what rhythm-check knows itself:
#
#   mode=           what is judged: token (pasted), request (captured), live
#   explicit=       the profile's name, if one was given: only then can settings decide the verdict on what was pasted
#   offline=yes     no connection may be opened
#   problem=        what is wrong with the profile
#   token.cause= token.words=   why there is no token
#   url= style= service= path= url.problem=   where the request goes, see place.sh
#   required_base=  the api_base that url= is not below, so no request was made
#   unanswered=     why the configured base URL did not respond: url= is the other published one, which did
#   catalogue= nearest= near.resource=   what the catalogue says about service and path; complete=, whether that proves
#                   anything
#   pasted=yes      live, with a pasted token
#
# All texts are escaped like the values of key=value. Status: 0 nothing failed; 1 a verdict with a failure; 3 verify= is
# needed first, and nothing was printed; 65 see report.awk.
#
# Variables of all checks, each with the one function that sets it:
#
#   judge       mode, status, says, failure, url, audience, issuer, form, own, has_claims
#   lenience    lenient: which failures of the token the response turns into warnings
#   place_path  resource, path_tenant, of_person, other_base
#   check_base  absent: the catalogue proves that the path does not exist
#   fail        cause, reason, fix: the verdict     doubt  doubts, doubt_fixes     suspect  suspected, suspect_reason, suspect_fix

BEGIN {
  AUDIENCE = "https://api.rhythmsoftware.com"                    # the documented one
  SERVICE_BASE = "https://{service}.api.rhythmsoftware.com"      # and the two base URLs
  ARTICLE_BASE = "https://api.rhythmsoftware.com/{service}-v1"
  CONSOLE = "Rhythm Console > Security & Settings > API Keys"    # where a client is shown
  LEEWAY = 60 # seconds by which two clocks may differ
  CLAIMS = "token-expired token-not-yet-valid clock-skew audience issuer signature tenant-claim customer-claim " \
    "first-login contact-context tenant-mismatch"   # the checks of a token's claims
  id_count = split("config credentials grant quota header-missing header-name header-scheme token-malformed " \
    "token-opaque " CLAIMS " base-url route permission rate-limit network tls server unexplained", ids, " ")
  for (i = 1; i <= id_count; i++) state[ids[i]] = "skip"
}

/^date=unknown$/ { next }
{
  at = index($0, "=")
  key = substr($0, 1, at - 1); value = substr($0, at + 1)
  if (key == "aud") has_audience[value]
  fact[key] = key ~ /^(aud|cleaned)$/ && fact[key] != "" ? fact[key] ", " value : value
}

END {
  judge()
  exit report()
}

# --- the order --------------------------------------------------------------------------------------------------------

function judge() {
  mode = fact["mode"]; status = fact["status"]; says = fact["says"]; failure = fact["failure"]; url = fact["url"]
  audience = fact["config.audience"] == "" ? AUDIENCE : fact["config.audience"]
  issuer = fact["config.auth0_domain"]
  form = fact["token.kind"] != "" ? fact["token.kind"] : fact["form"]
  own = mode == "live" || fact["explicit"] != ""   # whether the settings are the sender's
  if (fact["style"] == "") fact["style"] = "none"   # there is no URL
  lenience()
  if (fact["token.cause"] != "") {
    check_no_token(fact["token.cause"], fact["token.words"])
    return
  }
  place_path(fact["style"])
  check_profile()
  if (fact["issuer"] != "" && status !~ /^2..$/) { check_issuer_answer(); return }
  has_claims = check_header() && check_form()
  if (has_claims) {
    pass(CLAIMS)   # unless a check says otherwise
    check_times()
    check_audience()
    check_issuer()
    check_signature()
    check_claims()
    check_contact()
    check_tenant()
  } else {
    check_words()
  }
  if (fact["issuer"] == "") {
    check_base(fact["style"], fact["service"])
    check_answer()
  }
  check_connection()
  check_rest()
  if (cause == "") nothing_wrong()
}

# Sets lenient. If the response names another cause, or shows that the token could be read, a failure of the token becomes
# a warning.
function lenience() {
  if (failure != "" || status !~ /^(40[013])?$/) lenient = "yes"
  else if (status == 400) lenient = "bad request"
  else if (status != "" && says ~ /^(route|equal|anonymous)$/) lenient = "route"
  else if (says == "server") lenient = "yes"
  else if (status == 403 && says ~ /^(policy|deny)$/ || says == "scope") lenient = "read"
  else if (fact["stranger"] != "") lenient = "stranger"
}

# The verdict if nothing failed.
function nothing_wrong(   lacks) {
  if (status == "" && !has_claims && !(mode == "live")) {
    lacks = mode == "token" ? "the token" : unread()
    fail("unexplained", "the input shows no problem, but is not enough to judge: it lacks " lacks, how_to_read(lacks))
    return
  }
  if (fact["complaint"] != "") {
    fail("unexplained", "no check finds a problem, but the input mentions a failure (\"" fact["complaint"] "\") without the response" suspicion("; "), after_doubts(how_to_read("the response")))
    return
  }
  cause = "none"
  fix = "nothing to fix"
  if (status ~ /^2..$/) reason = "the API returned " status ": it accepted the token"
  else if (status != "") {
    reason = "the API returned " status given(" (", answer_words(), ")") ": it refused the request, not the token"
    fix = "correct the request as the response's message says"
  } else {
    reason = "no problem was found" suspicion(", except for ")
    fix = "run a live check to see whether the API accepts the token: rhythm-check"
    if (mode != "live") fix = fix " --token FILE SERVICE PATH"
    fix = after_doubts(fix)
  }
}

# --- results ----------------------------------------------------------------------------------------------------------

function result(id, how, why) { state[id] = how; note[id] = why }
function pass(names,   n, id) {
  n = split(names, id, " ")
  for (; n; n--) result(id[n], "pass")
}
function skip(id, why) { result(id, "skip", why) }
function warn(id, why) { result(id, "warn", why) }

# The first failure is the verdict. A failure that the response spares, see lenience(), is a warning.
function fail(id, why, remedy) {
  if (lenient != "" && spared(id)) { warn(id, why); return }
  result(id, "fail", why)
  if (cause != "") return
  cause = id; reason = why; fix = remedy
}
function spared(id) {
  if (id == "base-url") return fact["unanswered"] == "" && (status ~ /^2..$/ || status == 304)
  if (id ~ /^(config|credentials|grant|quota|route|permission|rate-limit|network|tls|server|unexplained)$/) return 0
  if (lenient == "bad request") return id !~ /^header-|^token-(malformed|opaque)$/
  if (lenient == "read") return id != "tenant-mismatch" && id != "contact-context"
  if (id == "header-missing" || id == "header-name") return lenient != "route"
  return 1
}

# A warning based only on the reader's own settings or on incomplete knowledge: never the verdict, but added to the reason
# if there is none. The remedy begins with the condition under which the suspicion is right.
function doubt(id, why, remedy) {
  if (state[id] !~ /^(fail)$/) warn(id, why)
  doubts = doubts "; " why
  doubt_fixes = doubt_fixes remedy "; "
}
function suspicion(before) { return doubts == "" ? "" : before "a suspicion: " substr(doubts, 3) }
function after_doubts(remedy) { return doubt_fixes == "" ? remedy : doubt_fixes "otherwise " remedy }

# A warning that becomes the verdict if the API refused and nothing else explains it.
function suspect(id, why, remedy) {
  warn(id, why)
  if (suspected != "") return
  suspected = id; suspect_reason = why; suspect_fix = remedy
}

# --- words that several causes use ------------------------------------------------------------------------------------

# VALUE between BEFORE and AFTER, if there is one.
function given(before, value, after) { return value == "" ? "" : before value after }

# How to set KEY: in the profile, if the profile sets it now.
function to_set(key, what,   file) {
  file = fact["config.from." key]
  return sub(/^file:/, "", file) ? "set " key "=" what " in " file : "set RHYTHM_" toupper(key) "=" what
}

# The command that gets a new token.
function renewal(   profile) {
  profile = fact["config.profile"]
  return "rhythm-token " (profile ~ /^(default)?$/ ? "" : "-p " profile " ") "--refresh header"
}

# As people say it: 40 s, 12 min, 5 h 10 min, 3 days.
function duration(seconds) {
  if (seconds < 0) seconds = -seconds
  if (seconds < 120) return seconds " s"
  if (seconds < 7200) return int(seconds / 60) " min"
  if (seconds < 172800) return int(seconds / 3600) " h " int(seconds % 3600 / 60) " min"
  return sprintf("%.0f days", int(seconds / 86400))
}

# The response's own words.
function answer_words() {
  if (fact["answer.words"] == "") return fact["says.words"]
  return fact["answer.words"] given("; ", fact["says.words"], "")
}

# The host of an issuer, or of a URL.
function host_of(domain) {
  sub(/^http[^:]*:\/\//, "", domain)
  sub(/[\/].*$/, "", domain)
  return domain
}

# What Rhythm's support needs.
function support(   with) {
  with = given(" request ID ", fact["answer.request"], ",") given(" the time ", fact["answer.date"], ",") \
    given(" status ", status, ",") given(" ", fact["method"], "") given(" ", url, ",") \
    given(" tenant ", fact["tenant_id"], "")
  sub(/,$/, "", with)
  return "write to Rhythm's support" given(" with", with, "")
}
