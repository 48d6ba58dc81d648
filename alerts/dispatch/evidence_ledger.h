#pragma once
// EvidenceLedger: which packets led to each alert, for those who want to see them.
//
// An alert itself names a few (alerts/model/packet_list.h); here is what a file of its packets
// shall hold. The folder enters alerts and packets while they come; afterwards somebody reads the
// ledger and fetches the packets. One thread.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "alerts/model/packet_list.h"

namespace chargewarden {

// Packets that are kept of one alert, the first and the latest: hours of a slow attack, and of a
// flood its begin and its end. Test: evidence_ledger_test.cc "of an alert the first packets".
inline constexpr std::size_t kEvidenceFirstMax = 500;
inline constexpr std::size_t kEvidenceLastMax = 500;  // Test: as above.

// Alerts that are entered: each becomes a file, and a folder with more is a burden. Test:
// evidence_ledger_test.cc "beyond the limits nothing is entered".
inline constexpr std::size_t kEvidenceAlertsMax = 100'000;

// Packets of all alerts together, 8 bytes each: 64 MB with room to grow. Test: as above.
inline constexpr std::size_t kEvidencePacketsMax = 4'000'000;

struct EvidenceLimits {
  std::size_t alerts = kEvidenceAlertsMax;
  std::size_t packets = kEvidencePacketsMax;
};

class EvidenceLedger {
 public:
  // Handle of an alert; none for an alert beyond the limit.
  using AlertNumber = std::uint32_t;
  static constexpr AlertNumber kNone = 0;

  struct Entry {
    std::string finding_uid;
    std::vector<PacketRef> packets;  // The first, then a ring of the latest: in no useful order.
    std::uint64_t added = 0;         // Packets in all.
  };

  explicit EvidenceLedger(const EvidenceLimits& limits = {}) : limits_(limits) {}

  // The name of the file that an alert's packets belong into.
  static std::string file_of(std::string_view finding_uid);

  AlertNumber begin(const std::string& finding_uid);

  // Nothing for kNone. The packet that was added last is not added again.
  void add(AlertNumber alert, PacketRef packet);

  [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }

  // Alerts that were not entered.
  [[nodiscard]] std::uint64_t alerts_left_out() const noexcept { return alerts_left_out_; }

  // Packets of entered alerts that were not kept.
  [[nodiscard]] std::uint64_t packets_left_out() const noexcept { return packets_left_out_; }

 private:
  EvidenceLimits limits_;
  std::vector<Entry> entries_;
  std::vector<PacketRef> latest_;  // By entry: what was added last.
  std::size_t packets_ = 0;
  std::uint64_t alerts_left_out_ = 0;
  std::uint64_t packets_left_out_ = 0;
};

}  // namespace chargewarden
