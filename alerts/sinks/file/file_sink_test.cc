#include "alerts/sinks/file/file_sink.h"

#include <array>
#include <csignal>
#include <fstream>
#include <thread>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alerts/model/alert_builder.h"
#include "tests/support/files.h"

using namespace chargewarden;
using harness::content_of;
using harness::TemporaryFolder;

TEST_CASE("alerts are lines, appended to what is there, in a file others cannot read") {
  const TemporaryFolder folder;
  const std::string path = folder.below("alerts.jsonl");
  for (const char* json : {"{\"a\":1}", "{\"a\":2}"}) {
    auto sink = FileSink::open(path, AlertForm::kOcsfLines);
    REQUIRE(sink);
    CHECK((*sink)->deliver(firmware_alert(), json));
    CHECK((*sink)->flush());
  }
  CHECK(content_of(path) == "{\"a\":1}\n{\"a\":2}\n");

  struct stat info {};

  REQUIRE(::stat(path.c_str(), &info) == 0);
  CHECK((info.st_mode & 0007U) == 0);
}

TEST_CASE("text for people has no colours unless they are asked for") {
  const TemporaryFolder folder;
  for (const AlertForm form : {AlertForm::kText, AlertForm::kColouredText}) {
    const std::string path = folder.below(form == AlertForm::kText ? "plain" : "coloured");
    auto sink = FileSink::open(path, form);
    REQUIRE(sink);
    CHECK((*sink)->deliver(firmware_alert(), "{}"));
    const std::string text = content_of(path);
    CHECK(text.find("HIGH") != std::string::npos);
    CHECK((text.find('\x1b') == std::string::npos) == (form == AlertForm::kText));
  }
}

TEST_CASE("a path that cannot be a file is refused with one sentence that names it") {
  const TemporaryFolder folder;
  std::ofstream(folder.below("plain")).put('x');

  struct Row {
    std::string path;
    std::string_view reason;
  };

  const Row rows[] = {
      {folder.below("plain") + "/below", "Not a directory"},
      {folder.below("missing") + "/file", "No such file or directory"},
      {folder.below(""), "Is a directory"},
  };
  for (const Row& row : rows) {
    const auto sink = FileSink::open(row.path, AlertForm::kOcsfLines);
    REQUIRE_FALSE(sink);
    CHECK(sink.error().code == ErrorCode::kUsage);
    CHECK(sink.error().message ==
          fmt::format("cannot open alert file \"{}\" for writing: {}", row.path, row.reason));
  }
}

TEST_CASE("a full device is an error that names the file") {
  auto sink = FileSink::open("/dev/full", AlertForm::kOcsfLines);
  REQUIRE(sink);
  const auto done = (*sink)->deliver(firmware_alert(), "{}");
  REQUIRE_FALSE(done);
  CHECK(done.error().code == ErrorCode::kReadWrite);
  CHECK(done.error().message ==
        "cannot write an alert to alert file \"/dev/full\": No space left on device");
}

TEST_CASE("a reader that goes away is an error, and one that is slow loses nothing") {
  const auto previous = std::signal(SIGPIPE, SIG_IGN);
  const TemporaryFolder folder;
  const std::string path = folder.below("pipe");
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  const int reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  REQUIRE(reader >= 0);
  REQUIRE(::fcntl(reader, F_SETFL, 0) == 0);
  auto sink = FileSink::open(path, AlertForm::kOcsfLines);
  REQUIRE(sink);

  // Ten times what a pipe holds: write(2) takes parts of it.
  const std::string big(655'360, 'x');
  std::string received;
  std::thread drain([&] {
    std::array<char, 1000> part;
    while (received.size() < big.size() + 1) {
      const ssize_t got = ::read(reader, part.data(), part.size());
      if (got <= 0) break;
      received.append(part.data(), static_cast<std::size_t>(got));
    }
  });
  const auto written = (*sink)->deliver(firmware_alert(), big);
  drain.join();
  CHECK(written);
  CHECK(received == big + "\n");

  ::close(reader);
  const auto done = (*sink)->deliver(firmware_alert(), "{}");
  REQUIRE_FALSE(done);
  CHECK(done.error().code == ErrorCode::kReadWrite);
  CHECK(done.error().message.find("Broken pipe") != std::string::npos);
  (void)std::signal(SIGPIPE, previous);
}
