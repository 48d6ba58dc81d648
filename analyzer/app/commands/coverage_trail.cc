#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "alerts/audit/audit_reader.h"
#include "alerts/model/text_form.h"
#include "analyzer/app/commands/coverage_report.h"
#include "collector/event/defs/ocpp_events.h"

namespace chargewarden {

namespace {

using nlohmann::json;

// Deepest nesting of our own records that is looked into; a trail may have been tampered with.
constexpr int kBodyDepthMax = 16;

// Names of foreign rules that a note gives.
constexpr std::size_t kForeignNamedMax = 3;

json parse_body(std::string_view body) {
  bool too_deep = false;
  const auto keep = [&too_deep](int depth, json::parse_event_t /*event*/, json& /*parsed*/) {
    too_deep = too_deep || depth > kBodyDepthMax;
    return !too_deep;
  };
  json out = json::parse(body, keep, false);
  return too_deep || !out.is_object() ? json::object() : out;
}

// The member, or null when it is missing or this is no object.
const json& member(const json& object, const char* key) {
  static const json kNone;
  if (!object.is_object()) return kNone;
  const auto found = object.find(key);
  return found == object.end() ? kNone : *found;
}

std::uint64_t count_of(const json& value) {
  return value.is_number_unsigned() ? value.get<std::uint64_t>() : 0;
}

std::string text_of(const json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

class TrailReader {
 public:
  explicit TrailReader(const RuleSet& rules) : rules_(rules) {
    out_.fired.resize(rules.size());
    for (std::uint32_t i = 0; i < rules.size(); ++i) {
      const RuleInfo& info = rules.info(i);
      if (!info.name.empty()) by_name_.emplace(info.name, i);
      if (!info.id.empty()) by_id_.emplace(info.id, i);
    }
  }

  Expected<Sightings> run(const std::string& folder) {
    auto reader = AuditReader::open(folder);
    if (!reader) return reader.error();
    AuditFilter alerts;
    alerts.kind = RecordKind::kAlert;
    const auto read_alerts = reader->query(alerts, [this](const StoredRecord& record) {
      add_alert(record);
      return true;
    });
    if (!read_alerts) return read_alerts.error();
    AuditFilter sensor;
    sensor.kind = RecordKind::kSensor;
    const auto read_sensor = reader->query(sensor, [this](const StoredRecord& record) {
      add_sensor(record);
      return true;
    });
    if (!read_sensor) return read_sensor.error();
    add_notes();
    return std::move(out_);
  }

 private:
  // The column holds the rule's name; a rule without one is known by its id in the alert.
  std::optional<std::uint32_t> rule_of(const StoredRecord& record, std::string& label) const {
    if (!record.rule.empty()) {
      label = record.rule;
      const auto found = by_name_.find(label);
      if (found != by_name_.end()) return found->second;
      return std::nullopt;
    }
    const json body = parse_body(record.body);
    label = text_of(member(member(member(body, "finding_info"), "analytic"), "uid"));
    const auto found = by_id_.find(label);
    if (found != by_id_.end()) return found->second;
    return std::nullopt;
  }

  void add_alert(const StoredRecord& record) {
    std::string label;
    const auto rule = rule_of(record, label);
    if (!rule) {
      foreign_.insert(label);
      return;
    }
    Firing& firing = out_.fired[*rule];
    if (record.action == "create" || firing.count == 0) {
      if (firing.count++ == 0) firing.first_ns = firing.last_ns = record.time_ns;
    }
    firing.first_ns = std::min(firing.first_ns, record.time_ns);
    firing.last_ns = std::max(firing.last_ns, record.time_ns);
  }

  void add_sensor(const StoredRecord& record) {
    const json body = parse_body(record.body);
    if (record.action == "start") {
      ++runs_;
      if (open_) ++unclean_;
      open_ = true;
      return;
    }
    if (record.action != "stop") return;
    open_ = false;
    if (text_of(member(body, "ruleset_hash")) != rules_.hash()) ++other_rules_;
    const json& observed = member(body, "observed");
    if (!observed.is_object()) {
      ++uncounted_;
      return;
    }
    ++counted_;
    add_observation(observed);
  }

  void add_observation(const json& observed) {
    const std::size_t message = event_index(ocpp::kMessage);
    out_.encrypted_connections += count_of(member(observed, "encrypted_connections"));
    const json& events = member(observed, "events");
    for (const auto& [name, count] : events.items()) {
      const EventDef* def = find_event(name);
      // Of messages more is known than their number.
      if (def == nullptr || def == &ocpp::kMessage) continue;
      const std::size_t event = event_index(*def);
      if (def->payload == Payload::kOcpp) {
        out_.observed.add_unsorted(event, count_of(count));
      } else {
        out_.observed.add(event, ocpp::kUnknownAction, MessageType::kOther, count_of(count));
      }
    }
    for (const auto& [version, actions] : member(observed, "messages").items()) {
      for (const auto& [action, types] : actions.items()) {
        for (const auto& [type, count] : types.items()) {
          out_.observed.add(message, ocpp::action_id(action), message_type(type), count_of(count));
        }
      }
    }
    out_.observed.add(message, ocpp::kUnknownAction, MessageType::kCall,
                      count_of(member(observed, "unknown_action_messages")));
    const std::uint64_t others = count_of(member(observed, "other_messages"));
    out_.observed.add_unsorted(message, others);
    uncounted_messages_ += others;
  }

  void add_notes() {
    out_.counted = counted_ > 0;
    auto& notes = out_.notes;
    const auto say = [&notes](std::uint64_t count, std::string_view one, std::string_view many) {
      if (count > 0) notes.push_back(fmt::format("{} {}", count, count == 1 ? one : many));
    };
    say(runs_, "run is in the trail", "runs are in the trail");
    say(unclean_ + (open_ ? 1 : 0), "run began and has no stop: it was killed, or still goes on",
        "runs began and have no stop: they were killed, or one still goes on");
    say(uncounted_, "run did not keep what it saw: it was made by an earlier version",
        "runs did not keep what they saw: they were made by an earlier version");
    say(other_rules_,
        "run was made with other rules: what only the present ones look for was not counted",
        "runs were made with other rules: what only the present ones look for was not counted");
    say(uncounted_messages_, "message was counted without its action",
        "messages were counted without their action");
    say(out_.encrypted_connections, "connection was encrypted (TLS without keys)",
        "connections were encrypted (TLS without keys)");
    if (!foreign_.empty()) {
      std::vector<std::string> named(
          foreign_.begin(), std::next(foreign_.begin(), static_cast<std::ptrdiff_t>(std::min(
                                                            foreign_.size(), kForeignNamedMax))));
      const bool one = foreign_.size() == 1;
      notes.push_back(fmt::format("the trail holds alerts of {} rule{} not loaded: {}{}",
                                  foreign_.size(), one ? " that is" : "s that are",
                                  fmt::join(named, ", "),
                                  foreign_.size() > named.size() ? ", ..." : ""));
    }
    notes.emplace_back(
        "a trail does not keep which fields occurred: what could fire may lack one all the same");
  }

  const RuleSet& rules_;
  Sightings out_;
  std::unordered_map<std::string, std::uint32_t> by_name_;
  std::unordered_map<std::string, std::uint32_t> by_id_;
  std::set<std::string> foreign_;
  std::uint64_t runs_ = 0;
  std::uint64_t unclean_ = 0;
  std::uint64_t counted_ = 0;
  std::uint64_t uncounted_ = 0;
  std::uint64_t other_rules_ = 0;
  std::uint64_t uncounted_messages_ = 0;
  bool open_ = false;
};

}  // namespace

Expected<Sightings> read_trail(const std::string& folder, const RuleSet& rules) {
  return TrailReader(rules).run(folder);
}

}  // namespace chargewarden
