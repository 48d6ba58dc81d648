"""What ocpp_generator writes is what it says: an independent reader in plain Python takes a capture
apart and compares.

Usage: generator_test.py GENERATOR    (a program; run by ctest)
"""
import collections
import hashlib
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib

GENERATOR = sys.argv.pop(1) if len(sys.argv) > 1 else "ocpp_generator"
OPTIONS = ["--messages", "4000", "--connections", "60", "--concurrent", "20", "--deflate", "50",
           "--fragments", "20", "--retransmit", "5", "--reorder", "10", "--alerts-per-1000", "20"]


def checksum(data):
    """RFC 1071 over whole data; 0 when a checksum inside is right."""
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def segments(data):
    """(key, payload, seq, flags) of each packet, with every length and checksum checked."""
    magic, *_, link = struct.unpack_from("<IHHIIII", data)
    assert (magic, link) == (0xA1B2C3D4, 1)
    at, last = 24, (0, 0)
    while at < len(data):
        seconds, micros, captured, original = struct.unpack_from("<IIII", data, at)
        frame = data[at + 16:at + 16 + captured]
        at += 16 + captured
        assert captured == original == len(frame) and (seconds, micros) > last
        last = (seconds, micros)
        ip = frame[14:]
        assert frame[12:14] == b"\x08\0" and ip[0] == 0x45
        assert struct.unpack_from(">H", ip, 2)[0] == len(ip) and checksum(ip[:20]) == 0
        tcp = ip[20:]
        assert checksum(ip[12:20] + struct.pack(">HH", 6, len(tcp)) + tcp) == 0
        source, target, seq, _, flags = struct.unpack_from(">HHIIH", tcp)
        yield (ip[12:16], source, ip[16:20], target), tcp[(flags >> 12) * 4:], seq, flags & 0x3F


class Stream:
    """One direction: TCP reassembly, then handshake, then frames and messages."""

    def __init__(self, first):
        self.next, self.waiting, self.bytes = first, {}, bytearray()
        self.repeated = 0
        self.head, self.inflater, self.parts, self.compressed = None, None, [], False

    def add(self, seq, payload):
        if (seq - self.next) & 0xFFFFFFFF >= 0x80000000:
            self.repeated += 1
            return
        self.waiting[seq] = payload
        while self.next in self.waiting:
            part = self.waiting.pop(self.next)
            self.bytes += part
            self.next = (self.next + len(part)) & 0xFFFFFFFF

    def frames(self):
        while len(self.bytes) >= 2:
            first, second = self.bytes[0], self.bytes[1]
            size, at = second & 0x7F, 2
            if size == 126:
                if len(self.bytes) < 4:
                    return
                size, at = struct.unpack_from(">H", self.bytes, 2)[0], 4
            masked = second & 0x80
            end = at + (4 if masked else 0) + size
            if len(self.bytes) < end:
                return
            body = bytes(self.bytes[end - size:end])
            if masked:
                key = self.bytes[at:at + 4]
                body = bytes(b ^ key[i % 4] for i, b in enumerate(body))
            del self.bytes[:end]
            yield first, bool(masked), body

    def messages(self, from_client):
        """(text, compressed, fragments) of each whole message."""
        if self.head is None:
            head, separator, rest = bytes(self.bytes).partition(b"\r\n\r\n")
            if not separator:
                return
            self.head, self.bytes = head.decode(), bytearray(rest)
            self.inflater = zlib.decompressobj(-15)
        for first, masked, body in self.frames():
            assert masked == from_client
            if first & 0x0F >= 8:
                continue
            if first & 0x0F:
                self.parts, self.compressed = [], bool(first & 0x40)
            self.parts.append(body)
            if first & 0x80:
                whole = b"".join(self.parts)
                if self.compressed:
                    assert "permessage-deflate" in self.head
                    whole = self.inflater.decompress(whole + b"\0\0\xff\xff")
                yield whole, self.compressed, len(self.parts)


def read(path):
    """What is in a capture, in the words of the generator's truth."""
    data = path.read_bytes()
    seen = collections.Counter(bytes=len(data))
    actions, versions, streams, calls = (collections.Counter(), collections.Counter(), {}, {})
    for key, payload, seq, flags in segments(data):
        seen["packets"] += 1
        if flags & 2:
            streams[key] = Stream((seq + 1) & 0xFFFFFFFF)
            seen["connections"] += not flags & 0x10
            continue
        if not payload:
            continue
        stream = streams[key]
        stream.add(seq, payload)
        for text, compressed, parts in stream.messages(key[3] == 9000):
            kind, ident, *rest = json.loads(text)
            seen["messages"] += 1
            seen["message_bytes"] += len(text)
            seen["compressed_messages"] += compressed
            seen["fragmented_messages"] += parts > 1
            seen[{2: "calls", 3: "results", 4: "errors"}[kind]] += 1
            if kind == 2:
                calls[ident] = rest[0]
            actions[calls[ident]] += 1
            version = stream.head.split("Sec-WebSocket-Protocol: ocpp")[1].split("\r\n")[0]
            versions[version] += 1
    assert not any(stream.waiting for stream in streams.values())
    seen["retransmitted_segments"] = sum(stream.repeated for stream in streams.values())
    return {**seen, "messages_by_action": dict(actions), "messages_by_version": dict(versions)}


class Generator(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_generator(self, name, *options):
        path = self.folder / name
        return path, subprocess.run([GENERATOR, *OPTIONS, *options, "-o", path],
                                    capture_output=True, text=True, check=False)

    def test_the_truth_is_what_an_independent_reader_finds(self):
        path, done = self.run_generator("a.pcap")
        truth = json.loads(done.stdout)
        self.assertEqual(truth, json.loads((self.folder / "a.pcap.json").read_text()))
        found = read(path)
        self.assertEqual(found, {key: truth[key] for key in found})
        for key in ("compressed_messages", "fragmented_messages", "retransmitted_segments",
                    "errors"):
            self.assertGreater(truth[key], 0, key)
        self.assertGreater(sum(truth["calls_by_threat"].values()), 40)

    def test_the_same_seed_gives_the_same_bytes_and_another_does_not(self):
        digests = [hashlib.sha256(self.run_generator(name, "--seed", seed)[0].read_bytes()).digest()
                   for name, seed in (("a", "7"), ("b", "7"), ("c", "8"))]
        self.assertEqual(digests[0], digests[1])
        self.assertNotEqual(digests[0], digests[2])

    def test_errors_are_one_sentence_and_a_status(self):
        _, done = self.run_generator("missing/a.pcap")
        self.assertEqual((done.returncode, done.stderr.count("\n")), (74, 1))
        _, done = self.run_generator("a.pcap", "--deflate", "101")
        self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    unittest.main()
