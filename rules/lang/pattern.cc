#include "rules/lang/pattern.h"

#include <algorithm>

namespace chargewarden {

namespace {

// Length of `%name%` at the start of the text, 0 when there is none.
std::size_t placeholder_len(std::string_view text) {
  std::size_t end = 1;
  while (end < text.size() &&
         ((text[end] >= 'a' && text[end] <= 'z') || (text[end] >= 'A' && text[end] <= 'Z') ||
          (text[end] >= '0' && text[end] <= '9') || text[end] == '_' || text[end] == '-' ||
          text[end] == '.')) {
    ++end;
  }
  return end > 1 && end < text.size() && text[end] == '%' ? end + 1 : 0;
}

}  // namespace

void append_literal(Pattern& pattern, std::string_view text) {
  if (text.empty()) return;
  if (pattern.empty() || pattern.back().kind != TokenKind::kLiteral) {
    pattern.push_back({TokenKind::kLiteral, {}});
  }
  pattern.back().text += text;
}

void append_token(Pattern& pattern, TokenKind kind) {
  // Two runs side by side mean one.
  if (kind == TokenKind::kAnyRun && !pattern.empty() && pattern.back().kind == kind) return;
  pattern.push_back({kind, {}});
}

Pattern parse_pattern(std::string_view text, Placeholders placeholders) {
  Pattern out;
  const bool expand = placeholders == Placeholders::kRecognised;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size()) {
      const char next = text[i + 1];
      const bool escapes = next == '*' || next == '?' || next == '\\' || (expand && next == '%');
      append_literal(out, text.substr(escapes ? i + 1 : i, 1));
      if (escapes) ++i;
    } else if (c == '*') {
      append_token(out, TokenKind::kAnyRun);
    } else if (c == '?') {
      append_token(out, TokenKind::kAnyOne);
    } else if (const std::size_t len =
                   expand && c == '%' ? placeholder_len(text.substr(i)) : std::size_t{0};
               len != 0) {
      out.push_back({TokenKind::kPlaceholder, std::string(text.substr(i + 1, len - 2))});
      i += len - 1;
    } else {
      append_literal(out, text.substr(i, 1));
    }
  }
  return out;
}

Pattern split_placeholders(std::string_view text) {
  Pattern out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::size_t len = text[i] == '%' ? placeholder_len(text.substr(i)) : std::size_t{0};
    if (len != 0) {
      out.push_back({TokenKind::kPlaceholder, std::string(text.substr(i + 1, len - 2))});
      i += len - 1;
      continue;
    }
    const std::size_t escaped = text[i] == '\\' && i + 1 < text.size() ? 2 : 1;
    append_literal(out, text.substr(i, escaped));
    i += escaped - 1;
  }
  return out;
}

bool has_wildcard(const Pattern& pattern) noexcept {
  return std::any_of(pattern.begin(), pattern.end(), [](const PatternToken& token) {
    return token.kind == TokenKind::kAnyRun || token.kind == TokenKind::kAnyOne;
  });
}

std::string literal_of(const Pattern& pattern) {
  std::string out;
  for (const PatternToken& token : pattern) out += token.text;
  return out;
}

}  // namespace chargewarden
