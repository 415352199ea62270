# The forms, in the order in which they are tried on each line. A new form needs a file beside this one, a row in this table,
# a call in read_line(), and rows in tests/matrix.
#
# A reader FORM_line(i) looks at lines[i] and returns how many lines it took; 0: they are not in its form. The generic reader
# (glean.awk) reads the lines that none takes.

BEGIN {
  title["own"] = "rhythm's own report"
  title["curl-verbose"] = "a curl -v transcript"
  title["trace"] = "a curl trace"
  title["command"] = "a curl command"
  title["httpie"] = "an HTTPie command"
  title["wget"] = "a wget command with its output"
  title["python"] = "the debug output of Python's http.client"
  title["okhttp"] = "an OkHttp log"
  title["wire"] = "a wire log"
  title["mitmproxy"] = "a mitmproxy flow"
  title["gateway"] = "an API gateway's execution log"
  title["browser"] = "a browser's header list"
  title["program"] = "a call in a program"
  title["raw"] = "raw HTTP"
  title["answer"] = "a response"
  title["json"] = "JSON"
  title["gleaned"] = "text in no known form"
}

function read_line(i,   n) {
  if (sealed) return raw_line(i)
  if (n = own_line(i)) return n
  if (n = command_line(i)) return n
  if (n = curl_verbose_line(i)) return n
  if (n = trace_line(i)) return n
  if (n = httpie_line(i)) return n
  if (n = wget_line(i)) return n
  if (n = python_line(i)) return n
  if (n = okhttp_line(i)) return n
  if (n = mitmproxy_line(i)) return n
  if (n = wire_line(i)) return n
  if (n = gateway_line(i)) return n
  if (n = browser_line(i)) return n
  if (n = program_line(i)) return n
  return raw_line(i)
}

function read_forms(   i, n) {
  for (i = 1; i <= count; i += n) {
    n = read_line(i)
    if (n) continue
    n = 1
    glean(lines[i])
  }
  trace_flush()
  raw_end()
}
