#include "collector/capture/unpack.h"

#include <algorithm>
#include <array>
#include <random>
#include <vector>

#include <catch2/catch.hpp>

#include "collector/base/text.h"
#include "collector/capture/capture_builder.h"
#include "collector/capture/capture_source.h"
#include "collector/capture/memory_input.h"
#include "tests/support/captures.h"

using namespace chargewarden;
using namespace chargewarden::harness;

namespace {

using Buffer = std::vector<std::uint8_t>;

Buffer joined(Buffer a, const Buffer& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

struct Unpacked {
  Buffer bytes;
  std::string damage;
};

Unpacked unpack(const Buffer& packed, std::size_t step = SIZE_MAX) {
  Unpacked out;
  auto input = unpacked(std::make_unique<MemoryInput>(packed, step));
  REQUIRE(input);
  Buffer piece(5000);
  while (true) {
    auto count = (*input)->read(piece);
    REQUIRE(count);
    if (*count == 0) break;
    out.bytes.insert(out.bytes.end(), piece.begin(),
                     piece.begin() + static_cast<std::ptrdiff_t>(*count));
  }
  out.damage = (*input)->damage();
  CHECK((*input)->bytes_total() == packed.size());
  return out;
}

// Compresses, but not to nothing: the packed form is larger than one read.
Buffer sample(std::size_t len) {
  std::mt19937 random(3);  // The same on every run.
  Buffer out(len);
  std::generate(out.begin(), out.end(),
                [&random] { return static_cast<std::uint8_t>(random() % 64U); });
  return out;
}

// A capture of two million records without bytes, packed both ways.
std::array<Buffer, 2> packed_bombs() {
  CaptureBuilder start;
  start.pcap_header(0xa1b2c3d4, 1);
  Buffer bomb = start.bytes();
  bomb.resize(bomb.size() + std::size_t{32} * 1024 * 1024);  // Zeros.
  return {gzip(bomb), zstd(bomb)};
}

}  // namespace

TEST_CASE("gzip and zstd are recognised and unpacked, in any steps, and other bytes pass through") {
  const Buffer plain = sample(300'000);
  for (const Buffer& packed : {plain, gzip(plain), zstd(plain)}) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{1000}, SIZE_MAX}) {
      const Unpacked result = unpack(packed, step);
      CHECK(result.bytes == plain);
      CHECK(result.damage.empty());
    }
  }
  CHECK(unpack({'a'}).bytes == Buffer{'a'});
  CHECK(unpack({}).bytes.empty());
}

TEST_CASE("concatenated members and frames are read as one") {
  const Buffer a = sample(100'000);
  const Buffer b = sample(10);
  const Buffer skippable = {0x52, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'x', 'y', 'z'};
  for (const Buffer& packed :
       {joined(gzip(a), gzip(b)), joined(joined(gzip(a), gzip({})), gzip(b)),
        joined(joined(gzip(a), gzip(b)), Buffer(512)), joined(zstd(a), zstd(b)),
        joined(joined(zstd(a), skippable), zstd(b)), joined(joined(skippable, zstd(a)), zstd(b))}) {
    for (const std::size_t step : {std::size_t{1}, SIZE_MAX}) {
      const Unpacked result = unpack(packed, step);
      CHECK(result.bytes == joined(a, b));
      CHECK(result.damage.empty());
    }
  }
}

TEST_CASE("packed data that are cut, damaged or followed by something else say so") {
  const Buffer plain = sample(50'000);
  for (const bool as_gzip : {true, false}) {
    const Buffer packed = as_gzip ? gzip(plain) : zstd(plain);
    for (const std::size_t len : {std::size_t{4}, packed.size() / 2, packed.size() - 1}) {
      const Unpacked cut =
          unpack(Buffer(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(len)));
      CHECK(cut.damage.find("end too early") != std::string::npos);
      CHECK(std::equal(cut.bytes.begin(), cut.bytes.end(), plain.begin()));
    }
    CHECK_FALSE(unpack(joined(packed, {'j', 'u', 'n', 'k', '!'})).damage.empty());
  }
  Buffer damaged = gzip(plain);
  damaged[damaged.size() - 6] ^= 1U;  // The checksum.
  CHECK(unpack(damaged).damage == "its gzip data are damaged");
}

TEST_CASE("a zstd window beyond the limit is refused") {
  // RFC 8878, 3.1.1: no flags, then the window as exponent less 10 in the upper five bits.
  const auto frame_of = [](unsigned window_log) {
    const auto window = static_cast<std::uint8_t>((window_log - 10) << 3U);
    return Buffer{0x28, 0xb5, 0x2f, 0xfd, 0x00, window, 0x09, 0x00, 0x00, 'a'};
  };
  const Unpacked at_limit = unpack(frame_of(kZstdWindowLogMax));
  CHECK(at_limit.damage.empty());
  CHECK(at_limit.bytes == Buffer{'a'});
  const Unpacked beyond = unpack(frame_of(kZstdWindowLogMax + 1));
  CHECK(beyond.bytes.empty());
  CHECK(beyond.damage.find("cannot be unpacked") != std::string::npos);
}

TEST_CASE("a decompression bomb is read in small pieces") {
  for (const Buffer& packed : packed_bombs()) {
    auto source = CaptureSource::from_input(std::make_unique<MemoryInput>(packed), "bomb");
    std::size_t packets = 0;
    for_each_batch(source, 4096, [&packets](const PacketBatch& batch) {
      packets += batch.packets.size();
      REQUIRE(batch.storage.size() == kBatchBytes);
    });
    CHECK(packets == std::size_t{2} * 1024 * 1024);
    CHECK((*source)->bytes_read() == packed.size());
  }
}

TEST_CASE("a requested stop does not wait for a decompression bomb") {
  for (const Buffer& packed : packed_bombs()) {
    auto stop = StopRequest::create();
    REQUIRE(stop);
    auto source =
        CaptureSource::from_input(std::make_unique<MemoryInput>(packed), "bomb", stop->get());
    REQUIRE(source);
    PacketBatch batch;
    REQUIRE((*source)->read(batch, 1'000));
    stop.value()->request();
    std::size_t later = 0;
    while ((*source)->read(batch, 1'000).value()) later += batch.packets.size();
    CHECK(later < 4'096);  // What 64 KiB, read before the stop, can hold of 16 bytes each.
    CHECK((*source)->stopped());
    CHECK((*source)->problem().empty());
  }
}

TEST_CASE("a packed capture that is cut delivers what came before") {
  CaptureBuilder file;
  file.pcap_header(0xa1b2c3d4, 1);
  const Buffer data = sample(1000);
  for (std::uint32_t i = 0; i < 500; ++i) file.pcap_record(i, 0, data, 1000);
  for (Buffer packed : {gzip(file.bytes()), zstd(file.bytes())}) {
    packed.resize(packed.size() - 4);
    auto source = CaptureSource::from_input(std::make_unique<MemoryInput>(packed), "cut.gz");
    std::uint64_t last = 0;
    for_each_batch(source, 64,
                   [&last](const PacketBatch& batch) { last = batch.packets.back().number; });
    CHECK(last > 0);
    CHECK((*source)->problem().find("end too early") != std::string::npos);
  }
}
