#pragma once
// Verification of OCMF records (OCMF 1.4.1): ECDSA over the SHA-256 of the payload.
//
// A valid signature says that the owner of this key signed this payload. Whether the key belongs to
// the meter (compare its fingerprint with that of earlier records), whether records were left out
// (Record::page) or played again is for those who see many of them. Pure functions.

#include <optional>
#include <string>
#include <string_view>

#include "analyzer/crypto/signature.h"
#include "analyzer/ocmf/ocmf_record.h"

namespace chargewarden::ocmf {

struct RecordCheck {
  crypto::Verdict verdict = crypto::Verdict::kCannotTell;
  std::string reason;           // Why it is not valid, where more is known than that.
  std::string scheme;           // ecdsa-der or ecdsa-raw, of a valid one.
  std::string key_fingerprint;  // PublicKey::fingerprint(); empty when the key is not readable.
};

// `key_text` in any form of meter_key.h; empty when no key is known. `signing_method` is that of
// the OCPP message, used where the record names no algorithm.
RecordCheck verify_record(const Record& record, std::string_view key_text,
                          std::string_view signing_method = {});

}  // namespace chargewarden::ocmf
