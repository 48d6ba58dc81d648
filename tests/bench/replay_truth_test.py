"""`chargewarden replay` finds in generated traffic what the generator put there: every message, by
version, action and type, and an alert for each kind of attack; the same with one thread and two.

Usage: replay_truth_test.py PROGRAM GENERATOR    (run by ctest)
"""
import collections
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM, GENERATOR = sys.argv[1:3] if len(sys.argv) > 2 else ("chargewarden", "ocpp_generator")
OPTIONS = ["--messages", "20000", "--connections", "200", "--concurrent", "80", "--deflate", "50",
           "--fragments", "20", "--retransmit", "5", "--reorder", "10", "--alerts-per-1000", "5"]
TYPES = {"call": "calls", "result": "results", "error": "errors"}


class ReplayTruth(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.capture = str(pathlib.Path(cls.folder.name, "traffic.pcap"))
        done = subprocess.run([GENERATOR, *OPTIONS, "-o", cls.capture], capture_output=True,
                              check=True)
        cls.truth = json.loads(done.stdout)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def replay(self, *options):
        done = subprocess.run([PROGRAM, "replay", self.capture, *options], capture_output=True,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stderr.decode(errors="replace"))
        return done.stdout

    def test_every_message_is_seen_once(self):
        counts = {name: collections.Counter() for name in ("type", "version", "action")}
        stations = set()
        for line in self.replay("--events", "-").splitlines():
            event = json.loads(line)
            if event["event.name"] == "ocpp.message":
                for name, counter in counts.items():
                    counter[event["ocpp." + name]] += 1
                stations.add(event["station.id"])
        self.assertEqual({TYPES[name]: n for name, n in counts["type"].items()},
                         {name: self.truth[name] for name in TYPES.values()})
        self.assertEqual(counts["version"], self.truth["messages_by_version"])
        self.assertEqual(counts["action"], self.truth["messages_by_action"])
        self.assertEqual(len(stations), self.truth["connections"])

    def test_each_kind_of_attack_raises_an_alert(self):
        labels = set()
        for line in self.replay("--alerts", "-").splitlines():
            labels.update(json.loads(line)["metadata"]["labels"])
        wanted = {"chargewarden." + row for row in self.truth["calls_by_threat"]}
        self.assertGreater(len(wanted), 3)
        self.assertEqual(wanted - labels, set())

    def test_results_do_not_depend_on_threads(self):
        self.assertEqual(self.replay("--alerts", "-", "--threads", "1"),
                         self.replay("--alerts", "-", "--threads", "2"))


if __name__ == "__main__":
    del sys.argv[1:3]
    unittest.main()
