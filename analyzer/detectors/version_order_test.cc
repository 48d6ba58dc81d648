// Firmware versions as vendors write them, put in order.

#include "analyzer/detectors/version_order.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

using chargewarden::compare_versions;
using chargewarden::VersionOrder;

namespace {

VersionOrder opposite(VersionOrder order) {
  if (order == VersionOrder::kOlder) return VersionOrder::kNewer;
  return order == VersionOrder::kNewer ? VersionOrder::kOlder : order;
}

struct Row {
  std::string now;
  std::string before;
};

void check_all(const std::vector<Row>& rows, VersionOrder expected) {
  for (const Row& row : rows) {
    INFO(row.now << " after " << row.before);
    CHECK(compare_versions(row.now, row.before) == expected);
    CHECK(compare_versions(row.before, row.now) == opposite(expected));
  }
}

}  // namespace

TEST_CASE("numbers of versions are compared as numbers") {
  check_all({{"3.4.1", "3.4.0"},
             {"3.10.0", "3.9.9"},
             {"3.4.010", "3.4.9"},
             {"4", "3.99"},
             {"1.4.0.1", "1.4"},
             {"1.4.2", "1.4"},
             {"v3.4.1", "3.4.0"},
             {"V3.4.1", "v3.4.0"},
             {"FW_2.1.0_b120", "FW_2.1.0_b99"},
             {"2026-02-01", "2026-01-31"},
             {"20260201", "20260131"},
             {"1.0.100000000000000000000000001", "1.0.100000000000000000000000000"},
             {"AC22-1.3", "AC22-1.2"}},
            VersionOrder::kNewer);
}

TEST_CASE("what is written in another way is the same version") {
  check_all({{"3.4.1", "3.4.1"},
             {"v3.4.1", "3.4.1"},
             {"3.4", "3.4.0"},
             {"3.4", "3.4.0.0"},
             {"3.04", "3.4"},
             {"3_4-1", "3.4.1"},
             {"1.0.0-RC1", "1.0.0-rc1"}},
            VersionOrder::kSame);
}

TEST_CASE("stages come before the release, and in their order") {
  check_all({{"1.0.0", "1.0.0-rc1"},
             {"1.0.0", "1.0.0-dev"},
             {"1.0.0-rc1", "1.0.0-beta7"},
             {"1.0.0-beta", "1.0.0-alpha.9"},
             {"1.0.0-RC.10", "1.0.0-rc.2"},
             {"1.0.0-rc2", "1.0.0-rc"},
             {"1.0.1-rc1", "1.0.0"},
             {"1.0.1", "1.0.rc9"}},
            VersionOrder::kNewer);
}

TEST_CASE("letters and fixes behind a version count up") {
  check_all({{"1.4b", "1.4a"},
             {"1.4a", "1.4"},
             {"1.4-hotfix", "1.4"},
             {"1.4.0-fix2", "1.4.0-fix1"},
             {"1.4-SP1", "1.4"},
             {"1.4-patch3", "1.4-patch2"}},
            VersionOrder::kNewer);
}

TEST_CASE("versions without a common order are said to be so") {
  check_all({{"1.4-eu", "1.4"},
             {"1.4-eu", "1.4-us"},
             {"release-5", "5"},
             {"20260131", "3.4.1"},
             {"260131", "12.4"},
             {"4f2a91c", "3e1b77d"},
             {"1.4-3e1b77d", "1.4-4f2a91c"},
             {"1.4.2-12-g3e1b77d", "1.4.2-12-g4f2a91c"},
             {"stable", "nightly"},
             {"...", "1"},
             {"", "1.0"}},
            VersionOrder::kUnknown);
}

TEST_CASE("a commit behind a version does not hide the order of the versions") {
  check_all({{"1.5-3e1b77d", "1.4-4f2a91c"}, {"1.4.2-13-g3e1b77d", "1.4.2-12-g4f2a91c"}},
            VersionOrder::kNewer);
}

TEST_CASE("hostile versions are compared in linear time") {
  const std::string digits(16'000, '9');
  const std::string dots(16'000, '.');
  CHECK(compare_versions(digits + "1", digits) == VersionOrder::kNewer);
  CHECK(compare_versions(dots, dots + ".") == VersionOrder::kSame);
  std::string runs;
  for (int i = 0; i < 5'000; ++i) runs += "1z";
  CHECK(compare_versions(runs + "2", runs) == VersionOrder::kNewer);
}
