// Lines of each format, as programs write them and as an attacker would like them to be.

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "collector/logs/log_limits.h"
#include "tests/support/log_records.h"

using namespace chargewarden;
using namespace chargewarden::harness;

namespace {

using Lines = std::vector<std::string>;

struct Case {
  std::string line;
  std::string expected;
};

// Each line alone, and all of them in one log.
void check(const std::string& argument, const std::vector<Case>& cases) {
  std::string all;
  Lines expected;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    INFO(argument << ": " << cases[i].line);
    CHECK(read_log(cases[i].line, argument).lines == Lines{"1 " + cases[i].expected});
    all += cases[i].line + "\n";
    expected.push_back(std::to_string(i + 1) + " " + cases[i].expected);
  }
  CHECK(read_log(all, argument).lines == expected);
}

const std::string kBeat = R"([2,"m-1","Heartbeat",{}])";

}  // namespace

TEST_CASE("JSON lines are read in the words of many programs") {
  check(
      "jsonl:x.jsonl",
      {{R"({"ts":"2026-01-02T03:04:05Z","station":"CP1","dir":"recv","msg":[2,"m-1","Heartbeat",{}]})",
        "message from=station station=CP1 | " + kBeat},
       {R"({"@timestamp":"2026-01-02T03:04:05Z","chargePointId":"CP1","direction":"outbound","payload":"[2,\"m-1\",\"Heartbeat\",{}]"})",
        "message from=csms station=CP1 | " + kBeat},
       {R"({"time":1767323045123,"cp_id":7,"type":"CP->CS","raw":[2,"m-1","Heartbeat",{}]})",
        "message from=station station=7 | " + kBeat},
       {R"({"time":1767323045.5,"identity":"CP1","outbound":true,"message":[2,"m-1","Heartbeat",{}]})",
        "message from=csms station=CP1 | " + kBeat},
       {R"({"station":"CP1","inbound":true,"remote":"10.0.0.5:4711","data":[2,"m-1","Heartbeat",{}]})",
        "message from=station station=CP1 session=10.0.0.5:4711 ip=10.0.0.5 port=4711 | " + kBeat},
       {R"({"station":"CP1","dir":"in","remoteAddress":"::ffff:10.0.0.5","remotePort":4711,"frame":[2,"m-1","Heartbeat",{}]})",
        "message from=station station=CP1 session=10.0.0.5:4711 ip=10.0.0.5 port=4711 | " + kBeat},
       {R"({"station":"CP1","dir":"to_station","messageId":"7","action":"Reset","payload":{"type":"Hard"}})",
        R"(message from=csms station=CP1 | [2,"7","Reset",{"type":"Hard"}])"},
       {R"({"station":"CP1","dir":"rx","uniqueId":"7","messageType":"CALLRESULT","payload":{}})",
        R"(message from=station station=CP1 | [3,"7",{}])"},
       {R"({"event":"handshake-refused","level":"warn","station":"CP1","remote":"10.0.0.5","status":401})",
        "refused station=CP1 ip=10.0.0.5 status=401 level=warning"},
       {R"({"event":"connected","station":"CP1","subprotocol":"ocpp1.6"})",
        "opened station=CP1 protocol=ocpp1.6"},
       {R"({"type":"disconnect","client":"CP1"})", "closed station=CP1"},
       {R"({"level":50,"name":"csms","hostname":"h1","msg":"database is slow"})",
        "line level=error program=csms host=h1 | database is slow"}});
}

TEST_CASE("what a station sends in a JSON line is a message whatever it is") {
  check("jsonl:x.jsonl",
        {{R"({"station":"CP1","dir":"recv","event":"ocpp","msg":"hello"})",
          "message from=station station=CP1 | hello"},
         {R"({"station":"CP1","dir":"recv","event":"ocpp","msg":""})",
          "message from=station station=CP1"},
         {R"({"station":"CP1","dir":"recv","msg":{}})", "message from=station station=CP1 | {}"},
         {R"({"station":"CP1","dir":"recv","msg":[0]})", "message from=station station=CP1 | [0]"},
         {R"({"station":"CP1","dir":"recv","msg":"[2,\"1\",\"Heartbeat\",{}"})",
          R"(message from=station station=CP1 | [2,"1","Heartbeat",{})"}});
}

TEST_CASE("a JSON line that does not say who sent a message is not understood") {
  check("jsonl:x.jsonl", {{R"({"station":"CP1","msg":[2,"m-1","Heartbeat",{}]})",
                           "unparsed reason=no_direction | "
                           R"({"station":"CP1","msg":[2,"m-1","Heartbeat",{}]})"},
                          {"{", "unparsed reason=not_json | {"},
                          {R"({"a":1} x)", R"(unparsed reason=not_json | {"a":1} x)"},
                          {"[]", "unparsed reason=not_json | []"},
                          {R"({"a")", R"(unparsed reason=not_json | {"a")"},
                          {R"({"a":"\)", R"(unparsed reason=not_json | {"a":"\)"}});
}

TEST_CASE("a JSON line that was cut keeps what it says") {
  const std::string line =
      R"({"station":"CP1","dir":"recv","msg":[2,"m-1","DataTransfer",{"data":"AA)";
  CHECK(read_log(line, "jsonl:x").lines ==
        Lines{R"(1 message from=station station=CP1 cut | [2,"m-1","DataTransfer",{"data":"AA)"});
}

TEST_CASE("a message nested thousands deep is read from a JSON line") {
  const std::string deep =
      R"([2,"m","A",)" + std::string(5'000, '[') + std::string(5'000, ']') + "]";
  CHECK(read_log(R"({"station":"CP1","dir":"in","msg":)" + deep + "}", "jsonl:x").lines ==
        Lines{"1 message from=station station=CP1 | " + deep});
}

TEST_CASE("SteVe's log is read, old and new") {
  check(
      "steve:steve.log",
      {{"[INFO ] 2026-01-02 03:04:05,201 de.rwth.idsg.steve.ocpp.ws.WebSocketLogger (qtp-42) - "
        "[chargeBoxId=CP001, sessionId=9c1f] Received: " +
            kBeat,
        "message from=station station=CP001 session=9c1f level=info "
        "program=de.rwth.idsg.steve.ocpp.ws.WebSocketLogger | " +
            kBeat},
       {"[INFO ] 2018-01-02 03:04:05,201 d.r.WebSocketLogger - [chargeBoxId=CP001, sessionId=1] "
        "Sending message: [3,\"m-1\",{}]",
        "message from=csms station=CP001 session=1 level=info program=d.r.WebSocketLogger | "
        "[3,\"m-1\",{}]"},
       {"[INFO ] 2026-01-02 03:04:05,1 a.b (t) - [chargeBoxId=CP 1, sessionId=1] Connection is "
        "established",
        "opened station=CP 1 session=1 level=info program=a.b"},
       {"[WARN ] 2026-01-02 03:04:05,1 a.b (t) - [chargeBoxId=CP1, sessionId=1] Connection is "
        "closed, status: CloseStatus[code=1006, reason=null]",
        "closed station=CP1 session=1 level=warning program=a.b | , status: CloseStatus[code=1006, "
        "reason=null]"},
       {"[WARN ] 2026-01-02 03:04:05,1 a.b (t) - [chargeBoxId=CP1, sessionId=1] Received empty "
        "text "
        "message. Will pretend this never happened.",
        "message from=station station=CP1 session=1 level=warning program=a.b"},
       {"[ERROR] 2026-01-02 03:04:05,1 a.OcppWebSocketHandshakeHandler (t) - ChargeBoxId 'CP999' "
        "is "
        "not recognized.",
        "refused station=CP999 status=404 level=error program=a.OcppWebSocketHandshakeHandler | "
        "ChargeBoxId 'CP999' is not recognized."},
       {"[ERROR] 2026-01-02 03:04:05,1 a.OcppWebSocketHandshakeHandler (t) - Refused BA-1 from "
        "10.77.9.61: HTTP 401",
        "refused station=BA-1 ip=10.77.9.61 status=401 level=error "
        "program=a.OcppWebSocketHandshakeHandler | Refused BA-1 from 10.77.9.61: HTTP 401"},
       {"[INFO ] 2026-01-02 03:04:05,1 a.b (t) - Started", "line level=info program=a.b | Started"},
       {"[INFO ] 2026-13-02 03:04:05,1 a.b (t) - x",
        "unparsed reason=bad_time | [INFO ] 2026-13-02 03:04:05,1 a.b (t) - x"},
       {"[INFO ] no time", "unparsed reason=no_prefix | [INFO ] no time"}});
}

TEST_CASE("an identity cannot forge a line of SteVe's log") {
  // Whatever stands in the text of another logger is text.
  check("steve:steve.log",
        {{"[INFO ] 2026-01-02 03:04:05,1 a.Users (t) - user 'x - [chargeBoxId=CP1, sessionId=1] "
          "Received: [2,\"1\",\"Reset\",{}]'",
          "line level=info program=a.Users | user 'x - [chargeBoxId=CP1, sessionId=1] Received: "
          "[2,\"1\",\"Reset\",{}]'"},
         {"[INFO ] 2026-01-02 03:04:05,1 a.b (t) - [chargeBoxId=CP1",
          "line level=info program=a.b | [chargeBoxId=CP1"}});
}

TEST_CASE("a message over several lines is one message") {
  const std::string log =
      "[INFO ] 2026-01-02 03:04:05,1 a.b (t) - [chargeBoxId=CP1, sessionId=1] Received: [2,\n"
      "  \"m-1\", \"DataTransfer\",\n"
      "{\"data\":\"]\\\"}\"}]\n"
      "[INFO ] 2026-01-02 03:04:06,1 a.b (t) - [chargeBoxId=CP1, sessionId=1] Sending: "
      "[3,\"m-1\",{}\n"
      "[INFO ] 2026-01-02 03:04:07,1 a.b (t) - done\n";
  const Lines expected = {
      "1 message from=station station=CP1 session=1 level=info program=a.b | [2,\n  \"m-1\", "
      "\"DataTransfer\",\n{\"data\":\"]\\\"}\"}]",
      "4 message from=csms station=CP1 session=1 level=info program=a.b | [3,\"m-1\",{}",
      "5 line level=info program=a.b | done"};
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, SIZE_MAX}) {
    CHECK(read_log(log, "steve:x", step).lines == expected);
  }
}

TEST_CASE("syslog is read in its old and new form, and as files have it") {
  check(
      "syslog,date=2026-01-02:x",
      {{"<134>1 2026-01-02T03:04:05.123456Z csms-1 steve 4711 OCPPIN [ocpp@32473 station=\"CP001\" "
        "dir=\"in\"] \xef\xbb\xbf" +
            kBeat,
        "message from=station station=CP001 level=info program=steve host=csms-1 | " + kBeat},
       {"<134>1 2026-01-02T03:04:05Z - - - - [a@1 b=\"c\"][ocpp@2 station=\"C\\\"P\\]\\\\1\" "
        "dir=\"out\" remote=\"[2001:db8::1]:80\"] " +
            kBeat,
        "message from=csms station=C\"P]\\1 session=[2001:db8::1]:80 ip=2001:db8::1 port=80 "
        "level=info | " +
            kBeat},
       {"<132>1 2026-01-02T03:04:05Z h p 1 HANDSHAKE [ocpp@2 station=\"BA-1\" remote=\"10.0.0.1\" "
        "status=\"401\"] refused",
        "refused station=BA-1 ip=10.0.0.1 status=401 level=warning program=p host=h | refused"},
       {"<134>1 2026-01-02T03:04:05Z h p 1 OCPPOUT [o@2 station=\"CP1\"] [3,\"m-1\",{}]",
        "message from=csms station=CP1 level=info program=p host=h | [3,\"m-1\",{}]"},
       {"<134>Jan  2 03:04:05 csms-1 steve[4711]: [chargeBoxId=CP001, sessionId=1] Received: " +
            kBeat,
        "message from=station station=CP001 session=1 level=info program=steve host=csms-1 | " +
            kBeat},
       {"Jan  2 03:04:05 csms-1 app: CP001: receive message " + kBeat,
        "message from=station station=CP001 program=app host=csms-1 | " + kBeat},
       {"2026-01-02T03:04:05+01:00 csms-1 app[7]: listening",
        "line program=app host=csms-1 | listening"},
       {"<11>1 2026-01-02T03:04:05Z h kernel - - - oops",
        "line level=error program=kernel host=h | oops"}});
}

TEST_CASE("syslog that is none is not understood") {
  check("syslog,date=2026-01-02:x",
        {{"<192>1 2026-01-02T03:04:05Z h p 1 - - x",
          "unparsed reason=no_prefix | <192>1 2026-01-02T03:04:05Z h p 1 - - x"},
         {"<1>1 x h p 1 - - x", "unparsed reason=bad_time | <1>1 x h p 1 - - x"},
         {"<1>1 2026-01-02T03:04:05Z h p 1 - [a b=\"c] x",
          "unparsed reason=bad_structured_data | <1>1 2026-01-02T03:04:05Z h p 1 - [a b=\"c] x"},
         {"<1>1 2026-01-02T03:04:05Z h p 1 - [",
          "unparsed reason=bad_structured_data | <1>1 2026-01-02T03:04:05Z h p 1 - ["},
         {"<1>", "unparsed reason=bad_time | <1>"},
         {"<1>Feb 30 03:04:05 h p: x", "unparsed reason=bad_time | <1>Feb 30 03:04:05 h p: x"},
         {"no prefix", "unparsed reason=no_prefix | no prefix"}});
}

TEST_CASE("libocpp's blocks, HTML and security log are read") {
  const std::string blocks =
      "2026-01-02T03:04:00.000Z: SYS> Session logging started. \n\n\n"
      "2026-01-02T03:04:05.123Z: ChargePoint>CentralSystem BootNotification \n"
      "[\n  2,\n  \"b\",\n  \"BootNotification\",\n  {\n    \"a\": \"<x>\"\n  }\n]\n\n"
      "2026-01-02T03:04:05.240Z: CentralSystem>ChargePoint  BootNotificationResponse\n"
      "[\n  3,\n  \"b\",\n  {}\n]\n\n"
      "2026-01-02T03:04:06.000Z: ChargePoint>CentralSystem Heartbeat \n"
      "2026-01-02T03:04:07.000Z: SYS> end\n";
  for (const std::size_t step : {std::size_t{1}, SIZE_MAX}) {
    CHECK(read_log(blocks, "libocpp,station=CP1:x", step).lines ==
          Lines{"1 line station=CP1 | Session logging started.",
                "4 message from=station station=CP1 | [\n  2,\n  \"b\",\n  \"BootNotification\",\n "
                " {\n    \"a\": \"<x>\"\n  }\n]",
                "14 message from=csms station=CP1 | [\n  3,\n  \"b\",\n  {}\n]",
                "21 message from=station station=CP1 cut", "22 line station=CP1 | end"});
  }
  const std::string html =
      "<html><head><title>log</title>\n"
      "<tr class=\"ChargePoint\"> <td>2026-01-02T03:04:05.123Z</td> "
      "<td>ChargePoint&gt;CentralSystem</td> <td><b>DataTransfer</b></td><td><b></b></td> "
      "<td><pre lang=\"json\">[\n  2,\n  \"b\",\n  \"DataTransfer\",\n  {\"data\": \"&lt;a&gt; & "
      "b\"}\n]</pre></td> </tr>\n";
  CHECK(read_log(html, "libocpp:x.html").lines ==
        Lines{"1 line",
              "2 message from=station | [\n  2,\n  \"b\",\n  \"DataTransfer\",\n  {\"data\": \"<a> "
              "& b\"}\n]"});
  check("libocpp:x",
        {{R"({"techInfo": "slot 1", "timestamp": "2026-01-02T03:09:00.000Z", "type": "X"})",
          "line program=security | X"},
         {"\x1b[32m2026-01-02 03:04:05.1 [INFO] ocpp \x1b[0m:: ChargePoint: " + kBeat,
          "message from=station | " + kBeat},
         {"2026-01-02T03:04:05.123Z: Somebody>Else X",
          "unparsed reason=no_prefix | 2026-01-02T03:04:05.123Z: Somebody>Else X"}});
}

TEST_CASE("CitrineOS is read, pretty and as JSON") {
  const std::string front = "2026-01-02 03:04:05.436\tINFO\t\tCitrineOS Logger:X\t";
  const std::string known = " level=info program=CitrineOS Logger:X";
  check(
      "citrineos:x",
      {{front + "Process Call 1:CP001 " + kBeat,
        "message from=station station=CP001" + known + " | " + kBeat},
       {front + "Process CallResult 1:CP001 m-1 {\"status\":\"Accepted\"}",
        "message from=station station=CP001" + known + " | [3,\"m-1\",{\"status\":\"Accepted\"}]"},
       {front + "Process CallResult 1:CP001 m-1 { status: 'Accepted' }",
        "message from=station station=CP001" + known + " cut | [3,\"m-1\","},
       {front + "Client websocket connected 1:CP001 10.0.0.5 50123 ocpp2.0.1",
        "opened station=CP001 ip=10.0.0.5 port=50123 protocol=ocpp2.0.1" + known +
            " | Client websocket connected"},
       {front + "Connection closed for 1:CP001",
        "closed station=CP001" + known + " | Connection closed for"},
       {front + "Protocol mismatch. Charger supports: [ocpp1.6], but server expects: 'ocpp2.0.1'.",
        "refused" + known +
            " | Protocol mismatch. Charger supports: [ocpp1.6], but server expects: 'ocpp2.0.1'."},
       {R"({"0":"Process CallError","1":"1:CP001","2":"m-1","3":{},"_meta":{"hostname":"h","name":"N","date":"2026-01-02T03:04:05.452Z","logLevelName":"DEBUG"}})",
        "message from=station station=CP001 level=debug program=N host=h | [4,\"m-1\",{}]"},
       {R"({"0":"x"})", R"(unparsed reason=not_json | {"0":"x"})"},
       {"2026-01-02 03:04:05.436\tINFO",
        "unparsed reason=no_prefix | 2026-01-02 03:04:05.436\tINFO"}});
}

TEST_CASE("the Python library's messages are read behind many prefixes") {
  check("mobilityhouse:x",
        {{"INFO:ocpp:CP001: receive message " + kBeat,
          "message from=station station=CP001 level=info program=ocpp | " + kBeat},
         {"INFO:ocpp:CP:1: send [3,\"m-1\",{}]",
          "message from=csms station=CP:1 level=info program=ocpp | [3,\"m-1\",{}]"},
         {"2026-01-02 03:04:05.742 INFO (MainThread) [ocpp] charger: receive message " + kBeat,
          "message from=station station=charger level=info program=ocpp | " + kBeat},
         {"2026-01-02 03:04:05,742 - ocpp - INFO - CP001: receive message hello",
          "message from=station station=CP001 level=info program=ocpp | hello"},
         {"CP001: send " + kBeat, "message from=csms station=CP001 | " + kBeat},
         {"WARNING:ocpp:Received a CALLError: <CallError>'",
          "line level=warning program=ocpp | Received a CALLError: <CallError>'"},
         {"nothing", "unparsed reason=no_prefix | nothing"}});
  check("mobilityhouse,side=station:x",
        {{"INFO:ocpp:CP001: send " + kBeat,
          "message from=station station=CP001 level=info program=ocpp | " + kBeat}});
}

TEST_CASE("OCPP.Core's console and its dumped messages are read") {
  check(
      "ocppcore,date=2026-01-02:x",
      {{"03:04:05 [WRN] [1f0c2a9b] OCPPMiddleware => FAILURE: Basic authentication for "
        "chargepoint 'CP'1' does NOT match",
        "refused station=CP'1 status=401 level=warning program=OCPPMiddleware | OCPPMiddleware "
        "=> FAILURE: Basic authentication for chargepoint 'CP'1' does NOT match"},
       {"03:04:05 [WRN] [none] OCPPMiddleware => FAILURE: Found no chargepoint with identifier=X",
        "refused station=X status=412 level=warning program=OCPPMiddleware | OCPPMiddleware => "
        "FAILURE: Found no chargepoint with identifier=X"},
       {"03:04:06 [INF] [7be01d44] OCPPMiddleware.Receive16 => OCPP-Message: Type=2 / ID=m-1",
        "line level=info program=OCPPMiddleware.Receive16 | OCPPMiddleware.Receive16 => "
        "OCPP-Message: Type=2 / ID=m-1"},
       {"03:04:07 [VRB] [x] SendOcppMessage: " + kBeat, "message from=csms level=trace | " + kBeat},
       {"25:04:07 [VRB] x", "unparsed reason=no_prefix | 25:04:07 [VRB] x"},
       {kBeat, "unparsed reason=no_direction | " + kBeat}});
  const ReadLog dump = read_log(kBeat, "ocppcore:/dumps/2026-01-02_03-04-06-1234_ocpp20-out.txt");
  CHECK(dump.lines == Lines{"1 message from=csms protocol=ocpp2.0.1 | " + kBeat});
  CHECK(dump.times == Lines{"2026-01-02T03:04:06.123400000Z"});
}

TEST_CASE("MicroOcpp's console is read, the station named by the file or the user") {
  check("microocpp:/logs/CP-7.serial.txt",
        {{"[MO] Send: " + kBeat, "message from=station station=CP-7 | " + kBeat},
         {"[MO] Recv: [3,\"m-1\",{}]", "message from=csms station=CP-7 | [3,\"m-1\",{}]"},
         {"[MO] Recv: [2,\"1\",\"DataTransfer\",{\"data\":\"AAAA [...]",
          "message from=csms station=CP-7 cut | [2,\"1\",\"DataTransfer\",{\"data\":\"AAAA"},
         {"[MO] Recv: WS ping", "line station=CP-7 | Recv: WS ping"},
         {"[MO] warning (A.cpp:1): text", "line station=CP-7 level=warning program=A.cpp:1 | text"},
         {"12:00:01.5 -> [MO] Send: " + kBeat, "message from=station station=CP-7 | " + kBeat},
         {"boot", "unparsed reason=no_prefix | boot"}});
  CHECK(read_log("[MO] Send: " + kBeat, "microocpp,station=X%2CY%3A1:CP-7.txt").lines ==
        Lines{"1 message from=station station=X,Y:1 | " + kBeat});
}

TEST_CASE("what containers and journald wrap is unwrapped") {
  const std::string steve =
      "[INFO ] 2026-01-02 03:04:05,201 a.b (t) - [chargeBoxId=CP1, sessionId=1] Received: ";
  const std::string expected =
      "message from=station station=CP1 session=1 level=info program=a.b | " + kBeat;
  const std::string escaped = R"([2,\"m-1\",\"Heartbeat\",{}])";
  check("docker:x", {{R"({"log":")" + steve + escaped +
                          R"(\n","stream":"stdout","time":"2026-01-02T03:04:06Z"})",
                      expected},
                     {R"({"log":"started\n","stream":"stdout","time":"2026-01-02T03:04:06Z"})",
                      "line | started"}});
  check(
      "journald:x",
      {{R"({"__REALTIME_TIMESTAMP":"1767323045123456","_HOSTNAME":"h","SYSLOG_IDENTIFIER":"csms","PRIORITY":"6","MESSAGE":"CP1: receive message )" +
            escaped + R"("})",
        "message from=station station=CP1 level=info program=csms host=h | " + kBeat},
       {R"({"__REALTIME_TIMESTAMP":"1767323045123456","MESSAGE":[104,105,255]})",
        "line | hi\xff"}});
  check("cri:x", {{"2026-01-02T03:04:06.1Z stdout F " + steve + kBeat, expected},
                  {"2026-01-02T03:04:06.1Z stderr P part", "line cut | part"}});
  // The time of the wrapper is the better known one.
  CHECK(read_log("2026-01-02T03:04:09.1Z stdout F " + steve + kBeat, "cri:x").times ==
        Lines{"2026-01-02T03:04:09.100000000Z"});
}

TEST_CASE("wrappers inside wrappers end") {
  std::string line = "text";
  for (std::size_t i = 0; i < 3 * kLogWrappersMax; ++i) {
    std::string quoted;
    append_json_string(quoted, line);
    line = R"({"log":)" + quoted + "}";
  }
  const ReadLog log = read_log(line, "docker:x");
  REQUIRE(log.lines.size() == 1);
  CHECK(log.lines[0].starts_with("1 line | {"));
}

TEST_CASE("the argument of --log says what is wrong with it") {
  const auto message = [](std::string_view argument) {
    const auto parsed = parse_log_argument(argument);
    return parsed.has_value() ? std::string() : parsed.error().message;
  };
  using Catch::Matchers::Contains;
  CHECK_THAT(message("steve.log"), Contains("FORMAT:FILE") && Contains("mobilityhouse"));
  CHECK_THAT(message("stev:steve.log"), Contains("\"stev\"") && Contains("steve, libocpp"));
  CHECK_THAT(message("steve:"), Contains("FORMAT:FILE"));
  CHECK_THAT(message("steve,year=2026:x"), Contains("year=2026") && Contains("date=YYYY-MM-DD"));
  CHECK_THAT(message("steve,date=yesterday:x"), Contains("date=yesterday"));
  CHECK_THAT(message("steve,side=left:x"), Contains("side=left"));
  CHECK(message("auto:a:b.log").empty());
  CHECK(parse_log_argument("jsonl,station=A,side=station:a:b.log").value().path == "a:b.log");
}
