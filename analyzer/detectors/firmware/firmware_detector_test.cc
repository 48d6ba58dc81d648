// Firmware updates from the command to the boot afterwards, in OCPP 1.6 and 2.x.

#include <catch2/catch.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "analyzer/crypto/testing/signer.h"
#include "analyzer/detectors/testing/scene.h"
#include "analyzer/facts/fact_buffer.h"

using namespace chargewarden;
using namespace chargewarden::testing;
namespace signer = chargewarden::crypto::testing;

namespace {

constexpr std::int64_t kDayS = 24 * 3'600;
constexpr std::string_view kUrl = "http://fw.example.com/ac22.bin";
constexpr std::string_view kGood = "the image that was signed";
constexpr std::string_view kBad = "another image";

std::string digest(std::string_view image) {
  return to_hex(sha256(image));
}

// One station that is updated, in both generations with the same words.
class Updated {
 public:
  explicit Updated(std::string subprotocol, std::string address = "10.0.0.1")
      : setup_{.subprotocol = std::move(subprotocol), .address = std::move(address)},
        is_16_(setup_.subprotocol == "ocpp1.6"),
        talk_(&scene_.connect("CP1", setup_)) {
    plan_.key = key_.get();
    plan_.issuer_key = authority_.get();
    plan_.issuer_name = "Vendor Root";
  }

  Scene& scene() { return scene_; }

  signer::CertificatePlan& plan() { return plan_; }

  void boot(std::string_view version) {
    nlohmann::json payload;
    if (is_16_) {
      payload = {{"chargePointVendor", "V"}, {"chargePointModel", "M"}};
      payload["firmwareVersion"] = version;
    } else {
      payload = {{"reason", "PowerUp"}, {"chargingStation", {{"model", "M"}, {"vendorName", "V"}}}};
      payload["chargingStation"]["firmwareVersion"] = version;
    }
    talk_->call("BootNotification", payload.dump(),
                "{'status':'Accepted','interval':300,'currentTime':'@'}");
  }

  // Without signature.
  void command(std::string_view url = kUrl) { command_on(*talk_, url); }

  void command_on(Talk& talk, std::string_view url) const {
    nlohmann::json firmware = {
        {is_16_ ? "retrieveDate" : "retrieveDateTime", "2026-01-01T00:00:00Z"}, {"location", url}};
    if (is_16_) {
      talk.command("UpdateFirmware", firmware.dump(), "{}");
    } else {
      talk.command("UpdateFirmware",
                   nlohmann::json{{"requestId", 5}, {"firmware", firmware}}.dump());
    }
  }

  // Signed over `image`.
  void command_signed(std::string_view image = kGood) {
    command_with(to_base64(signer::sign_ecdsa(key_.get(), sha256(image))),
                 signer::pem(signer::make_certificate(plan_)));
  }

  void command_with(const std::string& signature, const std::string& certificate) {
    nlohmann::json firmware = {{"retrieveDateTime", "2026-01-01T00:00:00Z"},
                               {"location", kUrl},
                               {"signature", signature},
                               {"signingCertificate", certificate}};
    talk_->command(is_16_ ? "SignedUpdateFirmware" : "UpdateFirmware",
                   nlohmann::json{{"requestId", 5}, {"firmware", firmware}}.dump());
    is_signed_ = true;
  }

  void status(std::string_view status) { status_on(*talk_, status); }

  void status_on(Talk& talk, std::string_view status) const {
    nlohmann::json payload = {{"status", status}};
    const bool names_request = is_signed_ || !is_16_;
    if (names_request) payload["requestId"] = 5;
    talk.call(
        is_16_ && is_signed_ ? "SignedFirmwareStatusNotification" : "FirmwareStatusNotification",
        payload.dump());
  }

  void fetch(std::string_view image, const FetchDetail& detail = {}, std::string address = {}) {
    LinkSetup from = setup_;
    from.host = "fw.example.com";
    if (!address.empty()) from.address = std::move(address);
    scene_.fetch("/ac22.bin", digest(image), 5'000, from, detail);
  }

  void statuses(std::initializer_list<std::string_view> list) {
    for (const std::string_view each : list) status(each);
  }

  [[nodiscard]] Talk& talk() { return *talk_; }

  [[nodiscard]] const LinkSetup& setup() const { return setup_; }

 private:
  Scene scene_{find_detector("firmware")};
  LinkSetup setup_;
  bool is_16_;
  bool is_signed_ = false;
  Talk* talk_;
  crypto::Handle<EVP_PKEY> key_ = signer::ec_key();
  crypto::Handle<EVP_PKEY> authority_ = signer::ec_key();
  signer::CertificatePlan plan_;
};

constexpr const char* kVersions[] = {"ocpp1.6", "ocpp2.0.1", "ocpp2.1"};

std::vector<std::string> names(const std::vector<std::string>& lines) {
  std::vector<std::string> out;
  for (const std::string& line : lines) out.push_back(line.substr(0, line.find(' ')));
  return out;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("a signed update that goes well ends as a campaign and an upgrade") {
  for (const char* version : kVersions) {
    INFO(version);
    Updated each(version);
    each.boot("1.0");
    each.command_signed();
    each.status("Downloading");
    each.fetch(kGood);
    const Lines images = each.scene().take("firmware.image");
    REQUIRE(images.size() == 1);
    CHECK(field(images[0], "signature") == "valid");
    CHECK(field(images[0], "scheme") == "ecdsa-der");
    CHECK(field(images[0], "sha256") == digest(kGood));
    CHECK(each.scene().packets().size() == 2);
    each.statuses({"Downloaded", "SignatureVerified", "Installing", "Installed"});
    const Lines ends = each.scene().take();
    REQUIRE(names(ends) == Lines{"firmware.campaign"});
    CHECK(field(ends[0], "result") == "Installed");
    CHECK(field(ends[0], "succeeded") == "true");
    CHECK(field(ends[0], "signed") == "true");
    CHECK(field(ends[0], "failures") == "0");
    CHECK(field(ends[0], "host") == "fw.example.com");
    each.boot("1.1");
    const Lines boots = each.scene().take();
    REQUIRE(names(boots) == Lines{"firmware.version_changed"});
    CHECK(field(boots[0], "direction") == "upgrade");
    CHECK(field(boots[0], "commanded") == "true");
  }
}

TEST_CASE("an image that the signature does not fit is told, and worse when it is installed") {
  for (const char* version : kVersions) {
    for (const bool image_first : {true, false}) {
      INFO(version << ' ' << image_first);
      Updated each(version);
      each.command_signed();
      each.status("Downloading");
      if (image_first) {
        each.fetch(kBad);
        CHECK(field(each.scene().take("firmware.image").at(0), "signature") == "invalid");
        each.statuses({"Downloaded", "SignatureVerified"});
      } else {
        each.statuses({"Downloaded", "SignatureVerified"});
        each.fetch(kBad);
      }
      const Lines lines = each.scene().take("firmware.tampered");
      REQUIRE(lines.size() == 1);
      CHECK(field(lines[0], "status") == "SignatureVerified");
      CHECK(field(lines[0], "sha256") == digest(kBad));
      each.statuses({"Installing", "Installed"});
      CHECK(names(each.scene().take()) == Lines{"firmware.campaign"});
    }
  }
}

TEST_CASE("a station that refuses the wrong image is not said to install it") {
  Updated each("ocpp2.0.1");
  each.command_signed();
  each.status("Downloading");
  each.fetch(kBad);
  each.statuses({"Downloaded", "InvalidSignature"});
  const Lines lines = each.scene().take();
  REQUIRE(names(lines) == Lines{"firmware.image", "firmware.campaign"});
  CHECK(field(lines[1], "result") == "InvalidSignature");
  CHECK(field(lines[1], "succeeded") == "false");
  CHECK(field(lines[1], "failures") == "1");
}

TEST_CASE("an attempt that follows a failed one is judged by itself") {
  Updated each("ocpp1.6");
  each.command_signed();
  each.status("Downloading");
  each.fetch(kBad);
  each.statuses({"Downloaded", "InvalidSignature", "Downloading"});
  each.fetch(kGood);
  each.statuses({"Downloaded", "SignatureVerified", "Installing", "Installed"});
  const Lines lines = each.scene().take();
  REQUIRE(names(lines) ==
          Lines{"firmware.image", "firmware.campaign", "firmware.image", "firmware.campaign"});
  CHECK(field(lines[2], "signature") == "valid");
  CHECK(field(lines[3], "result") == "Installed");
  CHECK(field(lines[3], "failures") == "1");
  // What was verified before says nothing about the next image.
  each.statuses({"Downloading", "Installing"});
  CHECK(names(each.scene().take()) == Lines{"firmware.installed_unverified"});
}

TEST_CASE("failures of a day are counted, also those of other commands") {
  Updated each("ocpp1.6");
  for (int i = 0; i < 3; ++i) {
    each.command();
    each.statuses({"Downloading", "DownloadFailed", "DownloadFailed"});
  }
  Lines lines = each.scene().take("firmware.campaign");
  REQUIRE(lines.size() == 3);
  CHECK(field(lines[2], "failures") == "5");
  each.scene().wait_s(2 * kDayS);
  each.command();
  each.status("InstallationFailed");
  lines = each.scene().take("firmware.campaign");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "failures") == "1");
}

TEST_CASE("an update without signature has none to compare") {
  for (const char* version : kVersions) {
    INFO(version);
    Updated each(version);
    each.command();
    each.status("Downloading");
    each.fetch(kBad);
    each.statuses({"Downloaded", "Installing", "Installed"});
    const Lines lines = each.scene().take();
    REQUIRE(names(lines) == Lines{"firmware.image", "firmware.campaign"});
    CHECK(field(lines[0], "signature") == "none");
    CHECK(field(lines[1], "signed") == "false");
  }
}

TEST_CASE("a signature that cannot be judged is no invalid one") {
  Updated unreadable("ocpp2.0.1");
  unreadable.command_with("?!", signer::pem(signer::make_certificate(unreadable.plan())));
  unreadable.fetch(kGood);
  const Lines images = unreadable.scene().take("firmware.image");
  REQUIRE(images.size() == 1);
  CHECK(field(images[0], "signature") == "cannot_tell");
  CHECK(field(images[0], "reason") == "the signature of the command cannot be read");
  unreadable.statuses({"SignatureVerified", "Installing"});
  CHECK(unreadable.scene().take("firmware.tampered").empty());
}

TEST_CASE("an installation without a word about the signature is told once") {
  for (const char* version : kVersions) {
    INFO(version);
    Updated each(version);
    each.command_signed();
    each.statuses({"Downloading", "Downloaded", "Installing", "InstallRebooting", "Installed"});
    const Lines lines = each.scene().take();
    REQUIRE(names(lines) == Lines{"firmware.installed_unverified", "firmware.campaign"});
    CHECK(field(lines[0], "status") == "Installing");
  }
}

TEST_CASE("problems of the signing certificate are told with the command") {
  for (const char* version : kVersions) {
    INFO(version);
    Updated each(version);
    each.plan().not_after = "20251231000000Z";
    each.plan().not_before = "20250101000000Z";
    each.command_signed();
    const Lines lines = each.scene().take();
    REQUIRE(names(lines) == Lines{"firmware.signing_certificate"});
    CHECK(field(lines[0], "certificate_problems") == "[expired]");
    CHECK(field(lines[0], "certificate_subject").find("leaf") != std::string::npos);
    each.command_with("AAAA", "no certificate");
    CHECK(field(each.scene().take().at(0), "certificate_problems") == "[unreadable]");
  }
}

TEST_CASE("a certificate text beyond the limit of a fact is unreadable") {
  Updated each("ocpp2.1");
  each.command_with("AAAA", "-----BEGIN CERTIFICATE-----\n" +
                                std::string(kFactTextMaxLen * 2, 'A') +
                                "\n-----END CERTIFICATE-----\n");
  const Lines lines = each.scene().take();
  REQUIRE(names(lines) == Lines{"firmware.signing_certificate"});
  CHECK(field(lines[0], "certificate_problems") == "[unreadable]");
  CHECK(lines[0].size() < 1'000);
}

TEST_CASE("what is not the whole image is not compared") {
  Updated each("ocpp2.0.1");
  each.command_signed();
  each.status("Downloading");
  each.fetch(kBad, {.status = 404});
  each.fetch(kBad, {.status = 206});
  each.fetch(kBad, {.status = 206, .range_start = 4'096});
  LinkSetup elsewhere = each.setup();
  elsewhere.host = "mirror.example.com";
  each.scene().fetch("/ac22.bin", digest(kBad), 5'000, elsewhere);
  elsewhere.host = "fw.example.com";
  each.scene().fetch("/dc50.bin", digest(kBad), 5'000, elsewhere);
  CHECK(each.scene().take().empty());
}

TEST_CASE("an image that came by FTP is compared like one of HTTP") {
  for (const bool passive : {true, false}) {
    for (const bool data_first : {true, false}) {
      INFO(passive << data_first);
      Updated each("ocpp1.6");
      each.command("ftp://fw:secret@fw.example.com/pub/ac22.bin");
      LinkSetup from = each.setup();
      from.csms = "10.0.0.99";
      const FetchDetail detail{.passive = passive, .data_first = data_first};
      each.scene().fetch_ftp("/home/fw/pub/ac22.bin", digest(kGood), 5'000, from, detail);
      const Lines lines = each.scene().take();
      REQUIRE(names(lines) == Lines{"firmware.image"});
      CHECK(field(lines[0], "sha256") == digest(kGood));
      CHECK(field(lines[0], "bytes") == "5000");
      each.scene().fetch_ftp("other.bin", digest(kGood), 5'000, from, detail);
      CHECK(each.scene().take().empty());
    }
  }
}

TEST_CASE("behind address translation an image belongs to the only candidate") {
  Updated one("ocpp1.6");
  one.command();
  one.status("Downloading");
  one.fetch(kGood, {}, "192.0.2.1");
  CHECK(one.scene().take("firmware.image").size() == 1);
  Talk& second = one.scene().connect("CP2", {.address = "10.0.0.2"});
  one.command_on(second, kUrl);
  one.fetch(kGood, {}, "192.0.2.1");
  CHECK(one.scene().take("firmware.image").empty());
  one.fetch(kGood, {}, "10.0.0.2");
  const Lines lines = one.scene().take("firmware.image");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("firmware.image CP2 "));
}

TEST_CASE("of stations behind one address only those that wait for an image are given it") {
  Updated each("ocpp1.6");
  each.command();
  Talk& second = each.scene().connect("CP2", each.setup());
  each.command_on(second, kUrl);
  each.status("Downloading");
  each.status_on(second, "Downloading");
  each.fetch(kGood);
  CHECK(each.scene().take("firmware.image").size() == 2);
  each.fetch(kBad);
  CHECK(each.scene().take("firmware.image").empty());
}

TEST_CASE("a location that a station was told before its present one brings no image") {
  Updated each("ocpp1.6");
  each.command();
  each.command("http://fw.example.com/newer.bin");
  each.fetch(kGood);
  CHECK(each.scene().take("firmware.image").empty());
}

TEST_CASE("an update that nobody commanded is told once") {
  for (const char* version : kVersions) {
    INFO(version);
    Updated each(version);
    each.boot("1.0");
    each.scene().wait_s(2 * 3'600);
    each.statuses({"Idle", "Downloading", "Downloaded", "Installing", "Installed"});
    const Lines lines = each.scene().take();
    REQUIRE(names(lines) == Lines{"firmware.uncommanded"});
    CHECK(field(lines[0], "status") == "Downloading");
    CHECK(std::stoll(field(lines[0], "watched_s")) >= 7'200);
  }
}

TEST_CASE("an update that was under way when the watch began is not uncommanded") {
  Updated each("ocpp1.6");
  each.boot("1.0");
  each.scene().wait_s(1'800);
  each.status("Downloading");
  each.scene().wait_s(3'600);
  each.statuses({"Downloaded", "Installing", "Installed"});
  each.boot("1.1");
  const Lines lines = each.scene().take();
  REQUIRE(names(lines) == Lines{"firmware.version_changed"});
  CHECK(field(lines[0], "commanded") == "true");
}

TEST_CASE("a status that was lost does not make an update uncommanded") {
  Updated each("ocpp2.0.1");
  each.boot("1.0");
  each.scene().wait_s(2 * 3'600);
  each.command();
  each.scene().wait_s(20 * kDayS);
  each.status("Installed");
  CHECK(names(each.scene().take()) == Lines{"firmware.campaign"});
  each.scene().wait_s(20 * kDayS);
  each.status("Installing");
  CHECK(names(each.scene().take()) == Lines{"firmware.uncommanded"});
}

TEST_CASE("another version at a boot is told with its direction and whether it is explained") {
  struct Row {
    const char* before;
    const char* now;
    const char* direction;
  };

  for (const Row& row : {Row{"2.0", "1.9", "downgrade"},
                         {"1.9", "2.0", "upgrade"},
                         {"1.0-eu", "1.0-us", "other"},
                         {"20260131", "3.1", "other"}}) {
    for (const char* version : kVersions) {
      INFO(version << ' ' << row.before << ' ' << row.now);
      Updated each(version);
      each.boot(row.before);
      each.boot(row.before);
      CHECK(each.scene().take().empty());
      each.boot(row.now);
      const Lines lines = each.scene().take();
      REQUIRE(names(lines) == Lines{"firmware.version_changed"});
      CHECK(field(lines[0], "direction") == row.direction);
      CHECK(field(lines[0], "commanded") == "false");
    }
  }
}

TEST_CASE("a boot that tells no version says nothing about it") {
  Updated each("ocpp2.0.1");
  each.boot("2.0");
  each.boot("");
  CHECK(each.scene().take().empty());
}

TEST_CASE("the security event of the station explains another version") {
  Updated each("ocpp1.6");
  each.boot("1.0");
  each.talk().call("SecurityEventNotification", "{'type':'FirmwareUpdated','timestamp':'@'}");
  each.boot("1.1");
  CHECK(field(each.scene().take().at(0), "commanded") == "true");
  each.scene().wait_s(31 * kDayS);
  each.boot("1.2");
  CHECK(field(each.scene().take("firmware.version_changed").at(0), "commanded") == "false");
}

TEST_CASE("lines of a log that repeat what the wire has shown are not counted again") {
  Updated each("ocpp1.6");
  each.command();
  LinkSetup log = each.setup();
  log.from_log = true;
  Talk& echo = each.scene().connect("CP1", log);
  each.status("DownloadFailed");
  each.status_on(echo, "DownloadFailed");
  each.status("DownloadFailed");
  each.command();
  each.status("InstallationFailed");
  const Lines lines = each.scene().take("firmware.campaign");
  REQUIRE(lines.size() == 2);
  CHECK(field(lines[1], "failures") == "3");
}

TEST_CASE("stations behind the fleet are told once a day and at the end") {
  Scene scene(find_detector("firmware"));
  for (int i = 1; i <= 21; ++i) {
    const bool behind = i > 16;
    scene.connect(fmt::format("CP{:02}", i))
        .call("BootNotification", fmt::format("{{'chargePointVendor':'V','chargePointModel':'M',"
                                              "'firmwareVersion':'{}'}}",
                                              behind ? "1.0" : "2.0"));
  }
  CHECK(scene.take().empty());
  scene.wait_s(kDayS + 2);
  const Lines lines = scene.take();
  REQUIRE(names(lines) == Lines{"firmware.spread"});
  CHECK(field(lines[0], "version") == "2.0");
  CHECK(field(lines[0], "behind") == "5");
  CHECK(field(lines[0], "behind_stations") == "[CP17,CP18,CP19,CP20,CP21]");
  scene.end();
  CHECK(names(scene.take()) == Lines{"firmware.spread"});
}

TEST_CASE("at most 16 of the stations behind are named") {
  Scene scene(find_detector("firmware"));
  for (int i = 1; i <= 100; ++i) {
    scene.connect(fmt::format("CP{:03}", i))
        .call("BootNotification", fmt::format("{{'chargePointVendor':'V','chargePointModel':'M',"
                                              "'firmwareVersion':'{}'}}",
                                              i > 80 ? "1.0" : "2.0"));
  }
  scene.end();
  const Lines lines = scene.take();
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "behind") == "20");
  CHECK(field(lines[0], "behind_stations").ends_with("CP096]"));
}

TEST_CASE("the table of image locations is bounded") {
  Updated each("ocpp1.6");
  each.command();
  for (int i = 0; i < 20'000; ++i) each.command(fmt::format("http://fw.example.com/{}", i));
  CHECK(each.scene().detector().dropped() == 1);
}

TEST_CASE("the firmware of a station that was forgotten leaves nothing behind") {
  Scene scene(find_detector("firmware"), 1);
  const auto boot = [&](const char* id, const char* version) {
    scene.connect(id, {.address = id})
        .call("BootNotification", fmt::format("{{'chargePointVendor':'V','chargePointModel':'M',"
                                              "'firmwareVersion':'{}'}}",
                                              version));
  };
  boot("CP1", "1.0");
  scene.connect("CP1").command("UpdateFirmware",
                               "{'location':'http://fw.example.com/a','retrieveDate':'@'}", "{}");
  boot("CP2", "2.0");
  scene.fetch("/a", digest(kGood), 5'000, {.address = "CP1", .host = "fw.example.com"});
  CHECK(scene.take().empty());
}

TEST_CASE("the stations of one location are bounded") {
  Scene scene(find_detector("firmware"));
  for (int i = 0; i <= 4'096; ++i) {
    scene.connect("CP" + std::to_string(i))
        .command("UpdateFirmware", "{'location':'http://fw.example.com/a.bin'}", "{}");
  }
  CHECK(scene.detector().dropped() == 1);
}

TEST_CASE("an installation that is put off is told, one at night is not") {
  struct Case {
    std::int64_t asked_s;  // When it is to be installed, from the command.
    std::int64_t waits_s;  // From the download to the installation.
    std::string by;
    std::string delay_s;
  };

  const std::vector<Case> cases = {
      {0, 3'600, "", ""},
      {6 * kDayS, 6 * kDayS, "", ""},
      {8 * kDayS, 8 * kDayS, "command", "691200"},
      {0, 2 * kDayS, "station", "172800"},
      {kDayS, 4 * kDayS, "station", "259200"},
  };
  for (const Case& each : cases) {
    CAPTURE(each.asked_s, each.waits_s);
    Scene scene(find_detector("firmware"));
    Talk& talk = scene.connect("CP1", {.subprotocol = "ocpp2.0.1"});
    const auto status = [&](std::string_view word) {
      talk.call("FirmwareStatusNotification",
                "{'status':'" + std::string(word) + "','requestId':1}");
    };
    talk.command("UpdateFirmware",
                 "{'requestId':1,'firmware':{'location':'https://fw.example/a','retrieveDateTime':"
                 "'@','installDateTime':'@" +
                     std::to_string(each.asked_s) + "'}}");
    status("Downloading");
    status("Downloaded");
    scene.wait_s(each.waits_s);
    status("Installing");
    status("Installed");
    const auto lines = scene.take("firmware.install_delayed");
    REQUIRE(lines.size() == (each.by.empty() ? 0 : 1));
    if (each.by.empty()) continue;
    CHECK(field(lines[0], "delayed_by") == each.by);
    CHECK(field(lines[0], "delay_s").substr(0, 3) == each.delay_s.substr(0, 3));
    CHECK(field(lines[0], "host") == "fw.example");
  }
}
