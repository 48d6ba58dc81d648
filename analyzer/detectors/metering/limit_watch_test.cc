#include "analyzer/detectors/metering/limit_watch.h"

#include <string>

#include <catch2/catch.hpp>

#include "analyzer/facts/fact_buffer.h"

using namespace chargewarden;
using namespace chargewarden::session;

namespace {

using F = FactField;

struct ProfileSetup {
  std::string id = "1";
  std::string purpose = "TxDefaultProfile";
  std::int64_t level = 0;
  std::int64_t connector = 1;
  double limit = 10'000;
  std::string unit = "W";
  std::string kind = "Absolute";
  int periods = 1;
  std::int64_t from_ns = 0;
  std::int64_t to_ns = 0;
};

void set(LimitWatch& watch, const ProfileSetup& profile) {
  FactHead head;
  head.time_ns = 100;
  FactBuffer buffer;
  buffer.begin(head, "CP1");
  buffer.add_text(F::kProfileId, profile.id);
  buffer.add_text(F::kPurpose, profile.purpose);
  buffer.add_text(F::kProfileKind, profile.kind);
  buffer.add_number(F::kStackLevel, profile.level);
  buffer.add_number(F::kConnector, profile.connector);
  buffer.add_text(F::kLimitUnit, profile.unit);
  if (profile.from_ns != 0) buffer.add_number(F::kValidFrom, profile.from_ns);
  if (profile.to_ns != 0) buffer.add_number(F::kValidTo, profile.to_ns);
  for (int i = 0; i < profile.periods; ++i) {
    buffer.add_number(F::kItem, 0);
    buffer.add_number(F::kPeriodStartS, i * 60);
    buffer.add_real(F::kLimit, profile.limit);
  }
  buffer.commit();
  watch.on_set(buffer.read(0));
}

double limit_of(const LimitWatch& watch, std::int32_t connector = 1, std::int64_t now_ns = 200) {
  const auto limit = watch.limit_of(connector, "t", now_ns);
  return limit ? limit->limit_w : -1;
}

}  // namespace

TEST_CASE("the lowest limit of all purposes counts, of one purpose that of the highest level") {
  LimitWatch watch;
  CHECK(limit_of(watch) == -1);
  set(watch, {.id = "1", .level = 0, .limit = 5'000});
  CHECK(limit_of(watch) == 5'000);
  CHECK(limit_of(watch, 2) == -1);
  set(watch, {.id = "2", .level = 1, .limit = 9'000});
  CHECK(limit_of(watch) == 9'000);
  set(watch, {.id = "3", .purpose = "ChargePointMaxProfile", .connector = 0, .limit = 7'000});
  CHECK(limit_of(watch) == 7'000);
  CHECK(limit_of(watch, 2) == 7'000);
  set(watch, {.id = "4", .purpose = "TxProfile", .limit = 6'000});
  CHECK(limit_of(watch) == 6'000);
  set(watch, {.id = "4", .purpose = "TxProfile", .limit = 12'000});
  CHECK(limit_of(watch) == 7'000);
  watch.on_clear();
  CHECK(limit_of(watch) == -1);
}

TEST_CASE("what is not certain is no limit") {
  LimitWatch watch;
  set(watch, {.limit = 16, .unit = "A"});
  CHECK(limit_of(watch) == 16 * 3 * 253);
  set(watch, {.periods = 2});
  CHECK(limit_of(watch) == -1);
  set(watch, {.kind = "Recurring"});
  CHECK(limit_of(watch) == -1);
  set(watch, {.from_ns = 150, .to_ns = 300});
  CHECK(limit_of(watch, 1, 149) == -1);
  CHECK(limit_of(watch, 1, 150) == 10'000);
  CHECK(limit_of(watch, 1, 300) == -1);
}

TEST_CASE("the profiles of a station are bounded") {
  LimitWatch watch;
  for (std::size_t i = 0; i <= kProfilesMax; ++i) {
    set(watch, {.id = std::to_string(i),
                .connector = static_cast<std::int64_t>(i + 1),
                .limit = 1'000 + static_cast<double>(i)});
  }
  CHECK(limit_of(watch, 1) == -1);
  CHECK(limit_of(watch, 2) == 1'001);
}
