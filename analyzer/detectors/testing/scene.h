#pragma once
// Scene: stations and their CSMS in a few lines, for tests of what has memory.
//
// Messages go the way of the program: OCPP decoder, facts, World, detector. Time passes only by
// wait_s() and by a tenth of a second for each message. In payloads ' stands for ", and a text that
// begins with @ is the time of the message, @-60 a minute before it, as RFC 3339.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/detectors/detector.h"
#include "analyzer/facts/fact_extractor.h"
#include "collector/decoders/decoder.h"

namespace chargewarden::testing {

// How a connection begins.
struct LinkSetup {
  std::string subprotocol = "ocpp1.6";
  std::string address = "10.0.0.1";  // Of the station.
  std::string csms = "10.9.0.1";
  std::string user_agent = "agent/1";
  std::string host = "csms.example.com";
  std::string credential = {};  // Fingerprint of a Basic password; empty: no authentication.
  bool encrypted = false;
  bool midstream = false;      // Its begin was not captured, and so neither the station's identity.
  bool from_log = false;       // Lines of a log instead of packets.
  std::uint16_t port = 9'000;  // Of the CSMS.
  std::string protocol = "http";  // As connection.opened tells it.
  bool accepted = true;           // The CSMS agreed to the connection.
  std::string forwarded_for = {};
};

// A request by HTTP that is no upgrade.
struct RequestDetail {
  std::int64_t status = 200;       // 0: no response.
  std::int64_t request_bytes = 0;  // Of its body.
  std::string host = {};           // Empty: that of the setup.
  bool basic = false;              // With a Basic password.
  bool factory_password = false;
  bool is_soap = false;
};

// What connection.progress tells.
struct ProgressDetail {
  std::int64_t duration_s = 0;
  std::int64_t client_bytes = 0;
  std::int64_t server_bytes = 0;
  std::int64_t largest_bytes = 0;
  std::int64_t silence_s = 0;
};

// How a file passes.
struct FetchDetail {
  std::int64_t status = 0;       // Of the response or reply; 0: 200 of HTTP, 226 of FTP.
  std::int64_t range_start = 0;  // Where in the file it begins.
  bool passive = true;           // FTP: the client opens the data connection.
  bool data_first = true;        // FTP: the data connection ends before the reply.
};

class Scene;

// One connection, from Scene::connect().
class Talk {
 public:
  // The station calls and the CSMS answers; an empty answer is none.
  void call(std::string_view action, std::string_view payload, std::string_view answer = "{}");

  // The other way round.
  void command(std::string_view action, std::string_view payload,
               std::string_view answer = "{'status':'Accepted'}");

  // Halves of these: a call alone, which returns its id, and an answer.
  std::string ask(Side side, std::string_view action, std::string_view payload);
  void answer(Side side, const std::string& id, std::string_view payload);

  // A message as it is.
  void say(Side side, std::string_view text);

  void close(std::string_view reason = "fin", std::int64_t client_bytes = 0,
             std::int64_t server_bytes = 0);

  // HTTP, FTP, and what is not known.
  void request(std::string_view method, std::string_view path, const RequestDetail& detail = {});
  void login(std::string_view user, std::int64_t status = 230, std::int64_t password_bytes = 8);
  void store(std::string_view path, std::int64_t status = 226);
  void progress(const ProgressDetail& detail);

  // Certificates that a side shows in a TLS handshake, DER; `host`: what the client asked for.
  void show(Side side, const std::vector<std::vector<std::uint8_t>>& chain,
            std::string_view host = {});

  // A ping of the client.
  void ping();

  // A close frame of that side.
  void close_frame(Side side);

 private:
  friend class Scene;

  Talk(Scene& scene, std::string_view id, const LinkSetup& setup, std::uint32_t slot);

  Scene& scene_;
  std::unique_ptr<MessageDecoder> decoder_;
  FlowInfo flow_;
  std::string station_;
  std::string host_;
  std::string protocol_;
  bool midstream_;
  bool from_log_;
  bool accepted_;
};

class Scene : private Reporter, private EventConsumer {
 public:
  // Without detector the World alone is played.
  explicit Scene(const DetectorDef* detector = nullptr, std::size_t stations_max = kStationsMax,
                 const SiteKnowledge& site = no_knowledge());

  // With what the operator has written down; it outlives the scene.
  Scene(const DetectorDef* detector, const SiteKnowledge& site)
      : Scene(detector, kStationsMax, site) {}

  ~Scene() override;
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  // A station connects. The Talk lives as long as the scene.
  Talk& connect(std::string_view id, const LinkSetup& setup = {});

  // A connection on which nothing has come about yet.
  Talk& open(std::string_view id, const LinkSetup& setup = {});

  // A handshake that is refused.
  void refuse(std::string_view id, std::int64_t status, const LinkSetup& setup = {});

  // Ticks come once a second meanwhile.
  void wait_s(std::int64_t seconds);

  // The input ends.
  void end();

  // A file that the client of the setup fetches by HTTP from its host.
  void fetch(std::string_view path, std::string_view sha256, std::int64_t bytes,
             const LinkSetup& setup, const FetchDetail& detail = {});

  // A file that the client of the setup fetches by FTP from the address `csms`.
  void fetch_ftp(std::string_view path, std::string_view sha256, std::int64_t bytes,
                 const LinkSetup& setup, const FetchDetail& detail = {});

  // What was reported since the last take(): "session.started CP1 connector=1 token=A": name,
  // station, and the event's own fields by the last part of their name.
  std::vector<std::string> take();

  // Those of that name only; all are taken.
  std::vector<std::string> take(std::string_view name);

  // Packets that the latest event names, by their number; messages count from 1.
  [[nodiscard]] const std::vector<std::uint64_t>& packets() const noexcept { return packets_; }

  [[nodiscard]] const World& world() const noexcept { return world_; }

  [[nodiscard]] const Detector& detector() const noexcept { return *detector_; }

  // Steps of the sessions as the messages made them, since the last time.
  std::vector<SessionStepKind> take_steps();

  [[nodiscard]] std::int64_t now_ns() const noexcept { return now_ns_; }

  [[nodiscard]] std::uint64_t packet_number() const noexcept { return number_; }

 private:
  friend class Talk;

  [[nodiscard]] Event make(const EventDef& def) const override;
  [[nodiscard]] Event make(const EventDef& def, const Subject& subject) const override;
  [[nodiscard]] std::uint64_t tag() const override;
  void emit(const Event& event) override;
  void on_event(const Event& event) override;

  void deliver(Talk& talk, Side side, std::string_view text);
  void play(const Fact& fact);
  std::string expand(std::string_view text) const;
  Event event_of(const EventDef& def, const Talk& talk, Side side);
  static Origin origin_of(const Talk& talk, std::uint64_t number);

  World world_;
  std::unique_ptr<Detector> detector_;
  FactInterest interest_;
  FactExtractor extractor_;
  FactBuffer facts_;
  std::unique_ptr<ShardContext> shard_;
  std::vector<std::unique_ptr<Talk>> talks_;
  std::vector<std::string> lines_;
  std::vector<std::uint64_t> packets_;
  std::vector<SessionStepKind> steps_;
  const Fact* fact_ = nullptr;
  std::int64_t now_ns_ = 1'767'225'600'000'000'000;  // 2026-01-01T00:00:00Z
  std::uint64_t number_ = 0;
  std::uint64_t calls_ = 0;
};

// The detector of that name from the registry.
const DetectorDef* find_detector(std::string_view name);

// The value of one field of a line of Scene::take(), "" when it has none.
std::string field(const std::string& line, std::string_view name);

}  // namespace chargewarden::testing
