// Reading a log: lines whatever they end with, limits, formats that are found out, times that are
// not told.

#include "collector/logs/log_source.h"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "tests/support/log_records.h"

using namespace chargewarden;
using namespace chargewarden::harness;

namespace {

using Lines = std::vector<std::string>;

const std::string kBeat = R"([2,"m-1","Heartbeat",{}])";

std::string python_line(std::string_view station) {
  return fmt::format("INFO:ocpp:{}: receive message {}", station, kBeat);
}

std::string python_record(std::size_t line, std::string_view station) {
  return fmt::format("{} message from=station station={} level=info program=ocpp | {}", line,
                     station, kBeat);
}

}  // namespace

TEST_CASE("lines may end with LF, CR LF, NUL or the end of the file") {
  const std::string text = "\xef\xbb\xbf" + python_line("A") + "\r\n\n" + python_line("B") + "\n" +
                           python_line("C") + std::string("\0\n", 2) + "  \r\n" + python_line("D");
  const Lines expected = {python_record(1, "A"), python_record(3, "B"), python_record(4, "C"),
                          python_record(6, "D")};
  for (const std::size_t step : {std::size_t{1}, std::size_t{13}, SIZE_MAX}) {
    const ReadLog log = read_log(text, "mobilityhouse:x", step);
    CHECK(log.lines == expected);
    CHECK(log.counters.lines == 6);
    CHECK(log.counters.records == 4);
    CHECK(log.counters.bytes == text.size());
  }
}

TEST_CASE("colours of a terminal are taken off") {
  CHECK(read_log("\x1b[1;32m" + python_line("A") + "\x1b[0m", "mobilityhouse:x").lines ==
        Lines{python_record(1, "A")});
  // What only looks like one stays.
  CHECK(read_log("INFO:ocpp:a\x1b[31", "mobilityhouse:x").lines ==
        Lines{"1 line level=info program=ocpp | a\x1b[31"});
}

TEST_CASE("an empty log has no records") {
  for (const std::string_view argument : {"auto:x", "steve:x", "syslog:x"}) {
    const ReadLog log = read_log("", argument);
    CHECK(log.lines.empty());
    CHECK(log.problem.empty());
    CHECK(log.counters.lines == 0);
  }
}

TEST_CASE("a line beyond the limit is cut") {
  const std::string begin = "CP1: receive message [2,\"m\",\"DataTransfer\",{\"data\":\"";
  for (const std::size_t more : {std::size_t{0}, std::size_t{1}, kLogRecordMaxLen}) {
    const std::string line = begin + std::string(kLogRecordMaxLen - begin.size() + more, 'A');
    for (const std::size_t step : {std::size_t{100'000}, SIZE_MAX}) {
      const ReadLog log = read_log(line + "\n" + python_line("B") + "\n", "mobilityhouse:x", step);
      REQUIRE(log.lines.size() == 2);
      CHECK(log.lines[0].starts_with("1 message from=station station=CP1 cut | [2,"));
      CHECK(log.lines[0].size() <= kLogRecordMaxLen + 100);
      CHECK(log.lines[1] == python_record(2, "B"));
      CHECK(log.counters.cut == (more > 0 ? 1 : 0));
    }
  }
}

TEST_CASE("a message of too many lines is cut, and what is left is not understood") {
  std::string text = "CP1: receive message [2,\"m\",\"DataTransfer\",{\"data\":\"\n";
  const std::string line(1'000, 'A');
  std::size_t lines = 1;
  while (text.size() < kLogRecordMaxLen + 5'000) {
    text += line + "\n";
    ++lines;
  }
  const ReadLog log = read_log(text + python_line("B"), "mobilityhouse:x");
  REQUIRE(log.lines.size() >= 3);
  CHECK(log.lines.front().starts_with("1 message from=station station=CP1 cut | [2,"));
  CHECK(log.lines.back() == python_record(lines + 1, "B"));
  CHECK(log.counters.cut == 1);
  CHECK(log.counters.unparsed == log.lines.size() - 2);
}

TEST_CASE("only a long message without its end was cut by the program that logs") {
  const auto first = [](std::size_t len) {
    const std::string begin = "CP1: receive message [2,\"m\",\"DataTransfer\",{\"data\":\"";
    return read_log(begin + std::string(len, 'A') + "\n" + python_line("B"), "mobilityhouse:x")
        .lines.at(0);
  };
  CHECK(first(100).find(" cut ") == std::string::npos);
  CHECK(first(2'000).find(" cut ") != std::string::npos);
}

TEST_CASE("lines that are not understood are counted, the first is named") {
  const ReadLog log = read_log(python_line("A") + "\nwhat?\n" + python_line("B") + "\n!\n",
                               "mobilityhouse:/a/b.log");
  CHECK(log.lines == Lines{python_record(1, "A"), "2 unparsed reason=no_prefix | what?",
                           python_record(3, "B"), "4 unparsed reason=no_prefix | !"});
  CHECK(log.counters.unparsed == 2);
  CHECK(log.counters.first_unparsed ==
        "b.log line 2: it does not begin as a line of this format does");
}

TEST_CASE("a stack trace belongs to the line before") {
  CHECK(read_log("ERROR:ocpp:failed\nTraceback (most recent call last):\n  File \"x\"\n",
                 "mobilityhouse:x")
            .lines == Lines{"1 line level=error program=ocpp | failed",
                            "2 line | Traceback (most recent call last):", "3 line | File \"x\""});
}

TEST_CASE("the format is found from the first lines") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"station":"CP1","dir":"in","msg":[2,"m","Heartbeat",{}]})", "jsonl"},
      {"[INFO ] 2026-01-02 03:04:05,1 a.b (t) - started", "steve"},
      {"2026-01-02T03:04:00.000Z: SYS> Session", "libocpp"},
      {"2026-01-02 03:04:05.436\tINFO\t\tCitrineOS:X\tstarted", "citrineos"},
      {"03:04:05 [INF] [none] OCPPMiddleware => x", "ocppcore"},
      {"[MO] info (A.cpp:1): x", "microocpp"},
      {python_line("A"), "mobilityhouse"},
      {"2026-01-02T03:04:06.1Z stdout F x", "cri"},
      {"<134>1 2026-01-02T03:04:05Z h p 1 - - x", "syslog"},
      {"Jan  2 03:04:05 h p[1]: x", "syslog"},
      {"45 <134>1 2026-01-02T03:04:05Z h p 1 - - started", "syslog"},
  };
  for (const auto& [line, format] : cases) {
    INFO(line);
    // With a few lines of something else in front.
    for (const std::string& front : {std::string(), std::string("\n---- log begins\n")}) {
      if (!front.empty() && line.starts_with("45 ")) continue;
      const ReadLog log = read_log(front + line + "\n", "auto:x");
      CHECK(log.format == format);
      CHECK(log.counters.records - log.counters.unparsed == 1);
    }
  }
  const ReadLog none = read_log("hello\nworld\n", "auto:some.log");
  CHECK(none.problem.find("none of its first lines is of a known log format") != std::string::npos);
  CHECK(none.problem.find("--log steve:some.log") != std::string::npos);
}

TEST_CASE("only the first lines decide about the format") {
  std::string text;
  for (std::size_t i = 0; i < kLogHeadLinesMax; ++i) text += "something else\n";
  CHECK(read_log(text + python_line("A") + "\n", "auto:x").problem.find("none of its first") !=
        std::string::npos);
  // However much of it is read at once, and whatever the lines are.
  const std::string empty(kLogHeadLinesMax, '\n');
  for (const std::size_t step : {std::size_t{1}, SIZE_MAX}) {
    CHECK(read_log(empty + python_line("A") + "\n", "auto:x", step).problem.find("none of its") !=
          std::string::npos);
    CHECK(read_log("\n\n", "auto:x", step).problem.empty());
  }
  text.resize(text.size() - 15);
  CHECK(read_log(text + python_line("A") + "\n", "auto:x").format == "mobilityhouse");
}

TEST_CASE("a head of long lines is cut") {
  const std::string line = "CP1: receive message [2,\"m\",\"DataTransfer\",{\"data\":\"" +
                           std::string(2 * kLogHeadBytesMax, 'A') + "\"}]\n";
  const ReadLog log = read_log(line + python_line("B"), "auto:x");
  CHECK(log.format == "mobilityhouse");
  CHECK(log.lines.size() == 2);
}

TEST_CASE("frames of counted octets are read, and wrong ones passed over") {
  const auto frame = [](std::string_view text) { return fmt::format("{} {}", text.size(), text); };
  const std::string one = "<134>1 2026-01-02T03:04:05Z h p 1 - - one\nand more";
  const std::string two = "<134>1 2026-01-02T03:04:06Z h p 1 - - two";
  const std::string head = "line level=info program=p host=h | ";
  for (const std::size_t step : {std::size_t{1}, SIZE_MAX}) {
    CHECK(read_log(frame(one) + frame(two), "syslog:x", step).lines ==
          Lines{"1 " + head + "one\nand more", "2 " + head + "two"});
    CHECK(read_log(frame(one) + "99999999 x\n" + frame(two), "syslog:x", step).lines ==
          Lines{"1 " + head + "one\nand more", "2 unparsed reason=bad_frame | 99999999 x",
                "3 " + head + "two"});
    const ReadLog cut = read_log(frame(one) + "500 " + two, "syslog:x", step);
    CHECK(cut.lines.back() == "2 line level=info program=p host=h cut | two");
    CHECK(cut.counters.cut == 1);
  }
}

TEST_CASE("a time without date or year follows what the file tells") {
  const auto times = [](const std::string& text, std::string_view argument) {
    return read_log(text, argument).times;
  };
  const std::string core = "23:59:59 [INF] a\n00:00:01 [INF] b\n";
  // Nothing is known.
  CHECK(times(core, "ocppcore:x") ==
        Lines{"1970-01-01T23:59:59.000000000Z", "1970-01-02T00:00:01.000000000Z"});
  CHECK(times(core, "ocppcore,date=2026-12-31:x") ==
        Lines{"2026-12-31T23:59:59.000000000Z", "2027-01-01T00:00:01.000000000Z"});
  CHECK(times(core, "ocppcore:core-20261231.log")[1] == "2027-01-01T00:00:01.000000000Z");
  const std::string year = "<1>Dec 31 23:59:59 h p: a\n<1>Jan  1 00:00:01 h p: b\n";
  CHECK(times(year, "syslog,date=2026-12-31:x") ==
        Lines{"2026-12-31T23:59:59.000000000Z", "2027-01-01T00:00:01.000000000Z"});
  CHECK(times(year, "syslog:x") ==
        Lines{"1970-12-31T23:59:59.000000000Z", "1971-01-01T00:00:01.000000000Z"});
  // A date in the text of an early line.
  CHECK(times(year + "<1>Jan  1 00:00:02 h p: since 2025-01-01T00:00:00Z", "syslog:x")[0] ==
        "2024-12-31T23:59:59.000000000Z");
}

TEST_CASE("a log without times has those that its messages tell") {
  const std::string text = "CP1: receive message " + kBeat +
                           "\nCP1: send [3,\"m-1\",{\"currentTime\":\"2026-01-02T03:04:05Z\"}]\n"
                           "CP1: receive message " +
                           kBeat +
                           "\nCP1: send [3,\"m-1\",{\"currentTime\": \"2026-01-02T03:09:05Z\"}]\n"
                           "CP1: send [3,\"m-2\",{\"currentTime\":\"2020-01-01T00:00:00Z\"}]\n";
  CHECK(read_log(text, "mobilityhouse:x").times ==
        Lines{"2026-01-02T03:04:05.000000000Z", "2026-01-02T03:04:05.000000000Z",
              "2026-01-02T03:04:05.000000000Z", "2026-01-02T03:09:05.000000000Z",
              "2026-01-02T03:09:05.000000000Z"});
}
