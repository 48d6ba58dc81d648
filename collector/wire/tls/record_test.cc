#include "collector/wire/tls/record.h"

#include <catch2/catch.hpp>

#include "tests/support/tls_bytes.h"

using namespace chargewarden;
using namespace chargewarden::tls;
using namespace chargewarden::testing;

namespace {

// "type:length" of each record, read in pieces of that size.
std::string records_of(const ByteString& bytes, std::size_t piece, RecordReader& reader) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const Bytes part = Bytes(bytes).subspan(at, std::min(piece, bytes.size() - at));
    const bool fine = reader.feed(part, [&](const Record& each) {
      out += std::to_string(static_cast<int>(each.type)) + ':' +
             std::to_string(each.payload.size()) + ' ';
      return true;
    });
    if (!fine) return out + "broken";
  }
  return out;
}

std::string records_of(const ByteString& bytes, std::size_t piece) {
  RecordReader reader;
  return records_of(bytes, piece, reader);
}

std::string messages_of(const ByteString& bytes, std::size_t piece, HandshakeReader& reader) {
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    reader.feed(Bytes(bytes).subspan(at, std::min(piece, bytes.size() - at)),
                [&](const Handshake& each) {
                  CHECK(each.whole.size() == each.body.size() + 4);
                  out += std::to_string(each.type) + ':' + std::to_string(each.body.size()) + ' ';
                  return true;
                });
  }
  return out;
}

}  // namespace

TEST_CASE("TLS records are the same however their bytes are cut") {
  ByteString bytes = record(22, ByteString(300, 1));
  put(bytes, record(20, {1}));
  put(bytes, record(21, {}));
  put(bytes, record(23, ByteString(16'384 + 256, 7)));
  put(bytes, record(24, {1, 2, 3}));
  for (const std::size_t piece : {1UL, 2UL, 5UL, 7UL, 306UL, 1'460UL, 100'000UL}) {
    CAPTURE(piece);
    CHECK(records_of(bytes, piece) == "22:300 20:1 21:0 23:16640 24:3 ");
  }
}

TEST_CASE("bytes that are no TLS record end the reading") {
  for (const ByteString& head : {ByteString{25, 3, 3, 0, 1}, ByteString{19, 3, 3, 0, 1},
                                 ByteString{22, 2, 0, 0, 1}, ByteString{22, 3, 5, 0, 1}}) {
    for (const std::size_t piece : {1UL, 100UL}) {
      ByteString bytes = record(22, {1});
      put(bytes, head);
      put(bytes, record(22, {1, 2}));
      RecordReader reader;
      CHECK(records_of(bytes, piece, reader) == "22:1 broken");
      CHECK(reader.broken());
      CHECK(records_of(record(22, {1}), 10, reader) == "broken");
    }
  }
}

TEST_CASE("a record beyond the limit ends the reading") {
  CHECK(records_of(record(23, ByteString(kRecordMaxLen, 0)), 1'000) == "23:18432 ");
  CHECK(records_of(record(23, ByteString(kRecordMaxLen + 1, 0)), 1'000) == "broken");
}

TEST_CASE("a reader of records stops when it is told, and forgets what was lost") {
  ByteString bytes = record(22, {1});
  put(bytes, record(22, {1, 2}));
  RecordReader reader;
  int seen = 0;
  CHECK(reader.feed(bytes, [&](const Record&) { return ++seen < 1; }));
  CHECK(seen == 1);
  CHECK(records_of(ByteString(bytes.begin(), bytes.begin() + 4), 10, reader).empty());
  reader.forget();
  CHECK(records_of(bytes, 10, reader) == "22:1 22:2 ");
}

TEST_CASE("handshake messages are put together and taken apart") {
  ByteString bytes = handshake(1, ByteString(200, 1));
  put(bytes, handshake(14, {}));
  put(bytes, handshake(11, ByteString(70'000, 2)));
  put(bytes, handshake(2, {1, 2, 3}));
  for (const std::size_t piece : {1UL, 3UL, 4UL, 204UL, 1'000UL, 200'000UL}) {
    CAPTURE(piece);
    HandshakeReader reader;
    CHECK(messages_of(bytes, piece, reader) == "1:200 14:0 11:70000 2:3 ");
    CHECK_FALSE(reader.is_open());
  }
  HandshakeReader reader;
  CHECK(messages_of(ByteString(bytes.begin(), bytes.begin() + 50), 50, reader).empty());
  CHECK(reader.is_open());
  reader.forget();
  CHECK_FALSE(reader.is_open());
}

TEST_CASE("a handshake message beyond the limit is passed over") {
  ByteString bytes = handshake(11, ByteString(kHandshakeMaxLen - 4, 0));
  put(bytes, handshake(11, ByteString(kHandshakeMaxLen - 3, 0)));
  put(bytes, handshake(2, {1}));
  for (const std::size_t piece : {1UL, 1'000UL, 1'000'000UL}) {
    HandshakeReader reader;
    CHECK(messages_of(bytes, piece, reader) == "11:131068 2:1 ");
    CHECK(reader.too_long() == 1);
  }
}
