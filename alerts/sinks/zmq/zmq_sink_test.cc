#include "alerts/sinks/zmq/zmq_sink.h"

#include <chrono>
#include <filesystem>
#include <thread>

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <unistd.h>
#include <zmq.hpp>

#include "alerts/model/alert_builder.h"

using namespace chargewarden;

namespace {

constexpr int kPatienceMs = 5'000;

class Subscriber {
 public:
  Subscriber(const std::string& endpoint, const std::string& prefix, int high_water_mark) {
    socket_.set(zmq::sockopt::ipv6, true);
    socket_.set(zmq::sockopt::rcvtimeo, kPatienceMs);
    socket_.set(zmq::sockopt::rcvhwm, high_water_mark);
    socket_.set(zmq::sockopt::linger, 0);
    socket_.connect(endpoint);
    socket_.set(zmq::sockopt::subscribe, prefix);
  }

  // Frames of the next message; empty when none comes.
  std::vector<std::string> next() {
    std::vector<std::string> frames;
    do {
      zmq::message_t frame;
      if (!socket_.recv(frame)) return {};
      frames.push_back(frame.to_string());
    } while (socket_.get(zmq::sockopt::rcvmore) != 0);
    return frames;
  }

  // Publishes until the first message arrives: a subscription takes effect some time after it was
  // asked for, and there is no other way to know.
  void settle(ZmqSink& sink) {
    socket_.set(zmq::sockopt::rcvtimeo, 10);
    bool arrived = false;
    for (int i = 0; i < kPatienceMs / 10 && !arrived; ++i) {
      REQUIRE(sink.deliver(firmware_alert(), "settle"));
      arrived = !next().empty();
    }
    REQUIRE(arrived);
    while (!next().empty()) {
    }
    socket_.set(zmq::sockopt::rcvtimeo, kPatienceMs);
  }

 private:
  zmq::context_t context_;
  zmq::socket_t socket_{context_, zmq::socket_type::sub};
};

}  // namespace

TEST_CASE("an alert arrives as two frames, topic and object") {
  for (const std::string& endpoint :
       {std::string("tcp://127.0.0.1:*"),
        fmt::format("ipc://{}/cw_zmq_test_{}", std::filesystem::temp_directory_path().string(),
                    ::getpid())}) {
    CAPTURE(endpoint);
    auto sink = ZmqSink::open(endpoint);
    REQUIRE(sink);
    Subscriber subscriber((*sink)->endpoint(), "alert.high.", 1000);
    subscriber.settle(**sink);
    CHECK((*sink)->deliver(firmware_alert(), "{\"a\":1}"));
    CHECK(subscriber.next() ==
          std::vector<std::string>{"alert.high.unsigned_firmware_command", "{\"a\":1}"});
  }
}

TEST_CASE("alerts arrive in order and a prefix that does not match gets none") {
  auto sink = ZmqSink::open("tcp://127.0.0.1:*");
  REQUIRE(sink);
  Subscriber all((*sink)->endpoint(), "alert.", 10'000);
  all.settle(**sink);
  Subscriber other((*sink)->endpoint(), "alert.low.", 10'000);
  for (int i = 0; i < 1000; ++i) CHECK((*sink)->deliver(firmware_alert(), std::to_string(i)));
  for (int i = 0; i < 1000; ++i) {
    const auto frames = all.next();
    REQUIRE(frames.size() == 2);
    CHECK(frames[1] == std::to_string(i));
  }
  const RuleInfo low = firmware_rule(Level::kLow);
  // By now the second subscription is in place; what it gets first is the first low alert.
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  CHECK((*sink)->deliver(alert_of(low), "low"));
  const auto frames = other.next();
  REQUIRE(frames.size() == 2);
  CHECK(frames[1] == "low");
}

TEST_CASE("a subscriber that is too slow sees the hole in the sequence, and delivery never waits") {
  auto sink = ZmqSink::open("tcp://127.0.0.1:*", 4);
  REQUIRE(sink);
  Subscriber slow((*sink)->endpoint(), "alert.", 4);
  slow.settle(**sink);
  const std::string big(60'000, 'x');
  constexpr int kSent = 5'000;  // 300 MB: more than all socket buffers hold.
  for (int i = 0; i < kSent; ++i)
    REQUIRE((*sink)->deliver(firmware_alert(), std::to_string(i) + big));
  int received = 0;
  int last = -1;
  bool ordered = true;
  // The messages that were kept, then one that shows that the stream goes on: offered again and
  // again, because it too may come while there is no room.
  int silent = 0;
  while (last < kSent) {
    REQUIRE((*sink)->deliver(firmware_alert(), std::to_string(kSent)));
    const auto frames = slow.next();
    if (frames.empty()) {
      REQUIRE(++silent < 10);
      continue;
    }
    REQUIRE(frames.size() == 2);
    const int number = std::stoi(frames[1]);
    ordered = ordered && number > last;
    last = number;
    ++received;
  }
  CHECK(ordered);
  CHECK(received < kSent);
}

TEST_CASE("without keys only endpoints of this machine are taken") {
  for (const char* endpoint :
       {"tcp://127.0.0.1:5556", "tcp://127.0.0.1:65535", "tcp://127.1.2.3:*", "tcp://[::1]:5556",
        "ipc:///run/chargewarden/alerts", "inproc://alerts"}) {
    CAPTURE(endpoint);
    CHECK(check_local_endpoint(endpoint));
  }
  for (const char* endpoint : {"tcp://0.0.0.0:5556",
                               "tcp://*:5556",
                               "tcp://10.0.0.1:5556",
                               "tcp://[::]:5556",
                               "tcp://eth0:5556",
                               "tcp://localhost:5556",
                               "tcp://127.0.0.1",
                               "tcp://127.0.0.1:",
                               "tcp://",
                               "tcp://::ffff:10.0.0.1:5556",
                               "tcp://127.0.0.1:65536",
                               "tcp://127.0.0.1:99999",
                               "tcp://127.0.0.1:-1",
                               "tcp://127.0.0.1:5x",
                               "ipc://",
                               "inproc://",
                               "udp://127.0.0.1:5556",
                               "pgm://x",
                               "",
                               "127.0.0.1:5556",
                               "tcp://127.0.0.1.evil.example:5556"}) {
    CAPTURE(endpoint);
    const auto refused = check_local_endpoint(endpoint);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == ErrorCode::kUsage);
    CHECK(refused.error().message.find(fmt::format("\"{}\"", endpoint)) != std::string::npos);
  }
}

TEST_CASE("an endpoint that is in use is an error that names it") {
  auto first = ZmqSink::open("tcp://127.0.0.1:*");
  REQUIRE(first);
  const std::string endpoint = (*first)->endpoint();
  const auto second = ZmqSink::open(endpoint);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::kReadWrite);
  CHECK(second.error().message ==
        fmt::format("cannot publish on \"{}\": Address already in use", endpoint));
}
