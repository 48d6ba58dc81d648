#pragma once
// Pool: many equal small things, found by number, that come and go without the allocator.
//
// Memory grows chunk by chunk, so nothing moves and no growth copies; it is not given back. What is
// released is handed out again, the last one first. T has a std::uint32_t `next`, which the pool
// uses while the thing is free. One thread.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace chargewarden {

// No thing: the end of a list.
inline constexpr std::uint32_t kNoIndex = 0xffffffff;

template <typename T>
class Pool {
 public:
  // The content is what the last user left, or value-initialized.
  [[nodiscard]] std::uint32_t take() {
    ++used_;
    if (free_ != kNoIndex) {
      const std::uint32_t index = free_;
      free_ = (*this)[index].next;
      return index;
    }
    if (made_ == chunks_.size() * kChunk) chunks_.push_back(std::make_unique<T[]>(kChunk));
    return made_++;
  }

  void release(std::uint32_t index) noexcept {
    --used_;
    (*this)[index].next = free_;
    free_ = index;
  }

  [[nodiscard]] T& operator[](std::uint32_t index) noexcept {
    return chunks_[index / kChunk][index % kChunk];
  }

  [[nodiscard]] const T& operator[](std::uint32_t index) const noexcept {
    return chunks_[index / kChunk][index % kChunk];
  }

  [[nodiscard]] std::size_t used() const noexcept { return used_; }

  [[nodiscard]] std::size_t bytes() const noexcept { return chunks_.size() * kChunk * sizeof(T); }

 private:
  static constexpr std::uint32_t kChunk = 1'024;

  std::vector<std::unique_ptr<T[]>> chunks_;
  std::uint32_t made_ = 0;
  std::uint32_t free_ = kNoIndex;
  std::size_t used_ = 0;
};

}  // namespace chargewarden
