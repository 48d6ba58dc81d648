#!/usr/bin/env python3
"""What `replay` does when SIGINT or SIGTERM ends it: all that was read is reported.

Usage: interrupt_test.py PROGRAM SOURCE GENERATOR

The capture comes through a pipe that stays open and silent, so only the signal can end the replay.
"""
import gzip
import os
import signal
import subprocess
import sys

import support
from support import run, sample

CAPTURE = "09a_config_16.pcap"
SIGNALS = (signal.SIGINT, signal.SIGTERM)
THREADS = (1, 2)


def fields(child, task=None):
    """What the kernel says of the main thread of a process, or of another."""
    with open(f"/proc/{child.pid}/task/{task or child.pid}/status", encoding="ascii") as status:
        return {name: value.strip() for name, value in (line.split(":", 1) for line in status)}


def has(mask, number):
    return bool(int(mask, 16) >> (number - 1) & 1)


def sleeps(child):
    """Whether the main thread waits for something."""
    return fields(child)["State"].startswith("S")


class Run:
    """A replay that waits at a pipe, after it has read `data` from there."""

    def __init__(self, case, name, data, *arguments, **options):
        folder = case.new_folder()
        pipe = folder / name
        os.mkfifo(pipe)
        self.child = subprocess.Popen(
            [support.PROGRAM, "replay", pipe, *map(str, arguments)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        case.addCleanup(self.child.wait)
        case.addCleanup(self.child.kill)
        case.addCleanup(self.child.stdout.close)
        case.addCleanup(self.child.stderr.close)
        self.writer = open(pipe, "wb", buffering=0)
        case.addCleanup(self.writer.close)
        self.writer.write(data)
        support.wait_until_read(self.writer)
        # A packed capture may have been taken from the pipe as a whole before it is decoded.
        support.wait_for(lambda: self.child.poll() is not None
                         or (has(fields(self.child)["SigCgt"], signal.SIGTERM)
                             and sleeps(self.child)))

    def end(self, *numbers):
        """Sends the signals and returns (status, out, err), the pipe being open."""
        for number in numbers:
            self.child.send_signal(number)
        out, err = self.child.communicate(timeout=support.TIMEOUT_S)
        return support.Done(self.child.returncode, out, err.decode())


class Interrupted(support.Case):
    def setUp(self):
        super().setUp()
        self.data = sample(CAPTURE).read_bytes()
        records = support.pcap_records(self.data)
        self.count = len(records) * 3 // 4
        self.cut = records[self.count]  # After so many packets.
        self.folders = 0

    def new_folder(self):
        self.folders += 1
        folder = self.folder / f"{self.folders}"
        folder.mkdir()
        return folder

    def start(self, *arguments, more=5, **options):
        """A replay of most of a capture, and of a few bytes of a record that does not end."""
        return Run(self, CAPTURE, self.data[:self.cut + more], *arguments, **options)

    def expected(self, *arguments):
        """The same for a file that ends with the last whole record."""
        path = self.new_folder() / CAPTURE
        path.write_bytes(self.data[:self.cut])
        done = run("replay", path, *arguments)
        self.assertEqual(done.status, 0, done.err)
        return done

    @staticmethod
    def lines(summary):
        """Lines of a summary that do not tell how long it took."""
        return [line for line in summary.splitlines() if not line.startswith("  speed")]

    def test_all_that_was_read_is_reported_as_at_the_end_of_the_input(self):
        alerts = self.new_folder() / "alerts"
        expected = self.expected("--alerts", alerts, "--events", "-")
        activities = {alert["activity_name"] for alert in support.json_lines(alerts.read_bytes())}
        self.assertEqual(activities, {"Create", "Update"})
        for number in SIGNALS:
            for threads in THREADS:
                with self.subTest(signal=number.name, threads=threads):
                    mine = self.new_folder() / "alerts"
                    done = self.start("--alerts", mine, "--events", "-",
                                      "--threads", threads).end(number)
                    self.assertEqual(done.status, -number, done.err)
                    self.assertEqual(mine.read_bytes(), alerts.read_bytes())
                    self.assertEqual(done.out, expected.out)
                    lines = self.lines(done.err)
                    self.assertRegex(lines[1], f"^  interrupted +by {number.name} after "
                                               f"{self.count} packets, ")
                    self.assertEqual(lines[:1] + lines[2:], self.lines(expected.err))

    def test_the_trail_ends_with_a_stop_that_says_so(self):
        whole = self.new_folder() / "trail"
        self.expected("--audit", whole)
        expected = self.records(whole)
        self.assertEqual(expected[-1]["body"]["outcome"], "ok")
        for threads in THREADS:
            for number in SIGNALS:
                with self.subTest(signal=number.name, threads=threads):
                    trail = self.new_folder() / "trail"
                    done = self.start("--audit", trail, "--threads", threads).end(number)
                    self.assertEqual(done.status, -number, done.err)
                    kept = self.records(trail)
                    self.assertEqual(kept[:-1], expected[:-1])
                    stop = dict(expected[-1]["body"], outcome="interrupted")
                    self.assertEqual((kept[-1]["kind"], kept[-1]["body"]), ("sensor", stop))
                    shown = run("audit", "query", "--audit", trail, "--kind", "sensor").out
                    self.assertRegex(shown.decode().splitlines()[-1], r"stop +interrupted$")

    @staticmethod
    def records(trail):
        done = run("audit", "query", "--audit", trail, "--format", "json", "--limit", "100000")
        return support.json_lines(done.out)

    def test_packed_input_that_stops_is_not_called_damaged(self):
        data = gzip.compress(self.data, mtime=0)
        done = Run(self, CAPTURE, data[:len(data) // 2], "--alerts", "-").end(signal.SIGINT)
        self.assertEqual(done.status, -signal.SIGINT)
        self.assertTrue(done.out)
        self.assertIn("interrupted", done.err)
        self.assertNotIn("gzip", done.err)
        self.assertNotIn("chargewarden:", done.err)

    def test_standard_input_is_left_as_a_file_is(self):
        child = subprocess.Popen([support.PROGRAM, "replay", "-"], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE, bufsize=0)
        self.addCleanup(child.kill)
        child.stdin.write(self.data[:self.cut])
        support.wait_until_read(child.stdin)
        child.send_signal(signal.SIGTERM)
        out = child.stdout.read()
        child.stdout.close()
        self.assertEqual(child.wait(timeout=support.TIMEOUT_S), -signal.SIGTERM)
        child.stdin.close()
        self.assertRegex(out.decode(), rf"interrupted +by SIGTERM after {self.count} packets")

    def test_findings_and_failures_count_more_than_the_signal(self):
        done = self.start("--fail-on", "high").end(signal.SIGINT)
        self.assertEqual(done.status, 1)
        self.assertIn(b"interrupted", done.out)
        # This one ends by itself: what was read is written while the pipe keeps silent.
        done = self.start("--events", "/dev/full").end(signal.SIGINT)
        self.assertEqual(done.status, 74)
        self.assert_sentence(done, "/dev/full")

    def test_fail_on_without_findings_is_no_clean_bill(self):
        packet = support.pcap_record(b"\0" * 60)
        done = Run(self, "none.pcap", support.pcap_header() + packet,
                   "--fail-on", "critical").end(signal.SIGTERM)
        self.assertEqual(done.status, -signal.SIGTERM)
        self.assertRegex(done.out.decode(), "interrupted +by SIGTERM after 1 packets")

    def test_a_pipe_that_brings_no_packet_can_be_left(self):
        for threads in THREADS:
            done = Run(self, "none.pcap", support.pcap_header(),
                       "--threads", threads).end(signal.SIGINT)
            self.assertEqual((done.status, done.err), (-signal.SIGINT, ""))
            self.assertRegex(done.out.decode(), "interrupted +by SIGINT after 0 packets, ")

    def test_a_signal_that_comes_twice_in_one_go_is_one(self):
        # As timeout(1) sends it: to the process, then to its group.
        for pair in ((signal.SIGINT, signal.SIGINT), (signal.SIGTERM, signal.SIGINT)):
            with self.subTest(pair):
                done = self.start().end(*pair)
                self.assertIn(done.status, {-number for number in pair})
                self.assertRegex(done.out.decode(), f"interrupted +by SIG[A-Z]+ after {self.count}")

    def test_a_signal_that_the_caller_ignored_stays_ignored(self):
        started = self.start(more=0, preexec_fn=lambda: signal.signal(signal.SIGINT,
                                                                      signal.SIG_IGN))
        started.child.send_signal(signal.SIGINT)
        started.writer.write(self.data[self.cut:])
        started.writer.close()
        done = started.end()
        self.assertEqual((done.status, done.err), (0, ""))
        self.assertNotIn(b"interrupted", done.out)
        packets = len(support.pcap_records(self.data)) - 1
        self.assertRegex(done.out.decode(), f"packets +{packets},")

    def test_only_the_main_thread_takes_the_signals(self):
        started = self.start("--threads", 3, "--audit", self.folder / "trail",
                             "--publish", f"ipc://{self.folder}/alerts.ipc")
        child = started.child

        def others():
            tasks = os.listdir(f"/proc/{child.pid}/task")
            return [task for task in tasks if int(task) != child.pid]

        def blocked(task):
            return [has(fields(child, task)["SigBlk"], number) for number in SIGNALS]

        # Two for shards, audit, dispatch, two of ZeroMQ. The main one blocks them for moments.
        support.wait_for(lambda: len(others()) >= 6 and blocked(child.pid) == [False, False])
        for task in others():
            self.assertEqual(blocked(task), [True, True])
        self.assertEqual(started.end(signal.SIGINT).status, -signal.SIGINT)


class Unread(support.Case):
    """Nobody reads what the replay writes: it sleeps when the pipe is full."""

    def setUp(self):
        super().setUp()
        self.capture = self.folder / "traffic.pcap"
        # Some batches: one is read, and one worked on, while the one before is written.
        subprocess.run([support.MORE[0], "--messages", "20000", "--concurrent", "100",
                        "--alerts-per-1000", "100", "-o", self.capture],
                       check=True, stdout=subprocess.DEVNULL)

    def start(self, option):
        child = subprocess.Popen([support.PROGRAM, "replay", self.capture, option, "-"],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(child.stdout.close)
        self.addCleanup(child.stderr.close)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        support.wait_for(lambda: support.unread(child.stdout) > 16_384 and sleeps(child))
        return child

    @staticmethod
    def signal_once(child, number):
        child.send_signal(number)
        support.wait_for(lambda: not has(fields(child)["ShdPnd"], number) and sleeps(child))

    def test_a_signal_cuts_no_write_short(self):
        for option in ("--alerts", "--events"):
            whole = run("replay", self.capture, option, "-").out
            for number in SIGNALS:
                with self.subTest(option, signal=number.name):
                    child = self.start(option)
                    self.signal_once(child, number)
                    out, err = child.communicate(timeout=support.TIMEOUT_S)
                    self.assertEqual(child.returncode, -number, err)
                    self.assertGreater(len(out), 65_536)
                    self.assertLess(len(out), len(whole))
                    self.assertEqual(out.splitlines()[:20], whole.splitlines()[:20])
                    support.json_lines(out)  # No line is cut.

    def test_a_second_signal_ends_a_replay_that_cannot_finish(self):
        for number in SIGNALS:
            with self.subTest(number.name):
                child = self.start("--alerts")
                self.signal_once(child, number)
                self.assertIsNone(child.poll())

                def ended(child=child, number=number):
                    child.send_signal(number)
                    return child.poll() is not None

                support.wait_for(ended)
                self.assertEqual(child.returncode, -number)
                self.assertEqual(child.stderr.read(), b"")


if __name__ == "__main__":
    if len(support.MORE) != 1:
        sys.exit("usage: interrupt_test.py PROGRAM SOURCE GENERATOR")
    # What runs in the background of a shell may have been started with SIGINT ignored, and would
    # pass that on.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    support.main()
