#include "rules/correlation/group_table.h"

#include <algorithm>

#include "rules/correlation/correlator.h"

namespace chargewarden {

namespace {

// Bytes that a text needs beside its object.
std::size_t outside(const std::string& text) {
  static const std::size_t kInside = std::string().capacity();
  return text.capacity() > kInside ? text.capacity() + 1 : 0;
}

// At most `size` bytes, without the start of a character (RFC 3629, 3) that is not whole.
std::string_view start_of(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  constexpr unsigned kContinuationMask = 0xc0;
  constexpr unsigned kContinuation = 0x80;
  std::size_t end = size;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & kContinuationMask) == kContinuation) {
    --end;
  }
  return text.substr(0, end);
}

static_assert(kGroupValueMaxLen <= 0xffff, "the length of a value is kept in two bytes");

}  // namespace

std::string_view joined(std::span<const std::string_view> texts, std::string& scratch) {
  if (texts.size() == 1) return texts.front();
  scratch = texts.front();
  for (const std::string_view text : texts.subspan(1)) {
    scratch += ',';
    scratch += text;
  }
  return scratch;
}

void GroupKey::begin(std::uint32_t correlation) {
  state_ = SipHash13(secret_);
  state_.add(std::uint64_t{correlation});
  cut_ = false;
  text_.clear();
}

void GroupKey::add(std::span<const std::string_view> texts) {
  const std::string_view value = joined(texts, joined_);
  state_.add(value);
  const std::string_view start = start_of(value, kGroupValueMaxLen);
  if (start.size() < value.size()) cut_ = true;
  text_ += static_cast<char>(start.size() & 0xffU);
  text_ += static_cast<char>(start.size() >> 8U);
  text_ += start;
}

void GroupKey::finish() {
  hash_ = state_.finish();
  if (!cut_) return;
  std::uint64_t more = state_.finish_more();
  for (std::size_t i = 0; i < sizeof(more); ++i, more >>= 8U) {
    text_ += static_cast<char>(more & 0xffU);
  }
}

void GroupKey::split(std::string_view text, std::size_t count,
                     std::vector<std::string_view>& values) {
  values.clear();
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t size = static_cast<std::size_t>(static_cast<unsigned char>(text[0])) |
                             static_cast<std::size_t>(static_cast<unsigned char>(text[1])) << 8U;
    values.push_back(text.substr(2, size));
    text.remove_prefix(2 + size);
  }
}

std::uint32_t GroupTable::find(std::uint32_t correlation, const GroupKey& key) const {
  return index_.find(key.hash(), [&](std::uint32_t group) {
    const CorrelationGroup& candidate = groups_[group];
    return candidate.hash == key.hash() && candidate.correlation == correlation &&
           candidate.key == key.text();
  });
}

std::uint32_t GroupTable::add(std::uint32_t correlation, const GroupKey& key) {
  if ((groups_.used() + 1) * 2 > index_.slots()) {
    index_.grow([&](std::uint32_t group) { return groups_[group].hash; });
  }
  const std::uint32_t group = groups_.take();
  CorrelationGroup& added = groups_[group];
  key_bytes_ -= outside(added.key);
  added.key = key.text();  // Uses the memory that the last group in this place left.
  key_bytes_ += outside(added.key);
  added.hash = key.hash();
  added.in_window = 0;
  added.words = kNoIndex;
  added.time_ns = kBeforeAllTime;
  added.correlation = correlation;
  added.timer = kNoIndex;
  index_.insert(added.hash, group);
  append(group);
  return group;
}

void GroupTable::touch(std::uint32_t group) noexcept {
  unlink(group);
  append(group);
}

void GroupTable::remove(std::uint32_t group) {
  index_.erase(group, [&](std::uint32_t other) { return groups_[other].hash; });
  unlink(group);
  groups_.release(group);
}

std::uint32_t GroupTable::stalest(std::uint32_t except) const noexcept {
  std::uint32_t found = kNoIndex;
  std::uint64_t touched = 0;
  for (const Ends& ends : ends_) {
    std::uint32_t first = ends.first;
    std::uint64_t when = ends.touched;
    if (first != kNoIndex && first == except) {
      first = groups_[first].next;
      if (first != kNoIndex) when = groups_[first].touched;
    }
    if (first == kNoIndex || (found != kNoIndex && touched < when)) continue;
    found = first;
    touched = when;
  }
  return found;
}

void GroupTable::append(std::uint32_t group) noexcept {
  CorrelationGroup& added = groups_[group];
  Ends& ends = ends_[added.correlation];
  added.touched = touches_++;
  added.previous = ends.last;
  added.next = kNoIndex;
  if (ends.last == kNoIndex) {
    ends.first = group;
    ends.touched = added.touched;
  } else {
    groups_[ends.last].next = group;
  }
  ends.last = group;
}

void GroupTable::unlink(std::uint32_t group) noexcept {
  const CorrelationGroup& gone = groups_[group];
  Ends& ends = ends_[gone.correlation];
  if (gone.previous != kNoIndex) {
    groups_[gone.previous].next = gone.next;
  } else {
    ends.first = gone.next;
    if (gone.next != kNoIndex) ends.touched = groups_[gone.next].touched;
  }
  if (gone.next != kNoIndex) {
    groups_[gone.next].previous = gone.previous;
  } else {
    ends.last = gone.previous;
  }
}

}  // namespace chargewarden
