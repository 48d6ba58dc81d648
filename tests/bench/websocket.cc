#include "tests/bench/websocket.h"

#include <array>
#include <cstdlib>
#include <cstring>

#include <fmt/format.h>
#include <openssl/sha.h>
#include <zlib.h>

#include "collector/base/text.h"

namespace chargewarden::bench {
namespace {

constexpr int kDeflateLevel = 3;  // Content is what matters here, not the last per cent of size.
constexpr int kWindowBits = 15;
constexpr int kMemoryLevel = 8;

void append_masked(std::string& out, Random& random, std::string_view payload) {
  const auto key = static_cast<std::uint32_t>(random.next());
  std::array<char, 8> mask{};
  std::memcpy(mask.data(), &key, sizeof key);
  std::memcpy(mask.data() + sizeof key, &key, sizeof key);
  out.append(mask.data(), sizeof key);
  const std::size_t start = out.size();
  out += payload;
  std::uint64_t wide = 0;
  std::memcpy(&wide, mask.data(), sizeof wide);
  std::size_t i = 0;
  for (; i + sizeof wide <= payload.size(); i += sizeof wide) {
    std::uint64_t word = 0;
    std::memcpy(&word, out.data() + start + i, sizeof word);
    word ^= wide;
    std::memcpy(out.data() + start + i, &word, sizeof word);
  }
  for (; i < payload.size(); ++i) {
    char& byte = out[start + i];
    byte = static_cast<char>(byte ^ mask[i % 4]);
  }
}

// RFC 6455, 4.2.2: SHA-1 of the key and a fixed text.
std::string accept_of(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
  SHA1(as_bytes(text).data(), text.size(), digest.data());
  return to_base64(digest);
}

}  // namespace

void append_frame(std::string& out, Random& random, End from, Opcode opcode, bool final,
                  bool compressed, std::string_view payload) {
  const unsigned flags = (final ? 0x80U : 0U) | (compressed ? 0x40U : 0U);
  const unsigned mask = from == End::kClient ? 0x80U : 0U;
  out += static_cast<char>(flags | static_cast<unsigned>(opcode));
  if (payload.size() < 126) {
    out += static_cast<char>(mask | payload.size());
  } else {
    const bool wide = payload.size() > 0xFFFF;
    out += static_cast<char>(mask | (wide ? 127U : 126U));
    for (unsigned shift = wide ? 64 : 16; shift > 0;) {
      shift -= 8;
      out += static_cast<char>((payload.size() >> shift) & 0xFFU);
    }
  }
  if (mask != 0) {
    append_masked(out, random, payload);
  } else {
    out += payload;
  }
}

struct Deflater::Stream {
  z_stream z{};

  Stream() {
    // Negative window bits: raw DEFLATE (RFC 7692, 7.2.1). It can fail for want of memory only.
    if (deflateInit2(&z, kDeflateLevel, Z_DEFLATED, -kWindowBits, kMemoryLevel,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
      std::abort();
    }
  }

  ~Stream() { deflateEnd(&z); }

  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
};

Deflater::Deflater() : stream_(std::make_unique<Stream>()) {}

Deflater::~Deflater() = default;
Deflater::Deflater(Deflater&&) noexcept = default;
Deflater& Deflater::operator=(Deflater&&) noexcept = default;

std::string_view Deflater::compress(std::string_view message) {
  z_stream& z = stream_->z;
  // Room for the worst case and the flush, so that one call does it all.
  out_.resize(deflateBound(&z, message.size()) + 16);
  z.next_in = const_cast<Bytef*>(as_bytes(message).data());  // zlib only reads it.
  z.avail_in = static_cast<uInt>(message.size());
  z.next_out = out_.data();
  z.avail_out = static_cast<uInt>(out_.size());
  deflate(&z, Z_SYNC_FLUSH);
  // The empty stored block at the end, 00 00 FF FF, is left out (RFC 7692, 7.2.1).
  return as_text(Bytes(out_.data(), out_.size() - z.avail_out - 4));
}

std::string upgrade_request(Random& random, const Handshake& handshake) {
  std::array<std::uint8_t, 16> nonce{};
  for (auto& byte : nonce) byte = static_cast<std::uint8_t>(random.below(256));
  std::string password;
  random.append_hex(password, 10);
  std::string credentials(handshake.station);
  credentials += ':';
  credentials += password;
  return fmt::format(
      "GET /ocpp/{} HTTP/1.1\r\nHost: csms.example:9000\r\nUpgrade: websocket\r\n"
      "Connection: Upgrade\r\nSec-WebSocket-Key: {}\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Protocol: {}\r\nAuthorization: Basic {}\r\n{}\r\n",
      handshake.station, to_base64(nonce), handshake.subprotocol, to_base64(as_bytes(credentials)),
      handshake.deflate ? "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n"
                        : "");
}

std::string upgrade_response(std::string_view request, const Handshake& handshake) {
  constexpr std::string_view kName = "Sec-WebSocket-Key: ";
  const std::size_t at = request.find(kName) + kName.size();
  const std::string_view key = request.substr(at, request.find('\r', at) - at);
  return fmt::format(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: {}\r\nSec-WebSocket-Protocol: {}\r\n{}\r\n",
      accept_of(key), handshake.subprotocol,
      handshake.deflate ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : "");
}

}  // namespace chargewarden::bench
