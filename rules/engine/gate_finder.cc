#include "rules/engine/gate_finder.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <fmt/format.h>

namespace chargewarden {

namespace {

constexpr double kNoGate = std::numeric_limits<double>::infinity();

// How likely a text is found by chance, by its length: short ones stand everywhere. Only the order
// of whole gates matters.
double chance_of(std::size_t len) {
  static constexpr std::array<double, 9> kByLength{1'000, 1'000, 400, 150, 50, 30, 20, 15, 12};
  return len < kByLength.size() ? kByLength[len] : len < 16 ? 8 : 5;
}

std::string key_of(const Witness& witness) {
  return fmt::format("{}|{}|{}{}|{}|{}", static_cast<int>(witness.kind), witness.field,
                     witness.begins, witness.ends, witness.number, witness.text);
}

}  // namespace

GateFinder::GateFinder(const std::vector<Leaf>& leaves, const std::vector<const ExprList*>& trees)
    : leaves_(leaves.size()) {
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    for (const bool answer : {false, true}) {
      for (Gate& gate : leaves[i].gates(answer)) {
        Choice& choice = leaves_[i].choices[answer ? 1 : 0].emplace_back();
        for (Witness& witness : gate) choice.witnesses.push_back(intern(std::move(witness)));
      }
    }
  }
  for (const ExprList* tree : trees) {
    for (const Expr& node : *tree) {
      if (node.kind != ExprKind::kLeaf) continue;
      ++leaves_[node.leaf].uses;
      for (const FieldIndex field : leaves[node.leaf].fields()) ++field_uses_[field];
    }
  }
  uses_.resize(witnesses_.size());
  for (const LeafChoices& leaf : leaves_) {
    for (const auto& choices : leaf.choices) {
      for (const Choice& choice : choices) {
        for (const WitnessIndex witness : choice.witnesses) uses_[witness] += leaf.uses;
      }
    }
  }
  weigh();
}

WitnessIndex GateFinder::intern(Witness witness) {
  const auto [place, added] =
      keys_.try_emplace(key_of(witness), static_cast<WitnessIndex>(witnesses_.size()));
  if (added) witnesses_.push_back(std::move(witness));
  return place->second;
}

void GateFinder::weigh() {
  for (LeafChoices& leaf : leaves_) {
    for (std::size_t answer = 0; answer < 2; ++answer) {
      auto& choices = leaf.choices[answer];
      for (std::size_t i = 0; i < choices.size(); ++i) {
        for (const WitnessIndex witness : choices[i].witnesses) {
          choices[i].cost += cost_of(witnesses_[witness], uses_[witness]);
        }
        auto& best = leaf.best[answer];
        if (!best || choices[i].cost < choices[*best].cost) best = i;
      }
    }
  }
}

double GateFinder::cost_of(const Witness& witness, std::uint32_t uses) const {
  const auto field = field_uses_.find(witness.field);
  const double field_uses = field == field_uses_.end() ? 0 : field->second;
  // Keywords are looked for in every text of the event.
  const double width = witness.field == kKeywordField ? 4 : 1;
  switch (witness.kind) {
    case WitnessKind::kPresent:
      return 100 + 20 * field_uses;
    case WitnessKind::kExact:
      return 4.0 * uses;
    case WitnessKind::kLiteral:
      return width * uses * chance_of(witness.text.size());
    case WitnessKind::kNumber:
      return 20.0 * uses;
    case WitnessKind::kRegex:
      return 2'000 * width;
  }
  return 0;
}

std::optional<std::vector<WitnessIndex>> GateFinder::find(const ExprList& tree) {
  for (std::size_t answer = 0; answer < 2; ++answer) {
    costs_[answer].clear();
    costs_[answer].reserve(tree.size());
  }
  // Children stand before their parents.
  for (const Expr& node : tree) {
    const std::array<double, 2> costs{node_cost(node, false), node_cost(node, true)};
    costs_[0].push_back(costs[0]);
    costs_[1].push_back(costs[1]);
  }
  if (tree.empty() || costs_[1].back() == kNoGate) return std::nullopt;
  std::vector<WitnessIndex> out;
  collect(tree, static_cast<ExprIndex>(tree.size() - 1), true, out);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

double GateFinder::node_cost(const Expr& node, bool answer) const {
  const std::size_t which = answer ? 1 : 0;
  if (node.kind == ExprKind::kLeaf) {
    const LeafChoices& leaf = leaves_[node.leaf];
    const auto& best = leaf.best[which];
    if (!best) return kNoGate;
    return leaf.choices[which][*best].cost;
  }
  if (node.kind == ExprKind::kNot) return costs_[1 - which][node.children[0]];
  // `a and b` is false when either is, so for that answer it is an `or`.
  const bool any_child = (node.kind == ExprKind::kAnd) == answer;
  double out = any_child ? kNoGate : 0;
  for (const ExprIndex child : node.children) {
    out = any_child ? std::min(out, costs_[which][child]) : out + costs_[which][child];
  }
  return out;
}

// Only nodes that have a gate are visited. One with many parents may be visited for each: the
// builder has found the written-out condition short enough.
// NOLINTNEXTLINE(misc-no-recursion): as deep as the tree, which the condition's parser bounds.
void GateFinder::collect(const ExprList& tree, ExprIndex index, bool answer,
                         std::vector<WitnessIndex>& out) {
  const Expr& node = tree[index];
  const std::size_t which = answer ? 1 : 0;
  if (node.kind == ExprKind::kLeaf) {
    const LeafChoices& leaf = leaves_[node.leaf];
    const Choice& choice = leaf.choices[which][leaf.best[which].value_or(0)];
    out.insert(out.end(), choice.witnesses.begin(), choice.witnesses.end());
    return;
  }
  if (node.kind == ExprKind::kNot) {
    collect(tree, node.children[0], !answer, out);
    return;
  }
  if ((node.kind == ExprKind::kAnd) != answer) {
    for (const ExprIndex child : node.children) collect(tree, child, answer, out);
    return;
  }
  const auto best = std::min_element(
      node.children.begin(), node.children.end(),
      [&](ExprIndex a, ExprIndex b) { return costs_[which][a] < costs_[which][b]; });
  collect(tree, *best, answer, out);
}

}  // namespace chargewarden
