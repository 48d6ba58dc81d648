#pragma once
// Which members of OCPP messages become values of facts (OCPP 1.6 schemas and security whitepaper;
// OCPP 2.0.1 and 2.1 part 3). One table per action and type, with the spellings of all versions.

#include <cstdint>
#include <span>
#include <string_view>

#include "analyzer/facts/fact.h"

namespace chargewarden {

enum class MemberForm : std::uint8_t {
  kText,      // As sent; of another type, nothing.
  kId,        // Text, or a number as it is written: transaction ids are numbers in 1.6.
  kNumber,    // Whole number, also of a boolean.
  kReal,      // Number.
  kTime,      // RFC 3339, and what devices send instead.
  kInside,    // An object, or each of a list: its members, as one item.
  kItems,     // The same; each element is an item of its own.
  kReadings,  // A list of MeterValue.
};

struct MemberDef {
  std::string_view key;
  MemberForm form = MemberForm::kText;
  FactField field = FactField::kItem;
  std::span<const MemberDef> inside{};
};

struct MessageDef {
  std::string_view action;
  ocpp::MessageType type;
  std::span<const MemberDef> payload;
  std::span<const MemberDef> request{};  // Of the call that the message answers.
  bool hash_payload = false;
};

std::span<const MessageDef> message_defs();

}  // namespace chargewarden
