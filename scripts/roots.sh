# shellcheck shell=sh
# roots.sh - makes small Debian systems to test in, with debootstrap, from the mirror that apt uses here, and with this
# machine's apt settings, certificates and proxies. To be sourced as root by a script with a function die STATUS MESSAGE.

# mirror - prints the URI of the Debian archive that apt uses, not that of the security archive.
mirror() {
  # shellcheck disable=SC2016 # apt's own variables
  apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(REPO_URI)' 'Created-By: Packages' |
    sed -n 's/^Debian|Debian|main|//p' | head -n 1
}

# apt_settings - prints how apt reaches its mirrors here: proxies, certificates, retries.
apt_settings() {
  apt-config dump | grep -E \
    '^Acquire::(http|https|Retries|ForceIPv4|ForceIPv6|Check-Valid-Until|Check-Date|Languages|GzipIndexes)\b' |
    grep -v '""' || :
}

# apt_value NAME - prints one of apt's settings.
apt_value() {
  eval "$(apt-config shell value "$1")"
  printf '%s\n' "${value:-}"
}

# carry FILE ROOT - copies a file of this machine to the same path in the root.
carry() {
  [ -e "$1" ] || return 0
  mkdir -p "$2$(dirname -- "$1")"
  cp -L --preserve=mode -- "$1" "$2$1"
}

# make_root RELEASE ROOT - makes a small root there; only a complete one gets that name. debootstrap's output is in
# ROOT.log.
make_root() {
  command -v debootstrap >/dev/null 2>&1 || die 69 'debootstrap is not installed; run apt-get install debootstrap'
  uri=$(mirror)
  [ -n "$uri" ] || die 69 'apt knows no Debian archive; run apt-get update first'
  proxy=$(apt_value Acquire::http::Proxy)
  [ -z "$proxy" ] || export http_proxy="$proxy"
  rm -rf "${2:?}" "$2.new"
  mkdir -p "$2.new"
  echo "making a root of $1"
  debootstrap --variant=minbase "$1" "$2.new" "$uri" >"$2.log" 2>&1 || {
    tail -n 5 "$2.log" >&2
    die 69 "debootstrap could not make a root of $1; see $2.log"
  }
  mv "$2.new" "$2"
}

# prepare_root ROOT - copies this machine's current network settings to it.
prepare_root() {
  apt_settings >"$1/etc/apt/apt.conf.d/00host"
  for file in /etc/apt/auth.conf /etc/apt/auth.conf.d/* /etc/resolv.conf /etc/hosts; do
    carry "$file" "$1"
  done
  certificates=$(apt_value Acquire::https::CaInfo)
  for file in "$certificates" /etc/ssl/certs/ca-certificates.crt /usr/local/share/ca-certificates/*.crt; do
    [ -z "$file" ] || carry "$file" "$1"
  done
  # Where npm finds its registry. The user's own file may contain a token, and is not copied.
  carry /etc/npmrc "$1"
  carry /usr/etc/npmrc "$1"
}

# enter_root ROOT - mounts what programs expect. Only for private mount and process namespaces, which end all of it:
#   unshare --mount --propagation private --pid --fork --kill-child
enter_root() {
  mount --bind "$1" "$1" # a mount point, as pivot_root wants
  mount -t proc proc "$1/proc"
  mount --rbind /dev "$1/dev"
  mount -t tmpfs -o mode=1777 tmpfs "$1/tmp"
}

# in_root ROOT COMMAND... - runs COMMAND in its /src, with a small environment. Only after enter_root. With pivot_root, not
# chroot, because the kernel refuses user namespaces in a chroot, and some tests need one.
in_root() {
  in_root_at=$1
  shift
  # shellcheck disable=SC2016 # the inner shell's
  unshare --mount --propagation private sh -c 'cd "$0" && pivot_root . . && umount -l . && exec "$@"' "$in_root_at" \
    env -i HOME=/root LC_ALL=C TERM="${TERM:-dumb}" PATH=/usr/sbin:/usr/bin:/sbin:/bin CI=true \
    ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
    ${no_proxy:+no_proxy="$no_proxy"} ${NODE_EXTRA_CA_CERTS:+NODE_EXTRA_CA_CERTS="$NODE_EXTRA_CA_CERTS"} \
    sh -c 'cd /src && exec "$@"' sh "$@"
}
