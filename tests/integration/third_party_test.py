#!/usr/bin/env python3
"""Captures that others took decode without an anomaly, and completely.

Usage: third_party_test.py PROGRAM SOURCE. Exit 77 when the folder "shared" is not there.

They were not made for us, and the peers in them were honest: each anomaly would be a false one.
"""
import collections
import sys

import support

# Anomalies that are really in a capture: (file, event, kind).
EXPLAINED = set()

# Captures with OCPP: messages by type, as Wireshark counts text frames of their WebSockets.
OCPP_MESSAGES = {"evsetool_steve_ocpp16_sll.pcapng": {"call": 8, "result": 8}}


def captures():
    folder = support.SOURCE.parent / "shared" / "captures"
    if not folder.is_dir():
        print(f"skipped: there is no folder {folder.name} beside the sources")
        sys.exit(support.SKIPPED)
    return sorted(path for path in folder.rglob("*.pcap*") if path.is_file())


def events_of(path):
    done = support.run("replay", path, "--events", "-")
    if done.status != 0:
        raise AssertionError(f"{path.name}: exit status {done.status}: {done.err[-400:]}")
    return support.json_lines(done.out)


class ThirdPartyTest(support.Case):
    @classmethod
    def setUpClass(cls):
        cls.events = {path.name: events_of(path) for path in captures()}

    def test_there_are_captures(self):
        self.assertGreaterEqual(len(self.events), 10)

    def test_no_capture_has_an_anomaly_that_is_not_explained(self):
        for name, events in self.events.items():
            with self.subTest(name):
                seen = {(name, event["event.name"], event["anomaly.kind"]) for event in events
                        if event["event.name"].endswith(".anomaly")}
                self.assertEqual(seen - EXPLAINED, set())

    def test_no_capture_has_a_gap(self):
        for name, events in self.events.items():
            with self.subTest(name):
                gaps = [event for event in events if event["event.name"] == "connection.gap"]
                self.assertEqual(gaps, [])

    def test_every_ocpp_message_is_decoded_and_every_answer_paired(self):
        for name, expected in OCPP_MESSAGES.items():
            with self.subTest(name):
                messages = [event for event in self.events.get(name, [])
                            if event["event.name"] == "ocpp.message"]
                self.assertEqual(collections.Counter(m["ocpp.type"] for m in messages), expected)
                self.assertTrue(all(m.get("ocpp.answered", True) for m in messages))
                self.assertEqual({m["ocpp.version"] for m in messages}, {"1.6"})
                self.assertTrue(all(m.get("station.id") for m in messages))

    def test_every_tls_connection_is_recognised(self):
        for name, events in self.events.items():
            if "TLS" not in name and "cert" not in name and not name.startswith("tls"):
                continue
            with self.subTest(name):
                closed = [event for event in events if event["event.name"] == "connection.closed"]
                self.assertTrue(closed)
                self.assertEqual({event["connection.protocol"] for event in closed}, {"tls"})

    def test_every_websocket_that_is_not_ocpp_closes_cleanly(self):
        for name in ("reply-ping-coalesced.pcap", "fragmented-http-reply.pcap",
                     "two-binary-fragments.pcap"):
            with self.subTest(name):
                opcodes = collections.Counter(
                    event["websocket.opcode"] for event in self.events[name]
                    if event["event.name"] == "websocket.control")
                self.assertEqual(opcodes, {"ping": 1, "pong": 1, "close": 2})


if __name__ == "__main__":
    support.main()
