# shellcheck shell=sh disable=SC2154
# The bundle: writes everything that support needs, without secrets, and reads it back.
#
# To be sourced by rhythm-check.

# take_bundle
# Puts its facts into $dir/own; nothing else is known.
take_bundle() {
  : >"$dir/capture"
  sed -n 's/^[> ]*fact\.//p' "$dir/input" | tr -d '\r' >"$dir/own"
}

# pack
# Puts what support needs before the verdict: versions and every fact. None of them contains a secret; whatever still looks
# like one is replaced with ***.
pack() {
  {
    printf '%s\n' 'rhythm-check bundle 1' '# rhythm-check - reads this back to the same verdict. It contains no token and no secret.'
    rhythm_token --version | sed 's/^rhythm-token/rhythm-check/;s/^/version=/'
    printf 'curl=%s\n' "$(curl --version 2>/dev/null | sed -n '1s/^curl \([^ ]*\).*/\1/p')"
    printf 'system=%s\n' "$(uname -srm)"
    printf 'clock=%s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
  } | awk '
    /^config[.](username|redis_url|cache_url|from[.]|[^=]*_(file|command))[^=]*=|^ledger[.](entry|ledger|profile)=/ { next }
    {
      gsub(/eyJ[A-Za-z0-9_-]+([.][A-Za-z0-9_.-]+)?/, "***")
      gsub(/[Bb]earer [A-Za-z0-9_.~+\/-][A-Za-z0-9_.~+\/-][A-Za-z0-9_.~+\/-][A-Za-z0-9_.~+\/-][A-Za-z0-9_.~+\/-][A-Za-z0-9_.~+\/-]+/, "Bearer ***")
      print before $0
    }' - before=fact. "$dir/capture" "$dir/facts" "$dir/own" before=verdict. "$dir/verdict" >"$dir/bundle"
  mv "$dir/bundle" "$dir/verdict"
}
