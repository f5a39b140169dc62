# What the scripts share. Sourced by bash, with `set -euo pipefail` on.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
venv=$root/.venv
tools=$root/build/tools

# A heading on the terminal.
say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# Runs a command as root: directly, or by sudo for everybody else.
as_root() {
  if [[ $(id -u) == 0 ]]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "not root and no sudo; please run as root: $*"
  fi
}

# Waits until the command succeeds, at most SECONDS: wait_for SECONDS COMMAND...
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    sleep 0.05
  done
}

# configure PRESET: what is set here holds for a folder that nobody has configured
# yet; those of developers stay as they are.
first_configuration=()
in_one_pass() { first_configuration=(-DHOLYSHEEP_UNITY=ON); }
configure() {
  local directory=build-$1 first=()
  [[ $1 != release ]] || directory=build
  [[ -e $root/$directory/CMakeCache.txt ]] || first=("${first_configuration[@]}")
  (cd "$root" && cmake --preset "$1" "${first[@]}")
}

# Configures and builds a preset: build PRESET [TARGET...]
build() {
  local preset=$1
  shift
  configure "$preset"
  (
    cd "$root"
    cmake --build --preset "$preset" -j "$(nproc)" ${1:+--target "$@"}
  )
}
