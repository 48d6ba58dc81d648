#include "analyzer/app/commands/replay_output.h"

#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "analyzer/app/commands/correlation_finding.h"
#include "analyzer/app/commands/observation.h"
#include "analyzer/app/commands/sensor_details.h"
#include "analyzer/app/paths.h"
#include "collector/base/digest.h"

namespace chargewarden {

namespace {

std::string_view outcome_of(const PipelineResult& result) {
  if (result.read_failed) return "failed";
  if (result.stopped) return "interrupted";
  return result.problems.empty() ? "ok" : "incomplete";
}

}  // namespace

ReplayOutput::ReplayOutput(const RuleSet& rules, Dispatcher& dispatcher,
                           const ReplayOutputOptions& options)
    : dispatcher_(dispatcher),
      folder_(dispatcher, kGroupsMax, options.hash_key, options.evidence),
      audit_(options.audit),
      events_(options.events),
      redactor_without_key_(options.redactor_without_key),
      progress_(options.bytes_total) {
  use(rules);
}

void ReplayOutput::use(const RuleSet& rules) {
  rules_ = &rules;
  infos_.clear();
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const RuleInfo& info = rules.info(i);
    infos_.push_back(infos_by_hash_.try_emplace(info.hash, &info).first->second);
  }
}

void ReplayOutput::on_start(const Packet& first) {
  if (redactor_without_key_ != nullptr) {
    std::string text = std::to_string(first.time_ns);
    text.append(as_text(first.data));
    *redactor_without_key_ = Redactor(sha256(text));
  }
  append_sensor("start", {}, first.time_ns, {});
}

void ReplayOutput::on_note(const Note& note, const Outbox& outbox) {
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

void ReplayOutput::on_match(const Note& note, const Outbox& outbox) {
  const RuleInfo& rule = *infos_[note.rule];
  const Origin origin = origin_of({note.source, note.packet_number});
  const std::string_view station = outbox.view(note.station);
  const std::string_view source_ip = outbox.view(note.source_ip);
  const std::string_view destination_ip = outbox.view(note.destination_ip);
  const auto packets = packets_of(note, outbox);
  if (!folder_.touch(rule, station, source_ip, destination_ip, note.time_ns, origin, {}, packets)) {
    return;
  }
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
  finding.origin = origin_text({note.source, note.packet_number});
  finding.event_json = outbox.view(note.text);
  folder_.create(std::move(finding), packets);
}

// A correlation that fires again for a group, and each further match while it holds, are repeats of
// one alert.
void ReplayOutput::on_hit(const CorrelationHit& hit) {
  const std::size_t rule = std::size_t{rules_->rule_count()} + hit.correlation;
  if (!rules_->raises_alert(rule)) return;
  const CorrelationDef& def = rules_->correlations()[hit.correlation];
  const auto packets = packets_of(hit);
  const PacketTag last = hit.tags.empty() ? PacketTag{} : unpack_tag(hit.tags.back());
  const Origin origin = origin_of(last);
  const std::string group = group_text(def, hit);
  if (!folder_.touch(*infos_[rule], {}, {}, {}, hit.time_ns, origin, group, packets)) return;
  progress_.clear();
  std::vector<std::string> origins;
  for (const std::uint64_t tag : hit.tags) origins.push_back(origin_text(unpack_tag(tag)));
  folder_.create(correlation_finding(def, *infos_[rule], hit, packets, origins));
}

void ReplayOutput::on_rules(const RulesChange& change) {
  const bool loaded = change.offer.rules != nullptr;
  const std::string details = loaded ? filter_details(*rules_, change.suppressed)
                                     : fmt::format("{{\"problems\":{}}}", change.offer.problems);
  if (loaded) {
    use(*change.offer.rules);
    dispatcher_.set_ruleset_hash(rules_->hash());
  }
  append_sensor("rules", loaded ? "loaded" : "refused", change.time_ns, details);
}

void ReplayOutput::on_action(const Note& note, const Outbox& outbox) {
  if (audit_ == nullptr || failure_) return;
  const std::string origin = origin_text({note.source, note.packet_number});
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

bool ReplayOutput::on_progress(std::uint64_t bytes_read, bool waiting) {
  progress_.update(bytes_read);
  if (waiting && events_ != nullptr) events_->flush();
  return !dispatcher_.failed() && !failure_ && (events_ == nullptr || !events_->failed());
}

void ReplayOutput::append_sensor(std::string_view action, std::string_view outcome,
                                 std::int64_t time_ns, const std::string& details_json,
                                 std::optional<Observation> observed) {
  if (audit_ == nullptr || failure_) return;
  SensorRecord record;
  record.time_ns = time_ns;
  record.action = action;
  record.outcome = outcome;
  record.version = program_version();
  record.ruleset_hash = rules_->hash();
  record.inputs = sources_;
  record.details_json = details_json;
  record.observed = std::move(observed);
  const auto index = audit_->append(record);
  if (!index) failure_ = index.error();
}

Origin ReplayOutput::origin_of(const PacketTag& packet) const {
  return {packet.source >= first_log_ ? "log" : "wire", sources_[packet.source], packet.number,
          packet.source};
}

std::string ReplayOutput::origin_text(const PacketTag& packet) const {
  const Origin origin = origin_of(packet);
  return fmt::format("{}:{}#{}", origin.kind, origin.source, origin.number);
}

// Lines of logs are no packets: an origin names them.
void ReplayOutput::add_packet(const PacketTag& packet) {
  if (packet.source < first_log_) packets_.emplace_back(packet.source, packet.number);
}

// Valid until the next call, as that of a hit.
std::span<const PacketRef> ReplayOutput::packets_of(const Note& note, const Outbox& outbox) {
  packets_.clear();
  std::string_view tags = outbox.view(note.packets);
  const bool told = !tags.empty();
  for (std::uint64_t tag = 0; tags.size() >= sizeof tag; tags.remove_prefix(sizeof tag)) {
    std::memcpy(&tag, tags.data(), sizeof tag);
    add_packet(unpack_tag(tag));
  }
  // What stands in no packet has the number 0.
  if (!told && note.packet_number > 0) add_packet({note.source, note.packet_number});
  return packets_;
}

std::span<const PacketRef> ReplayOutput::packets_of(const CorrelationHit& hit) {
  packets_.clear();
  for (const std::uint64_t tag : hit.tags) add_packet(unpack_tag(tag));
  return packets_;
}

Expected<void> ReplayOutput::finish(const PipelineResult& result) {
  progress_.clear();
  folder_.finish();
  // Without packets and records there is no time, and there was no start.
  if (!result.empty()) {
    append_sensor("stop", outcome_of(result), result.last_time_ns,
                  filter_details(*rules_, result.suppressed), observation_of(result));
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

}  // namespace chargewarden
