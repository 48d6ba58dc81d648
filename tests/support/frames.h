#pragma once
// WebSocket frames and their compression, for tests (RFC 6455, 5.2; RFC 7692, 7.2.1).

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace chargewarden::harness {

// How a frame departs from a whole, plain one.
struct FrameForm {
  bool fin = true;
  std::uint8_t rsv = 0;  // 4 is RSV1, 2 is RSV2, 1 is RSV3.
  std::uint8_t length_of =
      0;                    // Bytes of an extended length that is longer than it must be: 2 or 8.
  bool wrong_mask = false;  // Masked where it must not be, or the other way round.
};

inline constexpr std::string_view kMaskKey = "\x37\xfa\x21\x3d";  // The key of RFC 6455, 5.7.

// A frame of the client is masked with kMaskKey, one of the server is not.
std::string client_frame(std::uint8_t opcode, std::string_view payload, const FrameForm& form = {});
std::string server_frame(std::uint8_t opcode, std::string_view payload, const FrameForm& form = {});

// Text messages in one frame.
std::string client_text(std::string_view text);
std::string server_text(std::string_view text);

// One direction of permessage-deflate.
class Deflater {
 public:
  explicit Deflater(bool takeover = true);
  ~Deflater();
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  // The payload of a message, without the tail 00 00 ff ff.
  std::string message(std::string_view text);

 private:
  struct State;
  std::unique_ptr<State> state_;
  bool takeover_;
};

}  // namespace chargewarden::harness
