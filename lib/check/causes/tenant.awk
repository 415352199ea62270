# tenant-claim, customer-claim, first-login, contact-context, tenant-mismatch: what Rhythm reads in a token.

# tenant-claim, customer-claim
function check_claims(   tenant) {
  tenant = fact["tenant_id.state"]
  if (tenant == "plain")
    fail("tenant-claim", "tenant_id has no namespace; Rhythm reads http://rhythmsoftware.com/tenant_id only",
      "use a token of the Rhythm issuer as it is; an Action that renames claims must keep the namespace")
  else if (tenant == "empty")
    fail("tenant-claim", "http://rhythmsoftware.com/tenant_id is empty",
      "the API key belongs to no tenant: ask Rhythm's support to set the tenant of this client")
  else if (tenant != "present")
    fail("tenant-claim", "the token has no http://rhythmsoftware.com/tenant_id",
      "take the API key from Rhythm Console, Security & Settings > API Keys: only its issuer stamps the tenant")
  if (fact["customer_id.state"] != "present")
    warn("customer-claim",
      "customer_id is " fact["customer_id.state"] "; the tutorial at docs.api.rhythmsoftware.com requires it, the support article calls it optional")
}

# first-login, contact-context. Machine tokens never have a contact, and need none but for what is about the person.
function check_contact(   machine, contact) {
  machine = fact["kind"] == "machine"
  contact = fact["contact_id.state"]
  if (machine && of_person)
    fail("contact-context", "a machine token stands for no person, and this call asks for the person's own contact",
      "call it with a user's token (rhythm-token login), or read a contact by its id: contacts/{tenantId}/ID")
  else if (machine && fact["style"] == "none") skip("contact-context")
  else if (!machine && contact == "plain")
    fail("first-login",
      "this user token has a contact_id without the namespace http://rhythmsoftware.com/, which Rhythm does not read",
      "use a token of the Rhythm issuer as it is")
  else if (!machine && contact != "present")
    fail("first-login", "this user token has no contact_id (" contact "): the person has never logged in to Rhythm's UI",
      "log in to the Rhythm UI once as this person, then get a new token")
}

# The path's tenant against the token's.
function check_tenant(   tenant) {
  tenant = fact["tenant_id"]
  if (path_tenant == "" || fact["tenant_id.state"] != "present") skip("tenant-mismatch")
  else if (path_tenant ~ /^([{:<]|%7[Bb])/)
    fail("tenant-mismatch", "the path still holds the placeholder " path_tenant "; the token's tenant is " tenant,
      "put the tenant in its place: " tenant)
  else if (path_tenant ~ /[$%]/ && path_tenant !~ /%(0[ADad]|20)/) skip("tenant-mismatch")
  else if (path_tenant != tenant)
    fail("tenant-mismatch", "the path's tenant is " path_tenant ", the token's is " tenant,
      "call the path with " tenant ", or use a token of " path_tenant " (another profile: -p NAME)")
}
