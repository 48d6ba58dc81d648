#include "analyzer/app/commands/rules_coverage.h"

#include <ostream>
#include <utility>

#include <fmt/format.h>

#include "analyzer/app/commands/coverage_report.h"
#include "analyzer/app/config.h"
#include "analyzer/app/exit_status.h"

namespace chargewarden {

namespace {

// As replay with this configuration would have it: detectors ask what is known about the site.
Expected<Sightings> watch(const CoverageOptions& options, const RuleSet& rules) {
  Config config;
  if (!options.rules.config.empty()) {
    auto read = read_config(options.rules.config);
    if (!read) return read.error();
    config = std::move(read).value();
  }
  const auto site = read_site(config);
  if (!site) return site.error();
  return watch_captures(options.captures, rules, options.threads, site.value());
}

}  // namespace

int rules_coverage(const CoverageOptions& options, OutputFormat format, TableForm form,
                   std::ostream& out, std::ostream& err) {
  const bool of_trail = !options.audit.empty();
  if (of_trail != options.captures.empty()) {
    return report_error({ErrorCode::kUsage,
                         "coverage needs either --capture or --audit: name captures, or the folder "
                         "of an audit trail"},
                        err);
  }
  const LoadedRules loaded = load_for_command(options.rules);
  if (!are_usable(loaded, err)) return kExitUsage;
  auto sightings = of_trail ? read_trail(options.audit, loaded.set) : watch(options, loaded.set);
  if (!sightings) return report_error(sightings.error(), err);
  CoverageReport report;
  report.of_trail = of_trail;
  report.inputs = of_trail ? std::vector<std::string>{options.audit} : options.captures;
  std::size_t silent = 0;
  for (std::uint32_t rule = 0; rule < loaded.set.size(); ++rule) {
    if (!passes(loaded.set.info(rule), options.filter)) continue;
    if (of_trail && !loaded.set.raises_alert(rule)) {
      ++silent;
    } else {
      report.rules.push_back(cover(loaded.set, rule, sightings.value()));
    }
  }
  report.only_encrypted = sightings.value().only_encrypted;
  report.notes = sightings.value().notes;
  if (silent > 0) {
    report.notes.push_back(fmt::format(
        "{} rules that only feed correlations leave no trace in a trail and are not listed",
        silent));
  }
  out << (format == OutputFormat::kJson ? coverage_json(report) : coverage_table(report, form));
  return finish(out, kExitDone);
}

}  // namespace chargewarden
