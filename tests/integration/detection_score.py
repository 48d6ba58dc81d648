#!/usr/bin/env python3
"""The score of detection: labelled captures are replayed, the alerts are held against the labels.

Usage: detection_score.py PROGRAM SOURCE [--folder NAME]... [--log FORMAT] [--verbose]

Prints found and labelled incidents by kind with the highest levels of the alerts that find them,
the missed ones, the false alerts, recall and precision.
--folder takes the beginning of a name, such as 07a; --log replays the log of the backend alone
(jsonl, steve or syslog) where a folder has one; --verbose shows every alert and what it counts as.

How an alert is judged. Updates belong to the alert that they update.
- It finds an incident when its rule is tagged with a row of the catalogue of threats that kinds.tsv
  counts for the kind, its station is that of the incident (any, where the incident names none), and
  its time, first or last seen time lies between two minutes before and ten minutes after.
- Lawful captures: it is false above informational. Captures with incidents: above low, unless its
  rule has a row of an incident there and their stations do not differ. Near a lawful look-alike (a
  hard negative: two minutes, same station) above informational, unless an incident overlaps.
- Rows in tolerated.tsv are right in their capture; where no incident explains the alert, it counts
  neither for nor against.
- Posture: each alert must be one of the posture facts of the capture, whatever its level.
"""
import argparse
import collections
import dataclasses
import datetime
import sys

import support

BEFORE_S = 120
AFTER_S = 600
NEAR_S = 120
LEVELS = ["informational", "low", "medium", "high", "critical"]
# File of a folder by the format of --log.
LOG_FILES = {"jsonl": "csms.jsonl", "steve": "csms.log", "syslog": "csms.syslog"}
PREFIX = "chargewarden."


def seconds(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def table(path):
    """{first column: words of the second} of a file with tabs."""
    lines = path.read_text().splitlines()
    return {line.split("\t")[0]: set(line.split("\t")[1].split())
            for line in lines if line and not line.startswith("#")}


@dataclasses.dataclass
class Alert:
    """An alert with all of its updates; times in seconds."""
    rule: str
    level: str
    station: str | None
    rows: set
    posture: bool
    times: set
    count: int = 1

    @property
    def rank(self):
        return LEVELS.index(self.level)

    def within(self, begin, end):
        return any(begin <= time <= end for time in self.times)

    def __str__(self):
        first = datetime.datetime.fromtimestamp(min(self.times), datetime.timezone.utc)
        return (f"{first:%H:%M:%S}.{first.microsecond // 1000:03} {self.level:13} {self.rule} "
                f"{self.station or '-'} x{self.count}")


def fold(objects):
    """Alerts of the objects of `replay --alerts -`."""
    out = {}
    for item in objects:
        info = item["finding_info"]
        labels = set(item["metadata"]["labels"])
        alert = out.setdefault(info["uid"], Alert(
            support.rule_of(item), item["unmapped"]["level"], support.station_of(item),
            {label[len(PREFIX):] for label in labels if label.startswith(PREFIX)} - {"posture"},
            PREFIX + "posture" in labels, set()))
        alert.times |= {item["time"] / 1000, info["first_seen_time"] / 1000,
                        info["last_seen_time"] / 1000}
        alert.count = max(alert.count, item.get("count", 1))
    return list(out.values())


class Truth:
    """What the labels of one capture say. `kinds`, `tolerated`: the tables beside the captures."""

    def __init__(self, name, labels, kinds, tolerated):
        self.name = name
        self.benign = labels["benign"]
        self.incidents = labels["incidents"]
        self.look_alikes = labels["hard_negatives"]
        self.kinds = kinds
        self.tolerated = tolerated.get(name, set())
        self.posture = set().union(*(kinds.get(fact["fact"], set()) for fact in labels["posture"]))

    def rows_of(self, incident):
        return self.kinds[incident["kind"]]

    def finds(self, alert, incident):
        end = incident.get("time_end", incident["time"])
        return (bool(alert.rows & self.rows_of(incident))
                and incident.get("station") in (None, alert.station)
                and alert.within(seconds(incident["time"]) - BEFORE_S, seconds(end) + AFTER_S))

    def explains(self, incident, alert):
        return (bool(alert.rows & self.rows_of(incident))
                and (None in (incident.get("station"), alert.station)
                     or incident["station"] == alert.station))

    def beside_look_alike(self, alert):
        """Is it at the time and station of a lawful look-alike, with no incident there?"""
        for item in self.look_alikes:
            station = item.get("station")
            at = seconds(item["time"])
            if station is not None and station != alert.station:
                continue
            if alert.within(at - NEAR_S, at + NEAR_S) and not any(
                    concerns(incident, alert.station) and overlaps(incident, at)
                    for incident in self.incidents):
                return True
        return False

    def verdict(self, alert):
        """"posture", "tolerated", "true", "false", or "quiet": too low to be judged."""
        if alert.posture:
            return "posture" if alert.rows & (self.posture | self.tolerated) else "false"
        if alert.rank == 0:
            return "quiet"
        tolerated = bool(alert.rows & self.tolerated)
        if not tolerated and self.beside_look_alike(alert):
            return "false"
        if any(self.explains(incident, alert) for incident in self.incidents):
            return "true"
        if tolerated:
            return "tolerated"
        if self.benign or alert.level != "low":
            return "false"
        return "quiet"


def concerns(incident, station):
    """Could the incident be one of this station?"""
    if incident.get("station") is not None:
        return station is None or incident["station"] == station
    return station is None or station in incident.get("stations", [station])


def overlaps(incident, at):
    begin = seconds(incident["time"])
    end = seconds(incident.get("time_end", incident["time"]))
    return begin <= at + NEAR_S and end >= at - NEAR_S


@dataclasses.dataclass
class Result:
    """The score of one capture."""
    truth: Truth
    judged: list  # (verdict, alert)
    found: list  # Incidents.
    missed: list
    levels: dict  # The highest level of the alerts that find it, by id of the incident.

    def with_verdict(self, wanted):
        return [alert for verdict, alert in self.judged if verdict == wanted]


def judge(truth, alerts):
    found, missed, levels = [], [], {}
    for incident in truth.incidents:
        ranks = [alert.rank for alert in alerts if truth.finds(alert, incident)]
        (found if ranks else missed).append(incident)
        if ranks:
            levels[incident["id"]] = LEVELS[max(ranks)]
    judged = [(truth.verdict(alert), alert) for alert in alerts]
    return Result(truth, judged, found, missed, levels)


def score(names=(), log=None):
    """A Result for each labelled capture whose name begins with one of `names`; all without."""
    folder = support.corpus()
    kinds, tolerated = table(folder / "kinds.tsv"), table(folder / "tolerated.tsv")
    for name, labels, capture in support.scenarios(folder):
        if names and not name.startswith(tuple(names)):
            continue
        arguments = [capture]
        if log:
            path = capture.parent / LOG_FILES[log]
            if not path.exists():
                continue
            arguments = ["--log", f"{log}:{path}"]
        alerts = fold(support.alerts_of(*arguments))
        yield judge(Truth(name, labels, kinds, tolerated), alerts)


def percent(part, whole):
    return f"{100 * part / whole:.1f} % ({part} of {whole})" if whole else "nothing to count"


def print_kinds(results, not_built):
    found = collections.Counter(i["kind"] for result in results for i in result.found)
    missed = collections.Counter(i["kind"] for result in results for i in result.missed)
    levels = collections.defaultdict(set)
    for result in results:
        for incident in result.found:
            levels[incident["kind"]].add(result.levels[incident["id"]])
    for kind in sorted(found | missed):
        note = "  " + " ".join(sorted(levels[kind], key=LEVELS.index))
        if kind in not_built:
            note += f"not built yet: {not_built[kind]}"
        print(f"{kind:40} {found[kind]:3} of {found[kind] + missed[kind]}{note}".rstrip())


# Kinds by what they are about, by the beginning of their names.
THEMES = {
    "identity, logins": ("auth-", "identity-", "weak-password"),
    "sessions, cards": ("authorize-", "session-", "transaction-", "remote-start-", "unlock-"),
    "configuration": ("config-",),
    "certificates": ("certificate-",),
    "firmware": ("firmware-",),
    "grid": ("grid-",),
    "floods": ("dos-",),
    "protocol": ("protocol-",),
    "privacy": ("privacy-",),
    "uploads, tunnels": ("log-", "datatransfer-"),
    "TLS": ("tls-", "mtls-"),
}


def theme_of(kind):
    """None of a posture fact."""
    return next((theme for theme, begins in THEMES.items() if kind.startswith(begins)), None)


def theme_table(results):
    """Found, missed and false by theme, as README.md has it. A false alert is of the themes that
    one of its rows belongs to, else of none of these."""
    counts = {word: collections.Counter() for word in ("found", "missed", "false")}
    for result in results:
        counts["found"].update(theme_of(incident["kind"]) for incident in result.found)
        counts["missed"].update(theme_of(incident["kind"]) for incident in result.missed)
        for alert in result.with_verdict("false"):
            counts["false"].update({theme_of(kind) for kind, rows in result.truth.kinds.items()
                                    if rows & alert.rows})
    lines = [f"| | {' | '.join(THEMES)} |", "| --- |" + " --- |" * len(THEMES)]
    for word, count in counts.items():
        lines.append(f"| {word} | {' | '.join(str(count[theme]) for theme in THEMES)} |")
    return lines


def summary(results, not_built):
    """"recall ..., precision ...", as text."""
    counted = [(result, incident) for result in results
               for incident in result.found + result.missed if incident["kind"] not in not_built]
    hits = sum(incident in result.found for result, incident in counted)
    true = sum(len(result.with_verdict("true")) for result in results)
    false = sum(len(result.with_verdict("false")) for result in results)
    text = f"recall {percent(hits, len(counted))}, precision {percent(true, true + false)}"
    left_out = sum(i["kind"] in not_built for result in results for i in result.truth.incidents)
    return text + (f", left out as not built yet: {left_out}" if left_out else "")


def report(results, not_built, verbose=False):
    print_kinds(results, not_built)
    for result in results:
        for incident in result.missed:
            if incident["kind"] not in not_built:
                print(f"missed {result.truth.name} {incident['id']} {incident['kind']} "
                      f"{incident.get('station') or '-'} {incident['time']}: {incident['why']}")
    for result in results:
        for verdict, alert in result.judged:
            if verdict == "false" or verbose:
                print(f"{verdict} {result.truth.name} {alert}")
    print(summary(results, not_built))


def main():
    if support.SOURCE is None:
        sys.exit(__doc__)
    from detection_test import NOT_BUILT  # Only there, so that the test keeps it true.
    parser = argparse.ArgumentParser(prog="detection_score.py PROGRAM SOURCE")
    parser.add_argument("--folder", action="append", default=[])
    parser.add_argument("--log", choices=sorted(LOG_FILES))
    parser.add_argument("--verbose", action="store_true")
    arguments = parser.parse_args(support.MORE)
    try:
        results = list(score(arguments.folder, arguments.log))
    except AssertionError as error:
        sys.exit(str(error))
    if not results:
        sys.exit("no folder of that name with such a file")
    report(results, NOT_BUILT, arguments.verbose)


if __name__ == "__main__":
    main()
