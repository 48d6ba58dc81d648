#include "collector/logs/log_flows.h"

#include <fmt/format.h>

#include "collector/base/limits.h"
#include "collector/base/text.h"
#include "collector/event/defs/connection_events.h"
#include "collector/event/defs/http_events.h"
#include "collector/event/defs/log_events.h"
#include "collector/logs/log_text.h"

namespace chargewarden {

namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;

std::string_view cut(std::string_view text) {
  return text.substr(0, kEventTextMaxLen);
}

void set_if(Event& event, FieldKey key, std::string_view text) {
  if (!text.empty()) event.set_text(key, cut(text));
}

void set_peer(const LogRecord& record, FlowInfo& out) {
  const auto address = IpAddress::parse(record.remote_ip);
  out.client_ip = address.value_or(IpAddress());
  // As addresses of packets are written.
  out.client_ip_text = address ? address->to_string() : std::string();
  out.client_port = address ? record.remote_port : std::uint16_t{0};
}

// A station that has just connected boots, or says so at once.
bool is_boot(const LogRecord& record) {
  return record.sender == Side::kClient &&
         record.message.substr(0, 200).find("\"BootNotification\"") != std::string_view::npos;
}

}  // namespace

LogFlows::LogFlows(ShardContext& shard, const std::vector<std::string>& sources, const HashKey& key,
                   std::size_t flows_max)
    : shard_(shard), sources_(sources), key_(key), flows_max_(flows_max) {}

void LogFlows::on_record(const LogRecord& record, std::uint16_t source) {
  switch (record.kind) {
    case LogKind::kMessage:
      on_message(record, source);
      return;
    case LogKind::kOpened:
      on_opened(record, source);
      return;
    case LogKind::kClosed:
      on_closed(record, source);
      return;
    case LogKind::kRefused:
      on_refused(record, source);
      return;
    case LogKind::kLine:
      on_line(record, source);
      return;
    case LogKind::kUnparsed:
      on_unparsed(record, source, record.reason);
      return;
  }
}

LogFlows::Mark LogFlows::mark_of(const LogRecord& record, std::uint16_t source) const {
  SipHash13 hash(key_);
  hash.add(std::uint64_t{source});
  hash.add(record.station);
  hash.add(record.session);
  const std::uint64_t first = hash.finish();
  return {first, hash.finish_more()};
}

StreamContext LogFlows::context(Flow& flow, std::int64_t time_ns, std::uint64_t line) {
  StreamContext out{shard_,
                    flow.info,
                    flow.station,
                    time_ns,
                    {"log", sources_[flow.source], line, flow.source},
                    flow.midstream,
                    false,
                    {},
                    {}};
  out.from_log = true;
  return out;
}

LogFlows::Place LogFlows::begin(const LogRecord& record, std::uint16_t source, const Mark& mark,
                                bool from_begin) {
  if (flows_.size() >= flows_max_) {
    shard_.stats.limits.hit(Limit::kLogFlows);
    close(flows_.begin(), "evicted", record.time_ns, flows_.front().last_line);
  }
  const Place flow = flows_.emplace(flows_.end());
  places_[mark] = flow;
  flow->mark = mark;
  flow->station = cut(record.station);
  flow->source = source;
  flow->midstream = !from_begin;
  flow->first_time_ns = flow->last_time_ns = record.time_ns;
  flow->last_line = record.line;
  set_peer(record, flow->info);
  flow->info.id = fmt::format("log{}-{}", source, record.line);
  flow->info.slot = shard_.slots.take();
  WebSocketParams params;
  params.handshake_seen = from_begin;
  params.subprotocol = cut(record.protocol);
  params.ocpp_offered = true;
  params.identity = flow->station;
  flow->decoder = make_message_decoder(params, record.message);
  ++shard_.stats.log_connections;
  StreamContext where = context(*flow, record.time_ns, record.line);
  if (where.wants(connection::kOpened)) {
    Event event = where.make_event(connection::kOpened, Side::kClient);
    event.set_bool(connection::kMidstream, flow->midstream);
    where.emit(event);
  }
  return flow;
}

void LogFlows::close(Place flow, std::string_view reason, std::int64_t time_ns,
                     std::uint64_t line) {
  StreamContext where = context(*flow, time_ns, line);
  flow->decoder->on_end(where);
  if (where.wants(connection::kClosed)) {
    Event event = where.make_event(connection::kClosed, Side::kClient);
    event.set_text(connection::kCloseReason, reason);
    event.set_int(connection::kDurationMs, (flow->last_time_ns - flow->first_time_ns) / kNsPerMs);
    event.set_text(connection::kProtocol, "websocket");
    where.emit(event);
  }
  shard_.slots.release(flow->info.slot);
  places_.erase(flow->mark);
  flows_.erase(flow);
}

void LogFlows::on_message(const LogRecord& record, std::uint16_t source) {
  const Mark mark = mark_of(record, source);
  const auto found = places_.find(mark);
  const Place flow =
      found != places_.end() ? found->second : begin(record, source, mark, is_boot(record));
  flows_.splice(flows_.end(), flows_, flow);
  flow->last_time_ns = record.time_ns;
  flow->last_line = record.line;
  StreamContext where = context(*flow, record.time_ns, record.line);
  const WebSocketMessage message{record.sender, true, record.cut, record.message};
  if (flow->decoder->on_message(message, where) == MessageVerdict::kNotUtf8) {
    on_unparsed(record, source, "not_utf8");
  }
}

void LogFlows::on_opened(const LogRecord& record, std::uint16_t source) {
  const Mark mark = mark_of(record, source);
  if (const auto found = places_.find(mark); found != places_.end()) {
    close(found->second, "replaced", record.time_ns, record.line);
  }
  (void)begin(record, source, mark, true);
}

void LogFlows::on_closed(const LogRecord& record, std::uint16_t source) {
  const auto found = places_.find(mark_of(record, source));
  if (found == places_.end()) {
    on_line(record, source);
    return;
  }
  found->second->last_time_ns = record.time_ns;
  close(found->second, "logged", record.time_ns, record.line);
}

Event LogFlows::make_event(const EventDef& def, const LogRecord& record, std::uint16_t source) {
  Event event(def, record.time_ns, {"log", sources_[source], record.line, source});
  event.set_station(cut(record.station));
  if (!record.remote_ip.empty()) {
    set_peer(record, scratch_);
    event.set_flow(scratch_, Side::kClient);
  }
  return event;
}

// What is known of a handshake that nobody captured: only what the log says.
// A connection of its own, which begins and ends with the line.
void LogFlows::on_refused(const LogRecord& record, std::uint16_t source) {
  ++shard_.stats.upgrades_refused;
  if (!shard_.interest.wants(http::kUpgradeRefused)) return;
  Event event = make_event(http::kUpgradeRefused, record, source);
  scratch_.slot = shard_.slots.take();
  scratch_.id = fmt::format("log{}-{}", source, record.line);
  if (record.status != 0) event.set_int(http::kStatus, record.status);
  event.set_bool(http::kIsOcpp, true);
  if (event.flow() != nullptr && shard_.interest.wants(connection::kOpened)) {
    Event opened = make_event(connection::kOpened, record, source);
    opened.set_station({});
    shard_.consumer.on_event(opened);
  }
  shard_.consumer.on_event(event);
  if (event.flow() != nullptr && shard_.interest.wants(connection::kClosed)) {
    Event closed = make_event(connection::kClosed, record, source);
    closed.set_text(connection::kCloseReason, "refused");
    shard_.consumer.on_event(closed);
  }
  shard_.slots.release(scratch_.slot);
  scratch_.slot = kNoFlowSlot;
  scratch_.id.clear();
}

void LogFlows::on_line(const LogRecord& record, std::uint16_t source) {
  ++shard_.stats.log_lines;
  if (!shard_.interest.wants(log::kLine)) return;
  Event event = make_event(log::kLine, record, source);
  event.set_text(log::kFormat, record.format);
  set_if(event, log::kLevel, record.level);
  set_if(event, log::kProgram, record.program);
  set_if(event, log::kHost, record.host);
  text_.clear();
  append_log_text(text_, record.message);
  set_if(event, log::kMessage, text_);
  shard_.consumer.on_event(event);
}

void LogFlows::on_unparsed(const LogRecord& record, std::uint16_t source, std::string_view reason) {
  if (!shard_.interest.wants(log::kUnparsed)) return;
  Event event = make_event(log::kUnparsed, record, source);
  event.set_text(log::kUnparsedFormat, record.format);
  event.set_text(log::kReason, reason);
  event.set_int(log::kBytes, static_cast<std::int64_t>(record.message.size()));
  shard_.consumer.on_event(event);
}

void LogFlows::finish() {
  while (!flows_.empty()) {
    const Place flow = flows_.begin();
    close(flow, "end_of_input", flow->last_time_ns, flow->last_line);
  }
}

}  // namespace chargewarden
