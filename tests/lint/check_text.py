"""Text files: no tab, no space at the end of a line, at most 100 columns, one final line feed.

Tables, links, raw string literals and data may be longer.
"""
import tree

COLUMNS_MAX = 100
LONG_LINES_ALLOWED = (".md", ".yml", ".yaml", ".json", ".sql", ".txt")


def check(root):
    problems = []
    for name, path in tree.files(root, tree.TEXTS, tree.NAMED_TEXTS):
        if name.startswith("samples/") and not name.endswith((".md", ".yml")):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if text and not text.endswith("\n"):
            problems.append(f"{name}: does not end with a line feed")
        if text.endswith("\n\n"):
            problems.append(f"{name}: ends with empty lines")
        for number, line in enumerate(text.split("\n"), 1):
            if "\t" in line:
                problems.append(f"{name}:{number}: a tab")
            if line != line.rstrip():
                problems.append(f"{name}:{number}: space at the end of the line")
            if len(line) > COLUMNS_MAX and not name.endswith(LONG_LINES_ALLOWED):
                if not any(mark in line for mark in ("://", "NOLINT", 'R"')):
                    problems.append(f"{name}:{number}: {len(line)} columns, at most {COLUMNS_MAX}")
    return problems


if __name__ == "__main__":
    tree.main(check)
