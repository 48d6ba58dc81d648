// Certificates that servers and clients show, over time.

#include <algorithm>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "analyzer/crypto/testing/signer.h"
#include "analyzer/detectors/testing/scene.h"

using namespace chargewarden;
using namespace chargewarden::testing;
namespace signer = chargewarden::crypto::testing;

namespace {

using Der = std::vector<std::uint8_t>;

constexpr std::int64_t kDayS = 86'400;

// Signed by nobody that is shown: so nothing is wrong with it but its time. Scenes begin with 2026.
Der certificate(EVP_PKEY* key, const char* not_after = "20270101000000Z",
                const std::string& issuer = "CA", std::int64_t serial = 1) {
  static const auto kIssuer = signer::ec_key();
  return signer::make_certificate({.common_name = "csms.example.net",
                                   .issuer_name = issuer,
                                   .key = key,
                                   .issuer_key = kIssuer.get(),
                                   .serial = serial,
                                   .not_before = "20251001000000Z",
                                   .not_after = not_after});
}

// Certificates that differ by their serial numbers; their signatures do not fit, which only those
// who have the issuer could tell.
class ManyCertificates {
 public:
  explicit ManyCertificates(EVP_PKEY* key)
      : der_(certificate(key, "20270101000000Z", "CA", 0x11223344)),
        at_(std::search(der_.begin(), der_.end(), std::begin(kSerial), std::end(kSerial))) {
    REQUIRE(at_ != der_.end());
  }

  const Der& next() {
    ++count_;
    for (int i = 0; i < 3; ++i) at_[3 - i] = static_cast<std::uint8_t>(count_ >> (8 * i));
    return der_;
  }

 private:
  static constexpr std::uint8_t kSerial[] = {0x11, 0x22, 0x33, 0x44};

  Der der_;
  Der::iterator at_;
  std::uint32_t count_ = 0;
};

}  // namespace

TEST_CASE("a certificate is told once for each server, with all that it says") {
  const auto key = signer::ec_key();
  const Der der = certificate(key.get());
  Scene scene(find_detector("certificates"));
  Talk& talk = scene.open("");
  talk.show(Side::kServer, {der}, "csms.example.net");
  const auto lines = scene.take();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("certificate.seen"));
  CHECK(field(lines[0], "role") == "server");
  CHECK(field(lines[0], "days_left") == "365");
  CHECK(field(lines[0], "days_valid") == "457");
  CHECK(field(lines[0], "common_name") == "csms.example.net");
  CHECK(field(lines[0], "key_type") == "ec");
  CHECK(field(lines[0], "signature_hash") == "sha256");
  CHECK(field(lines[0], "host") == "csms.example.net");
  CHECK(field(lines[0], "problems").empty());
  talk.show(Side::kServer, {der}, "csms.example.net");
  Talk& again = scene.open("");
  again.show(Side::kServer, {der}, "csms.example.net");
  CHECK(scene.take().empty());
  Talk& other = scene.open("", {.csms = "10.0.9.9"});
  other.show(Side::kServer, {der}, "csms.example.net");
  CHECK(scene.take().size() == 1);
}

TEST_CASE("a certificate that comes to its end is told at each stage") {
  const auto key = signer::ec_key();
  Scene scene(find_detector("certificates"));
  const Der der = certificate(key.get(), "20260401000000Z");  // 90 days on.
  std::string days;
  for (int day = 0; day < 100; ++day) {
    scene.open("").show(Side::kServer, {der});
    for (const std::string& line : scene.take()) days += field(line, "days_left") + ' ';
    scene.wait_s(kDayS - 1);
  }
  CHECK(days == "90 60 30 14 7 1 -1 ");
}

TEST_CASE("what is wrong is told again when it changes") {
  const auto key = signer::ec_key();
  Scene scene(find_detector("certificates"));
  const Der der = signer::make_certificate({.key = key.get(), .not_before = "20260105000000Z"});
  scene.open("").show(Side::kServer, {der});
  CHECK(field(scene.take()[0], "problems") == "[not_yet_valid,self_signed]");
  scene.wait_s(5 * kDayS);
  scene.open("").show(Side::kServer, {der});
  CHECK(field(scene.take()[0], "problems") == "[self_signed]");
  scene.open("").show(Side::kServer, {der});
  CHECK(scene.take().empty());
}

TEST_CASE("a server that shows another certificate is told, with both") {
  const auto key = signer::ec_key();
  Scene scene(find_detector("certificates"));
  scene.open("").show(Side::kServer, {certificate(key.get())}, "csms.example.net");
  scene.open("").show(Side::kServer, {certificate(key.get(), "20280101000000Z")},
                      "CSMS.example.net");
  auto lines = scene.take("certificate.changed");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "issuer_changed") == "false");
  CHECK(field(lines[0], "days_left_before") == "365");
  scene.open("").show(Side::kServer, {certificate(key.get(), "20280101000000Z", "Other")},
                      "csms.example.net");
  lines = scene.take("certificate.changed");
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "issuer_changed") == "true");
  // One address serves many names.
  scene.open("").show(Side::kServer, {certificate(key.get())}, "www.example.net");
  // And clients are many.
  scene.open("").show(Side::kClient, {certificate(key.get())});
  scene.open("").show(Side::kClient, {certificate(key.get(), "20280101000000Z")});
  CHECK(scene.take("certificate.changed").empty());
}

TEST_CASE("the name of the server is not held against clients") {
  const auto key = signer::ec_key();
  Scene scene(find_detector("certificates"));
  scene.open("").show(Side::kClient, {certificate(key.get())}, "other.example.net");
  auto lines = scene.take();
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "role") == "client");
  CHECK(field(lines[0], "problems").empty());
  scene.open("").show(Side::kServer, {certificate(key.get())}, "other.example.net");
  CHECK(field(scene.take()[0], "problems") == "[wrong_host]");
}

TEST_CASE("a client of another issuer than those before it is told, by the name that it gives") {
  const auto key = signer::ec_key();
  Scene scene(find_detector("certificates"));
  const auto show = [&](const char* issuer, std::int64_t serial) {
    scene.open("").show(Side::kClient, {certificate(key.get(), "20270101000000Z", issuer, serial)});
    return field(scene.take().at(0), "problems");
  };
  CHECK(show("CA", 1).empty());
  CHECK(show("Maker", 2).empty());
  CHECK(show("CA", 3).empty());
  CHECK(show("Maker", 4).empty());
  CHECK(show("Mine", 5) == "[other_issuer]");
  CHECK(show("Mine", 6) == "[other_issuer]");  // It does not become a custom.
  CHECK(show("CA", 7).empty());
  Talk& named = scene.connect("CP1");
  named.show(Side::kClient, {certificate(key.get())});
  CHECK(scene.take().at(0).starts_with("certificate.seen CP1 "));
  scene.open("").show(Side::kClient, {certificate(key.get())});
  CHECK(scene.take().at(0).starts_with("certificate.seen csms.example.net "));
}

TEST_CASE("what is no certificate is told, and does not hide the one in front of it") {
  const auto key = signer::ec_key();
  Scene scene(find_detector("certificates"));
  scene.open("").show(Side::kServer, {{1, 2, 3}});
  CHECK(scene.take()[0].starts_with("certificate.unreadable"));
  scene.open("").show(Side::kServer, {certificate(key.get()), {1, 2, 3}});
  const auto lines = scene.take();
  REQUIRE(lines.size() == 1);
  CHECK(field(lines[0], "chain_length") == "1");
}

TEST_CASE("no more than some chains are read in a minute") {
  const auto key = signer::ec_key();
  Scene scene(find_detector("certificates"));
  Talk& talk = scene.open("");
  const Der known = certificate(key.get());
  talk.show(Side::kServer, {known}, "a.example.net");
  ManyCertificates many(key.get());
  for (int i = 0; i < 3'000; ++i) talk.show(Side::kClient, {many.next()});
  CHECK(scene.detector().dropped() == 1);
  scene.take();
  Talk& other = scene.open("", {.csms = "10.0.9.9"});
  other.show(Side::kServer, {known});  // It was read before.
  CHECK(scene.take().size() == 1);
  scene.wait_s(60);
  talk.show(Side::kClient, {certificate(key.get())});
  CHECK(scene.take().size() == 1);
}
