// Reads arbitrary bytes as a capture, twice with different steps: nothing crashes, and the packets
// do not depend on how the bytes arrive.

#include "collector/capture/capture_source.h"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "collector/base/text.h"
#include "collector/capture/memory_input.h"

namespace {

using namespace chargewarden;

// Packed input grows a thousandfold; more than this shows nothing new.
constexpr std::uint64_t kPacketsMax = 20'000;

std::string read_all(const std::vector<std::uint8_t>& bytes, std::size_t step,
                     std::size_t packets_max) {
  std::string seen;
  auto source = CaptureSource::from_input(std::make_unique<MemoryInput>(bytes, step), "fuzz");
  if (!source) return source.error().message;
  PacketBatch batch;
  while ((*source)->counters().packets < kPacketsMax) {
    const auto more = (*source)->read(batch, packets_max);
    if (!more || !more.value()) return seen + (*source)->problem();
    for (const Packet& packet : batch.packets) {
      seen += std::to_string(packet.time_ns) + std::to_string(packet.number);
      seen += as_text(packet.data);
    }
  }
  return {};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::vector<std::uint8_t> bytes(data, data + size);
  const std::string whole = read_all(bytes, SIZE_MAX, 1024);
  const std::string pieces = read_all(bytes, 37, 1024);
  if (!whole.empty() && !pieces.empty() && whole != pieces) std::abort();
  return 0;
}
