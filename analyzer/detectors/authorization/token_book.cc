#include "analyzer/detectors/authorization/token_book.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace chargewarden::session {

bool is_accepted(std::string_view status) {
  return status == "Accepted";
}

bool is_invalid(std::string_view status) {
  constexpr std::array<std::string_view, 4> kInvalid = {"Invalid", "Unknown", "Blocked", "Expired"};
  return std::find(kInvalid.begin(), kInvalid.end(), status) != kInvalid.end();
}

std::uint64_t TokenBook::hash(std::string_view token) const {
  SipHash13 hash(key_);
  std::array<char, 64> part;
  while (!token.empty()) {
    const std::size_t size = std::min(token.size(), part.size());
    for (std::size_t i = 0; i < size; ++i) {
      const char c = token[i];
      part[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    hash.add(std::string_view(part.data(), size));
    token.remove_prefix(size);
  }
  return hash.finish() | 1U;
}

std::string TokenBook::map_key(std::string_view token) const {
  const std::uint64_t number = hash(token);
  std::string out(sizeof number, '\0');
  std::memcpy(out.data(), &number, sizeof number);
  return out;
}

TokenEntry* TokenBook::find(std::string_view token, std::int64_t now_ns) {
  return token.empty() ? nullptr : tokens_.find(map_key(token), now_ns);
}

TokenEntry& TokenBook::at(std::string_view token, std::int64_t now_ns) {
  return tokens_.at(map_key(token), now_ns);
}

bool TokenBook::on_answer(std::string_view token, std::string_view status, std::string_view parent,
                          StationIndex station, std::int64_t now_ns) {
  if (token.empty() || status.empty()) return false;
  const bool invalid = is_invalid(status);
  // Guessed tokens do not push known ones out: what was never accepted is not kept.
  TokenEntry* known = find(token, now_ns);
  if (known == nullptr && !is_accepted(status)) return invalid;
  TokenEntry& entry = at(token, now_ns);
  if (is_accepted(status)) {
    entry.accepted_ns = now_ns;
    entry.accepted_at = station;
    entry.refused_ns = 0;
  } else if (invalid) {
    entry.accepted_ns = 0;
    entry.refused_ns = now_ns;
  }
  if (!parent.empty()) entry.group = hash(parent);
  return invalid;
}

const std::vector<TokenUse>& TokenBook::add_use(std::string_view token, const TokenUse& use,
                                                std::int64_t now_ns) {
  std::vector<TokenUse>& uses = at(token, now_ns).uses;
  if (uses.size() >= kUsesMax) {
    // One that has ended goes first, else the oldest.
    const auto ended = std::find_if(uses.begin(), uses.end(),
                                    [](const TokenUse& each) { return each.ended_ns != 0; });
    uses.erase(ended != uses.end() ? ended : uses.begin());
  }
  uses.push_back(use);
  return uses;
}

}  // namespace chargewarden::session
