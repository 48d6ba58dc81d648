#pragma once
// BySession: what a detector keeps for each session, found by the session's place.

#include <cstdint>
#include <memory>
#include <vector>

#include "analyzer/state/session.h"

namespace chargewarden {

// A place that is used for another session begins with a new entry. Bounded by the World, which
// bounds sessions.
template <typename Entry>
class BySession {
 public:
  Entry& at(SessionIndex index, const Session& session) {
    if (index >= slots_.size()) slots_.resize(index + std::size_t{1});
    Slot& slot = slots_[index];
    if (slot.entry == nullptr || slot.generation != session.generation) {
      slot.entry = std::make_unique<Entry>();
      slot.generation = session.generation;
    }
    return *slot.entry;
  }

  // What is kept of a session that is over, and of which nothing more is asked.
  void drop(SessionIndex index) noexcept {
    if (index < slots_.size()) slots_[index].entry.reset();
  }

  // Null when there is none.
  [[nodiscard]] Entry* find(SessionIndex index, const Session& session) noexcept {
    if (index >= slots_.size() || slots_[index].generation != session.generation) return nullptr;
    return slots_[index].entry.get();
  }

 private:
  struct Slot {
    std::uint32_t generation = 0;
    std::unique_ptr<Entry> entry;
  };

  std::vector<Slot> slots_;
};

}  // namespace chargewarden
