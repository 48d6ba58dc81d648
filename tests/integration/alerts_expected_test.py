#!/usr/bin/env python3
"""Labelled incidents are found where they happened, and lawful traffic raises nothing.

Usage: alerts_expected_test.py PROGRAM SOURCE. Exit 77 when the labelled captures are not there.

An incident is found by an alert on its station, at its time, under a rule for one of the threats
that kinds.tsv counts for its kind. What is not found yet stands in a list with the reason; the
test fails as well when one of them begins to be found, so that the list stays true.
"""
import datetime
import unittest

import support
from support import station_of

# The clocks of labels and packets differ by what the network and the stretching of time add.
SLACK_S = 15

BEHIND_TLS = "shows in the TLS handshake"
ONE_STATION_OVER_TIME = "needs what one station did before"
MANY_STATIONS = "needs many stations or connections together"

NOT_FOUND = {
    ("04b_tls12_cert_expiring", "tls-certificate-expiring"): BEHIND_TLS,
    ("05b_mtls", "mtls-client-without-certificate"): BEHIND_TLS,
    ("05b_mtls", "mtls-client-untrusted-certificate"): BEHIND_TLS,
    ("05c_tls_expired", "tls-certificate-expired"): BEHIND_TLS,
    ("05d_tls_selfsigned", "tls-self-signed"): BEHIND_TLS,
    ("05e_tls_weak_cert", "tls-weak-key"): BEHIND_TLS,
    ("05e_tls_weak_cert", "tls-weak-signature"): BEHIND_TLS,
    ("05f_tls_old_weak", "tls-old-version"): BEHIND_TLS,
    ("05f_tls_old_weak", "tls-weak-cipher"): BEHIND_TLS,
    ("06c_fw_signed_bad", "firmware-tampered-installed"): ONE_STATION_OVER_TIME,
    ("06d_fw_downgrade", "firmware-downgrade"): ONE_STATION_OVER_TIME,
    ("07a_suspicious_sessions", "session-on-faulted-connector"): ONE_STATION_OVER_TIME,
    ("07a_suspicious_sessions", "session-without-authorize"): ONE_STATION_OVER_TIME,
    ("07a_suspicious_sessions", "session-idtag-concurrent"): MANY_STATIONS,
    ("07a_suspicious_sessions", "session-negative-energy"): ONE_STATION_OVER_TIME,
    ("07a_suspicious_sessions", "session-energy-impossible"): ONE_STATION_OVER_TIME,
    ("07a_suspicious_sessions", "session-stop-idtag-mismatch"): ONE_STATION_OVER_TIME,
    ("07a_suspicious_sessions", "session-meter-backwards"): ONE_STATION_OVER_TIME,
    ("07a_suspicious_sessions", "session-zero-energy"): ONE_STATION_OVER_TIME,
    ("07b_authorize_bruteforce", "authorize-bruteforce"): ONE_STATION_OVER_TIME,
    ("07b_authorize_bruteforce", "remote-start-flood"): MANY_STATIONS,
    ("08a_identity_hijack", "identity-hijack"): ONE_STATION_OVER_TIME,
    ("10b_grid_stop_reset", "grid-mass-remote-stop"): MANY_STATIONS,
    ("11a_dos_flood", "dos-connection-flood"): MANY_STATIONS,
    ("11a_dos_flood", "dos-message-flood"): ONE_STATION_OVER_TIME,
}

# Kinds that one event shows; an alert for them may never go missing.
ONE_EVENT_SHOWS = {
    "certificate-deleted", "certificate-unknown-root-installed", "config-authorization-weakened",
    "config-authorizationkey-cleartext", "config-heartbeat-disabled",
    "config-network-profile-unknown-host", "config-security-downgrade", "datatransfer-tunnel",
    "dos-oversize-message", "firmware-invalid-signature", "firmware-unsigned",
    "log-upload-unknown-host", "privacy-customer-information", "privacy-email", "privacy-pan",
    "privacy-vin", "protocol-bad-message-type", "protocol-binary-frame", "protocol-deep-nesting",
    "protocol-duplicate-message-id", "protocol-malformed-json", "protocol-schema-violation",
    "protocol-unknown-action", "protocol-unsolicited-reply", "protocol-websocket-violation",
    "weak-password",
}

BENIGN = ("01_", "02_", "03_", "13_", "15", "04a_", "05a_", "06b_")


def table(path):
    """{first column: words of the second} of a file with tabs."""
    lines = path.read_text().splitlines()
    return {line.split("\t")[0]: set(line.split("\t")[1].split())
            for line in lines if line and not line.startswith("#")}


def rows_of(alert):
    """Threats that the rule of an alert is for, and "posture"."""
    return {label[len("chargewarden."):] for label in alert["metadata"]["labels"]
            if label.startswith("chargewarden.")}


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def finds(alert, incident, rows):
    if not rows & rows_of(alert):
        return False
    if incident["station"] and station_of(alert) != incident["station"]:
        return False
    info = alert["finding_info"]
    begin = seconds(incident["time"]) - SLACK_S
    end = seconds(incident.get("time_end", incident["time"])) + SLACK_S
    return info["first_seen_time"] / 1000 <= end and info["last_seen_time"] / 1000 >= begin


class Corpus(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = support.corpus()
        cls.kinds = table(folder / "kinds.tsv")
        cls.tolerated = table(folder / "tolerated.tsv")
        cls.scenarios = [(name, labels, support.alerts_of(capture))
                         for name, labels, capture in support.scenarios(folder)]

    def test_every_incident_is_found_or_known_not_to_be(self):
        listed = set()
        count = 0
        for name, labels, alerts in self.scenarios:
            for incident in labels["incidents"]:
                key = (name, incident["kind"])
                rows = self.kinds[incident["kind"]]
                found = sorted({support.rule_of(alert) for alert in alerts
                                if finds(alert, incident, rows)})
                with self.subTest(scenario=name, incident=incident["id"], kind=incident["kind"]):
                    count += 1
                    if key in NOT_FOUND:
                        listed.add(key)
                        self.assertEqual(found, [], "found now: take it off the list NOT_FOUND")
                    else:
                        self.assertTrue(found, f"no alert for: {incident['why']}")
        self.assertEqual(set(NOT_FOUND) - listed, set(), "listed, but no such incident")
        self.assertGreater(count, 50)

    def test_what_one_event_shows_is_never_on_the_list(self):
        kinds = {kind for _, kind in NOT_FOUND}
        self.assertEqual(kinds & ONE_EVENT_SHOWS, set())
        seen = {incident["kind"] for _, labels, _ in self.scenarios
                for incident in labels["incidents"]}
        self.assertEqual(ONE_EVENT_SHOWS - seen, set(), "no capture shows these")

    def test_lawful_traffic_raises_nothing_above_informational(self):
        names = []
        for name, labels, alerts in self.scenarios:
            if not name.startswith(BENIGN):
                continue
            names.append(name)
            self.assertEqual(labels["incidents"], [], name)
            allowed = self.tolerated.get(name, set()) | {"posture"}
            raised = {(support.rule_of(alert), station_of(alert)) for alert in alerts
                      if alert["unmapped"]["level"] != "informational"
                      and not rows_of(alert) & allowed}
            with self.subTest(scenario=name):
                self.assertEqual(raised, set())
        self.assertEqual(len(names), 15, names)

    def test_posture_is_raised_once_for_a_station(self):
        count = 0
        for name, _, alerts in self.scenarios:
            seen = [(support.rule_of(alert), station_of(alert)) for alert in alerts
                    if "posture" in rows_of(alert) and alert["activity_name"] == "Create"]
            with self.subTest(scenario=name):
                self.assertEqual(len(seen), len(set(seen)))
            count += len(seen)
        self.assertGreater(count, 50)


if __name__ == "__main__":
    support.main()
