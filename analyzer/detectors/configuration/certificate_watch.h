#pragma once
// CertificateWatch: what one station asked to have certified, and what it was sent (OCPP 1.6
// security whitepaper, A02 and A03; OCPP 2.0.1 part 2, A02).

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "analyzer/crypto/certificate.h"
#include "analyzer/facts/fact.h"
#include "analyzer/state/world.h"

namespace chargewarden::configuration {

struct CertificateFinding {
  std::array<std::string_view, 4> problems{};
  std::size_t count = 0;
  std::string subject;

  void add(std::string_view problem) noexcept {
    if (count < problems.size()) problems[count++] = problem;
  }
};

class CertificateWatch {
 public:
  // SignCertificate of the station of the fact: notes the request; tells when it names somebody
  // else.
  CertificateFinding on_request(const Fact& fact, const World& world);

  // CertificateSigned.
  CertificateFinding on_certificate(const Fact& fact, const World& world);

 private:
  struct Request {
    std::optional<crypto::CertificateRequest> request;  // Empty: it could not be read.
    std::int64_t time_ns = 0;
  };

  std::optional<Request> pending_;
};

}  // namespace chargewarden::configuration
