#include "collector/wire/tls/certificate_list.h"

namespace chargewarden::tls {

namespace {

std::size_t read_u24(ByteReader& reader) noexcept {
  const std::size_t high = reader.u8();
  return (high << 16U) | reader.u16be();
}

}  // namespace

std::optional<CertificateList> parse_certificate_list(Bytes body) {
  ByteReader message(body);
  ByteReader list = message.sub(read_u24(message));
  if (!message.ok() || message.remaining() != 0) return std::nullopt;
  CertificateList out;
  while (list.remaining() > 0) {
    const Bytes der = list.take(read_u24(list));
    if (!list.ok()) return std::nullopt;
    if (out.certificates.size() >= kChainMax || der.size() > kCertificateMaxBytes) {
      ++out.left_out;
    } else {
      out.certificates.push_back(der);
    }
  }
  return out;
}

}  // namespace chargewarden::tls
