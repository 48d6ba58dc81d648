#include "alerts/dispatch/alert_folder.h"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "alerts/dispatch/siphash.h"
#include "alerts/model/limits.h"

namespace chargewarden {

namespace {

// What tells groups apart. `from` and `to` are empty where there is a station.
struct KeyView {
  const RuleInfo* rule;
  std::string_view station;
  std::string_view from;
  std::string_view to;

  bool operator==(const KeyView&) const = default;
};

struct Key {
  explicit Key(const KeyView& view)
      : rule(view.rule), station(view.station), from(view.from), to(view.to) {}

  [[nodiscard]] KeyView view() const { return {rule, station, from, to}; }

  const RuleInfo* rule;
  std::string station;
  std::string from;
  std::string to;
};

struct KeyHash {
  using is_transparent = void;

  std::size_t operator()(const KeyView& key) const {
    SipHash13 hash(seed);
    // The address of the rule differs from run to run, and so do the buckets; no output depends on
    // their order.
    hash.add(std::uint64_t{std::hash<const RuleInfo*>()(key.rule)});
    hash.add(key.station);
    if (key.station.empty()) {
      hash.add(key.from);
      hash.add(key.to);
    }
    return hash.finish();
  }

  std::size_t operator()(const Key& key) const { return (*this)(key.view()); }

  std::uint64_t seed;
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

struct AlertFolder::Group {
  const Key* key = nullptr;  // In the node of the table that holds this group.
  Group* older = nullptr;
  Group* newer = nullptr;
  std::unique_ptr<Finding> first;  // Without event_json. None for a posture rule: nothing follows.
  std::string finding_uid;
  std::int64_t last_time_ns = 0;
  std::int64_t reported_time_ns = 0;  // Event time of the last message.
  std::uint64_t count = 1;
  std::uint64_t reported_count = 1;
  std::uint64_t last_number = 0;  // With last_source: origin of the latest repeat.
  std::uint32_t last_source = 0;
};

struct AlertFolder::Table {
  explicit Table(std::uint64_t seed) : groups(0, KeyHash{seed}) {}

  void push_freshest(Group& group) {
    group.older = freshest;
    group.newer = nullptr;
    (freshest != nullptr ? freshest->newer : stalest) = &group;
    freshest = &group;
  }

  void unlink(Group& group) {
    (group.older != nullptr ? group.older->newer : stalest) = group.newer;
    (group.newer != nullptr ? group.newer->older : freshest) = group.older;
  }

  std::unordered_map<Key, Group, KeyHash, KeyEqual> groups;
  Group* stalest = nullptr;  // Groups form a list in the order of their last finding.
  Group* freshest = nullptr;
  std::vector<std::pair<std::string, std::string>> sources;  // Kind and name, one for each input.
  std::uint32_t source = 0;                                  // The one that was asked for last.
};

AlertFolder::AlertFolder(AlertOut& out, std::size_t groups_max, std::uint64_t hash_seed)
    : out_(out), groups_max_(groups_max), table_(std::make_unique<Table>(hash_seed)) {}

AlertFolder::~AlertFolder() = default;

bool AlertFolder::touch(const RuleInfo& rule, std::string_view station, std::string_view source_ip,
                        std::string_view destination_ip, std::int64_t time_ns,
                        const Origin& origin) {
  ++counters_.findings;
  KeyView key{&rule, start_of(station), {}, {}};
  if (station.empty()) {
    key.from = start_of(source_ip);
    key.to = start_of(destination_ip);
  }
  const auto known = table_->groups.find(key);
  if (known != table_->groups.end()) {
    repeat(known->second, time_ns, origin);
    return false;
  }
  if (table_->groups.size() >= groups_max_) evict_stalest();
  const auto added = table_->groups.try_emplace(Key(key)).first;
  Group& group = added->second;
  group.key = &added->first;
  group.last_time_ns = group.reported_time_ns = time_ns;
  table_->push_freshest(group);
  created_ = &group;
  return true;
}

void AlertFolder::create(Finding finding) {
  Group* const group = std::exchange(created_, nullptr);
  if (group == nullptr) return;
  ++counters_.creates;
  Alert alert;
  alert.finding_uid = finding_uid_of(finding);
  alert.uid = message_uid_of(alert.finding_uid, Activity::kCreate, 1);
  alert.last_time_ns = finding.time_ns;
  alert.last_origin = finding.origin;
  if (!finding.rule->posture) {
    std::string event_json = std::move(finding.event_json);
    finding.event_json.clear();
    group->first = std::make_unique<Finding>(finding);
    group->first->station_id = clip(finding.station_id, kNameMax);
    group->first->flow_id = clip(finding.flow_id, kNameMax);
    group->finding_uid = alert.finding_uid;
    finding.event_json = std::move(event_json);
  }
  alert.finding = std::move(finding);
  out_.on_alert(std::move(alert));
}

void AlertFolder::on_finding(Finding finding) {
  const OriginParts parts = parse_origin(finding.origin);
  const Origin origin{parts.kind, parts.source, parts.number};
  if (touch(*finding.rule, finding.station_id, finding.source_ip, finding.destination_ip,
            finding.time_ns, origin)) {
    create(std::move(finding));
  }
}

void AlertFolder::repeat(Group& group, std::int64_t time_ns, const Origin& origin) {
  ++group.count;
  // Captures may step back in time; what was seen last is the latest time all the same.
  group.last_time_ns = std::max(group.last_time_ns, time_ns);
  if (table_->freshest != &group) {
    table_->unlink(group);
    table_->push_freshest(group);
  }
  if (group.first == nullptr) return;
  group.last_source = source_number(origin);
  group.last_number = origin.number;
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
  alert.finding = *group.first;
  alert.last_time_ns = group.last_time_ns;
  alert.last_origin = fmt::format("{}:{}#{}", source.first, source.second, group.last_number);
  alert.count = group.count;
  alert.finding_uid = group.finding_uid;
  alert.uid = message_uid_of(alert.finding_uid, Activity::kUpdate, alert.count);
  out_.on_alert(std::move(alert));
}

void AlertFolder::evict_stalest() {
  Group* const group = table_->stalest;
  if (group == nullptr) return;
  ++counters_.evicted_groups;
  if (group->first != nullptr && group->count > group->reported_count) report(*group);
  table_->unlink(*group);
  if (created_ == group) created_ = nullptr;
  table_->groups.erase(table_->groups.find(group->key->view()));
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
  std::vector<const Group*> open;
  for (const auto& [key, group] : table_->groups) {
    if (group.first != nullptr && group.count > group.reported_count) open.push_back(&group);
  }
  std::sort(open.begin(), open.end(), [](const Group* a, const Group* b) {
    const auto order = [](const Group& group) {
      return std::tie(group.first->time_ns, group.first->rule->name, group.key->station,
                      group.key->from, group.key->to, group.finding_uid);
    };
    return order(*a) < order(*b);
  });
  for (const Group* group : open) report(*group);
  table_->groups.clear();
  table_->stalest = table_->freshest = created_ = nullptr;
}

}  // namespace chargewarden
