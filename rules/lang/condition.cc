#include "rules/lang/condition.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "collector/base/text.h"
#include "rules/lang/suggest.h"

namespace chargewarden {

namespace {

constexpr auto kKeywords = std::to_array<std::string_view>({"and", "or", "not", "of", "them"});

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

bool is_keyword(std::string_view word) {
  return std::find(kKeywords.begin(), kKeywords.end(), word) != kKeywords.end();
}

Position place(const ConditionText& text, std::size_t offset) {
  Position out = text.position;
  const std::string_view before = std::string_view(text.text).substr(0, offset);
  if (before.find('\n') == std::string_view::npos) {
    out.column += static_cast<std::uint32_t>(offset) + (text.quoted ? 1U : 0U);
  }
  return out;
}

// A word of names and "*", or one other character.
struct Token {
  std::string_view text;
  std::size_t offset = 0;
};

class Parser {
 public:
  Parser(const ConditionText& text, const SourceFile& file, Diagnostics& diagnostics)
      : text_(text), file_(file), diagnostics_(diagnostics) {}

  std::optional<Condition> run() {
    if (text_.text.size() > kConditionMax) {
      report(0, fmt::format("the condition is longer than {} bytes", kConditionMax), {},
             Problem::kConditionTooLong);
      return std::nullopt;
    }
    advance();
    const auto root = parse_or(0);
    if (!root) return std::nullopt;
    if (!token_.text.empty()) {
      unexpected("the condition goes on after its end");
      return std::nullopt;
    }
    condition_.root = *root;
    return std::move(condition_);
  }

 private:
  void advance() {
    const std::string_view all = text_.text;
    while (at_ < all.size() &&
           (all[at_] == ' ' || all[at_] == '\t' || all[at_] == '\n' || all[at_] == '\r')) {
      ++at_;
    }
    std::size_t end = at_;
    while (end < all.size() && (is_name_char(all[end]) || all[end] == '*')) ++end;
    if (end == at_ && end < all.size()) ++end;
    token_ = {all.substr(at_, end - at_), at_};
    at_ = end;
  }

  void report(std::size_t offset, std::string message, std::string hint = {},
              Problem problem = Problem::kConditionSyntax) {
    diagnostics_.add(problem, file_, place(text_, offset), std::move(message), std::move(hint));
  }

  void unexpected(std::string_view what) {
    const std::string_view word = token_.text;
    if (word == "|") {
      report(token_.offset, "aggregations with a pipe belong to Sigma version 1",
             "use a correlation", Problem::kAggregation);
      return;
    }
    for (const std::string_view keyword : kKeywords) {
      if (word != keyword && iequals_ascii(word, keyword)) {
        report(token_.offset, fmt::format("\"{}\" is not a keyword", word),
               fmt::format("write \"{}\"", keyword), Problem::kKeywordCase);
        return;
      }
    }
    report(token_.offset,
           word.empty() ? fmt::format("{}: it ends here", what)
                        : fmt::format("{}: \"{}\" is not expected here", what, word),
           "conditions are selections joined by and, or, not, parentheses, 1 of, all of");
  }

  ConditionIndex add(ConditionNode node) {
    condition_.nodes.push_back(std::move(node));
    return static_cast<ConditionIndex>(condition_.nodes.size() - 1);
  }

  // NOLINTBEGIN(misc-no-recursion): kConditionDepthMax bounds it, each level passes a parenthesis.
  std::optional<ConditionIndex> parse_or(std::size_t depth) {
    return parse_chain(depth, "or", ConditionKind::kOr);
  }

  std::optional<ConditionIndex> parse_chain(std::size_t depth, std::string_view keyword,
                                            ConditionKind kind) {
    const std::size_t offset = token_.offset;
    std::vector<ConditionIndex> terms;
    while (true) {
      const auto term = kind == ConditionKind::kOr ? parse_chain(depth, "and", ConditionKind::kAnd)
                                                   : parse_not(depth);
      if (!term) return std::nullopt;
      terms.push_back(*term);
      if (token_.text != keyword) break;
      advance();
    }
    if (terms.size() == 1) return terms.front();
    return add({.kind = kind, .name = {}, .children = std::move(terms), .offset = offset});
  }

  std::optional<ConditionIndex> parse_not(std::size_t depth) {
    const std::size_t offset = token_.offset;
    std::size_t count = 0;
    for (; token_.text == "not"; ++count) advance();
    const auto term = parse_primary(depth);
    if (!term || count % 2 == 0) return term;
    return add({.kind = ConditionKind::kNot, .name = {}, .children = {*term}, .offset = offset});
  }

  std::optional<ConditionIndex> parse_primary(std::size_t depth) {
    if (token_.text == "(") return parse_parentheses(depth);
    if (token_.text.empty() || token_.text == "and" || token_.text == "or" || token_.text == "of" ||
        token_.text == "them" || !(is_name_char(token_.text[0]) || token_.text[0] == '*')) {
      unexpected("a selection is missing");
      return std::nullopt;
    }
    const Token word = token_;
    advance();
    if (token_.text == "of") return parse_of(word);
    if (word.text.find('*') != std::string_view::npos) {
      report(word.offset, fmt::format("the pattern \"{}\" needs a quantifier", word.text),
             fmt::format("write \"1 of {}\" or \"all of {}\"", word.text, word.text));
      return std::nullopt;
    }
    if (iequals_ascii(word.text, "not") || is_keyword_in_capitals(word.text)) {
      token_ = word;
      unexpected("a selection is missing");
      return std::nullopt;
    }
    return add({.kind = ConditionKind::kIdentifier,
                .name = std::string(word.text),
                .children = {},
                .offset = word.offset});
  }

  static bool is_keyword_in_capitals(std::string_view word) {
    return word == "AND" || word == "OR" || word == "NOT" || word == "OF" || word == "THEM";
  }

  std::optional<ConditionIndex> parse_parentheses(std::size_t depth) {
    if (depth >= kConditionDepthMax) {
      report(token_.offset,
             fmt::format("parentheses are nested deeper than {} levels", kConditionDepthMax), {},
             Problem::kConditionTooLong);
      return std::nullopt;
    }
    const std::size_t open = token_.offset;
    advance();
    const auto inner = parse_or(depth + 1);
    if (!inner) return std::nullopt;
    if (token_.text.empty()) {
      report(open, "this parenthesis is never closed");
      return std::nullopt;
    }
    if (token_.text != ")") {
      unexpected("a closing parenthesis is missing");
      return std::nullopt;
    }
    advance();
    return inner;
  }

  // NOLINTEND(misc-no-recursion)

  std::optional<ConditionIndex> parse_of(const Token& quantifier) {
    if (quantifier.text != "1" && quantifier.text != "all") {
      report(quantifier.offset, fmt::format("\"{} of\" is not known", quantifier.text),
             "write \"1 of\" or \"all of\"");
      return std::nullopt;
    }
    advance();
    const Token what = token_;
    if (what.text.empty() || !(is_name_char(what.text[0]) || what.text[0] == '*') ||
        (is_keyword(what.text) && what.text != "them")) {
      unexpected("\"of\" needs \"them\" or a pattern");
      return std::nullopt;
    }
    advance();
    return add({.kind = quantifier.text == "1" ? ConditionKind::kOneOf : ConditionKind::kAllOf,
                .name = std::string(what.text),
                .children = {},
                .offset = quantifier.offset});
  }

  const ConditionText& text_;
  const SourceFile& file_;
  Diagnostics& diagnostics_;
  Condition condition_;
  Token token_;
  std::size_t at_ = 0;
};

int precedence(ConditionKind kind) {
  switch (kind) {
    case ConditionKind::kOr:
      return 0;
    case ConditionKind::kAnd:
      return 1;
    case ConditionKind::kNot:
      return 2;
    case ConditionKind::kIdentifier:
    case ConditionKind::kOneOf:
    case ConditionKind::kAllOf:
      return 3;
  }
  return 3;
}

// NOLINTBEGIN(misc-no-recursion): the parser's kConditionDepthMax bounds it.
void print(const Condition& condition, ConditionIndex index, std::string& out);

void print_child(const Condition& condition, ConditionIndex index, int above, std::string& out) {
  const bool parentheses = precedence(condition.nodes[index].kind) <= above;
  if (parentheses) out += '(';
  print(condition, index, out);
  if (parentheses) out += ')';
}

void print(const Condition& condition, ConditionIndex index, std::string& out) {
  const ConditionNode& node = condition.nodes[index];
  switch (node.kind) {
    case ConditionKind::kIdentifier:
      out += node.name;
      return;
    case ConditionKind::kOneOf:
    case ConditionKind::kAllOf:
      out += node.kind == ConditionKind::kOneOf ? "1 of " : "all of ";
      out += node.name;
      return;
    case ConditionKind::kNot:
      out += "not ";
      // In parentheses even a second "not": the parser takes two in a row for none.
      print_child(condition, node.children[0], precedence(ConditionKind::kNot), out);
      return;
    case ConditionKind::kAnd:
    case ConditionKind::kOr:
      break;
  }
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    if (i > 0) out += node.kind == ConditionKind::kAnd ? " and " : " or ";
    print_child(condition, node.children[i], precedence(node.kind), out);
  }
}

// NOLINTEND(misc-no-recursion)

// `*` spans any characters. Greedy with one point of return: quadratic at worst, names are short.
bool matches(std::string_view pattern, std::string_view name) {
  std::size_t p = 0;
  std::size_t n = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_n = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_n = n;
    } else if (p < pattern.size() && pattern[p] == name[n]) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++star_n;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

class Resolver {
 public:
  Resolver(const ConditionText& text, std::span<const std::string_view> selections,
           std::vector<bool>& used, const SourceFile& file, Diagnostics& diagnostics)
      : text_(text), selections_(selections), used_(used), file_(file), diagnostics_(diagnostics) {}

  // Children come before their parents in the parser's list, so one pass does it.
  std::optional<ResolvedCondition> run(const Condition& condition) {
    std::vector<ConditionIndex> place_of(condition.nodes.size());
    for (std::size_t i = 0; i < condition.nodes.size(); ++i) {
      const ConditionNode& node = condition.nodes[i];
      ResolvedNode out{.kind = node.kind, .children = {}, .selection = 0};
      for (const ConditionIndex child : node.children) out.children.push_back(place_of[child]);
      if (node.kind == ConditionKind::kIdentifier) out = identifier(node);
      if (node.kind == ConditionKind::kOneOf || node.kind == ConditionKind::kAllOf) {
        out = quantified(node);
      }
      place_of[i] = add(std::move(out));
    }
    if (failed_) return std::nullopt;
    resolved_.root = place_of[condition.root];
    return std::move(resolved_);
  }

 private:
  ConditionIndex add(ResolvedNode node) {
    resolved_.nodes.push_back(std::move(node));
    return static_cast<ConditionIndex>(resolved_.nodes.size() - 1);
  }

  ResolvedNode identifier(const ConditionNode& node) {
    const auto found = std::find(selections_.begin(), selections_.end(), node.name);
    if (found == selections_.end()) {
      failed_ = true;
      diagnostics_.add(Problem::kUnknownSelection, file_, place(text_, node.offset),
                       fmt::format("there is no selection \"{}\"", node.name),
                       did_you_mean(node.name, selections_));
      return {.kind = ConditionKind::kIdentifier, .children = {}, .selection = 0};
    }
    const auto index = static_cast<std::uint32_t>(found - selections_.begin());
    used_[index] = true;
    return {.kind = ConditionKind::kIdentifier, .children = {}, .selection = index};
  }

  ResolvedNode quantified(const ConditionNode& node) {
    const bool them = node.name == "them";
    ResolvedNode out{
        .kind = node.kind == ConditionKind::kOneOf ? ConditionKind::kOr : ConditionKind::kAnd,
        .children = {},
        .selection = 0};
    for (std::uint32_t i = 0; i < selections_.size(); ++i) {
      const std::string_view name = selections_[i];
      const bool hidden = name.starts_with('_') && (them || !node.name.starts_with('_'));
      if (hidden || (!them && !matches(node.name, name))) continue;
      used_[i] = true;
      out.children.push_back(
          add({.kind = ConditionKind::kIdentifier, .children = {}, .selection = i}));
    }
    if (out.children.empty()) {
      failed_ = true;
      diagnostics_.add(Problem::kPatternMatchesNothing, file_, place(text_, node.offset),
                       fmt::format("\"{}\" matches no selection", node.name),
                       "names that begin with _ are left out unless the pattern begins with _");
    }
    return out;
  }

  const ConditionText& text_;
  std::span<const std::string_view> selections_;
  std::vector<bool>& used_;
  const SourceFile& file_;
  Diagnostics& diagnostics_;
  ResolvedCondition resolved_;
  bool failed_ = false;
};

}  // namespace

std::optional<Condition> parse_condition(const ConditionText& text, const SourceFile& file,
                                         Diagnostics& diagnostics) {
  return Parser(text, file, diagnostics).run();
}

std::string print_condition(const Condition& condition) {
  std::string out;
  if (!condition.nodes.empty()) print(condition, condition.root, out);
  return out;
}

std::optional<ResolvedCondition> resolve_condition(const Condition& condition,
                                                   const ConditionText& text,
                                                   std::span<const std::string_view> selections,
                                                   std::vector<bool>& used, const SourceFile& file,
                                                   Diagnostics& diagnostics) {
  return Resolver(text, selections, used, file, diagnostics).run(condition);
}

bool is_selection_name(std::string_view text) noexcept {
  return !text.empty() && !is_keyword(text) && text != "all" && text != "1" &&
         std::all_of(text.begin(), text.end(), is_name_char);
}

}  // namespace chargewarden
