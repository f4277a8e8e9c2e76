#!/bin/sh
# Init container of a job: puts every material of the pipeline into the workspace at the run's revision, as a GoCD agent
# did: exact revision, forced, local branch of the material's name, submodules.
# In: /gocd-pipeline/pipeline.json; for the material with key my-app its revision REV_MY_APP and, optional, the oldest
# revision of the run FROM_MY_APP (a shallow clone is deepened until it holds both).
set -u
umask 0002 # the job may run as another user of the same group
. "${GOCD_LIB:-/gocd-lib}/git-credentials.sh"
workspace=${GOCD_WORKSPACE:-/workspace}

fail() {
  printf '[gocd] %s\n' "$*" >&2
  exit 1
}

has() { git cat-file -e "$1^{commit}" 2>/dev/null; }

# Fetches branch $source until the commit $1 is there.
fetch_until() {
  step=50
  until has "$1"; do
    if [ "$(git rev-parse --is-shallow-repository)" = true ]; then
      if [ "$step" -lt 10000 ]; then git fetch -q --deepen "$step" origin "$source"; else git fetch -q --unshallow origin "$source"; fi || return
      step=$((step * 4))
    else
      # Not on the branch any more (forced push): most servers still hand it out.
      git fetch -q origin "$1" 2>/dev/null && has "$1"
      return
    fi
  done
}

checkout_git() { # url ref revision from destination shallow local branch
  source=$2 name=$7
  mkdir -p "./$5" && cd "./$5" && git init -q . || return
  git config remote.origin.url "$1" && git config remote.origin.fetch "+refs/heads/*:refs/remotes/origin/*" || return
  if [ "$6" = true ]; then set -- "$@" --depth 2; else set -- "$@" --tags; fi
  url=$1 revision=$3 from=$4
  shift 7
  git fetch -q --force "$@" origin "+$source:refs/remotes/origin/$name" || return
  fetch_until "$revision" || fail "$url: there is no commit $revision"
  [ -z "$from" ] || fetch_until "$from" || printf '[gocd] %s: there is no commit %s any more\n' "$url" "$from" >&2
  git checkout -q --force -B "$name" "$revision" -- || return
  [ ! -f .gitmodules ] || { git submodule -q sync --recursive && git submodule -q update --init --recursive --force; }
}

checkout_svn() { # url ref revision from destination
  command -v svn >/dev/null || fail "$1: this image has no svn; use a tools image that has one"
  login=
  [ ! -f "$secret/password" ] || login=$secret/username
  if [ -n "$login" ]; then
    svn checkout -q --non-interactive --no-auth-cache --username "$(cat "$login")" --password-from-stdin \
      -r "$3" -- "$1" "./$5" <"$secret/password"
  else
    svn checkout -q --non-interactive -r "$3" -- "$1" "./$5"
  fi
}

checkout_hg() { # url ref revision from destination
  command -v hg >/dev/null || fail "$1: this image has no hg; use a tools image that has one"
  hg clone -q --noninteractive -u "$3" -- "$1" "./${5:-.}"
}

# One line of shell words per material, in the order of the list; @sh quotes whatever the values hold.
jq -L "${GOCD_LIB:-/gocd-lib}" -r 'include "gocd"; .materials[] | select(is_scm)
  | (.key | ascii_upcase | gsub("-"; "_")) as $k
  | ["material", .name, .type, .credentials // "", .url, source_ref, env["REV_" + $k] // "", env["FROM_" + $k] // "",
     .destination // "", (.shallow // false | tostring), local_branch] | map(@sh) | join(" ")' \
  "${GOCD_PIPELINE:-/gocd-pipeline/pipeline.json}" >"$private/materials" || fail 'pipeline.json cannot be read'

material() { # name type credentials url ref revision from destination shallow local branch
  [ -n "$6" ] || fail "material $1 has no revision in this run"
  use_credentials "$3" "$4" || fail "material $1: the credentials $3 cannot be read"
  printf '[gocd] %s: %s into %s/%s\n' "$1" "$6" "$workspace" "$8"
  name=$1 type=$2
  shift 3
  (cd "$workspace" && "checkout_$type" "$@") || fail "material $name cannot be checked out"
}

. "$private/materials"
