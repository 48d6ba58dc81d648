#include "collector/wire/packet/fragment_table.h"

#include <algorithm>
#include <utility>

#include "collector/wire/packet/flow_hash.h"

namespace chargewarden {

namespace {

constexpr std::size_t kSlots = 8'192;
static_assert(kSlots >= 2 * kFragmentDatagramsMax);

}  // namespace

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
  if (!place(entry, fragment)) {
    ++counters_.refused;
    return Result::kRefused;
  }
  const std::size_t units = (entry.total_len + kUnitBytes - 1) / kUnitBytes;
  if (entry.total_len == 0 || entry.units_there < units) return Result::kHeld;
  whole = joined(entry);
  protocol = entry.protocol;
  ++counters_.reassembled;
  remove(entry);
  return Result::kWhole;
}

std::uint64_t FragmentTable::hash_of(const FragmentKey& key) const noexcept {
  SipHash13 hash = hash_;
  for (const IpAddress* address : {&key.source, &key.destination}) {
    const AddressWords words = words_of(*address);
    hash.add(words.first);
    hash.add(words.second);
  }
  hash.add((std::uint64_t{key.tunnel} << 32U) | key.id);
  hash.add(std::uint64_t{key.protocol});
  return hash.finish();
}

FragmentTable::Entry& FragmentTable::entry_for(const Fragment& fragment) {
  if (entries_.empty()) {
    entries_.resize(kFragmentDatagramsMax);
    for (std::uint32_t i = kFragmentDatagramsMax; i > 0; --i) free_.push_back(i - 1);
    slots_ = SlotIndex(kSlots);
  }
  const std::uint64_t hash = hash_of(fragment.key);
  const std::uint32_t known = slots_.find(hash, [&](std::uint32_t index) {
    return entries_[index].hash == hash && entries_[index].key == fragment.key;
  });
  if (known != kNone) {
    if (!is_expired(entries_[known], fragment.time_ns)) return entries_[known];
    ++counters_.expired;
    remove(entries_[known]);
  }
  if (free_.empty()) {
    ++counters_.evicted;
    remove(entries_[oldest_]);
  }
  return make_entry(fragment, hash);
}

FragmentTable::Entry& FragmentTable::make_entry(const Fragment& fragment, std::uint64_t hash) {
  const std::uint32_t index = free_.back();
  free_.pop_back();
  Entry& entry = entries_[index];
  entry.key = fragment.key;
  entry.hash = hash;
  entry.first_time_ns = fragment.time_ns;
  entry.older = newest_;
  (newest_ == kNone ? oldest_ : entries_[newest_].newer) = index;
  newest_ = index;
  ++size_;
  slots_.insert(hash, index);
  return entry;
}

// False when the fragment contradicts what is known of the length; what is there stays.
bool FragmentTable::place(Entry& entry, const Fragment& fragment) {
  const std::size_t end = fragment.offset + fragment.data.size();
  if (entry.total_len != 0 &&
      (end > entry.total_len || (!fragment.more && end < entry.total_len))) {
    return false;
  }
  if (!fragment.more && end < entry.end) return false;
  if (!fragment.more) entry.total_len = static_cast<std::uint32_t>(end);
  if (fragment.offset == 0 && !entry.first_seen) {
    entry.first_seen = true;
    entry.protocol = fragment.payload_protocol;
  }
  entry.end = std::max(entry.end, static_cast<std::uint32_t>(end));
  copy_units(entry, fragment);
  return true;
}

void FragmentTable::copy_units(Entry& entry, const Fragment& fragment) {
  constexpr std::size_t kWordBits = 64;
  bool repeated = false;
  bool differs = false;
  for (std::size_t at = 0; at < fragment.data.size(); at += kUnitBytes) {
    const std::size_t place = fragment.offset + at;
    const std::size_t unit = place / kUnitBytes % kPageUnits;
    const Bytes source = fragment.data.subspan(at, std::min(kUnitBytes, fragment.data.size() - at));
    Page& page = page_at(entry, place / kPageBytes);
    const auto target = page.data.begin() + static_cast<std::ptrdiff_t>(place % kPageBytes);
    std::uint64_t& word = page.there[unit / kWordBits];
    const std::uint64_t bit = std::uint64_t{1} << (unit % kWordBits);
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

// A new page may push out the oldest other datagrams.
FragmentTable::Page& FragmentTable::page_at(Entry& entry, std::size_t index) {
  std::unique_ptr<Page>& page = entry.pages[index];
  if (page != nullptr) return *page;
  page = std::make_unique_for_overwrite<Page>();
  page->there.fill(0);
  bytes_ += sizeof(Page);
  while (bytes_ > kFragmentBytesMax) {
    const std::uint32_t victim = &entries_[oldest_] == &entry ? entry.newer : oldest_;
    if (victim == kNone) break;
    ++counters_.evicted;
    remove(entries_[victim]);
  }
  return *page;
}

std::vector<std::uint8_t> FragmentTable::joined(const Entry& entry) {
  std::vector<std::uint8_t> out;
  out.reserve(entry.total_len);
  for (std::size_t at = 0; at < entry.total_len; at += kPageBytes) {
    const auto& data = entry.pages[at / kPageBytes]->data;
    const std::size_t len = std::min(kPageBytes, entry.total_len - at);
    out.insert(out.end(), data.begin(), data.begin() + static_cast<std::ptrdiff_t>(len));
  }
  return out;
}

void FragmentTable::remove(Entry& entry) {
  (entry.older == kNone ? oldest_ : entries_[entry.older].newer) = entry.newer;
  (entry.newer == kNone ? newest_ : entries_[entry.newer].older) = entry.older;
  for (const auto& page : entry.pages) bytes_ -= page != nullptr ? sizeof(Page) : 0;
  --size_;
  const auto index = static_cast<std::uint32_t>(&entry - entries_.data());
  slots_.erase(index, [this](std::uint32_t each) { return entries_[each].hash; });
  free_.push_back(index);
  entry = Entry{};
}

bool FragmentTable::is_expired(const Entry& entry, std::int64_t now_ns) noexcept {
  // Times at both ends of the range are possible.
  std::int64_t deadline = 0;
  if (__builtin_add_overflow(entry.first_time_ns, kFragmentTimeoutNs, &deadline)) return false;
  return deadline < now_ns;
}

// Gives up what is due, in order of making; where time went back some stay until they are met.
void FragmentTable::expire(std::int64_t now_ns) {
  while (oldest_ != kNone && is_expired(entries_[oldest_], now_ns)) {
    ++counters_.expired;
    remove(entries_[oldest_]);
  }
}

}  // namespace chargewarden
