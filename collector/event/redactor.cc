#include "collector/event/redactor.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "collector/base/text.h"
#include "collector/event/sensitive.h"

namespace chargewarden {

namespace {

constexpr std::size_t kPseudonymBytes = 8;

// Members whose value names a person, a vehicle, a contract or a SIM card.
constexpr auto kPersonalMembers = std::to_array<std::string_view>({
    "idTag",        "parentIdTag",
    "idToken",      "additionalIdToken",
    "eMAID",        "emaid",
    "contractId",   "evccId",
    "evccid",       "vin",
    "macAddress",   "iccid",
    "imsi",         "customerIdentifier",
    "licensePlate", "cardNumber",
    "vatNumber",    "pspRef",
    "phone",        "email",
});

constexpr auto kSecretMembers = std::to_array<std::string_view>({
    "authorizationKey",
    "basicAuthPassword",
    "password",
    "passwd",
    "passphrase",
    "apnPassword",
    "simPin",
    "sharedSecret",
    "secret",
    "privateKey",
    "token",
    "apiKey",
    "pin",
});

// Parts of the names of settings that hold secrets. "key" alone would hide harmless settings.
constexpr auto kSecretSettingParts = std::to_array<std::string_view>({
    "authorizationkey",
    "password",
    "passwd",
    "passphrase",
    "secret",
    "simpin",
    "privatekey",
    "apikey",
    "psk",
    "token",
});

std::string lower_ascii(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

// End of the credentials of the URL whose authority begins at `at`, or npos.
std::size_t credentials_end(std::string_view text, std::size_t at) {
  const std::size_t authority_end = text.find_first_of("/?# \"\t\r\n", at);
  const std::string_view authority = text.substr(at, authority_end - at);
  const std::size_t mark = authority.rfind('@');
  return mark == std::string_view::npos ? mark : at + mark;
}

}  // namespace

std::string Redactor::pseudonym(std::string_view value) const {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned len = 0;
  const Bytes bytes = as_bytes(value);
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), bytes.data(), bytes.size(),
       digest.data(), &len);
  return fmt::format("~{}", to_hex(Bytes(digest.data(), kPseudonymBytes)));
}

std::string Redactor::clean(std::string_view text) const {
  std::string without_secrets;
  std::size_t at = 0;
  for (;;) {
    const std::size_t scheme = text.find("://", at);
    if (scheme == std::string_view::npos) break;
    const std::size_t authority = scheme + 3;
    const std::size_t end = credentials_end(text, authority);
    without_secrets.append(text, at, authority - at);
    at = authority;
    if (end != std::string_view::npos) {
      without_secrets += kSecretMark;
      at = end;
    }
  }
  without_secrets.append(text, at);

  std::string out;
  at = 0;
  SensitiveSpan span{};
  while (find_sensitive(without_secrets, at, span)) {
    out.append(without_secrets, at, span.start - at);
    out += pseudonym(std::string_view(without_secrets).substr(span.start, span.len));
    at = span.start + span.len;
  }
  out.append(without_secrets, at);
  return out;
}

MemberKind Redactor::member_kind(std::string_view name) noexcept {
  const auto same = [&](std::string_view known) { return iequals_ascii(known, name); };
  if (std::any_of(kSecretMembers.begin(), kSecretMembers.end(), same)) return MemberKind::kSecret;
  if (std::any_of(kPersonalMembers.begin(), kPersonalMembers.end(), same)) {
    return MemberKind::kPersonal;
  }
  return MemberKind::kPlain;
}

bool Redactor::is_secret_setting(std::string_view key) noexcept {
  const std::string lower = lower_ascii(key);
  return std::any_of(kSecretSettingParts.begin(), kSecretSettingParts.end(),
                     [&](std::string_view part) { return lower.find(part) != std::string::npos; });
}

bool Redactor::hides_field(std::string_view name) noexcept {
  for (const EventDef* def : all_events()) {
    for (std::size_t slot = 0; slot < slot_count(*def); ++slot) {
      const FieldDef& field = field_of(*def, static_cast<Slot>(slot));
      if (field.name == name) return field.privacy == Privacy::kPersonal;
    }
  }
  // `data` may be the answer to a request for customer information, `key` that of a VPN.
  static constexpr auto kByNeighbours =
      std::to_array<std::string_view>({"value", "attributeValue", "actualValue", "data", "key"});
  const std::string_view member = name.substr(name.rfind('.') + 1);
  return member_kind(member) != MemberKind::kPlain ||
         std::find(kByNeighbours.begin(), kByNeighbours.end(), member) != kByNeighbours.end();
}

}  // namespace chargewarden
