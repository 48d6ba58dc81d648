"""What the integration tests share: running the program as a process, and captures to run it on.

Each test is called as NAME_test.py PROGRAM SOURCE [more]: the binary, and the root of the sources.
The folder "shared" beside the sources holds more captures; a test that needs them ends with SKIPPED
where it is missing.
"""
import collections
import fcntl
import json
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

SKIPPED = 77
TIMEOUT_S = 60  # Of one run of the program, as a last resort: no test waits on purpose.

Done = collections.namedtuple("Done", "status out err")

PROGRAM = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else None
SOURCE = pathlib.Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else None
MORE = sys.argv[3:]


def samples():
    """The captures of the samples folder, in order."""
    return sorted((SOURCE / "samples" / "captures").glob("*.pcap"))


def sample(name):
    return SOURCE / "samples" / "captures" / name


def corpus():
    """The folder of labelled captures; ends the test where it is missing."""
    folder = SOURCE.parent / "shared" / "corpus"
    if not folder.is_dir():
        print(f"skipped: there is no folder {folder.name} beside the sources")
        sys.exit(SKIPPED)
    return folder


def scenarios(folder):
    """(name, labels, capture) of each labelled capture."""
    for path in sorted(folder.glob("*/labels.json")):
        labels = json.loads(path.read_text())
        yield path.parent.name, labels, path.parent / labels["capture"]


def run(*arguments, **options):
    """Runs the program and returns (status, out, err); out stays bytes, err is text."""
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.PIPE)
    if "input" not in options:
        options.setdefault("stdin", subprocess.DEVNULL)
    done = subprocess.run([str(PROGRAM), *map(str, arguments)], check=False, timeout=TIMEOUT_S,
                          **options)
    return Done(done.returncode, done.stdout or b"", (done.stderr or b"").decode())


def unread(pipe):
    """Bytes that wait in a pipe, asked at either end."""
    count = fcntl.ioctl(pipe, termios.FIONREAD, struct.pack("i", 0))
    return struct.unpack("i", count)[0]


def wait_for(condition):
    """Returns when the condition holds."""
    end = time.monotonic() + TIMEOUT_S
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not in {TIMEOUT_S} s")
        time.sleep(0.001)


def wait_until_read(pipe):
    """Returns when whoever reads the pipe has taken everything out of it."""
    wait_for(lambda: unread(pipe) == 0)


def json_lines(data):
    return [json.loads(line) for line in data.splitlines()]


def alerts_of(*arguments):
    """Alerts of a replay, as objects."""
    done = run("replay", *arguments, "--alerts", "-")
    if done.status != 0:
        raise AssertionError(f"{arguments}: exit status {done.status}: {done.err[-400:]}")
    return json_lines(done.out)


def rule_of(alert):
    return alert["finding_info"]["analytic"]["name"]


def station_of(alert):
    return alert.get("resources", [{}])[0].get("uid")


def pcap_header(link_type=1):
    """A pcap file header, little endian, microseconds."""
    return struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link_type)


def pcap_record(data, seconds=1_795_349_749):
    return struct.pack("<IIII", seconds, 0, len(data), len(data)) + data


def pcap_records(data):
    """Offsets at which the records of a little-endian pcap file begin, and its length."""
    offsets, at = [], 24
    while at < len(data):
        offsets.append(at)
        at += 16 + struct.unpack_from("<I", data, at + 8)[0]
    return offsets + [at]


class Case(unittest.TestCase):
    """A test case with a folder of its own, removed at the end."""

    maxDiff = 2000

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="chargewarden-test-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def assert_refused(self, done, status, *parts):
        """Nothing on standard output, one sentence on stderr that holds all the parts."""
        self.assertEqual(done.status, status, done.err)
        self.assertEqual(done.out, b"")
        self.assert_sentence(done, *parts)

    def assert_sentence(self, done, *parts):
        lines = done.err.splitlines()
        self.assertTrue(lines, "nothing on stderr")
        self.assertTrue(lines[-1].startswith("chargewarden: "), done.err)
        for part in parts:
            self.assertIn(part, lines[-1])


def main():
    """Runs the tests of the file that was started."""
    if PROGRAM is None or SOURCE is None:
        sys.exit(f"usage: {sys.argv[0]} PROGRAM SOURCE")
    unittest.main(argv=sys.argv[:1])
