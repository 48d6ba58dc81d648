// Any bytes as the two directions of a TLS connection: nothing crashes, and events stay in
// proportion to the bytes.

#include <algorithm>

#include "tests/support/chunked_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chargewarden;
  using namespace chargewarden::harness;
  const auto defs = stream_decoders();
  const auto tls = std::find_if(defs.begin(), defs.end(),
                                [](const StreamDecoderDef& def) { return def.name == "tls"; });
  FuzzConnection connection(tls->create(), false);
  for_each_chunk(
      {data, size}, [&](Side side, Bytes bytes) { connection.data(side, bytes); },
      [&](Side side, std::uint64_t missing) { connection.gap(side, missing); });
  connection.end(size);
  return 0;
}
