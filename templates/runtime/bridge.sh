#!/bin/sh
# Ties the pipelines here to those that are still in GoCD (gocd-bridge, every minute and at a poke; never two at a time).
#   bridge.sh look     which stages have passed in GoCD since the last time? In: CAUSE, JSON from a task in GoCD, not to be
#                      trusted: {pipeline, counter, stage} that is about to end. Out: $OUT/passes, $OUT/copies, JSON lists
#   bridge.sh copy     one artifact of GoCD's into $COPY_TO. In: LOCATOR pipeline/counter/stage/stage counter/job, SOURCE, IS_FILE
#   bridge.sh record   In: PASSES of `look`. Records and posts them, as stage-passed.sh does; then starts the stand-ins in GoCD
#                      of stages that have passed here
# In: /gocd-bridge/bridge.json; GOCD_TOKEN; GOCD_STAGES_URL and its TOKEN. Everything may be done twice, nothing is lost.
set -u
. "${GOCD_LIB:-/gocd-lib}/git-credentials.sh"
. "${GOCD_LIB:-/gocd-lib}/state.sh"
bridge=${GOCD_BRIDGE:-/gocd-bridge/bridge.json}
out=${OUT:-/tmp/out}
status=0

server=$(query -r .server "$bridge") || fail 'bridge.json cannot be read'
(umask 077 && printf 'Authorization: Bearer %s\n' "${GOCD_TOKEN:-}" >"$private/gocd-header") # not in the list of processes

# call FILE PATH [CURL OPTION…]: the answer's body; prints its HTTP status, 000 when there was none.
call() {
  call_file=$1 call_url=$server$2
  shift 2
  curl -sS -m 60 -o "$call_file" -w '%{http_code}' -H "@$private/gocd-header" "$@" -- "$call_url" 2>"$private/curl" || :
}
say_answer() { # what, HTTP status, file
  say "$1: GoCD says $2 $(query -r '.message? // empty' "$3" 2>/dev/null | head -c 300)$(head -c 300 "$private/curl")" >&2
}

# history N SLUG PIPELINE
history() {
  code=$(call "$private/history-$1" "/api/pipelines/$3/history" -H 'Accept: application/vnd.go.cd.v1+json')
  if [ "$code" != 200 ] || ! query -e '.pipelines | type == "array"' "$private/history-$1" >/dev/null 2>&1; then
    say_answer "the runs of $3 cannot be read" "$code" "$private/history-$1"
    status=1
    printf '{"pipelines":[],"unread":true}' >"$private/history-$1"
  fi
  read_state "$2" "$private/state-$1" || fail "the state of $2 cannot be read"
  cat "$private/history-$1" >>"$private/histories"
  query 'include "gocd"; state_data' "$private/state-$1" >>"$private/states" || exit 1
}
histories() {
  : >"$private/histories" >"$private/states"
  query -r '.fromGocd | to_entries[] | ["history", "\(.key)", .value.slug, .value.pipeline] | map(@sh) | join(" ")' "$bridge" >"$private/calls" || exit 1
  . "$private/calls"
}
# Input of what follows: $sources, $runs, $states.
in_gocd() { # FILTER [JQ OPTION…]
  in_gocd_filter=$1
  shift
  query -n "$@" --slurpfile bridge "$bridge" --slurpfile histories "$private/histories" --slurpfile states "$private/states" \
    'include "gocd"; $bridge[0].fromGocd as $sources | gocd_runs($sources; $histories; $states) as $runs
    | gocd_passes($sources; $runs; $states) as $passes | '"$in_gocd_filter"
}

# A task in GoCD says that its stage is about to end: wait for that, two minutes at most.
await_stage() {
  query -rn --arg cause "${CAUSE:-}" --slurpfile bridge "$bridge" '($cause | fromjson? | objects) // {} | . as $asked
    | $bridge[0].fromGocd[] | select(.pipeline == $asked.pipeline) | select(any(.stages[]; .name == $asked.stage))
    | ["await", .pipeline, "\($asked.counter | tonumber? // empty)", $asked.stage] | map(@sh) | join(" ")' >"$private/await" || exit 1
  . "$private/await"
}
await() { # pipeline counter stage
  tries=24
  while [ "$tries" -gt 0 ]; do
    code=$(call "$private/run" "/api/pipelines/$1/$2" -H 'Accept: application/vnd.go.cd.v1+json')
    [ "$code" = 200 ] || return 0
    query -e --arg stage "$3" 'any(.stages[]?; .name == $stage and (.result // "Unknown") == "Unknown")' "$private/run" >/dev/null || return 0
    sleep $((5 * ${GOCD_POLL_SECONDS:-1}))
    tries=$((tries - 1))
  done
}

look() {
  mkdir -p "$out" && await_stage && histories || exit 1
  in_gocd '[$passes[] | .key]' -c >"$out/passes" || exit 1
  in_gocd '[$passes[] | . as $pass | $sources[] | select(.slug == $pass.slug) | . as $p | .artifacts[]
    | select((.stage | ascii_downcase) == ($pass.stage | ascii_downcase))
    | {locator: "\($p.pipeline)/\($pass.counter)/\(.stage)/\($pass.stageCounter)/\(.job)", source, file: "\(.isFile)"}] | unique' -c >"$out/copies" || exit 1
  say "new in GoCD: $(query -r 'join(" ")' "$out/passes"); artifacts to copy: $(query length "$out/copies")"
  # What could not be read is told by `record`, which looks again.
  exit 0
}

copy() {
  to=${COPY_TO:-/tmp/copy/artifact}
  mkdir -p "$(dirname "$to")" || exit 1
  ending=.zip
  [ "$IS_FILE" != true ] || ending=
  path=$(query -rn --arg path "$LOCATOR/$SOURCE" '$path | split("/") | map(@uri) | join("/")') || exit 1
  tries=60
  while :; do
    code=$(call "$private/artifact" "/files/$path$ending")
    case $code in
    200) break ;;
    202) ;; # the server is still packing
    404) say "$LOCATOR/$SOURCE: GoCD does not have it (any more)"; exit 0 ;; # then the fetch fails, as in GoCD
    *) say_answer "$LOCATOR/$SOURCE" "$code" "$private/artifact"; exit 1 ;;
    esac
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || fail "$LOCATOR/$SOURCE: GoCD did not pack it in time"
    sleep $((2 * ${GOCD_POLL_SECONDS:-1}))
  done
  if [ "$IS_FILE" = true ]; then mv "$private/artifact" "$to"; else unpack; fi || fail "$LOCATOR/$SOURCE cannot be stored"
  say "copied $LOCATOR/$SOURCE"
}
# GoCD packs a folder with its own name.
unpack() {
  mkdir "$private/unpacked" && unzip -q "$private/artifact" -d "$private/unpacked" || return
  base=${SOURCE##*/}
  [ -n "$base" ] || base=${LOCATOR##*/}
  if [ -d "$private/unpacked/$base" ]; then mv "$private/unpacked/$base" "$to"; else mv "$private/unpacked" "$to"; fi
}

# What had passed before the first look is known afterwards, but starts nothing: the day of the move must not deploy everything.
record() {
  histories
  in_gocd '($wanted | fromjson) as $wanted | [$passes[] | select(.key | IN($wanted[]))] as $passes
    | range(0; $sources | length) as $i | select($histories[$i].unread | not) | $sources[$i] as $p | ([$passes[] | select(.slug == $p.slug)] | group_by(.stageSlug)) as $new
    | {slug: $p.slug, pipeline: $p.pipeline, runs: $runs[$p.slug], passes: ($new | map({key: .[0].stageSlug, value: map({counter, label: .label, stageCounter, revisions, edges})}) | from_entries),
       messages: [$new[] | select($states[$i]["passed." + .[0].stageSlug])[] | {pipeline: $p.pipeline, counter, label: .label, stage, stageCounter}]}' -c --arg wanted "${PASSES:-[]}" >"$private/news" || exit 1
  number=0
  while IFS= read -r news; do
    number=$((number + 1))
    printf '%s\n' "$news" >"$private/news-$number"
    slug=$(query -r .slug "$private/news-$number")
    update_state "$slug" 'gocd_news($news[0])' --slurpfile news "$private/news-$number" || fail "what GoCD says about $slug cannot be recorded"
    query -c '.messages[]' "$private/news-$number" >"$private/messages"
    while IFS= read -r message; do
      printf '%s\n' "$message" >"$private/message"
      say "passed in GoCD: $(query -r '"\(.pipeline)/\(.counter)/\(.stage)/\(.stageCounter)"' "$private/message")"
      tell_stages "$private/message"
    done <"$private/messages"
  done <"$private/news"
  query -r '.toGocd[] | ["stand_in", .slug, .pipeline] | map(@sh) | join(" ")' "$bridge" >"$private/calls" || exit 1
  . "$private/calls"
  # Never silent: some stores refuse an empty log.
  say "looked at $(query '.fromGocd | length' "$bridge") pipelines in GoCD and $(query '.toGocd | length' "$bridge") stand-ins"
  exit "$status"
}

# stand_in SLUG PIPELINE: every pass that GoCD has not been told, the oldest first.
stand_in() {
  read_state "$1" "$private/state" || fail "the state of $1 cannot be read"
  query -r --arg slug "$1" --slurpfile bridge "$bridge" 'include "gocd"; state_data as $data
    | $bridge[0].toGocd[] | select(.slug == $slug) | .stages | to_entries[] | .value as $stage | .key as $number
    | ($data["passed." + $stage.slug] // []) as $passes | $data["told." + $stage.slug] as $told
    | if $told == null then ["told", $slug, $stage.slug, "\([$passes[].counter, 0] | max)"]
      else $passes[] | select(.counter > $told) | ["start", $slug, $stage.slug, "\(.counter)", .label, $stage.name, (if $number == 0 then "run" else "stage" end)] end
    | map(@sh) | join(" ")' "$private/state" >"$private/starts" || exit 1
  [ -s "$private/starts" ] || return 0
  pipeline_name=$2 stopped=
  code=$(call "$private/stand-in" "/api/pipelines/$2/history" -H 'Accept: application/vnd.go.cd.v1+json')
  if [ "$code" != 200 ]; then say_answer "the stand-in $2 cannot be read" "$code" "$private/stand-in"; status=1; return 0; fi
  cp "$private/state" "$private/here"
  . "$private/starts"
}
told() { # slug stage counter
  update_state "$1" '.["told." + $stage] = $counter' --arg stage "$2" --argjson counter "$3" || fail "the state of $1 cannot be written"
}
start() { # slug stage counter label name kind
  [ -z "$stopped" ] || return 0
  if [ "$6" = run ]; then
    query -c --arg slug "$1" --arg stage "$2" --argjson counter "$3" --arg text "$4" --slurpfile bridge "$bridge" --slurpfile history "$private/stand-in" \
      'include "gocd"; state_data | stand_in_request($bridge[0].toGocd[] | select(.slug == $slug); $history[0]; $stage; $counter; $text)' \
      "$private/here" >"$private/request" || exit 1
    code=$(call "$private/answer" "/api/pipelines/$pipeline_name/schedule" -H 'Accept: application/vnd.go.cd.v1+json' \
      -H 'Content-Type: application/json' --data-binary "@$private/request")
  else
    # The stand-in's run of the same label; its first stage may not have been started yet.
    number=$(query -r --arg text "$4" 'first(.pipelines[]? | select(.label == $text) | .counter) // empty' "$private/stand-in")
    [ -n "$number" ] || { say "$pipeline_name: no run with label $4 in GoCD yet; tries again"; stopped=1; return 0; }
    code=$(call "$private/answer" "/api/stages/$pipeline_name/$number/$5/run" -X POST -H 'Accept: application/vnd.go.cd.v2+json' -H 'X-GoCD-Confirm: true')
  fi
  case $code in
  2*) say "started in GoCD: $pipeline_name, stage $5, for run $3"; told "$1" "$2" "$3" ;;
  409) say "$pipeline_name is busy in GoCD; tries again"; stopped=1 ;;
  *) say_answer "$pipeline_name cannot be started" "$code" "$private/answer"; stopped=1 status=1 ;;
  esac
}

case ${1:-} in
look | copy | record) "$1" ;;
*) fail 'look, copy or record?' ;;
esac
