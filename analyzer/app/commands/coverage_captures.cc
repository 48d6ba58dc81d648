#include <memory>

#include <fmt/format.h>

#include "analyzer/app/commands/coverage_report.h"
#include "analyzer/app/progress.h"
#include "analyzer/pipeline/pipeline.h"

namespace chargewarden {

namespace {

// Counts matches; alerts are nobody's business here.
class Matches final : public NoteConsumer {
 public:
  Matches(const RuleSet& rules, std::uint64_t bytes_total)
      : rules_(rules), fired_(rules.size()), progress_(bytes_total) {}

  void on_start(const Packet& /*first*/) override {}

  void on_note(const Note& note, const Outbox& /*outbox*/) override {
    if (note.kind == NoteKind::kMatch) count(note.rule, note.time_ns);
  }

  void on_hit(const CorrelationHit& hit) override {
    if (hit.kind == CorrelationHitKind::kFire) {
      count(rules_.rule_count() + hit.correlation, hit.time_ns);
    }
  }

  void on_rules(const RulesChange& /*change*/) override {}

  bool on_progress(std::uint64_t bytes_read, bool /*waiting*/) override {
    progress_.update(bytes_read);
    return true;
  }

  std::vector<Firing> take() {
    progress_.clear();
    return std::move(fired_);
  }

 private:
  void count(std::uint32_t rule, std::int64_t time_ns) {
    Firing& firing = fired_[rule];
    if (firing.count++ == 0) firing.first_ns = time_ns;
    firing.last_ns = time_ns;
  }

  const RuleSet& rules_;
  std::vector<Firing> fired_;
  ProgressBar progress_;
};

}  // namespace

Expected<Sightings> watch_captures(const std::vector<std::string>& captures, const RuleSet& rules,
                                   unsigned threads, const SiteKnowledge& site) {
  std::vector<std::unique_ptr<CaptureSource>> sources;
  std::uint64_t bytes_total = 0;
  for (const std::string& path : captures) {
    auto source = CaptureSource::open(path);
    if (!source) return source.error();
    bytes_total += source.value()->bytes_total();
    sources.push_back(std::move(source).value());
  }
  const Redactor redactor{RedactionKey{}};  // What the events say is thrown away.
  PipelineOptions options;
  options.rules = &rules;
  options.redactor = &redactor;
  options.want_coverage = true;
  options.site = &site;
  Pipeline pipeline(options, std::move(sources), threads);
  Matches matches(rules, bytes_total);
  const PipelineResult result = pipeline.run(matches);
  if (result.read_failed) return Error{ErrorCode::kReadWrite, result.problems.back()};

  const std::unique_ptr<CoverageCounter> counter = pipeline.coverage();
  Sightings out;
  out.observed = counter->observed();
  out.fired = matches.take();
  for (std::uint32_t rule = 0; rule < rules.rule_count(); ++rule) {
    out.missing.push_back(counter->missing(rule));
  }
  out.only_encrypted = counter->only_encrypted();
  out.encrypted_connections = result.decode.connections_tls;
  out.notes = result.problems;
  if (result.packets == 0) out.notes.emplace_back("the input holds no packet");
  if (counter->peers_left_out() > 0) {
    out.notes.push_back(
        fmt::format("more than {} stations or addresses: whether the others are "
                    "only seen encrypted was not followed",
                    kCoveragePeersMax));
  }
  return out;
}

}  // namespace chargewarden
