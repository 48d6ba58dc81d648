#pragma once
// What is wrong with a certificate that a peer shows, by the time of the event. Pure.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "analyzer/crypto/certificate.h"

namespace chargewarden::certificate {

// What of a chain does not change with time. Working it out takes some signatures; it is done once.
struct ChainReading {
  crypto::CertificateFacts own;  // Of the certificate of the peer.
  std::size_t length = 0;
  bool has_weak_key = false;
  bool has_weak_signature = false;
  bool is_broken = false;
};

// `chain`: as shown, not empty, the one of the peer first.
ChainReading read_chain(std::span<const crypto::Certificate> chain);

struct Judgement {
  std::vector<std::string_view> problems;  // Words of certificate.problems, in a fixed order.
  std::int64_t days_left = 0;
  std::int64_t days_valid = 0;
};

// Days left at which a certificate is told again (fewer come later): a quarter for those who order
// by hand, a month and two weeks for those who renew by program, a week and a day for the last
// call.
inline constexpr std::int64_t kStagesDays[] = {60, 30, 14, 7, 1};

// How many of these it has passed, and one more when it has expired.
int stage_of(std::int64_t days_left);

// `host`: the name that the client asked for, empty where none is to be compared.
Judgement judge(const ChainReading& chain, std::string_view host, std::int64_t now_ns);

}  // namespace chargewarden::certificate
