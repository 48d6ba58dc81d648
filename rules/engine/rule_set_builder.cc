#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "collector/base/digest.h"
#include "rules/engine/compiled_rules.h"
#include "rules/engine/correlation_linker.h"
#include "rules/engine/name_table.h"
#include "rules/engine/rule_checker.h"
#include "rules/engine/rule_set.h"
#include "rules/lang/match_item.h"
#include "rules/lang/suggest.h"

namespace chargewarden {

namespace {

// By selection, then by map.
using ItemLists = std::vector<std::vector<std::vector<MatchItem>>>;
using LeafLists = std::vector<std::vector<std::vector<LeafIndex>>>;

void append_key(std::string& key, std::string_view part) {
  fmt::format_to(std::back_inserter(key), "{}:{}|", part.size(), part);
}

// Text that is the same for items that ask the same.
std::string key_of(const MatchItem& item) {
  std::string key;
  append_key(key, item.field);
  fmt::format_to(std::back_inserter(key), "{}{}{}|", item.all, item.negate, item.cased);
  for (const ValueGroup& group : item.groups) {
    key += '(';
    for (const ValueTest& test : group) {
      fmt::format_to(std::back_inserter(key), "{},{},{},{},{}|", static_cast<int>(test.kind),
                     test.boolean, test.number.is_integer, test.number.integer, test.number.real);
      fmt::format_to(std::back_inserter(key), "{},{}|", static_cast<int>(test.part),
                     static_cast<int>(test.comparison));
      append_key(key, test.text);
      for (const PatternToken& token : test.pattern) {
        fmt::format_to(std::back_inserter(key), "{}", static_cast<int>(token.kind));
        append_key(key, token.text);
      }
    }
    key += ')';
  }
  return key;
}

// Networks have no text of their own in an item, so they are not told apart by the key.
bool has_network(const MatchItem& item) {
  return std::any_of(item.groups.begin(), item.groups.end(), [](const ValueGroup& group) {
    return std::any_of(group.begin(), group.end(),
                       [](const ValueTest& test) { return test.kind == TestKind::kCidr; });
  });
}

FieldBinding bind_field(const EventDef& def, std::string_view name) {
  for (std::size_t slot = 0; slot < slot_count(def); ++slot) {
    if (field_of(def, static_cast<Slot>(slot)).name == name) {
      return {FieldBinding::Kind::kSlot, static_cast<Slot>(slot)};
    }
  }
  if (def.payload == Payload::kOcpp && name.starts_with(kPayloadPrefix)) {
    return {FieldBinding::Kind::kPayload, 0};
  }
  if (def.payload == Payload::kOcpp && name.starts_with(kRequestPrefix)) {
    return {FieldBinding::Kind::kRequest, 0};
  }
  return {};
}

}  // namespace

class RuleSetBuilder::Impl {
 public:
  Impl(PlaceholderMap placeholders, SchemaCheck check)
      : placeholders_(std::move(placeholders)), rules_(std::make_unique<CompiledRules>()) {
    rules_->checks_logsource = check == SchemaCheck::kOurs;
  }

  bool add(const RuleDocument& document, const SourceFile& file, Diagnostics& diagnostics) {
    const std::size_t errors_before = diagnostics.error_count();
    names_.add(document, file, diagnostics);
    if (document.kind == DocumentKind::kCorrelation) {
      if (!document.complete || diagnostics.error_count() != errors_before) return false;
      names_.set_index(document, static_cast<std::uint32_t>(correlations_.size()));
      correlations_.push_back(
          {document.info, document.has_level, document.correlation.value(), &file});
      return true;
    }
    ItemLists items = make_items(document, file, diagnostics);
    check_schema(document, items, file, diagnostics);
    // Leaves are compiled even then: a wrong regular expression is one more problem to tell.
    const LeafLists leaves = make_leaves(items, file, diagnostics);
    if (!document.complete || diagnostics.error_count() != errors_before) return false;
    ExprList tree = make_tree(document, leaves);
    auto program = compile_program(tree, rules_->leaf_costs);
    if (!program) {
      diagnostics.add(Problem::kConditionTooLong, file, document.conditions.front().text.position,
                      fmt::format("the condition asks more than {} questions", kInstructionsMax),
                      "name each selection once");
      return false;
    }
    if (document.kind == DocumentKind::kFilter) {
      names_.set_index(document, static_cast<std::uint32_t>(rules_->filters.size()));
      rules_->filters.push_back({document.info, std::move(*program), fields_of(tree)});
      filters_.push_back({document.logsource, document.filter.value(), &file});
      return true;
    }
    names_.set_index(document, static_cast<std::uint32_t>(rules_->rules.size()));
    CompiledRule rule;
    rule.info = document.info;
    rule.category = document.logsource.category;
    rule.program = std::move(*program);
    rule.tree = std::move(tree);
    rule.fields = fields_of(rule.tree);
    rules_->rules.push_back(std::move(rule));
    logsources_.push_back(document.logsource);
    return true;
  }

  RuleSet build(Diagnostics& diagnostics) {
    link_filters(diagnostics);
    link_correlations(diagnostics);
    rules_->leaf_is_shared.resize(rules_->leaves.size());
    for (std::size_t i = 0; i < uses_.size(); ++i) rules_->leaf_is_shared[i] = uses_[i] > 1;
    bind_fields();
    rules_->dispatch = Dispatch::build(*rules_);
    rules_->gates = GateIndex(rules_->rules, rules_->leaves);
    note_wanted_slots();
    rules_->hash = hash();
    rules_->placeholders = std::move(placeholders_);
    return RuleSet(std::move(rules_));
  }

 private:
  // A filter that was read; its condition is in CompiledRules::filters.
  struct ReadFilter {
    Logsource logsource;
    FilterSection section;
    const SourceFile* file;
  };

  // A filter is for the rules whose logsource is within its own.
  static bool covers(const Logsource& filter, const Logsource& rule) {
    const auto within = [](const std::string& of_filter, const std::string& of_rule) {
      return of_filter.empty() || of_filter == of_rule;
    };
    return within(filter.category, rule.category) && within(filter.product, rule.product) &&
           within(filter.service, rule.service);
  }

  void link_filters(Diagnostics& diagnostics) {
    for (std::uint32_t i = 0; i < filters_.size(); ++i) {
      if (filters_[i].section.any) {
        for (std::uint32_t rule = 0; rule < rules_->rules.size(); ++rule) {
          if (covers(filters_[i].logsource, logsources_[rule])) add_use(i, rule);
        }
      }
      for (const PlacedText& name : filters_[i].section.rules) link_filter(i, name, diagnostics);
    }
    std::stable_sort(rules_->filter_uses.begin(), rules_->filter_uses.end(),
                     [](const FilterUse& a, const FilterUse& b) { return a.rule < b.rule; });
    for (std::uint32_t i = 0; i < rules_->filter_uses.size(); ++i) {
      CompiledRule& rule = rules_->rules[rules_->filter_uses[i].rule];
      if (rule.filters_count++ == 0) rule.filters_begin = i;
    }
  }

  void link_filter(std::uint32_t filter, const PlacedText& name, Diagnostics& diagnostics) {
    const SourceFile& file = *filters_[filter].file;
    const NamedDocument* found = names_.find(name.text);
    if (found == nullptr) {
      diagnostics.add(Problem::kUnknownRule, file, name.position,
                      fmt::format("there is no rule \"{}\"", name.text),
                      did_you_mean(name.text, names_.names(), "write the id or name of a rule"));
    } else if (found->kind != DocumentKind::kDetection) {
      diagnostics.add(Problem::kBadReference, file, name.position,
                      fmt::format("\"{}\" is a {}", name.text,
                                  found->kind == DocumentKind::kFilter ? "filter" : "correlation"),
                      "filters apply to detection rules alone; name the rules it refers to");
    } else if (found->index && !covers(filters_[filter].logsource, logsources_[*found->index])) {
      diagnostics.add(
          Problem::kFilterNotCovered, file, name.position,
          fmt::format("the filter's logsource does not cover that of \"{}\", so that it "
                      "has no effect there",
                      name.text),
          "leave out of the filter's logsource what the rule does not say");
    } else if (found->index) {
      add_use(filter, *found->index);
    }
  }

  void add_use(std::uint32_t filter, std::uint32_t rule) {
    rules_->filter_uses.push_back({filter, rule});
    add_fields(rules_->rules[rule], rules_->filters[filter].fields);
  }

  static void add_fields(CompiledRule& rule, std::span<const FieldIndex> fields) {
    rule.fields.insert(rule.fields.end(), fields.begin(), fields.end());
    std::sort(rule.fields.begin(), rule.fields.end());
    rule.fields.erase(std::unique(rule.fields.begin(), rule.fields.end()), rule.fields.end());
  }

  void link_correlations(Diagnostics& diagnostics) {
    std::vector<LinkedRule> rules;
    for (const CompiledRule& rule : rules_->rules)
      rules.push_back({rule.info.level, rule.category});
    LinkedCorrelations linked = chargewarden::link_correlations(
        correlations_, names_, rules,
        rules_->checks_logsource ? SchemaCheck::kOurs : SchemaCheck::kForeign, diagnostics);
    for (const CorrelationDef& def : linked.defs) {
      for (const CorrelationInput& input : def.inputs) {
        if (input.rule >= rules_->rules.size()) continue;
        std::vector<FieldIndex> fields;
        for (const auto* names : {&input.group_fields, &input.value_fields}) {
          for (const std::string& name : *names) fields.push_back(rules_->fields.intern(name));
        }
        add_fields(rules_->rules[input.rule], fields);
      }
    }
    rules_->correlations = std::move(linked.defs);
    rules_->correlation_infos = std::move(linked.infos);
    rules_->raises_alert = std::move(linked.raises_alert);
  }

  ItemLists make_items(const RuleDocument& document, const SourceFile& file,
                       Diagnostics& diagnostics) const {
    ItemLists out;
    for (const Selection& selection : document.selections) {
      auto& maps = out.emplace_back();
      for (const DetectionMap& map : selection.maps) {
        auto& list = maps.emplace_back();
        for (const DetectionItem& item : map.items) {
          auto made = make_match_item(item, placeholders_, file, diagnostics);
          if (made) list.push_back(std::move(*made));
        }
      }
    }
    return out;
  }

  void check_schema(const RuleDocument& document, const ItemLists& items, const SourceFile& file,
                    Diagnostics& diagnostics) const {
    if (!rules_->checks_logsource) return;
    const Logsource& logsource = document.logsource;
    // The parser has reported a logsource that says nothing.
    if (logsource.category.empty() && logsource.product.empty() && logsource.service.empty())
      return;
    if (!check_logsource(document.logsource, file, diagnostics)) return;
    for (const auto& maps : items) {
      for (const auto& list : maps) {
        for (const MatchItem& item : list) {
          check_item(item, document.logsource.category, file, diagnostics);
        }
      }
    }
  }

  static FieldIndex intern(void* table, std::string_view name) {
    return static_cast<FieldTable*>(table)->intern(name);
  }

  LeafIndex leaf_of(const MatchItem& item, const SourceFile& file, Diagnostics& diagnostics) {
    std::string key = has_network(item) ? std::string() : key_of(item);
    if (!key.empty()) {
      const auto known = leaf_keys_.find(key);
      if (known != leaf_keys_.end()) {
        ++uses_[known->second];
        return known->second;
      }
    }
    const FieldIndex field = rules_->fields.intern(item.field);
    auto leaf = Leaf::compile(item, field, &intern, &rules_->fields, file, diagnostics);
    if (!leaf) return 0;
    const auto index = static_cast<LeafIndex>(rules_->leaves.size());
    rules_->leaf_costs.push_back(cost_of(*leaf));
    uses_.push_back(1);
    rules_->leaves.push_back(std::move(*leaf));
    if (!key.empty()) leaf_keys_.emplace(std::move(key), index);
    return index;
  }

  std::uint32_t cost_of(const Leaf& leaf) const {
    static constexpr std::array<std::uint32_t, 5> kCosts{5, 10, 50, 200, 2'000};
    const bool expensive =
        std::any_of(leaf.fields().begin(), leaf.fields().end(),
                    [this](FieldIndex field) { return rules_->fields.name(field) == kRareField; });
    return kCosts[static_cast<std::size_t>(expensive ? LeafCost::kExpensive : leaf.cost())];
  }

  static ExprIndex join(ExprList& tree, ExprKind kind, std::vector<ExprIndex> children) {
    if (children.size() == 1) return children.front();
    tree.push_back({.kind = kind, .leaf = 0, .children = std::move(children)});
    return static_cast<ExprIndex>(tree.size() - 1);
  }

  LeafLists make_leaves(const ItemLists& items, const SourceFile& file, Diagnostics& diagnostics) {
    LeafLists out;
    for (const auto& maps : items) {
      auto& lists = out.emplace_back();
      for (const auto& list : maps) {
        auto& leaves = lists.emplace_back();
        for (const MatchItem& item : list) leaves.push_back(leaf_of(item, file, diagnostics));
      }
    }
    return out;
  }

  static ExprList make_tree(const RuleDocument& document, const LeafLists& items) {
    ExprList tree;
    std::vector<ExprIndex> selections;
    for (const auto& maps : items) {
      std::vector<ExprIndex> any;
      for (const auto& list : maps) {
        std::vector<ExprIndex> all;
        for (const LeafIndex leaf : list) {
          tree.push_back({.kind = ExprKind::kLeaf, .leaf = leaf, .children = {}});
          all.push_back(static_cast<ExprIndex>(tree.size() - 1));
        }
        any.push_back(join(tree, ExprKind::kAnd, std::move(all)));
      }
      selections.push_back(join(tree, ExprKind::kOr, std::move(any)));
    }
    std::vector<ExprIndex> conditions;
    for (const ParsedCondition& condition : document.conditions) {
      conditions.push_back(add_condition(condition.resolved, selections, tree));
    }
    const ExprIndex root = join(tree, ExprKind::kOr, std::move(conditions));
    // The root stands last.
    if (root + 1 != tree.size()) {
      tree.push_back({.kind = ExprKind::kAnd, .leaf = 0, .children = {root}});
    }
    return tree;
  }

  static ExprIndex add_condition(const ResolvedCondition& condition,
                                 const std::vector<ExprIndex>& selections, ExprList& tree) {
    std::vector<ExprIndex> place(condition.nodes.size());
    for (std::size_t i = 0; i < condition.nodes.size(); ++i) {
      const ResolvedNode& node = condition.nodes[i];
      if (node.kind == ConditionKind::kIdentifier) {
        place[i] = selections[node.selection];
        continue;
      }
      std::vector<ExprIndex> children;
      for (const ConditionIndex child : node.children) children.push_back(place[child]);
      if (node.kind == ConditionKind::kNot) {
        tree.push_back({.kind = ExprKind::kNot, .leaf = 0, .children = std::move(children)});
        place[i] = static_cast<ExprIndex>(tree.size() - 1);
      } else {
        place[i] = join(tree, node.kind == ConditionKind::kAnd ? ExprKind::kAnd : ExprKind::kOr,
                        std::move(children));
      }
    }
    return place[condition.root];
  }

  std::vector<FieldIndex> fields_of(const ExprList& tree) const {
    std::vector<FieldIndex> out;
    for (const Expr& node : tree) {
      if (node.kind != ExprKind::kLeaf) continue;
      const auto& fields = rules_->leaves[node.leaf].fields();
      out.insert(out.end(), fields.begin(), fields.end());
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
  }

  void bind_fields() {
    for (FieldIndex field = 0; field < rules_->fields.size(); ++field) {
      std::string_view name = rules_->fields.name(field);
      if (name.starts_with(kPayloadPrefix)) name.remove_prefix(kPayloadPrefix.size());
      if (name.starts_with(kRequestPrefix)) name.remove_prefix(kRequestPrefix.size());
      rules_->paths.emplace_back(name);
    }
    for (const EventDef* def : all_events()) {
      auto& bindings = rules_->bindings.emplace_back();
      bindings.push_back({FieldBinding::Kind::kKeywords, 0});
      for (FieldIndex field = 1; field < rules_->fields.size(); ++field) {
        bindings.push_back(bind_field(*def, rules_->fields.name(field)));
      }
    }
  }

  void note_wanted_slots() {
    for (std::size_t event = 0; event < all_events().size(); ++event) {
      std::uint64_t wanted = 0;
      for (const std::uint32_t rule : rules_->dispatch.all(event)) {
        for (const FieldIndex field : rules_->rules[rule].fields) {
          const FieldBinding binding = rules_->bindings[event][field];
          if (binding.kind == FieldBinding::Kind::kKeywords) wanted = ~std::uint64_t{0};
          if (binding.kind == FieldBinding::Kind::kSlot) wanted |= std::uint64_t{1} << binding.slot;
        }
      }
      rules_->wanted_slots.push_back(wanted);
    }
  }

  std::string hash() const {
    std::string text;
    for (const CompiledRule& rule : rules_->rules) append_key(text, rule.info.hash);
    for (const CompiledFilter& filter : rules_->filters) append_key(text, filter.info.hash);
    for (const RuleInfo& info : rules_->correlation_infos) append_key(text, info.hash);
    for (const auto& [name, values] : placeholders_) {
      append_key(text, name);
      for (const std::string& value : values) append_key(text, value);
      text += '\n';
    }
    return sha256_hex(text);
  }

  PlaceholderMap placeholders_;
  std::unique_ptr<CompiledRules> rules_;
  NameTable names_;
  std::vector<Logsource> logsources_;  // By rule.
  std::vector<ReadFilter> filters_;    // In the order of CompiledRules::filters.
  std::vector<ReadCorrelation> correlations_;
  std::unordered_map<std::string, LeafIndex> leaf_keys_;
  std::vector<std::uint32_t> uses_;
};

RuleSetBuilder::RuleSetBuilder(PlaceholderMap placeholders, SchemaCheck check)
    : impl_(std::make_unique<Impl>(std::move(placeholders), check)) {}

RuleSetBuilder::~RuleSetBuilder() = default;

bool RuleSetBuilder::add(const RuleDocument& document, const SourceFile& file,
                         Diagnostics& diagnostics) {
  return impl_->add(document, file, diagnostics);
}

RuleSet RuleSetBuilder::build(Diagnostics& diagnostics) {
  return impl_->build(diagnostics);
}

}  // namespace chargewarden
