# tenant-claim, customer-claim, first-login, contact-context, tenant-mismatch: what Rhythm reads in a token.

# tenant-claim, customer-claim
function check_claims(   tenant) {
  tenant = fact["tenant_id.state"]
  if (tenant == "plain")
    fail("tenant-claim", "tenant_id has no namespace; Rhythm reads only http://rhythmsoftware.com/tenant_id",
      "use the issuer's token unchanged; an Action that renames claims must keep the namespace")
  else if (tenant == "empty")
    fail("tenant-claim", "the token's claim http://rhythmsoftware.com/tenant_id is empty",
      "ask Rhythm's support to set the tenant of this client's API key, which belongs to none")
  else if (tenant != "present")
    fail("tenant-claim", "the token has no claim http://rhythmsoftware.com/tenant_id",
      "request a token with an API key from " CONSOLE ", because only the issuer of those keys adds this claim")
  if (fact["customer_id.state"] != "present")
    warn("customer-claim",
      "customer_id " claim_state("customer_id") "; the tutorial at docs.api.rhythmsoftware.com requires it, the support article calls it optional")
}

# What is wrong with a claim that is not present, as words that follow its name.
function claim_state(name,   how) {
  how = fact[name ".state"]
  return how == "plain" ? "has no namespace" : how == "other" ? "is not a string" : "is " how
}

# first-login, contact-context. Machine tokens never have a contact, and need none except for calls about the person.
function check_contact(   machine, contact) {
  machine = fact["kind"] == "machine"
  contact = fact["contact_id.state"]
  if (machine && of_person)
    fail("contact-context", "this call returns the caller's own contact, and a machine token has none",
      "use a user's token (rhythm-token login), or read a contact by its ID: contacts/{tenantId}/ID")
  else if (machine && fact["style"] == "none") skip("contact-context")
  else if (!machine && contact == "plain")
    fail("first-login",
      "this user token's contact_id has no namespace; Rhythm reads only http://rhythmsoftware.com/contact_id",
      "use the issuer's token unchanged")
  else if (!machine && contact != "present")
    fail("first-login", "this user token's contact_id " claim_state("contact_id") ": the person has never logged in to Rhythm's UI",
      "log in to Rhythm's UI once as this person, then get a new token")
}

# The path's tenant against the token's.
function check_tenant(   tenant) {
  tenant = fact["tenant_id"]
  if (path_tenant == "" || fact["tenant_id.state"] != "present") skip("tenant-mismatch")
  else if (path_tenant ~ /^([{:<]|%7[Bb])/)
    fail("tenant-mismatch", "the path contains the placeholder " path_tenant " instead of a tenant; the token's tenant is " tenant,
      "replace the placeholder with " tenant)
  else if (path_tenant ~ /[$%]/ && path_tenant !~ /%(0[ADad]|20)/) skip("tenant-mismatch")
  else if (path_tenant == "(empty)")
    fail("tenant-mismatch", "the path has two slashes and no tenant between them; the token's tenant is " tenant, "put " tenant " between the two slashes")
  else if (path_tenant != tenant)
    fail("tenant-mismatch", "the path's tenant is " path_tenant ", the token's is " tenant,
      "replace " path_tenant " in the path with " tenant (path_tenant ~ /^[A-Za-z0-9._-]+$/ ? ", or use a token of " path_tenant " (-p NAME selects another profile)" : ""))
}
