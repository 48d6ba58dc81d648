// Reads every capture of the shared folder, where there is one.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "collector/base/text.h"
#include "collector/capture/capture_source.h"
#include "collector/capture/memory_input.h"

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

using Buffer = std::vector<std::uint8_t>;

Buffer contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

Buffer gzip(Buffer bytes) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  Buffer out(deflateBound(&stream, bytes.size()));
  stream.next_in = bytes.data();
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

Buffer zstd(const Buffer& bytes) {
  Buffer out(ZSTD_compressBound(bytes.size()));
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 1));
  return out;
}

// Packets in one string, so that two readings compare in one step.
struct Reading {
  std::uint64_t packets = 0;
  std::string content;
  std::string problem;
  std::string secrets;
  std::string name;
};

Reading read_all(Expected<std::unique_ptr<CaptureSource>> source) {
  if (!source) FAIL(source.error().message);
  Reading out;
  PacketBatch batch;
  while (true) {
    const auto more = (*source)->read(batch, 256);
    if (!more) FAIL(more.error().message);
    if (!more.value()) break;
    for (const Packet& packet : batch.packets) {
      out.content += std::to_string(packet.time_ns) + ',' + std::to_string(packet.link_type) + ',' +
                     std::to_string(packet.original_len) + ',';
      out.content += as_text(packet.data);
      CHECK(packet.number == ++out.packets);
    }
  }
  out.problem = (*source)->problem();
  out.secrets = (*source)->secrets();
  out.name = (*source)->name();
  return out;
}

Reading read_memory(Buffer bytes) {
  return read_all(
      CaptureSource::from_input(std::make_unique<MemoryInput>(std::move(bytes)), "memory"));
}

Reading read_standard_input(const Buffer& bytes) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const int saved = ::dup(STDIN_FILENO);
  REQUIRE(::dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
  ::close(ends[0]);
  std::jthread writer([&bytes, out = ends[1]] {
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
  std::size_t captures = 0;
  for (const auto& folder : fs::directory_iterator(kShared / "corpus")) {
    if (!folder.is_directory()) continue;
    const auto labels = nlohmann::json::parse(std::ifstream(folder.path() / "labels.json"));
    const fs::path path = folder.path() / labels.at("capture").get<std::string>();
    CAPTURE(path.string());
    const Reading plain = read_all(CaptureSource::open(path.string()));
    CHECK(plain.problem.empty());
    CHECK(plain.packets == labels.at("capture_info").at("packets").get<std::uint64_t>());
    CHECK(plain.name == path.filename().string());
    const Buffer bytes = contents(path);
    CHECK(read_memory(gzip(bytes)).content == plain.content);
    CHECK(read_memory(zstd(bytes)).content == plain.content);
    const Reading piped = read_standard_input(bytes);
    CHECK(piped.content == plain.content);
    CHECK(piped.name == "stdin");
    ++captures;
  }
  CHECK(captures > 0);
}

TEST_CASE("the other captures of the shared folder are read to their end") {
  if (shared_folder_is_missing()) return;
  // What ws.pcap holds, framed for other links and tunnels.
  std::map<std::string, std::uint64_t> packets;
  for (const auto& folder : {kShared / "vectors", kShared / "captures"}) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      const fs::path& path = entry.path();
      if (path.extension() != ".pcap" && path.extension() != ".pcapng") continue;
      CAPTURE(path.string());
      const Reading reading = read_all(CaptureSource::open(path.string()));
      CHECK(reading.problem.empty());
      CHECK(reading.packets > 0);
      packets[path.filename().string()] = reading.packets;
      if (path.filename() == "tls13-dsb.pcapng") {
        const Buffer keylog = contents(folder / "tls13.keylog");
        CHECK(reading.secrets == as_text(keylog));
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
