#!/usr/bin/env python3
"""Checks the shape of the shipped rules: what every rule must say, and that the table lists it.

usage: check_catalog.py [ROOT]        root of the project; default: the one that this file is in
       check_catalog.py --self-test   proves on faulty copies of the catalogue that it can fail

What a rule means is checked by `chargewarden rules check`; this looks at the files only, line by
line, so that it needs nothing but the standard library.
"""

import pathlib
import re
import shutil
import sys
import tempfile

KEYS = ["title", "id", "name", "status", "description", "author", "date", "references", "tags",
        "logsource", "detection", "falsepositives", "level", "response", "examples"]
# A correlation looks at matches of other rules, which have the examples.
CORRELATION_KEYS = [key for key in KEYS if key not in ("logsource", "detection", "examples")
                    ] + ["correlation"]
UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TAG = re.compile(r"[a-z0-9_-]+\.[a-z0-9._-]+")
ROW = re.compile(r"chargewarden\.(ti|pk|fw|cf|sa|mb|sg|av|pr|lg|vg|ro|ih)-[0-9]{2}")
LEVELS = ["informational", "low", "medium", "high", "critical"]
ROOT = pathlib.Path(__file__).resolve().parents[2]


def sections(text):
    """Top-level keys with the lines below each."""
    parts = re.split(r"(?m)^([a-z_]+):", text)
    return dict(zip(parts[1::2], parts[2::2])), parts[1::2]


def items(block):
    return re.findall(r"(?m)^  - (.*)$", block)


def examples(block, kind):
    found = re.search(rf"(?m)^  {kind}:\n((?:    .*\n?)*)", block)
    return len(re.findall(r"(?m)^    - ", found.group(1))) if found else 0


def check_rule(path, ids):
    text = path.read_text(encoding="utf-8")
    parts, order = sections(text)
    is_correlation = "correlation" in parts
    keys = CORRELATION_KEYS if is_correlation else KEYS
    for key in keys:
        if not parts.get(key, "").strip():
            yield f"has no {key}"
    for key in sorted(set(order) - set(keys)):
        yield f"has a key {key} that is not one of ours"
    if len(order) != len(set(order)):
        yield "has a key twice"
    rule_id = parts.get("id", "").strip()
    if not UUID4.fullmatch(rule_id):
        yield f"id {rule_id} is no UUID of version 4"
    if rule_id in ids:
        yield f"has the id of {ids[rule_id]}"
    ids[rule_id] = path.name
    if parts.get("name", "").strip() != path.stem:
        yield "name is not the name of the file"
    if parts.get("level", "").strip() not in LEVELS:
        yield f"level is none of {', '.join(LEVELS)}"
    tags = items(parts.get("tags", ""))
    for tag in tags:
        if not TAG.fullmatch(tag) or (tag.startswith("chargewarden.") and not ROW.fullmatch(tag) and
                                      tag != "chargewarden.posture"):
            yield f"tag {tag} is malformed"
    if not any(ROW.fullmatch(tag) for tag in tags):
        yield "has no tag that names a threat, such as chargewarden.fw-01"
    if is_correlation:
        return
    if examples(parts.get("examples", ""), "match") < 1:
        yield "has no example that matches"
    if examples(parts.get("examples", ""), "no_match") < 2:
        yield "has fewer than two examples that do not match"


def check(root):
    catalog = root / "rules" / "catalog"
    ids, problems = {}, []
    table = (catalog / "README.md").read_text(encoding="utf-8")
    paths = sorted(catalog.glob("*/*.yml"))
    for path in paths:
        where = path.relative_to(catalog).as_posix()
        problems += [f"{where}: {problem}" for problem in check_rule(path, ids)]
        level = re.search(r"(?m)^level: (.*)$", path.read_text(encoding="utf-8"))
        row = f"| [{path.stem}]({where}) | {level.group(1) if level else '?'} |"
        if row not in table:
            problems.append(f"README.md: does not list {where} with its level")
    for where in re.findall(r"\]\(([a-z-]+/[a-z0-9_]+\.yml)\)", table):
        if not (catalog / where).exists():
            problems.append(f"README.md: lists {where}, which does not exist")
    if not paths:
        problems.append(f"{catalog}: holds no rules")
    return problems, len(paths)


def self_test():
    faults = [("id: ", "id: 0"), ("name: ", "name: other_"), ("level: ", "level: very "),
              ("  - chargewarden.", "  - charge."), ("response: ", "answer: "),
              ("  match:", "  hit:"), ("  no_match:", "  miss:"), ("author: ", "title: ")]
    for old, new in faults:
        with tempfile.TemporaryDirectory() as folder:
            copy = pathlib.Path(folder)
            shutil.copytree(ROOT / "rules" / "catalog", copy / "rules" / "catalog")
            victim = sorted(copy.glob("rules/catalog/*/*.yml"))[0]
            victim.write_text(victim.read_text(encoding="utf-8").replace(old, new), "utf-8")
            if not check(copy)[0]:
                return [f"does not notice {old!r} changed to {new!r}"], 0
    return [], len(faults)


def main():
    arguments = sys.argv[1:]
    problems, count = self_test() if arguments == ["--self-test"] else check(
        pathlib.Path(arguments[0]) if arguments else ROOT)
    for problem in problems:
        print(problem)
    print(f"{count} checked, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
