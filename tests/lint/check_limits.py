"""A limit has a test that goes beyond it.

A limit is a constant k...Max in a header. The comment above it says `Test: "..."` with a part of
the test's name, `Test: file_test.cc "..."`, or `Test: as above`; or a test uses the constant by
name; or the comment gives the clause of the standard that fixes the size (`RFC 6455, 5.5`); or the
constant stands in a static_assert. A limit without any of these, or with a test that does not
exist, is a finding.
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


def read_tree(root):
    """Names of all tests, and the constants that tests or static_asserts use."""
    tests, used = set(), set()
    for name, path in tree.files(root, tree.SOURCES + (".py",)):
        text = re.sub(r'"\s*\n\s*"', "", path.read_text(encoding="utf-8", errors="replace"))
        tests.update(re.findall(r'TEST_CASE\(\s*"([^"]+)"', text))
        tests.update(re.findall(r"def (test_\w+)", text))
        asserts = re.findall(r"static_assert\(([^;]*);", text)
        for place in [text] if name.endswith("_test.cc") else asserts:
            used.update(re.findall(r"\bk\w*Max\w*", place))
    return tests, used


def check(root):
    problems = []
    tests, used = read_tree(root)
    for name, path in tree.files(root, (".h",)):
        if name.startswith("tests/"):
            continue
        numbered = tree.lines(path)
        above = False  # The limit before this one has its test.
        for index, (number, line) in enumerate(numbered):
            limit = LIMIT.match(line)
            if not limit:
                continue
            comment = comment_above(numbered, index) + " " + line
            named = re.search(r'Test: (?:[\w/]+\.\w+,? )?"([^"]+)"', comment)
            fixed = re.search(r"\b(RFC|ISO|IEC|IEEE|OCPP)[ -][\w.-]+, [\w.]+", comment)
            above = bool(named) or (above and "Test: as above" in comment)
            if named and not any(named[1] in test for test in tests):
                problems.append(f'{name}:{number}: the test "{named[1]}" of {limit[2]} does not '
                                "exist")
            elif not (above or fixed or limit[2] in used):
                problems.append(f'{name}:{number}: {limit[2]} has no test: write Test: "..." above')
    return problems


if __name__ == "__main__":
    tree.main(check)
