"""`chargewarden rules eval` with a generated rule set finds every event that was made to fit a
rule, with many rules at once as with one rule alone.

Usage: rules_truth_test.py PROGRAM GENERATOR    (run by ctest)
"""
import collections
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM, GENERATOR = sys.argv[1:3] if len(sys.argv) > 2 else ("chargewarden", "rules_generator.py")
OPTIONS = ["--rules", "400", "--events", "1500", "--planted", "30", "--seed", "9"]


class RulesTruth(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.scratch.name, "set")
        cls.generate(cls.folder)
        cls.truth = json.loads((cls.folder / "truth.json").read_text(encoding="utf-8"))
        cls.found = cls.evaluate(cls.folder / "rules")

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    @staticmethod
    def generate(folder):
        subprocess.run([sys.executable, "-B", GENERATOR, str(folder), *OPTIONS], check=True,
                       capture_output=True)

    @classmethod
    def evaluate(cls, rules):
        """The pairs of event and rule that match."""
        with open(cls.folder / "events.jsonl", "rb") as events:
            done = subprocess.run([PROGRAM, "rules", "eval", "--any-logsource", "--rules",
                                   str(rules)], stdin=events, capture_output=True, check=True)
        matches = [json.loads(line) for line in done.stdout.splitlines()]
        return {(match["event"], match["rule"]) for match in matches}

    def test_planted_events_are_found(self):
        planted = {tuple(pair) for pair in self.truth["planted"]}
        self.assertGreater(len(planted), 300)
        self.assertEqual(planted - self.found, set())

    def test_rules_match_rarely(self):
        self.assertLess(len(self.found), 2 * self.truth["events"])

    def test_a_rule_alone_matches_the_same_events(self):
        by_rule = collections.Counter(rule for _, rule in self.found)
        paths = sorted((self.folder / "rules").iterdir())[::25]
        self.assertEqual(len(paths), 16)
        for path in paths:
            found = self.evaluate(path)
            for _, rule in found:
                self.assertEqual({pair for pair in self.found if pair[1] == rule}, found)
            if not found:
                self.assertEqual(by_rule[path.read_text(encoding="utf-8").split("\nid: ")[1][:36]],
                                 0)

    def test_the_same_options_give_the_same_bytes(self):
        again = pathlib.Path(self.scratch.name, "again")
        self.generate(again)
        for path in [self.folder / "events.jsonl", *sorted((self.folder / "rules").iterdir())]:
            other = again / path.relative_to(self.folder)
            self.assertEqual(path.read_bytes(), other.read_bytes(), path.name)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
