# /busybox/sh /gocd-lib/serve.sh NAME: the sidecar's end of run-in.sh. Runs the requests for NAME one after another, those
# with `detached` beside the others, until
# /gocd/requests/done exists or TERM comes.
# Kaniko replaces the files of this container while it builds. So only shell built-ins, /busybox, /kaniko and mounted
# volumes are used, and the shell reads the whole text (one function) before it runs any of it.

beat() { # a number that changes
  beats=$((beats + 1))
  echo "$beats" >"$dir/alive.part" && mv "$dir/alive.part" "$dir/alive"
}

leave() { # tells what still runs beside the others to end
  for request in "$dir"/*/detached; do
    [ ! -e "$request" ] || : >"${request%detached}cancel"
  done
}

stop() {
  trap '' TERM INT
  leave
  [ -z "$child" ] || kill "$child" 2>/dev/null
  [ -z "$watch" ] || kill -KILL "$watch" 2>/dev/null
  exit 143
}

# Where credentials are in reach: this program and no other, whatever was asked.
only() { # request directory
  word=
  while read -r line; do case $line in *" 'revert'") word=revert ;; esac done <"$1/running"
  exec sh "$GOCD_SERVE_ONLY" $word
}

run() { # request directory
  if [ -e "$1/in" ]; then exec <"$1/in"; else exec </dev/null; fi
  if [ -e "$1/err" ]; then exec 2>>"$1/err"; else exec 2>>"$1/out"; fi
  exec >>"$1/out"
  [ -z "${GOCD_SERVE_ONLY:-}" ] || only "$1"
  # The file's `exec` replaces this subshell: the words become the command, nothing in between.
  . "$1/running"
}

watch() { # request directory, process
  asked=0
  while :; do
    [ -e "$1/detached" ] || beat
    if [ -e "$1/cancel" ]; then
      if [ "$asked" -lt 10 ]; then kill "$2"; else kill -KILL "$2"; fi
      asked=$((asked + 1))
    fi
    sleep "$poll"
  done
}

begin() { # request directory: a command that runs while others do
  mv "$1/run" "$1/running" || return
  (
    trap - TERM INT
    (run "$1") &
    child=$!
    (watch "$1" "$child") >/dev/null 2>&1 &
    watch=$!
    wait "$child"
    echo "$?" >"$1/exit.part"
    mv "$1/exit.part" "$1/exit"
    kill -KILL "$watch" 2>/dev/null
  ) &
}

answer() { # request directory
  [ ! -e "$1/detached" ] || { begin "$1"; return; }
  mv "$1/run" "$1/running" || return
  (run "$1") &
  child=$!
  (watch "$1" "$child") >/dev/null 2>&1 &
  watch=$!
  wait "$child"
  status=$?
  child=
  kill -KILL "$watch" 2>/dev/null # TERM is lost on a subshell that has only just begun
  wait "$watch" 2>/dev/null
  watch=
  beats=$((beats + 1000000)) # beyond what the subshell has counted
  echo "$status" >"$1/exit.part"
  mv "$1/exit.part" "$1/exit"
}

serve() {
  export GOCD_IMAGE_PATH="${PATH:-}"
  PATH=${GOCD_SERVE_PATH:-/busybox:/kaniko:/ko-app}
  root=${GOCD_DIR:-/gocd}/requests
  dir=$root/$1
  poll=${GOCD_POLL:-1} beats=0 child='' watch=''
  trap stop TERM INT
  until mkdir -p "$dir" 2>/dev/null; do sleep "$poll"; done # the job's container makes the folder for others to write
  chmod 777 "$dir" 2>/dev/null
  while :; do
    beat
    n=1 # in the order of their numbers
    while [ -d "$dir/$n" ]; do
      [ ! -e "$dir/$n/run" ] || answer "$dir/$n"
      n=$((n + 1))
    done
    [ ! -e "$root/done" ] || { leave; exit 0; }
    sleep "$poll"
  done
}

serve "$1"
