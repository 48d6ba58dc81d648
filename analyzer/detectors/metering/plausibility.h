#pragma once
// Plausibility: readings of one session that contradict each other or a battery (threats MB-07,
// MB-08). Part of the metering detector.

#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/metering/meter_trace.h"
#include "analyzer/detectors/metering/sample.h"

namespace chargewarden::session {

class Plausibility {
 public:
  // `trace` has taken the sample in.
  void check(const Sample& sample, const MeterTrace& trace, const Session& session,
             Reporter& reporter) {
    check_soc(sample, trace, session, reporter);
    check_power(sample, session, reporter);
  }

 private:
  void check_soc(const Sample& sample, const MeterTrace& trace, const Session& session,
                 Reporter& reporter);
  void check_power(const Sample& sample, const Session& session, Reporter& reporter);

  bool has_soc_ = false;
  bool soc_told_ = false;
  double first_percent_ = 0;  // State of charge, and the energy at that time.
  double first_wh_ = 0;
  double highest_percent_ = 0;
  double highest_wh_ = 0;
  bool power_told_ = false;
  int odd_samples_ = 0;  // In a row.
};

}  // namespace chargewarden::session
