# checks: the causes of a refusal, each with the check that finds it, in an order in which the first explains the rest.
#
#   awk -f checks.awk -f report.awk FILE...
#
# Reads facts,
# key=value: what rhythm-token facts and facts.awk print, and what rhythm-check knows itself:
#
#   mode=           what is judged: token (pasted), request (captured), live
#   explicit=       the profile's name, if it was asked for: only then do settings convict what was pasted
#   offline=yes     no connection may be opened
#   problem=        what is wrong with the profile
#   token.cause= token.words=   why there is no token
#   url= style= service= path= url.problem=   where the request goes, see place.sh
#   unanswered=     why the configured base URL did not answer: url= is the other published one, which did
#   catalogue= nearest= near.resource=   what the catalogue says of service and path; complete=, whether that proves anything
#   pasted=yes      live, with a token that was handed over
#
# All texts are escaped as values of key=value are. Status: 0 nothing failed, 1 a verdict with a failure, 3 verify= is
# needed first, and nothing was printed, 65 see report.awk.
#
# Variables of all checks, each with the one function that sets it:
#
#   judge       mode, status, says, failure, url, audience, issuer, form, own, has_claims
#   lenience    lenient: what the answer makes of a token that is wrong
#   place_path  resource, path_tenant, of_person, other_base
#   check_base  absent: the catalogue proves that the path does not exist
#   fail        cause, reason, fix: the verdict     doubt  doubts     suspect  suspected, suspect_reason, suspect_fix

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

# What the answer itself makes of the token. An answer that names another cause, or that could read the token, turns what
# speaks against the token into a warning.
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
    fail("unexplained", "what was pasted shows nothing wrong, and is not enough to judge: " lacks " could not be read",
      how_to_read(lacks))
    return
  }
  cause = "none"
  fix = "nothing to fix"
  if (status ~ /^2..$/) reason = "the API answered " status ": it took the token"
  else if (status != "") {
    reason = "the API answered " status given(" (", answer_words(), ")") ", which is no refusal of the token"
    fix = "look at the request: what it asks for, and the answer's words"
  } else {
    reason = "nothing is wrong that can be seen here" doubts
    fix = "whether the API takes it, only a live check can say: rhythm-check"
    if (mode != "live") fix = fix " --token FILE SERVICE PATH"
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

# The first one is the verdict. What speaks against a token that the answer does not speak against is a warning.
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

# What only the reader's own settings or incomplete knowledge speak for: never the verdict, but named where there is none.
function doubt(id, why) {
  if (state[id] !~ /^(fail)$/) warn(id, why)
  doubts = doubts "; " why
}

# A warning that becomes the verdict if the API refused and nothing else explains it.
function suspect(id, why, remedy) {
  warn(id, why)
  if (suspected != "") return
  suspected = id; suspect_reason = why; suspect_fix = remedy
}

# --- words that several causes use ------------------------------------------------------------------------------------

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

# The answer's own words.
function answer_words() {
  if (fact["answer.words"] == "") return fact["says.words"]
  return fact["answer.words"] given("; ", fact["says.words"], "")
}

# The host of an issuer, or of a URL.
function bare(domain) {
  sub(/^http[^:]*:\/\//, "", domain)
  sub(/[\/].*$/, "", domain)
  return domain
}

# What Rhythm's support needs.
function support(   with) {
  with = given(" request id ", fact["answer.request"], ",") given(" the time ", fact["answer.date"], ",") \
    given(" status ", status, ",") given(" ", fact["method"], "") given(" ", url, ",") \
    given(" tenant ", fact["tenant_id"], "")
  sub(/,$/, "", with)
  return "write to Rhythm's support with" with
}

# config, credentials, grant, quota: the profile, and what the issuer answered to its token request.

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
  remedy["audience"] = audience_remedy()
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
  if (fact["pasted"] != "" || fact["config.token_file"] != "") return
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

# The issuer's refusal of a token request, by the table that a live one is judged by (refusals.tsv).
function check_issuer_answer(   id, words, remedy) {
  words = "the issuer answered" given(" ", status, "") given(" (", fact["issuer.error"], given(": ", fact["issuer.description"], "") ")")
  id = fact["issuer.cause"]
  if (failure != "" || status ~ /^5..$/) { check_connection(); check_rest(); return }
  if (id == "" && fact["issuer.error"] == "" && status == 401) id = "credentials"
  else if (id == "" && status == 429) id = "rate-limit"
  else if (id == "" && status == 404) { id = "config"; words = words "; the token request goes to https://DOMAIN/oauth/token" }
  else if (id == "") id = "unexplained"
  if (status == "" && fact["issuer.error"] == "") { check_rest(); if (cause == "") nothing_wrong(); return }
  if (fact["issuer.meaning"] != "") words = words ": " fact["issuer.meaning"]
  fail(id, words, issuer_remedy(id))
}

function issuer_remedy(id) {
  if (fact["issuer.error"] == "invalid_scope") return "change the scope that is asked for (" to_set("scope", "WHAT THE ISSUER KNOWS") "), or leave it out"
  if (id == "audience") return audience_remedy()
  if (id == "credentials") return "compare client id and secret, or user name and password, with what the issuer has (" CONSOLE ")"
  if (id == "grant") return "ask Rhythm's support to enable this grant for the client, or ask for a token with another one"
  if (id == "quota") return "wait until the quota frees, and keep each token for its whole life: rhythm-token does, and rhythm-token status shows the month"
  if (id == "rate-limit") return "wait" given(" (Retry-After: ", fact["answer.retry"], ")") ", then try again"
  if (id == "config") return "compare the token request with rhythm-token config: issuer, grant, client and scope"
  return "write to Rhythm's support with the issuer's words" given(", at ", fact["answer.date"], "")
}

# The issuer does not know the audience: if that is the documented one, it is the issuer that is wrong.
function audience_remedy(   asked, where) {
  asked = fact["issuer.description"]
  where = url != "" ? url : mode == "live" ? issuer : ""
  if (asked !~ /Service not enabled/ && mode != "live") return to_set("audience", AUDIENCE)
  if (asked != "" && index(asked, AUDIENCE) || asked == "" && audience == AUDIENCE)
    return "the audience is the documented one, so this is another issuer" given(" (", bare(where), ")") \
      ": take the domain from " CONSOLE ", not rhythmsoftware.auth0.com or another tenant's (" to_set("auth0_domain", "YOURS.us.auth0.com") ")"
  return to_set("audience", AUDIENCE)
}

# header-missing, header-name, header-scheme: "Authorization: Bearer", one space, token, and nothing else.

# header-missing, header-name, header-scheme. 0: there is no token to look into.
function check_header(   count) {
  if (mode == "token" && fact["scheme.form"] == "") return form != "" || fact["alg"] != ""
  count = fact["header.count"]
  if (says == "missing" && mode != "token") {
    fail("header-missing", "the API says that no token came with the request: " fact["answer.words"] given("", fact["says.words"], ""),
      "send the header  Authorization: Bearer TOKEN ; if you do, a proxy or a redirect on the way took it out")
    return 0
  }
  if (mode == "request" && count == "none") return fact["seen.token"] != ""
  if (mode == "request" && count == 0 && fact["header.other"] == "") { missing_header(); return 0 }
  pass("header-missing header-name header-scheme")
  if (mode == "live") return 1
  check_header_name(fact["header.other"] != "" ? fact["header.other"] : fact["header.name"])
  return check_header_scheme(fact["scheme.form"])
}

function missing_header(   why, remedy, other) {
  other = fact["elsewhere"]
  why = "the request has no Authorization header"
  remedy = "send the header  Authorization: Bearer TOKEN  (rhythm-token header | curl -H @- URL)"
  if (fact["preflight"] != "") {
    why = "this is a browser's preflight (OPTIONS), which never carries an Authorization header, and it was refused"
    remedy = "the API does not take calls from pages of other sites: call it from a server, or look at the request behind the preflight"
  } else if (fact["fault"] == "quotes") {
    why = why ": the quotes in the command are typographic ones (“ ”), which a shell does not know"
    remedy = "type the quotes again, straight ones, then the command works"
  } else if (fact["fault"] == "unquoted") {
    why = why ": the header in the command is not in quotes, so the shell broke it at its blanks"
    remedy = "put the whole header in quotes: -H \"Authorization: Bearer TOKEN\""
  } else if (fact["fault"] == "dash") {
    why = why ": the command has a long dash (—) where two hyphens belong"
    remedy = "type the hyphens again: --header"
  } else if (other == "the URL") {
    why = why "; its token stands in the URL, where the API does not look and logs keep it"
  } else if (other != "") why = why "; a token is in " other ", where the API does not look"
  fail("header-missing", why, remedy)
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
  if (form == "" || (form == "bare" && fact["token.kind"] == "redacted")) {
    skip("header-scheme", form == "" ? "" : "blotted out")
    return 1
  }
  count = fact["header.count"]
  wrong["bare"] = "the word Bearer and a space are missing in front of the token"
  wrong["colon"] = "there is a colon behind Bearer; it is Bearer, one space, token"
  wrong["equals"] = "there is an equals sign behind Bearer; it is Bearer, one space, token"
  wrong["nbsp"] = "the space behind Bearer is none: it is a no-break space, as web pages and editors put it there"
  wrong["inside"] = "there are spaces inside the token"
  wrong["brackets"] = "there are brackets round the token"
  wrong["several"] = "there are two tokens in it; the API reads one"
  wrong["joined"] = "there is no space between Bearer and the token"
  wrong["spaces"] = "there is more than one space between Bearer and the token"
  wrong["tab"] = "there is a tab between Bearer and the token, not a space"
  wrong["twice"] = "Bearer stands there twice: your code adds it to a value that has it already"
  wrong["quotes"] = "there are quotes or brackets in the value; they went out with it"
  wrong["foreign"] = "its scheme is " fact["scheme"] ", not Bearer"
  if (form == "empty" && fact["scheme"] == "") wrong["empty"] = "it has no value"
  if (wrong[form] == "" && mode == "request") {
    if (fact["header.lines"] != "")
      wrong[form] = "there is a line break in its value, such as the one at the end of a file"
    else if (count + 0 > 1) wrong[form] = "there are " count " Authorization headers, and the API reads one"
  }
  if (wrong[form] != "") {
    fail("header-scheme", "the Authorization header is not well-formed: " wrong[form],
      "send exactly  Authorization: Bearer TOKEN  (the word, one space, the token, nothing else)")
    return form != "foreign" && form != "empty"
  }
  if (form == "case")
    suspect("header-scheme", "the header begins with " fact["scheme"] "; the guides ask for Bearer, with a capital B (by RFC 9110 case does not matter, but not every authorizer keeps to it)",
      "send exactly  Authorization: Bearer TOKEN")
  if (fact["header.user"] != "")
    warn("header-scheme", "a user name and password (-u) stand beside the header; curl sends the header alone")
  return 1
}

# token-malformed to signature: the token itself, whoever issued it.

# token-malformed, token-opaque. 0: there are no claims to look into.
function check_form(   wrong, remedy, word) {
  if (form == "redacted") {
    skip("token-malformed", fact["variable"] == "" ? "the token is blotted out; it was not checked" : \
      "the token comes from " fact["variable"] ", which is not in what you pasted")
    return 0
  }
  word = fact["word"]
  remedy = "use the access token itself: rhythm-token print, or the value at access_token in the answer of /oauth/token"
  if (form == "empty") wrong = "there is no token behind Bearer: the variable or file it comes from is empty"
  else if (form == "placeholder") {
    wrong = "the token is " word " as it stands: nothing was put in its place"
    remedy = word ~ /^[$%{@#]/ ? "single quotes, or a string that is no template, keep a variable from being filled in; then send the token itself: rhythm-token header" : \
      "put a token there: rhythm-token header | curl -H @- URL"
  } else if (form == "claims") wrong = "these are a token's claims, not the token"
  else if (form == "json") wrong = "this is JSON, not a token; an error answer of the issuer, perhaps"
  else if (form == "malformed") wrong = "the token " fact["why"]
  else if (form == "word") {
    wrong = "the token is the word " word ": what a program prints for a value that it does not have"
    remedy = "find out why your program has no token there: a failed token request, or a wrong name of a field (it is access_token)"
  } else if (form == "jwt" && fact["id_token"] == "yes") {
    wrong = "this is an ID token, made out to the client (" fact["aud"] "): it says who somebody is and opens no API"
    remedy = "send the access_token of the same login, not the id_token"
  } else if (form !~ /^(jwt|jwe|opaque)$/) wrong = "this is no text that could be a token"
  else if (says == "malformed") wrong = "the API says that this is no token: " fact["answer.words"]
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

# Without claims to look into: what the answer says of the token.
function check_words(   id, why, remedy) {
  id = says == "expired" ? "token-expired" : says == "notyet" ? "token-not-yet-valid" : says == "malformed" ? "token-malformed" : says
  if (cause != "" || id !~ /^(token-expired|token-not-yet-valid|token-malformed|audience|issuer|signature)$/) return
  remedy["token-expired"] = remedy["signature"] = "get a new token: " renewal()
  remedy["token-not-yet-valid"] = "use the token a minute later; check the clock of what made it"
  remedy["token-malformed"] = "send the access token itself, three parts with dots between them: rhythm-token print"
  remedy["audience"] = "ask for the token with audience=" AUDIENCE
  remedy["issuer"] = "use a token of the issuer that is shown under " CONSOLE
  fail(id, "the API says so: " answer_words(), remedy[id])
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

function check_audience(   aud, remedy, renew, asked) {
  aud = fact["aud"]
  asked = own ? audience : AUDIENCE
  renew = to_set("audience", AUDIENCE) " and get a new token"
  remedy = audience != AUDIENCE && !(AUDIENCE in has_audience) ? renew : "ask for the token with audience=" asked " (" to_set("audience", asked) ")"
  if (aud == "") fail("audience", "the token has no aud; it should be " asked, remedy)
  else if (!(asked in has_audience) && index(", " aud ", ", ", " asked "/, "))
    fail("audience", "aud is " aud "; with the slash at its end it is another audience than " asked, remedy)
  else if (!(asked in has_audience))
    fail("audience", "aud is " aud "; it should be or hold " asked ", exactly", remedy)
  else if (says == "audience")
    fail("audience", "the API says that the audience is wrong; aud is " aud, audience != AUDIENCE || !(AUDIENCE in has_audience) ? renew " (" renewal() ")" : \
      "the token has the documented audience: " other_base_or("ask Rhythm's support which audience this host expects"))
  else if (own && audience != AUDIENCE && is_published(fact["config.api_base"]))
    suspect("audience", "the profile asks for the audience " audience "; Rhythm's is " AUDIENCE, renew)
}

function is_published(base) { sub(/\/$/, "", base); return base == SERVICE_BASE || base == ARTICLE_BASE }
function other_base_or(words) { return other_base == "" ? words : other_base "; else " words }

function check_issuer(   iss, remedy) {
  iss = fact["iss"]
  remedy = "use a token of the issuer that is shown under " CONSOLE
  if (iss == "") fail("issuer", "the token names no issuer (iss)", remedy)
  else if (says == "issuer") fail("issuer", "the API says that the issuer is wrong; iss is " iss, remedy)
  else if (issuer == "") skip("issuer")
  else if (bare(iss) == bare(tolower(issuer))) return
  else if (own)
    fail("issuer", "the token was issued by " iss "; this profile's issuer is " issuer,
      "get the token from this profile's issuer, or choose the profile that belongs to the token with -p NAME")
  else doubt("issuer", "the token was issued by " iss ", and the issuer of your own settings is " issuer)
}

# A key set says something of its own issuer's tokens alone. Of a capture it is asked for only while nothing else is wrong, and
# never for a pasted token: that one is judged offline.
function check_signature(   alg, is_ours, wrong, remedy) {
  alg = fact["alg"]
  is_ours = issuer != "" && bare(fact["iss"]) == bare(tolower(issuer))
  remedy = "get a new token as the issuer makes it: " renewal()
  if (alg == "" || tolower(alg) == "none") wrong = "the token is not signed (alg is none)"
  else if (alg ~ /^HS/)
    wrong = "the token is signed with a shared secret (" alg "), which no key set of the issuer verifies"
  else if (fact["signature"] == "empty") {
    wrong = "the third part of the token, the signature, is empty: it was cut off"
    remedy = "use the whole token: rhythm-token print"
  } else if (says == "signature") wrong = "the API says that the signature is wrong: " answer_words()
  else if (cause == "" && is_ours && fact["verify"] == "fail") wrong = "the issuer's key set does not verify the token: " fact["verify.note"]
  if (wrong != "") fail("signature", wrong, remedy)
  else if (cause != "") skip("signature")
  else if (alg !~ /^(RS|PS|ES)(256|384|512)$/) skip("signature", "not checked: " alg " is a signature that is not verified here")
  else if (!is_ours) skip("signature")
  else if (fact["verify"] != "") result("signature", fact["verify"], fact["verify.note"])
  else if (mode !~ /^(token|bundle)$/ && fact["offline"] == "") exit 3
  else skip("signature")
}

# tenant-claim, customer-claim, first-login, contact-context, tenant-mismatch: what Rhythm reads in a token.

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

# base-url, route, permission, rate-limit: where the request went, and what the gateway said of it.

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
function check_base(style, service,   remedy, n, known, others, lacks) {
  if (style == "none") return
  pass("base-url")
  remedy = "call https://SERVICE.api.rhythmsoftware.com/PATH (the reference) or " \
    "https://api.rhythmsoftware.com/SERVICE-v1/PATH (the support article), such as " \
    "https://rolodex.api.rhythmsoftware.com/contacts/current"
  n = split(fact["catalogue"], known, " ")   # see catalogue_place
  lacks = known[1] == "yes" && known[2] > 0 && known[3] == "no"
  absent = lacks && fact["complete"] != ""
  if (style == "foreign") {
    others = url " is not below a Rhythm base URL: " fact["url.problem"]
    if (fact["url.gleaned"] != "" || mode != "live" && bare(url) ~ /^(127\.|localhost|\[::1\]|10\.|192\.168\.|172\.)/) doubt("base-url", others)
    else fail("base-url", others, remedy)
  } else if (service == "" || service ~ /[$]/) return
  else if (known[1] == "no") {
    others = "Rhythm has no service called " service given(" (nearest: ", fact["nearest"], ")")
    if (fact["nearest"] != "" || mode == "live") fail("base-url", others, remedy)
    else doubt("base-url", "no service called " service " is known here")
  } else if (lacks && n > 3) {
    others = fact["catalogue"]
    sub(/^yes [0-9]+ no /, "", others)
    if (absent)
      fail("base-url", service " has no /" resource "; it is a path of " others,
        "call it at https://" known[4] ".api.rhythmsoftware.com" fact["path"])
    else doubt("base-url", "/" resource " is known of " others ", and not of " service)
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

# route, permission, rate-limit: what the answer alone tells.
function check_answer(   call, words) {
  if (status ~ /^2..$/) pass("route permission")
  if (status ~ /^[1-5]..$/) pass("rate-limit network tls server")
  call = given("", fact["method"], " ") (url == "" ? "this URL" : url)
  words = given(" (", answer_words(), ")")
  if (cause == "" && says ~ /^(route|equal)$/)
    fail("route", "the gateway has no route for " call "; its answer (" status words ") is about that, not about the token", route_remedy())
  if (cause == "" && says == "anonymous")
    fail("permission", "the gateway's policy knows no caller (" status words "): this route is guarded by the signatures of AWS, or by a policy, and not by the authorizer that reads the token",
      "check method and path: " route_remedy())
  if (cause == "" && says == "scope" && status ~ /^40[13]$/)
    fail("permission", "the token lacks a scope that this call asks for (" status words ")", "ask for the token with that scope, or have the right given to the API key in Rhythm Console")
  if (cause == "" && status == 403 && says ~ /^(policy|deny)$/) check_denied(call, words)
  if (status == 429)
    fail("rate-limit", "the API answered 429" words ": too many requests in a short time, or a limit of the tenant; the token is not the matter",
      "wait" given(" (Retry-After: ", fact["answer.retry"], ")") " and send fewer requests at a time; if waiting does not help, " support())
}

# The authorizer could read the token, and refuses this call: by Rhythm's own words for a tenant that the caller may not
# use, and also for a path that does not exist.
function check_denied(call, words) {
  if (absent)
    fail("route", "the authorizer refused " call " (403" words "), and " fact["service"] " has no /" resource ": it says so for a path that does not exist, too", route_remedy())
  else
    fail("permission", "the authorizer could read the token, and refuses it this call (403" words "): the tenant is not allowed for this caller, or the path does not exist",
      "have the right for this call given to the API key or the person in Rhythm Console; if it has it, " route_remedy() "; else " support())
}

function route_remedy(   service) {
  service = fact["service"] ~ /^[a-z0-9-]+$/ ? fact["service"] : "SERVICE"
  return "check method and path against the reference: rhythm-get --list " service \
    (service == "SERVICE" ? "" : " " (fact["near.resource"] != "" ? nearest_of(fact["near.resource"]) : resource != "" && !absent ? resource : "")) \
    given(" (nearest: ", fact["near.resource"], ")") given("; if they are right, ", other_base, "")
}

function nearest_of(names) { sub(/ .*/, "", names); return names }

# network, tls, server, unexplained: it never was the token, or nobody can tell yet.

# network, tls, server
function check_connection(   words) {
  words = fact["failure.words"]
  if (failure == "network")
    fail("network", "no answer came: " words,
      "check the name, the network, the firewall and the proxy variables; the token was never judged")
  else if (failure == "proxy" || status == 407)
    fail("network", "a proxy on the way refused: " (words == "" ? "407" : words),
      "give curl the right proxy (https_proxy, no_proxy); the token was never judged")
  else if (failure == "usage")
    fail("unexplained", "curl refused its own command line" (match(words, /\([0-9]+\)/) ? " " substr(words, RSTART, RLENGTH) : "") ": nothing was sent (" words ")",
      "correct the command: the URL in quotes, each option with its value; then paste what it prints with -v")
  if (failure == "tls")
    fail("tls", "no secure connection: " words,
      "set ca_bundle (RHYTHM_CA_BUNDLE) to the CA of your network, or check the host name and the clock; the token was never judged")
  if (status ~ /^2..$/ && fact["answer.type"] ~ /html/)
    fail("server", "the answer (" status ") is a web page (" fact["answer.type"] "), which no service of the API sends",
      "look at the page: a proxy or a login portal on the way, or " to_set("api_base", SERVICE_BASE))
  if (status ~ /^5..$/ || says == "server")
    fail("server", (fact["issuer"] != "" ? "the issuer" : "the API") " answered " status given(" (", answer_words(), ")") ": the other side is in trouble; the token is not the matter",
      "try again later; if it stays, " support())
}

# unexplained; and a suspicion becomes the verdict if nothing else explains a refusal.
function check_rest(   why, lacks) {
  if (cause == "" && status == "" && fact["cors"] != "") {
    fail("unexplained", "a browser refused the call before it sent a token: the API did not answer its preflight (OPTIONS) as a page of another site needs it",
      "call the API from a server, not from a page; the token was never judged")
    return
  }
  if (status == "" || cause != "" || status !~ /^40[13]$/) return
  if (suspected != "") {
    result(suspected, "fail", suspect_reason)
    cause = suspected; reason = "the API refused (" status "), and " suspect_reason; fix = suspect_fix
    return
  }
  if (fact["stranger"] != "") {
    fail("unexplained", fact["stranger"] " answered " status ", not the API's own gateway: the token was not judged",
      "check the URL and what is on the way to it (proxy, firewall, allowed addresses); the API itself asks for Bearer only")
    return
  }
  why = "the API answered " status given(" (", answer_words(), ")") ", and no check explains it"
  lacks = unread()
  if (fact["token.kind"] == "redacted") why = why "; the token itself was blotted out or left out, and not checked"
  if (has_claims && fact["customer_id.state"] != "present")
    why = why "; customer_id is " fact["customer_id.state"] ", which one of the two guides requires"
  if (says == "forbidden") why = why "; Forbidden comes from a firewall, an API key or the host's mapping"
  fail("unexplained", why doubts given("; not in what you pasted: ", lacks, ""), lacks != "" ? how_to_read(lacks) : next_steps())
}

# What of request, token and answer was not read.
function unread(   lacks) {
  if (mode != "request") return ""
  if (fact["seen.request"] ~ /^(none)?$/) lacks = lacks ", the request"
  else if (url == "") lacks = lacks ", the URL"
  if (!has_claims) lacks = lacks ", the token"
  if (status == "" && failure == "") lacks = lacks ", the answer"
  return substr(lacks, 3)
}

function how_to_read(lacks) {
  if (lacks == "the token")
    return "check the token itself: rhythm-check --token FILE; or run the call again with curl -v and paste all of it into rhythm-check -"
  return "run the call again with curl -v and paste all that it prints into rhythm-check - ; or let rhythm-check make the call: rhythm-check SERVICE PATH"
}

# The guides' remaining items, in their order.
function next_steps(   steps) {
  if (fact["kind"] == "machine" && of_person) steps = steps "; use a user's token, for the call needs a contact"
  if (fact["kind"] == "user") steps = steps "; let the person log in to the Rhythm Portal once, then get a new token"
  if (other_base != "") steps = steps "; " other_base
  return substr(steps "; then " support(), 3)
}
