#include "analyzer/app/config.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <set>
#include <system_error>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "analyzer/site/inventory_reader.h"

namespace chargewarden {

namespace {

// Size of a configuration file, bytes: lists of some ten thousand hosts fit.
// Test: config_test.cc "a configuration beyond the limit is refused".
constexpr std::size_t kConfigMaxBytes = 4U << 20U;

std::string last_error() {
  return std::generic_category().message(errno);
}

struct Failure {
  Error error;
};

[[noreturn]] void fail(const std::string& path, const YAML::Node& node, const std::string& what) {
  throw Failure{{ErrorCode::kUsage, fmt::format("{}:{}: {}", path, node.Mark().line + 1, what)}};
}

[[noreturn]] void fail_twice(const std::string& path, const YAML::Node& node,
                             const std::string& key) {
  fail(path, node, fmt::format("the key \"{}\" stands twice; merge the two", key));
}

std::string text_of(const std::string& path, const YAML::Node& node, const std::string& key) {
  if (!node.IsScalar()) fail(path, node, fmt::format("\"{}\" must be a text", key));
  return node.Scalar();
}

std::vector<std::string> list_of(const std::string& path, const YAML::Node& node,
                                 const std::string& key) {
  if (node.IsNull()) return {};
  if (!node.IsSequence()) fail(path, node, fmt::format("\"{}\" must be a list", key));
  std::vector<std::string> out;
  for (const YAML::Node& item : node) out.push_back(text_of(path, item, key));
  return out;
}

RedactionKey read_key(const std::string& path, const YAML::Node& node, const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) {
    fail(path, node, fmt::format("cannot open key file \"{}\": {}", file, last_error()));
  }
  const std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  RedactionKey key{};
  if (bytes.size() != key.size()) {
    fail(path, node,
         fmt::format("key file \"{}\" must hold {} bytes and holds {}", file, key.size(),
                     bytes.size()));
  }
  std::copy(bytes.begin(), bytes.end(), key.begin());
  return key;
}

void read_privacy(const std::string& path, const YAML::Node& node, Config& out) {
  if (!node.IsMap()) fail(path, node, "\"privacy\" must be a map");
  for (const auto& entry : node) {
    const std::string key = text_of(path, entry.first, "privacy");
    if (key != "key_file") fail(path, entry.first, fmt::format("unknown key \"privacy.{}\"", key));
    out.privacy_key = read_key(path, entry.second, text_of(path, entry.second, "key_file"));
  }
}

std::string text_in(const std::string& path, const YAML::Node& map, const std::string& key) {
  if (!map[key]) fail(path, map, fmt::format("a window has no \"{}\"; add it", key));
  return text_of(path, map[key], key);
}

void read_window(const std::string& path, const YAML::Node& node, const std::string& key,
                 TimeWindows& out) {
  if (!node.IsMap()) fail(path, node, fmt::format("each of \"{}\" must be a map", key));
  std::set<std::string> seen;
  for (const auto& entry : node) {
    const std::string name = text_of(path, entry.first, key);
    if (!seen.insert(name).second) fail_twice(path, entry.first, name);
    const bool known = name == "days" || name == "from" || name == "to" || name == "utc_offset" ||
                       name == "stations";
    if (!known) {
      fail(path, entry.first,
           fmt::format("unknown key \"{}\" in \"{}\"; known are days, from, to, utc_offset, "
                       "stations",
                       name, key));
    }
  }
  std::vector<std::string> stations;
  if (node["stations"]) {
    stations = list_of(path, node["stations"], "stations");
    if (stations.empty())
      fail(path, node["stations"], "\"stations\" is empty; leave it out for all");
  }
  const std::string from = text_in(path, node, "from");
  const std::string to = text_in(path, node, "to");
  Expected<void> added;
  if (node["days"]) {
    WeeklyTime time{list_of(path, node["days"], "days"), from, to};
    if (node["utc_offset"]) time.utc_offset = text_of(path, node["utc_offset"], "utc_offset");
    added = out.add_weekly(time, std::move(stations));
  } else {
    if (node["utc_offset"]) {
      fail(path, node["utc_offset"],
           "\"utc_offset\" needs \"days\"; times with a date have their own");
    }
    added = out.add_absolute(from, to, std::move(stations));
  }
  if (!added) fail(path, node, added.error().message);
}

void read_windows(const std::string& path, const YAML::Node& node, const std::string& key,
                  TimeWindows& out) {
  if (node.IsNull()) return;
  if (!node.IsSequence()) fail(path, node, fmt::format("\"{}\" must be a list", key));
  for (const YAML::Node& item : node) read_window(path, item, key, out);
}

void read_top(const std::string& path, const YAML::Node& root, Config& out) {
  if (root.IsNull()) return;
  if (!root.IsMap()) fail(path, root, "the configuration must be a map of keys");
  std::set<std::string> seen;
  for (const auto& entry : root) {
    const std::string key = text_of(path, entry.first, "a key");
    if (!seen.insert(key).second) fail_twice(path, entry.first, key);
    if (key == "rules") {
      out.rules = list_of(path, entry.second, key);
    } else if (key == "placeholders") {
      if (!entry.second.IsMap()) fail(path, entry.second, "\"placeholders\" must be a map");
      for (const auto& item : entry.second) {
        const std::string name = text_of(path, item.first, key);
        out.placeholders[name] = list_of(path, item.second, name);
      }
    } else if (key == "privacy") {
      read_privacy(path, entry.second, out);
    } else if (key == "inventory") {
      out.inventory = text_of(path, entry.second, key);
    } else if (key == "maintenance") {
      read_windows(path, entry.second, key, out.maintenance);
    } else if (key == "closed") {
      read_windows(path, entry.second, key, out.closed);
    } else {
      fail(path, entry.first,
           fmt::format("unknown key \"{}\"; known are rules, placeholders, privacy, inventory, "
                       "maintenance, closed",
                       key));
    }
  }
}

}  // namespace

Expected<Config> read_config(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return Error{ErrorCode::kUsage,
                 fmt::format("cannot open configuration \"{}\": {}", path, last_error())};
  }
  std::string text(kConfigMaxBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad() || (text.empty() && !in.eof())) {
    return Error{ErrorCode::kUsage, fmt::format("cannot read configuration \"{}\"", path)};
  }
  if (text.size() > kConfigMaxBytes) {
    return Error{ErrorCode::kUsage, fmt::format("configuration \"{}\" is larger than {} bytes",
                                                path, kConfigMaxBytes)};
  }
  try {
    Config out;
    read_top(path, YAML::Load(text), out);
    return out;
  } catch (const Failure& failure) {
    return failure.error;
  } catch (const YAML::Exception& failure) {
    return Error{ErrorCode::kUsage,
                 fmt::format("{}:{}: not YAML: {}", path, failure.mark.line + 1, failure.msg)};
  }
}

Expected<SiteKnowledge> read_site(const Config& config) {
  SiteKnowledge out;
  if (!config.inventory.empty()) {
    auto inventory = read_inventory(config.inventory);
    if (!inventory) return inventory.error();
    out.inventory = std::move(inventory).value();
  }
  out.maintenance = config.maintenance;
  out.closed = config.closed;
  return out;
}

}  // namespace chargewarden
