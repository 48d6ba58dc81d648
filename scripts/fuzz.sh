#!/usr/bin/env bash
# Runs every fuzz target of a folder for some seconds, several at a time, on a copy of its seeds.
#
# Usage: [CHARGEWARDEN_FUZZ_SEED=N] scripts/fuzz.sh FOLDER_OF_PROGRAMS SECONDS
# The seed is fixed unless one is given, so that a change is judged by what it changed.
# A finding is left as FOLDER_OF_PROGRAMS/findings/<target>-*; exit status 1 when there is one.
set -euo pipefail
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
[ $# -eq 2 ] || fail "give the folder with the fuzz programs and the seconds for each"
programs=$1
seconds=$2
findings=$programs/findings
mkdir -p "$findings"

fuzz_one() {
  local program=$1 seconds=$2 findings=$3 top=$4
  local name corpus log
  name=$(basename "$program" _fuzz)
  # New inputs go to a copy: samples/corpus grows by decision, not by running this.
  corpus=$(mktemp -d)
  log=$findings/$name.log
  [ -d "$top/samples/corpus/$name" ] && cp -r "$top/samples/corpus/$name/." "$corpus"
  local status=0
  "$program" "$corpus" -seed="${CHARGEWARDEN_FUZZ_SEED:-1}" -max_total_time="$seconds" \
    -timeout=10 -rss_limit_mb=2048 -max_len=65536 \
    -artifact_prefix="$findings/$name-" -print_final_stats=1 >"$log" 2>&1 || status=$?
  rm -rf "$corpus"
  if [ "$status" -eq 0 ]; then
    echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") runs, nothing found"
  else
    echo "$name: FINDING (exit status $status)"
    cat "$log"
    return 1
  fi
}
export -f fuzz_one

mapfile -t targets < <(find "$programs" -maxdepth 1 -name '*_fuzz' -type f -executable | sort)
[ "${#targets[@]}" -gt 0 ] || fail "there is no fuzz program in \"$programs\"; build them first"
printf '%s\0' "${targets[@]}" |
  xargs -0 -P "$(job_count)" -I{} bash -c 'fuzz_one "$@"' _ {} "$seconds" "$findings" "$top" ||
  { echo "fuzzing found something; the inputs are in $findings"; exit 1; }
echo "${#targets[@]} fuzz targets ran for $seconds s each"
