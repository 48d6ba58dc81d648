#include "collector/capture/pcap_form.h"

#include <vector>

#include <catch2/catch.hpp>

#include "collector/base/text.h"
#include "collector/capture/capture_source.h"
#include "collector/capture/memory_input.h"

using namespace chargewarden;

namespace {

Packet packet_of(Bytes data, std::int64_t time_ns, std::uint16_t link_type = 1) {
  Packet packet;
  packet.data = data;
  packet.time_ns = time_ns;
  packet.original_len = static_cast<std::uint32_t>(data.size());
  packet.link_type = link_type;
  return packet;
}

// What our reader makes of a file with these packets.
std::vector<Packet> read_back(const std::vector<Packet>& packets, PacketBatch& batch) {
  std::string file;
  append_pcap_header(pcap_kind_of(packets.front()), file);
  for (const Packet& packet : packets) append_pcap_record(packet, file);
  const Bytes bytes = as_bytes(file);
  auto source = CaptureSource::from_input(
      std::make_unique<MemoryInput>(std::vector(bytes.begin(), bytes.end())), "test");
  REQUIRE(source);
  std::vector<Packet> out;
  while (true) {
    const auto more = (*source)->read(batch, 1024);
    REQUIRE(more);
    if (!more.value()) break;
    out.insert(out.end(), batch.packets.begin(), batch.packets.end());
  }
  CHECK((*source)->problem().empty());
  return out;
}

}  // namespace

TEST_CASE("packets that are written are read again as they were, in both byte orders") {
  const std::vector<std::uint8_t> one{1, 2, 3};
  const std::vector<std::uint8_t> two(1500, 0xAB);
  for (const bool little : {true, false}) {
    CAPTURE(little);
    std::vector<Packet> packets{packet_of(one, 1'700'000'000'123'456'789, 276),
                                packet_of(two, 1, 276), packet_of({}, 0, 276)};
    packets[1].original_len = 9000;  // Cut by the capture.
    for (Packet& packet : packets) packet.little_endian_writer = little;
    PacketBatch batch;
    const auto read = read_back(packets, batch);
    REQUIRE(read.size() == packets.size());
    for (std::size_t i = 0; i < read.size(); ++i) {
      CAPTURE(i);
      CHECK(read[i].time_ns == packets[i].time_ns);
      CHECK(read[i].link_type == 276);
      CHECK(read[i].little_endian_writer == little);
      CHECK(read[i].original_len == packets[i].original_len);
      CHECK(as_text(read[i].data) == as_text(packets[i].data));
      CHECK(read[i].number == i + 1);
    }
  }
}

TEST_CASE("times that a pcap file does not have become the nearest") {
  const std::vector<std::uint8_t> data{1};
  PacketBatch batch;
  const auto read = read_back(
      {packet_of(data, -1), packet_of(data, INT64_MAX), packet_of(data, INT64_MIN)}, batch);
  REQUIRE(read.size() == 3);
  CHECK(read[0].time_ns == 0);
  CHECK(read[1].time_ns == 4'294'967'295'999'999'999);
  CHECK(read[2].time_ns == 0);
}

TEST_CASE("of a packet longer than libpcap takes the start is written") {
  const std::vector<std::uint8_t> data(kPcapPacketMax + 1, 7);
  PacketBatch batch;
  const auto read = read_back({packet_of(data, 5)}, batch);
  REQUIRE(read.size() == 1);
  CHECK(read[0].data.size() == kPcapPacketMax);
  CHECK(read[0].original_len == kPcapPacketMax + 1);
}
