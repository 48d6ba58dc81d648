#pragma once
// What `rules coverage` knows and tells: which rules fired, which could have, and which could not
// see anything, with the reason.

#include <cstdint>
#include <string>
#include <vector>

#include "analyzer/app/table.h"
#include "analyzer/site/site_knowledge.h"
#include "collector/base/expected.h"
#include "rules/engine/coverage.h"
#include "rules/engine/rule_set.h"

namespace chargewarden {

// What a rule has done; `count` 0: nothing, and there are no times.
struct Firing {
  std::uint64_t count = 0;
  std::int64_t first_ns = 0;
  std::int64_t last_ns = 0;
};

// What captures or an audit trail tell about a set of rules.
struct Sightings {
  ObservedEvents observed;
  std::vector<Firing> fired;  // By rule.
  // By detection rule; empty where nobody watched the fields.
  std::vector<std::vector<FieldIndex>> missing;
  std::vector<std::string> only_encrypted;  // Stations or addresses.
  std::uint64_t encrypted_connections = 0;
  bool counted = true;  // False when nobody kept what was seen: `observed` is empty then.
  std::vector<std::string> notes;  // Sentences about what this cannot tell.
};

enum class CoverageState : std::uint8_t { kFired, kCouldFire, kNotObservable };

struct RuleCoverage {
  const RuleInfo* rule = nullptr;
  CoverageState state = CoverageState::kCouldFire;
  Firing fired;
  std::uint64_t looked_at = 0;
  std::string why;  // Of what is not observable.
};

struct CoverageReport {
  bool of_trail = false;  // Then `fired` counts alerts, else matches.
  std::vector<std::string> inputs;
  std::vector<RuleCoverage> rules;
  std::vector<std::string> only_encrypted;
  std::vector<std::string> notes;
};

// Runs the captures through the pipeline with the rules and what is known about the site.
Expected<Sightings> watch_captures(const std::vector<std::string>& captures, const RuleSet& rules,
                                   unsigned threads, const SiteKnowledge& site);

// Reads alerts and stop records of all runs of an audit trail.
Expected<Sightings> read_trail(const std::string& folder, const RuleSet& rules);

// The verdict on rule number `rule`.
RuleCoverage cover(const RuleSet& rules, std::uint32_t rule, const Sightings& sightings);

// Text of at most 100 columns: a table by state, a summary, and the notes.
std::string coverage_table(const CoverageReport& report, TableForm form);

// One JSON object.
std::string coverage_json(const CoverageReport& report);

}  // namespace chargewarden
