#include "rules/engine/dispatch.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "rules/engine/case_fold.h"
#include "rules/engine/compiled_rules.h"

namespace chargewarden {

namespace {

constexpr auto kTypeNames =
    std::to_array<std::string_view>({"call", "result", "error", "result_error", "send", ""});
static_assert(kTypeNames.size() == kMessageTypeCount);

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

enum class Known : std::uint8_t { kOpen, kNo, kYes };

Known known(bool answer) {
  return answer ? Known::kYes : Known::kNo;
}

bool answer_to(const Leaf& leaf, std::string_view text) {
  OneField source(leaf.field(), text);
  return leaf.matches(source);
}

// Answers of one leaf by action or by type, or one answer for all.
using Answers = std::vector<Known>;

Known answer_at(const Answers& answers, std::size_t index) {
  return answers.size() == 1 ? answers.front() : answers[index];
}

// The condition without what is known. Children stand before their parents, here as there.
class Simplifier {
 public:
  explicit Simplifier(const ExprList& tree) : tree_(tree), places_(tree.size()) {}

  // kOpen: tree() holds what is left of the condition.
  template <typename AnswerOf>
  Known run(AnswerOf&& answer_of) {
    out_.clear();
    for (std::size_t i = 0; i < tree_.size(); ++i) {
      const Expr& node = tree_[i];
      switch (node.kind) {
        case ExprKind::kLeaf:
          places_[i].known = answer_of(node.leaf);
          if (places_[i].known == Known::kOpen) put(i, node.kind, node.leaf, {});
          break;
        case ExprKind::kNot:
          negate(i, places_[node.children[0]]);
          break;
        case ExprKind::kAnd:
        case ExprKind::kOr:
          join(i, node);
          break;
      }
    }
    const Place& root = places_.back();
    // The root stands last.
    if (root.known == Known::kOpen && root.index + 1 != out_.size()) {
      out_.push_back({.kind = ExprKind::kAnd, .leaf = 0, .children = {root.index}});
    }
    return root.known;
  }

  [[nodiscard]] const ExprList& tree() const { return out_; }

 private:
  struct Place {
    Known known = Known::kOpen;
    ExprIndex index = 0;  // In out_, while open.
  };

  void put(std::size_t i, ExprKind kind, LeafIndex leaf, std::vector<ExprIndex> children) {
    places_[i] = {Known::kOpen, static_cast<ExprIndex>(out_.size())};
    out_.push_back({.kind = kind, .leaf = leaf, .children = std::move(children)});
  }

  void negate(std::size_t i, const Place& child) {
    if (child.known == Known::kOpen) {
      put(i, ExprKind::kNot, 0, {child.index});
    } else {
      places_[i].known = known(child.known == Known::kNo);
    }
  }

  void join(std::size_t i, const Expr& node) {
    const Known decides = known(node.kind == ExprKind::kOr);
    std::vector<ExprIndex> open;
    for (const ExprIndex child : node.children) {
      const Place& place = places_[child];
      if (place.known == decides) {
        places_[i].known = decides;
        return;
      }
      if (place.known == Known::kOpen) open.push_back(place.index);
    }
    if (open.empty()) {
      places_[i].known = known(node.kind == ExprKind::kAnd);
    } else if (open.size() == 1) {
      places_[i] = {Known::kOpen, open.front()};
    } else {
      put(i, node.kind, 0, std::move(open));
    }
  }

  const ExprList& tree_;
  std::vector<Place> places_;
  ExprList out_;
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

// Works out the candidates of one kind of event after the other.
class Dispatch::Builder {
 public:
  Builder(const CompiledRules& rules, Dispatch& out)
      : rules_(rules), out_(out), absent_(rules.leaves.size(), Known::kOpen) {}

  void add_event(std::size_t event) {
    def_ = all_events()[event];
    bindings_ = &rules_.bindings[event];
    const bool message = def_->payload == Payload::kOcpp;
    actions_ = message ? ocpp::action_count() + 1 : 1;
    types_ = message ? kMessageTypeCount : 1;
    lists_.assign(message ? actions_ * types_ * 2 : 1, {});
    for (const RareField rare : {RareField::kPerhaps, RareField::kAbsent}) {
      if (!message && rare == RareField::kAbsent) continue;
      rare_ = rare;
      leaf_answers_.clear();
      for (std::uint32_t i = 0; i < rules_.rules.size(); ++i) add_rule(i);
    }
    Lists result;
    for (const auto& list : lists_) result.ranges.push_back(store(list));
    for (const auto& list : lists_) {
      for (const Candidate& candidate : list) result.all.push_back(candidate.rule);
    }
    std::sort(result.all.begin(), result.all.end());
    result.all.erase(std::unique(result.all.begin(), result.all.end()), result.all.end());
    out_.lists_.push_back(std::move(result));
  }

 private:
  // What is known of a leaf, for each action and for each type.
  struct LeafAnswers {
    Answers by_action{Known::kOpen};
    Answers by_type{Known::kOpen};
  };

  // Actions, or types, between which a rule does not tell apart.
  using Classes = std::map<std::vector<Known>, std::vector<std::size_t>>;

  void add_rule(std::uint32_t index) {
    const CompiledRule& rule = rules_.rules[index];
    if (rules_.checks_logsource && !rule.category.empty() && rule.category != def_->category) {
      return;
    }
    std::vector<const LeafAnswers*> answers(rule.tree.size(), nullptr);
    for (std::size_t i = 0; i < rule.tree.size(); ++i) {
      if (rule.tree[i].kind == ExprKind::kLeaf) answers[i] = &answers_of(rule.tree[i].leaf);
    }
    const Classes by_action = classes(answers, &LeafAnswers::by_action, actions_);
    const Classes by_type = classes(answers, &LeafAnswers::by_type, types_);
    Simplifier simplifier(rule.tree);
    for (const auto& [action_answers, actions] : by_action) {
      for (const auto& [type_answers, types] : by_type) {
        const auto answer_of = [&, a = actions.front(), t = types.front()](LeafIndex leaf) {
          const LeafAnswers& known = leaf_answers_.at(leaf);
          const Known by = answer_at(known.by_action, a);
          return by != Known::kOpen ? by : answer_at(known.by_type, t);
        };
        const Known answer = simplifier.run(answer_of);
        if (answer == Known::kNo) continue;
        add_candidate(answer == Known::kYes ? Candidate{index, 0, kEndMatch}
                                            : compile(index, simplifier.tree()),
                      actions, types);
      }
    }
  }

  static Classes classes(const std::vector<const LeafAnswers*>& leaves, Answers LeafAnswers::*which,
                         std::size_t count) {
    Classes out;
    const bool all_alike = std::none_of(leaves.begin(), leaves.end(), [&](const LeafAnswers* leaf) {
      return leaf != nullptr && (leaf->*which).size() > 1;
    });
    if (all_alike) {
      std::vector<std::size_t>& all = out[{}];
      all.resize(count);
      std::iota(all.begin(), all.end(), std::size_t{0});
      return out;
    }
    std::vector<Known> signature;
    for (std::size_t i = 0; i < count; ++i) {
      signature.clear();
      for (const LeafAnswers* leaf : leaves) {
        if (leaf != nullptr && (leaf->*which).size() > 1) signature.push_back((leaf->*which)[i]);
      }
      out[signature].push_back(i);
    }
    return out;
  }

  Candidate compile(std::uint32_t rule, const ExprList& tree) {
    // It has no more questions than the whole condition, which was found short enough.
    const Program program = compile_program(tree, rules_.leaf_costs).value_or(Program{});
    const auto code = static_cast<std::uint32_t>(out_.code_.size());
    out_.code_.insert(out_.code_.end(), program.instructions.begin(), program.instructions.end());
    return {rule, code, program.entry};
  }

  void add_candidate(const Candidate& candidate, const std::vector<std::size_t>& actions,
                     const std::vector<std::size_t>& types) {
    for (const std::size_t action : actions) {
      for (const std::size_t type : types) {
        const std::size_t bucket =
            lists_.size() == 1 ? 0 : bucket_of(action, static_cast<MessageType>(type), rare_);
        lists_[bucket].push_back(candidate);
      }
    }
  }

  Range store(const std::vector<Candidate>& list) {
    const auto found = ranges_.find(list);
    if (found != ranges_.end()) return found->second;
    const Range range{static_cast<std::uint32_t>(out_.candidates_.size()),
                      static_cast<std::uint32_t>(list.size())};
    out_.candidates_.insert(out_.candidates_.end(), list.begin(), list.end());
    ranges_.emplace(list, range);
    return range;
  }

  const LeafAnswers& answers_of(LeafIndex index) {
    const auto [place, added] = leaf_answers_.try_emplace(index);
    if (added) place->second = work_out(index);
    return place->second;
  }

  LeafAnswers work_out(LeafIndex index) {
    const Leaf& leaf = rules_.leaves[index];
    LeafAnswers out;
    if (leaf.field() == kKeywordField || leaf.fields().size() > 1) return out;
    const FieldBinding& binding = (*bindings_)[leaf.field()];
    if (binding.kind == FieldBinding::Kind::kAbsent) {
      out.by_action = {when_absent(index)};
    } else if (binding.kind != FieldBinding::Kind::kSlot) {
      return out;
    } else if (binding.slot == kSlotName) {
      out.by_action = {known(answer_to(leaf, def_->name))};
    } else if (binding.slot == kSlotCategory) {
      out.by_action = {known(answer_to(leaf, def_->category))};
    } else if (def_->payload == Payload::kOcpp) {
      const std::string_view name = field_of(*def_, binding.slot).name;
      if (name == "ocpp.action") out.by_action = by_action(leaf);
      if (name == "ocpp.type") out.by_type = by_type(leaf);
      if (name == kRareField && rare_ == RareField::kAbsent) out.by_action = {when_absent(index)};
    }
    return out;
  }

  Known when_absent(LeafIndex index) {
    if (absent_[index] == Known::kOpen) absent_[index] = known(answer_to(rules_.leaves[index], ""));
    return absent_[index];
  }

  // Actions without a number are spelled as they like.
  [[nodiscard]] Answers by_action(const Leaf& leaf) const {
    Answers out(actions_, Known::kOpen);
    for (std::size_t id = 1; id < actions_; ++id) {
      out[id] = known(answer_to(leaf, ocpp::action_def(static_cast<ocpp::ActionId>(id)).name));
    }
    return out;
  }

  [[nodiscard]] Answers by_type(const Leaf& leaf) const {
    Answers out(types_, Known::kOpen);
    for (std::size_t type = 0; type + 1 < types_; ++type) {
      out[type] = known(answer_to(leaf, kTypeNames[type]));
    }
    return out;
  }

  const CompiledRules& rules_;
  Dispatch& out_;
  std::vector<Known> absent_;  // By leaf: the answer when its field is absent.
  std::map<std::vector<Candidate>, Range> ranges_;
  // Of the event at hand:
  const EventDef* def_ = nullptr;
  const std::vector<FieldBinding>* bindings_ = nullptr;
  std::size_t actions_ = 1;
  std::size_t types_ = 1;
  RareField rare_ = RareField::kPerhaps;
  std::map<LeafIndex, LeafAnswers> leaf_answers_;
  std::vector<std::vector<Candidate>> lists_;
};

Dispatch Dispatch::build(const CompiledRules& rules) {
  Dispatch out;
  Builder builder(rules, out);
  for (std::size_t event = 0; event < all_events().size(); ++event) builder.add_event(event);
  return out;
}

}  // namespace chargewarden
