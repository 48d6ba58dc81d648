#pragma once
// What tests of captures share: the labelled captures beside the checkout, packed copies, reading.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "collector/base/byte_reader.h"
#include "collector/capture/capture_source.h"

namespace chargewarden::harness {

// Test data that not everybody has. Where it is missing a test says that it is skipped, and
// returns.
std::filesystem::path shared_folder();
bool shared_folder_is_missing();

struct LabelledCapture {
  std::string name;
  std::filesystem::path path;
  nlohmann::json labels;
};

// The captures of the shared corpus, by name.
std::vector<LabelledCapture> labelled_captures();

std::vector<std::uint8_t> gzip(Bytes bytes);
std::vector<std::uint8_t> zstd(Bytes bytes);

// Hands over each batch up to the end of the source. A source that fails fails the test.
template <typename OnBatch>
void for_each_batch(Expected<std::unique_ptr<CaptureSource>>& source, std::size_t packets_max,
                    OnBatch&& on_batch) {
  if (!source) FAIL(source.error().message);
  PacketBatch batch;
  while (true) {
    const auto more = (*source)->read(batch, packets_max);
    if (!more) FAIL(more.error().message);
    if (!more.value()) return;
    on_batch(batch);
  }
}

}  // namespace chargewarden::harness
