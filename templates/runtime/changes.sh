# Sourced after state.sh: what has changed in a git repository between two revisions.

# changes_of URL REF CREDENTIALS OLD NEW FILE: writes {from, files}: the oldest of the new commits, and the files of all of
# them. Writes nothing when that is not known: the old commit is gone, or the branch went back. Then the change counts as
# relevant. Fails when the repository cannot be read. One clone per repository, one look per range.
changes_of() {
  changes_id=$(printf '%s\n' "$1" "$2" | git hash-object --stdin)
  changes=$private/repository-$changes_id
  range=$private/range-$changes_id-$4-$5
  if [ ! -e "$range" ]; then
    if [ ! -d "$changes" ]; then
      use_credentials "$3" "$1" && git init -q --bare "$changes" &&
        git -C "$changes" fetch -q --filter=blob:none -- "$1" "+$2:refs/heads/followed" || { rm -rf "$changes"; return 1; }
    fi
    list_changes "$1" "$4" "$5" >"$range" || return 1
  fi
  cat "$range" >"$6"
}

list_changes() { # url old new
  for commit in "$2" "$3"; do
    git -C "$changes" cat-file -e "$commit^{commit}" 2>/dev/null || git -C "$changes" fetch -q -- "$1" "$commit" 2>/dev/null || return 0
  done
  from=$(git -C "$changes" rev-list "$2..$3" | tail -n 1)
  [ -n "$from" ] || return 0
  # -c: of a merge only what the merge itself changed. No renames: both names count.
  git -C "$changes" log --format= -c --name-only --no-renames -z "$2..$3" >"$private/files" || return 1
  query -Rs --arg from "$from" '{from: $from, files: (split("\u0000") | map(ltrimstr("\n") | select(. != "")) | unique)}' "$private/files"
}
