#!/usr/bin/env python3
"""What `replay` says and returns when its output cannot be written, and for wrong command lines.

Usage: replay_output_test.py PROGRAM SOURCE
"""
import os
import resource
import subprocess

import support
from support import run, sample

CAPTURE = "09a_config_16.pcap"
LEVELS = ["informational", "low", "medium", "high", "critical"]


def file_limit(limit_bytes):
    """Options of a run whose files may not become longer."""
    return {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE,
                                                     (limit_bytes, limit_bytes))}


def with_stdout(path, *arguments):
    with open(path, "wb") as stdout:
        return run(*arguments, stdout=stdout)


class UnwritableOutput(support.Case):
    def test_a_place_that_does_not_exist_is_wrong_usage(self):
        path = self.folder / "nowhere" / "out"
        for option in ("--alerts", "--events"):
            with self.subTest(option):
                self.assert_refused(run("replay", sample(CAPTURE), option, path), 2, str(path),
                                    "No such file")
        path = self.folder / "nowhere" / "deeper" / "trail"
        self.assert_refused(run("replay", sample(CAPTURE), "--audit", path), 2, str(path))

    def test_a_folder_is_no_output_file_and_a_file_no_audit_folder(self):
        for option in ("--alerts", "--events"):
            with self.subTest(option):
                done = run("replay", sample(CAPTURE), option, self.folder)
                self.assert_refused(done, 2, str(self.folder), "Is a directory")
        path = self.file("file", "text")
        self.assert_refused(run("replay", sample(CAPTURE), "--audit", path), 2, str(path))
        self.assertEqual(path.read_text(), "text")

    def test_a_full_disk_ends_the_run_with_74_and_the_summary(self):
        for option, name in (("--alerts", "alert file"), ("--events", "event file")):
            with self.subTest(option):
                done = run("replay", sample(CAPTURE), option, "/dev/full")
                self.assertEqual(done.status, 74)
                self.assert_sentence(done, name, '"/dev/full"', "No space left")
                self.assertIn(b"Summary\n", done.out)

    def test_what_was_written_before_the_disk_was_full_stays_intact(self):
        for option in ("--alerts", "--events"):
            with self.subTest(option):
                whole = self.folder / "whole"
                self.assertEqual(run("replay", sample(CAPTURE), option, whole).status, 0)
                limited = self.folder / "limited"
                done = run("replay", sample(CAPTURE), option, limited, **file_limit(12_000))
                self.assertEqual(done.status, 74, done.err)
                self.assert_sentence(done, str(limited), "File too large")
                self.assertIn(b"Summary\n", done.out)
                self.assertEqual(limited.read_bytes(), whole.read_bytes()[:12_000])
                whole.unlink()

    def test_an_audit_trail_that_cannot_grow_ends_the_run_with_74(self):
        # With less than the first pages the trail cannot be made, with more it fails on the way.
        for limit, begun in ((1_024, False), (8_192, False), (65_536, True), (102_400, True)):
            with self.subTest(limit):
                trail = self.folder / f"trail{limit}"
                alerts = self.folder / f"alerts{limit}"
                done = run("replay", sample(CAPTURE), "--audit", trail, "--alerts", alerts,
                           **file_limit(limit))
                self.assertEqual(done.status, 74, done.err)
                self.assert_sentence(done, str(trail))
                self.assertEqual(b"Summary\n" in done.out, begun)
                # Acknowledged means recorded: nothing was published that the trail does not hold.
                published = support.json_lines(alerts.read_bytes()) if alerts.exists() else []
                if begun:
                    query = run("audit", "query", "--audit", trail, "--format", "json")
                    self.assertEqual(query.status, 0, query.err)
                    kept = [record["body"] for record in support.json_lines(query.out)
                            if record["kind"] == "alert"]
                    self.assertEqual(published, kept[:len(published)])
                else:
                    self.assertEqual(published, [])
                # With room again the same folder serves.
                again = run("replay", sample(CAPTURE), "--audit", trail)
                self.assertEqual(again.status, 0, again.err)

    def test_a_full_standard_output_is_never_success(self):
        for arguments in (["version"], ["--help"], ["replay", "--help"], ["rules", "list"],
                          ["rules", "fields"], ["replay", sample(CAPTURE)],
                          ["replay", sample(CAPTURE), "--alerts", "-"],
                          ["replay", sample(CAPTURE), "--events", "-"]):
            with self.subTest(arguments):
                done = with_stdout("/dev/full", *arguments)
                self.assertEqual(done.status, 74)
                self.assert_sentence(done, "standard output")

    def test_a_reader_that_goes_away_is_no_crash(self):
        for form in ([], ["--alerts", "-"], ["--events", "-"]):
            with self.subTest(form):
                reader, writer = os.pipe()
                os.close(reader)
                done = run("replay", sample(CAPTURE), *form, stdout=writer)
                os.close(writer)
                self.assertEqual(done.status, 74)
                self.assert_sentence(done, "standard output", "Broken pipe")

    def test_a_reader_that_takes_one_line_gets_a_whole_one(self):
        child = subprocess.Popen([support.PROGRAM, "replay", sample("07a_suspicious_sessions.pcap"),
                                  "--events", "-"],
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        line = child.stdout.readline()
        child.stdout.close()
        self.assertEqual(support.json_lines(line)[0]["event.name"], "connection.opened")
        self.assertIn(child.wait(timeout=support.TIMEOUT_S), (0, 74))

    def test_a_closed_standard_output_does_not_end_in_another_file(self):
        alerts = self.folder / "alerts"
        done = run("replay", sample(CAPTURE), "--alerts", alerts, "--audit", self.folder / "trail",
                   preexec_fn=lambda: os.close(1))
        self.assertEqual(done.status, 74, done.err)
        for line in support.json_lines(alerts.read_bytes()):
            self.assertEqual(line["class_uid"], 2004)
        self.assertEqual((self.folder / "trail" / "audit.lock").read_bytes(), b"")
        query = run("audit", "query", "--audit", self.folder / "trail")
        self.assertEqual(query.status, 0, query.err)


class Rules(support.Case):
    BROKEN = ("title: Broken\nid: 11111111-2222-4333-8444-555555555555\n"
              "logsource:\n  product: evcharging\n  category: ocpp\n"
              "detection:\n  selection:\n    ocpp.acton: Reset\n  condition: selection\n")

    def test_one_broken_rule_stops_everything_and_is_shown_with_its_place(self):
        catalog = support.SOURCE / "rules" / "catalog"
        rules = self.folder / "rules"
        rules.mkdir()
        (rules / "good.yml").write_bytes(next(catalog.glob("privacy/*.yml")).read_bytes())
        (rules / "placeholders.yml").write_bytes((catalog / "placeholders.yml").read_bytes())
        bad = rules / "bad.yml"
        bad.write_text(self.BROKEN)
        alerts = self.folder / "alerts"
        done = run("replay", sample(CAPTURE), "--rules", rules, "--alerts", alerts)
        self.assertEqual((done.status, done.out), (2, b""))
        self.assertTrue(done.err.startswith("chargewarden: the rules have 1 problem:\n"), done.err)
        self.assertIn(f"{bad}:8:5: error", done.err)
        self.assertIn('did you mean "ocpp.action"', done.err)
        self.assertFalse(alerts.exists())
        bad.write_text(self.BROKEN.replace("acton", "action"))
        done = run("replay", sample(CAPTURE), "--rules", rules, "--alerts", alerts)
        self.assertEqual((done.status, done.err), (0, ""))

    def test_missing_rules_are_named(self):
        path = self.folder / "nowhere"
        done = run("replay", sample(CAPTURE), "--rules", path)
        self.assertEqual((done.status, done.out), (2, b""))
        self.assertIn(str(path), done.err)

    def test_the_folder_of_rules_may_stand_before_several_captures(self):
        catalog = support.SOURCE / "rules" / "catalog"
        done = run("replay", "--rules", catalog, sample("ws.pcap"), sample(CAPTURE))
        self.assertEqual((done.status, done.err), (0, ""))
        self.assertIn(b" matches of ", done.out)

    def test_rules_may_be_named_more_than_once(self):
        catalog = support.SOURCE / "rules" / "catalog"
        themes = [catalog / "metering", catalog / "sessions"]
        counts = []
        for rules in (themes[:1], themes[1:], themes):
            options = [part for rule in rules for part in ("--rules", rule)]
            done = run("replay", sample("ws.pcap"), *options)
            self.assertEqual(done.status, 0, done.err)
            counts.append(int(done.out.split(b" matches of ")[1].split()[0]))
        self.assertEqual(counts[0] + counts[1], counts[2])


class CommandLine(support.Case):
    def test_wrong_usage_ends_with_2_and_one_sentence(self):
        capture = sample("ws.pcap")
        for arguments, part in (
                ([], "subcommand"), (["nonsense"], "nonsense"), (["replay"], "CAPTURE"),
                (["replay", capture, "--nonsense"], "--nonsense"),
                (["replay", capture, "--threads", "0"], "--threads"),
                (["replay", capture, "--threads", "65"], "--threads"),
                (["replay", capture, "--threads", "two"], "--threads"),
                (["replay", capture, "--fail-on", "worst"], "--fail-on"),
                (["replay", capture, "--alerts", "-", "--events", "-"], "standard output"),
                (["audit", "query"], "--audit"), (["audit", "show", "--audit", "x"], "index"),
                (["rules", "eval"], "--rules"), (["rules", "show"], "NAME")):
            with self.subTest(arguments):
                done = run(*arguments)
                self.assert_refused(done, 2, part)
                self.assertEqual(len(done.err.splitlines()), 1, done.err)

    def test_every_help_has_an_example(self):
        commands = [["replay"], ["rules"], ["audit"], ["version"]]
        for group in ("rules", "audit"):
            lines = run(group, "--help").out.decode().split("Subcommands:\n")[1].splitlines()
            commands += [[group, line.split()[0]] for line in lines if line.startswith("  ")]
        self.assertGreater(len(commands), 9)
        for command in [[]] + commands:
            with self.subTest(command):
                done = run(*command, "--help")
                self.assertEqual((done.status, done.err), (0, ""))
                text = done.out.decode()
                self.assertRegex(text, r"Examples?:")
                self.assertIn(" ".join(["chargewarden", *command]), text.split("Example")[1])

    def test_fail_on_compares_with_the_highest_level(self):
        highest = {"ws.pcap": "high", CAPTURE: "critical"}
        for name, level in highest.items():
            for asked in LEVELS:
                with self.subTest(capture=name, fail_on=asked):
                    done = run("replay", sample(name), "--fail-on", asked, "--alerts", "-")
                    levels = {a["unmapped"]["level"] for a in support.json_lines(done.out)}
                    self.assertEqual(max(levels, key=LEVELS.index), level)
                    expected = int(LEVELS.index(asked) <= LEVELS.index(level))
                    self.assertEqual(done.status, expected)

    def test_fail_on_without_alerts_is_success(self):
        path = self.file("none.pcap", support.pcap_header())
        self.assertEqual(run("replay", path, "--fail-on", "informational").status, 0)

    def test_there_is_no_colour_away_from_a_terminal_or_with_no_color(self):
        self.assertNotIn(b"\x1b", run("replay", sample(CAPTURE)).out)
        for no_color in (False, True):
            with self.subTest(NO_COLOR=no_color):
                environment = {"PATH": os.environ["PATH"], "TERM": "xterm"}
                if no_color:
                    environment["NO_COLOR"] = "1"
                self.assertEqual(b"\x1b[" in self.on_terminal(environment), not no_color)

    @staticmethod
    def on_terminal(environment):
        """What a replay writes on a terminal of its own."""
        master, slave = os.openpty()
        child = subprocess.Popen([support.PROGRAM, "replay", sample(CAPTURE)], env=environment,
                                 stdin=subprocess.DEVNULL, stdout=slave, stderr=subprocess.DEVNULL)
        os.close(slave)
        out = b""
        try:
            while piece := os.read(master, 65_536):
                out += piece
        except OSError:
            pass  # The other side is closed.
        os.close(master)
        child.wait(timeout=support.TIMEOUT_S)
        return out


if __name__ == "__main__":
    support.main()
