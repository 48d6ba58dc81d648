#pragma once
// ExportWatch: energy that a connector feeds back although nobody was seen to ask for it (threat
// MB-18). Part of the metering detector.
//
// A station to which discharge was ever allowed is left alone: orders outlive what was captured of
// them, and a station that has one feeds back when it sees fit.

#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/metering/sample.h"

namespace chargewarden::session {

// What is kept of one session.
struct ExportState {
  std::optional<double> first_wh;
  int samples = 0;  // With power, in a row.
};

class ExportWatch {
 public:
  // A charging profile that the station has accepted, or that came with a start.
  void on_profile(const Fact& fact);

  void check(const Sample& sample, const Session& session, ExportState& state, Reporter& reporter);

 private:
  bool allowed_ = false;
  bool told_ = false;  // Once per station.
};

}  // namespace chargewarden::session
