#include "collector/decoders/http/body_skipper.h"

#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "collector/base/text.h"

using namespace chargewarden;
using namespace chargewarden::http;

namespace {

// What is left behind the body when the text is given whole; also given in all two-part cuts.
std::string rest_behind(const Body& body, std::string_view text) {
  BodySkipper whole;
  BodyMeter meter;
  whole.begin(body);
  const std::string rest(as_text(whole.skip(as_bytes(text), meter)));
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    BodySkipper parts;
    BodyMeter part_meter;
    parts.begin(body);
    std::string out;
    for (const std::string_view part : {text.substr(0, cut), text.substr(cut)}) {
      out += parts.active() ? as_text(parts.skip(as_bytes(part), part_meter)) : part;
    }
    INFO("cut at " << cut);
    REQUIRE(out == rest);
    REQUIRE(parts.active() == whole.active());
    REQUIRE(part_meter.facts(true).bytes == meter.facts(true).bytes);
    REQUIRE(part_meter.facts(true).complete == meter.facts(true).complete);
  }
  return rest;
}

}  // namespace

TEST_CASE("a body is passed over up to its end, however it is delimited") {
  struct Row {
    Body body;
    std::string_view text;
    std::string_view rest;
  };

  const Row rows[] = {
      {{BodyKind::kNone, 0}, "HTTP", "HTTP"},
      {{BodyKind::kLength, 5}, "helloHTTP", "HTTP"},
      {{BodyKind::kLength, 5}, "hel", ""},
      {{BodyKind::kUntilClose, 0}, "helloHTTP", ""},
      {{BodyKind::kChunked, 0}, "5\r\nhello\r\n0\r\n\r\nHTTP", "HTTP"},
      // An extension, upper-case digits, lone line feeds, trailers (RFC 9112, 7.1).
      {{BodyKind::kChunked, 0}, "A;name=value\r\n0123456789\r\n0\r\n\r\nHTTP", "HTTP"},
      {{BodyKind::kChunked, 0}, "3\nabc\n0\n\nHTTP", "HTTP"},
      {{BodyKind::kChunked, 0}, "1\r\nx\r\n0\r\nExpires: never\r\nA: b\r\n\r\nHTTP", "HTTP"},
      // A size that is none, or too large for 64 bits: nothing behind it can be found.
      {{BodyKind::kChunked, 0}, "zz\r\nabc\r\n0\r\n\r\nHTTP", ""},
      {{BodyKind::kChunked, 0}, "10000000000000000\r\nabc\r\n0\r\n\r\nHTTP", ""},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(rest_behind(row.body, row.text) == row.rest);
  }
}

TEST_CASE("a chunk line of any length is read in bounded memory") {
  const std::string line = "4;" + std::string(100'000, 'x') + "\r\nabcd\r\n0\r\n\r\nHTTP";
  BodySkipper skipper;
  BodyMeter meter;
  skipper.begin({BodyKind::kChunked, 0});
  CHECK(as_text(skipper.skip(as_bytes(line), meter)) == "HTTP");
  CHECK(meter.facts(true).bytes == 4);
  CHECK_FALSE(skipper.active());
}

TEST_CASE("missing bytes are part of the body if its end cannot lie among them") {
  struct Row {
    Body body;
    std::string_view before;
    std::uint64_t missing;
    bool known;
    std::string_view after;
    std::string_view rest;
  };

  const Row rows[] = {
      {{BodyKind::kLength, 10}, "ab", 3, true, "fghijHTTP", "HTTP"},
      {{BodyKind::kLength, 10}, "ab", 8, true, "HTTP", "HTTP"},
      {{BodyKind::kLength, 10}, "ab", 9, false, "HTTP", "HTTP"},
      {{BodyKind::kUntilClose, 0}, "ab", 9'999, true, "HTTP", ""},
      {{BodyKind::kChunked, 0}, "5\r\nh", 2, true, "lo\r\n0\r\n\r\nHTTP", "HTTP"},
      {{BodyKind::kChunked, 0}, "5\r\nh", 4, true, "\r\n0\r\n\r\nHTTP", "HTTP"},
      {{BodyKind::kChunked, 0}, "5\r\nh", 5, false, "HTTP", "HTTP"},
      {{BodyKind::kChunked, 0}, "5", 1, false, "HTTP", "HTTP"},  // Inside a size.
  };
  for (const Row& row : rows) {
    INFO(row.before << " then " << row.missing);
    BodySkipper skipper;
    BodyMeter meter;
    skipper.begin(row.body);
    REQUIRE(skipper.skip(as_bytes(row.before), meter).empty());
    CHECK(skipper.skip_missing(row.missing) == row.known);
    if (!row.known) CHECK_FALSE(skipper.active());
    const auto rest =
        skipper.active() ? skipper.skip(as_bytes(row.after), meter) : as_bytes(row.after);
    CHECK(as_text(rest) == row.rest);
  }
}

TEST_CASE("a meter hashes what a body holds, and says when it cannot") {
  const std::string content(kHashedBodyMinBytes, 'x');
  BodyMeter meter;
  BodySkipper skipper;
  meter.begin(true);
  skipper.begin({BodyKind::kChunked, 0});
  skipper.skip(as_bytes("100\r\n" + content.substr(0, 256) + "\r\n100;x=y\r\n" +
                        content.substr(256) + "\r\n0\r\nA: b\r\n\r\n"),
               meter);
  CHECK_FALSE(skipper.active());
  CHECK(meter.facts(true).sha256 == sha256_hex(content));
  CHECK(meter.facts(true).complete);
  CHECK(meter.facts(false).sha256.empty());  // As long as it goes on.
  CHECK_FALSE(meter.facts(false).complete);
  meter.lose();
  CHECK(meter.facts(true).bytes == content.size());
  CHECK_FALSE(meter.facts(true).complete);
  CHECK(meter.facts(true).sha256.empty());
  meter.begin(true);
  meter.add(as_bytes(content.substr(1)));
  CHECK(meter.facts(true).complete);
  CHECK(meter.facts(true).sha256.empty());  // Too short.
  meter.begin(false);
  meter.add(as_bytes(content));
  CHECK(meter.facts(true).sha256.empty());  // Not wanted.
  meter.begin(true);
  skipper.begin({BodyKind::kChunked, 0});
  skipper.skip(as_bytes("zz\r\n" + content), meter);
  CHECK_FALSE(meter.facts(true).complete);  // No chunks.
}
