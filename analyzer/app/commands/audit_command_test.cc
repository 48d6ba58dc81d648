#include "analyzer/app/commands/audit_command.h"

#include <algorithm>
#include <cstdio>
#include <sstream>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "alerts/audit/audit_store.h"
#include "tests/support/files.h"

using namespace chargewarden;
using harness::content_of;
using harness::TemporaryFolder;

namespace {

// Sends a file descriptor of this process into a file while it lives.
class Redirect {
 public:
  Redirect(int fd, const std::string& path) : fd_(fd), saved_(::dup(fd)) {
    (void)std::fflush(nullptr);
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    (void)::dup2(file, fd);
    (void)::close(file);
  }

  ~Redirect() {
    (void)std::fflush(nullptr);
    (void)::dup2(saved_, fd_);
    (void)::close(saved_);
  }

  Redirect(const Redirect&) = delete;
  Redirect& operator=(const Redirect&) = delete;

 private:
  int fd_;
  int saved_;
};

struct Outcome {
  int status = -1;
  std::string out;
  std::string err;
};

Outcome run(std::vector<std::string> arguments) {
  const TemporaryFolder scratch;
  Outcome outcome;
  {
    const Redirect out(STDOUT_FILENO, scratch.path() + "/out");
    const Redirect err(STDERR_FILENO, scratch.path() + "/err");
    CLI::App app("test", "chargewarden");
    add_audit_command(app, outcome.status);
    std::reverse(arguments.begin(), arguments.end());
    try {
      app.parse(arguments);
    } catch (const CLI::ParseError& error) {
      outcome.status = app.exit(error) == 0 ? 0 : 2;
    }
  }
  outcome.out = content_of(scratch.path() + "/out");
  outcome.err = content_of(scratch.path() + "/err");
  return outcome;
}

// Two actions on CP-1 at 2023-11-14T22:13:20Z and a second later, and a start of the sensor.
void fill(const std::string& folder) {
  auto store = AuditStore::open(folder);
  REQUIRE(store);
  SensorRecord start;
  start.action = "start";
  REQUIRE((*store)->append(start));
  ActionRecord action;
  action.time_ns = 1'700'000'000'000'000'000;
  action.station = "CP-1";
  action.action = "Reset";
  action.outcome = "Accepted";
  REQUIRE((*store)->append(action));
  action.time_ns += 1'000'000'000;
  action.action = "UpdateFirmware";
  REQUIRE((*store)->append(action));
}

}  // namespace

TEST_CASE("audit query shows a table, JSON lines or CSV") {
  const TemporaryFolder folder;
  fill(folder.path());
  const Outcome table = run({"audit", "query", "--audit", folder.path(), "--kind", "action"});
  CHECK(table.status == 0);
  CHECK(table.err.empty());
  CHECK(
      table.out ==
      "INDEX  TIME                            KIND    LEVEL  STATION  WHAT            OUTCOME\n"
      "    1  2023-11-14T22:13:20.000000000Z  action         CP-1     Reset           Accepted\n"
      "    2  2023-11-14T22:13:21.000000000Z  action         CP-1     UpdateFirmware  Accepted\n");

  const Outcome json = run({"audit", "query", "--audit", folder.path(), "--format", "json"});
  std::istringstream lines(json.out);
  std::string line;
  for (int index = 0; index < 3; ++index) {
    REQUIRE(std::getline(lines, line));
    const auto object = nlohmann::json::parse(line);
    CHECK(object["index"] == index);
    CHECK(object["body"]["index"] == index);
  }
  CHECK_FALSE(std::getline(lines, line));

  const Outcome csv = run({"audit", "query", "--audit", folder.path(), "--format", "csv"});
  CHECK(csv.out.starts_with("index,time,kind,level,station,rule,action,outcome,body\r\n0,"));
  CHECK(std::count(csv.out.begin(), csv.out.end(), '\n') == 4);
}

TEST_CASE("audit query filters by time, action and page") {
  const TemporaryFolder folder;
  fill(folder.path());
  const auto indexes = [&](std::vector<std::string> filter) {
    std::vector<std::string> arguments = {"audit",       "query",    "--audit",
                                          folder.path(), "--format", "json"};
    arguments.insert(arguments.end(), filter.begin(), filter.end());
    const Outcome outcome = run(arguments);
    CHECK(outcome.status == 0);
    std::string found;
    std::istringstream lines(outcome.out);
    for (std::string line; std::getline(lines, line);) {
      found += std::to_string(nlohmann::json::parse(line)["index"].get<int>());
    }
    return found;
  };
  CHECK(indexes({}) == "012");
  CHECK(indexes({"--from", "2023-11-14T22:13:20Z"}) == "12");
  CHECK(indexes({"--from", "2023-11-14T22:13:20Z", "--to", "2023-11-14T22:13:21Z"}) == "1");
  CHECK(indexes({"--from", "-24h"}).empty());
  CHECK(indexes({"--to", "-1s"}) == "012");
  CHECK(indexes({"--action", "Reset"}) == "1");
  CHECK(indexes({"--station", "CP-1"}) == "12");
  CHECK(indexes({"--level", "low"}).empty());
  CHECK(indexes({"--rule", "none"}).empty());
  CHECK(indexes({"--after", "0"}) == "12");
  CHECK(indexes({"--after", "0", "--limit", "1"}) == "1");
}

TEST_CASE("audit query says when nothing matches and when there is more") {
  const TemporaryFolder folder;
  fill(folder.path());
  const Outcome nothing = run({"audit", "query", "--audit", folder.path(), "--station", "CP-9"});
  CHECK(nothing.status == 0);
  CHECK(nothing.out.empty());
  CHECK(nothing.err == "no record matches\n");
  const Outcome more = run({"audit", "query", "--audit", folder.path(), "--limit", "2"});
  CHECK(more.status == 0);
  CHECK(more.err == "there are more records: go on with --after 1\n");
  const Outcome all = run({"audit", "query", "--audit", folder.path(), "--limit", "3"});
  CHECK(all.err.empty());
}

TEST_CASE("audit show prints one record in full") {
  const TemporaryFolder folder;
  fill(folder.path());
  const Outcome text = run({"audit", "show", "--audit", folder.path(), "1"});
  CHECK(text.status == 0);
  CHECK(text.out ==
        "index    1\n"
        "kind     action\n"
        "time     2023-11-14T22:13:20.000000000Z\n"
        "station  CP-1\n"
        "action   Reset\n"
        "outcome  Accepted\n"
        "\n"
        "{\n"
        "  \"action\": \"Reset\",\n"
        "  \"index\": 1,\n"
        "  \"kind\": \"action\",\n"
        "  \"outcome\": \"Accepted\",\n"
        "  \"station\": \"CP-1\",\n"
        "  \"time\": \"2023-11-14T22:13:20.000000000Z\"\n"
        "}\n");
  const Outcome json = run({"audit", "show", "--audit", folder.path(), "1", "--format", "json"});
  CHECK(nlohmann::json::parse(json.out)["body"]["action"] == "Reset");
  const Outcome missing = run({"audit", "show", "--audit", folder.path(), "3"});
  CHECK(missing.status == 2);
  CHECK(missing.err ==
        fmt::format("chargewarden: no record 3 in \"{}\": it holds 3 records, numbered from 0\n",
                    folder.path()));
}

TEST_CASE("audit show prints a body that was tampered with as it is") {
  const TemporaryFolder folder;
  const std::string deep = std::string(500'000, '[') + std::string(500'000, ']');
  {
    auto store = AuditStore::open(folder.path());
    REQUIRE(store);
    for (const std::string& body : {deep, std::string("not json \x1b[2J")}) {
      Record record;
      record.body = body;
      REQUIRE((*store)->append(std::move(record)));
    }
  }
  const Outcome nested = run({"audit", "show", "--audit", folder.path(), "0"});
  CHECK(nested.status == 0);
  CHECK(nested.out.find("\n\n" + deep + "\n") != std::string::npos);
  const Outcome text = run({"audit", "show", "--audit", folder.path(), "1"});
  CHECK(text.out.find("\n\nnot json ?[2J\n") != std::string::npos);
}

TEST_CASE("wrong usage of audit ends with status 2 and one sentence") {
  const TemporaryFolder folder;
  fill(folder.path());
  const Outcome missing = run({"audit", "query", "--audit", folder.path() + "/none"});
  CHECK(missing.status == 2);
  CHECK(missing.err == fmt::format("chargewarden: no audit trail in \"{}/none\": there is no file "
                                   "audit.db\n",
                                   folder.path()));
  CHECK(run({"audit", "show", "--audit", folder.path() + "/none", "0"}).status == 2);
  const std::vector<std::vector<std::string>> wrong = {
      {"audit"},
      {"audit", "query"},
      {"audit", "show", "--audit", folder.path()},
      {"audit", "show", "--audit", folder.path(), "-1"},
      {"audit", "query", "--audit", folder.path(), "--from", "yesterday"},
      {"audit", "query", "--audit", folder.path(), "--level", "severe"},
      {"audit", "query", "--audit", folder.path(), "--kind", "alarm"},
      {"audit", "query", "--audit", folder.path(), "--limit", "0"},
      {"audit", "query", "--audit", folder.path(), "--after", "x"},
      {"audit", "query", "--audit", folder.path(), "--format", "xml"},
  };
  for (const auto& arguments : wrong) {
    CAPTURE(fmt::format("{}", fmt::join(arguments, " ")));
    const Outcome outcome = run(arguments);
    CHECK(outcome.status == 2);
    CHECK(outcome.out.empty());
    CHECK_FALSE(outcome.err.empty());
  }
}

TEST_CASE("the help of audit has an example") {
  for (const char* command : {"query", "show"}) {
    const Outcome help = run({"audit", command, "--help"});
    CHECK(help.status == 0);
    CHECK(help.out.find("Example:") != std::string::npos);
    CHECK(help.out.find("--audit DIR") != std::string::npos);
  }
}

TEST_CASE("an answer that cannot be written is an error") {
  const TemporaryFolder folder;
  fill(folder.path());
  int status = -1;
  {
    const Redirect out(STDOUT_FILENO, "/dev/full");
    const Redirect err(STDERR_FILENO, "/dev/null");
    CLI::App app("test", "chargewarden");
    add_audit_command(app, status);
    app.parse(std::vector<std::string>{folder.path(), "--audit", "query", "audit"});
  }
  std::clearerr(stdout);
  CHECK(status == 74);
}
