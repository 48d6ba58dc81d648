// Runs a fuzz target without a fuzzing engine, so that a corpus is a regression test with every
// compiler and sanitizer.
//
// Arguments are seed files or folders of them; a folder that does not exist counts as empty. Each
// seed is given whole and cut in half, and a few inputs that every target must digest come first.
// Exit status 1 when a seed cannot be read; a finding of the target ends the process.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "collector/base/text.h"

// The entry point is named by libFuzzer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace chargewarden {
namespace {

namespace fs = std::filesystem;

// Copied, so that a sanitizer sees a read behind the end of exactly this many bytes.
void run(Bytes input) {
  const std::vector<std::uint8_t> exact(input.begin(), input.end());
  (void)LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

// Reproducible noise: xorshift64 (Marsaglia, 2003) from a fixed seed.
std::vector<std::uint8_t> noise(std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  std::uint64_t state = 0x9E3779B97F4A7C15U;
  for (std::uint8_t& byte : bytes) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    byte = static_cast<std::uint8_t>(state >> 56U);
  }
  return bytes;
}

void run_built_in() {
  run({});
  constexpr std::uint8_t kSingles[] = {0x00, 0x0A, '[', '{', 0x81, 0xFF};
  for (const std::uint8_t& byte : kSingles) run({&byte, 1});
  run(noise(4096));
}

bool run_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::fprintf(stderr, "cannot open seed \"%s\"\n", path.c_str());
    return false;
  }
  const std::string seed{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  run(as_bytes(seed));
  run(as_bytes(seed).first(seed.size() / 2));
  return true;
}

std::vector<fs::path> seeds_of(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) {
    return fs::exists(path, error) ? std::vector<fs::path>{path} : std::vector<fs::path>{};
  }
  std::vector<fs::path> seeds;
  for (const auto& entry : fs::directory_iterator(path, error)) {
    if (entry.is_regular_file(error)) seeds.push_back(entry.path());
  }
  return seeds;
}

}  // namespace
}  // namespace chargewarden

int main(int argc, char** argv) {
  chargewarden::run_built_in();
  std::size_t seeds = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& seed : chargewarden::seeds_of(argv[i])) {
      if (!chargewarden::run_file(seed)) return 1;
      ++seeds;
    }
  }
  std::printf("%zu seeds and the built-in inputs digested\n", seeds);
  return 0;
}
