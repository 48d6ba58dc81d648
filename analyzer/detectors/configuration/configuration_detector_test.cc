// Settings, endpoints and lists that are changed over OCPP 1.6 and 2.x.

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analyzer/detectors/testing/scene.h"

using namespace chargewarden;
using namespace chargewarden::testing;

namespace {

using Lines = std::vector<std::string>;

Lines names(const Lines& lines) {
  Lines out;
  for (const std::string& line : lines) out.push_back(line.substr(0, line.find(' ')));
  return out;
}

// One station whose settings are written, in both generations with the same words.
class Configured {
 public:
  explicit Configured(const LinkSetup& setup)
      : is_16_(setup.subprotocol == "ocpp1.6"), talk_(&scene_.connect("CP1", setup)) {}

  explicit Configured(const char* subprotocol)
      : Configured(LinkSetup{.subprotocol = subprotocol}) {}

  Scene& scene() { return scene_; }

  Talk& talk() { return *talk_; }

  void write(std::string_view name, std::string_view value, std::string_view status = "Accepted") {
    write_on(*talk_, name, value, status);
  }

  void write_on(Talk& talk, std::string_view name, std::string_view value,
                std::string_view status = "Accepted") const {
    if (is_16_) {
      talk.command("ChangeConfiguration", nlohmann::json{{"key", name}, {"value", value}}.dump(),
                   nlohmann::json{{"status", status}}.dump());
      return;
    }
    nlohmann::json item = {{"component", {{"name", "SecurityCtrlr"}}},
                           {"variable", {{"name", name}}}};
    nlohmann::json answer = item;
    item["attributeValue"] = value;
    answer["attributeStatus"] = status;
    talk.command("SetVariables", nlohmann::json{{"setVariableData", {item}}}.dump(),
                 nlohmann::json{{"setVariableResult", {answer}}}.dump());
  }

  void profile_slot(int slot, std::string_view url, int profile,
                    std::string_view status = "Accepted") {
    const nlohmann::json payload = {{"configurationSlot", slot},
                                    {"connectionData",
                                     {{"ocppCsmsUrl", url},
                                      {"securityProfile", profile},
                                      {"messageTimeout", 30},
                                      {"ocppInterface", "Wireless0"},
                                      {"ocppTransport", "JSON"},
                                      {"ocppVersion", "OCPP20"}}}};
    talk_->command("SetNetworkProfile", payload.dump(), nlohmann::json{{"status", status}}.dump());
  }

  void priority(std::string_view value, std::string_view status = "Accepted") {
    const nlohmann::json name = {{"component", {{"name", "OCPPCommCtrlr"}}},
                                 {"variable", {{"name", "NetworkConfigurationPriority"}}}};
    nlohmann::json item = name;
    nlohmann::json answer = name;
    item["attributeValue"] = value;
    answer["attributeStatus"] = status;
    talk_->command("SetVariables", nlohmann::json{{"setVariableData", {item}}}.dump(),
                   nlohmann::json{{"setVariableResult", {answer}}}.dump());
  }

  void list(int version, std::size_t entries, std::string_view type = "Full",
            std::string_view status = "Accepted") {
    nlohmann::json payload = {{is_16_ ? "listVersion" : "versionNumber", version},
                              {"updateType", type}};
    for (std::size_t i = 0; i < entries; ++i) {
      const std::string token = fmt::format("T{}", i);
      payload["localAuthorizationList"].push_back(
          is_16_ ? nlohmann::json{{"idTag", token}, {"idTagInfo", {{"status", "Accepted"}}}}
                 : nlohmann::json{{"idToken", {{"idToken", token}, {"type", "ISO14443"}}},
                                  {"idTokenInfo", {{"status", "Accepted"}}}});
    }
    talk_->command("SendLocalList", payload.dump(), nlohmann::json{{"status", status}}.dump());
  }

  // list_change of what was told, "" when nothing was.
  std::string list_change() {
    const Lines lines = scene_.take("configuration.local_list");
    if (lines.empty()) return {};
    REQUIRE(lines.size() == 1);
    return field(lines[0], "list_change");
  }

 private:
  Scene scene_{find_detector("configuration")};
  bool is_16_;
  Talk* talk_;
};

constexpr const char* kVersions[] = {"ocpp1.6", "ocpp2.0.1", "ocpp2.1"};

}  // namespace

TEST_CASE("a security profile below the one in use is told, with the answer") {
  struct Row {
    bool encrypted;
    const char* credential;
    const char* profile;
    const char* before;  // Empty: nothing is told.
  };

  constexpr Row kRows[] = {{true, "", "1", "2"},    {true, "fp", "0", "2"}, {false, "fp", "0", "1"},
                           {false, "", "0", ""},    {false, "fp", "1", ""}, {true, "fp", "2", ""},
                           {true, "fp", "3", ""},   {true, "fp", "x", ""},  {true, "fp", "", ""},
                           {true, "fp", "1000", ""}};
  for (const char* version : kVersions) {
    for (const Row& row : kRows) {
      for (const char* status : {"Accepted", "RebootRequired", "Rejected"}) {
        INFO(version << ' ' << row.encrypted << row.credential << row.profile << status);
        Configured each(
            {.subprotocol = version, .credential = row.credential, .encrypted = row.encrypted});
        each.write("SecurityProfile", row.profile, status);
        const Lines lines = each.scene().take("configuration.security_profile_lowered");
        REQUIRE(lines.size() == (*row.before == '\0' ? 0U : 1U));
        if (lines.empty()) continue;
        CHECK(field(lines[0], "security_profile") == row.profile);
        CHECK(field(lines[0], "security_profile_before") == row.before);
        CHECK(field(lines[0], "accepted") ==
              (std::string_view(status) == "Rejected" ? "false" : "true"));
      }
    }
  }
}

TEST_CASE("a profile that a station accepted before counts, one that it refused does not") {
  Configured each("ocpp1.6");
  each.write("SecurityProfile", "3", "Rejected");
  each.write("SecurityProfile", "1", "RebootRequired");
  CHECK(each.scene().take().empty());
  each.write("securityprofile", "3");
  each.write("SecurityProfile", "2", "Rejected");
  each.write("SecurityProfile", "2", "Rejected");
  CHECK(each.scene().take("configuration.security_profile_lowered").size() == 2);
  each.write("SecurityProfile", "2");
  CHECK(each.scene().take("configuration.security_profile_lowered").size() == 1);
  each.write("SecurityProfile", "2");
  CHECK(each.scene().take().empty());
}

TEST_CASE("of a connection that was met in the middle no profile is known") {
  Configured each({.encrypted = true, .midstream = true});
  each.write("SecurityProfile", "0");
  CHECK(each.scene().take().empty());
}

TEST_CASE("a network profile is told when it becomes the first choice") {
  for (const char* version : {"ocpp2.0.1", "ocpp2.1"}) {
    INFO(version);
    Configured each({.subprotocol = version, .encrypted = true});
    each.profile_slot(1, "wss://csms.example.com/ocpp", 2);
    each.profile_slot(2, "ws://Other.Example.net:8080/ocpp", 1);
    each.priority("1,2");
    Lines lines = each.scene().take();
    REQUIRE(names(lines) == Lines{"configuration.endpoint_activated"});
    CHECK(field(lines[0], "host") == "csms.example.com");
    CHECK(field(lines[0], "same_host") == "true");
    each.priority("2,1");
    lines = each.scene().take();
    REQUIRE(names(lines) ==
            Lines{"configuration.endpoint_activated", "configuration.security_profile_lowered"});
    CHECK(field(lines[0], "host") == "other.example.net");
    CHECK(field(lines[0], "slot") == "2");
    CHECK(field(lines[0], "security_profile") == "1");
    CHECK(field(lines[0], "same_host") == "false");
    each.priority("3");
    CHECK(each.scene().take().empty());
  }
}

TEST_CASE("profiles and priorities that were refused change nothing") {
  Configured each("ocpp2.0.1");
  each.profile_slot(1, "ws://other.example.net/", 1, "Rejected");
  each.priority("1");
  each.profile_slot(2, "ws://other.example.net/", 1);
  each.priority("2", "Rejected");
  CHECK(each.scene().take().empty());
  // The latest content of a slot counts.
  each.profile_slot(2, "ws://third.example.net/", 1);
  each.priority("2", "RebootRequired");
  CHECK(field(each.scene().take().at(0), "host") == "third.example.net");
}

TEST_CASE("a station has a bounded number of network profiles") {
  Configured each("ocpp2.1");
  for (int slot = 1; slot <= 17; ++slot) each.profile_slot(slot, "wss://csms.example.com/", 3);
  each.priority("17");
  CHECK(each.scene().take().empty());
  each.priority("16");
  CHECK(each.scene().take().size() == 1);
}

TEST_CASE("writes are told at 20 within a minute and at doublings") {
  for (const char* version : kVersions) {
    INFO(version);
    Configured each(version);
    for (int i = 0; i < 19; ++i) each.write("HeartbeatInterval", "60");
    CHECK(each.scene().take().empty());
    for (int i = 0; i < 22; ++i) each.write("HeartbeatInterval", "60");
    const Lines lines = each.scene().take();
    REQUIRE(names(lines) == Lines{"configuration.write_burst", "configuration.write_burst"});
    CHECK(field(lines[0], "writes") == "20");
    CHECK(field(lines[1], "writes") == "40");
    each.scene().wait_s(120);
    each.write("HeartbeatInterval", "60");
    CHECK(each.scene().take().empty());
    for (int i = 0; i < 19; ++i) each.write("HeartbeatInterval", "60");
    CHECK(names(each.scene().take()) == Lines{"configuration.write_burst"});
  }
}

TEST_CASE("settings that one message writes are counted and judged each") {
  Configured each({.subprotocol = "ocpp2.0.1", .encrypted = true});
  nlohmann::json data;
  nlohmann::json results = nlohmann::json::array();
  for (int i = 0; i < 25; ++i) {
    nlohmann::json item = {
        {"component", {{"name", "SecurityCtrlr"}}},
        {"variable", {{"name", i == 7 ? "SecurityProfile" : fmt::format("V{}", i)}}}};
    item["attributeValue"] = "1";
    data.push_back(item);
    item.erase("attributeValue");
    item["attributeStatus"] = i < 5 ? "UnknownVariable" : "Accepted";
    results.insert(results.begin(), item);  // In another order.
  }
  each.talk().command("SetVariables", nlohmann::json{{"setVariableData", data}}.dump(),
                      nlohmann::json{{"setVariableResult", results}}.dump());
  const Lines lines = each.scene().take();
  REQUIRE(names(lines) == Lines{"configuration.refused_burst",
                                "configuration.security_profile_lowered",
                                "configuration.write_burst"});
  CHECK(field(lines[0], "refused") == "5");
  CHECK(field(lines[1], "accepted") == "true");
  CHECK(field(lines[2], "writes") == "25");
}

TEST_CASE("refused writes are told at 5 and at doublings") {
  for (const char* version : kVersions) {
    INFO(version);
    Configured each(version);
    for (int i = 0; i < 4; ++i) each.write(fmt::format("K{}", i), "1", "Rejected");
    each.write("Known", "1");
    each.write("Other", "1", "RebootRequired");
    CHECK(each.scene().take().empty());
    for (int i = 0; i < 6; ++i) each.write(fmt::format("L{}", i), "1", "NotSupported");
    const Lines lines = each.scene().take("configuration.refused_burst");
    REQUIRE(lines.size() == 2);
    CHECK(field(lines[0], "refused") == "5");
    CHECK(field(lines[1], "refused") == "10");
    each.scene().wait_s(1'200);
    for (int i = 0; i < 4; ++i) each.write(fmt::format("M{}", i), "1", "NotSupported");
    CHECK(each.scene().take().empty());
  }
}

TEST_CASE("writes without an answer, or with one that says nothing, are no refusals") {
  Configured each("ocpp1.6");
  for (int i = 0; i < 10; ++i) {
    each.talk().command("ChangeConfiguration", "{'key':'A','value':'1'}", "");
    each.talk().command("ChangeConfiguration", "{'key':'A','value':'1'}", "{}");
  }
  CHECK(each.scene().take().empty());
}

TEST_CASE("changes of the local list are told when they are odd") {
  for (const char* version : kVersions) {
    INFO(version);
    Configured each(version);
    each.list(5, 0);
    each.list(6, 100);
    CHECK(each.list_change().empty());
    each.list(7, 60);
    CHECK(each.list_change().empty());
    each.list(8, 29);
    CHECK(each.list_change() == "shrunk");
    each.list(9, 49);
    CHECK(each.list_change().empty());
    each.list(10, 120);
    CHECK(each.list_change() == "grown");
    each.list(11, 3, "Differential");
    CHECK(each.list_change().empty());
    each.list(12, 121, "Differential");
    CHECK(each.list_change() == "grown");
    each.list(13, 0, "Full", "Failed");
    CHECK(each.list_change().empty());
    each.list(14, 0);
    CHECK(each.list_change() == "emptied");
    each.list(3, 0);
    CHECK(each.list_change() == "version_back");
    each.list(3, 0);
    CHECK(each.list_change().empty());
  }
}

TEST_CASE("a list that grows from little, or from none that was seen, is no finding") {
  Configured each("ocpp1.6");
  each.list(1, 500, "Differential");
  CHECK(each.list_change().empty());
  each.list(2, 10);
  each.list(3, 49);
  CHECK(each.list_change().empty());
}

TEST_CASE("requests for certificates are told at three an hour and at doublings") {
  for (const char* version : kVersions) {
    INFO(version);
    Configured each(version);
    for (int i = 0; i < 2; ++i) each.talk().call("SignCertificate", "{'csr':'x'}");
    CHECK(each.scene().take("configuration.certificate_request_loop").empty());
    for (int i = 0; i < 4; ++i) each.talk().call("SignCertificate", "{'csr':'x'}");
    const Lines lines = each.scene().take("configuration.certificate_request_loop");
    REQUIRE(lines.size() == 2);
    CHECK(field(lines[0], "requests") == "3");
    CHECK(field(lines[1], "requests") == "6");
    for (int i = 0; i < 5; ++i) {
      each.scene().wait_s(4'000);
      each.talk().call("SignCertificate", "{'csr':'x'}");
    }
    CHECK(each.scene().take("configuration.certificate_request_loop").empty());
  }
}

TEST_CASE("security settings that change by themselves are told, explained ones are not") {
  constexpr std::string_view kEvent =
      "{'type':'ReconfigurationOfSecurityParameters','timestamp':'@'}";
  for (const char* version : kVersions) {
    INFO(version);
    Configured each(version);
    each.talk().call("SecurityEventNotification", kEvent);
    CHECK(each.scene().take().empty());
    each.scene().wait_s(700);
    each.talk().call("SecurityEventNotification", kEvent);
    Lines lines = each.scene().take();
    REQUIRE(names(lines) == Lines{"configuration.security_changed_locally"});
    CHECK(std::stoll(field(lines[0], "watched_s")) >= 700);
    each.talk().call("SecurityEventNotification", "{'type':'TamperDetectionActivated'}");
    CHECK(each.scene().take().empty());

    each.write("AuthorizationKey", "0123456789abcdef");
    each.talk().call("SecurityEventNotification", kEvent);
    CHECK(each.scene().take().empty());
    each.scene().wait_s(700);
    each.talk().command("InstallCertificate",
                        "{'certificateType':'CSMSRootCertificate','certificate':'x'}");
    each.talk().call("SecurityEventNotification", kEvent);
    each.talk().command("DeleteCertificate", "{'certificateHashData':{}}");
    each.scene().wait_s(500);
    each.talk().call("SecurityEventNotification", kEvent);
    CHECK(each.scene().take().empty());
    each.scene().wait_s(700);
    each.talk().call("SecurityEventNotification", kEvent);
    CHECK(each.scene().take().size() == 1);
  }
}

TEST_CASE("lines of a log that repeat what the wire has shown are not counted") {
  Configured each("ocpp1.6");
  Talk& echo = each.scene().connect("CP1", {.from_log = true});
  for (int i = 0; i < 15; ++i) {
    each.write("HeartbeatInterval", "60");
    each.write_on(echo, "HeartbeatInterval", "60");
  }
  CHECK(each.scene().take().empty());
}

TEST_CASE("the settings of a forgotten station are not those of the next") {
  Scene scene(find_detector("configuration"), 1);
  const auto lower = [&](const char* id, const char* profile) {
    scene.connect(id).command("ChangeConfiguration",
                              fmt::format("{{'key':'SecurityProfile','value':'{}'}}", profile));
  };
  lower("CP1", "3");
  lower("CP2", "2");
  CHECK(scene.take().empty());
  lower("CP2", "1");
  CHECK(scene.take().size() == 1);
}
