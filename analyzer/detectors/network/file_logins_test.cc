#include "analyzer/detectors/network/file_logins.h"

#include <algorithm>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "analyzer/detectors/testing/scene.h"

namespace chargewarden::testing {

namespace {

using Lines = std::vector<std::string>;

void log_in(Scene& scene, int station, std::string_view user, std::int64_t status = 230,
            std::int64_t password_bytes = 8, const std::string& server = "10.8.0.1") {
  scene
      .open("", {.address = fmt::format("10.1.{}.{}", station / 256, station % 256),
                 .csms = server,
                 .port = 21,
                 .protocol = "unknown"})
      .login(user, status, password_bytes);
}

void connect(Scene& scene, int count) {
  for (int i = 0; i < count; ++i) {
    scene.connect(fmt::format("CP{}", i), {.address = fmt::format("10.1.{}.{}", i / 256, i % 256)});
  }
}

}  // namespace

TEST_CASE("a login that several stations use is told") {
  Scene scene(find_detector("network"));
  connect(scene, 4);
  log_in(scene, 0, "logs");
  log_in(scene, 0, "logs");
  CHECK(scene.take() == Lines{"network.file_login CP0 user=logs"});
  for (int i = 1; i < 4; ++i) log_in(scene, i, "logs");
  CHECK(scene.take("network.shared_login") ==
        Lines{"network.shared_login CP1 stations=2", "network.shared_login CP3 stations=4"});
}

TEST_CASE("logins of their own, without password, or refused are not shared") {
  Scene scene(find_detector("network"));
  connect(scene, 2);
  for (int i = 0; i < 2; ++i) {
    log_in(scene, i, fmt::format("CP{}", i));
    log_in(scene, i, "Anonymous");
    log_in(scene, i, "logs", 530);
    log_in(scene, i, "nopass", 230, 0);
    log_in(scene, i, "each", 230, 8, fmt::format("10.8.0.{}", 5 + i));
  }
  log_in(scene, 0, "staff");
  log_in(scene, 7, "staff");  // No station.
  const Lines lines = scene.take();
  CHECK(lines.size() == 5);
  CHECK(std::all_of(lines.begin(), lines.end(), [](const std::string& line) {
    return line.starts_with("network.file_login ");
  }));
}

TEST_CASE("the stations of one login are told apart up to a limit") {
  Scene scene(find_detector("network"));
  const int count = static_cast<int>(network::kStationsPerLoginMax) * 2;
  connect(scene, count);
  for (int i = 0; i < count; ++i) log_in(scene, i, "logs");
  CHECK(field(scene.take("network.shared_login").back(), "stations") ==
        std::to_string(network::kStationsPerLoginMax));
}

TEST_CASE("the table of logins is bounded") {
  Scene scene(find_detector("network"));
  connect(scene, 1);
  for (std::size_t i = 0; i < network::kFileLoginsMax + 10; ++i) {
    log_in(scene, 0, fmt::format("user{}", i));
  }
  CHECK(scene.detector().dropped() == 10);
}

}  // namespace chargewarden::testing
