#pragma once
// What allowed a session. Part of the authorization detector.

#include <cstdint>
#include <string_view>

#include "analyzer/state/session.h"

namespace chargewarden::session {

// As session.authorised_by says it.
enum class Basis : std::uint8_t {
  kUnknown,
  kAuthorize,
  kRemoteStart,
  kLocalList,
  kReservation,
  kAnswer,
  kKnownToken,
  kFree,
  kOffline,
  kNone,
};

std::string_view name_of(Basis basis);

// Free of charge, or a button instead of a card (OCPP 2.0.1 part 2, C15; empty idTag in 1.6).
bool is_free(const Session& session);

}  // namespace chargewarden::session
