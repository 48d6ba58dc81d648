#include "analyzer/pipeline/note_maker.h"

#include <algorithm>
#include <array>

#include "analyzer/pipeline/field_texts.h"
#include "collector/base/limits.h"
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

NoteMaker::NoteMaker(const PipelineOptions& options)
    : options_(options),
      matcher_(options.rules != nullptr ? std::make_unique<Matcher>(*options.rules) : nullptr),
      coverage_(options.rules != nullptr && options.want_coverage
                    ? std::make_unique<CoverageCounter>(*options.rules)
                    : nullptr) {}

void NoteMaker::change_rules() {
  matcher_ = options_.rules != nullptr ? std::make_unique<Matcher>(*options_.rules) : nullptr;
  known_groups_.clear();
}

std::span<const std::uint64_t> NoteMaker::suppressed() const noexcept {
  return matcher_ != nullptr ? matcher_->suppressed() : std::span<const std::uint64_t>();
}

void NoteMaker::on_event(const Event& event) {
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

void NoteMaker::count(const Event& event) {
  ++event_counts_[event_index(event.def())];
  if (coverage_ != nullptr) coverage_->see(event);
}

// Where nothing on the connection names the station, the inventory may know whose address it is: so
// what TLS hides has a name.
std::string_view NoteMaker::station_of(const Event& event) const {
  if (!event.station().empty() || event.flow() == nullptr || options_.site == nullptr) {
    return event.station();
  }
  const ListedStation* listed = options_.site->inventory.find_at(event.flow()->client_ip_text);
  return listed != nullptr ? std::string_view(listed->id) : std::string_view();
}

Note NoteMaker::make_note(const Event& event, NoteKind kind) {
  Note note;
  note.order = order_;
  note.kind = kind;
  note.time_ns = event.time_ns();
  note.packet_number = event.origin().number;
  note.source = event.origin().input;
  note.station = outbox_.keep(station_of(event));
  note.event_name = outbox_.keep(event.def().name);
  if (const FlowInfo* flow = event.flow()) {
    const bool from_client = event.sender() == Side::kClient;
    note.source_ip = outbox_.keep(from_client ? flow->client_ip_text : flow->server_ip_text);
    note.destination_ip = outbox_.keep(from_client ? flow->server_ip_text : flow->client_ip_text);
    note.source_port = from_client ? flow->client_port : flow->server_port;
    note.destination_port = from_client ? flow->server_port : flow->client_port;
    note.flow_id = outbox_.keep(flow->id);
  }
  if (!event.packets().empty()) {
    const std::size_t start = outbox_.buffer().size();
    for (const std::uint64_t tag : event.packets()) append_packed_tag(outbox_.buffer(), tag);
    note.packets = outbox_.kept_since(start);
  }
  return note;
}

// Peers choose their station id and addresses: with a hash that they can compute, an alert could be
// made to look like one that was described before.
NoteMaker::GroupMark NoteMaker::group_mark(std::uint32_t rule, const Event& event) const {
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

bool NoteMaker::is_new_group(std::uint32_t rule, const Event& event) {
  const GroupMark mark = group_mark(rule, event);
  if (known_groups_.contains(mark)) return false;
  if (known_groups_.size() >= kKnownGroupsMax) known_groups_.clear();
  known_groups_.insert(mark);
  return true;
}

void NoteMaker::add_match(const Event& event, std::uint32_t rule) {
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
void NoteMaker::add_values(std::uint32_t rule, Note& note) {
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

void NoteMaker::add_action(const Event& event) {
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
