// What stations do on the network outside their OCPP link (threats TI-22, TI-30, TI-32, AV-10,
// LG-17, IH-03, IH-04, IH-07, IH-08, IH-14, IH-17).
//
// Nothing here is done for an OCPP message but the few commands that name a place.

#include <array>

#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/network/address_book.h"
#include "analyzer/detectors/network/asked.h"
#include "analyzer/detectors/network/contact.h"
#include "analyzer/detectors/network/file_logins.h"
#include "analyzer/detectors/network/inbound.h"
#include "analyzer/detectors/network/moves.h"
#include "analyzer/detectors/network/peers.h"
#include "analyzer/detectors/network/scans.h"
#include "analyzer/detectors/network/uploads.h"
#include "collector/event/defs/network_events.h"

namespace chargewarden::network {

namespace {

using F = FactField;

// What the fact says is spoken; empty when it does not tell.
std::string_view protocol_of(const Fact& fact) {
  switch (fact.head().kind) {
    case FactKind::kTransfer:
    case FactKind::kRefused:
      return "http";
    case FactKind::kUpgrade:
      return "websocket";
    case FactKind::kFtp:
    case FactKind::kLogin:
      return "ftp";
    default:
      return fact.has(F::kProtocol) ? fact.text(F::kProtocol) : "unknown";
  }
}

// Whether the fact shows that both ends took part, and that it is not the begin of an OCPP
// connection: what begins with HTTP may become one.
bool is_contact(const Fact& fact) {
  switch (fact.head().kind) {
    case FactKind::kOpened:
      return fact.is_true(F::kAccepted) && fact.text(F::kProtocol) != "http";
    case FactKind::kTransfer:
      return fact.has(F::kStatusCode);
    case FactKind::kRefused:
      return fact.has(F::kStatusCode) && !fact.is_true(F::kIsOcpp);
    case FactKind::kUpgrade:
      return !fact.is_true(F::kIsOcpp);
    case FactKind::kFtp:
    case FactKind::kLogin:
    case FactKind::kProgress:
      return true;
    case FactKind::kClosed:
      return fact.is_true(F::kAccepted) || fact.number(F::kServerBytes).value_or(0) > 0;
    default:
      return false;
  }
}

// Whether nobody agreed to the connection: refused, or not answered until the end.
bool is_refusal(const Fact& fact) {
  if (fact.head().kind != FactKind::kClosed || !fact.has(F::kAccepted)) return false;
  return !fact.is_true(F::kAccepted) && fact.number(F::kClientBytes).value_or(0) == 0 &&
         fact.number(F::kServerBytes).value_or(0) == 0;
}

class NetworkDetector final : public Detector {
 public:
  explicit NetworkDetector(const HashKey& key)
      : book_(key),
        inbound_(key),
        peers_(key),
        uploads_(asked_, peers_),
        scans_(key),
        moves_(key),
        logins_(key) {}

  [[nodiscard]] FactInterest interest() const override {
    FactInterest out;
    for (const FactKind kind : {FactKind::kOpened, FactKind::kClosed, FactKind::kUpgrade,
                                FactKind::kRefused, FactKind::kTransfer, FactKind::kFtp,
                                FactKind::kLogin, FactKind::kProgress, FactKind::kControl}) {
      out.kinds[static_cast<std::size_t>(kind)] = true;
    }
    out.actions = Asked::actions();
    out.actions.push_back("BootNotification");
    return out;
  }

  void on_fact(const Fact& fact, const World& world, Reporter& reporter) override {
    const Link* link = world.link();
    if (link == nullptr) return;
    if (link->carries_ocpp) {
      on_ocpp(fact, world, reporter);
    } else if (!link->from_log) {
      on_other(fact, world, reporter);
    }
  }

  void on_station_forgotten(StationIndex station) override {
    asked_.forget(station);
    peers_.forget(station);
    moves_.forget(station);
  }

  [[nodiscard]] std::uint64_t dropped() const override {
    return book_.dropped() + inbound_.dropped() + peers_.dropped() + scans_.dropped() +
           moves_.dropped() + logins_.dropped();
  }

 private:
  void on_ocpp(const Fact& fact, const World& world, Reporter& reporter) {
    static const ocpp::ActionId kBoot = ocpp::action_id("BootNotification");
    switch (fact.head().kind) {
      case FactKind::kUpgrade:
        moves_.on_upgrade(world, book_, reporter);
        book_.note(fact, world);
        break;
      case FactKind::kOpened:  // Of a log.
        book_.note(fact, world);
        break;
      case FactKind::kControl:
        // Else the handshake told.
        if (world.link()->midstream) book_.note(fact, world);
        break;
      case FactKind::kMessage:
        if (fact.head().action == kBoot) {
          book_.note(fact, world);
        } else {
          asked_.on_message(fact, world);
        }
        break;
      default:
        break;
    }
  }

  void on_other(const Fact& fact, const World& world, Reporter& reporter) {
    const bool contact_shown = is_contact(fact);
    if (!contact_shown && !is_refusal(fact)) return;
    const Contact contact = contact_of(fact, world);
    if (!contact_shown) {
      // Data connections of FTP that a firewall cuts off are no scan.
      if (!inbound_.is_data(contact, fact.time_ns())) scans_.on_refused(contact, world, reporter);
      return;
    }
    if (contact.protocol == "ftp" || contact.link->flow.server_port == kFtpPort) {
      inbound_.note_file_server(*contact.link, fact.time_ns());
    }
    if (contact.client == kNoStation && contact.server == kNoStation) return;
    inbound_.on_contact(contact, world, reporter);
    const std::string_view host = fact.text(F::kHost);
    const bool explained =
        asked_.explains(contact.client, host, contact.server_ip(), fact.time_ns());
    peers_.on_contact(contact, explained, world, reporter);
    on_detail(fact, contact, world, reporter);
  }

  void on_detail(const Fact& fact, const Contact& contact, const World& world, Reporter& reporter) {
    switch (fact.head().kind) {
      case FactKind::kTransfer:
        inbound_.on_transfer(fact, contact, world, reporter);
        uploads_.on_transfer(fact, contact, world, reporter);
        break;
      case FactKind::kFtp:
        uploads_.on_transfer(fact, contact, world, reporter);
        break;
      case FactKind::kLogin:
        logins_.on_login(fact, contact, world, reporter);
        break;
      case FactKind::kProgress:
        peers_.on_progress(fact, contact, world, reporter);
        break;
      default:
        break;
    }
  }

  Contact contact_of(const Fact& fact, const World& world) {
    Contact out;
    out.link = world.link();
    out.protocol = protocol_of(fact);
    out.client = book_.owner(out.client_ip(), world);
    out.server = book_.owner(out.server_ip(), world);
    out.client_is_backend = book_.is_backend(out.client_ip(), world.now_ns());
    out.server_is_backend = book_.is_backend(out.server_ip(), world.now_ns());
    return out;
  }

  AddressBook book_;
  Asked asked_;
  Inbound inbound_;
  Peers peers_;
  Uploads uploads_;
  Scans scans_;
  Moves moves_;
  FileLogins logins_;
};

constexpr auto kEvents = std::to_array<const EventDef*>(
    {&kServiceReached, &kBetween, &kAdminLogin, &kUpload, &kNewPeer, &kChannel, &kScan,
     &kMovedTogether, &kLeftPrivate, &kFileLogin, &kSharedLogin});

std::unique_ptr<Detector> create(const DetectorContext& context) {
  return std::make_unique<NetworkDetector>(context.hash_key);
}

}  // namespace

extern const DetectorDef kDetector;
const DetectorDef kDetector{"network", kEvents, create};

}  // namespace chargewarden::network
