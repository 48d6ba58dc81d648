#!/usr/bin/env python3
"""rules/REFERENCE.md and rules/schema.json are what `chargewarden rules fields` prints.

Usage: reference_test.py CHARGEWARDEN FILE FORMAT
"""
import difflib
import pathlib
import subprocess
import sys


def main(program, reference, form):
    command = [program, "rules", "fields", "--format", form]
    printed = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    kept = pathlib.Path(reference).read_bytes()
    if printed == kept:
        return 0
    sys.stdout.writelines(difflib.unified_diff(
        kept.decode().splitlines(True), printed.decode().splitlines(True), reference, "printed"))
    print(f"{reference} is stale; renew it with: chargewarden rules fields --format {form} > "
          f"rules/{pathlib.Path(reference).name}")
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
