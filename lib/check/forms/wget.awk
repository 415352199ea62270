# wget: its command, its output with -S (the response, indented) and with -d (the request too, as raw HTTP).

function wget_line(i,   text, at, k, url) {
  text = lines[i]
  if (match(text, /(^|[ \t\/$+])wget(\.exe)?[ \t]+(-|https?:|['"])/) && text !~ /[Uu]ser-[Aa]gent/) {
    at = split_command(i, RSTART + index(substr(text, RSTART), "wget") - 1)
    begin_request("wget", "GET", "", "unknown")
    x[e, "command"] = "yes"
    for (k = 2; k <= word_count; k++) {
      if (words[k] ~ /^--header=/) command_header(substr(words[k], 10))
      else if (words[k] == "--header") command_header(words[++k])
      else if (words[k] ~ /^--method=/) x[e, "method"] = substr(words[k], 10)
      else if (words[k] ~ /^--post-(data|file)/) x[e, "method"] = "POST"
      else if (words[k] ~ /^(-O|-o|-a|-U|-T|-t|-e|-P)$/) k++
      else if (words[k] ~ /^--(http-)?(user|password)=/) x[e, "both"] = "yes"
      else if (words[k] ~ /:\/\//) x[e, "target"] = words[k]
    }
    gsub(/[\001\002]/, "", x[e, "target"])
    request_whole()
    part = "output"
    return at - i + 1
  }
  if (text ~ /^--[0-9][0-9][0-9][0-9]-[0-9-]+ [0-9:]+--  /) {
    url = substr(text, index(text, "--  ") + 4)
    if (!(e && x[e, "form"] == "wget" && x[e, "status"] == "")) { begin_request("wget", "GET", url, "1"); request_part() }
    x[e, "target"] = url
    part = "output"
    return 1
  }
  if (text ~ /^---(request|response) (begin|end)---/) {
    if (text ~ /request end/) part = "sent"
    if (text ~ /response end/) part = "body"
    return 1
  }
  if (match(text, /^Setting --header \(header\) to /)) { wget_header = substr(text, RLENGTH + 1); return 1 }
  if (match(text, /awaiting response\.\.\. [1-5][0-9][0-9]/)) { begin_answer(substr(text, RLENGTH + RSTART - 3, 3), text); part = "output"; return 1 }
  return text ~ /^(Resolving|Caching|Connecting to .*connected|HTTP request sent|Created socket|Releasing|Deleting unused|Initiating SSL|Registered socket|Reading HSTS|URI encoding|Username\/Password Auth)/
}
