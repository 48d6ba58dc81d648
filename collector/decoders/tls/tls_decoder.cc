// TLS (RFC 8446): recognises an encrypted connection and says so once. What is inside is not
// observable without keys.

#include <fmt/format.h>

#include "collector/decoders/decoder.h"
#include "collector/event/defs/tls_events.h"

namespace chargewarden::tls {

namespace {

constexpr std::uint8_t kHandshakeRecord = 22;
constexpr std::uint8_t kMajorVersion = 3;
constexpr std::uint8_t kMinorVersionMax = 4;
constexpr std::uint16_t kRecordMaxLen = (1U << 14U) + 256;

class TlsDecoder : public StreamDecoder {
 public:
  void on_data(Side side, Bytes bytes, StreamContext& context) override {
    ++context.shard.stats.connections_tls;
    context.stop = true;
    if (!context.wants(kSeen) || bytes.size() < 3) return;
    Event event = context.make_event(kSeen, side);
    const std::string version = fmt::format("{}.{}", bytes[1], bytes[2]);
    event.set_text(kRecordVersion, version);
    context.emit(event);
  }

  void on_gap(Side /*side*/, std::uint64_t /*missing_bytes*/, StreamContext& /*context*/) override {
  }

  void on_end(StreamContext& /*context*/) override {}

  [[nodiscard]] std::string_view protocol() const override { return "tls"; }
};

}  // namespace

ProbeResult probe_stream(Bytes first_bytes) {
  // Content type, version, length of a record, and the type of the first handshake message.
  if (first_bytes.size() < 6) {
    const bool possible = first_bytes.empty() || first_bytes[0] == kHandshakeRecord;
    return {possible ? Probe::kNeedMore : Probe::kNo, false, Side::kClient};
  }
  ByteReader reader(first_bytes);
  const std::uint8_t type = reader.u8();
  const std::uint8_t major = reader.u8();
  const std::uint8_t minor = reader.u8();
  const std::uint16_t len = reader.u16be();
  const std::uint8_t message = reader.u8();
  const bool hello = message == 1 || message == 2;
  if (type != kHandshakeRecord || major != kMajorVersion || minor > kMinorVersionMax || len < 4 ||
      len > kRecordMaxLen || !hello) {
    return {};
  }
  return {Probe::kYes, true, message == 1 ? Side::kClient : Side::kServer};
}

std::unique_ptr<StreamDecoder> create_stream() {
  return std::make_unique<TlsDecoder>();
}

}  // namespace chargewarden::tls
