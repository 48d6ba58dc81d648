#include "analyzer/app/commands/rule_reload.h"

#include <cstdio>
#include <utility>

#include "collector/base/thread.h"

namespace chargewarden {

namespace {

std::atomic<bool> asked = false;
static_assert(std::atomic<bool>::is_always_lock_free);

extern "C" void on_hangup(int /*number*/) {
  asked = true;
}

}  // namespace

RuleReload::RuleReload(std::function<ReadRules()> read) : read_(std::move(read)) {
  asked = false;

  struct sigaction action {};

  action.sa_handler = on_hangup;
  action.sa_flags = SA_RESTART;
  (void)::sigaction(SIGHUP, nullptr, &before_);
  if (before_.sa_handler != SIG_IGN) (void)::sigaction(SIGHUP, &action, nullptr);
}

RuleReload::~RuleReload() {
  (void)::sigaction(SIGHUP, &before_, nullptr);
  if (thread_.joinable()) thread_.join();
}

void RuleReload::start() {
  asked = false;
  done_ = false;
  thread_ = start_thread("rules", [this] {
    result_ = read_();
    done_ = true;
  });
}

std::optional<RulesOffer> RuleReload::poll() {
  std::optional<RulesOffer> offer;
  if (thread_.joinable() && done_) {
    thread_.join();
    ReadRules result = std::exchange(result_, {});
    offer.emplace();
    if (result.set != nullptr) {
      offer->rules = result.set.get();
      sets_.push_back(std::move(result.set));
    } else {
      offer->problems = result.problem_count;
      (void)std::fputs(result.problems.c_str(), stderr);
    }
  }
  if (asked && !thread_.joinable()) start();
  return offer;
}

}  // namespace chargewarden
