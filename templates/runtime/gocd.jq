# GoCD's rules about materials and runs, for prepare.sh, reconcile.sh and checkout.sh (jq 1.6 or newer):
#   jq -L /gocd-lib 'include "gocd"; …'
# Words: a *revision* is a commit, or, of a dependency, the `counter/stage counter` of the stage that passed. A *pass* is
# what stage-passed.sh recorded: {counter, label: .label, stageCounter, revisions, edges}. `revisions` holds the revision of every
# material behind the run, its own and those of its ancestors, by identity; `edges` which run was built from which:
# {"shop@7>lib": 31} = run 7 of shop used run 31 of lib.

def is_scm: .type == "git" or .type == "svn" or .type == "hg";
def is_dependency: .type == "dependency";

# The remote ref that a git material follows: `main`, `refs/heads/main` or `refs/pull/7/head:pr-7`.
def source_ref:
  (.branch // "master" | split(":")[0] | ltrimstr("+")) | if startswith("refs/") then . else "refs/heads/" + . end;
def local_branch:
  .branch // "master" | split(":")[-1] | ltrimstr("+") | ltrimstr("refs/heads/") | ltrimstr("refs/remotes/origin/");

# What makes a material the same material in two pipelines.
def identity:
  if is_dependency then "stage \(.slug)/\(.stageSlug)" else "\(.type) \(.url) \(.branch // "")" end;

# GoCD's filter patterns are not Ant globs: a segment `**` is any number of directories (and never a file), `*` stays
# inside a segment, all else is literal.
def filter_regex:
  ltrimstr("/") | split("/") | length as $n
  | [to_entries[]
     | if .value == "**" then "([^/]+/)*"
       else (.value | gsub("(?<c>[\\\\^$.|?+()\\[\\]{}])"; "\\\(.c)") | gsub("\\*+"; "[^/]*"))
         + (if .key < $n - 1 then "/" else "" end)
       end]
  | "\\A" + add + "\\z";

# May these changed files start a run? `ignore`: not if all match; `includes`: only if one does.
def accepts($filter; $files):
  if ($filter.patterns // []) == [] then true
  else
    [$filter.patterns[] | filter_regex] as $patterns
    | [$files[] | ltrimstr("/") | . as $file | any($patterns[]; . as $p | $file | test($p))]
    | if $filter.kind == "ignore" then any(.[]; not) else any(.[]; .) end
  end;

def agree($a; $b): all($a | keys_unsorted[]; . as $k | ($b | has($k) | not) or $b[$k] == $a[$k]);

# Fan-in. Input: for each dependency its candidates {…, all: revisions}, newest first. Output: the first choice, one of
# each, in which no material occurs with two revisions; nothing if there is none. Candidates that contradict a choice
# are dropped before going on, so the search ends soon.
def consistent:
  if length == 0 then []
  else
    .[0] as $first | .[1:] as $others
    | $first[] as $choice
    | [$others[] | [.[] | select(agree($choice.all; .all))]]
    | select(all(.[]; length > 0))
    | [$choice] + consistent
  end;

# Which revision of each material a run would take now. $heads: {key: commit}, $passes: {key: [pass, newest first]}.
# `observed` is what there is, `materials` what fits together; the latter is missing when nothing does.
def resolve($pipeline; $heads; $passes):
  ([$pipeline.materials[] | select(is_dependency)]) as $dependencies
  | [$dependencies[] | . as $m
     | [($passes[$m.key] // [])[] | . + {material: $m, all: (.revisions + {($m | identity): "\(.counter)/\(.stageCounter)"})}]] as $candidates
  | {observed: ($heads + ([$candidates[] | select(length > 0)[0] | {(.material.key): "\(.counter)/\(.stageCounter)"}] | add // {}))}
  | [$dependencies[] | select(($passes[.key] // []) == []) | "\(.pipeline)/\(.stage)"] as $missing
  | [limit(1; $candidates | consistent)][0] as $chosen
  | if $missing != [] then .why = "waits for a first pass of \($missing | join(", "))"
    elif $chosen == null then .why = "the latest passes of its dependencies were built from different revisions"
    else
      # A repository that an ancestor was built from is pinned to that revision.
      ([$chosen[].all] | add // {}) as $pinned
      | .materials =
          (([$pipeline.materials[] | select(is_scm) | {(.key): {identity: identity, rev: ($pinned[identity] // $heads[.key])}}]
            + [$chosen[] | {(.material.key): {identity: (.material | identity), rev: "\(.counter)/\(.stageCounter)", counter, stageCounter,
                label: .label, locator: "\(.material.pipeline)/\(.counter)/\(.material.stage)/\(.stageCounter)"}}]) | add // {})
      | .revisions = $pinned + ([.materials[] | {(.identity): .rev}] | add // {})
      | .edges = ([$chosen[].edges] | add // {})
    end;

# Texts of outputs pass through Argo ({{…}}) and Kubernetes ($(…)); names and labels have no need of these characters.
def harmless: gsub("[{}$\\x00-\\x1f\\x7f]"; "_") | .[:255];

def run_label($pipeline; $counter; $materials):
  [$pipeline.label[]
   | (.length // 255) as $length
   | if .count then "\($counter)"
     elif has("material") then
       .material as $name | ([$pipeline.materials[] | select(.key == $name or .name == $name)][0].key // $name) as $key
       | ($materials[$key].label // $materials[$key].rev // "") | .[:$length]
     else .text // "" end]
  | join("");

# The counter of an ancestor's run; $path as in a fetch task: ["a", "b", "up"] = a, which b used, which up used.
def ancestor($pipeline; $materials; $edges; $path):
  ($path | reverse) as $way
  | ([$pipeline.materials[] | select(is_dependency and .slug == $way[0])][0].key) as $key
  | reduce range(1; $way | length) as $i ($materials[$key // ""].counter;
      if . == null then . else $edges["\($way[$i - 1])@\(.)>\($way[$i])"] end)
  | if . == null then "" else tostring end;

# Does the new revision of this material start a run? $last is null for a material that the last run did not have.
# A timer knows no filters: with only_on_changes, anything new will do.
def starts_run($material; $now; $last; $range; $trigger):
  if $last == null or $last.identity != $now.identity then true
  elif $trigger == "timer" then $now.rev != $last.rev
  elif $material | is_dependency then
    ($material.ignoreForScheduling | not) and [$now.counter, $now.stageCounter] > [$last.counter, $last.stageCounter]
  else $now.rev != $last.rev and ($range == null or accepts($material.filter; $range.files))
  end;

# Why a run must not start now; null if it may. $data: the state, $o: {trigger, force}.
def hindrance($pipeline; $data; $resolved; $ranges; $o):
  $data.last as $last
  | if $resolved.materials == null then $resolved.why
    elif $o.force then null
    elif $pipeline.firstStageManual and $o.trigger != "timer" and $o.trigger != "manual" then "its first stage is started by hand"
    elif $last == null then
      if $pipeline.firstRun or $o.trigger != "reconcile" then null else "a new pipeline waits for its first change" end
    elif any($pipeline.materials[] | select(is_scm or is_dependency);
             .key as $k | starts_run(.; $resolved.materials[$k]; $last.materials[$k]; $ranges[$k]; $o.trigger)) then null
    else "no material has anything new that its filter lets through"
    end;

def changed($now; $last): $last == null or $last.identity != $now.identity or $last.rev != $now.rev;

# The outputs of a run, by the names of the files that prepare.sh writes.
def outputs($pipeline; $counter; $last; $resolved; $ranges; $o):
  {go: "true", counter: "\($counter)", label: (run_label($pipeline; $counter; $resolved.materials) | harmless),
   "trigger-user": (if $o.trigger == "timer" then "timer"
     elif $o.trigger == "manual" then ($o.cause | objects | .user | strings | select(. != "") | harmless) // "anonymous"
     else "changes" end)}
  + ([$pipeline.materials[] | select(is_scm or is_dependency) | .key as $k
      | $resolved.materials[$k] as $now | $last.materials[$k] as $before
      | {("changed-" + $k): "\(changed($now; $before))"}
        + (if is_dependency then
             {("dep-counter-" + $k): "\($now.counter)", ("dep-stage-counter-" + $k): "\($now.stageCounter)",
              ("dep-label-" + $k): ($now.label | harmless), ("dep-locator-" + $k): $now.locator}
           else
             {("rev-" + $k): $now.rev, ("from-" + $k): (if changed($now; $before) then $ranges[$k].from // $now.rev else $now.rev end)}
           end)] | add // {})
  + ([$pipeline.ancestors[]? | {("anc-" + .key): ancestor($pipeline; $resolved.materials; $resolved.edges; .path)}] | add // {});

# The whole decision: {why, outputs, data}; `data` replaces the state's (absent: leave it).
def decide($pipeline; $data; $resolved; $ranges; $o):
  hindrance($pipeline; $data; $resolved; $ranges; $o) as $why
  | if $why != null then
      # Remembered, so that reconcile.sh does not come back with the same revisions.
      {why: $why, outputs: {go: "false"}} + if $data.seen == $resolved.observed then {} else {data: ($data + {seen: $resolved.observed})} end
    else
      ($data.counter // $pipeline.counterStart // 0 | . + 1) as $counter
      | outputs($pipeline; $counter; $data.last; $resolved; $ranges; $o) as $outputs
      | ([$pipeline.materials[] | select(is_dependency) | {("\($pipeline.slug)@\($counter)>\(.slug)"): $resolved.materials[.key].counter}] | add // {}) as $own
      | {run: $o.run, counter: $counter, label: $outputs.label, outputs: $outputs, revisions: $resolved.revisions, edges: ($resolved.edges + $own)} as $record
      | {outputs: $outputs,
         data: ($data + {counter: $counter, seen: $resolved.observed, last: {run: $o.run, counter: $counter, materials: $resolved.materials},
                         runs: (($data.runs // []) + [$record] | .[-50:])}
                + if ($pipeline.lock // "none") == "none" then {} else {lock: $o.run} end)}
    end;

# The state's ConfigMap keeps each value as JSON text, except `lock`, a plain name, and `paused`, a plain reason: people
# write these with kubectl patch.
def is_plain: . == "lock" or . == "paused";
def state_data: .data // {} | with_entries(if .key | is_plain then . else .value |= fromjson end);
def with_state_data($data):
  .data = ($data | with_entries(if .key | is_plain then . else .value |= tojson end))
  # A ConfigMap holds 1 MiB: rather forget old passes than stop.
  | if (.data | tojson | utf8bytelength) < 900000 then .
    else .data |= with_entries(if .key == "runs" or (.key | startswith("passed.")) then .value |= (fromjson | .[-10:] | tojson) else . end) end;

# The outputs of a run as shell text for prepare.sh: one file each, then the end.
def delivery:
  [to_entries[] | "printf %s \(.value | @sh) >\"$out\"/\(.key | @sh)"]
  + [if .go == "true" then "say \("run \(.counter), label \(.label)" | @sh)" else empty end, "exit 0"]
  | join("\n");

# Pipelines that are still in GoCD, for bridge.sh. $sources as in bridge.json, upstream ones first; $histories[i] is what
# GoCD's API says of $sources[i], $states[i] what is recorded of it.
def gocd_run($p; $known):
  [.build_cause.material_revisions[]? | (.material.name | strings | ascii_downcase) as $name | (.modifications[0].revision | strings) as $rev
   | $p.materials[] | select((.name | ascii_downcase) == $name) | {material: ., rev: $rev}] as $used
  # A dependency's revision is `pipeline/counter/stage/stage counter`. One that has moved here counts by its stand-in in
  # GoCD: that number means nothing here.
  | [$used[] | select(.material | is_dependency) | .material as $m | select($known | has($m.slug)) | (.rev | split("/")) as $words
     | {material: $m, counter: ($words[1] | tonumber?), stageCounter: ($words[3] | tonumber?)}] as $ups
  | [$ups[] | . as $up | $known[$up.material.slug][] | select(.counter == $up.counter)] as $parents
  | {counter, label: (.label // "\(.counter)"),
     revisions: (([$parents[].revisions] | add // {}) + ([$used[] | select(.material | is_scm) | {(.material | identity): .rev}] | add // {})
       + ([$ups[] | {(.material | identity): "\(.counter)/\(.stageCounter)"}] | add // {})),
     edges: ([.counter as $counter | $ups[] | {("\($p.slug)@\($counter)>\(.material.slug)"): .counter}] + [$parents[].edges] | add // {}),
     passed: [.stages[]? | select(.result == "Passed") | {stage: .name, stageCounter: (.counter | tonumber? // 1)}]};

# {slug: [run, oldest first]}; what GoCD says now counts more than what was recorded.
def gocd_runs($sources; $histories; $states):
  reduce range(0; $sources | length) as $i ({};
    . as $known | $sources[$i] as $p
    | .[$p.slug] = ([$histories[$i].pipelines[] | select(.counter | type == "number") | gocd_run($p; $known)] + ($states[$i].runs // []) | unique_by(.counter)));

# Passes of the stages that count, that are not recorded yet, oldest first; some hundred at a time.
def gocd_passes($sources; $runs; $states):
  [range(0; $sources | length) as $i | $sources[$i] as $p | $p.stages[] as $stage
   | [$states[$i]["passed." + $stage.slug][]? | "\(.counter)/\(.stageCounter)"] as $recorded
   | $runs[$p.slug][] | . as $run | .passed[]? | select((.stage | ascii_downcase) == ($stage.name | ascii_downcase))
   | "\($run.counter)/\(.stageCounter)" as $number | select($number | IN($recorded[]) | not)
   | {key: "\($p.slug)/\($stage.slug)/\($number)", slug: $p.slug, stage: $stage.name, stageSlug: $stage.slug, stageCounter}
     + ($run | {counter, label: .label, revisions, edges})] | .[:200];

# The new state of a pipeline in GoCD. The counter goes on from there when the pipeline moves.
def gocd_news($news):
  . as $old
  | .runs = ([$news.runs[] | {counter, label: .label, revisions, edges}] | .[-50:])
  | if .runs == [] then . else .counter = ([.counter // 0, .runs[].counter] | max) end
  | reduce ($news.passes | to_entries[]) as $stage (.; ("passed." + $stage.key) as $key
      | .[$key] = ((.[$key] // []) + $stage.value | sort_by([.counter, .stageCounter]) | .[-50:]))
  | if . == $old then empty else . end;

# What starts a stand-in: Argo's counter and label, and the revisions that the run here was built from.
def stand_in_request($target; $history; $stage; $counter; $text):
  ([.["passed." + $stage][]? | select(.counter == $counter)][0].revisions // {}) as $revisions
  | [$history.pipelines[]? | .build_cause.material_revisions[]?.material | {key: (.name | ascii_downcase), value: .fingerprint}] | from_entries as $fingerprints
  | {environment_variables: [{name: "ARGO_COUNTER", value: "\($counter)", secure: false}, {name: "ARGO_LABEL", value: $text, secure: false}],
     materials: [$target.materials[] | {fingerprint: $fingerprints[.name | ascii_downcase], revision: $revisions[identity]} | select(.fingerprint and .revision)],
     update_materials_before_scheduling: true};
