// Events do not depend on how TCP carried the bytes: cut differently, out of order within a flight,
// repeated, overlapping with equal bytes, and mixed differently with other connections.
//
// The conversations are scripted ones, and those of captures where they are there.

#include <algorithm>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "collector/capture/capture_source.h"
#include "collector/wire/packet/packet_decoder.h"
#include "tests/support/frames.h"
#include "tests/support/tcp_talk.h"

using namespace chargewarden;
using namespace chargewarden::harness;

namespace {

using Lines = std::vector<std::string>;
using Random = std::mt19937;

// Segments of one connection, in order.
using Conversation = std::vector<TalkSegment>;

std::size_t below(Random& random, std::size_t bound) {
  return bound < 2 ? 0 : random() % bound;
}

bool carries_data(const TalkSegment& segment) {
  return !segment.bytes.empty();
}

// Flags of a segment that stands alone: SYN, FIN and RST keep their place.
bool is_movable(const TalkSegment& segment) {
  return carries_data(segment) && (segment.segment.flags & (kTcpSyn | kTcpFin | kTcpRst)) == 0;
}

// What one side sends before the other one answers: such segments may arrive in any order. Ends
// with an empty list.
std::vector<Conversation> flights_of(const Conversation& talk) {
  std::vector<Conversation> out;
  for (const TalkSegment& segment : talk) {
    const bool continues = !out.empty() && is_movable(segment) && is_movable(out.back().back()) &&
                           out.back().back().sender == segment.sender;
    if (!continues) out.emplace_back();
    out.back().push_back(segment);
  }
  return out;
}

// The bytes of a flight, cut anew; equal bytes are sent again here and there.
Conversation cut_anew(const Conversation& flight, Random& random) {
  if (!is_movable(flight.front())) return flight;
  std::string bytes;
  const std::uint32_t start = flight.front().segment.sequence;
  for (const TalkSegment& segment : flight) {
    // Only what follows on directly is one run of bytes.
    if (segment.segment.sequence != start + static_cast<std::uint32_t>(bytes.size())) return flight;
    bytes += segment.bytes;
  }
  Conversation out;
  const auto add = [&](std::size_t from, std::size_t to) {
    TalkSegment segment = flight.front();
    segment.segment.sequence = start + static_cast<std::uint32_t>(from);
    segment.bytes = bytes.substr(from, to - from);
    out.push_back(std::move(segment));
  };
  for (std::size_t from = 0; from < bytes.size();) {
    const std::size_t len = 1 + below(random, below(random, 4) == 0 ? 10 : 1'400);
    const std::size_t to = std::min(bytes.size(), from + len);
    add(from, to);
    if (below(random, 4) == 0) add(below(random, from + 1), to);  // Overlaps what was sent before.
    from = to;
  }
  std::shuffle(out.begin(), out.end(), random);
  return out;
}

Conversation carried_differently(const Conversation& talk, Random& random) {
  Conversation out;
  for (const Conversation& flight : flights_of(talk)) {
    const Conversation sent = cut_anew(flight, random);
    // A repetition that comes late.
    if (!out.empty() && below(random, 5) == 0 && is_movable(out.back())) {
      TalkSegment late = out.back();
      out.push_back(late);
    }
    out.insert(out.end(), sent.begin(), sent.end());
  }
  return out;
}

std::string without(const std::string& line, const std::string& name) {
  const auto at = line.find(" " + name + "=");
  if (at == std::string::npos) return line;
  return line.substr(0, at) + line.substr(std::min(line.size(), line.find(' ', at + 1)));
}

// Lines of each connection, by the port of its client.
std::map<std::uint16_t, Lines> events_of(const std::vector<Conversation>& talks, Random& random) {
  class ByPort : public EventConsumer {
   public:
    void on_event(const Event& event) override {
      const std::string line = short_form(event);
      // Times and their differences depend on the mix.
      if (event.def().name != "connection.closed") {
        lines[event.flow()->client_port].push_back(
            without(without(line, "latency_ms"), "waited_ms"));
      }
    }

    std::map<std::uint16_t, Lines> lines;
  };

  ByPort consumer;
  auto shard = std::make_unique<ShardContext>(DecoderRig::all_interest(), consumer);
  const std::vector<std::string> sources = {"a.pcap"};
  FlowTable table(*shard, sources);
  std::vector<std::size_t> next(talks.size());
  std::uint64_t number = 0;
  for (;;) {
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < talks.size(); ++i) {
      if (next[i] < talks[i].size()) ready.push_back(i);
    }
    if (ready.empty()) break;
    const std::size_t chosen = ready[below(random, ready.size())];
    const TalkSegment& talk = talks[chosen][next[chosen]++];
    Segment segment = talk.segment;
    segment.packet_number = ++number;
    // One clock for all, however they are mixed.
    segment.time_ns = static_cast<std::int64_t>(number) * 1'000;
    segment.payload = as_bytes(talk.bytes);
    table.on_segment(segment, FlowHasher(HashKey{})(segment.key), 0);
  }
  table.finish();
  return consumer.lines;
}

// The first line that differs, from both sides; empty when there is none.
std::string difference(const Lines& seen, const Lines& expected) {
  for (std::size_t i = 0; i < std::max(seen.size(), expected.size()); ++i) {
    const std::string& a = i < seen.size() ? seen[i] : "nothing";
    const std::string& b = i < expected.size() ? expected[i] : "nothing";
    if (a != b) return fmt::format("line {}: {}\nexpected: {}", i, a, b);
  }
  return "";
}

void check_carriage(const std::vector<Conversation>& talks, unsigned seeds) {
  Random first(0);
  const auto expected = events_of(talks, first);
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    Random random(seed);
    std::vector<Conversation> carried;
    for (const Conversation& talk : talks) carried.push_back(carried_differently(talk, random));
    INFO("seed " << seed);
    const auto seen = events_of(carried, random);
    for (const auto& [port, lines] : expected) {
      INFO("client port " << port);
      REQUIRE(seen.count(port) == 1);
      REQUIRE(difference(seen.at(port), lines) == "");
    }
    REQUIRE(seen.size() == expected.size());
  }
}

// One connection with handshake, calls in both directions, control frames and a close.
Conversation scripted(std::uint16_t port, bool compressed, unsigned seed) {
  Random random(seed);
  TcpTalk talk(port, random() % 2 == 0 ? 0xffffff00U : 1'000U);
  Deflater up;
  Deflater down;
  FrameForm form;
  if (compressed) form.rsv = 4;
  const auto station = [&](const std::string& text) {
    talk.data(Side::kClient, client_frame(1, compressed ? up.message(text) : text, form));
  };
  const auto csms = [&](const std::string& text) {
    talk.data(Side::kServer, server_frame(1, compressed ? down.message(text) : text, form));
  };
  talk.open().data(Side::kClient, fmt::format("GET /ocpp/CP{} HTTP/1.1\r\nUpgrade: websocket\r\n"
                                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                              "Sec-WebSocket-Protocol: ocpp1.6\r\n"
                                              "Authorization: Basic Q1A6c2VjcmV0\r\n\r\n",
                                              port));
  talk.data(Side::kServer,
            fmt::format("HTTP/1.1 101 OK\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                        "Sec-WebSocket-Protocol: ocpp1.6\r\n{}\r\n",
                        compressed ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : ""));
  for (int i = 0; i < 12; ++i) {
    const std::string payload(below(random, 3'000), static_cast<char>('a' + i));
    station(fmt::format("[2,\"{}\",\"DataTransfer\",{{\"data\":\"{}\"}}]", i, payload));
    if (i % 4 == 1) talk.data(Side::kServer, server_frame(9, "beat"));
    csms(fmt::format("[3,\"{}\",{{\"status\":\"Accepted\"}}]", i));
    if (i % 3 == 0) csms(fmt::format("[2,\"{}\",\"Reset\",{{\"type\":\"Soft\"}}]", i));
    if (i % 3 == 0) station(fmt::format("[3,\"{}\",{{\"status\":\"Rejected\"}}]", i));
    if (i % 5 == 2) station("[2,\"odd\",\"MakeCoffee\"]");
  }
  talk.data(Side::kClient, client_frame(8, "\x03\xe8"))
      .data(Side::kServer, server_frame(8, "\x03\xe8"));
  talk.fin(Side::kServer).fin(Side::kClient);
  return talk.segments();
}

// The connections of a capture, by the port of their first sender; empty when a port occurs twice
// or a packet is cut.
std::vector<Conversation> conversations_of(const std::string& path) {
  auto source = CaptureSource::open(path);
  REQUIRE(source.has_value());

  struct Ends {
    FlowKey key;
    Conversation talk;
  };

  std::vector<Ends> found;
  PacketDecoder decoder;
  FragmentStore store;
  PacketBatch batch;
  for (auto more = (*source)->read(batch, 1'024); more.has_value() && *more;
       more = (*source)->read(batch, 1'024)) {
    for (const Packet& packet : batch.packets) {
      TalkSegment out;
      Datagram datagram;
      if (decoder.decode(packet, store, out.segment, datagram) != DecodeOutcome::kTcp) continue;
      if (out.segment.missing_bytes > 0) return {};
      out.bytes = as_text(out.segment.payload);
      out.segment.payload = {};
      const FlowKey& key = out.segment.key;
      const auto same = [&](const Ends& ends) {
        const auto& own = ends.key;
        const bool forth = own == key;
        return forth ||
               (own.source_ip == key.destination_ip && own.tunnel == key.tunnel &&
                own.destination_ip == key.source_ip && own.source_port == key.destination_port &&
                own.destination_port == key.source_port);
      };
      auto place = std::find_if(found.begin(), found.end(), same);
      if (place == found.end()) {
        const bool begins = (out.segment.flags & (kTcpSyn | kTcpAck)) == kTcpSyn;
        const auto same_port = [&](const Ends& ends) {
          return ends.key.source_port == key.source_port;
        };
        if (!begins || std::any_of(found.begin(), found.end(), same_port)) return {};
        found.push_back({key, {}});
        place = std::prev(found.end());
      }
      out.sender = place->key == key ? Side::kClient : Side::kServer;
      place->talk.push_back(std::move(out));
    }
  }
  std::vector<Conversation> out;
  for (Ends& ends : found) out.push_back(std::move(ends.talk));
  return out;
}

// Whether the capture is complete and honest, so that its segments may be moved about.
bool is_sound(const std::vector<Conversation>& talks) {
  TableRig rig;
  for (const Conversation& talk : talks) rig.feed(talk);
  rig.finish();
  if (!named(rig.lines(), "connection.gap").empty() ||
      !named(rig.lines(), "connection.anomaly").empty()) {
    return false;
  }
  // Retransmissions and holes have been dealt with by whoever took the capture.
  return std::all_of(talks.begin(), talks.end(), [](const Conversation& talk) {
    std::array<std::uint32_t, 2> next{};
    for (const TalkSegment& segment : talk) {
      const bool syn = (segment.segment.flags & kTcpSyn) != 0;
      std::uint32_t& expected = next[index_of(segment.sender)];
      if (!syn && carries_data(segment) && segment.segment.sequence != expected) return false;
      if (syn || carries_data(segment)) {
        expected = segment.segment.sequence + (syn ? 1U : 0U) +
                   static_cast<std::uint32_t>(segment.bytes.size());
      }
    }
    return true;
  });
}

}  // namespace

TEST_CASE("scripted conversations give the same events however they are carried") {
  std::vector<Conversation> talks;
  for (std::uint16_t i = 0; i < 6; ++i) {
    talks.push_back(scripted(static_cast<std::uint16_t>(20'000 + i), i % 2 == 1, i));
  }
  Random random(0);
  const auto expected = events_of(talks, random);
  REQUIRE(expected.size() == 6);
  for (const auto& [port, lines] : expected) {
    CHECK(named(lines, "ocpp.message").size() >= 32);
    CHECK(named(lines, "websocket.control").size() == 5);
  }
  check_carriage(talks, 300);
}

TEST_CASE("conversations of captures give the same events however they are carried") {
  std::size_t used = 0;
  for (const std::string folder :
       {CHARGEWARDEN_SAMPLES_DIR "/captures", CHARGEWARDEN_SHARED_DIR "/corpus",
        CHARGEWARDEN_SHARED_DIR "/vectors"}) {
    std::error_code error;
    if (!std::filesystem::is_directory(folder, error)) {
      WARN("skipped: " << folder << " is not there");
      continue;
    }
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      const auto extension = entry.path().extension();
      const bool small = entry.is_regular_file() && entry.file_size() < 300'000;
      if (small && (extension == ".pcap" || extension == ".pcapng")) paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    for (const std::string& path : paths) {
      const std::vector<Conversation> talks = conversations_of(path);
      if (talks.empty() || !is_sound(talks)) continue;
      INFO(path);
      check_carriage(talks, 4);
      ++used;
    }
  }
  CHECK(used >= 5);
}
