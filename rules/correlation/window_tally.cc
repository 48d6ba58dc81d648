#include "rules/correlation/window_tally.h"

#include <algorithm>
#include <cstring>

#include "rules/correlation/event_time.h"

namespace chargewarden {

namespace {

// Words of a group, by type:
//   value_count       distinct values
//   value_sum, _avg   the sum in millionths, two words
//   value_percentile  numbers that do not meet the bound
//   temporal          rules that are there, then how often each
//   temporal_ordered  when the last long enough chain began, then for each position of the list,
//                     and each number of positions left out before it, when the last such chain
//                     began that ends there
std::size_t words_of(const CorrelationPlan& plan) {
  if (!plan.at_once) return 0;
  const std::size_t inputs = plan.def->inputs.size();
  switch (plan.def->type) {
    case CorrelationType::kEventCount:
      return 0;
    case CorrelationType::kValueCount:
    case CorrelationType::kValuePercentile:
      return 1;
    case CorrelationType::kValueSum:
    case CorrelationType::kValueAvg:
      return 2;
    case CorrelationType::kTemporal:
      return 1 + inputs;
    case CorrelationType::kTemporalOrdered:
      return 1 + inputs * (plan.chain_skips + 1);
  }
  return 0;
}

Int128 load_sum(std::span<const std::int64_t> words) {
  Int128 sum = 0;
  std::memcpy(&sum, words.data(), sizeof(sum));
  return sum;
}

void add_to_sum(std::span<std::int64_t> words, Int128 number) {
  const Int128 sum = load_sum(words) + number;
  std::memcpy(words.data(), &sum, sizeof(sum));
}

}  // namespace

// The words of the groups of one correlation.
class WindowTally::Words {
 public:
  explicit Words(std::size_t count) : count_(count) {}

  [[nodiscard]] std::size_t count() const noexcept { return count_; }

  std::uint32_t take() {
    if (!free_.empty()) {
      const std::uint32_t index = free_.back();
      free_.pop_back();
      return index;
    }
    if (made_ == chunks_.size() * kChunk) {
      chunks_.push_back(std::make_unique<std::int64_t[]>(kChunk * count_));
      free_.reserve(chunks_.size() * kChunk);  // So that release() allocates nothing.
    }
    return made_++;
  }

  void release(std::uint32_t index) { free_.push_back(index); }

  [[nodiscard]] std::span<std::int64_t> at(std::uint32_t index) const noexcept {
    return {&chunks_[index / kChunk][index % kChunk * count_], count_};
  }

  [[nodiscard]] std::size_t bytes() const noexcept {
    return chunks_.size() * kChunk * count_ * sizeof(std::int64_t) +
           free_.capacity() * sizeof(std::uint32_t);
  }

 private:
  static constexpr std::uint32_t kChunk = 256;

  std::size_t count_;
  std::vector<std::unique_ptr<std::int64_t[]>> chunks_;
  std::vector<std::uint32_t> free_;
  std::uint32_t made_ = 0;
};

WindowTally::WindowTally(const CorrelationPlans& plans, EntryStore& entries, GroupTable& groups)
    : plans_(plans), entries_(entries), groups_(groups) {
  for (std::uint32_t i = 0; i < plans.size(); ++i) {
    words_.push_back(std::make_unique<Words>(words_of(plans[i])));
  }
}

WindowTally::~WindowTally() = default;

std::span<std::int64_t> WindowTally::words(const CorrelationGroup& group) const {
  if (group.words == kNoIndex) return {};
  return words_[group.correlation]->at(group.words);
}

namespace {

std::size_t room_of(std::size_t words) {
  return (words * sizeof(std::int64_t) + sizeof(CorrelationEntry) - 1) / sizeof(CorrelationEntry);
}

}  // namespace

void WindowTally::open(std::uint32_t group) {
  Words& words = *words_[groups_[group].correlation];
  if (words.count() == 0) return;
  groups_[group].words = words.take();
  room_ += room_of(words.count());
  reset(group);
}

void WindowTally::close(std::uint32_t group) {
  clear(group);
  CorrelationGroup& closed = groups_[group];
  if (closed.words == kNoIndex) return;
  Words& words = *words_[closed.correlation];
  words.release(closed.words);
  closed.words = kNoIndex;
  room_ -= room_of(words.count());
}

void WindowTally::reset(std::uint32_t group) {
  const CorrelationGroup& cleared = groups_[group];
  const bool ordered = plans_[cleared.correlation].def->type == CorrelationType::kTemporalOrdered;
  const auto memory = words(cleared);
  std::fill(memory.begin(), memory.end(), ordered ? kBeforeAllTime : 0);
}

void WindowTally::clear(std::uint32_t group) {
  CorrelationGroup& cleared = groups_[group];
  if (plans_[cleared.correlation].def->type == CorrelationType::kValueCount) {
    while (cleared.words != kNoIndex && cleared.in_window > 0) remove_first(group);
  }
  cleared.in_window = 0;
  reset(group);
}

void WindowTally::add(std::uint32_t group, EntryStore::Place place) {
  CorrelationGroup& grown = groups_[group];
  if (grown.in_window == 0) {
    grown.window_block = place.block;
    grown.window_slot = static_cast<std::uint8_t>(place.slot);
  }
  ++grown.in_window;
  const CorrelationPlan& plan = plans_[grown.correlation];
  const CorrelationEntry& entry = entries_.at(place);
  const auto memory = words(grown);
  switch (plan.def->type) {
    case CorrelationType::kEventCount:
      break;
    case CorrelationType::kValueCount:
      if (counts_.add(group, entry.value)) ++memory[0];
      break;
    case CorrelationType::kValueSum:
    case CorrelationType::kValueAvg:
      add_to_sum(memory, millionths(number_of(entry)));
      break;
    case CorrelationType::kValuePercentile:
      if (!meets(plan.threshold, number_of(entry))) ++memory[0];
      break;
    case CorrelationType::kTemporal:
      if (memory[1 + entry.value]++ == 0) ++memory[0];
      break;
    case CorrelationType::kTemporalOrdered:
      extend_chains(grown, place);
      break;
  }
}

void WindowTally::remove_first(std::uint32_t group) {
  CorrelationGroup& shrunk = groups_[group];
  const CorrelationPlan& plan = plans_[shrunk.correlation];
  const EntryStore::Place place = window(shrunk).first;
  const CorrelationEntry& entry = entries_.at(place);
  const auto memory = words(shrunk);
  if (--shrunk.in_window > 0) {
    const EntryStore::Place next = entries_.next(place);
    shrunk.window_block = next.block;
    shrunk.window_slot = static_cast<std::uint8_t>(next.slot);
  }
  switch (plan.def->type) {
    case CorrelationType::kEventCount:
      break;
    case CorrelationType::kValueCount:
      if (counts_.remove(group, entry.value)) --memory[0];
      break;
    case CorrelationType::kValueSum:
    case CorrelationType::kValueAvg:
      add_to_sum(memory, -millionths(number_of(entry)));
      break;
    case CorrelationType::kValuePercentile:
      if (!meets(plan.threshold, number_of(entry))) --memory[0];
      break;
    case CorrelationType::kTemporal:
      if (--memory[1 + entry.value] == 0) --memory[0];
      break;
    case CorrelationType::kTemporalOrdered:
      break;  // Chains that began too early are not asked for.
  }
}

void WindowTally::slide(std::uint32_t group, std::int64_t time_ns) {
  const CorrelationGroup& moved = groups_[group];
  const std::int64_t out_ns = time_minus(time_ns, plans_[moved.correlation].def->timespan_ns);
  while (moved.in_window > 0 && entries_.at(window(moved).first).time_ns <= out_ns) {
    remove_first(group);
  }
}

bool WindowTally::holds(std::uint32_t group, std::int64_t time_ns) {
  const CorrelationGroup& judged = groups_[group];
  if (judged.in_window == 0) return false;
  const CorrelationPlan& plan = plans_[judged.correlation];
  const CorrelationDef& def = *plan.def;
  const auto memory = words(judged);
  const std::size_t count = judged.in_window;
  switch (def.type) {
    case CorrelationType::kEventCount:
      return meets(plan.threshold, static_cast<double>(count));
    case CorrelationType::kValueCount:
      return meets(plan.threshold, static_cast<double>(memory[0]));
    case CorrelationType::kValueSum:
      return meets(plan.threshold, quotient(load_sum(memory), 1));
    case CorrelationType::kValueAvg:
      return meets(plan.threshold, quotient(load_sum(memory), count));
    case CorrelationType::kValuePercentile:
      return static_cast<std::size_t>(memory[0]) < percentile_rank(def.percentile, count);
    case CorrelationType::kTemporal:
      if (!def.expression.empty()) {
        return chargewarden::holds(def.expression, memory.subspan(1), scratch_);
      }
      return meets(plan.threshold, static_cast<double>(memory[0]));
    case CorrelationType::kTemporalOrdered:
      return memory[0] > time_minus(time_ns, def.timespan_ns);
  }
  return false;
}

double WindowTally::value(std::uint32_t group, WindowMeasure& measure) const {
  const CorrelationGroup& asked = groups_[group];
  const CorrelationPlan& plan = plans_[asked.correlation];
  const auto memory = words(asked);
  switch (plan.def->type) {
    case CorrelationType::kValueCount:
    case CorrelationType::kTemporal:
      return static_cast<double>(memory[0]);
    case CorrelationType::kValueSum:
      return quotient(load_sum(memory), 1);
    case CorrelationType::kValueAvg:
      return quotient(load_sum(memory), asked.in_window);
    default:
      return measure.value(plan, window(asked));
  }
}

std::int64_t WindowTally::chain_start(std::uint32_t group) const {
  return words(groups_[group])[0];
}

void WindowTally::extend_chains(const CorrelationGroup& group, EntryStore::Place place) {
  const CorrelationPlan& plan = plans_[group.correlation];
  const CorrelationEntry& entry = entries_.at(place);
  const auto memory = words(group);
  const EntryStore::Place first = EntryStore::first(group.entries);
  const auto is_first = [&](EntryStore::Place at) {
    return at.block == first.block && at.slot == first.slot;
  };
  const auto before = [&](EntryStore::Place at) {
    return is_first(at) ? at : entries_.previous(at);
  };
  if (is_first(place) || !entries_.at(before(place)).is_same_event(entry)) {
    extend_chain(plan, memory, entry.value, entry.time_ns);
    return;
  }
  // Several matches of one event: they are in the order of the list, whatever order they came in.
  scratch_.assign(plan.def->inputs.size(), 0);
  scratch_[entry.value] = 1;
  while (!is_first(place) && entries_.at(before(place)).is_same_event(entry)) {
    place = before(place);
    scratch_[entries_.at(place).value] = 1;
  }
  for (std::size_t i = 0; i < scratch_.size(); ++i) {
    if (scratch_[i] != 0) extend_chain(plan, memory, i, entry.time_ns);
  }
}

void WindowTally::extend_chain(const CorrelationPlan& plan, std::span<std::int64_t> words,
                               std::size_t position, std::int64_t time_ns) {
  const std::size_t row = plan.chain_skips + 1;
  const auto start_at = [&](std::size_t end, std::size_t skipped) -> std::int64_t& {
    return words[1 + end * row + skipped];
  };
  for (std::size_t skipped = 0; skipped <= std::min(position, plan.chain_skips); ++skipped) {
    const std::size_t length = position + 1 - skipped;
    std::int64_t start = length == 1 ? time_ns : kBeforeAllTime;
    for (std::size_t gap = 0; length > 1 && gap <= skipped; ++gap) {
      start = std::max(start, start_at(position - 1 - gap, skipped - gap));
    }
    std::int64_t& known = start_at(position, skipped);
    known = std::max(known, start);
    if (length >= plan.chain_length) words[0] = std::max(words[0], known);
  }
}

std::size_t WindowTally::bytes() const noexcept {
  std::size_t sum = counts_.bytes();
  for (const auto& words : words_) sum += words->bytes();
  return sum;
}

}  // namespace chargewarden
