#!/bin/sh
# The first step of every run: decides whether it goes on, and with which revisions, counter and label. Every trigger is
# only a reason to look; what is built is decided here, as GoCD does: the latest revision of all materials.
# In:  /gocd-pipeline/pipeline.json; WORKFLOW_NAME; TRIGGER manual, push, upstream, timer or reconcile; CAUSE, JSON from
#      the trigger, not to be trusted: only `user` (name of a person) and `material` (key) are read; FORCE true = run even if nothing is new;
#      CREATED, when the Workflow was created, in seconds since 1970.
# Out: a file per output parameter in $OUT (/tmp/out): go, start-latency (seconds since CREATED), counter, label, trigger-user; rev-K, from-K, changed-K of a
#      repository K; dep-counter-K, dep-stage-counter-K, dep-label-K, dep-locator-K, changed-K of a dependency; anc-N.
set -u
. "${GOCD_LIB:-/gocd-lib}/git-credentials.sh"
. "${GOCD_LIB:-/gocd-lib}/state.sh"
. "${GOCD_LIB:-/gocd-lib}/changes.sh"
out=${OUT:-/tmp/out}
mkdir -p "$out" || exit 1

query -r '"slug=\(.slug | @sh) lock=\(.lock // "none" | @sh) first=\(.stages[0].slug // "" | @sh)"' "$pipeline" >"$private/names" || fail 'pipeline.json cannot be read'
. "$private/names"

# One call per repository, made by jq: key, type, url, ref, credentials, stored revision. A repository with
# `auto_update: false` is only looked at when a person or the trigger asks for it.
look_up() {
  if [ -n "$6" ]; then revision=$6; else revision=$(scm_head "$2" "$3" "$4" "$5") || fail "material $1 cannot be read"; fi
  query -n --arg key "$1" --arg revision "$revision" '{($key): $revision}' >>"$private/heads"
}

find_heads() {
  : >"$private/heads"
  query -r --arg trigger "${TRIGGER:-manual}" --arg cause "${CAUSE:-}" --slurpfile state "$private/state" 'include "gocd";
    ($state[0] | state_data.last.materials // {}) as $last | ($cause | fromjson? | objects | .material) // null | . as $asked
    | $pipeline[0].materials[] | select(is_scm)
    | (if .autoUpdate == false and $trigger != "manual" and $asked != .key and $asked != .name then $last[.key].rev // "" else "" end) as $stored
    | ["look_up", .key, .type, .url, source_ref, .credentials // "", $stored] | map(@sh) | join(" ")' \
    -n --slurpfile pipeline "$pipeline" >"$private/look-ups" || exit 1
  . "$private/look-ups"
}

# The passes of every upstream stage, newest first, by the material's key.
find_passes() {
  : >"$private/passes"
  query -r '.materials[] | select(.type == "dependency") | ["passes_of", .key, .slug, .stageSlug] | map(@sh) | join(" ")' \
    "$pipeline" >"$private/pass-calls" || exit 1
  . "$private/pass-calls"
}
passes_of() { # key slug stage
  read_state "$2" "$private/upstream" || fail "the state of $2 cannot be read"
  query --arg key "$1" --arg stage "$3" 'include "gocd"; {($key): (state_data["passed." + $stage] // [] | reverse)}' "$private/upstream" >>"$private/passes" || exit 1
}

# The commits since the last run, for a repository with another revision than then: their files (for the filter) and the
# oldest of them.
range_of() { # key type url ref credentials old new filtered
  case $2 in git) ;; *) [ "$8" = false ] || say "the filter of $1 is not applied: it is not git"; return ;; esac
  changes_of "$3" "$4" "$5" "$6" "$7" "$private/changes" || fail "the changes of $1 cannot be read"
  query --arg key "$1" '{($key): .}' "$private/changes" >>"$private/ranges"
}

find_ranges() {
  : >"$private/ranges"
  query -nr --slurpfile pipeline "$pipeline" --slurpfile state "$private/state" --slurpfile resolved "$private/resolved" 'include "gocd";
    ($state[0] | state_data.last.materials // {}) as $last | $pipeline[0].materials[] | select(is_scm) | $resolved[0].materials[.key] as $now
    | select($now and $last[.key] and $last[.key].identity == $now.identity and $last[.key].rev != $now.rev)
    | ["range_of", .key, .type, .url, source_ref, .credentials // "", $last[.key].rev, $now.rev, "\(.filter != null)"] | map(@sh) | join(" ")' \
    >"$private/range-calls" || exit 1
  . "$private/range-calls"
}

# Makes shell text: `why` (no run because of this), the file state.new (absent: nothing to write) and deliver, which
# writes the outputs.
decide() {
  rm -f "$private/state.new"
  query -nr --slurpfile pipeline "$pipeline" --slurpfile state "$private/state" --slurpfile resolved "$private/resolved" \
    --slurpfile ranges "$private/ranges" --arg run "$WORKFLOW_NAME" --arg trigger "${TRIGGER:-manual}" --arg force "${FORCE:-false}" \
    --arg cause "${CAUSE:-}" 'include "gocd";
    {run: $run, trigger: $trigger, force: ($force == "true"), cause: (($cause | fromjson?) // null)} as $o
    | decide($pipeline[0]; $state[0] | state_data; $resolved[0]; $ranges | add // {}; $o)
    | "why=\(.why // "" | @sh)",
      (.data // empty | . as $data | $state[0] | with_state_data($data) | "printf %s \(tojson | @sh) >\"$private/state.new\""),
      "deliver() {\n\(.outputs | delivery)\n}"' >"$private/decision" && . "$private/decision"
}

measure() {
  late=$(($(date +%s) - ${CREATED:-0}))
  [ "$late" -ge 0 ] || late=0 # the clocks of two machines
  printf %s "$late" >"$out/start-latency"
}

created=${CREATED:-$(date +%s)}
while :; do
  begun=$(date +%s)
  read_state "$slug" "$private/state" || fail 'the state cannot be read'
  # This step may run twice for the same run (a lost pod): then the same answer again.
  query -r --arg run "$WORKFLOW_NAME" 'include "gocd"; "holder=\(.data.lock // "" | @sh) paused=\(.data.paused // "" | @sh) before=\(state_data.last.run // "" | @sh)",
    ([state_data.runs[]? | select(.run == $run)][0].outputs // empty | delivery)' "$private/state" >"$private/known" || exit 1
  measure
  . "$private/known"

  # As with a lock, nothing is remembered: what is new while it is paused is built afterwards.
  if [ -n "$paused" ]; then
    say "no run: the pipeline is paused ($paused)"
    printf false >"$out/go"
    exit 0
  fi

  if lock_is_held "$lock" "$holder"; then
    # Nothing is remembered: the next trigger, or reconcile.sh, comes back with the newest revisions.
    say "no run: the pipeline is locked by $holder"
    printf false >"$out/go"
    exit 0
  fi

  # GoCD does not start a run while the first stage of the last one is active, and keeps no queue: what comes after it takes the
  # newest revisions. The other runs that wait do so at the mutex of this step, without a pod, and will find nothing new.
  if [ ! -e "$private/resolved" ] && first_stage_is_active "$before" "$first"; then
    if [ "${TRIGGER:-manual}" = timer ]; then
      say "no run: the first stage of $before is active, and timers do not wait"
      printf false >"$out/go"
      exit 0
    fi
    # Not for ever, it may be stuck: reconcile.sh comes back, and starts what is new within its interval. Counted from the creation
    # of the run, so that those that queue at the mutex behind this one do not wait one after the other.
    if [ "$(($(date +%s) - created))" -ge "${GOCD_WAIT_SECONDS:-600}" ]; then
      say "no run: the first stage of $before is still active; gocd-reconcile starts a run when it has ended and something is new"
      printf false >"$out/go"
      exit 0
    fi
    [ -e "$private/waits" ] || say "waits for the first stage of $before"
    : >"$private/waits"
    sleep "$((${GOCD_POLL_SECONDS:-1} * 5))"
    continue
  fi

  if [ ! -e "$private/resolved" ]; then # once: a run has one set of revisions
    find_heads
    find_passes
    query -n --slurpfile pipeline "$pipeline" --slurpfile heads "$private/heads" --slurpfile passes "$private/passes" \
      'include "gocd"; resolve($pipeline[0]; $heads | add // {}; $passes | add // {})' >"$private/resolved" || exit 1
  fi
  find_ranges
  decide || exit 1
  if [ ! -e "$private/state.new" ] || write_state "$private/state.new"; then
    [ -z "$why" ] || say "no run: $why"
    measure
    deliver
  fi
  try_again || exit 1
done
