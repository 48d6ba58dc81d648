#!/usr/bin/env python3
"""Labelled incidents are found, and lawful traffic raises nothing: exactly as is written down.

Usage: detection_test.py PROGRAM SOURCE [--renew]. Exit 77 when the labelled captures are not there.

detection_expected.json says which incidents are found and which alerts are false; a difference is a
failure, for better or for worse. With --renew it is written anew: read the difference before it is
committed. How alerts are judged stands in detection_score.py, which also prints the table.
"""
import json
import pathlib
import unittest

import yaml

import detection_score
import support
from detection_score import Alert, Truth

EXPECTED = pathlib.Path(__file__).with_name("detection_expected.json")

NO_TLS = "the alert cannot name the station of a TLS client without a certificate"

# Kinds that cannot be found, with the reason. They do not count in the score.
NOT_BUILT = {
    "mtls-client-without-certificate": NO_TLS,
    "tls-old-version": NO_TLS,
    "tls-weak-cipher": NO_TLS,
}

# Kinds that one event shows: a rule suffices, and no state can be an excuse to miss them.
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


def state_of(results):
    """What detection_expected.json holds."""
    out = {"found": {}, "false": {}}
    for result in results:
        found = [f"{incident['id']} {incident['kind']}" for incident in result.found]
        false = sorted(f"{alert.rule} {alert.level} {alert.station or '-'}"
                       for alert in result.with_verdict("false"))
        if found:
            out["found"][result.truth.name] = found
        if false:
            out["false"][result.truth.name] = false
    return out


class Corpus(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.results = list(detection_score.score())
        detection_score.report(cls.results, NOT_BUILT)
        if "--renew" in support.MORE:
            text = json.dumps(state_of(cls.results), indent=1, ensure_ascii=False)
            EXPECTED.write_text(text + "\n", "utf-8")

    def test_found_and_false_are_what_is_written_down(self):
        expected = json.loads(EXPECTED.read_text("utf-8"))
        self.assertEqual(state_of(self.results), expected,
                         "better or worse than written down: see --renew")

    def test_what_is_not_built_is_not_found_and_has_incidents(self):
        found = {incident["kind"] for result in self.results for incident in result.found}
        self.assertEqual(found & set(NOT_BUILT), set(), "found now: take it off NOT_BUILT")
        labelled = {incident["kind"] for result in self.results
                    for incident in result.truth.incidents}
        self.assertEqual(set(NOT_BUILT) - labelled, set(), "no capture has such an incident")

    def test_what_one_event_shows_is_always_found(self):
        missed = {incident["kind"] for result in self.results for incident in result.missed}
        self.assertEqual(missed & ONE_EVENT_SHOWS, set())
        found = {incident["kind"] for result in self.results for incident in result.found}
        self.assertEqual(ONE_EVENT_SHOWS - found, set(), "no capture shows these")
        self.assertGreater(sum(len(result.found) for result in self.results), 40)

    def test_the_catalogue_knows_the_kinds_as_the_captures_do(self):
        kinds = yaml.safe_load((support.SOURCE / "rules" / "rows.yml").read_text())["kinds"]
        labelled = detection_score.table(support.corpus() / "kinds.tsv")
        self.assertEqual({kind: set(rows) for kind, rows in kinds.items()}, labelled)

    def test_the_readme_states_the_result(self):
        readme = (support.SOURCE / "README.md").read_text("utf-8")
        self.assertIn("\n".join(detection_score.theme_table(self.results)), readme)
        right = sum(len(result.with_verdict("true")) for result in self.results)
        false = sum(len(result.with_verdict("false")) for result in self.results)
        self.assertIn(f"{right} of {right + false} findings are right", readme)
        kinds = {incident["kind"] for result in self.results
                 for incident in result.found + result.missed}
        incidents = sum(len(result.truth.incidents) for result in self.results)
        self.assertIn(f"{len(self.results)} labelled captures with {incidents} incidents", readme)
        self.assertIn(f"the {len(kinds)} kinds", readme)

    def test_posture_is_raised_once_for_a_station(self):
        count = 0
        for result in self.results:
            seen = [(alert.rule, alert.station) for _, alert in result.judged if alert.posture]
            with self.subTest(scenario=result.truth.name):
                self.assertEqual(len(seen), len(set(seen)))
            count += len(seen)
        self.assertGreater(count, 50)


def alert(rows, level="high", station="A", at="2026-01-01T12:00:00Z", posture=False):
    return Alert("a_rule", level, station, set(rows.split()), posture,
                 {detection_score.seconds(at)})


def truth(incidents=(), look_alikes=(), facts=()):
    return Truth("x", {"benign": not incidents, "incidents": list(incidents),
                       "hard_negatives": list(look_alikes),
                       "posture": [{"fact": fact} for fact in facts]},
                 {"theft": {"sa-01", "sa-02"}, "clear": {"ti-01"}}, {"x": {"fw-02"}})


class Judging(unittest.TestCase):
    """The scales themselves, on made-up labels."""

    THEFT = {"kind": "theft", "station": "A", "time": "2026-01-01T12:00:00Z",
             "time_end": "2026-01-01T12:05:00Z"}

    def test_an_incident_is_found_by_row_station_and_time(self):
        here = truth([self.THEFT])
        for hit, found in [
                (alert("sa-01"), True),
                (alert("sa-02 ti-01"), True),
                (alert("sa-03"), False),
                (alert("sa-01", station="B"), False),
                (alert("sa-01", station=None), False),
                (alert("sa-01", at="2026-01-01T11:58:00Z"), True),
                (alert("sa-01", at="2026-01-01T11:57:59Z"), False),
                (alert("sa-01", at="2026-01-01T12:15:00Z"), True),
                (alert("sa-01", at="2026-01-01T12:15:01Z"), False)]:
            with self.subTest(str(hit), rows=hit.rows):
                self.assertEqual(here.finds(hit, self.THEFT), found)
        anywhere = {**self.THEFT, "station": None}
        self.assertTrue(here.finds(alert("sa-01", station="B"), anywhere))

    def test_lawful_traffic_raises_nothing_above_informational(self):
        for given, verdict in [
                (alert("sa-01", "informational"), "quiet"), (alert("sa-01", "low"), "false"),
                (alert("fw-02", "high"), "tolerated"), (alert("fw-02 sa-01"), "tolerated")]:
            with self.subTest(str(given), rows=given.rows):
                self.assertEqual(truth().verdict(given), verdict)

    def test_beside_incidents_what_no_label_explains_is_false_above_low(self):
        here = truth([self.THEFT])
        for given, verdict in [
                (alert("sa-01", "low"), "true"), (alert("sa-01"), "true"),
                (alert("sa-01", station=None), "true"), (alert("sa-01", station="B"), "false"),
                (alert("sa-09"), "false"), (alert("sa-09", "medium"), "false"),
                (alert("sa-09", "low"), "quiet"), (alert("fw-02"), "tolerated")]:
            with self.subTest(str(given), rows=given.rows):
                self.assertEqual(here.verdict(given), verdict)

    def test_a_look_alike_makes_alerts_false_unless_an_incident_overlaps(self):
        look_alike = {"kind": "fine", "station": "A", "time": "2026-01-01T13:00:00Z"}
        near = alert("sa-09", "low", at="2026-01-01T13:02:00Z")
        explained = alert("sa-01", at="2026-01-01T13:02:00Z")
        beyond = alert("sa-09", "low", at="2026-01-01T13:02:01Z")
        other = alert("sa-09", "low", "B", at="2026-01-01T13:02:00Z")
        here = truth([self.THEFT], [look_alike])
        self.assertEqual([here.verdict(given) for given in (near, explained, beyond, other)],
                         ["false", "false", "quiet", "quiet"])
        during = {**self.THEFT, "time_end": "2026-01-01T12:58:00Z"}
        self.assertEqual(truth([during], [look_alike]).verdict(near), "quiet")
        elsewhere = {**during, "station": "B"}
        self.assertEqual(truth([elsewhere], [look_alike]).verdict(near), "false")
        self.assertEqual(truth([{**during, "station": None}], [look_alike]).verdict(near), "quiet")
        fleet = {**during, "station": None, "stations": ["B"]}
        self.assertEqual(truth([fleet], [look_alike]).verdict(near), "false")

    def test_posture_is_judged_by_the_facts_of_the_capture(self):
        for facts, verdict in [(["clear"], "posture"), ([], "false")]:
            given = alert("ti-01", "informational", posture=True)
            self.assertEqual(truth(facts=facts).verdict(given), verdict)

    def test_updates_belong_to_their_alert(self):
        def line(uid, first, last, count):
            return {"time": last, "count": count, "unmapped": {"level": "low"},
                    "metadata": {"labels": ["chargewarden.sa-01", "chargewarden.posture", "a.b"]},
                    "resources": [{"uid": "A"}],
                    "finding_info": {"uid": uid, "analytic": {"name": "r"},
                                     "first_seen_time": first, "last_seen_time": last}}
        folded = detection_score.fold([line("1", 1000, 1000, 1), line("2", 2000, 2000, 1),
                                       line("1", 1000, 9000, 5)])
        self.assertEqual([(a.times, a.count) for a in folded], [({1.0, 9.0}, 5), ({2.0}, 1)])
        self.assertEqual((folded[0].rows, folded[0].posture), ({"sa-01"}, True))


if __name__ == "__main__":
    support.main()
