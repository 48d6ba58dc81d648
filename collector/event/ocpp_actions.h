#pragma once
// The OCPP actions of versions 1.5 to 2.1, numbered (OCPP schemas; 102 actions).

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace chargewarden::ocpp {

enum class Caller : std::uint8_t { kStation, kCsms, kBoth };

// How much an action can do: kHigh alone changes code, keys, identity, authorisation, money or
// load, or exposes secrets or personal data; kLow is context, reconnaissance or the outcome of a
// high one.
enum class Weight : std::uint8_t { kNone, kLow, kHigh };

inline constexpr std::uint8_t kIn15 = 1;
inline constexpr std::uint8_t kIn16 = 2;
inline constexpr std::uint8_t kIn201 = 4;
inline constexpr std::uint8_t kIn21 = 8;

struct ActionDef {
  std::string_view name;
  Caller caller;
  Weight weight;
  std::uint8_t versions;  // kIn... bits.
};

// Kinds of messages, numbered as on the wire from 2 (OCPP-J 2.1, 4.1.3).
enum class MessageType : std::uint8_t { kCall, kResult, kError, kResultError, kSend, kCount };

inline constexpr std::size_t kMessageTypes = static_cast<std::size_t>(MessageType::kCount);

// Number of an action, from 1; 0 is an action that no version has.
using ActionId = std::uint16_t;
inline constexpr ActionId kUnknownAction = 0;

// Exact, case-sensitive; 0 when unknown.
ActionId action_id(std::string_view name) noexcept;

// `id` must be 1 to action_count().
const ActionDef& action_def(ActionId id) noexcept;

std::size_t action_count() noexcept;

}  // namespace chargewarden::ocpp
