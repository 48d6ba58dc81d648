// Stations against the inventory: what differs is told, what looks alike and is harmless is not.

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "analyzer/detectors/testing/charger.h"
#include "analyzer/detectors/testing/scene.h"
#include "analyzer/site/inventory_reader.h"

namespace chargewarden::testing {

namespace {

SiteKnowledge know(std::string_view text) {
  auto inventory = parse_inventory("i.yml", text);
  INFO((inventory ? "" : inventory.error().message));
  REQUIRE(inventory.has_value());
  SiteKnowledge out;
  out.inventory = std::move(inventory).value();
  return out;
}

constexpr std::string_view kBootAccepted = "{'status':'Accepted','interval':300,'currentTime':'@'}";

struct Boot {
  std::string vendor = "ExampleCorp";
  std::string model = "AC22";
  std::string serial = {};
  std::string box_serial = {};
  std::string firmware = {};
};

void boot(Talk& talk, const Boot& told = {}, std::string_view answer = kBootAccepted) {
  std::string payload =
      fmt::format("{{'chargePointVendor':'{}','chargePointModel':'{}'", told.vendor, told.model);
  if (!told.serial.empty()) payload += fmt::format(",'chargePointSerialNumber':'{}'", told.serial);
  if (!told.box_serial.empty())
    payload += fmt::format(",'chargeBoxSerialNumber':'{}'", told.box_serial);
  if (!told.firmware.empty()) payload += fmt::format(",'firmwareVersion':'{}'", told.firmware);
  talk.call("BootNotification", payload + "}", answer);
}

struct Site {
  explicit Site(std::string_view text)
      : site(know(text)), scene(find_detector("inventory"), site) {}

  SiteKnowledge site;
  Scene scene;
};

// A week, in seconds: ticks are of no use here, so time jumps by messages only.
constexpr std::int64_t kDayS = 86'400;

}  // namespace

TEST_CASE("a station that is not listed is told when it is let in") {
  Site site("stations: [{id: CP1}, {id: CP2}]");
  Talk& listed = site.scene.connect("cp1");
  boot(listed);
  CHECK(site.scene.take().empty());
  Talk& other = site.scene.connect("CP9");
  CHECK(site.scene.take().empty());  // Connected is not let in yet.
  boot(other, {}, "{'status':'Pending','interval':300,'currentTime':'@'}");
  boot(other, {}, "{'status':'Rejected','interval':300,'currentTime':'@'}");
  other.call("Heartbeat", "{}", "{'currentTime':'@'}");
  CHECK(site.scene.take().empty());
  boot(other);
  CHECK(site.scene.take() ==
        std::vector<std::string>{"identity.unlisted CP9 let_in_by=boot listed_stations=2"});
  boot(other);
  boot(site.scene.connect("CP9"));
  CHECK(site.scene.take().empty());
  site.scene.wait_s(kDayS);
  boot(other);
  CHECK(site.scene.take("identity.unlisted").size() == 1);
}

TEST_CASE("a session of a station that is not listed is told in all versions") {
  const std::string version = GENERATE(from_range(all_versions()));
  Site site("stations: [{id: CP1}]");
  Charger charger(site.scene, "CP9", version);
  charger.start(1, "A", 100, "Blocked");
  CHECK(site.scene.take().empty());
  charger.stop(100);
  charger.start(1, "B", 100);
  const auto lines = site.scene.take();
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "let_in_by") == "session");
}

TEST_CASE("without a list of stations none is unlisted") {
  const char* text = GENERATE("csms: [csms.example.com]", "", "end_of_support: []");
  Site site(text);
  boot(site.scene.connect("CP9"));
  CHECK(site.scene.take().empty());
}

TEST_CASE("a station of which only the address is known is not judged") {
  Site site("stations: [{id: CP1}]\ncsms: [other.example.com]");
  LinkSetup setup;
  setup.midstream = true;
  boot(site.scene.connect("CP9", setup));
  CHECK(site.scene.take().empty());
}

TEST_CASE("logs tell as much, and once when the wire shows it too") {
  Site site("stations: [{id: CP1, vendor: Other, addresses: [10.0.0.9]}]\ncsms: [x.example.com]");
  LinkSetup log;
  log.from_log = true;
  boot(site.scene.connect("CP9", log));
  boot(site.scene.connect("CP1", log));
  const auto lines = site.scene.take();
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].starts_with("identity.unlisted CP9"));
  CHECK(lines[1].starts_with("identity.address_unlisted CP1"));
  CHECK(lines[2].starts_with("station.not_as_listed CP1 differs=[vendor]"));
  Site both("stations: [{id: CP1}]");
  Talk& wire = both.scene.connect("CP9");
  Talk& echo = both.scene.connect("CP9", log);
  boot(echo);
  CHECK(both.scene.take().empty());
  boot(wire);
  CHECK(both.scene.take().size() == 1);
}

TEST_CASE("a backend is listed by its name or by its address") {
  const char* text =
      GENERATE("csms: [csms.example.com]", "csms: ['*.example.com']", "csms: [10.9.0.1]",
               "csms: [10.9.0.0/24]", "csms: [x.example.net, CSMS.Example.com]");
  Site site(text);
  LinkSetup setup;
  setup.host = "CSMS.example.com:9000";
  site.scene.connect("CP1", setup);
  CHECK(site.scene.take().empty());
}

TEST_CASE("a backend that is not listed is told once") {
  Site site("csms: [csms.example.com, 10.9.0.0/24]");
  LinkSetup setup;
  setup.host = "csms.example.com.evil.test:8080";
  setup.csms = "203.0.113.9";
  site.scene.connect("CP1", setup);
  CHECK(
      site.scene.take() ==
      std::vector<std::string>{"identity.backend_unlisted CP1 backend=csms.example.com.evil.test"});
  site.scene.connect("CP1", setup);
  CHECK(site.scene.take().empty());
  setup.host = "[2001:db8::9]:8080";
  site.scene.connect("CP1", setup);
  setup.host = "";
  site.scene.connect("CP1", setup);
  const auto lines = site.scene.take();
  REQUIRE(lines.size() == 2);
  CHECK(field(lines[0], "backend") == "2001:db8::9");
  CHECK(field(lines[1], "backend") == "203.0.113.9");
  setup.host = "csms.example.com";  // Moved to another address.
  site.scene.connect("CP1", setup);
  CHECK(site.scene.take().empty());
}

TEST_CASE("a handshake without a host is not held against names") {
  Site site("csms: [csms.example.com]");
  LinkSetup setup;
  setup.host = "";
  site.scene.connect("CP1", setup);
  site.scene.refuse("CP1", 404, setup);
  CHECK(site.scene.take().empty());
}

TEST_CASE("hardware that is not as listed is told, and what is left out is not compared") {
  Site site("stations: [{id: CP1, vendor: ExampleCorp, model: AC22, serial: S-1}, {id: CP2}]");
  Talk& talk = site.scene.connect("CP1");
  boot(talk);
  boot(talk, {"examplecorp ", "ac22", "s-1"});
  boot(talk, {"ExampleCorp", "AC22", "other", "S-1"});  // The serial number of the box is listed.
  boot(talk, {"ExampleCorp", "AC22", "S-1", "other"});
  boot(site.scene.connect("CP2"), {"Unknown", "X", "Y"});
  CHECK(site.scene.take().empty());
  boot(talk, {"Unknown", "AC22", "S-2"});
  CHECK(site.scene.take() ==
        std::vector<std::string>{"station.not_as_listed CP1 differs=[vendor,serial] vendor=Unknown "
                                 "vendor_listed=ExampleCorp serial=S-2 serial_listed=S-1"});
  boot(talk, {"Unknown", "AC22", "S-2"});
  CHECK(site.scene.take().empty());
  boot(talk, {"Unknown", "AC22", "S-3"});
  CHECK(site.scene.take().size() == 1);
}

TEST_CASE("hardware of 2.x is compared too") {
  Site site("stations: [{id: CP1, model: AC22}]");
  LinkSetup setup;
  setup.subprotocol = "ocpp2.0.1";
  Talk& talk = site.scene.connect("CP1", setup);
  talk.call("BootNotification",
            "{'reason':'PowerUp','chargingStation':{'model':'DC50','vendorName':'V'}}",
            kBootAccepted);
  const auto lines = site.scene.take();
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "differs") == "[model]");
}

TEST_CASE("an OCPP version that is not listed is told") {
  Site site("stations: [{id: CP1, ocpp: ['2.0.1', '2.1']}]");
  LinkSetup setup;
  setup.subprotocol = "ocpp2.1";
  site.scene.connect("CP1", setup);
  CHECK(site.scene.take().empty());
  setup.subprotocol = "ocpp1.6";
  site.scene.connect("CP1", setup);
  CHECK(site.scene.take() ==
        std::vector<std::string>{"station.not_as_listed CP1 differs=[ocpp] ocpp_version=1.6"});
}

TEST_CASE("firmware is approved, whatever the spelling of its version") {
  Site site("stations: [{id: CP1, firmware: [1.4.2, '2.0']}, {id: CP2}]");
  Talk& talk = site.scene.connect("CP1");
  for (const char* version : {"1.4.2", "v1.4.2", "V2.0", "2.0.0", " 1.4.2"}) {
    Boot told;
    told.firmware = version;
    boot(talk, told);
  }
  boot(talk);  // Not told.
  Boot other;
  other.firmware = "9.9";
  boot(site.scene.connect("CP2"), other);
  CHECK(site.scene.take().empty());
  boot(talk, other);
  CHECK(site.scene.take() ==
        std::vector<std::string>{"firmware.unapproved CP1 version=9.9 approved=[1.4.2,2.0]"});
  boot(talk, other);
  CHECK(site.scene.take().empty());
}

TEST_CASE("versions that an advisory names are told, and those that cannot be compared are not") {
  Site site(
      "advisories:\n"
      "  - {id: A-1, vendor: ExampleCorp, model: 'AC*', fixed_in: 1.4.3, title: Keys}\n"
      "  - {id: A-2, vendor: ExampleCorp, model: AC22, versions: ['1.0']}\n");
  Talk& talk = site.scene.connect("CP1");
  const auto told = [&](const Boot& product) {
    boot(talk, product);
    return site.scene.take();
  };
  for (const char* version :
       {"1.4.3", "1.10", "2", "1.4.3-fix1", "custom", "20260131", "", "g1a2b3c4"}) {
    CAPTURE(version);
    CHECK(told({"ExampleCorp", "AC22", "", "", version}).empty());
  }
  CHECK(told({"ExampleCorp", "DC50", "", "", "1.0"}).empty());
  CHECK(told({"Example", "AC22", "", "", "1.0"}).empty());
  CHECK(told({"examplecorp", "AC11", "", "", "1.4.2"}) ==
        std::vector<std::string>{
            "firmware.vulnerable CP1 vendor=examplecorp model=AC11 "
            "version=1.4.2 advisories=[A-1] advisory_title=Keys fixed_in=1.4.3"});
  const auto both = told({"ExampleCorp", "AC22", "", "", "v1.0"});
  REQUIRE(both.size() == 1);
  CHECK(field(both[0], "advisories") == "[A-1,A-2]");
}

TEST_CASE("a product is without support from its day on") {
  // The scene begins on 2026-01-01.
  Site site(
      "end_of_support:\n"
      "  - {vendor: OldCorp, model: '*', since: 2025-12-31}\n"
      "  - {vendor: ExampleCorp, model: AC22, since: 2026-01-01T12:00:00Z}\n");
  Talk& talk = site.scene.connect("CP1");
  boot(talk);
  CHECK(site.scene.take().empty());
  boot(site.scene.connect("CP2"), {"OldCorp", "X"});
  CHECK(site.scene.take() ==
        std::vector<std::string>{"station.out_of_support CP2 vendor=OldCorp model=X "
                                 "unsupported_since=2025-12-31T00:00:00.000000000Z"});
  site.scene.wait_s(kDayS);
  boot(talk);
  CHECK(site.scene.take("station.out_of_support").size() == 1);
}

TEST_CASE("less protection than listed is told, behind proxies it cannot be") {
  Site site(
      "stations: [{id: CP1, security_profile: 2}, {id: CP2, security_profile: 1}, {id: CP3}]");
  LinkSetup setup;
  setup.encrypted = true;
  setup.credential = "abc";
  site.scene.connect("CP1", setup);
  setup.encrypted = false;
  site.scene.connect("CP2", setup);
  site.scene.connect("CP3", {});
  setup.address = "127.0.0.1";
  site.scene.connect("CP1", setup);
  LinkSetup midstream;
  midstream.midstream = true;
  site.scene.connect("CP1", midstream);
  CHECK(site.scene.take().empty());
  setup.address = "10.0.0.1";
  site.scene.connect("CP1", setup);
  site.scene.connect("CP2");
  CHECK(site.scene.take() ==
        std::vector<std::string>{
            "identity.protection_below_listed CP1 security_profile=1 security_profile_listed=2",
            "identity.protection_below_listed CP2 security_profile=0 security_profile_listed=1"});
}

TEST_CASE("an address outside the listed ones is told") {
  Site site("stations: [{id: CP1, addresses: [10.0.0.0/24]}, {id: CP2, addresses: [192.0.2.7]}]");
  LinkSetup setup;
  site.scene.connect("CP1", setup);
  setup.address = "192.0.2.7";
  site.scene.connect("CP2", setup);
  CHECK(site.scene.take().empty());
  setup.address = "198.51.100.1";
  site.scene.connect("CP1", setup);
  site.scene.connect("CP2", setup);
  site.scene.connect("CP1", setup);
  CHECK(site.scene.take() ==
        std::vector<std::string>{"identity.address_unlisted CP1 address=198.51.100.1 "
                                 "address_public=true listed_private=true",
                                 "identity.address_unlisted CP2 address=198.51.100.1 "
                                 "address_public=true listed_private=false"});
}

TEST_CASE("what a proxy says of the client counts, what the client says itself does not") {
  const auto connect = [](std::string_view address, std::string_view forwarded) {
    Site site("stations: [{id: CP1, addresses: [10.0.0.0/24, 'fd00::/8'], security_profile: 1}]");
    LinkSetup setup;
    setup.address = address;
    setup.forwarded_for = forwarded;
    site.scene.connect("CP1", setup);
    std::string out;
    for (const std::string& line : site.scene.take()) {
      out += line.substr(0, line.find(' ')) + ' ' + field(line, "address") + ';';
    }
    return out;
  };
  const std::string unprotected = "identity.protection_below_listed ;";
  CHECK(connect("10.0.0.7", "") == unprotected);
  CHECK(connect("172.16.0.1", "10.0.0.7").empty());
  CHECK(connect("172.16.0.1", "192.0.2.1, 10.0.0.7").empty());
  CHECK(connect("172.16.0.1", "10.0.0.7:4711").empty());
  CHECK(connect("172.16.0.1", "for=192.0.2.1, for=\"[fd00::1]:4711\";proto=wss").empty());
  CHECK(connect("172.16.0.1", "10.0.0.7, 192.0.2.1") == "identity.address_unlisted 192.0.2.1;");
  CHECK(connect("172.16.0.1", "unknown") == "identity.address_unlisted 172.16.0.1;");
  CHECK(connect("198.51.100.1", "10.0.0.7") ==
        unprotected + "identity.address_unlisted 198.51.100.1;");
}

TEST_CASE("a session while the station is closed is told, by its own clock when it was offline") {
  // The scene begins on a Thursday, 00:00 in UTC.
  const std::string version = GENERATE(from_range(all_versions()));
  SiteKnowledge site;
  REQUIRE(site.closed.add_weekly({{"thu"}, "00:00", "01:00"}, {"CP*"}).has_value());
  Scene scene(find_detector("inventory"), site);
  Charger charger(scene, "CP1", version);
  Charger other(scene, "X1", version);
  other.start(1, "A", 100);
  CHECK(scene.take().empty());
  charger.start(2, "A", 100);
  CHECK(scene.take() ==
        std::vector<std::string>{"session.while_closed CP1 connector=2 offline=false"});
  charger.read({200, 1'000, {}});
  charger.stop(300);
  CHECK(scene.take().empty());
  scene.wait_s(3'600);
  charger.start(2, "A", 300);
  CHECK(scene.take().empty());
}

TEST_CASE("nothing is asked for where nothing is known") {
  const SiteKnowledge site;
  const Scene scene(find_detector("inventory"), site);
  const FactInterest interest = scene.detector().interest();
  CHECK(interest.actions.empty());
  CHECK_FALSE(interest.all_messages);
  CHECK(std::none_of(interest.kinds.begin(), interest.kinds.end(), [](bool each) { return each; }));
}

}  // namespace chargewarden::testing
