# Shared by the scripts beside it; sourced, not run. Sets $top, the source tree, and goes there.
# shellcheck shell=bash
set -euo pipefail

top=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
# What packages.txt installs comes before whatever else a machine has under the same names.
export PATH="/usr/sbin:/usr/bin:/sbin:/bin:$PATH" LC_ALL=C.UTF-8
# A clone at another path finds what this one compiled.
export CCACHE_BASEDIR=$top CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=time_macros,include_file_mtime,include_file_ctime

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# Runs a command as root.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "root is needed to install packages: run this as root, or install sudo"
  fi
}

# packages_of SECTION...: the names in these sections of packages.txt.
packages_of() {
  local section
  for section in "$@"; do
    awk -v want="[$section]" '/^\[/ {on = $0 == want; next} on && NF && !/^#/ {print $1}' "$top/scripts/packages.txt"
  done
}

# install_packages SECTION...: installs what is missing. Without anything missing it needs neither root nor network.
install_packages() {
  local wanted missing
  wanted=$(packages_of "$@" | sort -u)
  # shellcheck disable=SC2086  # one name per word
  missing=$(comm -23 <(echo "$wanted") \
                     <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null |
                       awk '$1 == "installed" {print $2}' | sort -u))
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null || die "missing packages, and no apt-get to install them with:" $missing
  say "installing" $missing
  mkdir -p "$top/build" || die "$top cannot be written"
  as_root true
  quietly "$top/build/packages.log" as_root env DEBIAN_FRONTEND=noninteractive apt-get update
  # shellcheck disable=SC2086
  quietly "$top/build/packages.log" as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends $missing
}

# build PRESET TARGET... [-- CMAKE_OPTION...]: configures, then builds the targets (all, when none is named).
build() {
  local preset=$1 targets=() tree
  shift
  tree=$top/build/$preset
  while [ $# -gt 0 ] && [ "$1" != -- ]; do targets+=("$1"); shift; done
  [ $# -eq 0 ] || shift
  mkdir -p "$tree" 2>/dev/null && [ -w "$tree" ] ||
    die "$tree cannot be written: was it built by another user? Remove it, or give it to $(id -un)"
  # A tree that was moved keeps its old path in the cache.
  if [ -f "$tree/CMakeCache.txt" ] && ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$top" "$tree/CMakeCache.txt"; then
    rm -f "$tree/CMakeCache.txt"
  fi
  quietly "$tree/configure.log" cmake -S "$top" --preset "$preset" "$@"
  # On a terminal its progress is shown; that there was nothing to do is not worth a line.
  local quiet=--quiet
  [ ! -t 2 ] || quiet=
  # shellcheck disable=SC2086
  ninja -C "$tree" $quiet "${targets[@]}" 2>&1 | { grep -v "no work to do" >&2 || true; }
}

# quietly LOG COMMAND...: shows what a command prints only when it fails.
quietly() {
  local log=$1
  shift
  "$@" </dev/null >"$log" 2>&1 || { cat "$log" >&2; die "failed: $*"; }
}

cd "$top"
