#include "rules/engine/rule_checker.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "collector/base/text.h"
#include "collector/event/schema.h"
#include "rules/lang/suggest.h"

namespace chargewarden {

namespace {

// Categories of events that exist, and then those that the vocabulary will get.
std::vector<std::string_view> categories() {
  std::vector<std::string_view> out;
  for (const EventDef* def : all_events()) {
    if (std::find(out.begin(), out.end(), def->category) == out.end()) {
      out.push_back(def->category);
    }
  }
  return out;
}

const FieldDef* find_field(const EventDef& def, std::string_view name) {
  for (std::size_t slot = 0; slot < slot_count(def); ++slot) {
    const FieldDef& field = field_of(def, static_cast<Slot>(slot));
    if (field.name == name) return &field;
  }
  return nullptr;
}

bool is_payload_path(std::string_view name) {
  return (name.starts_with(kPayloadPrefix) && name.size() > kPayloadPrefix.size()) ||
         (name.starts_with(kRequestPrefix) && name.size() > kRequestPrefix.size());
}

struct FoundField {
  bool exists = false;
  const FieldDef* def = nullptr;  // Null for members of payloads, which have no declared type.
};

FoundField look_up(std::string_view name, std::string_view category) {
  for (const EventDef* event : all_events()) {
    if (!category.empty() && event->category != category) continue;
    if (const FieldDef* def = find_field(*event, name)) return {true, def};
    if (event->payload == Payload::kOcpp && is_payload_path(name)) return {true, nullptr};
  }
  return {};
}

std::string hint_for_field(std::string_view name, std::string_view category) {
  std::vector<std::string_view> names;
  for (const EventDef* event : all_events()) {
    if (!category.empty() && event->category != category) continue;
    for (std::size_t slot = 0; slot < slot_count(*event); ++slot) {
      names.push_back(field_of(*event, static_cast<Slot>(slot)).name);
    }
  }
  for (const EventDef* event : all_events()) {
    if (find_field(*event, name) != nullptr) {
      return fmt::format("the field belongs to the category \"{}\"", event->category);
    }
  }
  return did_you_mean(name, names, "`chargewarden rules fields` lists all fields");
}

std::string_view name_of(FieldType type) {
  switch (type) {
    case FieldType::kBool:
      return "true or false";
    case FieldType::kInt:
      return "an integer";
    case FieldType::kReal:
      return "a number";
    case FieldType::kText:
      return "text";
    case FieldType::kTextList:
      return "a list of texts";
  }
  return "";
}

bool is_number(FieldType type) {
  return type == FieldType::kInt || type == FieldType::kReal;
}

// Whether the test can ever be true for a value of the type.
bool fits(const ValueTest& test, FieldType type) {
  switch (test.kind) {
    case TestKind::kLess:
    case TestKind::kLessEqual:
    case TestKind::kGreater:
    case TestKind::kGreaterEqual:
      return is_number(type);
    case TestKind::kBool:
      return type == FieldType::kBool;
    case TestKind::kNumber:
      return type != FieldType::kBool;
    case TestKind::kTimePart:
      return type != FieldType::kBool;
    case TestKind::kCidr:
      return type == FieldType::kText || type == FieldType::kTextList;
    case TestKind::kPattern: {
      if (has_wildcard(test.pattern)) return true;
      const std::string text = literal_of(test.pattern);
      if (type == FieldType::kBool) {
        return iequals_ascii(text, "true") || iequals_ascii(text, "false");
      }
      return !is_number(type) || parse_number(text).has_value();
    }
    default:
      return true;
  }
}

std::string hint_for_type(const ValueTest& test, FieldType type) {
  if (type == FieldType::kBool) return "write true or false without quotes";
  if (is_number(type)) return "write a number";
  if (test.kind == TestKind::kBool) return "quote the value if the text is meant";
  return "comparisons are for numbers; use texts, wildcards or `re`";
}

}  // namespace

bool check_logsource(const Logsource& logsource, const SourceFile& file, Diagnostics& diagnostics) {
  if (logsource.product != kProduct) {
    const bool given = !logsource.product.empty();
    diagnostics.add(
        Problem::kUnknownProduct, file, given ? logsource.product_position : logsource.position,
        given ? fmt::format("the product \"{}\" is not \"{}\"", logsource.product, kProduct)
              : fmt::format("the logsource has no product"),
        fmt::format("write `product: {}`", kProduct));
  }
  if (!logsource.service.empty()) {
    diagnostics.add(Problem::kServiceNotUsed, file, logsource.service_position,
                    "events have no service",
                    "remove it, and ask for a field such as ocpp.version");
  }
  const auto known = categories();
  if (logsource.category.empty() ||
      std::find(known.begin(), known.end(), logsource.category) != known.end()) {
    return true;
  }
  diagnostics.add(Problem::kUnknownCategory, file, logsource.category_position,
                  fmt::format("there is no category \"{}\"", logsource.category),
                  did_you_mean(logsource.category, known,
                               fmt::format("write one of {}", fmt::join(known, ", "))));
  return false;
}

void check_item(const MatchItem& item, std::string_view category, const SourceFile& file,
                Diagnostics& diagnostics) {
  if (!item.field.empty()) {
    check_rule_field(item.field, item.position, category, file, diagnostics);
  }
  const FieldDef* def = item.field.empty() ? nullptr : look_up(item.field, category).def;
  for (const ValueGroup& group : item.groups) {
    for (const ValueTest& test : group) {
      if (test.kind == TestKind::kFieldEquals || test.kind == TestKind::kFieldContains ||
          test.kind == TestKind::kFieldStarts || test.kind == TestKind::kFieldEnds) {
        check_rule_field(test.text, test.position, category, file, diagnostics);
      }
      if (def == nullptr || fits(test, def->type)) continue;
      diagnostics.add(Problem::kFieldType, file, test.position,
                      fmt::format("the field \"{}\" is {}: this value never fits", item.field,
                                  name_of(def->type)),
                      hint_for_type(test, def->type));
      break;  // One message for all forms of a value.
    }
  }
}

void check_rule_field(std::string_view name, Position position, std::string_view category,
                      const SourceFile& file, Diagnostics& diagnostics) {
  if (look_up(name, category).exists) return;
  diagnostics.add(Problem::kUnknownField, file, position,
                  category.empty() ? fmt::format("no event has a field \"{}\"", name)
                                   : fmt::format("no event of category \"{}\" has a field \"{}\"",
                                                 category, name),
                  hint_for_field(name, category));
}

}  // namespace chargewarden
