#pragma once
// The modifiers that turn a text value into other texts: contains, windash, base64 and so on
// (Sigma 2.1, "Modifiers"). Pure functions on patterns.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/lang/pattern.h"

namespace chargewarden {

// Values of %name%; they may hold wildcards. A name with an empty list is known and matches
// nothing.
using PlaceholderMap = std::map<std::string, std::vector<std::string>, std::less<>>;

// Most forms of one value, for windash (5 for each dash) and placeholders.
// Test: match_item_test.cc "a value with too many forms is refused".
inline constexpr std::size_t kFormsMax = 20'000;

enum class Utf16 : std::uint8_t { kLittle, kBig, kMarkedLittle };

Pattern with_wildcards(Pattern pattern, bool before, bool behind);

// Any of - / – — ― for each - or / that begins a word. nullopt beyond kFormsMax.
std::optional<std::vector<Pattern>> windash_forms(const Pattern& pattern);

// Literals as UTF-16, byte for byte. The kind kMarkedLittle begins with a byte order mark.
Pattern to_utf16(const Pattern& pattern, Utf16 kind);

// `pattern` must have no wildcards.
Pattern to_base64_pattern(const Pattern& pattern);

// The three forms that base64 gives a text inside a longer one.
std::vector<Pattern> base64_offset_forms(const Pattern& pattern);

// The names that are used, in order.
std::vector<std::string_view> placeholders_of(const Pattern& pattern);

// All combinations of values; every placeholder must be in the map. nullopt beyond kFormsMax.
std::optional<std::vector<Pattern>> expand_placeholders(const Pattern& pattern,
                                                        const PlaceholderMap& values);

// The same for a regular expression that split_placeholders() cut: what stands around placeholders
// stays as it is, and a value means what it means elsewhere, its text with `*` and `?` as
// wildcards.
std::optional<std::vector<std::string>> expand_regex_placeholders(const Pattern& pieces,
                                                                  const PlaceholderMap& values);

}  // namespace chargewarden
