"""Files of at most 600 lines, functions of at most 70: what can be held in mind.

A function is found by its shape under clang-format: a line at namespace or class level that ends in
"{" and has a parameter list, up to the closing brace of the same indentation.
"""
import re

import tree

FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70
NOT_A_FUNCTION = re.compile(r"^\s*(namespace|class|struct|enum|union|extern|inline constexpr|"
                            r"constexpr auto|static constexpr|template|TEST_CASE|if|for|while|"
                            r"switch|else|do|try|catch|return)\b")


def functions(numbered):
    """(first line, count of lines) of each function."""
    start, indent, found = None, "", []
    depth_of_start = 0
    head = []  # Lines since the last statement: a signature may take several.
    for number, line in numbered:
        if start is None:
            if re.match(r"\s*(//|#)", line):
                continue
            ended = not line.strip() or line.rstrip().endswith((";", "}", ":"))
            head = [] if ended else head + [(number, line)]
            if line.endswith("{") and head:
                first_number, first = head[0]
                text = " ".join(part for _, part in head)
                if "(" in text and not NOT_A_FUNCTION.match(first):
                    start, depth_of_start = first_number, number
                    indent = re.match(r"\s*", first)[0]
                head = []
        elif re.match(re.escape(indent) + r"}", line):
            found.append((start, number - depth_of_start + 1))
            start = None
            head = []
    return found


def check(root):
    problems = []
    for name, path in tree.files(root, tree.SOURCES + (".py", ".sh")):
        numbered = tree.lines(path)
        if len(numbered) > FILE_LINES_MAX:
            problems.append(f"{name}: {len(numbered)} lines, at most {FILE_LINES_MAX}")
        if not name.endswith(tree.SOURCES) or name.endswith("_test.cc"):
            continue
        for first, count in functions(numbered):
            if count > FUNCTION_LINES_MAX:
                problems.append(f"{name}:{first}: a function of {count} lines, at most "
                                f"{FUNCTION_LINES_MAX}")
    return problems


if __name__ == "__main__":
    tree.main(check)
