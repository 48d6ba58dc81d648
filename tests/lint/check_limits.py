"""A limit names the test that goes beyond it, and that test exists.

A limit is a constant k...Max in a header; the comment above it says `Test: "..."`, with a part of
the test's name, or `Test: file_test.cc "..."`. A size that a standard fixes names the clause
instead (`RFC 6455, 5.5`), and a size of a table that is filled while compiling stands in a
static_assert. A limit without any of these is a finding.
"""
import re

import tree

LIMIT = re.compile(r"^\s*(inline |static )*constexpr [\w:<>]+ (k\w*Max\w*)\b")


def comment_above(numbered, index):
    """The comment directly above a line, or above the group of constants that it belongs to."""
    texts = []
    while index > 0 and not numbered[index - 1][1].strip().startswith("//"):
        if not re.match(r"^\s*(inline |static )*constexpr\b", numbered[index - 1][1]):
            return ""
        index -= 1
    while index > 0 and numbered[index - 1][1].strip().startswith("//"):
        texts.insert(0, numbered[index - 1][1].strip().lstrip("/").strip())
        index -= 1
    return " ".join(texts)


def check(root):
    problems = []
    names = set()
    for _, path in tree.files(root, ("_test.cc", ".py")):
        text = re.sub(r'"\s*\n\s*"', "", path.read_text(encoding="utf-8", errors="replace"))
        names.update(re.findall(r'TEST_CASE\(\s*"([^"]+)"', text))
        names.update(re.findall(r"def (test_\w+)", text))
    compiled = set()
    for _, path in tree.files(root, tree.SOURCES):
        for condition in re.findall(r"static_assert\(([^;]*);", path.read_text(encoding="utf-8")):
            compiled.update(re.findall(r"k\w*Max\w*", condition))
    for name, path in tree.files(root, (".h",)):
        if name.startswith("tests/"):
            continue
        numbered = tree.lines(path)
        for index, (number, line) in enumerate(numbered):
            limit = LIMIT.match(line)
            if not limit or limit[2] in compiled:
                continue
            comment = comment_above(numbered, index) + " " + line
            named = re.search(r'Test: (?:[\w/]+\.\w+,? )?"([^"]+)"', comment)
            if not named and re.search(r"\b(RFC|ISO|IEC|IEEE|OCPP)[ -][\w.-]+, [\w.]+", comment):
                continue
            if not named:
                problems.append(f'{name}:{number}: {limit[2]} names no test: write Test: "..." '
                                'above')
            elif not any(named[1] in test for test in names):
                problems.append(f'{name}:{number}: the test "{named[1]}" of {limit[2]} does not '
                                'exist')
    return problems


if __name__ == "__main__":
    tree.main(check)
