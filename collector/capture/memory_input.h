#pragma once
// MemoryInput: bytes in memory as a ByteInput, handed out in steps; for tests and fuzz targets.

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "collector/capture/byte_input.h"

namespace chargewarden {

class MemoryInput final : public ByteInput {
 public:
  // At most `step` bytes per read, as a slow pipe would deliver them.
  explicit MemoryInput(std::vector<std::uint8_t> bytes, std::size_t step = SIZE_MAX)
      : bytes_(std::move(bytes)), step_(step) {}

  Expected<std::size_t> read(std::span<std::uint8_t> out) override {
    const std::size_t count = std::min({out.size(), step_, bytes_.size() - at_});
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(at_), count, out.begin());
    at_ += count;
    return count;
  }

  [[nodiscard]] std::string damage() const override { return {}; }

  [[nodiscard]] std::uint64_t bytes_read() const override { return at_; }

  [[nodiscard]] std::uint64_t bytes_total() const override { return bytes_.size(); }

 private:
  std::vector<std::uint8_t> bytes_;
  std::size_t step_;
  std::size_t at_ = 0;
};

}  // namespace chargewarden
