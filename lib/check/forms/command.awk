# A curl command from any shell, script or log, followed by its output.
#
# curl-options.tsv says which options take a value. Only the values that matter here are kept: a username, a password or a
# certificate's passphrase is never looked at again.

BEGIN {
  # the word curl, by itself or at the end of a path, before what only its arguments begin with: prose has other words there
  COMMAND = "(^|[ \t/\\\\(\"'`=$@;|&!%+>])curl([.]exe)?[\"']?[ \t]+(-|—|–|[\"'$^“]|https?:|[A-Za-z0-9.-]+[.][a-z]+/|[\\\\^`][ \t]*$|[a-z0-9.-]+:[0-9])"
}

function load_options(   line, column) {
  if (options_loaded++) return
  while ((getline line < (ENVIRON["check_lib"] "/curl-options.tsv")) > 0) {
    if (line ~ /^#/) continue
    split(line, column, "\t")
    if (column[1] != "-") { long_name[column[1]] = column[2]; if (column[3] == "value") takes[column[1]] = 1 }
    if (column[3] == "value") takes[column[2]] = 1
  }
}

# The position in TEXT at which the command begins, or 0.
function is_command(text,   at) {
  if (!index(text, "curl") || !match(text, COMMAND)) return 0
  at = RSTART + index(substr(text, RSTART), "curl") - 1
  if (text ~ /^[ \t]*(\*|<) / || text ~ /User-Agent:|user-agent:/) return 0
  if (substr(text, 1, at - 1) ~ /^[ \t]*#[^!]/) return 0
  return at
}

function command_line(i,   at) {
  if (!(at = is_command(lines[i]))) return 0
  if (lines[i] ~ /^At line:|^\+ *curl(\.exe)? .*2>&1$/) return 1   # PowerShell repeats the command
  load_options()
  at = split_command(i, at)
  curl_marks = 0
  read_options()
  part = "output"
  return at - i + 1
}

# A header, as in the value of -H.
function command_header(text,   at, name) {
  if (text ~ /^@/) {
    x[e, "variable"] = text == "@-" ? "standard input" : substr(text, 2)
    request_header("Authorization", " Bearer [redacted]")
    return
  }
  at = index(text, ":")
  if (!at) { sub(/;[ \t]*$/, "", text); if (tolower(text) == "authorization") request_header(text, ""); return }
  if (text ~ /^[^:]+:[ \t]*$/) { removed[tolower(trimmed(substr(text, 1, at - 1)))] = 1; return }
  name = tolower(trimmed(substr(text, 1, at - 1)))
  if (name ~ /authori[sz]ation/) {
    if (text ~ /\001/) {
      match(text, /\001[^\002]*\002/); x[e, "variable"] = substr(text, RSTART + 1, RLENGTH - 2)
      gsub(/\001[^\002]*\002/, "[redacted]", text)
    }
    if (text ~ /[\r\n]/) { x[e, "broken"] = "yes"; gsub(/[\r\n]+/, "", text) }
  }
  gsub(/[\001\002]/, "", text)
  request_header(substr(text, 1, at - 1), substr(text, at + 1))
}

function begin_command() {
  begin_request("command", "", "", "unknown")
  x[e, "command"] = "yes"
  split("", removed); split("", option)
}
function read_options(   i, k, name, value, letters) {
  begin_command()
  for (i = 2; i <= word_count; i++) {
    name = words[i]; value = ""
    if (name == "--next" || name == "-:") { end_command(); begin_command(); continue }
    if (name ~ /^--[a-z0-9-]+=/) {
      value = substr(name, index(name, "=") + 1)
      name = substr(name, 3, index(name, "=") - 3)
    } else if (name ~ /^--./) {
      name = substr(name, 3)
      if (name in takes) value = words[++i]
    } else if (name ~ /^-./) {
      letters = name
      for (k = 2; k <= length(letters) && !(substr(letters, k, 1) in takes); k++) option[long_name[substr(letters, k, 1)]]
      name = long_name[substr(letters, k, 1)]
      if (k <= length(letters)) value = k < length(letters) ? substr(letters, k + 1) : words[++i]
    } else if (name ~ /^(—|–)/) { x[e, "fault"] = "dash"; continue }
    else {
      if (name ~ /[“”]/) x[e, "fault"] = "quotes"
      else if (name ~ /^[Bb]earer$/) x[e, "fault"] = "unquoted"
      name = "url"; value = words[i]
    }
    if (name == "header") {
      if (value ~ /^“/) x[e, "fault"] = "quotes"
      command_header(value)
    } else if (name == "url") { if (value ~ /:\/\/|\001/ || option["url"] == "" && value ~ /^[a-z0-9.-]+[.:\/]/) option["url"] = value }
    else if (name ~ /^(data|json|form)/) option["data"] = option["data"] value
    else if (name == "user" || name == "oauth2-bearer" || name == "request") option[name] = value
    else option[name]
  }
  end_command()
}
function end_command(   method, target, user) {
  method = option["request"]
  if (method == "")
    method = "head" in option ? "HEAD" : "get" in option ? "GET" : "data" in option ? "POST" : "upload-file" in option ? "PUT" : "GET"
  target = option["url"]
  if (target !~ /^[a-z]+:\/\// && target != "" && target !~ /^\001/) target = "http://" target
  user = target ~ /^[a-z]+:\/\/[^\/]*@/ ? "in the URL" : option["user"]
  if (x[e, "authorizations"] && user != "") x[e, "both"] = "yes"
  if (!x[e, "authorizations"] && !("authorization" in removed)) {
    if (option["oauth2-bearer"] != "") command_header("Authorization: Bearer " option["oauth2-bearer"])
    else if (user != "") request_header("Authorization", " Basic [redacted]")
  }
  if (option["data"] ~ /"?access_token"?[:=]/) x[e, "elsewhere"] = "the body"
  if ("config" in option || "netrc" in option || "netrc-file" in option) request_part(); else request_whole()
  gsub(/[\001\002]/, "", target)
  x[e, "method"] = method; x[e, "target"] = target
}
