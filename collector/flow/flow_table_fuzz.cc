// Any bytes as TCP segments of a few connections in a small table: nothing crashes, nothing is told
// of a connection after it was closed, and the table stays within its limit.

#include "collector/flow/flow_table.h"

#include <algorithm>
#include <set>

#include "collector/wire/packet/flow_hash.h"
#include "tests/support/chunked_input.h"

namespace {

using namespace chargewarden;
using namespace chargewarden::harness;

constexpr std::size_t kFlows = 4;

// Ends the process when an event comes after its connection was closed.
class CloseJudge : public EventConsumer {
 public:
  void on_event(const Event& event) override {
    judge_.on_event(event);
    if (event.flow() == nullptr) std::abort();
    if (closed_.count(event.flow()->id) != 0) std::abort();
    if (&event.def() == &connection::kClosed) closed_.insert(event.flow()->id);
  }

 private:
  EventJudge judge_;
  std::set<std::string> closed_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Interest kAll = Interest::all();
  const std::vector<std::string> sources = {"a", "b"};
  CloseJudge judge;
  ShardContext shard(kAll, judge);
  FlowTable table(shard, sources, kFlows);
  ByteReader reader({data, size});
  std::int64_t time_ns = 0;
  for (std::uint64_t number = 1; reader.remaining() > 8; ++number) {
    // Port and side, flags, number, acknowledgment, milliseconds, what was cut off, length.
    const std::uint8_t who = reader.u8();
    Segment segment;
    segment.key.source_ip = *IpAddress::parse("10.0.0.1");
    segment.key.destination_ip = *IpAddress::parse("10.0.0.2");
    segment.key.source_port = static_cast<std::uint16_t>(1'000 + (who & 7U));
    segment.key.destination_port = 9'000;
    if ((who & 8U) != 0) {
      std::swap(segment.key.source_ip, segment.key.destination_ip);
      std::swap(segment.key.source_port, segment.key.destination_port);
    }
    segment.flags = reader.u8();
    // Near to each other, and where numbers wrap.
    segment.sequence = 0xffffff80U + reader.u8();
    segment.acknowledgment = 0xffffff80U + reader.u8();
    const std::uint16_t ms = reader.u16be();
    time_ns += (who & 16U) != 0 ? std::int64_t{ms} * 1'000'000 : -std::int64_t{ms} * 1'000;
    segment.time_ns = time_ns;
    segment.missing_bytes = (who & 32U) != 0 ? reader.u8() : 0;
    segment.packet_number = number;
    const std::size_t len = reader.u8();
    segment.payload = reader.take(std::min(len, reader.remaining()));
    table.on_segment(segment, FlowHasher(HashKey{})(segment.key), (who & 64U) != 0 ? 1 : 0);
    if (table.size() > kFlows) std::abort();
  }
  table.finish();
  return 0;
}
