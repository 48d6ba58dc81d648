// Decodes a series of arbitrary packets, so that fragments meet: nothing crashes, and every payload
// lies in its packet or in the store.

#include "collector/wire/packet/packet_decoder.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "collector/base/byte_reader.h"
#include "collector/wire/packet/flow_hash.h"

namespace {

using namespace chargewarden;

constexpr std::uint16_t kLinks[] = {1,  101, 113, 276, 0,   108, 9,  50,
                                    51, 239, 12,  14,  228, 229, 147};

// Reads each byte, so that the sanitizer sees a payload that is not there.
std::uint64_t sum(Bytes bytes) {
  std::uint64_t out = 0;
  for (const std::uint8_t byte : bytes) out += byte;
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteReader reader(Bytes(data, size));
  PacketDecoder decoder;
  FragmentStore store;
  Segment segment;
  Datagram datagram;
  std::uint64_t seen = 0;
  for (std::uint64_t number = 1; reader.remaining() > 3; ++number) {
    // Link type, what the capture cut off, length; then the packet.
    Packet packet;
    packet.link_type = kLinks[reader.u8() % std::size(kLinks)];
    const std::uint8_t cut = reader.u8();
    // One after the other: compilers choose the order within one expression.
    const std::size_t wanted = reader.u8() * std::size_t{2};
    const std::size_t len = std::min(wanted, reader.remaining());
    packet.data = reader.take(len);
    packet.original_len = static_cast<std::uint32_t>(len) + cut;
    packet.little_endian_writer = (cut & 1U) != 0;
    packet.time_ns = static_cast<std::int64_t>(number) * 1'000'000'000;
    packet.number = number;
    const DecodeOutcome outcome = decoder.decode(packet, store, segment, datagram);
    if (outcome == DecodeOutcome::kTcp)
      seen += sum(segment.payload) + FlowHasher(HashKey{})(segment.key);
    if (outcome == DecodeOutcome::kUdp) seen += sum(datagram.payload);
    if (decoder.counters().of(outcome) == 0) std::abort();
  }
  // The sum is used, so that the reading stays.
  volatile std::uint64_t sink = seen;
  (void)sink;
  return 0;
}
