# dir-mints: reads the places of this month and the last, one `MONTH NUMBER AT IDENTITY HOST PROFILE OUTCOME NONCE` per line,
# and prints what rhythm-cache-dir asks for.
#
# Variables: want (place: `MINTED HOUR FREES_AT NUMBER`, with the lowest free number; or totals: key=value lines), month,
# identity, now, hourly_limit, with_log. Exit status 1: rhythm did not write one of the lines; its name is printed.

NF != 8 || $2 $3 ~ /[^0-9]/ || $5 $6 ~ /[^A-Za-z0-9._-]/ || $7 !~ /^(begun|ok|unknown)$/ {
  foreign = $1 "/" $2
  gsub(/[^ -~]/, "?", foreign) # it is shown on a terminal
  exit
}

$1 == month { minted++; taken[$2] = 1; hosts[$5]++; profiles[$6]++ }
$1 == month && with_log == "yes" { lines = lines "mint." $1 "." $2 "." $8 "=" $3 "," $5 "," $6 "," $7 "\n" }
$4 == identity && $3 > now - 3600 { times[++hour] = $3 }

END {
  if (foreign != "") { print foreign; exit 1 }
  if (want == "place") put_place()
  else put_totals()
}

# The input is sorted by time, so times[] is too.
function put_place(   number) {
  for (number = 1; number in taken; number++) {}
  frees_at = hourly_limit > 0 && hour >= hourly_limit ? times[hour - hourly_limit + 1] + 3600 : 0
  print minted + 0, hour + 0, frees_at, number
}

function put_totals(   name) {
  print "minted=" minted + 0
  print "hour=" hour + 0
  printf "%s", lines
  for (name in hosts) print "host." name "=" hosts[name] | "sort"
  for (name in profiles) print "profile." name "=" profiles[name] | "sort"
  close("sort")
}
