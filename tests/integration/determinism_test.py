#!/usr/bin/env python3
"""The same capture gives the same bytes, whatever the number of threads, in every run.

Usage: determinism_test.py PROGRAM SOURCE

CHARGEWARDEN_FEW_CAPTURES=1 leaves the labelled captures away but for one with its logs: for TSan,
which sees the same threads with any.
"""
import concurrent.futures
import hashlib
import os
import pathlib
import tempfile

import support

THREADS = (1, 1, 2, 3, 8)
FORMS = ("--alerts", "--events")
LOGS = (("jsonl", "csms.jsonl"), ("steve", "csms.log"), ("syslog", "csms.syslog"))
FEW = os.environ.get("CHARGEWARDEN_FEW_CAPTURES") == "1"


def captures():
    """Samples and labelled captures, each content once."""
    out = support.samples()
    folder = support.SOURCE.parent / "shared" / "corpus"
    if folder.is_dir() and not FEW:
        out += [capture for _, _, capture in support.scenarios(folder)]
    return list({path.read_bytes(): path for path in out}.values())


def captures_with_logs():
    folder = support.SOURCE.parent / "shared" / "corpus"
    if not folder.is_dir():
        return []
    out = [capture for _, labels, capture in support.scenarios(folder) if labels.get("logs")]
    return out[:1] if FEW else out


class SameBytes(support.Case):
    def digests(self, capture):
        """For each number of threads: hashes of alerts and events of one run that writes both."""
        results = []
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            for run, threads in enumerate(THREADS):
                alerts = pathlib.Path(folder) / str(run)
                done = support.run("replay", capture, "--threads", threads, "--events", "-",
                                   "--alerts", alerts)
                self.assertEqual(done.status, 0, done.err)
                self.assertTrue(done.out, f"{capture}: no events")
                results.append([hashlib.sha256(data).hexdigest()
                                for data in (alerts.read_bytes(), done.out)])
        return results

    def test_alerts_and_events_do_not_depend_on_threads_or_on_the_run(self):
        paths = captures()
        self.assertGreater(len(paths), 10)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for capture, results in zip(paths, pool.map(self.digests, paths)):
                with self.subTest(f"{capture.parent.name}/{capture.name}"):
                    for threads, result in zip(THREADS, results):
                        self.assertEqual(result, results[0], f"{threads} threads")

    def test_merged_captures_do_not_depend_on_threads(self):
        many = support.samples()
        results = set()
        for threads in THREADS:
            done = support.run("replay", *many, "--threads", threads, "--alerts", "-")
            self.assertEqual(done.status, 0, done.err)
            self.assertGreater(len(done.out.splitlines()), 50)
            results.add(done.out)
        self.assertEqual(len(results), 1)

    def test_logs_beside_a_capture_do_not_depend_on_threads(self):
        for capture in captures_with_logs():
            logs = [argument for form, file in LOGS
                    for argument in ("--log", f"{form}:{capture.parent / file}")]
            with self.subTest(capture.parent.name):
                outputs = {tuple(support.run("replay", capture, *logs, "--threads", threads,
                                             form, "-").out for form in FORMS)
                           for threads in sorted(set(THREADS))}
                self.assertEqual(len(outputs), 1)

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
