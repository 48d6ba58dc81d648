#include "collector/event/contact.h"

#include <algorithm>
#include <array>

namespace chargewarden {

namespace {

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

char upper(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

bool is_letter(char c) noexcept {
  return upper(c) >= 'A' && upper(c) <= 'Z';
}

bool is_alphanumeric(char c) noexcept {
  return is_digit(c) || is_letter(c);
}

// Whether a letter or digit stands right before, other than the n of an escaped line end, or the
// mark of a pseudonym.
bool continues(std::string_view text, std::size_t at) noexcept {
  if (at > 0 && text[at - 1] == '~') return true;
  if (at == 0 || !is_alphanumeric(text[at - 1])) return false;
  return at < 2 || text[at - 2] != '\\';
}

// Length of the IBANs of a country, 0 when there are none (ISO 13616-1, IBAN registry, release 99).
std::size_t iban_len(char first, char second) noexcept {
  constexpr std::string_view kCountries =
      "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29"
      "ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20"
      "LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29"
      "PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20"
      "YE30";
  for (std::size_t at = 0; at + 4 <= kCountries.size(); at += 4) {
    if (kCountries[at] == first && kCountries[at + 1] == second) {
      return static_cast<std::size_t>(kCountries[at + 2] - '0') * 10 +
             static_cast<std::size_t>(kCountries[at + 3] - '0');
    }
  }
  return 0;
}

// Takes the characters of a number one by one (ISO/IEC 7064, MOD 97-10).
class Mod97 {
 public:
  void add(char c) noexcept {
    const unsigned value =
        is_digit(c) ? static_cast<unsigned>(c - '0') : static_cast<unsigned>(upper(c) - 'A') + 10U;
    rest_ = (rest_ * (value < 10 ? 10U : 100U) + value) % 97U;
  }

  [[nodiscard]] unsigned rest() const noexcept { return rest_; }

 private:
  unsigned rest_ = 0;
};

bool iban_at(std::string_view text, std::size_t start, ContactSpan& out) noexcept {
  constexpr std::size_t kIbanMaxLen = 34;
  constexpr std::size_t kHeadLen = 4;  // Country and check digits, which are checked last.
  if (start + kHeadLen > text.size() || !is_letter(text[start]) || !is_letter(text[start + 1]) ||
      !is_digit(text[start + 2]) || !is_digit(text[start + 3]) || continues(text, start)) {
    return false;
  }
  const std::size_t len = iban_len(upper(text[start]), upper(text[start + 1]));
  std::array<char, kIbanMaxLen> characters{};
  std::size_t count = 0;
  std::size_t at = start;
  for (; at < text.size() && count < len; ++at) {
    if (is_alphanumeric(text[at])) {
      characters[count++] = text[at];
    } else if (text[at] != ' ' || text[at - 1] == ' ') {
      return false;
    }
  }
  if (len == 0 || count < len || (at < text.size() && is_alphanumeric(text[at]))) return false;
  Mod97 check;
  for (std::size_t i = 0; i < len; ++i) check.add(characters[(i + kHeadLen) % len]);
  if (check.rest() != 1) return false;
  out = {start, at - start};
  return true;
}

// Whether a word right before says that a telephone number follows: "tel. 0", "phone no: 0".
bool is_called_telephone(std::string_view text, std::size_t start) noexcept {
  constexpr auto kWords = std::to_array<std::string_view>(
      {"TEL",           "TELEFON",     "TELEPHONE", "TELEFONO",    "PHONE",        "FON",
       "MOBILE",        "MOBIL",       "MOVIL",     "HANDY",       "CELL",         "CALL",
       "SMS",           "WHATSAPP",    "MSISDN",    "PHONENUMBER", "MOBILENUMBER", "CELLPHONE",
       "TELEFONNUMMER", "HANDYNUMMER", "RUFNUMMER", "PORTABLE",    "TELEFOON"});
  constexpr std::size_t kWordsMax = 3;   // "phone number is 0..."
  constexpr std::size_t kLookBack = 40;  // Bytes.
  std::size_t end = start;
  for (std::size_t word = 0; word < kWordsMax; ++word) {
    while (end > 0 && start - end < kLookBack && !is_alphanumeric(text[end - 1])) --end;
    std::size_t begin = end;
    while (begin > 0 && start - begin < kLookBack && is_letter(text[begin - 1])) --begin;
    if (begin == end) return false;
    const std::string_view name = text.substr(begin, end - begin);
    const auto same = [name](std::string_view known) {
      return name.size() == known.size() &&
             std::equal(name.begin(), name.end(), known.begin(),
                        [](char a, char b) { return upper(a) == b; });
    };
    if (std::any_of(kWords.begin(), kWords.end(), same)) return true;
    end = begin;
  }
  return false;
}

// `start` is the plus, or the first digit or bracket of a number without one.
bool telephone_at(std::string_view text, std::size_t start, ContactSpan& out) noexcept {
  constexpr std::size_t kDigitsMax = 15;  // E.164, 6.1.
  constexpr std::size_t kGapMax = 3;      // As in "(0) 30", " / ".
  const bool international = text[start] == '+';
  if (continues(text, start) || (start > 0 && (text[start - 1] == '+' || text[start - 1] == '.'))) {
    return false;
  }
  std::size_t digits = 0;
  std::size_t end = start + 1;  // Behind the last digit.
  for (std::size_t at = start; at < text.size() && at <= end + kGapMax && digits <= kDigitsMax;
       ++at) {
    if (is_digit(text[at])) {
      ++digits;
      end = at + 1;
    } else if (at > start && std::string_view(" -./()").find(text[at]) == std::string_view::npos) {
      break;
    }
  }
  if (digits < (international ? 8U : 6U) || digits > kDigitsMax) return false;
  if (end < text.size() && is_letter(text[end])) return false;
  if (international ? text[start + 1] == '0' : !is_called_telephone(text, start)) return false;
  out = {start, end - start};
  return true;
}

}  // namespace

bool find_contact(std::string_view text, std::size_t from, ContactSpan& out) noexcept {
  for (std::size_t at = from; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '+' || c == '(' || is_digit(c)) {
      const bool begins = !is_digit(c) || at == 0 || !is_digit(text[at - 1]);
      if (begins && telephone_at(text, at, out)) return true;
    } else if (is_letter(c) && iban_at(text, at, out)) {
      return true;
    }
  }
  return false;
}

}  // namespace chargewarden
