#include "collector/capture/capture_source.h"

#include <array>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "collector/base/text.h"
#include "collector/capture/capture_builder.h"
#include "collector/capture/memory_input.h"
#include "tests/support/files.h"

using namespace chargewarden;
using harness::TemporaryFolder;

namespace {

constexpr std::uint32_t kMicro = 0xa1b2c3d4;
constexpr std::uint32_t kNano = 0xa1b23c4d;
constexpr std::uint32_t kKuznetzov = 0xa1b2cd34;
constexpr std::uint32_t kTlsSecrets = 0x544c534b;

// A packet that owns its bytes, and how reading ended.
struct Seen {
  std::int64_t time_ns;
  std::vector<std::uint8_t> data;
  std::uint32_t original_len;
  std::uint16_t link_type;
  bool little;
  std::uint64_t number;

  bool operator==(const Seen&) const = default;
};

struct Reading {
  std::vector<Seen> packets;
  std::string problem;
  std::string secrets;
  CaptureCounters counters;
  std::string error;  // Of open or read.
  std::size_t storage_max = 0;
};

Reading read_all(Expected<std::unique_ptr<CaptureSource>> source, std::size_t packets_max = 64) {
  Reading out;
  if (!source) {
    out.error = source.error().message;
    return out;
  }
  PacketBatch batch;
  while (true) {
    const auto more = (*source)->read(batch, packets_max);
    if (!more) out.error = more.error().message;
    if (!more || !more.value()) break;
    REQUIRE(batch.packets.size() <= packets_max);
    for (const Packet& packet : batch.packets) {
      out.packets.push_back({packet.time_ns,
                             {packet.data.begin(), packet.data.end()},
                             packet.original_len,
                             packet.link_type,
                             packet.little_endian_writer,
                             packet.number});
    }
    out.storage_max = std::max(out.storage_max, batch.storage.size());
  }
  out.problem = (*source)->problem();
  out.secrets = (*source)->secrets();
  out.counters = (*source)->counters();
  return out;
}

Reading read_bytes(std::vector<std::uint8_t> bytes, std::size_t step = SIZE_MAX,
                   std::size_t packets_max = 64) {
  return read_all(
      CaptureSource::from_input(std::make_unique<MemoryInput>(std::move(bytes), step), "made.pcap"),
      packets_max);
}

// Three packets of different lengths in two sections, with everything between them that a reader
// has to pass over.
std::vector<std::uint8_t> mixed_pcapng() {
  CaptureBuilder file;
  const auto nano = file.body().u16(9).u16(1).u8(9).u8(0).u8(0).u8(0).u32(0);
  file.section()
      .interface(1)
      .interface(101, 0, nano.bytes())
      .block(5, as_bytes("interface statistics"))
      .enhanced_packet(0, 1'500'000, as_bytes("first"), 5)
      .secrets(kTlsSecrets, as_bytes("CLIENT_RANDOM 00 11\n"))
      .enhanced_packet(1, 1'500'000, as_bytes("second!"), 9);
  file.order(WriterOrder::kBig).section().interface(113).block(0xbad, as_bytes("custom"));
  file.enhanced_packet(0, 7, as_bytes("third"), 5);
  return file.bytes();
}

class FailingInput final : public ByteInput {
 public:
  explicit FailingInput(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}

  Expected<std::size_t> read(std::span<std::uint8_t> out) override {
    auto count = bytes_.read(out);
    if (*count == 0) return Error{ErrorCode::kReadWrite, "the disk is gone"};
    return count;
  }

  [[nodiscard]] std::string damage() const override { return {}; }

  [[nodiscard]] std::uint64_t bytes_read() const override { return bytes_.bytes_read(); }

  [[nodiscard]] std::uint64_t bytes_total() const override { return 0; }

 private:
  MemoryInput bytes_;
};

}  // namespace

TEST_CASE("pcap is read in both byte orders, with every time unit and header length") {
  struct Case {
    std::uint32_t magic;
    std::int64_t fraction_ns;
    bool longer_headers;
  };

  for (const auto order : {WriterOrder::kLittle, WriterOrder::kBig}) {
    for (const Case& c :
         {Case{kMicro, 1000, false}, Case{kNano, 1, false}, Case{kKuznetzov, 1000, true}}) {
      CAPTURE(static_cast<int>(order), c.magic);
      CaptureBuilder file(order);
      // The upper half of the link type says that four bytes of check sequence follow.
      file.pcap_header(c.magic, 0x24000071);
      file.u32(4'294'967'295).u32(999'999).u32(3).u32(1500);
      if (c.longer_headers) file.u32(1).u16(2).u8(3).u8(4);
      file.raw(as_bytes("abc"));
      const Reading reading = read_bytes(file.bytes());
      CHECK(reading.error.empty());
      CHECK(reading.problem.empty());
      REQUIRE(reading.packets.size() == 1);
      CHECK(reading.packets[0] == Seen{4'294'967'295 * 1'000'000'000 + 999'999 * c.fraction_ns,
                                       {'a', 'b', 'c'},
                                       1500,
                                       113,
                                       order == WriterOrder::kLittle,
                                       1});
    }
  }
}

TEST_CASE("the two lengths of a record are told apart in files of old versions") {
  CaptureBuilder file;
  file.pcap_header(kMicro, 1, 2).u32(1).u32(0).u32(1500).u32(3).raw(as_bytes("abc"));
  const Reading reading = read_bytes(file.bytes());
  REQUIRE(reading.packets.size() == 1);
  CHECK(reading.packets[0].original_len == 1500);
  CHECK(reading.packets[0].data.size() == 3);
}

TEST_CASE("pcapng sections have their own byte order, interfaces, link types and clocks") {
  const Reading reading = read_bytes(mixed_pcapng());
  CHECK(reading.problem.empty());
  REQUIRE(reading.packets.size() == 3);
  CHECK(reading.packets[0] == Seen{1'500'000'000, {'f', 'i', 'r', 's', 't'}, 5, 1, true, 1});
  CHECK(reading.packets[1] ==
        Seen{1'500'000, {'s', 'e', 'c', 'o', 'n', 'd', '!'}, 9, 101, true, 2});
  CHECK(reading.packets[2] == Seen{7'000, {'t', 'h', 'i', 'r', 'd'}, 5, 113, false, 3});
  CHECK(reading.secrets == "CLIENT_RANDOM 00 11\n");
  CHECK(reading.counters.packets == 3);
  CHECK(reading.counters.bytes == 17);
}

TEST_CASE("simple and old packet blocks are read") {
  CaptureBuilder file;
  file.section().interface(1, 4);
  file.block(3, file.body().u32(10).raw(as_bytes("abcd")).bytes());
  file.block(3, file.body().u32(3).raw(as_bytes("xyz")).bytes());
  file.block(
      2,
      file.body().u16(0).u16(7).u32(0).u32(2'000'000).u32(5).u32(6).raw(as_bytes("hello")).bytes());
  const Reading reading = read_bytes(file.bytes());
  CHECK(reading.problem.empty());
  REQUIRE(reading.packets.size() == 3);
  CHECK(reading.packets[0] == Seen{0, {'a', 'b', 'c', 'd'}, 10, 1, true, 1});
  CHECK(reading.packets[1] == Seen{0, {'x', 'y', 'z'}, 3, 1, true, 2});
  CHECK(reading.packets[2] == Seen{2'000'000'000, {'h', 'e', 'l', 'l', 'o'}, 6, 1, true, 3});
}

TEST_CASE("time stamps of every resolution become nanoseconds, clamped where they do not fit") {
  struct Case {
    std::uint8_t resolution;
    std::int64_t offset_s;
    std::uint64_t ticks;
    std::int64_t ns;
    bool clamped;
  };

  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  for (const Case& c : {
           Case{6, 0, 1'500'000, 1'500'000'000, false},
           Case{0, 0, 3, 3'000'000'000, false},
           Case{9, 0, 5, 5, false},
           Case{12, 0, 12'345, 12, false},
           Case{28, 0, ~std::uint64_t{0}, 1, false},
           Case{29, 0, ~std::uint64_t{0}, 0, false},
           Case{127, 0, ~std::uint64_t{0}, 0, false},
           Case{0x80, 0, 2, 2'000'000'000, false},
           Case{0x80 | 10, 0, 1536, 1'500'000'000, false},
           Case{0x80 | 63, 0, std::uint64_t{1} << 63U, 1'000'000'000, false},
           Case{0x80 | 127, 0, ~std::uint64_t{0}, 0, false},
           Case{6, 1'700'000'000, 1, 1'700'000'000'000'001'000, false},
           Case{6, -1, 0, -1'000'000'000, false},
           Case{6, 0, ~std::uint64_t{0}, kMax, true},
           Case{0, 0, ~std::uint64_t{0}, kMax, true},
           Case{0x80, kMax, ~std::uint64_t{0}, kMax, true},
           Case{6, kMin, 0, kMin, true},
       }) {
    CAPTURE(c.resolution, c.offset_s, c.ticks);
    bool clamped = false;
    CHECK(TimeScale{c.resolution, c.offset_s}.to_ns(c.ticks, clamped) == c.ns);
    CHECK(clamped == c.clamped);
  }
}

TEST_CASE("the clock options of an interface are read in both byte orders, and clamping counts") {
  for (const auto order : {WriterOrder::kLittle, WriterOrder::kBig}) {
    CaptureBuilder file(order);
    const auto options = file.body().u16(2).u16(3).raw(as_bytes("eth")).u8(0).u16(9).u16(1).u32(0);
    const auto offset = file.body().u16(14).u16(8).u64(1'700'000'000).u16(0).u16(0);
    file.section()
        .interface(1, 0, file.body().raw(options.bytes()).raw(offset.bytes()).bytes())
        .enhanced_packet(0, 2, as_bytes("a"), 1)
        .enhanced_packet(0, ~std::uint64_t{0}, as_bytes("b"), 1);
    const Reading reading = read_bytes(file.bytes());
    REQUIRE(reading.packets.size() == 2);
    CHECK(reading.packets[0].time_ns == 1'700'000'002'000'000'000);
    CHECK(reading.packets[1].time_ns == std::numeric_limits<std::int64_t>::max());
    CHECK(reading.counters.times_clamped == 1);
  }
}

TEST_CASE("the same packets come out however the bytes arrive and however small the batches are") {
  CaptureBuilder pcap;
  pcap.pcap_header(kMicro, 1);
  std::mt19937 random(1);  // The same on every run.
  for (std::uint32_t i = 0; i < 300; ++i) {
    const std::vector<std::uint8_t> data(random() % 900, static_cast<std::uint8_t>(i));
    pcap.pcap_record(i, 0, data, 1000);
  }
  for (const auto& file : {mixed_pcapng(), pcap.bytes()}) {
    const Reading whole = read_bytes(file);
    REQUIRE(whole.problem.empty());
    for (const std::size_t step : {1U, 7U, 1000U}) {
      for (const std::size_t packets_max : {1U, 3U, 1000U}) {
        CAPTURE(step, packets_max);
        CHECK(read_bytes(file, step, packets_max).packets == whole.packets);
      }
    }
  }
}

TEST_CASE("packets larger than a batch pass, with small ones around them") {
  const std::vector<std::uint8_t> large(kPacketBytesMax, 0x5a);
  CaptureBuilder file;
  file.pcap_header(kMicro, 1).pcap_record(1, 0, as_bytes("a"), 1);
  file.pcap_record(2, 0, large, kPacketBytesMax).pcap_record(3, 0, as_bytes("b"), 1);
  file.pcap_record(4, 0, large, kPacketBytesMax);
  const Reading reading = read_bytes(file.bytes());
  CHECK(reading.problem.empty());
  REQUIRE(reading.packets.size() == 4);
  CHECK(reading.packets[1].data == large);
  CHECK(reading.packets[2].data == std::vector<std::uint8_t>{'b'});
  CHECK(reading.packets[3].data == large);
}

TEST_CASE("a record over the limit stops the reading, and what came before is delivered") {
  CaptureBuilder pcap;
  pcap.pcap_header(kMicro, 1).pcap_record(1, 0, as_bytes("a"), 1);
  pcap.u32(2).u32(0).u32(kPacketBytesMax + 1).u32(kPacketBytesMax + 1);
  const Reading from_pcap = read_bytes(pcap.bytes());
  CHECK(from_pcap.packets.size() == 1);
  CHECK(from_pcap.problem ==
        "\"made.pcap\" is damaged: packet 2 claims to be 1048577 bytes long, more than 1048576; "
        "reading stopped there");

  CaptureBuilder large_packet;
  large_packet.section().interface(1).enhanced_packet(0, 1, as_bytes("a"), 1);
  large_packet.enhanced_packet(0, 1, std::vector<std::uint8_t>(kPacketBytesMax + 4), 1);
  const Reading from_packet = read_bytes(large_packet.bytes());
  CHECK(from_packet.packets.size() == 1);
  CHECK(from_packet.problem.find("packet 2 claims") != std::string::npos);

  CaptureBuilder large_block;
  large_block.section().interface(1).enhanced_packet(0, 1, as_bytes("a"), 1);
  large_block.u32(6).u32(kBlockBytesMax + 4);
  large_block.raw(std::vector<std::uint8_t>(64));
  const Reading from_block = read_bytes(large_block.bytes());
  CHECK(from_block.packets.size() == 1);
  CHECK(from_block.problem.find("block 4 claims") != std::string::npos);
}

TEST_CASE("blocks with contradicting lengths are refused or end the reading") {
  const auto with = [](auto&& add) {
    CaptureBuilder file;
    file.section().interface(1);
    add(file);
    file.enhanced_packet(0, 1, as_bytes("after"), 5);
    return read_bytes(file.bytes());
  };
  SECTION("a captured length beyond its block") {
    const Reading reading = with([](CaptureBuilder& file) {
      file.block(6, file.body().u32(0).u32(0).u32(0).u32(9).u32(9).u64(0).bytes());
    });
    CHECK(reading.problem.empty());
    CHECK(reading.counters.packets_refused == 1);
    REQUIRE(reading.packets.size() == 1);
    CHECK(reading.packets[0].number == 2);
  }
  SECTION("packet blocks that are too short") {
    for (const std::uint32_t type : {2U, 3U, 6U}) {
      const Reading reading = with([type](CaptureBuilder& file) { file.block(type, Bytes{}); });
      CHECK(reading.counters.packets_refused == 1);
      CHECK(reading.packets.size() == 1);
    }
  }
  SECTION("a packet of an interface that was never described") {
    const Reading reading =
        with([](CaptureBuilder& file) { file.enhanced_packet(1, 1, as_bytes("lost"), 4); });
    CHECK(reading.counters.packets_unassigned == 1);
    CHECK(reading.packets.size() == 1);
  }
  SECTION("a block length that is not a multiple of four or below the smallest") {
    for (const std::uint32_t len : {0U, 8U, 13U, 0xffffffffU}) {
      const Reading reading = with([len](CaptureBuilder& file) { file.u32(6).u32(len).u32(0); });
      CHECK(reading.packets.empty());
      CHECK(reading.problem.find("impossible length") != std::string::npos);
    }
  }
  SECTION("a second length that differs from the first") {
    const Reading reading = with([](CaptureBuilder& file) { file.u32(1).u32(20).u64(1).u32(24); });
    CHECK(reading.packets.empty());
    CHECK(reading.problem.find("does not end with its length") != std::string::npos);
  }
  SECTION("sections and interfaces that are too short or of another version") {
    for (const auto& [type, body, expected] :
         {std::tuple{1U, std::string(4, '\0'), "too short"},
          std::tuple{0x0a0d0d0aU, std::string(16, '\0'), "without byte order"},
          std::tuple{0x0a0d0d0aU, std::string("\x4d\x3c\x2b\x1a\x02\0\0\0\0\0\0\0\0\0\0\0", 16),
                     "version 2"}}) {
      const Reading reading = with(
          [type = type, body = body](CaptureBuilder& file) { file.block(type, as_bytes(body)); });
      CAPTURE(expected, reading.problem);
      CHECK(reading.packets.empty());
      CHECK(reading.problem.find(expected) != std::string::npos);
    }
  }
}

TEST_CASE("interfaces over the limit are counted and their packets with them") {
  CaptureBuilder file;
  file.section();
  for (std::size_t i = 0; i < kInterfacesMax + 2; ++i) file.interface(1);
  file.enhanced_packet(kInterfacesMax - 1, 1, as_bytes("kept"), 4);
  file.enhanced_packet(kInterfacesMax, 1, as_bytes("lost"), 4);
  const Reading reading = read_bytes(file.bytes());
  CHECK(reading.packets.size() == 1);
  CHECK(reading.counters.interfaces_ignored == 2);
  CHECK(reading.counters.packets_unassigned == 1);
}

TEST_CASE("secrets are joined, limited, and only TLS key logs are kept") {
  CaptureBuilder file;
  file.section();
  file.secrets(kTlsSecrets, as_bytes("one\n")).secrets(0x57474b4c, as_bytes("wireguard"));
  file.secrets(kTlsSecrets, as_bytes("two\n"));
  const std::vector<std::uint8_t> large(1024 * 1024, 'x');
  for (std::size_t kept = 0; kept < kSecretsBytesMax; kept += large.size()) {
    file.secrets(kTlsSecrets, large);
  }
  // A block too large to be held is passed over.
  file.secrets(kTlsSecrets, std::vector<std::uint8_t>(kBlockBytesMax));
  file.interface(1).enhanced_packet(0, 1, as_bytes("p"), 1);
  const Reading reading = read_bytes(file.bytes());
  CHECK(reading.secrets.substr(0, 9) == "one\ntwo\nx");
  CHECK(reading.secrets.size() == 8 + kSecretsBytesMax - large.size());
  CHECK(reading.counters.secrets_ignored == 3);
  CHECK(reading.packets.size() == 1);
}

TEST_CASE("a capture cut at any byte delivers what is whole and says that it was cut") {
  CaptureBuilder pcap;
  pcap.pcap_header(kMicro, 1).pcap_record(1, 0, as_bytes("abc"), 3);
  pcap.pcap_record(2, 0, as_bytes("defgh"), 5);
  const std::vector<std::size_t> pcap_ends = {24, 24 + 19, 24 + 19 + 21};
  const auto mixed = mixed_pcapng();
  for (std::size_t len = 24; len <= pcap.bytes().size(); ++len) {
    CAPTURE(len);
    std::vector<std::uint8_t> cut(pcap.bytes().begin(),
                                  pcap.bytes().begin() + static_cast<std::ptrdiff_t>(len));
    const Reading reading = read_bytes(std::move(cut));
    const auto whole = static_cast<std::size_t>(
        std::upper_bound(pcap_ends.begin(), pcap_ends.end(), len) - pcap_ends.begin() - 1);
    CHECK(reading.packets.size() == whole);
    CHECK(reading.problem.empty() == (len == pcap_ends[whole]));
  }
  const Reading all = read_bytes(mixed);
  for (std::size_t len = 12; len < mixed.size(); ++len) {
    CAPTURE(len);
    const std::vector<std::uint8_t> cut(mixed.begin(),
                                        mixed.begin() + static_cast<std::ptrdiff_t>(len));
    const Reading reading = read_bytes(cut);
    CHECK(reading.error.empty());
    REQUIRE(reading.packets.size() < all.packets.size());
    CHECK(std::equal(reading.packets.begin(), reading.packets.end(), all.packets.begin()));
    if (!reading.problem.empty()) {
      CHECK(reading.problem.find("ends in the middle of a record") != std::string::npos);
    }
  }
}

TEST_CASE("damaged captures never crash, and never yield packets larger than the limit") {
  CaptureBuilder pcap;
  pcap.pcap_header(kMicro, 1);
  for (std::uint32_t i = 0; i < 8; ++i) pcap.pcap_record(i, i, as_bytes("some packet bytes"), 40);
  std::mt19937 random(7);  // The same on every run.
  std::size_t delivered = 0;
  for (const auto& file : {pcap.bytes(), mixed_pcapng()}) {
    for (int round = 0; round < 3000; ++round) {
      auto bytes = file;
      const auto flips = 1 + random() % 4;
      for (unsigned flip = 0; flip < flips; ++flip) {
        const std::size_t at = random() % bytes.size();
        bytes[at] = static_cast<std::uint8_t>(bytes[at] ^ (1U << (random() % 8U)));
      }
      for (const Seen& packet : read_bytes(bytes).packets) {
        REQUIRE(packet.data.size() <= bytes.size());
        ++delivered;
      }
    }
  }
  CHECK(delivered > 10'000);
}

TEST_CASE("what is not a capture is refused in one sentence") {
  struct Case {
    std::string bytes;
    const char* message;
  };

  for (const Case& c : {
           Case{"", "cannot read \"made.pcap\": it is empty"},
           Case{R"({"a":1})",
                "cannot read \"made.pcap\": not a pcap or pcapng file (begins with 7b 22 61 22)"},
           Case{"\xd4", "cannot read \"made.pcap\": not a pcap or pcapng file (begins with d4)"},
           Case{"\xd4\xc3\xb2\xa1\x02",
                "cannot read \"made.pcap\": it ends within the pcap file header"},
           Case{"\x0a\x0d\x0d\x0a",
                "cannot read \"made.pcap\": not a pcap or pcapng file (begins with 0a 0d 0d 0a)"},
       }) {
    const auto bytes = as_bytes(c.bytes);
    const Reading reading = read_bytes({bytes.begin(), bytes.end()});
    CHECK(reading.error == c.message);
  }
}

TEST_CASE("files that cannot be opened are refused as unreadable") {
  const TemporaryFolder folder;
  const auto missing = CaptureSource::open(folder.path() + "/none.pcap");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::kUnreadable);
  CHECK(missing.error().message ==
        "cannot read \"" + folder.path() + "/none.pcap\": No such file or directory");
  const auto directory = CaptureSource::open(folder.path());
  REQUIRE_FALSE(directory);
  CHECK(directory.error().code == ErrorCode::kUnreadable);
  CHECK(directory.error().message ==
        "cannot read \"" + folder.path() + "\": it is a directory, not a file");
}

TEST_CASE("a failing read is reported after the packets that came before it") {
  CaptureBuilder file;
  file.pcap_header(kMicro, 1).pcap_record(1, 0, as_bytes("abc"), 3);
  auto source = CaptureSource::from_input(std::make_unique<FailingInput>(file.bytes()), "x");
  REQUIRE(source);
  PacketBatch batch;
  const auto first = (*source)->read(batch, 16);
  REQUIRE(first);
  CHECK(batch.packets.size() == 1);
  const auto second = (*source)->read(batch, 16);
  REQUIRE_FALSE(second);
  CHECK(second.error().code == ErrorCode::kReadWrite);
  const auto third = (*source)->read(batch, 16);
  REQUIRE(third);
  CHECK_FALSE(third.value());
}

TEST_CASE("a stop ends a capture after what was read, and is no problem of the capture") {
  CaptureBuilder file;
  file.pcap_header(kMicro, 1);
  for (std::uint32_t i = 0; i < 3; ++i) file.pcap_record(i, 0, as_bytes("abc"), 3);
  std::vector<std::uint8_t> cut = file.bytes();
  cut.pop_back();
  for (const bool stopped : {true, false}) {
    auto stop = StopRequest::create();
    REQUIRE(stop);
    auto source =
        CaptureSource::from_input(std::make_unique<MemoryInput>(cut), "x.pcap", stop->get());
    REQUIRE(source);
    PacketBatch batch;
    REQUIRE((*source)->read(batch, 16));
    CHECK(batch.packets.size() == 2);
    if (stopped) stop.value()->request();
    const auto more = (*source)->read(batch, 16);
    REQUIRE(more);
    CHECK_FALSE(more.value());
    CHECK((*source)->stopped() == stopped);
    CHECK((*source)->problem().empty() == stopped);
  }
}

TEST_CASE("a file that shrinks while it is read ends early instead of ending the program") {
  CaptureBuilder file;
  file.pcap_header(kMicro, 1);
  const std::vector<std::uint8_t> data(1000);
  for (std::uint32_t i = 0; i < 2000; ++i) file.pcap_record(i, 0, data, 1000);
  const TemporaryFolder folder;
  const auto path = folder.write("shrinking.pcap", as_text(file.bytes()));
  auto source = CaptureSource::open(path);
  REQUIRE(source);
  CHECK((*source)->name() == "shrinking.pcap");
  CHECK((*source)->bytes_total() == file.bytes().size());
  PacketBatch batch;
  REQUIRE((*source)->read(batch, 10));
  std::filesystem::resize_file(path, 200'000);
  const Reading rest = read_all(std::move(source));
  CHECK(rest.packets.size() < 200);
  CHECK(rest.problem.find("the capture was cut off") != std::string::npos);
}

TEST_CASE("link types are named as libpcap names them") {
  CHECK(link_type_name(1) == "LINKTYPE_EN10MB (1)");
  CHECK(link_type_name(101) == "LINKTYPE_RAW (101)");
  CHECK(link_type_name(276) == "LINKTYPE_LINUX_SLL2 (276)");
  CHECK(link_type_name(65'000) == "link type 65000");
}
