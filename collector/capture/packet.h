#pragma once
// Packet and PacketBatch: what a capture source delivers.

#include <cstdint>
#include <memory>
#include <vector>

#include "collector/base/byte_reader.h"

namespace chargewarden {

struct Packet {
  std::int64_t time_ns = 0;  // UTC, nanoseconds since 1970; from the capture.
  Bytes data;                // What was captured; belongs to the batch or its source.
  std::uint32_t original_len =
      0;                        // Length on the wire; larger than data.size() when cut by snaplen.
  std::uint16_t link_type = 0;  // LINKTYPE_ value of the interface.
  bool little_endian_writer = true;  // Byte order of the machine that wrote it: BSD NULL needs it.
  std::uint64_t number = 0;          // From 1, within its source.
};

// Packets in file order. Data is valid until the batch is refilled or destroyed, and no longer than
// the source lives. Refilling reuses the memory.
struct PacketBatch {
  std::vector<Packet> packets;
  std::vector<std::uint8_t>
      storage;  // Used by sources that cannot hand out views of a mapped file.
};

}  // namespace chargewarden
