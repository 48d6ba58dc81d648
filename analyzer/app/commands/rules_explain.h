#pragma once
// `rules explain`: why a rule matches the events of a file, or why not.

#include <cstddef>
#include <iosfwd>
#include <string>

#include "analyzer/app/commands/rules_loading.h"

namespace chargewarden {

// Longest file of events, bytes: as much as one event may have. An explanation is read by a person,
// who picks the events first. Test: rules_explain_test.cc "a file that is too long is refused".
inline constexpr std::size_t kExplainedFileMax = std::size_t{16} << 20U;

struct ExplainOptions {
  RulesOptions rules;
  std::string rule;   // Name, id or title.
  std::string event;  // File of one JSON object, or of one on each line; "-" is `in`.
};

// The exit status: 0 done, whether the rule matches or not; 2 wrong usage or unreadable input; 74 a
// failed write. With the configuration's key for pseudonyms; without one they are made with a key
// that comes from the file's own bytes.
int rules_explain(const ExplainOptions& options, OutputFormat format, std::istream& in,
                  std::ostream& out, std::ostream& err);

}  // namespace chargewarden
