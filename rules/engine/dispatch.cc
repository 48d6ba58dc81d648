#include "rules/engine/dispatch.h"

#include <map>
#include <optional>

#include "rules/engine/case_fold.h"
#include "rules/engine/compiled_rules.h"

namespace chargewarden {

namespace {

constexpr auto kTypeNames =
    std::to_array<std::string_view>({"call", "result", "error", "result_error", "send", ""});
static_assert(kTypeNames.size() == kMessageTypeCount);

using Possible = DispatchPossible;
constexpr std::size_t kActionBits = DispatchPossible::kActionBits;

Possible both(const Possible& a, const Possible& b) {
  return {a.actions & b.actions, a.types & b.types};
}

Possible either(const Possible& a, const Possible& b) {
  if (a.never()) return b;
  if (b.never()) return a;
  return {a.actions | b.actions, a.types | b.types};
}

// An event of which one field is known and every other absent.
class OneField final : public FieldSource {
 public:
  OneField(FieldIndex field, std::string_view text) : field_(field), text_(text) {
    if (text.empty()) return;
    folded_ = fold_case(text);
    form_ = {.raw = text_, .folded = folded_, .is_text = true};
  }

  Value value(FieldIndex field) override {
    return field == field_ && form_.is_text ? Value::text(text_) : Value();
  }

  std::span<const TextForm> raw_texts(FieldIndex field) override {
    return {&form_, field == field_ && form_.is_text ? std::size_t{1} : std::size_t{0}};
  }

  std::span<const TextForm> folded_texts(FieldIndex field) override { return raw_texts(field); }

 private:
  FieldIndex field_;
  std::string_view text_;
  std::string folded_;
  TextForm form_;
};

class Analysis {
 public:
  Analysis(const CompiledRules& rules, std::size_t event, RareField rare)
      : rules_(rules), def_(*all_events()[event]), bindings_(rules.bindings[event]), rare_(rare) {}

  // When the rule can match the event.
  Possible of(const CompiledRule& rule) const {
    if (rules_.checks_logsource && !rule.category.empty() && rule.category != def_.category) {
      return {};
    }
    // Children stand before their parents. [0]: when a node can be true; [1]: when it can be false.
    std::vector<std::array<Possible, 2>> nodes(rule.tree.size());
    for (std::size_t i = 0; i < rule.tree.size(); ++i) {
      const Expr& expr = rule.tree[i];
      switch (expr.kind) {
        case ExprKind::kLeaf:
          nodes[i] = {of(rules_.leaves[expr.leaf], true), of(rules_.leaves[expr.leaf], false)};
          break;
        case ExprKind::kNot:
          nodes[i] = {nodes[expr.children[0]][1], nodes[expr.children[0]][0]};
          break;
        case ExprKind::kAnd:
        case ExprKind::kOr:
          nodes[i] = join(expr, nodes);
          break;
      }
    }
    return nodes.empty() ? Possible() : nodes.back()[0];
  }

 private:
  static std::array<Possible, 2> join(const Expr& expr,
                                      const std::vector<std::array<Possible, 2>>& nodes) {
    const bool is_and = expr.kind == ExprKind::kAnd;
    std::array<Possible, 2> out{is_and ? Possible::always() : Possible(),
                                is_and ? Possible() : Possible::always()};
    for (const ExprIndex child : expr.children) {
      const auto& part = nodes[child];
      out[0] = is_and ? both(out[0], part[0]) : either(out[0], part[0]);
      out[1] = is_and ? either(out[1], part[1]) : both(out[1], part[1]);
    }
    return out;
  }

  // When the leaf can have the answer.
  Possible of(const Leaf& leaf, bool answer) const {
    if (leaf.field() == kKeywordField || leaf.fields().size() > 1) return Possible::always();
    const FieldBinding& binding = bindings_[leaf.field()];
    if (binding.kind == FieldBinding::Kind::kAbsent) return constant(leaf, "", answer);
    if (binding.kind != FieldBinding::Kind::kSlot) return Possible::always();
    if (binding.slot == kSlotName) return constant(leaf, def_.name, answer);
    if (binding.slot == kSlotCategory) return constant(leaf, def_.category, answer);
    if (def_.payload != Payload::kOcpp) return Possible::always();
    const std::string_view name = field_of(def_, binding.slot).name;
    if (name == "ocpp.action") return by_action(leaf, answer);
    if (name == "ocpp.type") return by_type(leaf, answer);
    if (name == kRareField && rare_ == RareField::kAbsent) return constant(leaf, "", answer);
    return Possible::always();
  }

  static Possible constant(const Leaf& leaf, std::string_view text, bool answer) {
    OneField source(leaf.field(), text);
    return leaf.matches(source) == answer ? Possible::always() : Possible();
  }

  // Bit 0 stays: actions without a number are spelled as they like.
  static Possible by_action(const Leaf& leaf, bool answer) {
    Possible out = Possible::always();
    for (std::size_t id = 1; id <= ocpp::action_count() && id < kActionBits; ++id) {
      OneField source(leaf.field(), ocpp::action_def(static_cast<ocpp::ActionId>(id)).name);
      out.actions[id] = leaf.matches(source) == answer;
    }
    return out;
  }

  static Possible by_type(const Leaf& leaf, bool answer) {
    Possible out = Possible::always();
    for (std::size_t type = 0; type + 1 < kMessageTypeCount; ++type) {
      OneField source(leaf.field(), kTypeNames[type]);
      out.types[type] = leaf.matches(source) == answer;
    }
    return out;
  }

  const CompiledRules& rules_;
  const EventDef& def_;
  const std::vector<FieldBinding>& bindings_;
  RareField rare_;
};

}  // namespace

MessageType message_type(std::string_view text) noexcept {
  // The lengths tell all but call and send apart.
  MessageType guess = MessageType::kOther;
  if (text.size() == 4) guess = text[0] == 'c' ? MessageType::kCall : MessageType::kSend;
  if (text.size() == 5) guess = MessageType::kError;
  if (text.size() == 6) guess = MessageType::kResult;
  if (text.size() == 12) guess = MessageType::kResultError;
  return text == to_string(guess) ? guess : MessageType::kOther;
}

std::string_view to_string(MessageType type) noexcept {
  return kTypeNames[static_cast<std::size_t>(type)];
}

void Dispatch::add_to_buckets(const DispatchPossible& possible, RareField rare, std::uint32_t rule,
                              std::vector<std::vector<std::uint32_t>>& lists) {
  for (std::size_t action = 0; action <= ocpp::action_count(); ++action) {
    for (std::size_t type = 0; type < kMessageTypeCount; ++type) {
      if (possible.actions[action] && possible.types[type]) {
        lists[bucket_of(action, static_cast<MessageType>(type), rare)].push_back(rule);
      }
    }
  }
}

Dispatch Dispatch::build(const CompiledRules& rules) {
  Dispatch out;
  std::map<std::vector<std::uint32_t>, Range> known;
  for (std::size_t event = 0; event < all_events().size(); ++event) {
    const bool message = all_events()[event]->payload == Payload::kOcpp;
    const std::size_t buckets = message ? (ocpp::action_count() + 1) * kMessageTypeCount * 2 : 1;
    std::vector<std::vector<std::uint32_t>> lists(buckets);
    Lists result;
    for (const RareField rare : {RareField::kPerhaps, RareField::kAbsent}) {
      if (!message && rare == RareField::kAbsent) continue;
      const Analysis analysis(rules, event, rare);
      for (std::uint32_t i = 0; i < rules.rules.size(); ++i) {
        const Possible possible = analysis.of(rules.rules[i]);
        if (possible.never()) continue;
        if (rare == RareField::kPerhaps) result.all.push_back(i);
        if (message) {
          add_to_buckets(possible, rare, i, lists);
        } else {
          lists.front().push_back(i);
        }
      }
    }
    for (const std::vector<std::uint32_t>& list : lists) {
      const auto found = known.find(list);
      if (found != known.end()) {
        result.ranges.push_back(found->second);
        continue;
      }
      const Range range{static_cast<std::uint32_t>(out.indexes_.size()),
                        static_cast<std::uint32_t>(list.size())};
      out.indexes_.insert(out.indexes_.end(), list.begin(), list.end());
      known.emplace(list, range);
      result.ranges.push_back(range);
    }
    out.lists_.push_back(std::move(result));
  }
  return out;
}

}  // namespace chargewarden
