#include "alerts/audit/record_form.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace chargewarden;

namespace {

StoredRecord alert_record() {
  StoredRecord record;
  record.index = 7;
  record.kind = "alert";
  record.time_ns = 1'700'000'000'000'000'000;
  record.level = Level::kHigh;
  record.station = "CP-1";
  record.rule = "a_rule";
  record.action = "create";
  record.body = R"({"message":"x, \"y\""})";
  return record;
}

StoredRecord action_record() {
  StoredRecord record;
  record.index = 1008;
  record.kind = "action";
  record.station = "CP-\xc3\xa4";
  record.action = "Reset";
  record.outcome = "Accepted";
  record.body = "{}";
  return record;
}

}  // namespace

TEST_CASE("a JSON line holds index, kind, time and the body as it is") {
  std::string out;
  append_json_line(out, alert_record());
  CHECK(out == R"({"index":7,"kind":"alert","time":"2023-11-14T22:13:20.000000000Z",)"
               R"("body":{"message":"x, \"y\""}})"
               "\n");
}

TEST_CASE("a body that somebody damaged still gives one valid line") {
  for (const std::string_view body : {"", "{", "not json", "{}\n{}", "{\n}", "\xff", "{} {}"}) {
    StoredRecord record = alert_record();
    record.body = body;
    std::string out;
    append_json_line(out, record);
    CHECK(out.find('\n') == out.size() - 1);
    CHECK(nlohmann::json::parse(out)["body"].is_string());
  }
}

TEST_CASE("cells of CSV are quoted where needed and never formulas") {
  struct Row {
    std::string_view text;
    std::string_view cell;
  };

  const Row rows[] = {
      {"", ""},
      {"plain", "plain"},
      {"a,b", "\"a,b\""},
      {"a\"b", "\"a\"\"b\""},
      {"a\nb", "\"a\nb\""},
      {"a\rb", "\"a\rb\""},
      {"=1+1", "'=1+1"},
      {"+1", "'+1"},
      {"-1", "'-1"},
      {"@SUM(A1)", "'@SUM(A1)"},
      {"\t=1", "'\t=1"},
      {"\r=1", "\"'\r=1\""},
      {"=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""},
      {"a=1", "a=1"},
  };
  for (const Row& row : rows) {
    std::string out;
    append_csv_cell(out, row.text);
    CHECK(out == row.cell);
  }
}

TEST_CASE("a row of CSV has the columns of the header") {
  std::string out;
  append_csv_header(out);
  append_csv_row(out, alert_record());
  CHECK(out ==
        "index,time,kind,level,station,rule,action,outcome,body\r\n"
        "7,2023-11-14T22:13:20.000000000Z,alert,high,CP-1,a_rule,create,,"
        "\"{\"\"message\"\":\"\"x, \\\"\"y\\\"\"\"\"}\"\r\n");
}

TEST_CASE("a table is as wide as its content") {
  RecordTable table;
  table.add(alert_record());
  table.add(action_record());
  std::string out;
  table.render(0, out);
  CHECK(out ==
        "INDEX  TIME                            KIND    LEVEL  STATION  WHAT           OUTCOME\n"
        "    7  2023-11-14T22:13:20.000000000Z  alert   high   CP-1     a_rule create\n"
        " 1008  1970-01-01T00:00:00.000000000Z  action         CP-\xc3\xa4     Reset          "
        "Accepted\n");
}

TEST_CASE("a table is cut at the width of the terminal, between characters") {
  RecordTable table;
  table.add(action_record());
  std::string out;
  table.render(58, out);
  CHECK(out ==
        "INDEX  TIME                            KIND    LEVEL  STAT\n"
        " 1008  1970-01-01T00:00:00.000000000Z  action         CP-\xc3\xa4\n");
}

TEST_CASE("nothing in a table acts upon the terminal") {
  StoredRecord record = alert_record();
  record.station = "\x1b[2J";
  record.rule = "a\nb";
  RecordTable table;
  table.add(record);
  std::string out;
  table.render(0, out);
  CHECK(out.find('\x1b') == std::string::npos);
  CHECK(std::count(out.begin(), out.end(), '\n') == 2);
}
