#!/usr/bin/env python3
"""The same capture gives the same bytes, whatever the number of threads, in every run.

Usage: determinism_test.py PROGRAM SOURCE
"""
import hashlib

import support

THREADS = (1, 1, 2, 3, 8)
FORMS = ("--alerts", "--events")
ALERT_FILE_NAME = "alerts"


def captures():
    """Samples and labelled captures, each content once."""
    out = support.samples()
    folder = support.SOURCE.parent / "shared" / "corpus"
    if folder.is_dir():
        out += [capture for _, _, capture in support.scenarios(folder)]
    return list({path.read_bytes(): path for path in out}.values())


class SameBytes(support.Case):
    def digests(self, capture, threads):
        """Hashes of alerts and of events of one run that writes both."""
        alerts = self.folder / ALERT_FILE_NAME
        alerts.unlink(missing_ok=True)
        done = support.run("replay", capture, "--threads", threads, "--events", "-",
                           "--alerts", alerts)
        self.assertEqual(done.status, 0, done.err)
        self.assertTrue(done.out, f"{capture}: no events")
        return [hashlib.sha256(data).hexdigest() for data in (alerts.read_bytes(), done.out)]

    def test_alerts_and_events_do_not_depend_on_threads_or_on_the_run(self):
        count = 0
        for capture in captures():
            with self.subTest(f"{capture.parent.name}/{capture.name}"):
                results = [self.digests(capture, threads) for threads in THREADS]
                for threads, result in zip(THREADS, results):
                    self.assertEqual(result, results[0], f"{threads} threads")
                count += 1
        self.assertGreater(count, 10)

    def test_merged_captures_do_not_depend_on_threads(self):
        many = support.samples()
        results = set()
        for threads in THREADS:
            done = support.run("replay", *many, "--threads", threads, "--alerts", "-")
            self.assertEqual(done.status, 0, done.err)
            self.assertGreater(len(done.out.splitlines()), 50)
            results.add(done.out)
        self.assertEqual(len(results), 1)

    def test_standard_output_gets_what_a_file_gets(self):
        capture = support.sample("07a_suspicious_sessions.pcap")
        for form in FORMS:
            with self.subTest(form):
                path = self.folder / form.strip("-")
                self.assertEqual(support.run("replay", capture, form, path).status, 0)
                self.assertEqual(support.run("replay", capture, form, "-").out, path.read_bytes())

    def test_the_environment_does_not_matter(self):
        capture = support.sample("12_privacy.pcap")
        outputs = {support.run("replay", capture, "--alerts", "-", env=environment).out
                   for environment in ({}, {"TZ": "Asia/Tokyo", "LANG": "de_DE.UTF-8",
                                            "LC_ALL": "tr_TR.UTF-8", "HOME": "/"})}
        self.assertEqual(len(outputs), 1)


if __name__ == "__main__":
    support.main()
