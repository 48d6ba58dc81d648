#include "analyzer/detectors/metering/meter_trace.h"

#include <algorithm>
#include <cmath>

namespace chargewarden::session {

namespace {

constexpr double kNsPerHour = 3.6e12;

// Shortest time over which a rate is told: registers count in steps of up to 100 Wh (kWh with one
// digit), which over less time make a rate that is none.
constexpr std::int64_t kRateMinNs = 60'000'000'000;

// A register that comes alone so soon after a reading of both, as the one at the end of a session
// does, is compared with the power of that reading: what it may have become since is within a step
// of the register, below 360 kW.
constexpr std::int64_t kHoldMaxNs = 10'000'000'000;

// What is left when power and register are measured at two ends of the power electronics or by two
// meters: losses of DC chargers are below 10 % (IEC 61851-23 asks for none; data sheets give 92 to
// 97 %), classes of meters below 2 %.
constexpr double kMeterShare = 0.2;

// Steps of registers, as above, at both ends.
constexpr double kRegisterStepWh = 1'000;

}  // namespace

void MeterTrace::begin(std::int64_t time_ns, double register_wh) {
  first_wh_ = register_wh;
  last_wh_ = register_wh;
  last_register_ns_ = time_ns;
  last_ns_ = time_ns;
  anchor_ = {register_wh, time_ns};
}

// Where readings follow each other closely, the last of them counts from the one a minute ago: a
// leap is not hidden by a reading just before it.
double MeterTrace::rate_w(double register_wh, std::int64_t time_ns) {
  const auto since = [&](const Register& from) {
    return (register_wh - from.wh) * kNsPerHour / static_cast<double>(time_ns - from.time_ns);
  };
  if (!anchor_ || time_ns - anchor_->time_ns >= kRateMinNs) {
    const double rate = anchor_ ? since(*anchor_) : 0;
    anchor_before_ = anchor_;
    anchor_ = {register_wh, time_ns};
    return rate;
  }
  const bool apart = anchor_before_ && time_ns - anchor_before_->time_ns >= kRateMinNs;
  return apart ? since(*anchor_before_) : 0;
}

MeterTrace::Step MeterTrace::add(const Sample& sample) {
  Step out;
  if (sample.time_ns < last_ns_) {
    out.is_old = true;
    return out;
  }
  const std::int64_t span = last_ns_ != 0 ? sample.time_ns - last_ns_ : 0;
  if (span > 0) {
    ++gaps_;
    gaps_ns_ += span;
    longest_ns_ = std::max(longest_ns_, span);
  }
  if (span > 0 || (sample.register_wh && !sample.power_w)) compare(sample, span);
  if (sample.register_wh) {
    const double now = *sample.register_wh;
    if (last_wh_) {
      out.from_wh = *last_wh_;
      out.drop_wh = std::max(0.0, *last_wh_ - now);
      out.span_ns = sample.time_ns - last_register_ns_;
    } else {
      first_wh_ = now;
    }
    out.rate_w = rate_w(now, sample.time_ns);
    last_wh_ = now;
    last_register_ns_ = sample.time_ns;
  }
  if (sample.power_w || span > 0) power_w_ = sample.power_w;
  has_power_ = has_power_ || sample.power_w.has_value();
  last_ns_ = sample.time_ns;
  return out;
}

// Between two samples that tell the power it is taken to change evenly.
void MeterTrace::compare(const Sample& sample, std::int64_t span_ns) {
  const bool held = power_w_ && !sample.power_w && sample.register_wh && span_ns <= kHoldMaxNs;
  const bool both = power_w_ && (sample.power_w || held);
  if (both) {
    const double power_w = sample.power_w.value_or(*power_w_);
    const double mean_w = (*power_w_ + power_w) / 2;
    const double hours = static_cast<double>(span_ns) / kNsPerHour;
    pending_wh_ += mean_w * hours;
    pending_least_wh_ += std::max(0.0, std::min(*power_w_, power_w)) * hours;
    power_max_w_ = std::max({power_max_w_, *power_w_, power_w});
    interval_max_ns_ = std::max(interval_max_ns_, span_ns);
    ++intervals_;
  }
  pending_whole_ = both && (last_register_ns_ == last_ns_ || pending_whole_);
  if (!sample.register_wh) return;
  if (pending_whole_ && last_wh_) {
    const double delta = *sample.register_wh - *last_wh_;
    const std::int64_t since_ns = sample.time_ns - last_register_ns_;
    counted_wh_ += delta;
    expected_wh_ += pending_wh_;
    compared_ns_ += since_ns;
    // A vehicle that has just stopped is not one that goes on: the lower power counts.
    if (delta == 0 && held) {
      // Too short to say anything.
    } else if (delta == 0 && pending_least_wh_ > 0) {
      still_wh_ += pending_least_wh_;
      still_ns_ += since_ns;
      ++still_samples_;
    } else {
      still_wh_ = 0;
      still_ns_ = 0;
      still_samples_ = 0;
    }
  }
  pending_wh_ = 0;
  pending_least_wh_ = 0;
  pending_whole_ = false;
}

// Power may change at any moment between two readings: in one interval the error is at most what
// the highest power makes in it; over many of them, errors of either sign add up like the square
// root of their number.
double MeterTrace::tolerance_wh() const noexcept {
  const double interval_wh = power_max_w_ * static_cast<double>(interval_max_ns_) / kNsPerHour;
  const double spread = std::sqrt(static_cast<double>(std::max<std::int64_t>(1, intervals_)));
  const double larger = std::max(std::abs(counted_wh_), std::abs(expected_wh_));
  return kRegisterStepWh + interval_wh * spread + kMeterShare * larger;
}

std::int64_t MeterTrace::usual_ns() const noexcept {
  constexpr std::int64_t kEnough = 5;
  return gaps_ < kEnough ? 0 : (gaps_ns_ - longest_ns_) / (gaps_ - 1);
}

}  // namespace chargewarden::session
