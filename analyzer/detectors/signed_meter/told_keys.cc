#include "analyzer/detectors/signed_meter/told_keys.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "analyzer/ocmf/meter_key.h"
#include "collector/base/text.h"

namespace chargewarden::session {

namespace {

using F = FactField;

// The number in a text; 0 when it holds none.
std::int32_t number_in(std::string_view text) {
  const auto begin = std::min(text.find_first_of("0123456789"), text.size());
  std::int32_t out = 0;
  const auto read = std::from_chars(text.data() + begin, text.data() + text.size(), out);
  return read.ec == std::errc() ? out : 0;
}

struct Setting {
  std::string_view component;
  std::string_view name;
  std::string_view instance;
  std::string_view value;
};

// Which connector the setting is the key of; nothing when it is none.
std::optional<std::int32_t> connector_of(const Setting& setting) {
  constexpr std::string_view kOf16 = "MeterPublicKey";
  if (setting.value.empty() || setting.value.size() > ocmf::kKeyTextMaxLen) return std::nullopt;
  if (setting.component.empty()) {
    if (!iequals_ascii(setting.name.substr(0, kOf16.size()), kOf16)) return std::nullopt;
    return number_in(setting.name.substr(kOf16.size()));
  }
  const bool is_key = iequals_ascii(setting.component, "FiscalMetering") &&
                      iequals_ascii(setting.name, "PublicKey");
  return is_key ? std::optional(number_in(setting.instance)) : std::nullopt;
}

}  // namespace

void ToldKeys::read(const Fact& fact) {
  Setting setting;
  const auto take = [&] {
    if (const auto connector = connector_of(setting)) add(*connector, setting.value);
    setting = {};
  };
  for (const FactValue& value : fact.values()) {
    if (value.field == F::kItem) take();
    if (value.field == F::kComponent) setting.component = fact.text_of(value);
    if (value.field == F::kSetting) setting.name = fact.text_of(value);
    if (value.field == F::kInstance) setting.instance = fact.text_of(value);
    if (value.field == F::kSettingValue) setting.value = fact.text_of(value);
  }
  take();
}

void ToldKeys::merge(const ToldKeys& later) {
  for (const Key& each : later.keys_) add(each.connector, each.text);
  dropped_ += later.dropped_;
}

void ToldKeys::add(std::int32_t connector, std::string_view text) {
  const auto found = std::find_if(keys_.begin(), keys_.end(),
                                  [&](const Key& each) { return each.connector == connector; });
  if (found != keys_.end()) {
    found->text = text;
  } else if (keys_.size() < kKeysMax) {
    keys_.push_back({connector, std::string(text)});
  } else {
    ++dropped_;
  }
}

std::string_view ToldKeys::find(std::int32_t connector) const noexcept {
  std::string_view of_station;
  for (const Key& each : keys_) {
    if (each.connector == connector) return each.text;
    if (each.connector == 0) of_station = each.text;
  }
  return of_station;
}

}  // namespace chargewarden::session
