// OCPP-J 1.6, 2.0.1 and 2.1 (and what 1.2 and 1.5 share with them): messages of one WebSocket.
//
// Answers are paired with their calls per direction; deviations are reported and survived. The
// payload is checked as JSON and otherwise left alone until a rule asks for a part of it.

#include <array>
#include <cstring>

#include "collector/base/limits.h"
#include "collector/base/text.h"
#include "collector/decoders/decoder.h"
#include "collector/decoders/ocpp/envelope.h"
#include "collector/decoders/ocpp/pending_calls.h"
#include "collector/decoders/ocpp/settings.h"
#include "collector/decoders/ocpp/version_guess.h"
#include "collector/event/defs/ocpp_events.h"
#include "collector/event/sensitive.h"

namespace chargewarden::ocpp {

namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;

// Answers without a call are no news for this long after messages may have been missed.
constexpr std::int64_t kBlindNs = 120'000'000'000;

// A call that waits longer than this has been given up by its sender, and the next one does not
// overlap it: 30 s is the usual message time-out.
constexpr std::int64_t kAnswerExpectedNs = 30'000'000'000;

constexpr std::size_t kEmptyObjectLen = std::string_view("{}").size();

std::string_view direction_name(Side sender) {
  return sender == Side::kClient ? "station_to_csms" : "csms_to_station";
}

std::string_view cut(std::string_view text) {
  return text.substr(0, kEventTextMaxLen);
}

// Signed messages are named after the action that they sign (OCPP 2.1 part 4, 7).
constexpr std::string_view kSignedSuffix = "-Signed";

ActionId action_of(std::string_view name) {
  const ActionId action = action_id(name);
  if (action != kUnknownAction || !name.ends_with(kSignedSuffix)) return action;
  return action_id(name.substr(0, name.size() - kSignedSuffix.size()));
}

// As the standard writes it; unknown ones as they were sent.
std::string_view name_of(ActionId action, std::string_view sent) {
  return action != kUnknownAction ? action_def(action).name : sent;
}

std::string_view name_of(const PendingCall& call) {
  return name_of(call.action, call.action_name);
}

ActionId set_variables() {
  static const ActionId action = action_id("SetVariables");
  return action;
}

bool opens_call(MessageType type) {
  return type == MessageType::kCall || type == MessageType::kSend;
}

class OcppDecoder : public MessageDecoder {
 public:
  explicit OcppDecoder(const WebSocketParams& params)
      : version_(version_of_subprotocol(params.subprotocol)),
        guessed_(version_ == OcppVersion::kUnknown) {}

  MessageVerdict on_message(const WebSocketMessage& message, StreamContext& context) override {
    if (!station_counted_) count_station(context);
    if (context.midstream && !gap_seen_) on_gap(Side::kClient, context);
    DecodeStats& stats = context.shard.stats;
    stats.ocpp_bytes += message.text.size();
    if (message.damaged) {
      on_partial(message, context);
      return MessageVerdict::kFine;
    }
    JsonDocument& document = context.shard.payload;
    const JsonStatus status =
        message.is_text ? document.load(message.text) : document.load_copy(message.text);
    if (status == JsonStatus::kTooDeep) {
      on_too_deep(message, context);
      return MessageVerdict::kFine;
    }
    if (status != JsonStatus::kOk) {
      check_size(message, {}, context);
      ++stats.ocpp_invalid;
      if (status == JsonStatus::kNotUtf8) return MessageVerdict::kNotUtf8;
      report("malformed_json", to_string(status), message, {}, context);
      return MessageVerdict::kFine;
    }
    context.shard.arena.clear();
    Envelope envelope = read_envelope(document, context.shard.arena);
    check_size(message, envelope, context);
    for (std::size_t i = 0; i < envelope.deviations.count; ++i) {
      report(envelope.deviations.kinds[i], {}, message, envelope, context);
    }
    if (!envelope.valid) {
      ++stats.ocpp_invalid;
      return MessageVerdict::kFine;
    }
    document.set_root(envelope.payload_token);
    if (opens_call(envelope.type)) {
      on_call(message, envelope, context);
    } else {
      on_answer(message, envelope, context);
    }
    return MessageVerdict::kFine;
  }

  void on_gap(Side /*side*/, StreamContext& context) override {
    gap_seen_ = true;
    blind_until_ns_ = context.time_ns + kBlindNs;
  }

  void on_end(StreamContext& context) override {
    for (const Side caller : {Side::kClient, Side::kServer}) {
      pending_[index_of(caller)].keep_if([&](PendingCall& call) {
        if (!call.is_reported) report_unanswered(call, caller, context);
        call.is_reported = true;
        // A call that was cut off comes again as a whole, should the connection go on.
        return !call.is_partial;
      });
    }
  }

 private:
  // Nobody else would ever hear of a command whose answer never came.
  void report_unanswered(const PendingCall& call, Side caller, StreamContext& context) {
    JsonDocument& document = context.shard.request;
    if (!call.has_payload || !context.wants(kUnanswered) ||
        document.load_copy(call.payload) != JsonStatus::kOk) {
      return;
    }
    document.set_root(0);
    Event event = context.make_event(kUnanswered, caller);
    event.set_action(call.action);
    if (version_ != OcppVersion::kUnknown) event.set_text(kUnansweredVersion, to_string(version_));
    event.set_text(kUnansweredDirection, direction_name(caller));
    event.set_text(kUnansweredAction, name_of(call));
    event.set_text(kUnansweredId, cut(call.id));
    event.set_int(kWaitedMs, (context.time_ns - call.time_ns) / kNsPerMs);
    event.set_payload(&document, nullptr);
    context.emit(event);
  }

  void count_station(StreamContext& context) {
    station_counted_ = true;
    if (context.station_id.empty()) return;
    DecodeStats& stats = context.shard.stats;
    if (stats.stations.size() < kStationsCountedMax) {
      stats.stations.insert(context.station_id);
    } else if (stats.stations.find(context.station_id) == stats.stations.end()) {
      stats.limits.hit(Limit::kStations);
    }
  }

  void check_size(const WebSocketMessage& message, const Envelope& envelope,
                  StreamContext& context) {
    if (message.text.size() > kLargeMessageLen) {
      report("large_message", {}, message, envelope, context);
    }
  }

  void on_call(const WebSocketMessage& message, const Envelope& envelope, StreamContext& context) {
    const ActionId action = action_of(envelope.action);
    if (guessed_) guess(envelope.type, action, context);
    count(envelope.type, action, envelope.action, context);
    count_session(action, context);
    check_call(message, envelope, action, context);
    if (envelope.type == MessageType::kCall) {
      remember(message, envelope, action, context);
    }
    emit_message(message, envelope, action, name_of(action, envelope.action), nullptr, context);
  }

  static void count_session(ActionId action, StreamContext& context) {
    static const ActionId kStart = action_id("StartTransaction");
    static const ActionId kEvent = action_id("TransactionEvent");
    static const JsonPath kEventType("eventType");
    ShardContext& shard = context.shard;
    if (action == kStart) {
      ++shard.stats.session_starts;
    } else if (action == kEvent) {
      const Value type = shard.payload.find(kEventType, shard.arena);
      if (type.kind() == ValueKind::kText && type.as_text() == "Started") {
        ++shard.stats.session_starts;
      }
    }
  }

  void check_call(const WebSocketMessage& message, const Envelope& envelope, ActionId action,
                  StreamContext& context) {
    PendingCalls& own = pending_[index_of(message.sender)];
    if (own.note_id(envelope.id)) {
      report("duplicate_message_id", {}, message, envelope, context);
    }
    if (envelope.action.empty()) return;  // Reported as bad_action.
    if (action == kUnknownAction) {
      report("unknown_action", {}, message, envelope, context);
      return;
    }
    const Caller caller = action_def(action).caller;
    const bool from_station = message.sender == Side::kClient;
    if (caller != Caller::kBoth && (caller == Caller::kStation) != from_station) {
      report("wrong_direction", {}, message, envelope, context);
    }
    if (own.waits_since(context.time_ns - kAnswerExpectedNs) &&
        envelope.type == MessageType::kCall) {
      report("overlapping_call", {}, message, envelope, context);
    }
  }

  void remember(const WebSocketMessage& message, const Envelope& envelope, ActionId action,
                StreamContext& context) {
    bool evicted = false;
    PendingCall& call = pending_[index_of(message.sender)].add(envelope.id, evicted);
    if (evicted) {
      context.shard.stats.limits.hit(Limit::kPendingCalls);
      report("pending_calls_evicted", {}, message, envelope, context);
    }
    call.action = action;
    call.time_ns = context.time_ns;
    call.packet_number = context.origin.number;
    if (action == kUnknownAction) call.action_name = cut(envelope.action);
    if (context.shard.interest.keeps_request(action) && envelope.payload_token != 0) {
      call.payload = context.shard.payload.root_text();
      call.has_payload = true;
    }
  }

  void on_answer(const WebSocketMessage& message, const Envelope& envelope,
                 StreamContext& context) {
    if (envelope.type == MessageType::kResultError) {
      on_result_error(message, envelope, context);
      return;
    }
    PendingCalls& calls = pending_[index_of(other(message.sender))];
    const PendingCall* call = calls.take(envelope.id);
    DecodeStats& stats = context.shard.stats;
    if (call == nullptr) {
      ++stats.answers_unmatched;
      count(envelope.type, kUnknownAction, {}, context);
      if (calls.seen_answer(envelope.id)) {
        report("duplicate_answer", {}, message, envelope, context);
      } else if (context.time_ns >= blind_until_ns_ && envelope.id != "-1") {
        // Id -1 answers a call whose id could not be read (OCPP 2.0.1 part 4, 4.2.3).
        report("unsolicited_answer", {}, message, envelope, context);
      }
      emit_message(message, envelope, kUnknownAction, {}, nullptr, context);
      return;
    }
    calls.note_answer(envelope.id);
    count(envelope.type, call->action, call->action_name, context);
    emit_message(message, envelope, call->action, name_of(*call), call, context);
  }

  // The side that called could not use the result (OCPP 2.1 part 4, 4.2.4).
  void on_result_error(const WebSocketMessage& message, const Envelope& envelope,
                       StreamContext& context) {
    if (guessed_) guess(envelope.type, kUnknownAction, context);
    count(envelope.type, kUnknownAction, {}, context);
    if (!has_result(message, envelope)) {
      ++context.shard.stats.answers_unmatched;
      if (context.time_ns >= blind_until_ns_) {
        report("unsolicited_answer", {}, message, envelope, context);
      }
    }
    emit_message(message, envelope, kUnknownAction, {}, nullptr, context);
  }

  // Whether a result error is about a result that was seen.
  bool has_result(const WebSocketMessage& message, const Envelope& envelope) const {
    return envelope.type == MessageType::kResultError &&
           pending_[index_of(message.sender)].seen_answer(envelope.id);
  }

  // Nobody looks into a payload that deep, but the message takes part in the exchange.
  void on_too_deep(const WebSocketMessage& message, StreamContext& context) {
    const Envelope envelope = read_partial_envelope(message.text);
    report("nested_too_deep", {}, message, envelope, context);
    if (!envelope.valid) {
      ++context.shard.stats.ocpp_invalid;
    } else if (opens_call(envelope.type)) {
      on_call(message, envelope, context);
    } else {
      on_answer(message, envelope, context);
    }
  }

  void on_partial(const WebSocketMessage& message, StreamContext& context) {
    ++context.shard.stats.ocpp_partial;
    const Envelope envelope = read_partial_envelope(message.text);
    blind_until_ns_ = context.time_ns + kBlindNs;
    if (envelope.valid && envelope.type == MessageType::kCall) {
      // Its answer may be whole, and then has a name.
      bool evicted = false;
      PendingCall& call = pending_[index_of(message.sender)].add(envelope.id, evicted);
      if (evicted) context.shard.stats.limits.hit(Limit::kPendingCalls);
      call.is_partial = true;
      call.action = action_of(envelope.action);
      if (call.action == kUnknownAction) call.action_name = cut(envelope.action);
      call.time_ns = context.time_ns;
      call.packet_number = context.origin.number;
    } else if (envelope.valid && !opens_call(envelope.type)) {
      (void)pending_[index_of(other(message.sender))].take(envelope.id);
    }
    report("partial_message", {}, message, envelope, context);
  }

  void guess(MessageType type, ActionId action, StreamContext& context) {
    // Only 2.1 has these types.
    const bool only_21 = type == MessageType::kSend || type == MessageType::kResultError;
    const OcppVersion better =
        only_21 ? OcppVersion::k21
                : guess_version(action, context.shard.payload, context.shard.arena);
    // The newest evidence wins over none; 2.1 over 2.0.1, of which it is a superset.
    if (better > version_) version_ = better;
  }

  void count(MessageType type, ActionId action, std::string_view name, StreamContext& context) {
    DecodeStats& stats = context.shard.stats;
    const auto slot = static_cast<std::size_t>(type);
    ++stats.messages[static_cast<std::size_t>(version_)][action][slot];
    if (action != kUnknownAction || name.empty()) return;
    const auto found = stats.unknown_actions.find(name);
    if (found != stats.unknown_actions.end()) {
      ++found->second[slot];
    } else if (stats.unknown_actions.size() < kUnknownActionsMax) {
      ++stats.unknown_actions[std::string(cut(name))][slot];
    } else {
      ++stats.unknown_actions["(others)"][slot];
    }
  }

  // Kinds of personal data in what the message says; none for nearly all. Its id is a number of its
  // sender's making.
  static std::size_t find_kinds(const Envelope& envelope, const ShardContext& shard,
                                std::array<Value, 3>& out) {
    std::array<bool, 3> found{};
    const auto look = [&found](std::string_view text) {
      SensitiveSpan span{};
      for (std::size_t at = 0; at < text.size() && find_sensitive(text, at, span);
           at = span.start + span.len) {
        found[static_cast<std::size_t>(span.kind)] = true;
      }
    };
    if (envelope.payload_token != 0) look(shard.payload.root_text());
    look(envelope.error_description);
    std::size_t count = 0;
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (found[i]) out[count++] = Value::text(to_string(static_cast<SensitiveKind>(i)));
    }
    return count;
  }

  void emit_message(const WebSocketMessage& message, const Envelope& envelope, ActionId action,
                    std::string_view action_name, const PendingCall* call, StreamContext& context) {
    ShardContext& shard = context.shard;
    std::array<Value, 3> kinds;
    const std::size_t kind_count = shard.interest.wants_sensitive(action, envelope.type)
                                       ? find_kinds(envelope, shard, kinds)
                                       : 0;
    if (kind_count == 0 && !shard.interest.wants(action, envelope.type)) return;
    Event event = context.make_event(kMessage, message.sender);
    event.set_action(action);
    if (version_ != OcppVersion::kUnknown) event.set_text(kVersion, to_string(version_));
    event.set_bool(kVersionGuessed, guessed_);
    event.set_text(kType, kTypeNames[static_cast<std::size_t>(envelope.type)]);
    event.set_text(kDirection, direction_name(message.sender));
    if (!action_name.empty()) {
      event.set_text(kAction, cut(action_name));
      event.set_bool(kKnownAction, action != kUnknownAction);
    }
    event.set_text(kId, cut(envelope.id));
    if (!envelope.error_code.empty()) event.set_text(kErrorCode, cut(envelope.error_code));
    if (!envelope.error_description.empty()) {
      event.set_text(kErrorDescription, cut(envelope.error_description));
    }
    event.set_int(kSizeBytes, static_cast<std::int64_t>(message.text.size()));
    if (!context.from_log) event.set_bool(kEncrypted, context.encrypted);
    if (action != kUnknownAction && envelope.action.size() > action_name.size()) {
      event.set_bool(kSigned, true);
    }
    if (!opens_call(envelope.type)) {
      event.set_bool(kAnswered, call != nullptr || has_result(message, envelope));
      if (call != nullptr) event.set_int(kLatencyMs, (context.time_ns - call->time_ns) / kNsPerMs);
    }
    if (kind_count > 0) event.set(kSensitive, Value::list({kinds.data(), kind_count}));
    if (action == set_variables() && envelope.type == MessageType::kCall &&
        envelope.payload_token != 0) {
      const auto settings = read_settings(shard.payload, shard.arena);
      if (!settings.empty()) event.set(kSettings, Value::list(settings));
    }
    const bool wants_request =
        shard.interest.requests[action] ||
        (envelope.payload_token != 0 && shard.payload.root_text().size() > kEmptyObjectLen);
    const bool has_request = call != nullptr && call->has_payload && wants_request &&
                             shard.request.load_copy(call->payload) == JsonStatus::kOk;
    event.set_payload(envelope.payload_token != 0 ? &shard.payload : nullptr,
                      has_request ? &shard.request : nullptr);
    context.emit(event);
  }

  void report(std::string_view kind, std::string_view detail, const WebSocketMessage& message,
              const Envelope& envelope, StreamContext& context) {
    ++context.shard.stats.anomalies;
    if (!context.wants(kAnomaly)) return;
    Event event = context.make_event(kAnomaly, message.sender);
    event.set_text(kAnomalyKind, kind);
    if (!detail.empty()) event.set_text(kAnomalyDetail, detail);
    event.set_int(kAnomalyBytes, static_cast<std::int64_t>(message.text.size()));
    if (version_ != OcppVersion::kUnknown) event.set_text(kAnomalyVersion, to_string(version_));
    event.set_text(kAnomalyDirection, direction_name(message.sender));
    if (!envelope.action.empty()) event.set_text(kAnomalyAction, cut(envelope.action));
    if (!envelope.id.empty()) event.set_text(kAnomalyId, cut(envelope.id));
    context.emit(event);
  }

  OcppVersion version_;
  bool guessed_;
  bool station_counted_ = false;
  bool gap_seen_ = false;
  std::int64_t blind_until_ns_ = 0;
  std::array<PendingCalls, 2> pending_;  // By the side that called.
};

}  // namespace

bool understands(const WebSocketParams& params, std::string_view message) {
  if (version_of_subprotocol(params.subprotocol) != OcppVersion::kUnknown) return true;
  if (params.ocpp_offered) return true;
  return read_partial_envelope(message).valid;
}

std::unique_ptr<MessageDecoder> create_messages(const WebSocketParams& params) {
  return std::make_unique<OcppDecoder>(params);
}

}  // namespace chargewarden::ocpp
