#include "collector/base/text.h"

#include <catch2/catch.hpp>

using namespace chargewarden;

TEST_CASE("times are written in UTC with nanoseconds and read back") {
  CHECK(to_rfc3339(0) == "1970-01-01T00:00:00.000000000Z");
  CHECK(to_rfc3339(1'795'349'624'939'000'001) == "2026-11-22T12:13:44.939000001Z");
  CHECK(to_rfc3339(-1) == "1969-12-31T23:59:59.999999999Z");
  CHECK(parse_rfc3339("2026-11-22T12:13:44.939000001Z") == 1'795'349'624'939'000'001);
  CHECK(parse_rfc3339("2026-11-22T14:13:44+02:00") == 1'795'349'624'000'000'000);
}

TEST_CASE("text that is not a whole RFC 3339 time is refused") {
  for (const char* text : {"", "2026", "2026-11-22T12:13:44", "2026-13-22T12:13:44Z",
                           "2026-02-30T12:13:44Z", "2026-11-22T25:13:44Z", "2026-11-22T12:13:44.Z",
                           "2026-11-22T12:13:44Zx", "2026-11-22T12:13:44+0200"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rfc3339(text).has_value());
  }
}

TEST_CASE("base64 is read with and without padding, and refused when it is not base64") {
  CHECK(from_base64("QUwxMDAw") == "AL1000");
  CHECK(from_base64("QQ==") == "A");
  CHECK(from_base64("QQ") == "A");
  CHECK_FALSE(from_base64("Q").has_value());
  CHECK_FALSE(from_base64("Q*==").has_value());
  CHECK(to_base64(as_bytes("AL1000")) == "QUwxMDAw");
  CHECK(to_base64(as_bytes("A")) == "QQ==");
}

TEST_CASE("percent-decoding leaves incomplete escapes alone") {
  CHECK(percent_decode("RDAM%7C123") == "RDAM|123");
  CHECK(percent_decode("CP%20001") == "CP 001");
  CHECK(percent_decode("a%2") == "a%2");
  CHECK(percent_decode("%zz%41") == "%zzA");
}

TEST_CASE("JSON output is valid whatever the bytes") {
  std::string out;
  append_json_string(out, "a\"b\\\n\x01\xff\xc3\xa9");
  CHECK(out == "\"a\\\"b\\\\\\n\\u0001\xef\xbf\xbd\xc3\xa9\"");
  CHECK(is_valid_utf8(out));
  CHECK_FALSE(is_valid_utf8("\xc0\x80"));
  CHECK_FALSE(is_valid_utf8("\xed\xa0\x80"));
}
