// Settings, endpoints, lists and certificates that are changed over OCPP, as far as one message
// does not show it (threats CF-02 to CF-04, CF-12, CF-15, PK-08 to PK-10, SA-17, LG-06).

#include <algorithm>
#include <string>
#include <vector>

#include "analyzer/detectors/by_station.h"
#include "analyzer/detectors/configuration/certificate_watch.h"
#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/location.h"
#include "analyzer/detectors/window.h"
#include "collector/base/text.h"
#include "collector/event/defs/configuration_events.h"

namespace chargewarden::configuration {

namespace {

using F = FactField;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// Settings are written one after the other when a station is commissioned, some dozens at once;
// from this number within a minute on it is told, and the rule decides.
constexpr std::int64_t kWritesWindowNs = 60 * kNsPerSecond;
constexpr std::uint64_t kWritesToldFrom = 20;

// A backend that writes what a model does not know gets some refusals each time; many are probing.
constexpr std::int64_t kRefusedWindowNs = 600 * kNsPerSecond;
constexpr std::uint64_t kRefusedToldFrom = 5;

// CertSigningWaitMinimum and its doublings leave no more than three requests an hour (OCPP 2.0.1
// part 2, A02.FR.17 to A02.FR.19).
constexpr std::int64_t kRequestsWindowNs = 3'600 * kNsPerSecond;
constexpr std::uint64_t kRequestsToldFrom = 3;

// A change over OCPP explains what the station reports within this time.
constexpr std::int64_t kExplainsNs = 600 * kNsPerSecond;

// Absence of a command says something only once the station has been watched for a while.
constexpr std::int64_t kWatchedMinNs = 600 * kNsPerSecond;

// Network profiles of a station. OCPP stations have a handful of slots.
// Test: configuration_detector_test.cc "a station has a bounded number of network profiles".
constexpr std::size_t kSlotsMax = 16;

// A list that grows by fewer entries than this is a handful of new customers.
constexpr std::int64_t kGrownMin = 50;

struct Slot {
  std::string number;
  std::string host;
  std::int64_t profile = 0;
  std::uint64_t tag = 0;
};

struct Known {
  std::int64_t profile_told = -1;  // Security profile that the station accepted; -1: none seen.
  std::vector<Slot> slots;
  Window writes{kWritesWindowNs};
  std::uint64_t writes_told = 0;
  Window refused{kRefusedWindowNs};
  std::uint64_t refused_told = 0;
  Window requests{kRequestsWindowNs};
  std::uint64_t requests_told = 0;
  CertificateWatch certificates;
  std::int64_t list_version = -1;
  std::int64_t list_entries = -1;  // Of the latest full list.
  std::int64_t security_changed_ns = 0;
};

struct Actions {
  ocpp::ActionId change = ocpp::action_id("ChangeConfiguration");
  ocpp::ActionId set_variables = ocpp::action_id("SetVariables");
  ocpp::ActionId set_profile = ocpp::action_id("SetNetworkProfile");
  ocpp::ActionId list = ocpp::action_id("SendLocalList");
  ocpp::ActionId sign = ocpp::action_id("SignCertificate");
  ocpp::ActionId is_signed = ocpp::action_id("CertificateSigned");
  ocpp::ActionId install = ocpp::action_id("InstallCertificate");
  ocpp::ActionId remove = ocpp::action_id("DeleteCertificate");
  ocpp::ActionId security_event = ocpp::action_id("SecurityEventNotification");
};

const Actions& actions() {
  static const Actions table;
  return table;
}

bool is_accepted(std::string_view status) {
  return status == "Accepted" || status == "RebootRequired";
}

// One written setting of a message, with what the station answered.
struct Write {
  std::string_view component;
  std::string_view name;
  std::string_view value;
  std::string_view status;
};

// Settings and answers stand side by side; answers are matched by name, because stations leave some
// out.
std::vector<Write> read_writes(const Fact& fact) {
  std::vector<Write> writes;
  std::vector<Write> answers;
  Write item;
  const auto finish = [&] {
    if (item.name.empty()) return;
    (item.status.empty() ? writes : answers).push_back(item);
  };
  for (const FactValue& value : fact.values()) {
    switch (value.field) {
      case F::kItem:
        finish();
        item = Write();
        break;
      case F::kComponent:
        item.component = fact.text_of(value);
        break;
      case F::kSetting:
        item.name = fact.text_of(value);
        break;
      case F::kSettingValue:
        item.value = fact.text_of(value);
        break;
      case F::kAnswer:
        item.status = fact.text_of(value);
        break;
      default:
        break;
    }
  }
  finish();
  for (Write& write : writes) {
    const auto found = std::find_if(answers.begin(), answers.end(), [&](const Write& answer) {
      return answer.name == write.name && answer.component == write.component;
    });
    if (found != answers.end()) write.status = found->status;
  }
  return writes;
}

std::optional<std::int64_t> to_number(std::string_view text) {
  if (text.empty() || text.size() > 3) return std::nullopt;
  std::int64_t out = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    out = out * 10 + (c - '0');
  }
  return out;
}

class ConfigurationDetector final : public Detector {
 public:
  [[nodiscard]] FactInterest interest() const override {
    FactInterest out;
    out.kinds[static_cast<std::size_t>(FactKind::kUpgrade)] = true;
    out.actions = {"ChangeConfiguration", "SetVariables",      "SetNetworkProfile",
                   "SendLocalList",       "SignCertificate",   "CertificateSigned",
                   "InstallCertificate",  "DeleteCertificate", "SecurityEventNotification"};
    return out;
  }

  void on_fact(const Fact& fact, const World& world, Reporter& reporter) override {
    if (world.station() == nullptr || world.is_echo()) return;
    if (fact.head().kind == FactKind::kUpgrade) {
      const std::string host = read_location("ws://" + std::string(fact.text(F::kHost))).host;
      hosts_.at(world.station_index()) = host;
      return;
    }
    const Actions& known = actions();
    const ocpp::ActionId action = fact.head().action;
    if (fact.is_call(action)) {
      if (action == known.sign) on_request(fact, world, reporter);
      if (action == known.is_signed) on_certificate(fact, world, reporter);
      if (action == known.security_event) on_security_event(fact, world, reporter);
    } else if (fact.is_result(action)) {
      if (action == known.change || action == known.set_variables) on_writes(fact, world, reporter);
      if (action == known.set_profile) on_network_profile(fact, world, reporter);
      if (action == known.list) on_list(fact, world, reporter);
      if (action == known.is_signed || action == known.install || action == known.remove) {
        known_.at(world.station_index()).security_changed_ns = fact.time_ns();
      }
    }
  }

  void on_station_forgotten(StationIndex station) override {
    known_.forget(station);
    hosts_.forget(station);
  }

 private:
  void on_writes(const Fact& fact, const World& world, Reporter& reporter) {
    std::vector<Write> writes;
    if (fact.head().action == actions().change) {
      writes.push_back(
          {{}, fact.text(F::kSetting), fact.text(F::kSettingValue), fact.text(F::kAnswer)});
    } else {
      writes = read_writes(fact);
    }
    Known& known = known_.at(world.station_index());
    for (const Write& write : writes) {
      on_write(write, fact, world, known, reporter);
    }
    const std::uint64_t count = known.writes.add(fact.time_ns(), writes.size());
    tell_count(kWriteBurst, count, kWritesToldFrom, known.writes_told, reporter);
  }

  void on_write(const Write& write, const Fact& fact, const World& world, Known& known,
                Reporter& reporter) {
    const bool accepted = is_accepted(write.status);
    if (!accepted && !write.status.empty()) {
      const std::uint64_t refused = known.refused.add(fact.time_ns());
      tell_count(kRefusedBurst, refused, kRefusedToldFrom, known.refused_told, reporter);
    }
    if (iequals_ascii(write.name, "SecurityProfile")) {
      if (const auto profile = to_number(write.value)) {
        on_profile(*profile, accepted, world, known, reporter);
      }
    }
    const bool security = write.component == "SecurityCtrlr" ||
                          iequals_ascii(write.name, "AuthorizationKey") ||
                          iequals_ascii(write.name, "SecurityProfile");
    if (security) known.security_changed_ns = fact.time_ns();
    if (accepted && iequals_ascii(write.name, "NetworkConfigurationPriority")) {
      known.security_changed_ns = fact.time_ns();
      on_priority(write.value, world, known, reporter);
    }
  }

  static void tell_count(const EventDef& def, std::uint64_t count, std::uint64_t floor,
                         std::uint64_t& told, Reporter& reporter) {
    if (count < floor) {
      told = 0;
      return;
    }
    if (count < told * 2) return;
    told = count;
    Event event = reporter.make(def);
    event.set_int(&def == &kWriteBurst ? kWrites : kRefusedWrites,
                  static_cast<std::int64_t>(count));
    reporter.emit(event);
  }

  static void on_profile(std::int64_t profile, bool accepted, const World& world, Known& known,
                         Reporter& reporter) {
    const Link& link = *world.link();
    // What the connection shows: a certificate of the station is not seen here, so at least this.
    const bool basic = link.auth_scheme == "basic";
    std::int64_t before = link.encrypted ? 2 : basic ? 1 : 0;
    if (!link.upgraded) before = -1;
    before = std::max(before, known.profile_told);
    if (profile < before) {
      Event event = reporter.make(kProfileLowered);
      event.set_int(kProfile, profile);
      event.set_int(kProfileBefore, before);
      event.set_bool(kProfileAccepted, accepted);
      reporter.emit(event);
    }
    if (accepted) known.profile_told = profile;
  }

  void on_network_profile(const Fact& fact, const World& world, Reporter& reporter) {
    Known& known = known_.at(world.station_index());
    const bool accepted = is_accepted(fact.text(F::kAnswer));
    if (const auto profile = fact.number(F::kSecurityProfile); profile && accepted) {
      // A profile in a slot is not in use yet: on_priority() judges it.
      Slot slot{std::string(fact.text(F::kProfileSlot)), read_location(fact.text(F::kUrl)).host,
                *profile, reporter.tag()};
      const auto is_it = [&](const Slot& each) { return each.number == slot.number; };
      const auto found = std::find_if(known.slots.begin(), known.slots.end(), is_it);
      if (found != known.slots.end()) {
        *found = std::move(slot);
      } else if (known.slots.size() < kSlotsMax) {
        known.slots.push_back(std::move(slot));
      }
    }
  }

  // The first number of the list is the slot that is tried first.
  void on_priority(std::string_view value, const World& world, Known& known, Reporter& reporter) {
    const std::string_view first = value.substr(0, value.find_first_of(", "));
    const auto found = std::find_if(known.slots.begin(), known.slots.end(),
                                    [&](const Slot& slot) { return slot.number == first; });
    if (found == known.slots.end()) return;
    const std::array<std::uint64_t, 2> tags = {found->tag, reporter.tag()};
    Event event = reporter.make(kEndpointActivated);
    event.set_text(kEndpointHost, found->host);
    event.set_text(kEndpointSlot, found->number);
    event.set_int(kEndpointProfile, found->profile);
    const std::string* host = hosts_.find(world.station_index());
    event.set_bool(kSameHost, host != nullptr && *host == found->host);
    event.set_packets(tags);
    reporter.emit(event);
    on_profile(found->profile, true, world, known, reporter);
  }

  void on_list(const Fact& fact, const World& world, Reporter& reporter) {
    if (fact.text(F::kAnswer) != "Accepted") return;
    Known& known = known_.at(world.station_index());
    const std::int64_t version = fact.number(F::kListVersion).value_or(-1);
    const bool full = fact.text(F::kUpdateType) == "Full";
    const std::int64_t entries =
        std::count_if(fact.values().begin(), fact.values().end(),
                      [](const FactValue& value) { return value.field == F::kItem; });
    const std::int64_t before = known.list_entries;
    if (known.list_version >= 0 && version >= 0 && version < known.list_version) {
      tell_list("version_back", version, entries, known, reporter);
    }
    if (full && before > 0 && entries == 0) {
      tell_list("emptied", version, entries, known, reporter);
    } else if (full && before > 0 && entries * 2 < before) {
      tell_list("shrunk", version, entries, known, reporter);
    } else if (before > 0 && entries >= kGrownMin && entries > (full ? before * 2 : before)) {
      tell_list("grown", version, entries, known, reporter);
    }
    if (version >= 0) known.list_version = version;
    if (full) known.list_entries = entries;
  }

  static void tell_list(std::string_view change, std::int64_t version, std::int64_t entries,
                        const Known& known, Reporter& reporter) {
    Event event = reporter.make(kListChanged);
    event.set_text(kListChange, change);
    event.set_int(kListVersion, version);
    if (known.list_version >= 0) event.set_int(kListVersionBefore, known.list_version);
    event.set_int(kListEntries, entries);
    if (known.list_entries >= 0) event.set_int(kListEntriesBefore, known.list_entries);
    reporter.emit(event);
  }

  void on_request(const Fact& fact, const World& world, Reporter& reporter) {
    Known& known = known_.at(world.station_index());
    const std::uint64_t count = known.requests.add(fact.time_ns());
    if (count < kRequestsToldFrom) {
      known.requests_told = 0;
    } else if (count >= known.requests_told * 2) {
      known.requests_told = count;
      Event event = reporter.make(kRequestLoop);
      event.set_int(kRequests, static_cast<std::int64_t>(count));
      reporter.emit(event);
    }
    tell_certificate("request", known.certificates.on_request(fact, world), reporter);
  }

  void on_certificate(const Fact& fact, const World& world, Reporter& reporter) {
    Known& known = known_.at(world.station_index());
    known.security_changed_ns = fact.time_ns();
    tell_certificate("certificate", known.certificates.on_certificate(fact, world), reporter);
  }

  static void tell_certificate(std::string_view step, const CertificateFinding& finding,
                               Reporter& reporter) {
    if (finding.count == 0) return;
    std::array<Value, 4> problems;
    for (std::size_t i = 0; i < finding.count; ++i) problems[i] = Value::text(finding.problems[i]);
    Event event = reporter.make(kCertificateOdd);
    event.set(kCertificateProblem, Value::list({problems.data(), finding.count}));
    if (!finding.subject.empty()) event.set_text(kCertificateSubject, finding.subject);
    event.set_text(kCertificateStep, step);
    reporter.emit(event);
  }

  void on_security_event(const Fact& fact, const World& world, Reporter& reporter) {
    if (!iequals_ascii(fact.text(F::kSecurityEvent), "ReconfigurationOfSecurityParameters")) return;
    const Known& known = known_.at(world.station_index());
    const std::int64_t watched_ns = fact.time_ns() - world.station()->first_seen_ns;
    const bool explained =
        known.security_changed_ns != 0 && fact.time_ns() - known.security_changed_ns <= kExplainsNs;
    if (explained || watched_ns < kWatchedMinNs) return;
    Event event = reporter.make(kChangedLocally);
    event.set_int(kWatchedS, watched_ns / kNsPerSecond);
    reporter.emit(event);
  }

  ByStation<Known> known_;
  ByStation<std::string> hosts_;  // Of the backend, as the station's handshake named it.
};

constexpr auto kEvents = std::to_array<const EventDef*>({
    &kProfileLowered,
    &kEndpointActivated,
    &kWriteBurst,
    &kRefusedBurst,
    &kListChanged,
    &kCertificateOdd,
    &kRequestLoop,
    &kChangedLocally,
});

std::unique_ptr<Detector> create(const DetectorContext& /*context*/) {
  return std::make_unique<ConfigurationDetector>();
}

}  // namespace

extern const DetectorDef kDetector;
const DetectorDef kDetector = {"configuration", kEvents, create};

}  // namespace chargewarden::configuration
