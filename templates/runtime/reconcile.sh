#!/bin/sh
# Every few minutes (gocd-reconcile): looks at all materials of all pipelines and starts a run where there is something new
# that no webhook has told, and that the filters let through: those of the whole range since the last run. The run's own
# prepare.sh decides; what has been looked at is remembered (`seen`), so that a commit that a filter keeps out is judged once.
# In: ConfigMaps with label gocd2argo.io/kind=pipeline, each with a pipeline.json.
# Left out: materials with `auto_update: false`, pipelines whose first stage is started by hand, locked and paused pipelines.
set -u
. "${GOCD_LIB:-/gocd-lib}/git-credentials.sh"
. "${GOCD_LIB:-/gocd-lib}/state.sh"
. "${GOCD_LIB:-/gocd-lib}/changes.sh"

$KUBECTL get configmaps -l gocd2argo.io/kind=pipeline -o json >"$private/configmaps" || fail 'the pipelines cannot be read'
query '[.items[] | .data["pipeline.json"] | select(. != null) | fromjson | select(.firstStageManual | not)]' "$private/configmaps" >"$private/pipelines" || exit 1
query '[.items[] | .data["pipeline.json"] | select(. != null) | fromjson | .slug]' "$private/configmaps" >"$private/here" || exit 1
$KUBECTL get configmaps -l gocd2argo.io/kind=state -o json >"$private/configmaps" || fail 'the states cannot be read'
query 'include "gocd"; [.items[] | {(.metadata.name | ltrimstr("gocd-state-")): (state_data + {resourceVersion: .metadata.resourceVersion})}] | add // {}' \
  "$private/configmaps" >"$private/states" || exit 1

# One call per repository: `refs_of N TYPE URL CREDENTIALS REF`. Git tells all its branches at once.
query -r 'include "gocd"; [.[].materials[] | select(is_scm and .autoUpdate != false)
    | {type, url, credentials: (.credentials // ""), ref: (if .type == "git" then "" else source_ref end)}] | unique
  | to_entries[] | ["refs_of", "\(.key)", .value.type, .value.url, .value.credentials, .value.ref] | map(@sh) | join(" ")' \
  "$private/pipelines" >"$private/calls" || exit 1

# Prints {type, url, ref, revision} for each ref; nothing when the repository does not answer.
refs_of() (
  if [ "$2" = git ]; then
    use_credentials "$4" "$3" && ${GOCD_TIMEOUT-timeout 60} git ls-remote -- "$3" >"$private/refs-$1" 2>"$private/error-$1"
  else
    revision=$(scm_head "$2" "$3" "$5" "$4" 2>"$private/error-$1") && printf '%s\t%s\n' "$revision" "$5" >"$private/refs-$1"
  fi || { say "$3 cannot be read: $(tail -n 1 "$private/error-$1")" >&2; return 0; }
  query -Rn --arg type "$2" --arg url "$3" '[inputs | split("\t") | {("\($type) \($url) \(.[1])"): .[0]}] | add // {}' "$private/refs-$1" >"$private/found-$1"
)
# Eight at a time.
awk '{ print $0 " &" } NR % 8 == 0 { print "wait" } END { print "wait" }' "$private/calls" >"$private/parallel"
. "$private/parallel"
cat "$private"/found-* 2>/dev/null >"$private/found"

# What each pipeline could see now, against what it has seen: `poke SLUG REVISION LOCK HOLDER`; `judge` with the same and, for
# each repository, KEY URL REF CREDENTIALS OLD NEW, when only filters can tell; or, for a pipeline without state that must not
# run before its first change, `seed SLUG`.
query -nr --slurpfile pipelines "$private/pipelines" --slurpfile states "$private/states" --slurpfile found "$private/found" --slurpfile here "$private/here" 'include "gocd";
  ($found | add // {}) as $refs | $states[0] as $states | $pipelines[0][]
  | . as $pipeline | $states[.slug] as $state
  # A pinned repository takes its revision from a dependency: it is the pass that is new.
  | [.materials[] | select((is_scm and .autoUpdate != false and (.pinned | not)) or (is_dependency and ((.ignoreForScheduling | not) or .pins)))
     | . + {now: (if is_dependency then ($states[.slug]["passed." + .stageSlug] // [])[-1] | if . then "\(.counter)/\(.stageCounter)" else null end
                  else $refs["\(.type) \(.url) \(source_ref)"] end), last: $state.last.materials[.key]}] as $materials
  | if $state.last == null and ($pipeline.firstRun | not) then
      # A stage upstream that has not passed yet is no obstacle: its first pass will be new. Of a pipeline in GoCD the bridge
      # must have recorded what there is.
      (if all(.materials[] | select(is_dependency); .slug as $up | $states[$up] or ($here[0] | index($up)))
        and all(.materials[] | select(is_scm and .autoUpdate != false); $refs["\(.type) \(.url) \(source_ref)"] != null) then ["seed", .slug] else empty end)
    else
      [$materials[] | select(.now != null and .now != $state.seen[.key])] as $new
      | if $new == [] or ($state.paused // "") != "" then empty
        else
          ["\($new[0].now)", .lock // "none", $state.lock // ""] as $arguments
          # A filter is asked where there is a range to ask it about.
          | if all($new[]; .type == "git" and .filter != null and .last != null and .last.identity == identity and .last.rev != .now) then
              ["judge", .slug] + $arguments + [$new[] | .key, .url, source_ref, .credentials // "", .last.rev, .now]
            else ["poke", .slug] + $arguments end
        end
    end
  | map(@sh) | join(" ")' >"$private/actions" || exit 1

# The name is that of the run a webhook starts for the same commit: it is made once.
workflow() { # slug, name
  query -n --arg slug "$1" --arg name "$2" '{apiVersion: "argoproj.io/v1alpha1", kind: "Workflow",
    metadata: (if $name == "" then {generateName: ($slug + "-")} else {name: $name} end),
    spec: {workflowTemplateRef: {name: $slug}, arguments: {parameters:
      [{name: "trigger", value: "reconcile"}, {name: "cause", value: "{}"}, {name: "force", value: "false"}]}}}'
}

poke() { # slug revision lock holder
  ! lock_is_held "$3" "$4" || { say "$1: locked by $4"; return; }
  case $2 in
  */*) name=$1-$(printf '%s %s' "$1" "$2" | git hash-object --stdin | cut -c 1-12) ;;
  *) name=$1-$(printf '%s' "$2" | cut -c 1-12) ;;
  esac
  workflow "$1" "$name" >"$private/workflow"
  if ! $KUBECTL create -f "$private/workflow" 2>"$private/refusal"; then
    grep -q AlreadyExists "$private/refusal" || { say "$1: $(cat "$private/refusal")" >&2; return; }
    # Still at it, or ended without a look at this revision (prepare failed, or the branch has gone back).
    $KUBECTL get workflow "$name" -o json >"$private/workflow" || return
    query -e '.status.phase // "" | IN("Succeeded", "Failed", "Error")' "$private/workflow" >/dev/null || return
    workflow "$1" '' >"$private/workflow"
    $KUBECTL create -f "$private/workflow" || return
  fi
  say "$1: $2 is new"
}

# Pokes if the filter of one of the repositories lets its range through. Else the revisions have been seen.
judge() { # slug revision lock holder, then for each repository: key url ref credentials old new
  judged=$1 judged_revision=$2 judged_lock=$3 judged_holder=$4
  shift 4
  printf '{}' >"$private/seen"
  while [ $# -gt 0 ]; do
    changes_of "$2" "$3" "$4" "$5" "$6" "$private/changes" 2>"$private/error" || { say "$2 cannot be read: $(tail -n 1 "$private/error")" >&2; return 0; }
    if query -ne --slurpfile pipelines "$private/pipelines" --slurpfile changes "$private/changes" --arg slug "$judged" --arg key "$1" 'include "gocd";
      ($pipelines[0][] | select(.slug == $slug) | .materials[] | select(.key == $key)).filter as $filter
      | $changes == [] or accepts($filter; $changes[0].files)' >/dev/null; then
      poke "$judged" "$judged_revision" "$judged_lock" "$judged_holder"
      return
    fi
    query --arg key "$1" --arg now "$6" '. + {($key): $now}' "$private/seen" >"$private/seen.new" && mv "$private/seen.new" "$private/seen"
    shift 6
  done
  update_state "$judged" '. + {seen: ((.seen // {}) + $seen[0])}' --slurpfile seen "$private/seen" &&
    say "$judged: $judged_revision has nothing that its filter lets through"
}

# The present revisions become those of the "last run": the day of the move must not build and deploy everything.
seed() { # slug
  query --arg slug "$1" --slurpfile states "$private/states" --slurpfile found "$private/found" -n --slurpfile pipelines "$private/pipelines" 'include "gocd";
    ($found | add // {}) as $refs | ($pipelines[0][] | select(.slug == $slug)) as $pipeline
    | ([$pipeline.materials[] | select(is_scm) | {(.key): $refs["\(.type) \(.url) \(source_ref)"]} | select(.[] != null)] | add // {}) as $heads
    | ([$pipeline.materials[] | select(is_dependency) | {(.key): ($states[0][.slug]["passed." + .stageSlug] // [] | reverse)}] | add // {}) as $passes
    | resolve($pipeline; $heads; $passes)
    | {seen: .observed, last: {materials: (.materials // ([$pipeline.materials[] | select(is_scm and $heads[.key]) | {(.key): {identity: identity, rev: $heads[.key]}}] | add // {}))}}' >"$private/seed" || return
  update_state "$1" 'if .last then empty else . + $seed[0] end' --slurpfile seed "$private/seed" && say "$1: starts from its present revisions"
}

say "looked at $(query length "$private/pipelines") pipelines and $(wc -l <"$private/calls") repositories"
. "$private/actions"
exit 0
