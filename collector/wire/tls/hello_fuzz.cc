// Any bytes as records, handshake messages and hellos, whole and in pieces.

#include <algorithm>

#include "collector/wire/tls/certificate_list.h"
#include "collector/wire/tls/fingerprint.h"
#include "collector/wire/tls/record.h"

namespace {

using namespace chargewarden;
using namespace chargewarden::tls;

void look_at(const Handshake& message) {
  if (message.type == kClientHelloType) {
    if (const auto hello = parse_client_hello(message.body)) (void)(ja3(*hello) + ja4(*hello));
  }
  if (message.type == kCertificateType) (void)parse_certificate_list(message.body);
  if (message.type == kServerHelloType) {
    if (const auto hello = parse_server_hello(message.body)) (void)ja3s(*hello);
  }
}

std::size_t read(Bytes bytes, std::size_t piece) {
  RecordReader records;
  HandshakeReader messages;
  std::size_t seen = 0;
  while (!bytes.empty()) {
    const Bytes part = bytes.first(std::min(piece, bytes.size()));
    bytes = bytes.subspan(part.size());
    records.feed(part, [&](const Record& record) {
      ++seen;
      if (record.type != RecordType::kHandshake) return true;
      messages.feed(record.payload, [&](const Handshake& message) {
        ++seen;
        look_at(message);
        return true;
      });
      return true;
    });
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Bytes bytes(data + 1, size - 1);
  if (read(bytes, size) != read(bytes, 1 + data[0] % 64)) __builtin_trap();
  return 0;
}
