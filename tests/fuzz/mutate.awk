# mutate - writes changed captures: awk -v seed= -v first= -v count= -v dir= -f mutate.awk CAPTURES
#
# CAPTURES is tests/matrix/captures with the tokens filled in. Writes dir/FIRST and so on, each a capture with one to eight
# changes: lines dropped, repeated, swapped, joined, cut, or taken from another capture; bytes dropped or changed; pieces
# inserted that mean something to a shell, awk, a terminal, JSON or a reader of tokens. The same numbers give the same texts.
# Needs LC_ALL=C, because it works on bytes.

BEGIN {
  pieces = split("'|\"|\\|\\\\|`|$(touch x)|${x|;|&|%s%n|%|/|*|[|(|)|{|}|{\"|]}|\":|\\u0000|\\u001b[2J|\\x1b|\\n|^M|\r|\t|\033[31m|" \
    "\033]0;x\007|\302\233|\300\200|\377|\342\200|\342\200\256|\357\273\277|\302\240|eyJ|eyJ.eyJ.|.|..|=|==|-|--|-H |@|Bearer |bearer|" \
    "Basic |Authorization: |authorization|: |HTTP/1.1 401 |HTTP/2 200\r|< |> |* |curl |-u a:b |https://|http://[::1]:99999/|?|#|" \
    "99999999999999999999|-1|1e999|0x|exp=|aud=|cause=none|fact.now=|date: |null|undefined|<|>|<!--|&#39;|\000", piece, "|")
}
/^=== / { n++; at = 0; next }
n && ++at > 1 { line[n, ++lines[n]] = $0 }
END {
  for (i = first; i < first + count; i++) {
    state = 1 + (seed * 7919 + i * 104729) % 2147483646
    below(1); below(1)
    change(i)
  }
}

# A random number below limit. Not awk's, because those differ, and some take no large seed; Park and Miller's, exact in a double.
function below(limit) {
  state = state * 16807 % 2147483647
  return int(state / 2147483647 * limit)
}

function change(number,   from, i, k, of, rounds, file) {
  from = 1 + below(n)
  k = lines[from]
  for (i = 1; i <= k; i++) text[i] = line[from, i]
  for (rounds = 1 + below(8); rounds > 0; rounds--) k = change_once(k)
  file = dir "/" number
  printf "" >file
  for (i = 1; i <= k; i++) printf "%s%s", text[i], (i < k || below(4) ? "\n" : "") >file
  close(file)
}

# Changes text[1..k]; returns its new number of lines.
function change_once(k,   what, at, to, i, other) {
  what = below(12)
  at = 1 + below(k ? k : 1)
  to = 1 + below(k ? k : 1)
  if (k == 0 || what == 0) { # a line of another capture
    other = 1 + below(n)
    return lines[other] ? insert(k, at, line[other, 1 + below(lines[other])]) : k
  }
  if (what == 1) return insert(k, at, text[to])
  if (what == 2) {
    for (i = at; i < k; i++) text[i] = text[i + 1]
    return k - 1
  }
  if (what == 3) { other = text[at]; text[at] = text[to]; text[to] = other; return k }
  if (what == 4) { text[at] = text[at] text[to]; return k }
  if (what == 5) return below(3) ? k : at # sometimes drops the rest
  if (what == 6) { text[at] = substr(text[at], 1 + below(length(text[at]) + 1)); return k }
  if (what == 7) { text[at] = substr(text[at], 1, below(length(text[at]) + 1)); return k }
  i = below(length(text[at]) + 1)
  if (what == 8) { # a line break, or one byte more
    to = substr(text[at], i + 1)
    text[at] = substr(text[at], 1, i)
    return below(2) ? insert(k, at + 1, to) : joined(k, at, sprintf("%c", 1 + below(255)) to)
  }
  other = piece[1 + below(pieces)]
  if (what == 9 && below(8) == 0) for (to = below(12); to > 0; to--) other = other other # many
  text[at] = substr(text[at], 1, i) other substr(text[at], i + 1 + (what == 10 ? below(8) : 0))
  return k
}

function insert(k, at, new,   i) {
  for (i = k; i >= at; i--) text[i + 1] = text[i]
  text[at] = new
  return k + 1
}

function joined(k, at, rest) { text[at] = text[at] rest; return k }
