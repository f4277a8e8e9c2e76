#!/bin/sh
# deliver.sh [revert]: what a job asks the container `delivery` beside it in place of a command that deployed.
# In: DELIVERY, JSON (docs/delivery.md); LABEL, WORKFLOW_NAME; the images' digests in /gocd/fetch/<from>/, lines
#     REPOSITORY:TAG@DIGEST as Kaniko writes them; credentials in /gocd-secrets.
# A commit is made on what the branch holds right then, and made anew when somebody else's push came first: none is lost.
set -u
. "${GOCD_LIB:-/gocd-lib}/git-credentials.sh"
dir=${GOCD_DIR:-/gocd}
mine=$dir/delivery # what this run has committed, for `revert`
clone=$private/repository
export LABEL="${LABEL:-}" WORKFLOW_NAME="${WORKFLOW_NAME:-}"

say() { printf '[gocd] %s\n' "$*"; }
fail() { say "$*" >&2; exit 1; }
ask() { printf '%s' "$DELIVERY" | jq -r "$@"; }

# The registry's name in this cluster (run-in.sh).
registries=${GOCD_REGISTRIES:-/gocd-lib/registries}
local_name() { # repository
  named=$1
  [ -e "$registries" ] || return 0
  while read -r from to; do
    case $named in "$from"/*) named=$to${named#"$from"} ;; esac
  done <"$registries"
}

# The one digest under which the building job has pushed the repository $1: $digest.
find_digest() { # repository from
  [ -e "$dir/fetch/$2" ] || fail "there is no digest of $1: the job that builds it has published none"
  digest=$(find "$dir/fetch/$2" -type f -exec cat {} + | awk -v repository="$1" '{
    at = index($0, "@"); name = substr($0, 1, at - 1)
    if (match(name, /:[^:\/]*$/)) name = substr(name, 1, RSTART - 1)
    if (at && name == repository) print substr($0, at + 1)
  }' | sort -u)
  case $digest in
  sha256:*[!0-9a-f]*) fail "there are several digests of $1: $(printf %s "$digest" | tr '\n' ' ')" ;;
  sha256:*) ;;
  *) fail "there is no digest of $1 among the images that were built" ;;
  esac
}

edit() { # image file name key from
  local_name "$1"
  find_digest "$named" "$5"
  file=$clone/$2
  case /$2/ in */../*) fail "$2 leads out of the repository" ;; esac
  [ -f "$file" ] && [ ! -L "$file" ] || fail "$2 is not in the repository"
  NAME=$3 NEW=$named DIGEST=$digest KEY=$4 VALUE=$named@$digest \
    awk -f "${GOCD_LIB:-/gocd-lib}/set-image.awk" "$file" >"$private/edited" || fail "$2: cannot write ${4:-images} (block style is needed)"
  cat "$private/edited" >"$file"
}

write_images() {
  ask '.gitops.images[] | ["edit", .image, .file, (if .key then "" else .name // .image end), .key // "", .from] | map(@sh) | join(" ")' >"$private/edits" || fail 'DELIVERY cannot be read'
  . "$private/edits"
  git add -A && ! git diff --cached --quiet || { say 'the repository says so already'; return 1; }
  git commit -q -m "deploy $LABEL" -m "Run: $WORKFLOW_NAME"
}

revert() {
  git revert --no-edit "$(cat "$mine")" >/dev/null 2>"$private/refusal" || { cat "$private/refusal" >&2; fail 'the commit cannot be taken back: the same lines have changed since'; }
}

# open_repository: clones the branch into $clone and goes there.
open_repository() {
  repository=$(ask .gitops.repository) branch=$(ask .gitops.branch)
  use_credentials "$(ask .gitops.credentials)" "$repository" || fail 'the credentials for the configuration repository cannot be read'
  git clone -q --single-branch --branch "$branch" -- "$repository" "$clone" && cd "$clone" || fail "$repository cannot be cloned"
}

# push_change CHANGE: makes a commit by CHANGE (which fails when there is nothing to do) and pushes it.
push_change() {
  try=0
  while "$1"; do
    git push -q origin "HEAD:refs/heads/$branch" 2>"$private/refusal" && { say "committed $(git rev-parse HEAD) to $branch of $repository"; return 0; }
    try=$((try + 1)) parent=$(git rev-parse HEAD~)
    git fetch -q origin "$branch" && git reset -q --hard FETCH_HEAD || fail "$repository cannot be read"
    # Nobody else has pushed: it was refused for another reason, or two pushes met in the very moment.
    [ "$(git rev-parse HEAD)" != "$parent" ] || [ "$try" -lt 5 ] || { cat "$private/refusal" >&2; fail "$repository refuses the push"; }
    [ "$try" -lt 60 ] || fail "somebody else was faster $try times"
    sleep "$((try < 10 ? 0 : 1)).$((($$ + try * 7) % 10))"
  done
  return 1
}

api() { # method path [body]: Argo CD, as the token's owner; the token is no argument that others could see
  method=$1 path=$2
  shift 2
  [ $# = 0 ] || set -- --data "$1"
  [ ! -f "$login/ca.crt" ] || set -- "$@" --cacert "$login/ca.crt"
  curl -sS --fail-with-body --max-time 30 -X "$method" -H "@$private/header" -H 'Content-Type: application/json' "$@" "$server/api/v1/$path"
}

# Syncs the Application and waits until it is synced (to the commit just made, or one on top of it) and healthy.
sync() {
  server=$(ask .argocd.server) application=$(ask .argocd.application) login=$gocd_secrets/$(ask .argocd.credentials)
  [ -f "$login/token" ] || fail "the Secret for $application has no token"
  (umask 077 && printf 'Authorization: Bearer %s\n' "$(cat "$login/token")" >"$private/header")
  waited=0 until=$(ask .argocd.timeout) poll=${GOCD_ARGOCD_POLL:-5}
  say "syncing $application"
  until api POST "applications/$application/sync" '{}' >"$private/answer" 2>"$private/refusal"; do
    # Another operation is in progress: it may be the sync of an older commit.
    grep -qi 'in progress' "$private/answer" || { cat "$private/answer" "$private/refusal" >&2; fail "$application cannot be synced"; }
    [ "$waited" -lt "$until" ] || fail "$application is busy"
    sleep "$poll"; waited=$((waited + poll))
  done
  while :; do
    if api GET "applications/$application" >"$private/answer" 2>"$private/refusal"; then
      jq -r '"phase=\(.status.operationState.phase // "" | @sh) synced=\(.status.sync.status // "" | @sh) health=\(.status.health.status // "" | @sh) revision=\(.status.sync.revision // "" | @sh)"' \
        "$private/answer" >"$private/status" && . "$private/status"
      case $phase in
      Failed | Error) fail "the sync of $application has failed: $(jq -r '.status.operationState.message // ""' "$private/answer")" ;;
      Succeeded) [ "$synced" != Synced ] || [ "$health" != Healthy ] || ! holds "$revision" || { say "$application is synced and healthy at $revision"; return 0; } ;;
      esac
    fi
    [ "$waited" -lt "$until" ] || fail "$application is ${phase:-}/${synced:-}/${health:-} at ${revision:-} after $waited s"
    sleep "$poll"; waited=$((waited + poll))
  done
}

# Is the commit of this run part of revision $1?
holds() {
  [ -n "${wanted:-}" ] || return 0
  git -C "$clone" cat-file -e "$1^{commit}" 2>/dev/null || git -C "$clone" fetch -q origin "$branch" 2>/dev/null
  git -C "$clone" merge-base --is-ancestor "$wanted" "$1" 2>/dev/null
}

case ${1:-} in
revert)
  [ -s "$mine" ] || { say 'this run has committed nothing that could be taken back'; exit 0; }
  open_repository
  push_change revert && : >"$mine"
  ;;
*)
  if [ "$(ask 'has("gitops")')" = true ]; then
    open_repository
    ! push_change write_images || git rev-parse HEAD >"$mine"
    wanted=$(git rev-parse HEAD)
  fi
  ;;
esac
[ "$(ask 'has("argocd")')" != true ] || sync
