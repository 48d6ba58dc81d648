#include "tests/support/captures.h"

#include <algorithm>
#include <fstream>

#include <zlib.h>
#include <zstd.h>

namespace chargewarden::harness {

namespace fs = std::filesystem;

fs::path shared_folder() {
  return CHARGEWARDEN_SHARED_DIR;
}

bool shared_folder_is_missing() {
  if (fs::exists(shared_folder() / "corpus")) return false;
  WARN("skipped: there is no shared folder with captures");
  return true;
}

std::vector<LabelledCapture> labelled_captures() {
  std::vector<LabelledCapture> out;
  for (const auto& folder : fs::directory_iterator(shared_folder() / "corpus")) {
    if (!folder.is_directory()) continue;
    auto labels = nlohmann::json::parse(std::ifstream(folder.path() / "labels.json"));
    fs::path path = folder.path() / labels.at("capture").get<std::string>();
    out.push_back({folder.path().filename().string(), std::move(path), std::move(labels)});
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  REQUIRE_FALSE(out.empty());
  return out;
}

std::vector<std::uint8_t> gzip(Bytes bytes) {
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::vector<std::uint8_t> in(bytes.begin(), bytes.end());
  std::vector<std::uint8_t> out(deflateBound(&stream, in.size()));
  stream.next_in = in.data();
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = out.data();
  stream.avail_out = static_cast<uInt>(out.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

std::vector<std::uint8_t> zstd(Bytes bytes) {
  std::vector<std::uint8_t> out(ZSTD_compressBound(bytes.size()));
  const std::size_t len = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 3);
  REQUIRE(ZSTD_isError(len) == 0);
  out.resize(len);
  return out;
}

}  // namespace chargewarden::harness
