// Stations against what the operator has written down about them: who they are, where they connect,
// what they run and how they are set, when they may charge (threats TI-06, TI-10, TI-12, TI-16,
// TI-17, TI-20, TI-32, FW-07, FW-13, FW-14, CF-14, SA-23).
//
// What was not written down is not judged, and neither is what cannot be seen: a station that is
// known by its address alone, the link behind a proxy, the backend of a log.

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>
#include <vector>

#include "analyzer/detectors/by_station.h"
#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/inventory/drift_watch.h"
#include "analyzer/detectors/inventory/product_watch.h"
#include "analyzer/detectors/location.h"
#include "analyzer/site/text_pattern.h"
#include "collector/base/text.h"
#include "collector/event/defs/inventory_events.h"
#include "collector/event/redactor.h"

namespace chargewarden::inventory {

namespace {

using F = FactField;

// A difference that lasts is told again after a day, when it shows again: stations boot and
// reconnect many times a day, and one reminder a day is what people bear.
constexpr std::int64_t kAgainNs = 86'400'000'000'000;

// Settings that an event names.
constexpr std::size_t kNamedMax = 16;

// What was told last of one kind.
struct Told {
  std::uint64_t what = 0;  // Hash.
  std::int64_t time_ns = 0;
};

struct Known {
  const ListedStation* listed = nullptr;
  Told unlisted;
  Told backend;
  Told protection;
  Told address;
  Told hardware;
  Told version;
  Told product;
  DriftWatch drift;
};

struct Actions {
  ocpp::ActionId boot = ocpp::action_id("BootNotification");
  ocpp::ActionId report = ocpp::action_id("NotifyReport");
  ocpp::ActionId get_configuration = ocpp::action_id("GetConfiguration");
  ocpp::ActionId get_variables = ocpp::action_id("GetVariables");
  ocpp::ActionId change = ocpp::action_id("ChangeConfiguration");
  ocpp::ActionId set_variables = ocpp::action_id("SetVariables");
};

const Actions& actions() {
  static const Actions table;
  return table;
}

bool is_same(std::string_view told, std::string_view listed) {
  return iequals_ascii(trimmed(told), listed);
}

// The client that the proxy nearest to the backend has seen: the last element of X-Forwarded-For,
// or of Forwarded (RFC 7239, 5.2). What stands before it may be made up by the client.
std::string_view last_forwarded(std::string_view header) {
  const std::size_t comma = header.rfind(',');
  std::string_view out =
      trimmed(comma == std::string_view::npos ? header : header.substr(comma + 1));
  const std::string lower = lower_ascii(out);
  if (const std::size_t mark = lower.find("for="); mark != std::string::npos) {
    out.remove_prefix(mark + 4);
    out = out.substr(0, out.find(';'));
  }
  while (!out.empty() && (out.front() == '"' || out.front() == '[')) out.remove_prefix(1);
  out = out.substr(0, out.find_first_of("\"]"));
  const bool has_port = std::count(out.begin(), out.end(), ':') == 1;
  return has_port ? out.substr(0, out.find(':')) : out;
}

// An address without brackets, a name as it is.
std::string_view bare_host(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    return host.substr(1, host.size() - 2);
  }
  return host;
}

class InventoryDetector final : public Detector {
 public:
  explicit InventoryDetector(const DetectorContext& context)
      : key_(context.hash_key), site_(context.site), inventory_(context.site.inventory) {}

  [[nodiscard]] FactInterest interest() const override {
    FactInterest out;
    if (inventory_.lists_stations() || !inventory_.backends().empty()) {
      out.kinds[static_cast<std::size_t>(FactKind::kOpened)] = true;
      out.kinds[static_cast<std::size_t>(FactKind::kUpgrade)] = true;
    }
    if (!inventory_.empty()) out.actions.emplace_back("BootNotification");
    if (inventory_.lists_stations()) {
      for (const std::string_view each : {"NotifyReport", "GetConfiguration", "GetVariables",
                                          "ChangeConfiguration", "SetVariables"}) {
        out.actions.push_back(each);
      }
    }
    if (inventory_.lists_stations() || !site_.closed.empty()) {
      out.actions.emplace_back("StartTransaction");
      out.actions.emplace_back("TransactionEvent");
    }
    return out;
  }

  void on_fact(const Fact& fact, const World& world, Reporter& reporter) override {
    const Station* station = world.station();
    if (station == nullptr || station->id.empty() || world.is_echo()) return;
    const SessionStepKind step = world.step().kind;
    // The many messages in the middle of a session.
    if (step == SessionStepKind::kUpdate) return;
    Known& known = known_of(world);
    if (fact.head().kind == FactKind::kOpened) {
      if (fact.head().from_log) check_address(fact, world, known, reporter);
    } else if (fact.head().kind == FactKind::kUpgrade) {
      on_upgrade(fact, world, known, reporter);
    } else if (step == SessionStepKind::kStart) {
      on_session(world, reporter);
    } else if (step == SessionStepKind::kAnswer) {
      const std::string& status = world.session(world.step().session).token_status;
      // 2.x leaves the status out where it is not about a token.
      if (status.empty() || status == "Accepted") tell_unlisted("session", known, world, reporter);
    } else {
      on_message(fact, world, known, reporter);
    }
  }

  void on_station_forgotten(StationIndex station) override { known_.forget(station); }

 private:
  // Whether this was not told within a day.
  bool is_news(Told& told, std::initializer_list<std::string_view> parts,
               std::int64_t now_ns) const {
    SipHash13 hash(key_);
    for (const std::string_view each : parts) {
      hash.add(each);
      hash.add(std::string_view("\0", 1));
    }
    const std::uint64_t what = hash.finish() | 1U;
    if (told.what == what && now_ns - told.time_ns < kAgainNs) return false;
    told = {what, now_ns};
    return true;
  }

  Known& known_of(const World& world) {
    if (Known* known = known_.find(world.station_index())) return *known;
    Known& known = known_.at(world.station_index());
    known.listed = inventory_.find(world.station()->id);
    return known;
  }

  void on_message(const Fact& fact, const World& world, Known& known, Reporter& reporter) {
    const Actions& table = actions();
    if (fact.is_call(table.boot)) {
      on_boot(fact, known, reporter);
    } else if (fact.is_result(table.boot)) {
      if (fact.text(F::kAnswer) == "Accepted") tell_unlisted("boot", known, world, reporter);
    } else if (fact.is_call(table.report) || fact.is_result(table.get_configuration) ||
               fact.is_result(table.get_variables) || fact.is_result(table.change) ||
               fact.is_result(table.set_variables)) {
      on_settings(fact, known, reporter);
    }
  }

  void tell_unlisted(std::string_view by, Known& known, const World& world, Reporter& reporter) {
    if (!inventory_.lists_stations() || known.listed != nullptr) return;
    if (!is_news(known.unlisted, {}, world.now_ns())) return;
    Event event = reporter.make(kUnlisted);
    event.set_text(kLetInBy, by);
    event.set_int(kListedStations, static_cast<std::int64_t>(inventory_.station_count()));
    reporter.emit(event);
  }

  void on_upgrade(const Fact& fact, const World& world, Known& known, Reporter& reporter) {
    // A log does not tell which backend wrote it, nor how the connection is protected.
    if (world.link()->from_log) return check_address(fact, world, known, reporter);
    if (!fact.is_true(F::kIsOcpp)) return;
    check_backend(fact, world, known, reporter);
    if (known.listed == nullptr) return;
    check_protection(fact, world, known, reporter);
    check_address(fact, world, known, reporter);
    check_version(world, known, reporter);
  }

  // Either the name or the address will do: names move between addresses, and a station may be set
  // to an address.
  void check_backend(const Fact& fact, const World& world, Known& known, Reporter& reporter) {
    const BackendList& backends = inventory_.backends();
    if (backends.empty()) return;
    const std::string& address = world.link()->flow.server_ip_text;
    const std::string host = read_location("ws://" + std::string(fact.text(F::kHost))).host;
    const std::string_view name = bare_host(host);
    const bool listed = backends.contains(address) || (!name.empty() && backends.contains(name));
    // Without a name, a list of names says nothing.
    const bool cannot_tell = name.empty() && backends.addresses.empty();
    if (listed || cannot_tell) return;
    if (!is_news(known.backend, {name, address}, world.now_ns())) return;
    Event event = reporter.make(kBackendUnlisted);
    event.set_text(kBackend, name.empty() ? std::string_view(address) : name);
    reporter.emit(event);
  }

  // What a proxy says about the client of a handshake; empty when there is none. Anybody can send
  // the header: who comes from a public address is no proxy of ours.
  static std::string_view forwarded_for(const Fact& fact, const Link& link) {
    if (is_public_address(link.flow.client_ip_text)) return {};
    return fact.text(F::kForwardedFor);
  }

  // Behind a proxy, or on the host of one, the link of the station itself is not seen.
  void check_protection(const Fact& fact, const World& world, Known& known, Reporter& reporter) {
    const Link& link = *world.link();
    static const AddressList kLoopback = [] {
      AddressList out;
      (void)out.add("127.0.0.0/8");
      (void)out.add("::1");
      return out;
    }();
    if (!known.listed->security_profile || !forwarded_for(fact, link).empty()) return;
    if (kLoopback.contains(link.flow.client_ip_text)) return;
    const bool basic = link.auth_scheme == "basic";
    const int profile = link.encrypted ? (basic ? 2 : 3) : (basic ? 1 : 0);
    const int listed = *known.listed->security_profile;
    if (profile >= listed) return;
    const std::array<char, 1> text = {static_cast<char>('0' + profile)};
    if (!is_news(known.protection, {{text.data(), 1}}, world.now_ns())) return;
    Event event = reporter.make(kProtectionBelow);
    event.set_int(kProfile, profile);
    event.set_int(kProfileListed, listed);
    reporter.emit(event);
  }

  void check_address(const Fact& fact, const World& world, Known& known, Reporter& reporter) {
    if (known.listed == nullptr || known.listed->addresses == nullptr) return;
    const AddressList& listed = *known.listed->addresses;
    std::string_view address = world.link()->flow.client_ip_text;
    const std::string_view forwarded = last_forwarded(forwarded_for(fact, *world.link()));
    if (IpAddress::parse(forwarded)) address = forwarded;
    if (!IpAddress::parse(address) || listed.contains(address)) return;
    if (listed.contains(world.link()->flow.client_ip_text)) return;
    if (!is_news(known.address, {address}, world.now_ns())) return;
    Event event = reporter.make(kAddressUnlisted);
    event.set_text(kAddress, address);
    event.set_bool(kAddressPublic, is_public_address(address));
    event.set_bool(kListedPrivate, known.listed->private_addresses);
    reporter.emit(event);
  }

  void check_version(const World& world, Known& known, Reporter& reporter) {
    std::string_view version = world.link()->subprotocol;
    if (known.listed->ocpp == nullptr || !version.starts_with("ocpp")) return;
    version.remove_prefix(4);
    const auto& listed = *known.listed->ocpp;
    if (std::find(listed.begin(), listed.end(), version) != listed.end()) return;
    if (!is_news(known.version, {version}, world.now_ns())) return;
    const std::array<Value, 1> differs = {Value::text("ocpp")};
    Event event = reporter.make(kNotAsListed);
    event.set(kDiffers, Value::list(differs));
    event.set_text(kOcppVersion, version);
    reporter.emit(event);
  }

  void on_boot(const Fact& fact, Known& known, Reporter& reporter) {
    const ToldProduct product{fact.text(F::kVendor), fact.text(F::kModel), fact.text(F::kFirmware)};
    if (known.listed != nullptr) check_hardware(fact, product, known, reporter);
    if (!is_news(known.product, {product.vendor, product.model, product.version}, fact.time_ns())) {
      return;
    }
    judge_product(product, known.listed, inventory_, fact.time_ns(), reporter);
  }

  // What the station leaves out is not compared: only vendor and model must be told.
  void check_hardware(const Fact& fact, const ToldProduct& product, Known& known,
                      Reporter& reporter) const {
    const ListedStation& listed = *known.listed;
    const std::string_view serial =
        fact.has(F::kSerial) ? fact.text(F::kSerial) : fact.text(F::kBoxSerial);
    std::array<Value, 3> differs;
    std::size_t count = 0;
    const auto differ = [&](std::string_view name, std::string_view told,
                            const std::string& wanted) {
      if (wanted.empty() || trimmed(told).empty() || is_same(told, wanted)) return false;
      differs[count++] = Value::text(name);
      return true;
    };
    const bool vendor = differ("vendor", product.vendor, listed.vendor);
    const bool model = differ("model", product.model, listed.model);
    // 1.6 has two serial numbers, and operators write down either.
    const bool box = is_same(fact.text(F::kBoxSerial), listed.serial);
    const bool other_serial = !box && differ("serial", serial, listed.serial);
    if (count == 0) return;
    if (!is_news(known.hardware, {product.vendor, product.model, serial}, fact.time_ns())) return;
    Event event = reporter.make(kNotAsListed);
    event.set(kDiffers, Value::list({differs.data(), count}));
    if (vendor) event.set_text(kVendor, product.vendor);
    if (vendor) event.set_text(kVendorListed, listed.vendor);
    if (model) event.set_text(kModel, product.model);
    if (model) event.set_text(kModelListed, listed.model);
    if (other_serial) event.set_text(kSerial, serial);
    if (other_serial) event.set_text(kSerialListed, listed.serial);
    reporter.emit(event);
  }

  static void on_settings(const Fact& fact, Known& known, Reporter& reporter) {
    if (known.listed == nullptr || known.listed->settings == nullptr) return;
    const DriftFinding finding = known.drift.on_fact(fact, *known.listed->settings);
    if (finding.settings.empty()) return;
    std::vector<Value> names;
    for (const ListedSetting* each : finding.settings) {
      if (names.size() < kNamedMax) names.push_back(Value::text(each->name));
    }
    const ListedSetting& first = *finding.settings.front();
    Event event = reporter.make(kDrift);
    event.set(kSettings, Value::list(names));
    event.set_int(kDiffering, static_cast<std::int64_t>(finding.differing));
    event.set_text(kShownBy, finding.is_change ? "change" : "report");
    if (finding.settings.size() == 1 && !Redactor::is_secret_setting(first.key)) {
      event.set_text(kSettingValue, finding.value);
      event.set_text(kSettingListed, first.value);
    }
    reporter.emit(event);
  }

  // What began offline is told later: by the station's clock it counts.
  void on_session(const World& world, Reporter& reporter) const {
    const Session& session = world.session(world.step().session);
    const bool by_station = session.offline && session.station_started_ns != 0;
    const std::int64_t begin_ns = by_station ? session.station_started_ns : world.now_ns();
    if (site_.closed.judge(world.station()->id, begin_ns) != WindowAnswer::kInside) return;
    Event event = reporter.make(kWhileClosed);
    if (session.connector >= 0) event.set_int(kClosedConnector, session.connector);
    event.set_bool(kClosedOffline, session.offline);
    reporter.emit(event);
  }

  HashKey key_;
  const SiteKnowledge& site_;
  const SiteInventory& inventory_;
  ByStation<Known> known_;
};

constexpr auto kEvents = std::to_array<const EventDef*>({
    &kUnlisted,
    &kBackendUnlisted,
    &kProtectionBelow,
    &kAddressUnlisted,
    &kNotAsListed,
    &kUnsupported,
    &kUnapproved,
    &kVulnerable,
    &kDrift,
    &kWhileClosed,
});

std::unique_ptr<Detector> create(const DetectorContext& context) {
  return std::make_unique<InventoryDetector>(context);
}

}  // namespace

extern const DetectorDef kDetector;
const DetectorDef kDetector = {"inventory", kEvents, create};

}  // namespace chargewarden::inventory
