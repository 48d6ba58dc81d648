#include "rules/engine/gate_index.h"

#include <algorithm>
#include <map>
#include <utility>

#include "rules/engine/compiled_rules.h"
#include "rules/engine/gate_finder.h"
#include "rules/engine/value_reading.h"

namespace chargewarden {

class GateIndex::Builder {
 public:
  Builder(const std::vector<CompiledRule>& rules, const std::vector<Leaf>& leaves, GateIndex& out)
      : rules_(rules), out_(out), finder_(leaves, trees_of(rules)) {}

  void run() {
    out_.always_.assign((rules_.size() + 63) / 64, 0);
    by_witness_.resize(finder_.witness_count());
    for (std::uint32_t rule = 0; rule < rules_.size(); ++rule) {
      const auto gate = finder_.find(rules_[rule].tree);
      if (!gate) {
        out_.always_[rule / 64] |= std::uint64_t{1} << (rule % 64);
        continue;
      }
      for (const WitnessIndex witness : *gate) by_witness_[witness].push_back(rule);
    }
    std::map<FieldIndex, std::vector<WitnessIndex>> by_field;
    for (WitnessIndex i = 0; i < by_witness_.size(); ++i) {
      if (!by_witness_[i].empty()) by_field[finder_.witness(i).field].push_back(i);
    }
    for (const auto& [field, witnesses] : by_field) add_field(field, witnesses);
  }

 private:
  static std::vector<const ExprList*> trees_of(const std::vector<CompiledRule>& rules) {
    std::vector<const ExprList*> out;
    out.reserve(rules.size());
    for (const CompiledRule& rule : rules) out.push_back(&rule.tree);
    return out;
  }

  void add_field(FieldIndex field, const std::vector<WitnessIndex>& witnesses) {
    Field& out = out_.fields_.emplace_back();
    out.field = field;
    std::vector<ScanLiteral> literals;
    std::vector<std::string> patterns;
    std::vector<std::uint32_t> present;
    std::vector<std::uint32_t> regex;
    for (const WitnessIndex index : witnesses) {
      const Witness& witness = finder_.witness(index);
      const std::vector<std::uint32_t>& rules = by_witness_[index];
      switch (witness.kind) {
        case WitnessKind::kPresent:
          present.insert(present.end(), rules.begin(), rules.end());
          break;
        case WitnessKind::kExact:
          out.exact.emplace(witness.text, store(rules));
          out.exact_sizes |= std::uint64_t{1} << (witness.text.size() % 64);
          break;
        case WitnessKind::kLiteral:
          literals.push_back({witness.text, witness.begins, witness.ends});
          out.literal_rules.push_back(store(rules));
          break;
        case WitnessKind::kNumber:
          out.numbers.push_back({witness.number, store(rules)});
          break;
        case WitnessKind::kRegex:
          patterns.push_back(witness.text);
          regex.insert(regex.end(), rules.begin(), rules.end());
          break;
      }
    }
    std::sort(out.numbers.begin(), out.numbers.end(),
              [](const NumberEntry& a, const NumberEntry& b) { return a.number < b.number; });
    if (!literals.empty()) out.literals.emplace(literals);
    if (!patterns.empty()) out.regexes = RegexSet::compile(patterns);
    // Expressions that are too large together are asked one by one wherever the field is.
    if (!patterns.empty() && !out.regexes) {
      present.insert(present.end(), regex.begin(), regex.end());
      regex.clear();
    }
    out.present = store(present);
    out.regex_rules = store(regex);
  }

  Posting store(const std::vector<std::uint32_t>& rules) {
    const Posting out{static_cast<std::uint32_t>(out_.postings_.size()),
                      static_cast<std::uint32_t>(rules.size())};
    out_.postings_.insert(out_.postings_.end(), rules.begin(), rules.end());
    return out;
  }

  const std::vector<CompiledRule>& rules_;
  GateIndex& out_;
  GateFinder finder_;
  std::vector<std::vector<std::uint32_t>> by_witness_;
};

GateIndex::GateIndex(const std::vector<CompiledRule>& rules, const std::vector<Leaf>& leaves) {
  if (rules.size() >= kRulesMin) Builder(rules, leaves, *this).run();
}

std::size_t GateIndex::always_count() const noexcept {
  std::size_t out = 0;
  for (const std::uint64_t word : always_) out += static_cast<std::size_t>(std::popcount(word));
  return out;
}

void GateIndex::wake(FieldSource& source, AwakeRules& awake) const {
  awake.assign(always_);
  for (const Field& field : fields_) {
    const Value value = source.value(field.field);
    if (value.is_absent()) continue;
    wake_all(field.present, awake);
    if (field.literals || !field.exact.empty()) {
      for (const TextForm& form : source.folded_texts(field.field)) {
        if (form.is_text) wake_by_text(field, form.folded, awake);
      }
    }
    if (!field.numbers.empty()) {
      if (value.kind() == ValueKind::kList) {
        for (const Value& element : value.as_list()) wake_by_number(field, element, awake);
      } else {
        wake_by_number(field, value, awake);
      }
    }
    if (field.regexes) wake_by_regex(field, source, awake);
  }
}

void GateIndex::wake_by_text(const Field& field, std::string_view folded, AwakeRules& awake) const {
  if ((field.exact_sizes >> (folded.size() % 64) & 1U) != 0) {
    const auto found = field.exact.find(folded);
    if (found != field.exact.end()) wake_all(found->second, awake);
  }
  if (field.literals) {
    field.literals->run(
        folded, [&](std::uint32_t literal) { wake_all(field.literal_rules[literal], awake); });
  }
}

void GateIndex::wake_by_number(const Field& field, const Value& element, AwakeRules& awake) const {
  const std::optional<Number> number = number_of(element);
  if (!number) return;
  const double wanted = number->is_integer ? static_cast<double>(number->integer) : number->real;
  auto entry = std::lower_bound(field.numbers.begin(), field.numbers.end(), wanted,
                                [](const NumberEntry& a, double b) { return a.number < b; });
  // Large integers that differ may be the same fraction.
  for (; entry != field.numbers.end() && entry->number <= wanted; ++entry) {
    wake_all(entry->rules, awake);
  }
}

void GateIndex::wake_by_regex(const Field& field, FieldSource& source, AwakeRules& awake) const {
  for (const TextForm& form : source.raw_texts(field.field)) {
    if (!form.is_text) continue;
    if (field.regexes->search(form.raw) != RegexSet::Answer::kNone) {
      // Which ones, and whether any when the set does not know, each rule finds out itself.
      wake_all(field.regex_rules, awake);
      return;
    }
  }
}

}  // namespace chargewarden
