"""Runs `chargewarden replay` several times in each of a few ways; prints the medians as Markdown.

Wall time of the whole process, page cache warm; peak memory as the kernel counts it (which includes
pages of a mapped file). Run by bench.sh.
"""
import argparse
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import time

WAYS = [  # What, further arguments.
    ("no audit, 1 thread", ["--threads", "1"]),
    ("no audit, 2 threads", ["--threads", "2"]),
    ("with audit, 1 thread", ["--threads", "1", "--audit", "{audit}"]),
    ("with audit, 2 threads", ["--threads", "2", "--audit", "{audit}"]),
]


def cpu_model():
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def run_once(command):
    """(seconds, processor seconds, peak KiB) of one run; ends the program when it fails."""
    began = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - began
    if process.returncode != 0:
        sys.exit(f"measure.py: {' '.join(command)} ended with status {process.returncode}: "
                 f"{errors.decode(errors='replace').strip()}")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--capture", required=True)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--scratch", default=".", help="folder for the audit trail of a run")
    options = parser.parse_args()
    truth = json.loads(pathlib.Path(options.capture + ".json").read_text(encoding="utf-8"))
    audit = pathlib.Path(options.scratch, "audit-of-bench")
    with open(options.capture, "rb") as file:  # Warms the page cache.
        while file.read(1 << 24):
            pass

    print(f"{cpu_model()}, {os.cpu_count()} processors, Linux {platform.release()}; capture of "
          f"{truth['bytes'] / 1e6:,.0f} MB, {truth['packets']:,} packets, {truth['messages']:,} "
          f"messages, {truth['connections']:,} connections, "
          f"{sum(truth['calls_by_threat'].values()):,} calls that a rule is for; medians of "
          f"{options.runs} runs.\n")
    print("| replay | messages/s | Gbit/s | seconds (least to most) | processor | peak memory |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |", flush=True)
    for name, arguments in WAYS:
        command = [options.program, "replay", options.capture,
                   *(argument.format(audit=audit) for argument in arguments)]
        results = []
        for _ in range(options.runs):
            shutil.rmtree(audit, ignore_errors=True)
            results.append(run_once(command))
        seconds = statistics.median(result[0] for result in results)
        busy = statistics.median(result[1] for result in results)
        peak = max(result[2] for result in results)
        print(f"| {name} | {truth['messages'] / seconds:,.0f} | "
              f"{truth['bytes'] * 8 / seconds / 1e9:.2f} | {seconds:.2f} "
              f"({min(r[0] for r in results):.2f} to {max(r[0] for r in results):.2f}) | "
              f"{busy / truth['messages'] * 1e9:,.0f} ns/message | "
              f"{peak / 1024:.0f} MiB |", flush=True)
    print("\nCommands:\n")
    for _, arguments in WAYS:
        print(f"    {options.program} replay {options.capture} "
              f"{' '.join(argument.format(audit=audit) for argument in arguments)}")


if __name__ == "__main__":
    main()
