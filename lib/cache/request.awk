# request: reads a request to a cache helper (rhythm-cache(7)) into asked[], and checks it.
#
# Variables: program (for messages), operation. A request that is refused ends the program here: the reason goes to
# standard error, and the one line `refused STATUS` to standard output, for the next program of the pipe.

function take_request(   line, at, i, n, names) {
  asked["timeout"] = 30
  while ((getline line) > 0) {
    at = index(line, "=")
    if (at < 2) refuse(64, "a line of the request is not key=value")
    asked[substr(line, 1, at - 1)] = substr(line, at + 1)
  }
  if (asked["version"] != "1")
    refuse(64, "the request uses version " shown(asked["version"]) " of the protocol, but this helper uses version 1; install rhythm again")
  needs["get"] = needs["erase"] = ""
  needs["store"] = "lock ttl entry"
  needs["lock"] = "ttl"
  needs["unlock"] = "lock"
  needs["mint"] = "customer lock monthly_limit hourly_limit host profile"
  needs["settle"] = "customer place outcome"
  needs["totals"] = "customer"
  n = split("version url identity " needs[operation], names, " ")
  for (i = 1; i <= n; i++)
    if (asked[names[i]] == "") refuse(64, "the request has no " names[i] "=")
  check_number("timeout", 1, 86400)
  check_number("ttl", 1, 2678400) # 31 days
  check_number("monthly_limit", 0, 1000000000)
  check_number("hourly_limit", 0, 1000000000)
  check_digest("identity")
  check_digest("customer")
  check_word("lock")
  check_word("place")
  check_word("host")
  check_word("profile")
  if (asked["entry"] ~ /[^A-Za-z0-9._-]/ || length(asked["entry"]) > 262144)
    refuse(64, "the request's entry is not base64url, or is longer than 262144 characters")
  if (asked["outcome"] != "" && asked["outcome"] !~ /^(ok|denied|unknown|unsent)$/)
    refuse(64, "the request's outcome is not ok, denied, unknown or unsent")
  if (asked["log"] != "" && asked["log"] !~ /^(yes|no)$/)
    refuse(64, "the request's log is not yes or no")
}

function check_number(name, least, most) {
  if (asked[name] != "" && (asked[name] !~ /^[0-9]+$/ || length(asked[name]) > 10 || asked[name] + 0 < least || asked[name] + 0 > most))
    refuse(64, "the request's " name " is not a number from " least " to " most)
}

function check_digest(name) {
  if (asked[name] != "" && (asked[name] ~ /[^0-9a-f]/ || length(asked[name]) != 64))
    refuse(64, "the request's " name " is not 64 hexadecimal digits")
}

function check_word(name) {
  if (asked[name] ~ /[^A-Za-z0-9._-]/ || length(asked[name]) > 128)
    refuse(64, "the request's " name " contains something other than A-Z a-z 0-9 . _ - or is longer than 128 characters")
}

# A value made safe for a message.
function shown(s) {
  gsub(/[^A-Za-z0-9.:\/_-]/, "?", s)
  return s == "" ? "(none)" : substr(s, 1, 60)
}

function refuse(status, text) {
  print program ": " text | "cat >&2"
  close("cat >&2")
  print "refused " status
  exit
}
