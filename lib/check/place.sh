# shellcheck shell=sh disable=SC2154,SC2034
# Where a URL goes: below which base, to which service and path, and what the catalogue knows about them.
#
# To be sourced by rhythm-check, which sets lib.

catalogue_lib=$lib/get catalogue_program=rhythm-check
# shellcheck source=lib/get/catalogue.sh
. "$lib/get/catalogue.sh"

# place URL
# Sets url, and where it goes: url_style (service, article, own; foreign; none: cannot be judged), url_service, and url_path,
# what follows the base. Puts these, url.problem if it is foreign, and what the catalogue knows about it.
place() {
  url=$1 url_style=foreign url_service='' url_path='' url_problem=''
  place_url=${url%%[?#]*}
  case $place_url in
    https://api.rhythmsoftware.com | https://api.rhythmsoftware.com[:/]*)
      url_path=${place_url#https://api.rhythmsoftware.com} url_path=${url_path#:443} url_path=${url_path#/}
      url_service=${url_path%%/*}
      case $url_path in */*) url_path=/${url_path#*/} ;; *) url_path='' ;; esac
      case $url_service in
        *-v1) url_style=article url_service=${url_service%-v1} ;;
        *) url_problem="below https://api.rhythmsoftware.com the path must begin with SERVICE-v1, such as /rolodex-v1"
           url_problem="$url_problem, not with /$url_service" ;;
      esac ;;
    https://*.api.rhythmsoftware.com | https://*.api.rhythmsoftware.com[:/]*)
      url_service=${place_url#https://} url_service=${url_service%%.api.rhythmsoftware.com*}
      url_path=${place_url#*.api.rhythmsoftware.com} url_path=${url_path#:443}
      case $url_path in
        :*) url_problem="the API listens only on port 443, not on ${url_path%%/*}" ;;
        *) place_service ;;
      esac ;;
    *) if place_own; then url_style=own; else place_elsewhere "${place_url#*://}"; fi ;;
  esac
  put url "$url" style "$url_style" service "$url_service" path "$url_path" url.problem "$url_problem"
  case $url_style,$url_service in none,* | foreign,* | *, | *\$*) return 0 ;; *) ;; esac
  place_resource=${url_path#/}
  put_known "$url_service" "${place_resource%%/*}"
}

# put_known SERVICE RESOURCE
# Puts catalogue, what it says about the two (see catalogue_place), and the nearest names if it lacks one.
put_known() {
  # finding one row is fast, reading all of them is not
  if catalogue_has_resource "$1" "$2"; then
    put catalogue 'yes 1 yes'
    return
  fi
  known=$(catalogue_place "$1" "$2") || known=''
  put catalogue "$known"
  case $known in
    no*) put nearest "$(catalogue_nearest "$1" | paste -s -d ' ' -)" ;;
    *' no'*)
      put complete "$(catalogue_complete "$1" 2>/dev/null)" \
        near.resource "$(catalogue_nearest_resource "$1" "$2" 2>/dev/null | paste -s -d ' ' -)" ;;
    *) ;;
  esac
}

# place_service
# Judges the host's first part.
place_service() {
  case $url_service in
    docs) url_problem='docs.api.rhythmsoftware.com has the documentation and a mock server, not the API' ;;
    *[!a-z0-9_\$\{\}-]*) url_problem="$url_service is not a service's name" ;;
    *\$*) url_style=service ;; # a shell's variable, which cannot be judged
    *[!a-z0-9-]*) url_problem="$url_service is not a service's name" ;;
    *) url_style=service ;;
  esac
}

# place_own
# Status 0: the URL is below the profile's api_base.
place_own() {
  own_before=${api_base%%"{service}"*}
  case $place_url in "$own_before"*) url_path=${place_url#"$own_before"} ;; *) return 1 ;; esac
  case $api_base in
    *'{service}'*) ;;
    *) case $url_path in '' | /*) return 0 ;; *) return 1 ;; esac ;;
  esac
  own_after=${api_base#*"{service}"}
  url_service=${url_path%%[!a-z0-9-]*}
  url_path=${url_path#"$url_service"}
  case $own_after in
    -*) case $url_service in *"${own_after%%/*}") url_path=$own_after$url_path url_service=${url_service%"$own_after"} ;; *) ;; esac ;;
    *) ;;
  esac
  case $url_path in "$own_after" | "$own_after"/*) url_path=${url_path#"$own_after"} ;; *) return 1 ;; esac
  url_service=${url_service%-v1}
  [ -n "$url_service" ]
}

# place_elsewhere HOST/PATH
place_elsewhere() {
  case ${1%%/*} in [!\$]* | *.*) ;; *) url_style=none; return ;; esac # a variable for the whole host
  case $place_url in
    http://*.rhythmsoftware.com*) url_problem='it begins with http://, and Rhythm accepts only https://' ;;
    *) url_problem="its host is ${1%%/*}" ;;
  esac
}
