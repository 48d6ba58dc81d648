#include "analyzer/site/inventory_reader.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <fstream>
#include <initializer_list>
#include <span>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "analyzer/site/inventory_tree.h"
#include "analyzer/site/text_pattern.h"
#include "collector/base/text.h"
#include "collector/base/timestamp.h"

namespace chargewarden {

namespace {

using Problem = std::optional<SiteProblem>;

// One entry while it is read: the first thing that is wrong with it is kept.
class EntryReader {
 public:
  // `what` names it in messages.
  EntryReader(const SiteNode& node, std::string_view what,
              std::initializer_list<std::string_view> keys)
      : node_(node), what_(what) {
    if (node.kind != SiteNodeKind::kMap) {
      fail(node, fmt::format("each of {} must be a map", what));
      return;
    }
    for (const auto& [key, value] : node.members) {
      if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
      std::string known;
      for (const std::string_view each : keys)
        known += known.empty() ? each : fmt::format(", {}", each);
      fail(value, fmt::format("unknown key \"{}\" in {}; known are {}", key, what, known));
    }
  }

  [[nodiscard]] const Problem& problem() const noexcept { return problem_; }

  void fail(const SiteNode& at, std::string message) {
    if (!problem_) problem_ = SiteProblem{at.line, std::move(message)};
  }

  // Null when it is absent or null.
  const SiteNode* find(std::string_view key) const {
    for (const auto& [name, value] : node_.members) {
      if (name == key) return value.kind == SiteNodeKind::kNull ? nullptr : &value;
    }
    return nullptr;
  }

  std::string text(std::string_view key) {
    const SiteNode* value = find(key);
    return value != nullptr ? text_of(*value, key) : std::string();
  }

  std::string required(std::string_view key) {
    std::string out = text(key);
    if (out.empty()) fail(node_, fmt::format("an entry of {} has no \"{}\"; add it", what_, key));
    return out;
  }

  std::vector<std::string> texts(std::string_view key) {
    std::vector<std::string> out;
    const SiteNode* list = find(key);
    if (list == nullptr) return out;
    if (list->kind != SiteNodeKind::kList) {
      fail(*list, fmt::format("\"{}\" must be a list", key));
      return out;
    }
    for (const SiteNode& item : list->items) out.push_back(text_of(item, key));
    return out;
  }

  std::optional<double> number(std::string_view key, double min, double max) {
    const SiteNode* value = find(key);
    if (value == nullptr) return std::nullopt;
    const std::string& text = value->text;
    double out = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), out);
    const bool whole = result.ec == std::errc() && result.ptr == text.data() + text.size();
    if (value->kind != SiteNodeKind::kText || !whole || !(out >= min && out <= max)) {
      fail(*value, fmt::format("\"{}\" must be a number from {:.0f} to {:.0f}", key, min, max));
      return std::nullopt;
    }
    return out;
  }

  std::optional<int> integer(std::string_view key, int min, int max) {
    const auto out = number(key, min, max);
    if (!out) return std::nullopt;
    if (*out != std::floor(*out)) {
      fail(*find(key), fmt::format("\"{}\" must be a whole number", key));
      return std::nullopt;
    }
    return static_cast<int>(*out);
  }

  ProductPattern product() {
    return {lower_ascii(required("vendor")), lower_ascii(required("model"))};
  }

 private:
  std::string text_of(const SiteNode& node, std::string_view key) {
    if (node.kind != SiteNodeKind::kText || trimmed(node.text).empty()) {
      fail(node, fmt::format("\"{}\" must be a text, or be left out", key));
    }
    return std::string(trimmed(node.text));
  }

  const SiteNode& node_;
  std::string_view what_;
  Problem problem_;
};

// Highest values that make sense; a megawatt connector has 3.75 MW and 3,000 A (IEC TS 63379).
constexpr double kPowerMaxW = 10'000'000;
constexpr double kCurrentMaxA = 10'000;
constexpr int kConnectorMax = 10'000;

RatedConnector read_connector(const SiteNode& node, EntryReader& station) {
  EntryReader reader(node, "connectors", {"id", "max_power_w", "max_current_a", "phases"});
  RatedConnector out;
  out.id = reader.integer("id", 1, kConnectorMax).value_or(0);
  out.max_power_w = reader.number("max_power_w", 1, kPowerMaxW).value_or(0);
  out.max_current_a = reader.number("max_current_a", 1, kCurrentMaxA).value_or(0);
  out.phases = reader.integer("phases", 1, 3).value_or(0);
  if (out.id == 0) reader.fail(node, "an entry of connectors has no \"id\"; add it");
  if (reader.problem()) station.fail(node, reader.problem()->message);
  return out;
}

void read_connectors(EntryReader& reader, ListedStation& out) {
  const SiteNode* list = reader.find("connectors");
  if (list == nullptr) return;
  if (list->kind != SiteNodeKind::kList) return reader.fail(*list, "\"connectors\" must be a list");
  for (const SiteNode& item : list->items) {
    const RatedConnector connector = read_connector(item, reader);
    if (out.connector(connector.id) != nullptr) {
      return reader.fail(
          item, fmt::format("connector {} of station \"{}\" stands twice", connector.id, out.id));
    }
    out.connectors.push_back(connector);
  }
}

std::optional<GeoPoint> read_place(EntryReader& reader) {
  const auto latitude = reader.number("latitude", -90, 90);
  const auto longitude = reader.number("longitude", -180, 180);
  if (latitude && longitude) return GeoPoint{*latitude, *longitude};
  if (const SiteNode* one = reader.find(latitude ? "latitude" : "longitude")) {
    reader.fail(*one, "\"latitude\" and \"longitude\" belong together; add the other one");
  }
  return std::nullopt;
}

// Values are never part of a message: they may be secrets.
std::vector<ListedSetting> read_settings(EntryReader& reader) {
  std::vector<ListedSetting> out;
  const SiteNode* map = reader.find("settings");
  if (map == nullptr) return out;
  if (map->kind != SiteNodeKind::kMap) {
    reader.fail(*map, "\"settings\" must be a map of keys and values");
    return out;
  }
  for (const auto& [key, value] : map->members) {
    const bool is_text = value.kind == SiteNodeKind::kText || value.kind == SiteNodeKind::kNull;
    if (!is_text || trimmed(key).empty()) {
      reader.fail(value, fmt::format("the setting \"{}\" must have a name and a text", key));
    }
    out.push_back(
        {lower_ascii(trimmed(key)), std::string(trimmed(value.text)), std::string(trimmed(key))});
  }
  std::sort(out.begin(), out.end());
  const auto same = std::adjacent_find(out.begin(), out.end(),
                                       [](const auto& a, const auto& b) { return a.key == b.key; });
  if (same != out.end()) {
    reader.fail(*map,
                fmt::format("the setting \"{}\" stands twice; case does not matter", same->key));
  }
  return out;
}

bool is_host_name(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || c == '.' || c == '-' || c == '_' || c == '*';
  });
}

bool looks_like_address(std::string_view text) {
  return text.find_first_not_of("0123456789./") == std::string_view::npos ||
         text.find(':') != std::string_view::npos;
}

}  // namespace

// Takes the entries in.
class InventoryBuilder final : public SiteEntryTaker {
 public:
  SiteInventory take() { return std::move(inventory_); }

  Problem section(std::string_view key, std::uint32_t line) override {
    const auto found = std::find(kSections.begin(), kSections.end(), key);
    section_ = static_cast<std::size_t>(found - kSections.begin());
    if (found != kSections.end()) return std::nullopt;
    return SiteProblem{line,
                       fmt::format("unknown key \"{}\"; known are stations, csms, advisories, "
                                   "end_of_support",
                                   key)};
  }

  Problem entry(const SiteNode& node) override {
    switch (section_) {
      case 0:
        return add_station(node);
      case 1:
        return add_backend(node);
      case 2:
        return add_advisory(node);
      default:
        return add_end_of_support(node);
    }
  }

 private:
  static constexpr auto kSections =
      std::to_array<std::string_view>({"stations", "csms", "advisories", "end_of_support"});

  static Problem too_many(const SiteNode& node, std::string_view section, std::size_t max) {
    return SiteProblem{node.line, fmt::format("there are more than {} {}", max, section)};
  }

  Problem add_station(const SiteNode& node) {
    if (inventory_.stations_.size() >= kInventoryStationsMax) {
      return too_many(node, "stations", kInventoryStationsMax);
    }
    EntryReader reader(node, "stations",
                       {"id", "vendor", "model", "serial", "firmware", "security_profile", "ocpp",
                        "site", "latitude", "longitude", "addresses", "connectors", "settings"});
    ListedStation station;
    station.id = reader.required("id");
    station.vendor = reader.text("vendor");
    station.model = reader.text("model");
    station.serial = reader.text("serial");
    station.site = reader.text("site");
    station.security_profile = reader.integer("security_profile", 0, 3);
    station.firmware = share(reader.texts("firmware"), inventory_.texts_);
    station.ocpp = share(read_versions(reader), inventory_.texts_);
    station.settings = share(read_settings(reader), inventory_.settings_);
    station.place = read_place(reader);
    inventory_.has_places_ = inventory_.has_places_ || station.place.has_value();
    read_connectors(reader, station);
    read_addresses(reader, station);
    if (reader.problem()) return reader.problem();
    std::string key = lower_ascii(station.id);
    std::string id = station.id;
    const auto [place, is_new] = inventory_.stations_.emplace(std::move(key), std::move(station));
    if (is_new) {
      note_hosts(place->second);
      return std::nullopt;
    }
    return SiteProblem{node.line,
                       fmt::format("the station \"{}\" stands twice; case does not matter, "
                                   "merge the two",
                                   id)};
  }

  // An address that several stations have says nothing about which of them it is.
  void note_hosts(const ListedStation& station) {
    if (station.addresses == nullptr) return;
    for (const IpNetwork& network : station.addresses->networks()) {
      const auto host = network.single();
      if (!host) continue;
      const auto [place, is_first] = inventory_.hosts_.try_emplace(*host, &station);
      if (!is_first && place->second != &station) place->second = nullptr;
    }
  }

  template <typename List>
  static const List* share(List list, std::set<List>& known) {
    return list.empty() ? nullptr : &*known.insert(std::move(list)).first;
  }

  static std::vector<std::string> read_versions(EntryReader& reader) {
    constexpr auto kVersions =
        std::to_array<std::string_view>({"1.2", "1.5", "1.6", "2.0", "2.0.1", "2.1"});
    std::vector<std::string> out = reader.texts("ocpp");
    for (const std::string& each : out) {
      if (std::find(kVersions.begin(), kVersions.end(), each) != kVersions.end()) continue;
      reader.fail(*reader.find("ocpp"),
                  fmt::format("\"{}\" is no version of OCPP; write 1.6, 2.0.1 or 2.1", each));
    }
    return out;
  }

  void read_addresses(EntryReader& reader, ListedStation& station) {
    const std::vector<std::string> texts = reader.texts("addresses");
    if (texts.empty()) return;
    const auto [place, is_new] = inventory_.addresses_.try_emplace(texts);
    SiteInventory::Addresses& addresses = place->second;
    for (const std::string& each : texts) {
      if (!is_new) break;
      if (!addresses.list.add(each)) {
        reader.fail(
            *reader.find("addresses"),
            fmt::format("\"{}\" is neither an address nor a network such as 10.0.0.0/8 with "
                        "its host bits zero",
                        each));
      }
      const std::string_view base = std::string_view(each).substr(0, each.find('/'));
      addresses.are_private = addresses.are_private && !is_public_address(base);
    }
    station.addresses = &addresses.list;
    station.private_addresses = addresses.are_private;
  }

  Problem add_backend(const SiteNode& node) {
    if (++backends_ > kInventoryEntriesMax) return too_many(node, "csms", kInventoryEntriesMax);
    const std::string text = lower_ascii(trimmed(node.text));
    const auto problem = [&](std::string_view what) {
      return SiteProblem{node.line, fmt::format("{}; write a host name, an address, or a network "
                                                "such as 10.0.0.0/8, without scheme and port",
                                                what)};
    };
    if (node.kind != SiteNodeKind::kText || text.empty()) return problem("a csms must be a text");
    BackendList& list = inventory_.backends_;
    if (looks_like_address(text)) {
      if (!list.addresses.add(text)) return problem(fmt::format("\"{}\" is no address", text));
    } else if (is_host_name(text)) {
      if (std::find(list.names.begin(), list.names.end(), text) != list.names.end()) {
        return SiteProblem{node.line, fmt::format("the csms \"{}\" stands twice", text)};
      }
      list.names.push_back(text);
    } else {
      return problem(fmt::format("\"{}\" is no host", text));
    }
    return std::nullopt;
  }

  Problem add_advisory(const SiteNode& node) {
    auto& list = inventory_.advisories_;
    if (list.size() >= kInventoryEntriesMax) {
      return too_many(node, "advisories", kInventoryEntriesMax);
    }
    EntryReader reader(node, "advisories",
                       {"id", "vendor", "model", "fixed_in", "versions", "title"});
    Advisory advisory;
    advisory.id = reader.required("id");
    advisory.product = reader.product();
    advisory.fixed_in = reader.text("fixed_in");
    advisory.versions = reader.texts("versions");
    advisory.title = reader.text("title");
    if (advisory.fixed_in.empty() == advisory.versions.empty()) {
      reader.fail(node,
                  fmt::format("the advisory \"{}\" must have either \"fixed_in\" or \"versions\"",
                              advisory.id));
    }
    const auto same = [&](const Advisory& each) {
      return each.id == advisory.id && each.product.vendor == advisory.product.vendor &&
             each.product.model == advisory.product.model;
    };
    if (std::any_of(list.begin(), list.end(), same)) {
      reader.fail(node,
                  fmt::format("the advisory \"{}\" stands twice for one product; merge the two",
                              advisory.id));
    }
    if (!reader.problem()) list.push_back(std::move(advisory));
    return reader.problem();
  }

  Problem add_end_of_support(const SiteNode& node) {
    auto& list = inventory_.end_of_support_;
    if (list.size() >= kInventoryEntriesMax) {
      return too_many(node, "end_of_support", kInventoryEntriesMax);
    }
    EntryReader reader(node, "end_of_support", {"vendor", "model", "since"});
    EndOfSupport out;
    out.product = reader.product();
    const std::string since = reader.required("since");
    const auto time = parse_timestamp_ns(since);
    if (!time) reader.fail(node, fmt::format("\"{}\" is no date; write it as 2026-04-01", since));
    out.since_ns = time.value_or(0);
    const auto same = [&](const EndOfSupport& each) {
      return each.product.vendor == out.product.vendor && each.product.model == out.product.model;
    };
    if (std::any_of(list.begin(), list.end(), same)) {
      reader.fail(node, "the product stands twice in \"end_of_support\"; keep one of the two");
    }
    if (!reader.problem()) list.push_back(std::move(out));
    return reader.problem();
  }

  SiteInventory inventory_;
  std::size_t section_ = 0;
  std::size_t backends_ = 0;
};

Expected<SiteInventory> parse_inventory(const std::string& name, std::string_view text) {
  InventoryBuilder builder;
  const Problem problem = read_site_entries(text, builder);
  if (!problem) return builder.take();
  const std::string place = problem->line != 0 ? fmt::format("{}:{}", name, problem->line) : name;
  return Error{ErrorCode::kUsage, fmt::format("{}: {}", place, problem->message)};
}

Expected<SiteInventory> read_inventory(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return Error{ErrorCode::kUsage, fmt::format("cannot open inventory \"{}\": {}", path,
                                                std::generic_category().message(errno))};
  }
  std::string text;
  constexpr std::size_t kStepBytes = std::size_t{1} << 20U;
  while (in && text.size() <= kInventoryMaxBytes) {
    const std::size_t before = text.size();
    text.resize(before + kStepBytes);
    in.read(text.data() + before, static_cast<std::streamsize>(kStepBytes));
    text.resize(before + static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad() || (text.empty() && !in.eof())) {
    return Error{ErrorCode::kUsage, fmt::format("cannot read inventory \"{}\"", path)};
  }
  return parse_inventory(path, text);
}

}  // namespace chargewarden
