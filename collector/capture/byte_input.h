#pragma once
// ByteInput: a stream of bytes, read from front to back; FileInput: a file, pipe or standard input.
//
// One thread reads an input. Nothing here maps files into memory: a file that shrinks while it is
// read ends early instead of killing the process.

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "collector/base/expected.h"
#include "collector/capture/stop_request.h"

namespace chargewarden {

class ByteInput {
 public:
  virtual ~ByteInput() = default;

  // Writes at most out.size() bytes and returns how many; fewer does not mean the end, 0 does.
  // `out` is not empty. ErrorCode::kReadWrite when the operating system fails.
  virtual Expected<std::size_t> read(std::span<std::uint8_t> out) = 0;

  // Whether the next read would have to wait for bytes: those of a pipe come when they like.
  [[nodiscard]] virtual bool must_wait() const { return false; }

  // Why the bytes ended although more belonged to them, as the end of a sentence ("its gzip data is
  // damaged"); empty when nothing is wrong. Only packed inputs can tell.
  [[nodiscard]] virtual std::string damage() const = 0;

  // Progress in bytes of the file itself, packed or not; the total is 0 when unknown.
  [[nodiscard]] virtual std::uint64_t bytes_read() const = 0;
  [[nodiscard]] virtual std::uint64_t bytes_total() const = 0;
};

class FileInput final : public ByteInput {
 public:
  // "-" is standard input, which stays open afterwards. kUnreadable when it cannot be opened or is
  // a directory. Opening a named pipe waits for its writer, whether a stop is requested or not.
  // `stop` may be null; otherwise it outlives the input.
  static Expected<std::unique_ptr<ByteInput>> open(const std::string& path,
                                                   const StopRequest* stop = nullptr);

  FileInput(const FileInput&) = delete;
  FileInput& operator=(const FileInput&) = delete;
  ~FileInput() override;

  // As above. A requested stop is the end, at once, even while waiting for a pipe or terminal.
  Expected<std::size_t> read(std::span<std::uint8_t> out) override;

  [[nodiscard]] bool must_wait() const override;

  [[nodiscard]] std::string damage() const override { return {}; }

  [[nodiscard]] std::uint64_t bytes_read() const override { return bytes_read_; }

  [[nodiscard]] std::uint64_t bytes_total() const override { return bytes_total_; }

 private:
  FileInput(std::string path, const StopRequest* stop) : path_(std::move(path)), stop_(stop) {}

  [[nodiscard]] bool stopped_before_ready() const;

  std::string path_;
  const StopRequest* stop_;
  int descriptor_ = -1;
  bool may_wait_ = true;  // A regular file has its bytes, or its end, at once.
  bool owned_ = false;    // Standard input belongs to the process.
  std::uint64_t bytes_read_ = 0;
  std::uint64_t bytes_total_ = 0;
};

}  // namespace chargewarden
