#pragma once
// ZmqSink: the live stream of alerts, a ZeroMQ PUB socket (RFC 29/PUBSUB of the ZeroMQ RFCs).
//
// Each alert is a message of two frames: the topic `alert.<level>.<rule name>` and the OCSF object.
// A subscriber chooses by prefix: "alert." takes all, "alert.critical." the critical ones.
// deliver() never waits: a subscriber that reads slower than alerts come loses messages beyond
// kHighWaterMark, sees the hole in metadata.sequence, and fetches what it missed from the audit
// trail. Subscribers that join late do not get earlier alerts.
//
// Without keys the stream stays on this machine: tcp on a loopback address, ipc, or inproc.

#include <memory>
#include <string>
#include <string_view>

#include "alerts/sinks/sink.h"

namespace chargewarden {

// Messages that wait for one subscriber, at most; with alerts of 2 kB, 20 MB for each slow one.
// Test: zmq_sink_test.cc "a subscriber that is too slow sees the hole in the sequence".
inline constexpr int kHighWaterMark = 10'000;

// How long closing waits for subscribers to take what is queued, ms. A stop must not hang on one
// that does not read.
inline constexpr int kLingerMs = 1'000;

// kUsage unless the endpoint stays on this machine.
Expected<void> check_local_endpoint(std::string_view endpoint);

// The topic of an alert.
std::string topic_of(const Alert& alert);

class ZmqSink final : public Sink {
 public:
  // Binds. kUsage when the endpoint is refused, kReadWrite when it cannot be bound.
  static Expected<std::unique_ptr<ZmqSink>> open(const std::string& endpoint,
                                                 int high_water_mark = kHighWaterMark);

  ~ZmqSink() override;

  Expected<void> deliver(const Alert& alert, std::string_view ocsf_json) override;

  // Where it is bound: the port that the system chose for tcp://127.0.0.1:*.
  [[nodiscard]] std::string endpoint() const;

 private:
  struct Impl;
  explicit ZmqSink(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace chargewarden
