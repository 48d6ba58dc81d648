#!/usr/bin/env bash
# Measures `chargewarden replay` on generated traffic and prints a Markdown table for BENCHMARKS.md.
#
# Usage: tests/bench/bench.sh [MESSAGES [RUNS]]    default: 1800000 messages, 5 runs of each line
# Builds in build/bench; the capture (about 1 GB for the default) stays there for the next time.
set -euo pipefail
# shellcheck source=../../scripts/lib.sh
. "$(dirname "$0")/../../scripts/lib.sh"
cd "$top"
messages=${1:-1800000}
runs=${2:-5}
case $messages$runs in
  *[!0-9]*) fail "give the number of messages and of runs, such as 1800000 5" ;;
esac

ensure_packages "to build and measure" "${packages_build[@]}" libbenchmark-dev python3 >&2
build bench chargewarden -DCHARGEWARDEN_BENCH=ON >&2
build bench ocpp_generator -DCHARGEWARDEN_BENCH=ON >&2
capture=build/bench/traffic-$messages.pcap
if [ ! -s "$capture" ] || [ ! -s "$capture.json" ]; then
  say "Generating $capture" >&2
  build/bench/tests/bench/ocpp_generator --messages "$messages" -o "$capture" >/dev/null
fi
/usr/bin/python3 tests/bench/measure.py --program build/bench/chargewarden \
  --capture "$capture" --runs "$runs" --scratch build/bench
