#pragma once
// The entries of an inventory file as small trees, one after the other, so that the file as a whole
// never stands in memory as a tree.
//
// Two ways lead there: JSON by our own index, which reads 100,000 stations in about a second, and
// YAML by the events of yaml-cpp, which reads some megabytes a second. The only place of the module
// that knows either.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chargewarden {

// Longest file, bytes: 200,000 stations with 600 bytes each.
// Test: inventory_reader_test.cc "an inventory that is too large is refused".
inline constexpr std::size_t kInventoryMaxBytes = std::size_t{128} << 20U;

// Longest file that is YAML and not JSON: yaml-cpp takes some seconds for it, and for lists in
// brackets up to 26 times its size of memory. Test: as above.
inline constexpr std::size_t kInventoryYamlMaxBytes = std::size_t{16} << 20U;

// Longest text: values of settings have up to 2,500 characters (OCPP 2.0.1 part 2, 2.4).
// Test: inventory_reader_test.cc "more entries than the limits are refused".
inline constexpr std::size_t kInventoryTextMax = 2'500;

// Deepest nesting: a connector in the list of a station in the list.
// Test: inventory_reader_test.cc "what is wrong with an inventory is said with its line".
inline constexpr std::size_t kInventoryDepthMax = 8;

enum class SiteNodeKind : std::uint8_t { kNull, kText, kList, kMap };

struct SiteMember;

struct SiteNode {
  SiteNodeKind kind = SiteNodeKind::kNull;
  std::uint32_t line = 0;
  std::string text;                 // Numbers and truth values as they are written.
  std::vector<SiteNode> items;      // Of a list.
  std::vector<SiteMember> members;  // Of a map; keys are unique.
};

struct SiteMember {
  std::string key;
  SiteNode value;
};

struct SiteProblem {
  std::uint32_t line = 0;  // 0: of the file as a whole.
  std::string message;
};

// Takes what the file says. What it returns ends the reading.
class SiteEntryTaker {
 public:
  virtual ~SiteEntryTaker() = default;

  // A key of the outermost map.
  virtual std::optional<SiteProblem> section(std::string_view key, std::uint32_t line) = 0;

  // An element of the list of the latest section.
  virtual std::optional<SiteProblem> entry(const SiteNode& node) = 0;
};

// The first problem, if there is one.
std::optional<SiteProblem> read_site_entries(std::string_view text, SiteEntryTaker& taker);

}  // namespace chargewarden
