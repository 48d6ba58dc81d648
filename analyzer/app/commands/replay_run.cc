#include "analyzer/app/commands/replay_run.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <system_error>

#include <fmt/format.h>
#include <sys/random.h>

#include "alerts/audit/audit_store.h"
#include "alerts/dispatch/alert_folder.h"
#include "alerts/dispatch/dispatcher.h"
#include "alerts/sinks/file/file_sink.h"
#include "alerts/sinks/zmq/zmq_sink.h"
#include "analyzer/app/commands/event_writer.h"
#include "analyzer/app/commands/evidence_files.h"
#include "analyzer/app/commands/replay_output.h"
#include "analyzer/app/commands/rule_reload.h"
#include "analyzer/app/commands/summary.h"
#include "analyzer/app/config.h"
#include "analyzer/app/exit_status.h"
#include "analyzer/app/interruption.h"
#include "analyzer/app/paths.h"
#include "analyzer/app/progress.h"
#include "analyzer/app/terminal.h"
#include "analyzer/pipeline/pipeline.h"
#include "collector/base/digest.h"
#include "rules/engine/rule_loader.h"

namespace chargewarden {

namespace {

int report(const Error& error) {
  std::string text;
  // Loader errors bring several lines; each is made safe by itself.
  for (const char c : error.message) {
    if (c == '\n') {
      text += '\n';
    } else {
      append_terminal_safe(text, std::string_view(&c, 1));
    }
  }
  (void)std::fprintf(stderr, "chargewarden: %s\n", text.c_str());
  return exit_status_of(error.code);
}

Expected<std::vector<std::unique_ptr<CaptureSource>>> open_captures(
    const std::vector<std::string>& paths, const StopRequest& stop) {
  std::vector<std::unique_ptr<CaptureSource>> out;
  for (const std::string& path : paths) {
    auto source = CaptureSource::open(path, &stop);
    if (!source) return source.error();
    out.push_back(std::move(source).value());
  }
  return out;
}

Expected<std::vector<std::unique_ptr<LogSource>>> open_logs(
    const std::vector<std::string>& arguments, const StopRequest& stop) {
  std::vector<std::unique_ptr<LogSource>> out;
  for (const std::string& argument : arguments) {
    auto options = parse_log_argument(argument);
    if (!options) return options.error();
    auto source = LogSource::open(options.value(), &stop);
    if (!source) return source.error();
    out.push_back(std::move(source).value());
  }
  return out;
}

// What is wrong with the inputs as such, before anything is opened.
std::optional<Error> wrong_inputs(const ReplayOptions& options) {
  if (options.captures.empty() && options.logs.empty()) {
    return Error{ErrorCode::kUsage,
                 "replay needs a CAPTURE or --log FORMAT:FILE, see chargewarden replay --help"};
  }
  auto from_stdin = std::count(options.captures.begin(), options.captures.end(), "-");
  for (const std::string& argument : options.logs) {
    const auto parsed = parse_log_argument(argument);
    if (!parsed) return parsed.error();
    if (parsed.value().path == "-") ++from_stdin;
  }
  if (from_stdin > 1) {
    return Error{ErrorCode::kUsage, "only one input can come from standard input"};
  }
  return std::nullopt;
}

Expected<std::vector<std::unique_ptr<Sink>>> open_sinks(const ReplayOptions& options) {
  std::vector<std::unique_ptr<Sink>> out;
  if (!options.alerts.empty()) {
    auto sink = FileSink::open(options.alerts, AlertForm::kOcsfLines);
    if (!sink) return sink.error();
    out.push_back(std::move(sink).value());
  }
  if (!options.publish.empty()) {
    auto sink = ZmqSink::open(options.publish);
    if (!sink) return sink.error();
    out.push_back(std::move(sink).value());
  }
  if (options.alerts != "-" && options.events != "-") {
    auto sink =
        FileSink::open("-", terminal_has_colour() ? AlertForm::kColouredText : AlertForm::kText);
    if (!sink) return sink.error();
    out.push_back(std::move(sink).value());
  }
  return out;
}

LoadOptions load_options(const ReplayOptions& options, const Config& config) {
  LoadOptions load;
  load.paths = !options.rules.empty() ? options.rules : config.rules;
  if (load.paths.empty()) load.paths.push_back(catalog_dir());
  load.placeholders = config.placeholders;
  return load;
}

// The rules once more, with what the configuration says by now. On a thread of its own.
ReadRules read_rules_again(const ReplayOptions& options) {
  Config config;
  if (!options.config.empty()) {
    auto read = read_config(options.config);
    if (!read) return {nullptr, fmt::format("chargewarden: {}\n", read.error().message), 1};
    config = std::move(read).value();
  }
  LoadOptions load = load_options(options, config);
  load.examples = false;
  LoadedRules loaded = load_rules(load);
  const std::size_t problems = loaded.diagnostics.error_count();
  if (problems == 0) return {std::make_unique<const RuleSet>(std::move(loaded.set)), {}, 0};
  return {nullptr,
          fmt::format("{}chargewarden: the new rules have {} problems; the old ones stay\n",
                      render_text(loaded.diagnostics), problems),
          problems};
}

// Another one for each run, so that nobody can prepare traffic that is slow to look up.
Expected<HashKey> draw_hash_key() {
  HashKey key;
  if (getrandom(&key, sizeof key, 0) == static_cast<ssize_t>(sizeof key)) return key;
  return Error{ErrorCode::kReadWrite,
               fmt::format("cannot draw the key of the hash tables from the system's random "
                           "numbers: {}",
                           std::generic_category().message(errno))};
}

bool reaches(const std::string& level_name, const DispatchCounters& counters) {
  if (level_name.empty()) return false;
  for (std::size_t level = kLevelCount; level-- > 0;) {
    if (counters.creates_by_level[level] > 0) return true;
    if (to_string(static_cast<Level>(level)) == level_name) return false;
  }
  return false;
}

// What makes a whole input unusable although it is a capture.
std::optional<Error> nothing_decodable(const PipelineResult& result,
                                       const std::vector<std::string>& names) {
  const DecodeCounters& packets = result.packets_by_outcome;
  if (result.packets == 0 || packets.of(DecodeOutcome::kUnsupportedLink) != result.packets) {
    return std::nullopt;
  }
  return Error{ErrorCode::kUnreadable,
               fmt::format("cannot decode \"{}\": its packets have link type {}, which is not "
                           "supported",
                           names.front(), link_type_name(packets.unsupported_links.front().first))};
}

// A file that is not of the format at all.
std::optional<Error> nothing_parsed(const PipelineResult& result) {
  const LogCounters& logs = result.logs;
  if (result.packets > 0 || logs.records == 0 || logs.records != logs.unparsed) return std::nullopt;
  return Error{ErrorCode::kUnreadable,
               fmt::format("no line of the logs is of the format that was named; first {}",
                           logs.first_unparsed)};
}

// 0 when one of them is not a file, so that nobody knows.
template <typename Source>
bool add_total_bytes(const std::vector<std::unique_ptr<Source>>& sources, std::uint64_t& sum) {
  for (const auto& source : sources) {
    if (source->bytes_total() == 0) return false;
    sum += source->bytes_total();
  }
  return true;
}

// Prints the summary and what went wrong; the exit status. A failure counts most: something was not
// kept or not written. Then findings, which more input would not take back.
int conclude(const ReplayOptions& options, const SummaryInput& input,
             const std::vector<std::string>& names, const Expected<void>& finished,
             int interrupted_by) {
  const PipelineResult& result = input.result;
  std::FILE* summary_to = options.alerts == "-" || options.events == "-" ? stderr : stdout;
  (void)std::fputs(render_summary(input).c_str(), summary_to);
  const bool summary_failed = std::fflush(summary_to) != 0;
  for (const std::string& problem : result.problems) {
    (void)report({ErrorCode::kUnreadable, problem});
  }
  if (!finished) return report(finished.error());
  if (result.read_failed || summary_failed) return kExitReadWrite;
  if (const auto error = nothing_decodable(result, names)) return report(*error);
  if (const auto error = nothing_parsed(result)) return report(*error);
  if (reaches(options.fail_on, input.dispatch)) return kExitFindings;
  return result.stopped ? kExitBySignal + interrupted_by : kExitDone;
}

// What a replay reads, opened.
struct Inputs {
  Config config;
  SiteKnowledge site;
  std::optional<RuleSet> rules;
  std::unique_ptr<StopRequest> stop;
  std::vector<std::unique_ptr<CaptureSource>> sources;
  std::vector<std::unique_ptr<LogSource>> logs;
  std::uint64_t bytes_total = 0;  // 0: not only files, so nobody knows.
};

Expected<Inputs> open_inputs(const ReplayOptions& options) {
  Inputs out;
  if (!options.config.empty()) {
    auto read = read_config(options.config);
    if (!read) return read.error();
    out.config = std::move(read).value();
  }
  auto site = read_site(out.config);
  if (!site) return site.error();
  out.site = std::move(site).value();
  auto rules = load_rule_set(load_options(options, out.config));
  if (!rules) return rules.error();
  out.rules = std::move(rules).value();
  auto stop = StopRequest::create();
  if (!stop) return stop.error();
  out.stop = std::move(stop).value();
  auto sources = open_captures(options.captures, *out.stop);
  if (!sources) return sources.error();
  out.sources = std::move(sources).value();
  auto logs = open_logs(options.logs, *out.stop);
  if (!logs) return logs.error();
  out.logs = std::move(logs).value();
  std::uint64_t total = 0;
  if (add_total_bytes(out.sources, total) && add_total_bytes(out.logs, total)) {
    out.bytes_total = total;
  }
  return out;
}

// What it writes.
struct Outputs {
  std::unique_ptr<AuditStore> audit;  // Null: not asked for, as the next.
  std::unique_ptr<EventWriter> events;
  std::unique_ptr<EvidenceFiles> evidence;
  std::vector<std::unique_ptr<Sink>> sinks;
};

Expected<Outputs> open_outputs(const ReplayOptions& options, bool files_only) {
  Outputs out;
  if (!options.audit.empty()) {
    AuditStoreOptions audit_options;
    if (files_only) audit_options.gather_ms = kGatherOfFilesMs;
    auto opened = AuditStore::open(options.audit, audit_options);
    if (!opened) return opened.error();
    out.audit = std::move(opened).value();
  }
  if (!options.events.empty()) {
    auto opened = EventWriter::open(options.events);
    if (!opened) return opened.error();
    out.events = std::move(opened).value();
  }
  if (!options.evidence.empty()) {
    auto opened = EvidenceFiles::open(options.evidence);
    if (!opened) return opened.error();
    out.evidence = std::move(opened).value();
  }
  auto sinks = open_sinks(options);
  if (!sinks) return sinks.error();
  out.sinks = std::move(sinks).value();
  return out;
}

int run(const ReplayOptions& options, Inputs& inputs, Outputs& outputs, const HashKey& hash_key,
        std::optional<Interruption>& interruption) {
  Redactor redactor(inputs.config.privacy_key.value_or(RedactionKey{}));
  PipelineOptions pipeline_options;
  pipeline_options.rules = &*inputs.rules;
  pipeline_options.redactor = &redactor;
  pipeline_options.want_events = outputs.events != nullptr;
  pipeline_options.want_actions = outputs.audit != nullptr;
  pipeline_options.hash_key = hash_key;
  pipeline_options.site = &inputs.site;
  // A file is read too fast for its rules to change; what is read as it comes may go on for years.
  std::optional<RuleReload> reload;
  NextRules next_rules;
  if (inputs.bytes_total == 0) {
    reload.emplace([&options] { return read_rules_again(options); });
    next_rules = [&reload] { return reload->poll(); };
  }
  Pipeline pipeline(pipeline_options, std::move(inputs.sources), options.threads, next_rules);
  const std::size_t first_log = pipeline.source_names().size();
  pipeline.add_logs(std::move(inputs.logs));
  Dispatcher dispatcher(
      {std::string(program_version()), inputs.rules->hash(), pipeline.source_names()},
      outputs.audit.get(), std::move(outputs.sinks));
  ReplayOutputOptions output_options;
  output_options.audit = outputs.audit.get();
  output_options.events = outputs.events.get();
  output_options.redactor_without_key = inputs.config.privacy_key ? nullptr : &redactor;
  EvidenceLedger evidence;
  output_options.evidence = outputs.evidence != nullptr ? &evidence : nullptr;
  output_options.hash_key = hash_key;
  output_options.bytes_total = inputs.bytes_total;
  ReplayOutput output(*inputs.rules, dispatcher, output_options);
  output.set_sources(pipeline.source_names(), first_log);

  // Up to here a signal ends the process at once: nothing has been read, nothing is to be finished.
  interruption.emplace(*inputs.stop);
  const auto start = std::chrono::steady_clock::now();
  const PipelineResult result = pipeline.run(output);
  auto finished = output.finish(result);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  std::optional<EvidenceCounters> written;
  if (outputs.evidence != nullptr) {
    const auto done = outputs.evidence->write(evidence, options.captures);
    if (done) {
      written = done.value();
    } else if (finished) {
      finished = done.error();
    }
  }
  const int signal = interruption->signal();
  return conclude(options,
                  {result, output.counters(), dispatcher.counters(), output.rules().size(), seconds,
                   written, result.stopped ? signal_name(signal) : ""},
                  pipeline.source_names(), finished, signal);
}

}  // namespace

int replay(const ReplayOptions& options) {
  if (options.alerts == "-" && options.events == "-") {
    return report({ErrorCode::kUsage, "--alerts and --events cannot both go to standard output"});
  }
  if (const auto error = wrong_inputs(options)) return report(*error);
  if (!options.evidence.empty()) {
    if (const auto twice = check_readable_twice(options.captures); !twice) {
      return report(twice.error());
    }
  }
  auto inputs = open_inputs(options);
  if (!inputs) return report(inputs.error());
  std::optional<Interruption> interruption;  // Outlives the sinks and the trail.
  auto outputs = open_outputs(options, inputs.value().bytes_total != 0);
  if (!outputs) return report(outputs.error());
  const auto hash_key = draw_hash_key();
  if (!hash_key) return report(hash_key.error());
  return run(options, inputs.value(), outputs.value(), hash_key.value(), interruption);
}

}  // namespace chargewarden
