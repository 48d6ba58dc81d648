// Reads every capture of the shared folder, where there is one.

#include <filesystem>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <unistd.h>

#include "collector/base/text.h"
#include "collector/capture/capture_source.h"
#include "collector/capture/memory_input.h"
#include "tests/support/captures.h"
#include "tests/support/files.h"

using namespace chargewarden;
using namespace chargewarden::harness;

namespace {

namespace fs = std::filesystem;
using Buffer = std::vector<std::uint8_t>;

// Packets in one string, so that two readings compare in one step.
struct Reading {
  std::uint64_t packets = 0;
  std::string content;
  std::string problem;
  std::string secrets;
  std::string name;
};

Reading read_all(Expected<std::unique_ptr<CaptureSource>> source) {
  Reading out;
  for_each_batch(source, 256, [&out](const PacketBatch& batch) {
    for (const Packet& packet : batch.packets) {
      out.content += std::to_string(packet.time_ns) + ',' + std::to_string(packet.link_type) + ',' +
                     std::to_string(packet.original_len) + ',';
      out.content += as_text(packet.data);
      CHECK(packet.number == ++out.packets);
    }
  });
  out.problem = (*source)->problem();
  out.secrets = (*source)->secrets();
  out.name = (*source)->name();
  return out;
}

Reading read_memory(Buffer bytes) {
  return read_all(
      CaptureSource::from_input(std::make_unique<MemoryInput>(std::move(bytes)), "memory"));
}

Reading read_standard_input(Bytes bytes) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const int saved = ::dup(STDIN_FILENO);
  REQUIRE(::dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
  ::close(ends[0]);
  std::jthread writer([bytes, out = ends[1]] {
    std::size_t at = 0;
    while (at < bytes.size()) {
      const ssize_t count = ::write(out, bytes.data() + at, bytes.size() - at);
      if (count <= 0) break;
      at += static_cast<std::size_t>(count);
    }
    ::close(out);
  });
  Reading reading = read_all(CaptureSource::open("-"));
  writer.join();
  ::dup2(saved, STDIN_FILENO);
  ::close(saved);
  return reading;
}

}  // namespace

TEST_CASE("corpus captures give the labelled packets, plain, packed and from a pipe") {
  if (shared_folder_is_missing()) return;
  for (const LabelledCapture& capture : labelled_captures()) {
    CAPTURE(capture.name);
    const Reading plain = read_all(CaptureSource::open(capture.path.string()));
    CHECK(plain.problem.empty());
    CHECK(plain.packets == capture.labels.at("capture_info").at("packets").get<std::uint64_t>());
    CHECK(plain.name == capture.path.filename().string());
    const std::string content = content_of(capture.path.string());
    const Bytes bytes = as_bytes(content);
    CHECK(read_memory(gzip(bytes)).content == plain.content);
    CHECK(read_memory(zstd(bytes)).content == plain.content);
    const Reading piped = read_standard_input(bytes);
    CHECK(piped.content == plain.content);
    CHECK(piped.name == "stdin");
  }
}

TEST_CASE("the other captures of the shared folder are read to their end") {
  if (shared_folder_is_missing()) return;
  // What ws.pcap holds, framed for other links and tunnels.
  std::map<std::string, std::uint64_t> packets;
  for (const auto& folder : {shared_folder() / "vectors", shared_folder() / "captures"}) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      const fs::path& path = entry.path();
      if (path.extension() != ".pcap" && path.extension() != ".pcapng") continue;
      CAPTURE(path.string());
      const Reading reading = read_all(CaptureSource::open(path.string()));
      CHECK(reading.problem.empty());
      CHECK(reading.packets > 0);
      packets[path.filename().string()] = reading.packets;
      if (path.filename() == "tls13-dsb.pcapng") {
        CHECK(reading.secrets == content_of((folder / "tls13.keylog").string()));
      }
    }
  }
  for (const char* framed :
       {"ws-vlan.pcap", "ws-qinq.pcap", "ws-raw.pcap", "ws-null-le.pcap", "ws-loop.pcap",
        "ws-sll.pcap", "ws-sll2.pcap", "ws-nano-be.pcap", "ws-vxlan.pcap", "ws-geneve.pcap",
        "ws-gre-teb.pcap", "ws-erspan2.pcap"}) {
    CAPTURE(framed);
    CHECK(packets[framed] == packets["ws.pcap"]);
  }
}
