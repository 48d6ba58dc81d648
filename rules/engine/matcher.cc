#include "rules/engine/matcher.h"

#include <algorithm>
#include <charconv>
#include <iterator>

#include <fmt/format.h>

#include "rules/engine/case_fold.h"

namespace chargewarden {

namespace {

constexpr std::string_view kCategoryField = "event.category";
// Fewest candidates of a live event whose gates are looked at first. The shipped catalogue has
// fewer for every kind of event, and most of those are ruled out by their first question.
constexpr std::size_t kGatedCandidatesMin = 64;

// What looking at a field costs, in candidates that could be asked instead.
constexpr std::size_t kFieldCost = 2;

// Every text below a payload, for keywords.
class TextCollector final : public JsonVisitor {
 public:
  explicit TextCollector(std::vector<Value>& out) : out_(out) {}

  bool enter(std::string_view /*key*/, bool /*is_object*/) override { return true; }

  void leave() override {}

  void scalar(std::string_view /*key*/, Value value) override {
    if (value.kind() == ValueKind::kText) out_.push_back(value);
  }

 private:
  std::vector<Value>& out_;
};

// Where the field stands in events of this kind; 0 when they do not have it.
Slot slot_of(const EventDef& def, std::string_view name) {
  for (std::size_t slot = 0; slot < slot_count(def); ++slot) {
    if (field_of(def, static_cast<Slot>(slot)).name == name) return static_cast<Slot>(slot);
  }
  return 0;
}

}  // namespace

Matcher::Matcher(const RuleSet& rules) : rules_(rules.compiled()) {
  cells_.resize(rules_.fields.size());
  answers_.resize(rules_.leaves.size());
  suppressed_.resize(rules_.filter_uses.size());
  if (!rules_.gates.empty()) {
    gated_min_ = std::max(kGatedCandidatesMin, kFieldCost * rules_.gates.field_count());
  }
}

void Matcher::begin_event() {
  ++epoch_;
  matches_.clear();
  forms_.clear();
  arena_.clear();
}

std::span<const std::uint32_t> Matcher::match(const Event& event) {
  const EventDef& def = event.def();
  if (&def != last_def_) {
    last_def_ = &def;
    last_index_ = event_index(def);
    type_slot_ = slot_of(def, "ocpp.type");
    rare_slot_ = slot_of(def, kRareField);
  }
  MessageType type = MessageType::kOther;
  RareField rare = RareField::kPerhaps;
  if (rules_.dispatch.by_message(last_index_)) {
    if (rare_slot_ != 0 && event.value(rare_slot_).is_absent()) rare = RareField::kAbsent;
    const Value text = event.value(type_slot_);
    if (text.kind() == ValueKind::kText) type = message_type(text.as_text());
  }
  const auto candidates = rules_.dispatch.candidates(last_index_, event.action(), type, rare);
  if (candidates.empty()) return {};
  begin_event();
  event_ = &event;
  bindings_ = &rules_.bindings[last_index_];
  if (candidates.size() >= gated_min_) {
    match_awake(candidates);
    return matches_;
  }
  const auto asks = [this](LeafIndex leaf) { return ask(leaf); };
  for (const Candidate& candidate : candidates) {
    if (run_program(rules_.dispatch.code(candidate), candidate.entry, asks) &&
        passes_filters(candidate.rule)) {
      matches_.push_back(candidate.rule);
    }
  }
  return matches_;
}

void Matcher::match_awake(std::span<const Candidate> candidates) {
  rules_.gates.wake(*this, awake_);
  const auto asks = [this](LeafIndex leaf) { return ask(leaf); };
  for (const Candidate& candidate : candidates) {
    if (!awake_.is_awake(candidate.rule)) continue;
    if (run_program(rules_.dispatch.code(candidate), candidate.entry, asks) &&
        passes_filters(candidate.rule)) {
      matches_.push_back(candidate.rule);
    }
  }
}

std::span<const std::uint32_t> Matcher::match(const FlatEvent& event) {
  begin_event();
  take_entries(event);
  const std::string_view category =
      rules_.checks_logsource ? event.text_of(kCategoryField) : std::string_view();
  const auto consider = [&](std::uint32_t rule) {
    const std::string& wanted = rules_.rules[rule].category;
    if (rules_.checks_logsource && !wanted.empty() && wanted != category) return;
    if (run(rule) && passes_filters(rule)) matches_.push_back(rule);
  };
  if (rules_.gates.empty()) {
    for (std::uint32_t rule = 0; rule < rules_.rules.size(); ++rule) consider(rule);
  } else {
    rules_.gates.wake(*this, awake_);
    awake_.for_each(consider);
  }
  return matches_;
}

bool Matcher::in_logsource(std::uint32_t rule, const FlatEvent& event) const {
  const std::string& wanted = rules_.rules[rule].category;
  return !rules_.checks_logsource || wanted.empty() || wanted == event.text_of(kCategoryField);
}

bool Matcher::matches(std::uint32_t rule, const FlatEvent& event) {
  begin_event();
  take_entries(event);
  return run(rule);
}

FieldSource& Matcher::fields_of(const FlatEvent& event) {
  begin_event();
  take_entries(event);
  return *this;
}

bool Matcher::run(std::uint32_t rule) {
  const Program& program = rules_.rules[rule].program;
  return run_program(program.instructions, program.entry,
                     [this](LeafIndex leaf) { return ask(leaf); });
}

// Asked only of rules that match, which are few: all filters, so that each one's count is its own.
bool Matcher::passes_filters(std::uint32_t rule) {
  const CompiledRule& compiled = rules_.rules[rule];
  bool passes = true;
  for (std::uint32_t i = 0; i < compiled.filters_count; ++i) {
    const std::size_t use = std::size_t{compiled.filters_begin} + i;
    const Program& program = rules_.filters[rules_.filter_uses[use].filter].program;
    if (run_program(program.instructions, program.entry,
                    [this](LeafIndex leaf) { return ask(leaf); })) {
      continue;
    }
    ++suppressed_[use];
    passes = false;
  }
  return passes;
}

bool Matcher::ask(LeafIndex leaf) {
  if (!rules_.leaf_is_shared[leaf]) return rules_.leaves[leaf].matches(*this);
  std::uint64_t& known = answers_[leaf];
  if (known >> 1U != epoch_) {
    known = epoch_ << 1U | (rules_.leaves[leaf].matches(*this) ? 1U : 0U);
  }
  return (known & 1U) != 0;
}

Matcher::Cell& Matcher::cell(FieldIndex field) {
  Cell& out = cells_[field];
  if (out.epoch != epoch_) {
    out = Cell{};
    out.epoch = epoch_;
    if (event_ != nullptr) out.value = fetch(field);
  }
  return out;
}

Value Matcher::fetch(FieldIndex field) {
  const FieldBinding binding = (*bindings_)[field];
  switch (binding.kind) {
    case FieldBinding::Kind::kAbsent:
      return {};
    case FieldBinding::Kind::kSlot:
      return event_->value(binding.slot);
    case FieldBinding::Kind::kPayload:
      return event_->payload() == nullptr ? Value()
                                          : event_->payload()->find(rules_.paths[field], arena_);
    case FieldBinding::Kind::kRequest:
      return event_->request() == nullptr ? Value()
                                          : event_->request()->find(rules_.paths[field], arena_);
    case FieldBinding::Kind::kKeywords:
      return event_keywords();
  }
  return {};
}

Value Matcher::list_of(std::span<const Value> values) {
  const std::span<Value> out = arena_.allocate_values(values.size());
  std::copy(values.begin(), values.end(), out.begin());
  return Value::list(out);
}

Value Matcher::event_keywords() {
  found_.clear();
  for (std::size_t slot = 0; slot < slot_count(event_->def()); ++slot) {
    const Value value = event_->value(static_cast<Slot>(slot));
    if (value.kind() == ValueKind::kText) found_.push_back(value);
    if (value.kind() != ValueKind::kList) continue;
    for (const Value& element : value.as_list()) {
      if (element.kind() == ValueKind::kText) found_.push_back(element);
    }
  }
  TextCollector collector(found_);
  for (const JsonDocument* document : {event_->payload(), event_->request()}) {
    if (document != nullptr) document->visit(collector, arena_);
  }
  return list_of(found_);
}

// Fills the cells of the fields that rules ask for; what is not there stays absent.
void Matcher::take_entries(const FlatEvent& event) {
  event_ = nullptr;
  flat_fields_.clear();
  found_.clear();
  for (const FlatEvent::Entry& entry : event.entries()) {
    if (entry.value.kind() == ValueKind::kText) found_.push_back(entry.value);
    const FieldIndex* field = rules_.fields.find(entry.path);
    if (field != nullptr && *field != kKeywordField) {
      flat_fields_.push_back({*field, entry.flat, entry.value});
    }
    take_prefixes(entry.path);
  }
  Cell& keywords = cell(kKeywordField);
  keywords.value = list_of(found_);
  // Flat names before nested paths; the order of the text otherwise. The lists are short, so this
  // is cheap, and std::sort does not allocate as std::stable_sort does.
  std::sort(flat_fields_.begin(), flat_fields_.end(), [](const FlatField& a, const FlatField& b) {
    return a.field != b.field ? a.field < b.field : a.flat && !b.flat;
  });
  for (std::size_t at = 0; at < flat_fields_.size();) take_entry(flat_fields_[at].field, at);
}

// A message that was written flat has no objects of its own, but the live one had: the parents of
// a member of a payload exist.
void Matcher::take_prefixes(std::string_view path) {
  if (!path.starts_with(kPayloadPrefix) && !path.starts_with(kRequestPrefix)) return;
  for (std::size_t dot = path.find('.', kPayloadPrefix.size()); dot != std::string_view::npos;
       dot = path.find('.', dot + 1)) {
    const FieldIndex* field = rules_.fields.find(path.substr(0, dot));
    if (field != nullptr) flat_fields_.push_back({*field, false, Value::object({})});
  }
}

void Matcher::take_entry(FieldIndex field, std::size_t& at) {
  const bool flat = flat_fields_[at].flat;
  found_.clear();
  bool is_list = false;
  for (; at < flat_fields_.size() && flat_fields_[at].field == field; ++at) {
    if (flat_fields_[at].flat != flat) continue;
    if (flat_fields_[at].value.kind() == ValueKind::kList) {
      is_list = true;  // The mark of a list; its elements are entries of their own.
    } else {
      found_.push_back(flat_fields_[at].value);
    }
  }
  cell(field).value = found_.size() == 1 && !is_list ? found_.front() : list_of(found_);
}

Value Matcher::value(FieldIndex field) {
  return cell(field).value;
}

TextForm Matcher::raw_form(const Value& value) {
  // Longest decimal form of a 64-bit integer or of a double, with sign and exponent.
  constexpr std::size_t kNumberMax = 32;
  switch (value.kind()) {
    case ValueKind::kText:
      return {.raw = value.as_text(), .folded = {}, .is_text = true};
    case ValueKind::kBool:
      return {.raw = value.as_bool() ? "true" : "false", .folded = {}, .is_text = true};
    case ValueKind::kInt: {
      char* out = arena_.allocate(kNumberMax);
      const auto end = std::to_chars(out, out + kNumberMax, value.as_int()).ptr;
      return {.raw = {out, static_cast<std::size_t>(end - out)}, .folded = {}, .is_text = true};
    }
    case ValueKind::kReal: {
      char* out = arena_.allocate(kNumberMax);
      const auto end = fmt::format_to_n(out, kNumberMax, "{}", value.as_real());
      return {.raw = {out, std::min(end.size, kNumberMax)}, .folded = {}, .is_text = true};
    }
    case ValueKind::kAbsent:
    case ValueKind::kNull:
    case ValueKind::kList:
    case ValueKind::kObject:
      return {};
  }
  return {};
}

std::span<const TextForm> Matcher::raw_texts(FieldIndex field) {
  Cell& out = cell(field);
  if (out.forms == Forms::kNone) {
    out.forms = Forms::kRaw;
    out.forms_begin = static_cast<std::uint32_t>(forms_.size());
    if (out.value.kind() == ValueKind::kList) {
      for (const Value& element : out.value.as_list()) forms_.push_back(raw_form(element));
    } else if (!out.value.is_absent()) {
      forms_.push_back(raw_form(out.value));
    }
    out.forms_count = static_cast<std::uint32_t>(forms_.size()) - out.forms_begin;
  }
  return std::span<const TextForm>(forms_).subspan(out.forms_begin, out.forms_count);
}

std::span<const TextForm> Matcher::folded_texts(FieldIndex field) {
  raw_texts(field);
  Cell& out = cells_[field];
  const auto forms = std::span<TextForm>(forms_).subspan(out.forms_begin, out.forms_count);
  if (out.forms == Forms::kRaw) {
    out.forms = Forms::kFolded;
    for (TextForm& form : forms) {
      if (!form.is_text) continue;
      char* folded = arena_.allocate(form.raw.size() * kFoldGrowthMax);
      form.folded = {folded, fold_case(form.raw, folded)};
    }
  }
  return forms;
}

}  // namespace chargewarden
