#!/usr/bin/env python3
"""Rules that look at more than one event, filters, and rules that change, as users meet them.

Usage: rules_over_time_test.py PROGRAM SOURCE
"""
import json
import os
import signal
import subprocess
import time

import support
from support import json_lines, run, sample

GUESSING = "08c_basic_auth.pcap"
SESSIONS = "07a_suspicious_sessions.pcap"

# Capture, files of samples/rules, and the first alert: rule, station, what its correlation counted.
WORKED = [
    (GUESSING, ["event_count"], "sample_password_guessing", "BA-1", 20),
    (GUESSING, ["event_count", "temporal_ordered"], "sample_password_guessed", "BA-1", 2),
    (GUESSING, ["temporal"], "sample_refused_client", None, 2),
    (GUESSING, ["value_sum"], "sample_much_sent", None, None),
    (SESSIONS, ["value_count"], "sample_token_at_two_stations", None, 2),
    (SESSIONS, ["value_avg"], "sample_quick_answers", "SUS-01", None),
    (SESSIONS, ["value_percentile"], "sample_slowest_answers", None, None),
]


def options(names):
    out = []
    for name in names:
        out += ["--rules", support.SOURCE / "samples" / "rules" / (name + ".yml")]
    return out


def alerts_of(capture, names, *more):
    done = run("replay", sample(capture), "--alerts", "-", *options(names), *more)
    assert done.status == 0, done.err
    return json_lines(done.out), done


def records_of(trail):
    """Bodies of the records of an audit trail."""
    done = run("audit", "query", "--audit", trail, "--format", "json")
    return [record["body"] for record in json_lines(done.out)]


class WorkedCases(support.Case):
    def test_the_rules_are_good(self):
        done = run("rules", "check", support.SOURCE / "samples" / "rules")
        self.assertEqual((done.status, done.out.splitlines()[-1]), (0, b"16 rules, 0 problems"))

    def test_every_type_of_correlation_finds_what_it_is_for(self):
        for capture, names, rule, station, value in WORKED:
            with self.subTest(names):
                alerts, _ = alerts_of(capture, names)
                self.assertEqual({alert["finding_info"]["analytic"]["name"] for alert in alerts},
                                 {rule})
                first = alerts[0]
                stations = [resource["uid"] for resource in first.get("resources", [])]
                if station:
                    self.assertIn(station, stations)
                event = first["evidences"][0]["data"]["event"]
                if value is not None:
                    self.assertEqual(event["correlation.value"], value)
                self.assertTrue(event["correlation.origins"])
                self.assertEqual(event["correlation.origins"][-1], event["event.origin"])

    def test_a_personal_group_value_is_a_pseudonym_everywhere(self):
        alerts, done = alerts_of(SESSIONS, ["value_count"])
        token = alerts[0]["evidences"][0]["data"]["event"]["ocpp.payload.idTag"]
        self.assertRegex(token, "^~[0-9a-f]{16}$")
        self.assertIn(token, alerts[0]["message"])

    def test_results_do_not_depend_on_threads(self):
        for capture, names, *_ in WORKED:
            with self.subTest(names):
                outputs = {run("replay", sample(capture), "--alerts", "-", "--threads", threads,
                               *options(names)).out for threads in ("1", "2", "5")}
                self.assertEqual(len(outputs), 1)

    def test_a_filter_suppresses_and_tells_how_much(self):
        trail = self.folder / "trail"
        alerts, done = alerts_of(GUESSING, ["event_count", "filter"], "--audit", trail)
        self.assertEqual(alerts, [])
        self.assertIn("120 matches were suppressed by filters", done.err)
        stop = records_of(trail)[-1]
        self.assertEqual(stop["action"], "stop")
        self.assertEqual(stop["details"]["suppressed"], 120)
        self.assertEqual(stop["details"]["filters"][0]["suppressed"], 120)


class ChangingRules(support.Case):
    """Rules of a replay that reads a pipe; SIGHUP has them read again."""

    def setUp(self):
        super().setUp()
        self.rules = self.folder / "rules"
        self.rules.mkdir()
        self.write_rule("first", "connection.opened")
        self.trail = self.folder / "trail"
        self.process = subprocess.Popen(
            [support.PROGRAM, "replay", "-", "--rules", self.rules, "--alerts", "-", "--audit",
             self.trail], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.capture = sample(GUESSING).read_bytes()
        self.sent = 0

    def tearDown(self):
        self.process.kill()
        self.process.communicate()
        super().tearDown()

    def write_rule(self, name, event):
        (self.rules / "rule.yml").write_text(
            f"title: T\nname: {name}\nlogsource: {{product: evcharging}}\ndetection:\n"
            f"  s: {{event.name: {event}}}\n  condition: s\n")

    def feed(self, share):
        """Sends the capture up to this share of it."""
        end = int(len(self.capture) * share)
        self.process.stdin.write(self.capture[self.sent:end])
        self.process.stdin.flush()
        self.sent = end
        time.sleep(0.1)

    def change(self):
        """Signals, and goes on feeding a little until the change has had the time to happen."""
        os.kill(self.process.pid, signal.SIGHUP)
        begin = self.sent / len(self.capture)
        for step in range(1, 11):
            self.feed(begin + step * 0.02)

    def finish(self):
        out, err = self.process.communicate(self.capture[self.sent:])
        self.assertEqual(self.process.returncode, 0, err)
        names = [alert["finding_info"]["analytic"]["name"] for alert in json_lines(out)]
        return names, [(body["action"], body.get("outcome")) for body in records_of(self.trail)
                       if body.get("kind") == "sensor"], err.decode()

    def test_new_rules_are_taken_over_while_packets_come(self):
        self.feed(0.2)
        self.write_rule("second", "ocpp.message")
        self.change()
        names, sensor, _ = self.finish()
        self.assertIn("first", names)
        self.assertIn("second", names)
        self.assertEqual(sensor, [("start", None), ("rules", "loaded"), ("stop", "ok")])

    def test_rules_with_problems_are_refused_and_the_old_ones_stay(self):
        self.feed(0.2)
        (self.rules / "rule.yml").write_text("title: T\n")
        self.change()
        names, sensor, err = self.finish()
        self.assertEqual(set(names), {"first"})
        self.assertEqual(sensor, [("start", None), ("rules", "refused"), ("stop", "ok")])
        self.assertIn("rule.yml:1:1: error CW1102", err)
        self.assertIn("the old ones stay", err)


class FileAndPipe(support.Case):
    """What is read as it comes gives the same as a file that is there."""

    def alerts_of_pipe(self, capture, names, piece):
        alerts = self.folder / ("-".join(names) + ".jsonl")
        process = subprocess.Popen([support.PROGRAM, "replay", "-", "--alerts", alerts,
                                    *options(names)],
                                   stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        data = capture.read_bytes()
        for begin in range(0, len(data), piece):
            process.stdin.write(data[begin:begin + piece])
            process.stdin.flush()
            support.wait_until_read(process.stdin)
        process.communicate()
        self.assertEqual(process.returncode, 0)
        return alerts.read_bytes()

    def test_correlations_do_not_depend_on_how_the_input_comes(self):
        for name, names, *_ in WORKED:
            with self.subTest(names):
                capture = sample(name)
                file = run("replay", capture, "--alerts", "-", *options(names)).out
                self.assertTrue(file)
                pipe = self.alerts_of_pipe(capture, names, 20_000)

                # The name of the input is not the same.
                told = [[(alert["finding_info"]["analytic"]["name"], alert["activity_id"],
                          alert["count"], alert["message"],
                          alert["evidences"][0]["data"]["first_packet"],
                          alert["evidences"][0]["data"]["last_packet"])
                         for alert in json_lines(lines)] for lines in (file, pipe)]
                self.assertEqual(*told)
                self.assertTrue(all(packets[-1] > 0 for packets in told[0]))


class Showing(support.Case):
    def show(self, name):
        done = run("rules", "show", name, "--rules", support.SOURCE / "samples" / "rules")
        self.assertEqual(done.status, 0, done.err)
        return done.out.decode()

    def test_a_correlation_is_described(self):
        text = self.show("sample_password_guessing")
        self.assertIn("correlation", text)
        self.assertIn("within 60 seconds and for one station.id", text)
        self.assertIn("the number of matches of sample_login_refused is at least 20", text)

    def test_a_filter_is_described(self):
        text = self.show("sample_laboratory")
        self.assertIn("sample_login_refused", text)
        self.assertIn("not laboratory", text)

    def test_an_explanation_names_the_filter_that_suppresses(self):
        for station, suppressed in (("BA-1", True), ("BA-2", False)):
            event = self.file("event.json", json.dumps(
                {"event.category": "http", "event.name": "http.upgrade_refused",
                 "http.status": 401, "station.id": station}))
            done = run("rules", "explain", "--rule", "sample_login_refused", "--event", event,
                       "--rules", support.SOURCE / "samples" / "rules")
            self.assertEqual(done.status, 0, done.err)
            self.assertIn("sample_login_refused matches", done.out.decode())
            self.assertEqual("the filter sample_laboratory suppresses" in done.out.decode(),
                             suppressed)

    def test_only_a_rule_is_explained(self):
        event = self.file("event.json", "{}")
        done = run("rules", "explain", "--rule", "sample_password_guessing", "--event", event,
                   "--rules", support.SOURCE / "samples" / "rules")
        self.assert_refused(done, 2, "is a correlation")


class WrongSets(support.Case):
    def test_a_folder_with_one_bad_rule_is_refused_at_start(self):
        self.file("good.yml", "title: T\nlogsource: {product: evcharging}\ndetection:\n"
                              "  s: {event.name: x}\n  condition: s\n")
        self.file("bad.yml", "title: C\ncorrelation:\n  type: event_count\n  rules: [nobody]\n"
                             "  timespan: 5m\n  condition: {gte: 1}\n")
        done = run("replay", sample(GUESSING), "--rules", self.folder)
        self.assertEqual(done.status, 2)
        self.assertIn("bad.yml:4:11: error CW1801: there is no rule \"nobody\"", done.err)
        self.assertEqual(done.out, b"")


if __name__ == "__main__":
    support.main()
