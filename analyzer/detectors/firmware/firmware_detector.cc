// Firmware updates as campaigns, from the command to the boot afterwards; images that pass in
// clear; versions; maintenance windows (threats FW-05 to FW-11, FW-16, FW-18).

#include <algorithm>
#include <string>

#include "analyzer/detectors/by_station.h"
#include "analyzer/detectors/detector.h"
#include "analyzer/detectors/expiring_map.h"
#include "analyzer/detectors/firmware/campaign.h"
#include "analyzer/detectors/firmware/ftp_files.h"
#include "analyzer/detectors/firmware/update_windows.h"
#include "analyzer/detectors/firmware/version_spread.h"
#include "analyzer/detectors/version_order.h"
#include "analyzer/detectors/window.h"
#include "collector/event/defs/firmware_events.h"
#include "collector/event/defs/inventory_events.h"

namespace chargewarden::firmware {

namespace {

using F = FactField;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;
constexpr std::int64_t kHourNs = 3'600 * kNsPerSecond;
constexpr std::int64_t kDayNs = 24 * kHourNs;

// Operators plan an update for a night, or for the weekend.
constexpr std::int64_t kPlannedNs = 7 * kDayNs;

// A station that installs when no vehicle charges finds such a time within a day.
constexpr std::int64_t kIdleNs = kDayNs;

// How long a command explains what a station does: retrieveDate and installDate may lie days ahead,
// and a station may have been offline.
constexpr std::int64_t kCommandLastsNs = 30 * kDayNs;

// How long a station must have been watched before a missing command says something: a command
// before the begin of the capture is carried out within this time by nearly all stations.
constexpr std::int64_t kWatchedMinNs = kHourNs;

// Images are looked for as long as this after the command that names their place.
// Test: firmware_detector_test.cc "the table of image locations is bounded".
constexpr std::size_t kLocationsMax = 20'000;

// Stations that are told the same location and are looked at for an image.
// Test: firmware_detector_test.cc "the stations of one location are bounded".
constexpr std::size_t kStationsPerLocationMax = 4'096;

// Identities that firmware.spread names.
constexpr std::size_t kBehindNamedMax = 16;

struct Known {
  Campaign campaign;
  bool has_campaign = false;
  std::int64_t explained_ns = 0;  // Latest sign of an update: command, status, security event.
  bool told_uncommanded = false;
  std::int64_t outside_told_ns = 0;  // Of a window.
  Window failures{kDayNs};
};

bool is_failure(std::string_view status) {
  constexpr auto kFailures = std::to_array<std::string_view>(
      {"DownloadFailed", "InstallationFailed", "InvalidSignature", "InstallVerificationFailed"});
  return std::find(kFailures.begin(), kFailures.end(), status) != kFailures.end();
}

bool is_installing(std::string_view status) {
  return status == "Installing" || status == "Installed" || status == "InstallRebooting";
}

struct Actions {
  ocpp::ActionId boot = ocpp::action_id("BootNotification");
  ocpp::ActionId update = ocpp::action_id("UpdateFirmware");
  ocpp::ActionId signed_update = ocpp::action_id("SignedUpdateFirmware");
  ocpp::ActionId status = ocpp::action_id("FirmwareStatusNotification");
  ocpp::ActionId signed_status = ocpp::action_id("SignedFirmwareStatusNotification");
  ocpp::ActionId security_event = ocpp::action_id("SecurityEventNotification");
};

const Actions& actions() {
  static const Actions table;
  return table;
}

class FirmwareDetector final : public Detector {
 public:
  explicit FirmwareDetector(const DetectorContext& context)
      : locations_(context.hash_key, kLocationsMax, kCommandLastsNs),
        ftp_(context.hash_key),
        windows_(context.site.maintenance) {}

  [[nodiscard]] FactInterest interest() const override {
    FactInterest out;
    for (const FactKind kind : {FactKind::kTransfer, FactKind::kFtp, FactKind::kClosed}) {
      out.kinds[static_cast<std::size_t>(kind)] = true;
    }
    out.actions = {"BootNotification",          "UpdateFirmware",
                   "SignedUpdateFirmware",      "FirmwareStatusNotification",
                   "SecurityEventNotification", "SignedFirmwareStatusNotification"};
    return out;
  }

  void on_fact(const Fact& fact, const World& world, Reporter& reporter) override {
    switch (fact.head().kind) {
      case FactKind::kTransfer:
        on_transfer(fact, world, reporter);
        return;
      case FactKind::kFtp:
        take_file(ftp_.on_transfer(fact, world), world, reporter);
        return;
      case FactKind::kClosed:
        take_file(ftp_.on_closed(fact, world), world, reporter);
        return;
      default:
        break;
    }
    const ocpp::ActionId action = fact.head().action;
    if (world.station() == nullptr || world.is_echo() || !fact.is_call(action)) return;
    const Actions& known = actions();
    if (action == known.boot) {
      on_boot(fact, world, reporter);
    } else if (action == known.update || action == known.signed_update) {
      on_command(fact, world, reporter);
    } else if (action == known.status || action == known.signed_status) {
      on_status(fact, world, reporter);
    } else if (fact.text(F::kSecurityEvent) == "FirmwareUpdated") {
      known_.at(world.station_index()).explained_ns = fact.time_ns();
    }
  }

  void on_tick(std::int64_t now_ns, const World& world, Reporter& reporter) override {
    if (spread_ns_ == 0) spread_ns_ = now_ns;
    if (now_ns - spread_ns_ < kDayNs) return;
    spread_ns_ = now_ns;
    tell_spread(world, reporter);
  }

  void on_end(const World& world, Reporter& reporter) override { tell_spread(world, reporter); }

  void on_station_forgotten(StationIndex station) override { known_.forget(station); }

  [[nodiscard]] std::uint64_t dropped() const override {
    return locations_.dropped() + ftp_.dropped() + stations_dropped_;
  }

 private:
  void on_command(const Fact& fact, const World& world, Reporter& reporter) {
    Known& known = known_.at(world.station_index());
    known.campaign = read_command(fact, reporter.tag());
    known.has_campaign = true;
    known.explained_ns = fact.time_ns();
    known.told_uncommanded = false;
    read_certificate(fact, known.campaign, reporter);
    windows_.on_command(fact, *world.station(), known.outside_told_ns, reporter);
    known.campaign.install_ns = fact.number(F::kInstallTime).value_or(0);
    const std::int64_t delay_ns = known.campaign.install_ns - fact.time_ns();
    if (delay_ns > kPlannedNs) tell_delayed("command", delay_ns, known.campaign, reporter);
    const Location& location = known.campaign.location;
    if (location.host.empty()) return;
    auto& stations = locations_.at(location_key(location), fact.time_ns());
    const StationIndex index = world.station_index();
    if (std::find(stations.begin(), stations.end(), index) != stations.end()) return;
    if (stations.size() < kStationsPerLocationMax) {
      stations.push_back(index);
    } else {
      ++stations_dropped_;
    }
  }

  static void read_certificate(const Fact& fact, Campaign& campaign, Reporter& reporter) {
    if (!fact.has(F::kSigningCertificate)) return;
    const auto certificate = crypto::Certificate::parse(fact.text(F::kSigningCertificate));
    CertificateProblems problems;
    if (!certificate) {
      problems.add("unreadable");
    } else {
      problems = judge_certificate(certificate.value(), fact.time_ns());
      if (certificate.value().key() != nullptr) campaign.key = *certificate.value().key();
    }
    if (problems.count == 0) return;
    std::array<Value, 6> kinds;
    for (std::size_t i = 0; i < problems.count; ++i) kinds[i] = Value::text(problems.kinds[i]);
    Event event = reporter.make(kCertificate);
    event.set(kProblems, Value::list({kinds.data(), problems.count}));
    if (certificate) {
      const crypto::CertificateFacts& facts = certificate.value().facts();
      event.set_text(kSubject, facts.subject.text);
      event.set_text(kIssuer, facts.issuer.text);
      event.set_text(kCertificateSha256, facts.sha256);
    }
    reporter.emit(event);
  }

  static void tell_delayed(std::string_view by, std::int64_t delay_ns, const Campaign& campaign,
                           Reporter& reporter) {
    const std::array<std::uint64_t, 2> tags = {campaign.tag, reporter.tag()};
    Event event = reporter.make(kDelayed);
    event.set_text(kDelayedBy, by);
    event.set_int(kDelayS, delay_ns / kNsPerSecond);
    if (!campaign.location.host.empty()) event.set_text(kDelayedHost, campaign.location.host);
    event.set_packets(tags);
    reporter.emit(event);
  }

  static void watch_delay(std::int64_t now_ns, std::string_view status, Campaign& campaign,
                          Reporter& reporter) {
    if (status == "Downloading") campaign.downloaded_ns = 0;
    if (status == "Downloaded" && campaign.downloaded_ns == 0) campaign.downloaded_ns = now_ns;
    if (campaign.downloaded_ns == 0 || !is_installing(status)) return;
    const std::int64_t due_ns = std::max(campaign.downloaded_ns, campaign.install_ns);
    campaign.downloaded_ns = 0;
    if (now_ns - due_ns > kIdleNs) tell_delayed("station", now_ns - due_ns, campaign, reporter);
  }

  void on_status(const Fact& fact, const World& world, Reporter& reporter) {
    Known& known = known_.at(world.station_index());
    const std::string status(fact.text(F::kFirmwareStatus));
    if (status.empty() || status == "Idle") return;
    Campaign& campaign = known.campaign;
    const bool commanded =
        known.has_campaign && fact.time_ns() - campaign.commanded_ns <= kCommandLastsNs;
    if (!commanded) check_uncommanded(fact, world, status, known, reporter);
    if (is_installing(status)) {
      known.explained_ns = fact.time_ns();
      windows_.on_install(fact, *world.station(), known.outside_told_ns, reporter);
    }
    if (is_failure(status)) (void)known.failures.add(fact.time_ns());
    if (!commanded) return;
    watch_delay(fact.time_ns(), status, campaign, reporter);
    if (status == "Downloading") start_over(campaign);
    campaign.status = status;
    campaign.packets.add(reporter.tag());
    if (status == "SignatureVerified") campaign.verified = true;
    check_unverified(campaign, reporter);
    check_tampered(campaign, reporter);
    if (status == "Installed" || is_failure(status)) tell_campaign(fact, known, reporter);
  }

  // The command asks for several attempts (retries of UpdateFirmware): what was said of the image
  // of the one before does not count for this one.
  static void start_over(Campaign& campaign) {
    if (!campaign.ended) return;
    campaign.ended = false;
    campaign.verified = false;
    campaign.image.reset();
  }

  static void check_uncommanded(const Fact& fact, const World& world, const std::string& status,
                                Known& known, Reporter& reporter) {
    const std::int64_t watched_ns = fact.time_ns() - world.station()->first_seen_ns;
    // An update that was under way when the watch began: the command came before.
    if (watched_ns < kWatchedMinNs) known.explained_ns = fact.time_ns();
    const bool recent = known.explained_ns != 0 && fact.time_ns() - known.explained_ns <= kDayNs;
    if (known.told_uncommanded || recent) return;
    if (status != "Downloading" && !is_installing(status)) return;
    known.told_uncommanded = true;
    Event event = reporter.make(kUncommanded);
    event.set_text(kUncommandedStatus, status);
    event.set_int(kWatchedS, watched_ns / kNsPerSecond);
    reporter.emit(event);
  }

  static void check_unverified(Campaign& campaign, Reporter& reporter) {
    if (!campaign.is_signed || campaign.verified || campaign.told_unverified) return;
    if (!is_installing(campaign.status)) return;
    campaign.told_unverified = true;
    Event event = reporter.make(kUnverified);
    event.set_text(kUnverifiedStatus, campaign.status);
    event.set_packets(campaign.packets.tags());
    reporter.emit(event);
  }

  static void check_tampered(Campaign& campaign, Reporter& reporter) {
    if (campaign.told_tampered || !campaign.image) return;
    if (campaign.image->result.verdict != crypto::Verdict::kInvalid) return;
    if (campaign.status != "SignatureVerified" && !is_installing(campaign.status)) return;
    campaign.told_tampered = true;
    campaign.packets.add(campaign.image->tag);
    campaign.packets.add(reporter.tag());
    Event event = reporter.make(kTampered);
    event.set_text(kTamperedStatus, campaign.status);
    event.set_text(kTamperedSha256, campaign.image->sha256);
    event.set_text(kTamperedHost, campaign.location.host);
    event.set_packets(campaign.packets.tags());
    reporter.emit(event);
  }

  static void tell_campaign(const Fact& fact, Known& known, Reporter& reporter) {
    Campaign& campaign = known.campaign;
    if (campaign.ended) return;
    campaign.ended = true;
    Event event = reporter.make(kCampaign);
    event.set_text(kResult, campaign.status);
    event.set_bool(kSucceeded, campaign.status == "Installed");
    event.set_bool(kSigned, campaign.is_signed);
    event.set_text(kCampaignHost, campaign.location.host);
    event.set_int(kDurationS, (fact.time_ns() - campaign.commanded_ns) / kNsPerSecond);
    event.set_int(kFailures, static_cast<std::int64_t>(known.failures.count(fact.time_ns())));
    event.set_packets(campaign.packets.tags());
    reporter.emit(event);
  }

  // A file passed in clear. Whose it is is told by the place that the command named.
  void on_transfer(const Fact& fact, const World& world, Reporter& reporter) {
    const std::string_view sha256 = fact.text(F::kBodySha256);
    if (world.link() == nullptr || sha256.empty() || fact.text(F::kMethod) != "GET") return;
    // An error page is not the image, and the rest of an interrupted download is not all of it.
    constexpr std::int64_t kOk = 200;
    if (fact.number(F::kStatusCode).value_or(kOk) != kOk) return;
    FetchedFile file;
    file.location = read_location("http://" + std::string(fact.text(F::kHost)));
    file.location.path = fact.text(F::kPath);
    file.client = world.link()->flow.client_ip_text;
    file.sha256 = sha256;
    file.size_bytes = fact.number(F::kBodyBytes).value_or(0);
    take_file(file, world, reporter);
  }

  // What a location is looked up by. FTP servers are told by name and reached by address, and paths
  // there begin where the login leads: the name of the file has to do.
  static std::string location_key(const Location& location) {
    if (location.scheme != "ftp") return location.host + location.path;
    return "ftp:" + location.path.substr(location.path.rfind('/') + 1);
  }

  void take_file(const std::optional<FetchedFile>& file, const World& world, Reporter& reporter) {
    if (!file) return;
    const std::string key = location_key(file->location);
    const auto* stations = locations_.find(key, world.now_ns());
    if (stations == nullptr) return;
    const auto at_client = [&](StationIndex index) {
      return world.station(index).used && world.station(index).address == file->client;
    };
    const auto same_address = std::count_if(stations->begin(), stations->end(), at_client);
    for (const StationIndex index : *stations) {
      // Behind address translation only a single candidate is certain.
      const Station& station = world.station(index);
      if (!station.used || (!at_client(index) && stations->size() > 1)) continue;
      Known* known = known_.find(index);
      if (known == nullptr || !known->has_campaign) continue;
      if (location_key(known->campaign.location) != key) continue;  // It was told another since.
      // Of several behind one address those that are still waiting for their image.
      if (same_address > 1 && !awaits_image(known->campaign)) continue;
      take_image(*file, {&station, world.link()}, known->campaign, reporter);
    }
  }

  static bool awaits_image(const Campaign& campaign) {
    return !campaign.image && !campaign.verified && !is_installing(campaign.status);
  }

  static void take_image(const FetchedFile& file, const Subject& subject, Campaign& campaign,
                         Reporter& reporter) {
    Image image;
    image.sha256 = file.sha256;
    image.size_bytes = file.size_bytes;
    image.tag = reporter.tag();
    if (campaign.is_signed) image.result = verify_image(campaign, file.sha256);
    campaign.image = image;
    Packets packets;
    packets.add(campaign.tag);
    packets.add(image.tag);
    Event event = reporter.make(kImage, subject);
    event.set_text(kHost, campaign.location.host);
    event.set_text(kPath, campaign.location.path);
    event.set_int(kBytes, image.size_bytes);
    event.set_text(kSha256, image.sha256);
    const bool told = image.result.verdict == crypto::Verdict::kCannotTell;
    event.set_text(kSignature, campaign.is_signed ? crypto::to_string(image.result.verdict)
                                                  : std::string_view("none"));
    if (!image.result.scheme.empty()) event.set_text(kScheme, image.result.scheme);
    if (told && !image.result.reason.empty()) event.set_text(kReason, image.result.reason);
    event.set_packets(packets.tags());
    reporter.emit(event);
    check_tampered(campaign, reporter);
  }

  void on_boot(const Fact& fact, const World& world, Reporter& reporter) {
    const Station& station = *world.station();
    const std::string_view now = fact.text(F::kFirmware);
    const std::string& before = station.inventory.firmware;
    if (station.boots == 0 || now.empty() || before.empty() || now == before) return;
    Known& known = known_.at(world.station_index());
    const VersionOrder order = compare_versions(now, before);
    Packets packets;
    packets.add(station.boot_tag);
    for (const std::uint64_t tag : known.campaign.packets.tags()) packets.add(tag);
    packets.add(reporter.tag());
    Event event = reporter.make(kVersionChanged);
    event.set_text(kVersion, now);
    event.set_text(kVersionBefore, before);
    event.set_text(kDirection, order == VersionOrder::kNewer   ? "upgrade"
                               : order == VersionOrder::kOlder ? "downgrade"
                                                               : "other");
    event.set_bool(kCommanded, known.explained_ns != 0 &&
                                   fact.time_ns() - known.explained_ns <= kCommandLastsNs);
    event.set_packets(packets.tags());
    reporter.emit(event);
  }

  static void tell_spread(const World& world, Reporter& reporter) {
    for (const ModelSpread& spread : find_laggards(world)) {
      std::vector<Value> names;
      for (const std::string& name : spread.behind) {
        if (names.size() < kBehindNamedMax) names.push_back(Value::text(name));
      }
      Event event = reporter.make(kSpread, {});
      event.set_text(kSpreadVendor, spread.vendor);
      event.set_text(kSpreadModel, spread.model);
      event.set_text(kMajority, spread.majority);
      event.set_int(kVersions, static_cast<std::int64_t>(spread.versions));
      event.set_int(kStations, static_cast<std::int64_t>(spread.stations));
      event.set_int(kBehind, static_cast<std::int64_t>(spread.behind.size()));
      event.set(kBehindStations, Value::list(names));
      reporter.emit(event);
    }
  }

  ByStation<Known> known_;
  ExpiringMap<std::vector<StationIndex>> locations_;  // By host and path.
  FtpFiles ftp_;
  UpdateWindows windows_;
  std::uint64_t stations_dropped_ = 0;  // That a location has no more room for.
  std::int64_t spread_ns_ = 0;
};

constexpr auto kEvents = std::to_array<const EventDef*>({
    &kVersionChanged,
    &kImage,
    &kTampered,
    &kUnverified,
    &kUncommanded,
    &kCertificate,
    &kCampaign,
    &kDelayed,
    &kSpread,
    &inventory::kOutsideWindow,
});

std::unique_ptr<Detector> create(const DetectorContext& context) {
  return std::make_unique<FirmwareDetector>(context);
}

}  // namespace

extern const DetectorDef kDetector;
const DetectorDef kDetector = {"firmware", kEvents, create};

}  // namespace chargewarden::firmware
