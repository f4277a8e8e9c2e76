# Sourced. quote WORD…: appends the words to $quoted, each as one single-quoted word of a shell. Needs no program.
quoted=
quote() {
  for rest in "$@"; do
    word=
    while :; do
      case $rest in
      *\'*) word=$word${rest%%\'*}"'\\''" rest=${rest#*\'} ;;
      *) break ;;
      esac
    done
    quoted="$quoted '$word$rest'"
  done
}
