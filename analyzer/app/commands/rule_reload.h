#pragma once
// RuleReload: SIGHUP has the rules read again, beside the run.
//
// They are read and compiled on a thread of their own, so that nothing waits for them; poll() then
// offers them. Problems are written to standard error, as at the start, and the old rules stay. A
// signal that comes while rules are being read has them read once more.
//
// At most one exists at a time; it belongs to the main thread. A caller of the program that had
// SIGHUP ignored, as nohup(1) does, keeps it ignored.

#include <atomic>
#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "analyzer/pipeline/pipeline.h"
#include "rules/engine/rule_set.h"

namespace chargewarden {

// What reading the rules came to: a set, or why there is none.
struct ReadRules {
  std::unique_ptr<const RuleSet> set;
  std::string problems;  // For people, lines.
  std::size_t problem_count = 0;
};

class RuleReload {
 public:
  // `read` runs on another thread.
  explicit RuleReload(std::function<ReadRules()> read);
  ~RuleReload();
  RuleReload(const RuleReload&) = delete;
  RuleReload& operator=(const RuleReload&) = delete;

  // Starts reading when a signal came; what was read since the last call, if that is done. The set
  // lives as long as this.
  std::optional<RulesOffer> poll();

 private:
  void start();

  std::function<ReadRules()> read_;

  struct sigaction before_ {};

  std::vector<std::unique_ptr<const RuleSet>> sets_;
  ReadRules result_;  // Of the thread, until done_.
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

}  // namespace chargewarden
