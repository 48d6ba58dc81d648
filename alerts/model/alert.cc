#include "alerts/model/alert.h"

#include <charconv>

#include <fmt/format.h>

#include "alerts/model/digest.h"
#include "alerts/model/limits.h"
#include "collector/base/text.h"

namespace chargewarden {

std::string finding_uid_of(const Finding& first) {
  const std::string time = std::to_string(first.time_ns);
  const std::string_view rule = first.rule->id.empty() ? std::string_view(first.rule->name)
                                                       : std::string_view(first.rule->id);
  const std::string_view station = first.station_id;
  if (!first.group.empty()) {
    return fingerprint({"finding", rule, station, first.group, time, first.origin});
  }
  return fingerprint(
      {"finding", rule, station, first.source_ip, first.destination_ip, time, first.origin});
}

std::string message_uid_of(std::string_view finding_uid, Activity activity, std::uint64_t count) {
  const std::string number = std::to_string(count);
  return fingerprint(
      {"message", finding_uid, activity == Activity::kCreate ? "create" : "update", number});
}

OriginParts parse_origin(std::string_view origin) noexcept {
  OriginParts parts;
  parts.source = origin;
  const auto colon = origin.find(':');
  const auto hash = origin.rfind('#');
  if (colon == std::string_view::npos || hash == std::string_view::npos || hash < colon) {
    return parts;
  }
  const std::string_view digits = origin.substr(hash + 1);
  std::uint64_t number = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (digits.empty() || result.ec != std::errc{} || result.ptr != digits.data() + digits.size()) {
    return parts;
  }
  parts.kind = origin.substr(0, colon);
  parts.source = origin.substr(colon + 1, hash - colon - 1);
  parts.number = number;
  return parts;
}

std::string sentence_of(const Alert& alert) {
  const Finding& finding = alert.finding;
  std::string_view title = clip(finding.rule->title, kTitleMax);
  if (title.empty()) title = clip(finding.rule->name, kTitleMax);
  std::string out(title);
  if (!finding.station_id.empty()) {
    out += " on station ";
    out += clip(finding.station_id, kNameMax);
  }
  const bool named = finding.group == fmt::format("station.id {}", finding.station_id);
  if (!finding.group.empty() && !named) {
    out += " for ";
    out += clip(finding.group, kNameMax);
  } else if (finding.group.empty() && !finding.source_ip.empty() &&
             !finding.destination_ip.empty()) {
    out += " (";
    out += clip(finding.source_ip, kNameMax);
    out += " to ";
    out += clip(finding.destination_ip, kNameMax);
    out += ')';
  }
  if (alert.count > 1) {
    out += fmt::format(", seen {} times since {}", alert.count, to_rfc3339(finding.time_ns));
  }
  out += '.';
  return out;
}

}  // namespace chargewarden
