#!/usr/bin/env python3
"""The page of the catalogue: which threats there are, and which rules look for them.

usage: catalog_page.py [ROOT]               writes rules/CATALOG.md
       catalog_page.py --check [ROOT]       fails when the page is stale or the data contradict
                                            each other; writes nothing
       catalog_page.py --self-test          proves on faulty data that --check can fail

Made of rules/rows.yml (the threats) and of the rules in rules/catalog, whose tags name the rows
that they implement. ROOT is the root of the project; default: the one that this file is in.
"""
import collections
import pathlib
import re
import shutil
import sys
import tempfile

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[1]
PREFIX = "chargewarden."
PENDING = "pending"
KEYS = {"id", "tier", "severity", "sees", "title"}
SEES = ["payload", "transport", "logs"]
SEVERITIES = ["informational", "low", "medium", "high", "critical"]
TIERS = [1, 2, 3]

HEAD = """# The catalogue of threats

What could go wrong between a charging station, its backend and whoever stands beside them, and
which of the shipped rules look for it. Made by `scripts/catalog_page.py` from [rows.yml](rows.yml)
and the tags of the rules; do not edit. What a rule says and does stands in
[catalog/README.md](catalog/README.md).

- **Tier**: 1 is wanted first, 3 can wait. **Severity** is that of the threat; a rule has a level
  for what it sees.
- **Shown by**: any one of them suffices. *Payload* is readable OCPP, *transport* connections and
  TLS from outside.
- **Tested by**: events that its rules must and must not match, and kinds of labelled incidents in
  captures for which an alert of this row counts as finding them.
- *pending*: no rule yet, and nothing but work is missing. A rule looks for the threat; that is no
  promise that it finds every form of it.
"""


class Rule:
    """A rule or a correlation of the catalogue, as far as the page shows it."""

    def __init__(self, path, document):
        self.path = path
        self.name = document.get("name", "?")
        self.correlation = "correlation" in document
        tags = [str(tag) for tag in document.get("tags") or []]
        self.rows = [tag[len(PREFIX):] for tag in tags
                     if tag.startswith(PREFIX) and tag != PREFIX + "posture"]
        examples = document.get("examples") or {}
        self.match = len(examples.get("match") or [])
        self.no_match = len(examples.get("no_match") or [])

    def link(self):
        return f"[{self.name}]({self.path})" + (" (correlation)" if self.correlation else "")


def read_rules(root):
    base = root / "rules"
    out = []
    for path in sorted((base / "catalog").glob("*/*.yml")):
        for document in yaml.safe_load_all(path.read_text("utf-8")):
            if isinstance(document, dict) and "filter" not in document:
                out.append(Rule(path.relative_to(base).as_posix(), document))
    return out


def problems_of_row(row, themes):
    missing = KEYS - set(row)
    if missing:
        yield f"lacks {', '.join(sorted(missing))}"
        return
    for key in sorted(set(row) - KEYS - {"reason"}):
        yield f"has a key {key} that is not known"
    if not re.fullmatch(r"[a-z]{2}-[0-9]{2}", row["id"]) or row["id"][:2] not in themes:
        yield "is of no theme"
    if row["tier"] not in TIERS:
        yield f"has a tier that is none of {TIERS}"
    if row["severity"] not in SEVERITIES:
        yield f"has a severity that is none of {', '.join(SEVERITIES)}"
    if not row["sees"] or set(row["sees"]) - set(SEES):
        yield f"sees must name some of {', '.join(SEES)}"


def problems_of(data, rules):
    """Where rows, kinds and rules contradict each other."""
    out = []
    ids = [row.get("id") for row in data["rows"]]
    implemented = {row for rule in rules for row in rule.rows}
    for row in data["rows"]:
        found = [f"rows.yml: {row.get('id')} {problem}"
                 for problem in problems_of_row(row, data["themes"])]
        out += found
        if found:
            continue
        if row["id"] in implemented and "reason" in row:
            out.append(f"rows.yml: {row['id']} has a rule by now: take its reason away")
        if row["id"] not in implemented and row["tier"] == 1 and not row.get("reason"):
            out.append(f"rows.yml: {row['id']} is of tier 1 and has neither a rule nor a reason")
    for name, count in collections.Counter(ids).items():
        if count > 1:
            out.append(f"rows.yml: {name} stands there {count} times")
    for rule in rules:
        out += [f"{rule.path}: {rule.name} names {PREFIX}{row}, which rows.yml does not have"
                for row in rule.rows if row not in ids]
    for kind, rows in data["kinds"].items():
        out += [f"rows.yml: kind {kind} names {row}, which is no row"
                for row in rows if row not in ids]
    return out


def status_of(row, rules):
    """Place of a row in the table of themes."""
    if rules:
        return "rules"
    return {PENDING: "pending", None: "none"}.get(row.get("reason"), "reason")


def tested(rules, kinds):
    match, no_match = sum(rule.match for rule in rules), sum(rule.no_match for rule in rules)
    parts = [f"{match} + {no_match} events"] if match + no_match else []
    if kinds:
        parts.append("captures: " + ", ".join(kinds))
    return "; ".join(parts)


def row_line(row, rules, kinds):
    if rules:
        looked = ", ".join(rule.link() for rule in rules)
    else:
        reason = row.get("reason")
        looked = "*pending*" if reason == PENDING else f"none: {reason}" if reason else "none"
    return (f"| {row['id']} | {row['title']} | {row['tier']} | {row['severity']} | "
            f"{', '.join(row['sees'])} | {looked} | {tested(rules, kinds)} |".replace("  |", " |"))


def page(data, rules):
    by_row, kinds = collections.defaultdict(list), collections.defaultdict(list)
    for rule in sorted(rules, key=lambda rule: (rule.correlation, rule.name)):
        for row in dict.fromkeys(rule.rows):
            by_row[row].append(rule)
    for kind, rows in sorted(data["kinds"].items()):
        for row in rows:
            kinds[row].append(kind)
    counts = collections.defaultdict(collections.Counter)
    tables = collections.defaultdict(list)
    for row in data["rows"]:
        theme, its_rules = row["id"][:2], by_row[row["id"]]
        counts[theme].update([status_of(row, its_rules)])
        tables[theme].append(row_line(row, its_rules, kinds[row["id"]]))
    out = [HEAD, "| theme | threats | with rules | pending | other reasons |",
           "| --- | --- | --- | --- | --- |"]
    total = collections.Counter()
    for theme, title in data["themes"].items():
        total += counts[theme]
        out.append(theme_line(title, counts[theme]))
    out.append(theme_line("all", total))
    for theme, title in data["themes"].items():
        out += ["", f"## {title}", "",
                "| row | threat | tier | severity | shown by | rules | tested by |",
                "| --- | --- | --- | --- | --- | --- | --- |"] + tables[theme]
    return "\n".join(out) + "\n"


def theme_line(title, count):
    return (f"| {title} | {sum(count.values())} | {count['rules']} | {count['pending']} | "
            f"{count['reason'] + count['none']} |")


def read(root):
    data = yaml.safe_load((root / "rules" / "rows.yml").read_text("utf-8"))
    return data, read_rules(root)


def check(root):
    data, rules = read(root)
    out = problems_of(data, rules)
    target = root / "rules" / "CATALOG.md"
    if not out and (not target.exists() or target.read_text("utf-8") != page(data, rules)):
        out.append("rules/CATALOG.md is stale: run scripts/catalog_page.py")
    return out


def self_test():
    """Each fault, made in a copy of the data, must be reported by a line with its word."""
    faults = [("rules/rows.yml", "id: fw-01,", "id: fw-99,", "which rows.yml does not have"),
              ("rules/rows.yml", "id: fw-01,", "id: zz-01,", "of no theme"),
              ("rules/rows.yml", "id: fw-02,", "id: fw-01,", "2 times"),
              ("rules/rows.yml", "id: ti-01, tier: 1", "id: ti-01, tier: 4", "a tier that is none"),
              ("rules/rows.yml", "severity: high", "severity: awful", "a severity that is none"),
              ("rules/rows.yml", "sees: [payload", "sees: [smell", "sees must name"),
              ("rules/rows.yml", "title: OCPP link", "titel: OCPP link", "lacks title"),
              ("rules/rows.yml", "id: ti-01,", "id: ti-01, reason: pending,", "has a rule by now"),
              ("rules/rows.yml", "title: Second DHCP server, reason", "title: Second, note",
               "not known"),
              ("rules/rows.yml", "  weak-password: [ti-15", "  weak-password: [ti-88", "no row"),
              ("rules/rows.yml", "title: OCPP link", "title: An OCPP link", "is stale"),
              ("rules/CATALOG.md", "ti-01", "ti-00", "is stale"),
              ("rules/catalog/firmware/unsigned_firmware_command.yml", "chargewarden.fw-01",
               "chargewarden.fw-77", "which rows.yml does not have"),
              ("rules/catalog/metering/card_number_in_clear.yml", "chargewarden.mb-15",
               "chargewarden.mb-02", "neither a rule nor a reason")]
    out = []
    for name, old, new, word in faults:
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder)
            shutil.copytree(ROOT / "rules", copy / "rules")
            text = (copy / name).read_text("utf-8")
            (copy / name).write_text(text.replace(old, new, 1), "utf-8")
            if old not in text or not any(word in line for line in check(copy)):
                out.append(f"does not notice {old!r} changed to {new!r} in {name}")
    return out


def main():
    options = [word for word in sys.argv[1:] if word.startswith("--")]
    places = [word for word in sys.argv[1:] if not word.startswith("--")]
    root = pathlib.Path(places[0]).resolve() if places else ROOT
    if options == ["--self-test"]:
        problems = self_test()
    elif options == ["--check"]:
        problems = check(root)
    elif options or len(places) > 1:
        sys.exit(__doc__)
    else:
        data, rules = read(root)
        problems = problems_of(data, rules)
        if not problems:
            (root / "rules" / "CATALOG.md").write_text(page(data, rules), "utf-8")
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
