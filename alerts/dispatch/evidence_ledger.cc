#include "alerts/dispatch/evidence_ledger.h"

namespace chargewarden {

std::string EvidenceLedger::file_of(std::string_view finding_uid) {
  return std::string(finding_uid) + ".pcap";
}

EvidenceLedger::AlertNumber EvidenceLedger::begin(const std::string& finding_uid) {
  if (entries_.size() >= limits_.alerts) {
    ++alerts_left_out_;
    return kNone;
  }
  entries_.push_back({finding_uid, {}, 0});
  latest_.emplace_back();
  return static_cast<AlertNumber>(entries_.size());
}

void EvidenceLedger::add(AlertNumber alert, PacketRef packet) {
  if (alert == kNone) return;
  Entry& entry = entries_[alert - 1];
  PacketRef& latest = latest_[alert - 1];
  if (entry.added > 0 && latest == packet) return;
  latest = packet;
  const std::uint64_t ordinal = entry.added++;
  if (ordinal >= kEvidenceFirstMax + kEvidenceLastMax) {
    // Takes the place of the oldest of the latest.
    ++packets_left_out_;
    const auto slot = (ordinal - kEvidenceFirstMax) % kEvidenceLastMax;
    if (entry.packets.size() == kEvidenceFirstMax + kEvidenceLastMax) {
      entry.packets[kEvidenceFirstMax + slot] = packet;
    }
  } else if (packets_ >= limits_.packets) {
    ++packets_left_out_;
  } else {
    entry.packets.push_back(packet);
    ++packets_;
  }
}

}  // namespace chargewarden
