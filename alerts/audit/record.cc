#include "alerts/audit/record.h"

#include <algorithm>
#include <span>
#include <tuple>

#include "alerts/model/digest.h"
#include "alerts/model/json_writer.h"
#include "alerts/model/limits.h"
#include "collector/base/digest.h"

namespace chargewarden {

namespace {

// Inputs that a sensor record names; with kNameMax bytes each they fit a record beside its details.
// Test: record_test.cc "a record never exceeds the size of a log entry".
constexpr std::size_t kInputsMax = 96;

// Longest name of an event, a version, an action or a type, bytes: they come from tables of ours.
constexpr std::size_t kObservedNameMax = 64;

constexpr std::string_view kReplacement = "\xef\xbf\xbd";

// An object that was made elsewhere; when it is too long, what it was.
void write_object(JsonWriter& json, std::string_view name, std::string_view name_left_out,
                  std::string_view object, std::size_t max) {
  if (object.size() > max) {
    json.begin_object(name_left_out);
    json.text("sha256", sha256_hex(object));
    json.number("size_bytes", object.size());
    json.end_object();
  } else if (!object.empty()) {
    json.raw(name, object);
  }
}

using Counts = std::vector<std::pair<std::string_view, std::uint64_t>>;

void add_counts(JsonWriter& json, std::string_view key, Counts counts) {
  std::sort(counts.begin(), counts.end());
  json.begin_object(clip(key, kObservedNameMax));
  for (const auto& [name, count] : counts) json.number(clip(name, kObservedNameMax), count);
  json.end_object();
}

void add_messages(JsonWriter& json, std::span<const ObservedMessages> messages) {
  json.begin_object("messages");
  std::string_view version;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (i == 0 || messages[i].version != version) {
      if (i > 0) json.end_object();
      version = messages[i].version;
      json.begin_object(clip(version, kObservedNameMax));
    }
    add_counts(json, messages[i].action, messages[i].types);
  }
  if (!messages.empty()) json.end_object();
  json.end_object();
}

void add_observation(JsonWriter& json, const Observation& observed) {
  std::vector<ObservedMessages> messages = observed.messages;
  std::sort(messages.begin(), messages.end(), [](const auto& a, const auto& b) {
    return std::tie(a.version, a.action) < std::tie(b.version, b.action);
  });
  const std::size_t named = std::min(messages.size(), kObservedMessagesMax);
  std::uint64_t others = 0;
  for (std::size_t i = named; i < messages.size(); ++i) {
    for (const auto& [type, count] : messages[i].types) others += count;
  }
  json.begin_object("observed");
  json.number("encrypted_connections", observed.encrypted_connections);
  add_counts(json, "events", observed.events);
  add_messages(json, std::span<const ObservedMessages>(messages).first(named));
  json.number("other_messages", others);
  json.number("unknown_action_messages", observed.unknown_action_messages);
  json.end_object();
}

}  // namespace

std::string_view to_string(RecordKind kind) {
  switch (kind) {
    case RecordKind::kAlert:
      return "alert";
    case RecordKind::kAction:
      return "action";
    case RecordKind::kSensor:
      return "sensor";
  }
  return "";
}

std::optional<RecordKind> parse_record_kind(std::string_view text) {
  for (const RecordKind kind : {RecordKind::kAlert, RecordKind::kAction, RecordKind::kSensor}) {
    if (text == to_string(kind)) return kind;
  }
  return std::nullopt;
}

std::string column_text(std::string_view text) {
  const std::string_view part = clip(text, kNameMax);
  std::string out;
  if (is_valid_utf8(part)) {
    out = part;
  } else {
    for (const char c : part) {
      if (static_cast<unsigned char>(c) < 0x80) {
        out += c;
      } else {
        out += kReplacement;
      }
    }
  }
  std::replace(out.begin(), out.end(), '\0', ' ');
  return out;
}

// Members of our own bodies stand in the order of RFC 8785: by name.
Record make_record(const ActionRecord& action, std::uint64_t index) {
  Record record;
  record.kind = RecordKind::kAction;
  record.time_ns = action.time_ns;
  record.station = column_text(action.station);
  record.action = column_text(action.action);
  record.outcome = column_text(action.outcome);
  JsonWriter json(record.body);
  json.begin_object();
  json.text("action", clip(action.action, kNameMax));
  json.text_if("destination_ip", clip(action.destination_ip, kNameMax));
  json.text_if("direction", clip(action.direction, kNameMax));
  write_object(json, "fields", "fields_left_out", action.fields_json, kEventJsonMax);
  json.number("index", index);
  json.text("kind", to_string(record.kind));
  json.text_if("origin", clip(action.origin, kNameMax));
  json.text_if("outcome", clip(action.outcome, kNameMax));
  json.text_if("source_ip", clip(action.source_ip, kNameMax));
  json.text_if("station", clip(action.station, kNameMax));
  json.text("time", to_rfc3339(action.time_ns));
  json.end_object();
  return record;
}

Record make_record(const SensorRecord& sensor, std::uint64_t index) {
  Record record;
  record.kind = RecordKind::kSensor;
  record.time_ns = sensor.time_ns;
  record.action = column_text(sensor.action);
  record.outcome = column_text(sensor.outcome);
  JsonWriter json(record.body);
  json.begin_object();
  json.text("action", clip(sensor.action, kNameMax));
  write_object(json, "details", "details_left_out", sensor.details_json, kDetailsMax);
  json.number("index", index);
  json.number("input_count", sensor.inputs.size());
  json.begin_list("inputs");
  const std::size_t named = std::min(sensor.inputs.size(), kInputsMax);
  for (std::size_t i = 0; i < named; ++i) json.text(clip(sensor.inputs[i], kNameMax));
  json.end_list();
  json.text("kind", to_string(record.kind));
  if (sensor.observed) add_observation(json, *sensor.observed);
  json.text_if("outcome", clip(sensor.outcome, kNameMax));
  json.text_if("ruleset_hash", clip(sensor.ruleset_hash, kNameMax));
  json.text("time", to_rfc3339(sensor.time_ns));
  json.text_if("version", clip(sensor.version, kNameMax));
  json.end_object();
  return record;
}

Record make_record(const Alert& alert, std::string_view ocsf_json) {
  Record record;
  record.kind = RecordKind::kAlert;
  record.time_ns = alert.last_time_ns;
  record.level = alert.finding.rule->level;
  record.station = column_text(alert.finding.station_id);
  record.rule = column_text(alert.finding.rule->name);
  record.action = alert.activity == Activity::kCreate ? "create" : "update";
  record.body = ocsf_json;
  return record;
}

}  // namespace chargewarden
