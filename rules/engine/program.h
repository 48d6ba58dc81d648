#pragma once
// The condition of a rule as a tree over leaves, and as a program: a list of questions, each with
// the next question for yes and for no. Running it needs no stack and asks no more than it must.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace chargewarden {

// Index into the rule set's leaves.
using LeafIndex = std::uint32_t;
using ExprIndex = std::uint32_t;

enum class ExprKind : std::uint8_t { kAnd, kOr, kNot, kLeaf };

struct Expr {
  ExprKind kind = ExprKind::kLeaf;
  LeafIndex leaf = 0;
  std::vector<ExprIndex> children;  // Smaller than the own index; a node may have many parents.
};

// The last node is the root.
using ExprList = std::vector<Expr>;

inline constexpr std::int32_t kEndMatch = -1;
inline constexpr std::int32_t kEndNoMatch = -2;

struct Instruction {
  LeafIndex leaf;
  std::int32_t on_true;  // Index into the program, or an end.
  std::int32_t on_false;
};

struct Program {
  std::vector<Instruction> instructions;
  std::int32_t entry = kEndNoMatch;
};

// Most questions of one rule: selections that a condition names again and again are written out.
// Test: program_test.cc "a condition that explodes is refused".
inline constexpr std::size_t kInstructionsMax = 200'000;

// `costs` tells the cost of each leaf: of what is joined by and/or, the cheap is asked first.
// nullopt beyond kInstructionsMax.
std::optional<Program> compile_program(const ExprList& tree, std::span<const std::uint32_t> costs);

template <typename Ask>
bool run_program(std::span<const Instruction> program, std::int32_t entry, Ask&& ask) {
  std::int32_t at = entry;
  while (at >= 0) {
    const Instruction& step = program[static_cast<std::size_t>(at)];
    at = ask(step.leaf) ? step.on_true : step.on_false;
  }
  return at == kEndMatch;
}

}  // namespace chargewarden
