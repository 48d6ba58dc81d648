#pragma once
// CorrelationOracle: says what a Correlator must say, slowly and by the words of rules/AUTHORING.md
// alone. It keeps every match for ever, works each window out anew, has no limits, and shares no
// code with the correlator.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "rules/correlation/testing/recorded_hits.h"

namespace chargewarden::testing {

class CorrelationOracle {
 public:
  CorrelationOracle(std::vector<CorrelationDef> defs, std::uint32_t rule_count,
                    std::int64_t lateness_ns);

  std::vector<RecordedHit> match(const TestMatch& match);
  std::vector<RecordedHit> advance(std::int64_t time_ns);
  std::vector<RecordedHit> finish();

 private:
  struct Kept {
    std::int64_t time_ns = 0;
    std::uint64_t sequence = 0;
    std::uint64_t tag = 0;
    std::uint32_t input = 0;
    std::string value;
  };

  struct Group {
    std::vector<Kept> kept;  // In order of time, sequence, arrival.
    std::int64_t armed_ns = INT64_MIN;
    std::uint64_t number = 0;
  };

  struct Event {
    std::uint32_t rule = 0;
    Kept what;
    Fields fields;
  };

  using Groups = std::map<std::vector<std::string>, Group>;

  [[nodiscard]] bool at_once(std::uint32_t correlation) const;
  [[nodiscard]] std::int64_t lateness(std::uint32_t correlation) const;
  [[nodiscard]] double value_of(const CorrelationDef& def, const std::vector<Kept>& window) const;
  [[nodiscard]] bool is_true(const CorrelationDef& def, const std::vector<Kept>& window) const;
  [[nodiscard]] bool node_is_true(const CorrelationDef& def, std::size_t node,
                                  const std::vector<Kept>& window) const;
  [[nodiscard]] std::vector<Kept> window_at(const CorrelationDef& def, const Group& group,
                                            std::size_t count, std::int64_t time_ns) const;
  void move_to(std::int64_t time_ns);
  void process(Event event);
  void take(std::uint32_t correlation, std::uint32_t input, const Event& event,
            std::vector<Event>& next);
  void judge(std::uint32_t correlation, const std::vector<std::string>& key, Group& group,
             const std::vector<Kept>& added, std::vector<Event>& next);
  void fire(std::uint32_t correlation, const std::vector<std::string>& key,
            const std::vector<Kept>& window, std::vector<Event>& next);
  void close_until(std::int64_t time_ns);

  std::vector<CorrelationDef> defs_;
  std::uint32_t rule_count_;
  std::int64_t lateness_ns_;
  std::int64_t now_ns_ = INT64_MIN / 2;
  std::uint64_t numbers_ = 0;
  std::vector<Groups> groups_;
  std::vector<RecordedHit> hits_;
};

}  // namespace chargewarden::testing
