#pragma once
// TokenBook: what the CSMS has said about tokens, and where each is in use. Part of the
// authorization detector. Tokens are kept as keyed hashes; they are compared without regard to case
// (OCPP 1.6, 7.28: CiString20Type; OCPP 2.0.1 part 2, IdTokenType: identifierString).

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/detectors/expiring_map.h"
#include "analyzer/state/session.h"
#include "collector/base/siphash.h"

namespace chargewarden::session {

// Tokens that are known at a time: as many drivers as a large operator sees in a month, some
// hundred bytes each. What was not seen for longest goes. Test: token_book_test.cc "the table of
// tokens is bounded".
inline constexpr std::size_t kTokensMax = 200'000;

// Sessions of one token that are told apart. A token in more places is a shared one.
// Test: token_book_test.cc "the sessions of a token are bounded".
inline constexpr std::size_t kUsesMax = 8;

// A token that was accepted is remembered for this long: drivers come back within a month, and
// stations keep accepted tokens in their cache without limit (OCPP 1.6, 3.5.1; AuthCacheLifeTime of
// 2.x is optional).
inline constexpr std::int64_t kTokenKnownNs = 30LL * 24 * 3'600 * 1'000'000'000;

// A session of the token.
struct TokenUse {
  SessionIndex session = kNoSession;
  std::uint32_t generation = 0;
  StationIndex station = kNoStation;
  std::int64_t started_ns = 0;
  std::int64_t ended_ns = 0;  // 0: it runs.
  bool by_remote = false;
  bool told = false;  // Reported as the later one of two.
};

struct TokenEntry {
  std::int64_t accepted_ns = 0;  // Latest acceptance, 0: none, or refused since.
  std::int64_t refused_ns = 0;   // Latest refusal, 0: none, or accepted since.
  StationIndex accepted_at = kNoStation;
  bool listed = false;      // In a local list that the CSMS sent.
  bool commanded = false;   // In a remote start or reservation of the CSMS.
  std::uint64_t group = 0;  // Hash of parentIdTag or groupIdToken; 0: none told.
  std::vector<TokenUse> uses;
};

class TokenBook {
 public:
  explicit TokenBook(const HashKey& key) : key_(key), tokens_(key, kTokensMax, kTokenKnownNs) {}

  // Hash of a token or a group, without regard to case; never 0.
  [[nodiscard]] std::uint64_t hash(std::string_view token) const;

  // Null when nothing is known of the token.
  TokenEntry* find(std::string_view token, std::int64_t now_ns);

  TokenEntry& at(std::string_view token, std::int64_t now_ns);

  // The CSMS has answered a question about the token. Whether that was a refusal that says the
  // token is not valid.
  bool on_answer(std::string_view token, std::string_view status, std::string_view parent,
                 StationIndex station, std::int64_t now_ns);

  // A session runs with the token. Returns all that do or did; valid until the next call.
  const std::vector<TokenUse>& add_use(std::string_view token, const TokenUse& use,
                                       std::int64_t now_ns);

  [[nodiscard]] std::uint64_t dropped() const noexcept { return tokens_.dropped(); }

 private:
  [[nodiscard]] std::string map_key(std::string_view token) const;

  HashKey key_;
  ExpiringMap<TokenEntry> tokens_;
};

// Whether an answer about a token accepts it.
bool is_accepted(std::string_view status);

// Whether it says that the token is not a valid one, and not just not here or not now.
bool is_invalid(std::string_view status);

}  // namespace chargewarden::session
