#pragma once
// What a value of an event is when a rule asks for a number or a time. Pure functions.

#include <cstdint>
#include <optional>

#include "collector/base/timestamp.h"
#include "collector/base/value.h"
#include "rules/lang/rule_value.h"

namespace chargewarden {

// Of a number, or of a text that is one.
inline std::optional<Number> number_of(const Value& value) {
  if (value.kind() == ValueKind::kInt) return Number::of(value.as_int());
  if (value.kind() == ValueKind::kReal) return Number::of(value.as_real());
  if (value.kind() == ValueKind::kText) return parse_number(value.as_text());
  return std::nullopt;
}

// Of a text in one of the usual forms, or of a number since 1970 (collector/base/timestamp.h).
inline std::optional<std::int64_t> time_of_ns(const Value& value) {
  if (value.kind() == ValueKind::kInt) return timestamp_of_number_ns(value.as_int());
  if (value.kind() == ValueKind::kReal) return timestamp_of_number_ns(value.as_real());
  if (value.kind() == ValueKind::kText) return parse_timestamp_ns(value.as_text());
  return std::nullopt;
}

}  // namespace chargewarden
