#!/bin/sh
# Exit handler of a run (`run-ended.sh`) and step in front of a manual stage (`run-ended.sh gate`): releases the
# pipeline's lock if GoCD would. In: /gocd-pipeline/pipeline.json; WORKFLOW_NAME; STATUS, the Workflow's.
#   unlockWhenFinished  at the end, whatever the result, and at a gate
#   lockOnFailure       when the last stage has ended, passed or failed
# Never fails: it must not turn a good run red.
set -u
. "${GOCD_LIB:-/gocd-lib}/git-credentials.sh"
. "${GOCD_LIB:-/gocd-lib}/state.sh"

last_stage_ended() {
  [ "${STATUS:-}" != Succeeded ] || return 0
  $KUBECTL get workflow "$WORKFLOW_NAME" -o json >"$private/workflow" || return 1
  query -e --slurpfile pipeline "$pipeline" '("stage-" + $pipeline[0].stages[-1].slug) as $stage
    | any(.status.nodes[]?; .displayName == $stage and (.phase | IN("Succeeded", "Failed", "Error")))' "$private/workflow" >/dev/null
}

case $(query -r '.lock // "none"' "$pipeline")-${1:-end} in
unlockWhenFinished-*) ;;
lockOnFailure-end) last_stage_ended || { say 'the pipeline stays locked: its last stage has not ended'; exit 0; } ;;
*) exit 0 ;;
esac
say 'freeing the lock of the pipeline'
update_state "$(query -r .slug "$pipeline")" 'if .lock == $run then .lock = "" else empty end' --arg run "$WORKFLOW_NAME" ||
  say 'the lock could not be released'
exit 0
