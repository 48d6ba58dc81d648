#include "analyzer/facts/readings.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace chargewarden;

namespace {

// Readings of a MeterValue list; ' stands for ".
std::vector<Reading> read(const std::string& list) {
  std::string text = "{'meterValue':" + list + "}";
  std::replace(text.begin(), text.end(), '\'', '"');
  JsonDocument document;
  REQUIRE(document.load_copy(text) == JsonStatus::kOk);
  ValueArena arena;
  FactBuffer buffer;
  buffer.begin({}, "");
  const JsonWalk walk = document.walk();
  add_readings(walk, JsonWalk::value_of(walk.first_inside(walk.root())), arena, buffer);
  buffer.commit();
  const Fact fact = buffer.read(0);
  return {fact.readings().begin(), fact.readings().end()};
}

// The reading of one sampled value.
Reading sample(const std::string& members) {
  const auto readings =
      read("[{'timestamp':'2026-01-01T00:00:10Z','sampledValue':[{" + members + "}]}]");
  REQUIRE(readings.size() == 1);
  return readings.front();
}

}  // namespace

TEST_CASE("a sampled value that says nothing else is imported energy in Wh at the outlet") {
  const Reading reading = sample("'value':'1234.5'");
  CHECK(reading.measurand == Measurand::kEnergyImportWh);
  CHECK(reading.value == 1234.5);
  CHECK(reading.context == ReadingContext::kSample);
  CHECK(reading.phase == Phase::kTotal);
  CHECK(reading.at_outlet);
  CHECK_FALSE(reading.unit_given);
  CHECK_FALSE(reading.is_signed);
  CHECK_FALSE(reading.unreadable);
  CHECK(reading.time_ns == 1'767'225'610'000'000'000);
}

TEST_CASE("units and multipliers of both generations become those of the measurand") {
  struct Row {
    std::string members;
    Measurand measurand;
    double value;
  };

  const Row rows[] = {
      {"'value':'12.5','unit':'kWh'", Measurand::kEnergyImportWh, 12'500},
      {"'value':'12','unit':'Wh'", Measurand::kEnergyImportWh, 12},
      {"'value':'7.4','unit':'KW','measurand':'Power.Active.Import'", Measurand::kPowerImportW,
       7'400},
      {"'value':'7400','measurand':'Power.Active.Import'", Measurand::kPowerImportW, 7'400},
      {"'value':16,'measurand':'Current.Import','unitOfMeasure':{'unit':'A'}",
       Measurand::kCurrentImportA, 16},
      {"'value':12.5,'unitOfMeasure':{'unit':'kWh'}", Measurand::kEnergyImportWh, 12'500},
      {"'value':125,'unitOfMeasure':{'unit':'Wh','multiplier':2}", Measurand::kEnergyImportWh,
       12'500},
      {"'value':125,'unitOfMeasure':{'multiplier':-1,'unit':'kWh'}", Measurand::kEnergyImportWh,
       12'500},
      {"'unitOfMeasure':{'multiplier':3},'value':2", Measurand::kEnergyImportWh, 2'000},
      {"'value':'81','measurand':'SoC','unit':'Percent','location':'EV'", Measurand::kSocPercent,
       81},
      {"'value':'230.1','measurand':'Voltage','unit':'V'", Measurand::kVoltageV, 230.1},
      {"'value':3,'measurand':'Energy.Active.Net'", Measurand::kOther, 3},
      {"'value':'-4','unit':'kWh','measurand':'Energy.Active.Export.Register'",
       Measurand::kEnergyExportWh, -4'000},
  };
  for (const Row& row : rows) {
    INFO(row.members);
    const Reading reading = sample(row.members);
    CHECK(reading.measurand == row.measurand);
    CHECK(reading.value == Approx(row.value));
    CHECK_FALSE(reading.unreadable);
  }
}

TEST_CASE("phases, places and contexts are told apart") {
  CHECK(sample("'value':'1','phase':'L1'").phase == Phase::kL1);
  CHECK(sample("'value':'1','phase':'L2-N'").phase == Phase::kL2);
  CHECK(sample("'value':'1','phase':'L3'").phase == Phase::kL3);
  CHECK(sample("'value':'1','phase':'N'").phase == Phase::kN);
  CHECK(sample("'value':'1','phase':'L1-L2'").phase == Phase::kLineToLine);
  CHECK(sample("'value':'1','location':'Outlet'").at_outlet);
  for (const std::string place : {"Inlet", "Body", "Cable", "EV", "Upstream"}) {
    CHECK_FALSE(sample("'value':'1','location':'" + place + "'").at_outlet);
  }
  CHECK(sample("'value':'1','context':'Transaction.Begin'").context == ReadingContext::kBegin);
  CHECK(sample("'value':'1','context':'Transaction.End'").context == ReadingContext::kEnd);
  CHECK(sample("'value':'1','context':'Sample.Clock'").context == ReadingContext::kClock);
  CHECK(sample("'value':'1','context':'Interruption.End'").context ==
        ReadingContext::kInterruption);
  CHECK(sample("'value':'1','context':'Somewhere'").context == ReadingContext::kOther);
}

TEST_CASE("numbers are read however stations write them, and what is none is said to be none") {
  CHECK(sample("'value':' 17'").value == 17);
  CHECK(sample("'value':'+17.25'").value == 17.25);
  CHECK(sample("'value':'-3'").value == -3);
  CHECK(sample("'value':'1e3'").value == 1'000);
  CHECK(sample("'value':17").value == 17);
  for (const std::string value : {"''", "'abc'", "'nan'", "'inf'", "'1e999'", "true", "null"}) {
    INFO(value);
    const Reading reading = sample("'value':" + value);
    CHECK(reading.unreadable);
    CHECK(reading.value == 0);
  }
  CHECK(sample("'value':1,'unitOfMeasure':{'multiplier':99}").unreadable);
  CHECK(sample("'value':1.7e308,'unitOfMeasure':{'unit':'kWh','multiplier':9}").unreadable);
  // No value at all.
  CHECK(sample("'unit':'Wh'").unreadable);
}

TEST_CASE("signed values are no numbers") {
  const Reading old = sample("'value':'OCMF|{}|{}','format':'SignedData'");
  CHECK(old.is_signed);
  CHECK(old.has_signature);
  CHECK_FALSE(sample("'value':'1','format':'Raw'").is_signed);
  // In 2.x the number stands beside what is signed.
  const Reading both = sample("'value':1500,'signedMeterValue':{'signedMeterData':'T0NNRg=='}");
  CHECK_FALSE(both.is_signed);
  CHECK(both.has_signature);
  CHECK(both.value == 1'500);
}

TEST_CASE("what a meter signed is told with its reading, and nothing of others") {
  std::string text =
      "{'meterValue':[{'sampledValue':[{'value':'1'},"
      "{'value':'OCMF|{\\'a\\':1}|{}','format':'SignedData'},"
      "{'value':2,'signedMeterValue':{'signedMeterData':'T0NNRg==','signingMethod':'',"
      "'encodingMethod':'OCMF','publicKey':'b2Nh','other':'x'}},"
      "{'value':3,'signedMeterValue':{'signedMeterData':7}},{'value':7,'format':'SignedData'}]}]}";
  std::replace(text.begin(), text.end(), '\'', '"');
  JsonDocument document;
  REQUIRE(document.load_copy(text) == JsonStatus::kOk);
  ValueArena arena;
  FactBuffer buffer;
  buffer.begin({}, "");
  const JsonWalk walk = document.walk();
  add_readings(walk, JsonWalk::value_of(walk.first_inside(walk.root())), arena, buffer);
  buffer.commit();
  const Fact fact = buffer.read(0);
  std::string told;
  for (const FactValue& value : fact.values()) {
    told += value.field == FactField::kSignedReading ? "#" + std::to_string(value.number) + " "
                                                     : std::string(fact.text_of(value)) + " ";
  }
  CHECK(told == "#1 OCMF|{\"a\":1}|{} #2 T0NNRg==  OCMF b2Nh #3 #4 ");
  CHECK(fact.readings().size() == 5);
}

TEST_CASE("each meter value has its own time; a lone one without lists is read too") {
  const auto readings = read(
      "[{'timestamp':'2026-01-01T00:00:10Z','sampledValue':[{'value':'1'},{'value':'2'}]},"
      "{'timestamp':'yesterday','sampledValue':[{'value':'3'}]},7,"
      "{'timestamp':'2026-01-01T00:00:20Z'},{'sampledValue':{'value':'4'}}]");
  REQUIRE(readings.size() == 4);
  CHECK(readings[1].time_ns == 1'767'225'610'000'000'000);
  CHECK(readings[2].time_ns == 0);
  CHECK(readings[3].value == 4);
  CHECK(read("{'sampledValue':[{'value':'5'}]}").front().value == 5);
  CHECK(read("[]").empty());
  CHECK(read("'text'").empty());
}

TEST_CASE("more readings than a fact takes are left out") {
  std::string many = "{'value':'1'}";
  for (std::size_t i = 0; i < kFactReadingsMax; ++i) many += ",{'value':'1'}";
  CHECK(read("[{'sampledValue':[" + many + "]},{'sampledValue':[{'value':'2'}]}]").size() ==
        kFactReadingsMax);
}
