# network, tls, server, unexplained: the token is not the problem, or there is too little to tell.

# network, tls, server
function check_connection(   words) {
  words = fact["failure.words"]
  if (failure == "network")
    fail("network", "no response: " words, failure_remedy("network", words) "; the token was not judged")
  else if (failure == "proxy" || status == 407)
    fail("network", (words == "" || tolower(words) ~ /tunnel|407|response [45]|authentication required/ ? "a proxy refused the request: " : "the connection to the proxy failed: ") \
      (words == "" ? "407" : words), "correct the proxy settings (https_proxy, no_proxy); the token was not judged")
  else if (failure == "usage")
    fail("unexplained", "curl sent nothing, so there is no response to judge: " words,
      failure_remedy("usage", words) "; then run the command with -v, and paste all of the output into: rhythm-check -")
  if (failure == "tls")
    fail("tls", "the TLS connection failed: " words, failure_remedy("tls", words) "; the token was not judged")
  if (status ~ /^2..$/ && fact["answer.type"] ~ /html/)
    fail("server", "the response (" status ") is a web page (" fact["answer.type"] "), which the API never returns",
      "open the page to see which proxy or login portal sent it, or " to_set("api_base", SERVICE_BASE))
  if (status ~ /^5..$/ || says == "server")
    fail("server", (fact["issuer"] != "" ? "the issuer" : "the API") " returned " status given(" (", answer_words(), ")") ": the server failed; the token is not the problem",
      "try again later; if it keeps failing, " support())
}

# unexplained; and a suspicion becomes the verdict if nothing else explains a refusal.
function check_rest(   why, lacks) {
  if (cause == "" && status == "" && fact["cors"] != "") {
    fail("unexplained", "the browser blocked the call before it sent a token: the response to its preflight (OPTIONS) does not allow cross-origin calls (CORS)",
      "call the API from a server, not from a web page; the token was not judged")
    return
  }
  if (status == "" || cause != "" || status !~ /^40[13]$/) return
  if (suspected != "") {
    result(suspected, "fail", suspect_reason)
    cause = suspected; reason = "the API returned " status ", and " suspect_reason; fix = suspect_fix
    return
  }
  if (fact["stranger"] != "") {
    fail("unexplained", fact["stranger"] ", not the API, returned " status "; the token was not judged",
      "check the URL and what is between you and the API (proxy, firewall, allowed addresses)")
    return
  }
  why = "the API returned " status given(" (", answer_words(), ")") ", and no check explains it"
  lacks = unread()
  if (has_claims && fact["customer_id.state"] != "present")
    why = why "; customer_id " claim_state("customer_id") ", and one of the two guides requires it"
  if (says == "forbidden") why = why "; Forbidden comes from a firewall, an API key check or the host's mapping"
  fail("unexplained", why suspicion("; ") given("; the input lacks ", lacks, ""), after_doubts(lacks != "" ? how_to_read(lacks) : next_steps()))
}

# Which of request, URL, token and response the input lacks.
function unread(   lacks) {
  if (mode != "request") return ""
  if (fact["seen.request"] ~ /^(none)?$/) lacks = lacks ", the request"
  else if (url == "") lacks = lacks ", the URL"
  if (!has_claims) lacks = lacks ", the token"
  if (status == "" && failure == "") lacks = lacks ", the response"
  if (match(lacks, /.*, /) && RLENGTH > 2) lacks = substr(lacks, 1, RLENGTH - 2) " and " substr(lacks, RLENGTH + 1)
  return substr(lacks, 3)
}

function how_to_read(lacks) {
  if (lacks == "the token")
    return "check the token with rhythm-check --token FILE; or run the call again with curl -v, and paste all of the output into: rhythm-check -"
  return "let rhythm-check make the call: rhythm-check SERVICE PATH; or run the call again with curl -v, and paste all of the output into: rhythm-check -"
}

# The guides' remaining items, in their order.
function next_steps(   steps) {
  if (fact["kind"] == "machine" && of_person) steps = steps "; use a user's token, because the call needs a contact"
  if (fact["kind"] == "user") steps = steps "; have the person log in to the Rhythm Portal once, then get a new token"
  if (other_base != "") steps = steps "; " other_base
  return steps == "" ? support() : substr(steps, 3) "; then " support()
}
