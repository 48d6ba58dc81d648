// Public keys of meters in every form that is handed around.

#include "analyzer/ocmf/meter_key.h"

#include <catch2/catch.hpp>

#include "analyzer/crypto/testing/signer.h"

using namespace chargewarden;
using namespace chargewarden::ocmf;
using crypto::testing::Octets;

namespace {

std::string in_base64(std::string_view text) {
  return to_base64(as_bytes(text));
}

std::string upper(std::string text) {
  for (char& c : text) c = c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c;
  return text;
}

// Pairs of digits with `between` between them.
std::string spaced(const std::string& hex, std::string_view between) {
  std::string out;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    if (i > 0) out += between;
    out += hex.substr(i, 2);
  }
  return out;
}

}  // namespace

TEST_CASE("a meter's key is read in every form, and has one fingerprint") {
  const auto own = crypto::testing::ec_key("secp192k1");
  const Octets spki = crypto::testing::spki(own.get());
  const Octets point(spki.end() - 49, spki.end());
  const Octets bare(spki.end() - 48, spki.end());
  Octets compressed(point.begin(), point.begin() + 25);
  compressed[0] = (point.back() & 1U) != 0 ? 3 : 2;
  const std::string hex = to_hex(spki);
  const std::string forms[] = {hex,
                               upper(hex),
                               "0x" + hex,
                               spaced(hex, " "),
                               spaced(hex, ":"),
                               to_base64(spki),
                               in_base64(hex),
                               "oca:base16:asn1:" + hex,
                               "oca:base16:asn1:0x" + spaced(upper(hex), " "),
                               "oca:base64:asn1:" + to_base64(spki),
                               "OCA:Base64:asn1:" + to_base64(spki),
                               in_base64("oca:base16:asn1:" + hex),
                               in_base64("oca:base64:asn1:" + to_base64(spki)),
                               to_hex(point),
                               to_base64(point),
                               to_hex(compressed),
                               to_hex(bare),
                               to_base64(bare)};
  const std::string fingerprint = crypto::testing::public_key(own.get()).fingerprint();
  for (const std::string& form : forms) {
    INFO(form);
    const auto key = read_meter_key(form, "secp192k1");
    REQUIRE(key);
    CHECK(key.value().fingerprint() == fingerprint);
    CHECK(key.value().curve() == "secp192k1");
  }
}

TEST_CASE("what is no key of a meter is refused") {
  const std::string wrapped_too_often = in_base64(in_base64(in_base64(in_base64("oca:x:y:00"))));
  for (const std::string_view text :
       {"", "oca:", "oca:base16", "oca:base16:asn1", "oca:base16:asn1:", "oca:base64:asn1:!", "!",
        "abc", "04", "0411223344", "MIIB"}) {
    INFO(text);
    CHECK_FALSE(read_meter_key(text, "prime256v1"));
  }
  CHECK_FALSE(read_meter_key(wrapped_too_often, "prime256v1"));
  // A point says nothing without its curve.
  const auto own = crypto::testing::ec_key();
  const Octets spki = crypto::testing::spki(own.get());
  CHECK_FALSE(read_meter_key(to_hex(Octets(spki.end() - 65, spki.end())), ""));
}

TEST_CASE("a key beyond the limit is refused") {
  const auto key = read_meter_key(std::string(kKeyTextMaxLen + 2, '0'), "prime256v1");
  REQUIRE_FALSE(key);
  CHECK(key.error().message == "the public key is longer than 8,192 characters");
}

TEST_CASE("the standard's algorithms have their curves") {
  CHECK(curve_of_algorithm("ECDSA-secp192r1-SHA256") == "prime192v1");
  CHECK(curve_of_algorithm("ecdsa-SECP256R1-sha256") == "prime256v1");
  CHECK(curve_of_algorithm("ECDSA-brainpool384r1-SHA256") == "brainpoolP384r1");
  CHECK(curve_of_algorithm("ECDSA-secp521r1-SHA256").empty());
  CHECK(curve_of_algorithm("").empty());
}

TEST_CASE("hex and base64 are read with the blanks that people leave in them") {
  CHECK(read_hex("0a 0B:0c-0d") == Octets{0x0a, 0x0b, 0x0c, 0x0d});
  for (const std::string_view text : {"", "0", "0g", "0x", "0a0"}) CHECK_FALSE(read_hex(text));
  CHECK(read_base64("AQ\nI=") == Octets{1, 2});
  for (const std::string_view text : {"", "=", "?"}) CHECK_FALSE(read_base64(text));
}
