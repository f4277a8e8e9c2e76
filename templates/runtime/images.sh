#!/busybox/sh
# Init container of a job that runs images: images.sh [NAME=IMAGE…]. Puts a static shell and a few tools into /gocd/bin, so that
# the images need none, and looks up the entrypoint of each IMAGE for the container NAME. What cannot be looked up fails when
# it is asked for, not here.
set -u
bin=${GOCD_BIN:-/gocd/bin} dir=${GOCD_DIR:-/gocd}
mkdir -p "$bin" || exit 1
mkdir -p -m 777 "$dir/images" "$dir/requests" "$dir/volumes" || exit 1
chmod 777 "$dir/images" "$dir/requests" "$dir/volumes"
cp "${GOCD_BUSYBOX:-/busybox/sh}" "$bin/busybox" && cp "${GOCD_CRANE:-/ko-app/crane}" "$bin/crane" || exit 1
for tool in awk cat chmod cp env ls mkdir mv nc rm setuidgid sh sleep tar tcpsvd; do
  ln -sf busybox "$bin/$tool" || exit 1
done
for pair in "$@"; do
  name=${pair%%=*} image=${pair#*=}
  mkdir -p -m 777 "$dir/requests/$name" && chmod 777 "$dir/requests/$name" || exit 1
  [ -n "$image" ] || continue
  "$bin/crane" config "$image" >"$dir/images/$name.json" || {
    printf '[gocd] %s: the entrypoint of %s cannot be read from its registry\n' "$name" "$image" >&2
    rm -f "$dir/images/$name.json"
  }
done
exit 0
