#include "analyzer/ocmf/ocmf_verifier.h"

#include "analyzer/ocmf/meter_key.h"
#include "collector/base/digest.h"
#include "collector/base/text.h"

namespace chargewarden::ocmf {

namespace {

using crypto::Verdict;

RecordCheck cannot_tell(std::string reason) {
  return {Verdict::kCannotTell, std::move(reason), {}, {}};
}

// The record's own word counts most, then that of the message; then it is the default.
std::string_view curve_of(const Record& record, std::string_view signing_method) {
  if (!record.algorithm.empty()) return curve_of_algorithm(record.algorithm);
  if (!signing_method.empty()) return curve_of_algorithm(signing_method);
  return "prime256v1";
}

// As the record says, else as it can be read.
std::optional<std::vector<std::uint8_t>> read_signature(const Record& record) {
  if (iequals_ascii(record.encoding, "base64")) return read_base64(record.signature);
  auto hex = read_hex(record.signature);
  return hex ? hex : read_base64(record.signature);
}

}  // namespace

RecordCheck verify_record(const Record& record, std::string_view key_text,
                          std::string_view signing_method) {
  if (record.signature.empty()) return cannot_tell("the record holds no signature");
  const std::string_view curve = curve_of(record, signing_method);
  if (curve.empty()) return cannot_tell("the algorithm of the signature is not one of OCMF");
  if (key_text.empty()) return cannot_tell("no public key is known");
  const auto key = read_meter_key(key_text, curve);
  if (!key) return cannot_tell(key.error().message);
  RecordCheck out;
  out.key_fingerprint = key.value().fingerprint();
  const auto signature = read_signature(record);
  if (!signature) {
    out.verdict = Verdict::kInvalid;
    out.reason = "the signature is neither hex nor base64";
    return out;
  }
  const auto result = crypto::verify_ecdsa_digest(sha256(record.payload), *signature, key.value());
  out.verdict = result.verdict;
  out.scheme = result.scheme;
  out.reason = result.reason;
  // Records that leave the algorithm out though it is not the default are verified by their key;
  // if that fails, it may be the key of another meter.
  if (out.verdict == Verdict::kInvalid && key.value().curve() != curve) {
    out.verdict = Verdict::kCannotTell;
    out.reason = "the public key is on another curve than the record says";
  }
  return out;
}

}  // namespace chargewarden::ocmf
