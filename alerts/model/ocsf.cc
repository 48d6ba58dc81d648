#include "alerts/model/ocsf.h"

#include <algorithm>
#include <span>

#include "alerts/model/attack.h"
#include "alerts/model/digest.h"
#include "alerts/model/json_writer.h"
#include "alerts/model/limits.h"
#include "collector/base/digest.h"
#include "collector/base/ip_address.h"

namespace chargewarden {

namespace {

constexpr int kCategoryFindings = 2;
constexpr int kClassDetectionFinding = 2004;
constexpr int kStatusNew = 1;
constexpr int kAnalyticRule = 1;
constexpr int kObservableIp = 2;
constexpr int kObservableResource = 10;

constexpr std::int64_t kNsPerMs = 1'000'000;

// OCSF severity_id.
int severity_id(Level level) {
  return static_cast<int>(level) + 1;
}

std::string_view severity(Level level) {
  switch (level) {
    case Level::kInformational:
      return "Informational";
    case Level::kLow:
      return "Low";
    case Level::kMedium:
      return "Medium";
    case Level::kHigh:
      return "High";
    case Level::kCritical:
      return "Critical";
  }
  return "";
}

// Rounded down, also before 1970.
std::int64_t to_ms(std::int64_t time_ns) {
  const std::int64_t cut = time_ns / kNsPerMs;
  return time_ns % kNsPerMs < 0 ? cut - 1 : cut;
}

std::span<const std::string> first_of(const std::vector<std::string>& list) {
  return std::span(list).first(std::min(list.size(), kLabelsMax));
}

void write_metadata(JsonWriter& json, const Alert& alert, const Publisher& publisher) {
  json.begin_object("metadata");
  json.text("version", kOcsfVersion);
  json.text("uid", alert.uid);
  json.number("sequence", alert.sequence);
  json.begin_object("product");
  json.text("name", "Chargewarden");
  json.text("vendor_name", "Chargewarden");
  json.text_if("version", publisher.version);
  json.text("uid", "chargewarden");
  json.end_object();
  json.begin_list("labels");
  for (const std::string& tag : first_of(alert.finding.rule->tags)) json.text(clip(tag, kLabelMax));
  json.end_list();
  json.end_object();
}

void write_attack(JsonWriter& json, const AttackEntry& entry) {
  json.begin_object();
  switch (entry.kind) {
    case AttackKind::kTactic:
      json.begin_object("tactic");
      break;
    case AttackKind::kTechnique:
      json.begin_object("technique");
      break;
    case AttackKind::kSubTechnique:
      json.begin_object("sub_technique");
      break;
  }
  json.text_if("name", entry.name);
  json.text_if("uid", entry.uid);
  json.end_object();
  json.end_object();
}

void write_attacks(JsonWriter& json, const RuleInfo& rule) {
  bool any = false;
  for (const std::string& tag : first_of(rule.tags)) {
    const auto entry = attack_entry(tag);
    if (!entry) continue;
    if (!any) json.begin_list("attacks");
    any = true;
    write_attack(json, *entry);
  }
  if (any) json.end_list();
}

void write_finding_info(JsonWriter& json, const Alert& alert) {
  const RuleInfo& rule = *alert.finding.rule;
  json.begin_object("finding_info");
  json.text("uid", alert.finding_uid);
  json.text("title", clip(rule.title.empty() ? rule.name : rule.title, kTitleMax));
  json.text_if("desc", clip(rule.description, kProseMax));
  json.begin_object("analytic");
  json.number("type_id", kAnalyticRule);
  json.text("type", "Rule");
  json.text_if("uid", clip(rule.id, kNameMax));
  json.text("name", clip(rule.name, kNameMax));
  json.text_if("version", clip(rule.date, kNameMax));
  json.text_if("category", clip(rule.theme, kNameMax));
  json.end_object();
  write_attacks(json, rule);
  json.number("created_time", to_ms(alert.finding.time_ns));
  json.number("first_seen_time", to_ms(alert.finding.time_ns));
  json.number("last_seen_time", to_ms(alert.last_time_ns));
  json.end_object();
}

// An endpoint or observable that is not an address would break the schema; its text is still in
// `message` and in the event.
bool is_address(std::string_view text) {
  return !text.empty() && IpAddress::parse(text).has_value();
}

void write_endpoint(JsonWriter& json, std::string_view key, std::string_view ip,
                    std::uint16_t port) {
  if (!is_address(ip)) return;
  json.begin_object(key);
  json.text("ip", ip);
  if (port != 0) json.number("port", port);
  json.end_object();
}

void write_event(JsonWriter& json, const std::string& event_json) {
  if (event_json.empty()) return;
  if (event_json.size() <= kEventJsonMax) {
    json.raw("event", event_json);
    return;
  }
  json.begin_object("event_left_out");
  json.number("size_bytes", event_json.size());
  json.text("sha256", sha256_hex(event_json));
  json.end_object();
}

// Runs of packets of one input, in the order in which they were found.
void write_packets(JsonWriter& json, const PacketList& packets,
                   const std::vector<std::string>& inputs) {
  if (packets.empty()) return;
  json.begin_list("packets");
  std::uint64_t named = 0;
  for (std::size_t i = 0; i < packets.size();) {
    const std::uint16_t input = packets[i].input();
    const bool known = input < inputs.size();
    if (known) {
      json.begin_object();
      json.text("source", clip(inputs[input], kInputNameMax));
      json.begin_list("numbers");
    }
    for (; i < packets.size() && packets[i].input() == input; ++i) {
      if (!known) continue;
      json.number(packets[i].number());
      ++named;
    }
    if (known) {
      json.end_list();
      json.end_object();
    }
  }
  json.end_list();
  if (named < packets.count()) json.number("packets_left_out", packets.count() - named);
}

void write_evidences(JsonWriter& json, const Alert& alert, const std::vector<std::string>& inputs) {
  const Finding& finding = alert.finding;
  const OriginParts first = parse_origin(finding.origin);
  const OriginParts last = parse_origin(alert.last_origin);
  json.begin_list("evidences");
  json.begin_object();
  write_endpoint(json, "src_endpoint", finding.source_ip, finding.source_port);
  write_endpoint(json, "dst_endpoint", finding.destination_ip, finding.destination_port);
  json.begin_object("data");
  json.text("source_kind", first.kind == "log" ? "log" : "wire");
  json.text("source", clip(first.source, kNameMax));
  const bool log = first.kind == "log";
  json.number(log ? "first_line" : "first_packet", first.number);
  // Packet numbers count within one file: the last one may stand in another.
  if (last.source != first.source) json.text("last_source", clip(last.source, kNameMax));
  json.number(last.kind == "log" ? "last_line" : "last_packet", last.number);
  json.text("time", to_rfc3339(finding.time_ns));
  json.text("last_time", to_rfc3339(alert.last_time_ns));
  write_packets(json, finding.packets, inputs);
  json.text_if("evidence_file", clip(alert.evidence_file, kNameMax));
  if (alert.audit_index) json.number("audit_index", *alert.audit_index);
  write_event(json, finding.event_json);
  json.end_object();
  json.end_object();
  json.end_list();
}

void write_observable(JsonWriter& json, std::string_view name, std::string_view type, int type_id,
                      std::string_view value) {
  json.begin_object();
  json.text("name", name);
  json.text("type", type);
  json.number("type_id", type_id);
  json.text("value", value);
  json.end_object();
}

void write_observables(JsonWriter& json, const Finding& finding) {
  json.begin_list("observables");
  if (!finding.station_id.empty()) {
    write_observable(json, "resources[].uid", "Resource UID", kObservableResource,
                     clip(finding.station_id, kNameMax));
  }
  if (is_address(finding.source_ip)) {
    write_observable(json, "evidences[].src_endpoint.ip", "IP Address", kObservableIp,
                     finding.source_ip);
  }
  if (is_address(finding.destination_ip)) {
    write_observable(json, "evidences[].dst_endpoint.ip", "IP Address", kObservableIp,
                     finding.destination_ip);
  }
  json.end_list();
}

void write_resources(JsonWriter& json, const Finding& finding) {
  if (finding.station_id.empty()) return;
  json.begin_list("resources");
  json.begin_object();
  json.text("uid", clip(finding.station_id, kNameMax));
  json.text("type", "EVSE");
  json.end_object();
  json.end_list();
}

void write_remediation(JsonWriter& json, const RuleInfo& rule) {
  if (rule.response.empty()) return;
  json.begin_object("remediation");
  json.text("desc", clip(rule.response, kProseMax));
  json.end_object();
}

void write_unmapped(JsonWriter& json, const Alert& alert, const Publisher& publisher) {
  const Finding& finding = alert.finding;
  json.begin_object("unmapped");
  json.text("level", to_string(finding.rule->level));
  json.text_if("rule_hash", clip(finding.rule->hash, kNameMax));
  json.text_if("ruleset_hash", clip(publisher.ruleset_hash, kNameMax));
  json.text_if("event_name", clip(finding.event_name, kNameMax));
  json.text_if("flow_id", clip(finding.flow_id, kNameMax));
  json.text_if("response", clip(finding.rule->response, kProseMax));
  json.end_object();
}

void write_alert(JsonWriter& json, const Alert& alert, const Publisher& publisher) {
  const Level level = alert.finding.rule->level;
  const int activity = static_cast<int>(alert.activity);
  json.begin_object();
  json.number("class_uid", kClassDetectionFinding);
  json.text("class_name", "Detection Finding");
  json.number("category_uid", kCategoryFindings);
  json.text("category_name", "Findings");
  json.number("activity_id", activity);
  json.text("activity_name", alert.activity == Activity::kCreate ? "Create" : "Update");
  json.number("type_uid", kClassDetectionFinding * 100 + activity);
  json.number("severity_id", severity_id(level));
  json.text("severity", severity(level));
  json.number("status_id", kStatusNew);
  json.text("status", "New");
  json.number("time", to_ms(alert.last_time_ns));
  json.number("start_time", to_ms(alert.finding.time_ns));
  json.number("end_time", to_ms(alert.last_time_ns));
  json.number("count", alert.count);
  json.text("message", sentence_of(alert));
  write_metadata(json, alert, publisher);
  write_finding_info(json, alert);
  write_resources(json, alert.finding);
  write_evidences(json, alert, publisher.inputs);
  write_observables(json, alert.finding);
  write_remediation(json, *alert.finding.rule);
  write_unmapped(json, alert, publisher);
  json.end_object();
}

}  // namespace

void render_ocsf(const Alert& alert, const Publisher& publisher, std::string& out) {
  JsonWriter json(out);
  write_alert(json, alert, publisher);
}

}  // namespace chargewarden
