"""Every lint finds what it is for: each is run over a small tree with one fault, and over the same
tree without it.
"""
import pathlib
import tempfile
import unittest

import check_documents
import check_layers
import check_limits
import check_samples
import check_sizes
import check_text
import check_words

LONG_FUNCTION = "int f(int a) {\n" + "  ++a;\n" * 80 + "  return a;\n}\n"
LONG_CLASS = "// Not (a function).\nclass A {\n" + "  int x;\n" * 80 + "};\n"
LIMIT = ("// Most of it, bytes.\n// Test: a_test.cc \"too much\".\n"
         "inline constexpr int kSizeMax = 3;\n")

# Lint, fault: files by name, a word of the report.
FAULTS = [
    (check_documents, {"a.md": "See [b](b.md).\n"}, "b.md does not exist"),
    (check_documents, {"rules/a.md": "See `rules/b.yml`.\n"}, "rules/b.yml does not exist"),
    (check_documents, {"README.md": "x\n" * 151}, "at most 150"),
    (check_layers, {"collector/base/a.cc": '#include "rules/engine/b.h"\n'}, "may not include"),
    (check_layers, {"collector/decoders/x/a.cc": '#include "collector/decoders/y/b.h"\n'},
     "may not include"),
    (check_layers, {"rules/lang/a.cc": "#include <sqlite3.h>\n"}, "belongs into"),
    (check_layers, {"elsewhere/a.cc": "int x;\n"}, "belongs to no module"),
    (check_sizes, {"collector/base/a.cc": "int x;\n" * 601}, "601 lines"),
    (check_sizes, {"collector/base/a.cc": LONG_FUNCTION}, "a function of"),
    (check_words, {"rules/lang/a.cc": "auto t = std::chrono::system_clock::now();\n"}, "clock"),
    (check_words, {"rules/lang/a.cc": "auto p = reinterpret_cast<char*>(q);\n"}, "as_bytes"),
    (check_words, {"rules/lang/a.cc": "// TO" "DO later\n"}, "open end"),
    (check_words, {"a.md": "see /work/elsewhere\n"}, "path of one machine"),
    (check_samples, {"samples/captures/a.pcap": "x", "samples/README.md": "nothing\n"},
     "not listed"),
    (check_samples, {"samples/captures/a.pcap": "x", "samples/README.md": "| a.pcap | 00 |\n"},
     "lacks its SHA-256"),
    (check_limits, {"rules/lang/a.h": "inline constexpr int kSizeMax = 3;\n"}, "has no test"),
    (check_limits, {"rules/lang/a.h": LIMIT}, "does not exist"),
    (check_text, {"a.py": "x = 1 \n"}, "space at the end"),
    (check_text, {"a.cc": "\tint x;\n"}, "a tab"),
    (check_text, {"a.cc": "int x;"}, "line feed"),
    (check_text, {"a.cc": "int " + "x" * 100 + ";\n"}, "columns"),
]
SOUND = {
    "rules/c.md": "See [a](../a.md), [w](https://w.example/), `rules/lang/*.h`, `rules/lang/a.h`.\n",
    "a.md": "See [c](rules/c.md#part).\n",
    "collector/event/b.h": LONG_CLASS,
    "collector/event/a.cc": '#include "collector/base/b.h"\n\nint f(int a) {\n  return a;\n}\n',
    "collector/capture/a.cc": "#include <pcap.h>\n",
    "rules/lang/a.h": LIMIT,
    "rules/lang/b.h":
        "inline constexpr int kSlotsMax = 3;\nstatic_assert(sizeof(int) > kSlotsMax);\n",
    "rules/lang/a_test.cc": 'TEST_CASE("too much of it is refused") {}\n',
    # sha256("x")
    "samples/captures/a.pcap": "x",
    "samples/README.md":
        "| a.pcap | 2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881 |\n",
}


class Lints(unittest.TestCase):
    def problems(self, lint, files):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            return lint.check(root)

    def test_each_fault_is_found(self):
        for lint, files, word in FAULTS:
            with self.subTest(lint=lint.__name__, word=word):
                self.assertIn(word, "\n".join(self.problems(lint, files)))

    def test_a_sound_tree_is_silent(self):
        for lint in sorted({lint for lint, _, _ in FAULTS}, key=lambda lint: lint.__name__):
            with self.subTest(lint=lint.__name__):
                self.assertEqual([], self.problems(lint, SOUND))


if __name__ == "__main__":
    unittest.main()
