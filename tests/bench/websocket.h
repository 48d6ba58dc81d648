#pragma once
// The WebSocket side of the generator: opening handshake, frames, masks, permessage-deflate
// (RFC 6455, RFC 7692).

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/packets.h"
#include "tests/bench/random.h"

namespace chargewarden::bench {

enum class Opcode : std::uint8_t {
  kContinuation = 0,
  kText = 1,
  kPing = 9,
  kPong = 10,
  kClose = 8
};

// Appends one frame. Frames of the client carry a random mask.
void append_frame(std::string& out, Random& random, End from, Opcode opcode, bool final,
                  bool compressed, std::string_view payload);

// Compresses the messages of one direction with context takeover.
class Deflater {
 public:
  Deflater();
  ~Deflater();
  Deflater(Deflater&&) noexcept;
  Deflater& operator=(Deflater&&) noexcept;

  // Valid until the next call.
  std::string_view compress(std::string_view message);

 private:
  struct Stream;
  std::unique_ptr<Stream> stream_;
  std::vector<std::uint8_t> out_;
};

struct Handshake {
  std::string_view station;
  std::string_view subprotocol;  // ocpp1.6, ocpp2.0.1, ocpp2.1.
  bool deflate = false;
};

// The two halves of an opening handshake with HTTP Basic authentication.
std::string upgrade_request(Random& random, const Handshake& handshake);
std::string upgrade_response(std::string_view request, const Handshake& handshake);

}  // namespace chargewarden::bench
