#include "analyzer/pipeline/shard.h"

#include "collector/event/defs/ocpp_events.h"

namespace chargewarden {

namespace {

// Rules that need ocpp.sensitive match only messages that hold something: those come through
// Interest::sensitive.
bool reads_sensitive(const RuleSet& rules, ocpp::ActionId action, MessageType type) {
  return rules.wants_field(ocpp::kMessage, ocpp::kSensitive.slot, action, type);
}

// The rules' numbering of message types is that of the wire, with one for everything else.
MessageType rule_type(std::size_t type) {
  return static_cast<MessageType>(type);
}

void add_rule_interest(const RuleSet& rules, Interest& out) {
  const auto events = all_events();
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (rules.wants_event(*events[i])) out.events[i] = true;
  }
  for (std::size_t action = 0; action <= ocpp::action_count(); ++action) {
    const auto id = static_cast<ocpp::ActionId>(action);
    if (rules.wants_request(id)) out.requests[action] = true;
    for (std::size_t type = 0; type < ocpp::kMessageTypes; ++type) {
      if (rules.may_match(ocpp::kMessage, id, rule_type(type), RareField::kAbsent)) {
        out.messages[action][type] = true;
      }
      if (reads_sensitive(rules, id, rule_type(type))) out.sensitive[action][type] = true;
    }
  }
}

void add_audit_interest(Interest& out) {
  for (std::size_t action = 1; action <= ocpp::action_count(); ++action) {
    const auto id = static_cast<ocpp::ActionId>(action);
    const auto want = [&](ocpp::MessageType type) {
      out.messages[action][static_cast<std::size_t>(type)] = true;
    };
    if (is_audited_command(id)) {
      out.requests[action] = true;
      want(ocpp::MessageType::kResult);
      want(ocpp::MessageType::kError);
    }
    if (is_audited_notice(id)) want(ocpp::MessageType::kCall);
  }
  out.events[event_index(ocpp::kUnanswered)] = true;
}

}  // namespace

Interest make_interest(const PipelineOptions& options) {
  if (options.want_events || options.want_coverage) return Interest::all();
  Interest out;
  if (options.rules != nullptr) add_rule_interest(*options.rules, out);
  if (options.want_actions) add_audit_interest(out);
  return out;
}

Interest with_facts(const Interest& own, const PipelineOptions& options) {
  Interest out = own;
  if (!options.want_facts) return out;
  const auto events = all_events();
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (FactExtractor::wants(*events[i])) out.events[i] = true;
  }
  for (auto& types : out.messages) types.fill(true);
  for (std::size_t action = 1; action <= ocpp::action_count(); ++action) {
    if (FactExtractor::wants_request(static_cast<ocpp::ActionId>(action))) {
      out.requests_of_full[action] = true;
    }
  }
  return out;
}

Shard::Shard(const PipelineOptions& options, const Interest& wanted, const Interest& own,
             const std::vector<std::string>& sources)
    : options_(options),
      own_(own),
      notes_(options),
      facts_(options.hash_key),
      context_(wanted, *this),
      flows_(context_, sources),
      logs_(context_, sources, options.hash_key) {}

void Shard::on_segment(const Segment& segment, std::uint64_t hash, std::uint16_t source,
                       std::uint64_t order) {
  notes_.set_order(order);
  flows_.on_segment(segment, hash, source);
}

void Shard::on_record(const LogRecord& record, std::uint16_t source, std::uint64_t order) {
  notes_.set_order(order);
  logs_.on_record(record, source);
}

void Shard::finish(std::uint64_t order) {
  notes_.set_order(order);
  flows_.finish();
  logs_.finish();
}

void Shard::on_event(const Event& event) {
  if (options_.want_facts) {
    facts_.add(event, notes_.order(), outbox().facts());
    if (!wants_note(event)) return;
  }
  notes_.on_event(event);
}

// Detectors want more than the rules do.
bool Shard::wants_note(const Event& event) const {
  if (&event.def() != &ocpp::kMessage) return own_.wants(event.def());
  const Value type = event.value(ocpp::kType.slot);
  const auto& wanted = own_.messages[event.action()];
  for (std::size_t i = 0; i < ocpp::kMessageTypes; ++i) {
    if (wanted[i] && type.as_text() == ocpp::kTypeNames[i]) return true;
  }
  return !event.value(ocpp::kSensitive.slot).is_absent();
}

}  // namespace chargewarden
