# /busybox/sh /gocd-lib/serve.sh NAME: the sidecar's end of run-in.sh. Runs the requests for NAME one after another until
# /gocd/requests/done exists or TERM comes.
# Kaniko replaces the files of this container while it builds. So only shell built-ins, /busybox, /kaniko and mounted
# volumes are used, and the shell reads the whole text (one function) before it runs any of it.

beat() { # a number that changes
  beats=$((beats + 1))
  echo "$beats" >"$dir/alive.part" && mv "$dir/alive.part" "$dir/alive"
}

stop() {
  trap '' TERM INT
  [ -z "$child" ] || kill "$child" 2>/dev/null
  [ -z "$watch" ] || kill -KILL "$watch" 2>/dev/null
  exit 143
}

answer() { # request directory
  mv "$1/run" "$1/running" || return
  # In a subshell the file's `exec` replaces that subshell: the words become the command, nothing in between.
  if [ -z "${GOCD_SERVE_ONLY:-}" ]; then
    (. "$1/running") >>"$1/out" 2>&1 </dev/null &
  else # where credentials are in reach: this program and no other, whatever was asked
    word=
    while read -r line; do case $line in *" 'revert'") word=revert ;; esac done <"$1/running"
    (exec sh "$GOCD_SERVE_ONLY" $word) >>"$1/out" 2>&1 </dev/null &
  fi
  child=$!
  (while :; do
    beat
    [ ! -e "$1/cancel" ] || kill "$child"
    sleep "$poll"
  done) >/dev/null 2>&1 &
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
  PATH=${GOCD_SERVE_PATH:-/busybox:/kaniko:/ko-app}
  root=${GOCD_DIR:-/gocd}/requests
  dir=$root/$1
  poll=${GOCD_POLL:-1} beats=0 child='' watch=''
  trap stop TERM INT
  mkdir -p "$dir" || exit 1
  while :; do
    beat
    n=1 # in the order of their numbers
    while [ -d "$dir/$n" ]; do
      [ ! -e "$dir/$n/run" ] || answer "$dir/$n"
      n=$((n + 1))
    done
    [ ! -e "$root/done" ] || exit 0
    sleep "$poll"
  done
}

serve "$1"
