// SiteInventory files: what they say, and what is wrong with them.

#include "analyzer/site/inventory_reader.h"

#include <catch2/catch.hpp>

#include "analyzer/site/inventory_tree.h"
#include "tests/support/files.h"

using namespace chargewarden;
using harness::TemporaryFolder;

namespace {

SiteInventory parse(std::string_view text) {
  auto inventory = parse_inventory("i.yml", text);
  INFO((inventory ? "" : inventory.error().message));
  REQUIRE(inventory.has_value());
  return std::move(inventory).value();
}

std::string error_of(std::string_view text) {
  const auto inventory = parse_inventory("i.yml", text);
  if (inventory) return "";
  CHECK(inventory.error().code == ErrorCode::kUsage);
  CHECK(inventory.error().message.find('\n') == std::string::npos);
  return inventory.error().message;
}

constexpr std::string_view kYaml = R"(# Depot north.
stations:
  - id: CS-0001
    vendor: ExampleCorp
    model: AC22
    serial: "0042"
    firmware: [1.4.2, "1.4.3"]
    security_profile: 2
    ocpp: ["1.6"]
    site: north
    addresses: [10.1.0.0/16, "fd00::/8"]
    connectors:
      - {id: 1, max_power_w: 22000}
      - {id: 2, max_current_a: 16, phases: 3}
      - {id: 3, max_current_a: 500}
    settings: {HeartbeatInterval: 300, OCPPCommCtrlr.RetryBackOffRepeatTimes: "3", None: }
  - {id: CS-0002, vendor: null}
csms: [csms.example.com, "*.csms.example.net", 192.0.2.0/24]
advisories:
  - {id: A-1, vendor: ExampleCorp, model: "AC*", fixed_in: 1.4.3, title: Keys}
  - {id: A-2, vendor: ExampleCorp, model: AC22, versions: [1.0]}
end_of_support:
  - {vendor: OldCorp, model: "*", since: 2026-04-01}
)";

constexpr std::string_view kJson = R"({"stations": [
  {"id": "CS-0001", "vendor": "ExampleCorp", "model": "AC22", "serial": "0042",
   "firmware": ["1.4.2", "1.4.3"], "security_profile": 2, "ocpp": ["1.6"], "site": "north",
   "addresses": ["10.1.0.0\/16", "fd00::/8"],
   "connectors": [{"id": 1, "max_power_w": 22000}, {"id": 2, "max_current_a": 16, "phases": 3},
                  {"id": 3, "max_current_a": 500}],
   "settings": {"HeartbeatInterval": 300, "OCPPCommCtrlr.RetryBackOffRepeatTimes": "3",
                "None": null}},
  {"id": "CS-0002", "vendor": null}],
 "csms": ["csms.example.com", "*.csms.example.net", "192.0.2.0/24"],
 "advisories": [
  {"id": "A-1", "vendor": "ExampleCorp", "model": "AC*", "fixed_in": "1.4.3", "title": "Keys"},
  {"id": "A-2", "vendor": "ExampleCorp", "model": "AC22", "versions": [1.0]}],
 "end_of_support": [{"vendor": "OldCorp", "model": "*", "since": "2026-04-01"}]})";

}  // namespace

TEST_CASE("an inventory is read whole, as YAML and as JSON") {
  const auto text = GENERATE(kYaml, kJson);
  const SiteInventory inventory = parse(text);
  CHECK(inventory.station_count() == 2);
  const ListedStation* station = inventory.find("cs-0001");
  REQUIRE(station != nullptr);
  CHECK(station->id == "CS-0001");
  CHECK(station->vendor == "ExampleCorp");
  CHECK(station->serial == "0042");
  CHECK(station->site == "north");
  CHECK(station->security_profile == 2);
  REQUIRE(station->firmware != nullptr);
  CHECK(*station->firmware == std::vector<std::string>{"1.4.2", "1.4.3"});
  REQUIRE(station->addresses != nullptr);
  CHECK(station->addresses->contains("10.1.2.3"));
  CHECK(station->addresses->contains("fd12::1"));
  CHECK_FALSE(station->addresses->contains("10.2.0.1"));
  CHECK(station->private_addresses);
  REQUIRE(station->connector(2) != nullptr);
  CHECK(station->connector(1)->power_w() == 22'000);
  CHECK(station->connector(2)->power_w() == 16 * 230 * 3);
  CHECK_FALSE(station->connector(3)->power_w().has_value());  // Direct current of any voltage.
  CHECK(station->connector(4) == nullptr);
  REQUIRE(station->settings != nullptr);
  REQUIRE(station->settings->size() == 3);
  CHECK(station->settings->at(0) == ListedSetting{"heartbeatinterval", "300", "HeartbeatInterval"});
  CHECK(station->settings->at(1) == ListedSetting{"none", "", "None"});
  const ListedStation* bare = inventory.find("CS-0002");
  REQUIRE(bare != nullptr);
  CHECK(bare->vendor.empty());
  CHECK(bare->firmware == nullptr);
  CHECK(bare->addresses == nullptr);
  CHECK(inventory.find("CS-0003") == nullptr);
  CHECK(inventory.backends().contains("CSMS.example.com"));
  CHECK(inventory.backends().contains("eu.csms.example.net"));
  CHECK(inventory.backends().contains("192.0.2.9"));
  CHECK_FALSE(inventory.backends().contains("csms.example.com.evil.test"));
  REQUIRE(inventory.advisories().size() == 2);
  CHECK(inventory.advisories()[0].product.is("EXAMPLECORP ", "ac11"));
  CHECK_FALSE(inventory.advisories()[1].product.is("ExampleCorp", "ac11"));
  REQUIRE(inventory.end_of_support().size() == 1);
  CHECK(inventory.end_of_support()[0].since_ns == 1'775'001'600'000'000'000);
}

TEST_CASE("an empty inventory knows nothing") {
  for (const char* text :
       {"", "# nothing\n", "{}", "stations: []\n", "stations:\ncsms:\n", "null"}) {
    CAPTURE(text);
    CHECK(parse(text).empty());
  }
}

TEST_CASE("what stations have in common is kept once, and survives a move") {
  SiteInventory first = parse(
      "stations:\n"
      "  - {id: a, firmware: ['1'], settings: {X: 1}, addresses: [10.0.0.1]}\n"
      "  - {id: b, firmware: ['1'], settings: {X: 1}, addresses: [10.0.0.1]}\n");
  const SiteInventory inventory = std::move(first);
  CHECK(inventory.find("a")->firmware == inventory.find("b")->firmware);
  CHECK(inventory.find("a")->settings == inventory.find("b")->settings);
  CHECK(inventory.find("a")->addresses == inventory.find("b")->addresses);
  CHECK(inventory.find("b")->firmware->at(0) == "1");
}

TEST_CASE("what is wrong with an inventory is said with its line") {
  struct Row {
    const char* text;
    const char* message;
  };

  const Row rows[] = {
      {"stations:\n - {id: a, vender: x}\n", "i.yml:2: unknown key \"vender\" in stations; known"},
      {"station: []\n", "i.yml:1: unknown key \"station\"; known are stations"},
      {"- a\n", "i.yml:1: the file must be a map"},
      {"a\n", "i.yml:1: the file must be a map"},
      {"stations: {a: b}\n", "i.yml:1: \"stations\" must be a list"},
      {"stations: a\n", "\"stations\" must be a list"},
      {"stations: [a]\n", "each of stations must be a map"},
      {"stations:\n - {vendor: x}\n", "i.yml:2: an entry of stations has no \"id\""},
      {"stations:\n - {id: a}\n - {id: A}\n", "i.yml:3: the station \"A\" stands twice"},
      {"stations:\n - {id: a, id: b}\n", "i.yml:2: the key \"id\" stands twice"},
      {"stations: []\nstations: []\n", "i.yml:2: the key \"stations\" stands twice"},
      {"stations: [{id: a, security_profile: 4}]\n", "must be a number from 0 to 3"},
      {"stations: [{id: a, security_profile: 1.5}]\n", "must be a whole number"},
      {"stations: [{id: a, security_profile: nan}]\n", "must be a number from 0 to 3"},
      {"stations: [{id: a, latitude: 91, longitude: 1}]\n", "must be a number from -90 to 90"},
      {"stations: [{id: a, latitude: 1, longitude: 181}]\n", "must be a number from -180 to 180"},
      {"stations: [{id: a, latitude: 52.5}]\n", "belong together; add the other one"},
      {"stations: [{id: a, longitude: 13.4}]\n", "belong together; add the other one"},
      {"stations: [{id: a, firmware: 1.0}]\n", "\"firmware\" must be a list"},
      {"stations: [{id: a, firmware: [[1]]}]\n", "\"firmware\" must be a text"},
      {"stations: [{id: a, vendor: [x]}]\n", "\"vendor\" must be a text"},
      {"stations: [{id: a, ocpp: [ocpp1.6]}]\n", "\"ocpp1.6\" is no version of OCPP"},
      {"stations: [{id: a, addresses: [10.0.0.1/8]}]\n", "\"10.0.0.1/8\" is neither an address"},
      {"stations: [{id: a, connectors: [{id: 1, max_power_w: -1}]}]\n", "\"max_power_w\" must be"},
      {"stations: [{id: a, connectors: [{max_power_w: 1}]}]\n", "connectors has no \"id\""},
      {"stations: [{id: a, connectors: [{id: 1}, {id: 1}]}]\n",
       "connector 1 of station \"a\" stands"},
      {"stations: [{id: a, connectors: {id: 1}}]\n", "\"connectors\" must be a list"},
      {"stations: [{id: a, settings: [x]}]\n", "\"settings\" must be a map"},
      {"stations: [{id: a, settings: {x: [1]}}]\n", "the setting \"x\" must have"},
      {"stations: [{id: a, settings: {x: 1, X: 2}}]\n", "the setting \"x\" stands twice"},
      {"csms: ['wss://csms.example.com']\n", "is no address; write a host name"},
      {"csms: [csms.example.com/ocpp]\n", "is no host; write a host name"},
      {"csms: [10.0.0.0/33]\n", "is no address; write a host name"},
      {"csms: [{host: a}]\n", "a csms must be a text"},
      {"csms: [a, A]\n", "the csms \"a\" stands twice"},
      {"advisories: [{id: a, vendor: x, model: y}]\n", "either \"fixed_in\" or \"versions\""},
      {"advisories: [{id: a, vendor: x, model: y, fixed_in: 1, versions: [1]}]\n", "either"},
      {"advisories: [{id: a, vendor: x, fixed_in: 1}]\n", "advisories has no \"model\""},
      {"end_of_support: [{vendor: x, model: y, since: soon}]\n", "\"soon\" is no date"},
      {"stations: [{id: *a}]\n", "i.yml:1:"},
      {"stations: [&a {id: x}, *a]\n", "aliases are not accepted"},
      {"stations: [{id: !!int 5}]\n", "tags are not accepted"},
      {"? [a]\n: b\n", "a key must be plain text"},
      {"stations: []\n---\nstations: []\n", "one document"},
      {"stations: [\n", "not YAML"},
      {"{\"stations\": [{\"id\": \"a\"}}\n", "not YAML"},
      {"{\"stations\": [\n{\"id\": \"a\"},\n{\"id\": \"a\"}]}",
       "i.yml:3: the station \"a\" stands"},
      {"{\"stations\": {\"id\": \"a\"}}", "\"stations\" must be a list"},
      {"stations: [{id: a, settings: {x: {x: {x: {x: {x: {x: 1}}}}}}}]\n", "nested deeper than 8"},
      {"{\"stations\":[{\"x\":[[[[[[1]]]]]]}]}", "nested deeper than 8"},
      {"\xff\xfe", "not UTF-8"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK_THAT(error_of(row.text), Catch::Contains(row.message));
  }
  CHECK_THAT(read_inventory("/no/such/file.yml").error().message,
             Catch::Contains("cannot open inventory \"/no/such/file.yml\""));
}

TEST_CASE("values of settings stand in no message") {
  const std::string secret = "SeCrEt";
  for (const std::string& text :
       {"stations: [{id: a, settings: {AuthorizationKey: [" + secret + "]}}]",
        "stations: [{id: a, settings: {AuthorizationKey: " + secret + ", authorizationkey: x}}]",
        "stations: [{id: a, settings: {AuthorizationKey: {" + secret + ": x}}}]"}) {
    CHECK_FALSE(error_of(text).empty());
    CHECK(error_of(text).find(secret) == std::string::npos);
  }
}

TEST_CASE("more entries than the limits are refused") {
  const auto list = [](std::string_view begin, std::string_view entry, std::size_t count,
                       std::string_view end) {
    std::string out(begin);
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) out += ',';
      for (const char c : entry) out += c == '#' ? std::to_string(i) : std::string(1, c);
    }
    return out += end;
  };
  const auto stations = [&](std::size_t count) {
    return list(R"({"stations":[)", R"({"id":"#"})", count, "]}");
  };
  CHECK(error_of(stations(kInventoryStationsMax)).empty());
  CHECK_THAT(error_of(stations(kInventoryStationsMax + 1)),
             Catch::Contains("more than 200000 stations"));
  const auto backends = [&](std::size_t count) {
    return list(R"({"csms":[)", R"("h#")", count, "]}");
  };
  CHECK(error_of(backends(kInventoryEntriesMax)).empty());
  CHECK_THAT(error_of(backends(kInventoryEntriesMax + 1)), Catch::Contains("more than 1000 csms"));
  CHECK_THAT(
      error_of(list(R"({"advisories":[)", R"({"id":"#","vendor":"v","model":"m","fixed_in":"1"})",
                    kInventoryEntriesMax + 1, "]}")),
      Catch::Contains("more than 1000 advisories"));
  CHECK_THAT(
      error_of(list(R"({"end_of_support":[)", R"({"vendor":"#","model":"m","since":"2026-01-01"})",
                    kInventoryEntriesMax + 1, "]}")),
      Catch::Contains("more than 1000 end_of_support"));
  const auto settings = [&](std::size_t count) {
    return list(R"({"stations":[{"id":"a","settings":{)", R"("k#":"v")", count, "}}]}");
  };
  CHECK(error_of(settings(kInventoryListMax)).empty());
  CHECK_THAT(error_of(settings(kInventoryListMax + 1)), Catch::Contains("more than 1000 values"));
  CHECK_THAT(error_of(list(R"({"stations":[{"id":"a","firmware":[)", R"("#")",
                           kInventoryListMax + 1, "]}]}")),
             Catch::Contains("more than 1000 values"));
  CHECK_THAT(
      error_of(R"({"stations":[{"id":")" + std::string(kInventoryTextMax + 1, 'x') + "\"}]}"),
      Catch::Contains("longer than 2500 bytes"));
}

TEST_CASE("a station is found by an address that it has for itself") {
  const auto read = parse_inventory("i.yml",
                                    "stations:\n"
                                    "  - {id: A, addresses: [10.0.0.1, 10.0.1.0/24, 'fd00::1']}\n"
                                    "  - {id: B, addresses: [10.0.0.2, 10.0.0.9]}\n"
                                    "  - {id: C, addresses: [10.0.0.3/32, 10.0.0.9]}\n"
                                    "  - {id: D}\n");
  REQUIRE(read.has_value());
  const SiteInventory& inventory = read.value();
  const auto at = [&](std::string_view address) {
    const ListedStation* station = inventory.find_at(address);
    return station != nullptr ? station->id : std::string("-");
  };
  CHECK(at("10.0.0.1") == "A");
  CHECK(at("fd00:0::1") == "A");
  CHECK(at("10.0.0.2") == "B");
  CHECK(at("10.0.0.3") == "C");
  CHECK(at("10.0.0.9") == "-");
  CHECK(at("10.0.1.7") == "-");
  CHECK(at("nowhere") == "-");
}

TEST_CASE("an inventory that is too large is refused") {
  CHECK_THAT(error_of(std::string(kInventoryMaxBytes + 1, ' ')), Catch::Contains("is larger than"));
  CHECK_THAT(error_of(std::string(kInventoryYamlMaxBytes + 1, '#')),
             Catch::Contains("write it as JSON"));
  const TemporaryFolder folder;
  const std::string path = folder.write("big.json", std::string(kInventoryMaxBytes + 1, ' '));
  CHECK_THAT(read_inventory(path).error().message, Catch::Contains("big.json: the file is larger"));
  CHECK(read_inventory(folder.write("small.json", R"({"stations":[{"id":"a"}]})")).has_value());
}
