# JSON of any shape: a HAR file, a collection, a log record, a library's error object. Of the pairs that look like a request
# and its response, the last refused one is printed as raw HTTP; without any, each value is printed, one per line.

def text: if type == "string" then . elif . == null then "" else tojson end;
# The value of the first key that, without regard to case, _ and -, is one of the names.
def key($names): . as $o | first($o | keys_unsorted[] as $k | select(($k | ascii_downcase | gsub("[_-]"; "")) as $l | any($names[]; . == $l)) | $o[$k] | select(. != null)) // null;
def name: key(["name", "key"]) | text;
def lines($headers):
  $headers
  | if type == "object" then to_entries[] | "\(.key): \(.value | if type == "array" then map(text) | join(", ") else text end)"
    elif type == "array" and all(.[]; type == "object") then .[] | select((.disabled // false) | not) | "\(name): \(key(["value"]) | text)"
    elif type == "array" and all(.[]; type == "string") and length % 2 == 0 and (.[0] // "" | contains(":") | not) then range(0; length; 2) as $i | "\(.[$i]): \(.[$i + 1])"
    elif type == "array" and all(.[]; type == "string") then .[]
    elif type == "array" and all(.[]; type == "array") then .[] | "\(.[0]): \(.[1] | text)"
    elif type == "string" then split("\n")[] | rtrimstr("\r") | select(contains(":"))
    else empty end
  | gsub("[\\r\\n]+"; " ");
def url: key(["url", "uri", "requesturl", "requesturi", "fullurl", "endpoint", "href", "baseurl"])
  | if type == "object" then (key(["raw", "full", "href", "original"]) // ((.protocol // "https") + "://" + (.host | if type == "array" then join(".") else text end) + "/" + (.path | if type == "array" then join("/") else text end)))
    elif type == "string" then . else null end;
def path: key(["path", "rawpath", "requestpath", "pathname"]) | if type == "string" and startswith("/") then . else null end;
def headers: key(["headers", "header", "requestheaders", "reqheaders", "httpheaders", "multivalueheaders"]);
def method: (key(["method", "httpmethod", "requestmethod", "verb"]) | if type == "string" then ascii_upcase else "GET" end);
def status: key(["status", "statuscode", "responsestatus", "httpstatus", "httpstatuscode", "code", "responsecode", "resstatus"])
  | if type == "number" and . >= 100 and . < 600 then . elif type == "string" and test("^[1-5][0-9][0-9]") then (.[0:3] | tonumber) elif type == "object" then (.code? // null) else null end;
def inner($names): (key($names) | if type == "object" then . else null end);
def auth: inner(["auth"]) | if . == null then empty else select((.type // "") == "bearer") | (.bearer | if type == "array" then (map(select(.key == "token")) | .[0].value) elif type == "object" then .token else . end) | select(. != null) | "Authorization: Bearer \(text)" end;
def body: (key(["body", "data", "content", "text", "responsebody", "payload"]) | if type == "object" then (.text // .raw // tojson) else text end);

def ours: test("rhythmsoftware[.]com|auth0[.]com|/oauth/token"; "i");
def said: [.. | strings | select(test("^[ \\n]*[{][ \\n]*\"([Mm]essage|error)\" *:"))] | if length == 1 then .[0] else "" end;

# A record of another server's request, such as the caller's own, is not the one that was refused. Of a pair, q is the request,
# u its URL, r the response, s its status and o the object that contains both.
def pairs:
  (said) as $said | ([.. | strings | select(ours)] | length > 0) as $named
  | [.. | objects
    | . as $o
    | (inner(["request", "req", "config", "originalrequest", "httprequest"]) // .) as $q
    | ($q | url // path) as $u
    | select($u != null and ($named and ($u | test("^https?://") and (ours | not)) | not))
    | ($o | inner(["response", "res", "httpresponse"])) as $r
    | (($r // {}) | status) as $rs
    | select(($q | headers) != null or $rs != null or ($o | status) != null or ($q | has("auth")) or ($q | key(["method", "httpmethod", "requestmethod"])) != null)
    | {q: $q, u: $u, r: $r, s: ($rs // (if $r == null then ($o | status) else null end) // null), o: $o, said: $said}];

def answer: if .s == null or .s == 0 then empty else
    "HTTP/1.1 \(.s)",
    (if .r != null then lines(.r | headers) else (lines(.o | key(["responseheaders", "resheaders"]))) end),
    "",
    (.said as $said | if .r != null then (.r | body) else (.o | key(["responsebody", "error", "message", "errormessage"]) | text) end
     | if . == "" then $said else . end | .[0:8000])
  end;

def raw: "\(.q | method) \(.u | gsub(" "; "%20")) HTTP/\(if (.q | key(["httpversion"]) | text | ascii_downcase | test("2|h2")) then "2" else "1.1" end)",
  lines(.q | headers), (.q | auth), (if (.q | headers) == null and ([.q | auth] | length) == 0 then "..." else empty end), "", answer;

def flat: paths(scalars) as $p | getpath($p) | text | . as $v
  | ($p | map(select(type == "string")) | .[-1] // "") as $k
  | ($v | split("\n")[] | rtrimstr("\r")) as $l | if $k == "" then $l elif ($v | contains("\n")) then $l else "\($k): \($l)" end;

[inputs] as $rest | ([., $rest[]]) as $all
| ($all | pairs) as $p
| if ($p | length) > 0 then ([$p[] | select(.s == 401 or .s == 403)] | last) // ([$p[] | select((.s // 0) >= 400)] | last) // ($p | last) | raw
  else ($all | flat) end
