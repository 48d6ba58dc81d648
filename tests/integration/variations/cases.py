"""What a case is: a conversation, and what must come of it.

An attack names its kind (rules/rows.yml, kinds) and returns the station that the alert is about, or
None for one of a fleet or a backend. A lawful case must stay without any alert above informational,
but for those about the link itself (posture), which is in clear text by construction.
"""
import collections

BOTH = ("1.6", "2.0.1")
ALL = ("1.6", "2.0.1", "2.1")

Case = collections.namedtuple("Case", "name kind version build")
CASES = []


def attack(kind, versions=BOTH):
    def register(function):
        for version in versions:
            CASES.append(Case(function.__name__, kind, version, function))
        return function
    return register


def lawful(versions=BOTH):
    return attack(None, versions)
