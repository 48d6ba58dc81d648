// Decodes every capture of the shared folder, where there is one.

#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "collector/base/text.h"
#include "collector/wire/packet/packet_decoder.h"
#include "tests/support/captures.h"

using namespace chargewarden;
using namespace chargewarden::harness;

namespace {

struct Decoded {
  std::vector<std::string> segments;  // What says whose bytes come where, and the bytes.
  DecodeCounters counters;
  FragmentCounters fragments;
  std::uint64_t packets = 0;
};

Decoded decode_all(const std::filesystem::path& path) {
  Decoded out;
  auto source = CaptureSource::open(path.string());
  PacketDecoder decoder;
  FragmentStore store;
  Segment segment;
  Datagram datagram;
  for_each_batch(source, 256, [&](const PacketBatch& batch) {
    store.clear();
    for (const Packet& packet : batch.packets) {
      ++out.packets;
      if (decoder.decode(packet, store, segment, datagram) != DecodeOutcome::kTcp) continue;
      out.segments.push_back(
          segment.key.source_ip.to_string() + ':' + std::to_string(segment.key.source_port) + ' ' +
          std::to_string(segment.sequence) + ' ' + std::to_string(segment.flags) + ' ' +
          std::string(as_text(segment.payload)));
    }
  });
  out.counters = decoder.counters();
  out.fragments = decoder.fragments();
  return out;
}

}  // namespace

TEST_CASE("the same conversation comes out of every framing of it") {
  if (shared_folder_is_missing()) return;
  const Decoded plain = decode_all(shared_folder() / "vectors/ws.pcap");
  CHECK(plain.segments.size() == plain.packets);
  for (const char* name : {"vlan", "qinq", "raw", "null-le", "loop", "sll", "sll2", "nano-be",
                           "vxlan", "geneve", "gre-teb", "erspan2"}) {
    CAPTURE(name);
    const Decoded framed =
        decode_all(shared_folder() / "vectors" / ("ws-" + std::string(name) + ".pcap"));
    CHECK(framed.segments == plain.segments);
  }
}

TEST_CASE("nothing in the corpus is malformed, and only what was cut is incomplete") {
  if (shared_folder_is_missing()) return;
  for (const LabelledCapture& capture : labelled_captures()) {
    CAPTURE(capture.name);
    const Decoded decoded = decode_all(capture.path);
    CHECK(decoded.counters.of(DecodeOutcome::kTcp) > 100);
    CHECK(decoded.counters.of(DecodeOutcome::kMalformed) == 0);
    CHECK(decoded.counters.of(DecodeOutcome::kTruncated) == 0);
    CHECK(decoded.counters.of(DecodeOutcome::kUnsupportedLink) == 0);
    CHECK((decoded.counters.payloads_cut > 0) == (capture.name == "15b_snaplen"));
    CHECK(decoded.fragments.fragments == 0);
  }
}
