#!/usr/bin/env python3
"""Checks published alerts against the JSON Schemas of OCSF 1.3.0, 1.6.0 and 1.8.0.

usage: ocsf_schema_test.py SAMPLES_PROGRAM SCHEMA_DIR

SAMPLES_PROGRAM prints alerts, one JSON object per line; SCHEMA_DIR holds ocsf-<release> folders.
Exit status: 0 all valid, 1 something is not, 77 skipped because the schemas are not there.
"""

import json
import pathlib
import subprocess
import sys

RELEASES = ("1.3.0", "1.6.0", "1.8.0")
SCHEMA = "2004_detection_finding.schema.json"
SKIPPED = 77


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    missing = [r for r in RELEASES if not (folder / f"ocsf-{r}" / SCHEMA).is_file()]
    if missing:
        print(f"skipped: no schema of OCSF {', '.join(missing)} below {folder}")
        return SKIPPED
    try:
        import jsonschema
    except ImportError:
        print("skipped: the Python package jsonschema is not installed")
        return SKIPPED

    lines = subprocess.run([program], check=True, capture_output=True).stdout.splitlines()
    alerts = [json.loads(line) for line in lines]
    failures = 0
    for release in RELEASES:
        schema = json.loads((folder / f"ocsf-{release}" / SCHEMA).read_text())
        validator = jsonschema.Draft202012Validator(schema)
        # A validator that accepts anything would make this test pass in silence.
        broken = dict(alerts[0], type_uid=200499)
        if validator.is_valid(broken) or validator.is_valid(dict(alerts[0], surplus=1)):
            print(f"OCSF {release}: the schema accepts what it must refuse")
            failures += 1
        for number, alert in enumerate(alerts, 1):
            for error in validator.iter_errors(alert):
                path = "/".join(str(part) for part in error.absolute_path)
                print(f"OCSF {release}: alert {number}: {path}: {error.message}")
                failures += 1
    uids = [alert["metadata"]["uid"] for alert in alerts]
    if [a["metadata"]["sequence"] for a in alerts] != list(range(1, len(alerts) + 1)):
        print("sequence numbers are not 1, 2, 3 ...")
        failures += 1
    print(f"{len(alerts)} alerts, {len(set(uids))} names, {failures} failures")
    return 1 if failures or len(alerts) < 10 else 0


if __name__ == "__main__":
    sys.exit(main())
