#!/usr/bin/env python3
"""`rules explain`, `coverage`, `list` and `show` as people and scripts use them.

Usage: rules_test.py PROGRAM SOURCE [more]
"""
import json
import os
import pty
import sqlite3
import subprocess

import support
from support import run, sample

UNSIGNED = "unsigned_firmware_command"
PLAIN_RULE = """title: Reset
name: own_reset
level: low
logsource: {product: evcharging, category: ocpp}
detection:
  s: {ocpp.action: Reset}
  condition: s
"""


def events_of(name):
    return run("replay", sample(name), "--events", "-").out


def coverage(*arguments):
    done = run("rules", "coverage", *arguments, "--format", "json")
    assert done.status == 0, done.err
    return json.loads(done.out)


def state_of(report, name):
    return next(rule for rule in report["rules"] if rule["name"] == name)


def on_terminal(*arguments, columns=60, **environment):
    """What the program writes to a terminal of that width."""
    main, side = pty.openpty()
    support.fcntl.ioctl(side, support.termios.TIOCSWINSZ,
                        support.struct.pack("HHHH", 50, columns, 0, 0))
    with subprocess.Popen([str(support.PROGRAM), *map(str, arguments)], stdout=side,
                          stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          env=dict(os.environ, **environment)) as child:
        os.close(side)
        text = b""
        while True:
            try:
                piece = os.read(main, 65536)
            except OSError:  # Linux says so when the other end is closed.
                break
            if not piece:
                break
            text += piece
        child.wait(support.TIMEOUT_S)
    os.close(main)
    return text.decode()


class Explain(support.Case):
    def explain(self, rule, events, *arguments):
        done = run("rules", "explain", "--rule", rule, "--event", "-", *arguments, input=events)
        self.assertEqual((done.status, done.err), (0, ""))
        return done.out

    def test_what_it_says_is_what_eval_says_for_every_event_of_a_capture(self):
        events = events_of("06a_fw_unsigned.pcap")
        catalog = support.SOURCE / "rules" / "catalog"
        rules = json.loads(run("rules", "list", "--format", "json").out)
        ids = {rule["name"]: rule["id"] for rule in rules}
        matched = {}
        for line in support.json_lines(run("rules", "eval", "--rules", catalog,
                                           input=events).out):
            matched.setdefault(line["rule"], []).append(line["event"])
        for name in (UNSIGNED, "firmware_over_clear_text", "hard_reset_commanded",
                     "station_without_authentication", "firmware_url_with_credentials"):
            with self.subTest(name):
                told = support.json_lines(self.explain(name, events, "--format", "json"))
                self.assertEqual([one["event"] for one in told], list(range(len(told))))
                self.assertEqual([one["event"] for one in told if one["matches"]],
                                 matched.get(ids[name], []))

    def test_examples_of_show_can_be_explained(self):
        shown = run("rules", "show", UNSIGNED).out.decode()
        part = shown.split("Examples that match\n")[1].split("\n\n")[0]
        events = [line.strip() for line in part.splitlines() if line.startswith("  {")]
        self.assertGreaterEqual(len(events), 2)
        text = self.explain(UNSIGNED, "\n".join(events).encode()).decode()
        self.assertEqual(text.count(f"{UNSIGNED} matches"), len(events))

    def test_an_event_on_many_lines_and_from_a_file(self):
        event = self.file("event.json", json.dumps(
            {"event.category": "ocpp", "ocpp.action": "resett"}, indent=2))
        rule = self.file("rule.yml", PLAIN_RULE)
        done = run("rules", "explain", "--rule", "Reset", "--event", event, "--rules", rule)
        self.assertIn(b'no  ocpp.action: "resett" does not fit \'Reset\'', done.out)
        self.assertEqual((done.status, done.err), (0, ""))

    def test_personal_data_stays_hidden(self):
        rule = self.file("rule.yml", PLAIN_RULE.replace("ocpp.action: Reset",
                                                        "ocpp.payload.idTag: x"))
        event = json.dumps({"event.category": "ocpp", "ocpp.payload.idTag": "04E1A2B3"}).encode()
        text = self.explain("own_reset", event, "--rules", rule)
        self.assertNotIn(b"04E1A2B3", text)
        self.assertRegex(text, rb'"~[0-9a-f]{16}" does not fit')

    def test_wrong_usage_is_one_sentence(self):
        rule = ["--rule", UNSIGNED]
        for arguments, content, parts in (
                (["--rule", "unsigned_firmware_comand", "--event", "-"], b"{}",
                 [f'did you mean "{UNSIGNED}"?']),
                (rule + ["--event", self.folder / "none.json"], b"", ["none.json", "cannot open"]),
                (rule + ["--event", self.folder], b"", ["cannot read"]),
                (rule + ["--event", "-"], b"no json\n", ["line 1", "not a JSON object"]),
                (rule + ["--event", "-"], b"\n \n", ["holds no event"]),
                (rule + ["--event", "-", "--rules", self.folder / "no"], b"{}", ["rules check"]),
                (["--event", "-"], b"{}", ["--rule"]), (rule, b"{}", ["--event"])):
            with self.subTest(arguments):
                self.assert_refused(run("rules", "explain", *arguments, input=content), 2, *parts)

    def test_a_full_disk_is_told(self):
        with open("/dev/full", "wb") as full:
            done = run("rules", "explain", "--rule", UNSIGNED, "--event", "-", input=b"{}",
                       stdout=full)
        self.assertEqual(done.status, 74, done.err)


class Coverage(support.Case):
    def test_fired_is_what_a_replay_alerts_of(self):
        capture = sample("06a_fw_unsigned.pcap")
        report = coverage("--capture", capture)
        done = run("replay", capture, "--alerts", "-")
        alerts = support.json_lines(done.out)
        fired = {rule["name"]: rule["matches"] for rule in report["rules"] if rule["matches"]}
        self.assertEqual(set(fired), {support.rule_of(alert) for alert in alerts})
        self.assertIn(f"(from {sum(fired.values())} matches of", done.err)
        counts = report["summary"]
        self.assertEqual(counts["rules"], len(report["rules"]))
        self.assertEqual(counts["rules"], counts["fired"] + counts["could_fire"] +
                         counts["not_observable"])
        self.assertTrue(all(rule["why"] for rule in report["rules"]
                            if rule["state"] == "not_observable"))

    def test_it_does_not_depend_on_threads_and_takes_several_captures(self):
        captures = ["--capture", sample("06a_fw_unsigned.pcap"), sample("09a_config_16.pcap")]
        one = coverage(*captures)
        self.assertEqual(one, coverage(*captures, "--threads", "4"))
        for name in (UNSIGNED, "heartbeat_disabled"):
            self.assertEqual(state_of(one, name)["state"], "fired")

    def test_a_table_fits_100_columns(self):
        done = run("rules", "coverage", "--capture", sample("04a_tls12_keylog.pcap"))
        text = done.out.decode()
        self.assertLessEqual(max(map(len, text.splitlines())), 100)
        self.assertIn("only seen encrypted (TLS without keys)", text)
        self.assertNotIn("\x1b", text)

    def test_filters_choose_rules(self):
        capture = ["--capture", sample("ws.pcap")]
        for filters, key, values in ((["--level", "high"], "level", {"high"}),
                                     (["--min-level", "high"], "level", {"high", "critical"}),
                                     (["--theme", "firmware"], "theme", {"firmware"})):
            report = coverage(*capture, *filters)
            self.assertEqual({rule[key] for rule in report["rules"]}, values)

    def test_wrong_usage_is_one_sentence(self):
        text = self.file("text.pcap", "not a capture")
        for arguments, part in (([], "--capture"),
                                (["--capture", self.folder / "none.pcap"], "none.pcap"),
                                (["--capture", text], "text.pcap"),
                                (["--audit", self.folder / "trail"], "trail"),
                                (["--audit", self.folder, "--capture", text], "--capture"),
                                (["--capture", text, "--level", "severe"], "--level")):
            with self.subTest(arguments):
                self.assert_refused(run("rules", "coverage", *arguments), 2, part)


class CoverageOfTrail(support.Case):
    def setUp(self):
        super().setUp()
        self.trail = self.folder / "trail"

    def replay(self, *arguments):
        done = run("replay", *arguments, "--audit", self.trail)
        self.assertEqual(done.status, 0, done.err)

    def test_all_runs_count_together(self):
        for name in ("06a_fw_unsigned.pcap", "09a_config_16.pcap", "04a_tls12_keylog.pcap"):
            self.replay(sample(name))
        report = coverage("--audit", self.trail)
        alerts = support.json_lines(run("audit", "query", "--audit", self.trail, "--kind", "alert",
                                        "--action", "create", "--format", "json").out)
        counts = {}
        for alert in alerts:
            name = support.rule_of(alert["body"])
            counts[name] = counts.get(name, 0) + 1
        self.assertEqual({rule["name"]: rule["alerts"] for rule in report["rules"]
                          if rule["state"] == "fired"}, counts)
        self.assertEqual(state_of(report, "heartbeat_disabled")["state"], "fired")
        hard_reset = state_of(report, "hard_reset_commanded")
        self.assertEqual(hard_reset["state"], "not_observable")
        self.assertTrue(hard_reset["why"].startswith("no Reset call was seen; "))
        self.assertIn("3 runs are in the trail", report["notes"])
        self.assertFalse([note for note in report["notes"] if "no stop" in note])

    def test_a_trail_agrees_with_its_capture_about_what_was_seen(self):
        capture = sample("09a_config_16.pcap")
        self.replay(capture)
        of_trail = {rule["name"]: rule for rule in coverage("--audit", self.trail)["rules"]}
        of_capture = coverage("--capture", capture)["rules"]
        # A trail has alerts only: what is counted for others alone leaves nothing in it.
        self.assertEqual({rule["name"] for rule in of_capture} - set(of_trail), {"answer_slow"})
        for rule in of_capture:
            if rule["name"] not in of_trail:
                continue
            other = of_trail[rule["name"]]
            with self.subTest(rule["name"]):
                # A trail does not know fields; for the rest both see the same.
                if not rule.get("why", "").startswith("the field"):
                    self.assertEqual(other["state"], rule["state"])

    def test_other_rules_and_foreign_alerts_are_said(self):
        own = self.file("own.yml", PLAIN_RULE.replace("Reset}", "'*'}"))
        self.replay(sample("ws.pcap"), "--rules", own)
        notes = "\n".join(coverage("--audit", self.trail)["notes"])
        self.assertIn("1 run was made with other rules", notes)
        self.assertIn("alerts of 1 rule that is not loaded: own_reset", notes)
        self.assertEqual(state_of(coverage("--audit", self.trail, "--rules", own),
                                  "own_reset")["state"], "fired")

    def test_a_trail_that_somebody_changed_is_read_with_care(self):
        self.replay(sample("09a_config_16.pcap"))
        for body in ("", "no json", "5", "[]", "{}", '{"observed": 5}', '{"observed": []}',
                     '{"observed": {"events": [1, 2], "messages": "x", "other_messages": -1}}',
                     '{"observed": {"events": {"ocpp.message": {}, "none": 1, "tls.seen": "2"}}}',
                     '{"observed": {"messages": {"1.6": [1], "2.1": {"Reset": 5, "": {"": 1}}}}}',
                     '{"observed": {"messages": {"1.6": {"Reset": {"call": 18446744073709551616,'
                     ' "nonsense": 1, "result": 1.5}}}}}',
                     '{"observed": ' + "[" * 100_000 + "]" * 100_000 + "}"):
            with sqlite3.connect(self.trail / "audit.db") as store:
                store.execute("DROP TRIGGER IF EXISTS record_is_not_updated")
                store.execute("UPDATE record SET body = ?, rule = NULL WHERE action = 'stop' "
                              "OR kind = 'alert'", (body.encode(),))
            store.close()
            with self.subTest(body[:80]):
                report = coverage("--audit", self.trail)
                self.assertEqual(report["summary"]["fired"], 0)
                self.assertEqual(len(report["rules"]), report["summary"]["rules"])

    def test_a_run_that_was_killed_is_said(self):
        fifo = self.folder / "capture"
        os.mkfifo(fifo)
        with subprocess.Popen([str(support.PROGRAM), "replay", str(fifo), "--audit",
                               str(self.trail)], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as child:
            with open(fifo, "wb", buffering=0) as out:
                out.write(sample("06a_fw_unsigned.pcap").read_bytes())
                support.wait_for(lambda: run("audit", "query", "--audit",
                                             self.trail).out.count(b"start") == 1)
                child.kill()
                child.wait(support.TIMEOUT_S)
        notes = coverage("--audit", self.trail)["notes"]
        self.assertTrue([note for note in notes if note.startswith("1 run began and has no stop")])


class ListAndShow(support.Case):
    def test_a_list_wraps_to_the_terminal_in_colour_unless_told_not_to(self):
        text = on_terminal("rules", "list", columns=70, TERM="xterm")
        self.assertIn("\x1b[1;31mcritical", text)
        plain = on_terminal("rules", "list", columns=100, NO_COLOR="1")
        self.assertNotIn("\x1b", plain)
        self.assertLessEqual(max(map(len, plain.splitlines())), 100)
        piped = run("rules", "list").out.decode()
        self.assertNotIn("\x1b", piped)
        rows = json.loads(run("rules", "list", "--format", "json").out)
        self.assertEqual(len(piped.splitlines()), len(rows) + 1)

    def test_filters_can_be_combined(self):
        def names(*filters):
            done = run("rules", "list", "--format", "json", *filters)
            return {rule["name"] for rule in json.loads(done.out)}
        high = names("--min-level", "high")
        firmware = names("--theme", "firmware")
        posture = names("--tag", "chargewarden.posture")
        self.assertTrue(high & firmware and high - firmware and posture)
        self.assertEqual(names("--min-level", "high", "--theme", "firmware"), high & firmware)
        self.assertEqual(names("--min-level", "high", "--tag", "chargewarden.posture"),
                         high & posture)

    def test_show_has_the_place_and_the_text_of_the_rule(self):
        text = run("rules", "show", UNSIGNED).out.decode()
        place = support.SOURCE / "rules" / "catalog" / "firmware" / f"{UNSIGNED}.yml"
        self.assertIn(f"{UNSIGNED}.yml:1\n", text)
        written = text.split("As it is written\n")[1]
        self.assertEqual([line[2:] for line in written.splitlines()],
                         place.read_text(encoding="utf-8").rstrip().splitlines())
        self.assert_refused(run("rules", "show", "nonsense"), 2, "there is no rule")


if __name__ == "__main__":
    support.main()
