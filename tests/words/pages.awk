# pages: the headings and sentences of manual pages (mdoc) and Markdown, as tests/words/list prints them.

# part - adds words to a sentence, which is printed at its end.
function part(words) {
  if (text == "") since = FNR
  text = text (text == "" || words ~ /^[.,:;)?]/ || glued ? "" : " ") words
  glued = 0
  if (text ~ /[^.][.?:]["*)`]*$/ && text !~ /(e\.g|i\.e|etc)\.$/) end()
}

function end() {
  gsub(/ +/, " ", text)
  if (text ~ /[A-Za-z]/) printf "%s:%d\t%s\t%s\n", FILENAME, since, kind, text
  text = ""
  kind = "sentence"
}

function whole(as, words) { end(); kind = as; since = FNR; text = words; end() }

function mdoc(   i, words, w) {
  if ($0 ~ /^\.\\"/) return
  if ($0 !~ /^\./) {
    if (literal) { whole("example", $0); return }
    gsub(/\\&|\\:|\\c/, "")
    gsub(/\\\(en/, "-")
    gsub(/\\e/, "\\")
    part($0)
    return
  }
  if ($1 ~ /^\.(Sh|Ss)$/) { words = $0; sub(/^\.S[hs] /, "", words); synopsis = words == "SYNOPSIS"; whole("heading", words); return }
  if (synopsis) return
  if ($1 == ".Bd") literal = 1
  if ($1 == ".Ed") literal = 0
  if ($1 ~ /^\.(Pp|It|Bl|El|Bd|Ed|Dl|Dd|Dt|Os)$/) end()
  if ($1 ~ /^\.(Bl|El|Bd|Ed|Pp|Dd|Dt|Os)$/) return
  if ($1 ~ /^\.(It|Nd)$/) kind = $1 == ".It" ? "item" : "summary"
  for (i = 2; i <= NF; i++) {
    w = $i
    if (w ~ /^(Cm|Ar|Pa|Ev|Xr|Li|Sy|Em|Op|Pq|Dq|Ql|Sx|Ic|Oo|Oc|Po|Pc|No|Ta|Nm)$/) continue
    if (w == "Fl") w = "-" (i < NF ? $(++i) : "")
    if (w == "Ns") { glued = 1; continue }
    gsub(/\\&|"/, "", w)
    words = words (words == "" || glued || w ~ /^[.,;:)]$/ ? "" : " ") w
    glued = 0
  }
  if ($1 == ".Nm" && words ~ /^[.,;]?$/) words = name words
  if ($1 == ".Nm" && name == "") name = words
  if ($1 == ".Fl") words = "-" words
  if (words != "") part(words)
  if ($1 ~ /^\.(It|Nd|Dl)$/) end()
}

function markdown(   rest) {
  if ($0 ~ /^```/) { end(); literal = !literal; return }
  if (literal) { whole("example", $0); return }
  if ($0 ~ /^#/) { rest = $0; sub(/^#+ /, "", rest); whole("heading", rest); return }
  if ($0 ~ /^\|/) { if ($0 !~ /^[|: -]+$/) whole("row", $0); return }
  if ($0 ~ /^ *$/) { end(); return }
  if ($0 ~ /^(- |[0-9]+\. )/) end()
  rest = $0
  while (match(rest, /[a-z0-9)`*"][.?:] +[A-Z`]/)) {
    part(substr(rest, 1, RSTART + 1))
    rest = substr(rest, RSTART + RLENGTH - 1)
  }
  part(rest)
}

FNR == 1 { end(); literal = 0; name = "" }
FILENAME ~ /\.md$/ { markdown(); next }
{ mdoc() }
END { end() }
