// Any text in any place of a finding gives one JSON object that fits a record, and a terminal form
// without control characters.

#include "alerts/model/ocsf.h"

#include <cstdlib>

#include <nlohmann/json.hpp>

#include "alerts/model/limits.h"
#include "alerts/model/text_form.h"
#include "collector/base/byte_reader.h"

namespace {

using namespace chargewarden;

std::string take_text(ByteReader& reader) {
  const std::size_t len = reader.u16be();
  return std::string(as_text(reader.take(std::min(len, reader.remaining()))));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteReader reader(Bytes(data, size));
  RuleInfo rule;
  rule.level = static_cast<Level>(reader.u8() % 5);
  for (std::string* text : {&rule.id, &rule.name, &rule.title, &rule.description, &rule.response}) {
    *text = take_text(reader);
  }
  rule.tags = {take_text(reader), "attack." + take_text(reader)};
  Alert alert;
  Finding& finding = alert.finding;
  finding.rule = &rule;
  finding.time_ns = static_cast<std::int64_t>(reader.u64be());
  alert.last_time_ns = static_cast<std::int64_t>(reader.u64be());
  for (std::string* text :
       {&finding.station_id, &finding.source_ip, &finding.destination_ip, &finding.flow_id,
        &finding.event_name, &finding.origin, &alert.last_origin}) {
    *text = take_text(reader);
  }
  std::string json;
  render_ocsf(alert, {"0", take_text(reader)}, json);
  if (json.size() > kAlertMax || !nlohmann::json::accept(json)) std::abort();
  if (json.find('\n') != std::string::npos) std::abort();
  std::string text;
  render_text(alert, Colour::kOff, text);
  for (const char c : text) {
    if ((c >= 0 && c < 0x20 && c != '\n') || c == 0x7f) std::abort();
  }
  return 0;
}
