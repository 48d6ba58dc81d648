#pragma once
// What charging stations and their CSMS say to each other: OCPP-J 1.6, 2.0.1 and 2.1 messages of
// boots, idle stations and charging sessions, in a plausible order and with plausible values.

#include <cstdint>
#include <string>
#include <string_view>

#include "tests/bench/packets.h"
#include "tests/bench/random.h"

namespace chargewarden::bench {

enum class Version : std::uint8_t { k16, k201, k21 };

std::string_view subprotocol_of(Version version);

// A call and its answer.
struct Exchange {
  End caller = End::kClient;
  std::string_view action;
  std::string call;
  std::string answer;
  bool is_error = false;    // The answer is a CALLERROR.
  std::string_view threat;  // Row of the threat catalogue that the call shows; empty when harmless.
};

// One station with one charging point. Not shared between threads.
class Station {
 public:
  Station(Random& random, std::uint64_t number, Version version);

  [[nodiscard]] const std::string& id() const { return id_; }

  [[nodiscard]] Version version() const { return version_; }

  // Whether no session is on.
  [[nodiscard]] bool idle() const { return phase_ == Phase::kIdle; }

  // The station's next exchange. `out` is reused: nothing is allocated once it has grown.
  void next(std::int64_t time_ns, Exchange& out);

  // Something in its stead that a rule of the shipped catalogue is for.
  void attack(Exchange& out);

 private:
  enum class Phase : std::uint8_t { kBoot, kFirstStatus, kIdle, kAuthorize, kStart, kOn, kStop };

  void begin(Exchange& out, End caller, std::string_view action);
  static void end(Exchange& out, std::string_view result);
  void boot(Exchange& out);
  void status(Exchange& out, std::string_view state);
  void heartbeat(Exchange& out);
  void authorize(Exchange& out);
  void transaction(Exchange& out, std::string_view event);
  void start_or_stop_16(Exchange& out, bool start);
  void meter_16(Exchange& out);
  void meter_values(std::string& out, std::string_view context);
  void sampled(std::string& out, bool first, std::string_view context, std::string_view measurand,
               std::string_view phase, std::string_view unit, double value);
  void settings(Exchange& out);
  void profile(Exchange& out);
  void advance_meter(std::int64_t time_ns);

  Random& random_;
  std::string id_;
  Version version_;
  Phase phase_ = Phase::kBoot;
  bool dc_;
  unsigned phases_;  // Of an AC station: 1 or 3.
  double energy_wh_;
  double power_w_ = 0;
  double soc_percent_ = 0;
  std::uint64_t transaction_ = 0;
  unsigned sequence_ = 0;
  unsigned samples_left_ = 0;
  std::int64_t metered_ns_ = 0;
  std::string token_;
  std::string message_id_;
  std::string now_;  // RFC 3339 with milliseconds, as stations write it.
};

}  // namespace chargewarden::bench
