#include "rules/engine/regex.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <re2/filtered_re2.h>
#include <re2/re2.h>
#include <re2/set.h>

namespace chargewarden {

namespace {

// Shorter literals than this stand in every other text, so they tell nothing.
constexpr int kLiteralLenMin = 3;

re2::RE2::Options options_with(std::int64_t memory) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(memory);
  return options;
}

re2::StringPiece piece_of(std::string_view text) {
  return {text.data(), text.size()};
}

// RE2 and the folding of events agree about the lower case of ASCII, and about the two characters
// beyond it that are equal to an ASCII letter when case is ignored. About others they need not, so
// expressions that can name any are left alone: characters beyond ASCII, \x41 and \101.
bool names_ascii_only(std::string_view pattern) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (static_cast<unsigned char>(pattern[i]) >= 0x80) return false;
    if (pattern[i] != '\\' || i + 1 == pattern.size()) continue;
    const char next = pattern[++i];
    if (next == 'x' || next == 'Q' || (next >= '0' && next <= '9')) return false;
  }
  return true;
}

}  // namespace

Regex::Regex(std::unique_ptr<re2::RE2> re) : re_(std::move(re)) {}

Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

Expected<Regex> Regex::compile(std::string_view pattern) {
  if (pattern.size() > kRegexMax) {
    return Error{ErrorCode::kUsage,
                 fmt::format("the expression is longer than {} bytes", kRegexMax)};
  }
  auto re = std::make_unique<re2::RE2>(piece_of(pattern), options_with(kRegexMemoryMax));
  if (!re->ok()) return Error{ErrorCode::kUsage, re->error()};
  return Regex(std::move(re));
}

bool Regex::search(std::string_view text) const {
  return re_->Match(piece_of(text), 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

const std::string& Regex::pattern() const noexcept {
  return re_->pattern();
}

std::vector<std::string> Regex::required_literals() const {
  if (!names_ascii_only(pattern())) return {};
  re2::FilteredRE2 filter(kLiteralLenMin);
  int id = 0;
  if (filter.Add(pattern(), options_with(kRegexMemoryMax), &id) != re2::RE2::NoError) return {};
  std::vector<std::string> literals;
  filter.Compile(&literals);
  // The filter is true or false by which literals a text holds, and more literals never make it
  // false. If it is false for every literal but those of a set, a match needs one of the set.
  std::vector<bool> in_set(literals.size(), true);
  std::vector<int> others;
  std::vector<int> passed;
  const auto suffices = [&] {
    others.clear();
    for (std::size_t i = 0; i < literals.size(); ++i) {
      if (!in_set[i]) others.push_back(static_cast<int>(i));
    }
    passed.clear();
    filter.AllPotentials(others, &passed);
    return passed.empty();
  };
  if (literals.empty() || literals.size() > kRegexLiteralsMax || !suffices()) return {};
  std::vector<std::size_t> by_size(literals.size());
  std::iota(by_size.begin(), by_size.end(), 0);
  std::stable_sort(by_size.begin(), by_size.end(), [&](std::size_t a, std::size_t b) {
    return literals[a].size() < literals[b].size();
  });
  for (const std::size_t i : by_size) {
    in_set[i] = false;
    if (!suffices()) in_set[i] = true;
  }
  std::vector<std::string> out;
  for (std::size_t i = 0; i < literals.size(); ++i) {
    if (in_set[i]) out.push_back(std::move(literals[i]));
  }
  return out;
}

class RegexSet::Impl {
 public:
  explicit Impl(std::int64_t memory) : set(options_with(memory), re2::RE2::UNANCHORED) {}

  re2::RE2::Set set;
};

RegexSet::RegexSet(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

RegexSet::RegexSet(RegexSet&&) noexcept = default;
RegexSet& RegexSet::operator=(RegexSet&&) noexcept = default;
RegexSet::~RegexSet() = default;

std::optional<RegexSet> RegexSet::compile(const std::vector<std::string>& patterns,
                                          std::int64_t memory) {
  auto impl = std::make_unique<Impl>(memory);
  for (const std::string& pattern : patterns) {
    if (impl->set.Add(pattern, nullptr) < 0) return std::nullopt;
  }
  if (!impl->set.Compile()) return std::nullopt;
  return RegexSet(std::move(impl));
}

RegexSet::Answer RegexSet::search(std::string_view text) const {
  re2::RE2::Set::ErrorInfo error{re2::RE2::Set::kNoError};
  // Without a list of which ones, nothing is allocated.
  if (impl_->set.Match(piece_of(text), nullptr, &error)) return Answer::kSome;
  return error.kind == re2::RE2::Set::kNoError ? Answer::kNone : Answer::kUnknown;
}

}  // namespace chargewarden
