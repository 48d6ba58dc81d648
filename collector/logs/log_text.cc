#include "collector/logs/log_text.h"

#include <array>
#include <cstring>

#include "collector/base/limits.h"
#include "collector/event/redactor.h"

namespace chargewarden {

namespace {

constexpr char kEscape = '\x1b';

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

bool is_word(char c) {
  return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'z');
}

// Behind one of these, at the begin of a word, stands something that is nobody's business.
constexpr auto kPrivateWords = std::to_array<std::string_view>({
    "authorization", "authkey", "apikey",     "api-key",      "basic",      "bearer",
    "contractid",    "cookie",  "credential", "emaid",        "evccid",     "idtag",
    "id_tag",        "idtoken", "id_token",   "licenseplate", "macaddress", "parentidtag",
    "passphrase",    "passwd",  "password",   "pin",          "privatekey", "psk",
    "secret",        "simpin",  "token",      "vin",
});

// Length of the private word at the front, 0 when there is none. Compound words such as
// "basicAuthPassword" count by their parts.
std::size_t private_word_len(std::string_view text) {
  for (const std::string_view word : kPrivateWords) {
    if (text.size() < word.size()) continue;
    const bool same = std::equal(word.begin(), word.end(), text.begin(),
                                 [](char a, char b) { return a == lower(b); });
    if (!same) continue;
    // Neither "basically" nor "pinning".
    std::size_t end = word.size();
    if (end < text.size() && text[end] == 's') ++end;
    if (end == text.size() || text[end] < 'a' || text[end] > 'z') return end;
  }
  return 0;
}

// Whether a word may begin at the place: behind something else, or as a part with a capital.
bool begins_word(std::string_view text, std::size_t at) {
  if (at == 0 || !is_word(text[at - 1])) return true;
  return text[at] >= 'A' && text[at] <= 'Z';
}

// Where the JSON of a text begins: a brace, or a bracket in front of a value. Identities in
// brackets
// (`[chargeBoxId=CP1]`) are none.
std::size_t find_json(std::string_view text) {
  for (std::size_t at = text.find_first_of("[{"); at != std::string_view::npos;
       at = text.find_first_of("[{", at + 1)) {
    const auto next = text.find_first_not_of(' ', at + 1);
    if (next == std::string_view::npos) return std::string_view::npos;
    const char c = text[next];
    if (c == '"' || c == '{' || c == '\'' || (text[at] == '{' && c == '\\')) return at;
    if (text[at] == '[' && (c == '[' || begins_ocpp(text.substr(at)))) return at;
  }
  return std::string_view::npos;
}

// Copies `text` and masks what follows private words: the next word that is not a filler, and all
// that is quoted from there on.
void append_masked(std::string& out, std::string_view text) {
  bool masking = false;
  for (std::size_t at = 0; at < text.size();) {
    if (begins_word(text, at)) {
      if (const std::size_t len = private_word_len(text.substr(at))) {
        std::size_t end = at + len;
        while (end < text.size() && is_word(text[end])) ++end;
        out.append(text, at, end - at);
        at = end;
        const std::size_t value = text.find_first_not_of(" :='\"<", at);
        if (value == std::string_view::npos) continue;
        out.append(text, at, value - at);
        at = value;
        // "Authorization: Basic x": the scheme is a private word itself.
        if (private_word_len(text.substr(at)) > 0) continue;
        out += kSecretMark;
        at = std::min(text.find_first_of(" ,;'\">)", at), text.size());
        masking = true;
        continue;
      }
    }
    const char c = text[at];
    if (masking && (c == '\'' || c == '"')) {
      const auto end = text.find(c, at + 1);
      if (end != std::string_view::npos && end > at + 1) {
        out += c;
        out += kSecretMark;
        out += c;
        at = end + 1;
        continue;
      }
    }
    out += c;
    ++at;
  }
}

}  // namespace

std::size_t timestamp_len(std::string_view text) noexcept {
  constexpr std::size_t kDateTimeLen = 19;
  if (text.size() < kDateTimeLen || !begins_with_date(text)) return 0;
  if ((text[10] != 'T' && text[10] != ' ') || text[13] != ':' || text[16] != ':') return 0;
  std::size_t at = kDateTimeLen;
  if (at + 1 < text.size() && (text[at] == '.' || text[at] == ',') && is_digit(text[at + 1])) {
    for (++at; at < text.size() && is_digit(text[at]); ++at) {
    }
  }
  if (at < text.size() && (text[at] == 'Z' || text[at] == 'z')) return at + 1;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) {
    std::size_t end = at + 1;
    while (end < text.size() && (is_digit(text[end]) || text[end] == ':')) ++end;
    if (end - at >= 5) return end;
  }
  return at;
}

bool begins_ocpp(std::string_view text) noexcept {
  if (text.empty() || text.front() != '[') return false;
  std::size_t at = text.find_first_not_of(" \t\r\n", 1);
  if (at == std::string_view::npos || text[at] < '2' || text[at] > '6') return false;
  at = text.find_first_not_of(" \t\r\n", at + 1);
  return at != std::string_view::npos && text[at] == ',';
}

std::size_t find_ocpp(std::string_view text) noexcept {
  for (std::size_t at = text.find('['); at != std::string_view::npos; at = text.find('[', at + 1)) {
    if (begins_ocpp(text.substr(at))) return at;
  }
  return std::string_view::npos;
}

std::string_view without_colours(std::string_view text, ValueArena& arena) {
  if (text.find(kEscape) == std::string_view::npos) return text;
  char* const out = arena.allocate(text.size() + kJsonPadding);
  std::size_t len = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == kEscape && at + 1 < text.size() && text[at + 1] == '[') {
      std::size_t end = at + 2;
      while (end < text.size() && (is_digit(text[end]) || text[end] == ';')) ++end;
      if (end < text.size() && text[end] == 'm') {
        at = end + 1;
        continue;
      }
    }
    out[len++] = text[at++];
  }
  std::memset(out + len, ' ', kJsonPadding);
  return {out, len};
}

void append_log_text(std::string& out, std::string_view text) {
  text = trimmed(text.substr(0, std::min(text.size(), 4 * kEventTextMaxLen)));
  const std::size_t json = find_json(text);
  const std::size_t start = out.size();
  append_masked(out, text.substr(0, json));
  if (out.size() - start > kEventTextMaxLen) out.resize(start + kEventTextMaxLen);
  while (out.size() > start && out.back() == ' ') out.pop_back();
}

}  // namespace chargewarden
