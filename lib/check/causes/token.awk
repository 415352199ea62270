# token-malformed to signature: the token itself, whoever issued it.

# token-malformed, token-opaque. 0: there are no claims to judge.
function check_form(   wrong, remedy) {
  if (form == "redacted") {
    skip("token-malformed", fact["variable"] == "" ? "the input shows a placeholder such as *** for the token" : \
      "the token comes from " fact["variable"] " and was not pasted, so it was not checked")
    return 0
  }
  remedy = "send the access token itself: the output of rhythm-token print, or the value of access_token in the response from /oauth/token"
  if (form == "empty") wrong = "there is no token after Bearer: the variable or file it comes from is empty"
  else if (form == "placeholder") {
    wrong = instead(fact["word"])
    remedy = instead_remedy "; or use: rhythm-token header | curl -H @- URL"
  } else if (form == "claims") wrong = "these are a token's claims, not the token"
  else if (form == "json") wrong = "this is JSON, not a token; it may be an error response of the issuer"
  else if (form == "malformed") wrong = "the token " fact["why"]
  else if (form == "word") {
    wrong = instead(fact["word"])
    remedy = instead_remedy
  } else if (form == "jwt" && fact["id_token"] == "yes") {
    wrong = "this is an ID token for the client (aud is " fact["aud"] "): it identifies a user, and APIs do not accept it"
    remedy = "send the access_token of the same login, not the id_token"
  } else if (form !~ /^(jwt|jwe|opaque)$/) wrong = "this text cannot be a token"
  else if (says == "malformed") wrong = "the API says that this is not a token: " fact["answer.words"]
  if (wrong != "") {
    fail("token-malformed", wrong, remedy)
    return 0
  }
  pass("token-malformed token-opaque")
  if (form == "jwt") return 1
  wrong = form == "jwe" ? "it is encrypted (five parts)" : "it has no dots, so it is not a JWT"
  fail("token-opaque", "the token is opaque: " wrong "; Auth0 issues such tokens if the token request names no audience",
    "request a token with audience=" AUDIENCE)
  return 0
}

# What is in the token's place, by its looks. Sets instead_remedy.
function instead(word,   low) {
  low = tolower(word)
  if (low ~ /promise|pending|coroutine|^(async|task)|threading[.]tasks/) {
    instead_remedy = "await the result in your program, then send its value"
    return "the token is " word ", which a program prints for a result that was not awaited"
  }
  if (low ~ /^<?function|=>|^class |^some[(]|^optional[(]|^system[.]|^(java|com|org|net|io)[.]|@[0-9a-f]+$| at 0x|&[{]|^map\[|^hash[{]|^\[?object/) {
    instead_remedy = low ~ /securestring/ ? "convert it to plain text (PowerShell: ConvertFrom-SecureString -AsPlainText), then send that" : \
      low ~ /^<?function|=>/ ? "call the function, then send what it returns" : "send the text of the token (the field access_token), not the object"
    return "the token is " word ", which a program printed in place of the token"
  }
  if (form == "word" && low !~ /token$|^string$/) {
    instead_remedy = "find out why your program has no token: its token request failed, or it reads the wrong field (the right one is access_token)"
    return "the token is the word " word ", which programs print for a missing value"
  }
  instead_remedy = low ~ /^[{][{]/ ? "give the placeholder a value in the variables of your client, such as Postman's active environment" : \
    low ~ /^[$%{@#]/ ? "have the placeholder replaced: in a shell write \"$NAME\" in double quotes, in a program use a template string" : \
    "replace the placeholder with the token"
  return "the token is the placeholder " word ", which was never replaced"
}

# Without claims to judge: what the response says about the token.
function check_words(   id, remedy) {
  id = says == "expired" ? "token-expired" : says == "notyet" ? "token-not-yet-valid" : says == "malformed" ? "token-malformed" : says
  if (cause != "" || id !~ /^(token-expired|token-not-yet-valid|token-malformed|audience|issuer|signature)$/) return
  remedy["token-expired"] = remedy["signature"] = "get a new token: " renewal()
  remedy["token-not-yet-valid"] = not_yet()
  remedy["token-malformed"] = "send the access token itself, three parts separated by dots, such as the output of rhythm-token print"
  remedy["audience"] = "request a token with audience=" AUDIENCE
  remedy["issuer"] = "use a token of the issuer that " CONSOLE " shows"
  fail(id, "the API says: " answer_words(), remedy[id])
}

# token-expired, token-not-yet-valid, clock-skew
function check_times(   apart, skewed, wrong, name, early, by) {
  now = fact["now"]
  clock = "this machine's clock"
  if (fact["date"] != "") {
    now = fact["date"]
    clock = mode == "live" ? "the API's clock" : "the response's Date"
    if (mode == "live") apart = fact["now"] - now
  }
  skewed = apart > LEEWAY || apart < -LEEWAY
  wrong = check_expired(skewed)
  name = fact["nbf"] != "" && fact["nbf"] - now > LEEWAY ? "nbf" : "iat"
  by = fact[name] - now
  if (fact[name] != "" && by > LEEWAY) {
    if (name == "nbf" || fact["date"] != "") early = name " is " fact[name] ", the time was " now
    else wrong = "by this machine's clock the token was issued " duration(by) " in the future (iat is " fact["iat"] \
      ", now is " now ")"
  }
  if (early != "")
    fail("token-not-yet-valid", "the token becomes valid in " duration(by) " by " clock ": " early,
      fact["date"] == "" ? "check this machine's clock; if it is right, wait until then" : \
      "wait until then; if the token is new, the issuer's clock is ahead: write to Rhythm's support")
  else if (says == "notyet")
    fail("token-not-yet-valid", "the API says that the token is not valid yet", not_yet())
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
  odd["string"] = " (a string instead of a number of seconds)"
  odd["milliseconds"] = " (milliseconds instead of seconds)"
  remedy = "get a new token (rhythm-token header renews it automatically; a program that keeps its own must request a new one before exp)"
  left = fact["exp"] - now
  if (kind == "missing")
    suspect("token-expired", "the token has no exp, so it never expires; the gateway may refuse it because of that",
      "use the issuer's token unchanged; it has an exp")
  else if (kind == "other")
    suspect("token-expired", "exp is not a readable number", "use the issuer's token unchanged")
  else if (left <= 0 && skewed && fact["exp"] - fact["now"] > 0) {
    skip("token-expired", "see clock-skew")
    return "the token expired " duration(left) " ago by the API's clock, but is valid by this machine's"
  } else if (left <= 0)
    fail("token-expired", "the token expired " duration(left) (fact["date"] != "" && mode != "live" ? " before the response was sent" : " ago by " clock) ": exp is " fact["exp"] odd[kind] \
      ", the time was " now, remedy)
  else if (says == "expired")
    fail("token-expired",
      "the API says that the token has expired, but by " clock " it is valid for " duration(left) " more (exp is " fact["exp"] odd[kind] ")", remedy)
  else if (odd[kind] != "")
    suspect("token-expired", "exp is " fact["exp"] odd[kind] "; the gateway cannot read it as the issuer meant it",
      "use the issuer's token unchanged")
  return ""
}

function not_yet() { return "use the token a minute later; if the API still refuses it, " support() }

function check_audience(   aud, remedy, renew, asked) {
  aud = fact["aud"]
  asked = own ? audience : AUDIENCE
  renew = to_set("audience", AUDIENCE) " and get a new token"
  remedy = audience != AUDIENCE && !(AUDIENCE in has_audience) ? renew : "request a token with audience=" asked " (" to_set("audience", asked) ")"
  if (aud == "") fail("audience", "the token has no aud; it should be " asked, remedy)
  else if (!(asked in has_audience) && index(", " aud ", ", ", " asked "/, "))
    fail("audience", "aud is " aud ", with a slash at its end; it must be or contain exactly " asked, remedy)
  else if (!(asked in has_audience))
    fail("audience", "aud is " aud "; it must be or contain exactly " asked, remedy)
  else if (says == "audience")
    fail("audience", "the API says that the audience is wrong; aud is " aud, audience != AUDIENCE || !(AUDIENCE in has_audience) ? renew " (" renewal() ")" : \
      other_base_or("ask Rhythm's support which audience this host expects; the token has the documented one"))
  else if (own && audience != AUDIENCE && is_published(fact["config.api_base"]))
    suspect("audience", "the profile's audience is " audience "; Rhythm's is " AUDIENCE, renew)
}

function is_published(base) { sub(/\/$/, "", base); return base == SERVICE_BASE || base == ARTICLE_BASE }
function other_base_or(words) { return other_base == "" ? words : other_base "; else " words }

function check_issuer(   iss, remedy) {
  iss = fact["iss"]
  remedy = "use a token of the issuer that " CONSOLE " shows"
  if (iss == "") fail("issuer", "the token has no issuer (iss)", remedy)
  else if (says == "issuer") fail("issuer", "the API says that the issuer is wrong; iss is " iss, remedy)
  else if (issuer == "") skip("issuer")
  else if (host_of(iss) == host_of(tolower(issuer))) return
  else if (own)
    fail("issuer", "the token was issued by " iss "; this profile's issuer is " issuer,
      "get the token from this profile's issuer, or select the profile of the token's issuer with -p NAME")
  else doubt("issuer", "the token was issued by " iss ", but the issuer in your own settings is " issuer,
    "if the call is meant to use your own settings, send their token (rhythm-token header)")
}

# A key set says something only about its own issuer's tokens. For a capture it is fetched only if nothing else is wrong, and
# for a pasted token never: that one is judged offline.
function check_signature(   alg, is_ours, wrong, remedy) {
  alg = fact["alg"]
  is_ours = issuer != "" && host_of(fact["iss"]) == host_of(tolower(issuer))
  remedy = "get a new token and use it unchanged: " renewal()
  if (alg == "" || tolower(alg) == "none") wrong = "the token is not signed (alg is none)"
  else if (alg ~ /^HS/)
    wrong = "the token is signed with a shared secret (" alg "), which the issuer's key set cannot verify"
  else if (fact["signature"] == "empty") {
    wrong = "the signature, the third part of the token, was cut off"
    remedy = "send the whole token, as rhythm-token print prints it"
  } else if (says == "signature") wrong = "the API says that the signature is wrong: " answer_words()
  else if (cause == "" && is_ours && fact["verify"] == "fail") wrong = "the issuer's key set does not verify the token: " fact["verify.note"]
  if (wrong != "") fail("signature", wrong, remedy)
  else if (cause != "") skip("signature")
  else if (alg !~ /^(RS|PS|ES)(256|384|512)$/) skip("signature", "not checked: rhythm-check cannot verify " alg)
  else if (!is_ours) skip("signature")
  else if (fact["verify"] != "") result("signature", fact["verify"], fact["verify.note"])
  else if (mode !~ /^(token|bundle)$/ && fact["offline"] == "") exit 3
  else skip("signature")
}
