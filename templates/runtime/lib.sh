# What a job's script sources first: `. /gocd-lib/lib.sh`. It gives the tasks of a GoCD job what a GoCD agent gave them.
# Needs in the job's image: sh, cat, chmod, cp, find, grep, mkdir, sed; mkfifo, tee, sleep and wc for console log and `silence`.
#
#   t1() { exec 'mvn' '-B' 'package'; }
#   t2() { gocd_script <<'END'
#   any text of a script task
#   END
#   }
#   silence 10                     # GoCD's `timeout`, in minutes
#   task passed app t1             # run_if, working directory, function
#   task any    .   t2 stop_it .   # … and what to do when the job is cancelled during this task, and where
#   publish build target '^target/[^/]*\.jar$' lib target/
#   finish
#
# Names beginning with gocd_ are the library's: a job's own environment variables must not be overwritten here.

gocd_workspace=${GOCD_WORKSPACE:-/workspace}
gocd_dir=${GOCD_DIR:-/gocd}
gocd_log=$gocd_dir/artifacts/cruise-output/console.log
gocd_status=passed # or failed, for good: a later success does not heal
gocd_child='' gocd_on_cancel='' gocd_cancel_dir=. gocd_watch='' gocd_tee=''

gocd_say() { printf '[gocd] %s\n' "$*"; }

# `cd -` would be another thing.
gocd_cd() { if [ "$1" = - ]; then cd ./-; else CDPATH='' cd -- "$1"; fi; }

# All output goes through `tee` into the artifact cruise-output/console.log as well, where GoCD kept it.
# tee ignores TERM: what the tasks say while they are being stopped must still be seen.
gocd_open_console() {
  command -v mkfifo >/dev/null && command -v tee >/dev/null && mkfifo "$gocd_dir/console" 2>/dev/null || return 0
  exec 8>&1
  (trap '' TERM INT HUP; exec tee -a "$gocd_log" <"$gocd_dir/console" >&8) &
  gocd_tee=$!
  exec >"$gocd_dir/console" 2>&1
}

# A daemon left behind by a task keeps the pipe open; it gets five seconds, then the job ends without it.
gocd_close_console() {
  [ -n "$gocd_tee" ] || return 0
  exec >&8 2>&8 8>&-
  (sleep 5; kill -KILL "$gocd_tee") >/dev/null 2>&1 &
  gocd_timer=$!
  wait "$gocd_tee" 2>/dev/null
  kill -KILL "$gocd_timer" 2>/dev/null
}

# The job is over: status for whoever looks into the pod, and the sign for the sidecars (serve.sh) to end.
gocd_leave() {
  trap '' TERM INT
  [ -z "$gocd_watch" ] || kill -KILL "$gocd_watch" 2>/dev/null
  printf '%s\n' "$gocd_status" >"$gocd_dir/status"
  : >"$gocd_dir/requests/done"
  gocd_close_console
}

# The job was told to stop (TERM from `argo stop`, or `silence`). GoCD: no further task runs, nothing is published; the running task is killed,
# or, if it has an on_cancel task, left to end by itself while that runs.
gocd_cancel() {
  trap '' TERM INT
  gocd_status=cancelled
  if [ -e "$gocd_dir/silent" ]; then gocd_say "no output for $(cat "$gocd_dir/silent") minutes: job cancelled"; else gocd_say 'job cancelled'; fi
  if [ -n "$gocd_on_cancel" ]; then
    (exec 8>&-; gocd_cd "$gocd_cancel_dir" && "$gocd_on_cancel") &
    wait "$!" || gocd_say "$gocd_on_cancel exited with $?"
    while gocd_runs; do sleep 1; done
  else
    kill -TERM 0 # the whole process group: tasks have children of their own
    gocd_left=${GOCD_KILL_AFTER:-20}
    while gocd_runs && [ "$gocd_left" -gt 0 ]; do sleep 1; gocd_left=$((gocd_left - 1)); done
  fi
  gocd_leave
  ! gocd_runs || kill -KILL 0
  exit 143
}

# Is there a task still? Not by `wait`: bash hangs in it when a signal has interrupted the one before.
gocd_runs() { [ -n "$gocd_child" ] && kill -0 "$gocd_child" 2>/dev/null; }

# The trap only takes note; TERM ends the `wait` of `task`, which then looks here.
gocd_term=''
gocd_heed() { [ -z "$gocd_term" ] || gocd_cancel; }

# task RUN_IF WORKDIR FUNCTION [ON_CANCEL_FUNCTION [ON_CANCEL_WORKDIR]]
# RUN_IF: passed, failed or any. Each task is a new process. It runs in the background because a shell handles
# signals at once in `wait`, but not while a command runs in the foreground.
task() {
  gocd_heed
  case $1:$gocd_status in
  passed:passed | failed:failed | any:*) ;;
  *) gocd_say "skip $3: run_if is $1, job has $gocd_status"; return 0 ;;
  esac
  gocd_on_cancel=${4:-} gocd_cancel_dir=${5:-.}
  (
    exec 8>&-
    # An ignored signal stays ignored in all children: this is how a task with on_cancel is left alone.
    [ -z "$gocd_on_cancel" ] || trap '' TERM INT
    gocd_cd "$2" || { gocd_say "$3: working directory $2 does not exist"; exit 1; }
    "$3"
  ) &
  gocd_child=$!
  wait "$gocd_child"
  gocd_rc=$?
  gocd_heed
  gocd_child='' gocd_on_cancel=''
  # needs-decision.sh was asked for, and the script went on: the task has failed all the same.
  if [ -e "$gocd_dir/undecided" ]; then rm -f "$gocd_dir/undecided"; [ "$gocd_rc" -ne 0 ] || gocd_rc=1; fi
  [ "$gocd_rc" -eq 0 ] || { gocd_say "$3 exited with $gocd_rc"; gocd_status=failed; }
  printf '%s\n' "$gocd_status" >"$gocd_dir/status"
  return 0
}

# gocd_script [SEPARATOR [SHELL]] <<'END': a script task. Runs by its #! line, else by /bin/SHELL, else by bash, else by sh;
# no -e; result of the last command. SEPARATOR (letters, digits, @ and _ only) is deleted from the text wherever it stands: it keeps apart what
# Argo ({{…}}) or Kubernetes ($$, $(NAME)) would replace.
gocd_script() {
  gocd_cd "$gocd_workspace" || return 1
  gocd_file=$gocd_dir/script.$$
  while [ -e "$gocd_file" ]; do gocd_file=$gocd_file.1; done
  if [ -n "${1:-}" ]; then LC_ALL=C sed "s/$1//g"; else cat; fi >"$gocd_file" && chmod 700 "$gocd_file" || return 1
  IFS= read -r gocd_first <"$gocd_file"
  case $gocd_first in
  '#!'*) exec "$gocd_file" ;;
  esac
  [ -z "${2:-}" ] || exec "/bin/$2" "$gocd_file"
  command -v bash >/dev/null && exec bash "$gocd_file"
  gocd_say 'no bash in this image: the script runs in sh'
  exec sh "$gocd_file"
}

# gocd_ant WORD…: `ant WORD…`, which GoCD also calls failed when it prints BUILD FAILED.
gocd_ant() {
  { ant "$@" 2>&1; printf '%s\n' "$?" >"$gocd_dir/ant.status"; } | tee "$gocd_dir/ant.log"
  read -r gocd_rc <"$gocd_dir/ant.status"
  [ "$gocd_rc" -ne 0 ] || ! grep -q 'BUILD FAILED' "$gocd_dir/ant.log" || gocd_rc=1
  return "$gocd_rc"
}

# publish build|test DIR ERE DEST STRIP: copies the paths below DIR whose whole path (from the working directory, no
# leading ./) matches the extended regular expression ERE to DEST in the job's artifacts, without the leading text STRIP.
#   Ant glob          DIR      ERE                                 STRIP
#   out/bin           out/bin  ^out/bin$                           out/      (a directory is copied with all it holds)
#   *.txt             .        ^[^/]*\.txt$
#   bin/**/*          bin      ^bin/([^/]+/)*[^/]*$                bin/
#   bin/**            bin      ^bin(/.*)?$                         bin/      (bin as a whole, and each directory in it once more)
#   target/**/*.xml   target   ^target/([^/]+/)*[^/]*\.xml$        target/
# Nothing matched: a build artifact fails the job, a test artifact does not. Names with a line feed are not supported.
publish() {
  gocd_heed
  gocd_from=./$2
  [ "$2" != . ] || gocd_from=.
  find -L "$gocd_from" 2>/dev/null | LC_ALL=C sed -e '/^\.$/d' -e 's|^\./||' | LC_ALL=C grep -E -- "$3" >"$gocd_dir/matched"
  if [ ! -s "$gocd_dir/matched" ]; then
    gocd_say "no file matches the $1 artifact $3"
    [ "$1" = test ] || gocd_status=failed
    return 0
  fi
  gocd_done=/ # the last directory copied as a whole: what lies in it need not be copied again
  while IFS= read -r gocd_path; do
    gocd_to=$gocd_dir/artifacts/${4:+${4%/}/}${gocd_path#"$5"}
    case $gocd_to in "$gocd_done"/*) continue ;; esac
    # A file right in a matched directory goes with that only, as in GoCD: it matters for `bin/**`, which matches bin too.
    case $gocd_path in
    */*) [ "$gocd_done" = / ] || [ -d "./$gocd_path" ] || ! LC_ALL=C grep -qxF -- "${gocd_path%/*}" "$gocd_dir/matched" || continue ;;
    esac
    # Links are followed: the store keeps none.
    if mkdir -p "${gocd_to%/*}" && cp -RL "./$gocd_path" "${gocd_to%/*}/"; then
      [ ! -d "./$gocd_path" ] || gocd_done=$gocd_to
    else
      gocd_say "cannot publish $gocd_path"
      gocd_status=failed
    fi
  done <"$gocd_dir/matched"
}

# fetch_dir SRC [DEST], fetch_file SRC [DEST]: a fetch task. SRC is the place below /gocd/fetch where Argo has put the
# artifact, <n>/<base name of GoCD's source>; it arrives as DEST/<base name>. An absent artifact fails the task.
fetch_dir() { gocd_fetch -d directory "$@"; }
fetch_file() { gocd_fetch -f file "$@"; }
gocd_fetch() {
  gocd_cd "$gocd_workspace" || return 1
  gocd_from=$gocd_dir/fetch/$3 gocd_to=${4:-.}
  [ "$1" "$gocd_from" ] || { gocd_say "there is no $2 ${3#*/} among the artifacts to fetch"; return 1; }
  mkdir -p "./$gocd_to" && cp -R "$gocd_from" "./$gocd_to/"
}

# silence MINUTES: cancels the job when nothing was printed for so long. Does nothing for 0.
silence() {
  [ "$1" -gt 0 ] || return 0
  [ -n "$gocd_tee" ] || { gocd_say 'no mkfifo or tee in this image: output is not watched'; return 0; }
  (
    gocd_quiet=0 gocd_size=''
    while [ "$gocd_quiet" -lt $(($1 * ${GOCD_MINUTE:-60})) ]; do
      sleep "${GOCD_SILENCE_POLL:-15}"
      gocd_now=$(wc -c <"$gocd_log")
      [ "$gocd_now" = "$gocd_size" ] || gocd_quiet=0
      gocd_size=$gocd_now gocd_quiet=$((gocd_quiet + ${GOCD_SILENCE_POLL:-15}))
    done
    printf '%s' "$1" >"$gocd_dir/silent"
    kill -TERM "$$"
  ) >/dev/null 2>&1 8>&- &
  gocd_watch=$!
}

# The end of a job's script: exit status 0 or 1, GoCD has no other.
finish() {
  gocd_say "job $gocd_status"
  gocd_heed
  gocd_leave
  [ "$gocd_status" = passed ]
  exit
}

mkdir -p "$gocd_dir/artifacts/cruise-output" "$gocd_dir/requests" && : >>"$gocd_log" && gocd_cd "$gocd_workspace" || exit 1
# Containers beside this one may have another user.
chmod 777 "$gocd_dir/requests" 2>/dev/null
# A user that the image does not know has no home.
[ -w "${HOME:-/nowhere}" ] || { mkdir -p "$gocd_dir/home" && export HOME="$gocd_dir/home"; }
trap 'gocd_term=1' TERM INT
gocd_open_console
