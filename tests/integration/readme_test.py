#!/usr/bin/env python3
"""Runs the commands that the documents show, and compares what they print with what is shown.

Usage: readme_test.py CHARGEWARDEN ROOT DOCUMENT...    documents relative to ROOT
       readme_test.py --self-test                      proves on small documents that it can fail

In a document a comment above a fenced block says what to do with it:

    <!-- run -->             an sh block: runs, exit status 0
    <!-- run: exit 1 -->     the same with another exit status
    <!-- file: a/b.yml -->   any block: its text becomes that file

A text block right behind a block that runs shows its output, standard error included: each line
must appear, in this order. "..." stands for any text, and on a line of its own for any lines.

Blocks run one after the other in a scratch folder that looks like ROOT (its entries are linked),
so that a command finds samples/ and rules/ and its results do not end up in the source tree.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

RUN = re.compile(r"<!-- run(?:: exit (\d+))? -->")
FILE = re.compile(r"<!-- file: (\S+) -->")
FENCE = re.compile(r"```(\w*)")
TIMEOUT_S = 120


def blocks(text):
    """(line number, comment above, language, text) of every fenced block."""
    found, inside, above = [], None, ""
    for number, line in enumerate(text.splitlines(), 1):
        if inside is not None:
            if line == "```":
                found.append((inside[0], inside[1], inside[2], "".join(inside[3])))
                inside, above = None, ""
            else:
                inside[3].append(line + "\n")
        elif FENCE.fullmatch(line):
            inside = (number, above, FENCE.fullmatch(line)[1], [])
        elif line.strip():
            above = line.strip()
    return found


def missing_line(shown, printed):
    """The first line of `shown` that does not appear in `printed` in its place; None if all do."""
    at = 0
    lines = printed.splitlines()
    for line in shown.splitlines():
        if line.strip() == "...":
            continue
        pattern = ".*".join(re.escape(part) for part in line.rstrip().split("..."))
        while at < len(lines) and not re.fullmatch(pattern, lines[at].rstrip()):
            at += 1
        if at == len(lines):
            return line
        at += 1
    return None


def run(command, status, folder, program):
    """(problem or None, output) of a block."""
    environment = dict(os.environ, NO_COLOR="1", LC_ALL="C.UTF-8",
                       PATH=f"{pathlib.Path(program).resolve().parent}:{os.environ['PATH']}")
    done = subprocess.run(["bash", "-e", "-c", command], cwd=folder, env=environment,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=TIMEOUT_S, check=False)
    output = done.stdout.decode(errors="replace")
    if done.returncode == status:
        return None, output
    return f"exit status {done.returncode} instead of {status}: {output[-2000:]}", output


def check(text, name, folder, program):
    """Problems of a document, and how many of its blocks ran."""
    problems, count = [], 0
    before = None  # Number and output of the block right above, if it ran.
    for number, above, language, body in blocks(text):
        command, file = RUN.fullmatch(above), FILE.fullmatch(above)
        shows_output = language == "text" and above == "" and before is not None
        if shows_output:
            line = missing_line(body, before[1])
            if line is not None:
                problems.append(f"{name}:{number}: the block of line {before[0]} does not print: "
                                f"{line}\nit prints:\n{before[1][-4000:]}")
        before = None
        if file:
            path = pathlib.Path(folder, file[1])
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body, encoding="utf-8")
        elif command and language == "sh":
            problem, output = run(body, int(command[1] or 0), folder, program)
            problems += [f"{name}:{number}: {problem}"] if problem else []
            before = (number, output)
            count += 1
        elif command:
            problems.append(f"{name}:{number}: only sh blocks can run")
        elif above.startswith(("<!-- run", "<!-- file")):
            problems.append(f"{name}:{number}: cannot read {above}")
    return problems, count


def check_documents(program, root, documents):
    root = pathlib.Path(root).resolve()
    problems = []
    for document in documents:
        with tempfile.TemporaryDirectory() as folder:
            for entry in root.iterdir():
                if not entry.name.startswith(("build", ".git")):
                    pathlib.Path(folder, entry.name).symlink_to(entry)
            text = (root / document).read_text(encoding="utf-8")
            found, count = check(text, document, folder, program)
        problems += found
        if count == 0:
            problems.append(f"{document}: has no block that runs")
        print(f"{document}: {count} blocks ran")
    return problems


def self_test():
    block = "<!-- run -->\n```sh\n{}\n```\n"
    shown = "\n```text\n{}\n```\n"
    cases = [  # Document, word of the problem; None: there is none.
        (block.format("echo a; echo b; echo c") + shown.format("a\n...\nc"), None),
        (block.format("echo 1 of 17 s") + shown.format("1 of ... s"), None),
        (block.format("echo e >&2") + shown.format("e"), None),
        ("<!-- run: exit 3 -->\n```sh\nexit 3\n```\n", None),
        ("<!-- file: d/b -->\n```yaml\nx: 1\n```\n" + block.format("cat d/b") +
         shown.format("x: 1"), None),
        ("```sh\nfalse\n```\n" + block.format("true"), None),
        (block.format("true") + "\nWords.\n" + shown.format("not its output"), None),
        (block.format("false"), "exit status 1 instead of 0"),
        (block.format("false\ntrue"), "exit status 1 instead of 0"),
        ("<!-- run: exit 1 -->\n```sh\ntrue\n```\n", "exit status 0 instead of 1"),
        (block.format("echo a; echo b") + shown.format("b\na"), "does not print: a"),
        (block.format("echo ab") + shown.format("a"), "does not print: a"),
        ("<!-- run: exits 1 -->\n```sh\ntrue\n```\n", "cannot read"),
        ("<!-- run -->\n```text\ntrue\n```\n", "only sh blocks"),
    ]
    problems = []
    for text, word in cases:
        with tempfile.TemporaryDirectory() as folder:
            found, _ = check(text, "x", folder, sys.executable)
        if (word is None) != (not found) or (word and word not in found[0]):
            problems.append(f"{text!r}: expected {word!r}, found {found}")
    print(f"{len(cases)} documents of the test itself, {len(problems)} problems")
    return problems


def main(arguments):
    problems = self_test() if arguments == ["--self-test"] else check_documents(
        arguments[0], arguments[1], arguments[2:])
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
