#include "analyzer/app/commands/time_argument.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace chargewarden;

TEST_CASE("a time is RFC 3339 or so long ago") {
  struct Row {
    std::string_view text;
    std::int64_t expected_s;
  };

  constexpr std::int64_t kNow = 1'700'000'000;
  const Row rows[] = {
      {"2023-11-14T22:13:20Z", kNow},
      {"2023-11-14T23:13:20+01:00", kNow},
      {"-30s", kNow - 30},
      {"-5m", kNow - 300},
      {"-24h", kNow - 86'400},
      {"-7d", kNow - 7 * 86'400},
      {"-2w", kNow - 14 * 86'400},
      {"-0s", kNow},
      {"-10000d", kNow - 10'000 * 86'400},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto time = parse_time_argument("--from", row.text, kNow * 1'000'000'000);
    REQUIRE(time);
    CHECK(time.value() == row.expected_s * 1'000'000'000);
  }
}

TEST_CASE("anything else is refused with the option and two examples") {
  for (const std::string_view text :
       {"", "-", "24h", "-h", "-24", "-24x", "--24h", "-2.5h", "yesterday", "2023-11-14",
        "2023-11-14T22:13:20", "-9999999999999999w", "-99999999999999999999s", "-24h "}) {
    CAPTURE(text);
    const auto time = parse_time_argument("--to", text, 0);
    REQUIRE_FALSE(time);
    CHECK(time.error().code == ErrorCode::kUsage);
    CHECK(time.error().message.find(fmt::format("--to \"{}\" is not a time", text)) == 0);
  }
}
