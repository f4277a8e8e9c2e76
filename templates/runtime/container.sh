#!/bin/sh
# container.sh VERB NAME …: stands where a script said `docker run` and the like; NAME is a container of this pod (serve.sh).
#   run NAME [OPTION…] -- WORD…    runs its image with the words: same output, errors and exit status
#   start NAME [OPTION…] -- WORD…  the same, in the background; prints NAME
#   exec NAME [OPTION…] -- WORD…   runs the words beside it
#   healthy NAME TRIES SECONDS -- WORD…  waits until the words succeed beside it; `ready` goes on in any case
#   done NAME                      waits until it has ended well
#   logs | stop | wait NAME        prints its output; ends it; waits for it and prints its status
# Options: -e NAME[=VALUE], --env-file FILE, -w DIRECTORY, --entrypoint PROGRAM, --user USER, -i; --image IMAGE (it is unpacked
# first); --forward PORT:PORT (the first one leads to the second); --same FOLDER PLACE (PLACE in the container must still
# be that folder of the workspace).
set -u
verb=$1 name=$2
lib=${GOCD_LIB:-/gocd-lib}
requests=${GOCD_DIR:-/gocd}/requests/$name
shift 2

fail() {
  printf '[gocd] %s: %s\n' "$name" "$*" >&2
  exit 125 # as docker's own failures
}

first() { printf '%s' "$1"; }

main() { # the request of the command in the background
  read -r number <"$requests/main" 2>/dev/null || fail 'is not running'
  request=$requests/$number
}

end_of() { # waits until it has ended; $status
  main
  until [ -e "$request/exit" ]; do sleep "${GOCD_POLL:-1}"; done
  read -r status <"$request/exit"
}

case $verb in
logs)
  main
  cat "$request/out"
  cat "$request/err" >&2
  exit
  ;;
stop)
  [ -e "$requests/main" ] || exit 0
  main
  : >"$request/cancel"
  end_of
  printf '%s\n' "$name"
  exit 0
  ;;
wait)
  end_of
  printf '%s\n' "$status"
  exit 0
  ;;
done)
  end_of
  exit "$status"
  ;;
healthy | ready)
  tries=$1 pause=$2
  shift 2
  while :; do
    sh "$lib/container.sh" exec "$name" "$@" >/dev/null 2>&1 && exit 0
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || { printf '[gocd] %s is not healthy\n' "$name" >&2; [ "$verb" = ready ]; exit; }
    sleep "$pause"
  done
  ;;
esac

. "$lib/quote.sh"

variable() { # NAME=VALUE, or NAME: its value, if it has one
  case $1 in
  *=*) quote -e "$1" ;;
  *) value=$(printenv "$1") && quote -e "$1=$value" ;;
  esac
}

flags=-c
while [ "$1" != -- ]; do
  option=$1
  shift
  case $option in
  -i) flags="$flags -i"; continue ;;
  -e) variable "$1" ;;
  --env-file)
    [ -r "$1" ] || fail "cannot read $1"
    while IFS= read -r line || [ -n "$line" ]; do
      case $line in '' | '#'*) ;; *) variable "$line" ;; esac
    done <"$1"
    ;;
  --same)
    number=$(ls -di "$1" 2>/dev/null) || fail "there is no $1 to mount"
    # shellcheck disable=SC2086 # the number is the first word
    quote --same "$(first $number)" "$2"
    shift
    ;;
  *) quote "$option" "$1" ;;
  esac
  shift
done
eval "set -- $quoted \"\$@\""
if [ "$verb" = start ]; then
  # shellcheck disable=SC2086 # words
  sh "$lib/run-in.sh" $flags -d "$name" "${GOCD_BIN:-/gocd/bin}/sh" "$lib/inside.sh" run "$name" "$@" || exit
  printf '%s\n' "$name"
  exit 0
fi
# shellcheck disable=SC2086 # words
exec sh "$lib/run-in.sh" $flags "$name" "${GOCD_BIN:-/gocd/bin}/sh" "$lib/inside.sh" "$verb" "$name" "$@"
