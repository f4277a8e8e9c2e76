# awk -v key=Entrypoint -f image-config.awk config.json: prints the texts at .config.<key> of an image's configuration, each as
# a quoted word of shell with a blank in front. Other runtimes write the same keys in other places, so the whole is read.
function text(token,   out, c, n, code) {
  token = substr(token, 2, length(token) - 2)
  out = ""
  while ((n = index(token, "\\")) > 0) {
    out = out substr(token, 1, n - 1)
    c = substr(token, n + 1, 1)
    token = substr(token, n + 2)
    if (c == "n") c = "\n"
    else if (c == "t") c = "\t"
    else if (c == "r") c = "\r"
    else if (c == "u") {
      code = (index(hex, substr(token, 3, 1)) - 1) * 16 + index(hex, substr(token, 4, 1)) - 1
      token = substr(token, 5)
      c = sprintf("%c", code)
    }
    out = out c
  }
  return out token
}

function word(value,   parts, count, i, out) {
  count = split(value, parts, "'")
  out = parts[1]
  for (i = 2; i <= count; i++) out = out "'\\''" parts[i]
  return " '" out "'"
}

BEGIN { hex = "0123456789abcdef" }
{ rest = rest $0 "\n" }
END {
  while (match(rest, /^[ \t\r\n]*("([^"\\]|\\.)*"|[][{}:,]|[^][{}:," \t\r\n]+)/)) {
    token = substr(rest, 1, RLENGTH)
    rest = substr(rest, RLENGTH + 1)
    sub(/^[ \t\r\n]+/, "", token)
    if (token == "{" || token == "[") {
      depth++
      kind[depth] = token
      name[depth] = ""
      named = (token == "{")
    } else if (token == "}" || token == "]") depth--
    else if (token == ",") named = (kind[depth] == "{")
    else if (token == ":") continue
    else if (named) {
      name[depth] = text(token)
      named = 0
    } else if (substr(token, 1, 1) == "\"" && name[1] == "config" && name[2] == key &&
      (depth == 2 || (depth == 3 && kind[3] == "["))) printf "%s", word(text(token))
  }
}
