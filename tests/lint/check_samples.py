"""Every capture in samples/captures is listed in samples/README.md with its SHA-256."""
import hashlib

import tree


def check(root):
    captures = root / "samples" / "captures"
    readme = root / "samples" / "README.md"
    if not captures.is_dir():
        return []
    listed = readme.read_text(encoding="utf-8") if readme.is_file() else ""
    problems = []
    for name, path in tree.files(captures, ("",)):
        if path.suffix == ".md":
            continue
        row = next((line for line in listed.splitlines() if name in line), None)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if row is None:
            problems.append(f"samples/captures/{name}: is not listed in samples/README.md")
        elif digest not in row:
            problems.append(f"samples/captures/{name}: its row in samples/README.md lacks its "
                            f"SHA-256 {digest}")
    return problems


if __name__ == "__main__":
    tree.main(check)
