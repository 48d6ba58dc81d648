"""A source includes only what its module may use: our own modules and third-party headers.

A folder of many equals (decoders, sinks, ...) is one module "x/*": its members may use the contract
in "x" and their own folder, and never each other. Tests and fuzz targets may use what they like.
"""
import re

import tree

BASE = ["collector/base"]
EVENT = BASE + ["collector/event"]
ALERT = EVENT + ["rules/model", "alerts/model"]
WIRE = EVENT + ["collector/capture", "collector/wire"]
MAY_USE = {  # Module: modules, or single headers that are contracts, which it may include.
    "collector/base": [],
    "collector/event": BASE,
    "collector/capture": BASE,
    "collector/wire": BASE,
    "collector/wire/*": BASE + ["collector/capture", "collector/wire"],
    "collector/decoders": EVENT,
    "collector/decoders/*": EVENT + ["collector/wire", "collector/wire/*", "collector/decoders"],
    "collector/flow": WIRE + ["collector/wire/*", "collector/decoders", "collector/decoders/*"],
    "collector/logs": EVENT + ["collector/capture", "collector/decoders"],
    "rules/model": BASE,
    "rules/lang": BASE + ["rules/model"],
    "rules/engine": EVENT + ["rules/model", "rules/lang"],
    "rules/correlation": BASE + ["rules/model"],
    "analyzer/facts": EVENT,
    "analyzer/state": EVENT + ["analyzer/facts"],
    "analyzer/site": BASE,
    "analyzer/detectors": EVENT + ["analyzer/facts", "analyzer/state", "analyzer/site"],
    "analyzer/detectors/*": EVENT + ["analyzer/facts", "analyzer/state", "analyzer/site",
                                     "analyzer/detectors", "analyzer/crypto", "analyzer/ocmf"],
    "analyzer/crypto": BASE,
    "analyzer/ocmf": BASE + ["analyzer/crypto"],
    "analyzer/pipeline": WIRE + ["analyzer/facts", "analyzer/state", "analyzer/site",
                                 "analyzer/detectors",
                                 "collector/wire/*", "collector/decoders", "collector/flow",
                                 "collector/logs",
                                 "rules/model", "rules/engine", "rules/lang", "rules/correlation",
                                 "alerts/model", "alerts/dispatch"],
    "analyzer/app": ["any"],
    "alerts/model": EVENT + ["rules/model"],
    "alerts/dispatch": ALERT + ["alerts/sinks"],
    "alerts/sinks": ALERT,
    "alerts/sinks/*": ALERT + ["alerts/sinks"],
    "alerts/audit": ALERT + ["alerts/dispatch/recorder.h"],
    "tests": ["any"],
}
THIRD_PARTY = {  # Header: files that may include it.
    r"pcap(/.*)?\.h": r"collector/capture/",
    r"zmq.*": r"alerts/sinks/zmq/",
    r"sqlite3\.h": r"alerts/audit/",
    r"re2/.*": r"rules/engine/regex",
    r"yaml-cpp/.*": r"(rules/lang/yaml|analyzer/site/inventory_tree|"
                   r"analyzer/app/(commands/)?config)",
    r"simdjson\.h": r"collector/base/",
    r"CLI/.*": r"(analyzer/app/|tests/bench/)",
    r"openssl/.*": r"(collector/(base|event|wire|decoders)/|rules/engine/|alerts/(audit|model)/|"
                   r"analyzer/crypto/)",
    r"z(lib|std|conf).*\.h": r"(collector/(capture|wire)/|tests/bench/)",
    r"nlohmann/.*": r"(tests|alerts|analyzer)/",
}


def module(path):
    """The module of a file, and its folder among equals if it is in one."""
    parts = path.split("/")
    if parts[0] == "tests":
        return "tests", None
    name = "/".join(parts[:2])
    if len(parts) > 3 and name + "/*" in MAY_USE:
        return name + "/*", parts[2]
    return (name, None) if name in MAY_USE else (None, None)


def check(root):
    problems = []
    for name, path in tree.files(root, tree.SOURCES):
        own, equal = module(name)
        if own is None:
            problems.append(f"{name}: belongs to no module of tests/lint/check_layers.py")
            continue
        free = re.search(r"(_(test|fuzz|bench)\.cc|/testing/[^/]+)$", name) or own == "tests"
        for number, line in tree.lines(path):
            include = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
            if not include or free:
                continue
            target = include[2]
            for header, places in THIRD_PARTY.items():
                if re.fullmatch(header, target) and not re.match(places, name):
                    problems.append(f"{name}:{number}: <{target}> belongs into {places} only")
            used, other = module(target) if include[1] == '"' else (None, None)
            foreign = used and (used, other) != (own, equal)
            if foreign and not {used, target, "any"} & set(MAY_USE[own]):
                problems.append(f"{name}:{number}: {own} may not include {target}")
    return problems


if __name__ == "__main__":
    tree.main(check)
