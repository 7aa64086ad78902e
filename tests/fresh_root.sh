#!/usr/bin/env bash
# tests/fresh_root.sh ROOT [COMMAND [ARGUMENT...]]: shows that the two commands work on a bare Debian 12, twice each:
# ROOT becomes a minimal bookworm (made by debootstrap, unless there is one), the committed source is copied into it,
# and the commands run there (scripts/run and scripts/test, or the one given with its arguments). Long; no part of the
# ordinary suite. Needs root.
#   MIRROR=URL          where Debian comes from (http://deb.debian.org/debian)
#   APT_OF_HOST=yes     use this machine's apt sources, apt settings and added certificate authorities in there
#   CACHES_OF_HOST=yes  and its caches: ccache, the servers' archives
# Everything is mounted in a namespace of its own: when this ends, however it ends, nothing stays mounted.
set -euo pipefail
if [ "${ACTA_IN_NAMESPACE:-}" != yes ]; then
  [ $# -ge 1 ] || { sed -n '2,5s/^# //p' "$0"; exit 2; }
  export ACTA_IN_NAMESPACE=yes
  exec unshare --mount --propagation private --pid --fork --kill-child "$0" "$@"
fi
root=$(realpath -m -- "$1")
shift
top=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)

if [ ! -x "$root/usr/bin/dpkg" ]; then
  debootstrap --variant=minbase bookworm "$root" "${MIRROR:-http://deb.debian.org/debian}"
fi
if [ "${APT_OF_HOST:-}" = yes ]; then
  rm -f "$root/etc/apt/sources.list"
  cp -r /etc/apt/sources.list.d /etc/apt/apt.conf.d "$root/etc/apt/"
  # ca-certificates takes them in when it is installed; where it is already, it is told below.
  mkdir -p "$root/usr/local/share/ca-certificates"
  cp -rT /usr/local/share/ca-certificates "$root/usr/local/share/ca-certificates"
fi
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
# debootstrap leaves it to Debian's installer, which writes these lines.
[ -e "$root/etc/hosts" ] ||
  printf '%s\n' "127.0.0.1 localhost" "::1 localhost ip6-localhost ip6-loopback" >"$root/etc/hosts"
# As a newcomer gets it, beside what an earlier call built.
mkdir -p "$root/srv/actabeat"
find "$root/srv/actabeat" -mindepth 1 -maxdepth 1 ! -name build ! -name out -exec rm -rf {} +
git -C "$top" archive HEAD | tar -x -C "$root/srv/actabeat"
# pivot_root wants a mount point; in a mere chroot the tests could not make user namespaces.
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/dev"
for device in null zero full random urandom tty; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
ln -s /proc/self/fd "$root/dev/fd"
mkdir "$root/dev/shm" "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
if [ "${CACHES_OF_HOST:-}" = yes ]; then
  for cache in .cache .m2; do
    mkdir -p "$HOME/$cache" "$root/root/$cache"
    mount --bind "$HOME/$cache" "$root/root/$cache"
  done
fi
mkdir -p "$root/host"
cd "$root"
pivot_root . host
umount -l /host

path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

inside() {
  local begun=$SECONDS
  echo "== $*"
  (cd / && env -i PATH="$path" HOME=/root CI=true "$@" </dev/null)
  echo "== $* took $((SECONDS - begun)) s"
}

twice() {
  inside "$@"
  inside "$@"
}

[ ! -x /usr/sbin/update-ca-certificates ] || PATH=$path update-ca-certificates >/dev/null
if [ $# -gt 0 ]; then
  twice "/srv/actabeat/scripts/$1" "${@:2}"
else
  twice /srv/actabeat/scripts/run
  twice /srv/actabeat/scripts/test
fi
