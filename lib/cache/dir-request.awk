# dir-request: prints `run`, then the directory and what else a request to rhythm-cache-dir holds, a line each and empty where
# there is none, in the order in which take_request() there reads them. Variables: as request.awk.

BEGIN {
  take_request()
  if (asked["url"] !~ /^file:\// || asked["url"] ~ /[%\\]/)
    refuse(78, "cache_url: the directory's URL is file:///ABSOLUTE/PATH, without % or backslash")
  sub(/^file:(\/\/)?/, "", asked["url"])
  if (asked["url"] !~ /^\//) refuse(78, "cache_url: it names a host; use file:///ABSOLUTE/PATH")
  n = split("url identity customer lock ttl entry monthly_limit hourly_limit host profile place outcome log", names, " ")
  print "run"
  for (i = 1; i <= n; i++) print asked[names[i]]
}
