#include "collector/event/redactor.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "collector/base/text.h"
#include "collector/event/contact.h"
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
    "phone",        "phoneNumber",
    "mobile",       "email",
    "firstName",    "lastName",
    "fullName",     "customerName",
    "driverName",   "birthDate",
    "dateOfBirth",  "iban",
    "pan",          "evMac",
    "vehicleMac",   "vehicleId",
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

// End of the credentials of the URL whose authority begins at `at`, or npos.
std::size_t credentials_end(std::string_view text, std::size_t at) {
  const std::size_t authority_end = text.find_first_of("/?# \"\t\r\n", at);
  const std::string_view authority = text.substr(at, authority_end - at);
  const std::size_t mark = authority.rfind('@');
  return mark == std::string_view::npos ? mark : at + mark;
}

bool is_name_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

// The name before a : or = at `mark`; before a colon only one in quotes, as in JSON.
std::string_view name_before(std::string_view text, std::size_t mark) {
  constexpr std::size_t kNameMaxLen = 32;
  std::size_t end = mark;
  bool quoted = false;
  while (end > 0 && (text[end - 1] == ' ' || text[end - 1] == '"' || text[end - 1] == '\\')) {
    quoted = quoted || text[end - 1] == '"';
    --end;
  }
  if (text[mark] == ':' && !quoted) return {};
  std::size_t begin = end;
  while (begin > 0 && end - begin < kNameMaxLen && is_name_character(text[begin - 1])) --begin;
  return text.substr(begin, end - begin);
}

struct Extent {
  std::size_t start;
  std::size_t len;
};

// The value behind a : or = at `mark`, without its quotes, which may be escaped.
Extent value_behind(std::string_view text, std::size_t mark) {
  std::size_t start = mark + 1;
  while (start < text.size() && text[start] == ' ') ++start;
  const bool escaped = text.substr(start).starts_with("\\\"");
  if (!escaped && !text.substr(start).starts_with('"')) {
    const std::size_t end = text.find_first_of(",;&}]{[ \t\r\n\"\\", start);
    return {start, (end == std::string_view::npos ? text.size() : end) - start};
  }
  start += escaped ? 2 : 1;
  std::size_t end = start;
  while (end < text.size() && text[end] != '"') {
    const bool skips = !escaped && text[end] == '\\';
    end += skips ? 2U : 1U;
  }
  end = std::min(end, text.size());
  if (escaped && end > start && text[end - 1] == '\\') --end;
  return {start, end - start};
}

bool is_literal(std::string_view text) {
  return text.empty() || text == "null" || text == "true" || text == "false";
}

}  // namespace

// Values whose names say that they are personal or secret, in JSON within a text and in queries.
std::string Redactor::clean_members(std::string_view text) const {
  std::string out;
  std::size_t done = 0;
  std::size_t person_end = 0;  // As far as members are those of a person.
  for (std::size_t mark = text.find_first_of(":="); mark != std::string_view::npos;
       mark = text.find_first_of(":=", mark + 1)) {
    const std::string_view name = name_before(text, mark);
    const Extent extent = value_behind(text, mark);
    if (is_person(name) && text.substr(extent.start).starts_with('{')) {
      person_end = std::min(text.find('}', extent.start), text.size());
    }
    const MemberKind kind = member_kind(name, mark < person_end);
    if (kind == MemberKind::kPlain) continue;
    const std::string_view value = text.substr(extent.start, extent.len);
    if (is_literal(value)) continue;
    out.append(text, done, extent.start - done);
    out += kind == MemberKind::kSecret ? std::string(kSecretMark) : pseudonym(value);
    done = extent.start + extent.len;
    mark = done - 1;
  }
  out.append(text, done);
  return out;
}

std::string Redactor::pseudonym(std::string_view value) const {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> digest{};
  unsigned len = 0;
  const Bytes bytes = as_bytes(value);
  HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()), bytes.data(), bytes.size(),
       digest.data(), &len);
  return fmt::format("~{}", to_hex(Bytes(digest.data(), kPseudonymBytes)));
}

std::string Redactor::clean(std::string_view original) const {
  const std::string text_owner = clean_members(original);
  const std::string_view text = text_owner;
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

  const auto by_form = [this](const std::string& from, auto find, auto span) {
    std::string out;
    std::size_t done = 0;
    while (find(from, done, span)) {
      out.append(from, done, span.start - done);
      out += pseudonym(std::string_view(from).substr(span.start, span.len));
      done = span.start + span.len;
    }
    out.append(from, done);
    return out;
  };
  return by_form(by_form(without_secrets, find_sensitive, SensitiveSpan{}), find_contact,
                 ContactSpan{});
}

bool Redactor::is_person(std::string_view name) noexcept {
  constexpr auto kPersons =
      std::to_array<std::string_view>({"customer", "driver", "owner", "contractHolder", "person"});
  return std::any_of(kPersons.begin(), kPersons.end(),
                     [name](std::string_view known) { return iequals_ascii(known, name); });
}

MemberKind Redactor::member_kind(std::string_view name, bool of_person) noexcept {
  const auto same = [&](std::string_view known) { return iequals_ascii(known, name); };
  if (of_person && (same("name") || same("address"))) return MemberKind::kPersonal;
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
