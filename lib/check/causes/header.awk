# header-missing, header-name, header-scheme: "Authorization: Bearer", one space, token, and nothing else.

# header-missing, header-name, header-scheme. 0: there is no token to look into.
function check_header(   count) {
  if (mode == "token" && fact["scheme.form"] == "") return form != "" || fact["alg"] != ""
  count = fact["header.count"]
  if (says == "missing" && mode != "token") {
    fail("header-missing", "the API says that no token came with the request: " fact["answer.words"] given("", fact["says.words"], ""),
      "send the header  Authorization: Bearer TOKEN ; if you do, a proxy or a redirect on the way took it out")
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
    why = "this is a browser's preflight (OPTIONS), which never carries an Authorization header, and it was refused"
    remedy = "the API does not take calls from pages of other sites: call it from a server, or look at the request behind the preflight"
  } else if (fact["fault"] == "quotes") {
    why = why ": the quotes in the command are typographic ones (“ ”), which a shell does not know"
    remedy = "type the quotes again, straight ones, then the command works"
  } else if (fact["fault"] == "unquoted") {
    why = why ": the header in the command is not in quotes, so the shell broke it at its blanks"
    remedy = "put the whole header in quotes: -H \"Authorization: Bearer TOKEN\""
  } else if (fact["fault"] == "dash") {
    why = why ": the command has a long dash (—) where two hyphens belong"
    remedy = "type the hyphens again: --header"
  } else if (other == "the URL") {
    why = why "; its token stands in the URL, where the API does not look and logs keep it"
  } else if (other != "") why = why "; a token is in " other ", where the API does not look"
  fail("header-missing", why, remedy)
}

function check_header_name(name) {
  if (name ~ /[ \\]/)
    fail("header-name", "blanks stand between the header's name and its colon: \"" name ":\"",
      "write  Authorization: Bearer TOKEN  without a blank before the colon")
  else if (name != "" && tolower(name) != "authorization")
    fail("header-name", "the token stands in a header called " name ", not Authorization",
      "call the header exactly Authorization")
  else if (name != "" && name != "Authorization" && fact["http"] == 1)
    warn("header-name",
      "it is spelt " name ": right in HTTP/2; in HTTP/1 both guides want Authorization, though case should not matter")
}

# "Bearer", one space, token; and nothing else. 0: there is no token to look into.
function check_header_scheme(form,   wrong, count) {
  if (form == "" || (form == "bare" && fact["token.kind"] == "redacted")) {
    skip("header-scheme", form == "" ? "" : "blotted out")
    return 1
  }
  count = fact["header.count"]
  wrong["bare"] = "the word Bearer and a space are missing in front of the token"
  wrong["colon"] = "there is a colon behind Bearer; it is Bearer, one space, token"
  wrong["equals"] = "there is an equals sign behind Bearer; it is Bearer, one space, token"
  wrong["nbsp"] = "the space behind Bearer is none: it is a no-break space, as web pages and editors put it there"
  wrong["inside"] = "there are spaces inside the token"
  wrong["brackets"] = "there are brackets round the token"
  wrong["several"] = "there are two tokens in it; the API reads one"
  wrong["joined"] = "there is no space between Bearer and the token"
  wrong["spaces"] = "there is more than one space between Bearer and the token"
  wrong["tab"] = "there is a tab between Bearer and the token, not a space"
  wrong["twice"] = "Bearer stands there twice: your code adds it to a value that has it already"
  wrong["quotes"] = "there are quotes or brackets in the value; they went out with it"
  wrong["foreign"] = "its scheme is " fact["scheme"] ", not Bearer"
  if (form == "empty" && fact["scheme"] == "") wrong["empty"] = "it has no value"
  if (wrong[form] == "" && mode == "request") {
    if (fact["header.lines"] != "")
      wrong[form] = "there is a line break in its value, such as the one at the end of a file"
    else if (count + 0 > 1) wrong[form] = "there are " count " Authorization headers, and the API reads one"
  }
  if (wrong[form] != "") {
    fail("header-scheme", "the Authorization header is not well-formed: " wrong[form],
      "send exactly  Authorization: Bearer TOKEN  (the word, one space, the token, nothing else)")
    return form != "foreign" && form != "empty"
  }
  if (form == "case")
    suspect("header-scheme", "the header begins with " fact["scheme"] "; the guides ask for Bearer, with a capital B (by RFC 9110 case does not matter, but not every authorizer keeps to it)",
      "send exactly  Authorization: Bearer TOKEN")
  if (fact["header.user"] != "")
    warn("header-scheme", "a user name and password (-u) stand beside the header; curl sends the header alone")
  return 1
}
