#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "analyzer/detectors/testing/scene.h"

namespace chargewarden::testing {

namespace {

struct Site {
  explicit Site(int stations) : scene(find_detector("grid")) {
    for (int i = 0; i < stations; ++i) talks.push_back(&scene.connect(fmt::format("CP{}", i)));
  }

  void start() {
    for (std::size_t i = 0; i < talks.size(); ++i) {
      talks[i]->call(
          "StartTransaction", "{'connectorId':1,'idTag':'A','meterStart':0,'timestamp':'@'}",
          fmt::format("{{'transactionId':{},'idTagInfo':{{'status':'Accepted'}}}}", i + 1));
    }
  }

  void report(double kilowatts) {
    for (std::size_t i = 0; i < talks.size(); ++i) {
      talks[i]->call("MeterValues",
                     fmt::format("{{'connectorId':1,'transactionId':{},'meterValue':[{{'timestamp':"
                                 "'@','sampledValue':[{{'value':'{}','unit':'kW',"
                                 "'measurand':'Power.Active.Import'}}]}}]}}",
                                 i + 1, kilowatts));
    }
  }

  void stop(std::int64_t pause_s) {
    for (std::size_t i = 0; i < talks.size(); ++i) {
      talks[i]->call("StopTransaction",
                     fmt::format("{{'transactionId':{},'meterStop':9,'timestamp':'@'}}", i + 1));
      scene.wait_s(pause_s);
    }
  }

  Scene scene;
  std::vector<Talk*> talks;
};

}  // namespace

TEST_CASE("a load that falls at once is told") {
  Site site(20);
  site.start();
  site.report(11);
  site.scene.wait_s(300);
  site.scene.take();
  site.stop(0);
  const auto lines = site.scene.take();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] ==
        "grid.power_step - before_w=220000 after_w=110000 step_w=110000 "
        "step_percent=50 is_drop=true stations=10");
}

TEST_CASE("a load that rises at once is told") {
  Site site(20);
  site.start();
  site.scene.wait_s(300);
  site.report(11);
  const auto lines = site.scene.take();
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "is_drop") == "false");
}

TEST_CASE("a load that changes slowly, or by little, is not told") {
  Site slow(20);
  slow.start();
  slow.report(11);
  slow.scene.wait_s(300);
  slow.scene.take();
  slow.stop(30);
  CHECK(slow.scene.take().empty());
  Site small(20);
  small.start();
  small.report(11);
  small.scene.wait_s(300);
  small.scene.take();
  small.report(9);
  CHECK(small.scene.take().empty());
  Site few(4);
  few.start();
  few.report(150);
  CHECK(few.scene.take().empty());
}

TEST_CASE("sessions that are met while they run are no rise") {
  Scene scene(find_detector("grid"));
  std::vector<Talk*> talks;
  for (int i = 0; i < 20; ++i) {
    talks.push_back(&scene.connect(fmt::format("CP{}", i), {.subprotocol = "ocpp2.0.1"}));
  }
  for (Talk* talk : talks) {
    talk->call("TransactionEvent",
               "{'eventType':'Updated','timestamp':'@','triggerReason':'MeterValuePeriodic',"
               "'seqNo':9,'transactionInfo':{'transactionId':'T'},'meterValue':[{'timestamp':'@',"
               "'sampledValue':[{'value':22000,'measurand':'Power.Active.Import'}]}]}");
  }
  CHECK(scene.take().empty());
}

}  // namespace chargewarden::testing
