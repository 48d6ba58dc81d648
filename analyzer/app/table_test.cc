#include "analyzer/app/table.h"

#include <catch2/catch.hpp>

using namespace chargewarden;

TEST_CASE("columns are as wide as their widest cell") {
  const std::vector<TableRow> rows = {
      {{"A", "NAME", "TEXT"}}, {{"1", "käse", "x"}}, {{"22", "n", "y  z"}}, {{"3", "n", ""}}};
  CHECK(render_table(rows, {}) ==
        "A   NAME  TEXT\n"
        "1   käse  x\n"
        "22  n     y z\n"
        "3   n\n");
  CHECK(render_table({}, {}).empty());
}

TEST_CASE("the last column is wrapped to what is left") {
  const std::vector<TableRow> rows = {{{"a", "one two three four five six seven"}}};
  CHECK(render_table(rows, {.columns = 25, .colour = false}) ==
        "a  one two three four\n"
        "   five six seven\n");
  // Not narrower than the minimum.
  CHECK(render_table(rows, {.columns = 5, .colour = false}) ==
        "a  one two three four\n"
        "   five six seven\n");
  CHECK(wrap_words("aaaaäaaa bb", 5) == std::vector<std::string>{"aaaaä", "aaa", "bb"});
  CHECK(wrap_words("", 5) == std::vector<std::string>{""});
}

TEST_CASE("only the first cell has a colour, and only where it is asked for") {
  const std::vector<TableRow> rows = {{.cells = {"a", "b"}, .colour = "\x1b[31m"}};
  CHECK(render_table(rows, {.columns = 0, .colour = true}) == "\x1b[31ma\x1b[0m  b\n");
  CHECK(render_table(rows, {}) == "a  b\n");
}

TEST_CASE("a cell of a table cannot act upon the terminal") {
  const std::string out = render_table({{{"a\x1b[2J", "b\nc"}}}, {});
  CHECK(out.find('\x1b') == std::string::npos);
  CHECK(out.find('\n') == out.size() - 1);
}
