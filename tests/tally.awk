# tally.awk - what a TAP file of bats says: passed=, failed=, skipped=, one a line.
#
# A case counts once, by its number within the plan. One without a result has failed, and so has whatever failed beside the
# cases (setup_file, teardown_file, a number twice or beyond the plan): that never makes up for a case.
# With inverted=yes a case that passes has failed, and one that fails has passed. With status=N, bats' own exit status, a
# failure that left no trace counts too.

/^1\.\.[0-9]+$/ && plan == "" { plan = substr($0, 4) + 0; next }
/^(not )?ok [0-9]+/ {
  bad = /^not /
  number = $(bad ? 3 : 2)
  if (/ setup_file failed$/) next # the cases have no result then
  if (plan == "" || number > plan || number < 1 || seen[number]++ || / teardown_file failed$/) beside++
  else if (/^ok [0-9]+ .*# skip/) skipped++
  else if (bad) not_ok++
  else ok++
}
END {
  passed = inverted == "yes" ? not_ok : ok
  failed = plan - passed - skipped + beside
  if (!plan || (inverted != "yes" && !failed && status)) failed++
  printf "passed=%d\nfailed=%d\nskipped=%d\n", passed, failed, skipped
}
