#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "analyzer/detectors/testing/scene.h"

namespace chargewarden::testing {

namespace {

std::string chunk(std::size_t length) {
  std::string out;
  std::uint64_t state = 88'172'645'463'325'252U;
  for (std::size_t i = 0; i < length; ++i) {
    state = state * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    out += "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[state >> 58U];
  }
  return out;
}

std::string transfer(std::size_t length) {
  return "{'vendorId':'com.example','messageId':'blob','data':'" + chunk(length) + "'}";
}

}  // namespace

TEST_CASE("a row of opaque messages is told in every version and direction") {
  for (const char* version : {"ocpp1.6", "ocpp2.0.1", "ocpp2.1"}) {
    Scene scene(find_detector("data_transfer"));
    Talk& station = scene.connect("CP1", {.subprotocol = version});
    for (int i = 0; i < 9; ++i) {
      if (i % 2 == 0) station.call("DataTransfer", transfer(2000), "{'status':'Accepted'}");
      if (i % 2 == 1) station.command("DataTransfer", transfer(2000));
    }
    const auto lines = scene.take();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0] ==
          "station.opaque_data CP1 vendor_id=com.example data_id=blob "
          "data_direction=station_to_csms opaque_messages=9 opaque_bytes=18000");
  }
}

TEST_CASE("opaque answers are told too") {
  Scene scene(find_detector("data_transfer"));
  Talk& station = scene.connect("CP1");
  for (int i = 0; i < 9; ++i) {
    station.call("DataTransfer", "{'vendorId':'com.example','messageId':'poll'}",
                 "{'status':'Accepted','data':'" + chunk(2000) + "'}");
  }
  const auto lines = scene.take();
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "data_direction") == "csms_to_station");
  CHECK(field(lines[0], "data_id") == "poll");
}

TEST_CASE("a few certificates, telemetry as JSON, and slow messages are nothing to tell") {
  Scene scene(find_detector("data_transfer"));
  Talk& station = scene.connect("CP1");
  for (int i = 0; i < 4; ++i) station.call("DataTransfer", transfer(6000));
  Talk& json = scene.connect("CP2");
  for (int i = 0; i < 500; ++i) {
    json.call("DataTransfer",
              "{'vendorId':'com.example','messageId':'telemetry','data':'{\\'t\\':31}'}");
  }
  Talk& slow = scene.connect("CP3");
  for (int i = 0; i < 20; ++i) {
    slow.call("DataTransfer", transfer(2000));
    scene.wait_s(400);
  }
  CHECK(scene.take().empty());
}

TEST_CASE("the table of vendors is bounded") {
  Scene scene(find_detector("data_transfer"));
  Talk& station = scene.connect("CP1");
  const std::string data = chunk(200);
  for (int i = 0; i <= 20'000; ++i) {
    CHECK(scene.detector().dropped() == 0);
    station.say(
        Side::kClient,
        fmt::format(R"([2,"{}","DataTransfer",{{"vendorId":"v{}","data":"{}"}}])", i, i, data));
    // All within the lifetime of the first.
    if (i % 10'000 == 9'999) CHECK(scene.detector().dropped() == 0);
  }
}

}  // namespace chargewarden::testing
