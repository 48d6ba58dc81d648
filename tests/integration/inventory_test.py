#!/usr/bin/env python3
"""What the operator has written down about the site, held against captures and logs.

Usage: inventory_test.py PROGRAM SOURCE

The sample inventory fits a sample capture, and the log of its backend: what that log holds says
what is true.
"""
import json

import support
from support import json_lines, rule_of, run, sample, station_of

CAPTURE = "09a_config_16.pcap"  # Its stations are CFG-1 to CFG-4, on 2026-11-22, a Sunday.
LOG = "jsonl:samples/logs/csms.jsonl"

# Findings that the inventory makes, by rule.
RULES = {
    "unlisted_station_let_in", "backend_not_listed", "station_not_as_listed",
    "ocpp_version_not_listed", "station_protection_below_listed", "station_address_not_listed",
    "private_network_bypassed", "firmware_not_approved", "firmware_vulnerable",
    "product_without_support", "update_outside_window", "settings_not_as_listed",
    "session_while_closed", "card_travelled_too_fast",
}

ALL = ["CFG-1", "CFG-2", "CFG-3", "CFG-4"]


def findings(*arguments):
    """Sorted (rule, station) of the alerts that need the site's data."""
    done = run("replay", *arguments, "--alerts", "-", cwd=support.SOURCE)
    if done.status != 0:
        raise AssertionError(f"{arguments}: exit status {done.status}: {done.err[-400:]}")
    alerts = json_lines(done.out)
    return sorted((rule_of(alert), station_of(alert)) for alert in alerts
                  if rule_of(alert) in RULES)


class Inventory(support.Case):
    def inventory(self, **sections):
        """A configuration with this inventory."""
        self.file("inventory.json", json.dumps(sections))
        return self.config(f"inventory: {self.folder}/inventory.json\n")

    def config(self, text):
        return self.file("config.yml", text)

    def test_without_an_inventory_nothing_is_found(self):
        self.assertEqual(findings(sample(CAPTURE)), [])

    def test_the_sample_inventory_fits_its_capture(self):
        found = findings(sample(CAPTURE), "--config", "samples/config/site.yml")
        self.assertEqual(found, [
            ("settings_not_as_listed", "CFG-1"),
            ("station_protection_below_listed", "CFG-1"),
            ("unlisted_station_let_in", "CFG-3"),
            ("unlisted_station_let_in", "CFG-4"),
        ])

    def test_listed_stations_are_silent(self):
        stations = [{"id": each.lower(), "vendor": "Voltara", "addresses": ["10.77.0.0/16"],
                     "ocpp": ["1.6"], "security_profile": 0} for each in ALL]
        inventory = self.inventory(stations=stations, csms=["10.77.0.0/16"])
        self.assertEqual(findings(sample(CAPTURE), "--config", inventory), [])

    def test_each_part_is_held_against_what_stations_do(self):
        station = {"id": "CFG-1", "vendor": "Other", "firmware": ["1.0"], "ocpp": ["2.0.1"],
                   "addresses": ["10.9.0.0/16"]}
        inventory = self.inventory(
            stations=[station] + [{"id": each} for each in ALL[1:]],
            csms=["csms.example.net"],
            advisories=[{"id": "A", "vendor": "voltara", "model": "*", "fixed_in": "99.0"}],
            end_of_support=[{"vendor": "Voltara", "model": "AC*", "since": "2026-11-22"}])
        found = findings(sample(CAPTURE), "--config", inventory)
        for rule in ("firmware_not_approved", "ocpp_version_not_listed",
                     "station_address_not_listed", "station_not_as_listed"):
            self.assertEqual([each for each in found if each[0] == rule], [(rule, "CFG-1")])
        for rule in ("backend_not_listed", "firmware_vulnerable", "product_without_support"):
            self.assertEqual([each for each in found if each[0] == rule],
                             [(rule, each) for each in ALL])

    def test_a_card_at_two_sites_at_once_is_found_where_these_are_known(self):
        def site(**second):
            return self.inventory(stations=[
                {"id": "SUS-01", "latitude": 52.52, "longitude": 13.405},
                {"id": "SUS-02", **second}])
        sessions = sample("07a_suspicious_sessions.pcap")
        found = [each for each in findings(sessions, "--config",
                                           site(latitude=48.1372, longitude=11.5755))
                 if each[0] == "card_travelled_too_fast"]
        self.assertEqual(sorted(set(found)), [("card_travelled_too_fast", "SUS-02")])
        for near in ({"latitude": 52.53, "longitude": 13.4}, {}):
            found = findings(sessions, "--config", site(**near))
            self.assertNotIn("card_travelled_too_fast", [rule for rule, _ in found])

    def test_addresses_name_the_stations_that_tls_hides(self):
        inventory = self.inventory(stations=[
            {"id": f"MT-00{i}", "addresses": [f"10.77.1.1{i}"]} for i in (1, 2, 3)])
        done = run("replay", support.corpus() / "05f_tls_old_weak" / "capture.pcap", "--config",
                   inventory, "--alerts", "-")
        found = {(rule_of(alert), station_of(alert)) for alert in json_lines(done.out)}
        self.assertLessEqual({("tls_version_outdated", "MT-001"),
                              ("tls_version_outdated", "MT-002"),
                              ("tls_suite_not_of_ocpp", "MT-003")}, found)

    def test_the_log_shows_the_same_where_it_shows_it(self):
        station = {"id": "CFG-1", "vendor": "Other", "firmware": ["1.0"],
                   "addresses": ["10.9.0.0/16"], "settings": {"HeartbeatInterval": "900"}}
        inventory = self.inventory(
            stations=[station, {"id": "CFG-2", "settings": {"HeartbeatInterval": 900}}],
            csms=["10.77.0.0/16"],
            advisories=[{"id": "A", "vendor": "voltara", "model": "*", "fixed_in": "99.0"}])
        wire = findings(sample(CAPTURE), "--config", inventory)
        self.assertEqual(findings("--log", LOG, "--config", inventory), wire)
        self.assertIn(("settings_not_as_listed", "CFG-2"), wire)
        both = findings(sample(CAPTURE), "--log", LOG, "--config", inventory)
        self.assertEqual(both, wire)

    def test_updates_outside_the_maintenance_window_are_found(self):
        capture = sample("06a_fw_unsigned.pcap")
        inside = "maintenance: [{from: 2020-01-01T00:00:00Z, to: 2030-01-01T00:00:00Z}]\n"
        outside = "maintenance: [{from: 2020-01-01T00:00:00Z, to: 2020-01-02T00:00:00Z%s}]\n"
        self.assertEqual(findings(capture, "--config", self.config(inside)), [])
        found = findings(capture, "--config", self.config(outside % ""))
        self.assertEqual({rule for rule, _ in found}, {"update_outside_window"})
        other = self.config(outside % ", stations: ['NOT-*']")
        self.assertEqual(findings(capture, "--config", other), [])

    def test_sessions_while_closed_are_found(self):
        capture = sample("07a_suspicious_sessions.pcap")
        week = "[mon, tue, wed, thu, fri, sat, sun]"
        closed = f'closed: [{{days: {week}, from: "00:00", to: "24:00"}}]\n'
        found = findings(capture, "--config", self.config(closed))
        self.assertEqual({rule for rule, _ in found}, {"session_while_closed"})

    def test_what_is_wrong_is_said_in_a_sentence(self):
        capture = sample(CAPTURE)
        wrong = self.file("wrong.yml", "stations:\n  - id: a\n  - vendor: x\n")
        done = run("replay", capture, "--config", self.config(f"inventory: {wrong}\n"))
        self.assert_refused(done, 2, f"{wrong}:3:", "has no \"id\"")
        done = run("replay", capture, "--config", self.config("inventory: /no/such/none.yml\n"))
        self.assert_refused(done, 2, "none.yml", "No such file")
        config = self.config("rules: []\nmaintenance:\n  - {days: [someday], from: '1', to: '2'}\n")
        self.assert_refused(run("replay", capture, "--config", config), 2, f"{config}:3:",
                            "is no day")

    def test_values_of_secret_settings_are_not_shown(self):
        inventory = self.inventory(stations=[
            {"id": each, "settings": {"AuthorizationKey": "listed-and-secret"}} for each in ALL])
        done = run("replay", sample(CAPTURE), "--config", inventory, "--events", "-",
                   "--alerts", self.folder / "alerts")
        drift = [event for event in json_lines(done.out)
                 if event["event.name"] == "configuration.drift"]
        self.assertEqual([event["configuration.settings"] for event in drift],
                         [["AuthorizationKey"]])
        everything = done.out + (self.folder / "alerts").read_bytes()
        self.assertNotIn(b"listed-and-secret", everything)
        self.assertNotIn(b"1971e4d4114253ca57816ae1d8902e313f1ca1b2", everything)

    def test_coverage_knows_the_site_too(self):
        config = self.config("inventory: samples/config/inventory.yml\n")
        arguments = ("rules", "coverage", "--capture", sample(CAPTURE), "--format", "json")
        for more, state in ((), "not_observable"), (("--config", config), "fired"):
            done = run(*arguments, *more, cwd=support.SOURCE)
            self.assertEqual(done.status, 0, done.err)
            rules = {each["name"]: each for each in json.loads(done.out)["rules"]}
            self.assertEqual(rules["unlisted_station_let_in"]["state"], state)
        wrong = self.config("inventory: /no/such/file\n")
        self.assert_refused(run(*arguments, "--config", wrong), 2, "/no/such/file")

    def test_threads_change_nothing(self):
        inventory = "samples/config/site.yml"
        outputs = {(run("replay", sample(CAPTURE), "--config", inventory, "--threads", threads,
                        "--events", "-", cwd=support.SOURCE).out) for threads in (1, 2, 3, 8)}
        self.assertEqual(len(outputs), 1)
        self.assertIn(b"identity.unlisted", outputs.pop())


if __name__ == "__main__":
    support.main()
