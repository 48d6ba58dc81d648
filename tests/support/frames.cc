#include "tests/support/frames.h"

#include <cstring>
#include <vector>

#include <zlib.h>

#include "collector/base/text.h"

namespace chargewarden::harness {

namespace {

std::string frame(std::uint8_t opcode, std::string_view payload, const FrameForm& form,
                  bool masked) {
  std::string out;
  const auto put = [&](std::size_t byte) {
    out += static_cast<char>(static_cast<unsigned char>(byte & 0xffU));
  };
  const std::size_t size = payload.size();
  const unsigned extended = form.length_of != 0 ? form.length_of
                            : size > 0xffff     ? 8U
                            : size > 125        ? 2U
                                                : 0U;
  const std::size_t mask_bit = masked ? 0x80 : 0;
  put((form.fin ? 0x80U : 0U) | static_cast<unsigned>(form.rsv) << 4U | opcode);
  put(mask_bit | (extended == 8 ? 127 : extended == 2 ? 126 : size));
  for (unsigned i = extended; i > 0; --i) put(size >> (8 * (i - 1)));
  if (masked) out += kMaskKey;
  for (std::size_t i = 0; i < size; ++i) {
    const auto byte = static_cast<unsigned char>(payload[i]);
    put(masked ? byte ^ static_cast<unsigned char>(kMaskKey[i % 4]) : byte);
  }
  return out;
}

}  // namespace

std::string client_frame(std::uint8_t opcode, std::string_view payload, const FrameForm& form) {
  return frame(opcode, payload, form, !form.wrong_mask);
}

std::string server_frame(std::uint8_t opcode, std::string_view payload, const FrameForm& form) {
  return frame(opcode, payload, form, form.wrong_mask);
}

std::string client_text(std::string_view text) {
  return client_frame(1, text);
}

std::string server_text(std::string_view text) {
  return server_frame(1, text);
}

struct Deflater::State {
  z_stream stream{};
};

Deflater::Deflater(bool takeover) : state_(std::make_unique<State>()), takeover_(takeover) {
  (void)deflateInit2(&state_->stream, 9, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY);
}

Deflater::~Deflater() {
  deflateEnd(&state_->stream);
}

std::string Deflater::message(std::string_view text) {
  z_stream& stream = state_->stream;
  if (!takeover_) deflateReset(&stream);
  const Bytes in = as_bytes(text);
  std::vector<std::uint8_t> input(in.begin(), in.end());
  std::vector<std::uint8_t> out(text.size() + 64);
  stream.next_in = input.data();
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  (void)deflate(&stream, Z_SYNC_FLUSH);
  out.resize(out.size() - stream.avail_out - 4);
  return std::string(as_text(out));
}

}  // namespace chargewarden::harness
