#include "rules/engine/flat_event.h"

#include <algorithm>

#include <fmt/format.h>

#include "collector/base/text.h"
#include "rules/lang/rule_value.h"

namespace chargewarden {

// Joins the names on the way down.
class FlatEvent::Collector final : public JsonVisitor {
 public:
  explicit Collector(FlatEvent& event)
      : entries_(event.entries_), arena_(event.arena_), path_(event.path_), names_(event.levels_) {
    path_.clear();
    names_.clear();
  }

  bool enter(std::string_view key, bool is_object) override {
    const std::size_t before = path_.size();
    if (!names_.empty()) {
      if (!push(key)) {
        path_.resize(before);
        return false;
      }
      add(is_object ? Value::object({}) : Value::list({}));
    }
    names_.push_back({before, is_object});
    return true;
  }

  void leave() override {
    path_.resize(names_.back().path_len);
    names_.pop_back();
  }

  void scalar(std::string_view key, Value value) override {
    if (names_.size() == 1) {
      // The usual event is flat: its names are those of the text.
      if (key.size() + 1 <= kFlatPathMax) entries_.push_back({key, value, true});
      return;
    }
    const std::size_t before = path_.size();
    if (!names_.empty() && push(key)) add(value);
    path_.resize(before);
  }

 private:
  // An element of a list has the name of the list.
  bool push(std::string_view key) {
    if (!names_.back().is_object) return true;
    if (path_.size() + 1 + key.size() > kFlatPathMax) return false;
    if (names_.size() > 1) path_ += '.';
    path_ += key;
    return true;
  }

  void add(Value value) {
    // Elements of a list that stands in the object itself count as flat.
    const bool flat = std::none_of(names_.begin() + 1, names_.end(),
                                   [](const Level& level) { return level.is_object; });
    char* copy = arena_.allocate(path_.size());
    std::copy(path_.begin(), path_.end(), copy);
    entries_.push_back({{copy, path_.size()}, value, flat});
  }

  std::vector<Entry>& entries_;
  ValueArena& arena_;
  std::string& path_;
  std::vector<Level>& names_;
};

Expected<void> FlatEvent::load(std::string_view json) {
  entries_.clear();
  arena_.clear();
  if (json.size() > kFlatEventMax) {
    return Error{ErrorCode::kUnreadable,
                 fmt::format("the event is longer than {} bytes", kFlatEventMax)};
  }
  const JsonStatus status = document_.load_copy(json);
  if (status != JsonStatus::kOk) {
    return Error{ErrorCode::kUnreadable,
                 fmt::format("the event is not a JSON object: {}", to_string(status))};
  }
  if (!document_.root_text().starts_with('{')) {
    return Error{ErrorCode::kUnreadable, "the event is not a JSON object"};
  }
  Collector collector(*this);
  document_.visit(collector, arena_);
  return {};
}

std::string_view FlatEvent::text_of(std::string_view name) const noexcept {
  for (const Entry& entry : entries_) {
    if (entry.path == name && entry.value.kind() == ValueKind::kText) return entry.value.as_text();
  }
  return {};
}

namespace {

void append_scalar(const YamlNode& node, std::string& out) {
  ScalarReading reading{};
  const RuleValue value = rule_value(node, reading);
  switch (value.kind) {
    case RuleValueKind::kNull:
      out += "null";
      break;
    case RuleValueKind::kBool:
      out += value.boolean ? "true" : "false";
      break;
    case RuleValueKind::kNumber:
      if (value.number.is_integer) {
        fmt::format_to(std::back_inserter(out), "{}", value.number.integer);
      } else {
        fmt::format_to(std::back_inserter(out), "{}", value.number.real);
      }
      break;
    case RuleValueKind::kText:
      append_json_string(out, value.text);
      break;
  }
}

// NOLINTNEXTLINE(misc-no-recursion): the YAML reader bounds the depth.
void append_json(const YamlNode& node, std::string& out) {
  const char* separator = "";
  switch (node.kind) {
    case YamlKind::kNull:
    case YamlKind::kScalar:
      append_scalar(node, out);
      return;
    case YamlKind::kList:
      out += '[';
      for (const YamlNode& item : node.items) {
        out += separator;
        append_json(item, out);
        separator = ",";
      }
      out += ']';
      return;
    case YamlKind::kMap:
      out += '{';
      for (const YamlEntry& entry : node.entries) {
        out += separator;
        append_json_string(out, entry.key);
        out += ':';
        append_json(entry.value, out);
        separator = ",";
      }
      out += '}';
      return;
  }
}

}  // namespace

std::string to_json(const YamlNode& node) {
  std::string out;
  append_json(node, out);
  return out;
}

}  // namespace chargewarden
