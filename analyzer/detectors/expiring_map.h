#pragma once
// ExpiringMap: entries by a text that strangers choose, bounded, with expiry by event time.
//
// Keyed hash; what was not touched for the lifetime is gone, and at the limit what was not touched
// for longest goes and is counted. Entries stay at their place until they are erased or expire.

#include <cstdint>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "collector/base/siphash.h"

namespace chargewarden {

template <typename Entry>
class ExpiringMap {
 public:
  // A lifetime of 0: entries stay until there are too many.
  ExpiringMap(const HashKey& key, std::size_t entries_max, std::int64_t lifetime_ns)
      : entries_max_(entries_max), lifetime_ns_(lifetime_ns), map_(0, Hash{key}) {}

  // Null when there is none, or when it has expired.
  [[nodiscard]] Entry* find(std::string_view key, std::int64_t now_ns) {
    expire(now_ns);
    const auto found = map_.find(key);
    return found != map_.end() ? &found->second->entry : nullptr;
  }

  // The entry, made when there is none, and touched.
  Entry& at(std::string_view key, std::int64_t now_ns) {
    expire(now_ns);
    if (const auto found = map_.find(key); found != map_.end()) {
      nodes_.splice(nodes_.begin(), nodes_, found->second);
    } else {
      nodes_.push_front({});
      const auto added = map_.emplace(key, nodes_.begin()).first;
      nodes_.front().key = &added->first;
    }
    nodes_.front().touched_ns = now_ns;
    Entry& out = nodes_.front().entry;
    if (map_.size() > entries_max_) {
      ++dropped_;
      erase_oldest();
    }
    return out;
  }

  void erase(std::string_view key) {
    const auto found = map_.find(key);
    if (found == map_.end()) return;
    nodes_.erase(found->second);
    map_.erase(found);
  }

  [[nodiscard]] std::size_t size() const noexcept { return map_.size(); }

  // Entries that went because there were too many.
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

 private:
  // Looks up without making a string. Not noexcept: else the library would not keep the hashes of
  // the keys, and work those of a whole chain out for each look-up.
  struct Hash {
    using is_transparent = void;
    HashKey key;

    std::size_t operator()(std::string_view text) const {
      SipHash13 hash(key);
      hash.add(text);
      return hash.finish();
    }
  };

  struct Node {
    const std::string* key = nullptr;
    std::int64_t touched_ns = 0;
    Entry entry;
  };

  using Nodes = std::list<Node>;

  void expire(std::int64_t now_ns) {
    if (lifetime_ns_ == 0) return;
    while (!nodes_.empty() && now_ns - nodes_.back().touched_ns > lifetime_ns_) erase_oldest();
  }

  void erase_oldest() {
    map_.erase(*nodes_.back().key);
    nodes_.pop_back();
  }

  std::size_t entries_max_;
  std::int64_t lifetime_ns_;
  Nodes nodes_;  // Latest touched first.
  std::unordered_map<std::string, typename Nodes::iterator, Hash, std::equal_to<>> map_;
  std::uint64_t dropped_ = 0;
};

}  // namespace chargewarden
