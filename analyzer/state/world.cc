#include "analyzer/state/world.h"

#include <algorithm>

#include "analyzer/facts/packet_tag.h"
#include "collector/base/prefetch.h"

namespace chargewarden {

namespace {

using F = FactField;

std::uint64_t tag_of(const Fact& fact) {
  return pack_tag({fact.head().source, fact.head().packet_number});
}

// connectorId of 2.x; in 1.6 a connector has no parts.
std::int32_t part_of(const Fact& fact) {
  if (!fact.has(F::kEvse)) return 0;
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>(fact.number(F::kConnector).value_or(0), 0, INT32_MAX));
}

// Key of a station of which only the address is known; no identity begins with this byte.
std::string anonymous_key(const Link& link) {
  return '\0' + link.flow.client_ip_text;
}

}  // namespace

World::World(const HashKey& hash_key, std::size_t stations_max)
    : hash_key_(hash_key),
      stations_max_(std::max<std::size_t>(stations_max, 1)),
      station_slots_(64),
      sessions_(hash_key),
      fleets_(hash_key) {}

void World::prepare(const Fact& fact, std::size_t shard) {
  link_ = nullptr;
  link_index_ = kNoLink;
  station_index_ = kNoStation;
  step_ = {};
  is_echo_ = false;
  now_ns_ = fact.time_ns();
  if (!fact.head().has_flow) return;
  if (fact.head().from_log && fact.head().kind == FactKind::kMessage) note_log(fact.head());
  if (fact.head().kind == FactKind::kOpened) open_link(fact, shard);
  link_index_ = slot_of(shard, fact.head().slot);
  if (link_index_ == kNoLink) return;
  link_ = &links_[link_index_];
  note_link(fact);
  take_station(fact);
  if (station_index_ == kNoStation) return;
  touch(station_index_);
  Station& station = stations_[station_index_];
  if (fact.head().kind == FactKind::kGap) station.gap_ns = fact.time_ns();
  is_echo_ = link_->from_log && is_on_wire(station);
  if (!is_echo_) step_ = sessions_.apply(fact, *link_, station_index_, station);
}

// Logs repeat what the wire has shown.
bool World::is_on_wire(const Station& station) const {
  return std::any_of(station.links.begin(), station.links.end(),
                     [this](LinkIndex each) { return !links_[each].from_log; });
}

void World::commit(const Fact& fact) {
  if (link_ == nullptr) return;
  const FactHead& head = fact.head();
  const bool is_sign = head.kind == FactKind::kMessage || head.kind == FactKind::kControl;
  if (is_sign && head.sender == Side::kClient) {
    link_->last_client_ns = fact.time_ns();
    link_->last_client_tag = tag_of(fact);
    ++link_->client_messages;
  } else if (is_sign) {
    link_->last_server_ns = fact.time_ns();
  }
  if (station_index_ != kNoStation) {
    Station& station = stations_[station_index_];
    station.address = link_->flow.client_ip_text;
    if (is_sign && head.sender == Side::kClient) station.last_seen_ns = fact.time_ns();
    if (head.version != FactVersion::kUnknown) station.version = head.version;
    commit_boot(fact, station);
    commit_status(fact, station);
  }
  if (head.kind == FactKind::kClosed) close_link();
}

LinkIndex World::link_of(std::size_t shard, std::uint32_t slot) const {
  return shard < slots_.size() && slot < slots_[shard].size() ? slots_[shard][slot] : kNoLink;
}

StationIndex World::station_of(std::size_t shard, std::uint32_t slot) const {
  const LinkIndex link = link_of(shard, slot);
  return link != kNoLink ? links_[link].station : kNoStation;
}

void World::prefetch_link(std::size_t shard, std::uint32_t slot) const {
  const LinkIndex link = link_of(shard, slot);
  if (link != kNoLink) prefetch_memory(&links_[link], sizeof(Link));
}

void World::prefetch_station(std::size_t shard, std::uint32_t slot) const {
  const StationIndex station = station_of(shard, slot);
  if (station == kNoStation) return;
  prefetch_memory(&stations_[station], sizeof(Station));
  prefetch_memory(&entries_[station], sizeof(StationEntry));
}

StationIndex World::prefetch_session_list(std::size_t shard, std::uint32_t slot) const {
  const StationIndex station = station_of(shard, slot);
  if (station == kNoStation) return station;
  const Station& each = stations_[station];
  prefetch_memory(each.sessions.data(), each.sessions.size() * sizeof(SessionIndex));
  prefetch_memory(each.ended.data(), each.ended.size() * sizeof(SessionIndex));
  prefetch_memory(each.connectors.data(), each.connectors.size() * sizeof(Connector));
  return station;
}

void World::prefetch_sessions(std::size_t shard, std::uint32_t slot) const {
  const StationIndex station = station_of(shard, slot);
  if (station == kNoStation) return;
  for (const auto* list : {&stations_[station].sessions, &stations_[station].ended}) {
    // The latest are looked at first.
    constexpr std::size_t kSessions = 4;
    const std::size_t count = std::min(list->size(), kSessions);
    for (auto each = list->end() - static_cast<std::ptrdiff_t>(count); each != list->end();
         ++each) {
      prefetch_memory(&sessions_.at(*each), sizeof(Session));
    }
  }
}

LinkIndex& World::slot_of(std::size_t shard, std::uint32_t slot) {
  if (shard >= slots_.size()) slots_.resize(shard + 1);
  auto& slots = slots_[shard];
  if (slot >= slots.size()) slots.resize(slot + 1, kNoLink);
  return slots[slot];
}

void World::open_link(const Fact& fact, std::size_t shard) {
  LinkIndex index = static_cast<LinkIndex>(links_.size());
  if (free_links_.empty()) {
    links_.emplace_back();
  } else {
    index = free_links_.back();
    free_links_.pop_back();
  }
  slot_of(shard, fact.head().slot) = index;
  Link& link = links_[index] = Link();
  link.open = true;
  link.midstream = fact.is_true(F::kMidstream);
  link.from_log = fact.head().from_log;
  link.opened_ns = fact.time_ns();
  link.opened_tag = tag_of(fact);
  if (link.from_log && !fact.station().empty()) {
    // Logs tell of stations only, and seldom of their handshakes.
    link.carries_ocpp = true;
    link.upgraded_ns = link.opened_ns;
    link.upgraded_tag = link.opened_tag;
  }
  link.slot = fact.head().slot;
  link.shard = shard;
  link.flow.client_ip_text = fact.text(F::kClientIp);
  link.flow.server_ip_text = fact.text(F::kServerIp);
  link.flow.client_port = static_cast<std::uint16_t>(fact.number(F::kClientPort).value_or(0));
  link.flow.server_port = static_cast<std::uint16_t>(fact.number(F::kServerPort).value_or(0));
  link.flow.id = fact.text(F::kFlowId);
  // Scans name addresses by the thousand; those that do not agree are no backends. Unless the
  // capture shows one direction only: see attach().
  if (!fact.has(F::kAccepted) || fact.is_true(F::kAccepted)) {
    link.fleet = fleets_.find_or_add(link.flow.server_ip_text, fact.time_ns());
  }
}

void World::note_log(const FactHead& head) {
  if (head.source >= logs_.size()) logs_.resize(head.source + std::size_t{1});
  LogProgress& log = logs_[head.source];
  const std::int64_t ahead_ns = head.time_ns - log.last_ns;
  if (log.last_ns != 0 && ahead_ns >= kLogSilentNs) {
    log.silent_from_ns = log.last_ns;
    log.silent_to_ns = head.time_ns;
    log.silent_from_line = log.last_line;
    log.silent_to_line = head.packet_number;
  } else if (log.last_ns != 0 && ahead_ns <= -kLogSilentNs) {
    ++log.backs;
    log.back_by_ns = -ahead_ns;
    log.back_line = head.packet_number;
  }
  log.last_ns = head.time_ns;
  log.last_line = head.packet_number;
}

void World::note_link(const Fact& fact) {
  const FactHead& head = fact.head();
  switch (head.kind) {
    case FactKind::kUpgrade:
    case FactKind::kRefused:
    case FactKind::kTransfer:
    case FactKind::kTls:
    case FactKind::kControl:
    case FactKind::kMessage:
      link_->spoke = true;
      break;
    default:
      break;
  }
  if (head.kind == FactKind::kUpgrade) {
    link_->upgraded = true;
    link_->upgraded_ns = fact.time_ns();
    link_->upgraded_tag = tag_of(fact);
    link_->carries_ocpp = link_->carries_ocpp || fact.is_true(F::kIsOcpp);
    link_->encrypted = fact.is_true(F::kEncrypted);
    link_->user_agent = fact.text(F::kUserAgent);
    link_->auth_scheme = fact.text(F::kAuthScheme);
    link_->subprotocol = fact.text(F::kSubprotocol);
  } else if (head.kind == FactKind::kMessage) {
    link_->carries_ocpp = true;
  } else if (head.kind == FactKind::kControl && fact.text(F::kOpcode) == "close") {
    link_->close_sent = true;
  }
}

// Whether the station has another connection to the backend of this one.
bool World::has_other_link(const Station& station, LinkIndex link) const {
  return std::any_of(station.links.begin(), station.links.end(), [&](LinkIndex each) {
    return each != link && links_[each].fleet == links_[link].fleet;
  });
}

// Whose fact it is. A refused handshake belongs to nobody: who asks need not be who he says.
void World::take_station(const Fact& fact) {
  if (link_->station != kNoStation && stations_[link_->station].id == fact.station()) {
    station_index_ = link_->station;
    return;
  }
  if (!link_->carries_ocpp) return;
  if (link_->station != kNoStation && fact.station().empty()) {
    station_index_ = link_->station;
    return;
  }
  detach(link_index_);
  const std::string key =
      fact.station().empty() ? anonymous_key(*link_) : std::string(fact.station());
  station_index_ = find_or_add(key, fact.station(), fact.time_ns());
  attach(station_index_, link_index_);
}

std::uint64_t World::hash_of(std::string_view key) const noexcept {
  SipHash13 hash(hash_key_);
  hash.add(key);
  return hash.finish();
}

StationIndex World::find_station(std::string_view id) const {
  return station_slots_.find(hash_of(id),
                             [&](std::uint32_t index) { return entries_[index].key == id; });
}

StationIndex World::find_or_add(std::string_view key, std::string_view id, std::int64_t time_ns) {
  const StationIndex known = find_station(key);
  if (known != kNoStation) return known;
  const StationIndex index = free_place();
  StationEntry& entry = entries_[index];
  entry.key = key;
  entry.hash = hash_of(key);
  Station& station = stations_[index] = Station();
  station.used = true;
  station.id = id;
  station.first_seen_ns = time_ns;
  ++used_;
  const auto hash_of_entry = [this](std::uint32_t each) { return entries_[each].hash; };
  // The table is kept at most half full.
  if (used_ * 2 > station_slots_.slots()) station_slots_.grow(hash_of_entry);
  station_slots_.insert(entry.hash, index);
  entry.newer = kNoStation;
  entry.older = newest_;
  if (newest_ != kNoStation) entries_[newest_].newer = index;
  newest_ = index;
  if (oldest_ == kNoStation) oldest_ = index;
  return index;
}

StationIndex World::free_place() {
  if (used_ >= stations_max_) {
    forget(oldest_);
    ++counters_.stations_forgotten;
  }
  if (!free_stations_.empty()) {
    const StationIndex index = free_stations_.back();
    free_stations_.pop_back();
    return index;
  }
  stations_.emplace_back();
  entries_.emplace_back();
  return static_cast<StationIndex>(stations_.size() - 1);
}

void World::forget(StationIndex index) {
  if (on_forget_) on_forget_(index);
  Station& station = stations_[index];
  while (!station.links.empty()) detach(station.links.back());
  sessions_.forget(station);
  StationEntry& entry = entries_[index];
  station_slots_.erase(index, [this](std::uint32_t each) { return entries_[each].hash; });
  (entry.newer != kNoStation ? entries_[entry.newer].older : newest_) = entry.older;
  (entry.older != kNoStation ? entries_[entry.older].newer : oldest_) = entry.newer;
  station = Station();
  free_stations_.push_back(index);
  --used_;
}

void World::touch(StationIndex index) {
  if (index == newest_) return;
  StationEntry& entry = entries_[index];
  entries_[entry.newer].older = entry.older;
  (entry.older != kNoStation ? entries_[entry.older].newer : oldest_) = entry.newer;
  entry.newer = kNoStation;
  entry.older = newest_;
  entries_[newest_].newer = index;
  newest_ = index;
}

void World::attach(StationIndex index, LinkIndex link) {
  Station& station = stations_[index];
  links_[link].station = index;
  if (links_[link].fleet == kNoFleet) {
    links_[link].fleet = fleets_.find_or_add(links_[link].flow.server_ip_text, now_ns_);
  }
  if (station.links.size() >= kLinksPerStationMax) {
    ++counters_.links_ignored;
    return;
  }
  if (station.links.empty()) ++connected_;
  if (!has_other_link(station, link)) ++fleets_.at(links_[link].fleet).connected;
  station.links.push_back(link);
}

void World::detach(LinkIndex index) {
  Link& link = links_[index];
  if (link.station == kNoStation) return;
  Station& station = stations_[link.station];
  if (std::erase(station.links, index) != 0) {
    if (station.links.empty()) --connected_;
    if (!has_other_link(station, index)) --fleets_.at(link.fleet).connected;
  }
  link.station = kNoStation;
}

void World::close_link() {
  detach(link_index_);
  slots_[link_->shard][link_->slot] = kNoLink;
  link_->open = false;
  free_links_.push_back(link_index_);
}

void World::commit_boot(const Fact& fact, Station& station) {
  static const ocpp::ActionId kBoot = ocpp::action_id("BootNotification");
  if (fact.is_result(kBoot)) {
    if (const auto interval = fact.number(F::kIntervalS)) station.interval_s = interval;
    return;
  }
  if (!fact.is_call(kBoot)) return;
  Inventory& inventory = station.inventory;
  inventory.vendor = fact.text(F::kVendor);
  inventory.model = fact.text(F::kModel);
  inventory.serial = fact.has(F::kSerial) ? fact.text(F::kSerial) : fact.text(F::kBoxSerial);
  inventory.firmware = fact.text(F::kFirmware);
  inventory.iccid = fact.text(F::kIccid);
  inventory.imsi = fact.text(F::kImsi);
  inventory.meter_serial = fact.text(F::kMeterSerial);
  ++station.boots;
  station.booted_ns = fact.time_ns();
  station.boot_tag = tag_of(fact);
}

void World::commit_status(const Fact& fact, Station& station) {
  static const ocpp::ActionId kStatus = ocpp::action_id("StatusNotification");
  const std::int32_t number = connector_of(fact);
  if (!fact.is_call(kStatus) || number < 0) return;
  if (const auto told = fact.number(F::kTimestamp)) {
    station.clock_lag_ns = fact.time_ns() - *told;
  }
  const std::int32_t part = part_of(fact);
  const auto is_it = [&](const Connector& each) {
    return each.number == number && each.part == part;
  };
  auto found = std::find_if(station.connectors.begin(), station.connectors.end(), is_it);
  if (found == station.connectors.end()) {
    if (station.connectors.size() >= kConnectorsPerStationMax) {
      ++counters_.connectors_ignored;
      return;
    }
    found = station.connectors.insert(found, Connector());
    found->number = number;
    found->part = part;
  }
  if (found->status != fact.text(F::kConnectorStatus)) {
    found->status = fact.text(F::kConnectorStatus);
    found->since_ns = fact.time_ns();
  }
  found->error = fact.text(F::kConnectorError);
  found->tag = tag_of(fact);
}

const Connector* World::find_connector(const Station& station, std::int32_t number) {
  const auto is_it = [&](const Connector& each) { return each.number == number; };
  const auto found = std::find_if(station.connectors.begin(), station.connectors.end(), is_it);
  return found != station.connectors.end() ? &*found : nullptr;
}

}  // namespace chargewarden
