# Sourced by the scripts beside it: where the rig is, a folder $work, checks that are counted, and an end that leaves nothing behind.
# Skips where the rig is not built. $settings, when set, is sourced first: another rig than the default one.
set -uo pipefail
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$tests/../.." && pwd)
rig=${GOCD2ARGO_SHARED:-$root/../shared}/rig
[ -x "$rig/up.sh" ] || { echo "skipped: there is no $rig"; exit 0; }
[ -z "${settings:-}" ] || . "$settings"
# A rig with a state folder of its own has a bridge of its own: the kubelet that starts removes every network namespace that is named
# after its bridge, and those names are the machine's, also for a rig in a network of its own.
[ -z "${RIG_STATE:-}" ] || export RIG_BRIDGE="${RIG_BRIDGE-rig$(printf %s "${RIG_STATE%/}" | cksum | cut -c1-6)}"
. "$rig/env.sh"
[ -x "$RIG_BIN/workflow-controller" ] || { echo "skipped: the rig's programs are not built ($rig/build.sh)"; exit 0; }

work=$(mktemp -d) started='' processes='' agree=0 all=0
finish() { # stops the processes in $processes, and the rig if it was $started here
  for process in $processes; do kill "$process" 2>/dev/null; done
  [ -z "$started" ] || "$rig/down.sh" >/dev/null 2>&1
  rm -rf "$work"
}
trap finish EXIT

is_up() { kubectl get --raw=/readyz >/dev/null 2>&1; }
start() {
  started=yes
  "$tests/up" >"$work/up.log" 2>&1 || { cat "$work/up.log"; exit 1; }
}
stand_ins() { # jq's words: what becomes of the rig's own rules
  jq "$@" "$rig/rules.json" >"$work/rules" && cp "$work/rules" "$RIG_STATE/rules.json"
}
serve() { # folder of repositories. The program itself: of `git daemon` only the wrapper would be stopped
  "$(git --exec-path)/git-daemon" --base-path="$1" --export-all --reuseaddr --listen="$RIG_GATEWAY" >/dev/null 2>&1 &
  processes="$processes $!"
}
check() { # what expected found
  all=$((all + 1))
  if [ "$2" = "$3" ]; then agree=$((agree + 1)); echo "ok    $1"; else printf 'FAIL  %s\n  expected: %s\n  found:    %s\n' "$1" "$2" "$3"; fi
}
until_is() { # tries expected command…: waits until the command prints that; a second between two tries
  local left=$1 expected=$2
  shift 2
  while [ "$left" -gt 0 ] && [ "$("$@" 2>/dev/null)" != "$expected" ]; do sleep 1; left=$((left - 1)); done
}
ns=ci
k() { kubectl -n "$ns" "$@"; }
newest() { k get workflows -l "gocd2argo.io/pipeline=$1" --sort-by=.metadata.creationTimestamp -o 'jsonpath={.items[-1:].metadata.name}'; }
state() { k get configmap "gocd-state-$1" -o "jsonpath={.data.$2}"; }
log() { k logs "$(k get pods -o name | grep "/$1" | head -n 1)" -c main | grep -v 'argo=true'; }
