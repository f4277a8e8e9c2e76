#!/bin/sh
# run-in.sh [-c] [-i] [-d] SIDECAR WORD…: runs a command in a sidecar container of this pod (serve.sh) as if it ran here:
# same words, same directory (/workspace and /gocd are shared), its output, its exit status. Stands where a script said
# `docker build`. For container.sh: -c in the container's own directory, output and errors apart; -i with what comes on
# standard input (read to its end first); -d returns when the command has begun.
# A request is a directory /gocd/requests/SIDECAR/<n>:
#   run      a small sh file, complete as soon as it has this name; `running` when it is
#   out      the output; err: the errors, when apart; in: the input, if any; detached: others run meanwhile
#   exit     the status, complete as soon as it has this name
#   cancel   made here on TERM
# What Kaniko or BuildKit has pushed is noted for deliver.sh, of this job or a later one: artifacts cruise-output/images/, REFERENCE@DIGEST.
set -u
export LC_ALL=C # words are bytes
apart='' input='' detached=''
while :; do
  case $1 in
  -c) apart=1 ;;
  -i) input=1 ;;
  -d) detached=1 ;;
  *) break ;;
  esac
  shift
done
dir=${GOCD_DIR:-/gocd}/requests/$1
sidecar=$1
timeout=${GOCD_SERVE_TIMEOUT:-600} # seconds without a sign of life from the sidecar
shift

. "${GOCD_LIB:-/gocd-lib}/quote.sh"

# Registries that have another name in this cluster: lines `FROM TO`, from the overlay `minio`. Both programs then speak
# plain HTTP to them.
registries=${GOCD_REGISTRIES:-/gocd-lib/registries}
rename() { # word → $renamed
  renamed=$1
  [ -e "$registries" ] || return 0
  while read -r from to; do
    [ "$from" != "$to" ] || continue
    case $renamed in
    "$from"/*) renamed=$to${renamed#"$from"} ;;
    --output=*[=,]"$from"/*) # one or more names
      while :; do
        case $renamed in
        *="$from"/*) option=${renamed%%"=$from/"*}= ;;
        *,"$from"/*) option=${renamed%%",$from/"*}, ;;
        *) break ;;
        esac
        renamed=$option$to${renamed#"$option$from"}
      done
      renamed=${renamed%,registry.insecure=true},registry.insecure=true
      ;;
    -*="$from"/*)
      option=${renamed%%"=$from/"*}
      renamed=$option=$to${renamed#"$option=$from"}
      ;;
    esac
  done <"$registries"
}

mkdir -p "$dir" || exit 1
chmod 777 "$dir" 2>/dev/null # the sidecar may have another user
n=1
until mkdir -m 777 "$dir/$n" 2>/dev/null; do
  [ -d "$dir/$n" ] || { printf '[gocd] cannot write to %s\n' "$dir" >&2; exit 1; }
  n=$((n + 1))
done
request=$dir/$n

for word in "$@"; do
  rename "$word"
  quote "$renamed"
done
if [ -e "$registries" ]; then
  while read -r from to; do
    case ${1##*/} in
    executor) for word in "--insecure-registry=$to" "--registry-map=$from=$to"; do quote "$word"; done ;;
    crane) quote --insecure ;;
    esac
  done <"$registries"
fi
command=$quoted quoted=
quote "$PWD"
[ -z "$apart" ] || quoted=" ."
printf 'cd --%s || exit 1\nexec%s\n' "$quoted" "$command" >"$request/run.part" || exit 1
: >"$request/out"
chmod 666 "$request/out"
exec 4<"$request/out"
[ -z "$apart" ] || { : >"$request/err" && chmod 666 "$request/err"; }
[ -z "$input" ] || cat >"$request/in"
[ -z "$detached" ] || { : >"$request/detached" && echo "$n" >"$dir/main"; }
trap ': >"$request/cancel"; exit 143' TERM INT
mv "$request/run.part" "$request/run"

# The sidecar rewrites `alive` with another number every second or so, also while a command runs.
silent=0 beat=
if [ -n "$apart" ]; then exec 5<"$request/err"; else exec 5</dev/null; fi
show() {
  cat <&4
  cat <&5 >&2
}
until [ -e "$request/exit" ]; do
  [ -z "$detached" ] || [ ! -e "$request/running" ] || exit 0
  show # what came since the last time: the descriptors keep their place
  now=
  [ ! -e "$dir/alive" ] || read -r now <"$dir/alive" || :
  if [ -n "$now" ] && [ "$now" != "$beat" ]; then silent=0 beat=$now; else silent=$((silent + 1)); fi
  if [ "$silent" -gt "$timeout" ]; then
    printf '[gocd] no sign of life from the sidecar container %s for %s seconds: not started, or killed?\n' "$sidecar" "$timeout" >&2
    exit 1
  fi
  sleep "${GOCD_POLL:-1}"
done
[ -z "$detached" ] || exit 0
show
read -r status <"$request/exit"

# BuildKit's metadata → $digest. The job's image may have neither jq nor sed.
metadata() { # file
  while read -r line || [ -n "$line" ]; do
    case $line in
    *'"containerimage.digest"'*)
      line=${line#*'"containerimage.digest"'}
      line=${line#*\"}
      digest=${line%%\"*}
      ;;
    esac
  done <"$1"
}

# What BuildKit has pushed, in the files that Kaniko would have written: NAME.sha256 and NAME.digest.
pushed() { # metadata file, image names
  digest='' file=${1%.metadata}
  [ ! -s "$1" ] || metadata "$1"
  [ -n "$digest" ] || return
  printf '%s' "$digest" >"$file.sha256"
  names=$2,
  while [ -n "$names" ]; do
    name=${names%%,*} names=${names#*,}
    printf '%s@%s\n' "$name" "$digest" >&3
    last=${name##*/}
    printf '%s@%s\n' "${name%"$last"}${last%%:*}" "$digest" >&4
  done 3>"$images/$sidecar-$n" 4>"$file.digest"
}

note() { # the request's words
  images=${GOCD_DIR:-/gocd}/artifacts/cruise-output/images digest='' names=''
  for word in "$@"; do
    case $word in
    --no-push) return ;;
    --output=type=image,*name=*,push=true*)
      rename "$word"
      names=${renamed#*name=}
      names=${names%%[\",]push=true*}
      names=${names%\"}
      ;;
    --metadata-file=*)
      [ -z "$names" ] || { mkdir -p "$images" && pushed "${word#*=}" "$names"; }
      return
      ;;
    --digest-file=*) [ ! -s "${word#*=}" ] || { read -r digest || :; } <"${word#*=}" ;;
    esac
  done
  [ -n "$digest" ] && mkdir -p "$images" || return
  for word in "$@"; do
    case $word in --destination=*) rename "${word#*=}" && printf '%s@%s\n' "$renamed" "$digest" ;; esac
  done >"$images/$sidecar-$n"
}
[ "$status" != 0 ] || note "$@"
exit "$status"
