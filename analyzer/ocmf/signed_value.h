#pragma once
// SignedMeterValueType of OCPP 2.0.1 and 2.1, and its forms in 1.6 (OCA, Signed Meter Values in
// OCPP), with the record taken out of its wrappings.
//
// Pure functions over hostile text.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "analyzer/ocmf/ocmf_verifier.h"
#include "collector/base/expected.h"

namespace chargewarden::ocmf {

// Text of a signed value, as it stands in a message. Beyond what OCPP 2.1 allows (32,768).
// Test: signed_value_test.cc "a signed value beyond the limit is refused".
inline constexpr std::size_t kSignedValueMaxLen = 131'072;

enum class SignedFormat : std::uint8_t {
  kOcmf,
  kXml,    // EDL and others: known, not verified.
  kOther,  // Text or bytes of a vendor's own.
};

struct SignedValue {
  SignedFormat format = SignedFormat::kOther;
  std::string data;             // The record, out of base64 and hex.
  std::string encoding_method;  // As the message says; may be empty.
  std::string signing_method;
  std::string public_key;
};

// sampledValue.value of OCPP 1.6 with format SignedData: the members of 2.x as JSON text, a record
// as it is, or base64 or hex of either.
Expected<SignedValue> unwrap_value_text(std::string_view value);

// The members of sampledValue.signedMeterValue (2.x); those that are not there are empty.
Expected<SignedValue> unwrap_members(std::string_view signed_meter_data,
                                     std::string_view signing_method,
                                     std::string_view encoding_method, std::string_view public_key);

struct SignedValueCheck {
  std::optional<Record> record;  // Of OCMF that can be read.
  RecordCheck check;
};

// `known_key` serves where the message brings none: it was sent before or stands in the
// configuration of the station.
SignedValueCheck check_signed_value(const SignedValue& value, std::string_view known_key);

}  // namespace chargewarden::ocmf
