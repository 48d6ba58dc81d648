#include "analyzer/ocmf/signed_value.h"

#include "analyzer/ocmf/meter_key.h"
#include "collector/base/json_document.h"
#include "collector/base/text.h"

namespace chargewarden::ocmf {

namespace {

// JSON in base64 in JSON in hex: more than anybody was seen to do.
constexpr int kWrappings = 5;

Error refusal(std::string message) {
  return {ErrorCode::kUnreadable, std::move(message)};
}

// The member of that name if it is a text.
std::string member(const JsonDocument& document, const char* name, ValueArena& arena) {
  const Value value = document.find(JsonPath(name), arena);
  return value.kind() == ValueKind::kText ? std::string(value.as_text()) : std::string();
}

// Takes the members of a JSON object; false when it is none, or holds no data.
bool take_object(SignedValue& value) {
  JsonDocument document;
  ValueArena arena;
  if (document.load_copy(value.data) != JsonStatus::kOk) return false;
  std::string data = member(document, "signedMeterData", arena);
  if (data.empty()) data = member(document, "signedMeterValue", arena);  // be.ENERGISED.
  if (data.empty()) return false;
  const auto keep = [&](std::string& place, const char* name) {
    std::string text = member(document, name, arena);
    if (!text.empty()) place = std::move(text);
  };
  keep(value.encoding_method, "encodingMethod");
  keep(value.signing_method, "signingMethod");
  keep(value.public_key, "publicKey");
  value.data = std::move(data);
  return true;
}

bool is_known(std::string_view text) {
  text = trimmed(text);
  return text.starts_with("OCMF|") || text.starts_with('{') || text.starts_with('<');
}

// Takes the data out of base64 or hex. All hex is base64 too, so what comes out decides.
bool take_encoding(SignedValue& value) {
  const auto hex = read_hex(value.data);
  const auto base64 = read_base64(value.data);
  const bool hex_fits = hex && (is_known(as_text(*hex)) || !base64 || !is_known(as_text(*base64)));
  if (!hex_fits && !base64) return false;
  std::string data(as_text(hex_fits ? *hex : *base64));
  value.data = std::move(data);
  return true;
}

Expected<SignedValue> unwrap(SignedValue value) {
  if (value.data.size() > kSignedValueMaxLen) {
    return refusal("the signed meter value is longer than 131,072 characters");
  }
  if (trimmed(value.data).empty()) return refusal("the signed meter value is empty");
  for (int i = 0; i < kWrappings; ++i) {
    const std::string_view text = trimmed(value.data);
    if (text.starts_with("OCMF|")) {
      value.format = SignedFormat::kOcmf;
      return value;
    }
    if (text.starts_with('<')) {
      value.format = SignedFormat::kXml;
      return value;
    }
    if (text.starts_with('{')) {
      if (!take_object(value)) return refusal("the signed meter value is JSON without its data");
    } else if (!take_encoding(value)) {
      break;
    } else if (!is_known(value.data) && !read_hex(value.data)) {
      break;  // Bytes of a vendor's own.
    }
  }
  return value;
}

}  // namespace

Expected<SignedValue> unwrap_value_text(std::string_view value) {
  SignedValue out;
  out.data = value;
  return unwrap(std::move(out));
}

Expected<SignedValue> unwrap_members(std::string_view signed_meter_data,
                                     std::string_view signing_method,
                                     std::string_view encoding_method,
                                     std::string_view public_key) {
  SignedValue out;
  out.data = signed_meter_data;
  out.signing_method = signing_method;
  out.encoding_method = encoding_method;
  out.public_key = public_key;
  return unwrap(std::move(out));
}

SignedValueCheck check_signed_value(const SignedValue& value, std::string_view known_key) {
  SignedValueCheck out;
  if (value.format != SignedFormat::kOcmf) {
    out.check.reason = "only records in OCMF can be verified";
    return out;
  }
  auto record = parse_record(value.data);
  if (!record) {
    out.check.reason = record.error().message;
    return out;
  }
  const std::string_view key = value.public_key.empty() ? known_key : value.public_key;
  out.check = verify_record(record.value(), key, value.signing_method);
  out.record = std::move(record).value();
  return out;
}

}  // namespace chargewarden::ocmf
