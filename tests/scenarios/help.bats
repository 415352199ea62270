#!/usr/bin/env bats
# --help and the manual page of rhythm-token say the same, and the page's examples are true.
# shellcheck disable=SC2016,SC2030,SC2031 # for other shells; each case is a process of its own

load ../helper
load token

setup_file() { sandbox_start; }

# page - the manual page as plain text: no overstrikes, one line a paragraph's line.
page() {
  mandoc -T ascii -O width=200 "$TOP/bin/rhythm-token.1" | sed 's/.\x08//g'
}

@test "every option of --help is in the manual page, and vice versa" {
  expect 0 rhythm-token --help
  sed -n -E 's/^  (-([a-zA-Z]), |    )--([a-z-]+)(=([^ ]*))?( .*)?$/\2 \3 \5/p' "$OUT" | sort >of-help
  sed -n -E '/^\.Sh DESCRIPTION/,/^\.Sh SETTINGS/s/^\.It (Fl ([a-zA-Z]) .*, )?Fl -([a-z-]+)( Ns = Ns (.*))?$/\2 \3 \5/p' \
    "$TOP/bin/rhythm-token.1" | sed -E 's/(Ar|Cm) //; s/ \| /|/g' >of-page
  # in the page a placeholder is a separate word in lower case
  sed -E 's/NAME/name/; s/FILE/file/; s/SECONDS/seconds/; s/KEY/key/; s/DIR/dir/; s/ N$/ n/; s/HTTP-DATE/http-date/' of-help | sort >wanted
  lines_are <(sort of-page) <wanted
  ((30 > $(grep -c . wanted))) || fail 'too few or too many options'
  ((10 < $(grep -c . wanted))) || fail 'too few options'
}

@test "every command of --help is in the manual page, and vice versa" {
  expect 0 rhythm-token --help
  sed -n '/^commands:/,/^$/s/^  \([a-z][a-z]*\).*/\1/p' "$OUT" | sort >of-help
  sed -n '/^The commands:/,/^The options/s/^\.It Cm \([a-z]*\).*/\1/p' "$TOP/bin/rhythm-token.1" | sort >of-page
  has of-help claims
  lines_are of-page <of-help
  sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESC/s/.*Cm \([a-z]*\).*/\1/p' "$TOP/bin/rhythm-token.1" | sort >of-synopsis
  lines_are of-synopsis <of-help
}

@test "every setting of config is in the manual page's table, and vice versa" {
  # settings without a default are shown only if they are set
  export RHYTHM_CLIENT_SECRET=x RHYTHM_PASSWORD=x
  export RHYTHM_AUTH0_DOMAIN=x.example
  for name in CLIENT_ID TENANT_ID USERNAME SCOPE TOKEN_FILE CA_BUNDLE; do
    export "RHYTHM_$name=x"
  done
  export RHYTHM_REDIS_URL=redis://x RHYTHM_CACHE_URL=x://x RHYTHM_REDIS_CA_BUNDLE=x
  expect 0 rhythm-token config
  { sed -n 's/^from\.\([^=]*\)=.*/\1/p' "$OUT" && printf '%s\n' {client_secret,password,redis_password}_{file,command}; } | sort >of-config
  sed -n '/^\.Bl -column/,/^\.El/s/^\.It Li \([a-z0-9_]*\).*/\1/p' "$TOP/bin/rhythm-token.1" | sort >of-page
  has of-config auth0_domain
  lines_are of-page <of-config
}

@test "settings marked * in the manual page never come from the environment under -p" {
  profile bare timeout=5
  sed -n 's/^\.It Li \([a-z0-9_]*\).*/\1/p' "$TOP/bin/rhythm-token.1" >names
  while IFS= read -r name; do
    case $name in
      *limit | timeout) value=7 ;;
      redirect_uri) value=http://localhost:7/x ;;
      grant) value=password ;;
      read_only) value=yes ;;
      api_base) value=https://x.example ;;
      cache) value='file' ;;
      *) value=x ;;
    esac
    unset "${!RHYTHM_@}"
    export "RHYTHM_${name^^}=$value"
    expect 0 rhythm-token -p bare config
    if grep -q -x -F -- "from.$name=env" "$OUT"; then echo "$name"; fi >>from-env
  done <names
  sed -n 's/^\.It Li \([a-z0-9_]*\) Ta.*/\1/p' "$TOP/bin/rhythm-token.1" | grep -v -x timeout >unmarked
  lines_are from-env <unmarked
}

@test "the exit statuses of --help are the manual page's" {
  expect 0 rhythm-token --help
  sed -n '/^exit:/,$p' "$OUT" | grep -o -E '[0-9]+ ' | tr -d ' ' | sort -n >of-help
  sed -n '/^\.Sh EXIT/,/^\.Sh EXA/s/^\.It \([0-9]*\)$/\1/p' "$TOP/bin/rhythm-token.1" | grep -v -x 70 | sort -n >of-page
  has of-help 78
  lines_are of-page <of-help
}

@test "the manual page's examples do what it says" {
  sandbox_profile
  page >page.txt
  has page.txt ' *\$ rhythm-token --get tenant_id'
  expect 0 rhythm-token --get tenant_id
  out_is acme.org
  has page.txt ' *\$ rhythm-token status --get minted'
  expect 0 rhythm-token status --get minted
  out_is 1
  has page.txt ' *\$ rhythm-token claims - <header.txt'
  expect 0 rhythm-token header
  cp "$OUT" header.txt
  expect 0 rhythm-token claims - <header.txt
  out_has tenant_id=acme.org
  sed -n '/To read it in a shell/,/done/p' page.txt | sed '1d; s/^ *//' >loop
  has loop 'rhythm-token \| while .*'
  expect 0 sh loop
  out_has 'tenant_id is acme\.org'
  sed -n 's/^ *\(c=\$(rhythm-token --format=shell).*\)/\1/p' page.txt >line # meta: only a pattern
  echo 'echo "$rhythm_tenant_id"' >>line
  expect 0 sh line
  out_is acme.org
}
