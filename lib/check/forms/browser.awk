# A browser's header panel: "Request URL:" and what is below it, a name and its value on one line or on two.

function browser_line(i,   text, name, value, used) {
  text = trimmed(lines[i])
  if (text ~ /^(Request [Mm]ethod|Status Code|Remote Address|Referrer Policy|Request Headers|Response Headers|General|Request URL):?$/ ||
    text ~ /^Request URL: *[a-z]+:\/\//) browser_seen = 1
  if (!browser_seen) return 0
  if (text ~ /^(General|Provisional headers|view source|view parsed|Raw|DNT)/) return 1
  if (text ~ /^(Request Headers|request headers)/) { part = "request"; request_named = 1; return 1 }
  if (text ~ /^(Response Headers|response headers)/) { part = "answer"; request_named = 0; return 1 }
  if (blank(text)) return part ~ /^(request|answer)$/
  used = 1
  if (match(text, /^:?[A-Za-z][A-Za-z0-9 -]*:[ \t]/)) { name = substr(text, 1, RLENGTH - 2); value = trimmed(substr(text, RLENGTH)) }
  else if (text ~ /^(:?[A-Za-z][A-Za-z0-9-]*|Request URL|Request [Mm]ethod|Status Code|Remote Address|Referrer Policy):?$/ && \
    i < count && !blank(lines[i + 1]) && lines[i + 1] !~ /^[A-Za-z-]+: |^[1-5][0-9][0-9] [A-Z]/ || text ~ /^Status Code:?$/ && i < count) {
    name = text; sub(/:$/, "", name); value = trimmed(lines[i + 1]); used = 2
  } else return 0
  if (name == "Request URL") { begin_request("browser", "GET", value, "2"); request_part(); browser_headers = 0; part = "general"; return used }
  if (!e || x[e, "form"] != "browser") return 0
  if (tolower(name) == "request method") x[e, "method"] = value
  else if (name == "Status Code") { begin_answer(substr(value, match(value, /[1-5][0-9][0-9]/), 3), value); part = "answer" }
  else if (name ~ /^(Remote Address|Referrer Policy)$/) ;
  else {
    if (part ~ /^(answer|general)$/ && tolower(name) ~ /^(:authority|:method|:path|:scheme|accept|accept-encoding|accept-language|authorization|host|origin|referer|user-agent|cookie|sec-.*)$/) part = "request"
    if (part == "request") { request_header(name, value); if (++browser_headers >= 3) request_whole() }
    else answer_header(name, value)
  }
  return used
}
