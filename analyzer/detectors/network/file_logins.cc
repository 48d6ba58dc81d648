#include "analyzer/detectors/network/file_logins.h"

#include <string>

#include "collector/base/text.h"
#include "collector/event/defs/network_events.h"

namespace chargewarden::network {

namespace {

using F = FactField;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// Stations fetch and send files by the week or month.
constexpr std::int64_t kKeptNs = 30 * 86'400 * kNsPerSecond;

// RFC 959, 4.2: 230, and 232 of RFC 2228.
constexpr std::int64_t kAcceptedFrom = 230;
constexpr std::int64_t kAcceptedTo = 232;

// A name that is no secret of anybody (RFC 1635).
bool is_anonymous(std::string_view user) {
  return iequals_ascii(user, "anonymous") || iequals_ascii(user, "ftp");
}

}  // namespace

FileLogins::FileLogins(const HashKey& key, std::size_t logins_max)
    : key_(key), logins_(key, logins_max, kKeptNs) {}

void FileLogins::on_login(const Fact& fact, const Contact& contact, const World& world,
                          Reporter& reporter) {
  if (contact.client == kNoStation) return;
  const Station& station = world.station(contact.client);
  const std::int64_t status = fact.number(F::kStatusCode).value_or(0);
  const bool accepted = status >= kAcceptedFrom && status <= kAcceptedTo;
  const std::string_view user = fact.text(F::kAuthUser);
  if (!accepted || fact.number(F::kPasswordBytes).value_or(0) <= 0) return;
  if (station.id.empty() || user.empty() || is_anonymous(user)) return;
  Login& login = logins_.at(contact.server_ip() + '\0' + std::string(user), fact.time_ns());
  SipHash13 hash(key_);
  hash.add(station.id);
  if (!login.stations.add(hash.finish())) return;
  login.packets.add(reporter.tag());
  Event readable = reporter.make(kFileLogin, {&station, contact.link});
  readable.set_text(kFileLoginUser, user);
  reporter.emit(readable);
  const std::size_t count = login.stations.size();
  if (count < login.told_at * 2) return;
  login.told_at = count;
  Event event = reporter.make(kSharedLogin, {&station, contact.link});
  event.set_int(kSharedLoginStations, static_cast<std::int64_t>(count));
  event.set_packets(login.packets.tags());
  reporter.emit(event);
}

}  // namespace chargewarden::network
