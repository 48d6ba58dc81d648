#!/usr/bin/env bash
# The whole test suite: installs what it needs (Debian 12 packages), builds in build/test and runs
# ctest, whose closing line is the last thing printed and whose exit status is this script's.
#
# Usage: ./test.sh [CTEST OPTION...]    for instance: ./test.sh -L unit
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/scripts/lib.sh"

case "${1:-}" in -h | --help) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 0 ;; esac

cd "$top"
ensure_packages "to build and test" "${packages_build[@]}" "${packages_test[@]}"
say "Building the program and its tests in build/test"
build test all -DCHARGEWARDEN_TESTS=ON -DCHARGEWARDEN_WERROR=ON
say "Running the tests"
exec ctest --test-dir build/test --parallel "$(job_count)" --output-on-failure \
  --no-label-summary --no-tests=error "$@"
