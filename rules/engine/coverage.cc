#include "rules/engine/coverage.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "collector/event/defs/connection_events.h"
#include "collector/event/defs/ocpp_events.h"
#include "collector/event/defs/tls_events.h"

namespace chargewarden {

namespace {

// Names that one sentence gives; of more than one name too many the others are counted.
constexpr std::size_t kNamedMax = 3;

bool is_message(std::size_t event) {
  return all_events()[event]->payload == Payload::kOcpp;
}

std::size_t class_of(ocpp::ActionId action, MessageType type) {
  return std::size_t{action} * kMessageTypeCount + static_cast<std::size_t>(type);
}

std::string_view text_at(const Event& event, std::string_view name) {
  for (std::size_t slot = 0; slot < slot_count(event.def()); ++slot) {
    if (field_of(event.def(), static_cast<Slot>(slot)).name != name) continue;
    const Value value = event.value(static_cast<Slot>(slot));
    return value.kind() == ValueKind::kText ? value.as_text() : std::string_view();
  }
  return {};
}

// An event of which one field is known, to be absent when the text is empty.
class OneText final : public FieldSource {
 public:
  OneText(FieldIndex field, std::string_view text)
      : field_(field), form_{.raw = text, .folded = text, .is_text = !text.empty()} {}

  Value value(FieldIndex field) override {
    return field == field_ && form_.is_text ? Value::text(form_.raw) : Value();
  }

  std::span<const TextForm> raw_texts(FieldIndex field) override {
    return {&form_, field == field_ && form_.is_text ? std::size_t{1} : std::size_t{0}};
  }

  std::span<const TextForm> folded_texts(FieldIndex field) override { return raw_texts(field); }

 private:
  FieldIndex field_;
  TextForm form_;
};

enum class Truth : std::uint8_t { kNo, kYes, kOpen };

// The condition of a rule when one field has this text, or none, and nothing else is known. The
// text must be its own folded form.
Truth truth_with(const CompiledRules& rules, const ExprList& tree, FieldIndex field,
                 std::string_view text) {
  std::vector<Truth> truths(tree.size());
  OneText source(field, text);
  for (std::size_t i = 0; i < tree.size(); ++i) {
    const Expr& node = tree[i];
    if (node.kind == ExprKind::kLeaf) {
      const Leaf& leaf = rules.leaves[node.leaf];
      const auto& read = leaf.fields();
      // A comparison of two fields says the same whichever of them is absent.
      const bool known = std::find(read.begin(), read.end(), field) != read.end() &&
                         (text.empty() || read.size() == 1);
      truths[i] = !known ? Truth::kOpen : leaf.matches(source) ? Truth::kYes : Truth::kNo;
      continue;
    }
    if (node.kind == ExprKind::kNot) {
      const Truth child = truths[node.children.front()];
      truths[i] = child == Truth::kOpen ? child : child == Truth::kNo ? Truth::kYes : Truth::kNo;
      continue;
    }
    const Truth decides = node.kind == ExprKind::kAnd ? Truth::kNo : Truth::kYes;
    truths[i] = decides == Truth::kNo ? Truth::kYes : Truth::kNo;
    for (const ExprIndex child : node.children) {
      if (truths[child] == decides) {
        truths[i] = decides;
        break;
      }
      if (truths[child] == Truth::kOpen) truths[i] = Truth::kOpen;
    }
  }
  return truths.back();
}

// A name that no action has. Dispatch lets messages of unknown actions pass to every rule that
// asks for some action, because the name may be spelled in another case; here that would make one
// stray answer look like an observation of everything.
constexpr std::string_view kNoAction = "?";

bool may_be_unknown_action(const CompiledRules& rules, std::uint32_t rule) {
  const FieldIndex* field = rules.fields.find("ocpp.action");
  if (field == nullptr) return true;
  const ExprList& tree = rules.rules[rule].tree;
  return truth_with(rules, tree, *field, {}) != Truth::kNo ||
         truth_with(rules, tree, *field, kNoAction) != Truth::kNo;
}

bool looks_at(const CompiledRules& rules, std::uint32_t rule, std::size_t event,
              ocpp::ActionId action, MessageType type) {
  const auto candidates = rules.dispatch.candidates(event, action, type);
  const auto place = std::lower_bound(
      candidates.begin(), candidates.end(), rule,
      [](const Candidate& one, std::uint32_t wanted) { return one.rule < wanted; });
  const bool asked = place != candidates.end() && place->rule == rule;
  return asked && (action != ocpp::kUnknownAction || !is_message(event) ||
                   may_be_unknown_action(rules, rule));
}

// "a, b or c", or "a, b, c or 4 others".
std::string join_some(const std::vector<std::string_view>& names) {
  const std::size_t named = names.size() <= kNamedMax + 1 ? names.size() : kNamedMax;
  std::string out;
  for (std::size_t i = 0; i < named; ++i) {
    if (i > 0) out += i + 1 == names.size() ? " or " : ", ";
    out += names[i];
  }
  if (named < names.size()) out += fmt::format(" or {} others", names.size() - named);
  return out;
}

// What of a message a rule looks at.
struct Wanted {
  std::vector<std::string_view> actions;
  std::array<bool, kMessageTypeCount> types{};
  bool unknown_action = false;
};

Wanted wanted_messages(const CompiledRules& rules, std::uint32_t rule, std::size_t event) {
  Wanted out;
  for (std::size_t action = 0; action <= ocpp::action_count(); ++action) {
    bool any = false;
    for (std::size_t type = 0; type < kMessageTypeCount; ++type) {
      if (!looks_at(rules, rule, event, static_cast<ocpp::ActionId>(action),
                    static_cast<MessageType>(type))) {
        continue;
      }
      any = true;
      out.types[type] = true;
    }
    if (!any) continue;
    if (action == ocpp::kUnknownAction) {
      out.unknown_action = true;
    } else {
      out.actions.push_back(ocpp::action_def(static_cast<ocpp::ActionId>(action)).name);
    }
  }
  return out;
}

// "no UpdateFirmware call was seen".
std::string no_message_text(const CompiledRules& rules, std::uint32_t rule, std::size_t event) {
  const Wanted wanted = wanted_messages(rules, rule, event);
  std::vector<std::string_view> types;
  for (std::size_t type = 0; type < kMessageTypeCount; ++type) {
    // What has none of the types is asked for by all who do not ask for one.
    const std::string_view name = to_string(static_cast<MessageType>(type));
    if (wanted.types[type] && !name.empty()) types.push_back(name);
  }
  const std::string kind = types.size() + 1 == kMessageTypeCount ? "message" : join_some(types);
  if (wanted.actions.empty()) return fmt::format("no {} of an unknown action was seen", kind);
  if (wanted.actions.size() == ocpp::action_count()) {
    return fmt::format("no OCPP {} was seen", kind);
  }
  if (wanted.actions.size() > kNamedMax + 1) {
    return fmt::format("no {} of {} was seen", kind, join_some(wanted.actions));
  }
  return fmt::format("no {} {} was seen", join_some(wanted.actions), kind);
}

// Events that report what the sensor found wrong, or could not see.
bool is_finding(const EventDef& def) {
  return def.category == "sensor" || def.name.ends_with(".anomaly") || &def == &connection::kGap ||
         &def == &ocpp::kUnanswered;
}

// That a finding was not made tells something as soon as there was anything that it could have been
// made in: how many such events there were.
std::uint64_t chances_of(const EventDef& finding, const ObservedEvents& observed) {
  std::uint64_t out = 0;
  for (std::size_t event = 0; event < all_events().size(); ++event) {
    const EventDef& def = *all_events()[event];
    const bool any = finding.category == "sensor";
    // OCPP messages come in WebSockets.
    const bool inside = finding.category == "websocket" && def.category == "ocpp";
    if (any || inside || def.category == finding.category) out += observed.total(event);
  }
  return out;
}

// Events of one kind that the rule was asked about.
std::uint64_t looked_at(const CompiledRules& rules, std::uint32_t rule, std::size_t event,
                        const ObservedEvents& observed) {
  std::uint64_t out = observed.unsorted(event);
  const std::size_t actions = is_message(event) ? ocpp::action_count() : 0;
  const std::size_t types = is_message(event) ? kMessageTypeCount : 1;
  for (std::size_t action = 0; action <= actions; ++action) {
    for (std::size_t type = 0; type < types; ++type) {
      const auto id = static_cast<ocpp::ActionId>(action);
      const auto kind = static_cast<MessageType>(type);
      const std::uint64_t count = observed.count(event, id, kind);
      if (count > 0 && looks_at(rules, rule, event, id, kind)) out += count;
    }
  }
  return out;
}

// Why none of the events that the rule looks at was seen.
std::string nothing_seen_text(const CompiledRules& rules, std::uint32_t rule,
                              const ObservedEvents& observed) {
  const std::string& category = rules.rules[rule].category;
  const auto events = all_events();
  std::vector<std::string_view> kinds;
  std::size_t message = events.size();
  bool category_seen = category.empty();
  for (std::size_t event = 0; event < events.size(); ++event) {
    const bool seen = observed.total(event) > 0;
    if (events[event]->category == category) category_seen = category_seen || seen;
    const auto all = rules.dispatch.all(event);
    if (!std::binary_search(all.begin(), all.end(), rule)) continue;
    kinds.push_back(events[event]->name);
    if (seen && is_message(event) && message == events.size()) message = event;
  }
  if (!category_seen) return fmt::format("no event of category {} was seen", category);
  if (kinds.empty()) return "no event of this version can match it";
  if (message != events.size()) return no_message_text(rules, rule, message);
  return fmt::format("no {} event was seen", join_some(kinds));
}

}  // namespace

ObservedEvents::ObservedEvents() : unsorted_(all_events().size()) {
  for (std::size_t event = 0; event < all_events().size(); ++event) {
    counts_.emplace_back(is_message(event) ? (ocpp::action_count() + 1) * kMessageTypeCount : 1);
  }
}

void ObservedEvents::add(std::size_t event, ocpp::ActionId action, MessageType type,
                         std::uint64_t count) {
  counts_[event][is_message(event) ? class_of(action, type) : 0] += count;
}

void ObservedEvents::add(const ObservedEvents& other) {
  for (std::size_t event = 0; event < counts_.size(); ++event) {
    for (std::size_t i = 0; i < counts_[event].size(); ++i) {
      counts_[event][i] += other.counts_[event][i];
    }
    unsorted_[event] += other.unsorted_[event];
  }
}

std::uint64_t ObservedEvents::total(std::size_t event) const {
  std::uint64_t sum = unsorted_[event];
  for (const std::uint64_t count : counts_[event]) sum += count;
  return sum;
}

std::uint64_t ObservedEvents::count(std::size_t event, ocpp::ActionId action,
                                    MessageType type) const {
  return counts_[event][is_message(event) ? class_of(action, type) : 0];
}

std::vector<FieldIndex> needed_fields(const CompiledRules& rules, std::uint32_t rule) {
  std::vector<FieldIndex> out;
  for (const FieldIndex field : rules.rules[rule].fields) {
    // That a message holds nothing sensitive is found out by looking at it.
    if (field == kKeywordField || rules.fields.name(field) == kRareField) continue;
    if (truth_with(rules, rules.rules[rule].tree, field, {}) == Truth::kNo) out.push_back(field);
  }
  return out;
}

CoverageCounter::CoverageCounter(const RuleSet& rules) : rules_(rules.compiled()) {
  for (std::uint32_t rule = 0; rule < rules_.rules.size(); ++rule) {
    missing_.push_back(needed_fields(rules_, rule));
  }
}

void CoverageCounter::see(const Event& event) {
  const std::size_t index = event_index(event.def());
  const MessageType type = message_type(text_at(event, "ocpp.type"));
  const ocpp::ActionId action =
      event.action() <= ocpp::action_count() ? event.action() : ocpp::kUnknownAction;
  observed_.add(index, action, type, 1);
  arena_.clear();
  for (const Candidate& candidate : rules_.dispatch.candidates(index, action, type)) {
    std::erase_if(missing_[candidate.rule],
                  [&](FieldIndex field) { return has_field(event, index, field); });
  }
  note_peer(event);
}

bool CoverageCounter::has_field(const Event& event, std::size_t index, FieldIndex field) {
  const FieldBinding binding = rules_.bindings[index][field];
  const bool request = binding.kind == FieldBinding::Kind::kRequest;
  switch (binding.kind) {
    case FieldBinding::Kind::kSlot:
      return !event.value(binding.slot).is_absent();
    case FieldBinding::Kind::kPayload:
    case FieldBinding::Kind::kRequest: {
      const JsonDocument* document = request ? event.request() : event.payload();
      return document != nullptr && !document->find(rules_.paths[field], arena_).is_absent();
    }
    case FieldBinding::Kind::kAbsent:
    case FieldBinding::Kind::kKeywords:
      break;
  }
  return false;
}

void CoverageCounter::note_peer(const Event& event) {
  if (event.flow() == nullptr) return;
  if (&event.def() == &tls::kSeen) {
    remember(encrypted_, event.station().empty() ? event.flow()->client_ip_text : event.station());
  } else if (event.def().category == "ocpp" || event.def().category == "http") {
    remember(readable_, event.flow()->client_ip_text);
    if (!event.station().empty()) remember(readable_, event.station());
  }
}

void CoverageCounter::remember(Names& names, std::string_view name) {
  if (names.find(name) != names.end()) return;
  if (names.size() >= kCoveragePeersMax) {
    ++peers_left_out_;
  } else {
    names.emplace(name);
  }
}

void CoverageCounter::add(const CoverageCounter& other) {
  observed_.add(other.observed_);
  for (std::size_t rule = 0; rule < missing_.size(); ++rule) {
    std::erase_if(missing_[rule], [&](FieldIndex field) {
      const auto& there = other.missing_[rule];
      return std::find(there.begin(), there.end(), field) == there.end();
    });
  }
  for (const std::string& name : other.encrypted_) remember(encrypted_, name);
  for (const std::string& name : other.readable_) remember(readable_, name);
  peers_left_out_ += other.peers_left_out_;
}

std::vector<std::string> CoverageCounter::only_encrypted() const {
  std::vector<std::string> out;
  std::set_difference(encrypted_.begin(), encrypted_.end(), readable_.begin(), readable_.end(),
                      std::back_inserter(out));
  return out;
}

Observability judge_rule(const RuleSet& set, std::uint32_t rule, const ObservedEvents& observed,
                         const std::vector<FieldIndex>& missing) {
  const CompiledRules& rules = set.compiled();
  Observability out;
  std::uint64_t findings = 0;
  std::uint64_t chances = 0;
  bool only_findings = true;
  for (std::size_t event = 0; event < all_events().size(); ++event) {
    const auto all = rules.dispatch.all(event);
    if (!std::binary_search(all.begin(), all.end(), rule)) continue;
    const std::uint64_t count = looked_at(rules, rule, event, observed);
    if (is_finding(*all_events()[event])) {
      findings += count;
      chances += chances_of(*all_events()[event], observed);
    } else {
      only_findings = false;
      out.looked_at += count;
    }
  }
  // An anomaly may concern any action: it does not show that the messages of one were seen.
  if (only_findings) out.looked_at = findings > 0 ? findings : chances;
  if (out.looked_at == 0) {
    out.blind = nothing_seen_text(rules, rule, observed);
  } else if (!missing.empty() && !(only_findings && findings == 0)) {
    std::vector<std::string_view> names;
    names.reserve(missing.size());
    for (const FieldIndex field : missing) names.emplace_back(rules.fields.name(field));
    out.blind = fmt::format("the field {} never occurred", join_some(names));
  }
  return out;
}

}  // namespace chargewarden
