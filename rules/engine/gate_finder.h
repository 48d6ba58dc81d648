#pragma once
// GateFinder: finds the best gate of each rule of a set (see witness.h).
//
// A gate follows from the condition alone: of what is joined by `and` any one part's gate is a gate
// of the whole; of what is joined by `or` every part needs one; `not` asks its child for the other
// answer. Which gate is best is a guess by how long its texts are and how many rules look for the
// same: what half of all rules look for stands in half of all events.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "rules/engine/leaf.h"
#include "rules/engine/program.h"

namespace chargewarden {

using WitnessIndex = std::uint32_t;

class GateFinder {
 public:
  // Looks at all leaves and at how often the trees use them; both must outlive it.
  GateFinder(const std::vector<Leaf>& leaves, const std::vector<const ExprList*>& trees);

  // Witnesses of the tree's gate, without order, each once; nullopt when it can be true without
  // any.
  std::optional<std::vector<WitnessIndex>> find(const ExprList& tree);

  [[nodiscard]] const Witness& witness(WitnessIndex index) const { return witnesses_[index]; }

  [[nodiscard]] std::size_t witness_count() const noexcept { return witnesses_.size(); }

 private:
  // A gate of a leaf for one answer.
  struct Choice {
    std::vector<WitnessIndex> witnesses;
    double cost = 0;
  };

  // By the answer, no and yes.
  struct LeafChoices {
    std::vector<Choice> choices[2];
    std::optional<std::size_t> best[2];
    std::uint32_t uses = 0;
  };

  WitnessIndex intern(Witness witness);
  void weigh();
  [[nodiscard]] double cost_of(const Witness& witness, std::uint32_t uses) const;
  double node_cost(const Expr& node, bool answer) const;
  void collect(const ExprList& tree, ExprIndex index, bool answer, std::vector<WitnessIndex>& out);

  std::vector<Witness> witnesses_;
  std::unordered_map<std::string, WitnessIndex> keys_;
  std::vector<std::uint32_t> uses_;  // By witness: how many rules look for it.
  std::unordered_map<FieldIndex, std::uint32_t> field_uses_;
  std::vector<LeafChoices> leaves_;
  std::vector<double> costs_[2];  // Of the tree at hand, by answer and node.
};

}  // namespace chargewarden
