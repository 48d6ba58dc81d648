#include "rules/correlation/correlator.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "rules/correlation/entry_store.h"
#include "rules/correlation/event_time.h"
#include "rules/correlation/group_table.h"
#include "rules/correlation/measure.h"
#include "rules/correlation/plan.h"
#include "rules/correlation/timer_queue.h"
#include "rules/correlation/window_tally.h"

namespace chargewarden {

namespace {

// Groups that no match can need any more and that are removed with each match: more than a match
// can add, so that they do not pile up.
constexpr int kSweepPerMatch = 2;

// A kFire on its way to the correlations that refer to it.
struct PendingEvent {
  std::uint32_t rule = 0;
  std::int64_t time_ns = 0;
  std::uint64_t sequence = 0;
  std::uint64_t tag = 0;
  std::string key;  // GroupKey::text().
};

}  // namespace

class Correlator::State {
 public:
  State(std::span<const CorrelationDef> defs, std::uint32_t rule_count, CorrelationHits& out,
        const CorrelatorLimits& limits, const HashKey& hash_key)
      : plans_(defs, rule_count, limits.lateness_ns),
        rule_count_(rule_count),
        out_(out),
        limits_(limits),
        secret_(hash_key),
        key_(hash_key),
        groups_(defs.size()),
        tally_(plans_, entries_, groups_),
        measure_(entries_),
        timers_(groups_) {
    limits_.groups = std::max<std::size_t>(limits_.groups, 1);
    limits_.entries_per_group = std::max<std::size_t>(limits_.entries_per_group, 1);
  }

  void on_match(const CorrelationMatch& match);
  void advance(std::int64_t time_ns);
  void finish();
  [[nodiscard]] CorrelatorUsage usage() const;

  [[nodiscard]] const CorrelationPlans& plans() const { return plans_; }

  [[nodiscard]] std::uint32_t rule_count() const { return rule_count_; }

  [[nodiscard]] const CorrelatorCounters& counters() const { return counters_; }

 private:
  using Values = std::span<const FieldTexts>;

  void close_until(std::int64_t time_ns);
  void begin_anew();
  void forget_all();
  void deliver(std::uint32_t rule, const CorrelationEntry& event, Values values);
  void deliver_pending();
  void take(const CorrelationUse& use, CorrelationEntry event, Values values);
  bool read_group(const CorrelationUse& use, Values values);
  bool read_values(const CorrelationUse& use, Values values);

  void judge_in_order(std::uint32_t group, CorrelationEntry event);
  void judge_late(std::uint32_t group, CorrelationEntry event);
  void add_to_open_window(std::uint32_t group, CorrelationEntry event);
  void close_first_window();
  void set_timer(std::uint32_t group);

  void make_room(std::uint32_t group);
  void drop_first(std::uint32_t group);
  void forget_old_entries(std::uint32_t group);
  void sweep(std::uint32_t correlation);
  void remove(std::uint32_t group);

  void repeat(std::uint32_t group, const CorrelationEntry& last);
  void fire(std::uint32_t group, const CorrelationEntry& last, double value);
  void collect_tags(const CorrelationPlan& plan, EntryRange range, std::int64_t from_ns,
                    const CorrelationEntry& last);
  void pass_on(const CorrelationHit& hit, const CorrelationGroup& group, std::uint64_t tag);

  CorrelationPlans plans_;
  std::uint32_t rule_count_;
  CorrelationHits& out_;
  CorrelatorLimits limits_;
  HashKey secret_;
  GroupKey key_;

  EntryStore entries_;
  GroupTable groups_;
  WindowTally tally_;
  WindowMeasure measure_;
  TimerQueue timers_;
  std::int64_t now_ns_ = kBeforeAllTime;
  std::size_t late_in_row_ = 0;
  std::uint32_t swept_ = 0;  // The correlation that advance() sweeps next.
  CorrelatorCounters counters_;

  // Used again and again, so that nothing is allocated for a match.
  std::vector<std::uint64_t> values_;  // Of the entries that the match becomes.
  std::string joined_;
  std::vector<std::string_view> texts_;
  std::vector<FieldTexts> fields_;
  std::vector<std::string_view> shown_;
  std::vector<char> seen_;
  std::array<std::uint64_t, kEvidenceMax> tags_{};
  std::size_t tag_count_ = 0;
  std::vector<PendingEvent> pending_;
  std::size_t pending_count_ = 0;
  PendingEvent current_;
};

void Correlator::State::on_match(const CorrelationMatch& match) {
  advance(match.time_ns);
  if (match.rule >= rule_count_ || plans_.uses_of(match.rule).empty()) return;
  ++counters_.matches;
  if (match.time_ns < time_minus(now_ns_, limits_.lateness_ns)) {
    ++counters_.late;
    if (++late_in_row_ < kClockSetBackMatches) return;
    begin_anew();
    now_ns_ = match.time_ns;
  }
  late_in_row_ = 0;
  deliver(match.rule, {match.time_ns, match.sequence, match.tag, 0}, match.values);
  deliver_pending();
}

void Correlator::State::advance(std::int64_t time_ns) {
  if (time_ns <= now_ns_) return;
  close_until(time_ns);
  now_ns_ = time_ns;
  if (plans_.size() == 0) return;
  if (++swept_ >= plans_.size()) swept_ = 0;
  sweep(swept_);
}

void Correlator::State::finish() {
  close_until(kAfterAllTime);
  forget_all();
  now_ns_ = kBeforeAllTime;
}

// Windows that are open are lost: nobody knows how much of them has passed.
void Correlator::State::begin_anew() {
  ++counters_.clock_set_back;
  forget_all();
}

void Correlator::State::forget_all() {
  for (std::uint32_t i = 0; i < plans_.size(); ++i) {
    while (groups_.stalest_of(i) != kNoIndex) remove(groups_.stalest_of(i));
  }
}

// Event time stands at the end of each window while it is judged, and so a hit is never too late
// for the correlations above, however long no match came.
void Correlator::State::close_until(std::int64_t time_ns) {
  while (!timers_.empty() && timers_.due_ns() <= time_ns) {
    now_ns_ = std::max(now_ns_, timers_.due_ns());
    close_first_window();
    deliver_pending();
  }
}

void Correlator::State::deliver(std::uint32_t rule, const CorrelationEntry& event, Values values) {
  for (const CorrelationUse& use : plans_.uses_of(rule)) take(use, event, values);
}

void Correlator::State::deliver_pending() {
  for (std::size_t i = 0; i < pending_count_; ++i) {
    std::swap(current_, pending_[i]);
    const std::size_t count = plans_.fields_of(current_.rule).size();
    GroupKey::split(current_.key, count, texts_);
    fields_.clear();
    for (const std::string_view& text : texts_) fields_.emplace_back(&text, 1);
    deliver(current_.rule, {current_.time_ns, current_.sequence, current_.tag, 0}, fields_);
  }
  pending_count_ = 0;
}

void Correlator::State::take(const CorrelationUse& use, CorrelationEntry event, Values values) {
  if (!read_group(use, values) || !read_values(use, values)) return;
  const CorrelationPlan& plan = plans_[use.correlation];
  std::uint32_t group = groups_.find(use.correlation, key_);
  if (group == kNoIndex) {
    sweep(use.correlation);
    while (groups_.size() >= limits_.groups) {
      ++counters_.groups_evicted;
      remove(groups_.stalest(kNoIndex));
    }
    group = groups_.add(use.correlation, key_);
    tally_.open(group);
  } else {
    groups_.touch(group);
  }
  if (!plan.at_once) {
    add_to_open_window(group, event);
    return;
  }
  forget_old_entries(group);
  const EntryStore::List& list = groups_[group].entries;
  if (list.count == 0 || !event.is_before(entries_.at(EntryStore::last(list)))) {
    judge_in_order(group, event);
  } else {
    judge_late(group, event);
  }
}

bool Correlator::State::read_group(const CorrelationUse& use, Values values) {
  key_.begin(use.correlation);
  for (const std::uint32_t at : use.group_at) {
    if (at >= values.size() || values[at].empty()) {
      ++counters_.without_group_field;
      return false;
    }
    key_.add(values[at]);
  }
  key_.finish();
  return true;
}

bool Correlator::State::read_values(const CorrelationUse& use, Values values) {
  const CorrelationType type = plans_[use.correlation].def->type;
  values_.clear();
  if (type == CorrelationType::kEventCount || type == CorrelationType::kTemporal ||
      type == CorrelationType::kTemporalOrdered) {
    values_.push_back(use.input);
    return true;
  }
  const auto is_missing = [&](std::uint32_t at) {
    return at >= values.size() || values[at].empty();
  };
  if (use.values_at.empty() ||
      std::any_of(use.values_at.begin(), use.values_at.end(), is_missing)) {
    ++counters_.without_value;
    return false;
  }
  if (type != CorrelationType::kValueCount) {
    for (const std::string_view text : values[use.values_at.front()]) {
      values_.push_back(0);
      if (read_number(text, values_.back())) continue;
      values_.pop_back();
      ++counters_.not_numeric;
    }
  } else if (use.values_at.size() == 1) {
    for (const std::string_view text : values[use.values_at.front()]) {
      SipHash13 hash(secret_);
      hash.add(text);
      values_.push_back(hash.finish());
    }
  } else {
    SipHash13 hash(secret_);
    for (const std::uint32_t at : use.values_at) hash.add(joined(values[at], joined_));
    values_.push_back(hash.finish());
  }
  return !values_.empty();
}

void Correlator::State::judge_in_order(std::uint32_t group, CorrelationEntry event) {
  tally_.slide(group, event.time_ns);
  std::int64_t& armed_ns = groups_[group].time_ns;
  if (event.time_ns < armed_ns && !tally_.holds(group, event.time_ns)) armed_ns = event.time_ns;
  for (const std::uint64_t value : values_) {
    make_room(group);
    event.value = value;
    EntryStore::List& list = groups_[group].entries;
    entries_.insert(list, event);
    tally_.add(group, EntryStore::last(list));
  }
  if (!tally_.holds(group, event.time_ns)) return;
  if (event.time_ns < armed_ns) {
    repeat(group, event);
  } else {
    armed_ns = time_plus(event.time_ns, plans_[groups_[group].correlation].def->timespan_ns);
    fire(group, event, tally_.value(group, measure_));
  }
}

// The windows are gone through once more, from the oldest entry that is kept. Those that the late
// match belongs to are judged; at most one hit comes of it.
void Correlator::State::judge_late(std::uint32_t group, CorrelationEntry event) {
  tally_.clear(group);
  for (const std::uint64_t value : values_) {
    make_room(group);
    event.value = value;
    entries_.insert(groups_[group].entries, event);
  }
  CorrelationGroup& judged = groups_[group];
  const std::int64_t timespan_ns = plans_[judged.correlation].def->timespan_ns;
  const std::int64_t end_ns = time_plus(event.time_ns, timespan_ns);
  bool fired = false;
  const CorrelationEntry* still_true = nullptr;
  EntryStore::Place place = EntryStore::first(judged.entries);
  for (std::uint32_t left = judged.entries.count; left > 0; --left) {
    const CorrelationEntry& last = entries_.at(place);
    tally_.slide(group, last.time_ns);
    tally_.add(group, place);
    if (left > 1) place = entries_.next(place);
    const bool whole = left == 1 || !entries_.at(place).is_same_event(last);
    if (fired || !whole || last.is_before(event) || last.time_ns >= end_ns) continue;
    if (!tally_.holds(group, last.time_ns)) continue;
    if (last.time_ns < judged.time_ns) {
      if (still_true == nullptr) still_true = &last;
      continue;
    }
    fired = true;
    judged.time_ns = time_plus(last.time_ns, timespan_ns);
    fire(group, last, tally_.value(group, measure_));
  }
  if (!fired && still_true != nullptr) repeat(group, *still_true);
}

void Correlator::State::add_to_open_window(std::uint32_t group, CorrelationEntry event) {
  for (const std::uint64_t value : values_) {
    if (groups_[group].entries.count >= limits_.entries_per_group) {
      ++counters_.entries_dropped;
      continue;
    }
    make_room(group);
    event.value = value;
    entries_.insert(groups_[group].entries, event);
  }
  set_timer(group);
}

void Correlator::State::set_timer(std::uint32_t group) {
  CorrelationGroup& open = groups_[group];
  const std::int64_t first_ns = entries_.at(EntryStore::first(open.entries)).time_ns;
  if (open.timer != kNoIndex && open.time_ns == first_ns) return;
  open.time_ns = first_ns;
  timers_.set(group, time_plus(first_ns, plans_[open.correlation].kept_ns));
}

void Correlator::State::close_first_window() {
  const std::uint32_t group = timers_.group();
  CorrelationGroup& closed = groups_[group];
  const CorrelationPlan& plan = plans_[closed.correlation];
  const std::int64_t end_ns = time_plus(closed.time_ns, plan.def->timespan_ns);
  EntryStore::Place place = EntryStore::first(closed.entries);
  EntryRange window{place, 1};  // The first is in, even at the end of all time.
  CorrelationEntry last = entries_.at(place);
  while (window.count < closed.entries.count) {
    place = entries_.next(place);
    if (entries_.at(place).time_ns >= end_ns) break;
    last = entries_.at(place);
    ++window.count;
  }
  closed.window_block = window.first.block;
  closed.window_slot = static_cast<std::uint8_t>(window.first.slot);
  closed.in_window = static_cast<std::uint32_t>(window.count);
  double value = 0;
  if (measure_.holds(plan, window, value)) fire(group, last, value);
  closed.in_window = 0;
  for (; window.count > 0; --window.count) entries_.drop_first(closed.entries);
  if (closed.entries.count == 0) {
    remove(group);
  } else {
    set_timer(group);
  }
}

// For one more entry of the group.
void Correlator::State::make_room(std::uint32_t group) {
  EntryStore::List& list = groups_[group].entries;
  while (list.count > 0 && list.count >= limits_.entries_per_group) {
    ++counters_.entries_dropped;
    drop_first(group);
  }
  if (!EntryStore::needs_block(list)) return;
  while (entries_.room() + kBlockEntries + tally_.room() > limits_.entries) {
    const std::uint32_t stalest = groups_.stalest(group);
    if (stalest != kNoIndex) {
      ++counters_.groups_evicted;
      remove(stalest);
    } else if (list.count > 0) {
      ++counters_.entries_dropped;
      drop_first(group);
    } else {
      return;
    }
  }
}

void Correlator::State::drop_first(std::uint32_t group) {
  CorrelationGroup& shrunk = groups_[group];
  const EntryStore::Place first = EntryStore::first(shrunk.entries);
  const bool in_window = shrunk.in_window > 0 && shrunk.window_block == first.block &&
                         shrunk.window_slot == first.slot;
  if (in_window) tally_.remove_first(group);
  entries_.drop_first(shrunk.entries);
}

// Of a group that is judged at once: no window that a match may still fall into reaches them.
void Correlator::State::forget_old_entries(std::uint32_t group) {
  CorrelationGroup& kept = groups_[group];
  const std::int64_t old_ns = time_minus(now_ns_, plans_[kept.correlation].kept_ns);
  while (kept.entries.count > 0 && entries_.at(EntryStore::first(kept.entries)).time_ns <= old_ns) {
    drop_first(group);
  }
}

// Removes groups whose last entry is too old for any window to come. Those that are judged at close
// go when their last window does.
void Correlator::State::sweep(std::uint32_t correlation) {
  const CorrelationPlan& plan = plans_[correlation];
  if (!plan.at_once) return;
  const std::int64_t old_ns = time_minus(now_ns_, plan.kept_ns);
  for (int i = 0; i < kSweepPerMatch; ++i) {
    const std::uint32_t group = groups_.stalest_of(correlation);
    if (group == kNoIndex) return;
    const EntryStore::List& list = groups_[group].entries;
    if (list.count > 0 && entries_.at(EntryStore::last(list)).time_ns > old_ns) return;
    remove(group);
  }
}

void Correlator::State::remove(std::uint32_t group) {
  timers_.remove(group);
  tally_.close(group);
  entries_.clear(groups_[group].entries);
  groups_.remove(group);
}

void Correlator::State::repeat(std::uint32_t group, const CorrelationEntry& last) {
  ++counters_.repeats;
  const CorrelationGroup& true_again = groups_[group];
  CorrelationHit hit;
  hit.correlation = true_again.correlation;
  hit.kind = CorrelationHitKind::kRepeat;
  hit.time_ns = last.time_ns;
  hit.sequence = last.sequence;
  hit.tags = std::span(&last.tag, 1);
  const std::size_t count = plans_[hit.correlation].def->group_by.size();
  GroupKey::split(true_again.key, count, shown_);
  hit.group = shown_;
  out_.on_hit(hit);
}

// The window of the group ends with `last`.
void Correlator::State::fire(std::uint32_t group, const CorrelationEntry& last, double value) {
  ++counters_.fires;
  const CorrelationGroup& fired = groups_[group];
  const CorrelationPlan& plan = plans_[fired.correlation];
  const EntryRange window = WindowTally::window(fired);
  CorrelationHit hit;
  hit.correlation = fired.correlation;
  hit.time_ns = last.time_ns;
  hit.sequence = last.sequence;
  GroupKey::split(fired.key, plan.def->group_by.size(), shown_);
  hit.group = shown_;
  hit.value = value;
  hit.first_ns = entries_.at(window.first).time_ns;
  if (plan.at_once && plan.def->type == CorrelationType::kTemporalOrdered) {
    hit.first_ns = tally_.chain_start(group);
  }
  hit.matches = window.count;
  collect_tags(plan, window, hit.first_ns, last);
  hit.tags = std::span(tags_).first(tag_count_);
  out_.on_hit(hit);
  pass_on(hit, fired, last.tag);
}

void Correlator::State::collect_tags(const CorrelationPlan& plan, EntryRange range,
                                     std::int64_t from_ns, const CorrelationEntry& last) {
  const CorrelationType type = plan.def->type;
  const bool by_rule =
      type == CorrelationType::kTemporal || type == CorrelationType::kTemporalOrdered;
  if (by_rule) seen_.assign(plan.def->inputs.size(), 0);
  tag_count_ = 0;
  const CorrelationEntry* named = nullptr;
  EntryStore::Place place = range.first;
  for (; range.count > 1 && tag_count_ + 1 < kEvidenceMax; --range.count) {
    const CorrelationEntry& entry = entries_.at(place);
    place = entries_.next(place);
    if (entry.time_ns < from_ns || (by_rule && seen_[entry.value] != 0)) continue;
    if (by_rule) seen_[entry.value] = 1;
    if (named != nullptr && named->is_same_event(entry)) continue;
    tags_[tag_count_++] = entry.tag;
    named = &entry;
  }
  if (named == nullptr || !named->is_same_event(last)) tags_[tag_count_++] = last.tag;
}

void Correlator::State::pass_on(const CorrelationHit& hit, const CorrelationGroup& group,
                                std::uint64_t tag) {
  const std::uint32_t rule = rule_count_ + hit.correlation;
  if (plans_.uses_of(rule).empty()) return;
  if (pending_count_ == pending_.size()) pending_.emplace_back();
  PendingEvent& event = pending_[pending_count_++];
  event.rule = rule;
  event.time_ns = hit.time_ns;
  event.sequence = hit.sequence;
  event.tag = tag;
  event.key = group.key;
}

CorrelatorUsage Correlator::State::usage() const {
  CorrelatorUsage usage;
  usage.groups = groups_.size();
  usage.entries = entries_.entries();
  usage.bytes = groups_.bytes() + entries_.bytes() + tally_.bytes() + timers_.bytes();
  return usage;
}

Correlator::Correlator(std::span<const CorrelationDef> defs, std::uint32_t rule_count,
                       CorrelationHits& out, const CorrelatorLimits& limits,
                       const HashKey& hash_key)
    : state_(std::make_unique<State>(defs, rule_count, out, limits, hash_key)) {}

Correlator::~Correlator() = default;

bool Correlator::wants(std::uint32_t rule) const noexcept {
  return rule < state_->rule_count() && !state_->plans().uses_of(rule).empty();
}

std::span<const std::string> Correlator::fields_of(std::uint32_t rule) const noexcept {
  if (rule >= state_->rule_count()) return {};
  return state_->plans().fields_of(rule);
}

void Correlator::on_match(const CorrelationMatch& match) {
  state_->on_match(match);
}

void Correlator::advance(std::int64_t time_ns) {
  state_->advance(time_ns);
}

void Correlator::finish() {
  state_->finish();
}

const CorrelatorCounters& Correlator::counters() const noexcept {
  return state_->counters();
}

CorrelatorUsage Correlator::usage() const noexcept {
  return state_->usage();
}

}  // namespace chargewarden
