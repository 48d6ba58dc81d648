#include "analyzer/pipeline/shard.h"

#include <algorithm>

#include "analyzer/pipeline/field_texts.h"
#include "collector/event/defs/ocpp_events.h"
#include "collector/event/render_json.h"

namespace chargewarden {

namespace {

// What a station reports about its own security; everything else that is audited is a command.
constexpr auto kNotices = std::to_array<std::string_view>({
    "BootNotification",
    "FirmwareStatusNotification",
    "LogStatusNotification",
    "SecurityEventNotification",
    "SignCertificate",
    "SignedFirmwareStatusNotification",
});

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

std::string_view text_of(const Event& event, Slot slot) {
  const Value value = event.value(slot);
  return value.kind() == ValueKind::kText ? value.as_text() : std::string_view();
}

}  // namespace

bool is_audited_command(ocpp::ActionId action) {
  if (action == ocpp::kUnknownAction) return false;
  const ocpp::ActionDef& def = ocpp::action_def(action);
  return def.weight == ocpp::Weight::kHigh && def.caller != ocpp::Caller::kStation &&
         def.name != "DataTransfer";
}

bool is_audited_notice(ocpp::ActionId action) {
  return action != ocpp::kUnknownAction &&
         std::find(kNotices.begin(), kNotices.end(), ocpp::action_def(action).name) !=
             kNotices.end();
}

Interest make_interest(const PipelineOptions& options) {
  if (options.want_events || options.want_coverage) return Interest::all();
  Interest out;
  if (options.rules != nullptr) add_rule_interest(*options.rules, out);
  if (options.want_actions) add_audit_interest(out);
  return out;
}

Shard::Shard(const PipelineOptions& options, const Interest& interest,
             const std::vector<std::string>& sources)
    : options_(options),
      matcher_(options.rules != nullptr ? std::make_unique<Matcher>(*options.rules) : nullptr),
      coverage_(options.rules != nullptr && options.want_coverage
                    ? std::make_unique<CoverageCounter>(*options.rules)
                    : nullptr),
      context_(interest, *this),
      flows_(context_, sources),
      logs_(context_, sources, options.hash_key) {}

void Shard::on_segment(const Segment& segment, std::uint64_t hash, std::uint16_t source,
                       std::uint64_t order) {
  order_ = order;
  flows_.on_segment(segment, hash, source);
}

void Shard::on_record(const LogRecord& record, std::uint16_t source, std::uint64_t order) {
  order_ = order;
  logs_.on_record(record, source);
}

void Shard::finish(std::uint64_t order) {
  order_ = order;
  flows_.finish();
  logs_.finish();
}

void Shard::change_rules() {
  matcher_ = options_.rules != nullptr ? std::make_unique<Matcher>(*options_.rules) : nullptr;
  known_groups_.clear();
}

std::span<const std::uint64_t> Shard::suppressed() const noexcept {
  return matcher_ != nullptr ? matcher_->suppressed() : std::span<const std::uint64_t>();
}

void Shard::on_event(const Event& event) {
  ++event_;
  if (options_.want_events) {
    const std::size_t start = outbox_.buffer().size();
    render_flat_json(event, *options_.redactor, outbox_.buffer());
    Note note;
    note.order = order_;
    note.kind = NoteKind::kEvent;
    note.text = outbox_.kept_since(start);
    outbox_.add(note);
  }
  if (matcher_ != nullptr) {
    for (const std::uint32_t rule : matcher_->match(event)) add_match(event, rule);
  }
  if (options_.want_actions) add_action(event);
  if (options_.want_actions || coverage_ != nullptr) count(event);
}

void Shard::count(const Event& event) {
  ++event_counts_[event_index(event.def())];
  if (coverage_ != nullptr) coverage_->see(event);
}

Note Shard::make_note(const Event& event, NoteKind kind) {
  Note note;
  note.order = order_;
  note.kind = kind;
  note.time_ns = event.time_ns();
  note.packet_number = event.origin().number;
  note.source = event.origin().input;
  note.station = outbox_.keep(event.station());
  note.event_name = outbox_.keep(event.def().name);
  if (const FlowInfo* flow = event.flow()) {
    const bool from_client = event.sender() == Side::kClient;
    note.source_ip = outbox_.keep(from_client ? flow->client_ip_text : flow->server_ip_text);
    note.destination_ip = outbox_.keep(from_client ? flow->server_ip_text : flow->client_ip_text);
    note.source_port = from_client ? flow->client_port : flow->server_port;
    note.destination_port = from_client ? flow->server_port : flow->client_port;
    note.flow_id = outbox_.keep(flow->id);
  }
  return note;
}

// Peers choose their station id and addresses: with a hash that they can compute, an alert could be
// made to look like one that was described before.
Shard::GroupMark Shard::group_mark(std::uint32_t rule, const Event& event) const {
  SipHash13 hash(options_.hash_key);
  if (!event.station().empty() || event.flow() == nullptr) {
    hash.add((std::uint64_t{rule} << 8U) | 1U);
    hash.add(event.station());
  } else {
    const bool from_client = event.sender() == Side::kClient;
    hash.add((std::uint64_t{rule} << 8U) | (from_client ? 2U : 3U));
    hash.add(event.flow()->client_ip_text);
    hash.add(event.flow()->server_ip_text);
  }
  const std::uint64_t first = hash.finish();
  return {first, hash.finish_more()};
}

bool Shard::is_new_group(std::uint32_t rule, const Event& event) {
  const GroupMark mark = group_mark(rule, event);
  if (known_groups_.contains(mark)) return false;
  if (known_groups_.size() >= kKnownGroupsMax) known_groups_.clear();
  known_groups_.insert(mark);
  return true;
}

void Shard::add_match(const Event& event, std::uint32_t rule) {
  Note note = make_note(event, NoteKind::kMatch);
  note.rule = rule;
  note.event = event_;
  note.alerts = options_.rules->raises_alert(rule);
  note.correlates =
      options_.correlation_fields != nullptr && options_.correlation_fields->wants(rule);
  if (note.correlates) add_values(rule, note);
  if (note.alerts && is_new_group(rule, event)) {
    const std::size_t start = outbox_.buffer().size();
    render_flat_json(event, *options_.redactor, outbox_.buffer());
    note.text = outbox_.kept_since(start);
  }
  outbox_.add(note);
}

// What may be shown leaves the shard redacted, as all else; the rest is only compared and counted.
void Shard::add_values(std::uint32_t rule, Note& note) {
  const std::size_t start = outbox_.buffer().size();
  for (const CorrelationFields::Field& field : options_.correlation_fields->of(rule)) {
    const std::span<const TextForm> texts = matcher_->texts_of(field.index);
    const auto count = std::count_if(texts.begin(), texts.end(),
                                     [](const TextForm& form) { return form.is_text; });
    append_packed(outbox_.buffer(), static_cast<std::uint32_t>(count));
    for (const TextForm& form : texts) {
      if (!form.is_text) continue;
      if (!field.shown) {
        append_packed_text(outbox_.buffer(), form.raw);
      } else if (field.hides) {
        append_packed_text(outbox_.buffer(), options_.redactor->pseudonym(form.raw));
      } else {
        append_packed_text(outbox_.buffer(), options_.redactor->clean(form.raw));
      }
    }
  }
  note.values = outbox_.kept_since(start);
}

void Shard::add_action(const Event& event) {
  const bool unanswered = &event.def() == &ocpp::kUnanswered;
  if (&event.def() != &ocpp::kMessage && !unanswered) return;
  const bool is_call = !unanswered && text_of(event, ocpp::kType.slot) == std::string_view("call");
  const bool command = is_audited_command(event.action()) && !is_call;
  const bool notice = is_audited_notice(event.action()) && is_call;
  if (!command && !notice) return;
  Note note = make_note(event, NoteKind::kAction);
  note.action = outbox_.keep(ocpp::action_def(event.action()).name);
  // The record tells of the command: its direction is the one of the call.
  note.direction = outbox_.keep(command ? "csms_to_station" : "station_to_csms");
  if (unanswered) {
    note.outcome = outbox_.keep("no answer");
  } else if (command) {
    std::swap(note.source_ip, note.destination_ip);
    std::swap(note.source_port, note.destination_port);
    static const JsonPath kStatus("status");
    arena_.clear();
    const Value status =
        event.payload() != nullptr ? event.payload()->find(kStatus, arena_) : Value();
    const std::string_view error = text_of(event, ocpp::kErrorCode.slot);
    note.outcome = outbox_.keep(!error.empty() ? error
                                : status.kind() == ValueKind::kText
                                    ? status.as_text().substr(0, kEventTextMaxLen)
                                    : std::string_view("answered"));
  }
  const std::size_t start = outbox_.buffer().size();
  render_flat_json(event, *options_.redactor, outbox_.buffer());
  note.text = outbox_.kept_since(start);
  outbox_.add(note);
}

}  // namespace chargewarden
