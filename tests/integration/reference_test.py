#!/usr/bin/env python3
"""rules/REFERENCE.md is what `chargewarden rules fields` prints.

Usage: reference_test.py CHARGEWARDEN REFERENCE
"""
import difflib
import pathlib
import subprocess
import sys


def main(program, reference):
    command = [program, "rules", "fields"]
    printed = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    kept = pathlib.Path(reference).read_bytes()
    if printed == kept:
        return 0
    sys.stdout.writelines(difflib.unified_diff(
        kept.decode().splitlines(True), printed.decode().splitlines(True), reference, "printed"))
    print(f"{reference} is stale; renew it with: chargewarden rules fields > rules/REFERENCE.md")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
