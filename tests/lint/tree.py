"""The files of the project, and how a lint reports: shared by the lints of this folder."""
import os
import pathlib
import sys

SOURCES = (".h", ".cc")
TEXTS = SOURCES + (".py", ".sh", ".md", ".txt", ".cmake", ".yml", ".yaml", ".json", ".sql")
NAMED_TEXTS = ("run", ".clang-format", ".clang-tidy", ".gitignore", ".editorconfig")


def files(root, suffixes, names=()):
    """(path relative to root, path) of the files with these suffixes or names, sorted."""
    found = []
    for folder, folders, entries in os.walk(root):
        relative = pathlib.Path(folder).relative_to(root).as_posix()
        top = relative == "."
        folders[:] = [f for f in folders if f not in (".git", "__pycache__", ".cache")
                      and not (top and f.startswith("build"))]
        for entry in entries:
            if entry.endswith(suffixes) or entry in names:
                found.append((entry if top else f"{relative}/{entry}", pathlib.Path(folder, entry)))
    return sorted(found)


def lines(path):
    """The lines of a text file with their numbers from 1."""
    return list(enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1))


def main(check):
    """Runs check(root) -> list of problems for the root given on the command line."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} ROOT")
    problems = check(pathlib.Path(sys.argv[1]).resolve())
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)
