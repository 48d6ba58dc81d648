#include "collector/wire/packet/fragment_table.h"

#include <algorithm>
#include <utility>

#include "collector/wire/packet/flow_hash.h"

namespace chargewarden {

namespace {

constexpr std::size_t kUnitBytes = 8;  // Fragments start at multiples of it.
constexpr std::size_t kUnitsPerWord = 64;

std::size_t units_of(std::size_t len) noexcept {
  return (len + kUnitBytes - 1) / kUnitBytes;
}

}  // namespace

std::size_t FragmentTable::bytes_of(const Entry& entry) noexcept {
  return entry.data.capacity() + entry.there.capacity() * sizeof(std::uint64_t);
}

FragmentTable::Result FragmentTable::add(const Fragment& fragment, std::vector<std::uint8_t>& whole,
                                         std::uint8_t& protocol) {
  ++counters_.fragments;
  const std::size_t end = fragment.offset + fragment.data.size();
  if (fragment.data.empty() || end > kDatagramBytesMax ||
      (fragment.more && fragment.data.size() % kUnitBytes != 0)) {
    ++counters_.refused;
    return Result::kRefused;
  }
  expire(fragment.time_ns);
  Entry& entry = entry_for(fragment);
  const auto index = static_cast<std::uint32_t>(&entry - entries_.data());
  if (!place(entry, fragment)) {
    ++counters_.refused;
    return Result::kRefused;
  }
  if (entry.total_len == 0 || entry.units_there < units_of(entry.total_len)) return Result::kHeld;
  entry.data.resize(entry.total_len);
  bytes_ -= entry.data.capacity();
  whole = std::exchange(entry.data, {});
  protocol = entry.protocol;
  ++counters_.reassembled;
  remove(index);
  return Result::kWhole;
}

FragmentTable::Entry& FragmentTable::entry_for(const Fragment& fragment) {
  if (entries_.empty()) entries_.resize(kFragmentDatagramsMax);
  const FragmentKey& key = fragment.key;
  const std::uint64_t hash = mix_hash(hash_address(key.source, key.id) + key.tunnel,
                                      hash_address(key.destination, key.protocol));
  const std::size_t first = hash % (kFragmentDatagramsMax / kWays) * kWays;
  std::size_t chosen = first;
  for (std::size_t i = first; i < first + kWays; ++i) {
    Entry& entry = entries_[i];
    if (entry.used && entry.key == key) return entry;
    const bool better =
        entries_[chosen].used && (!entry.used || entry.order < entries_[chosen].order);
    if (better) chosen = i;
  }
  Entry& entry = entries_[chosen];
  if (entry.used) {
    ++counters_.evicted;
    remove(static_cast<std::uint32_t>(chosen));
  }
  entry.used = true;
  entry.key = key;
  entry.first_time_ns = fragment.time_ns;
  entry.order = next_order_++;
  entry.older = newest_;
  (newest_ == kNone ? oldest_ : entries_[newest_].newer) = static_cast<std::uint32_t>(chosen);
  newest_ = static_cast<std::uint32_t>(chosen);
  ++size_;
  return entry;
}

// False when the fragment contradicts what is known of the length; what is there stays.
bool FragmentTable::place(Entry& entry, const Fragment& fragment) {
  const std::size_t end = fragment.offset + fragment.data.size();
  if (entry.total_len != 0 &&
      (end > entry.total_len || (!fragment.more && end < entry.total_len))) {
    return false;
  }
  if (!fragment.more && end < entry.data.size()) return false;
  if (!fragment.more) entry.total_len = static_cast<std::uint32_t>(end);
  if (fragment.offset == 0 && !entry.first_seen) {
    entry.first_seen = true;
    entry.protocol = fragment.payload_protocol;
  }
  if (end > entry.data.size()) reserve(entry, end);
  copy_units(entry, fragment);
  return true;
}

void FragmentTable::copy_units(Entry& entry, const Fragment& fragment) {
  bool repeated = false;
  bool differs = false;
  for (std::size_t at = 0; at < fragment.data.size(); at += kUnitBytes) {
    const std::size_t unit = (fragment.offset + at) / kUnitBytes;
    const Bytes source = fragment.data.subspan(at, std::min(kUnitBytes, fragment.data.size() - at));
    const auto target = entry.data.begin() + static_cast<std::ptrdiff_t>(unit * kUnitBytes);
    std::uint64_t& word = entry.there[unit / kUnitsPerWord];
    const std::uint64_t bit = std::uint64_t{1} << (unit % kUnitsPerWord);
    if ((word & bit) != 0) {
      repeated = true;
      differs = differs || !std::equal(source.begin(), source.end(), target);
      continue;
    }
    word |= bit;
    ++entry.units_there;
    std::copy(source.begin(), source.end(), target);
  }
  if (differs) {
    ++counters_.conflicts;
  } else if (repeated) {
    ++counters_.duplicates;
  }
}

// Makes room for `len` bytes, by doubling so that many small fragments cost linear time; the oldest
// datagrams go when the table takes too much.
void FragmentTable::reserve(Entry& entry, std::size_t len) {
  bytes_ -= bytes_of(entry);
  if (len > entry.data.capacity()) {
    entry.data.reserve(std::min(kDatagramBytesMax, std::max(len, 2 * entry.data.capacity())));
  }
  entry.data.resize(len);
  entry.there.resize((units_of(len) + kUnitsPerWord - 1) / kUnitsPerWord);
  bytes_ += bytes_of(entry);
  while (bytes_ > kFragmentBytesMax) {
    const std::uint32_t victim = &entries_[oldest_] == &entry ? entry.newer : oldest_;
    if (victim == kNone) return;
    ++counters_.evicted;
    remove(victim);
  }
}

void FragmentTable::remove(std::uint32_t index) {
  Entry& entry = entries_[index];
  (entry.older == kNone ? oldest_ : entries_[entry.older].newer) = entry.newer;
  (entry.newer == kNone ? newest_ : entries_[entry.newer].older) = entry.older;
  bytes_ -= bytes_of(entry);
  --size_;
  entry = Entry{};
}

void FragmentTable::expire(std::int64_t now_ns) {
  // Subtraction cannot be used: times at both ends of the range are possible.
  while (oldest_ != kNone) {
    const std::int64_t first = entries_[oldest_].first_time_ns;
    std::int64_t deadline = 0;
    if (__builtin_add_overflow(first, kFragmentTimeoutNs, &deadline) || deadline >= now_ns) return;
    ++counters_.expired;
    remove(oldest_);
  }
}

}  // namespace chargewarden
