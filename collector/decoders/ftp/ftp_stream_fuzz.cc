// Any bytes as the two directions of an FTP control connection: nothing crashes, and events stay in
// proportion to the bytes.

#include "tests/support/chunked_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chargewarden;
  using namespace chargewarden::harness;
  for (const StreamDecoderDef& def : stream_decoders()) {
    if (def.name != "ftp") continue;
    FuzzConnection connection(def.create(), false);
    for_each_chunk(
        {data, size}, [&](Side side, Bytes bytes) { connection.data(side, bytes); },
        [&](Side side, std::uint64_t missing) { connection.gap(side, missing); });
    connection.end(size);
  }
  return 0;
}
