# /gocd/bin/sh /gocd-lib/inside.sh run|exec NAME [OPTION…] -- WORD…: the container's end of container.sh. Becomes the image's
# entrypoint, or the words. Nothing of the image is used before: it may have no shell.
set -u
bin=${GOCD_BIN:-/gocd/bin}
lib=${GOCD_LIB:-/gocd-lib}
verb=$1 name=$2
images=${GOCD_DIR:-/gocd}/images
config=$images/$name.json
path=${GOCD_IMAGE_PATH:-} workdir='' entrypoint='' user='' image=''
shift 2

first() { printf '%s' "${1:-}"; }

fail() {
  printf '[gocd] %s: %s\n' "$name" "$*" >&2
  exit 125
}

setting() { awk -v key="$1" -f "$lib/image-config.awk" "$config"; } # as quoted words

# Puts the image's files over this container's own, as Kaniko does with base images. What is mounted is never touched.
unpack() {
  done=$images/$name.done
  if [ -e "$done" ]; then
    read -r there <"$done"
    [ "$there" = "$image" ] || fail "holds $there already, so it cannot run $image"
    return
  fi
  root=${GOCD_ROOT:-/}
  points=$(awk '{ print $5 }' "${GOCD_MOUNTS:-/proc/self/mountinfo}") && [ -n "$points" ] || fail 'its mounts cannot be read'
  crane config "$image" >"$config" && crane export "$image" "$images/$name.tar" || fail "$image cannot be pulled"
  for folder in bin sbin lib lib32 lib64 libx32 usr home root opt srv media mnt; do
    mounted=
    for point in $points; do
      case $point/ in "/$folder/"*) mounted=1 ;; esac
    done
    [ -n "$mounted" ] || rm -rf "${root:?}/$folder"
  done
  set -- --exclude proc --exclude sys --exclude dev --exclude var/run --exclude etc/mtab
  for point in $points; do
    [ "$point" = / ] || set -- "$@" --exclude "${point#/}"
  done
  tar -x -f "$images/$name.tar" -C "$root" "$@" || fail "$image cannot be unpacked"
  rm -f "$images/$name.tar"
  printf '%s\n' "$image" >"$done"
}

. "$lib/quote.sh"

while [ "$1" != -- ]; do
  option=$1
  shift
  case $option in
  -e) quote "$1" ;;
  -w) workdir=$1 ;;
  --entrypoint) entrypoint=$1 ;;
  --user) user=$1 ;;
  --image) image=$1 ;;
  --forward) tcpsvd 0.0.0.0 "${1%:*}" nc 127.0.0.1 "${1#*:}" >/dev/null 2>&1 & ;;
  --same)
    # shellcheck disable=SC2046 # the number is the first word
    [ "$(first $(ls -di "$2" 2>/dev/null))" = "$1" ] ||
      fail "the folder at $2 was replaced after the pod had started; empty it instead of removing it"
    shift
    ;;
  esac
  shift
done
shift
variables=$quoted
if [ -n "$image" ]; then
  unpack
  variables="$(setting Env)$variables" # the later one wins
  path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
  known=$(setting WorkingDir)
  [ -n "$workdir" ] || eval "workdir=${known# }"
  known=$(setting User)
  [ -n "$user" ] || eval "user=${known# }"
fi
front=
if [ "$verb" = run ] && [ -n "$entrypoint" ]; then
  quoted=
  quote "$entrypoint"
  front=$quoted
elif [ "$verb" = run ]; then
  [ -s "$config" ] || fail 'the entrypoint of its image could not be read from the registry; name it with --entrypoint'
  front=$(setting Entrypoint)
  [ "$#" -gt 0 ] || front="$front$(setting Cmd)"
fi
eval "set -- $variables $front \"\$@\""
[ -z "$workdir" ] || { mkdir -p "$workdir" && cd "$workdir"; } || exit 126
case $user in '' | 0 | root | 0:0) ;; *) set -- "$bin/setuidgid" "$user" "$bin/env" "$@" ;; esac
exec "$bin/env" PATH="$path" "$@"
