#pragma once
// The vocabulary: which events exist and which fields they have.
//
// Each field is declared once, with type, unit, source and one sentence. The JSON form, the
// reference page (`rules fields`), the checks of the rule loader and the redaction all come from
// here.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace chargewarden {

enum class FieldType : std::uint8_t { kBool, kInt, kReal, kText, kTextList };

// What becomes of a value before it is kept, shown or sent.
enum class Privacy : std::uint8_t {
  kNone,
  kPersonal,  // Replaced by a keyed pseudonym.
};

struct FieldDef {
  std::string_view name;
  FieldType type;
  std::string_view unit;    // Empty when the value has none.
  std::string_view source;  // Standard and clause, or what of ours it is.
  std::string_view text;    // One sentence.
  Privacy privacy = Privacy::kNone;
};

// Index of a field within its event: the common fields first, then the event's own.
using Slot = std::uint8_t;
inline constexpr std::size_t kEventSlotsMax = 40;

// Slots of the fields that every event has, in the order of kCommonFields.
enum CommonSlot : Slot {
  kSlotCategory,
  kSlotName,
  kSlotTime,
  kSlotOrigin,
  kSlotSourceIp,
  kSlotSourcePort,
  kSlotDestinationIp,
  kSlotDestinationPort,
  kSlotFlowId,
  kSlotStationId,
  kCommonSlotCount,
};

extern const std::span<const FieldDef> kCommonFields;

// Whether the event carries the JSON of an OCPP message: fields ocpp.payload.* and ocpp.request.*.
enum class Payload : std::uint8_t { kNone, kOcpp };

struct EventDef {
  std::string_view name;      // event.name, such as "ocpp.message".
  std::string_view category;  // event.category, the Sigma logsource category.
  std::string_view text;      // One sentence.
  std::span<const FieldDef> fields;
  Payload payload = Payload::kNone;
};

// A field of one event, found while compiling: a name that is not declared does not compile.
struct FieldKey {
  const FieldDef* table;
  Slot slot;
};

template <typename Table>
consteval FieldKey field_key(const Table& table, std::string_view name) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table[i].name == name) {
      return {table.data(), static_cast<Slot>(i + static_cast<std::size_t>(kCommonSlotCount))};
    }
  }
  throw "no such field";  // Reached only while compiling.
}

inline constexpr std::string_view kPayloadPrefix = "ocpp.payload.";
inline constexpr std::string_view kRequestPrefix = "ocpp.request.";

// More than there are events: size of tables by event_index().
inline constexpr std::size_t kEventDefsMax = 192;

// All events, in a fixed order. An event's index in this list is stable within a build.
std::span<const EventDef* const> all_events();

// Index in all_events().
std::size_t event_index(const EventDef& def);

// nullptr when there is no such event.
const EventDef* find_event(std::string_view name);

// The field of the slot; `slot` must be one of the event's.
const FieldDef& field_of(const EventDef& def, Slot slot);

inline std::size_t slot_count(const EventDef& def) {
  return def.fields.size() + static_cast<std::size_t>(kCommonSlotCount);
}

}  // namespace chargewarden
