# header-missing, header-name, header-scheme: "Authorization: Bearer", one space, token, and nothing else.

# header-missing, header-name, header-scheme. 0: there is no token to judge.
function check_header(   count) {
  if (mode == "token" && fact["scheme.form"] == "") return form != "" || fact["alg"] != ""
  count = fact["header.count"]
  if (says == "missing" && mode != "token") {
    fail("header-missing", "the API says that the request has no token: " answer_words(),
      "send the header  Authorization: Bearer TOKEN ; if you do, find the proxy or redirect that removes it")
    return 0
  }
  if (mode == "request" && count == "none") return fact["seen.token"] != ""
  if (mode == "request" && count == 0 && fact["header.other"] == "") { missing_header(); return 0 }
  pass("header-missing header-name header-scheme")
  if (mode == "live") return 1
  check_header_name(fact["header.other"] != "" ? fact["header.other"] : fact["header.name"])
  return check_header_scheme(fact["scheme.form"])
}

function missing_header(   why, remedy, other) {
  other = fact["elsewhere"]
  why = "the request has no Authorization header"
  remedy = "send the header  Authorization: Bearer TOKEN  (rhythm-token header | curl -H @- URL)"
  if (fact["preflight"] != "") {
    why = "this is a browser's preflight (OPTIONS), which never has an Authorization header, and it was refused"
    remedy = "call the API from a server, because it allows no cross-origin calls (CORS) from web pages"
  } else if (fact["fault"] == "quotes") {
    why = why ": the command has typographic quotes (“ ”), which a shell does not understand"
    remedy = "replace the typographic quotes in the command with straight ones"
  } else if (fact["fault"] == "unquoted") {
    why = why ": the header in the command is not in quotes, so the shell split it at its spaces"
    remedy = "put the whole header in quotes: -H \"Authorization: Bearer TOKEN\""
  } else if (fact["fault"] == "dash") {
    why = why ": the command has a long dash (—) instead of two hyphens"
    remedy = "replace the dash with two hyphens: --header"
  } else if (other == "the URL") {
    why = why "; its token is in the URL, where the API does not look and logs record it"
  } else if (other != "") why = why "; a token is in " other ", where the API does not look"
  fail("header-missing", why, remedy)
}

function check_header_name(name) {
  if (name ~ /[ \\]/)
    fail("header-name", "the header has a space before its colon: \"" name ":\"",
      "write  Authorization: Bearer TOKEN  without a space before the colon")
  else if (name != "" && tolower(name) != "authorization")
    fail("header-name", "the token is in a header called " name ", not Authorization",
      "name the header Authorization")
  else if (name != "" && name != "Authorization" && fact["http"] == 1)
    warn("header-name",
      "the header is spelled " name ": correct in HTTP/2; in HTTP/1 both guides ask for Authorization, though case should not matter")
}

# "Bearer", one space, token; and nothing else. 0: there is no token to judge.
function check_header_scheme(form,   wrong, count) {
  if (form == "" || (form == "bare" && fact["token.kind"] == "redacted")) {
    skip("header-scheme", form == "" ? "" : "the input shows a placeholder such as *** for the value")
    return 1
  }
  count = fact["header.count"]
  wrong["bare"] = "the word Bearer and a space are missing before the token"
  wrong["colon"] = "there is a colon after Bearer"
  wrong["equals"] = "there is an equals sign after Bearer"
  wrong["nbsp"] = "there is a no-break space after Bearer, as web pages and editors insert it"
  wrong["inside"] = "there are spaces inside the token"
  wrong["brackets"] = "there are brackets around the token"
  wrong["several"] = "it contains two tokens, but the API reads one"
  wrong["joined"] = "there is no space between Bearer and the token"
  wrong["spaces"] = "there is more than one space between Bearer and the token"
  wrong["tab"] = "there is a tab between Bearer and the token, not a space"
  wrong["twice"] = "it contains Bearer twice, because your code adds it to a value that already has it"
  wrong["quotes"] = "it contains quotes or brackets, which were sent"
  wrong["foreign"] = "its scheme is " fact["scheme"] ", not Bearer"
  if (form == "empty" && fact["scheme"] == "") wrong["empty"] = "it is empty"
  if (wrong[form] == "" && mode == "request") {
    if (fact["header.lines"] != "")
      wrong[form] = "it contains a line break, such as the one at the end of a file"
    else if (count + 0 > 1) {
      fail("header-scheme", "the request has " count " Authorization headers, but the API reads one",
        "send only one header  Authorization: Bearer TOKEN")
      return form != "foreign" && form != "empty"
    }
  }
  if (wrong[form] != "") {
    fail("header-scheme", "the Authorization header is malformed: " wrong[form],
      "send exactly  Authorization: Bearer TOKEN  (the word, one space, the token, nothing else)")
    return form != "foreign" && form != "empty"
  }
  if (form == "case")
    suspect("header-scheme", "the header begins with " fact["scheme"] "; the guides ask for Bearer, with a capital B (RFC 9110 ignores case, but not every authorizer does)",
      "send exactly  Authorization: Bearer TOKEN")
  if (fact["header.user"] != "")
    warn("header-scheme", "the command also has a username and password (-u); curl sends only the header")
  return 1
}
