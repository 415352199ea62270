# config, credentials, grant, quota: the profile, and the issuer's response to its token request.

# The profile got no token: nothing else can be judged.
function check_no_token(id, words,   left, limit, remedy, advice, is_refusal) {
  left = fact["ledger.left"]
  limit = fact["ledger.limit"]
  # If the words end with a remedy of their own, that is the fix, unless more is known here.
  is_refusal = words ~ / [(][45][0-9][0-9] .*; [^;()]*$/   # with the table's remedy
  if (match(words, /^.*; /)) advice = substr(words, RLENGTH + 1)
  if (is_refusal || advice ~ /^(ask|check|correct|fix|give|if|install|keep|leave|name|put|remove|run|see|set|try|unblock|use|wait)[ ,:]/) {
    words = substr(words, 1, RLENGTH - 2)
    if (advice ~ /^(compare both|check auth0_domain|try again later|if a proxy)/ || is_refusal && id !~ /^(config|credentials|grant)$/) advice = ""
    if (advice == "check both") advice = "correct the username and password"
  } else advice = ""
  # How the issuer says that the month's tokens are used up is not known: near the limit an unknown refusal is probably that.
  if (id == "unexplained" && left != "" && left + 0 <= int(limit / 10) + 1) {
    id = "quota"; words = "probably the quota: " words
  }
  if (id == "quota" && left != "")
    words = words "; this machine's ledger shows " fact["ledger.minted"] " of " limit " tokens this month"
  remedy["config"] = "set what is missing in the profile or the environment; " CONSOLE " shows the values"
  remedy["credentials"] = "compare the client ID and secret with " CONSOLE ", then run " renewal()
  remedy["grant"] = "ask Rhythm's support to enable this grant for the client, or set another grant (grant=)"
  remedy["audience"] = audience_remedy()
  remedy["quota"] = "wait until the quota resets, and let all programs share one token; rhythm-token status --log shows who requested tokens"
  remedy["rate-limit"] = "wait, then try again"
  remedy["network"] = "check auth0_domain, the network, the proxy variables and ca_bundle; no token was judged"
  remedy["tls"] = failure_remedy("tls", words) "; no token was judged"
  remedy["server"] = "try again later; check that auth0_domain is the domain that " CONSOLE " shows"
  remedy["unexplained"] = "write to Rhythm's support with the issuer's message"
  if (id != "config") pass("config")
  fail(id, words, advice != "" ? advice : remedy[id])
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
    skip("credentials", "not tested, because the token came from the cache; " renewal() " tests them" \
      (fact["config.grant"] == "client_credentials" ? ", for one token of the month" : ""))
  left = fact["ledger.left"]; limit = fact["ledger.limit"]
  if (left == "") return
  pass("quota")
  if (left + 0 <= int(limit / 10))
    warn("quota", "this machine's ledger shows " fact["ledger.minted"] " of " limit " tokens this month")
}

# The issuer's refusal of a token request, by the table that a live one is judged by (refusals.tsv).
function check_issuer_answer(   id, words, meaning, advice) {
  words = "the issuer refused the token request" given(" with ", status, "") given(" (", fact["issuer.error"], given(": ", fact["issuer.description"], "") ")")
  id = fact["issuer.cause"]
  if (failure != "" || status ~ /^5..$/) { check_connection(); check_rest(); return }
  if (id == "" && fact["issuer.error"] == "" && status == 401) id = "credentials"
  else if (id == "" && status == 429) id = "rate-limit"
  else if (id == "" && status == 404) { id = "config"; words = words "; token requests go to https://DOMAIN/oauth/token" }
  else if (id == "") id = "unexplained"
  if (status == "" && fact["issuer.error"] == "") { check_rest(); if (cause == "") nothing_wrong(); return }
  meaning = advice = fact["issuer.meaning"]   # what is wrong; what to do
  sub(/; .*/, "", meaning)
  if (!sub(/^[^;]*; /, "", advice)) advice = ""
  fail(id, words given(": ", meaning, ""), issuer_remedy(id, advice))
}

# The advice is the table's, unless more is known here.
function issuer_remedy(id, advice) {
  if (fact["issuer.error"] == "invalid_scope") return "request a scope that the issuer knows (" to_set("scope", "SCOPE") "), or none"
  if (id == "audience") return audience_remedy()
  if (advice == "check both") return "correct the username and password"
  if (id == "credentials" && advice ~ /^(compare both .*)?$/) return "compare the client ID and secret with " CONSOLE
  if (id ~ /^(credentials|grant)$/) return advice
  if (id == "quota") return "wait until the quota resets, and use each token for its whole life, as rhythm-token does; rhythm-token status shows the month's tokens"
  if (id == "rate-limit") return "wait" given(" (Retry-After: ", fact["answer.retry"], ")") ", then try again"
  if (id == "config") return "compare the token request's issuer, grant, client and scope with rhythm-token config"
  return "write to Rhythm's support with the issuer's message" given(" and the time ", fact["answer.date"], "")
}

# The issuer does not know the audience: if that is the documented one, the issuer is wrong.
function audience_remedy(   asked, where) {
  asked = fact["issuer.description"]
  where = url != "" ? url : mode == "live" ? issuer : ""
  if (asked !~ /Service not enabled/ && mode != "live") return to_set("audience", AUDIENCE)
  if (asked != "" && index(asked, AUDIENCE) || asked == "" && audience == AUDIENCE)
    return to_set("auth0_domain", "DOMAIN") ", with the domain that " CONSOLE " shows: the audience is right, the issuer" \
      given(" (", host_of(where), ")") " is not"
  return to_set("audience", AUDIENCE)
}
