#include "collector/decoders/websocket/resync.h"

#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "collector/base/limits.h"
#include "collector/base/text.h"
#include "tests/support/frames.h"

using namespace chargewarden;
using namespace chargewarden::harness;
using namespace chargewarden::websocket;

namespace {

const std::string kCall = R"([2,"1","Heartbeat",{}])";

std::optional<std::size_t> find(std::string_view bytes, Side side = Side::kClient,
                                bool compression_possible = false) {
  return find_frame(as_bytes(bytes), side, compression_possible);
}

FrameForm compressed() {
  FrameForm form;
  form.rsv = 4;
  return form;
}

FrameForm first_part() {
  FrameForm form;
  form.fin = false;
  return form;
}

}  // namespace

TEST_CASE("a text frame that begins like an OCPP message is found behind anything") {
  for (const std::string& junk : {std::string(), std::string("rest of a message\"}]"),
                                  std::string(1000, '\x81'), std::string(5000, 'x')}) {
    INFO(junk.size());
    CHECK(find(junk + client_text(kCall)) == junk.size());
    CHECK(find(junk + server_text(kCall), Side::kServer) == junk.size());
  }
}

TEST_CASE("only text that begins with a list and a message type is believed") {
  struct Row {
    std::string_view text;
    bool believed;
  };

  const Row rows[] = {
      {R"([2,"1","A",{}])", true},
      {R"([3,"1",{}])", true},
      {R"([6,"1","A",{}])", true},
      {R"( [ 4 , "1","x","",{}])", true},
      {R"([1,"1","A",{}])", false},
      {R"([7,"1","A",{}])", false},
      {R"([22,"1"])", false},
      {R"({"a":2,"b":3})", false},
      {R"("text")", false},
      {"[2", false},
      {"", false},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(find("xx" + client_text(row.text)).has_value() == row.believed);
  }
}

TEST_CASE("a frame with the mask of the other side is not believed") {
  CHECK_FALSE(find("x" + client_text(kCall), Side::kServer));
  CHECK_FALSE(find("x" + server_text(kCall), Side::kClient));
}

TEST_CASE("frames that fill the bytes are believed from their begin") {
  struct Row {
    std::string_view what;
    std::string bytes;
    bool compression_possible;
    bool believed;
  };

  const std::string ping = client_frame(9, "abc");
  const std::string packed = client_frame(1, Deflater().message(kCall), compressed());
  const Row rows[] = {
      {"a ping", ping, false, true},
      {"two pings", ping + ping, false, true},
      {"a ping and a message", ping + client_text(kCall), false, true},
      {"a ping and a byte", ping + "x", false, false},
      {"a cut ping", ping.substr(0, ping.size() - 1), false, false},
      {"a compressed message", packed, true, true},
      {"a compressed message that cannot be", packed, false, false},
      {"a binary message", client_frame(2, "abc"), false, false},
      {"a continuation", client_frame(0, "abc"), false, false},
      {"a fragmented ping", client_frame(9, "abc", first_part()), false, false},
      {"a long ping", client_frame(9, std::string(126, 'x')), false, false},
      {"a reserved opcode", client_frame(12, "abc"), false, false},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    CHECK(find(row.bytes, Side::kClient, row.compression_possible) ==
          (row.believed ? std::optional<std::size_t>(0) : std::nullopt));
  }
}

TEST_CASE("a frame longer than any message is not believed") {
  // A server frame of 2^40 bytes that begins like a call.
  std::string bytes = "x\x81\x7f";
  bytes += std::string("\x00\x00\x01\x00\x00\x00\x00\x00", 8);
  CHECK_FALSE(find(bytes + kCall, Side::kServer));
}

TEST_CASE("the search ends after a bounded number of bytes") {
  const std::string far(64 * 1024 + 1, 'x');
  CHECK_FALSE(find(far + client_text(kCall)));
  CHECK(find(far.substr(2) + client_text(kCall)) == far.size() - 2);
}

TEST_CASE("a search in bytes that look like frames everywhere takes linear time") {
  // Each offset is a header that promises a short text: none of them is believed.
  const std::string bytes(8U << 20U, '\x01');
  CHECK_FALSE(find(bytes, Side::kServer));
}

TEST_CASE("the first bytes of a connection tell the sender by the mask") {
  const std::string packed = Deflater().message(kCall);
  const auto probe = [](std::string_view bytes) { return probe_midstream(as_bytes(bytes)); };
  for (const std::string& bytes : {client_text(kCall), client_frame(1, packed, compressed())}) {
    const ProbeResult result = probe(bytes);
    CHECK(result.answer == Probe::kYes);
    CHECK(result.sender_known);
    CHECK(result.sender == Side::kClient);
  }
  for (const std::string& bytes : {server_text(kCall), server_frame(1, packed, compressed())}) {
    CHECK(probe(bytes).answer == Probe::kYes);
    CHECK(probe(bytes).sender == Side::kServer);
  }
  for (const std::string& bytes :
       {std::string(), std::string("\x81"), client_text("hello"), client_frame(9, ""),
        std::string("GET / HTTP/1.1\r\n"), client_frame(1, "\xff\xff\xff", compressed())}) {
    INFO(bytes);
    CHECK(probe(bytes).answer == Probe::kNo);
  }
}
