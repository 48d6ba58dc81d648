#!/usr/bin/env python3
"""Replays the cases of tests/golden and compares the alerts with what is written down there.

Usage: golden_test.py PROGRAM SOURCE [--update]. With --update the expected alerts are written anew:
read the difference before it is committed.

A case is a folder with case.yaml (`about`, `arguments` of replay, seen from the root of the
sources) and alerts.txt: time, level, rule, station, and the count where a repeat updates an alert.
"""
import datetime
import difflib
import sys

import support

KEYS = {"about", "arguments"}


def read_case(path):
    """Lines `key: value`; an indented line goes on with the one before."""
    out, key = {}, None
    for line in path.read_text().splitlines():
        if line.startswith(" "):
            out[key] += " " + line.strip()
        elif line and not line.startswith("#"):
            key, _, value = line.partition(":")
            out[key] = value.strip()
    if set(out) != KEYS:
        sys.exit(f"{path}: keys {sorted(out)}, expected {sorted(KEYS)}")
    return out


def line_of(alert):
    last = alert["finding_info"]["last_seen_time"]
    time = datetime.datetime.fromtimestamp(last / 1000, datetime.timezone.utc)
    count = f" x{alert['count']}" if alert["activity_name"] == "Update" else ""
    return (f"{time:%Y-%m-%dT%H:%M:%S}.{last % 1000:03}Z {alert['unmapped']['level']} "
            f"{support.rule_of(alert)} {support.station_of(alert) or '-'}{count}\n")


def replay(case):
    done = support.run("replay", *case["arguments"].split(), "--alerts", "-", cwd=support.SOURCE)
    if done.status != 0:
        sys.exit(f"{case['arguments']}: exit status {done.status}: {done.err}")
    return [line_of(alert) for alert in support.json_lines(done.out)]


def main():
    update = support.MORE == ["--update"]
    cases = sorted((support.SOURCE / "tests" / "golden").glob("*/case.yaml"))
    failed = 0
    for path in cases:
        lines = replay(read_case(path))
        expected = path.parent / "alerts.txt"
        if update:
            expected.write_text("".join(lines))
            continue
        before = expected.read_text().splitlines(keepends=True)
        difference = list(difflib.unified_diff(before, lines, f"{path.parent.name}/alerts.txt",
                                               "now"))
        sys.stdout.writelines(difference)
        failed += bool(difference)
    print(f"{len(cases)} cases, {failed} differ")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    if support.SOURCE is None:
        sys.exit("usage: golden_test.py PROGRAM SOURCE [--update]")
    sys.exit(main())
