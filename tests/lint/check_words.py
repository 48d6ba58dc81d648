"""Calls that are allowed in one place only, and words that do not belong into the project."""
import re

import tree

# What, where it is allowed (None: nowhere), why.
CALLS = [
    (r"::now\(", r"(analyzer/app|alerts/(dispatch|audit|sinks)|tests)/",
     "nothing between capture and alert reads a clock"),
    (r"\b(std::)?(s?rand|drand48|getrandom|RAND_\w+)\(|std::random_device",
     r"(analyzer/app|alerts/audit)/",
     "results do not depend on chance"),
    (r"\bgetenv\(", r"analyzer/app/", "results do not depend on the environment"),
    (r"\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atof)\(", None,
     "these do not know how much room there is, or cannot report an error"),
    (r"std::c(out|err)\b", r"(analyzer/app|tests)/", "only the program talks to the terminal"),
    (r"\breinterpret_cast\b", r"collector/base/text\.h",
     "bytes and text have as_bytes and as_text"),
    (r"\bcatch \(\.\.\.\)", r"analyzer/app/", "an exception is caught by what it is"),
    (r"\busing namespace\b", r"(.*_(test|fuzz|samples)\.cc|analyzer/app/main\.cc)",
     "names keep their origin"),
    (r"#\s*define\s+NDEBUG|-DNDEBUG", None, "checks stay on in every build"),
]
# Pieces are put together here so that this file does not hold the words itself.
WORDS = [
    (r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b", "an open end is mended, or written down elsewhere"),
    (r"(?<![\w.])/wo" r"rk/|/tm" r"p/bash_jobs", "a path of one machine"),
    (r"\b(the|this|my|our) (coding |agent )?ses" r"sion of (the )?(project|helper|agent)",
     "how the project was written is not part of it"),
    (r"\bhe" r"lper agent|\bAI assis" r"tant|\bLL" r"M-generated", "the history says who wrote it"),
]
FREE = r"(LICENSE|samples/|tests/lint/self_test\.py)"


def bare(line):
    """The line without its comment and its string literals: calls are looked for in code."""
    return re.sub(r'"(\\.|[^"\\])*"', '""', line.split("//")[0])


def check(root):
    problems = []
    for name, path in tree.files(root, tree.TEXTS, tree.NAMED_TEXTS):
        if re.match(FREE, name):
            continue
        for number, line in tree.lines(path):
            for pattern, why in WORDS:
                if re.search(pattern, line):
                    problems.append(f"{name}:{number}: {re.search(pattern, line)[0]!r}: {why}")
            if not name.endswith(tree.SOURCES):
                continue
            for pattern, place, why in CALLS:
                if re.search(pattern, bare(line)) and not (place and re.match(place, name)):
                    problems.append(f"{name}:{number}: {re.search(pattern, line)[0]!r}: {why}")
    return problems


if __name__ == "__main__":
    tree.main(check)
