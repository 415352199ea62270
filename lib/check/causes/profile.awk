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
