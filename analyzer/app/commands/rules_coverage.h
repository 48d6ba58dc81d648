#pragma once
// `rules coverage`: which rules could fire on captures, or in an audit trail, which could not see
// anything, and which never have.

#include <iosfwd>
#include <string>
#include <vector>

#include "analyzer/app/commands/rules_loading.h"
#include "analyzer/app/table.h"

namespace chargewarden {

struct CoverageOptions {
  RulesOptions rules;
  RulesFilter filter;
  std::vector<std::string> captures;  // Either these,
  std::string audit;                  // or the folder of an audit trail.
  unsigned threads = 0;               // 0: default_threads() of the pipeline.
};

// The exit status: 0 done; 2 wrong usage or unreadable input; 74 a failed read or write.
int rules_coverage(const CoverageOptions& options, OutputFormat format, TableForm form,
                   std::ostream& out, std::ostream& err);

}  // namespace chargewarden
