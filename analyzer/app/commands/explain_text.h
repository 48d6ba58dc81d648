#pragma once
// The forms of an explanation: text of at most 100 columns where values allow it, and JSON.

#include <string>
#include <vector>

#include "rules/engine/explain.h"
#include "rules/model/rule_info.h"

namespace chargewarden {

// Which event of the file an explanation is about.
struct ExplainedEvent {
  std::size_t number = 0;  // From 0, as `rules eval` counts.
  std::size_t line = 1;    // Of the file, from 1.
  std::string name;        // event.name and event.origin; may be empty.
  std::string origin;
  std::vector<std::string> suppressed_by;  // Filters that take the match away.
};

// Appends lines with a line feed at the end. Nothing in them can act upon a terminal.
void append_explanation_text(const RuleInfo& rule, const ExplainedEvent& event,
                             const RuleExplanation& told, std::string& out);

// Appends one JSON object on a line of its own.
void append_explanation_json(const RuleInfo& rule, const ExplainedEvent& event,
                             const RuleExplanation& told, std::string& out);

}  // namespace chargewarden
