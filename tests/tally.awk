# tally.awk - counts the results in a TAP file of bats: passed=, failed= and skipped=, one per line.
#
# A case counts once, by its number within the plan. One without a result has failed. Whatever fails outside the cases
# (setup_file, teardown_file, a number that is repeated or beyond the plan) is one more failure and never replaces a case.
# inverted=yes turns passed and failed around. status=N is bats' exit status: if it is not 0, something has failed.

/^1\.\.[0-9]+$/ && plan == "" { plan = substr($0, 4) + 0; next }
/^(not )?ok [0-9]+/ {
  bad = /^not /
  number = $(bad ? 3 : 2)
  if (/ setup_file failed$/) next # then the cases have no results, and have failed
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
