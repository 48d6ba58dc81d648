#include "rules/correlation/entry_store.h"

namespace chargewarden {

void EntryStore::add_slot(List& list) {
  if (needs_block(list)) {
    const std::uint32_t added = blocks_.take();
    blocks_[added].previous = list.last_block;
    blocks_[added].next = kNoIndex;
    if (list.count == 0) {
      list.first_block = added;
      list.first_slot = 0;
    } else {
      blocks_[list.last_block].next = added;
    }
    list.last_block = added;
    list.last_slot = 0;
  } else {
    ++list.last_slot;
  }
  ++list.count;
  ++entries_;
}

void EntryStore::insert(List& list, const CorrelationEntry& entry) {
  add_slot(list);
  Place place = last(list);
  for (std::uint32_t later = list.count - 1; later > 0; --later) {
    const Place before = previous(place);
    if (!entry.is_before(at(before))) break;
    at(place) = at(before);
    place = before;
  }
  at(place) = entry;
}

void EntryStore::drop_first(List& list) noexcept {
  const std::uint32_t block = list.first_block;
  --list.count;
  --entries_;
  if (list.count == 0) {
    blocks_.release(block);
    list = List();
  } else if (list.first_slot + 1 == kBlockEntries) {
    list.first_block = blocks_[block].next;
    list.first_slot = 0;
    blocks_[list.first_block].previous = kNoIndex;
    blocks_.release(block);
  } else {
    ++list.first_slot;
  }
}

void EntryStore::clear(List& list) noexcept {
  entries_ -= list.count;
  for (std::uint32_t block = list.count == 0 ? kNoIndex : list.first_block; block != kNoIndex;) {
    const std::uint32_t next = blocks_[block].next;
    blocks_.release(block);
    block = next;
  }
  list = List();
}

}  // namespace chargewarden
