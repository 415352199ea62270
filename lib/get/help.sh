# shellcheck shell=sh
# The text of rhythm-get --help.
#
# To be sourced by rhythm-get.

help() {
  cat <<'HELP'
usage: rhythm-get [OPTIONS] SERVICE PATH [NAME=VALUE ...] [NAME==VALUE ...] [-- CURL OPTIONS]
       rhythm-get [OPTIONS] URL [NAME=VALUE ...] [NAME==VALUE ...] [-- CURL OPTIONS]
       rhythm-get --list [SERVICE [RESOURCE]]
Calls a Rhythm API with curl and this profile's token.

  NAME=VALUE              fills {NAME} in PATH, percent-encoded; {tenantId}, {contactId} and
                          {customerId} are filled from the token
  NAME==VALUE             adds a query parameter, encoded
  NAME=@FILE, NAME=@-     makes one call per line, on one connection, and prints one line per
                          response; reads only

options, anywhere before --:
  -X, --method=METHOD     use this method; default: GET, or POST with a body; also --request
  -d, --data=JSON|@FILE|@-  send this body: checked, then sent byte for byte
  -H, --header=LINE       send "Name: value" instead of our own; Authorization is refused
      --fields=A,B,C      get only these fields of each record
  -a, --all               get all pages, one JSON item per line
      --start-key=KEY     with -a: begin after this key; with NAME=@FILE: after this line
      --limit=N           with -a or NAME=@FILE: stop after N items; also --max
      --set=FIELD=VALUE   with -X PATCH: set a field to this text; may be repeated
      --set-json=FIELD=JSON  set it to this JSON value; dots in FIELD lead into objects
      --unset=FIELD       remove it
      --jq=FILTER         filter the body through jq, strings raw; with -a, filter each item
      --allow=STATUS,...  with these statuses, exit 0 and print nothing
  -i, --include           print the response headers too
  -o, --output=FILE       write to FILE, which is replaced only on success
  -n, --dry-run           print the command that would run; send nothing
      --retries=N         try up to N times again after 429, 503 and lost connections (3)
      --token=FILE|-      use exactly this token
  -p, --profile=NAME      use the settings of NAME.conf, and prefer them to the environment
  -y, --yes               do not ask before DELETE
      --list              show what can be called
  -q, --quiet             print errors only
  -v, --verbose           show what curl reports, without the token
  -s, --silent, -S, --show-error, -f, --fail  accepted; rhythm-get always behaves so
  -h, --help              print this text
  -V, --version           print the version

exit status: 0 success, 1 DELETE not confirmed, 22 the API returned 400 or more, 64 usage,
65 bad input, 69 unavailable, 73 cannot write, 76 protocol, 78 settings; else curl's or
rhythm-token's. More: man rhythm-get
HELP
}
