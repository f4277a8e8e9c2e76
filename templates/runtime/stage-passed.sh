#!/bin/sh
# Runs when a stage has passed, beside the stage that follows: records the pass, then tells the pipelines that wait for it.
# In: /gocd-pipeline/pipeline.json; STAGE (slug), COUNTER, WORKFLOW_NAME; GOCD_STAGES_URL and its bearer TOKEN.
set -u
. "${GOCD_LIB:-/gocd-lib}/git-credentials.sh"
. "${GOCD_LIB:-/gocd-lib}/state.sh"

slug=$(query -r .slug "$pipeline") || fail 'pipeline.json cannot be read'
update_state "$slug" '("passed." + $stage) as $key | (.[$key] // []) as $passes
  | if any($passes[]; .counter == $counter) then empty
    else
      # The run may have been forgotten when it waited very long at a gate.
      ([.runs[]? | select(.counter == $counter)][0] // {label: "\($counter)", revisions: {}, edges: {}}) as $run
      | .[$key] = ($passes + [{counter: $counter, label: $run.label, stageCounter: 1, revisions: $run.revisions, edges: $run.edges}] | sort_by(.counter) | .[-50:])
    end' --arg stage "$STAGE" --argjson counter "$COUNTER" || fail "the pass of $STAGE cannot be recorded"
say "stage $STAGE has passed in run $COUNTER"

read_state "$slug" "$private/state" && query -c --slurpfile pipeline "$pipeline" --arg stage "$STAGE" --argjson counter "$COUNTER" 'include "gocd";
  [state_data["passed." + $stage][] | select(.counter == $counter)][0]
  | {pipeline: $pipeline[0].pipeline, counter: .counter, label: .label, stage: ([$pipeline[0].stages[] | select(.slug == $stage)][0].name // $stage), stageCounter}' \
  "$private/state" >"$private/message" || exit 0
tell_stages "$private/message"
exit 0
