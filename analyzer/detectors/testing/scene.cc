#include "analyzer/detectors/testing/scene.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <fmt/format.h>

#include "analyzer/facts/packet_tag.h"
#include "collector/base/text.h"
#include "collector/event/defs/connection_events.h"
#include "collector/event/defs/ftp_events.h"
#include "collector/event/defs/http_events.h"
#include "collector/event/defs/tls_events.h"
#include "collector/event/defs/websocket_events.h"
#include "tests/support/decoder_harness.h"

namespace chargewarden::testing {

namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kMessageNs = kNsPerSecond / 10;

const Interest& all_interest() {
  return harness::DecoderRig::all_interest();
}

std::unique_ptr<MessageDecoder> make_decoder(const LinkSetup& setup) {
  WebSocketParams params;
  params.handshake_seen = !setup.midstream;
  params.subprotocol = setup.midstream ? std::string() : setup.subprotocol;
  params.ocpp_offered = true;
  return make_message_decoder(params, {});
}

}  // namespace

Talk::Talk(Scene& scene, std::string_view id, const LinkSetup& setup, std::uint32_t slot)
    : scene_(scene),
      decoder_(make_decoder(setup)),
      station_(setup.midstream ? std::string_view() : id),
      host_(setup.host),
      protocol_(setup.protocol),
      midstream_(setup.midstream),
      from_log_(setup.from_log),
      accepted_(setup.accepted) {
  flow_.client_ip_text = setup.address;
  flow_.server_ip_text = setup.csms;
  flow_.client_port = static_cast<std::uint16_t>(40'000 + slot);
  flow_.server_port = setup.port;
  flow_.slot = slot;
  flow_.id = fmt::format("0-{}", slot + 1);
}

void Talk::call(std::string_view action, std::string_view payload, std::string_view reply) {
  const std::string id = ask(Side::kClient, action, payload);
  if (!reply.empty()) answer(Side::kServer, id, reply);
}

void Talk::command(std::string_view action, std::string_view payload, std::string_view reply) {
  const std::string id = ask(Side::kServer, action, payload);
  if (!reply.empty()) answer(Side::kClient, id, reply);
}

std::string Talk::ask(Side side, std::string_view action, std::string_view payload) {
  std::string id = fmt::format("{}", ++scene_.calls_);
  scene_.deliver(*this, side,
                 fmt::format(R"([2,"{}","{}",{}])", id, action, scene_.expand(payload)));
  return id;
}

void Talk::answer(Side side, const std::string& id, std::string_view payload) {
  scene_.deliver(*this, side, fmt::format(R"([3,"{}",{}])", id, scene_.expand(payload)));
}

void Talk::say(Side side, std::string_view text) {
  scene_.deliver(*this, side, text);
}

void Talk::close_frame(Side side) {
  Event event = scene_.event_of(websocket::kControl, *this, side);
  event.set_text(websocket::kOpcode, "close");
  scene_.on_event(event);
}

void Talk::ping() {
  Event event = scene_.event_of(websocket::kControl, *this, Side::kClient);
  event.set_text(websocket::kOpcode, "ping");
  scene_.on_event(event);
}

void Talk::request(std::string_view method, std::string_view path, const RequestDetail& detail) {
  Event event = scene_.event_of(http::kTransaction, *this, Side::kClient);
  event.set_text(http::kTransactionMethod, method);
  event.set_text(http::kTransactionPath, path);
  event.set_text(http::kTransactionHost, detail.host.empty() ? host_ : detail.host);
  if (detail.status != 0) event.set_int(http::kTransactionStatus, detail.status);
  if (detail.request_bytes > 0) event.set_int(http::kRequestBodyBytes, detail.request_bytes);
  if (detail.basic) {
    event.set_text(http::kTransactionAuthScheme, "basic");
    event.set_bool(http::kPasswordIsFactory, detail.factory_password);
  }
  event.set_bool(http::kIsSoap, detail.is_soap);
  scene_.on_event(event);
}

void Talk::login(std::string_view user, std::int64_t status, std::int64_t password_bytes) {
  Event event = scene_.event_of(ftp::kLogin, *this, Side::kClient);
  event.set_text(ftp::kUser, user);
  event.set_int(ftp::kPasswordBytes, password_bytes);
  event.set_int(ftp::kLoginStatus, status);
  scene_.on_event(event);
}

void Talk::store(std::string_view path, std::int64_t status) {
  Event event = scene_.event_of(ftp::kTransfer, *this, Side::kClient);
  event.set_text(ftp::kCommand, "STOR");
  event.set_text(ftp::kPath, path);
  event.set_int(ftp::kTransferStatus, status);
  scene_.on_event(event);
}

void Talk::progress(const ProgressDetail& detail) {
  Event event = scene_.event_of(connection::kProgress, *this, Side::kClient);
  event.set_int(connection::kProgressDurationMs, detail.duration_s * 1000);
  event.set_int(connection::kProgressClientBytes, detail.client_bytes);
  event.set_int(connection::kProgressServerBytes, detail.server_bytes);
  event.set_int(connection::kLargestSegmentBytes, detail.largest_bytes);
  event.set_int(connection::kLongestSilenceMs, detail.silence_s * 1000);
  scene_.on_event(event);
}

void Talk::show(Side side, const std::vector<std::vector<std::uint8_t>>& chain,
                std::string_view host) {
  std::vector<std::string> texts;
  for (const auto& each : chain) texts.push_back(to_base64(each));
  std::vector<Value> values;
  for (const std::string& each : texts) values.push_back(Value::text(each));
  Event event = scene_.event_of(tls::kCertificates, *this, side);
  event.set_text(tls::kCertificatesOf, side == Side::kClient ? "client" : "server");
  event.set(tls::kChain, Value::list(values));
  if (!host.empty()) event.set_text(tls::kCertificatesHost, host);
  scene_.on_event(event);
}

void Talk::close(std::string_view reason, std::int64_t client_bytes, std::int64_t server_bytes) {
  Event event = scene_.event_of(connection::kClosed, *this, Side::kClient);
  event.set_text(connection::kCloseReason, reason);
  event.set_text(connection::kProtocol, protocol_);
  event.set_int(connection::kClientBytes, client_bytes);
  event.set_int(connection::kServerBytes, server_bytes);
  if (!midstream_) event.set_bool(connection::kClosedAccepted, accepted_);
  scene_.on_event(event);
}

Scene::Scene(const DetectorDef* detector, std::size_t stations_max, const SiteKnowledge& site)
    : world_(HashKey{}, stations_max),
      detector_(detector != nullptr ? detector->create({HashKey{}, site}) : nullptr),
      extractor_(HashKey{}),
      shard_(std::make_unique<ShardContext>(all_interest(), static_cast<EventConsumer&>(*this))) {
  if (detector_ == nullptr) return;
  interest_ = detector_->interest();
  world_.on_forget([this](StationIndex station) { detector_->on_station_forgotten(station); });
}

Scene::~Scene() = default;

namespace {

void set_handshake(Event& event, const LinkSetup& setup) {
  event.set_text(http::kHost, setup.host);
  event.set_text(http::kUserAgent, setup.user_agent);
  event.set_bool(http::kIsOcpp, true);
  event.set_bool(http::kEncrypted, setup.encrypted);
  if (!setup.forwarded_for.empty()) event.set_text(http::kForwardedFor, setup.forwarded_for);
  if (setup.credential.empty()) return;
  event.set_text(http::kAuthScheme, "basic");
  event.set_text(http::kAuthCredential, setup.credential);
}

}  // namespace

Talk& Scene::open(std::string_view id, const LinkSetup& setup) {
  const auto slot = static_cast<std::uint32_t>(talks_.size());
  talks_.push_back(std::unique_ptr<Talk>(new Talk(*this, id, setup, slot)));
  Talk& talk = *talks_.back();
  Event opened = event_of(connection::kOpened, talk, Side::kClient);
  opened.set_station({});
  opened.set_bool(connection::kMidstream, setup.midstream);
  if (!setup.midstream) opened.set_bool(connection::kAccepted, setup.accepted);
  opened.set_text(connection::kOpenedProtocol, setup.protocol);
  on_event(opened);
  return talk;
}

Talk& Scene::connect(std::string_view id, const LinkSetup& setup) {
  Talk& talk = open(id, setup);
  if (setup.midstream) return talk;
  Event upgrade = event_of(http::kUpgrade, talk, Side::kClient);
  upgrade.set_int(http::kStatus, 101);
  upgrade.set_text(http::kSubprotocol, setup.subprotocol);
  set_handshake(upgrade, setup);
  on_event(upgrade);
  return talk;
}

void Scene::refuse(std::string_view id, std::int64_t status, const LinkSetup& setup) {
  const auto slot = static_cast<std::uint32_t>(talks_.size());
  talks_.push_back(std::unique_ptr<Talk>(new Talk(*this, id, setup, slot)));
  Talk& talk = *talks_.back();
  Event opened = event_of(connection::kOpened, talk, Side::kClient);
  opened.set_station({});
  on_event(opened);
  Event refused = event_of(http::kUpgradeRefused, talk, Side::kClient);
  refused.set_int(http::kStatus, status);
  set_handshake(refused, setup);
  on_event(refused);
  talk.close();
}

void Scene::fetch(std::string_view path, std::string_view sha256, std::int64_t bytes,
                  const LinkSetup& setup, const FetchDetail& detail) {
  Talk& talk = open({}, setup);
  Event event = event_of(http::kTransaction, talk, Side::kClient);
  event.set_text(http::kTransactionMethod, "GET");
  event.set_text(http::kTransactionHost, setup.host);
  event.set_text(http::kTransactionPath, path);
  event.set_int(http::kTransactionStatus, detail.status != 0 ? detail.status : 200);
  event.set_int(http::kBodyBytes, bytes);
  event.set_text(http::kBodySha256, sha256);
  if (detail.range_start > 0) event.set_int(http::kRangeStart, detail.range_start);
  on_event(event);
  talk.close();
}

void Scene::fetch_ftp(std::string_view path, std::string_view sha256, std::int64_t bytes,
                      const LinkSetup& setup, const FetchDetail& detail) {
  Talk& control = open({}, setup);
  LinkSetup data_setup = setup;
  if (!detail.passive) std::swap(data_setup.address, data_setup.csms);
  Talk& data = open({}, data_setup);
  const auto transfer = [&] {
    Event event = event_of(ftp::kTransfer, control, Side::kServer);
    event.set_text(ftp::kCommand, "RETR");
    event.set_text(ftp::kPath, path);
    event.set_text(ftp::kDataIp, data.flow_.server_ip_text);
    event.set_int(ftp::kDataPort, data.flow_.server_port);
    event.set_bool(ftp::kPassive, detail.passive);
    if (detail.range_start > 0) event.set_int(ftp::kRestartBytes, detail.range_start);
    event.set_int(ftp::kTransferStatus, detail.status != 0 ? detail.status : 226);
    on_event(event);
  };
  if (!detail.data_first) transfer();
  Event event = event_of(connection::kClosed, data, Side::kClient);
  event.set_text(connection::kCloseReason, "fin");
  event.set_text(detail.passive ? connection::kServerSha256 : connection::kClientSha256, sha256);
  event.set_int(detail.passive ? connection::kServerBytes : connection::kClientBytes, bytes);
  on_event(event);
  if (detail.data_first) transfer();
  control.close();
}

void Scene::wait_s(std::int64_t seconds) {
  for (; seconds > 0; --seconds) {
    now_ns_ += kNsPerSecond;
    if (detector_ != nullptr) detector_->on_tick(now_ns_, world_, *this);
  }
}

void Scene::end() {
  if (detector_ != nullptr) detector_->on_end(world_, *this);
}

std::vector<std::string> Scene::take() {
  return std::exchange(lines_, {});
}

std::vector<std::string> Scene::take(std::string_view name) {
  return harness::named(take(), name);
}

std::vector<SessionStepKind> Scene::take_steps() {
  return std::exchange(steps_, {});
}

Event Scene::make(const EventDef& def) const {
  return make(def, {world_.station(), world_.link()});
}

Event Scene::make(const EventDef& def, const Subject& subject) const {
  Event event(def, now_ns_, {"wire", "scene.pcap", number_});
  if (subject.link != nullptr) {
    event.set_flow(subject.link->flow, fact_ != nullptr ? fact_->head().sender : Side::kClient);
  }
  if (subject.station != nullptr) event.set_station(subject.station->id);
  return event;
}

std::uint64_t Scene::tag() const {
  return pack_tag({0, number_});
}

Origin Scene::origin_of(const Talk& talk, std::uint64_t number) {
  return talk.from_log_ ? Origin{"log", "scene.log", number} : Origin{"wire", "scene.pcap", number};
}

// What a detector reports.
void Scene::emit(const Event& event) {
  // "name c field=value station=CP1" becomes "name CP1 field=value".
  std::string text = harness::short_form(event);
  const std::string tail = fmt::format(" station={}", event.station());
  if (!event.station().empty() && text.ends_with(tail)) text.resize(text.size() - tail.size());
  text.replace(event.def().name.size() + 1, 1, event.station().empty() ? "-" : event.station());
  lines_.push_back(std::move(text));
  packets_.clear();
  for (const std::uint64_t each : event.packets()) packets_.push_back(unpack_tag(each).number);
}

// What was decoded.
void Scene::on_event(const Event& event) {
  facts_.clear();
  extractor_.add(event, number_, facts_);
  for (std::size_t place = 0; place < facts_.end(); place = facts_.next(place)) {
    const Fact fact = facts_.read(place);
    play(fact);
  }
}

void Scene::play(const Fact& fact) {
  fact_ = &fact;
  world_.prepare(fact, 0);
  if (world_.step().kind != SessionStepKind::kNone) steps_.push_back(world_.step().kind);
  const FactHead& head = fact.head();
  bool wanted = interest_.kinds[static_cast<std::size_t>(head.kind)];
  if (head.kind == FactKind::kMessage) {
    const std::string_view action = head.action != ocpp::kUnknownAction
                                        ? ocpp::action_def(head.action).name
                                        : std::string_view();
    const auto& list = interest_.actions;
    wanted = interest_.all_messages || std::find(list.begin(), list.end(), action) != list.end();
  }
  if (detector_ != nullptr && wanted) detector_->on_fact(fact, world_, *this);
  world_.commit(fact);
  fact_ = nullptr;
}

void Scene::deliver(Talk& talk, Side side, std::string_view text) {
  now_ns_ += kMessageNs;
  ++number_;
  std::string padded(text);
  padded.append(kJsonPadding, '\0');
  StreamContext context{
      *shard_,         talk.flow_, talk.station_, now_ns_, origin_of(talk, number_),
      talk.midstream_, false,      nullptr,       {},      false};
  const std::string_view message = std::string_view(padded).substr(0, text.size());
  talk.decoder_->on_message({side, true, false, message}, context);
}

std::string Scene::expand(std::string_view text) const {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] != '\'') {
      out += text[at++];
      continue;
    }
    out += '"';
    ++at;
    if (at >= text.size() || text[at] != '@') continue;
    const std::size_t end = text.find('\'', at);
    const std::string offset(text.substr(at + 1, end - at - 1));
    const std::int64_t time_ns =
        now_ns_ + kMessageNs + std::strtoll(offset.c_str(), nullptr, 10) * kNsPerSecond;
    std::array<char, kRfc3339Len> buffer;
    out += format_rfc3339(time_ns, buffer);
    at = end;
  }
  return out;
}

Event Scene::event_of(const EventDef& def, const Talk& talk, Side side) {
  ++number_;
  Event event(def, now_ns_, origin_of(talk, number_));
  event.set_flow(talk.flow_, side);
  event.set_station(talk.station_);
  return event;
}

const DetectorDef* find_detector(std::string_view name) {
  for (const DetectorDef& def : detector_defs()) {
    if (def.name == name) return &def;
  }
  return nullptr;
}

std::string field(const std::string& line, std::string_view name) {
  return harness::field(line, name);
}

}  // namespace chargewarden::testing
