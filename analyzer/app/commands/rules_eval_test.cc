#include "analyzer/app/commands/rules_eval.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <unistd.h>

using namespace chargewarden;

namespace {

// A folder with one file of rules, removed at the end.
class RuleFolder {
 public:
  explicit RuleFolder(const std::string& text)
      : path_(std::filesystem::temp_directory_path() / fmt::format("cw-eval-{}", ::getpid())) {
    std::filesystem::create_directories(path_);
    std::ofstream(path_ / "rules.yml") << text;
  }

  ~RuleFolder() { std::filesystem::remove_all(path_); }

  RuleFolder(const RuleFolder&) = delete;
  RuleFolder& operator=(const RuleFolder&) = delete;

  [[nodiscard]] std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

struct Result {
  int status = 0;
  std::string out;
  std::string err;
};

Result eval(const std::string& rules, const std::string& events,
            const std::string& time_field = {}) {
  const RuleFolder folder(rules);
  std::istringstream in(events);
  std::ostringstream out;
  std::ostringstream err;
  const int status =
      rules_eval({{{folder.path()}, {}, SchemaCheck::kForeign}, time_field}, in, out, err);
  return {status, out.str(), err.str()};
}

const std::string kLogin =
    "title: L\nname: login\nlogsource: {product: p}\ndetection:\n  s: {EventID: 4625}\n"
    "  condition: s\n---\n";
const std::string kBrute =
    "title: B\nname: brute\ncorrelation:\n  type: event_count\n  rules: [login]\n"
    "  group-by: [User]\n  timespan: 1m\n  condition: {gte: 2}\n---\n";

std::string line(const std::string& time, const std::string& user) {
  return fmt::format("{{\"EventID\": 4625, \"User\": \"{}\", {}}}\n", user, time);
}

}  // namespace

TEST_CASE("a correlation is told with the number of its last event, its rules are silent") {
  const std::string events = line(R"("@timestamp": "2026-11-22T12:00:00Z")", "a") +
                             line(R"("@timestamp": "2026-11-22T12:00:01Z")", "b") +
                             line(R"("@timestamp": "2026-11-22T12:00:02Z")", "a");
  const Result result = eval(kLogin + kBrute, events);
  CHECK(result.status == 0);
  CHECK(result.out == "{\"event\": 2, \"rule\": \"brute\"}\n");
  CHECK(result.err.empty());
}

TEST_CASE("events have their time under many names and in many forms") {
  for (const char* times :
       {R"("timestamp": "2026-11-22 12:00:00"|"timestamp": "2026-11-22 12:00:59")",
        R"("event.time": 1795348800|"event.time": 1795348859)",
        R"("ts": 1795348800.5|"ts": 1795348801.5)",
        R"("time": 1795348800000|"time": 1795348859000)",
        R"("UtcTime": "2026-11-22 12:00:00.001"|"UtcTime": "2026-11-22 12:00:01.001")"}) {
    CAPTURE(times);
    const std::string both(times);
    const std::size_t bar = both.find('|');
    const Result result =
        eval(kLogin + kBrute, line(both.substr(0, bar), "a") + line(both.substr(bar + 1), "a"));
    CHECK(result.out == "{\"event\": 1, \"rule\": \"brute\"}\n");
  }
}

TEST_CASE("the field with the time may be named, and events without one are counted") {
  const std::string events =
      line(R"("my.clock": "2026-11-22T12:00:00Z", "time": "2020-01-01T00:00:00Z")", "a") +
      line(R"("my.clock": "2026-11-22T12:00:01Z")", "a") + line(R"("x": 1)", "a");
  const Result named = eval(kLogin + kBrute, events, "my.clock");
  CHECK(named.out == "{\"event\": 1, \"rule\": \"brute\"}\n");
  CHECK(named.err.find("1 matches were not correlated") != std::string::npos);
  const Result unnamed = eval(kLogin + kBrute, events);
  CHECK(unnamed.out.empty());
  CHECK(unnamed.err.find("2 matches were not correlated") != std::string::npos);
}

TEST_CASE("windows that are open at the end are judged") {
  const std::string few =
      "title: F\nname: few\ncorrelation:\n  type: event_count\n  rules: [login]\n"
      "  group-by: [User]\n  timespan: 1m\n  condition: {lt: 2}\n  generate: true\n";
  const Result result = eval(kLogin + few, line(R"("time": "2026-11-22T12:00:00Z")", "a"));
  CHECK(result.out == "{\"event\": 0, \"rule\": \"login\"}\n{\"event\": 0, \"rule\": \"few\"}\n");
}

TEST_CASE("filters apply to what is evaluated") {
  const std::string filter =
      "title: F\nlogsource: {product: p}\nfilter:\n  rules: [login]\n  s: {User: admin}\n"
      "  condition: not s\n";
  const Result result = eval(kLogin + filter, line(R"("x": 1)", "admin") + line(R"("x": 1)", "a"));
  CHECK(result.out == "{\"event\": 1, \"rule\": \"login\"}\n");
}

TEST_CASE("a line that is no object ends the evaluation, and what came before is told") {
  const Result result = eval(kLogin, line(R"("x": 1)", "a") + "\n[1]\n");
  CHECK(result.status == 2);
  CHECK(result.out == "{\"event\": 0, \"rule\": \"login\"}\n");
  CHECK(result.err.find("line 3 of standard input") != std::string::npos);
}
