#!/usr/bin/env python3
"""The JSON schema for editors (rules/schema.json) takes good rules and refuses wrong words.

Usage: schema_test.py PROGRAM SOURCE [more]. Exit 77 where python3-jsonschema or python3-yaml is
missing.
"""
import copy
import json
import re
import sys

import support

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(support.SKIPPED)


class Loader(yaml.SafeLoader):
    """YAML as editors read it: a date is a text."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, expression) for tag, expression in resolvers
            if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}

RULE = """
title: Firmware over HTTP
id: 7f0f6a0e-4f6c-4c35-8c39-5d6b3c0c7b11
name: over_http
status: experimental
level: high
date: 2026-01-15
tags: [attack.t0839, chargewarden.posture]
logsource: {product: evcharging, category: ocpp}
detection:
  command: {ocpp.action: UpdateFirmware, ocpp.type: [call, send], ocpp.error_code: null}
  plain:
    - ocpp.payload.location|startswith|cased: 'http://'
    - ocpp.payload.firmware.location|re|i: '^http:'
    - {source.ip|cidr: 10.0.0.0/8, ocpp.size_bytes|gte: 5, ocpp.request.x|exists: true}
  words: [a, b, 5]
  all_words: {'|all': [a, b]}
  condition: [command and plain, all_words or words]
examples:
  match: [{event.category: ocpp}]
"""

CORRELATION = """
title: Many resets
name: many_resets
level: high
response: Look at it.
correlation:
  type: event_count
  rules: [reset]
  group-by: [station.id]
  timespan: 5m
  condition: {gte: 5, lt: 100}
  generate: true
examples:
  match: [[{event.category: ocpp}]]
"""

VALUE_COUNT = """
title: Many tokens
correlation:
  type: value_count
  rules: [authorize]
  timespan: 1h
  aliases: {who: {authorize: station.id}}
  condition: {field: [ocpp.payload.idTag], gt: 5}
"""

TEMPORAL = """
title: One after the other
correlation: {type: temporal_ordered, rules: [a, b], timespan: 30s, group-by: [station.id]}
"""

TEMPORAL_EXPRESSION = """
title: One without the other
correlation: {type: temporal, rules: [a, b], timespan: 30s, condition: a and not b}
"""

FILTER = """
title: Our own scanner
id: 7f0f6a0e-4f6c-4c35-8c39-5d6b3c0c7b12
logsource: {product: evcharging, category: ocpp}
filter:
  rules: [over_http]
  selection: {source.ip: 10.0.0.7}
  condition: not selection
"""

FILTER_ANY = """
title: Our own scanner
logsource: {product: evcharging}
filter: {rules: any, selection: {source.ip: 10.0.0.7}, condition: not selection}
"""

GOOD = [RULE, CORRELATION, VALUE_COUNT, TEMPORAL, TEMPORAL_EXPRESSION, FILTER, FILTER_ANY]

# What is changed, and into what; DELETE takes it away.
DELETE = object()
BAD_RULES = [
    (["title"], DELETE), (["title"], "x" * 257), (["title"], 5), (["levl"], "high"),
    (["id"], "17"), (["level"], "severe"), (["status"], "new"), (["date"], "15.01.2026"),
    (["tags"], ["No Tag"]), (["tags"], "attack.t0839"), (["logsource"], DELETE),
    (["logsource", "category"], "ocp"), (["logsource", "product"], "windows"),
    (["logsource", "service"], "x"), (["detection"], DELETE), (["detection", "condition"], DELETE),
    (["detection", "timeframe"], "5m"), (["detection", "a b"], {"ocpp.action": "x"}),
    (["detection", "empty"], {}), (["detection", "empty"], []),
    (["detection", "plain"], {"ocpp.acton": "x"}),
    (["detection", "plain"], {"ocpp.action|contain": "x"}),
    (["detection", "plain"], {"ocpp.action|contains|": "x"}),
    (["detection", "plain"], {"ocpp.payload.": "x"}),
    (["detection", "plain"], {"ocpp.action": []}),
    (["detection", "plain"], {"ocpp.action": [None]}),
    (["detection", "plain"], {"ocpp.action": {"x": 1}}),
    (["detection", "plain"], {"ocpp.action|exists": "yes"}),
    (["detection", "plain"], {"ocpp.size_bytes|gt": "5"}),
    (["examples", "matches"], []), (["examples", "match"], ["x"]),
    (["examples", "match"], [[{"event.category": "ocpp"}]]),
    (["related"], [{"id": "7f0f6a0e-4f6c-4c35-8c39-5d6b3c0c7b11", "type": "cousin"}]),
]
BAD_CORRELATIONS = [
    (["correlation", "typ"], "event_count"), (["correlation", "type"], "count"),
    (["correlation", "rules"], DELETE), (["correlation", "rules"], []),
    (["correlation", "timespan"], "soon"), (["correlation", "timespan"], DELETE),
    (["correlation", "condition"], DELETE), (["correlation", "condition"], {"gte": "many"}),
    (["correlation", "condition"], {"ge": 5}), (["correlation", "condition"], {}),
    (["correlation", "type"], "value_count"), (["correlation", "group_by"], ["x"]),
    (["detection"], {"s": {"ocpp.action": "x"}, "condition": "s"}), (["level"], "severe"),
]
BAD_FILTERS = [
    (["filter", "rules"], DELETE), (["filter", "rules"], "some"), (["filter", "condition"], DELETE),
    (["filter", "selection"], {"ocpp.acton": "x"}), (["filter", "selection"], DELETE),
    (["logsource"], DELETE), (["detection"], {"s": {"ocpp.action": "x"}, "condition": "s"}),
]


def documents(text):
    return [document for document in yaml.load_all(text, Loader) if document is not None]


def changed(text, path, value):
    document = documents(text)[0]
    place = document
    for key in path[:-1]:
        place = place[key]
    if value is DELETE:
        del place[path[-1]]
    else:
        place[path[-1]] = copy.deepcopy(value)
    return document


class SchemaTest(support.Case):
    @classmethod
    def setUpClass(cls):
        cls.schema = json.loads((support.SOURCE / "rules" / "schema.json").read_text())
        cls.validator = jsonschema.Draft7Validator(cls.schema)

    def problems(self, document):
        return [error.message for error in self.validator.iter_errors(document)]

    def test_it_is_a_schema_of_draft_7_and_every_reference_leads_somewhere(self):
        jsonschema.Draft7Validator.check_schema(self.schema)
        for reference in re.findall(r'"\$ref": "#/([^"]*)"', json.dumps(self.schema)):
            place = self.schema
            for key in reference.split("/"):
                self.assertIn(key, place, reference)
                place = place[key]

    def test_every_key_says_what_it_is(self):
        for key, schema in self.schema["properties"].items():
            self.assertNotIn("AUTHORING", schema["description"], key)

    def test_every_shipped_rule_is_taken(self):
        count = 0
        for path in sorted((support.SOURCE / "rules" / "catalog").glob("*/*.yml")):
            for document in documents(path.read_text(encoding="utf-8")):
                with self.subTest(path.name):
                    self.assertEqual(self.problems(document), [])
                count += 1
        self.assertGreater(count, 100)

    def test_the_rules_of_the_documents_are_taken(self):
        text = (support.SOURCE / "rules" / "AUTHORING.md").read_text(encoding="utf-8")
        rules = re.findall(r"<!-- file: \S+\.ya?ml -->\n```yaml\n(.*?)```", text, re.S)
        self.assertTrue(rules)
        for rule in rules:
            for document in documents(rule):
                with self.subTest(document.get("title")):
                    self.assertEqual(self.problems(document), [])

    def test_good_documents_of_every_kind_are_taken(self):
        for text in GOOD:
            with self.subTest(text.splitlines()[1]):
                self.assertEqual(self.problems(documents(text)[0]), [])

    def test_each_fault_is_found(self):
        for text, faults in ((RULE, BAD_RULES), (CORRELATION, BAD_CORRELATIONS),
                             (FILTER, BAD_FILTERS)):
            for path, value in faults:
                with self.subTest(path=path, value=str(value)):
                    self.assertNotEqual(self.problems(changed(text, path, value)), [])

    def test_what_is_refused_the_loader_does_not_take_without_a_word_either(self):
        for number, (path, value) in enumerate(BAD_RULES):
            rule = self.file(f"{number}.yml", yaml.safe_dump(changed(RULE, path, value)))
            done = support.run("rules", "check", rule)
            with self.subTest(path=path, value=str(value)):
                self.assertNotEqual(done.out, b"1 rule, 0 problems\n", done.err)

    def test_a_document_without_content_is_refused(self):
        self.assertNotEqual(self.problems({"title": "x"}), [])
        self.assertNotEqual(self.problems([]), [])


if __name__ == "__main__":
    support.main()
