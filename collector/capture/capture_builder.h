#pragma once
// CaptureBuilder: makes small pcap and pcapng files for tests, sound or deliberately not.

#include <cstdint>
#include <string_view>
#include <vector>

#include "collector/base/byte_reader.h"

namespace chargewarden {

enum class WriterOrder : std::uint8_t { kLittle, kBig };

class CaptureBuilder {
 public:
  explicit CaptureBuilder(WriterOrder order = WriterOrder::kLittle)
      : little_(order == WriterOrder::kLittle) {}

  CaptureBuilder& order(WriterOrder order) {
    little_ = order == WriterOrder::kLittle;
    return *this;
  }

  CaptureBuilder& u8(std::uint8_t value) {
    bytes_.push_back(value);
    return *this;
  }

  CaptureBuilder& u16(std::uint16_t value) {
    return little_ ? u8(value & 0xffU).u8(static_cast<std::uint8_t>(value >> 8U))
                   : u8(static_cast<std::uint8_t>(value >> 8U)).u8(value & 0xffU);
  }

  CaptureBuilder& u32(std::uint32_t value) {
    const auto low = static_cast<std::uint16_t>(value);
    const auto high = static_cast<std::uint16_t>(value >> 16U);
    return little_ ? u16(low).u16(high) : u16(high).u16(low);
  }

  CaptureBuilder& u64(std::uint64_t value) {
    const auto low = static_cast<std::uint32_t>(value);
    const auto high = static_cast<std::uint32_t>(value >> 32U);
    return little_ ? u32(low).u32(high) : u32(high).u32(low);
  }

  CaptureBuilder& raw(Bytes bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }

  CaptureBuilder& pcap_header(std::uint32_t magic, std::uint32_t link_type,
                              std::uint16_t minor = 4) {
    return u32(magic).u16(2).u16(minor).u32(0).u32(0).u32(262'144).u32(link_type);
  }

  CaptureBuilder& pcap_record(std::uint32_t seconds, std::uint32_t fraction, Bytes data,
                              std::uint32_t original) {
    return u32(seconds)
        .u32(fraction)
        .u32(static_cast<std::uint32_t>(data.size()))
        .u32(original)
        .raw(data);
  }

  // Any pcapng block; the body is padded to four bytes.
  CaptureBuilder& block(std::uint32_t type, Bytes body) {
    const auto padded = (body.size() + 3) / 4 * 4;
    const auto len = static_cast<std::uint32_t>(12 + padded);
    u32(type).u32(len).raw(body);
    bytes_.resize(bytes_.size() + padded - body.size());
    return u32(len);
  }

  CaptureBuilder& section() {
    return block(0x0a0d0d0a, body().u32(0x1a2b3c4d).u16(1).u16(0).u64(~std::uint64_t{0}).bytes());
  }

  CaptureBuilder& interface(std::uint16_t link_type, std::uint32_t snaplen = 0,
                            Bytes options = {}) {
    return block(1, body().u16(link_type).u16(0).u32(snaplen).raw(options).bytes());
  }

  CaptureBuilder& enhanced_packet(std::uint32_t interface_id, std::uint64_t ticks, Bytes data,
                                  std::uint32_t original) {
    return block(6, body()
                        .u32(interface_id)
                        .u32(static_cast<std::uint32_t>(ticks >> 32U))
                        .u32(static_cast<std::uint32_t>(ticks))
                        .u32(static_cast<std::uint32_t>(data.size()))
                        .u32(original)
                        .raw(data)
                        .bytes());
  }

  CaptureBuilder& secrets(std::uint32_t type, Bytes text) {
    return block(0x0000000a,
                 body().u32(type).u32(static_cast<std::uint32_t>(text.size())).raw(text).bytes());
  }

  // An empty builder with the same byte order, for bodies and options.
  [[nodiscard]] CaptureBuilder body() const {
    return CaptureBuilder(little_ ? WriterOrder::kLittle : WriterOrder::kBig);
  }

  [[nodiscard]] const std::vector<std::uint8_t>& bytes() const { return bytes_; }

 private:
  bool little_;
  std::vector<std::uint8_t> bytes_;
};

}  // namespace chargewarden
