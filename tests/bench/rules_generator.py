"""Writes a rule set of the shape of public Windows rule sets, and a stream of events for it.

The same options give the same bytes. Into the folder go `rules/*.yml`, one rule a file;
`events.jsonl`, one flat event of 60 fields a line; and `truth.json`: how many rules use each chain
of modifiers, and which rule must match which event, because the event was made to fit it.

Modifiers are used as often as in SigmaHQ's 3,780 rules (endswith 3,435 times, contains 3,330,
contains|all 1,160, startswith 570, re 200, windash 108, cidr 39), scaled to the number of rules.
Most events are everyday ones that share folders, programs and options with the rules.

Usage: rules_generator.py FOLDER [--rules N] [--events N] [--planted PERCENT] [--seed N]
"""
import argparse
import collections
import hashlib
import json
import pathlib
import random
import uuid

FIELD_COUNT = 60
SYLLABLES = ("ba be bo da de do fa fi go ka ke ki lo lu ma me mi na no pa po ra re ri sa se si ta "
             "te to va ve vi xa xe za zo tr st kr pl dr ex in un or ul er").split()
FOLDERS = ["C:\\Windows\\System32\\", "C:\\Windows\\SysWOW64\\", "C:\\Program Files\\",
           "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\", "C:\\Windows\\",
           "C:\\Users\\alice\\AppData\\Local\\Temp\\", "C:\\ProgramData\\Package Cache\\",
           "C:\\Users\\bob\\AppData\\Roaming\\Microsoft\\Windows\\Start Menu\\Programs\\Startup\\",
           "C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\",
           "C:\\Users\\Public\\Downloads\\"]
COMMON = ("cmd powershell pwsh rundll32 regsvr32 mshta wscript cscript wmic certutil bitsadmin "
          "schtasks net net1 sc reg msiexec svchost explorer services taskhostw msedge chrome "
          "winword excel "
          "outlook conhost dllhost werfault searchindexer mmc java python node "
          "git").split()
OPTIONS = ("-NoProfile -NonInteractive -ExecutionPolicy -EncodedCommand /c /k /q /s /f -File "
           "--type=renderer --no-sandbox -k -p -s /create /tn /tr /sc /quiet -urlcache -split "
           "-Embedding --flag-switches-begin -o -d -h -windowstyle hidden bypass /priority").split()
KEYS = ["HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run\\",
        "HKLM\\System\\CurrentControlSet\\Services\\", "HKCU\\Software\\Classes\\CLSID\\",
        "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows Defender\\",
        "HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options\\"]
SHARES = {"process_creation": 56, "file_event": 12, "registry_set": 11, "image_load": 7,
          "network_connection": 6, "ps_script": 8}
MAIN_FIELDS = {"process_creation": ("Image", "CommandLine"),
               "file_event": ("Image", "TargetFilename"),
               "registry_set": ("TargetObject", "Details"), "image_load": ("Image", "ImageLoaded"),
               "network_connection": ("Image", "DestinationHostname"),
               "ps_script": ("Path", "ScriptBlockText")}
# How often a chain is used in 3,000 rules.
WANTED = {"re": 250, "windash": 200, "cidr": 31, "startswith": 250, "fieldref": 4, "keywords": 40,
          "base64": 8}
REGEXES = ["%s\\d{1,4}[a-z]+", "(?i)%s.*-[a-z]{3,8}=", "\\\\%s[^\\\\]{1,20}\\.exe$",
           "(%s|%s)\\s+/[a-z]", "[a-zA-Z]:\\\\[^ ]*%s", "\\b%s\\b.*\\b%s\\b",
           "^[0-9A-F]{6}-%s", "(\\d{1,3}\\.){3}\\d{1,3}/%s",
           "\\^[a-z]\\^[a-z]\\^[a-z]", "[^ -~]{4}"]


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.used = collections.Counter()
        self.plans = []  # (rule id, fields of an event that it matches)

    def word(self, low=2, high=4):
        return "".join(self.random.choice(SYLLABLES) for _ in range(self.random.randint(low, high)))

    def program(self):
        return self.random.choice(COMMON) if self.random.random() < 0.45 else self.word()

    def token(self, first=1):
        """A piece of a command line as rules look for it; with `first` 0 perhaps a common one."""
        kind = self.random.randrange(first, 6)
        if kind == 0:
            return self.random.choice(OPTIONS)
        if kind == 1:
            return f" -{self.word()} "
        if kind == 2:
            return f"{self.word()}-{self.word(3, 4)}"
        if kind == 3:
            return f"\\{self.word(3, 5)}\\"
        return self.word(4, 6) if kind == 4 else f".{self.word(3, 4)}("

    def values(self, make, low, high):
        return list(dict.fromkeys(make() for _ in range(self.random.randint(low, high))))

    def due(self, chain, rules):
        """Whether this rule is one of those that use the chain."""
        return self.random.random() < WANTED[chain] / rules

    def many(self):
        """Lengths of lists: mostly short, some long."""
        return self.random.choice([1, 1, 1, 2, 2, 3, 4, 6, 12, 30])

    def add(self, selection, fields, key, values, text):
        """An entry of a selection, and the text that makes an event fit it."""
        self.used[key.partition("|")[2] or "(none)"] += 1
        selection[key] = values if len(values) > 1 else values[0]
        name = key.partition("|")[0]
        fields[name] = None if name in fields else text

    def image_selection(self, field, fields, rare):
        names = self.values(self.word if rare else self.program, 1, self.many())
        out = {}
        self.add(out, fields, f"{field}|endswith", [f"\\{name}.exe" for name in names],
                 self.random.choice(FOLDERS) + names[0] + ".exe")
        if self.random.random() < 0.2 and field == "Image":
            other = {}
            self.add(other, {}, "OriginalFileName", [f"{name}.exe" for name in names], None)
            return [out, other]
        return out

    def text_selection(self, field, fields, rules):
        out = {}
        if self.due("re", rules):
            form = self.random.choice(REGEXES)
            self.add(out, fields, f"{field}|re",
                     [form % tuple(self.word(3, 4) for _ in range(form.count("%s")))], None)
        elif field == "CommandLine" and self.due("windash", rules):
            tokens = self.values(lambda: f" -{self.word()}", 1, 2)
            self.add(out, fields, f"{field}|contains|windash", tokens, f"x{tokens[0]} y")
        elif self.due("base64", rules):
            self.add(out, fields, f"{field}|base64offset|contains", [self.word(3, 5)], None)
        elif self.random.random() < 0.48:
            tokens = self.values(lambda: self.token(0), 1, 3) + [self.token()]
            chain = "contains|all" if len(tokens) > 1 else "contains"
            self.add(out, fields, f"{field}|{chain}", tokens, " ".join(tokens))
        elif self.random.random() < 0.12:
            tails = self.values(lambda: f"\\{self.word()}.{self.word(1, 1)}", 1, self.many())
            self.add(out, fields, f"{field}|endswith", tails, "C:\\x" + tails[0])
        else:
            tokens = self.values(self.token, 1, self.many())
            self.add(out, fields, f"{field}|contains", tokens, f"a {tokens[0]} b")
        return out

    def filters(self, category, rules):
        """Selections that a condition takes away."""
        out = {}
        for i in range(self.random.choice([0, 0, 0, 0, 1, 1, 2])):
            field = "ParentImage" if category == "process_creation" else "Image"
            entry = {}
            if self.random.random() < 0.15:
                self.add(entry, {}, f"{field}|startswith", [self.random.choice(FOLDERS[:4])], None)
            else:
                self.add(entry, {}, f"{field}|endswith", [f"\\{self.word()}.exe"], None)
            if self.random.random() < 0.8:
                self.add(entry, {}, "CommandLine|contains" if category == "process_creation"
                         else "User|contains", [self.word()], None)
            out[f"filter_main_{i}"] = entry
        # One rule in 16 is about connections.
        share = 16 * WANTED["cidr"] / rules
        if category == "network_connection" and self.random.random() < share:
            out["filter_main_local"] = {}
            self.add(out["filter_main_local"], {}, "DestinationIp|cidr",
                     ["10.0.0.0/8", "192.168.0.0/16", "fe80::/10"], None)
        return out

    def rule(self, number, rules):
        category = self.random.choices(list(SHARES), SHARES.values())[0]
        image, main = MAIN_FIELDS[category]
        rare = self.random.random() < 0.06  # The program alone may be what is suspicious.
        detection, fields = {}, {}
        if self.due("keywords", rules):
            detection["keywords"] = {"|all": [self.word(3, 5), self.word(3, 5)]}
            self.used["(keyword) all"] += 1
            fields = None
        elif image == "TargetObject" or self.random.random() < 0.4:
            detection["selection"] = self.text_selection(main, fields, rules)
            if image == "TargetObject":
                tails = self.values(lambda: f"\\{self.word()}", 1, 3)
                kind = "endswith" if self.random.random() < 0.6 else "contains"
                self.add(detection["selection"], fields, f"TargetObject|{kind}", tails,
                         self.random.choice(KEYS) + "x" + tails[0])
        else:
            detection["selection_img"] = self.image_selection(
                "ParentImage" if category == "process_creation" and self.random.random() < 0.15
                else image, fields, rare)
            if not rare or self.random.random() < 0.5:
                detection["selection_text"] = self.text_selection(main, fields, rules)
            if self.due("startswith", rules):
                head = self.random.choice(FOLDERS[5:])
                self.add(detection.setdefault("selection_where", {}), fields,
                         "CurrentDirectory|startswith", [head + self.word()], None)
        if self.due("fieldref", rules) and fields is not None:
            detection["selection_same"] = {"User|fieldref": "TargetUser"}
            self.used["fieldref"] += 1
            fields = None
        if self.random.random() < 0.1 and fields is not None:
            self.add(detection.setdefault("selection_id", {}), fields, "EventID",
                     [self.random.choice([1, 11, 13, 7, 3, 4104, 4688, 4624])], None)
        quantity = "1" if rare and "selection_id" not in detection else "all"
        condition = "keywords" if "keywords" in detection else f"{quantity} of selection*"
        filters = self.filters(category, rules)
        if filters:
            detection.update(filters)
            condition += " and not 1 of filter_main_*"
        detection["condition"] = condition
        identity = str(uuid.UUID(int=self.random.getrandbits(128), version=4))
        # An event can be made to fit a rule whose every entry has an obvious text, unless a filter
        # speaks of a common folder alone.
        wide = any(len(entry) == 1 and next(iter(entry)).endswith(("startswith", "cidr"))
                   for entry in filters.values())
        if fields and not wide and all(text is not None for text in fields.values()):
            self.plans.append((identity, fields))
        return {"title": f"Suspicious {self.word()} {self.word()} {number}", "id": identity,
                "status": "test", "description": f"Detects {self.word()} of {self.word()} by "
                f"{self.word()} as seen in reports about {self.word()}",
                "references": [f"https://example.com/{self.word()}/{number}"],
                "author": "rules_generator", "date": "2024-01-01",
                "tags": ["attack.execution", f"attack.t1{self.random.randrange(100, 600)}"],
                "logsource": {"category": category, "product": "windows"}, "detection": detection,
                "falsepositives": ["Unknown"],
                "level": self.random.choice(["low", "medium", "high"])}

    def path(self):
        return self.random.choice(FOLDERS) + self.program() + ".exe"

    def command_line(self):
        words = [f'"{self.path()}"'] if self.random.random() < 0.6 else [self.program() + ".exe"]
        for _ in range(self.random.randint(1, 9)):
            kind = self.random.randrange(5)
            words.append(self.random.choice(OPTIONS) if kind < 2 else self.path() if kind == 2 else
                         f"--{self.word()}={self.random.randrange(1 << 30)}" if kind == 3 else
                         f"{self.random.getrandbits(64):016x}")
        return " ".join(words)

    def event(self, number):
        pick = self.random
        category = pick.choices(list(SHARES), SHARES.values())[0]
        digest = hashlib.sha256(str(number % 5000).encode()).hexdigest()
        guid = str(uuid.UUID(int=pick.getrandbits(128)))
        image = self.path()
        out = {"@timestamp": f"2024-03-01T{number // 3600 % 24:02}:{number // 60 % 60:02}:"
               f"{number % 60:02}.{pick.randrange(1000):03}Z",
               "EventID": pick.choice([1, 3, 7, 11, 13]),
               "Channel": "Microsoft-Windows-Sysmon/Operational", "Image": image,
               "ProcessId": pick.randrange(4, 30000), "ProcessGuid": "{" + guid + "}",
               "User": pick.choice(["CORP\\alice", "CORP\\bob", "NT AUTHORITY\\SYSTEM"]),
               "Computer": f"ws-{number % 400:04}.corp.example", "RecordID": number}
        if category == "process_creation":
            out.update({"CommandLine": self.command_line(), "ParentImage": self.path(),
                        "ParentCommandLine": self.command_line(), "OriginalFileName":
                        image.rsplit("\\", 1)[1], "CurrentDirectory": pick.choice(FOLDERS),
                        "IntegrityLevel": pick.choice(["Medium", "High", "System"]),
                        "Hashes": f"MD5={digest[:32].upper()},SHA256={digest.upper()},"
                                  f"IMPHASH={digest[32:].upper()}", "LogonId": hex(number),
                        "Company": "Microsoft Corporation", "Product": "Windows",
                        "Description": f"{self.word()} {self.word()}",
                        "FileVersion": "10.0.19041.1"})
        elif category == "file_event":
            out.update({"TargetFilename": pick.choice(FOLDERS) + self.word() + "\\" + self.word() +
                        pick.choice([".tmp", ".log", ".dll", ".docx", ".exe"])})
        elif category == "registry_set":
            out.update({"TargetObject": pick.choice(KEYS) + self.word() + "\\" + self.word(),
                        "Details": pick.choice(["DWORD (0x00000001)", self.path()]),
                        "EventType": "SetValue"})
        elif category == "image_load":
            out.update({"ImageLoaded": pick.choice(FOLDERS) + self.word() + ".dll", "Signed": True,
                        "Signature": "Microsoft Windows", "SignatureStatus": "Valid",
                        "Hashes": f"SHA256={digest.upper()}"})
        elif category == "network_connection":
            out.update({"DestinationHostname": f"{self.word()}.{self.word()}.example",
                        "DestinationIp": f"{pick.choice([10, 52, 93])}.{pick.randrange(256)}.0.9",
                        "DestinationPort": pick.choice([80, 443, 445, 8080]), "Initiated": "true",
                        "SourceIp": f"10.0.{pick.randrange(256)}.{pick.randrange(256)}"})
        else:
            out.update({"ScriptBlockText": "\n".join(self.command_line() for _ in range(3)),
                        "Path": pick.choice(FOLDERS) + self.word() + ".ps1"})
        for i in range(FIELD_COUNT - len(out)):
            out[f"winlog.{('host', 'agent', 'log', 'ecs')[i % 4]}.field_{i}"] = (
                number + i if i % 5 == 0 else f"value {i} of {self.word()}" if i % 5 < 3 else
                digest[i % 32:i % 32 + 24])
        return out


def write_rule(path, rule):
    """YAML by hand: the forms that people write, and no dependency."""
    lines = []

    def text(value):
        return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"

    def put(key, value, indent):
        pad = " " * indent
        if isinstance(value, dict):
            lines.append(f"{pad}{key}:")
            for name, inner in value.items():
                put(name if name[0].isalnum() else text(name), inner, indent + 4)
        elif isinstance(value, list) and isinstance(value[0], dict):
            lines.append(f"{pad}{key}:")
            for entry in value:
                before = len(lines)
                for name, inner in entry.items():
                    put(name, inner, indent + 6)
                lines[before] = f"{pad}    - {lines[before].lstrip()}"
        elif isinstance(value, list):
            lines.append(f"{pad}{key}:")
            lines.extend(f"{pad}    - {text(entry)}" for entry in value)
        else:
            plain = key in ("id", "status", "date", "author", "level", "condition", "title",
                            "category", "product", "description")
            lines.append(f"{pad}{key}: {value if plain else text(value)}")

    for key, value in rule.items():
        put(key, value, 0)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--rules", type=int, default=3000)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--planted", type=float, default=10,
                        help="percent of events that fit a rule")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    generator = Generator(options.seed)
    (options.folder / "rules").mkdir(parents=True, exist_ok=True)
    for number in range(options.rules):
        write_rule(options.folder / "rules" / f"rule_{number:05}.yml",
                   generator.rule(number, options.rules))
    planted = []
    size = 0
    with open(options.folder / "events.jsonl", "w", encoding="utf-8") as file:
        for number in range(options.events):
            event = generator.event(number)
            if generator.plans and generator.random.random() * 100 < options.planted:
                identity, fields = generator.random.choice(generator.plans)
                planted.append([number, identity])
                for spare in [key for key in event if key.startswith("winlog.")][:len(fields)]:
                    del event[spare]
                event.update(fields)
            size += file.write(json.dumps(event, separators=(",", ":")) + "\n")
    truth = {"rules": options.rules, "events": options.events, "bytes": size,
             "modifiers": dict(generator.used.most_common()), "planted": planted}
    (options.folder / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    print(json.dumps({key: value for key, value in truth.items() if key != "planted"} |
                     {"planted": len(planted)}))


if __name__ == "__main__":
    main()
