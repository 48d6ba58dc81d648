#!/usr/bin/env python3
"""What is personal or secret in the captures is in clear nowhere behind the sensor.

Usage: privacy_test.py PROGRAM SOURCE. Exit 77 when the labelled captures are not there.

The secrets are collected by an independent reader (wire.py) from the packets, and from the logs and
labels beside them. Then the alerts, the events, the audit trail (raw bytes of every file in its
folder, its write-ahead log included) and the terminal output are searched for them.
"""
import base64
import json
import re
import sqlite3

import support
import wire

LENGTH_MIN = 5  # Shorter values occur in any text by chance.
TOKEN_KEYS = {"idTag", "parentIdTag", "idToken", "idTagInfo", "groupIdToken", "id_tag"}
PASSWORD_VARIABLES = {"AuthorizationKey", "BasicAuthPassword"}
EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
DIGITS = re.compile(r"(?<!\d)\d{13,19}(?!\d)")
VIN = re.compile(r"\b[A-HJ-NPR-Z0-9]{17}\b")
VIN_VALUES = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", [1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9,
                                                 2, 3, 4, 5, 6, 7, 8, 9]))
VIN_WEIGHTS = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2]


def is_card_number(text):
    digits = [int(d) for d in reversed(text)]
    return text[0] in "23456" and len(text) <= 16 and sum(
        d if i % 2 == 0 else sum(divmod(2 * d, 10)) for i, d in enumerate(digits)) % 10 == 0


def is_vehicle_number(text):
    total = sum((int(c) if c.isdigit() else VIN_VALUES[c]) * w for c, w in zip(text, VIN_WEIGHTS))
    return not text.isdigit() and text[8] == "0123456789X"[total % 11]


class Secrets:
    """{secret: what it is}, of one scenario."""

    def __init__(self):
        self.found = {}

    def add(self, value, kind):
        if isinstance(value, str) and len(value) >= LENGTH_MIN:
            self.found.setdefault(value, kind)

    def add_text(self, text):
        for match in EMAIL.findall(text):
            self.add(match, "e-mail")
        for match in DIGITS.findall(text):
            if is_card_number(match):
                self.add(match, "card number")
        for match in VIN.findall(text):
            if is_vehicle_number(match):
                self.add(match, "vehicle number")
        for match in re.findall(r"://[^/\s\"@:]{1,64}:([^/\s\"@]{1,64})@", text):
            self.add(match, "password in a URL")

    def add_json(self, value):
        if isinstance(value, list):
            for element in value:
                self.add_json(element)
        elif isinstance(value, dict):
            for key, inner in value.items():
                if key in TOKEN_KEYS:
                    self.add(inner, "token")
                self.add_json(inner)
            if str(value.get("key")) in PASSWORD_VARIABLES:
                self.add(value.get("value"), "password")
            variable = value.get("variable")
            if isinstance(variable, dict) and str(variable.get("name")) in PASSWORD_VARIABLES:
                self.add(value.get("attributeValue"), "password")
        elif isinstance(value, str):
            self.add_text(value)

    def add_message(self, text):
        try:
            message = json.loads(text)
            self.add_json(message)
        except (ValueError, RecursionError):
            return  # Broken on purpose, or nested without end.
        if isinstance(message, list) and len(message) > 3 and \
                message[2] == "NotifyCustomerInformation":
            self.add(message[3].get("data"), "customer data")

    def add_head(self, stream):
        for match in re.findall(rb"(?i)\r\nauthorization: *basic +([^\r\n ]+)", stream):
            self.add(match.decode(), "basic credentials")
            password = base64.b64decode(match + b"==").partition(b":")[2]
            self.add(password.decode("utf-8", "replace"), "password")


def secrets_of(folder, labels, capture):
    out = Secrets()
    for _, stream in wire.streams(capture.read_bytes()):
        if stream[:4] in (b"GET ", b"HTTP"):
            out.add_head(stream)
            for text in wire.messages(stream):
                out.add_message(text)
    log = folder / "csms.jsonl"
    if log.exists():
        for line in log.read_text().splitlines():
            out.add_message(line)
    for session in labels.get("sessions", []):
        out.add(session.get("id_tag"), "token")
    # A name that is public anyway is no secret, even where a station uses it as its password.
    for station in labels["stations"]:
        out.found.pop(station["id"], None)
    return out.found


def leaks(secrets, name, data):
    """Each secret that occurs in the data, as it is or as JSON escapes it."""
    for secret, kind in secrets.items():
        forms = {secret.encode(), json.dumps(secret)[1:-1].encode()}
        whole = rb"(?<![0-9A-Za-z])%s(?![0-9A-Za-z])"  # Not a piece of a hash, say.
        if any(form in data and re.search(whole % re.escape(form), data) for form in forms):
            yield f"{name}: {kind} {secret!r}"


class Privacy(support.Case):
    def test_no_secret_of_a_capture_leaves_the_sensor_in_clear(self):
        folder = support.corpus()
        trail = self.folder / "trail"
        everything, kinds, problems = {}, {}, []
        reader = None
        for name, labels, capture in support.scenarios(folder):
            secrets = secrets_of(capture.parent, labels, capture)
            everything.update(secrets)
            for kind in secrets.values():
                kinds[kind] = kinds.get(kind, 0) + 1
            files = {form: self.folder / f"{name}.{form}" for form in ("alerts", "events")}
            done = support.run("replay", capture, "--audit", trail, "--alerts", files["alerts"],
                               "--events", files["events"])
            self.assertEqual(done.status, 0, done.err)
            for form, path in files.items():
                problems += leaks(secrets, f"{name}: {form}", path.read_bytes())
            problems += leaks(secrets, f"{name}: terminal", done.out + done.err.encode())
            if reader is None:
                # Whoever reads keeps the write-ahead log from being emptied and removed.
                reader = sqlite3.connect(trail / "audit.db")
                self.addCleanup(reader.close)
                reader.execute("BEGIN")
                reader.execute("SELECT count(*) FROM record").fetchone()
        # The test is worth as much as what it looks for.
        for kind, least in (("token", 100), ("password", 3), ("basic credentials", 3),
                            ("card number", 1), ("e-mail", 2), ("password in a URL", 1),
                            ("customer data", 1)):
            self.assertGreaterEqual(kinds.get(kind, 0), least, kind)
        self.assertIn("4111111111111111", everything)
        self.assertIn("1HGCM82633A004352", everything)
        logs = {path.name: path.stat().st_size for path in trail.iterdir()}
        self.assertGreater(logs["audit.db-wal"], 100_000)
        for path in trail.iterdir():
            problems += leaks(everything, f"trail: {path.name}", path.read_bytes())
        self.assertEqual(sorted(problems), [])

    def test_the_search_finds_what_is_there(self):
        folder = support.corpus() / "07a_suspicious_sessions"
        labels = json.loads((folder / "labels.json").read_text())
        secrets = secrets_of(folder, labels, folder / labels["capture"])
        log = (folder / "csms.jsonl").read_bytes()
        self.assertEqual(len(list(leaks(secrets, "log", log))), len(secrets))
        self.assertGreater(len(secrets), 5)

    def test_one_token_keeps_its_pseudonym_within_a_run(self):
        capture = support.sample("07a_suspicious_sessions.pcap")
        events = support.json_lines(support.run("replay", capture, "--events", "-").out)
        tags = [event["ocpp.payload.idTag"] for event in events if "ocpp.payload.idTag" in event]
        self.assertGreater(len(tags), 10)
        self.assertGreater(len(tags), len(set(tags)))
        self.assertGreater(len(set(tags)), 3)
        for tag in tags:
            self.assertRegex(tag, r"^~[0-9a-f]{16}$")


if __name__ == "__main__":
    support.main()
