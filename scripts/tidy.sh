#!/usr/bin/env bash
# clang-tidy over the project's own sources, several at a time.
#
# Usage: scripts/tidy.sh BUILD_FOLDER [SOURCE...]
# BUILD_FOLDER holds compile_commands.json, made by clang. Without sources: all of them but tests
# and fuzz targets, whose macros tidy cannot judge.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
[ $# -ge 1 ] && [ -r "$1/compile_commands.json" ] ||
  fail "give a build folder that holds compile_commands.json, configured with clang"
build_folder=$1
shift
cd "$top"

sources=("$@")
if [ "${#sources[@]}" -eq 0 ]; then
  mapfile -t sources < <(our_sources | grep -E '\.cc$' |
    grep -vE '^tests/|_(test|fuzz|samples)\.cc$')
fi
[ "${#sources[@]}" -gt 0 ] || fail "there is no source to look at"
printf '%s\0' "${sources[@]}" |
  xargs -0 -P "$(job_count)" -n 1 clang-tidy --quiet -p "$build_folder" \
    2> >(grep -vE '^[0-9]+ warnings?( and [0-9]+ errors?)? generated' >&2) ||
  { echo "clang-tidy has findings, see above"; exit 1; }
echo "clang-tidy looked at ${#sources[@]} sources and found nothing"
