// Decodes every capture of the shared folder, where there is one.

#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "collector/base/text.h"
#include "collector/capture/capture_source.h"
#include "collector/wire/packet/packet_decoder.h"

using namespace chargewarden;  // NOLINT(google-build-using-namespace)

namespace {

namespace fs = std::filesystem;

#ifdef CHARGEWARDEN_SHARED_DIR
const fs::path kShared = CHARGEWARDEN_SHARED_DIR;
#else
const fs::path kShared;
#endif

bool shared_folder_is_missing() {
  if (!kShared.empty() && fs::exists(kShared / "corpus")) return false;
  WARN("skipped: there is no shared folder with captures");
  return true;
}

struct Decoded {
  std::vector<std::string> segments;  // What says whose bytes come where, and the bytes.
  DecodeCounters counters;
  FragmentCounters fragments;
  std::uint64_t packets = 0;
};

Decoded decode_all(const fs::path& path) {
  Decoded out;
  auto source = CaptureSource::open(path.string());
  if (!source) FAIL(source.error().message);
  PacketDecoder decoder;
  PacketBatch batch;
  FragmentStore store;
  Segment segment;
  Datagram datagram;
  while (true) {
    const auto more = (*source)->read(batch, 256);
    if (!more) FAIL(more.error().message);
    if (!more.value()) break;
    store.clear();
    for (const Packet& packet : batch.packets) {
      ++out.packets;
      if (decoder.decode(packet, store, segment, datagram) != DecodeOutcome::kTcp) continue;
      out.segments.push_back(
          segment.key.source_ip.to_string() + ':' + std::to_string(segment.key.source_port) + ' ' +
          std::to_string(segment.sequence) + ' ' + std::to_string(segment.flags) + ' ' +
          std::string(as_text(segment.payload)));
    }
  }
  out.counters = decoder.counters();
  out.fragments = decoder.fragments();
  return out;
}

}  // namespace

TEST_CASE("the same conversation comes out of every framing of it") {
  if (shared_folder_is_missing()) return;
  const Decoded plain = decode_all(kShared / "vectors/ws.pcap");
  CHECK(plain.segments.size() == plain.packets);
  for (const char* name : {"vlan", "qinq", "raw", "null-le", "loop", "sll", "sll2", "nano-be",
                           "vxlan", "geneve", "gre-teb", "erspan2"}) {
    CAPTURE(name);
    const Decoded framed = decode_all(kShared / "vectors" / ("ws-" + std::string(name) + ".pcap"));
    CHECK(framed.segments == plain.segments);
  }
}

TEST_CASE("nothing in the corpus is malformed, and only what was cut is incomplete") {
  if (shared_folder_is_missing()) return;
  for (const auto& folder : fs::directory_iterator(kShared / "corpus")) {
    if (!folder.is_directory()) continue;
    const bool ng = fs::exists(folder.path() / "capture.pcapng");
    const Decoded decoded = decode_all(folder.path() / (ng ? "capture.pcapng" : "capture.pcap"));
    const std::string name = folder.path().filename().string();
    CAPTURE(name);
    CHECK(decoded.counters.of(DecodeOutcome::kTcp) > 100);
    CHECK(decoded.counters.of(DecodeOutcome::kMalformed) == 0);
    CHECK(decoded.counters.of(DecodeOutcome::kTruncated) == 0);
    CHECK(decoded.counters.of(DecodeOutcome::kUnsupportedLink) == 0);
    CHECK((decoded.counters.payloads_cut > 0) == (name == "15b_snaplen"));
    CHECK(decoded.fragments.fragments == 0);
  }
}
