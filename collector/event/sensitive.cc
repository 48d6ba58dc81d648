#include "collector/event/sensitive.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace chargewarden {

namespace {

constexpr std::size_t kCardDigitsMin = 13;
constexpr std::size_t kCardDigitsMax = 19;
constexpr std::size_t kVinLen = 17;
constexpr std::size_t kEmailPartMaxLen = 64;  // RFC 5321, 4.5.3.1.1, for the local part.
constexpr std::size_t kDomainMaxLen = 255;    // RFC 5321, 4.5.3.1.2.

constexpr std::uint8_t kDigit = 1;
constexpr std::uint8_t kUpper = 2;
constexpr std::uint8_t kLower = 4;
constexpr std::uint8_t kSeparator = 8;

constexpr auto kClass = [] {
  std::array<std::uint8_t, 256> table{};
  for (std::size_t c = '0'; c <= '9'; ++c) table[c] = kDigit;
  for (std::size_t c = 'A'; c <= 'Z'; ++c) table[c] = kUpper;
  for (std::size_t c = 'a'; c <= 'z'; ++c) table[c] = kLower;
  table[' '] = kSeparator;
  table['-'] = kSeparator;
  return table;
}();

std::uint8_t class_of(char c) noexcept {
  return kClass[static_cast<unsigned char>(c)];
}

bool is(char c, std::uint8_t classes) noexcept {
  return (class_of(c) & classes) != 0;
}

bool passes_luhn(const std::array<std::uint8_t, kCardDigitsMax>& digits,
                 std::size_t count) noexcept {
  unsigned sum = 0;
  for (std::size_t i = 0; i < count; ++i) {
    unsigned digit = digits[count - 1 - i];
    if (i % 2 == 1) digit = digit > 4 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 == 0;
}

// Number ranges of the card schemes by first digits and length.
bool has_scheme(const std::array<std::uint8_t, kCardDigitsMax>& d, std::size_t count) noexcept {
  const unsigned two = d[0] * 10U + d[1];
  const unsigned four = two * 100U + d[2] * 10U + d[3];
  if (d[0] == 4) return count == 13 || count == 16 || count == 19;                     // Visa
  if ((two >= 51 && two <= 55) || (four >= 2221 && four <= 2720)) return count == 16;  // Mastercard
  if (two == 34 || two == 37) return count == 15;  // American Express
  if (four == 6011 || two == 65 || (four >= 6440 && four <= 6499)) return count >= 16;  // Discover
  if (two == 36 || two == 38 || two == 39 || (four >= 3000 && four <= 3059)) return count == 14;
  if (four >= 3528 && four <= 3589) return count >= 16;       // JCB
  if (two == 62) return count >= 16;                          // UnionPay
  return two == 50 || (two >= 56 && two <= 58) || two == 67;  // Maestro
}

char lower(char c) noexcept {
  return is(c, kUpper) ? static_cast<char>(c + 32) : c;
}

bool contains_word(std::string_view text, std::string_view word) noexcept {
  return std::search(text.begin(), text.end(), word.begin(), word.end(),
                     [](char a, char b) { return lower(a) == b; }) != text.end();
}

template <std::size_t N>
bool contains_any(std::string_view text, const std::array<std::string_view, N>& words) noexcept {
  return std::any_of(words.begin(), words.end(),
                     [text](std::string_view word) { return contains_word(text, word); });
}

// The n of an escaped line end in JSON, and the like: no letter of the text.
bool is_escape_letter(std::string_view text, std::size_t at) noexcept {
  constexpr std::string_view kLetters = "nrtbf";
  return at > 0 && text[at - 1] == '\\' && kLetters.find(text[at]) != std::string_view::npos;
}

// The word before a value: the name of its member, or what a sentence calls it.
std::string_view word_before(std::string_view text, std::size_t start) noexcept {
  constexpr std::size_t kGapMax = 6;  // Quotes, escaped ones too, a colon and a blank.
  constexpr std::size_t kWordMax = 32;
  std::size_t end = start;
  const auto in_word = [&](std::size_t i) {
    return is(text[i], kDigit | kUpper | kLower) || text[i] == '_';
  };
  while (end > 0 && start - end < kGapMax && !in_word(end - 1)) --end;
  std::size_t begin = end;
  while (begin > 0 && end - begin < kWordMax && in_word(begin - 1)) --begin;
  return text.substr(begin, end - begin);
}

// Long numbers that are no cards, by what they are called; one in ten passes the check digit.
bool is_other_number(std::string_view name) noexcept {
  constexpr auto kOthers = std::to_array<std::string_view>(
      {"serial", "order", "invoice", "iccid", "imei", "imsi", "msisdn", "ticket", "receipt",
       "tracking", "time", "counter", "build", "gtin", "article", "transactionid"});
  constexpr auto kCards = std::to_array<std::string_view>({"card", "karte", "carte", "pan"});
  const bool is_id = name == "id" || name == "ID" || name.ends_with("Id") || name.ends_with("ID") ||
                     name.ends_with("_id");
  return (is_id || contains_any(name, kOthers)) && !contains_any(name, kCards);
}

// Groups of digits, parted by single blanks or dashes.
struct DigitRun {
  static constexpr std::size_t kGroupsMax = 10;

  std::array<std::size_t, kGroupsMax> starts{};
  std::array<std::size_t, kGroupsMax> lens{};
  std::size_t count = 0;
};

// How card numbers are printed, by the lengths of their groups.
bool is_printed_form(const DigitRun& run, std::size_t first, std::size_t last) noexcept {
  if (first == last) return true;
  const auto* lens = &run.lens[first];
  const std::size_t groups = last - first + 1;
  if (groups == 3) return lens[0] == 4 && lens[1] == 6 && (lens[2] == 5 || lens[2] == 4);
  if (groups < 4 || groups > 5) return false;
  for (std::size_t i = 0; i < 4; ++i) {
    if (lens[i] != 4) return false;
  }
  return groups == 4 || lens[4] == 3;
}

bool is_card(std::string_view text, const DigitRun& run, std::size_t first,
             std::size_t last) noexcept {
  std::array<std::uint8_t, kCardDigitsMax> digits{};
  std::size_t count = 0;
  for (std::size_t group = first; group <= last; ++group) {
    for (std::size_t i = 0; i < run.lens[group]; ++i) {
      if (count == kCardDigitsMax) return false;
      digits[count++] = static_cast<std::uint8_t>(text[run.starts[group] + i] - '0');
    }
  }
  return count >= kCardDigitsMin && has_scheme(digits, count) && passes_luhn(digits, count);
}

// What may stand right before and behind the run: no letters, no fraction, nothing that makes it a
// part of a longer name. Track 1 of a card begins with %B (ISO/IEC 7813).
bool stands_alone(std::string_view text, std::size_t start, std::size_t end) noexcept {
  const auto glues = [](char c) {
    return is(c, kDigit | kUpper | kLower) || c == '_' || c == '+' || c == '%';
  };
  if (start > 0 && glues(text[start - 1])) {
    const bool track = start > 1 && text[start - 1] == 'B' && text[start - 2] == '%';
    if (!track && !is_escape_letter(text, start - 1)) return false;
  }
  if (start > 1 && text[start - 1] == '.' && is(text[start - 2], kDigit)) return false;
  if (end < text.size() && glues(text[end])) return false;
  return end + 1 >= text.size() || text[end] != '.' || !is(text[end + 1], kDigit);
}

DigitRun groups_of(std::string_view text, std::size_t start, std::size_t end) noexcept {
  DigitRun out;
  for (std::size_t i = start; i < end; ++i) {
    if (!is(text[i], kDigit)) continue;
    if (i == start || !is(text[i - 1], kDigit)) {
      if (out.count == DigitRun::kGroupsMax) return {};
      out.starts[out.count++] = i;
    }
    ++out.lens[out.count - 1];
  }
  return out;
}

// The card number in the groups: all of them, or, where an amount, a date or a check number stands
// beside it, some that have the form in which cards are printed.
bool find_card(std::string_view text, const DigitRun& run, SensitiveSpan& out) noexcept {
  constexpr std::size_t kBesideMax = 2;
  const auto take = [&](std::size_t first, std::size_t last) {
    const std::size_t start = run.starts[first];
    if (is_other_number(word_before(text, start))) return false;
    out = {SensitiveKind::kCardNumber, start, run.starts[last] + run.lens[last] - start};
    return true;
  };
  if (run.count == 0) return false;
  // Dashes also part the groups of identifiers, and every message has some.
  const bool dashed =
      text.substr(run.starts[0], run.starts[run.count - 1] - run.starts[0]).find('-') !=
      std::string_view::npos;
  if (!dashed && is_card(text, run, 0, run.count - 1)) return take(0, run.count - 1);
  for (std::size_t first = 0; first < run.count && first <= kBesideMax; ++first) {
    for (std::size_t last = run.count; last-- > first;) {
      const std::size_t beside = run.count - (last - first + 1);
      if (beside > kBesideMax) break;
      if (is_printed_form(run, first, last) && is_card(text, run, first, last)) {
        return take(first, last);
      }
    }
  }
  return false;
}

// A card number among the run of digits and single separators around `at`.
bool card_around(std::string_view text, std::size_t at, std::size_t from,
                 SensitiveSpan& out) noexcept {
  const auto part_of_number = [&](std::size_t i) {
    if (is(text[i], kDigit)) return true;
    return is(text[i], kSeparator) && i > from && i + 1 < text.size() && is(text[i - 1], kDigit) &&
           is(text[i + 1], kDigit);
  };
  if (!part_of_number(at)) return false;
  // The number in groups, and what stands beside it; longer runs are lists of numbers.
  constexpr std::size_t kRunMax = 2 * kCardDigitsMax;
  std::size_t start = at;
  while (start > from && at - start < kRunMax && part_of_number(start - 1)) --start;
  std::size_t end = at + 1;
  while (end < text.size() && end - at < kRunMax && part_of_number(end)) ++end;
  if (end - start < kCardDigitsMin) return false;
  return stands_alone(text, start, end) && find_card(text, groups_of(text, start, end), out);
}

// The check digit of 49 CFR 565.15, which North America asks for.
bool has_vin_check_digit(std::string_view text) noexcept {
  constexpr std::array<unsigned, 26> kLetterValue = {1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4,
                                                     5, 0, 7, 0, 9, 2, 3, 4, 5, 6, 7, 8, 9};
  constexpr std::array<unsigned, kVinLen> kWeight = {8, 7, 6, 5, 4, 3, 2, 10, 0,
                                                     9, 8, 7, 6, 5, 4, 3, 2};
  unsigned sum = 0;
  for (std::size_t i = 0; i < kVinLen; ++i) {
    const char c = text[i];
    const unsigned value = is(c, kUpper) ? kLetterValue[static_cast<std::size_t>(c - 'A')]
                                         : static_cast<unsigned>(c - '0');
    sum += value * kWeight[i];
  }
  return text[8] == (sum % 11 == 10 ? 'X' : static_cast<char>('0' + sum % 11));
}

// World manufacturer identifiers (ISO 3780) of makers of electric cars, vans and buses outside
// North America, where a VIN has its check digit; and of Tesla.
bool has_vin_maker(std::string_view text) noexcept {
  constexpr std::string_view kMakers =
      "WVW WVG WV1 WV2 WV3 WAU WA1 WUA TRU WBA WBS WBY WBX WB1 WMW WDB WDC WDD WDF W1K W1N W1V W1T "
      "WME WF0 W0L W0V WP0 WP1 WMA VF1 VF3 VF6 VF7 VF8 VR1 VR3 VR7 VXK VNK VSS VSK VWA TMB TMA TSM "
      "ZFA ZAR ZFF ZHW ZCF SAL SAJ SAD SJN SHH SCA SCB SB1 YV1 YV2 YV4 YS2 YS3 YSM LPS LYV LRW LSJ "
      "LGX LC0 L6T LGW LFV LVS LB3 LUX 5YJ 7SA XP7 KNA KND KNE KMH KM8 U5Y U6Y NLH NM0 NMT UU1 "
      "JTD JTE JTM JTH JHM JMZ JMB JN1 JF1 JSA";
  for (std::size_t at = 0; at + 3 <= kMakers.size(); at += 4) {
    if (kMakers.substr(at, 3) == text.substr(0, 3)) return true;
  }
  return false;
}

// ISO 3779: no I, O, Q; letters and digits both.
bool has_vin_characters(std::string_view text) noexcept {
  std::size_t letters = 0;
  for (const char c : text) {
    if (c == 'I' || c == 'O' || c == 'Q') return false;
    letters += is(c, kUpper) ? 1U : 0U;
  }
  return letters >= 2 && letters < kVinLen;
}

bool ends_in_digits(std::string_view text) noexcept {
  constexpr std::size_t kDigits = 4;  // ISO 3779, 4.4.
  return std::all_of(text.end() - kDigits, text.end(), [](char c) { return is(c, kDigit); });
}

// Whether the name before a value says that it is the number of a vehicle.
bool names_vehicle(std::string_view name) noexcept {
  constexpr auto kNames = std::to_array<std::string_view>(
      {"vin", "vehicle", "chassis", "fahrgestell", "fahrzeug", "car"});
  return contains_any(name, kNames);
}

// In Europe and China there is no check digit: the maker, or the name of the value, has to tell.
bool is_vin(std::string_view text, std::string_view name) noexcept {
  if (!has_vin_characters(text)) return false;
  if (has_vin_check_digit(text)) return true;
  if (!ends_in_digits(text) || contains_word(name, "serial")) return false;
  return has_vin_maker(text) || names_vehicle(name);
}

bool vin_around(std::string_view text, std::size_t at, std::size_t from,
                SensitiveSpan& out) noexcept {
  if (!is(text[at], kDigit | kUpper)) return false;
  std::size_t start = at;
  while (start > from && at - start < kVinLen && is(text[start - 1], kDigit | kUpper)) --start;
  std::size_t end = at + 1;
  while (end < text.size() && end - start <= kVinLen && is(text[end], kDigit | kUpper)) ++end;
  if (end - start != kVinLen) return false;
  if (start > 0 && is(text[start - 1], kLower) && !is_escape_letter(text, start - 1)) return false;
  if (end < text.size() && is(text[end], kLower)) return false;
  if (!is_vin(text.substr(start, kVinLen), word_before(text, start))) return false;
  out = {SensitiveKind::kVin, start, kVinLen};
  return true;
}

// user@host and user:password@host behind "://", whose slashes JSON may escape, are credentials.
bool is_in_authority(std::string_view text, std::size_t start) noexcept {
  constexpr std::size_t kUserMaxLen = 128;
  std::size_t at = start;
  while (at > 0 && start - at < kUserMaxLen && text[at - 1] != '/' && text[at - 1] != ' ' &&
         text[at - 1] != '"') {
    --at;
  }
  if (at == 0 || text[at - 1] != '/') return false;
  --at;
  if (at > 0 && text[at - 1] == '\\') --at;
  return at > 0 && text[at - 1] == '/';
}

// Mailboxes that belong to an office and not to a person (RFC 2142, and usual ones), and accounts.
bool is_role(std::string_view local) noexcept {
  constexpr auto kRoles = std::to_array<std::string_view>(
      {"support",   "info",     "service", "help",  "helpdesk", "hotline",  "contact",
       "kontakt",   "sales",    "office",  "admin", "noreply",  "no-reply", "postmaster",
       "webmaster", "security", "abuse",   "noc",   "git",      "root"});
  return std::any_of(kRoles.begin(), kRoles.end(), [local](std::string_view role) {
    return local.size() == role.size() && contains_word(local, role);
  });
}

// Ends of names that look like those of hosts.
bool is_no_mail_domain(std::string_view ending) noexcept {
  constexpr auto kEndings = std::to_array<std::string_view>(
      {"png", "jpg", "jpeg", "gif", "svg", "webp", "local", "localdomain", "lan", "internal"});
  return std::any_of(kEndings.begin(), kEndings.end(), [ending](std::string_view each) {
    return ending.size() == each.size() && contains_word(ending, each);
  });
}

// `at` is the @, which may be written as %40 or \u0040: `mark_len` is its length.
bool email_around(std::string_view text, std::size_t at, std::size_t mark_len, std::size_t from,
                  SensitiveSpan& out) noexcept {
  // Bytes of UTF-8 beyond ASCII are letters (RFC 6531).
  const auto letter = [](char c) {
    return is(c, kDigit | kUpper | kLower) || static_cast<unsigned char>(c) >= 0x80;
  };
  const auto local = [&](char c) {
    return letter(c) || c == '.' || c == '_' || c == '+' || c == '-' || c == '%';
  };
  const auto domain = [&](char c) { return letter(c) || c == '.' || c == '-'; };
  const std::size_t host_start = at + mark_len;
  std::size_t start = at;
  while (start > from && at - start < kEmailPartMaxLen && local(text[start - 1])) --start;
  if (start < at && is_escape_letter(text, start)) ++start;
  std::size_t end = host_start;
  while (end < text.size() && end - host_start < kDomainMaxLen && domain(text[end])) ++end;
  while (end > host_start && !letter(text[end - 1])) --end;
  const std::string_view host = text.substr(host_start, end - host_start);
  const auto dot = host.rfind('.');
  if (start == at || dot == std::string_view::npos || dot == 0 || host.size() - dot < 3) {
    return false;
  }
  const std::string_view ending = host.substr(dot + 1);
  const auto is_digit = [](char c) { return is(c, kDigit); };
  if (std::any_of(ending.begin(), ending.end(), [](char c) { return c == '-'; }) ||
      std::any_of(ending.begin(), ending.end(), is_digit) || is_no_mail_domain(ending)) {
    return false;
  }
  if (is_role(text.substr(start, at - start)) || is_in_authority(text, start)) return false;
  out = {SensitiveKind::kEmail, start, end - start};
  return true;
}

// The first address whose mark stands before `limit`.
bool find_email(std::string_view text, std::string_view mark, std::size_t from, std::size_t limit,
                SensitiveSpan& out) noexcept {
  for (std::size_t at = from; at < limit; ++at) {
    const void* hit = std::memchr(text.data() + at, mark.front(), limit - at);
    if (hit == nullptr) break;
    at = static_cast<std::size_t>(static_cast<const char*>(hit) - text.data());
    if (text.substr(at, mark.size()) != mark) continue;
    if (email_around(text, at, mark.size(), from, out)) return true;
  }
  return false;
}

}  // namespace

std::string_view to_string(SensitiveKind kind) {
  switch (kind) {
    case SensitiveKind::kCardNumber:
      return "card_number";
    case SensitiveKind::kEmail:
      return "email";
    case SensitiveKind::kVin:
      return "vin";
  }
  return "";
}

bool find_sensitive(std::string_view text, std::size_t from, SensitiveSpan& out) noexcept {
  bool found = false;
  // Whatever is longer than the stride holds one of the sampled characters.
  constexpr std::size_t kStride = kCardDigitsMin - 1;
  for (std::size_t at = from + kStride - 1; at < text.size() + kStride - 1; at += kStride) {
    const std::size_t sample = std::min(at, text.size() - 1);
    const std::uint8_t sampled = class_of(text[sample]);
    // A run that long reaches half its length to one side at least.
    const auto reaches = [&](std::size_t half, std::uint8_t classes) {
      return (sample >= half && is(text[sample - half], classes)) ||
             (sample + half < text.size() && is(text[sample + half], classes));
    };
    constexpr std::uint8_t kCard = kDigit | kSeparator;
    constexpr std::uint8_t kVin = kDigit | kUpper;
    if ((sampled & kCard) != 0 && reaches(kCardDigitsMin / 2, kCard) &&
        card_around(text, sample, from, out)) {
      found = true;
      break;
    }
    if ((sampled & kVin) != 0 && reaches(kVinLen / 2, kVin) &&
        vin_around(text, sample, from, out)) {
      found = true;
      break;
    }
  }
  // The @ as it is, in a URL, and as some libraries write it in JSON.
  for (const std::string_view mark :
       {std::string_view("@"), std::string_view("%40"), std::string_view("\\u0040")}) {
    const std::size_t limit = found ? out.start : text.size();
    SensitiveSpan email{};
    if (find_email(text, mark, from, limit, email)) {
      out = email;
      found = true;
    }
  }
  return found;
}

}  // namespace chargewarden
