# shellcheck shell=sh
# rhythm-get --help.
#
# To be sourced by rhythm-get.

help() {
  cat <<'HELP'
usage: rhythm-get [OPTIONS] SERVICE PATH [NAME=VALUE ...] [NAME==VALUE ...] [-- CURL OPTIONS]
       rhythm-get [OPTIONS] URL ...
       rhythm-get --list [SERVICE [RESOURCE]]
Calls a Rhythm API with curl and this profile's token.

  NAME=VALUE              fills {NAME} in PATH, percent-encoded; {tenantId}, {contactId} and
                          {customerId} are filled from the token
  NAME==VALUE             adds a query parameter, encoded
  NAME=@FILE, NAME=@-     one call per line, on one connection, and one answer per line; reads only

options, anywhere before --:
  -X, --method=METHOD     GET, or POST if there is a body; also --request
  -d, --data=JSON|@FILE|@-  the body: checked, then sent byte for byte
  -H, --header=LINE       "Name: value"; replaces ours; Authorization is refused
      --fields=A,B,C      only these fields of each record
  -a, --all               all pages, one JSON item a line
      --start-key=KEY     with -a: begin after this key; with NAME=@FILE, after this line
      --limit=N           with either: stop after N items; also --max
      --set=FIELD=VALUE   with -X PATCH: the JSON Patch that sets a field to this text
      --set-json=FIELD=JSON  to this JSON value; dots in FIELD lead into objects
      --unset=FIELD       that removes it
      --jq=FILTER         through jq; strings come out raw; with -a, each item
      --allow=STATUS,...  no error: exit 0 and print nothing
  -i, --include           the answer's headers too
  -o, --output=FILE       write to FILE, which is replaced only on success
  -n, --dry-run           print the command that would run; send nothing
      --retries=N         try again so often after 429, 503 and lost connections (3)
      --token=FILE|-      use exactly this token
  -p, --profile=NAME      settings from NAME.conf, before the environment's
  -y, --yes               do not ask before DELETE
      --list              what there is to call
  -q, --quiet             no notes: only errors
  -v, --verbose           what curl says, without the token
  -s, --silent, -S, --show-error, -f, --fail  accepted; they are the behaviour here
  -h, --help              this text
  -V, --version           the version

exit: 0 done, 1 DELETE not confirmed, 22 the API answered 400 or more, 64 usage, 65 bad input, 69 unavailable, 73 cannot write,
76 protocol, 78 settings; else curl's or rhythm-token's. More: man rhythm-get
HELP
}
