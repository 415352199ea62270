# checks: the causes of a refusal, each with the check that finds it, in an order in which the first explains the rest.
#
#   awk -f checks.awk -f report.awk from=config. FILE from=ledger. FILE from= FILE...
#
# Reads facts, key=value: what rhythm-token config, rhythm-token status, rhythm-token inspect and capture.awk print, and
# what rhythm-check knows itself:
#
#   mode=           what is judged: token (pasted), request (captured), live
#   offline=yes     no connection may be opened
#   problem=        what is wrong with the profile
#   token.cause= token.words=   why there is no token; fresh=yes: it was got just now
#   api_base= url= style= service= path= url.problem=   where the request goes, see place in rhythm-check
#   unanswered=     why the configured base URL did not answer: url= is the other published one, which did
#   catalogue= nearest=   what the catalogue says of service and path
#   verify=         pass, fail or skip: the signature against the issuer's key set; verify.note=
#
# All texts are escaped as values of key=value are. Status: 0 nothing failed, 1 a verdict with a failure, 3 verify= is
# needed first, and nothing was printed, 65 see report.awk.

BEGIN {
  AUDIENCE = "https://api.rhythmsoftware.com"                    # the documented one
  SERVICE_BASE = "https://{service}.api.rhythmsoftware.com"      # and the two base URLs
  ARTICLE_BASE = "https://api.rhythmsoftware.com/{service}-v1"
  CONSOLE = "Rhythm Console > Security & Settings > API Keys"    # where a client is shown
  LEEWAY = 60 # seconds by which two clocks may differ
  CLAIMS = "token-expired token-not-yet-valid clock-skew audience issuer signature tenant-claim customer-claim " \
    "first-login contact-context tenant-mismatch"   # what a token's claims are looked into for
  id_count = split("config credentials grant quota header-missing header-name header-scheme token-malformed " \
    "token-opaque " CLAIMS " base-url route permission rate-limit network tls server unexplained", ids, " ")
  for (i = 1; i <= id_count; i++) state[ids[i]] = "skip"
}

/^date=unknown$/ { next }
{
  at = index($0, "=")
  key = from substr($0, 1, at - 1); value = substr($0, at + 1)
  if (key == "aud") has_audience[value]
  fact[key] = key ~ /^(aud|cleaned)$/ && fact[key] != "" ? fact[key] ", " value : value
}

END {
  judge()
  exit report()
}

# --- results ----------------------------------------------------------------------------------------------------------

function result(id, how, why) { state[id] = how; note[id] = why }
function pass(names,   n, id) {
  n = split(names, id, " ")
  for (; n; n--) result(id[n], "pass")
}
function skip(id, why) { result(id, "skip", why) }
function warn(id, why) { result(id, "warn", why) }

# The first one is the verdict. What speaks against a token that the answer does not speak against is a warning.
function fail(id, why, remedy) {
  if (lenient != "" && spared(id)) { warn(id, why); return }
  result(id, "fail", why)
  if (cause != "") return
  cause = id; reason = why; fix = remedy
}
function spared(id) {
  if (id == "base-url") return fact["unanswered"] == "" && (status ~ /^2..$/ || status == 304)
  if (id == "header-missing" || id == "header-name") return lenient != "route"
  return id !~ /^(route|permission|rate-limit|network|tls|server|unexplained)$/
}

# A warning that becomes the verdict if the API refused and nothing else explains it.
function suspect(id, why, remedy) {
  warn(id, why)
  if (suspected != "") return
  suspected = id; suspect_reason = why; suspect_fix = remedy
}

# VALUE between the two, if there is one.
function given(before, value, after) { return value == "" ? "" : before value after }

# How to set something: in the profile, if it is that which sets it.
function to_set(key, what,   file) {
  file = fact["config.from." key]
  return sub(/^file:/, "", file) ? "set " key "=" what " in " file : "set RHYTHM_" toupper(key) "=" what
}

# The command that gets a new token.
function renewal(   profile) {
  profile = fact["config.profile"]
  return "rhythm-token " (profile ~ /^(default)?$/ ? "" : "-p " profile " ") "--refresh header"
}

# What people say: 40 s, 12 min, 5 h 10 min, 3 days.
function duration(seconds) {
  if (seconds < 0) seconds = -seconds
  if (seconds < 120) return seconds " s"
  if (seconds < 7200) return int(seconds / 60) " min"
  if (seconds < 172800) return int(seconds / 3600) " h " int(seconds % 3600 / 60) " min"
  return sprintf("%.0f days", int(seconds / 86400))
}

# --- the checks, in their order ---------------------------------------------------------------------------------------

function judge() {
  mode = fact["mode"]; status = fact["status"]; says = fact["says"]; failure = fact["failure"]; url = fact["url"]
  audience = fact["config.audience"] == "" ? AUDIENCE : fact["config.audience"]
  issuer = fact["config.auth0_domain"]
  if (failure != "" || status !~ /^(401|403)?$/) lenient = "yes"
  else if (status != "" && (says == "route" || says == "equal")) lenient = "route"
  if (fact["token.cause"] != "") {
    check_no_token(fact["token.cause"], fact["token.words"])
    return
  }
  place_path(fact["style"])
  check_profile()
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
    check_words(says == "expired" ? "token-expired" : says == "notyet" ? "token-not-yet-valid" : says)
  }
  check_base(fact["style"], fact["service"])
  check_answer()
  check_connection()
  check_rest()
  if (cause == "") nothing_wrong()
}

# The profile got no token: nothing else can be judged.
function check_no_token(id, words,   left, limit, remedy) {
  left = fact["ledger.left"]
  limit = fact["ledger.limit"]
  # The month is spent: how the issuer says so is not known.
  if (id == "unexplained" && left != "" && left + 0 <= int(limit / 10) + 1) {
    id = "quota"; words = "probably the quota: " words
  }
  if (id == "quota" && left != "")
    words = words "; the local ledger: " fact["ledger.minted"] " of " limit " tokens this month"
  remedy["config"] = "set what is missing in the profile or the environment (" CONSOLE ")"
  remedy["credentials"] = "compare client id and secret with " CONSOLE ", then " renewal()
  remedy["grant"] = "ask Rhythm's support to enable this grant for the client, or set another one (grant=)"
  remedy["audience"] = to_set("audience", AUDIENCE)
  remedy["quota"] = "wait until it frees, and let every program share one token: rhythm-token status --log shows who asked"
  remedy["rate-limit"] = "wait, then try again"
  remedy["network"] = "check auth0_domain, the network, the proxy variables and ca_bundle; no token was judged"
  remedy["tls"] = remedy["network"]
  remedy["server"] = "try again later; check that auth0_domain is the issuer of Rhythm Console"
  remedy["unexplained"] = "write to Rhythm's support with the issuer's words"
  # The words may name the remedy themselves.
  if (words ~ /; run rhythm-token login/ && match(words, /^.*; /)) {
    remedy[id] = substr(words, RLENGTH + 1); words = substr(words, 1, RLENGTH - 2)
  }
  if (id != "config") pass("config")
  fail(id, words, remedy[id])
}

# config, credentials, grant, quota
function check_profile(   left, limit) {
  if (mode != "live") {
    if (fact["problem"] != "") warn("config", fact["problem"])
    return
  }
  pass("config")
  if (fact["fresh"] == "yes") pass("credentials grant")
  else
    skip("credentials", "not tested, the token came from the cache; " renewal() " would" \
      (fact["config.grant"] == "client_credentials" ? ", for one token of the month" : ""))
  left = fact["ledger.left"]; limit = fact["ledger.limit"]
  if (left == "") return
  pass("quota")
  if (left + 0 <= int(limit / 10))
    warn("quota", fact["ledger.minted"] " of " limit " tokens of this month are spent, by this machine's ledger")
}

# header-missing, header-name, header-scheme. 0: there is no token to look into.
function check_header(   count) {
  if (mode == "token" && fact["scheme.form"] == "") return 1
  count = fact["header.count"]
  if (mode == "request" && count == "none") return 0
  if (mode == "request" && count == 0 && fact["header.other"] == "") {
    if (fact["query.token"] != "")
      fail("header-missing",
        "the request has no Authorization header; its token stands in the URL, where the API does not look and logs keep it",
        "send the token as the header  Authorization: Bearer TOKEN")
    else
      fail("header-missing", "the request has no Authorization header",
        "send the header  Authorization: Bearer TOKEN  (rhythm-token header | curl -H @- URL)")
    return 0
  }
  pass("header-missing header-name header-scheme")
  if (mode == "live") return 1
  check_header_name(fact["header.other"] != "" ? fact["header.other"] : fact["header.name"])
  return check_header_scheme(fact["scheme.form"])
}

function check_header_name(name) {
  if (name ~ /[ \\]/)
    fail("header-name", "blanks stand between the header's name and its colon: \"" name ":\"",
      "write  Authorization: Bearer TOKEN  without a blank before the colon")
  else if (name != "" && tolower(name) != "authorization")
    fail("header-name", "the token stands in a header called " name ", not Authorization",
      "call the header exactly Authorization")
  else if (name != "" && name != "Authorization" && fact["http"] == 1)
    warn("header-name",
      "it is spelt " name ": right in HTTP/2; in HTTP/1 both guides want Authorization, though case should not matter")
}

# "Bearer", one space, token; and nothing else. 0: there is no token to look into.
function check_header_scheme(form,   wrong, count) {
  if (form == "" || (form == "bare" && fact["form"] == "redacted")) {
    skip("header-scheme", form == "" ? "" : "blotted out")
    return 1
  }
  count = fact["header.count"]
  wrong["bare"] = "the word Bearer and a space are missing in front of the token"
  wrong["case"] = "it begins with " fact["scheme"] "; the guides ask for Bearer, with a capital B"
  wrong["colon"] = "there is a colon behind Bearer; it is Bearer, one space, token"
  wrong["joined"] = "there is no space between Bearer and the token"
  wrong["spaces"] = "there is more than one space between Bearer and the token"
  wrong["tab"] = "there is a tab between Bearer and the token, not a space"
  wrong["twice"] = "Bearer stands there twice: your code adds it to a value that has it already"
  wrong["quotes"] = "there are quotes or brackets in the value; they went out with it"
  wrong["foreign"] = "its scheme is " fact["scheme"] ", not Bearer"
  if (form == "empty" && fact["scheme"] == "") wrong["empty"] = "it has no value"
  if (wrong[form] == "" && mode == "request") {
    if (fact["cleaned"] ~ /brackets/) wrong[form] = "there are brackets round the token"
    else if (fact["cleaned"] ~ /spaces/) wrong[form] = "there are spaces inside the token"
    else if (fact["header.lines"] != "")
      wrong[form] = "there is a line break in its value, such as the one at the end of a file"
    else if (count + 0 > 1) wrong[form] = "there are " count " Authorization headers, and the API reads one"
  }
  if (wrong[form] != "") {
    fail("header-scheme", "the Authorization header is not well-formed: " wrong[form],
      "send exactly  Authorization: Bearer TOKEN  (the word, one space, the token, nothing else)")
    return form != "foreign" && form != "empty"
  }
  if (fact["header.user"] != "")
    warn("header-scheme", "a user name and password (-u) stand beside the header; curl sends the header alone")
  return 1
}

# token-malformed, token-opaque. 0: there are no claims to look into.
function check_form(   form, wrong, remedy) {
  form = fact["form"]
  if (form == "redacted") {
    skip("token-malformed", fact["variable"] == "" ? "the token is blotted out; it was not checked" : \
      "the token comes from " fact["variable"] ", which is not in what you pasted")
    return 0
  }
  remedy = "use the access token itself: rhythm-token print, or the value at access_token in the answer of /oauth/token"
  if (form == "empty") wrong = "there is no token behind Bearer: the variable or file it comes from is empty"
  else if (form == "placeholder")
    wrong = "the token is " fact["word"] " as it stands: nothing was put in its place (single quotes keep a shell from it)"
  else if (form == "claims") wrong = "these are a token's claims, not the token"
  else if (form == "json") wrong = "this is JSON, not a token; an error answer of the issuer, perhaps"
  else if (form == "malformed") wrong = "the token " fact["why"]
  else if (form == "word") {
    wrong = "the token is the word " fact["word"] ": what a program prints for a value that it does not have"
    remedy = "find out why your program has no token there: a failed token request, or a wrong name of a field (it is access_token)"
  } else if (form == "jwt" && fact["id_token"] == "yes") {
    wrong = "this is an ID token, made out to the client (" fact["aud"] "): it says who somebody is and opens no API"
    remedy = "send the access_token of the same login, not the id_token"
  } else if (form !~ /^(jwt|jwe|opaque)$/) wrong = "this is no text that could be a token"
  if (wrong != "") {
    fail("token-malformed", wrong, remedy)
    return 0
  }
  pass("token-malformed token-opaque")
  if (form == "jwt") return 1
  wrong = form == "jwe" ? "it is encrypted (five parts)" : "it has no dots, so it is no JWT"
  fail("token-opaque", "the token is opaque: " wrong ". Auth0 issues such a one when the token request names no audience",
    "ask for the token with audience=" AUDIENCE)
  return 0
}

# Without claims to look into: what the answer says of the token, as the check ID.
function check_words(id) {
  if (cause == "" && id ~ /^(token-expired|token-not-yet-valid|audience|issuer|signature)$/)
    fail(id, "the API says so: " fact["answer.words"], "see the manual page, rhythm-check(1), for this cause")
}

# token-expired, token-not-yet-valid, clock-skew
function check_times(   apart, skewed, wrong, name, early, by) {
  now = fact["now"]
  clock = "this machine's clock"
  if (fact["date"] != "") {
    now = fact["date"]
    clock = mode == "live" ? "the API's clock" : "the answer's Date"
    if (mode == "live") apart = fact["now"] - now
  }
  skewed = apart > LEEWAY || apart < -LEEWAY
  wrong = check_expired(skewed)
  name = fact["nbf"] != "" && fact["nbf"] - now > LEEWAY ? "nbf" : "iat"
  by = fact[name] - now
  if (fact[name] != "" && by > LEEWAY) {
    if (name == "nbf" || fact["date"] != "") early = name " is " fact[name]
    else wrong = "by this machine's clock the token was issued " duration(by) " in the future (iat is " fact["iat"] \
      ", now is " now ")"
  }
  if (early != "")
    fail("token-not-yet-valid", "the token becomes valid in " duration(by) " only: " early ", and by " clock " it was " now,
      "wait until then; if the token is new, the clocks of issuer and API differ: use the token a minute later, or tell the issuer")
  else if (says == "notyet")
    fail("token-not-yet-valid", "the API says that the token is not valid yet",
      "use the token a minute later; check the clock of what made it")
  if (wrong != "")
    fail("clock-skew", wrong (apart ? "; this machine's clock is " duration(apart) " off" : ""),
      "set this machine's clock (timedatectl set-ntp true), then get a new token: " renewal())
  else if (skewed)
    warn("clock-skew", "this machine's clock is " duration(apart) (apart > 0 ? " ahead of" : " behind") " the API's")
  else if (mode == "live" && fact["date"] == "") skip("clock-skew")
}

# exp against the clock that counts. Returns what is wrong with this machine's, if that decides.
function check_expired(skewed,   kind, odd, left, remedy) {
  kind = fact["exp.kind"]
  odd["string"] = " (a string, where a number of seconds belongs)"
  odd["milliseconds"] = " (in milliseconds, where seconds belong)"
  remedy = "get a new token (rhythm-token header renews by itself; a program that keeps its own must ask again before exp)"
  left = fact["exp"] - now
  if (kind == "missing")
    suspect("token-expired", "the token has no exp, so it never expires; the gateway may refuse it for that",
      "use a token that the issuer made, with an exp")
  else if (kind == "other")
    suspect("token-expired", "exp is no number that can be read", "use a token that the issuer made")
  else if (left <= 0 && skewed && fact["exp"] - fact["now"] > 0) {
    skip("token-expired", "see clock-skew")
    return "the token ended " duration(left) " ago by the API's clock, and is valid by this machine's"
  } else if (left <= 0)
    fail("token-expired", "the token expired " duration(left) " ago by " clock ": exp is " fact["exp"] odd[kind] \
      ", the time was " now, remedy)
  else if (says == "expired")
    fail("token-expired",
      "the API says that the token has expired; by " clock " it has " duration(left) " left (exp is " fact["exp"] odd[kind] ")", remedy)
  else if (odd[kind] != "")
    suspect("token-expired", "exp is " fact["exp"] odd[kind] "; the gateway cannot read it as the issuer meant it",
      "use a token that the issuer made, unchanged")
  return ""
}

function check_audience(   aud, remedy, renew) {
  aud = fact["aud"]
  remedy = "ask for the token with audience=" audience " (" to_set("audience", audience) ")"
  renew = to_set("audience", AUDIENCE) " and get a new token"
  if (aud == "") fail("audience", "the token has no aud; it should be " audience, remedy)
  else if (!(audience in has_audience) && index(", " aud ", ", ", " audience "/, "))
    fail("audience", "aud is " aud "; with the slash at its end it is another audience than " audience, remedy)
  else if (!(audience in has_audience))
    fail("audience", "aud is " aud "; it should be or hold " audience ", exactly", remedy)
  else if (says == "audience")
    fail("audience", "the API says that the audience is wrong; aud is " aud, renew " (" renewal() ")")
  else if (audience != AUDIENCE && (fact["api_base"] == SERVICE_BASE || fact["api_base"] == ARTICLE_BASE))
    suspect("audience", "the profile asks for the audience " audience "; Rhythm's is " AUDIENCE, renew)
}

function bare(domain) {
  sub(/^http[^:]*:\/\//, "", domain)
  sub(/\/$/, "", domain)
  return domain
}
function check_issuer(   iss, remedy) {
  iss = fact["iss"]
  remedy = "use a token of the issuer that Rhythm Console shows under Security & Settings > API Keys"
  if (iss == "") fail("issuer", "the token names no issuer (iss)", remedy)
  else if (says == "issuer") fail("issuer", "the API says that the issuer is wrong; iss is " iss, remedy)
  else if (issuer == "") skip("issuer")
  else if (bare(iss) != bare(tolower(issuer)))
    fail("issuer", "the token was issued by " iss "; this profile's issuer is " issuer,
      "get the token from this issuer, or choose the profile that belongs to the token with -p NAME")
}

# The key set is asked for only while nothing else is wrong, and not for a pasted token: that one is judged offline.
function check_signature(   alg, wrong) {
  alg = fact["alg"]
  if (alg == "" || tolower(alg) == "none") wrong = "the token is not signed (alg is none)"
  else if (alg ~ /^HS/)
    wrong = "the token is signed with a shared secret (" alg "), which no key set of the issuer verifies"
  else if (fact["signature"] == "empty") wrong = "the third part of the token, the signature, is empty: it was cut off"
  else if (says == "signature") wrong = "the API says that the signature is wrong"
  else if (fact["verify"] == "fail") wrong = "the issuer's key set does not verify the token: " fact["verify.note"]
  if (wrong != "") fail("signature", wrong, "use the token as the issuer made it: rhythm-token print")
  else if (cause != "") skip("signature")
  else if (fact["verify"] != "") result("signature", fact["verify"], fact["verify.note"])
  else if (mode != "token" && fact["offline"] == "" && issuer != "") exit 3
  else skip("signature")
}

# tenant-claim, customer-claim
function check_claims(   tenant) {
  tenant = fact["tenant_id.state"]
  if (tenant == "plain")
    fail("tenant-claim", "tenant_id has no namespace; Rhythm reads http://rhythmsoftware.com/tenant_id only",
      "use a token of the Rhythm issuer as it is; an Action that renames claims must keep the namespace")
  else if (tenant == "empty")
    fail("tenant-claim", "http://rhythmsoftware.com/tenant_id is empty",
      "the API key belongs to no tenant: ask Rhythm's support to set the tenant of this client")
  else if (tenant != "present")
    fail("tenant-claim", "the token has no http://rhythmsoftware.com/tenant_id",
      "take the API key from Rhythm Console, Security & Settings > API Keys: only its issuer stamps the tenant")
  if (fact["customer_id.state"] != "present")
    warn("customer-claim",
      "customer_id is " fact["customer_id.state"] "; the tutorial at docs.api.rhythmsoftware.com requires it, the support article calls it optional")
}

# first-login, contact-context. Machine tokens never have a contact, and need none but for what is about the person.
function check_contact(   machine, contact) {
  machine = fact["kind"] == "machine"
  contact = fact["contact_id.state"]
  if (machine && of_person)
    fail("contact-context", "a machine token stands for no person, and this call asks for the person's own contact",
      "call it with a user's token (rhythm-token login), or read a contact by its id: contacts/{tenantId}/ID")
  else if (machine && fact["style"] == "none") skip("contact-context")
  else if (!machine && contact == "plain")
    fail("first-login",
      "this user token has a contact_id without the namespace http://rhythmsoftware.com/, which Rhythm does not read",
      "use a token of the Rhythm issuer as it is")
  else if (!machine && contact != "present")
    fail("first-login", "this user token has no contact_id (" contact "): the person has never logged in to Rhythm's UI",
      "log in to the Rhythm UI once as this person, then get a new token")
}

# The path's tenant against the token's.
function check_tenant(   tenant) {
  tenant = fact["tenant_id"]
  if (path_tenant == "" || fact["tenant_id.state"] != "present") skip("tenant-mismatch")
  else if (path_tenant ~ /^([{:<]|%7[Bb])/)
    fail("tenant-mismatch", "the path still holds the placeholder " path_tenant "; the token's tenant is " tenant,
      "put the tenant in its place: " tenant)
  else if (path_tenant ~ /[$%]/ && path_tenant !~ /%(0[ADad]|20)/) skip("tenant-mismatch")
  else if (path_tenant != tenant)
    fail("tenant-mismatch", "the path's tenant is " path_tenant ", the token's is " tenant,
      "call the path with " tenant ", or use a token of " path_tenant " (another profile: -p NAME)")
}

# Sets resource, path_tenant and of_person (the call needs a contact) from the path, and other_base: what to try where
# the base URL is one of the two that Rhythm publishes, and may be the one that is not served. Which of them does not
# refuse is not tried: that would be a second request.
function place_path(style,   path, part) {
  if (style == "none" || style == "foreign") return
  path = fact["path"]
  of_person = path ~ /^\/contacts\/(.*\/)?current\/?$/
  if (style == "article") other_base = "https://" fact["service"] ".api.rhythmsoftware.com" path
  if (style == "service") other_base = "https://api.rhythmsoftware.com/" fact["service"] "-v1" path
  other_base = given("try the other published base URL: ", other_base, "")
  sub(/^\//, "", path)
  split(path, part, "/")
  resource = part[1]
  if (path ~ /^[^\/]+\/\//) path_tenant = "(empty)"
  if (part[2] ~ /^(current|warmUpStepFunctions)?$/) return
  path_tenant = part[2]
  gsub(/%2[Ee]/, ".", path_tenant)
  gsub(/%2[Dd]/, "-", path_tenant)
}

# Is it a Rhythm service, and the one that has this path?
function check_base(style, service,   remedy, n, known, others) {
  if (style == "none") return
  pass("base-url")
  remedy = "call https://SERVICE.api.rhythmsoftware.com/PATH (the reference) or " \
    "https://api.rhythmsoftware.com/SERVICE-v1/PATH (the support article), such as " \
    "https://rolodex.api.rhythmsoftware.com/contacts/current"
  n = split(fact["catalogue"], known, " ")   # see catalogue_place
  if (style == "foreign")
    fail("base-url", url " is not below a Rhythm base URL: " fact["url.problem"], remedy)
  else if (service == "" || service ~ /[$]/) return
  else if (known[1] == "no")
    fail("base-url", "Rhythm has no service called " service given(" (nearest: ", fact["nearest"], ")"), remedy)
  else if (known[2] > 0 && known[3] == "no" && n > 3) {
    others = fact["catalogue"]
    sub(/^yes [0-9]+ no /, "", others)
    fail("base-url", service " has no /" resource "; it is a path of " others,
      "call it at https://" known[4] ".api.rhythmsoftware.com" fact["path"])
  } else if (fact["unanswered"] != "")
    fail("base-url", "the configured base URL did not answer (" fact["unanswered"] "); the other published one did, with " \
      status ": " url, to_set("api_base", style == "article" ? ARTICLE_BASE : SERVICE_BASE))
  else if (style == "article" && says == "forbidden")
    fail("base-url", "the gateway answered 403 Forbidden, as it does for a host or base path that it does not serve",
      other_base)
  else if (status ~ /^3..$/ && status != 304)
    fail("base-url", "the answer is a redirect (" status ")" given(" to ", fact["answer.location"], "") \
      "; the API does not redirect, and clients drop the token on the way", remedy)
}

# What Rhythm's support needs.
function support(   with) {
  with = given(" request id ", fact["answer.request"], ",") given(" the time ", fact["answer.date"], ",") \
    given(" status ", status, ",") given(" ", fact["method"], "") given(" ", url, ",") \
    given(" tenant ", fact["tenant_id"], "")
  sub(/,$/, "", with)
  return "write to Rhythm's support with" with
}

# route, permission, rate-limit: what the answer alone tells.
function check_answer() {
  if (status ~ /^2..$/) pass("route permission")
  if (status ~ /^[1-5]..$/) pass("rate-limit network tls server")
  if (cause == "" && (says == "route" || says == "equal"))
    fail("route", "the gateway has no route for " given("", fact["method"], " ") (url == "" ? "this URL" : url) \
      "; its answer (" status ") is about that, not about the token",
      "check method and path against the reference (rhythm-get --list SERVICE RESOURCE)" given("; if they are right, ", other_base, ""))
  if (cause == "" && status " " says ~ /^(403 (policy|deny)|40[13] scope)$/)
    fail("permission", "the API's authorizer knows this caller and refuses it this call (403, " says ")",
      "have the right for this call given to the API key or the person in Rhythm Console; else " support())
  if (status == 429)
    fail("rate-limit", "the API answered 429: too many requests in a short time; the token is not the matter",
      "wait" given(" (Retry-After: ", fact["answer.retry"], ")") " and send fewer requests at a time")
}

# network, tls, server
function check_connection(   words) {
  words = fact["failure.words"]
  if (failure == "network")
    fail("network", "no answer came: " words,
      "check the name, the network, the firewall and the proxy variables; the token was never judged")
  else if (failure == "proxy" || status == 407)
    fail("network", "a proxy on the way refused: " (words == "" ? "407" : words),
      "give curl the right proxy (https_proxy, no_proxy); the token was never judged")
  if (failure == "tls")
    fail("tls", "no secure connection: " words,
      "set ca_bundle (RHYTHM_CA_BUNDLE) to the CA of your network, or check the host name and the clock; the token was never judged")
  if (status ~ /^2..$/ && fact["answer.type"] ~ /html/)
    fail("server", "the answer (" status ") is a web page (" fact["answer.type"] "), which no service of the API sends",
      "look at the page: a proxy or a login portal on the way, or " to_set("api_base", SERVICE_BASE))
  if (status ~ /^5..$/)
    fail("server", "the API answered " status ": the other side is in trouble; the token is not the matter",
      "try again later; if it stays, " support())
}

# unexplained; and a suspicion becomes the verdict if nothing else explains a refusal.
function check_rest(   why, remedy) {
  if (status == "") return
  pass("unexplained")
  if (cause != "" || status !~ /^40[13]$/) return
  if (suspected != "") {
    result(suspected, "fail", suspect_reason)
    cause = suspected; reason = "the API refused (" status "), and " suspect_reason; fix = suspect_fix
    return
  }
  why = "the API answered " status given(" (", fact["answer.words"], ")") ", and no check explains it"
  remedy = support()
  if (fact["form"] == "redacted") {
    why = why "; the token itself was blotted out or left out, and not checked"
    remedy = "check the token itself (rhythm-check --token FILE); else " remedy
  }
  if (has_claims && fact["customer_id.state"] != "present")
    why = why "; customer_id is " fact["customer_id.state"] ", which one of the two guides requires"
  if (says == "forbidden") why = why "; Forbidden comes from a firewall, an API key or the host's mapping"
  fail("unexplained", why, remedy)
}

# The verdict if nothing failed.
function nothing_wrong() {
  cause = "none"
  fix = "nothing to fix"
  if (status ~ /^2..$/) reason = "the API answered " status ": it took the token"
  else if (status != "") {
    reason = "the API answered " status ", which is no refusal of the token"
    fix = "look at the request: what it asks for, and the answer's words"
  } else {
    reason = "nothing is wrong that can be seen here"
    if (fact["form"] == "redacted") reason = reason "; the token itself is not in the text"
    fix = "whether the API takes it, only a live check can say: rhythm-check"
    if (mode != "live") fix = fix " --token FILE SERVICE PATH"
  }
}
