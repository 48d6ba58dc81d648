// DataTransfer as a tunnel: content that cannot be read, in a row (threat CF-23). Vendors send
// telemetry this way, as JSON or other text; certificates and signed readings come one at a time.

#include <algorithm>
#include <string>

#include "analyzer/detectors/data_transfer/opaque_text.h"
#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/expiring_map.h"
#include "analyzer/detectors/repeat_count.h"
#include "analyzer/facts/fact_buffer.h"
#include "collector/event/defs/data_transfer_events.h"

namespace chargewarden::data_transfer {

namespace {

using F = FactField;

// Messages of a tunnel follow each other; ten to twenty minutes bridge its pauses.
constexpr std::uint32_t kSpanMs = 600'000;

// Fewer or shorter ones are a certificate with its chain, or signed meter readings.
constexpr std::uint32_t kMessagesFloor = 5;
constexpr std::uint32_t kBytesFloor = 16'384;

// Stations and vendors that are followed at a time, about 400 bytes each; names of vendors are at
// most 255 characters (OCPP 1.6, 6.17), longer ones are cut.
// Test: data_transfer_detector_test.cc "the table of vendors is bounded".
constexpr std::size_t kEntriesMax = 20'000;
constexpr std::int64_t kLifetimeNs = 1'200'000'000'000;
constexpr std::size_t kVendorMaxLen = 255;

struct Exchange {
  RepeatCount messages;
  RepeatCount bytes;
  Packets packets;
};

class DataTransferDetector final : public Detector {
 public:
  explicit DataTransferDetector(const HashKey& key) : exchanges_(key, kEntriesMax, kLifetimeNs) {}

  [[nodiscard]] FactInterest interest() const override {
    FactInterest out;
    out.actions = {"DataTransfer"};
    return out;
  }

  void on_fact(const Fact& fact, const World& world, Reporter& reporter) override {
    if (world.station() == nullptr || world.station()->id.empty()) return;
    const std::string_view data = fact.text(F::kData);
    std::size_t bytes = opaque_length(data);
    if (bytes == 0) return;
    // A long text was cut when the fact was made; the message tells its length.
    if (data.size() == kFactTextMaxLen)
      bytes = std::max<std::size_t>(bytes, fact.head().size_bytes);
    const std::string_view vendor = fact.text(F::kVendorId).substr(0, kVendorMaxLen);
    const std::int64_t now = fact.time_ns();
    Exchange& exchange = exchanges_.at(world.station()->id + '\0' + std::string(vendor), now);
    exchange.messages.add(now, kSpanMs);
    exchange.bytes.add(now, kSpanMs, static_cast<std::uint32_t>(bytes));
    exchange.packets.add(reporter.tag());
    if (exchange.messages.count() < kMessagesFloor) return;
    if (!exchange.bytes.should_tell(kBytesFloor)) return;
    Event event = reporter.make(kOpaque);
    event.set_text(kVendorId, vendor);
    event.set_text(kDataId, fact.text(F::kDataId));
    event.set_text(kDirection,
                   fact.head().sender == Side::kClient ? "station_to_csms" : "csms_to_station");
    event.set_int(kOpaqueMessages, exchange.messages.count());
    event.set_int(kOpaqueBytes, exchange.bytes.count());
    event.set_packets(exchange.packets.tags());
    reporter.emit(event);
  }

  [[nodiscard]] std::uint64_t dropped() const override { return exchanges_.dropped(); }

 private:
  ExpiringMap<Exchange> exchanges_;
};

constexpr auto kEvents = std::to_array<const EventDef*>({&kOpaque});

std::unique_ptr<Detector> create(const DetectorContext& context) {
  return std::make_unique<DataTransferDetector>(context.hash_key);
}

}  // namespace

extern const DetectorDef kDetector;
const DetectorDef kDetector = {"data_transfer", kEvents, create};

}  // namespace chargewarden::data_transfer
