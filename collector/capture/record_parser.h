#pragma once
// What the pcap and the pcapng parser have in common: limits, counters, progress.

#include <cstdint>
#include <span>
#include <string>

#include "collector/base/byte_reader.h"

namespace chargewarden {

// Largest captured packet that is accepted, in bytes: four times the largest snaplen of libpcap
// (262,144), since segmentation offload makes packets larger than any MTU. A larger length is the
// sign of a damaged or hostile file. Test: capture_source_test.cc "a record over the limit".
inline constexpr std::uint32_t kPacketBytesMax = 262'144 * 4;

// Largest pcapng block that is held in memory, in bytes: a largest packet, as much again for its
// options. Blocks that are skipped may be as long as they like. Test: "a record over the limit".
inline constexpr std::uint32_t kBlockBytesMax = 2 * kPacketBytesMax;

// Interfaces of one pcapng section. Merged files have hundreds; each costs 32 bytes.
// Test: "interfaces over the limit".
inline constexpr std::size_t kInterfacesMax = 8'192;

// Bytes of TLS key logs that are kept of one capture; a session needs about 200.
// Test: "secrets are joined, limited".
inline constexpr std::size_t kSecretsBytesMax = 16 * 1024 * 1024;

// Things that happened while reading. Only `packets` and `bytes` count successes.
struct CaptureCounters {
  std::uint64_t packets = 0;             // Delivered.
  std::uint64_t bytes = 0;               // Captured bytes of these packets.
  std::uint64_t times_clamped = 0;       // Time stamps outside the years 1678 to 2262.
  std::uint64_t packets_refused = 0;     // Lengths inside a sound block contradict each other.
  std::uint64_t packets_unassigned = 0;  // Their interface was not described, or is over the limit.
  std::uint64_t interfaces_ignored = 0;  // Over kInterfacesMax.
  std::uint64_t secrets_ignored = 0;     // Blocks of another kind, or over kSecretsBytesMax.
};

// How far one call of a parser came.
struct ParseProgress {
  std::size_t consumed = 0;  // Bytes that are done with, from the start of the window.
  std::size_t wanted = 0;    // Bytes needed from there to go on; 0 when the batch is full.
};

// Unsigned integers of a record in the byte order of the machine that wrote the file. The place
// must lie inside: parsers check the length of the whole header first.
inline std::uint32_t load_u32(Bytes bytes, std::size_t at, bool little) noexcept {
  const std::uint32_t a = bytes[at];
  const std::uint32_t b = bytes[at + 1];
  const std::uint32_t c = bytes[at + 2];
  const std::uint32_t d = bytes[at + 3];
  return little ? (d << 24U | c << 16U | b << 8U | a) : (a << 24U | b << 16U | c << 8U | d);
}

inline std::uint16_t load_u16(Bytes bytes, std::size_t at, bool little) noexcept {
  const unsigned a = bytes[at];
  const unsigned b = bytes[at + 1];
  return static_cast<std::uint16_t>(little ? (b << 8U | a) : (a << 8U | b));
}

}  // namespace chargewarden
