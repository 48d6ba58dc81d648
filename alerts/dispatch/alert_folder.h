#pragma once
// AlertFolder: turns findings into alerts and folds their repeats.
//
// Findings of one rule on one station are a group; where an event names no station, of one rule
// between one source and one destination address. Findings of a correlation with one Finding::group
// are a group. The first finding raises a Create. Later ones are
// counted, and reported by an Update when at least kUpdatePeriodNs of event time has passed since
// the group's last message, and at the end. Rules about lasting conditions (RuleInfo::posture)
// raise a Create only.
//
// Hot path: touch() for each match, without a Finding; it allocates nothing for a repeat. Only when
// it asks for it, the caller builds the Finding and calls create():
//
//   if (folder.touch(rule, station, source_ip, destination_ip, time_ns, origin)) {
//     folder.create(make_finding(...));
//   }
//
// One thread. The rules must outlive the folder, or be cleared with finish(). Deterministic: the
// alerts depend on the calls alone.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "alerts/dispatch/evidence_ledger.h"
#include "alerts/model/alert.h"
#include "collector/base/siphash.h"
#include "collector/event/event.h"

namespace chargewarden {

// Event time between two messages of a group, at least. Test: alert_folder_test.cc "an update comes
// after a minute and not before".
inline constexpr std::int64_t kUpdatePeriodNs = 60'000'000'000;

// Groups that are remembered: two or three lasting conditions on each of 100,000 stations, below
// 250 MB when full. Beyond it the group whose last finding is oldest is closed with its last
// Update and forgotten, so that its next finding is a Create again. Test: alert_folder_test.cc
// "beyond the limit the stalest group is closed".
inline constexpr std::size_t kGroupsMax = 262'144;

// Longest station id or address that tells groups apart, bytes; longer ones fold by this start of
// them. Test: alert_folder_test.cc "names without end share a group by their start".
inline constexpr std::size_t kGroupNameMax = 256;

// Takes alerts in order; called on the thread of the folder. uid and finding_uid are set, sequence
// and audit_index are not.
class AlertOut {
 public:
  virtual ~AlertOut() = default;
  virtual void on_alert(Alert alert) = 0;
};

struct FolderCounters {
  std::uint64_t findings = 0;  // All.
  std::uint64_t creates = 0;
  std::uint64_t updates = 0;
  std::uint64_t evicted_groups = 0;
};

class AlertFolder {
 public:
  // `hash_key` guards the table against prepared names; it does not change any alert. `evidence`
  // may be null; else it outlives the folder and learns the packets of each alert that has some,
  // and alerts name their file.
  explicit AlertFolder(AlertOut& out, std::size_t groups_max = kGroupsMax,
                       const HashKey& hash_key = {}, EvidenceLedger* evidence = nullptr);
  ~AlertFolder();
  AlertFolder(const AlertFolder&) = delete;
  AlertFolder& operator=(const AlertFolder&) = delete;

  // Counts a match. True when its group is new: create() with its Finding must follow before the
  // next touch(). Names beyond kGroupNameMax are cut. `packets` are those of this match.
  [[nodiscard]] bool touch(const RuleInfo& rule, std::string_view station,
                           std::string_view source_ip, std::string_view destination_ip,
                           std::int64_t time_ns, const Origin& origin, std::string_view group = {},
                           std::span<const PacketRef> packets = {});

  // The Finding that touch() asked for, and its packets, which are added to those that it names.
  void create(Finding finding, std::span<const PacketRef> packets = {});

  // touch() and create() in one, for callers that have a Finding anyway. Its packets are those that
  // it names.
  void on_finding(Finding finding);

  // An Update for each group with repeats that were not reported, by first time, rule name, station
  // and addresses; then all groups are forgotten.
  void finish();

  [[nodiscard]] const FolderCounters& counters() const noexcept { return counters_; }

 private:
  struct Group;
  struct Table;

  void repeat(Group& group, std::int64_t time_ns, const Origin& origin,
              std::span<const PacketRef> packets);
  void report(const Group& group);
  void begin_evidence(Group& group, Alert& alert, std::span<const PacketRef> packets);
  void evict_stalest();
  std::uint32_t source_number(const Origin& origin);

  AlertOut& out_;
  EvidenceLedger* evidence_;
  std::size_t groups_max_;
  std::unique_ptr<Table> table_;
  Group* created_ = nullptr;  // Waits for create().
  FolderCounters counters_;
};

}  // namespace chargewarden
