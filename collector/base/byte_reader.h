#pragma once
// ByteReader: bounded, forward-only cursor over untrusted bytes.
//
// The first read past the end sets the reader to failed; every later read returns zero and leaves
// it failed. A decoder therefore reads a whole fixed header and asks ok() once. The reader never
// owns or copies the bytes.

#include <cstddef>
#include <cstdint>
#include <span>

namespace chargewarden {

using Bytes = std::span<const std::uint8_t>;

class ByteReader {
 public:
  explicit ByteReader(Bytes bytes) noexcept : bytes_(bytes) {}

  [[nodiscard]] bool ok() const noexcept { return !failed_; }

  [[nodiscard]] std::size_t offset() const noexcept { return offset_; }

  [[nodiscard]] std::size_t remaining() const noexcept { return bytes_.size() - offset_; }

  // What has not been read yet; empty once the reader has failed.
  [[nodiscard]] Bytes rest() const noexcept { return failed_ ? Bytes{} : bytes_.subspan(offset_); }

  std::uint8_t u8() noexcept { return static_cast<std::uint8_t>(be(1)); }

  std::uint16_t u16be() noexcept { return static_cast<std::uint16_t>(be(2)); }

  std::uint32_t u32be() noexcept { return static_cast<std::uint32_t>(be(4)); }

  std::uint64_t u64be() noexcept { return be(8); }

  std::uint16_t u16le() noexcept { return static_cast<std::uint16_t>(le(2)); }

  std::uint32_t u32le() noexcept { return static_cast<std::uint32_t>(le(4)); }

  // The next `count` bytes, or an empty span and failure if there are fewer.
  Bytes take(std::size_t count) noexcept {
    if (failed_ || count > remaining()) {
      failed_ = true;
      return {};
    }
    const auto out = bytes_.subspan(offset_, count);
    offset_ += count;
    return out;
  }

  void skip(std::size_t count) noexcept { (void)take(count); }

  // A reader over exactly the next `count` bytes: it cannot see beyond them.
  ByteReader sub(std::size_t count) noexcept {
    ByteReader reader(take(count));
    reader.failed_ = failed_;
    return reader;
  }

 private:
  std::uint64_t be(std::size_t width) noexcept {
    std::uint64_t value = 0;
    for (const std::uint8_t byte : take(width)) value = (value << 8U) | byte;
    return value;
  }

  std::uint64_t le(std::size_t width) noexcept {
    std::uint64_t value = 0;
    unsigned shift = 0;
    for (const std::uint8_t byte : take(width)) {
      value |= static_cast<std::uint64_t>(byte) << shift;
      shift += 8;
    }
    return value;
  }

  Bytes bytes_;
  std::size_t offset_ = 0;
  bool failed_ = false;
};

}  // namespace chargewarden
