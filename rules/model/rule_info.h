#pragma once
// RuleInfo: what people and alerts know about a rule. Pure data, immutable once loaded, owned by
// the rule set that it belongs to.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace chargewarden {

// Sigma levels, in order.
enum class Level : std::uint8_t { kInformational, kLow, kMedium, kHigh, kCritical };

constexpr std::string_view to_string(Level level) {
  switch (level) {
    case Level::kInformational:
      return "informational";
    case Level::kLow:
      return "low";
    case Level::kMedium:
      return "medium";
    case Level::kHigh:
      return "high";
    case Level::kCritical:
      return "critical";
  }
  return "";
}

struct RuleInfo {
  std::string id;    // UUID.
  std::string name;  // Unique; the file's name without .yml in the shipped catalogue.
  std::string title;
  std::string description;
  std::string response;  // What to do now, for operations; ours.
  std::string status;
  std::string author;
  std::string date;  // `modified` when there is one.
  Level level = Level::kMedium;
  std::vector<std::string> tags;
  std::vector<std::string> references;
  std::vector<std::string> falsepositives;
  std::vector<std::string> fields;
  std::string theme;  // Folder of the file below the rules folder, such as "firmware".
  std::string path;   // File that it was loaded from.
  std::string hash;  // SHA-256 of the document's bytes, hex: finding and rule can be matched later.
  bool posture = false;  // Tag chargewarden.posture: alerts once per station until it changes.
};

}  // namespace chargewarden
