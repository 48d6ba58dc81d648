#pragma once
// MeterTrace: the readings of one session, summed up as they come. Part of the metering detector.
//
// Energy and power come from one meter, but power only now and then: what flowed between two
// readings is known within limits. The trace keeps what the register counted and what the power
// would have made over the same time, and how far the two may lawfully be apart.

#include <cstdint>
#include <optional>

#include "analyzer/detectors/metering/sample.h"

namespace chargewarden::session {

class MeterTrace {
 public:
  // What a sample shows on its own.
  struct Step {
    bool is_old = false;       // Not later than what came before: nothing was taken from it.
    double drop_wh = 0;        // By how much the register fell.
    double from_wh = 0;        // Register before.
    double rate_w = 0;         // Mean power by the register over a minute or more; 0: not known.
    std::int64_t span_ns = 0;  // Since the register before.
  };

  // The begin of the session, where it told a register.
  void begin(std::int64_t time_ns, double register_wh);

  Step add(const Sample& sample);

  // Register less what it was at the begin, or at the first reading.
  [[nodiscard]] double energy_wh() const noexcept { return last_wh_.value_or(0) - first_wh_; }

  // Energy by the register, and by the power, over the readings that tell both.
  [[nodiscard]] double counted_wh() const noexcept { return counted_wh_; }

  [[nodiscard]] double expected_wh() const noexcept { return expected_wh_; }

  [[nodiscard]] std::int64_t compared_ns() const noexcept { return compared_ns_; }

  // By how much the two may differ: see meter_trace.cc.
  [[nodiscard]] double tolerance_wh() const noexcept;

  // Energy that the power would have made, at least, since the register last moved while power
  // flowed, and that time.
  [[nodiscard]] double still_wh() const noexcept { return still_wh_; }

  [[nodiscard]] std::int64_t still_ns() const noexcept { return still_ns_; }

  [[nodiscard]] int still_samples() const noexcept { return still_samples_; }

  [[nodiscard]] bool has_register() const noexcept { return last_wh_.has_value(); }

  [[nodiscard]] bool has_power() const noexcept { return has_power_; }

  [[nodiscard]] std::optional<double> last_wh() const noexcept { return last_wh_; }

  // Longest time without a reading, and the mean of the others; 0: fewer than five.
  [[nodiscard]] std::int64_t longest_ns() const noexcept { return longest_ns_; }

  [[nodiscard]] std::int64_t usual_ns() const noexcept;

 private:
  void compare(const Sample& sample, std::int64_t span_ns);
  double rate_w(double register_wh, std::int64_t time_ns);

  struct Register {
    double wh = 0;
    std::int64_t time_ns = 0;
  };

  double first_wh_ = 0;
  std::optional<double> last_wh_;  // Latest register, and when it was told.
  std::int64_t last_register_ns_ = 0;
  std::optional<Register> anchor_;  // Registers that rates are told from: a minute or more apart.
  std::optional<Register> anchor_before_;
  std::optional<double> power_w_;  // Of the latest sample, if it told one.
  std::int64_t last_ns_ = 0;
  double pending_wh_ = 0;  // By the power, since the register was last told.
  double pending_least_wh_ = 0;
  bool pending_whole_ = false;
  double counted_wh_ = 0;
  double expected_wh_ = 0;
  std::int64_t compared_ns_ = 0;
  double power_max_w_ = 0;
  std::int64_t interval_max_ns_ = 0;
  std::int64_t intervals_ = 0;
  double still_wh_ = 0;
  std::int64_t still_ns_ = 0;
  int still_samples_ = 0;
  bool has_power_ = false;
  std::int64_t longest_ns_ = 0;
  std::int64_t gaps_ns_ = 0;
  std::int64_t gaps_ = 0;
};

}  // namespace chargewarden::session
