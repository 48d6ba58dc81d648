#pragma once
// ToldKeys: the public keys of a station's meters, as it tells them in its settings:
// MeterPublicKey<n> of OCPP 1.6 and FiscalMetering.PublicKey of 2.x (OCA, Signed Meter Values in
// OCPP, 3 and 4). They come another way than the values that they verify, and stations may be told
// to send them in no other (PublicKeyWithSignedMeterValue).

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/facts/fact.h"

namespace chargewarden::session {

class ToldKeys {
 public:
  // Keys of one station: one per connector. Test: told_keys_test.cc "the keys of a station are
  // bounded".
  static constexpr std::size_t kKeysMax = 64;

  // Takes what an answer to GetConfiguration or GetVariables, or a NotifyReport, tells.
  void read(const Fact& fact);

  // Takes over what was read of another message; later ones win.
  void merge(const ToldKeys& later);

  // Of the meter behind the connector (connectorId of 1.6, evse.id of 2.x); where it has none of
  // its own, the one of the whole station; empty: none was told.
  [[nodiscard]] std::string_view find(std::int32_t connector) const noexcept;

  [[nodiscard]] bool empty() const noexcept { return keys_.empty(); }

  // Keys that were left out.
  [[nodiscard]] std::uint64_t dropped() const noexcept { return dropped_; }

 private:
  struct Key {
    std::int32_t connector = 0;  // 0: of the whole station.
    std::string text;
  };

  void add(std::int32_t connector, std::string_view text);

  std::vector<Key> keys_;
  std::uint64_t dropped_ = 0;
};

}  // namespace chargewarden::session
