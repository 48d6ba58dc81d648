#!/usr/bin/env python3
"""What `replay` says and returns for every kind of input: none, wrong, cut, packed, several.

Usage: replay_input_test.py PROGRAM SOURCE
"""
import gzip
import os
import subprocess

import support
from support import pcap_header, pcap_record, run, sample

CONFIG_CAPTURE = "09a_config_16.pcap"
NOBODY = 65534


class UnusableInput(support.Case):
    def test_a_text_file_is_not_a_capture(self):
        path = self.file("notes.txt", "hello, this is no capture\n")
        self.assert_refused(run("replay", path), 2, str(path), "not a pcap or pcapng file")

    def test_an_empty_file_is_not_a_capture(self):
        path = self.file("empty.pcap", b"")
        self.assert_refused(run("replay", path), 2, str(path), "empty")

    def test_a_folder_is_not_a_capture(self):
        self.assert_refused(run("replay", self.folder), 2, str(self.folder), "directory")

    def test_a_missing_file_is_named(self):
        path = self.folder / "nowhere.pcap"
        self.assert_refused(run("replay", path), 2, str(path), "No such file")

    def test_one_missing_file_among_others_stops_everything(self):
        path = self.folder / "nowhere.pcap"
        self.assert_refused(run("replay", sample(CONFIG_CAPTURE), path), 2, str(path))

    def test_a_file_without_permission_is_named(self):
        path = self.file("secret.pcap", sample("ws.pcap").read_bytes())
        self.folder.chmod(0o755)
        path.chmod(0)
        other = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        try:
            runs = run("version", **other).status == 0
        except PermissionError:
            runs = False
        if not runs:
            self.skipTest("the program cannot be run by another user here")
        self.assert_refused(run("replay", path, **other), 2, str(path), "Permission denied")

    def test_a_link_type_that_nobody_decodes_is_named(self):
        path = self.file("can.pcap", pcap_header(227) + pcap_record(b"\0" * 40) * 3)
        done = run("replay", path)
        self.assertEqual(done.status, 2)
        self.assert_sentence(done, path.name, "link type", "227")

    def test_damaged_packing_is_named(self):
        for name, magic in (("x.gz", b"\x1f\x8b\x08"), ("x.zst", b"\x28\xb5\x2f\xfd")):
            with self.subTest(name):
                path = self.file(name, magic + b"\xff" * 60)
                self.assert_refused(run("replay", path), 2, str(path))


class CutCapture(support.Case):
    def alerts(self, data):
        path = self.file("cut.pcap", data)
        done = run("replay", path, "--alerts", "-")
        return done, support.json_lines(done.out)

    def test_everything_before_the_cut_is_reported(self):
        whole = sample(CONFIG_CAPTURE).read_bytes()
        records = support.pcap_records(whole)
        seen = set()
        for count in range(0, len(records) - 1, 20):
            clean, clean_alerts = self.alerts(whole[:records[count]])
            self.assertEqual((clean.status, "cut off" in clean.err), (0, False), clean.err)
            # Within the record header, at its end, within the packet, before its last byte.
            for offset in (records[count] + 1, records[count] + 16, records[count] + 17,
                           records[count + 1] - 1):
                with self.subTest(packets=count, bytes=offset):
                    done, alerts = self.alerts(whole[:offset])
                    self.assertEqual(done.status, 0, done.err)
                    self.assert_sentence(done, "cut.pcap", f"after packet {count}:", "cut off")
                    # Besides, the sensor says about itself that it did not see everything.
                    blind = [a for a in alerts
                             if a["finding_info"]["analytic"]["name"] == "sensor_blind"]
                    self.assertEqual(len(blind), 1 if count else 0)
                    others = [a for a in alerts if a not in blind]
                    for alert in others + clean_alerts:
                        alert["metadata"].pop("sequence", None)
                    self.assertEqual(others, clean_alerts)
            seen.add(len(clean_alerts))
        self.assertGreater(len(seen), 5, "the cuts are not spread over the alerts")

    def test_a_capture_without_a_whole_file_header_is_refused(self):
        whole = sample(CONFIG_CAPTURE).read_bytes()
        for length in (1, 3, 4, 23):
            with self.subTest(length):
                path = self.file("head.pcap", whole[:length])
                self.assert_refused(run("replay", path), 2, str(path))

    def test_a_file_header_alone_is_a_capture_without_packets(self):
        path = self.file("none.pcap", pcap_header())
        done = run("replay", path)
        self.assertEqual((done.status, done.err), (0, ""))
        self.assertRegex(done.out.decode(), r"packets +0, 0 bytes")

    def test_a_packed_capture_that_is_cut_reports_what_came_before(self):
        packed = gzip.compress(sample(CONFIG_CAPTURE).read_bytes(), mtime=0)
        path = self.file("cut.pcap.gz", packed[:len(packed) // 2])
        done = run("replay", path)
        self.assertEqual(done.status, 0)
        self.assert_sentence(done, "cut.pcap.gz", "packet", "gzip", "too early")
        self.assertIn(b"station_without_authentication", done.out)


class Forms(support.Case):
    def test_packed_captures_give_the_bytes_of_plain_ones(self):
        plain = sample(CONFIG_CAPTURE)
        packed = {"gzip": gzip.compress(plain.read_bytes(), mtime=0)}
        zstd = subprocess.run(["zstd", "-q", "-c", str(plain)], capture_output=True, check=False)
        if zstd.returncode == 0:
            packed["zstd"] = zstd.stdout
        expected = run("replay", plain, "--alerts", "-").out
        self.assertGreater(len(expected.splitlines()), 5)
        # The name of the file is part of an alert, so it stays the same.
        for form, data in packed.items():
            with self.subTest(form):
                path = self.file(plain.name, data)
                done = run("replay", path, "--alerts", "-")
                self.assertEqual((done.status, done.out == expected), (0, True), done.err)

    def test_standard_input_may_be_packed_too(self):
        data = sample(CONFIG_CAPTURE).read_bytes()
        plain = run("replay", "-", "--alerts", "-", input=data)
        packed = run("replay", "-", "--alerts", "-", input=gzip.compress(data, mtime=0))
        self.assertEqual((plain.status, packed.status), (0, 0))
        self.assertEqual(plain.out, packed.out)
        first = support.json_lines(plain.out)[0]
        self.assertEqual(first["evidences"][0]["data"]["source"], "stdin")

    def test_standard_input_gives_the_alerts_of_the_file(self):
        path = sample(CONFIG_CAPTURE)
        piped = support.json_lines(run("replay", "-", "--alerts", "-", input=path.read_bytes()).out)
        keys = [[(support.rule_of(alert), support.station_of(alert), alert["time"],
                  alert["evidences"][0]["data"]["first_packet"]) for alert in alerts]
                for alerts in (piped, support.alerts_of(path))]
        self.assertEqual(*keys)

    def test_standard_input_twice_is_refused_or_read_once(self):
        done = run("replay", "-", "-", input=sample("ws.pcap").read_bytes())
        self.assert_refused(done, 2, "standard input")

    def test_several_captures_are_merged_in_time_order(self):
        names = ("12_privacy.pcap", CONFIG_CAPTURE, "ws.pcap")
        merged = run("replay", *map(sample, names), "--events", "-")
        events = support.json_lines(merged.out)
        files = {event["event.origin"].split("#")[0] for event in events}
        self.assertEqual(files, {f"wire:{name}" for name in names})
        messages = sum(event["event.name"] == "ocpp.message" for event in events)
        alone = 0
        for name in names:
            lines = support.json_lines(run("replay", sample(name), "--events", "-").out)
            alone += sum(event["event.name"] == "ocpp.message" for event in lines)
        self.assertEqual(messages, alone)
        times = [event["event.time"] for event in events if event["event.name"] == "ocpp.message"]
        self.assertEqual(times, sorted(times))

    def test_the_order_of_captures_does_not_matter_for_what_is_found(self):
        names = ["12_privacy.pcap", CONFIG_CAPTURE]
        found = []
        for order in (names, names[::-1]):
            alerts = support.alerts_of(*map(sample, order))
            found.append(sorted((support.rule_of(a), support.station_of(a), a["time"])
                                for a in alerts))
        self.assertEqual(*found)

    def test_a_capture_may_come_through_a_named_pipe(self):
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        child = subprocess.Popen([support.PROGRAM, "replay", pipe, "--alerts", "-"],
                                 stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        pipe.write_bytes(sample(CONFIG_CAPTURE).read_bytes())
        out, _ = child.communicate(timeout=support.TIMEOUT_S)
        self.assertEqual(child.returncode, 0)
        self.assertEqual(len(support.json_lines(out)),
                         len(support.alerts_of(sample(CONFIG_CAPTURE))))

    def test_what_a_pipe_has_said_is_told_while_it_keeps_silent(self):
        data = sample(CONFIG_CAPTURE).read_bytes()
        cut = support.pcap_records(data)[-1]  # Without the last packet.
        part = self.folder / "part.pcap"
        part.write_bytes(data[:cut])
        expected = self.told(run("replay", part, "--events", "-", "--alerts", os.devnull).out)
        self.assertIn(b"ocpp.message", expected)
        for pack in (bytes, gzip.compress):
            for threads in (1, 2):
                with self.subTest(pack=pack.__name__, threads=threads):
                    self.check_silent_pipe(pack(data[:cut]), threads, expected)

    @staticmethod
    def told(events):
        """Messages, without what is only known at the end of the input."""
        return b"".join(line for line in events.splitlines(keepends=True)
                        if b'"event.name":"ocpp.message"' in line)

    def check_silent_pipe(self, data, threads, expected):
        pipe = self.folder / f"pipe{len(os.listdir(self.folder))}"
        os.mkfifo(pipe)
        events = pipe.with_suffix(".jsonl")
        with subprocess.Popen(
                [support.PROGRAM, "replay", pipe, "--events", events, "--alerts", os.devnull,
                 "--threads", str(threads)], stderr=subprocess.DEVNULL) as child, \
                open(pipe, "wb", buffering=0) as writer:
            for start in range(0, len(data), 5000):
                writer.write(data[start:start + 5000])
                support.wait_until_read(writer)
            support.wait_for(lambda: events.exists()
                             and self.renamed(self.told(events.read_bytes()), pipe) == expected)
            self.assertIsNone(child.poll())

    @staticmethod
    def renamed(events, pipe):
        """As if they came from the file that the expected ones came from."""
        return events.replace(pipe.name.encode(), b"part.pcap")


if __name__ == "__main__":
    support.main()
