#include "alerts/dispatch/dispatcher.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "collector/base/thread.h"

namespace chargewarden {

Dispatcher::Dispatcher(Publisher publisher, AlertRecorder* recorder,
                       std::vector<std::unique_ptr<Sink>> sinks)
    : publisher_(std::move(publisher)),
      recorder_(recorder),
      wants_json_(recorder != nullptr ||
                  std::any_of(sinks.begin(), sinks.end(),
                              [](const auto& sink) { return sink->wants_json(); })),
      sinks_(std::move(sinks)) {
  if (recorder_ == nullptr) return;
  thread_ = start_thread("dispatch", [this] { run(); });
}

Dispatcher::~Dispatcher() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Dispatcher::on_alert(Alert alert) {
  ++counters_.messages;
  if (alert.activity == Activity::kCreate) {
    ++counters_.creates_by_level[static_cast<std::size_t>(alert.finding.rule->level)];
  }
  alert.sequence = counters_.messages;
  if (recorder_ == nullptr) {
    Pending pending{std::move(alert), {}};
    if (wants_json_) render_ocsf(pending.alert, publisher_, pending.json);
    deliver(pending);
    return;
  }
  if (recording_failed_.load(std::memory_order_relaxed)) {
    ++counters_.unrecorded;
    return;
  }
  alert.audit_index = recorder_->next_index();
  Pending pending{std::move(alert), {}};
  render_ocsf(pending.alert, publisher_, pending.json);
  if (const auto recorded = recorder_->record(pending.alert, pending.json); !recorded) {
    ++counters_.unrecorded;
    recording_failed_ = true;
    fail(recorded.error());
    return;
  }
  enqueue(std::move(pending));
}

void Dispatcher::enqueue(Pending pending) {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return queue_.size() < kPendingMax; });
    queue_.push_back(std::move(pending));
  }
  changed_.notify_all();
}

void Dispatcher::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return stop_ || !queue_.empty(); });
    if (stop_) return;
    std::vector<Pending> batch(std::make_move_iterator(queue_.begin()),
                               std::make_move_iterator(queue_.end()));
    queue_.clear();
    delivering_ = true;
    lock.unlock();
    changed_.notify_all();
    deliver_batch(batch);
    lock.lock();
    delivering_ = false;
    changed_.notify_all();
  }
}

void Dispatcher::deliver_batch(const std::vector<Pending>& batch) {
  // Records become durable in order: the last one answers for all before it.
  const auto durable = recorder_->wait_durable(*batch.back().alert.audit_index);
  if (!durable) {
    recording_failed_ = true;
    fail(durable.error());
    return;
  }
  for (const Pending& pending : batch) deliver(pending);
  flush_sinks();
}

void Dispatcher::deliver(const Pending& pending) {
  for (auto& sink : sinks_) {
    if (sink == nullptr) continue;
    if (const auto done = sink->deliver(pending.alert, pending.json); !done) {
      fail(done.error());
      sink.reset();
    }
  }
}

void Dispatcher::flush_sinks() {
  for (auto& sink : sinks_) {
    if (sink == nullptr) continue;
    if (const auto done = sink->flush(); !done) {
      fail(done.error());
      sink.reset();
    }
  }
}

void Dispatcher::fail(const Error& error) {
  const std::lock_guard lock(mutex_);
  if (!failure_) failure_ = error;
  failed_ = true;
}

Expected<void> Dispatcher::finish() {
  if (recorder_ == nullptr) {
    flush_sinks();
  } else {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return queue_.empty() && !delivering_; });
  }
  const std::lock_guard lock(mutex_);
  if (failure_) return *failure_;
  return {};
}

}  // namespace chargewarden
