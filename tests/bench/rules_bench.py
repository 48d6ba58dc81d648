"""Measures `chargewarden rules eval --any-logsource` with a generated rule set: how long the rules
take to load, and how many events a second are matched when they come as a stream of JSON lines.

Wall time and processor time of the whole process, the best of several runs; loading is measured
with an empty stream and taken away from the other. Prints how many matches there were, so that a
change that only looks faster shows.

Usage: rules_bench.py --program PROGRAM --folder FOLDER_OF_RULES_GENERATOR [--runs N]
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time


def run_once(command, source):
    """(seconds, processor seconds, peak KiB, lines of output); ends when the program fails."""
    with open(source, "rb") as stream, tempfile.TemporaryFile() as out:
        began = time.monotonic()
        with subprocess.Popen(command, stdin=stream, stdout=out) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - began
        if process.returncode != 0:
            sys.exit(f"rules_bench.py: {' '.join(command)} ended with status {process.returncode}")
        out.seek(0)
        lines = sum(block.count(b"\n") for block in iter(lambda: out.read(1 << 20), b""))
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, lines


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    truth = json.loads((options.folder / "truth.json").read_text(encoding="utf-8"))
    command = [options.program, "rules", "eval", "--any-logsource", "--rules",
               str(options.folder / "rules")]
    events = options.folder / "events.jsonl"
    with open(events, "rb") as file:  # Warms the page cache.
        while file.read(1 << 24):
            pass
    load = min(run_once(command, os.devnull) for _ in range(options.runs))
    best = min(run_once(command, events) for _ in range(options.runs))
    seconds = max(best[0] - load[0], 1e-9)
    print(f"{truth['rules']:,} rules loaded in {load[0]:.2f} s ({load[1]:.2f} s of processor)")
    print(f"{truth['events']:,} events of {truth['bytes'] / max(truth['events'], 1):,.0f} bytes: "
          f"{truth['events'] / seconds:,.0f} events/s, {truth['bytes'] / seconds / 1e6:,.0f} MB/s, "
          f"peak {best[2] / 1024:.0f} MiB")
    print(f"{best[3]:,} matches; {len(truth['planted']):,} events were made to fit a rule")


if __name__ == "__main__":
    main()
