#include "analyzer/app/commands/time_argument.h"

#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "collector/base/text.h"
#include "collector/base/timestamp.h"

namespace chargewarden {

namespace {

constexpr std::int64_t kNsPerS = 1'000'000'000;

// "-24h" as nanoseconds before now.
std::optional<std::int64_t> parse_relative(std::string_view text) {
  if (text.size() < 3 || text.front() != '-') return std::nullopt;
  const auto unit_s = seconds_of_unit(text.back());
  if (!unit_s) return std::nullopt;
  const std::string_view digits = text.substr(1, text.size() - 2);
  std::int64_t amount = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), amount);
  if (result.ec != std::errc{} || result.ptr != digits.data() + digits.size() || amount < 0) {
    return std::nullopt;
  }
  if (amount > INT64_MAX / (*unit_s * kNsPerS)) return std::nullopt;
  return amount * *unit_s * kNsPerS;
}

}  // namespace

Expected<std::int64_t> parse_time_argument(std::string_view option, std::string_view text,
                                           std::int64_t now_ns) {
  if (const auto time = parse_rfc3339(text)) return *time;
  if (const auto before = parse_relative(text)) return now_ns - *before;
  return Error{ErrorCode::kUsage,
               fmt::format("{} \"{}\" is not a time: write it as 2026-11-22T12:00:00Z, or as -24h "
                           "for a day ago (s, m, h, d, w)",
                           option, text)};
}

}  // namespace chargewarden
