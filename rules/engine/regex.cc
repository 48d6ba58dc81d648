#include "rules/engine/regex.h"

#include <utility>

#include <fmt/format.h>
#include <re2/re2.h>

namespace chargewarden {

Regex::Regex(std::unique_ptr<re2::RE2> re) : re_(std::move(re)) {}

Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

Expected<Regex> Regex::compile(std::string_view pattern) {
  if (pattern.size() > kRegexMax) {
    return Error{ErrorCode::kUsage,
                 fmt::format("the expression is longer than {} bytes", kRegexMax)};
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kRegexMemoryMax);
  auto re = std::make_unique<re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!re->ok()) return Error{ErrorCode::kUsage, re->error()};
  return Regex(std::move(re));
}

bool Regex::search(std::string_view text) const {
  const re2::StringPiece piece(text.data(), text.size());
  return re_->Match(piece, 0, text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

}  // namespace chargewarden
