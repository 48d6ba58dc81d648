"""Documents: links lead to files, paths that are named exist, and each is as short as it should be.

A path is a word in backticks that begins with a top folder and names a file with a suffix, or ends
in "/". Words with * or < stand for many.
"""
import re

import tree

LINES_MAX = {"README.md": 150, "ARCHITECTURE.md": 250, "CONTRIBUTING.md": 200, "SECURITY.md": 80,
             "alerts/audit/FORMAT.md": 100, "alerts/model/SCHEMA.md": 100}
LINK = re.compile(r"\]\(([^)#\s]+)")
PATH = re.compile(r"`((?:collector|rules|alerts|analyzer|tests|samples|scripts|cmake)/[\w./-]*"
                  r"(?:\.\w+|/))`")


def check(root):
    problems = []
    for name, path in tree.files(root, (".md",)):
        numbered = tree.lines(path)
        if len(numbered) > LINES_MAX.get(name, len(numbered)):
            problems.append(f"{name}: {len(numbered)} lines, at most {LINES_MAX[name]}")
        for number, line in numbered:
            targets = [path.parent / link for link in LINK.findall(line)
                       if not re.match(r"\w+:", link)]
            targets += [root / word for word in PATH.findall(line)]
            problems += [f"{name}:{number}: {target.relative_to(root)} does not exist"
                         for target in targets if not target.exists()]
    return problems


if __name__ == "__main__":
    tree.main(check)
