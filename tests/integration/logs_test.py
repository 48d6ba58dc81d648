#!/usr/bin/env python3
"""Logs as input of `replay`: the messages and matches of the wire, errors, stdin, merging.

Usage: logs_test.py PROGRAM SOURCE

The labelled scenarios hold three logs each of what the server sent and received. They say what is
true; how many messages were cut by the logger is counted here, from the longest text it writes.
"""
import collections
import gzip
import json
import subprocess
import sys
import unittest

import support
from support import json_lines, rule_of, run, sample, scenarios, station_of

FORMS = (("jsonl", "csms.jsonl"), ("steve", "csms.log"), ("syslog", "csms.syslog"))

# Rules about the connection, TLS, the handshake or the framing: a log says nothing of these.
WIRE_CATEGORIES = ("connection", "http", "websocket", "tls", "certificate", "sensor")

CUT_AT = 20_000  # Characters of a text that the logs of the scenarios keep.

STEVE = ("[INFO ] 2026-01-02 03:04:05,201 a.WebSocketLogger (t) - "
         "[chargeBoxId=CP1, sessionId=1] Received: ")
RESET = '[2,"r","Reset",{"type":"Hard"}]'


def with_logs():
    folder = support.SOURCE.parent / "shared" / "corpus"
    if not folder.is_dir():
        return []
    return [(name, labels, capture) for name, labels, capture in scenarios(folder)
            if labels.get("logs")]


def events_of(*arguments):
    done = run("replay", *arguments, "--events", "-")
    if done.status != 0:
        raise AssertionError(f"{arguments}: exit status {done.status}: {done.err[-400:]}")
    return json_lines(done.out)


def calls_of(events):
    """Calls by station and action, with those of which the log has only the begin."""
    out = collections.Counter()
    for event in events:
        call = event["event.name"] == "ocpp.message" and event["ocpp.type"] == "call"
        cut = (event["event.name"] == "ocpp.anomaly" and
               event["anomaly.kind"] == "partial_message" and "ocpp.action" in event)
        if call or cut:
            out[event["station.id"], event["ocpp.action"]] += 1
    return out


def logged_messages(path):
    """(station, message) of each line of the JSON log, read by somebody else's parser."""
    for line in path.read_text(encoding="utf-8").splitlines():
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(100_000)
        try:
            entry = json.loads(line)
        finally:
            sys.setrecursionlimit(limit)
        if entry["event"] == "ocpp":
            yield entry["station"], entry["msg"]


class SameAsTheWire(unittest.TestCase):
    """Everything that a log can tell is what the capture tells."""

    def test_messages_by_station_and_action_are_those_of_the_server(self):
        for name, labels, capture in with_logs():
            expected = collections.Counter()
            for station, message in logged_messages(capture.parent / "csms.jsonl"):
                if isinstance(message, str) and len(message) == CUT_AT:
                    message = [2, "", message.split('"')[3]]
                if isinstance(message, list) and len(message) > 2 and message[0] == 2:
                    expected[station, message[2]] += 1
            by_action = collections.Counter()
            for (_, action), count in expected.items():
                by_action[action] += count
            for action, count in labels["counts_app"]["by_action"].items():
                self.assertEqual(by_action[action], count, f"{name}: {action}")
            for form, file in FORMS:
                with self.subTest(f"{name}/{file}"):
                    events = events_of("--log", f"{form}:{capture.parent / file}")
                    self.assertEqual(calls_of(events), expected)
                    types = collections.Counter(event["ocpp.type"] for event in events
                                                if event["event.name"] == "ocpp.message")
                    self.assertEqual(types["result"], labels["counts_app"]["CALLRESULT"])
                    self.assertEqual(types["error"], labels["counts_app"]["CALLERROR"])
                    refused = [event for event in events
                               if event["event.name"] == "http.upgrade_refused"]
                    self.assertEqual(len(refused), labels["logs"]["refused_handshakes"])
                    for event in refused:
                        self.assertEqual(event["http.status"], 401)
                        self.assertIn("source.ip", event)
                        self.assertIn("station.id", event)

    # Logs do not tell which password was tried: guessing is judged by its rate alone.
    BY_PASSWORD = {"station_password_guessing", "station_password_guessed",
                   "station_logins_fail_quickly", "station_login_after_many_failures"}

    def test_message_rules_match_as_often_as_on_the_capture(self):
        for name, _, capture in with_logs():
            wire = self.matches(capture)
            cut = name == "11b_malformed"
            if cut:
                # Two messages are cut in the log: their size and content are not known.
                for rule in ("large_data_transfer", "oversized_message"):
                    self.assertEqual(wire.pop((rule, "MAL-1")), 2)
            for form, file in FORMS:
                with self.subTest(f"{name}/{file}"):
                    log = self.matches("--log", f"{form}:{capture.parent / file}")
                    if cut:
                        self.assertEqual(log.pop(("ocpp_message_incomplete", "MAL-1")), 2)
                    self.assertEqual(log, wire)

    @staticmethod
    def matches(*arguments):
        """How often each rule about messages or refused handshakes matched, by station."""
        out, others = {}, set()
        for alert in support.alerts_of(*arguments):
            key = rule_of(alert), station_of(alert)
            # The first of a group tells the event, later ones count.
            event = alert["evidences"][0]["data"].get("event", {})
            refused = event.get("event.name") == "http.upgrade_refused"
            if event.get("event.category") in WIRE_CATEGORIES and not refused:
                others.add(key)
            out[key] = max(out.get(key, 0), alert.get("count", 1))
        return {key: count for key, count in out.items()
                if key not in others and key[0] not in SameAsTheWire.BY_PASSWORD}

    def test_the_format_is_found(self):
        for name, _, capture in with_logs():
            for form, file in FORMS:
                with self.subTest(f"{name}/{file}"):
                    path = capture.parent / file
                    named = run("replay", "--log", f"{form}:{path}", "--events", "-")
                    self.assertEqual(run("replay", "--log", f"auto:{path}", "--events", "-").out,
                                     named.out)


class Merging(support.Case):
    def test_a_log_and_a_capture_are_read_in_the_order_of_time(self):
        capture = sample("09a_config_16.pcap")
        first = events_of(capture)[0]["event.time"]
        early = self.file("early.log", "[INFO ] 2020-01-02 03:04:05,1 a (t) - x\n")
        late = self.file("late.log", f"[INFO ] {first[:10]} {first[11:19]},999 a (t) - x\n"
                                     "[INFO ] 2050-01-02 03:04:05,1 a (t) - y\n")
        events = events_of(capture, "--log", f"steve:{late}", "--log", f"steve:{early}")
        origins = [event["event.origin"] for event in events]
        self.assertEqual(origins[0], "log:early.log#1")
        self.assertTrue(origins[1].startswith("wire:09a_config_16.pcap#"))
        self.assertIn("log:late.log#1", origins[2:])
        last = origins.index("log:late.log#2")
        # Behind it only what is reported when everything has ended.
        self.assertTrue({event["event.name"] for event in events[last + 1:]} <=
                        {"connection.closed", "ocpp.unanswered_call", "sensor.blind"})
        times = [event["event.time"] for event in events[:last + 1]]
        self.assertEqual(times, sorted(times))

    def test_evidence_names_the_file_and_the_line(self):
        log = self.file("s.log", f"\n{STEVE}[2,\"1\",\"OpenShell\",{{}}]\n")
        alerts = support.alerts_of("--log", f"steve:{log}")
        self.assertIn("unknown_action", " ".join(rule_of(alert) for alert in alerts))
        for alert in alerts:
            self.assertIn("log:s.log#2", json.dumps(alert))
            self.assertNotIn("wire:", json.dumps(alert))

    def test_packed_logs_and_standard_input_are_read(self):
        text = (STEVE + RESET + "\n").encode()
        plain = run("replay", "--log", f"steve:{self.file('a.log', text)}", "--events", "-").out
        self.assertIn(b'"ocpp.action":"Reset"', plain)
        packed = self.file("a.log.gz", gzip.compress(text, mtime=0))
        self.assertEqual(run("replay", "--log", f"steve:{packed}", "--events", "-").out,
                         plain.replace(b"log:a.log#", b"log:a.log.gz#"))
        done = run("replay", "--log", "steve:-", "--events", "-", input=text)
        self.assertEqual(done.out, plain.replace(b"log:a.log#", b"log:stdin#"))

    def test_a_pipe_is_read_as_it_comes(self):
        program = subprocess.Popen([support.PROGRAM, "replay", "--log", "steve:-", "--events", "-"],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL)
        try:
            program.stdin.write((STEVE + RESET + "\n").encode())
            program.stdin.flush()
            self.assertIn(b"connection.opened", program.stdout.readline())
            self.assertIn(b'"ocpp.action":"Reset"',
                          program.stdout.readline() + program.stdout.readline())
        finally:
            program.stdin.close()
            program.stdout.close()
            program.wait(support.TIMEOUT_S)

    def test_the_trail_keeps_commands_of_logs(self):
        answer = STEVE.replace("05,201", "06,000") + '[3,"r",{"status":"Accepted"}]\n'
        log = self.file("s.log", STEVE.replace("Received", "Sending") + RESET + "\n" + answer)
        trail = self.folder / "trail"
        self.assertEqual(run("replay", "--log", f"steve:{log}", "--audit", trail).status, 0)
        out = run("audit", "query", "--audit", trail, "--format", "json").out.decode()
        self.assertIn("Reset", out)
        self.assertIn("log:s.log#2", out)


class WrongInputs(support.Case):
    def test_nothing_to_read_is_told(self):
        self.assert_refused(run("replay"), 2, "CAPTURE", "--log FORMAT:FILE")

    def test_an_unknown_format_is_told_with_those_that_there_are(self):
        log = self.file("x.log", "x\n")
        self.assert_refused(run("replay", "--log", f"stev:{log}"), 2, "stev", "steve", "jsonl",
                            "mobilityhouse")
        self.assert_refused(run("replay", "--log", str(log)), 2, "FORMAT:FILE")

    def test_a_missing_file_is_named(self):
        path = self.folder / "nowhere.log"
        self.assert_refused(run("replay", "--log", f"steve:{path}"), 2, str(path), "No such file")
        self.assert_refused(run("replay", "--log", f"steve:{self.folder}"), 2, "directory")

    def test_a_file_of_no_known_format_is_named(self):
        path = self.file("x.log", "hello\nworld\n")
        self.assert_refused(run("replay", "--log", f"auto:{path}"), 2, str(path),
                            "none of its first lines")

    def test_a_file_of_another_format_is_told(self):
        path = self.file("x.log", STEVE + RESET + "\n")
        done = run("replay", "--log", f"syslog:{path}")
        self.assertEqual(done.status, 2)
        self.assert_sentence(done, "x.log line 1", "no line")

    def test_standard_input_is_one_input(self):
        self.assert_refused(run("replay", "-", "--log", "steve:-"), 2, "standard input")

    def test_damaged_packing_is_told(self):
        data = gzip.compress((STEVE + RESET + "\n").encode() * 20_000)
        done = run("replay", "--log", f"steve:{self.file('x.gz', data[:len(data) // 2])}")
        self.assert_sentence(done, "x.gz", "ends early")
        self.assertEqual(done.status, 0)

    def test_lines_that_are_not_understood_are_counted_and_the_first_is_named(self):
        path = self.file("x.log", f"{STEVE}{RESET}\nwhat?\nwho?\n")
        done = run("replay", "--log", f"steve:{path}")
        self.assertEqual(done.status, 0)
        self.assertIn("2 log lines not recognised, first x.log line 2", done.out.decode())

    def test_an_empty_log_is_no_error(self):
        for form in ("auto", "steve", "syslog"):
            with self.subTest(form):
                done = run("replay", "--log", f"{form}:{self.file('empty.log', b'')}")
                self.assertEqual((done.status, done.err), (0, ""))


class Privacy(support.Case):
    SECRETS = ("04A1B2C3D4", "hunter2hunter2", "Q1AwMDE6aHVudGVy", "4111111111111111")

    def test_no_secret_of_a_log_comes_out(self):
        lines = [
            STEVE + '[2,"1","Authorize",{"idTag":"04A1B2C3D4"}]',
            STEVE.replace("Received", "Sending") +
            '[2,"2","ChangeConfiguration",{"key":"AuthorizationKey","value":"hunter2hunter2"}]',
            "[INFO ] 2026-01-02 03:04:06,1 a.b (t) - Authorization: Basic Q1AwMDE6aHVudGVy",
            "[INFO ] 2026-01-02 03:04:06,1 a.b (t) - idTag '04A1B2C3D4' is unknown",
            "[INFO ] 2026-01-02 03:04:06,1 a.b (t) - password=hunter2hunter2",
            "[INFO ] 2026-01-02 03:04:06,1 a.b (t) - card 4111111111111111 refused",
            "[INFO ] 2026-01-02 03:04:06,1 a.b (t) - failed: {\"idTag\":\"04A1B2C3D4\"}",
            "hunter2hunter2 04A1B2C3D4 Q1AwMDE6aHVudGVy 4111111111111111",
        ]
        log = self.file("s.log", "\n".join(lines) + "\n")
        trail = self.folder / "trail"
        done = run("replay", "--log", f"steve:{log}", "--events", "-", "--audit", trail)
        self.assertEqual(done.status, 0, done.err)
        kept = b"".join(path.read_bytes() for path in trail.rglob("*") if path.is_file())
        for secret in self.SECRETS:
            for data in (done.out, kept, done.err.encode()):
                self.assertNotIn(secret.encode(), data)


if __name__ == "__main__":
    support.main()
