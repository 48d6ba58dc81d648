#pragma once
// ByteBuffer: bytes that grow at the end and whose memory is kept and never zeroed, for scratch
// space that is filled again and again. Owned and used by one thread.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

#include "collector/base/byte_reader.h"

namespace chargewarden {

class ByteBuffer {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  [[nodiscard]] Bytes bytes() const noexcept { return {memory_.get(), size_}; }

  void clear() noexcept { size_ = 0; }

  // Space for `len` bytes behind the last, of undefined content; more() takes over what was
  // written. Earlier views of the buffer are void.
  [[nodiscard]] std::span<std::uint8_t> room(std::size_t len) {
    if (capacity_ - size_ < len) grow(len);
    return {memory_.get() + size_, len};
  }

  // `len` must not exceed the last room().
  void more(std::size_t len) noexcept { size_ += len; }

  void append(Bytes bytes) {
    if (bytes.empty()) return;
    std::memcpy(room(bytes.size()).data(), bytes.data(), bytes.size());
    more(bytes.size());
  }

 private:
  void grow(std::size_t len) {
    const std::size_t capacity = std::max(size_ + len, capacity_ * 2);
    auto memory = std::make_unique_for_overwrite<std::uint8_t[]>(capacity);
    if (size_ > 0) std::memcpy(memory.get(), memory_.get(), size_);
    memory_ = std::move(memory);
    capacity_ = capacity;
  }

  std::unique_ptr<std::uint8_t[]> memory_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace chargewarden
