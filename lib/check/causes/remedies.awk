# remedies: what to do about a call that got no response, by the words of the program that failed.
#
# The rows are compared in their order; the first whose cause is the failure's, and whose expression matches the words in lower
# case, counts. A program that is not rhythm's does not read rhythm's settings, so the remedy for a certificate that is not
# trusted, "trust", is chosen by the program.

BEGIN {
  remedy_row("network", "http/?2|curl: [(](16|92)[)]|goaway", "try again; if it fails again, use HTTP/1.1 (curl: --http1.1)")
  remedy_row("network", "resolve|resolution|enotfound|eai_again|getaddrinfo|no such host|name or service|nodename|unknownhost|dns|no address assoc|hostname could not|name is not known", \
    "check the host name, and the name servers of the machine that made the call")
  remedy_row("network", "curl: [(](52|55|56)[)]|reset|empty reply|closed|hang up|aborted|forcibly", \
    "try again; if it fails again, check the firewall and the proxy variables")
  remedy_row("network", "", "check the host name, the network, the firewall and the proxy variables")
  remedy_row("usage", "curl: [(]26[)]", "name a file that curl can read (after @, -F or -T)")
  remedy_row("usage", "curl: [(](1|3)[)]", "correct the URL, and quote it")
  remedy_row("usage", "", "correct the command (quote the URL, give each option its value)")
  remedy_row("tls", "curl: [(](58|98)[)]|client certificate|certificate required|alert (certificate|bad certificate|unknown ca)|fatal alert: (bad_cert|certificate|unknown_ca)", \
    "correct the client certificate and its key (curl: --cert, --key)")
  remedy_row("tls", "expired|not yet valid|date_invalid|notafter|0x80090328", \
    "check the clock of the machine that made the call; if it is right, have the certificate of the server or proxy renewed")
  remedy_row("tls", "wrong version number|packet length too long|record overflow|record_too_long|not look like a tls|unrecognized ssl message|plaintext|http request|ssl_protocol", \
    "check the scheme (http or https) and the port of the URL, and the proxy: what responded does not use TLS")
  remedy_row("tls", "subject name|hostname|altname|alternative name|common_name|wrong_principal|0x80090322|name ?mismatch|is valid for", \
    "correct the host name in the URL, or find the proxy that responded instead")
  remedy_row("tls", "revocation|0x8009201[23]", \
    "allow connections to the revocation server of the certificate (CRL or OCSP), or give curl --ssl-revoke-best-effort")
  remedy_row("tls", "curl: [(]77[)]|setting certificate|trust anchors|verify locations|--cacert", \
    "correct the path of the CA file (rhythm: ca_bundle; curl: --cacert or CURL_CA_BUNDLE)")
  remedy_row("tls", "curl: [(](53|54|59|66|82|83|90)[)]", "correct the curl option for TLS that the message is about, such as --ciphers or --pinnedpubkey")
  remedy_row("tls", "inner exception", \
    "read the inner exception; if it names the certificate chain, add your network's CA to the system's trusted certificates")
  remedy_row("tls", "self[- _]signed|issuer|authority|pkix|trust|verif|unable_to|depth_zero|0x80090325|partialchain|unknown ca|unknown_ca|certificate is invalid|curl: [(]60[)]", "trust")
  remedy_row("tls", "", "check the host name, the proxy, and the clock of the machine that made the call")
  remedy_row("trust", "pkix|javax|sun[.]security", "import your network's CA into Java's truststore (keytool -importcert -cacerts)")
  remedy_row("trust", "_ssl[.]c|certificate_verify_failed|ssl_connect returned", "set SSL_CERT_FILE (for Python's requests: REQUESTS_CA_BUNDLE) to a file with your network's CA")
  remedy_row("trust", "fetcherror|fetch failed|axios|self_signed_cert|unable_to_|depth_zero|verify the first", "set NODE_EXTRA_CA_CERTS, which Node reads, to a file with your network's CA")
  remedy_row("trust", "curl error", "set curl.cainfo in php.ini to a file with your network's CA")
  remedy_row("trust", "schannel|sec_e_|x509|system[.]net|remote certificate|trust relationship|err_cert|nsurl|code=-120", \
    "add your network's CA to the system's trusted certificates")
  remedy_row("trust", "curl: ", "give curl your network's CA with --cacert FILE, or set CURL_CA_BUNDLE=FILE")
  remedy_row("trust", "", "add your network's CA to the certificates that the program trusts")
}
function remedy_row(cause, pattern, words) { remedy_cause[++remedies] = cause; remedy_pattern[remedies] = pattern; remedy_words[remedies] = words }

function failure_remedy(cause, words,   i) {
  words = tolower(words)
  for (i = 1; remedy_cause[i] != cause || words !~ remedy_pattern[i]; i++) ;
  if (remedy_words[i] != "trust") return remedy_words[i]
  return mode == "live" ? to_set("ca_bundle", "FILE") ", a file with your network's CA" : failure_remedy("trust", words)
}
