#pragma once
// StationWindow: how many different stations did something within a time span, in little memory
// and constant time, however many stations there are.
//
// Sixteen buckets of a sixteenth of the span each. A station counts in the bucket of its latest
// time; which that is, its owner keeps in a mark. The count may hold what is up to a sixteenth of
// the span older. Time that goes back counts as now.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "analyzer/detectors/packets.h"

namespace chargewarden {

class StationWindow {
 public:
  // Of one station in one window; 0: never. To be set to 0 when the station joins another window.
  using Mark = std::uint32_t;

  explicit StationWindow(std::int64_t span_ns)
      : bucket_ns_(std::max<std::int64_t>(1, span_ns / kBuckets)) {}

  // The station did it once more. Returns the number of stations.
  std::uint32_t add(std::int64_t now_ns, Mark& mark, std::uint64_t tag) {
    advance(now_ns);
    if (stations_ == 0) {
      packets_.clear();
      forget_told();
    }
    packets_.add(tag);
    Bucket& own = at(bucket_);
    if (own.times == 0) own.first_ns = now_ns;
    ++own.times;
    ++times_;
    const std::int64_t before = mark_to_bucket(mark);
    if (mark != 0 && before == bucket_) return stations_;
    if (mark != 0 && before > bucket_ - kBuckets && at(before).stations > 0) {
      --at(before).stations;
      --stations_;
    }
    mark = bucket_to_mark(bucket_);
    ++own.stations;
    return ++stations_;
  }

  // Whether it is to be told now: at `floor` stations, at twice the stations or times of what was
  // told before, and when a quarter, a half and all of `fleet` is reached.
  bool should_tell(std::uint32_t floor, std::size_t fleet) {
    if (stations_ < floor) return false;
    int share = 0;
    for (const std::size_t part : {4U, 2U, 1U}) share += stations_ * part >= fleet ? 1 : 0;
    const bool more = stations_ >= told_stations_ * 2 || times_ >= told_times_ * 2;
    if (!more && share <= told_share_) return false;
    told_stations_ = std::max(told_stations_, stations_);
    told_times_ = std::max(told_times_, times_);
    told_share_ = std::max(told_share_, share);
    return true;
  }

  // Brings the window to the time; once nobody is in it, the next story begins anew.
  std::uint32_t stations(std::int64_t now_ns) {
    advance(now_ns);
    return stations_;
  }

  // Stations as of the latest add().
  [[nodiscard]] std::uint32_t stations() const noexcept { return stations_; }

  // How often it was done within the span.
  [[nodiscard]] std::uint64_t times() const noexcept { return times_; }

  // Time from the first to `now_ns`.
  [[nodiscard]] std::int64_t span_ns(std::int64_t now_ns) const noexcept {
    for (std::int64_t i = bucket_ - kBuckets + 1; i <= bucket_; ++i) {
      const Bucket& bucket = buckets_[place(i)];
      if (bucket.times != 0) return std::max<std::int64_t>(0, now_ns - bucket.first_ns);
    }
    return 0;
  }

  [[nodiscard]] const Packets& packets() const noexcept { return packets_; }

 private:
  static constexpr std::int64_t kBuckets = 16;

  struct Bucket {
    std::int64_t first_ns = 0;
    std::uint64_t times = 0;
    std::uint32_t stations = 0;
  };

  static std::size_t place(std::int64_t bucket) noexcept {
    return static_cast<std::size_t>(bucket & (kBuckets - 1));
  }

  Bucket& at(std::int64_t bucket) noexcept { return buckets_[place(bucket)]; }

  // Marks are 32 bits of the bucket's number; what they lack is that of the present bucket.
  static Mark bucket_to_mark(std::int64_t bucket) noexcept {
    const auto mark = static_cast<Mark>(static_cast<std::uint64_t>(bucket));
    return mark != 0 ? mark : 1;
  }

  [[nodiscard]] std::int64_t mark_to_bucket(Mark mark) const noexcept {
    const auto behind = static_cast<Mark>(static_cast<std::uint64_t>(bucket_)) - mark;
    return bucket_ - static_cast<std::int64_t>(behind);
  }

  void advance(std::int64_t now_ns) {
    const std::int64_t bucket = now_ns / bucket_ns_;
    if (bucket - bucket_ >= kBuckets) {
      buckets_.fill({});
      stations_ = 0;
      times_ = 0;
      bucket_ = bucket;
    }
    while (bucket_ < bucket) {
      Bucket& oldest = at(++bucket_);
      stations_ -= oldest.stations;
      times_ -= oldest.times;
      oldest = {};
    }
    // What was told does not count for ever: a story that shrank to half may grow again.
    if (stations_ * std::uint32_t{2} < told_stations_) forget_told();
  }

  void forget_told() noexcept {
    told_stations_ = 0;
    told_times_ = 0;
    told_share_ = 0;
  }

  std::int64_t bucket_ns_;
  std::int64_t bucket_ = 0;
  std::array<Bucket, static_cast<std::size_t>(kBuckets)> buckets_{};
  std::uint64_t times_ = 0;
  std::uint32_t stations_ = 0;
  std::uint32_t told_stations_ = 0;
  std::uint64_t told_times_ = 0;
  int told_share_ = 0;
  Packets packets_;
};

}  // namespace chargewarden
