# base-url, route, permission, rate-limit: where the request went, and what the gateway said about it.

# Sets resource, path_tenant and of_person (the call needs a contact) from the path, and other_base: what to try if the
# base URL is one of the two that Rhythm publishes, because it may be the one that is not served. Finding out which one is
# served would take a second request.
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

# Whether it is a Rhythm service, and the one that has this path.
function check_base(style, service,   remedy, n, known, others, lacks, at_known) {
  if (style == "none") return
  pass("base-url")
  remedy = "call https://SERVICE.api.rhythmsoftware.com/PATH, such as https://rolodex.api.rhythmsoftware.com/contacts/current; " \
    "Rhythm also publishes https://api.rhythmsoftware.com/SERVICE-v1/PATH"
  n = split(fact["catalogue"], known, " ")   # see catalogue_place
  lacks = known[1] == "yes" && known[2] > 0 && known[3] == "no"
  absent = lacks && fact["complete"] != ""
  if (style == "foreign") {
    others = url " is not below a Rhythm base URL: " fact["url.problem"]
    if (fact["url.gleaned"] != "" || mode != "live" && host_of(url) ~ /^(127\.|localhost|\[::1\]|10\.|192\.168\.|172\.)/) doubt("base-url", others, "if the call is meant for Rhythm itself, call https://SERVICE.api.rhythmsoftware.com/PATH")
    else fail("base-url", others, remedy)
  } else if (service == "" || service ~ /[$]/) return
  else if (known[1] == "no") {
    others = "Rhythm has no service called " service given(" (nearest: ", fact["nearest"], ")")
    if (fact["nearest"] != "" || mode == "live") fail("base-url", others, remedy)
    else doubt("base-url", "the catalogue has no service called " service, "if " service " is misspelled, correct it (rhythm-get --list shows the services)")
  } else if (lacks && n > 3) {
    others = fact["catalogue"]
    sub(/^yes [0-9]+ no /, "", others)
    at_known = "call https://" known[4] ".api.rhythmsoftware.com" fact["path"]
    if (absent) fail("base-url", service " has no /" resource "; that path belongs to " others, at_known)
    else doubt("base-url", "the catalogue has /" resource " for " others ", not for " service, "if the call is meant for " known[4] ", " at_known)
  } else if (fact["required_base"] != "")
    fail("base-url", "no request was made: " url " is not below api_base=" fact["required_base"] ", and the token is sent nowhere else",
      "check a URL below it, or " to_set("api_base", style == "article" ? ARTICLE_BASE : SERVICE_BASE))
  else if (fact["unanswered"] != "")
    fail("base-url", "the configured base URL did not respond (" fact["unanswered"] "); the other published one returned " \
      status ": " url, to_set("api_base", style == "article" ? ARTICLE_BASE : SERVICE_BASE))
  else if (style == "article" && says == "forbidden")
    fail("base-url", "the gateway returned 403 Forbidden, as it does for a host or base path that it does not serve",
      other_base)
  else if (status ~ /^3..$/ && status != 304)
    fail("base-url", "the response is a redirect (" status ")" given(" to ", fact["answer.location"], "") \
      "; the API never redirects, and clients that follow drop the token", remedy)
}

# route, permission, rate-limit: what the response alone tells.
function check_answer(   call, words) {
  if (status ~ /^2..$/) pass("route permission")
  if (status ~ /^[1-5]..$/) pass("rate-limit network tls server")
  call = given("", fact["method"], " ") (url == "" ? "this URL" : url)
  words = given(" (", answer_words(), ")")
  if (cause == "" && says ~ /^(route|equal)$/)
    fail("route", "the gateway returned " status words " because it has no route for " call "; the token is not the problem", route_remedy())
  if (cause == "" && says == "anonymous")
    fail("permission", "the gateway did not read the token: its " status words " means that AWS signatures or a policy guard this route, not the authorizer",
      route_remedy())
  if (cause == "" && says == "scope" && status ~ /^40[13]$/)
    fail("permission", "the API returned " status words ": the token lacks a scope that this call needs", "request a token with that scope, or have the permission granted to the API key in Rhythm Console")
  if (cause == "" && status == 403 && says ~ /^(policy|deny)$/) check_denied(call, words)
  if (status == 429)
    fail("rate-limit", "the API returned 429" words ": too many requests in a short time, or a limit of the tenant; the token is not the problem",
      "wait" given(" (Retry-After: ", fact["answer.retry"], ")") " and send fewer requests at a time; if that does not help, " support())
}

# The authorizer read the token and refused this call. By Rhythm's own words it does so for a tenant that the caller may not
# access, and also for a path that does not exist.
function check_denied(call, words) {
  if (absent)
    fail("route", "the authorizer refused " call " with 403" words ", as it does for a path that does not exist: " fact["service"] " has no /" resource, route_remedy())
  else
    fail("permission", "the authorizer read the token and refused this call with 403" words ": the caller is not allowed to access the tenant, or the path does not exist",
      "have the permission for this call granted to the API key or the person in Rhythm Console; if it is granted, " route_remedy() "; else " support())
}

function route_remedy(   service) {
  service = fact["service"] ~ /^[a-z0-9-]+$/ ? fact["service"] : "SERVICE"
  return "compare method and path with rhythm-get --list " service \
    (service == "SERVICE" ? "" : " " (fact["near.resource"] != "" ? nearest_of(fact["near.resource"]) : resource != "" && !absent ? resource : "")) \
    given(" (nearest: ", fact["near.resource"], ")") given("; if they are correct, ", other_base, "")
}

function nearest_of(names) { sub(/ .*/, "", names); return names }
