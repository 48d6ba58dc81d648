#!/usr/bin/env python3
"""Attacks and lawful days that no labelled capture has, through the whole program.

Usage: variations_test.py PROGRAM SOURCE

CHARGEWARDEN_FEW_CAPTURES=1 takes every tenth case, for slow builds; CHARGEWARDEN_CASE=text takes
those with the text in their name.

Each case is told in OCPP 1.6 and 2.x with stations, tokens and amounts of its own, drawn from a
seed. An attack must raise an alert whose rule names one of the rows of its kind (rules/rows.yml),
on its station; a lawful case must not raise one above informational.
"""
import concurrent.futures
import os

import support
import variations
import yaml
from variations.scene import Scene

SEEDS = {"1.6": 1, "2.0.1": 7, "2.1": 11}
FEW = os.environ.get("CHARGEWARDEN_FEW_CAPTURES") == "1"
NAME = os.environ.get("CHARGEWARDEN_CASE", "")
ABOVE = {"low", "medium", "high", "critical"}

# What only packets show: addresses, passwords, refused connections, frames.
NOT_IN_LOGS = {
    "auth-bruteforce", "auth-bruteforce-success", "dos-connection-flood", "dos-oversize-message",
    "identity-enumeration", "identity-hijack", "protocol-binary-frame",
    "protocol-websocket-violation", "weak-password"}
# That an upload goes to the sender of the command: its address.
LAWFUL_BY_ADDRESS = {"logs_for_the_operator"}


def kinds():
    """{kind: rows that count as finding it}."""
    text = (support.SOURCE / "rules" / "rows.yml").read_text()
    return {kind: {f"chargewarden.{row}" for row in rows}
            for kind, rows in yaml.safe_load(text)["kinds"].items()}


class Variations(support.Case):
    def alerts(self, case):
        scene = Scene(SEEDS[case.version])
        station = case.build(scene, case.version)
        capture = self.file(f"{case.name}-{case.version}.pcap", scene.bytes())
        alerts = support.alerts_of(capture, "--threads", "1")
        capture.unlink()
        return station, alerts

    def test_attacks_are_found_and_lawful_days_stay_quiet(self):
        rows = kinds()
        cases = [case for case in variations.CASES if NAME in case.name][::10 if FEW else 1]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for case, result in zip(cases, pool.map(self.alerts, cases)):
                with self.subTest(f"{case.name} in {case.version}"):
                    self.judge(case, rows, *result)

    def test_a_log_of_the_same_messages_shows_the_same(self):
        rows = kinds()
        cases = [case for case in variations.CASES
                 if NAME in case.name and case.kind not in NOT_IN_LOGS
                 and case.name not in LAWFUL_BY_ADDRESS]
        cases = cases[::30 if FEW else 3]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for case, result in zip(cases, pool.map(self.alerts_of_log, cases)):
                with self.subTest(f"{case.name} in {case.version}"):
                    self.judge(case, rows, *result)

    def test_every_kind_that_needs_no_tls_has_a_case(self):
        told = {case.kind for case in variations.CASES}
        silent = {kind for kind in kinds() if not kind.startswith(("tls-", "mtls-"))} - told
        # These are about what passes in files, or about the link itself.
        self.assertEqual(silent, {"firmware-tampered-installed", "cleartext-websocket",
                                  "no-authentication", "basic-auth-cleartext"})

    def alerts_of_log(self, case):
        scene = Scene(SEEDS[case.version])
        station = case.build(scene, case.version)
        log = self.file(f"{case.name}-{case.version}.jsonl", scene.log())
        return station, support.alerts_of("--log", f"jsonl:{log}", "--threads", "1")

    def judge(self, case, rows, station, alerts):
        loud = [alert for alert in alerts
                if alert["severity"].lower() in ABOVE
                and "chargewarden.posture" not in alert["metadata"]["labels"]]
        said = sorted({f"{alert['severity']} {support.rule_of(alert)} at "
                       f"{support.station_of(alert)}" for alert in loud})
        if case.kind is None:
            self.assertEqual(said, [])
            return
        found = [alert for alert in alerts if rows[case.kind] & set(alert["metadata"]["labels"])
                 and (station is None or support.station_of(alert) == station)]
        self.assertTrue(found, f"{case.kind} not found; said: {said}")


if __name__ == "__main__":
    support.main()
