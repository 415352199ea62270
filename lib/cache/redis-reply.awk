# redis-reply: judges what redis-cli printed (--no-raw, standard error included) and prints the helper's answer.
#
# It expects the array of HELLO, OK if there was a SELECT, and one line of the script; the first other line is the error.
# Exit status: 0; 69 or 78; or that of a line `refused STATUS`. Variable: program.

$1 == "refused" && NR == 1 { status = $2; exit }

{ sub(/\r$/, "") }

# redis-cli prints this after a command that took half a second or more.
/^\([0-9]+\.[0-9]+s\)$/ { next }

/^ *([0-9]+\) )+/ && line == "" && wrong == "" {
  sub(/^ *([0-9]+\) )+/, "")
  if (last == "\"mode\"") mode = $0
  last = $0
  next
}
$0 == "OK" && last != "" && line == "" { next }
/^"rhythm-cache 1 [^"\\]* end"$/ && last != "" && line == "" { line = $0; next }
wrong == "" && $0 != "" { wrong = $0 }

END {
  if (status == "") status = judge()
  exit status
}

function judge(   i, n, pairs) {
  if (wrong == "timeout") return fail(69, "the Redis server did not respond in time; check whether it is paused or overloaded")
  if (wrong ~ /unknown command.*HELLO/) return fail(69, "the Redis server does not know HELLO; use Redis 6 or later, or Valkey")
  if (mode == "\"cluster\"") return fail(78, "the server is part of a Redis Cluster, which is not supported; use a separate Redis server")
  if (mode == "\"sentinel\"") return fail(78, "the server is a Redis Sentinel, which keeps no data; set redis_url to the Redis server itself")
  if (wrong != "") return fail(69, words(wrong))
  if (mode != "\"standalone\"" || line == "") return fail(69, "the response is incomplete or not from a Redis server; check redis_url")
  n = split(substr(line, 2, length(line) - 2), pairs, " ")
  print "version=1"
  for (i = 3; i < n; i++) print pairs[i]
  return 0
}

function fail(code, text) {
  print program ": " text | "cat >&2"
  close("cat >&2")
  return code
}

# The server's error and a remedy. An error may repeat what was sent: of one after HELLO, which comes with the password, only
# the code is shown, and of an unknown command no arguments.
function words(s,   remedy, who) {
  who = s ~ /^redis-cli|^Error: Protocol|CA Certificate/ ? "redis-cli" : "the Redis server"
  remedy = "see the server's log"
  if (s ~ /WRONGPASS|NOAUTH|AUTH/) remedy = "check the user and password in redis_url or redis_password_file"
  else if (s ~ /NOPERM|ACL failure|can't run this command|can't access/) remedy = "give the Redis user the permissions listed in rhythm-cache(7)"
  else if (s ~ /certificate verify failed|CA Certificate/) remedy = "check redis_ca_bundle, which should contain the CA that signs the server's certificate"
  else if (s ~ /Protocol error|Assertion/) remedy = "check redis_url, which seems to lead to something other than a Redis server"
  else if (s ~ /^Could not connect/) remedy = "check redis_url, and whether the server is running"
  else if (s ~ /OOM/) remedy = "free memory on the server, or raise its maxmemory"
  else if (s ~ /READONLY/) remedy = "set redis_url to the primary"
  else if (s ~ /max number of clients/) remedy = "it has too many clients; raise its maxclients"
  else if (s ~ /DENIED/) remedy = "it is in protected mode; give it a password"
  else if (s ~ /LOADING/) remedy = "it is loading its data; try again"
  if (sub(/^\(error\) /, "", s) && last == "") {
    s = match(s, /^[A-Z]+( |$)/) ? substr(s, 1, RLENGTH) : "an error"
    sub(/ $/, "", s)
  }
  sub(/^(RHYTHM|redis-cli:|Error:) /, "", s)
  sub(/,? with args beginning.*/, "", s)
  gsub(/[^ -~]/, "?", s) # a terminal may take C1 control characters for commands
  if (length(s) > 300) s = substr(s, 1, 300) "..."
  return s ~ /; delete it$/ ? s : who ": " s "; " remedy
}
