#pragma once
// CostWatch: what a session is said to cost against what it took (threats MB-14, MB-17). Part of
// the metering detector.
//
// Prices are seldom seen, so the figure itself is not judged. But what a session has cost so far
// does not become less, and a session that took nothing is seldom to be paid for. OCPP 2.x alone
// tells costs: CostUpdated, and totalCost of the answer to a TransactionEvent.

#include <cstdint>
#include <optional>

#include "analyzer/detectors/by_session.h"
#include "analyzer/detectors/detector.h"

namespace chargewarden::session {

class CostWatch {
 public:
  // A message that names a cost and a transaction.
  void on_cost(const Fact& fact, const World& world, Reporter& reporter);

 private:
  struct Cost {
    double latest = 0;
    std::uint64_t tag = 0;
    bool told = false;
  };

  BySession<Cost> costs_;
};

}  // namespace chargewarden::session
