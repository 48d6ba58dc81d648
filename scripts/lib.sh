# Sourced by demo.sh, test.sh and .ci/run: messages, Debian packages, configuring and building.
# shellcheck shell=bash
#
# CHARGEWARDEN_NO_INSTALL=1 leaves the system as it is (packages are then somebody else's work).
# CHARGEWARDEN_JOBS=N sets the number of compilers at a time.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# What the program needs to be built, by what it is for.
packages_build=(
  build-essential g++ cmake ninja-build pkg-config ccache
  libpcap-dev libssl-dev libre2-dev libzmq3-dev cppzmq-dev libsqlite3-dev libsimdjson-dev
  libyaml-cpp-dev libcli11-dev libfmt-dev zlib1g-dev libzstd-dev
  nlohmann-json3-dev ca-certificates)
packages_test=(
  catch2 libbenchmark-dev python3 python3-jsonschema python3-yaml python3-zmq
  zstd gzip sqlite3 openssl)
packages_ci=(
  clang clang-format clang-tidy libclang-rt-14-dev lld)

say() {
  if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    printf '\n\033[1m==> %s\033[0m\n' "$*"
  else
    printf '\n==> %s\n' "$*"
  fi
}

fail() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 2
}

# ensure_packages WHY PACKAGE...: installs those that are missing, and only those.
ensure_packages() {
  local why=$1
  shift
  [ "${CHARGEWARDEN_NO_INSTALL:-0}" = 1 ] && return 0
  command -v dpkg-query >/dev/null ||
    fail "there is no dpkg here to install Debian 12 packages with; install the equivalents of" \
      "$* and set CHARGEWARDEN_NO_INSTALL=1"
  local installed missing=() package
  # dpkg-query fails when it has never heard of one of them, and lists the others all the same.
  installed=" $(dpkg-query -W -f='${db:Status-Status}:${Package} ' "$@" 2>/dev/null || true) "
  for package in "$@"; do
    case $installed in *" installed:$package "*) ;; *) missing+=("$package") ;; esac
  done
  [ "${#missing[@]}" -eq 0 ] && return 0

  say "Installing ${#missing[@]} Debian packages $why (a minute or so): ${missing[*]}"
  local as_root=(env DEBIAN_FRONTEND=noninteractive)
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
      fail "packages are missing and there is no sudo; run as root:" \
        "apt-get install --no-install-recommends ${missing[*]}"
    as_root=(sudo env DEBIAN_FRONTEND=noninteractive)
  fi
  local log=$top/build/packages.log
  { "${as_root[@]}" apt-get -q update &&
    "${as_root[@]}" apt-get -q install -y --no-install-recommends "${missing[@]}"; } \
    >"$log" 2>&1 || {
    tail -n 30 "$log"
    fail "apt-get could not install the packages; the lines above are the end of $log"
  }
}

# Compilers at a time: one per processor, and no more than one per 1.5 GB of memory, so that a small
# machine does not run out of it.
job_count() {
  local by_memory
  by_memory=$(awk '/^MemTotal/ { print int($2 / 1500000) }' /proc/meminfo)
  local count
  count=$(nproc)
  [ "$by_memory" -lt "$count" ] && count=$by_memory
  [ "$count" -lt 1 ] && count=1
  echo "${CHARGEWARDEN_JOBS:-$count}"
}

# our_sources: the C++ files of the project, one a line.
our_sources() {
  (cd "$top" && find collector rules alerts analyzer tests -name '*.h' -o -name '*.cc' | sort)
}

# configure DIR -DOPTION=VALUE...: configures build/DIR.
configure() {
  local dir=$1
  shift
  local launcher=()
  # Without these two ccache keeps nothing that was compiled with a precompiled header.
  command -v ccache >/dev/null && launcher=(
    "-DCMAKE_CXX_COMPILER_LAUNCHER=env;CCACHE_SLOPPINESS=pch_defines,time_macros;ccache")
  cmake -S "$top" -B "$top/build/$dir" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    "${launcher[@]}" "$@" >"$top/build/$dir.configure.log" 2>&1 || {
    cat "$top/build/$dir.configure.log"
    fail "cmake could not configure build/$dir; the lines above say why"
  }
}

# build DIR "TARGET..." -DOPTION=VALUE...: configures build/DIR and builds the targets there.
build() {
  local dir=$1 targets
  read -ra targets <<<"$2"
  shift 2
  configure "$dir" "$@"
  cmake --build "$top/build/$dir" --parallel "$(job_count)" --target "${targets[@]}" ||
    fail "the build in build/$dir failed; the first error above says where"
}

mkdir -p "$top/build"
