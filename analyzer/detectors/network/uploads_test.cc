#include "analyzer/detectors/network/uploads.h"

#include <catch2/catch.hpp>

#include "analyzer/detectors/testing/scene.h"

namespace chargewarden::testing {

namespace {

using Lines = std::vector<std::string>;

LinkSetup to_server(const std::string& server, std::uint16_t port = 80,
                    const std::string& station = "10.0.0.1") {
  return {.address = station, .csms = server, .host = "drop.example.net", .port = port};
}

}  // namespace

TEST_CASE("a file that a station sends without a command is told") {
  Scene scene(find_detector("network"));
  scene.connect("CP1");
  scene.wait_s(7'200);
  Talk& http = scene.open("", to_server("198.51.100.7"));
  http.request("PUT", "/x", {.request_bytes = 18'000});
  CHECK(scene.take() ==
        Lines{"network.upload CP1 method=PUT host=drop.example.net bytes=18000 watched_s=7200 "
              "peer_stations=1 station_is_public=false"});
  scene.open("", to_server("198.51.100.8", 21)).store("log.tgz");
  CHECK(scene.take() == Lines{"network.upload CP1 method=STOR host=198.51.100.8 watched_s=7200 "
                              "peer_stations=1 station_is_public=false"});
}

TEST_CASE("a command that names the place explains an upload") {
  struct Row {
    const char* action;
    const char* payload;
  };

  const auto rows = std::to_array<Row>({
      {"GetDiagnostics", "{'location':'http://drop.example.net/x'}"},
      {"GetDiagnostics", "{'location':'HTTP://user:pw@DROP.example.net:80/x'}"},
      {"GetDiagnostics", "{'location':'ftp://198.51.100.7/x'}"},
      {"GetLog",
       "{'logType':'DiagnosticsLog','requestId':1,"
       "'log':{'remoteLocation':'http://drop.example.net/x'}}"},
      {"UpdateFirmware", "{'location':'http://drop.example.net/x','retrieveDate':'@'}"},
      {"DataTransfer", "{'vendorId':'com.vendor','data':'send logs'}"},
  });
  for (const Row& row : rows) {
    CAPTURE(row.payload);
    Scene scene(find_detector("network"));
    Talk& station = scene.connect("CP1");
    scene.wait_s(7'200);
    station.command(row.action, row.payload);
    scene.wait_s(60);
    scene.open("", to_server("198.51.100.7")).request("PUT", "/x", {.request_bytes = 18'000});
    CHECK(scene.take().empty());
  }
}

TEST_CASE("a file server that is named cannot be told from one that is not") {
  Scene scene(find_detector("network"));
  Talk& station = scene.connect("CP1");
  station.command("GetDiagnostics", "{'location':'ftp://logs.example.com/up'}");
  scene.open("", to_server("198.51.100.8", 21)).store("log.tgz");
  CHECK(scene.take().empty());
}

TEST_CASE("commands for others, to other places, or of the station itself explain nothing") {
  Scene scene(find_detector("network"));
  Talk& station = scene.connect("CP1");
  Talk& other = scene.connect("CP2", {.address = "10.0.0.2"});
  other.command("GetDiagnostics", "{'location':'http://drop.example.net/x'}");
  station.command("GetDiagnostics", "{'location':'http://logs.example.com/x'}");
  station.call("DataTransfer", "{'vendorId':'com.vendor'}");
  scene.open("", to_server("198.51.100.7")).request("PUT", "/x", {.request_bytes = 18'000});
  CHECK(scene.take().size() == 1);
}

TEST_CASE("what is no file, or nobody else's, is no upload") {
  Scene scene(find_detector("network"));
  scene.connect("CP1");
  Talk& http = scene.open("", to_server("198.51.100.7"));
  http.request("POST", "/ocsp", {.request_bytes = 400});
  http.request("GET", "/x", {.request_bytes = 18'000});
  http.request("POST", "/CentralSystemService", {.request_bytes = 18'000, .is_soap = true});
  // The backend itself.
  scene.open("", to_server("10.9.0.1")).request("PUT", "/x", {.request_bytes = 18'000});
  // Refused.
  scene.open("", to_server("198.51.100.7", 21)).store("x", 550);
  // Somebody who is no station.
  scene.open("", to_server("198.51.100.7", 80, "10.5.5.5"))
      .request("PUT", "/x", {.request_bytes = 18'000});
  CHECK(scene.take().empty());
}

TEST_CASE("a station whose commands are not seen is not judged") {
  Scene scene(find_detector("network"));
  scene.connect("CP1").close();
  scene.wait_s(60);
  scene.open("", to_server("198.51.100.7")).request("PUT", "/x", {.request_bytes = 18'000});
  CHECK(scene.take().empty());
}

TEST_CASE("how long a station was watched is told, and that others may share its address") {
  Scene scene(find_detector("network"));
  scene.connect("CP1", {.address = "203.0.113.5"});
  scene.wait_s(100);
  scene.open("", to_server("198.51.100.7", 80, "203.0.113.5"))
      .request("PUT", "/x", {.request_bytes = 18'000});
  const Lines lines = scene.take();
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "watched_s") == "100");
  CHECK(field(lines[0], "station_is_public") == "true");
}

}  // namespace chargewarden::testing
