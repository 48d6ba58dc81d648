#pragma once
// Record: one entry of the audit trail, before it has been written.
//
// `body` is the exact text that is kept, hashed and shown: one JSON object that also names the
// record's index. The other members repeat parts of it for queries.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "alerts/model/alert.h"

namespace chargewarden {

enum class RecordKind : std::uint8_t {
  kAlert,   // A message about a finding, as published.
  kAction,  // Who commanded what on which charger, with what outcome.
  kSensor,  // The sensor's own life.
};

// "alert", "action", "sensor".
std::string_view to_string(RecordKind kind);
std::optional<RecordKind> parse_record_kind(std::string_view text);

struct Record {
  RecordKind kind = RecordKind::kAlert;
  std::int64_t time_ns = 0;  // Event time.
  std::optional<Level> level;
  std::string station;  // These four are empty when there is none.
  std::string rule;
  std::string action;
  std::string outcome;
  std::string body;
};

// A security-relevant OCPP message. Views: valid during the call that takes it. Redacted already.
struct ActionRecord {
  std::int64_t time_ns = 0;
  std::string_view station;
  std::string_view direction;  // station_to_csms or csms_to_station.
  std::string_view action;     // Such as UpdateFirmware.
  std::string_view outcome;    // Such as Accepted; empty while there is no answer.
  std::string_view source_ip;
  std::string_view destination_ip;
  std::string_view origin;       // wire:<file>#<packet> or log:<file>#<line>.
  std::string_view fields_json;  // One JSON object with what else is known; may be empty.
};

// Most pairs of an OCPP version and an action that a stop record names: three versions with all
// that a backend commonly uses. The messages of others are counted together. With kInputsMax inputs
// they fit a record. Test: record_test.cc "a stop record tells what was observed, within limits".
inline constexpr std::size_t kObservedMessagesMax = 128;

// Longest details of a sensor record, bytes: what inputs and observations leave of a record.
// Test: record_test.cc "a record never exceeds the size of a log entry".
inline constexpr std::size_t kDetailsMax = 10'240;

// How many messages of an action were seen.
struct ObservedMessages {
  std::string_view version;  // As ocpp.version; "unknown" when nobody could tell.
  std::string_view action;
  std::vector<std::pair<std::string_view, std::uint64_t>> types;  // As ocpp.type.
};

// What a run has seen, so that the silence of a rule can be judged later.
struct Observation {
  std::vector<std::pair<std::string_view, std::uint64_t>> events;  // By event.name.
  std::vector<ObservedMessages> messages;
  std::uint64_t unknown_action_messages = 0;  // Of actions that no OCPP version has.
  std::uint64_t encrypted_connections = 0;    // TLS without keys.
};

// Start or stop of the sensor, or a change of its rules.
struct SensorRecord {
  std::int64_t time_ns = 0;  // Event time for a replay, wall clock for a daemon.
  std::string_view action;   // "start", "stop" or "rules".
  // Of a stop: "ok", "interrupted", "incomplete" or "failed". Of rules: "loaded" or "refused".
  std::string_view outcome;
  std::string_view version;  // Of Chargewarden.
  std::string_view ruleset_hash;
  std::vector<std::string> inputs;           // Files or interfaces.
  std::optional<Observation> observed = {};  // Of a stop.
  std::string_view details_json = {};        // One JSON object with what else is known.
};

// The record with this index. The body has at most kAlertMax bytes: fields_json beyond
// kEventJsonMax and details_json beyond kDetailsMax are replaced by their size and SHA-256, and of
// very many inputs the first are named.
Record make_record(const ActionRecord& action, std::uint64_t index);
Record make_record(const SensorRecord& sensor, std::uint64_t index);
Record make_record(const Alert& alert, std::string_view ocsf_json);

// A text as it stands in a column: at most kNameMax bytes, valid UTF-8, without zero bytes. Filters
// compare with the same form.
std::string column_text(std::string_view text);

}  // namespace chargewarden
