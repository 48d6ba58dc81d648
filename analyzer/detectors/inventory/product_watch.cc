#include "analyzer/detectors/inventory/product_watch.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "analyzer/detectors/version_order.h"
#include "analyzer/site/text_pattern.h"
#include "collector/base/text.h"
#include "collector/event/defs/inventory_events.h"

namespace chargewarden::inventory {

namespace {

// Versions and advisories that an event names.
constexpr std::size_t kNamedMax = 16;

// v1.4 is 1.4 and 1.4.0.
bool is_version(std::string_view told, std::string_view listed) {
  return iequals_ascii(trimmed(told), listed) ||
         compare_versions(trimmed(told), listed) == VersionOrder::kSame;
}

bool is_among(std::string_view told, const std::vector<std::string>& versions) {
  return std::any_of(versions.begin(), versions.end(),
                     [&](const std::string& each) { return is_version(told, each); });
}

// What cannot be compared is not said to be vulnerable.
bool concerns(const Advisory& advisory, const ToldProduct& told) {
  if (!advisory.product.is(told.vendor, told.model)) return false;
  if (!advisory.versions.empty()) return is_among(told.version, advisory.versions);
  return compare_versions(trimmed(told.version), advisory.fixed_in) == VersionOrder::kOlder;
}

void tell_unapproved(const ToldProduct& told, const std::vector<std::string>& approved,
                     Reporter& reporter) {
  std::vector<Value> named;
  for (const std::string& each : approved) {
    if (named.size() < kNamedMax) named.push_back(Value::text(each));
  }
  Event event = reporter.make(kUnapproved);
  event.set_text(kVersion, told.version);
  event.set(kApproved, Value::list(named));
  reporter.emit(event);
}

void tell_vulnerable(const ToldProduct& told, const SiteInventory& inventory, Reporter& reporter) {
  std::vector<Value> named;
  const Advisory* first = nullptr;
  for (const Advisory& each : inventory.advisories()) {
    if (!concerns(each, told)) continue;
    if (first == nullptr) first = &each;
    if (named.size() < kNamedMax) named.push_back(Value::text(each.id));
  }
  if (first == nullptr) return;
  Event event = reporter.make(kVulnerable);
  event.set_text(kVulnerableVendor, told.vendor);
  event.set_text(kVulnerableModel, told.model);
  event.set_text(kVulnerableVersion, told.version);
  event.set(kAdvisories, Value::list(named));
  if (!first->title.empty()) event.set_text(kAdvisoryTitle, first->title);
  if (!first->fixed_in.empty()) event.set_text(kFixedIn, first->fixed_in);
  reporter.emit(event);
}

void tell_support(const ToldProduct& told, const SiteInventory& inventory, std::int64_t now_ns,
                  Reporter& reporter) {
  for (const EndOfSupport& each : inventory.end_of_support()) {
    if (now_ns < each.since_ns || !each.product.is(told.vendor, told.model)) continue;
    std::array<char, kRfc3339Len> buffer;
    Event event = reporter.make(kUnsupported);
    event.set_text(kSupportVendor, told.vendor);
    event.set_text(kSupportModel, told.model);
    event.set_text(kUnsupportedSince, format_rfc3339(each.since_ns, buffer));
    reporter.emit(event);
    return;
  }
}

}  // namespace

void judge_product(const ToldProduct& told, const ListedStation* listed,
                   const SiteInventory& inventory, std::int64_t now_ns, Reporter& reporter) {
  tell_support(told, inventory, now_ns, reporter);
  if (trimmed(told.version).empty()) return;
  const bool has_list = listed != nullptr && listed->firmware != nullptr;
  if (has_list && !is_among(told.version, *listed->firmware)) {
    tell_unapproved(told, *listed->firmware, reporter);
  }
  tell_vulnerable(told, inventory, reporter);
}

}  // namespace chargewarden::inventory
