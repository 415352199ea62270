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
