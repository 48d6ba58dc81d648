#include "collector/wire/tls/labels.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "collector/wire/tls/hello.h"

namespace chargewarden::tls {

namespace {

template <typename Number>
struct Label {
  Number number;
  std::string_view name;
};

constexpr auto kGroups = std::to_array<Label<std::uint16_t>>({
    {1, "sect163k1"},         {2, "sect163r1"},        {3, "sect163r2"},
    {4, "sect193r1"},         {5, "sect193r2"},        {6, "sect233k1"},
    {7, "sect233r1"},         {8, "sect239k1"},        {9, "sect283k1"},
    {10, "sect283r1"},        {11, "sect409k1"},       {12, "sect409r1"},
    {13, "sect571k1"},        {14, "sect571r1"},       {15, "secp160k1"},
    {16, "secp160r1"},        {17, "secp160r2"},       {18, "secp192k1"},
    {19, "secp192r1"},        {20, "secp224k1"},       {21, "secp224r1"},
    {22, "secp256k1"},        {23, "secp256r1"},       {24, "secp384r1"},
    {25, "secp521r1"},        {26, "brainpoolP256r1"}, {27, "brainpoolP384r1"},
    {28, "brainpoolP512r1"},  {29, "x25519"},          {30, "x448"},
    {256, "ffdhe2048"},       {257, "ffdhe3072"},      {258, "ffdhe4096"},
    {259, "ffdhe6144"},       {260, "ffdhe8192"},      {4587, "SecP256r1MLKEM768"},
    {4588, "X25519MLKEM768"},
});

constexpr auto kAlerts = std::to_array<Label<std::uint8_t>>({
    {0, "close_notify"},
    {10, "unexpected_message"},
    {20, "bad_record_mac"},
    {21, "decryption_failed"},
    {22, "record_overflow"},
    {30, "decompression_failure"},
    {40, "handshake_failure"},
    {41, "no_certificate"},
    {42, "bad_certificate"},
    {43, "unsupported_certificate"},
    {44, "certificate_revoked"},
    {45, "certificate_expired"},
    {46, "certificate_unknown"},
    {47, "illegal_parameter"},
    {48, "unknown_ca"},
    {49, "access_denied"},
    {50, "decode_error"},
    {51, "decrypt_error"},
    {60, "export_restriction"},
    {70, "protocol_version"},
    {71, "insufficient_security"},
    {80, "internal_error"},
    {86, "inappropriate_fallback"},
    {90, "user_canceled"},
    {100, "no_renegotiation"},
    {109, "missing_extension"},
    {110, "unsupported_extension"},
    {111, "certificate_unobtainable"},
    {112, "unrecognized_name"},
    {113, "bad_certificate_status_response"},
    {114, "bad_certificate_hash_value"},
    {115, "unknown_psk_identity"},
    {116, "certificate_required"},
    {120, "no_application_protocol"},
});

template <typename Number, std::size_t Count>
std::string_view find(const std::array<Label<Number>, Count>& labels, Number number) noexcept {
  const auto found = std::find_if(labels.begin(), labels.end(),
                                  [&](const auto& each) { return each.number == number; });
  return found != labels.end() ? found->name : std::string_view();
}

}  // namespace

std::string version_label(std::uint16_t version) {
  if (version == kSsl30) return "SSL 3.0";
  if (version >= kTls10 && version <= kTls13) return fmt::format("1.{}", version - kTls10);
  return fmt::format("{:#06x}", version);
}

std::string_view group_name(std::uint16_t group) noexcept {
  return find(kGroups, group);
}

std::string_view alert_name(std::uint8_t description) noexcept {
  return find(kAlerts, description);
}

}  // namespace chargewarden::tls
