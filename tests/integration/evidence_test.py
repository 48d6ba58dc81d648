#!/usr/bin/env python3
"""`replay --evidence`: each alert gets a capture file with exactly the packets that led to it.

Usage: evidence_test.py PROGRAM SOURCE

The files are read by a reader of our own, below, and compared with the records of the input.
"""
import collections
import gzip
import os
import resource
import struct

import support
from support import run, sample

CAPTURES = ["09a_config_16.pcap", "12_privacy.pcap", "06a_fw_unsigned.pcap"]
ORDERS = {b"\xd4\xc3\xb2\xa1": ("<", 1000), b"\xa1\xb2\xc3\xd4": (">", 1000),
          b"\x4d\x3c\xb2\xa1": ("<", 1), b"\xa1\xb2\x3c\x4d": (">", 1)}
Record = collections.namedtuple("Record", "time_ns original link data")

EVERY_CALL = """title: Every call
id: 3c1f1c8e-9a0e-4c37-8f6a-52b1c0f1a9d1
name: every_call
logsource:
  product: evcharging
  category: ocpp
detection:
  call:
    event.name: ocpp.message
    ocpp.type: call
  condition: call
level: low
"""


def records(data):
    """Records of a pcap file."""
    order, unit = ORDERS[data[:4]]
    link = struct.unpack_from(order + "I", data, 20)[0]
    out, at = [], 24
    while at < len(data):
        seconds, fraction, length, original = struct.unpack_from(order + "IIII", data, at)
        body = data[at + 16:at + 16 + length]
        assert len(body) == length, "the last record is cut"
        out.append(Record(seconds * 1_000_000_000 + fraction * unit, original, link, body))
        at += 16 + length
    return out


def pcapng_of(packets):
    """The same packets as a pcapng file with nanoseconds."""
    def block(kind, body):
        body += b"\0" * (-len(body) % 4)
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

    out = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    options = struct.pack("<HHB3xHH", 9, 1, 9, 0, 0)  # if_tsresol: nanoseconds.
    out += block(1, struct.pack("<HHI", packets[0].link, 0, 0) + options)
    for packet in packets:
        high, low = packet.time_ns >> 32, packet.time_ns & 0xFFFFFFFF
        out += block(6, struct.pack("<IIIII", 0, high, low, len(packet.data), packet.original)
                     + packet.data)
    return out


def data_of(alert):
    return alert["evidences"][0]["data"]


def named(alert):
    """(source, number) of the packets that an alert names."""
    return [(part["source"], number) for part in data_of(alert)["packets"]
            for number in part["numbers"]]


class Evidence(support.Case):
    def replay(self, *arguments, folder="out"):
        """Alerts, the last message of each, and the files by name."""
        place = self.folder / folder
        done = run("replay", *arguments, "--alerts", "-", "--evidence", place)
        self.assertEqual(done.status, 0, done.err)
        alerts = {alert["finding_info"]["uid"]: alert for alert in support.json_lines(done.out)}
        return alerts, {path.name: path.read_bytes() for path in sorted(place.iterdir())}

    def test_files_hold_exactly_the_packets_that_alerts_name(self):
        count = 0
        for name in CAPTURES:
            original = records(sample(name).read_bytes())
            alerts, files = self.replay(sample(name), folder=name)
            self.assertEqual({data_of(alert)["evidence_file"] for alert in alerts.values()},
                             set(files))
            for uid, alert in alerts.items():
                with self.subTest(name, rule=support.rule_of(alert)):
                    self.assertEqual(data_of(alert)["evidence_file"], f"{uid}.pcap")
                    self.assertNotIn("packets_left_out", data_of(alert))
                    numbers = sorted({number for _, number in named(alert)})
                    self.assertIn(data_of(alert)["first_packet"], numbers)
                    self.assertEqual(records(files[f"{uid}.pcap"]),
                                     [original[number - 1] for number in numbers])
                    count += 1
        self.assertGreater(count, 20)

    def test_repeats_add_their_packets_beyond_what_the_alert_names(self):
        rule = self.file("rule.yml", EVERY_CALL)
        capture = sample(CAPTURES[0])
        done = run("replay", capture, "--rules", rule, "--events", "-")
        expected = collections.defaultdict(list)
        for event in support.json_lines(done.out):
            if event["event.name"] == "ocpp.message" and event["ocpp.type"] == "call":
                number = int(event["event.origin"].rpartition("#")[2])
                if number not in expected[event["station.id"]]:
                    expected[event["station.id"]].append(number)
        original = records(capture.read_bytes())
        alerts, files = self.replay(capture, "--rules", rule)
        self.assertEqual({support.station_of(alert) for alert in alerts.values()}, set(expected))
        left_out = 0
        for uid, alert in alerts.items():
            numbers = expected[support.station_of(alert)]
            self.assertEqual([number for _, number in named(alert)],
                             numbers if len(numbers) <= 16 else numbers[:8] + numbers[-8:])
            self.assertEqual(data_of(alert).get("packets_left_out", 0),
                             max(0, len(numbers) - 16))
            left_out += data_of(alert).get("packets_left_out", 0)
            self.assertEqual(records(files[f"{uid}.pcap"]),
                             [original[number - 1] for number in numbers])
        self.assertGreater(left_out, 0, "no alert has more packets than it names")

    def test_several_inputs_of_any_form_and_any_number_of_threads(self):
        plain = [sample(name) for name in CAPTURES]
        packed = self.file("0.pcap.gz", gzip.compress(plain[0].read_bytes()))
        block = self.file("1.pcapng", pcapng_of(records(plain[1].read_bytes())))
        inputs = [packed, block, plain[2]]
        originals = {path.name: records(source.read_bytes())
                     for path, source in zip(inputs, plain)}
        alerts, files = self.replay(*inputs)
        for uid, alert in alerts.items():
            packets = [originals[name][number - 1] for name, number in named(alert)]
            self.assertEqual(records(files[f"{uid}.pcap"]),
                             sorted(set(packets), key=lambda packet: packet.time_ns))
        for threads in (2, 3):
            again = self.replay(*inputs, "--threads", threads, folder=f"out{threads}")
            self.assertEqual(again, (alerts, files))

    def test_files_are_for_their_owner_and_can_be_replayed(self):
        alerts, files = self.replay(sample(CAPTURES[0]))
        for name in files:
            path = self.folder / "out" / name
            self.assertEqual(path.stat().st_mode & 0o777, 0o600)
            done = run("replay", path)
            self.assertEqual(done.status, 0, done.err)
        self.assertEqual((self.folder / "out").stat().st_mode & 0o777, 0o700)
        done = run("replay", sample(CAPTURES[0]), "--evidence", self.folder / "out")
        self.assertIn(f"evidence        {len(files)} files, ".encode(), done.out)
        self.assertIn(next(iter(files)).encode(), done.out)

    def test_what_can_be_read_only_once_is_refused_before_the_run(self):
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        for once in ("-", pipe):
            done = run("replay", sample(CAPTURES[0]), once, "--evidence", self.folder / "out")
            self.assert_refused(done, 2, str(once), "save it to a file first")
        self.assertFalse((self.folder / "out").exists())

    def test_a_folder_that_cannot_be_one_is_refused_before_the_run(self):
        plain = self.file("plain", "x")
        for path in (plain, self.folder / "no" / "where"):
            done = run("replay", sample(CAPTURES[0]), "--evidence", path)
            self.assert_refused(done, 2, str(path))

    def test_a_full_disk_ends_with_74_and_leaves_nothing_half_done(self):
        place = self.folder / "out"
        done = run("replay", sample(CAPTURES[0]), "--alerts", "-", "--evidence", place,
                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (30, 30)))
        self.assertEqual(done.status, 74)
        self.assert_sentence(done, "evidence file", str(place))
        self.assertEqual(list(place.iterdir()), [])


if __name__ == "__main__":
    support.main()
