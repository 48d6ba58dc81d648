#pragma once
// Config: the configuration file, checked.
//
// YAML (samples/config/chargewarden.yml). Unknown keys are errors, so that a typing mistake never
// switches something off quietly.

#include <optional>
#include <string>
#include <vector>

#include "analyzer/site/site_knowledge.h"
#include "collector/base/expected.h"
#include "collector/event/redactor.h"
#include "rules/lang/value_transform.h"

namespace chargewarden {

struct Config {
  std::vector<std::string> rules;  // Folders with rules; empty: the shipped catalogue.
  PlaceholderMap placeholders;
  std::optional<RedactionKey> privacy_key;
  std::string inventory;  // File; empty: none. read_site() reads it.
  TimeWindows maintenance;
  TimeWindows closed;
};

// Relative paths inside the file are taken from the working directory. kUsage with file and line
// for everything that is wrong with the content.
Expected<Config> read_config(const std::string& path);

// What the configuration says about the site, with its inventory, which is read now. kUsage with
// file and line for everything that is wrong with that file.
Expected<SiteKnowledge> read_site(const Config& config);

}  // namespace chargewarden
