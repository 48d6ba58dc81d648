#pragma once
// The summary of a replay: what was read, what was understood, what could not be seen and why.

#include <cstdint>
#include <optional>
#include <string>

#include "alerts/dispatch/alert_folder.h"
#include "alerts/dispatch/dispatcher.h"
#include "analyzer/app/commands/evidence_files.h"
#include "analyzer/pipeline/pipeline.h"

namespace chargewarden {

struct SummaryInput {
  const PipelineResult& result;
  const FolderCounters& folder;
  const DispatchCounters& dispatch;
  std::size_t rule_count;
  double seconds;                            // Wall clock, for the rates of the last line.
  std::optional<EvidenceCounters> evidence;  // Where it was written.
  std::string interrupted_by;  // The signal that ended reading before the input did, or empty.
};

std::string render_summary(const SummaryInput& input);

}  // namespace chargewarden
