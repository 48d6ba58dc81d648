// HTTP/1.1 (RFC 9112) and the WebSocket opening handshake (RFC 6455, 4).
//
// Requests and responses are paired in order; bodies are passed over, counted and, when somebody
// wants http.transaction, hashed: that event waits for the end of both bodies. A 101 hands the
// connection on to the WebSocket decoder, with whatever was sent behind the heads. Credentials are
// looked at and forgotten: only the scheme, the user name and what can be said about the password
// remain.

#include <algorithm>
#include <charconv>
#include <deque>
#include <optional>
#include <utility>

#include "collector/base/limits.h"
#include "collector/base/text.h"
#include "collector/decoders/decoder.h"
#include "collector/decoders/http/body_meter.h"
#include "collector/decoders/http/body_skipper.h"
#include "collector/decoders/http/transaction.h"
#include "collector/decoders/http/upgrade.h"
#include "collector/event/defs/http_events.h"
#include "collector/wire/http/http_head.h"

namespace chargewarden::http {

namespace {

class HttpDecoder : public StreamDecoder {
 public:
  void on_data(Side side, Bytes bytes, StreamContext& context) override {
    while (!bytes.empty() && goes_on(context)) {
      bytes = take(side, bytes, context);
      if (std::exchange(upgrade_refused_, false)) resume_client(context);
    }
    if (context.stop) close_transaction(context);
    if (context.successor != nullptr) hand_over(side, bytes, context);
  }

  void on_gap(Side side, std::uint64_t missing_bytes, StreamContext& context) override {
    take_gap(side, missing_bytes, context);
    if (std::exchange(upgrade_refused_, false)) resume_client(context);
    if (context.stop) close_transaction(context);
    if (context.successor != nullptr) hand_over(side, {}, context);
  }

  void on_end(StreamContext& context) override {
    if (open_ && !std::exchange(open_->told, true)) tell_as_it_is(*open_, context);
    for (Request& request : requests_) {
      if (std::exchange(request.reported, true)) continue;
      if (request.upgrade) {
        ++context.shard.stats.upgrades_refused;
        report_upgrade(kUpgradeRefused, request, Head{}, context);
      } else {
        report_unanswered(request, context);
      }
    }
    // Servers are kept busy by requests that never end.
    if (!std::exchange(ended_, true) && !upgrade_pending_ &&
        !sides_[index_of(Side::kClient)].buffer.empty()) {
      report_anomaly("unfinished_request", Side::kClient, context);
    }
  }

  [[nodiscard]] std::string_view protocol() const override { return "http"; }

 private:
  struct SideState {
    std::vector<std::uint8_t> buffer;  // A head that is not complete, or bytes read ahead.
    std::uint64_t ahead_missing = 0;   // Bytes behind those read ahead that are not there.
    BodySkipper body;
    BodyMeter meter;
    bool lost = false;
  };

  static bool goes_on(const StreamContext& context) {
    return context.successor == nullptr && !context.stop;
  }

  // Takes what belongs together: part of a body, a head, bytes to keep. Returns what is left.
  Bytes take(Side side, Bytes bytes, StreamContext& context) {
    SideState& state = sides_[index_of(side)];
    if (state.lost && probe(bytes) != HeadStatus::kDone) {
      if (!is_missed_upgrade(side, bytes)) return {};
      assume_upgrade(context);
      return bytes;
    }
    state.lost = false;
    if (state.body.active()) {
      const Bytes rest = state.body.skip(bytes, state.meter);
      if (!state.body.active()) on_body_end(side, true, context);
      return rest;
    }
    if (side == Side::kClient && upgrade_pending_) {
      // Behind an upgrade request the client speaks WebSocket already; keep it for the successor.
      keep_ahead(state, bytes);
      return {};
    }
    return on_head_bytes(side, state, bytes, context);
  }

  // Goes on behind bytes that are missing.
  void take_gap(Side side, std::uint64_t missing_bytes, StreamContext& context) {
    SideState& state = sides_[index_of(side)];
    if (side == Side::kClient && upgrade_pending_ && !state.body.active()) {
      state.ahead_missing += missing_bytes;
      return;
    }
    if (state.body.active()) {
      state.meter.lose();
      if (!state.body.skip_missing(missing_bytes)) state.lost = true;
      if (!state.body.active()) on_body_end(side, true, context);
      return;
    }
    if (!state.buffer.empty()) {
      // The end of a head is missing: what there is says enough to go on.
      Head head;
      if (parse_partial_head(state.buffer, head)) on_head(side, head, context);
      state.buffer.clear();
      // How much of its body is missing too is not known.
      if (state.body.active()) {
        state.body.begin({});
        on_body_end(side, false, context);
      }
    }
    state.lost = true;
  }

  // Takes bytes of a head; returns what is left behind it.
  Bytes on_head_bytes(Side side, SideState& state, Bytes bytes, StreamContext& context) {
    const bool buffered = !state.buffer.empty();
    if (buffered) {
      state.buffer.insert(state.buffer.end(), bytes.begin(), bytes.end());
    }
    const std::size_t before = buffered ? state.buffer.size() - bytes.size() : 0;
    Head head;
    switch (parse_head(buffered ? Bytes(state.buffer) : bytes, head)) {
      case HeadStatus::kNeedMore:
        if (!buffered) state.buffer.assign(bytes.begin(), bytes.end());
        return {};
      case HeadStatus::kTooLong:
        context.shard.stats.limits.hit(Limit::kHttpHead);
        report_anomaly("head_too_long", side, context);
        context.stop = true;
        return {};
      case HeadStatus::kMalformed:
        report_anomaly("malformed_head", side, context);
        context.stop = true;
        return {};
      case HeadStatus::kDone:
        break;
    }
    on_head(side, head, context);
    const Bytes rest = bytes.subspan(std::min(head.length - before, bytes.size()));
    state.buffer.clear();
    state.buffer.shrink_to_fit();
    return rest;
  }

  void on_head(Side side, const Head& head, StreamContext& context) {
    if (head.is_request) {
      const bool kept = on_request(side, head, context);
      const Body body = body_of(head, {});
      if (kept) requests_.back().body_open = body.kind != BodyKind::kNone;
      begin_body(side, head, body, context);
      return;
    }
    if (side != Side::kServer) {
      report_anomaly("malformed_head", side, context);
      begin_body(side, head, body_of(head, {}), context);
      return;
    }
    std::optional<Request> request;
    const bool interim = head.status >= 100 && head.status < 200 && head.status != 101;
    if (interim) return;
    close_transaction(context);
    if (head.status == 101) pass_to_upgrade(context);
    std::string_view method;
    std::string kept_method;
    if (next_is_unkept()) {
      method = unkept_is_head_.front() ? "HEAD" : "";
      unkept_is_head_.pop_front();
    } else if (!requests_.empty()) {
      request = std::move(requests_.front());
      requests_.pop_front();
      kept_method = request->method;
      method = kept_method;
    }
    on_response(head, std::move(request), context);
    begin_body(side, head, body_of(head, method), context);
  }

  void begin_body(Side side, const Head& head, const Body& body, StreamContext& context) {
    SideState& state = sides_[index_of(side)];
    state.body.begin(body);
    // What is packed for the transfer (RFC 9112, 7.2) is not what the receiver keeps.
    const std::string_view coding = head.header("Transfer-Encoding");
    const bool as_is = coding.empty() || iequals_ascii(coding, "chunked");
    const bool large = body.kind != BodyKind::kLength || body.length >= kHashedBodyMinBytes;
    state.meter.begin(state.body.active() && as_is && large && context.wants(kTransaction));
    if (!state.body.active()) on_body_end(side, true, context);
  }

  void on_body_end(Side side, bool ended, StreamContext& context) {
    BodyMeter& meter = sides_[index_of(side)].meter;
    if (side == Side::kServer) {
      if (open_ && !open_->body) open_->body = meter.facts(ended);
    } else if (Request* request = sending_request()) {
      request->body = meter.facts(ended);
      request->body_open = false;
    }
    meter.begin(false);
    if (!open_ || !open_->body || open_->request.body_open) return;
    report_transaction(*open_, context);
    open_.reset();
  }

  // The request whose body goes on: the newest one, which may have its response already.
  Request* sending_request() {
    if (!requests_.empty() && requests_.back().body_open) return &requests_.back();
    return open_ && open_->request.body_open ? &open_->request : nullptr;
  }

  // Reports a transaction whose bodies will not end any more.
  void close_transaction(StreamContext& context) {
    if (open_) tell_as_it_is(*open_, context);
    open_.reset();
  }

  void tell_as_it_is(Transaction transaction, StreamContext& context) const {
    const SideState& server = sides_[index_of(Side::kServer)];
    if (!transaction.body) {
      transaction.body = server.meter.facts(server.body.until_close() && context.ended_by_fin);
    }
    fill_open_body(transaction.request);
    report_transaction(transaction, context);
  }

  void fill_open_body(Request& request) const {
    if (request.body_open) request.body = sides_[index_of(Side::kClient)].meter.facts(false);
  }

  // A request for which no response was seen.
  void report_unanswered(Request request, StreamContext& context) const {
    ++context.shard.stats.http_transactions;
    if (!context.wants(kTransaction)) return;
    fill_open_body(request);
    report_transaction(make_transaction(std::move(request), nullptr), context);
  }

  // Whether the request is kept, as the newest of requests_.
  bool on_request(Side side, const Head& head, StreamContext& context) {
    if (side != Side::kClient) {
      report_anomaly("malformed_head", side, context);
      return false;
    }
    Request request = read_request(head);
    upgrade_pending_ = request.upgrade;
    const bool room = requests_.size() < kPendingRequestsMax && unkept_is_head_.empty();
    if (!room && !request.upgrade) {
      pass_over(std::move(request), context);
      return false;
    }
    // There is always room for an upgrade: nothing but its answer can follow it.
    requests_.push_back(std::move(request));
    return true;
  }

  // Reports a request at once, without the response that may come.
  void pass_over(Request request, StreamContext& context) {
    context.shard.stats.limits.hit(Limit::kPendingRequests);
    if (!pass_over_reported_) report_anomaly("too_many_requests", Side::kClient, context);
    pass_over_reported_ = true;
    if (unkept_is_head_.size() == kUnkeptRequestsMax) unkept_is_head_.pop_front();
    unkept_is_head_.push_back(request.method == "HEAD");
    report_unanswered(std::move(request), context);
  }

  // Whether the next response is to a request of which only the place is known: those come behind
  // the others, but before an upgrade.
  [[nodiscard]] bool next_is_unkept() const {
    return !unkept_is_head_.empty() && (requests_.empty() || requests_.front().upgrade);
  }

  // Answers of the requests before an upgrade that was accepted were not captured.
  void pass_to_upgrade(StreamContext& context) {
    const bool any = std::any_of(requests_.begin(), requests_.end(),
                                 [](const Request& request) { return request.upgrade; });
    if (any) unkept_is_head_.clear();
    while (any && !requests_.front().upgrade) {
      report_unanswered(std::move(requests_.front()), context);
      requests_.pop_front();
    }
  }

  // Whether the server speaks WebSocket already, so that its 101 was not captured.
  bool is_missed_upgrade(Side side, Bytes bytes) const {
    if (side != Side::kServer || !upgrade_pending_) return false;
    const auto decoders = stream_decoders();
    return std::any_of(decoders.begin(), decoders.end(), [&](const StreamDecoderDef& def) {
      if (!def.midstream_only) return false;
      const ProbeResult result = def.probe(bytes);
      return result.answer == Probe::kYes && (!result.sender_known || result.sender == side);
    });
  }

  void assume_upgrade(StreamContext& context) {
    pass_to_upgrade(context);
    const Request request = std::move(requests_.front());
    requests_.pop_front();
    upgrade_pending_ = false;
    WebSocketParams params = agreed_params(request, Head{});
    params.handshake_seen = false;
    start_websocket(request, Head{}, params, context);
  }

  void on_response(const Head& head, std::optional<Request> request, StreamContext& context) {
    upgrade_pending_ = !requests_.empty() && requests_.back().upgrade;
    if (head.status == 101) {
      const Request asked = request.value_or(Request{});
      start_websocket(asked, head, agreed_params(asked, head), context);
    } else if (!request) {
      return;
    } else if (request->upgrade) {
      ++context.shard.stats.upgrades_refused;
      report_upgrade(kUpgradeRefused, *request, head, context);
      upgrade_refused_ = true;
    } else {
      ++context.shard.stats.http_transactions;
      if (!context.wants(kTransaction)) return;
      open_ = std::make_unique<Transaction>(make_transaction(*std::move(request), &head));
    }
  }

  // A refused upgrade: the client goes on with HTTP, and what was kept is HTTP after all.
  void resume_client(StreamContext& context) {
    SideState& client = sides_[index_of(Side::kClient)];
    const std::vector<std::uint8_t> kept = std::move(client.buffer);
    client.buffer.clear();
    const std::uint64_t missing = std::exchange(client.ahead_missing, 0);
    Bytes rest = kept;
    while (!rest.empty() && goes_on(context)) rest = take(Side::kClient, rest, context);
    if (missing > 0 && goes_on(context)) take_gap(Side::kClient, missing, context);
  }

  void start_websocket(const Request& request, const Head& response, const WebSocketParams& params,
                       StreamContext& context) {
    close_transaction(context);
    ++context.shard.stats.upgrades;
    if (!request.identity.empty() && (params.ocpp_offered || request.is_ocpp)) {
      context.station_id = request.identity;
    }
    report_upgrade(kUpgrade, request, response, context);
    check_handshake(request, response, context);
    context.successor = make_websocket_decoder(params);
  }

  void check_handshake(const Request& request, const Head& response, StreamContext& context) {
    const std::string_view accept = response.header("Sec-WebSocket-Accept");
    if (!request.key.empty() && !accept.empty() && websocket_accept(request.key) != accept) {
      report_anomaly("bad_accept", Side::kServer, context);
    }
    const std::string_view chosen = response.header("Sec-WebSocket-Protocol");
    if (!chosen.empty() && request.seen &&
        std::find(request.subprotocols.begin(), request.subprotocols.end(), chosen) ==
            request.subprotocols.end()) {
      report_anomaly("unexpected_subprotocol", Side::kServer, context);
    }
  }

  static void keep_ahead(SideState& state, Bytes bytes) {
    const std::size_t room = state.ahead_missing > 0 || state.buffer.size() > kHttpHeadMaxLen
                                 ? 0
                                 : kHttpHeadMaxLen - state.buffer.size();
    const Bytes kept = bytes.first(std::min(room, bytes.size()));
    state.buffer.insert(state.buffer.end(), kept.begin(), kept.end());
    state.ahead_missing += bytes.size() - kept.size();
  }

  void hand_over(Side side, Bytes rest, StreamContext& context) {
    for (const Side each : {Side::kClient, Side::kServer}) {
      auto& ahead = context.read_ahead[index_of(each)];
      if (each == side) {
        ahead.assign(rest.begin(), rest.end());
      } else {
        ahead = std::move(sides_[index_of(each)].buffer);
      }
    }
    // Where bytes are missing behind them, the successor must hear of both in their order.
    const std::uint64_t missing = sides_[index_of(Side::kClient)].ahead_missing;
    if (missing == 0) return;
    const auto ahead = std::move(context.read_ahead[index_of(Side::kClient)]);
    context.read_ahead[index_of(Side::kClient)].clear();
    if (!ahead.empty()) context.successor->on_data(Side::kClient, ahead, context);
    context.successor->on_gap(Side::kClient, missing, context);
  }

  void report_anomaly(std::string_view kind, Side side, StreamContext& context) const {
    ++context.shard.stats.anomalies;
    if (!context.wants(kAnomaly)) return;
    Event event = context.make_event(kAnomaly, side);
    event.set_text(kAnomalyKind, kind);
    context.emit(event);
  }

  bool upgrade_refused_ = false;  // What the client sent meanwhile is to be read.
  std::array<SideState, 2> sides_;
  std::deque<Request> requests_;       // The oldest ones that wait for a response, and an upgrade.
  std::unique_ptr<Transaction> open_;  // Answered; a body of it goes on. Only if that is wanted.
  std::deque<bool> unkept_is_head_;    // Between them; whether its method is HEAD.
  bool upgrade_pending_ = false;
  bool pass_over_reported_ = false;
  bool ended_ = false;  // At least once: a reset may be forged.
};

}  // namespace

ProbeResult probe_stream(Bytes first_bytes) {
  switch (probe(first_bytes)) {
    case HeadStatus::kDone:
      return {Probe::kYes, true,
              first_bytes[0] == 'H' && first_bytes[1] == 'T' ? Side::kServer : Side::kClient};
    case HeadStatus::kNeedMore:
      return {Probe::kNeedMore, false, Side::kClient};
    default:
      return {};
  }
}

std::unique_ptr<StreamDecoder> create_stream() {
  return std::make_unique<HttpDecoder>();
}

}  // namespace chargewarden::http
