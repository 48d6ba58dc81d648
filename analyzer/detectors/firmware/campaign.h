#pragma once
// Campaign: one firmware update of one station, from the command to its result.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/crypto/certificate.h"
#include "analyzer/crypto/signature.h"
#include "analyzer/detectors/location.h"
#include "analyzer/detectors/packets.h"
#include "analyzer/facts/fact.h"

namespace chargewarden::firmware {

// Kinds of problems of a signing certificate, as firmware.certificate_problems spells them.
struct CertificateProblems {
  std::array<std::string_view, 6> kinds{};
  std::size_t count = 0;

  void add(std::string_view kind) noexcept {
    if (count < kinds.size()) kinds[count++] = kind;
  }
};

struct Image {
  std::string sha256;  // Hex.
  std::int64_t size_bytes = 0;
  crypto::SignatureResult result;
  std::uint64_t tag = 0;
};

struct Campaign {
  std::int64_t commanded_ns = 0;
  std::uint64_t tag = 0;
  std::int64_t install_ns = 0;     // When it is to be installed; 0: at once.
  std::int64_t downloaded_ns = 0;  // 0: not yet, or its installation has begun.
  Location location;
  std::string request_id;
  bool is_signed = false;
  std::vector<std::uint8_t> signature;  // Of the command; empty when it cannot be read.
  std::optional<crypto::PublicKey> key;
  std::optional<Image> image;
  std::string status;  // The latest that the station reported.
  bool verified = false;
  bool ended = false;
  bool told_unverified = false;
  bool told_tampered = false;
  Packets packets;
};

// From UpdateFirmware or SignedUpdateFirmware.
Campaign read_command(const Fact& fact, std::uint64_t tag);

// Judged by event time. A self-signed certificate is a problem only where it is not the
// manufacturer's own root; that cannot be told here, so it is named and the rule decides.
CertificateProblems judge_certificate(const crypto::Certificate& certificate, std::int64_t now_ns);

// Compares the signature of the command with the digest of an image (hex).
crypto::SignatureResult verify_image(const Campaign& campaign, std::string_view sha256);

}  // namespace chargewarden::firmware
