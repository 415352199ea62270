# redis-request: turns a request into redis-cli's options and commands.
#
# Prints `run`, then host, port, socket, tls (yes or no), ca_bundle and timeout, one per line and empty if missing,
# then redis-cli's commands. The password is in these commands only. Variables: as request.awk, and script: the Lua file.

BEGIN {
  take_request()
  split_url(asked["url"])
  check_tls()
  print "run"
  print host
  print port
  print socket
  print tls
  print asked["ca_bundle"]
  print asked["timeout"]
  print "HELLO 2" (password == "" ? "" : " AUTH " (user == "" ? "default" : user) " " password)
  if (database != 0) print "SELECT " database
  print "EVAL " script_text() " 3 rhythm:1:entry:" asked["identity"] " rhythm:1:lock:" asked["identity"] \
    " rhythm:1:mints:" asked["customer"] " " operation arguments()
}

# The script's arguments, in its order.
function arguments(   i, n, names, line) {
  n = split("identity lock ttl entry monthly_limit hourly_limit host profile place outcome log", names, " ")
  for (i = 1; i <= n; i++) line = line " \"" asked[names[i]] "\""
  return line
}

# redis://[USER[:PASSWORD]@]HOST[:PORT][/DATABASE], rediss://..., unix://[USER[:PASSWORD]@]/SOCKET[?db=DATABASE]
function split_url(url,   at, scheme, rest, authority) {
  if (url !~ /^(redis|rediss|unix):/) refuse(78, "redis_url: begins with " scheme_of(url) "; use redis://, rediss:// or unix://")
  scheme = substr(url, 1, index(url, ":") - 1)
  rest = substr(url, length(scheme) + 2)
  sub(/^\/\//, "", rest)
  tls = scheme == "rediss" ? "yes" : "no"
  authority = rest
  sub(/[\/?#].*/, "", authority)
  at = last_at(authority)
  if (at) take_user(substr(rest, 1, at - 1))
  rest = substr(rest, at + 1)
  if (asked["user"] != "") user = quoted(asked["user"])
  if (asked["password"] != "") password = quoted(asked["password"])
  if (user != "" && password == "") refuse(78, "redis_url: names a user without a password; set redis_password_file")
  if (scheme == "unix") take_socket(rest)
  else take_host(rest)
  if (database !~ /^[0-9]+$/ || length(database) > 4) refuse(78, "redis_url: the database is not a number from 0 to 9999")
}

function take_user(info,   colon) {
  colon = index(info, ":")
  user = decoded(colon ? substr(info, 1, colon - 1) : info)
  if (colon) password = decoded(substr(info, colon + 1))
}

function take_socket(rest,   at) {
  at = index(rest, "?")
  database = 0
  socket = at ? substr(rest, 1, at - 1) : rest
  if (at && substr(rest, at, 4) != "?db=") refuse(78, "redis_url: only ?db=NUMBER may follow the path of the socket")
  if (at) database = substr(rest, at + 4)
  if (socket !~ /^\// || socket ~ /[\\%]/) refuse(78, "redis_url: unix:// needs the absolute path of a socket, without % or backslash")
}

function take_host(rest,   at) {
  at = index(rest, "/")
  database = at && at < length(rest) ? substr(rest, at + 1) : 0
  if (at) rest = substr(rest, 1, at - 1)
  if (rest ~ /^\[[0-9A-Fa-f:.]+\](:[0-9]+)?$/) {
    at = index(rest, "]")
    host = substr(rest, 2, at - 2)
    port = substr(rest, at + 2)
  } else if (rest ~ /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9.])?(:[0-9]+)?$/) {
    at = index(rest, ":")
    host = at ? substr(rest, 1, at - 1) : rest
    port = at ? substr(rest, at + 1) : ""
  } else {
    refuse(78, "redis_url: no valid host; use redis://HOST or redis://HOST:PORT")
  }
  if (port == "") port = 6379
  if (length(port) > 5 || port + 0 < 1 || port + 0 > 65535) refuse(78, "redis_url: the port is not a number from 1 to 65535")
}

# redis-cli checks that a trusted authority signed the server's certificate, but not that it names this host. With the
# system's authorities, any host's certificate would be accepted.
function check_tls() {
  if (tls == "yes" && asked["ca_bundle"] == "")
    refuse(78, "redis_url: rediss:// needs redis_ca_bundle, a file with only the CA that signs the server, because redis-cli does not check host names")
  if (tls == "yes" && asked["ca_bundle"] ~ /\\/)
    refuse(78, "redis_ca_bundle: the path contains a backslash or a control character; rename the file")
}

# A URL's scheme, for a message: never more, because a password may follow.
function scheme_of(url) {
  if (url !~ /^[A-Za-z][A-Za-z0-9+.-]*:\/\//) return "no scheme"
  return substr(shown(substr(url, 1, index(url, ":") - 1)), 1, 20) ":"
}

function last_at(s,   i) {
  for (i = length(s); i > 0; i--)
    if (substr(s, i, 1) == "@") return i
  return 0
}

# A value in quotes. The escapes of key=value, \\ \n \r \t \xNN, are redis-cli's own.
function quoted(s) {
  if (s ~ /[ \t]$/ || s ~ /^[ \t]/) refuse(78, "the Redis user or password begins or ends with a blank; remove it")
  gsub(/"/, "\\\\&", s) # not \", whose backslash busybox 1.37 drops
  return "\"" s "\""
}

# A percent-encoded part of the URL, in quotes.
function decoded(s,   i, c, out) {
  for (i = 1; i <= length(s); i++) {
    c = substr(s, i, 1)
    if (c == "%") {
      if (substr(s, i + 1, 2) !~ /^[0-9A-Fa-f][0-9A-Fa-f]$/) refuse(78, "redis_url: % in a user or password is not followed by two hexadecimal digits; write it as %25")
      c = "\\x" substr(s, i + 1, 2)
      i += 2
    } else if (c == "\"") {
      c = "\\\""
    }
    out = out c
  }
  return out == "" ? "" : "\"" out "\""
}

# The script as one argument.
function script_text(   line, text) {
  while ((getline line < script) > 0) {
    gsub(/\\|"/, "\\\\&", line)
    sub(/^ +/, "", line)
    if (line !~ /^--/ && line != "") text = text line "\\n"
  }
  if (text == "") refuse(69, script " cannot be read; install rhythm again")
  return "\"" text "\""
}
