#include "analyzer/facts/fact_extractor.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "collector/decoders/decoder.h"
#include "collector/event/defs/connection_events.h"
#include "collector/event/defs/sensor_events.h"
#include "tests/support/decoder_harness.h"

using namespace chargewarden;

namespace {

using F = FactField;

// Decodes messages of one station and keeps their facts. In messages ' stands for ".
class Facts : public EventConsumer {
 public:
  explicit Facts(std::string_view subprotocol = "ocpp1.6")
      : extractor_(HashKey{}), shard_(harness::DecoderRig::all_interest(), *this) {
    WebSocketParams params;
    params.handshake_seen = true;
    params.subprotocol = subprotocol;
    decoder_ = make_message_decoder(params, {});
    flow_.slot = 3;
  }

  Facts& say(Side side, std::string text) {
    std::replace(text.begin(), text.end(), '\'', '"');
    const std::size_t size = text.size();
    text.append(kJsonPadding, '\0');
    StreamContext context{shard_, flow_, station_, 1'000, {"wire", "a.pcap", ++number_, 2},
                          false,  false, nullptr,  {},    false};
    decoder_->on_message({side, true, false, std::string_view(text).substr(0, size)}, context);
    return *this;
  }

  Facts& station(const std::string& text) { return say(Side::kClient, text); }

  Facts& csms(const std::string& text) { return say(Side::kServer, text); }

  void on_event(const Event& event) override {
    if (&event.def() == &ocpp_message()) places_.push_back(buffer_.end());
    extractor_.add(event, number_, buffer_);
  }

  Fact at(std::size_t index) const { return buffer_.read(places_.at(index)); }

  Fact last() const { return at(places_.size() - 1); }

 private:
  static const EventDef& ocpp_message() { return *find_event("ocpp.message"); }

  FactExtractor extractor_;
  FactBuffer buffer_;
  ShardContext shard_;
  std::unique_ptr<MessageDecoder> decoder_;
  FlowInfo flow_;
  std::string station_ = "CP1";
  std::uint64_t number_ = 0;
  std::vector<std::size_t> places_;
};

}  // namespace

TEST_CASE("a fact says where and when it was, and what kind of message") {
  Facts facts;
  facts.station("[2,'1','Heartbeat',{}]").csms("[3,'1',{'currentTime':'2026-01-01T00:00:00Z'}]");
  const Fact call = facts.at(0);
  CHECK(call.is_call(ocpp::action_id("Heartbeat")));
  CHECK(call.station() == "CP1");
  CHECK(call.head().order == 1);
  CHECK(call.head().source == 2);
  CHECK(call.head().slot == 3);
  CHECK(call.head().has_flow);
  CHECK(call.head().sender == Side::kClient);
  CHECK(call.head().version == FactVersion::k16);
  CHECK(call.head().size_bytes == 22);
  const Fact result = facts.at(1);
  CHECK(result.is_result(ocpp::action_id("Heartbeat")));
  CHECK(result.head().sender == Side::kServer);
  CHECK(result.number(F::kCurrentTime) == 1'767'225'600'000'000'000);
  facts.station("[2,'2','Authorize',{'idTag':'A'}]").csms("[4,'2','InternalError','',{}]");
  CHECK(facts.last().text(F::kErrorCode) == "InternalError");
}

TEST_CASE("session messages of 1.6 bring their values, answers also those of the call") {
  Facts facts;
  facts.station("[2,'1','Authorize',{'idTag':'A'}]");
  facts.csms("[3,'1',{'idTagInfo':{'status':'Accepted','parentIdTag':'P'}}]");
  CHECK(facts.at(0).text(F::kToken) == "A");
  CHECK(facts.at(1).text(F::kToken) == "A");
  CHECK(facts.at(1).text(F::kTokenStatus) == "Accepted");
  CHECK(facts.at(1).text(F::kParentToken) == "P");

  facts.station(
      "[2,'2','StartTransaction',{'connectorId':1,'idTag':'A','meterStart':100,"
      "'timestamp':'2026-01-01T00:00:01.5Z','reservationId':4}]");
  facts.csms("[3,'2',{'transactionId':7,'idTagInfo':{'status':'ConcurrentTx'}}]");
  CHECK(facts.at(2).number(F::kConnector) == 1);
  CHECK(facts.at(2).real(F::kMeterStartWh) == 100.0);
  CHECK(facts.at(2).number(F::kTimestamp) == 1'767'225'601'500'000'000);
  CHECK(facts.at(2).text(F::kReservation) == "4");
  CHECK(facts.at(3).text(F::kTransaction) == "7");
  CHECK(facts.at(3).text(F::kTokenStatus) == "ConcurrentTx");
  CHECK(facts.at(3).number(F::kConnector) == 1);

  facts.station(
      "[2,'3','MeterValues',{'connectorId':1,'transactionId':7,'meterValue':"
      "[{'timestamp':'2026-01-01T00:00:02Z','sampledValue':[{'value':'150'}]}]}]");
  CHECK(facts.last().text(F::kTransaction) == "7");
  REQUIRE(facts.last().readings().size() == 1);
  CHECK(facts.last().readings()[0].value == 150);

  facts.station(
      "[2,'4','StopTransaction',{'transactionId':7,'meterStop':200,'idTag':'B',"
      "'timestamp':'2026-01-01T00:00:03Z','reason':'Local','transactionData':"
      "[{'sampledValue':[{'value':'200','context':'Transaction.End'}]}]}]");
  facts.csms("[3,'4',{'idTagInfo':{'status':'Accepted','parentIdTag':'P'}}]");
  const Fact stop = facts.at(5);
  CHECK(stop.text(F::kTransaction) == "7");
  CHECK(stop.real(F::kMeterStopWh) == 200.0);
  CHECK(stop.text(F::kToken) == "B");
  CHECK(stop.text(F::kStopReason) == "Local");
  CHECK(stop.readings().size() == 1);
  CHECK(facts.at(6).text(F::kTransaction) == "7");
}

TEST_CASE("session messages of 2.x bring the same values by the same names") {
  for (const std::string version : {"ocpp2.0.1", "ocpp2.1"}) {
    Facts facts(version);
    facts.station("[2,'1','Authorize',{'idToken':{'idToken':'A','type':'ISO14443'}}]");
    facts.csms(
        "[3,'1',{'idTokenInfo':{'status':'Accepted',"
        "'groupIdToken':{'idToken':'G','type':'Central'}}}]");
    CHECK(facts.at(1).text(F::kToken) == "A");
    CHECK(facts.at(1).text(F::kTokenType) == "ISO14443");
    CHECK(facts.at(1).text(F::kTokenStatus) == "Accepted");
    CHECK(facts.at(1).text(F::kParentToken) == "G");

    facts.station(
        "[2,'2','TransactionEvent',{'eventType':'Started','seqNo':0,'offline':true,"
        "'timestamp':'2026-01-01T00:00:01Z','triggerReason':'Authorized',"
        "'transactionInfo':{'transactionId':'t-1','chargingState':'Charging',"
        "'remoteStartId':9},'evse':{'id':2,'connectorId':1},"
        "'idToken':{'idToken':'A','type':'ISO14443'},"
        "'meterValue':[{'timestamp':'2026-01-01T00:00:01Z','sampledValue':"
        "[{'value':1.5,'unitOfMeasure':{'unit':'kWh'}}]}]}]");
    facts.csms("[3,'2',{'idTokenInfo':{'status':'Blocked'},'totalCost':1.25}]");
    const Fact started = facts.at(2);
    CHECK(started.text(F::kEventType) == "Started");
    CHECK(started.number(F::kSequence) == 0);
    CHECK(started.is_true(F::kOffline));
    CHECK(started.text(F::kTransaction) == "t-1");
    CHECK(started.text(F::kChargingState) == "Charging");
    CHECK(started.text(F::kRemoteStartId) == "9");
    CHECK(started.number(F::kEvse) == 2);
    CHECK(started.text(F::kToken) == "A");
    CHECK(started.readings()[0].value == 1'500);
    CHECK(facts.at(3).text(F::kTokenStatus) == "Blocked");
    CHECK(facts.at(3).text(F::kTransaction) == "t-1");
    CHECK(facts.at(3).text(F::kEventType) == "Started");
    CHECK(facts.at(3).real(F::kTotalCost) == 1.25);
  }
}

TEST_CASE("a message that must not come twice has the hash of its payload, and its id") {
  Facts facts;
  const std::string payload = "{'connectorId':1,'idTag':'A','meterStart':0,'timestamp':'x'}";
  facts.station("[2,'1','StartTransaction'," + payload + "]");
  facts.station("[2,'2','StartTransaction'," + payload + "]");
  facts.station("[2,'3','StartTransaction',{'connectorId':2}]");
  CHECK(facts.at(0).number(F::kPayloadHash) == facts.at(1).number(F::kPayloadHash));
  CHECK(facts.at(0).number(F::kMessageId) != facts.at(1).number(F::kMessageId));
  CHECK(facts.at(0).number(F::kPayloadHash) != facts.at(2).number(F::kPayloadHash));
  CHECK_FALSE(facts.at(0).has(F::kTimestamp));  // "x" is no time.
}

TEST_CASE("elements of a list are items of their own") {
  Facts facts;
  facts.csms(
      "[2,'1','SendLocalList',{'listVersion':3,'updateType':'Differential',"
      "'localAuthorizationList':[{'idTag':'A','idTagInfo':{'status':'Accepted'}},"
      "{'idTag':'B'}]}]");
  facts.station("[3,'1',{'status':'Accepted'}]");
  const Fact fact = facts.last();
  CHECK(fact.text(F::kAnswer) == "Accepted");
  CHECK(fact.number(F::kListVersion) == 3);
  std::string order;
  for (const FactValue& value : fact.values()) {
    if (value.field == F::kItem) order += "|";
    if (value.field == F::kToken) order += fact.text_of(value);
    if (value.field == F::kTokenStatus) order += "+";
  }
  CHECK(order == "|A+|B");
}

TEST_CASE("members of a type that the schema does not have are left out") {
  Facts facts;
  facts.station(
      "[2,'1','StartTransaction',{'connectorId':'1','idTag':7,'meterStart':{},"
      "'timestamp':5,'reservationId':1.5}]");
  CHECK_FALSE(facts.last().has(F::kConnector));
  CHECK_FALSE(facts.last().has(F::kToken));
  CHECK_FALSE(facts.last().has(F::kMeterStartWh));
  facts.station("[2,'2','StartTransaction',[1,2]]");
  CHECK_FALSE(facts.last().has(F::kConnector));
  facts.station("[2,'3','StopTransaction',{'transactionId':'abc','transactionData':7}]");
  CHECK(facts.last().text(F::kTransaction) == "abc");
}

TEST_CASE("facts are made of some events only") {
  CHECK(FactExtractor::wants(connection::kOpened));
  CHECK_FALSE(FactExtractor::wants(sensor::kLimitHit));
  CHECK(FactExtractor::wants_request(ocpp::action_id("StartTransaction")));
  CHECK_FALSE(FactExtractor::wants_request(ocpp::action_id("Heartbeat")));
  CHECK_FALSE(FactExtractor::wants_request(ocpp::kUnknownAction));
}
