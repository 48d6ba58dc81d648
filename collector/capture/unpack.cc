#include "collector/capture/unpack.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <zlib.h>
#include <zstd.h>

namespace chargewarden {

namespace {

constexpr std::size_t kMagicLen = 4;
constexpr std::size_t kPackedBytes = 64 * 1024;  // Read at once; no larger than a pipe holds.

// The raw input with the bytes that were read to recognise it put back in front.
class Rewound final : public ByteInput {
 public:
  Rewound(std::unique_ptr<ByteInput> raw, std::span<const std::uint8_t> prefix)
      : raw_(std::move(raw)), len_(prefix.size()) {
    std::copy(prefix.begin(), prefix.end(), prefix_.begin());
  }

  Expected<std::size_t> read(std::span<std::uint8_t> out) override {
    if (at_ == len_) return raw_->read(out);
    const std::size_t count = std::min(len_ - at_, out.size());
    std::copy_n(prefix_.begin() + static_cast<std::ptrdiff_t>(at_), count, out.begin());
    at_ += count;
    return count;
  }

  [[nodiscard]] bool must_wait() const override { return at_ == len_ && raw_->must_wait(); }

  [[nodiscard]] std::string damage() const override { return raw_->damage(); }

  [[nodiscard]] std::uint64_t bytes_read() const override { return raw_->bytes_read(); }

  [[nodiscard]] std::uint64_t bytes_total() const override { return raw_->bytes_total(); }

 private:
  std::unique_ptr<ByteInput> raw_;
  std::array<std::uint8_t, kMagicLen> prefix_{};
  std::size_t len_;
  std::size_t at_ = 0;
};

class GzipInput final : public ByteInput {
 public:
  explicit GzipInput(std::unique_ptr<ByteInput> raw) : raw_(std::move(raw)), packed_(kPackedBytes) {
    constexpr int kGzipWindow = 15 + 16;  // zlib.h: 16 added means a gzip header and trailer.
    ready_ = ::inflateInit2(&stream_, kGzipWindow) == Z_OK;
  }

  GzipInput(const GzipInput&) = delete;
  GzipInput& operator=(const GzipInput&) = delete;

  ~GzipInput() override { ::inflateEnd(&stream_); }

  Expected<std::size_t> read(std::span<std::uint8_t> out) override {
    if (!ready_) return Error{ErrorCode::kInternal, "cannot start zlib"};
    stream_.next_out = out.data();
    stream_.avail_out = static_cast<uInt>(std::min<std::size_t>(out.size(), kPackedBytes * 16));
    const uInt room = stream_.avail_out;
    while (!ended_ && stream_.avail_out == room) {
      if (stream_.avail_in == 0) {
        auto count = raw_->read(packed_);
        if (!count) return count.error();
        raw_ended_ = *count == 0;
        stream_.next_in = packed_.data();
        stream_.avail_in = static_cast<uInt>(*count);
      }
      step();
    }
    return static_cast<std::size_t>(room - stream_.avail_out);
  }

  [[nodiscard]] bool must_wait() const override {
    return !ended_ && stream_.avail_in == 0 && raw_->must_wait();
  }

  [[nodiscard]] std::string damage() const override { return damage_; }

  [[nodiscard]] std::uint64_t bytes_read() const override { return raw_->bytes_read(); }

  [[nodiscard]] std::uint64_t bytes_total() const override { return raw_->bytes_total(); }

 private:
  void step() {
    if (between_members_) {
      start_next_member();
      return;
    }
    const int status = ::inflate(&stream_, Z_NO_FLUSH);
    if (status == Z_STREAM_END) {
      between_members_ = true;
    } else if (status == Z_BUF_ERROR) {
      if (raw_ended_) end("its gzip data end too early");
    } else if (status != Z_OK) {
      end("its gzip data are damaged");
    }
  }

  // RFC 1952, 2.2: members follow each other without anything between them. Tapes and block
  // devices pad with zeros.
  void start_next_member() {
    if (stream_.avail_in == 0 || *stream_.next_in == 0) {
      ended_ = true;
    } else if (*stream_.next_in != 0x1f) {
      end("its gzip data are followed by other bytes");
    } else {
      between_members_ = false;
      if (::inflateReset(&stream_) != Z_OK) end("its gzip data are damaged");
    }
  }

  void end(const char* why) {
    ended_ = true;
    damage_ = why;
  }

  std::unique_ptr<ByteInput> raw_;
  std::vector<std::uint8_t> packed_;
  z_stream stream_{};
  std::string damage_;
  bool ready_ = false;
  bool raw_ended_ = false;
  bool between_members_ = false;
  bool ended_ = false;
};

class ZstdInput final : public ByteInput {
 public:
  explicit ZstdInput(std::unique_ptr<ByteInput> raw)
      : raw_(std::move(raw)), packed_(kPackedBytes), stream_(ZSTD_createDStream()) {
    ready_ = stream_ != nullptr && ZSTD_isError(ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax,
                                                                       kZstdWindowLogMax)) == 0;
  }

  ZstdInput(const ZstdInput&) = delete;
  ZstdInput& operator=(const ZstdInput&) = delete;

  ~ZstdInput() override { ZSTD_freeDStream(stream_); }

  Expected<std::size_t> read(std::span<std::uint8_t> out) override {
    if (!ready_) return Error{ErrorCode::kInternal, "cannot start the zstd library"};
    ZSTD_outBuffer target{out.data(), out.size(), 0};
    while (!ended_ && target.pos == 0) {
      if (source_.pos == source_.size) {
        auto count = raw_->read(packed_);
        if (!count) return count.error();
        raw_ended_ = *count == 0;
        source_ = {packed_.data(), *count, 0};
      }
      step(target);
    }
    return target.pos;
  }

  [[nodiscard]] bool must_wait() const override {
    return !ended_ && source_.pos == source_.size && raw_->must_wait();
  }

  [[nodiscard]] std::string damage() const override { return damage_; }

  [[nodiscard]] std::uint64_t bytes_read() const override { return raw_->bytes_read(); }

  [[nodiscard]] std::uint64_t bytes_total() const override { return raw_->bytes_total(); }

 private:
  void step(ZSTD_outBuffer& target) {
    if (raw_ended_ && frame_done_) {
      ended_ = true;
      return;
    }
    const std::size_t status = ZSTD_decompressStream(stream_, &target, &source_);
    if (ZSTD_isError(status) != 0) {
      ended_ = true;
      damage_ = std::string("its zstd data cannot be unpacked (") + ZSTD_getErrorName(status) + ")";
      return;
    }
    frame_done_ = status == 0;
    if (raw_ended_ && !frame_done_ && target.pos == 0) {
      ended_ = true;
      damage_ = "its zstd data end too early";
    }
  }

  std::unique_ptr<ByteInput> raw_;
  std::vector<std::uint8_t> packed_;
  ZSTD_DStream* stream_;
  ZSTD_inBuffer source_{nullptr, 0, 0};
  std::string damage_;
  bool ready_ = false;
  bool raw_ended_ = false;
  bool frame_done_ = false;
  bool ended_ = false;
};

bool is_gzip(std::span<const std::uint8_t> bytes) {
  return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

// RFC 8878, 3.1: a frame, or a skippable frame, which may also stand first.
bool is_zstd(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < 4) return false;
  if (bytes[0] == 0x28) return bytes[1] == 0xb5 && bytes[2] == 0x2f && bytes[3] == 0xfd;
  return (bytes[0] & 0xf0U) == 0x50 && bytes[1] == 0x2a && bytes[2] == 0x4d && bytes[3] == 0x18;
}

}  // namespace

Expected<std::unique_ptr<ByteInput>> unpacked(std::unique_ptr<ByteInput> raw) {
  std::array<std::uint8_t, kMagicLen> buffer{};
  std::size_t len = 0;
  while (len < buffer.size()) {
    auto count = raw->read(std::span(buffer).subspan(len));
    if (!count) return count.error();
    if (*count == 0) break;
    len += *count;
  }
  const auto magic = std::span<const std::uint8_t>(buffer).first(len);
  std::unique_ptr<ByteInput> whole = std::make_unique<Rewound>(std::move(raw), magic);
  if (is_gzip(magic)) return std::unique_ptr<ByteInput>(new GzipInput(std::move(whole)));
  if (is_zstd(magic)) return std::unique_ptr<ByteInput>(new ZstdInput(std::move(whole)));
  return whole;
}

}  // namespace chargewarden
