#include "collector/event/render_json.h"

#include <cmath>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "collector/base/text.h"
#include "collector/event/ocpp_actions.h"

namespace chargewarden {

namespace {

// Free text whose every character is personal: the answer to a CustomerInformation request.
constexpr std::string_view kCustomerDataAction = "NotifyCustomerInformation";

// A card number may come as a number; the shortest have 13 digits (ISO/IEC 7812-1).
constexpr std::size_t kSensitiveNumberMinLen = 13;

void append_number(std::string& out, const Value& value) {
  if (value.kind() == ValueKind::kInt) {
    fmt::format_to(std::back_inserter(out), "{}", value.as_int());
  } else {
    fmt::format_to(std::back_inserter(out), "{}", value.as_real());
  }
}

// One scalar as JSON, redacted as the kind of its member says.
std::string scalar_json(const Value& value, MemberKind kind, const Redactor& redactor) {
  std::string out;
  switch (value.kind()) {
    case ValueKind::kBool:
      return value.as_bool() ? "true" : "false";
    case ValueKind::kInt:
    case ValueKind::kReal:
      append_number(out, value);
      if (kind == MemberKind::kPlain && out.size() >= kSensitiveNumberMinLen) {
        std::string cleaned = redactor.clean(out);
        return cleaned == out ? out : fmt::format("\"{}\"", cleaned);
      }
      break;
    case ValueKind::kText:
      if (kind == MemberKind::kPlain) {
        append_json_string(out, redactor.clean(value.as_text()));
        return out;
      }
      out = value.as_text();
      break;
    default:
      return "null";
  }
  if (kind == MemberKind::kPlain) return out;
  std::string quoted;
  append_json_string(quoted, kind == MemberKind::kSecret || out.empty()
                                 ? (out.empty() ? std::string_view() : kSecretMark)
                                 : std::string_view(redactor.pseudonym(out)));
  return quoted;
}

// Flattens the members of one document under their dotted paths.
//
// A setting is an object that names itself (`key`, or `name` inside `variable`) and holds a value
// (`value`, `attributeValue`, perhaps deeper): when the name is that of a secret, the values go.
class Flattener : public JsonVisitor {
 public:
  Flattener(std::string_view prefix, bool all_personal, const Redactor& redactor)
      : redactor_(redactor), path_(prefix), all_personal_(all_personal) {}

  bool enter(std::string_view key, bool is_object) override {
    if (!frames_.empty()) frames_.back().empty = false;
    frames_.push_back({path_.size(), std::string(key), is_object, true, false, {}});
    if (frames_.size() > 1 && !key.empty()) push_key(key);
    return true;
  }

  void leave() override {
    Frame frame = std::move(frames_.back());
    frames_.pop_back();
    if (frame.empty && !frames_.empty()) add_empty(frame.is_object);
    path_.resize(frame.path_len);
    if (frame.secret) {
      for (std::string* value : frame.values) *value = "\"***\"";
      frame.values.clear();
    }
    if (frames_.empty()) return;
    Frame& parent = frames_.back();
    if (frame.secret && frame.key == "variable") parent.secret = true;
    parent.values.insert(parent.values.end(), frame.values.begin(), frame.values.end());
  }

  void scalar(std::string_view key, Value value) override {
    if (!frames_.empty()) frames_.back().empty = false;
    const std::size_t path_len = path_.size();
    if (!key.empty()) push_key(key);
    const std::string_view name = last_key(key);
    const bool of_person = !frames_.empty() && Redactor::is_person(frames_.back().key);
    MemberKind kind = Redactor::member_kind(name, of_person);
    if (all_personal_ && name == "data") kind = MemberKind::kPersonal;
    if (name == "key" && !frames_.empty() && frames_.back().key == "vpn") {
      kind = MemberKind::kSecret;
    }
    auto& values = fields_[path_];
    values.push_back(std::make_unique<std::string>(scalar_json(value, kind, redactor_)));
    if (!frames_.empty()) note_setting(name, value, values.back().get());
    path_.resize(path_len);
  }

  void write(std::string& out) const {
    for (const auto& [path, values] : fields_) {
      out += ',';
      append_json_string(out, path);
      out += ':';
      if (values.size() != 1) out += '[';
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) out += ',';
        out += *values[i];
      }
      if (values.size() != 1) out += ']';
    }
  }

 private:
  struct Frame {
    std::size_t path_len;
    std::string key;
    bool is_object;
    bool empty;
    bool secret;
    std::vector<std::string*> values;
  };

  // What is empty exists all the same, as in JsonDocument::find().
  void add_empty(bool is_object) {
    auto& values = fields_[path_];
    if (is_object) values.push_back(std::make_unique<std::string>("{}"));
  }

  void push_key(std::string_view key) {
    if (path_.back() != '.') path_ += '.';
    path_ += key;
  }

  // The member that a scalar belongs to: for an element of a list, the list's.
  [[nodiscard]] std::string_view last_key(std::string_view key) const {
    if (!key.empty() || frames_.empty()) return key;
    const auto dot = path_.rfind('.');
    return std::string_view(path_).substr(dot + 1);
  }

  void note_setting(std::string_view name, const Value& value, std::string* rendered) {
    Frame& frame = frames_.back();
    if (name == "value" || name == "attributeValue" || name == "actualValue") {
      frame.values.push_back(rendered);
    } else if ((name == "key" || (name == "name" && frame.key == "variable")) &&
               value.kind() == ValueKind::kText && Redactor::is_secret_setting(value.as_text())) {
      frame.secret = true;
    }
  }

  const Redactor& redactor_;
  std::string path_;
  bool all_personal_;
  std::vector<Frame> frames_;
  std::map<std::string, std::vector<std::unique_ptr<std::string>>> fields_;
};

void append_document(const JsonDocument& document, std::string_view prefix, bool all_personal,
                     const Redactor& redactor, std::string& out) {
  Flattener flattener(prefix, all_personal, redactor);
  ValueArena arena;
  document.visit(flattener, arena);
  flattener.write(out);
}

void append_field(const Event& event, Slot slot, const Redactor& redactor, std::string& out) {
  const Value value = event.value(slot);
  if (value.is_absent()) return;
  const FieldDef& field = field_of(event.def(), slot);
  const MemberKind kind =
      field.privacy == Privacy::kPersonal ? MemberKind::kPersonal : MemberKind::kPlain;
  if (out.back() != '{') out += ',';
  append_json_string(out, field.name);
  out += ':';
  if (value.kind() != ValueKind::kList) {
    out += scalar_json(value, kind, redactor);
    return;
  }
  out += '[';
  bool first = true;
  for (const Value& element : value.as_list()) {
    if (!first) out += ',';
    first = false;
    out += scalar_json(element, kind, redactor);
  }
  out += ']';
}

}  // namespace

void render_flat_json(const Event& event, const Redactor& redactor, std::string& out) {
  out += '{';
  for (std::size_t slot = 0; slot < slot_count(event.def()); ++slot) {
    append_field(event, static_cast<Slot>(slot), redactor, out);
  }
  const bool customer_data = event.def().payload == Payload::kOcpp &&
                             event.action() != ocpp::kUnknownAction &&
                             ocpp::action_def(event.action()).name == kCustomerDataAction;
  if (event.payload() != nullptr) {
    append_document(*event.payload(), kPayloadPrefix, customer_data, redactor, out);
  }
  if (event.request() != nullptr) {
    append_document(*event.request(), kRequestPrefix, customer_data, redactor, out);
  }
  out += '}';
}

}  // namespace chargewarden
