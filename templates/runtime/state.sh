# Sourced after git-credentials.sh (for $private): the state of a pipeline, ConfigMap gocd-state-<slug>, made at run time.
#   counter   the last run's number
#   last      what the last run was built from       seen   the revisions already looked at, built or not
#   runs      the last 50 runs                       passed.<stage>   its last 50 passes
#   lock      the Workflow that holds the pipeline's lock   paused   why no run may start; a person sets and removes it
#   told.<stage>   the last pass that a stand-in in GoCD was started for
# Writers may meet: each writes with the resourceVersion it has read and starts over when that is not the current one.

KUBECTL=${KUBECTL:-kubectl}
lib=${GOCD_LIB:-/gocd-lib}
pipeline=${GOCD_PIPELINE:-/gocd-pipeline/pipeline.json}

say() { printf '[gocd] %s\n' "$*"; }
fail() { say "$*" >&2; exit 1; }
query() { jq -L "$lib" "$@"; }

read_state() { # slug file
  $KUBECTL get configmap "gocd-state-$1" --ignore-not-found -o json >"$2" || return
  [ -s "$2" ] || query -n --arg slug "$1" '{apiVersion: "v1", kind: "ConfigMap", metadata: {name: "gocd-state-\($slug)",
    labels: {"app.kubernetes.io/managed-by": "gocd2argo", "gocd2argo.io/kind": "state", "gocd2argo.io/pipeline": $slug}}}' >"$2"
}

write_state() { # file: an object from read_state with new data
  if grep -q '"resourceVersion"' "$1"; then verb=replace; else verb=create; fi
  $KUBECTL "$verb" -f "$1" >/dev/null 2>"$private/refusal"
}

# Guard of a loop of read and write, which notes in $begun when an attempt begins: waits for a random time, up to twice as long
# after each refusal, 32 times at most, so that many writers do not meet again: one of those that meet is through. It is in
# proportion to what the attempt took: where many meet on a busy machine, all of them are slow, and the more often they try the
# slower. Usually that is less than a second, and 60 refusals take some 7 minutes; who was refused so often gives up.
try=0
try_again() {
  try=$((try + 1))
  [ "$try" -lt 60 ] || { cat "$private/refusal" >&2; return 1; }
  took=$(($(date +%s) - ${begun:-0}))
  [ "$took" -ge 0 ] || took=0 # the clock was set
  [ "$took" -le 60 ] || took=60
  doublings=5
  [ "$try" -gt 5 ] || doublings=$try
  reach=$(((500 + took * 1000) << doublings))
  [ "$reach" -le 300000 ] || reach=300000
  # Not from the number of the process: in pods all have the same.
  chance=$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')
  pause=$((${chance:-$$} * reach / 65536))
  sleep "$((pause / 1000)).$(printf '%03d' $((pause % 1000)))"
}

# update_state SLUG FILTER [JQ OPTION…]: FILTER makes the new data from the old; no output = nothing to change.
update_state() {
  state_slug=$1 state_filter=$2
  shift 2
  try=0
  while :; do
    begun=$(date +%s)
    if read_state "$state_slug" "$private/state" 2>"$private/refusal"; then
      query "$@" "include \"gocd\"; . as \$state | state_data | ($state_filter) as \$data | \$state | with_state_data(\$data)" \
        "$private/state" >"$private/state.new" || return
      [ -s "$private/state.new" ] || return 0
      write_state "$private/state.new" && return 0
    fi
    try_again || return
  done
}

# lock_is_held LOCK HOLDER: does another run hold the lock? A holder that can no longer release it does not count:
# unlockWhenFinished – it has ended, is gone, or waits at a gate; lockOnFailure – it has succeeded.
lock_is_held() {
  [ "$1" != none ] && [ -n "$2" ] && [ "$2" != "${WORKFLOW_NAME:-}" ] || return 1
  $KUBECTL get workflow "$2" --ignore-not-found -o json >"$private/holder" || return 0
  query -se --arg lock "$1" '.[0] as $holder | ($holder.status.phase // "") as $phase
    | if $lock == "lockOnFailure" then $phase != "Succeeded"
      else $holder != null and ($phase | IN("Succeeded", "Failed", "Error") | not)
        and (any($holder.status.nodes[]?; .type == "Suspend" and .phase == "Running") | not) end' "$private/holder" >/dev/null
}

# first_stage_is_active RUN STAGE: has another run still its first stage before it or under way?
first_stage_is_active() {
  [ -n "$1" ] && [ "$1" != "${WORKFLOW_NAME:-}" ] && [ -n "$2" ] || return 1
  $KUBECTL get workflow "$1" --ignore-not-found -o json >"$private/before" || return 1
  query -se --arg stage "stage-$2" '.[0] as $run | $run != null and ($run.status.phase // "" | IN("Succeeded", "Failed", "Error") | not)
    and ([$run.status.nodes[]? | select(.displayName == $stage)] | length == 0 or any(.[]; .phase | IN("Pending", "Running", "")))' "$private/before" >/dev/null
}

# scm_head TYPE URL REF CREDENTIALS: prints the newest revision.
scm_head() {
  use_credentials "$4" "$2" || return
  case $1 in
  git)
    git ls-remote -- "$2" "$3" >"$private/refs" || return
    head=
    while read -r commit ref; do [ "$ref" != "$3" ] || head=$commit; done <"$private/refs"
    [ -n "$head" ] || { say "$2 has no $3" >&2; return 1; }
    printf '%s\n' "$head"
    ;;
  svn)
    command -v svn >/dev/null || { say "$2: this image has no svn; use a tools image that has one" >&2; return 1; }
    svn info --non-interactive --show-item last-changed-revision -- "$2"
    ;;
  hg)
    command -v hg >/dev/null || { say "$2: this image has no hg; use a tools image that has one" >&2; return 1; }
    hg identify --id --debug -r "${3#refs/heads/}" -- "$2"
    ;;
  esac
}

# tell_stages FILE: posts a pass to the pipelines that wait for it. In: GOCD_STAGES_URL and its bearer TOKEN.
# Only the record is needed: reconcile.sh finds what the message did not reach.
tell_stages() {
  (umask 077 && printf 'Authorization: Bearer %s\n' "${TOKEN:-}" >"$private/header") # not in the list of processes
  for pause in 1 3 9 0; do
    curl -fsS -m 20 -o /dev/null -H 'Content-Type: application/json' -H "@$private/header" --data-binary "@$1" \
      "${GOCD_STAGES_URL:-http://gocd-stages:12000/passed}" && return 0
    sleep $((pause * ${GOCD_POLL_SECONDS:-1}))
  done
  say 'the pipelines that depend on this stage could not be told; gocd-reconcile will find it'
}
