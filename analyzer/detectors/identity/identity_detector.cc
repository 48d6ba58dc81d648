// Who stations say they are: two at once, one in the place of another, many in turn, and passwords
// that are guessed (threats TI-04 to TI-09, TI-13, TI-14).
//
// CSMSs differ in what they do with a second connection for one identity: some refuse the newcomer,
// some let it win and drop the old one, some keep both. So all three are looked for. A link over a
// mobile network that died without a word looks like the second; it is told by what the old client
// says afterwards, which is nothing.

#include <algorithm>
#include <string>
#include <unordered_map>

#include "analyzer/detectors/by_station.h"
#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/expiring_map.h"
#include "analyzer/detectors/window.h"
#include "collector/event/defs/identity_events.h"

namespace chargewarden::identity {

namespace {

using F = FactField;

constexpr std::int64_t kNsPerMs = 1'000'000;
constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// A client that still speaks this long after another one came for the same identity is not the end
// of a conversation that was under way: retransmissions and answers take a few round trips of a
// mobile network, which are below a second each.
constexpr std::int64_t kOverlapMinNs = 2 * kNsPerSecond;

// An old connection that ends this soon after a newcomer was accepted was ended because of it: the
// closing handshake takes that long at most before stacks give up (RFC 6455, 7.1.1 leaves it open;
// 10 s and 30 s are usual).
constexpr std::int64_t kDisplacedWithinNs = 30 * kNsPerSecond;

// Time over which addresses, refusals and failures belong together. Rivals for one identity
// reconnect within seconds, stations with back-off within minutes.
constexpr std::int64_t kWindowNs = 600 * kNsPerSecond;

// Password guessing is counted over a minute (threat TI-08).
constexpr std::int64_t kFailuresWindowNs = 60 * kNsPerSecond;

// From how many on refusals are told: fewer are typing errors and restarts.
constexpr std::uint64_t kToldFrom = 5;

// Sources and identities that are followed at a time, each with up to some hundred bytes.
// Test: identity_detector_test.cc "the table of sources is bounded".
constexpr std::size_t kSourcesMax = 20'000;
constexpr std::size_t kIdentitiesMax = 50'000;
constexpr std::size_t kHardwareMax = 200'000;

// Different values that are told apart in one entry.
constexpr std::size_t kDistinctMax = 16;

// Identities of one source that are told apart; beyond, attempts are counted.
// Test: identity_detector_test.cc "identities of one source are told apart up to a limit".
constexpr std::size_t kDistinctIdentitiesMax = 1024;

bool is_login_failure(const Fact& fact) {
  const std::int64_t status = fact.number(F::kStatusCode).value_or(0);
  return status == 401 || status == 403;
}

// What is known of a station identity.
struct Known {
  std::string address;
  std::string user_agent;
  std::string subprotocol;
  bool connected_before = false;
  std::string displaced_from;  // Where the latest displaced connection came from.
  std::int64_t displaced_ns = 0;
  std::int64_t rounds = 0;
  Window refused_twins{kWindowNs};
  std::int64_t first_refused_twin_ns = 0;  // Of those in the window.
  // The latest connection that came while another one of the identity was open, as it was then.
  std::unique_ptr<Link> newcomer;
  bool newcomer_spoke = false;
};

// What is known of a source address.
struct Source {
  DistinctSet refused{kDistinctIdentitiesMax};
  DistinctSet accepted{kDistinctIdentitiesMax};
  DistinctSet unauthorised{kDistinctIdentitiesMax};
  std::uint64_t attempts = 0;
  std::uint64_t told_at = 0;
  std::int64_t last_ns = 0;
  Packets packets;
};

// Failures to log in with an identity.
struct Failures {
  Window window{kFailuresWindowNs};
  DistinctSet credentials{kDistinctMax};
  DistinctSet sources{kDistinctMax};
  std::uint64_t told_at = 0;
  std::uint64_t since_login = 0;
  std::int64_t last_ns = 0;
  Packets packets;
};

class IdentityDetector final : public Detector {
 public:
  explicit IdentityDetector(const HashKey& key)
      : sources_(key, kSourcesMax, kWindowNs),
        failures_(key, kIdentitiesMax, kWindowNs),
        hardware_(key, kHardwareMax, 0),
        key_(key) {}

  [[nodiscard]] FactInterest interest() const override {
    FactInterest out;
    for (const FactKind kind : {FactKind::kOpened, FactKind::kUpgrade, FactKind::kRefused,
                                FactKind::kControl, FactKind::kClosed}) {
      out.kinds[static_cast<std::size_t>(kind)] = true;
    }
    out.all_messages = true;
    return out;
  }

  void prefetch(StationIndex station) const noexcept override { known_.prefetch(station); }

  void on_fact(const Fact& fact, const World& world, Reporter& reporter) override {
    switch (fact.head().kind) {
      case FactKind::kOpened:
        if (fact.head().from_log) on_log_connection(fact, world, reporter);
        break;
      case FactKind::kUpgrade:
        on_upgrade(fact, world, reporter);
        break;
      case FactKind::kRefused:
        on_refused(fact, world, reporter);
        break;
      case FactKind::kClosed:
        on_closed(fact, world, reporter);
        break;
      default:
        on_sign(fact, world, reporter);
    }
  }

  void on_station_forgotten(StationIndex station) override { known_.forget(station); }

  [[nodiscard]] std::uint64_t dropped() const override {
    return sources_.dropped() + failures_.dropped() + hardware_.dropped();
  }

 private:
  // A handshake was accepted.
  void on_upgrade(const Fact& fact, const World& world, Reporter& reporter) {
    const Station* station = world.station();
    if (station == nullptr || station->id.empty() || world.link()->from_log) return;
    Known& known = known_.at(world.station_index());
    const Link& link = *world.link();
    note_accepted(fact, link, *station, reporter);
    compare_client(link, known, reporter);
    share("password", fact.text(F::kCredential), world, reporter);
    known.address = link.flow.client_ip_text;
    known.user_agent = link.user_agent;
    known.subprotocol = link.subprotocol;
    known.connected_before = true;
    note_newcomer(world, known);
  }

  // Whether somebody else is there already.
  static void note_newcomer(const World& world, Known& known) {
    for (const LinkIndex each : world.station()->links) {
      const Link& link = world.link(each);
      if (each == world.link_index() || link.close_sent) continue;
      if (link.from_log != world.link()->from_log) continue;
      known.newcomer = std::make_unique<Link>(*world.link());
      known.newcomer_spoke = false;
      return;
    }
  }

  // A log begins to tell of a connection: that of a station which was accepted.
  void on_log_connection(const Fact& fact, const World& world, Reporter& reporter) {
    const Station* station = world.station();
    if (station == nullptr || station->id.empty()) return;
    note_accepted(fact, *world.link(), *station, reporter);
    note_newcomer(world, known_.at(world.station_index()));
  }

  // Successes of a source, and whether one ends a row of failures.
  void note_accepted(const Fact& fact, const Link& link, const Station& station,
                     Reporter& reporter) {
    const std::int64_t now = fact.time_ns();
    if (Source* source = sources_.find(link.flow.client_ip_text, now)) {
      source->accepted.add(hash(station.id));
    }
    Failures* failures = failures_.find(failure_key(station.id, link), now);
    if (failures == nullptr) return;
    if (failures->since_login >= kToldFrom) {
      Event event = reporter.make(kGuessed);
      event.set_int(kGuessedFailures, static_cast<std::int64_t>(failures->since_login));
      event.set_int(kGuessedCredentials, static_cast<std::int64_t>(failures->credentials.size()));
      failures->packets.add(reporter.tag());
      event.set_packets(failures->packets.tags());
      reporter.emit(event);
    }
    *failures = Failures();
  }

  void compare_client(const Link& link, Known& known, Reporter& reporter) {
    if (!known.connected_before) return;
    std::array<Value, 3> changed;
    std::size_t count = 0;
    const auto compare = [&](std::string_view name, const std::string& now,
                             const std::string& before) {
      if (now != before) changed[count++] = Value::text(name);
    };
    compare("address", link.flow.client_ip_text, known.address);
    compare("user_agent", link.user_agent, known.user_agent);
    compare("subprotocol", link.subprotocol, known.subprotocol);
    if (count == 0) return;
    Event event = reporter.make(kClientChanged);
    event.set(kChanged, Value::list({changed.data(), count}));
    event.set_text(kChangedAddress, known.address);
    reporter.emit(event);
  }

  void on_refused(const Fact& fact, const World& world, Reporter& reporter) {
    if (fact.station().empty() || world.link() == nullptr) return;
    const Link& link = *world.link();
    note_probe(fact, link, reporter);
    if (is_login_failure(fact)) note_failure(fact, link, reporter);
    const StationIndex index = world.find_station(fact.station());
    if (index != kNoStation) note_twin(fact, world, index, reporter);
  }

  void note_probe(const Fact& fact, const Link& link, Reporter& reporter) {
    const std::int64_t now = fact.time_ns();
    Source& source = sources_.at(link.flow.client_ip_text, now);
    if (now - source.last_ns > kWindowNs) source = Source();
    source.last_ns = now;
    ++source.attempts;
    source.packets.add(reporter.tag());
    source.refused.add(hash(fact.station()));
    if (is_login_failure(fact)) source.unauthorised.add(hash(fact.station()));
    const std::uint64_t distinct = source.refused.size();
    if (distinct < kToldFrom || distinct < source.told_at * 2) return;
    source.told_at = distinct;
    // Whose identity was asked for last says nothing: the event is about the source.
    Event event = reporter.make(kProbing, {nullptr, &link});
    event.set_int(kRefused, static_cast<std::int64_t>(distinct));
    event.set_int(kAccepted, static_cast<std::int64_t>(source.accepted.size()));
    event.set_int(kRefusedPercent,
                  static_cast<std::int64_t>(distinct * 100 / (distinct + source.accepted.size())));
    event.set_int(kUnauthorised, static_cast<std::int64_t>(source.unauthorised.size()));
    event.set_int(kAttempts, static_cast<std::int64_t>(source.attempts));
    event.set_packets(source.packets.tags());
    reporter.emit(event);
  }

  void note_failure(const Fact& fact, const Link& link, Reporter& reporter) {
    const std::int64_t now = fact.time_ns();
    Failures& failures = failures_.at(fact.station(), now);
    count_failure(fact, link, failures, reporter);
    // Also of the identity from this source alone, for what comes after.
    Failures& own = failures_.at(failure_key(fact.station(), link), now);
    ++own.since_login;
    own.last_ns = now;
    own.packets.add(reporter.tag());
    if (fact.has(F::kCredential)) own.credentials.add(hash(fact.text(F::kCredential)));
  }

  void count_failure(const Fact& fact, const Link& link, Failures& failures, Reporter& reporter) {
    if (fact.time_ns() - failures.last_ns > kFailuresWindowNs) failures = Failures();
    failures.last_ns = fact.time_ns();
    failures.packets.add(reporter.tag());
    failures.sources.add(hash(link.flow.client_ip_text));
    if (fact.has(F::kCredential)) failures.credentials.add(hash(fact.text(F::kCredential)));
    const std::uint64_t count = failures.window.add(fact.time_ns());
    if (count < kToldFrom || count < failures.told_at * 2) return;
    failures.told_at = count;
    Event event = reporter.make(kLoginFailures, {nullptr, &link});
    event.set_station(fact.station());
    event.set_int(kFailures, static_cast<std::int64_t>(count));
    event.set_int(kCredentials, static_cast<std::int64_t>(failures.credentials.size()));
    event.set_int(kSources, static_cast<std::int64_t>(failures.sources.size()));
    event.set_packets(failures.packets.tags());
    reporter.emit(event);
  }

  // A CSMS where the first one wins.
  void note_twin(const Fact& fact, const World& world, StationIndex index, Reporter& reporter) {
    const Station& station = world.station(index);
    const Link& newcomer = *world.link();
    for (const LinkIndex each : station.links) {
      const Link& link = world.link(each);
      const bool speaks = fact.time_ns() - link.last_client_ns <= kWindowNs;
      if (link.from_log != newcomer.from_log || link.close_sent || !speaks) continue;
      if (link.flow.client_ip_text == newcomer.flow.client_ip_text) continue;
      Known& known = known_.at(index);
      const std::uint64_t count = known.refused_twins.add(fact.time_ns());
      if (count == 1) known.first_refused_twin_ns = fact.time_ns();
      const std::array<std::uint64_t, 2> tags = {link.last_client_tag, reporter.tag()};
      Event event = reporter.make(kRefusedTwin, {&station, &newcomer});
      event.set_text(kRefusedTwinAddress, link.flow.client_ip_text);
      event.set_int(kRefusedTwinCount, static_cast<std::int64_t>(count));
      event.set_bool(kStillSpeaks, link.last_client_ns > known.first_refused_twin_ns);
      event.set_packets(tags);
      reporter.emit(event);
      return;
    }
  }

  // A message or control frame: who speaks while somebody else speaks for the same identity?
  void on_sign(const Fact& fact, const World& world, Reporter& reporter) {
    const Station* station = world.station();
    if (station == nullptr || station->id.empty()) return;
    static const ocpp::ActionId kBoot = ocpp::action_id("BootNotification");
    if (fact.is_call(kBoot)) share_hardware(fact, world, reporter);
    Known* known = known_.find(world.station_index());
    if (known == nullptr || known->newcomer == nullptr) return;
    const Link& own = *world.link();
    if (fact.head().sender != Side::kClient || own.close_sent) return;
    if (own.from_log != known->newcomer->from_log) return;
    if (own.opened_tag == known->newcomer->opened_tag) {
      known->newcomer_spoke = true;
    } else if (own.opened_ns <= known->newcomer->opened_ns) {
      compare_with_newcomer(own, *known, world, reporter);
    }
  }

  // The old client speaks although a newcomer was accepted. That one may be gone again by now.
  void compare_with_newcomer(const Link& old, Known& known, const World& world,
                             Reporter& reporter) {
    const Link& newcomer = *known.newcomer;
    const std::int64_t overlap_ns = world.now_ns() - newcomer.upgraded_ns;
    if (!known.newcomer_spoke || overlap_ns < kOverlapMinNs) return;
    if (overlap_ns <= kWindowNs) {
      Packets packets;
      for (const std::uint64_t tag : {old.upgraded_tag, newcomer.upgraded_tag, reporter.tag()}) {
        packets.add(tag);
      }
      Event event = reporter.make(kDuplicate, {world.station(), &newcomer});
      event.set_text(kOtherAddress, old.flow.client_ip_text);
      event.set_bool(kSameAddress, old.flow.client_ip_text == newcomer.flow.client_ip_text);
      event.set_int(kOverlapMs, overlap_ns / kNsPerMs);
      event.set_packets(packets.tags());
      reporter.emit(event);
    }
    known.newcomer.reset();
  }

  // A CSMS where the newcomer wins: the old connection ends while the new one stays.
  void on_closed(const Fact& fact, const World& world, Reporter& reporter) {
    const Station* station = world.station();
    if (station == nullptr || station->id.empty() || world.link()->from_log) return;
    if (fact.text(F::kCloseReason) == "end_of_input") return;
    const Link& old = *world.link();
    for (const LinkIndex each : station->links) {
      const Link& link = world.link(each);
      const bool newer = link.upgraded && link.upgraded_ns > old.opened_ns;
      if (each == world.link_index() || link.from_log || !newer) continue;
      if (fact.time_ns() - link.upgraded_ns > kDisplacedWithinNs) continue;
      if (link.flow.client_ip_text == old.flow.client_ip_text) continue;
      tell_displaced(fact, world, old, link, reporter);
      return;
    }
  }

  void tell_displaced(const Fact& fact, const World& world, const Link& old, const Link& link,
                      Reporter& reporter) {
    Known& known = known_.at(world.station_index());
    const bool back = known.displaced_from == link.flow.client_ip_text &&
                      fact.time_ns() - known.displaced_ns <= kWindowNs;
    known.rounds = back ? known.rounds + 1 : 0;
    known.displaced_from = old.flow.client_ip_text;
    known.displaced_ns = fact.time_ns();
    const std::int64_t idle_ns =
        old.last_client_ns != 0 ? std::max<std::int64_t>(0, link.upgraded_ns - old.last_client_ns)
                                : link.upgraded_ns - old.opened_ns;
    const std::array<std::uint64_t, 3> tags = {old.upgraded_tag, link.upgraded_tag, reporter.tag()};
    Packets packets;
    for (const std::uint64_t tag : tags) packets.add(tag);
    Event event = reporter.make(kDisplaced, {world.station(), &link});
    event.set_text(kDisplacedAddress, old.flow.client_ip_text);
    event.set_int(kIdleS, idle_ns / kNsPerSecond);
    event.set_int(kRounds, known.rounds);
    event.set_packets(packets.tags());
    reporter.emit(event);
  }

  void share_hardware(const Fact& fact, const World& world, Reporter& reporter) {
    const std::string_view serial =
        fact.has(F::kSerial) ? fact.text(F::kSerial) : fact.text(F::kBoxSerial);
    if (!serial.empty()) {
      const std::string unit = std::string(fact.text(F::kVendor)) + '\0' +
                               std::string(fact.text(F::kModel)) + '\0' + std::string(serial);
      share("serial", unit, world, reporter);
    }
    share("iccid", fact.text(F::kIccid), world, reporter);
  }

  // Notes who uses it, and tells when somebody else did.
  void share(std::string_view what, std::string_view value, const World& world,
             Reporter& reporter) {
    if (value.empty()) return;
    const Station& station = *world.station();
    std::string& user = hardware_.at(std::string(what) + '\0' + std::string(value), 0);
    if (!user.empty() && user != station.id) {
      Event event = reporter.make(kShared);
      event.set_text(kSharedWhat, what);
      event.set_text(kOtherStation, user);
      reporter.emit(event);
    }
    user = station.id;
  }

  static std::string failure_key(std::string_view identity, const Link& link) {
    return std::string(identity) + '\0' + link.flow.client_ip_text;
  }

  [[nodiscard]] std::uint64_t hash(std::string_view text) const {
    SipHash13 hash(key_);
    hash.add(text);
    return hash.finish();
  }

  ByStation<Known> known_;
  ExpiringMap<Source> sources_;
  ExpiringMap<Failures> failures_;
  ExpiringMap<std::string> hardware_;
  HashKey key_;
};

constexpr auto kEvents = std::to_array<const EventDef*>({
    &kDuplicate,
    &kDisplaced,
    &kRefusedTwin,
    &kClientChanged,
    &kProbing,
    &kLoginFailures,
    &kGuessed,
    &kShared,
});

std::unique_ptr<Detector> create(const DetectorContext& context) {
  return std::make_unique<IdentityDetector>(context.hash_key);
}

}  // namespace

extern const DetectorDef kDetector;
const DetectorDef kDetector = {"identity", kEvents, create};

}  // namespace chargewarden::identity
