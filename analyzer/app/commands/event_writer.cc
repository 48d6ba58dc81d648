#include "analyzer/app/commands/event_writer.h"

#include <cerrno>
#include <cstddef>
#include <system_error>

#include <fmt/format.h>

namespace chargewarden {

namespace {

constexpr std::size_t kEventBufferLen = 1U << 16U;

}  // namespace

Expected<std::unique_ptr<EventWriter>> EventWriter::open(const std::string& path) {
  std::FILE* file = path == "-" ? stdout : std::fopen(path.c_str(), "we");
  if (file == nullptr) {
    const int error = errno;
    const bool wrong_path = error == ENOENT || error == ENOTDIR || error == EISDIR;
    return Error{wrong_path ? ErrorCode::kUsage : ErrorCode::kReadWrite,
                 fmt::format("cannot open event file \"{}\" for writing: {}", path,
                             std::generic_category().message(error))};
  }
  return std::unique_ptr<EventWriter>(new EventWriter(
      file, path == "-" ? "standard output" : fmt::format("event file \"{}\"", path)));
}

EventWriter::~EventWriter() {
  if (file_ != stdout) (void)std::fclose(file_);
}

void EventWriter::write(std::string_view line) {
  buffer_ += line;
  buffer_ += '\n';
  if (buffer_.size() >= kEventBufferLen) flush();
}

void EventWriter::flush() {
  if (failed_) return;
  const bool written = std::fwrite(buffer_.data(), 1, buffer_.size(), file_) == buffer_.size();
  if (!written || std::fflush(file_) != 0) {
    failed_ = true;
    reason_ = std::generic_category().message(errno);
  }
  buffer_.clear();
}

Error EventWriter::error() const {
  return {ErrorCode::kReadWrite, fmt::format("cannot write events to {}: {}", name_, reason_)};
}

}  // namespace chargewarden
