#pragma once
// Unpacks gzip (RFC 1952) and Zstandard (RFC 8878) while reading; passes anything else through.

#include <cstdint>
#include <memory>

#include "collector/base/expected.h"
#include "collector/capture/byte_input.h"

namespace chargewarden {

// Largest Zstandard window that is accepted, as a power of two: 128 MiB, which is what the zstd
// program itself accepts without being told otherwise. It bounds the memory that a hostile file can
// ask for. Test: unpack_test.cc "a zstd window beyond the limit is refused".
inline constexpr int kZstdWindowLogMax = 27;

// Looks at the first bytes of `raw` and returns what delivers the unpacked bytes. Concatenated
// members and frames are read as one. Memory is bounded, whatever the ratio: nothing is unpacked
// before it is asked for.
Expected<std::unique_ptr<ByteInput>> unpacked(std::unique_ptr<ByteInput> raw);

}  // namespace chargewarden
