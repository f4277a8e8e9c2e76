# Writes an image into a YAML file of a configuration repository, and changes nothing else of it. Values come from the
# environment, as they are:
#   NAME, NEW, DIGEST   kustomization.yaml: entry NAME of `images` gets newName NEW and this digest, and loses newTag
#   KEY, VALUE          any other file: the value of the key a.b.c (block style) becomes VALUE
# Exit status 3: there is no such key.
function quoted(text) { gsub(/\\/, "\\\\", text); gsub(/"/, "\\\"", text); return "\"" text "\"" }
function indent(line) { match(line, /^ */); return RLENGTH }
function is_text(line) { return line !~ /^[ \t]*(#.*)?$/ }
function plain(text) {
  sub(/^[ \t]+/, "", text); sub(/[ \t]+(#.*)?$/, "", text)
  if (text ~ /^".*"$/ || text ~ /^'.*'$/) text = substr(text, 2, length(text) - 2)
  return text
}
function value_of(line, key) { sub("^[ -]*" key ":", "", line); return plain(line) }
# The lines of the entry, with the new values in place of the old ones.
function entry(first, last, pad,   i, line) {
  print pad "- name: " quoted(ENVIRON["NAME"])
  print pad "  newName: " quoted(ENVIRON["NEW"])
  print pad "  digest: " quoted(ENVIRON["DIGEST"])
  for (i = first; i <= last; i++) {
    line = lines[i]
    if (line !~ /^[ -]*(name|newName|newTag|digest|tagSuffix):/) print line
  }
}
function images(   at, end, i, pad, first, last, name, done) {
  for (at = 1; at <= n && lines[at] !~ /^images:/; at++) print lines[at]
  if (at > n || lines[at] ~ /^images:[ ]*\[[ ]*\][ ]*$/) {
    print "images:"
    entry(1, 0, "  ")
    for (at++; at <= n; at++) print lines[at]
    return
  }
  if (lines[at] !~ /^images:[ \t]*(#.*)?$/) exit status = 3 # flow style: not ours to read
  print lines[at++]
  for (end = at; end <= n && (!is_text(lines[end]) || lines[end] ~ /^[ -]/); end++) if (pad == "" && lines[end] ~ /^ *- /) pad = "x" substr(lines[end], 1, indent(lines[end]))
  pad = substr(pad, 2)
  while (at < end) {
    if (lines[at] !~ /^ *- /) { print lines[at++]; continue }
    first = at
    for (at++; at < end && !(is_text(lines[at]) && indent(lines[at]) <= length(pad)); at++) {}
    last = at - 1
    name = ""
    for (i = first; i <= last; i++) if (lines[i] ~ /^[ -]*name:/) name = value_of(lines[i], "name")
    if (name == ENVIRON["NAME"] && !done) { entry(first, last, pad); done = 1 } else for (i = first; i <= last; i++) print lines[i]
  }
  if (!done) entry(1, 0, pad == "" ? "" : pad)
  for (; at <= n; at++) print lines[at]
}
function value(   count, parts, depth, i, margin, line, key, colon, comment, done) {
  count = split(ENVIRON["KEY"], parts, ".")
  depth = 1
  margin[0] = -1
  for (i = 1; i <= n; i++) {
    line = lines[i]
    if (!done && is_text(line) && line !~ /^ *-/) {
      while (depth > 1 && indent(line) <= margin[depth - 1]) depth--
      colon = index(line, ":")
      key = plain(substr(line, 1, colon - 1))
      if (colon && key == parts[depth] && (depth == 1 ? indent(line) == 0 : indent(line) > margin[depth - 1])) {
        if (depth == count) {
          comment = match(line, /[ \t]#.*$/) ? substr(line, RSTART) : ""
          line = substr(line, 1, colon) " " quoted(ENVIRON["VALUE"]) comment
          done = 1
        } else margin[depth++] = indent(line)
      }
    }
    print line
  }
  if (!done) exit status = 3
}
{ sub(/\r$/, ""); lines[n = NR] = $0 }
END { if (status) exit status; if (ENVIRON["KEY"] != "") value(); else images() }
