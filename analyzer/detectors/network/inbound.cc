#include "analyzer/detectors/network/inbound.h"

#include "analyzer/detectors/network/reach.h"
#include "collector/event/defs/network_events.h"

namespace chargewarden::network {

namespace {

using F = FactField;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kDayNs = 86'400 * kNsPerSecond;

// A data connection comes while the control connection is open; those of stations that upload for
// long, or keep it open between files, last hours.
constexpr std::int64_t kFileServerNs = kDayNs;

std::string pair_key(const std::string& client, const std::string& server) {
  return client + '\0' + server;
}

}  // namespace

Inbound::Inbound(const HashKey& key)
    : told_(key, kToldMax, kDayNs), file_servers_(key, kFileServersMax, kFileServerNs) {}

void Inbound::note_file_server(const Link& link, std::int64_t now_ns) {
  (void)file_servers_.at(pair_key(link.flow.client_ip_text, link.flow.server_ip_text), now_ns);
}

bool Inbound::is_file_server(const std::string& client, const std::string& server,
                             std::int64_t now_ns) {
  return file_servers_.find(pair_key(client, server), now_ns) != nullptr;
}

bool Inbound::is_data(const Contact& contact, std::int64_t now_ns) {
  if (!contact.may_be_data()) return false;
  const bool spoken =
      contact.protocol == "http" || contact.protocol == "websocket" || contact.protocol == "ftp";
  if (spoken) return false;
  return is_file_server(contact.server_ip(), contact.client_ip(), now_ns) ||
         is_file_server(contact.client_ip(), contact.server_ip(), now_ns);
}

// Tells a thing once a day. What goes on is not told again: only at() touches.
bool Inbound::is_new(const std::string& key, std::int64_t now_ns) {
  if (told_.find(key, now_ns) != nullptr) return false;
  (void)told_.at(key, now_ns);
  return true;
}

void Inbound::on_contact(const Contact& contact, const World& world, Reporter& reporter) {
  const std::int64_t now = world.now_ns();
  if (contact.server == kNoStation || contact.client == contact.server) return;
  if (contact.client_is_backend || contact.client_ip() == contact.server_ip()) return;
  // A file server of the station; or one on the station, which was told by its control connection.
  if (is_data(contact, now)) return;
  const Station& server = world.station(contact.server);
  if (contact.client != kNoStation) {
    if (!is_new(contact.key(), now)) return;
    // The one that began it is who something has to be asked about.
    Event event = reporter.make(kBetween, {&world.station(contact.client), contact.link});
    if (!server.id.empty()) event.set_text(kBetweenOther, server.id);
    event.set_text(kBetweenProtocol, contact.protocol);
    reporter.emit(event);
    return;
  }
  // Which end opened a connection that was met in the middle is a guess.
  if (contact.link->midstream || !is_new(contact.key(), now)) return;
  Event event = reporter.make(kServiceReached, {&server, contact.link});
  event.set_bool(kReachedOutside, is_outside(contact.client_ip(), contact.server_ip()));
  event.set_text(kReachedProtocol, contact.protocol);
  reporter.emit(event);
}

void Inbound::on_transfer(const Fact& fact, const Contact& contact, const World& world,
                          Reporter& reporter) {
  if (contact.server == kNoStation || contact.client == contact.server) return;
  if (fact.text(F::kAuthScheme) != "basic" || fact.is_true(F::kEncrypted)) return;
  // A page that was refused, or not found, says nothing about the password.
  constexpr std::int64_t kBadRequest = 400;
  const std::int64_t status = fact.number(F::kStatusCode).value_or(kBadRequest);
  if (status >= kBadRequest) return;
  const bool factory = fact.is_true(F::kFactoryPassword);
  if (!is_new(contact.key() + (factory ? "factory" : "login"), fact.time_ns())) return;
  Event event = reporter.make(kAdminLogin, {&world.station(contact.server), contact.link});
  event.set_bool(kAdminFactory, factory);
  event.set_bool(kAdminOutside, is_outside(contact.client_ip(), contact.server_ip()));
  reporter.emit(event);
}

}  // namespace chargewarden::network
