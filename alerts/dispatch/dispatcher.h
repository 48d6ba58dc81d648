#pragma once
// Dispatcher: numbers alerts, has them recorded, and delivers them to the sinks, in order.
//
// Acknowledged means recorded: with a recorder, an alert reaches a sink only after its record is
// durable. on_alert() renders and queues; a thread of the dispatcher waits for the disk, a batch at
// a time, and delivers, so that the analysis does not wait for each alert. Without a recorder
// everything happens inside on_alert(). What the sinks get is the same either way.
//
// Nothing is dropped: when kPendingMax alerts wait for disk or sinks, on_alert() waits. A sink that
// fails is not called again; the others go on. When recording fails, alerts are no longer published
// (they would claim a record that does not exist). The first failure is kept for finish().

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "alerts/dispatch/alert_folder.h"
#include "alerts/dispatch/recorder.h"
#include "alerts/model/ocsf.h"
#include "alerts/sinks/sink.h"

namespace chargewarden {

// Alerts that may wait for disk and sinks; at most 64 MB of them (kAlertMax), 2 MB as a rule.
// Test: dispatcher_test.cc "more alerts than may wait arrive all the same".
inline constexpr std::size_t kPendingMax = 1'024;

inline constexpr std::size_t kLevelCount = 5;

struct DispatchCounters {
  std::array<std::uint64_t, kLevelCount> creates_by_level{};  // Index: Level.
  std::uint64_t messages = 0;                                 // Creates and Updates.
  std::uint64_t unrecorded = 0;  // Not published, because they could not be recorded.
};

class Dispatcher final : public AlertOut {
 public:
  // `recorder` may be null; it must outlive the dispatcher.
  Dispatcher(Publisher publisher, AlertRecorder* recorder,
             std::vector<std::unique_ptr<Sink>> sinks);
  // Stops without waiting for what is queued; finish() comes first in good order.
  ~Dispatcher() override;
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  // Alerts from now on come from other rules. The thread of on_alert().
  void set_ruleset_hash(std::string hash) { publisher_.ruleset_hash = std::move(hash); }

  // One thread. Sets sequence and audit_index.
  void on_alert(Alert alert) override;

  // Waits until everything is recorded and delivered, and flushes the sinks. The first failure of
  // the run, if there was one.
  Expected<void> finish();

  // Whether finish() will report a failure; any thread. A replay stops early on it.
  [[nodiscard]] bool failed() const noexcept { return failed_.load(std::memory_order_relaxed); }

  // Of the thread that calls on_alert().
  [[nodiscard]] const DispatchCounters& counters() const noexcept { return counters_; }

 private:
  struct Pending {
    Alert alert;
    std::string json;
  };

  void deliver(const Pending& pending);
  void flush_sinks();
  void fail(const Error& error);
  void enqueue(Pending pending);
  void run();
  void deliver_batch(const std::vector<Pending>& batch);

  Publisher publisher_;
  AlertRecorder* const recorder_;
  const bool wants_json_;                     // Somebody looks at the published form.
  std::vector<std::unique_ptr<Sink>> sinks_;  // Null: failed. Only the delivering thread.
  DispatchCounters counters_;
  std::atomic<bool> failed_ = false;
  std::atomic<bool> recording_failed_ = false;

  std::mutex mutex_;  // Guards what follows.
  std::condition_variable changed_;
  std::deque<Pending> queue_;
  bool delivering_ = false;
  bool stop_ = false;
  std::optional<Error> failure_;

  std::thread thread_;  // Last: runs on everything above. Only with a recorder.
};

}  // namespace chargewarden
