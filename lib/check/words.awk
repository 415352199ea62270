# words: what the messages of gateways, libraries and curl mean. Every text is compared in lower case.

# curl's error message, for a transfer that failed. 1: the text is one. The numbers are curl's exit statuses, see curl(1).
function curl_words(text,   number, words) {
  if (!match(text, /curl(\.exe)?: \([0-9]+\)/)) return 0
  words = substr(text, RSTART)
  match(words, /\([0-9]+\)/)
  number = substr(words, RSTART + 1, RLENGTH - 2) + 0
  if (number == 22) {
    if (match(words, /error: *[1-5][0-9][0-9]/)) { number = substr(words, RSTART + RLENGTH - 3, 3); if (!e || x[e, "status"] == "") begin_answer(number, words); part = "output" }
    else g["complaint"] = "curl: (22)"
    return 1
  }
  if (number == 56 && words ~ /(HTTP code|response) [0-9][0-9][0-9]/ || number == 5 || number == 97 || words ~ /CONNECT tunnel failed/) failed("proxy", words)
  else if (number == 6 && match(words, /resolve host: [^ .]+$/) && words !~ /localhost/) fault("unquoted")
  else if (index(" 1 2 3 26 27 43 48 ", " " number " ")) failed("usage", words)
  else if (index(" 35 51 53 54 58 59 60 64 66 77 80 82 83 90 91 98 ", " " number " ")) failed("tls", words)
  else if (!index(" 18 23 ", " " number " ")) failed("network", words)
  return 1
}
function fault(what) { if (e && x[e, "fault"] == "") x[e, "fault"] = what }

# What curl -v says of a connection that fails.
function curl_failure(text) {
  if (text ~ /Could not resolve|Failed to connect|Connection (refused|timed out|reset)|Empty reply/ ||
    text ~ /(Operation|Resolving|Connection) timed out|Network is unreachable/) {
    if (text !~ /resolve host: [A-Za-z]+$/ || text ~ /localhost/) failed("network", text)
  } else if (text ~ /SSL certificate (problem|OpenSSL verify result)|certificate verify failed|SSL peer|schannel: .*fail/ ||
    text ~ /unable to get local issuer|certificate has expired|no alternative certificate subject name matches/ ||
    text ~ /subject name .* does not match|handshake fail|SSL_connect: |wrong version number/) failed("tls", text)
}

# The words in which libraries say that there was no response. 1: the text has such words.
function library_failure(text,   t) {
  t = tolower(text)
  if (t ~ /proxy ?error|tunnel connection failed|err_tunnel_connection|err_proxy|proxyconnect|unable to connect to proxy|407 proxy auth|proxy authentication required/)
    failed("proxy", text)
  else if (t ~ /certificate_verify_failed|certificate verif(y|ication) failed|ssl_handshake returned|certificate (has expired|problem|signed by unknown|is not trusted|validation|was signed|relationship)|x509: |pkix path|sslhandshake|handshake_failure|handshake fail|self[ -]signed certificate|unable to (get local issuer|verify the first)|unable_to_verify|unable_to_get_issuer|depth_zero|err_cert|err_tls|err_ssl|net::err_ssl|remote certificate (is|was) |ssl\/tls secure channel|trust relationship|ssl connection could not|wrong version number|tlsv1 alert|bad handshake|ssl routines|schannel: |ssl_error_|sslerror|sec_e_|sec_error_|unknown ca|hostname.* (doesn't|does not) match|not match any of the subject|tls: (failed|handshake|bad)|invalid peer certificate|securefailure|certificate for this server is invalid|code=-120[0-6]|nsurlerrordomain.*-120[0-6]/)
    failed("tls", text)
  else if (t ~ /could not resolve|couldn't resolve|name or service not known|nodename nor servname|getaddrinfo|enotfound|eai_again|econnrefused|connection refused|econnreset|connection reset|etimedout|esockettimedout|econnaborted|enetunreach|ehostunreach|timed out|no route to host|network is unreachable|no such host|i\/o timeout|unknownhost|connectexception|sockettimeout|connecttimeout|readtimeout|newconnectionerror|max retries exceeded|name resolution|failed to connect|connection aborted|remote end closed|empty reply|socket hang up|dial tcp|unable to connect to the remote server|actively refused|err_name_not_resolved|err_connection|err_internet|err_network|err_timed|err_address|context deadline exceeded|deadline has elapsed|no address associated|connection (was )?(closed|forcibly|timeout)|tcp connect error|dns error|could not connect|can't connect|cannot connect|name is not known|no such host is known|sockexception|connecterror|connection error|appears to be offline|hostname could not be found|request timed out|code=-100[0-9]/ &&
    t !~ /timeout (of|for|is|=|set)|enable timeout/)
    failed("network", text)
  else return 0
  return 1
}

# The words, in LOW, of somebody for whom a call failed, in the languages in which people write to a help desk; or "". They are
# no evidence of a status, but next to them a token without a fault does not mean that nothing is wrong. A regular expression in
# a string would be compiled for each line by some awks.
function complaint(low) {
  return match(low, /(error|fail|exception|denied|forbidden|reject|refus|unauth|(do|does|did|is)n't work|not (authori[sz]|authentic|allowed|work)|can(no|')t|(a|gets?|got|with|gateway) timeout|times out|timed out|broken|blocked|stopped|4xx|4o[134]|(invalid|bad|wrong) (access )?token|"message" *:|fehler|verweigert|nicht (auto|berech)|abgelehnt|erreur|non auto|no auto|deneg|negad|errore|ошибк|отказ|エラー|错误|失败)[a-z]*/) ? substr(low, RSTART, RLENGTH) : ""
}

# What the words of a response mean; a result that is also a check's name has that meaning.
function meaning(status, text, errortype, www,   t, d) {
  text = tolower(text); t = tolower(errortype); www = tolower(www)
  if (status != "" && status !~ /^4/) return ""   # words in a record are not the gateway's
  if (status ~ /^(401|403)?$/) {
    if (text ~ /missing authentication token/ || t ~ /missingauthenticationtoken/) return "route"
    if (text ~ /missing equal-sign|not a valid key=value pair|requires '?&?[a-z#0-9;]*'?"?credential/ || t ~ /incompletesignature/) return "equal"
    if (text ~ /user: anonymous is not authorized/) return "anonymous"
    if (text ~ /jwks|authorizerconfiguration/ && text ~ /communication error|configuration/ || www ~ /jwks communication/) return "server"
  }
  if (www ~ /insufficient_scope/) return "scope"
  if (status == 401 || status == 403 || status == "") {
    d = www
    if (!sub(/.*error_description/, "", d)) d = ""
    if (d == "" && match(text, /error_description"?[:=]/)) d = substr(text, RSTART)
    if (text ~ /"?message"?|error|denied|invalid|unauthorized|fail|exception|reject|not valid|expired/) d = d " " text
    if (d ~ /jwks communication/) return "server"
    if (d ~ /number of segments|not (a )?(valid|well[- ]formed)? ?jwt|malformed|jwt strings must contain|not enough segments|invalid jwt serialization|could not (be )?decode|invalid token format|idx1270|idx1272|invalidtokenformat/) return "malformed"
    if (d ~ /audience|"?aud"? (value|claim)|unexpected \\?"?aud/) return "audience"
    if (d ~ /expired|lifetime validation|exp claim|"exp"/) return "expired"
    if (d ~ /not valid yet|not yet valid|become valid|nbf|before|iat claim|not active/) return "notyet"
    if (d ~ /signature|signing key|signing|jwks|"?kid|no matching key|verification failed|key was not found/) return "signature"
    if (d ~ /issuer (is |was )?(not|invalid|wrong|mismatch|did|does)|(invalid|wrong|unexpected|unknown|bad|untrusted) \\?"?iss|not .*issuer|issuer validation|"?iss"? (value|claim)|issuer/) return "issuer"
    if (d ~ /insufficient.?scope|scope.*(missing|required|not)|(missing|required|invalid).*scope/) return "scope"
    if (d ~ /token is missing|missing (access )?token|no (access |auth|bearer )?token|authorization header (is )?(missing|required|not)|missing authorization|credentials were not provided|not provided/) return "missing"
    if (t ~ /expiredtoken/) return "expired"
  }
  if (text ~ /explicit deny/) return "deny"
  if (text ~ /not authorized to (access|perform)/ || t ~ /accessdenied/) return "policy"
  if (text ~ /too many requests|limit exceeded|rate exceeded/ || t ~ /toomanyrequests|limitexceeded|throttl/) return "throttled"
  if (text ~ /"message"[ \t]*:[ \t]*"forbidden"/ || t ~ /forbidden/) return "forbidden"
  if (text ~ /unauthorized/ || t ~ /unauthorized/) return "unauthorized"
  return ""
}
function implied(says) {
  return says == "unauthorized" || says ~ /^(expired|audience|issuer|signature|notyet|malformed|missing)$/ ? 401 : \
    says ~ /^(policy|deny|route|equal|forbidden|anonymous)$/ ? 403 : says == "throttled" ? 429 : says == "server" ? 500 : ""
}

# Who responded, if it was not the API: a firewall, a content network, a web server that asks for a password.
function stranger(   t, www) {
  t = tolower(x[e, "body"]); www = tolower(answered("www-authenticate"))
  if (t ~ /generated by cloudfront|cloudfront/ && t ~ /request could not be satisfied|error/) return "CloudFront"
  if (t ~ /request blocked|web application firewall|incapsula|cloudflare|akamai|access denied.*reference #/ && t ~ /<|html|reference/) return "a firewall"
  if (www ~ /^ *basic/) return "a web server or proxy that asks for a username (" answered("www-authenticate") ")"
  return ""
}
