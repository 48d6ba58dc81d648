#!/usr/bin/env bash
# From a fresh clone to the first alerts: installs what is missing (Debian 12 packages), builds the
# program, replays a recorded attack with the shipped rules, and shows what was found and kept.
#
# Usage: ./demo.sh [CAPTURE]    default: a charger is told to install unsigned firmware
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/scripts/lib.sh"

case "${1:-}" in -h | --help) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 0 ;; esac

capture=${1:-samples/captures/06a_fw_unsigned.pcap}
capture=$(realpath --relative-base="$top" "$capture" 2>/dev/null || echo "$capture")
cd "$top"
[ -r "$capture" ] ||
  fail "cannot read the capture \"$capture\"; give the path of a pcap or pcapng file"
program=build/demo/chargewarden
audit=build/demo/audit

ensure_packages "to build the program" "${packages_build[@]}"
say "Building Chargewarden in build/demo"
build demo chargewarden

say "Replaying $capture with the shipped rules"
# A trail of an earlier demo goes: the same demo shows the same trail.
rm -rf "$audit"
"$program" replay "$capture" --audit "$audit"

say "What the audit trail keeps (in $audit)"
"$program" audit query --audit "$audit"

cat <<TXT

Try next:
  $program replay samples/captures/*.pcap          all samples
  $program replay YOUR.pcap --alerts -             alerts as OCSF, one JSON object per line
  $program replay YOUR.pcap --events - | head      everything that was seen
  $program audit show --audit $audit 1   one record in full
  $program rules list                              what is looked for
  $program --help                                  all commands
TXT
