#include "collector/wire/websocket/frame.h"

#include <cstring>

namespace chargewarden::websocket {

bool parse_frame_header(Bytes bytes, FrameHeader& out) noexcept {
  if (bytes.size() < 2) return false;
  const std::uint8_t first = bytes[0];
  const std::uint8_t second = bytes[1];
  out.fin = (first & 0x80U) != 0;
  out.rsv1 = (first & 0x40U) != 0;
  out.rsv23 = (first & 0x30U) != 0;
  out.opcode = first & 0x0fU;
  out.masked = (second & 0x80U) != 0;
  const std::uint8_t length = second & 0x7fU;
  std::size_t at = 2;
  const std::size_t extra = length == 126 ? 2 : length == 127 ? 8 : 0;
  const std::size_t header_len = 2 + extra + (out.masked ? 4 : 0);
  if (bytes.size() < header_len) return false;
  out.payload_len = length;
  if (extra != 0) {
    ByteReader reader(bytes.subspan(at, extra));
    out.payload_len = extra == 2 ? reader.u16be() : reader.u64be();
    at += extra;
  }
  out.minimal = extra == 0 || (extra == 2 ? out.payload_len > 125 : out.payload_len > 0xffff);
  if (out.masked) std::memcpy(out.key.data(), bytes.data() + at, 4);
  out.header_len = static_cast<std::uint8_t>(header_len);
  return true;
}

void unmask(Bytes payload, const std::array<std::uint8_t, 4>& key, std::uint64_t offset,
            std::uint8_t* out) noexcept {
  // The key, turned so that its first byte belongs to the first byte of this payload, twice over.
  std::array<std::uint8_t, 8> turned{};
  for (std::size_t i = 0; i < turned.size(); ++i) turned[i] = key[(offset + i) & 3U];
  std::uint64_t word = 0;
  std::memcpy(&word, turned.data(), sizeof word);
  const std::uint8_t* in = payload.data();
  const std::size_t size = payload.size();
  std::size_t i = 0;
  for (; i + 32 <= size; i += 32) {  // A block that compilers turn into vector instructions.
    std::array<std::uint64_t, 4> block{};
    std::memcpy(block.data(), in + i, 32);
    for (std::uint64_t& part : block) part ^= word;
    std::memcpy(out + i, block.data(), 32);
  }
  for (; i + 8 <= size; i += 8) {
    std::uint64_t part = 0;
    std::memcpy(&part, in + i, 8);
    part ^= word;
    std::memcpy(out + i, &part, 8);
  }
  for (; i < size; ++i) out[i] = static_cast<std::uint8_t>(in[i] ^ turned[i & 7U]);
}

}  // namespace chargewarden::websocket
