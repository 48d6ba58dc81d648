#include "analyzer/app/commands/correlation_finding.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "collector/base/text.h"
#include "rules/lang/correlation_parser.h"

namespace chargewarden {

namespace {

constexpr std::int64_t kNsPerS = 1'000'000'000;

void append_member(std::string& out, std::string_view name, std::string_view json) {
  out += out.empty() ? '{' : ',';
  append_json_string(out, name);
  out += ':';
  out += json;
}

void append_text(std::string& out, std::string_view name, std::string_view text) {
  std::string json;
  append_json_string(json, text);
  append_member(out, name, json);
}

std::string event_json(const CorrelationDef& def, const CorrelationHit& hit,
                       const std::vector<std::string>& origins) {
  std::string out;
  append_text(out, "event.category", "correlation");
  append_text(out, "event.name", fmt::format("correlation.{}", to_string(def.type)));
  append_text(out, "event.time", to_rfc3339(hit.time_ns));
  append_text(out, "event.origin", origins.empty() ? std::string_view() : origins.back());
  for (std::size_t i = 0; i < hit.group.size(); ++i) {
    append_text(out, def.group_by[i], hit.group[i]);
  }
  append_member(out, "correlation.value", fmt::format("{}", hit.value));
  append_member(out, "correlation.matches", fmt::format("{}", hit.matches));
  append_text(out, "correlation.first_time", to_rfc3339(hit.first_ns));
  append_member(out, "correlation.timespan_s", fmt::format("{}", def.timespan_ns / kNsPerS));
  std::string list;
  for (const std::string& origin : origins) {
    list += list.empty() ? '[' : ',';
    append_json_string(list, origin);
  }
  append_member(out, "correlation.origins", list.empty() ? "[]" : list + "]");
  return out + "}";
}

// The value of a member of the group; empty when it is none.
std::string_view member(const CorrelationDef& def, const CorrelationHit& hit,
                        std::string_view name) {
  for (std::size_t i = 0; i < hit.group.size(); ++i) {
    if (def.group_by[i] == name) return hit.group[i];
  }
  return {};
}

}  // namespace

std::string group_text(const CorrelationDef& def, const CorrelationHit& hit) {
  std::string out;
  for (std::size_t i = 0; i < hit.group.size(); ++i) {
    if (!out.empty()) out += ", ";
    out += def.group_by[i];
    out += ' ';
    out += hit.group[i];
  }
  return out.empty() ? "all events" : out;
}

Finding correlation_finding(const CorrelationDef& def, const RuleInfo& rule,
                            const CorrelationHit& hit, std::span<const PacketRef> packets,
                            const std::vector<std::string>& origins) {
  Finding out;
  out.rule = &rule;
  out.time_ns = hit.time_ns;
  out.station_id = member(def, hit, "station.id");
  out.source_ip = member(def, hit, "source.ip");
  out.destination_ip = member(def, hit, "destination.ip");
  out.event_name = fmt::format("correlation.{}", to_string(def.type));
  if (!origins.empty()) out.origin = origins.back();
  for (const PacketRef packet : packets) out.packets.add(packet);
  out.group = group_text(def, hit);
  out.event_json = event_json(def, hit, origins);
  return out;
}

}  // namespace chargewarden
