#!/usr/bin/env python3
"""What TLS handshakes of real peers show without keys. Fingerprints are those that tshark and the
tool of JA4's authors gave for the same captures.

Usage: tls_test.py PROGRAM SOURCE. Exit 77 when the shared captures are not there.
"""
import collections

import support

NODE_JA3, NODE_JA4 = "0cce74b0d9b7f8528fb2181588d23793", "t13d591000_a33745022dd6_1f22a2ca17c4"


def handshakes(path):
    done = support.run("replay", path, "--events", "-")
    if done.status != 0:
        raise AssertionError(f"{path}: {done.err}")
    return [event for event in support.json_lines(done.out)
            if event["event.name"] == "tls.handshake"]


def alerts(path):
    """Rules that speak, with their clients."""
    done = support.run("replay", path, "--alerts", "-")
    if done.status != 0:
        raise AssertionError(f"{path}: {done.err}")
    out = collections.defaultdict(set)
    for alert in support.json_lines(done.out):
        name = support.rule_of(alert)
        if name.startswith("tls_"):
            out[name].add(alert["evidences"][0]["src_endpoint"]["ip"])
    return dict(out)


class Tls(support.Case):
    def test_handshakes_of_versions_1_2_and_1_3(self):
        vectors = support.corpus().parent / "vectors"
        rows = [
            ("tls12.pcap", "1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
             "1af33e1657631357c73119488045302c", "not_requested"),
            ("tls12-cbc.pcap", "1.2", "TLS_RSA_WITH_AES_128_CBC_SHA",
             "25d1b1ff4026a741e300c9f1c73f31d3", "not_requested"),
            ("tls13.pcap", "1.3", "TLS_AES_256_GCM_SHA384",
             "15af977ce25de452b96affa2addb1036", "hidden"),
        ]
        for name, version, suite, ja3s, certificate in rows:
            with self.subTest(name):
                event, = handshakes(vectors / name)
                self.assertEqual(event["tls.outcome"], "completed")
                self.assertEqual(event["tls.version"], version)
                self.assertEqual(event["tls.suite"], suite)
                self.assertEqual(event["tls.server_name"], "csms.example.net")
                self.assertEqual(event["tls.ja3"], NODE_JA3)
                self.assertEqual(event["tls.ja4"], NODE_JA4)
                self.assertEqual(event["tls.ja3s"], ja3s)
                self.assertEqual(event["tls.client_certificate"], certificate)

    def test_old_versions_and_suites_raise_alerts(self):
        found = alerts(support.corpus() / "05f_tls_old_weak" / "capture.pcap")
        self.assertEqual(found, {
            "tls_version_outdated": {"10.77.1.11", "10.77.1.12"},
            "tls_suite_not_of_ocpp": {"10.77.1.11", "10.77.1.12", "10.77.1.13"},
        })

    def test_clients_without_a_certificate_are_told_from_those_that_have_one(self):
        path = support.corpus() / "05b_mtls" / "capture.pcap"
        seen = collections.Counter((event["tls.outcome"], event["tls.client_certificate"])
                                   for event in handshakes(path))
        self.assertEqual(seen, {("completed", "sent"): 3, ("refused", "none"): 1,
                                ("unfinished", "sent"): 1})
        self.assertEqual(alerts(path), {"tls_client_refused": {"10.77.9.61"}})

    def test_sound_handshakes_raise_nothing(self):
        for name in ("04a_tls12_keylog", "05a_tls13_keylog"):
            with self.subTest(name):
                path = support.corpus() / name / "capture.pcap"
                self.assertGreaterEqual(len(handshakes(path)), 3)
                self.assertEqual(alerts(path), {})


if __name__ == "__main__":
    support.main()
