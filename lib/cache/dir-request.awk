# dir-request: prints `run`, then the directory and the other attributes of a request, one per line and empty if missing, in
# the order in which take_request() in rhythm-cache-dir reads them. Variables: as request.awk.

BEGIN {
  take_request()
  if (asked["url"] !~ /^file:\// || asked["url"] ~ /[%\\]/)
    refuse(78, "cache_url: not the URL of a directory; use file:///ABSOLUTE/PATH, without % or backslash")
  sub(/^file:(\/\/)?/, "", asked["url"])
  if (asked["url"] !~ /^\//) refuse(78, "cache_url: names a host; use file:///ABSOLUTE/PATH")
  n = split("url identity customer lock ttl entry monthly_limit hourly_limit host profile place outcome log", names, " ")
  print "run"
  for (i = 1; i <= n; i++) print asked[names[i]]
}
