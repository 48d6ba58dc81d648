#include "rules/engine/program.h"

#include <algorithm>
#include <limits>

namespace chargewarden {

namespace {

class Compiler {
 public:
  Compiler(const ExprList& tree, std::span<const std::uint32_t> costs) : tree_(tree) {
    costs_.reserve(tree.size());
    for (const Expr& node : tree) {
      std::uint64_t cost = node.kind == ExprKind::kLeaf ? costs[node.leaf] : 0;
      for (const ExprIndex child : node.children) cost += costs_[child];
      costs_.push_back(std::min<std::uint64_t>(cost, std::numeric_limits<std::uint32_t>::max()));
    }
  }

  std::optional<Program> run() {
    if (tree_.empty()) return std::nullopt;
    const std::int32_t entry =
        emit(static_cast<ExprIndex>(tree_.size() - 1), kEndMatch, kEndNoMatch);
    if (failed_) return std::nullopt;
    program_.entry = entry;
    return std::move(program_);
  }

 private:
  // Written from the end, so that the places to go to are known.
  // NOLINTNEXTLINE(misc-no-recursion): as deep as the tree, which the condition's parser bounds.
  std::int32_t emit(ExprIndex index, std::int32_t on_true, std::int32_t on_false) {
    const Expr& node = tree_[index];
    switch (node.kind) {
      case ExprKind::kLeaf:
        return emit_leaf(node.leaf, on_true, on_false);
      case ExprKind::kNot:
        return emit(node.children[0], on_false, on_true);
      case ExprKind::kAnd:
      case ExprKind::kOr:
        break;
    }
    std::vector<ExprIndex> children = node.children;
    std::stable_sort(children.begin(), children.end(),
                     [this](ExprIndex a, ExprIndex b) { return costs_[a] < costs_[b]; });
    const bool is_and = node.kind == ExprKind::kAnd;
    std::int32_t next = is_and ? on_true : on_false;
    for (auto child = children.rbegin(); child != children.rend() && !failed_; ++child) {
      next = is_and ? emit(*child, next, on_false) : emit(*child, on_true, next);
    }
    return next;
  }

  std::int32_t emit_leaf(LeafIndex leaf, std::int32_t on_true, std::int32_t on_false) {
    if (program_.instructions.size() >= kInstructionsMax) {
      failed_ = true;
      return kEndNoMatch;
    }
    program_.instructions.push_back({leaf, on_true, on_false});
    return static_cast<std::int32_t>(program_.instructions.size() - 1);
  }

  const ExprList& tree_;
  std::vector<std::uint64_t> costs_;
  Program program_;
  bool failed_ = false;
};

}  // namespace

std::optional<Program> compile_program(const ExprList& tree, std::span<const std::uint32_t> costs) {
  return Compiler(tree, costs).run();
}

}  // namespace chargewarden
