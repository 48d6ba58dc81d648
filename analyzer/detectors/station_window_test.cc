#include "analyzer/detectors/station_window.h"

#include <vector>

#include <catch2/catch.hpp>

namespace chargewarden {

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kStart = 1'767'225'600 * kSecond;

}  // namespace

TEST_CASE("a station counts once in a window, and how often is counted too") {
  StationWindow window(60 * kSecond);
  StationWindow::Mark first = 0;
  StationWindow::Mark second = 0;
  CHECK(window.add(kStart, first, 1) == 1);
  CHECK(window.add(kStart + kSecond, first, 2) == 1);
  CHECK(window.add(kStart + 20 * kSecond, first, 3) == 1);
  CHECK(window.add(kStart + 21 * kSecond, second, 4) == 2);
  CHECK(window.times() == 4);
  CHECK(window.span_ns(kStart + 21 * kSecond) == 21 * kSecond);
}

TEST_CASE("stations leave a window, and come back") {
  StationWindow window(60 * kSecond);
  StationWindow::Mark first = 0;
  StationWindow::Mark second = 0;
  window.add(kStart, first, 1);
  window.add(kStart + 40 * kSecond, second, 2);
  CHECK(window.stations(kStart + 70 * kSecond) == 1);
  CHECK(window.add(kStart + 75 * kSecond, first, 3) == 2);
  CHECK(window.stations(kStart + 110 * kSecond) == 1);
  CHECK(window.stations(kStart + 500 * kSecond) == 0);
  CHECK(window.times() == 0);
  CHECK(window.add(kStart + 501 * kSecond, second, 4) == 1);
}

TEST_CASE("a window counts as a list of all would, for any order of stations") {
  StationWindow window(16 * kSecond);
  std::vector<StationWindow::Mark> marks(40);
  std::vector<std::int64_t> latest(marks.size(), -1000);
  std::uint32_t state = 1;
  for (std::int64_t now = 0; now < 3000; now += 1 + static_cast<std::int64_t>(state >> 30U)) {
    state = state * 1'664'525U + 1'013'904'223U;
    const std::size_t who = (state >> 10U) % marks.size();
    latest[who] = now;
    std::uint32_t expected = 0;
    for (const std::int64_t each : latest) expected += each > now - 16 ? 1 : 0;
    REQUIRE(window.add(kStart + now * kSecond, marks[who], 1) == expected);
  }
}

TEST_CASE("a window is told at its floor, at doublings and at shares of the fleet") {
  StationWindow window(60 * kSecond);
  std::vector<StationWindow::Mark> marks(30);
  std::vector<std::size_t> told;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    window.add(kStart, marks[i], 1);
    if (window.should_tell(5, 30)) told.push_back(i + 1);
  }
  CHECK(told == std::vector<std::size_t>{5, 8, 15, 30});
}

TEST_CASE("time that goes back counts as now") {
  StationWindow window(60 * kSecond);
  StationWindow::Mark first = 0;
  StationWindow::Mark second = 0;
  window.add(kStart, first, 1);
  CHECK(window.add(kStart - 100 * kSecond, second, 2) == 2);
}

}  // namespace chargewarden
