#pragma once
// Pattern: a text value of a rule as literals and wildcards (Sigma 2.1, "Escaping").
//
// Escapes are read once, before any modifier adds something: modifiers work on tokens, so that a
// backslash at the end of a value can never escape a wildcard that `contains` appends.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chargewarden {

enum class TokenKind : std::uint8_t {
  kLiteral,
  kAnyRun,       // `*`: any characters, or none.
  kAnyOne,       // `?`: exactly one character.
  kPlaceholder,  // `%name%`, only under `expand`.
};

struct PatternToken {
  TokenKind kind = TokenKind::kLiteral;
  std::string text;  // Of a literal; the name of a placeholder.

  bool operator==(const PatternToken&) const = default;
};

// Literals that touch are one token.
using Pattern = std::vector<PatternToken>;

enum class Placeholders : std::uint8_t { kLiteral, kRecognised };

// Reads `*`, `?` and the escapes `\*`, `\?`, `\\`; any other backslash stands for itself. With
// placeholders also `%name%` and the escape `\%`.
Pattern parse_pattern(std::string_view text, Placeholders placeholders);

// The text cut at `%name%`; everything else is literal, backslashes and wildcards too. For regular
// expressions, where a backslash keeps the character behind it from beginning a placeholder.
Pattern split_placeholders(std::string_view text);

void append_literal(Pattern& pattern, std::string_view text);
void append_token(Pattern& pattern, TokenKind kind);

// Whether it holds `*` or `?`.
bool has_wildcard(const Pattern& pattern) noexcept;

// The text of a pattern without wildcards; empty for an empty pattern.
std::string literal_of(const Pattern& pattern);

}  // namespace chargewarden
