#!/usr/bin/env python3
"""Replays every labelled capture and compares what was decoded with the labels.

Usage: corpus_test.py CHARGEWARDEN SHARED. Exit 77 when the folder is not there.

The labels were read from the wire by another program, and by the servers that took part. Where a
capture is encrypted or cut, only what can be seen is compared.
"""
import collections
import json
import pathlib
import subprocess
import sys

SKIPPED = 77
HASHED_MIN_BYTES = 512  # kHashedBodyMinBytes
TYPE_NAMES = {"call": "calls", "result": "results", "error": "errors"}


def replay(program, capture):
    """Events of a capture."""
    done = subprocess.run([program, "replay", str(capture), "--events", "-"],
                          capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{capture}: exit status {done.returncode}: {done.stderr.decode()[-400:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def counts_of(events):
    by_action = collections.defaultdict(lambda: collections.Counter())
    types = collections.Counter()
    names = collections.Counter(event["event.name"] for event in events)
    stations = set()
    for event in events:
        if event["event.name"] != "ocpp.message":
            continue
        types[event["ocpp.type"]] += 1
        if "station.id" in event:
            stations.add(event["station.id"])
        kind = TYPE_NAMES.get(event["ocpp.type"])
        if kind and "ocpp.action" in event:
            by_action[event["ocpp.action"]][kind] += 1
    return names, types, by_action, stations


def labelled_files(node):
    """Digests of the files in the capture that are long enough to be hashed."""
    if isinstance(node, list):
        return set().union(*map(labelled_files, node))
    if not isinstance(node, dict):
        return set()
    # What is listed under "files" lies beside the capture.
    out = set().union(*(labelled_files(value) for key, value in node.items() if key != "files"))
    if node.get("bytes", 0) >= HASHED_MIN_BYTES and "sha256" in node:
        out.add(node["sha256"])
    return out


def compare(folder, labels, events):
    """Differences, one sentence each."""
    names, types, by_action, stations = counts_of(events)
    counts = labels["counts"]
    out = []

    def check(what, seen, expected):
        if seen != expected:
            out.append(f"{folder}: {what}: seen {seen}, labelled {expected}")

    check("connections", names["connection.opened"], counts["tcp_connections"])
    readable = counts.get("readable_without_keys", True)
    if not readable:
        check("messages behind TLS", sum(types.values()), 0)
        return out
    if "websocket_upgrades" in counts:
        check("upgrades", names["http.upgrade"], counts["websocket_upgrades"])
    if "http_refused" in counts:
        # The labels count every connection with HTTP and without a 101.
        unfinished = sum(event["event.name"] == "http.anomaly" and
                         event["anomaly.kind"] == "unfinished_request" for event in events)
        check("refused upgrades", names["http.upgrade_refused"] + unfinished,
              counts["http_refused"])
    files = {event["http.body_sha256"] for event in events if "http.body_sha256" in event}
    check("files that were fetched", files, labelled_files(labels))
    if counts.get("whole_messages_in_capture") is not None:
        check("whole messages", sum(types.values()), counts["whole_messages_in_capture"])
        return out
    ocpp = counts["ocpp"]
    # The labels count an array that begins with 2 as a call, even if nothing follows.
    bare = sum(event["event.name"] == "ocpp.anomaly" and "ocpp.id" not in event and
               event["anomaly.kind"] == "missing_elements" for event in events)
    check("calls", types["call"] + bare, ocpp["CALL"])
    check("results", types["result"], ocpp["CALLRESULT"])
    check("errors", types["error"], ocpp["CALLERROR"])
    for action, expected in counts["by_action"].items():
        for kind in ("calls", "results", "errors"):
            check(f"{action} {kind}", by_action[action][kind], expected[kind])
    for action in by_action:
        if action not in counts["by_action"]:
            out.append(f"{folder}: action {action} is not in the labels")
    if names["http.upgrade"]:
        labelled = {station["id"] for station in labels["stations"]}
        check("stations without messages", sorted(labelled - stations), [])
    return out


def check_vectors(program, folder):
    """The same short conversation in every link type and tunnel, compressed, and inside TLS."""
    out = []
    for capture in sorted(folder.glob("*.pcap*")):
        events = replay(program, capture)
        names, types, by_action, stations = counts_of(events)
        if capture.name.startswith("ws"):
            expected = (1, {"call": 6, "result": 6}, {"CP 001"})
            seen = (names["connection.opened"], dict(types), stations)
        elif capture.name.startswith("tls"):
            expected = (1, 0, set())
            seen = (names["tls.seen"], sum(types.values()), stations)
        else:
            expected = seen = None
        if seen != expected:
            out.append(f"{capture.name}: seen {seen}, expected {expected}")
        odd = [name for name in names if name.endswith("anomaly")]
        if odd:
            out.append(f"{capture.name}: {odd}")
    return out


def main(program, shared):
    corpus = pathlib.Path(shared) / "corpus"
    if not corpus.is_dir():
        print(f"skipped: {corpus} is not there")
        return SKIPPED
    problems = []
    count = 0
    for index in sorted(corpus.glob("*/labels.json")):
        labels = json.loads(index.read_text())
        events = replay(program, index.parent / labels["capture"])
        problems += compare(index.parent.name, labels, events)
        count += 1
    vectors = pathlib.Path(shared) / "vectors"
    if vectors.is_dir():
        problems += check_vectors(program, vectors)
    print("\n".join(problems))
    print(f"{count} captures, {len(problems)} differences")
    return 1 if problems or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
