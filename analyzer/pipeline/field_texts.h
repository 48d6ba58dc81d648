#pragma once
// The texts of some fields of an event, packed into an outbox: what a match hands to correlations.
//
// One after the other: for each field a count, then each text with its length before it.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace chargewarden {

inline void append_packed(std::string& out, std::uint32_t number) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  out.append(bytes, sizeof number);
}

// A packet, by its PacketTag.
inline void append_packed_tag(std::string& out, std::uint64_t tag) {
  char bytes[sizeof tag];
  std::memcpy(bytes, &tag, sizeof tag);
  out.append(bytes, sizeof tag);
}

inline void append_packed_text(std::string& out, std::string_view text) {
  append_packed(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

// Reads what those above have written, and nothing else: the bytes come from this process.
class PackedReader {
 public:
  explicit PackedReader(std::string_view bytes) : bytes_(bytes) {}

  std::uint32_t number() {
    std::uint32_t out = 0;
    std::memcpy(&out, take(sizeof out).data(), sizeof out);
    return out;
  }

  std::string_view text() { return take(number()); }

  std::uint64_t tag() {
    std::uint64_t out = 0;
    std::memcpy(&out, take(sizeof out).data(), sizeof out);
    return out;
  }

  [[nodiscard]] bool empty() const noexcept { return bytes_.empty(); }

 private:
  std::string_view take(std::size_t len) {
    const std::string_view out = bytes_.substr(0, len);
    bytes_.remove_prefix(len);
    return out;
  }

  std::string_view bytes_;
};

}  // namespace chargewarden
