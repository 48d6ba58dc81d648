#pragma once
// `rules eval`: flat JSON events in, a line for each match out. How anyone compares the engine with
// another Sigma implementation.

#include <iosfwd>
#include <string>

#include "analyzer/app/commands/rules_loading.h"

namespace chargewarden {

struct EvalOptions {
  RulesOptions rules;
  std::string time_field;  // Where events have their time, for correlations; empty: the usual ones.
};

// Reads events, one per line, from `in`, and prints {"event": N, "rule": "<id>"} per match: N from
// 0, the rule's name where it has no id. Filters apply; a rule that only feeds correlations is
// silent; a correlation has the number of the last event that it is made of. Returns the exit
// status.
int rules_eval(const EvalOptions& options, std::istream& in, std::ostream& out, std::ostream& err);

}  // namespace chargewarden
