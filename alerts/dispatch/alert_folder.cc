#include "alerts/dispatch/alert_folder.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "alerts/model/limits.h"
#include "collector/base/siphash.h"

namespace chargewarden {

namespace {

// What tells groups apart: what a correlation groups by, else the station or, where there is none,
// both addresses.
enum class KeyKind : std::uint8_t { kAddresses, kStation, kGroup };

struct KeyView {
  const RuleInfo* rule;
  KeyKind kind;
  std::string_view names;

  bool operator==(const KeyView&) const = default;
};

struct Key {
  explicit Key(const KeyView& view) : rule(view.rule), kind(view.kind), names(view.names) {}

  [[nodiscard]] KeyView view() const { return {rule, kind, names}; }

  const RuleInfo* rule;
  KeyKind kind;
  std::string names;
};

struct KeyHash {
  using is_transparent = void;

  std::size_t operator()(const KeyView& key) const {
    SipHash13 hash(secret);
    // The address of the rule differs from run to run, and so do the buckets; no output depends on
    // their order.
    hash.add(std::uint64_t{std::hash<const RuleInfo*>()(key.rule)} +
             static_cast<std::uint64_t>(key.kind));
    hash.add(key.names);
    return hash.finish();
  }

  std::size_t operator()(const Key& key) const { return (*this)(key.view()); }

  HashKey secret;
};

struct KeyEqual {
  using is_transparent = void;

  bool operator()(const Key& a, const Key& b) const { return a.view() == b.view(); }

  bool operator()(const Key& a, const KeyView& b) const { return a.view() == b; }

  bool operator()(const KeyView& a, const Key& b) const { return a == b.view(); }
};

std::string_view start_of(std::string_view name) {
  return name.substr(0, kGroupNameMax);
}

}  // namespace

// Small on purpose: with its key, what a repeat reads and writes fits two lines of the cache.
struct AlertFolder::Group {
  // What the first finding leaves for Updates.
  struct First {
    Finding finding;  // Without event_json; its packets are those of the group.
    std::string uid;
  };

  std::unique_ptr<First> first;  // None for a posture rule: nothing follows.
  std::int64_t last_time_ns = 0;
  std::int64_t reported_time_ns = 0;  // Event time of the last message.
  std::uint64_t count = 1;
  std::uint64_t reported_count = 1;
  std::uint64_t last_number = 0;  // With last_source: origin of the latest repeat.
  std::uint32_t last_source = 0;
  EvidenceLedger::AlertNumber evidence = EvidenceLedger::kNone;
};

struct AlertFolder::Table {
  using Groups = std::unordered_map<Key, Group, KeyHash, KeyEqual>;

  // A group, and its latest time when it was put here. Repeats do not move it, which would cost
  // them more than all else: evict_stalest() brings up to date what it meets.
  struct Seen {
    std::int64_t time_ns;
    std::uint64_t ordinal;  // Of the group's first finding: decides between equal times.
    Groups::value_type* entry;

    bool operator<(const Seen& other) const {  // For a heap with the stalest on top.
      return std::tie(time_ns, ordinal) > std::tie(other.time_ns, other.ordinal);
    }
  };

  explicit Table(const HashKey& secret) : groups(0, KeyHash{secret}) {}

  Groups groups;
  std::vector<Seen> by_time;
  std::string names;                                         // Two addresses, joined for a lookup.
  std::vector<std::pair<std::string, std::string>> sources;  // Kind and name, one for each input.
  std::uint32_t source = 0;                                  // The one that was asked for last.
};

AlertFolder::AlertFolder(AlertOut& out, std::size_t groups_max, const HashKey& hash_key,
                         EvidenceLedger* evidence)
    : out_(out),
      evidence_(evidence),
      groups_max_(groups_max),
      table_(std::make_unique<Table>(hash_key)) {}

AlertFolder::~AlertFolder() = default;

bool AlertFolder::touch(const RuleInfo& rule, std::string_view station, std::string_view source_ip,
                        std::string_view destination_ip, std::int64_t time_ns, const Origin& origin,
                        std::string_view group_name, std::span<const PacketRef> packets) {
  ++counters_.findings;
  KeyView key{&rule, KeyKind::kStation, start_of(station)};
  if (!group_name.empty()) {
    key.kind = KeyKind::kGroup;
    key.names = start_of(group_name);
  } else if (station.empty()) {
    key.kind = KeyKind::kAddresses;
    table_->names = start_of(source_ip);
    table_->names += ' ';
    table_->names += start_of(destination_ip);
    key.names = table_->names;
  }
  const auto known = table_->groups.find(key);
  if (known != table_->groups.end()) {
    repeat(known->second, time_ns, origin, packets);
    return false;
  }
  if (table_->groups.size() >= groups_max_) evict_stalest();
  const auto added = table_->groups.try_emplace(Key(key)).first;
  Group& group = added->second;
  group.last_time_ns = group.reported_time_ns = time_ns;
  table_->by_time.push_back({time_ns, counters_.findings, &*added});
  std::push_heap(table_->by_time.begin(), table_->by_time.end());
  created_ = &group;
  return true;
}

void AlertFolder::create(Finding finding, std::span<const PacketRef> packets) {
  Group* const group = std::exchange(created_, nullptr);
  if (group == nullptr) return;
  ++counters_.creates;
  for (const PacketRef packet : packets) finding.packets.add(packet);
  Alert alert;
  alert.finding_uid = finding_uid_of(finding);
  alert.uid = message_uid_of(alert.finding_uid, Activity::kCreate, 1);
  alert.last_time_ns = finding.time_ns;
  alert.last_origin = finding.origin;
  if (evidence_ != nullptr) begin_evidence(*group, alert, packets);
  if (!finding.rule->posture) {
    std::string event_json = std::move(finding.event_json);
    finding.event_json.clear();
    group->first = std::make_unique<Group::First>(Group::First{finding, alert.finding_uid});
    Finding& kept = group->first->finding;
    kept.station_id = clip(finding.station_id, kNameMax);
    kept.flow_id = clip(finding.flow_id, kNameMax);
    finding.event_json = std::move(event_json);
  }
  alert.finding = std::move(finding);
  out_.on_alert(std::move(alert));
}

void AlertFolder::begin_evidence(Group& group, Alert& alert, std::span<const PacketRef> packets) {
  if (packets.empty()) return;
  group.evidence = evidence_->begin(alert.finding_uid);
  if (group.evidence == EvidenceLedger::kNone) return;
  alert.evidence_file = EvidenceLedger::file_of(alert.finding_uid);
  for (const PacketRef packet : packets) evidence_->add(group.evidence, packet);
}

void AlertFolder::on_finding(Finding finding) {
  const OriginParts parts = parse_origin(finding.origin);
  const Origin origin{parts.kind, parts.source, parts.number};
  std::vector<PacketRef> packets;
  for (std::size_t i = 0; i < finding.packets.size(); ++i) packets.push_back(finding.packets[i]);
  if (touch(*finding.rule, finding.station_id, finding.source_ip, finding.destination_ip,
            finding.time_ns, origin, finding.group, packets)) {
    finding.packets = {};
    create(std::move(finding), packets);
  }
}

void AlertFolder::repeat(Group& group, std::int64_t time_ns, const Origin& origin,
                         std::span<const PacketRef> packets) {
  ++group.count;
  // Captures may step back in time; what was seen last is the latest time all the same.
  group.last_time_ns = std::max(group.last_time_ns, time_ns);
  if (group.first == nullptr) return;
  group.last_source = source_number(origin);
  group.last_number = origin.number;
  for (const PacketRef packet : packets) {
    group.first->finding.packets.add(packet);
    if (evidence_ != nullptr) evidence_->add(group.evidence, packet);
  }
  if (group.last_time_ns - group.reported_time_ns < kUpdatePeriodNs) return;
  report(group);
  group.reported_time_ns = group.last_time_ns;
  group.reported_count = group.count;
}

void AlertFolder::report(const Group& group) {
  ++counters_.updates;
  const auto& source = table_->sources[group.last_source];
  Alert alert;
  alert.activity = Activity::kUpdate;
  alert.finding = group.first->finding;
  alert.last_time_ns = group.last_time_ns;
  alert.last_origin = fmt::format("{}:{}#{}", source.first, source.second, group.last_number);
  alert.count = group.count;
  alert.finding_uid = group.first->uid;
  alert.uid = message_uid_of(alert.finding_uid, Activity::kUpdate, alert.count);
  if (group.evidence != EvidenceLedger::kNone) {
    alert.evidence_file = EvidenceLedger::file_of(alert.finding_uid);
  }
  out_.on_alert(std::move(alert));
}

void AlertFolder::evict_stalest() {
  auto& by_time = table_->by_time;
  while (!by_time.empty()) {
    std::pop_heap(by_time.begin(), by_time.end());
    Table::Seen& stalest = by_time.back();
    const Group& group = stalest.entry->second;
    if (stalest.time_ns != group.last_time_ns) {
      stalest.time_ns = group.last_time_ns;
      std::push_heap(by_time.begin(), by_time.end());
      continue;
    }
    ++counters_.evicted_groups;
    if (group.first != nullptr && group.count > group.reported_count) report(group);
    if (created_ == &group) created_ = nullptr;
    table_->groups.erase(table_->groups.find(stalest.entry->first.view()));
    by_time.pop_back();
    return;
  }
}

std::uint32_t AlertFolder::source_number(const Origin& origin) {
  auto& sources = table_->sources;
  const auto is_it = [&](const auto& entry) {
    return entry.second == origin.source && entry.first == origin.kind;
  };
  if (table_->source < sources.size() && is_it(sources[table_->source])) return table_->source;
  auto at = std::find_if(sources.begin(), sources.end(), is_it);
  if (at == sources.end()) at = sources.emplace(at, origin.kind, origin.source);
  table_->source = static_cast<std::uint32_t>(at - sources.begin());
  return table_->source;
}

void AlertFolder::finish() {
  std::vector<const Table::Groups::value_type*> open;
  for (const auto& entry : table_->groups) {
    const Group& group = entry.second;
    if (group.first != nullptr && group.count > group.reported_count) open.push_back(&entry);
  }
  std::sort(open.begin(), open.end(), [](const auto* a, const auto* b) {
    const auto order = [](const auto& entry) {
      const Group::First& first = *entry.second.first;
      return std::tie(first.finding.time_ns, first.finding.rule->name, entry.first.names,
                      first.uid);
    };
    return order(*a) < order(*b);
  });
  for (const auto* entry : open) report(entry->second);
  table_->groups.clear();
  table_->by_time.clear();
  created_ = nullptr;
}

}  // namespace chargewarden
