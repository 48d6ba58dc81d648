#include "rules/lang/value_transform.h"

#include <array>
#include <cstddef>
#include <utility>

#include "collector/base/text.h"

namespace chargewarden {

namespace {

// Hyphen, slash, en dash, em dash, horizontal bar: what Windows programs take for an option.
constexpr auto kDashes =
    std::to_array<std::string_view>({"-", "/", "\xE2\x80\x93", "\xE2\x80\x94", "\xE2\x80\x95"});

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         (static_cast<unsigned char>(c) & 0x80U) != 0;
}

// Each form of `forms` continued by each of `tails`.
bool multiply(std::vector<Pattern>& forms, const std::vector<Pattern>& tails) {
  if (forms.size() * tails.size() > kFormsMax) return false;
  std::vector<Pattern> out;
  out.reserve(forms.size() * tails.size());
  for (const Pattern& form : forms) {
    for (const Pattern& tail : tails) {
      Pattern joined = form;
      for (const PatternToken& token : tail) {
        if (token.kind == TokenKind::kLiteral) {
          append_literal(joined, token.text);
        } else if (token.kind == TokenKind::kPlaceholder) {
          joined.push_back(token);
        } else {
          append_token(joined, token.kind);
        }
      }
      out.push_back(std::move(joined));
    }
  }
  forms = std::move(out);
  return true;
}

std::vector<Pattern> literal_tails(std::string_view text) {
  Pattern tail;
  append_literal(tail, text);
  return {std::move(tail)};
}

// Reads one code point of valid UTF-8 and moves `at` behind it.
char32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  if (lead < 0x80) return lead;
  const unsigned more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  char32_t code = lead & (0x3FU >> more);
  for (unsigned i = 0; i < more && at < text.size(); ++i) {
    code = (code << 6U) | (static_cast<unsigned char>(text[at++]) & 0x3FU);
  }
  return code;
}

void append_unit(std::string& out, std::uint32_t unit, Utf16 kind) {
  const auto high = static_cast<char>(unit >> 8U & 0xFFU);
  const auto low = static_cast<char>(unit & 0xFFU);
  out += kind == Utf16::kBig ? high : low;
  out += kind == Utf16::kBig ? low : high;
}

std::string utf16_of(std::string_view text, Utf16 kind) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t code = next_code_point(text, at);
    if (code >= 0x10000) {
      append_unit(out, 0xD800U + ((code - 0x10000U) >> 10U), kind);
      append_unit(out, 0xDC00U + ((code - 0x10000U) & 0x3FFU), kind);
    } else {
      append_unit(out, code, kind);
    }
  }
  return out;
}

}  // namespace

Pattern with_wildcards(Pattern pattern, bool before, bool behind) {
  Pattern out;
  if (before && (pattern.empty() || pattern.front().kind != TokenKind::kAnyRun)) {
    append_token(out, TokenKind::kAnyRun);
  }
  for (PatternToken& token : pattern) out.push_back(std::move(token));
  if (behind) append_token(out, TokenKind::kAnyRun);
  return out;
}

std::optional<std::vector<Pattern>> windash_forms(const Pattern& pattern) {
  static const std::vector<Pattern> kTails = [] {
    std::vector<Pattern> tails;
    tails.reserve(kDashes.size());
    for (const std::string_view dash : kDashes) tails.push_back(literal_tails(dash).front());
    return tails;
  }();
  std::vector<Pattern> forms(1);
  for (const PatternToken& token : pattern) {
    if (token.kind != TokenKind::kLiteral) {
      multiply(forms, {{token}});
      continue;
    }
    const std::string_view text = token.text;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool starts = (text[i] == '-' || text[i] == '/') &&
                          (i == 0 || !is_word_char(text[i - 1])) && i + 1 < text.size() &&
                          is_word_char(text[i + 1]);
      if (!starts) continue;
      multiply(forms, literal_tails(text.substr(begin, i - begin)));
      if (!multiply(forms, kTails)) return std::nullopt;
      begin = i + 1;
    }
    multiply(forms, literal_tails(text.substr(begin)));
  }
  return forms;
}

Pattern to_utf16(const Pattern& pattern, Utf16 kind) {
  Pattern out;
  if (kind == Utf16::kMarkedLittle) append_literal(out, "\xFF\xFE");
  for (const PatternToken& token : pattern) {
    if (token.kind == TokenKind::kLiteral) {
      append_literal(out, utf16_of(token.text, kind));
    } else {
      out.push_back(token);
    }
  }
  return out;
}

Pattern to_base64_pattern(const Pattern& pattern) {
  Pattern out;
  append_literal(out, to_base64(as_bytes(literal_of(pattern))));
  return out;
}

std::vector<Pattern> base64_offset_forms(const Pattern& pattern) {
  const std::string text = literal_of(pattern);
  // Characters at the ends that also hold bits of the neighbours, or padding.
  static constexpr std::array<std::size_t, 3> kDropFirst{0, 2, 3};
  static constexpr std::array<std::size_t, 3> kDropLast{0, 3, 2};
  std::vector<Pattern> out;
  for (std::size_t shift = 0; shift < 3; ++shift) {
    const std::string shifted = std::string(shift, ' ') + text;
    const std::string encoded = to_base64(as_bytes(shifted));
    const std::size_t end = encoded.size() - kDropLast[shifted.size() % 3];
    const std::size_t begin = std::min(kDropFirst[shift], end);
    Pattern form;
    append_literal(form, std::string_view(encoded).substr(begin, end - begin));
    out.push_back(std::move(form));
  }
  return out;
}

std::vector<std::string_view> placeholders_of(const Pattern& pattern) {
  std::vector<std::string_view> out;
  for (const PatternToken& token : pattern) {
    if (token.kind == TokenKind::kPlaceholder) out.emplace_back(token.text);
  }
  return out;
}

std::optional<std::vector<Pattern>> expand_placeholders(const Pattern& pattern,
                                                        const PlaceholderMap& values) {
  std::vector<Pattern> forms(1);
  for (const PatternToken& token : pattern) {
    std::vector<Pattern> tails;
    if (token.kind == TokenKind::kPlaceholder) {
      for (const std::string& value : values.find(token.text)->second) {
        tails.push_back(parse_pattern(value, Placeholders::kLiteral));
      }
    } else {
      tails.push_back({token});
    }
    if (!multiply(forms, tails)) return std::nullopt;
  }
  return forms;
}

namespace {

// The expression that matches what the pattern matches.
std::string to_regex(const Pattern& pattern) {
  static constexpr std::string_view kSpecial = R"(\.+*?()[]{}|^$)";
  std::string out;
  for (const PatternToken& token : pattern) {
    if (token.kind == TokenKind::kAnyRun) {
      out += "(?s:.*)";
    } else if (token.kind == TokenKind::kAnyOne) {
      out += "(?s:.)";
    }
    for (const char c : token.text) {
      if (kSpecial.find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

}  // namespace

std::optional<std::vector<std::string>> expand_regex_placeholders(const Pattern& pieces,
                                                                  const PlaceholderMap& values) {
  std::vector<std::string> forms(1);
  for (const PatternToken& piece : pieces) {
    std::vector<std::string> tails;
    if (piece.kind == TokenKind::kPlaceholder) {
      for (const std::string& value : values.find(piece.text)->second) {
        tails.push_back(to_regex(parse_pattern(value, Placeholders::kLiteral)));
      }
    } else {
      tails.push_back(piece.text);
    }
    if (forms.size() * tails.size() > kFormsMax) return std::nullopt;
    std::vector<std::string> longer;
    longer.reserve(forms.size() * tails.size());
    for (const std::string& form : forms) {
      for (const std::string& tail : tails) longer.push_back(form + tail);
    }
    forms = std::move(longer);
  }
  return forms;
}

}  // namespace chargewarden
