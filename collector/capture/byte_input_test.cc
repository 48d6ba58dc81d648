// Reading files and pipes, and being told to stop.

#include "collector/capture/byte_input.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <string>
#include <string_view>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

using namespace chargewarden;  // NOLINT(google-build-using-namespace)

namespace {

// As a last resort, so that a reader which never stops is a failure and not a test without end.
constexpr auto kPatience = std::chrono::seconds(30);

std::unique_ptr<StopRequest> new_request() {
  auto stop = StopRequest::create();
  REQUIRE(stop);
  return std::move(stop).value();
}

// A pipe whose reading end is a FileInput.
class Pipe {
 public:
  explicit Pipe(const StopRequest* stop) {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    writer_ = ends[1];
    auto opened = FileInput::open(fmt::format("/proc/self/fd/{}", ends[0]), stop);
    ::close(ends[0]);
    REQUIRE(opened);
    input_ = std::move(opened).value();
  }

  ~Pipe() { close_writer(); }

  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  void write(std::string_view text) const {
    REQUIRE(::write(writer_, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  }

  void close_writer() {
    if (writer_ >= 0) ::close(writer_);
    writer_ = -1;
  }

  ByteInput& input() { return *input_; }

 private:
  int writer_ = -1;
  std::unique_ptr<ByteInput> input_;
};

// What one read brings; "end" at the end.
std::string read_once(ByteInput& input) {
  std::array<std::uint8_t, 16> buffer{};
  const auto count = input.read(buffer);
  if (!count) return count.error().message;
  if (count.value() == 0) return "end";
  return {buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(count.value())};
}

}  // namespace

TEST_CASE("a pipe is read to its end when nobody asks for a stop") {
  const auto stop = new_request();
  for (const StopRequest* request :
       {static_cast<const StopRequest*>(nullptr), static_cast<const StopRequest*>(stop.get())}) {
    Pipe pipe(request);
    pipe.write("abc");
    CHECK(read_once(pipe.input()) == "abc");
    pipe.write("de");
    pipe.close_writer();
    CHECK(read_once(pipe.input()) == "de");
    CHECK(read_once(pipe.input()) == "end");
    CHECK(pipe.input().bytes_read() == 5);
  }
}

TEST_CASE("a pipe says whether a read would wait") {
  Pipe pipe(nullptr);
  CHECK(pipe.input().must_wait());
  pipe.write("abc");
  CHECK_FALSE(pipe.input().must_wait());
  CHECK(read_once(pipe.input()) == "abc");
  CHECK(pipe.input().must_wait());
  pipe.close_writer();
  CHECK_FALSE(pipe.input().must_wait());  // The end comes at once.
  CHECK(read_once(pipe.input()) == "end");
}

TEST_CASE("a requested stop is the end, though there are bytes") {
  const auto stop = new_request();
  Pipe pipe(stop.get());
  pipe.write("abc");
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  auto file = FileInput::open(self, stop.get());
  REQUIRE(file);
  CHECK(read_once(*file.value()).size() == 16);
  stop->request();
  CHECK(read_once(pipe.input()) == "end");
  CHECK(pipe.input().bytes_read() == 0);
  CHECK(read_once(*file.value()) == "end");
  CHECK(file.value()->bytes_read() == 16);
}

TEST_CASE("a read that waits for a silent pipe ends when a stop is requested") {
  const auto stop = new_request();
  Pipe pipe(stop.get());
  pipe.write("abc");
  std::atomic<bool> had_bytes = false;
  auto reading = std::async(std::launch::async, [&] {
    const std::string first = read_once(pipe.input());
    had_bytes = true;
    had_bytes.notify_all();
    return first + "," + read_once(pipe.input());
  });
  had_bytes.wait(false);
  stop->request();
  CHECK(reading.wait_for(kPatience) == std::future_status::ready);
  pipe.close_writer();
  CHECK(reading.get() == "abc,end");
}

TEST_CASE("a stop that is requested just before a read begins to wait is not lost") {
  bool all = true;
  for (int round = 0; all && round < 500; ++round) {
    const auto stop = new_request();
    Pipe pipe(stop.get());
    std::atomic<bool> started = false;
    auto reading = std::async(std::launch::async, [&] {
      started = true;
      return read_once(pipe.input());
    });
    while (!started) continue;
    stop->request();
    all = reading.wait_for(kPatience) == std::future_status::ready;
    pipe.close_writer();
    CHECK(reading.get() == "end");
  }
  CHECK(all);
}
