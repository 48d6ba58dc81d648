#include "analyzer/pipeline/log_input.h"

#include <algorithm>
#include <utility>

namespace chargewarden {

// FNV-1a: spreads identities that differ in a digit. Who prepares identities for one shard makes
// the work uneven, and nothing else: its tables are keyed.
std::uint64_t station_hash(std::string_view station) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : station) {
    hash ^= static_cast<std::uint8_t>(c);
    hash *= 0x100000001b3U;
  }
  return hash ^ (hash >> 32U);
}

std::unique_ptr<LogBatch> LogMemory::take() {
  if (batches.size() == used) batches.emplace_back();
  std::unique_ptr<LogBatch> out = std::move(batches[used]);
  return out != nullptr ? std::move(out) : std::make_unique<LogBatch>();
}

void LogMemory::keep(std::unique_ptr<LogBatch> batch) {
  if (batches.size() == used) batches.emplace_back();
  batches[used++] = std::move(batch);
}

LogInputs::LogInputs(std::vector<std::unique_ptr<LogSource>>& sources, std::size_t first_source)
    : first_source_(first_source) {
  for (const auto& source : sources) inputs_.push_back({source.get(), nullptr, 0, false});
}

void LogInputs::refill(LogMemory& memory) {
  for (Input& input : inputs_) {
    if (input.ended || input.batch != nullptr) continue;
    input.batch = memory.take();
    input.next = 0;
    const auto more = input.source->read(*input.batch);
    if (more.has_value() && more.value()) continue;
    input.ended = true;
    input.batch.reset();
    if (!more.has_value()) {
      problems_.push_back(more.error().message);
      read_failed_ = true;
    } else if (!input.source->problem().empty()) {
      problems_.push_back(input.source->problem());
    }
    stopped_ = stopped_ || input.source->stopped();
  }
}

const LogRecord* LogInputs::oldest() {
  const LogRecord* out = nullptr;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const Input& input = inputs_[i];
    if (input.batch == nullptr) continue;
    const LogRecord& record = input.batch->records[input.next];
    if (out != nullptr && record.time_ns >= out->time_ns) continue;
    out = &record;
    oldest_ = i;
  }
  return out;
}

std::uint16_t LogInputs::source_of_oldest() const noexcept {
  return static_cast<std::uint16_t>(first_source_ + oldest_);
}

bool LogInputs::advance(LogMemory& memory) {
  Input& input = inputs_[oldest_];
  if (++input.next < input.batch->records.size()) return false;
  memory.keep(std::move(input.batch));
  return true;
}

bool LogInputs::must_wait() const {
  return std::any_of(inputs_.begin(), inputs_.end(), [](const Input& input) {
    return !input.ended && input.batch == nullptr && input.source->must_wait();
  });
}

std::uint64_t LogInputs::bytes_read() const {
  std::uint64_t sum = 0;
  for (const Input& input : inputs_) sum += input.source->bytes_read();
  return sum;
}

LogCounters LogInputs::counters() const {
  LogCounters out;
  for (const Input& input : inputs_) out.add(input.source->counters());
  return out;
}

std::vector<std::string> LogInputs::take_problems() {
  return std::exchange(problems_, {});
}

}  // namespace chargewarden
