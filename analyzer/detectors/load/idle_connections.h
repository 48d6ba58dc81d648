#pragma once
// IdleConnections: sources that open connections and do nothing with them (threats AV-02, AV-08).
//
// A connection is idle when nothing came about on it within a grace time, or until it ended: no
// TLS, no answer to a request, no message. Lawful clients behind one address (NAT, a local
// controller) may reconnect by the hundred after an outage, but each of them says something. Load
// balancers test by connecting and closing, once a second at most.

#include <deque>
#include <vector>

#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/expiring_map.h"
#include "analyzer/detectors/repeat_count.h"

namespace chargewarden::load {

class IdleConnections {
 public:
  explicit IdleConnections(const HashKey& key);

  void on_opened(const Fact& fact, const World& world);
  void on_closed(const Fact& fact, const World& world, Reporter& reporter);
  void on_tick(std::int64_t now_ns, const World& world, Reporter& reporter);

  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_ + sources_.dropped(); }

 private:
  // An open connection that may turn out to be idle.
  struct Waiting {
    LinkIndex link = kNoLink;
    std::uint64_t opened_tag = 0;
    std::int64_t opened_ns = 0;
  };

  struct Source {
    RepeatCount idle;
    RepeatCount idle_minute;
    Packets packets;
  };

  void count(const Link& link, std::int64_t now_ns, const World& world, Reporter& reporter);

  ExpiringMap<Source> sources_;        // By client and backend address.
  std::vector<RepeatCount> backends_;  // By fleet.
  std::deque<Waiting> waiting_;        // In the order of their begin.
  std::int64_t judged_until_ns_ = 0;   // Those opened until then are judged.
  std::uint64_t dropped_ = 0;
};

}  // namespace chargewarden::load
