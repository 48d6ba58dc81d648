#include "rules/lang/condition.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using namespace chargewarden;

namespace {

struct Parsed {
  explicit Parsed(std::string condition)
      : file("test.yml", condition), text{std::move(condition), {1, 1}, false} {
    tree = parse_condition(text, file, diagnostics);
  }

  SourceFile file;
  Diagnostics diagnostics;
  ConditionText text;
  std::optional<Condition> tree;
};

// The resolved tree with names, fully in parentheses.
std::string show(const ResolvedCondition& condition, ConditionIndex index,
                 const std::vector<std::string_view>& names) {
  const ResolvedNode& node = condition.nodes[index];
  if (node.kind == ConditionKind::kIdentifier) return std::string(names[node.selection]);
  std::string out = node.kind == ConditionKind::kNot ? "!(" : "(";
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    if (i > 0) out += node.kind == ConditionKind::kAnd ? "&" : "|";
    out += show(condition, node.children[i], names);
  }
  return out + ")";
}

}  // namespace

TEST_CASE("conditions are read by precedence and printed canonically") {
  struct Row {
    const char* written;
    const char* printed;
  };

  const Row rows[] = {
      {"a", "a"},
      {"a and b or c", "a and b or c"},
      {"a or b and c", "a or b and c"},
      {"(a or b) and c", "(a or b) and c"},
      {"((a))", "a"},
      {"not a and b", "not a and b"},
      {"not (a and b)", "not (a and b)"},
      {"not not a", "a"},
      {"not not not a", "not a"},
      {"not (not a)", "not (not a)"},
      {"not not not(not (not a))", "not (not (not a))"},
      {"1 of sel_* and not all of filter_*", "1 of sel_* and not all of filter_*"},
      {"all of them", "all of them"},
      {"nothing or notable and android", "nothing or notable and android"},
      {"of_it and all-things and x1", "of_it and all-things and x1"},
      {"1 of *", "1 of *"},
      {"a\n  and\tb", "a and b"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.written);
    const Parsed parsed(row.written);
    REQUIRE(parsed.tree);
    CHECK(print_condition(*parsed.tree) == row.printed);
    const Parsed again(print_condition(*parsed.tree));
    REQUIRE(again.tree);
    CHECK(print_condition(*again.tree) == row.printed);
    // White space between words means nothing.
    std::string spaced;
    for (const char c : std::string(row.written)) {
      spaced +=
          c == ' ' || c == '(' || c == ')' ? std::string("  ") + c + "\n " : std::string(1, c);
    }
    const Parsed wide(spaced);
    REQUIRE(wide.tree);
    CHECK(print_condition(*wide.tree) == row.printed);
  }
}

TEST_CASE("conditions that are wrong are refused at the place") {
  struct Row {
    std::string written;
    Problem problem;
    std::uint32_t column;
  };

  const Row rows[] = {
      {"", Problem::kConditionSyntax, 1},
      {"a and", Problem::kConditionSyntax, 6},
      {"and a", Problem::kConditionSyntax, 1},
      {"a b", Problem::kConditionSyntax, 3},
      {"(a", Problem::kConditionSyntax, 1},
      {"a)", Problem::kConditionSyntax, 2},
      {"not", Problem::kConditionSyntax, 4},
      {"a AND b", Problem::kKeywordCase, 3},
      {"NOT a", Problem::kKeywordCase, 1},
      {"a | count() > 5", Problem::kAggregation, 3},
      {"sel*", Problem::kConditionSyntax, 1},
      {"2 of them", Problem::kConditionSyntax, 1},
      {"any of them", Problem::kConditionSyntax, 1},
      {"1 of", Problem::kConditionSyntax, 5},
      {"1 of (a)", Problem::kConditionSyntax, 6},
      {"1 of and", Problem::kConditionSyntax, 6},
      {"a & b", Problem::kConditionSyntax, 3},
      {"\xC3\xA4", Problem::kConditionSyntax, 1},
  };
  for (const Row& row : rows) {
    CAPTURE(row.written);
    const Parsed parsed(row.written);
    CHECK_FALSE(parsed.tree);
    REQUIRE(parsed.diagnostics.all().size() == 1);
    CHECK(parsed.diagnostics.all()[0].problem == row.problem);
    CHECK(parsed.diagnostics.all()[0].position.column == row.column);
  }
}

TEST_CASE("a condition beyond the limits is refused") {
  const auto nested = [](std::size_t levels) {
    return std::string(levels, '(') + "a" + std::string(levels, ')');
  };
  CHECK(Parsed(nested(kConditionDepthMax)).tree);
  const Parsed deep(nested(kConditionDepthMax + 1));
  CHECK_FALSE(deep.tree);
  CHECK(deep.diagnostics.all().at(0).problem == Problem::kConditionTooLong);
  const Parsed longest("a" + std::string(kConditionMax, ' '));
  CHECK_FALSE(longest.tree);
  CHECK(longest.diagnostics.all().at(0).problem == Problem::kConditionTooLong);
  std::string negations;
  for (int i = 0; i < 4'000; ++i) negations += "not ";
  CHECK(Parsed(negations + "a").tree);
}

TEST_CASE("names and patterns mean the selections that Sigma says") {
  const std::vector<std::string_view> names{"sel_a", "sel_b", "filter", "_base", "_sel_c"};

  struct Row {
    const char* condition;
    const char* meaning;
  };

  const Row rows[] = {
      {"sel_a and not filter", "(sel_a&!(filter))"},
      {"1 of sel_*", "(sel_a|sel_b)"},
      {"all of *_*", "(sel_a&sel_b)"},
      {"1 of them", "(sel_a|sel_b|filter)"},
      {"all of *", "(sel_a&sel_b&filter)"},
      {"1 of _*", "(_base|_sel_c)"},
      {"1 of *e*r", "(filter)"},
      {"_base", "_base"},
      {"1 of filter", "(filter)"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.condition);
    Parsed parsed(row.condition);
    REQUIRE(parsed.tree);
    std::vector<bool> used(names.size());
    const auto resolved =
        resolve_condition(*parsed.tree, parsed.text, names, used, parsed.file, parsed.diagnostics);
    REQUIRE(resolved);
    CHECK(show(*resolved, resolved->root, names) == row.meaning);
    for (std::size_t i = 0; i < names.size(); ++i) {
      CHECK(used[i] == (std::string(row.meaning).find(names[i]) != std::string::npos &&
                        (names[i] != "sel_c")));
    }
  }
}

TEST_CASE("unknown names and patterns that match nothing are all reported") {
  const std::vector<std::string_view> names{"selection", "_hidden"};
  Parsed parsed("selecton and 1 of other_* and all of x*");
  REQUIRE(parsed.tree);
  std::vector<bool> used(names.size());
  CHECK_FALSE(
      resolve_condition(*parsed.tree, parsed.text, names, used, parsed.file, parsed.diagnostics));
  REQUIRE(parsed.diagnostics.all().size() == 3);
  CHECK(parsed.diagnostics.all()[0].problem == Problem::kUnknownSelection);
  CHECK(parsed.diagnostics.all()[0].hint == "did you mean \"selection\"?");
  CHECK(parsed.diagnostics.all()[1].problem == Problem::kPatternMatchesNothing);
  CHECK(parsed.diagnostics.all()[1].position.column == 14);
  CHECK(parsed.diagnostics.all()[2].problem == Problem::kPatternMatchesNothing);
}

TEST_CASE("the words of conditions cannot name a selection") {
  for (const char* name : {"and", "or", "not", "of", "them", "all", "1", "", "a b", "a*", "a.b"}) {
    CHECK_FALSE(is_selection_name(name));
  }
  for (const char* name : {"nothing", "selection-1", "_x", "11", "allof"}) {
    CHECK(is_selection_name(name));
  }
}
