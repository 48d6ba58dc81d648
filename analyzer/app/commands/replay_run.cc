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
#include "analyzer/app/commands/observation.h"
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

constexpr std::size_t kEventBufferLen = 1U << 16U;

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

// Lines of --events, to a file or standard output.
class EventWriter {
 public:
  static Expected<std::unique_ptr<EventWriter>> open(const std::string& path) {
    std::FILE* file = path == "-" ? stdout : std::fopen(path.c_str(), "we");
    if (file == nullptr) {
      const int error = errno;
      const bool wrong_path = error == ENOENT || error == ENOTDIR || error == EISDIR;
      return Error{wrong_path ? ErrorCode::kUsage : ErrorCode::kReadWrite,
                   fmt::format("cannot open event file \"{}\" for writing: {}", path,
                               std::generic_category().message(error))};
    }
    return std::unique_ptr<EventWriter>(new EventWriter(
        file, path == "-" ? "standard output" : fmt::format("event file \"{}\"", path)));
  }

  ~EventWriter() {
    if (file_ != stdout) (void)std::fclose(file_);
  }

  EventWriter(const EventWriter&) = delete;
  EventWriter& operator=(const EventWriter&) = delete;

  void write(std::string_view line) {
    buffer_ += line;
    buffer_ += '\n';
    if (buffer_.size() >= kEventBufferLen) flush();
  }

  void flush() {
    if (failed_) return;
    const bool written = std::fwrite(buffer_.data(), 1, buffer_.size(), file_) == buffer_.size();
    if (!written || std::fflush(file_) != 0) {
      failed_ = true;
      reason_ = std::generic_category().message(errno);
    }
    buffer_.clear();
  }

  [[nodiscard]] bool failed() const noexcept { return failed_; }

  [[nodiscard]] Error error() const {
    return {ErrorCode::kReadWrite, fmt::format("cannot write events to {}: {}", name_, reason_)};
  }

 private:
  EventWriter(std::FILE* file, std::string name) : file_(file), name_(std::move(name)) {}

  std::FILE* file_;
  std::string name_;  // As messages say it.
  std::string buffer_;
  std::string reason_;
  bool failed_ = false;
};

// Everything behind the pipeline: folds matches into alerts, keeps the audit trail, writes events.
class Output final : public NoteConsumer {
 public:
  Output(const RuleSet& rules, Dispatcher& dispatcher, AuditStore* audit, EventWriter* events,
         Redactor* redactor_without_key, const HashKey& hash_key, std::uint64_t bytes_total)
      : rules_(rules),
        dispatcher_(dispatcher),
        folder_(dispatcher, kGroupsMax, hash_key),
        audit_(audit),
        events_(events),
        redactor_without_key_(redactor_without_key),
        progress_(bytes_total) {}

  void set_sources(const std::vector<std::string>& names) { sources_ = names; }

  // Without a key from the configuration, pseudonyms are made with one that comes from the first
  // packet: the same capture gives the same pseudonyms, and who does not have it learns nothing.
  void on_start(const Packet& first) override {
    if (redactor_without_key_ != nullptr) {
      std::string text = std::to_string(first.time_ns);
      text.append(as_text(first.data));
      *redactor_without_key_ = Redactor(sha256(text));
    }
    append_sensor("start", {}, first.time_ns);
  }

  void on_note(const Note& note, const Outbox& outbox) override {
    switch (note.kind) {
      case NoteKind::kEvent:
        events_->write(outbox.view(note.text));
        break;
      case NoteKind::kMatch:
        on_match(note, outbox);
        break;
      case NoteKind::kAction:
        on_action(note, outbox);
        break;
    }
  }

  bool on_progress(std::uint64_t bytes_read, bool waiting) override {
    progress_.update(bytes_read);
    if (waiting && events_ != nullptr) events_->flush();
    return !dispatcher_.failed() && !failure_ && (events_ == nullptr || !events_->failed());
  }

  // Reports what is still open; the first failure of the run, if there was one.
  Expected<void> finish(const PipelineResult& result) {
    progress_.clear();
    folder_.finish();
    // Without packets there is no time, and there was no start.
    if (result.packets > 0) {
      append_sensor("stop", outcome_of(result), result.last_time_ns, observation_of(result));
    }
    if (events_ != nullptr) events_->flush();
    // Alerts are delivered when they are recorded: so that comes first.
    auto committed = audit_ != nullptr ? audit_->commit() : Expected<void>();
    auto delivered = dispatcher_.finish();
    if (failure_) return *failure_;
    if (!delivered) return delivered.error();
    if (!committed) return committed.error();
    if (events_ != nullptr && events_->failed()) return events_->error();
    return {};
  }

  [[nodiscard]] const FolderCounters& counters() const noexcept { return folder_.counters(); }

 private:
  void on_match(const Note& note, const Outbox& outbox) {
    const RuleInfo& rule = rules_.info(note.rule);
    const Origin origin{"wire", sources_[note.source], note.packet_number};
    const std::string_view station = outbox.view(note.station);
    const std::string_view source_ip = outbox.view(note.source_ip);
    const std::string_view destination_ip = outbox.view(note.destination_ip);
    if (!folder_.touch(rule, station, source_ip, destination_ip, note.time_ns, origin)) return;
    progress_.clear();
    Finding finding;
    finding.rule = &rule;
    finding.time_ns = note.time_ns;
    finding.station_id = station;
    finding.source_ip = source_ip;
    finding.destination_ip = destination_ip;
    finding.source_port = note.source_port;
    finding.destination_port = note.destination_port;
    finding.flow_id = outbox.view(note.flow_id);
    finding.event_name = outbox.view(note.event_name);
    finding.origin = origin_text(note);
    finding.event_json = outbox.view(note.text);
    folder_.create(std::move(finding));
  }

  void on_action(const Note& note, const Outbox& outbox) {
    if (audit_ == nullptr || failure_) return;
    const std::string origin = origin_text(note);
    ActionRecord record;
    record.time_ns = note.time_ns;
    record.station = outbox.view(note.station);
    record.direction = outbox.view(note.direction);
    record.action = outbox.view(note.action);
    record.outcome = outbox.view(note.outcome);
    record.source_ip = outbox.view(note.source_ip);
    record.destination_ip = outbox.view(note.destination_ip);
    record.origin = origin;
    record.fields_json = outbox.view(note.text);
    const auto index = audit_->append(record);
    if (!index) failure_ = index.error();
  }

  static std::string_view outcome_of(const PipelineResult& result) {
    if (result.read_failed) return "failed";
    if (result.stopped) return "interrupted";
    return result.problems.empty() ? "ok" : "incomplete";
  }

  void append_sensor(std::string_view action, std::string_view outcome, std::int64_t time_ns,
                     std::optional<Observation> observed = {}) {
    if (audit_ == nullptr || failure_) return;
    SensorRecord record;
    record.time_ns = time_ns;
    record.action = action;
    record.outcome = outcome;
    record.version = program_version();
    record.ruleset_hash = rules_.hash();
    record.inputs = sources_;
    record.observed = std::move(observed);
    const auto index = audit_->append(record);
    if (!index) failure_ = index.error();
  }

  [[nodiscard]] std::string origin_text(const Note& note) const {
    return fmt::format("wire:{}#{}", sources_[note.source], note.packet_number);
  }

  const RuleSet& rules_;
  Dispatcher& dispatcher_;
  AlertFolder folder_;
  AuditStore* audit_;
  EventWriter* events_;
  Redactor* redactor_without_key_;
  ProgressBar progress_;
  std::vector<std::string> sources_;
  std::optional<Error> failure_;
};

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

Expected<RuleSet> open_rules(const ReplayOptions& options, const Config& config) {
  LoadOptions load;
  load.paths = !options.rules.empty() ? options.rules : config.rules;
  if (load.paths.empty()) load.paths.push_back(catalog_dir());
  load.placeholders = config.placeholders;
  return load_rule_set(load);
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

std::uint64_t total_bytes(const std::vector<std::unique_ptr<CaptureSource>>& sources) {
  std::uint64_t sum = 0;
  for (const auto& source : sources) {
    if (source->bytes_total() == 0) return 0;
    sum += source->bytes_total();
  }
  return sum;
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
  if (reaches(options.fail_on, input.dispatch)) return kExitFindings;
  return result.stopped ? kExitBySignal + interrupted_by : kExitDone;
}

}  // namespace

int replay(const ReplayOptions& options) {
  if (options.alerts == "-" && options.events == "-") {
    return report({ErrorCode::kUsage, "--alerts and --events cannot both go to standard output"});
  }
  Config config;
  if (!options.config.empty()) {
    auto read = read_config(options.config);
    if (!read) return report(read.error());
    config = std::move(read).value();
  }
  auto rules = open_rules(options, config);
  if (!rules) return report(rules.error());
  auto stop = StopRequest::create();
  if (!stop) return report(stop.error());
  auto sources = open_captures(options.captures, **stop);
  if (!sources) return report(sources.error());
  std::optional<Interruption> interruption;  // Outlives the sinks and the trail.
  std::unique_ptr<AuditStore> audit;
  if (!options.audit.empty()) {
    AuditStoreOptions audit_options;
    const bool files_only = total_bytes(sources.value()) != 0;
    if (files_only) audit_options.gather_ms = kGatherOfFilesMs;
    auto opened = AuditStore::open(options.audit, audit_options);
    if (!opened) return report(opened.error());
    audit = std::move(opened).value();
  }
  std::unique_ptr<EventWriter> events;
  if (!options.events.empty()) {
    auto opened = EventWriter::open(options.events);
    if (!opened) return report(opened.error());
    events = std::move(opened).value();
  }
  auto sinks = open_sinks(options);
  if (!sinks) return report(sinks.error());
  const auto hash_key = draw_hash_key();
  if (!hash_key) return report(hash_key.error());

  Redactor redactor(config.privacy_key.value_or(RedactionKey{}));
  PipelineOptions pipeline_options;
  pipeline_options.rules = &rules.value();
  pipeline_options.redactor = &redactor;
  pipeline_options.want_events = events != nullptr;
  pipeline_options.want_actions = audit != nullptr;
  pipeline_options.hash_key = hash_key.value();
  const std::uint64_t bytes_total = total_bytes(sources.value());
  Pipeline pipeline(pipeline_options, std::move(sources).value(), options.threads);
  Dispatcher dispatcher({std::string(program_version()), rules.value().hash()}, audit.get(),
                        std::move(sinks).value());
  Output output(rules.value(), dispatcher, audit.get(), events.get(),
                config.privacy_key ? nullptr : &redactor, pipeline_options.hash_key, bytes_total);
  output.set_sources(pipeline.source_names());

  // Up to here a signal ends the process at once: nothing has been read, nothing is to be finished.
  interruption.emplace(**stop);
  const auto start = std::chrono::steady_clock::now();
  const PipelineResult result = pipeline.run(output);
  const auto finished = output.finish(result);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  const int signal = interruption->signal();
  return conclude(options,
                  {result, output.counters(), dispatcher.counters(), rules.value().size(), seconds,
                   result.stopped ? signal_name(signal) : ""},
                  pipeline.source_names(), finished, signal);
}

}  // namespace chargewarden
