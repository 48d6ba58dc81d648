#!/usr/bin/env python3
"""The audit trail as people and scripts use it: replay into it, ask it, kill its writer.

Usage: audit_test.py PROGRAM SOURCE GENERATOR
"""
import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile

import support
from support import run, sample

CAPTURES = ("09a_config_16.pcap", "12_privacy.pcap")
LEVELS = ["informational", "low", "medium", "high", "critical"]
COLUMNS = ["index", "time", "kind", "level", "station", "rule", "action", "outcome", "body"]


def records(trail, *filters):
    """Records of `audit query` as objects."""
    limit = [] if "--limit" in filters else ["--limit", "1000000"]
    done = run("audit", "query", "--audit", trail, "--format", "json", *limit, *filters)
    if done.status != 0:
        raise AssertionError(done.err)
    return support.json_lines(done.out)


class Query(support.Case):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory(prefix="chargewarden-test-")
        cls.addClassCleanup(cls.place.cleanup)
        cls.trail = os.path.join(cls.place.name, "trail")
        cls.alerts = os.path.join(cls.place.name, "alerts")
        for name in CAPTURES:
            done = run("replay", sample(name), "--audit", cls.trail, "--alerts", cls.alerts)
            assert done.status == 0, done.err
        cls.all = records(cls.trail)
        # The CSV form has the columns that filters look at.
        text = run("audit", "query", "--audit", cls.trail, "--format", "csv").out.decode()
        cls.rows = list(csv.DictReader(io.StringIO(text, newline="")))

    def check(self, filters, predicate):
        """The filter gives the records for which the predicate holds, and not all or none."""
        expected = [int(row["index"]) for row in self.rows if predicate(row)]
        with self.subTest(filters):
            found = records(self.trail, *filters)
            self.assertEqual([record["index"] for record in found], expected)
            self.assertTrue(all(record == self.all[record["index"]] for record in found))
            self.assertTrue(0 < len(expected) < len(self.all), f"{len(expected)} records")

    def test_every_alert_of_the_file_is_in_the_trail(self):
        with open(self.alerts, "rb") as alerts:
            published = support.json_lines(alerts.read())
        kept = [record["body"] for record in self.all if record["kind"] == "alert"]
        self.assertEqual(kept, published)
        for record in self.all:
            if record["kind"] == "alert":
                self.assertEqual(record["body"]["evidences"][0]["data"]["audit_index"],
                                 record["index"])

    def test_indexes_have_no_holes_and_runs_begin_and_end(self):
        self.assertEqual([record["index"] for record in self.all], list(range(len(self.all))))
        marks = [record["body"]["action"] for record in self.all if record["kind"] == "sensor"]
        self.assertEqual(marks, ["start", "stop"] * len(CAPTURES))
        self.assertEqual((self.all[0]["kind"], self.all[-1]["kind"]), ("sensor", "sensor"))

    def test_a_stop_tells_how_the_input_ended(self):
        data = sample(CAPTURES[0]).read_bytes()
        for name, content, outcomes in (("whole.pcap", data, ["ok"]),
                                        ("cut.pcap", data[:-1], ["incomplete"]),
                                        ("empty.pcap", support.pcap_header(), [])):
            capture = self.folder / name
            capture.write_bytes(content)
            trail = self.folder / f"trail of {name}"
            run("replay", capture, "--audit", trail)
            stops = [record["body"] for record in records(trail, "--action", "stop")]
            self.assertEqual([stop["outcome"] for stop in stops], outcomes, name)

    def test_each_filter_selects_what_it_says(self):
        for kind in ("alert", "action", "sensor"):
            self.check(["--kind", kind], lambda r, kind=kind: r["kind"] == kind)
        for station in ("CFG-3", "PRV-1"):
            self.check(["--station", station], lambda r, s=station: r["station"] == s)
        self.check(["--rule", "authorization_weakened"],
                   lambda r: r["rule"] == "authorization_weakened")
        self.check(["--action", "ChangeConfiguration"],
                   lambda r: r["action"] == "ChangeConfiguration")
        for at, level in enumerate(LEVELS):
            self.check(["--level", level], lambda r, levels=LEVELS[at:]: r["level"] in levels)
        middle = self.rows[len(self.rows) // 2]
        self.check(["--from", middle["time"]], lambda r: r["time"] >= middle["time"])
        self.check(["--to", middle["time"]], lambda r: r["time"] < middle["time"])
        self.check(["--after", middle["index"]], lambda r: int(r["index"]) > int(middle["index"]))
        self.check(["--limit", "3"], lambda r: int(r["index"]) < 3)

    def test_filters_combine(self):
        self.check(["--station", "CFG-1", "--kind", "action"],
                   lambda r: r["station"] == "CFG-1" and r["kind"] == "action")
        high = [r["index"] for r in self.rows if r["level"] in LEVELS[3:] and int(r["index"]) > 5]
        self.check(["--kind", "alert", "--level", "high", "--limit", "2", "--after", "5"],
                   lambda r: r["index"] in high[:2])

    def test_pages_give_everything_once(self):
        seen, after = [], None
        while after is None or after < len(self.all) - 1:
            filters = ["--limit", "7"] + ([] if after is None else ["--after", after])
            page = records(self.trail, *filters)
            self.assertTrue(page)
            seen += page
            after = page[-1]["index"]
        self.assertEqual(seen, self.all)

    def test_a_page_that_is_full_says_how_to_go_on(self):
        done = run("audit", "query", "--audit", self.trail, "--limit", "7", "--format", "json")
        self.assertEqual(done.status, 0)
        self.assertIn("--after 6", done.err)
        done = run("audit", "query", "--audit", self.trail, "--format", "json")
        self.assertEqual(done.err, "")

    def test_csv_holds_what_json_holds(self):
        self.assertEqual(list(self.rows[0]), COLUMNS)
        self.assertEqual(len(self.rows), len(self.all))
        for row, record in zip(self.rows, self.all):
            self.assertEqual(json.loads(row["body"]), record["body"])
            for column in ("index", "kind", "time"):
                self.assertEqual(row[column], str(record[column]))
            body = record["body"]
            if record["kind"] == "alert":
                self.assertEqual((row["rule"], row["station"], row["level"]),
                                 (support.rule_of(body), support.station_of(body),
                                  body["unmapped"]["level"]))
            elif record["kind"] == "action":
                self.assertEqual((row["action"], row["station"], row["outcome"]),
                                 (body["action"], body["station"], body.get("outcome", "")))

    def test_a_table_has_a_row_for_each_record(self):
        text = run("audit", "query", "--audit", self.trail).out.decode()
        self.assertEqual(sum(line.split()[0].isdigit() for line in text.splitlines() if line),
                         len(self.all))
        self.assertNotIn("\x1b", text)

    def test_show_gives_one_record_in_both_forms(self):
        for index in (0, len(self.all) // 2, len(self.all) - 1):
            with self.subTest(index):
                done = run("audit", "show", "--audit", self.trail, index, "--format", "json")
                self.assertEqual(support.json_lines(done.out), [self.all[index]])
                text = run("audit", "show", "--audit", self.trail, index).out.decode()
                self.assertEqual(json.loads(text.split("\n\n", 1)[1]),
                                 self.all[index]["body"])

    def test_what_is_not_there_is_said(self):
        done = run("audit", "query", "--audit", self.trail, "--station", "nobody")
        self.assertEqual((done.status, done.out), (0, b""))
        self.assertIn("no record", done.err)
        done = run("audit", "show", "--audit", self.trail, len(self.all))
        self.assert_refused(done, 2, f"no record {len(self.all)}")
        for option, value in (("--from", "yesterday"), ("--to", "2026-13-01T00:00:00Z"),
                              ("--level", "worst"), ("--kind", "thing"), ("--format", "xml"),
                              ("--limit", "0"), ("--after", "-1")):
            with self.subTest(option):
                done = run("audit", "query", "--audit", self.trail, option, value)
                self.assert_refused(done, 2, option)

    def test_asking_changes_nothing(self):
        path = os.path.join(self.trail, "audit.db")
        with open(path, "rb") as file:
            before = file.read()
        records(self.trail)
        run("audit", "show", "--audit", self.trail, "1")
        with open(path, "rb") as file:
            self.assertEqual(file.read(), before)


class OtherStores(support.Case):
    def test_a_missing_trail_is_named_and_not_made(self):
        trail = self.folder / "nowhere"
        for command in (["query"], ["show", "0"]):
            self.assert_refused(run("audit", *command, "--audit", trail), 2, str(trail))
        self.assertFalse(trail.exists())

    def test_the_database_of_another_program_is_left_alone(self):
        with sqlite3.connect(self.folder / "audit.db") as other:
            other.execute("CREATE TABLE recipe (name TEXT)")
        other.close()
        before = (self.folder / "audit.db").read_bytes()
        for done in (run("audit", "query", "--audit", self.folder),
                     run("audit", "show", "--audit", self.folder, "0"),
                     run("replay", sample("ws.pcap"), "--audit", self.folder)):
            self.assert_refused(done, 2, str(self.folder), "not an audit trail")
        self.assertEqual((self.folder / "audit.db").read_bytes(), before)

    def test_a_file_that_is_no_database_is_left_alone(self):
        path = self.file("audit.db", b"not a database, and long enough to be one " * 40)
        before = path.read_bytes()
        for done in (run("audit", "query", "--audit", self.folder),
                     run("replay", sample("ws.pcap"), "--audit", self.folder)):
            self.assert_refused(done, 2, str(path))
        self.assertEqual(path.read_bytes(), before)


class Killed(support.Case):
    def setUp(self):
        super().setUp()
        self.capture = self.folder / "traffic.pcap"
        subprocess.run([support.MORE[0], "--messages", "20000", "--concurrent", "100",
                        "--alerts-per-1000", "100", "-o", self.capture],
                       check=True, stdout=subprocess.DEVNULL)

    def kill_after(self, trail, count):
        """Kills a replay from a pipe once the trail holds so many records; the pipe stays open."""
        (self.folder / "piped").mkdir()
        pipe = self.folder / "piped" / self.capture.name
        os.mkfifo(pipe)
        child = subprocess.Popen([support.PROGRAM, "replay", pipe, "--audit", trail],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(child.kill)
        data = memoryview(self.capture.read_bytes())
        with open(pipe, "wb", buffering=0) as out:
            while self.count(trail) < count:
                self.assertTrue(data, "the capture ended before the trail had so many records")
                data = data[out.write(data[:65_536]):]
            child.send_signal(signal.SIGKILL)
            self.assertEqual(child.wait(timeout=support.TIMEOUT_S), -signal.SIGKILL)

    @staticmethod
    def count(trail):
        if not (trail / "audit.db").exists():
            return 0
        try:
            store = sqlite3.connect(f"file:{trail}/audit.db?mode=ro", uri=True)
            try:
                return store.execute("SELECT count(*) FROM record").fetchone()[0]
            finally:
                store.close()
        except sqlite3.Error:
            return 0  # Not made yet, or busy at this moment.

    def test_a_killed_replay_leaves_a_prefix_and_the_next_one_appends(self):
        whole = self.folder / "whole"
        self.assertEqual(run("replay", self.capture, "--audit", whole).status, 0)
        expected = records(whole)
        killed = self.folder / "killed"
        self.kill_after(killed, 500)
        kept = records(killed)
        self.assertTrue(500 <= len(kept) < len(expected), f"{len(kept)} records")
        self.assertEqual(kept, expected[:len(kept)])
        store = sqlite3.connect(killed / "audit.db")
        self.assertEqual(store.execute("PRAGMA integrity_check").fetchone(), ("ok",))
        store.close()

        done = run("replay", sample("ws.pcap"), "--audit", killed)
        self.assertEqual((done.status, done.err), (0, ""))
        after = records(killed)
        self.assertEqual(after[:len(kept)], kept)
        added = after[len(kept):]
        self.assertEqual([record["index"] for record in added],
                         list(range(len(kept), len(after))))
        self.assertEqual((added[0]["body"]["action"], added[-1]["body"]["action"]),
                         ("start", "stop"))

    def test_two_writers_of_one_trail_are_kept_apart(self):
        trail = self.folder / "trail"
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        child = subprocess.Popen([support.PROGRAM, "replay", pipe, "--audit", trail],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.addCleanup(child.stderr.close)
        self.addCleanup(child.kill)
        data = memoryview(self.capture.read_bytes())
        with open(pipe, "wb", buffering=0) as out:
            while self.count(trail) == 0:
                data = data[out.write(data[:65_536]):]
            second = run("replay", sample("ws.pcap"), "--audit", trail)
            self.assertNotEqual(second.status, 0)
            self.assertEqual(second.out, b"")
            self.assert_sentence(second, str(trail))
            while data:
                data = data[out.write(data[:65_536]):]
        _, err = child.communicate(timeout=support.TIMEOUT_S)
        self.assertEqual((child.returncode, err), (0, b""))
        starts = [r for r in records(trail, "--kind", "sensor") if r["body"]["action"] == "start"]
        self.assertEqual(len(starts), 1)


if __name__ == "__main__":
    if len(support.MORE) != 1:
        sys.exit("usage: audit_test.py PROGRAM SOURCE GENERATOR")
    support.main()
