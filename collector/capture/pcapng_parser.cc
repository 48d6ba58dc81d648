#include "collector/capture/pcapng_parser.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <fmt/format.h>
#include <strings.h>

namespace chargewarden {

namespace {

constexpr std::uint32_t kSectionHeader = 0x0a0d0d0a;  // The same in both byte orders.
constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4d;
constexpr std::uint32_t kInterfaceDescription = 1;
constexpr std::uint32_t kOldPacket = 2;
constexpr std::uint32_t kSimplePacket = 3;
constexpr std::uint32_t kEnhancedPacket = 6;
constexpr std::uint32_t kDecryptionSecrets = 0x0000000a;
constexpr std::uint32_t kTlsKeyLog = 0x544c534b;

constexpr std::uint16_t kOptionEnd = 0;
constexpr std::uint16_t kOptionTimeResolution = 9;
constexpr std::uint16_t kOptionTimeOffset = 14;

// Type and length in front, length again behind (section 3.1).
constexpr std::size_t kBlockHeadLen = 8;
constexpr std::size_t kBlockTailLen = 4;
constexpr std::size_t kBlockLenMin = kBlockHeadLen + kBlockTailLen;
constexpr std::size_t kSectionHeaderLenMin = 28;
constexpr std::size_t kInterfaceLenMin = 20;
constexpr std::size_t kSimplePacketLenMin = 16;
constexpr std::size_t kPacketLenMin = 32;  // Enhanced and old packets.
constexpr std::size_t kSecretsLenMin = 20;

__extension__ typedef __int128 Int128;  // clang wants it like this.

constexpr Int128 kNsPerSecond = 1'000'000'000;

bool is_held(std::uint32_t type) noexcept {
  return type == kSectionHeader || type == kInterfaceDescription || type == kOldPacket ||
         type == kSimplePacket || type == kEnhancedPacket || type == kDecryptionSecrets;
}

std::int64_t power_of_ten(unsigned exponent) noexcept {
  std::int64_t value = 1;
  for (unsigned i = 0; i < exponent; ++i) value *= 10;
  return value;
}

// Overwrites in a way that the compiler may not leave out.
void wipe(std::span<std::uint8_t> bytes) noexcept {
  if (!bytes.empty()) ::explicit_bzero(bytes.data(), bytes.size());
}

}  // namespace

std::int64_t TimeScale::to_ns(std::uint64_t ticks, bool& clamped) const noexcept {
  constexpr unsigned kNsExponent = 9;
  constexpr unsigned kDigitsOfTicks = 19;  // 10^20 is more than any number of ticks.
  const unsigned exponent = resolution & 0x7fU;
  Int128 ns = 0;
  if ((resolution & 0x80U) != 0) {
    ns = (static_cast<Int128>(ticks) * kNsPerSecond) >> exponent;
  } else if (exponent <= kNsExponent) {
    ns = static_cast<Int128>(ticks) * power_of_ten(kNsExponent - exponent);
  } else if (exponent - kNsExponent <= kDigitsOfTicks) {
    // The divisor 10^19 does not fit a signed integer: divide twice.
    ns = static_cast<Int128>(ticks / 10) / power_of_ten(exponent - kNsExponent - 1);
  }
  ns += static_cast<Int128>(offset_seconds) * kNsPerSecond;
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  clamped = ns < kMin || ns > kMax;
  if (ns < kMin) return kMin;
  if (ns > kMax) return kMax;
  return static_cast<std::int64_t>(ns);
}

bool PcapngParser::recognises(Bytes start) noexcept {
  return start.size() >= kStartLen && load_u32(start, 0, true) == kSectionHeader &&
         (load_u32(start, 8, true) == kByteOrderMagic ||
          load_u32(start, 8, false) == kByteOrderMagic);
}

PcapngParser::~PcapngParser() {
  wipe(secrets_);
}

ParseProgress PcapngParser::parse(std::span<std::uint8_t> window, std::vector<Packet>& out,
                                  std::size_t packets_max) {
  ParseProgress progress;
  while (out.size() < packets_max) {
    const auto rest = window.subspan(progress.consumed);
    if (skip_ > 0) {
      const auto step = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, rest.size()));
      skip_ -= step;
      progress.consumed += step;
      if (skip_ == 0) continue;
      progress.wanted = 1;
      return progress;
    }
    progress.wanted = kBlockLenMin;
    if (rest.size() < kBlockLenMin) return progress;
    const std::size_t block_len = open_block(rest);
    if (skip_ > 0) continue;
    progress.wanted = block_len;
    if (block_len == 0 || rest.size() < block_len) return progress;
    ++block_number_;
    if (!read_block(rest.first(block_len), out)) return progress;
    progress.consumed += block_len;
  }
  progress.wanted = 0;
  return progress;
}

// Length of the block whose first bytes these are; 0 when there is a problem. A block that is not
// needed is marked to be skipped instead.
std::size_t PcapngParser::open_block(Bytes start) {
  const std::uint32_t type = load_u32(start, 0, little_);
  // A section's length is in its own byte order, which stands behind the length.
  if (type == kSectionHeader && !take_byte_order(start)) return 0;
  const std::uint32_t len = u32(start, 4);
  if (len < kBlockLenMin || len % 4 != 0) {
    problem_ = fmt::format("block {} has the impossible length {}", block_number_ + 1, len);
    return 0;
  }
  const bool secrets = type == kDecryptionSecrets;
  if (!is_held(type) || (secrets && len > kBlockBytesMax)) {
    if (secrets) ++counters_.secrets_ignored;
    ++block_number_;
    skip_ = len;
    return 0;
  }
  if (len > kBlockBytesMax) {
    problem_ = fmt::format("block {} claims to be {} bytes long, more than {}", block_number_ + 1,
                           len, kBlockBytesMax);
    return 0;
  }
  return len;
}

bool PcapngParser::take_byte_order(Bytes block) {
  little_ = load_u32(block, 8, true) == kByteOrderMagic;
  if (little_ || load_u32(block, 8, false) == kByteOrderMagic) return true;
  problem_ = fmt::format("block {} starts a section without byte order", block_number_ + 1);
  return false;
}

bool PcapngParser::read_block(std::span<std::uint8_t> block, std::vector<Packet>& out) {
  if (u32(block, block.size() - kBlockTailLen) != block.size()) {
    problem_ = fmt::format("block {} does not end with its length", block_number_);
    return false;
  }
  switch (u32(block, 0)) {
    case kSectionHeader:
      return start_section(block);
    case kInterfaceDescription:
      add_interface(block);
      break;
    case kEnhancedPacket:
    case kOldPacket:
      read_packet(block, out);
      break;
    case kSimplePacket:
      read_simple_packet(block, out);
      break;
    case kDecryptionSecrets:
      read_secrets(block);
      break;
    default:
      break;
  }
  return problem_.empty();
}

bool PcapngParser::start_section(Bytes block) {
  constexpr std::uint16_t kMajor = 1;
  if (block.size() < kSectionHeaderLenMin) {
    problem_ = fmt::format("block {} is too short for a section header", block_number_);
    return false;
  }
  if (u16(block, 12) != kMajor) {
    problem_ = fmt::format("block {} starts a section of version {}, only version 1 is known",
                           block_number_, u16(block, 12));
    return false;
  }
  interfaces_.clear();
  return true;
}

void PcapngParser::add_interface(Bytes block) {
  if (block.size() < kInterfaceLenMin) {
    problem_ = fmt::format("block {} is too short for an interface", block_number_);
    return;
  }
  // Interfaces are named by their place; those that are not kept come after all that are.
  if (interfaces_.size() >= kInterfacesMax) {
    ++counters_.interfaces_ignored;
    return;
  }
  Interface& added = interfaces_.emplace_back();
  added.link_type = u16(block, 8);
  added.snaplen = u32(block, 12);
  Bytes options = block.subspan(16, block.size() - 16 - kBlockTailLen);
  while (options.size() >= 4) {
    const std::uint16_t code = u16(options, 0);
    const std::size_t len = u16(options, 2);
    const std::size_t padded = 4 + (len + 3) / 4 * 4;
    if (code == kOptionEnd || padded > options.size()) return;
    if (code == kOptionTimeResolution && len >= 1) added.time.resolution = options[4];
    if (code == kOptionTimeOffset && len >= 8) {
      const std::uint64_t low = u32(options, little_ ? 4 : 8);
      const std::uint64_t high = u32(options, little_ ? 8 : 4);
      added.time.offset_seconds = static_cast<std::int64_t>(high << 32U | low);
    }
    options = options.subspan(padded);
  }
}

const PcapngParser::Interface* PcapngParser::interface_at(std::uint32_t id) {
  if (id < interfaces_.size()) return &interfaces_[id];
  ++counters_.packets_unassigned;
  return nullptr;
}

// Enhanced packets, and the old ones they replaced, which differ in the width of the interface id.
void PcapngParser::read_packet(Bytes block, std::vector<Packet>& out) {
  ++number_;
  if (block.size() < kPacketLenMin) {
    ++counters_.packets_refused;
    return;
  }
  const bool old = u32(block, 0) == kOldPacket;
  const Interface* interface = interface_at(old ? u16(block, 8) : u32(block, 8));
  if (interface == nullptr) return;
  add_packet(block, *interface,
             {.data_at = 28,
              .ticks = std::uint64_t{u32(block, 12)} << 32U | u32(block, 16),
              .captured = u32(block, 20),
              .original = u32(block, 24)},
             out);
}

// Section 4.4: belongs to the first interface, has no time, and its captured length follows from
// the interface's snaplen.
void PcapngParser::read_simple_packet(Bytes block, std::vector<Packet>& out) {
  ++number_;
  if (block.size() < kSimplePacketLenMin) {
    ++counters_.packets_refused;
    return;
  }
  const Interface* interface = interface_at(0);
  if (interface == nullptr) return;
  const std::uint32_t original = u32(block, 8);
  std::uint32_t captured = original;
  if (interface->snaplen != 0) captured = std::min(captured, interface->snaplen);
  // Writers that cut packets without saying so in the snaplen exist.
  captured = std::min(captured, static_cast<std::uint32_t>(block.size() - kSimplePacketLenMin));
  add_packet(block, *interface,
             {.data_at = 12, .ticks = 0, .captured = captured, .original = original}, out);
}

void PcapngParser::add_packet(Bytes block, const Interface& interface, const PacketFields& fields,
                              std::vector<Packet>& out) {
  if (fields.captured > kPacketBytesMax) {
    problem_ = fmt::format("packet {} claims to be {} bytes long, more than {}", number_,
                           fields.captured, kPacketBytesMax);
    return;
  }
  if (fields.captured > block.size() - fields.data_at - kBlockTailLen) {
    ++counters_.packets_refused;
    return;
  }
  bool clamped = false;
  Packet& packet = out.emplace_back();
  packet.time_ns = interface.time.to_ns(fields.ticks, clamped);
  packet.data = block.subspan(fields.data_at, fields.captured);
  packet.original_len = fields.original;
  packet.link_type = interface.link_type;
  packet.little_endian_writer = little_;
  packet.number = number_;
  ++counters_.packets;
  counters_.bytes += fields.captured;
  if (clamped) ++counters_.times_clamped;
}

void PcapngParser::read_secrets(std::span<std::uint8_t> block) {
  if (block.size() < kSecretsLenMin || u32(block, 8) != kTlsKeyLog ||
      u32(block, 12) > block.size() - kSecretsLenMin ||
      u32(block, 12) > kSecretsBytesMax - secrets_.size()) {
    ++counters_.secrets_ignored;
    return;
  }
  const auto text = block.subspan(16, u32(block, 12));
  if (secrets_.size() + text.size() > secrets_.capacity()) {
    // Grown by hand, so that no copy of the keys stays behind in freed memory.
    std::vector<std::uint8_t> larger;
    larger.reserve(2 * (secrets_.size() + text.size()));
    larger.insert(larger.end(), secrets_.begin(), secrets_.end());
    wipe(secrets_);
    secrets_ = std::move(larger);
  }
  secrets_.insert(secrets_.end(), text.begin(), text.end());
  wipe(text);
}

}  // namespace chargewarden
