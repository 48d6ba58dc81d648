#pragma once
// The array around every OCPP-J message (OCPP-J 1.6, 4.2; OCPP 2.1 part 4, 4.2), read tolerantly.

#include <array>
#include <cstdint>
#include <string_view>

#include "collector/base/json_document.h"
#include "collector/decoders/interest.h"

namespace chargewarden::ocpp {

// Deviations of one message, as anomaly.kind spells them; empty when there is none.
struct Deviations {
  std::array<std::string_view, 4> kinds{};
  std::size_t count = 0;

  void add(std::string_view kind) noexcept {
    if (count < kinds.size()) kinds[count++] = kind;
  }
};

struct Envelope {
  bool valid = false;  // Type, id and, for a call, action could be read.
  MessageType type = MessageType::kCall;
  std::string_view id;
  std::string_view action;             // Calls.
  std::string_view error_code;         // Errors.
  std::string_view error_description;  // Errors.
  std::size_t payload_token = 0;       // Root of the payload; 0 when there is none.
  Deviations deviations;
};

// Longest message id (OCPP-J 1.6, 4.1.4).
inline constexpr std::size_t kMessageIdMaxLen = 36;

// Reads the envelope of a document that was loaded. Text may live in the arena.
Envelope read_envelope(const JsonDocument& document, ValueArena& arena);

// The begin of a message whose end was not captured: type, id and action as far as they can be
// read.
Envelope read_partial_envelope(std::string_view text);

}  // namespace chargewarden::ocpp
