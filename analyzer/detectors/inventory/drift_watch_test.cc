// Settings against those that are listed.

#include "analyzer/detectors/inventory/drift_watch.h"

#include <catch2/catch.hpp>

#include "analyzer/detectors/testing/scene.h"
#include "analyzer/site/inventory_reader.h"

namespace chargewarden::testing {

namespace {

SiteKnowledge baseline() {
  auto inventory = parse_inventory(
      "i.yml",
      "stations:\n"
      "  - id: CP1\n"
      "    settings:\n"
      "      HeartbeatInterval: 300\n"
      "      AuthorizationKey: SeCrEt\n"
      "      MeterValuesSampledData: Energy.Active.Import.Register,Power.Active.Import\n"
      "      LocalPreAuthorize: 'false'\n"
      "      OCPPCommCtrlr.HeartbeatInterval: 300\n"
      "      SecurityCtrlr.BasicAuthPassword: SeCrEt\n"
      "      TxCtrlr.EVConnectionTimeOut: 60\n");
  REQUIRE(inventory.has_value());
  SiteKnowledge out;
  out.inventory = std::move(inventory).value();
  return out;
}

struct Site {
  explicit Site(const char* version = "ocpp1.6") : scene(find_detector("inventory"), site) {
    LinkSetup setup;
    setup.subprotocol = version;
    talk = &scene.connect("CP1", setup);
  }

  SiteKnowledge site = baseline();
  Scene scene;
  Talk* talk = nullptr;
};

}  // namespace

TEST_CASE("settings that a station tells are held against the listed ones") {
  Site site;
  const auto get = [&](std::string_view answer) {
    site.talk->command("GetConfiguration", "{}", answer);
    return site.scene.take();
  };
  CHECK(get("{'configurationKey':[{'key':'HeartbeatInterval','readonly':false,'value':'300'},"
            "{'key':'MeterValuesSampledData','readonly':false,"
            "'value':'energy.active.import.register, Power.Active.Import'},"
            "{'key':'LocalPreAuthorize','readonly':false,'value':'FALSE'},"
            "{'key':'Vendor','readonly':false,'value':'x'},"
            "{'key':'AuthorizationKey','readonly':false}],'unknownKey':['HeartbeatInterval']}")
            .empty());
  CHECK(get("{'configurationKey':[{'key':'heartbeatinterval','readonly':false,'value':'0'}]}") ==
        std::vector<std::string>{"configuration.drift CP1 settings=[HeartbeatInterval] differing=1 "
                                 "shown_by=report value=0 value_listed=300"});
  // Polled again and again.
  CHECK(get("{'configurationKey':[{'key':'HeartbeatInterval','readonly':false,'value':'0'}]}")
            .empty());
  CHECK(get("{'configurationKey':[{'key':'HeartbeatInterval','readonly':false,'value':'300.0'}]}")
            .empty());
  const auto lines =
      get("{'configurationKey':[{'key':'HeartbeatInterval','readonly':false,'value':'1'},"
          "{'key':'LocalPreAuthorize','readonly':false,'value':'true'}]}");
  CHECK(lines == std::vector<std::string>{
                     "configuration.drift CP1 settings=[HeartbeatInterval,LocalPreAuthorize] "
                     "differing=2 shown_by=report"});
}

TEST_CASE("changes count when they are accepted, each time") {
  Site site;
  const auto change = [&](std::string_view value, std::string_view status) {
    site.talk->command(
        "ChangeConfiguration",
        std::string("{'key':'HeartbeatInterval','value':'") + std::string(value) + "'}",
        std::string("{'status':'") + std::string(status) + "'}");
    return site.scene.take("configuration.drift").size();
  };
  CHECK(change("0", "Rejected") == 0);
  CHECK(change("0", "NotSupported") == 0);
  CHECK(change("300", "Accepted") == 0);
  CHECK(change("0", "Accepted") == 1);
  CHECK(change("10", "RebootRequired") == 1);
  CHECK(change("300", "Accepted") == 0);
  const std::string unanswered = site.talk->ask(Side::kServer, "ChangeConfiguration",
                                                "{'key':'HeartbeatInterval','value':'0'}");
  CHECK_FALSE(unanswered.empty());
  CHECK(site.scene.take().empty());
}

TEST_CASE("secrets are compared to the letter and never shown") {
  Site site;
  site.talk->command("ChangeConfiguration", "{'key':'AuthorizationKey','value':'secret'}");
  const auto lines = site.scene.take();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] ==
        "configuration.drift CP1 settings=[AuthorizationKey] differing=1 shown_by=change");
  site.talk->command("ChangeConfiguration", "{'key':'AuthorizationKey','value':'SeCrEt'}");
  CHECK(site.scene.take().empty());
  Site later("ocpp2.0.1");
  later.talk->command(
      "SetVariables",
      "{'setVariableData':[{'component':{'name':'SecurityCtrlr'},"
      "'variable':{'name':'BasicAuthPassword'},'attributeValue':'other'}]}",
      "{'setVariableResult':[{'attributeStatus':'Accepted','component':{'name':'SecurityCtrlr'},"
      "'variable':{'name':'BasicAuthPassword'}}]}");
  const auto told = later.scene.take();
  REQUIRE(told.size() == 1);
  CHECK(told[0].find("other") == std::string::npos);
  CHECK(told[0].find("SeCrEt") == std::string::npos);
}

TEST_CASE("variables of 2.x are named by component and variable") {
  Site site("ocpp2.0.1");
  const auto get = [&](std::string_view more, std::string_view value,
                       std::string_view status = "Accepted") {
    site.talk->command("GetVariables", "{'getVariableData':[]}",
                       "{'getVariableResult':[{'attributeStatus':'" + std::string(status) +
                           "','attributeValue':'" + std::string(value) +
                           "','component':{'name':'OCPPCommCtrlr'},"
                           "'variable':{'name':'HeartbeatInterval'}" +
                           std::string(more) + "}]}");
    return site.scene.take("configuration.drift").size();
  };
  CHECK(get("", "300") == 0);
  CHECK(get("", "0", "Rejected") == 0);
  CHECK(get(",'attributeType':'MaxSet'", "900") == 0);
  CHECK(get("", "0") == 1);
  CHECK(get(",'attributeType':'Actual'", "300") == 0);
  CHECK(get(",'attributeType':'Actual'", "0") == 1);
}

TEST_CASE("of several values of a report the actual one counts") {
  const auto report = [](std::string_view component, std::string_view attributes) {
    Site site("ocpp2.0.1");
    site.talk->call("NotifyReport",
                    "{'requestId':1,'seqNo':0,'generatedAt':'@','reportData':[{'component':{'name':"
                    "'TxCtrlr'" +
                        std::string(component) +
                        "},'variable':{'name':'EVConnectionTimeOut'},'variableAttribute':[" +
                        std::string(attributes) + "]}]}");
    return site.scene.take("configuration.drift").size();
  };
  CHECK(report("", "{'value':'60'}") == 0);
  CHECK(report("", "{'value':'61','mutability':'ReadWrite'}") == 1);
  CHECK(report("", "{'type':'Actual','value':'60'},{'type':'MaxSet','value':'900'}") == 0);
  CHECK(report("", "{'value':'900','type':'MaxSet'},{'type':'Actual','value':'61'}") == 1);
  CHECK(report("", "{'type':'Target','value':'61'}") == 0);
  CHECK(report("", "{'value':'61'},{'type':'MaxSet','value':'900'}") == 0);  // Whose type is it?
  // One of several: the inventory does not say which.
  CHECK(report(",'evse':{'id':1}", "{'value':'61'}") == 0);
  CHECK(report(",'instance':'x'", "{'value':'61'}") == 0);
}

TEST_CASE("of several writes in a message those that were accepted count") {
  Site site("ocpp2.1");
  const char* request =
      "{'setVariableData':["
      "{'component':{'name':'OCPPCommCtrlr'},'variable':{'name':'HeartbeatInterval'},"
      "'attributeValue':'0'},"
      "{'component':{'name':'TxCtrlr'},'variable':{'name':'EVConnectionTimeOut'},"
      "'attributeValue':'5'}]}";
  site.talk->command("SetVariables", request,
                     "{'setVariableResult':["
                     "{'attributeStatus':'Rejected','component':{'name':'OCPPCommCtrlr'},"
                     "'variable':{'name':'HeartbeatInterval'}},"
                     "{'attributeStatus':'Accepted','component':{'name':'TxCtrlr'},"
                     "'variable':{'name':'EVConnectionTimeOut'}}]}");
  const auto lines = site.scene.take();
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "settings") == "[TxCtrlr.EVConnectionTimeOut]");
  site.talk->command("SetVariables", request, "{'setVariableResult':[]}");
  CHECK(site.scene.take().empty());
}

TEST_CASE("values are compared by what they mean") {
  const auto same = [](const char* listed, const char* value, const char* key = "x") {
    return inventory::is_as_listed({key, listed, key}, value);
  };
  CHECK(same("300", "300.0"));
  CHECK(same("true", " TRUE "));
  CHECK(same("a, b", "A,B"));
  CHECK(same("", ""));
  CHECK_FALSE(same("a,b", "b,a"));
  CHECK_FALSE(same("a,b", "a"));
  CHECK_FALSE(same("a", ""));
  CHECK_FALSE(same("", "a"));
  CHECK_FALSE(same("300", "30"));
  CHECK_FALSE(same("0012", "12", "authorizationkey"));
}

}  // namespace chargewarden::testing
