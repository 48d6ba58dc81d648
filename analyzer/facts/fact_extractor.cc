#include "analyzer/facts/fact_extractor.h"

#include <algorithm>
#include <array>

#include "analyzer/facts/readings.h"
#include "collector/base/json_scalar.h"
#include "collector/base/timestamp.h"
#include "collector/event/defs/connection_events.h"
#include "collector/event/defs/ftp_events.h"
#include "collector/event/defs/http_events.h"
#include "collector/event/defs/ocpp_events.h"
#include "collector/event/defs/tls_events.h"
#include "collector/event/defs/websocket_events.h"

namespace chargewarden {

namespace {

struct EventField {
  Slot slot;
  FactField field;
};

struct EventFacts {
  const EventDef* def;
  FactKind kind;
  std::span<const EventField> fields;
};

using F = FactField;

constexpr auto kOpened = std::to_array<EventField>({
    {connection::kMidstream.slot, F::kMidstream},
    {connection::kResumes.slot, F::kResumes},
    {connection::kAccepted.slot, F::kAccepted},
    {connection::kOpenedProtocol.slot, F::kProtocol},
});

constexpr auto kClosed = std::to_array<EventField>({
    {connection::kCloseReason.slot, F::kCloseReason},
    {connection::kClientBytes.slot, F::kClientBytes},
    {connection::kServerBytes.slot, F::kServerBytes},
    {connection::kClientSha256.slot, F::kClientSha256},
    {connection::kServerSha256.slot, F::kServerSha256},
    {connection::kDurationMs.slot, F::kDurationMs},
    {connection::kClosedAccepted.slot, F::kAccepted},
    {connection::kProtocol.slot, F::kProtocol},
});

constexpr auto kProgress = std::to_array<EventField>({
    {connection::kProgressDurationMs.slot, F::kDurationMs},
    {connection::kProgressClientBytes.slot, F::kClientBytes},
    {connection::kProgressServerBytes.slot, F::kServerBytes},
    {connection::kLongestSilenceMs.slot, F::kSilenceMs},
    {connection::kLargestSegmentBytes.slot, F::kLargestBytes},
});

constexpr auto kUpgrade = std::to_array<EventField>({
    {http::kHost.slot, F::kHost},
    {http::kPath.slot, F::kPath},
    {http::kUserAgent.slot, F::kUserAgent},
    {http::kStatus.slot, F::kStatusCode},
    {http::kAuthScheme.slot, F::kAuthScheme},
    {http::kAuthUser.slot, F::kAuthUser},
    {http::kAuthUserMatches.slot, F::kAuthUserMatches},
    {http::kAuthCredential.slot, F::kCredential},
    {http::kSubprotocol.slot, F::kSubprotocol},
    {http::kIsOcpp.slot, F::kIsOcpp},
    {http::kForwardedFor.slot, F::kForwardedFor},
    {http::kEncrypted.slot, F::kEncrypted},
});

constexpr auto kTransfer = std::to_array<EventField>({
    {http::kTransactionMethod.slot, F::kMethod},
    {http::kTransactionHost.slot, F::kHost},
    {http::kTransactionPath.slot, F::kPath},
    {http::kTransactionStatus.slot, F::kStatusCode},
    {http::kBodyBytes.slot, F::kBodyBytes},
    {http::kBodyComplete.slot, F::kBodyComplete},
    {http::kBodySha256.slot, F::kBodySha256},
    {http::kRequestBodyBytes.slot, F::kRequestBytes},
    {http::kRangeStart.slot, F::kRangeStart},
    {http::kTransactionAuthScheme.slot, F::kAuthScheme},
    {http::kPasswordIsFactory.slot, F::kFactoryPassword},
    {http::kTransactionEncrypted.slot, F::kEncrypted},
    {http::kIsSoap.slot, F::kIsSoap},
});

constexpr auto kFtp = std::to_array<EventField>({
    {ftp::kCommand.slot, F::kMethod},
    {ftp::kPath.slot, F::kPath},
    {ftp::kDataIp.slot, F::kDataIp},
    {ftp::kDataPort.slot, F::kDataPort},
    {ftp::kRestartBytes.slot, F::kRangeStart},
    {ftp::kTransferStatus.slot, F::kStatusCode},
});

constexpr auto kLogin = std::to_array<EventField>({
    {ftp::kUser.slot, F::kAuthUser},
    {ftp::kPasswordBytes.slot, F::kPasswordBytes},
    {ftp::kLoginStatus.slot, F::kStatusCode},
});

constexpr auto kControl = std::to_array<EventField>({
    {websocket::kOpcode.slot, F::kOpcode},
    {websocket::kCloseCode.slot, F::kCloseCode},
});

constexpr auto kCertificatesShown = std::to_array<EventField>({
    {tls::kCertificatesOf.slot, F::kCertificateType},
    {tls::kCertificatesHost.slot, F::kHost},
    {tls::kChain.slot, F::kCertificate},
});

constexpr auto kOcppAnomaly = std::to_array<EventField>({
    {ocpp::kAnomalyKind.slot, F::kAnomaly},
    {ocpp::kAnomalyBytes.slot, F::kAnomalyBytes},
});

constexpr auto kWebSocketAnomaly = std::to_array<EventField>({
    {websocket::kAnomalyKind.slot, F::kAnomaly},
    {websocket::kAnomalyBytes.slot, F::kAnomalyBytes},
});

constexpr auto kHttpAnomaly = std::to_array<EventField>({{http::kAnomalyKind.slot, F::kAnomaly}});
constexpr auto kConnectionAnomaly =
    std::to_array<EventField>({{connection::kAnomalyKind.slot, F::kAnomaly}});

// Which events make which facts. ocpp.message comes from message_fields.cc.
const auto kEventFacts = std::to_array<EventFacts>({
    {&ocpp::kMessage, FactKind::kMessage, {}},
    {&connection::kOpened, FactKind::kOpened, kOpened},
    {&connection::kClosed, FactKind::kClosed, kClosed},
    {&connection::kGap, FactKind::kGap, {}},
    {&connection::kAnomaly, FactKind::kAnomaly, kConnectionAnomaly},
    {&http::kUpgrade, FactKind::kUpgrade, kUpgrade},
    {&http::kUpgradeRefused, FactKind::kRefused, kUpgrade},
    {&http::kTransaction, FactKind::kTransfer, kTransfer},
    {&http::kAnomaly, FactKind::kAnomaly, kHttpAnomaly},
    {&ftp::kTransfer, FactKind::kFtp, kFtp},
    {&ftp::kLogin, FactKind::kLogin, kLogin},
    {&connection::kProgress, FactKind::kProgress, kProgress},
    {&tls::kSeen, FactKind::kTls, {}},
    {&tls::kCertificates, FactKind::kCertificates, kCertificatesShown},
    {&websocket::kControl, FactKind::kControl, kControl},
    {&websocket::kAnomaly, FactKind::kAnomaly, kWebSocketAnomaly},
    {&ocpp::kAnomaly, FactKind::kAnomaly, kOcppAnomaly},
});

const EventFacts* facts_of(const EventDef& def) {
  for (const EventFacts& facts : kEventFacts) {
    if (facts.def == &def) return &facts;
  }
  return nullptr;
}

// Definition of each action and type, null when no member is asked for.
class MessageTable {
 public:
  MessageTable() {
    for (const MessageDef& def : message_defs()) {
      defs_[ocpp::action_id(def.action)][static_cast<std::size_t>(def.type)] = &def;
    }
  }

  [[nodiscard]] const MessageDef* find(ocpp::ActionId action, ocpp::MessageType type) const {
    return action == ocpp::kUnknownAction ? nullptr : defs_[action][static_cast<std::size_t>(type)];
  }

  [[nodiscard]] bool wants_request(ocpp::ActionId action) const {
    const MessageDef* def = find(action, ocpp::MessageType::kResult);
    return def != nullptr && !def->request.empty();
  }

 private:
  static constexpr std::size_t kActions = 128;  // More than there are.
  std::array<std::array<const MessageDef*, ocpp::kMessageTypes>, kActions> defs_{};
};

const MessageTable& message_table() {
  static const MessageTable table;
  return table;
}

FactVersion version_of(std::string_view name) {
  constexpr auto kVersions = std::to_array<std::pair<std::string_view, FactVersion>>({
      {"1.6", FactVersion::k16},
      {"2.0.1", FactVersion::k201},
      {"2.1", FactVersion::k21},
      {"1.5", FactVersion::k15},
      {"1.2", FactVersion::k12},
  });
  for (const auto& [text, version] : kVersions) {
    if (text == name) return version;
  }
  return FactVersion::kUnknown;
}

ocpp::MessageType type_of(std::string_view name) {
  for (std::size_t i = 0; i < ocpp::kMessageTypes; ++i) {
    if (ocpp::kTypeNames[i] == name) return static_cast<ocpp::MessageType>(i);
  }
  return ocpp::MessageType::kCall;
}

std::string_view text_at(const Event& event, Slot slot) {
  const Value value = event.value(slot);
  return value.kind() == ValueKind::kText ? value.as_text() : std::string_view();
}

// NOLINTNEXTLINE(misc-no-recursion): lists of events hold no lists.
void add_value(FactField field, const Value& value, FactBuffer& out) {
  switch (value.kind()) {
    case ValueKind::kText:
      out.add_text(field, value.as_text());
      break;
    case ValueKind::kInt:
      out.add_number(field, value.as_int());
      break;
    case ValueKind::kBool:
      out.add_number(field, value.as_bool() ? 1 : 0);
      break;
    case ValueKind::kReal:
      out.add_real(field, value.as_real());
      break;
    case ValueKind::kList:
      for (const Value& each : value.as_list()) add_value(field, each, out);
      break;
    default:
      break;
  }
}

}  // namespace

FactExtractor::FactExtractor(const HashKey& hash_key) : hash_key_(hash_key) {}

bool FactExtractor::wants(const EventDef& def) {
  return facts_of(def) != nullptr;
}

bool FactExtractor::wants_request(ocpp::ActionId action) {
  return message_table().wants_request(action);
}

std::int64_t FactExtractor::hash(std::string_view text) const noexcept {
  SipHash13 hash(hash_key_);
  hash.add(text);
  return static_cast<std::int64_t>(hash.finish());
}

void FactExtractor::add(const Event& event, std::uint64_t order, FactBuffer& out) {
  const EventFacts* facts = facts_of(event.def());
  if (facts == nullptr) return;
  FactHead head;
  head.order = order;
  head.time_ns = event.time_ns();
  head.packet_number = event.origin().number;
  head.source = event.origin().input;
  head.kind = facts->kind;
  head.sender = event.sender();
  head.from_log = event.origin().kind == "log";
  head.has_flow = event.flow() != nullptr && event.flow()->slot != kNoFlowSlot;
  if (head.has_flow) head.slot = event.flow()->slot;
  out.begin(head, event.station());
  if (facts->kind == FactKind::kMessage) {
    add_message(event, out);
  } else {
    for (const EventField& field : facts->fields) {
      add_value(field.field, event.value(field.slot), out);
    }
    if (facts->kind == FactKind::kOpened && event.flow() != nullptr) {
      const FlowInfo& flow = *event.flow();
      out.add_text(F::kClientIp, flow.client_ip_text);
      out.add_text(F::kServerIp, flow.server_ip_text);
      out.add_number(F::kClientPort, flow.client_port);
      out.add_number(F::kServerPort, flow.server_port);
      out.add_text(F::kFlowId, flow.id);
    }
  }
  out.commit();
}

void FactExtractor::add_message(const Event& event, FactBuffer& out) {
  FactHead& head = out.head();
  head.action = event.action();
  head.type = type_of(text_at(event, ocpp::kType.slot));
  head.version = version_of(text_at(event, ocpp::kVersion.slot));
  const Value size = event.value(ocpp::kSizeBytes.slot);
  if (size.kind() == ValueKind::kInt) head.size_bytes = static_cast<std::uint32_t>(size.as_int());
  if (head.type == ocpp::MessageType::kError) {
    add_value(F::kErrorCode, event.value(ocpp::kErrorCode.slot), out);
  }
  const MessageDef* def = message_table().find(event.action(), head.type);
  if (def == nullptr) return;
  arena_.clear();
  if (event.payload() != nullptr) {
    const JsonWalk walk = event.payload()->walk();
    if (walk.has_root()) add_members(walk, walk.root(), def->payload, out);
    // Of the many messages in the middle of a transaction the sequence number tells repeats.
    if (def->hash_payload && out.text(F::kEventType) != "Updated") {
      out.add_number(F::kMessageId, hash(text_at(event, ocpp::kId.slot)));
      out.add_number(F::kPayloadHash, hash(event.payload()->root_text()));
    }
  }
  if (event.request() != nullptr && !def->request.empty()) {
    const JsonWalk walk = event.request()->walk();
    if (walk.has_root()) add_members(walk, walk.root(), def->request, out);
  }
}

// NOLINTNEXTLINE(misc-no-recursion): as deep as the tables of members.
void FactExtractor::add_members(const JsonWalk& walk, std::size_t token,
                                std::span<const MemberDef> members, FactBuffer& out) {
  if (walk.first_byte(token) != '{') return;
  for (std::size_t key = walk.first_inside(token); key != 0;) {
    const std::size_t value = JsonWalk::value_of(key);
    const std::string_view name = walk.text(key, arena_);
    const auto member = std::find_if(members.begin(), members.end(),
                                     [&](const MemberDef& each) { return each.key == name; });
    if (member != members.end()) add_member(walk, value, *member, out);
    key = walk.next_inside(value);
  }
}

// NOLINTNEXTLINE(misc-no-recursion): see add_members().
void FactExtractor::add_member(const JsonWalk& walk, std::size_t token, const MemberDef& member,
                               FactBuffer& out) {
  switch (member.form) {
    case MemberForm::kReadings:
      add_readings(walk, token, arena_, out);
      return;
    case MemberForm::kInside:
    case MemberForm::kItems:
      if (walk.is_container(token)) add_inside(walk, token, member, out);
      return;
    default:
      break;
  }
  if (walk.is_container(token)) return;
  if (walk.first_byte(token) == '"') {
    add_text(walk.text(token, arena_), member, out);
  } else {
    add_number(json_scalar_value(walk.scalar(token)), member, out);
  }
}

void FactExtractor::add_text(std::string_view text, const MemberDef& member, FactBuffer& out) {
  if (member.form == MemberForm::kText || member.form == MemberForm::kId) {
    out.add_text(member.field, text);
  } else if (member.form == MemberForm::kTime) {
    if (const auto time = parse_timestamp_ns(text)) out.add_number(member.field, *time);
  }
}

void FactExtractor::add_number(const Value& value, const MemberDef& member, FactBuffer& out) {
  if (member.form == MemberForm::kId) {
    if (value.kind() == ValueKind::kInt) {
      out.add_text(member.field, std::to_string(value.as_int()));
    }
  } else if (member.form == MemberForm::kNumber || member.form == MemberForm::kReal) {
    add_value(member.field, value, out);
  }
}

// NOLINTNEXTLINE(misc-no-recursion): see add_members().
void FactExtractor::add_inside(const JsonWalk& walk, std::size_t token, const MemberDef& member,
                               FactBuffer& out) {
  const auto add_one = [&](std::size_t element) {
    if (member.form == MemberForm::kItems) out.add_number(F::kItem, 0);
    add_members(walk, element, member.inside, out);
  };
  if (walk.first_byte(token) == '{') {
    add_one(token);
    return;
  }
  for (std::size_t element = walk.first_inside(token); element != 0;
       element = walk.next_inside(element)) {
    add_one(element);
  }
}

}  // namespace chargewarden
