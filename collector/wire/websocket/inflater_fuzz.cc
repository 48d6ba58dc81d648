// Any bytes as compressed messages: output stays within its limit.

#include "collector/wire/websocket/inflater.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chargewarden::websocket;
  if (size == 0) return 0;
  constexpr std::size_t kLenMax = 100'000;
  Inflater inflater((data[0] & 1U) != 0);
  if ((data[0] & 2U) != 0) inflater.lose_window();
  const std::size_t half = 1 + (size - 1) / 2;
  for (const chargewarden::Bytes part :
       {chargewarden::Bytes(data + 1, half - 1), chargewarden::Bytes(data + half, size - half)}) {
    chargewarden::ByteBuffer out;
    (void)inflater.inflate_message(part, kLenMax, out);
    if (out.size() > kLenMax + 1) __builtin_trap();
  }
  return 0;
}
