// Records of logs become the events that the wire would have given.

#include "collector/logs/log_flows.h"

#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/decoder_harness.h"
#include "tests/support/log_records.h"

using namespace chargewarden;
using namespace chargewarden::harness;

namespace {

using Lines = std::vector<std::string>;

// Notes of each event its name and the fields that logs are about.
class Recorder : public EventConsumer {
 public:
  void on_event(const Event& event) override {
    std::string line = short_form(event);
    const auto add = [&](std::string_view name, Slot slot) {
      const Value value = event.value(slot);
      if (value.kind() == ValueKind::kText) line += fmt::format(" {}={}", name, value.as_text());
      if (value.kind() == ValueKind::kInt) line += fmt::format(" {}={}", name, value.as_int());
    };
    add("ip", kSlotSourceIp);
    add("port", kSlotSourcePort);
    add("to", kSlotDestinationIp);
    add("flow", kSlotFlowId);
    add("origin", kSlotOrigin);
    lines.push_back(line);
  }

  Lines lines;
};

struct Rig {
  explicit Rig(std::size_t flows_max = kLogFlowsPerShardMax)
      : shard(DecoderRig::all_interest(), recorder), flows(shard, names, {}, flows_max) {}

  // Lines as of SteVe's log, without their head.
  Rig& read(const std::string& text, std::string_view argument = "steve:x") {
    auto source = LogSource::from_input(std::make_unique<MemoryInput>(bytes_of(text)),
                                        parse_log_argument(argument).value());
    REQUIRE(source.has_value());
    for (LogBatch batch;;) {
      const auto more = (*source)->read(batch);
      REQUIRE(more.has_value());
      if (!more.value()) break;
      for (const LogRecord& record : batch.records) flows.on_record(record, 1);
    }
    return *this;
  }

  std::vector<std::string> names = {"a.pcap", "x.log"};
  Recorder recorder;
  ShardContext shard;
  LogFlows flows;
};

std::string line(std::string_view second, std::string_view station, std::string_view text,
                 std::string_view session = "1") {
  return fmt::format("[INFO ] 2026-01-02 03:04:{},0 a.b (t) - [chargeBoxId={}, sessionId={}] {}\n",
                     second, station, session, text);
}

}  // namespace

TEST_CASE("calls and answers of a log are paired as on the wire") {
  Rig rig;
  rig.read(line("05", "CP1", "Connection is established") +
           line("06", "CP1", R"(Received: [2,"1","Authorize",{"idTag":"A"}])") +
           line("08", "CP1", R"(Sending: [3,"1",{"idTagInfo":{"status":"Accepted"}}])") +
           line("09", "CP1", "Connection is closed, status: x"));
  CHECK(rig.recorder.lines ==
        Lines{"connection.opened c midstream=false station=CP1 flow=log1-1 origin=log:x.log#1",
              "ocpp.message c version=1.6 version_guessed=true type=call "
              "direction=station_to_csms action=Authorize id=1 known_action=true size_bytes=33 "
              "station=CP1 payload={\"idTag\":\"A\"} flow=log1-1 origin=log:x.log#2",
              "ocpp.message s version=1.6 version_guessed=true type=result "
              "direction=csms_to_station action=Authorize id=1 known_action=true size_bytes=43 "
              "latency_ms=2000 answered=true station=CP1 "
              "payload={\"idTagInfo\":{\"status\":\"Accepted\"}} request={\"idTag\":\"A\"} "
              "flow=log1-1 origin=log:x.log#3",
              "connection.closed c close_reason=logged duration_ms=4000 protocol=websocket "
              "station=CP1 flow=log1-1 origin=log:x.log#4"});
  CHECK(rig.shard.stats.log_connections == 1);
  CHECK(rig.shard.stats.stations.size() == 1);
}

TEST_CASE("whether a log's messages were encrypted is not claimed") {
  Rig rig;
  rig.read(line("05", "CP1", R"(Received: [2,"1","Heartbeat",{}])"));
  for (const std::string& event : rig.recorder.lines) {
    CHECK(event.find("encrypted") == std::string::npos);
  }
}

TEST_CASE("sessions of one station are told apart") {
  Rig rig;
  rig.read(line("05", "CP1", R"(Received: [2,"1","Heartbeat",{}])", "a") +
           line("05", "CP1", R"(Received: [2,"1","Heartbeat",{}])", "b") +
           line("06", "CP1", R"(Sending: [3,"1",{}])", "a") +
           line("06", "CP1", R"(Sending: [3,"1",{}])", "b"));
  CHECK(rig.flows.size() == 2);
  CHECK(rig.shard.stats.answers_unmatched == 0);
  CHECK(rig.shard.stats.anomalies == 0);
}

TEST_CASE("a log that begins in the middle blames nobody for the calls before it") {
  const std::string answer = line("05", "CP1", R"(Sending: [3,"0",{}])");
  Rig middle;
  middle.read(answer);
  CHECK(anomaly_kinds(middle.recorder.lines).empty());
  Rig begin;
  begin.read(line("04", "CP1", R"(Received: [2,"1","BootNotification",{}])") + answer);
  CHECK(anomaly_kinds(begin.recorder.lines) == "unsolicited_answer");
}

TEST_CASE("a new connection takes the place of one that did not end") {
  Rig rig;
  rig.read(line("05", "CP1", "Connection is established") +
           line("06", "CP1", "Connection is established"));
  REQUIRE(rig.recorder.lines.size() == 3);
  CHECK(rig.recorder.lines[1].starts_with("connection.closed c close_reason=replaced"));
  CHECK(rig.recorder.lines[2].ends_with("flow=log1-2 origin=log:x.log#2"));
}

TEST_CASE("an end without a begin is a line of text") {
  Rig rig;
  rig.read(line("05", "CP1", "Connection is closed, status: x"));
  REQUIRE(rig.recorder.lines.size() == 1);
  CHECK(rig.recorder.lines[0].starts_with("log.line c format=steve level=info program=a.b"));
}

TEST_CASE("the least recently active log connection goes at the limit") {
  Rig rig(2);
  rig.read(line("05", "A", R"(Received: [2,"1","Heartbeat",{}])") +
           line("06", "B", R"(Received: [2,"1","Heartbeat",{}])") +
           line("07", "A", R"(Sending: [3,"1",{}])") +
           line("08", "C", R"(Received: [2,"1","Heartbeat",{}])"));
  CHECK(rig.flows.size() == 2);
  CHECK(rig.shard.stats.limits.count(Limit::kLogFlows) == 1);
  const auto closed = named(rig.recorder.lines, "connection.closed");
  REQUIRE(closed.size() == 1);
  CHECK(closed[0] ==
        "connection.closed c close_reason=evicted duration_ms=0 protocol=websocket "
        "station=B flow=log1-2 origin=log:x.log#2");
  rig.flows.finish();
  CHECK(rig.flows.size() == 0);
  CHECK(named(rig.recorder.lines, "connection.closed").size() == 3);
}

TEST_CASE("a refused handshake tells what the log knows of it") {
  Rig rig;
  rig.read(R"({"event":"handshake-refused","station":"CP1","remote":"10.0.0.5:80","status":401})"
           "\n",
           "jsonl:x");
  CHECK(rig.recorder.lines ==
        Lines{"connection.opened c ip=10.0.0.5 port=80 flow=log1-1 origin=log:x.log#1",
              "http.upgrade_refused c status=401 is_ocpp=true station=CP1 ip=10.0.0.5 port=80 "
              "flow=log1-1 origin=log:x.log#1",
              "connection.closed c close_reason=refused station=CP1 ip=10.0.0.5 port=80 "
              "flow=log1-1 origin=log:x.log#1"});
  CHECK(rig.shard.stats.upgrades_refused == 1);
}

TEST_CASE("text of a log is cut and without secrets, what is not understood is not shown") {
  Rig rig;
  rig.read("INFO:auth:CP1 sent password=hunter2 " + std::string(2'000, 'x') + "\nhunter2\n",
           "mobilityhouse:x");
  REQUIRE(rig.recorder.lines.size() == 2);
  CHECK(rig.recorder.lines[0].find("message=CP1 sent password=*** xxx") != std::string::npos);
  CHECK(rig.recorder.lines[0].size() < 700);
  CHECK(rig.recorder.lines[1] ==
        "log.unparsed c format=mobilityhouse reason=no_prefix bytes=7 origin=log:x.log#2");
  CHECK(rig.shard.stats.log_lines == 1);
}

TEST_CASE("a message of a log that is cut counts as partial, one that is not UTF-8 is told") {
  Rig rig;
  rig.read(line("05", "CP1", "Received: [2,\"1\",\"DataTransfer\",{\"data\":\"A [...]") +
           line("06", "CP1", "Received: [2,\"2\",\"DataTransfer\",{\"data\":\"\xff\"}]"));
  CHECK(rig.shard.stats.ocpp_partial == 1);
  CHECK(rig.shard.stats.ocpp_invalid == 1);
  const auto unparsed = named(rig.recorder.lines, "log.unparsed");
  REQUIRE(unparsed.size() == 1);
  CHECK(unparsed[0].find("reason=not_utf8") != std::string::npos);
}
