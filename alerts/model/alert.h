#pragma once
// Alert: one message about a finding, as it is published and kept.
//
// Repeats of a finding are folded (alerts/dispatch/alert_folder.h): the first is published as
// Create, later ones as Update with the same finding_uid. Owns its data; moved from the folder to
// the dispatcher, then read only. Every time is event time, nanoseconds since 1970-01-01 UTC.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "alerts/model/finding.h"

namespace chargewarden {

// OCSF activity_id of class 2004.
enum class Activity : std::uint8_t { kCreate = 1, kUpdate = 2 };

struct Alert {
  Activity activity = Activity::kCreate;
  // The first of the group. An Update has no event_json: its Create has it; its packets are those
  // of the group so far.
  Finding finding;
  std::int64_t last_time_ns = 0;  // Latest event time of the group.
  std::string last_origin;        // Origin of the latest finding, written as Finding::origin.
  std::uint64_t count = 1;        // Findings so far, this one included.

  std::string evidence_file;  // Name of the file with its packets; empty when there is none.

  // Stable names: the same input gives the same names on every replay.
  std::string finding_uid;  // Of the group.
  std::string uid;          // Of this message.

  std::uint64_t sequence = 0;                // Ordinal of the message in this run, from 1.
  std::optional<std::uint64_t> audit_index;  // Its record in the audit trail, if there is one.
};

// Name of the group that starts with this finding: from rule id, station, addresses or the group of
// a correlation, time and origin.
std::string finding_uid_of(const Finding& first);

// Name of the message that reports `count` findings of the group.
std::string message_uid_of(std::string_view finding_uid, Activity activity, std::uint64_t count);

// Where a finding was seen, taken from Finding::origin: `wire:<file>#<packet>` or `log:<file>#<n>`.
// Views into the text; number is 0 and source the whole text when it has another form.
struct OriginParts {
  std::string_view kind;
  std::string_view source;
  std::uint64_t number = 0;
};

OriginParts parse_origin(std::string_view origin) noexcept;

// One sentence for people: what, on which station, from whom to whom, how often.
std::string sentence_of(const Alert& alert);

}  // namespace chargewarden
