#include "analyzer/detectors/inventory/drift_watch.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>

#include "analyzer/site/text_pattern.h"
#include "collector/base/text.h"
#include "collector/event/redactor.h"

namespace chargewarden::inventory {

namespace {

using F = FactField;

// Values of one variable in a report: Actual, Target, MinSet and MaxSet (OCPP 2.0.1 part 2,
// VariableAttributeType allows no more).
constexpr std::size_t kAttributes = 4;

// One setting of a message, as far as it is told.
struct Told {
  std::string_view component;
  std::string_view name;
  std::string_view status;
  std::array<std::string_view, kAttributes> values;
  std::array<std::string_view, kAttributes> types;
  std::size_t value_count = 0;
  std::size_t type_count = 0;
  // One of several of this name, of which the inventory cannot say which it means.
  bool is_one_of_several = false;

  // The value of the attribute Actual, which is meant where no type is told.
  [[nodiscard]] std::optional<std::string_view> actual() const {
    if (is_one_of_several || value_count == 0) return std::nullopt;
    if (type_count == 0) return value_count == 1 ? std::optional(values[0]) : std::nullopt;
    if (type_count != value_count) return std::nullopt;  // Which is whose cannot be told.
    for (std::size_t i = 0; i < value_count; ++i) {
      if (types[i] == "Actual") return values[i];
    }
    return std::nullopt;
  }

  void take(FactField field, std::string_view text) {
    switch (field) {
      case F::kComponent:
        component = text;
        break;
      case F::kSetting:
        name = text;
        break;
      case F::kAnswer:
        status = text;
        break;
      case F::kInstance:
        is_one_of_several = true;
        break;
      case F::kSettingValue:
        take_into(values, value_count, text);
        break;
      case F::kAttributeType:
        take_into(types, type_count, text);
        break;
      default:
        break;
    }
  }

 private:
  void take_into(std::array<std::string_view, kAttributes>& list, std::size_t& count,
                 std::string_view text) {
    if (count < list.size()) {
      list[count++] = text;
    } else {
      is_one_of_several = true;
    }
  }
};

std::vector<Told> read_told(const Fact& fact) {
  std::vector<Told> out;
  Told item;
  const auto finish = [&] {
    if (!item.name.empty()) out.push_back(item);
    item = Told();
  };
  for (const FactValue& value : fact.values()) {
    if (value.field == F::kItem) {
      finish();
    } else {
      item.take(value.field, fact.text_of(value));
    }
  }
  finish();
  return out;
}

bool is_accepted(std::string_view status) {
  return status == "Accepted" || status == "RebootRequired";
}

// The writes of SetVariables that were accepted. Answers are matched by name, because stations
// leave some out; where one name stands twice, which was accepted cannot be told.
std::vector<Told> accepted_writes(const std::vector<Told>& all) {
  std::vector<Told> out;
  const auto same = [](const Told& a, const Told& b) {
    return a.name == b.name && a.component == b.component;
  };
  for (const Told& write : all) {
    if (write.value_count == 0) continue;
    std::size_t writes = 0;
    bool accepted = false;
    for (const Told& each : all) {
      if (!same(each, write)) continue;
      if (each.value_count != 0) ++writes;
      accepted = accepted || (each.value_count == 0 && is_accepted(each.status));
    }
    if (writes == 1 && accepted) out.push_back(write);
  }
  return out;
}

struct Actions {
  ocpp::ActionId change = ocpp::action_id("ChangeConfiguration");
  ocpp::ActionId set_variables = ocpp::action_id("SetVariables");
  ocpp::ActionId get_variables = ocpp::action_id("GetVariables");
};

const Actions& actions() {
  static const Actions table;
  return table;
}

// The settings that the station has, by this message.
std::vector<Told> read_settings(const Fact& fact) {
  const Actions& known = actions();
  std::vector<Told> out = read_told(fact);
  if (fact.is_result(known.set_variables)) return accepted_writes(out);
  if (fact.is_result(known.change) || fact.is_result(known.get_variables)) {
    std::erase_if(out, [](const Told& each) { return !is_accepted(each.status); });
  }
  return out;
}

std::optional<double> to_number(std::string_view text) {
  double out = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), out);
  const bool whole = result.ec == std::errc() && result.ptr == text.data() + text.size();
  return whole ? std::optional(out) : std::nullopt;
}

// Takes the first element off a list with commas.
std::string_view next_element(std::string_view& list) {
  const std::size_t comma = list.find(',');
  const std::string_view out = trimmed(list.substr(0, comma));
  list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  return out;
}

std::string key_of(const Told& told) {
  return lower_ascii(told.component.empty()
                         ? std::string(told.name)
                         : std::string(told.component) + '.' + std::string(told.name));
}

}  // namespace

bool is_as_listed(const ListedSetting& listed, std::string_view value) {
  std::string_view a = trimmed(listed.value);
  std::string_view b = trimmed(value);
  if (a == b) return true;
  if (Redactor::is_secret_setting(listed.key)) return false;
  const auto number_a = to_number(a);
  const auto number_b = to_number(b);
  if (number_a && number_b) return *number_a == *number_b;
  while (!a.empty() && !b.empty()) {
    if (!iequals_ascii(next_element(a), next_element(b))) return false;
  }
  return a.empty() && b.empty();
}

DriftFinding DriftWatch::on_fact(const Fact& fact, const std::vector<ListedSetting>& listed) {
  DriftFinding out;
  const Actions& known = actions();
  out.is_change = fact.is_result(known.change) || fact.is_result(known.set_variables);
  for (const Told& told : read_settings(fact)) {
    const auto value = told.actual();
    if (!value) continue;
    const std::string key = key_of(told);
    const auto setting = std::lower_bound(
        listed.begin(), listed.end(), key,
        [](const ListedSetting& each, const std::string& k) { return each.key < k; });
    if (setting == listed.end() || setting->key != key) continue;
    const auto place = static_cast<std::uint16_t>(setting - listed.begin());
    const auto at = std::lower_bound(told_.begin(), told_.end(), place);
    const bool is_told = at != told_.end() && *at == place;
    if (is_as_listed(*setting, *value)) {
      if (is_told) told_.erase(at);
      continue;
    }
    if (!is_told) told_.insert(at, place);
    if (is_told && !out.is_change) continue;
    out.settings.push_back(&*setting);
    out.value = *value;
  }
  out.differing = told_.size();
  return out;
}

}  // namespace chargewarden::inventory
