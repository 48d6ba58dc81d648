#pragma once
// Counting over a time span, in little memory.

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

namespace chargewarden {

// How often something happened within the latest `span_ns`: sixteen buckets of a sixteenth of the
// span each, so the count may hold what is up to a sixteenth of it older. Time that goes back
// counts as now.
class Window {
 public:
  explicit Window(std::int64_t span_ns)
      : bucket_ns_(std::max<std::int64_t>(1, span_ns / kBuckets)) {}

  // Adds `amount` and returns the count. A bucket stays at 2^32 - 1.
  std::uint64_t add(std::int64_t now_ns, std::uint64_t amount = 1) {
    advance(now_ns);
    std::uint32_t& bucket = buckets_[static_cast<std::size_t>(bucket_ % kBuckets)];
    const std::uint64_t added = std::min<std::uint64_t>(amount, UINT32_MAX - bucket);
    bucket += static_cast<std::uint32_t>(added);
    sum_ += added;
    return sum_;
  }

  std::uint64_t count(std::int64_t now_ns) {
    advance(now_ns);
    return sum_;
  }

  void clear() {
    buckets_.fill(0);
    sum_ = 0;
  }

 private:
  static constexpr std::int64_t kBuckets = 16;

  void advance(std::int64_t now_ns) {
    const std::int64_t bucket = now_ns / bucket_ns_;
    if (bucket - bucket_ >= kBuckets) {
      clear();
      bucket_ = bucket;
    }
    while (bucket_ < bucket) {
      ++bucket_;
      std::uint32_t& oldest = buckets_[static_cast<std::size_t>(bucket_ % kBuckets)];
      sum_ -= oldest;
      oldest = 0;
    }
  }

  std::int64_t bucket_ns_;
  std::int64_t bucket_ = 0;
  std::array<std::uint32_t, static_cast<std::size_t>(kBuckets)> buckets_{};
  std::uint64_t sum_ = 0;
};

// Different values, by their hash, up to a limit; beyond it the size stays.
class DistinctSet {
 public:
  explicit DistinctSet(std::size_t max) : max_(max) {}

  // Whether it is new.
  bool add(std::uint64_t hash) {
    const auto at = std::lower_bound(hashes_.begin(), hashes_.end(), hash);
    if ((at != hashes_.end() && *at == hash) || hashes_.size() >= max_) return false;
    hashes_.insert(at, hash);
    return true;
  }

  [[nodiscard]] bool contains(std::uint64_t hash) const {
    return std::binary_search(hashes_.begin(), hashes_.end(), hash);
  }

  [[nodiscard]] std::size_t size() const noexcept { return hashes_.size(); }

  void clear() { hashes_.clear(); }

 private:
  std::size_t max_;
  std::vector<std::uint64_t> hashes_;
};

}  // namespace chargewarden
