# complete: prints what the catalogue has for the next word of a command line, for Tab in bash, zsh and fish. It is one awk
# program, because Tab must be fast.
#
#   awk -f complete.awk CATALOGUE...
#
# The arguments are the user's catalogue and the one that came with rhythm; the one with the later date in its first line is
# used. One in another format is ignored. The environment contains rhythm_service, rhythm_cur, rhythm_path, rhythm_method
# and rhythm_mode, which is
#
#   services    the names of services    resources   the names of the service's resources
#   paths       the next segment of its paths after rhythm_cur, with a slash if more follows; a value matches a placeholder;
#               with rhythm_method, only of paths that take it
#   readable    the same, for paths that GET or a search reads         listed      for paths that --all follows
#   methods     those that rhythm_path takes      parameters  its query parameters      fields   its resource's fields

BEGIN {
  FS = "\t"
  mode = ENVIRON["rhythm_mode"]; begin = ENVIRON["rhythm_service"] "\t"; cur = ENVIRON["rhythm_cur"]
  method = ENVIRON["rhythm_method"]; if (method == "HEAD") method = "GET"
  stem = cur; sub(/[^\/]*$/, "", stem); parts = split(stem "x", part, "/")
  typed = ENVIRON["rhythm_path"]; gsub(/^\/+|[?#].*/, "", typed); sub(/\/+$/, "", typed); wants = split(typed, want, "/")
  for (i = 1; i < ARGC; i++) {
    line = ""; getline line <ARGV[i]; close(ARGV[i])
    day = line ~ /^# Rhythm API catalogue, format 2, 20[0-9][0-9]-[01][0-9]-[0-3][0-9]$/ ? substr(line, length(line) - 9) : ""
    if (day > latest) { latest = day; file = ARGV[i] }
    ARGV[i] = ""
  }
  ARGV[1] = file
  if (file == "") exit
}

function good() {
  return NF == 6 && $1 ~ /^[a-z0-9][a-z0-9-]*$/ && $2 ~ /^([A-Z]+|-)$/ && $3 ~ /^[A-Za-z0-9{}_.\/-]+$/ &&
    $4 ~ /^[a-z-]+$/ && $5 ~ /^(confirmed|derived)$/ && $6 ~ /^[A-Za-z0-9_.:?,-]+$/
}

function offer(word) { if (substr(word, 1, length(cur)) == cur && !seen[word]++) { print word; offered = 1 } }

# Offers the next segment of a path. A value matches a placeholder only if nothing matches exactly.
function path(p,   m, have, word, j, filled) {
  m = split(p, have, "/"); word = stem have[parts] (m > parts ? "/" : "")
  for (j = 1; j < parts; j++) if (have[j] != part[j]) {
    if (j == 1 || have[j] !~ /^[{]/ || part[j] == "") return
    filled = 1
  }
  if (filled && m >= parts) later[++count] = word
  else if (m >= parts) offer(word)
}

# Returns how well the typed path fits p: an equal word beats a placeholder, and the leftmost difference decides.
function fit(p,   have, j, score) {
  if (split(p, have, "/") != wants) return ""
  score = "s"
  for (j = 1; j <= wants; j++) {
    if (want[j] == have[j]) score = score "1"
    else if (want[j] != "" && have[j] ~ /^[{]/) score = score "0"
    else return ""
  }
  return score
}

function call(m, p, kind, more,   score) {
  if (mode == "methods" || mode == "parameters") {
    score = fit(p)
    if (score == "" || score < best) return
    if (score > best) { best = score; found = "" }
    if (mode == "methods") found = found " " m
    else if ((method == "" || m == method) && more != "-") found = found " " more
  } else if ((method == "" || m == method) && (mode != "readable" || m == "GET" || kind == "search") &&
    (mode != "listed" || kind ~ /^(list|search$|child$)/)) path(p)
}

function fields(more,   n, j, name) {
  n = split(more, name, ",")
  for (j = 1; j <= n; j++) if (sub(/:.*/, "", name[j]) && name[j] !~ /[?]$/) offer(name[j])
}

mode == "services" { if ($1 != last && good()) { last = $1; offer($1) } next }
index($0, begin) != 1 || !good() { next }
$2 == "-" && $3 == "-" { common = $6; next }
$2 == "-" { names[++resources] = $3; how[$3] = $4; own[$3] = $6; next }
mode ~ /^(resources|fields)$/ { next }
{ first = $3; sub(/\/.*/, "", first); called[first] = 1; call($2, $3, $4, $6) }
END {
  for (i = 1; i <= resources; i++) {
    name = names[i]
    if (mode == "resources") offer(name)
    else if (mode == "fields") { if (name == want[1]) { fields(own[name]); if (how[name] != "-") fields(common) } }
    else if (mode !~ /^(methods|parameters)$/ && !(name in called) && how[name] == "-") {
      n = split("GET list /|POST create /|POST search /search|GET get /{id}|PUT - /{id}|PATCH - /{id}|DELETE - /{id}", form, "|")
      for (j = 1; j <= n; j++) {
        split(form[j], word, " ")
        call(word[1], name "/{tenantId}" (word[3] == "/" ? "" : word[3]), word[2], "-")
      }
    }
  }
  if (mode == "methods" && found == "") found = "GET POST PUT PATCH DELETE"
  n = split(found, word, /[ ,]/)
  for (i = 1; i <= n; i++) { sub(/[?]$/, "", word[i]); if (word[i] ~ /^[A-Za-z]/) offer(word[i] (mode == "parameters" ? "==" : "")) }
  if (!offered) for (i = 1; i <= count; i++) offer(later[i])
}
