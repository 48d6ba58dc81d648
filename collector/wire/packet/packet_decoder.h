#pragma once
// PacketDecoder: from a captured packet down to its TCP segment or UDP datagram, through whatever
// carries it.
//
// One per reading thread; it holds the table of fragments and the counters. Never throws or fails:
// each packet has an outcome, each outcome a counter.

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "collector/capture/packet.h"
#include "collector/wire/packet/fragment_table.h"
#include "collector/wire/packet/ip_decoder.h"
#include "collector/wire/packet/layer.h"
#include "collector/wire/packet/tunnel_decoder.h"
#include "collector/wire/segment.h"

namespace chargewarden {

// Tunnels inside each other that are followed. Mirrored cloud traffic has two at most. Test:
// packet_decoder_test.cc "tunnels beyond the limit".
inline constexpr unsigned kEncapsulationsMax = 4;

// Link types whose packets are counted apart; more come under "other". Test: packet_decoder_test.cc
// "unsupported link types".
inline constexpr std::size_t kUnsupportedLinksMax = 32;

// A UDP datagram as it was found inside whatever carried it (RFC 768).
struct Datagram {
  FlowKey key;
  std::int64_t time_ns = 0;
  std::uint64_t packet_number = 0;
  Bytes payload;                    // Captured part; valid as a segment's payload is.
  std::uint32_t missing_bytes = 0;  // Payload bytes that the capture cut off.
};

struct DecodeCounters {
  std::array<std::uint64_t, kDecodeOutcomes> outcomes{};  // By DecodeOutcome.
  std::uint64_t encapsulated = 0;  // Segments and datagrams that were inside a tunnel.
  std::uint64_t payloads_cut = 0;  // Segments and datagrams with missing bytes.
  std::uint64_t unsupported_other = 0;
  // Packets by link type that is not decoded, in order of appearance.
  std::vector<std::pair<std::uint16_t, std::uint64_t>> unsupported_links;

  [[nodiscard]] std::uint64_t of(DecodeOutcome outcome) const noexcept {
    return outcomes[static_cast<std::size_t>(outcome)];
  }
};

class PacketDecoder {
 public:
  // `key` guards the table of fragments; it changes no result.
  explicit PacketDecoder(TunnelPorts ports = {}, const HashKey& key = {})
      : ports_(ports), table_(key) {}

  // Fills `segment` with kTcp, `datagram` with kUdp, neither otherwise. Their payload points into
  // the packet, or into `store` when it came in fragments: keep both as long as the payload is
  // used, and clear the store when the batch is refilled. A reassembled segment has the time and
  // number of the packet that completed it.
  DecodeOutcome decode(const Packet& packet, FragmentStore& store, Segment& segment,
                       Datagram& datagram);

  [[nodiscard]] const DecodeCounters& counters() const noexcept { return counters_; }

  [[nodiscard]] const FragmentCounters& fragments() const noexcept { return table_.counters(); }

 private:
  DecodeOutcome open(const Packet& packet, FragmentStore& store, Segment& segment,
                     Datagram& datagram);
  Stop reassemble(const Packet& packet, FragmentStore& store, Layer& layer, IpHeader& ip);
  Stop open_transport(const Packet& packet, Layer& layer, const IpHeader& ip, Segment& segment,
                      Datagram& datagram);
  Stop open_udp(const Packet& packet, Layer& layer, const IpHeader& ip, Datagram& datagram);
  void count_unsupported(std::uint16_t link_type);

  TunnelPorts ports_;
  FragmentTable table_;
  DecodeCounters counters_;
};

}  // namespace chargewarden
