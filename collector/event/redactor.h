#pragma once
// Redactor: replaces personal data by keyed pseudonyms and takes secrets out, before anything is
// kept, shown or sent.
//
// A pseudonym is "~" and 16 hex digits of HMAC-SHA-256(key, value): the same token has the same
// pseudonym under one key, so that cases can be joined; without the key it tells nothing. Immutable
// after construction; may be shared between threads.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "collector/event/schema.h"

namespace chargewarden {

using RedactionKey = std::array<std::uint8_t, 32>;

// What a JSON member of an OCPP payload is, judged by its name.
enum class MemberKind : std::uint8_t { kPlain, kPersonal, kSecret };

class Redactor {
 public:
  explicit Redactor(const RedactionKey& key) : key_(key) {}

  [[nodiscard]] std::string pseudonym(std::string_view value) const;

  // Free text: card numbers, e-mail addresses, vehicle identification numbers, bank accounts and
  // telephone numbers become pseudonyms, and so do values that their names call personal
  // ("vin":"...", phone=...); credentials inside URLs and values with names of secrets become
  // "***". Everything else stays.
  [[nodiscard]] std::string clean(std::string_view text) const;

  // `name` is the last key of a payload path, compared without case; `of_person`: it is a member of
  // an object for which is_person() holds.
  [[nodiscard]] static MemberKind member_kind(std::string_view name,
                                              bool of_person = false) noexcept;

  // Whether an object of that name is about a person.
  [[nodiscard]] static bool is_person(std::string_view name) noexcept;

  // Whether a single value of this field is shown as a pseudonym: declared or named as personal or
  // secret, or one whose neighbours in the message decide whether it is (the value of a setting).
  [[nodiscard]] static bool hides_field(std::string_view name) noexcept;

  // Whether a configuration key (ChangeConfiguration.key, variable.name) holds a secret.
  [[nodiscard]] static bool is_secret_setting(std::string_view key) noexcept;

 private:
  [[nodiscard]] std::string clean_members(std::string_view text) const;

  RedactionKey key_;
};

inline constexpr std::string_view kSecretMark = "***";

}  // namespace chargewarden
