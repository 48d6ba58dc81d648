#include "collector/capture/byte_input.h"

#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace chargewarden {

namespace {

std::string reason(int code) {
  return std::generic_category().message(code);
}

Error unreadable(const std::string& path, const std::string& why) {
  return {ErrorCode::kUnreadable, fmt::format("cannot read \"{}\": {}", path, why)};
}

}  // namespace

Expected<std::unique_ptr<ByteInput>> FileInput::open(const std::string& path,
                                                     const StopRequest* stop) {
  std::unique_ptr<FileInput> input(new FileInput(path == "-" ? "standard input" : path, stop));
  if (path == "-") {
    input->descriptor_ = STDIN_FILENO;
  } else {
    input->descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    input->owned_ = true;
  }
  if (input->descriptor_ < 0) return unreadable(path, reason(errno));

  struct stat status {};

  if (::fstat(input->descriptor_, &status) != 0) return unreadable(input->path_, reason(errno));
  if (S_ISDIR(status.st_mode)) return unreadable(input->path_, "it is a directory, not a file");
  if (S_ISREG(status.st_mode)) {
    input->may_wait_ = false;
    input->bytes_total_ = static_cast<std::uint64_t>(status.st_size);
    // A hint only: reading works without it.
    (void)::posix_fadvise(input->descriptor_, 0, 0, POSIX_FADV_SEQUENTIAL);
  }
  return std::unique_ptr<ByteInput>(std::move(input));
}

FileInput::~FileInput() {
  if (owned_ && descriptor_ >= 0) ::close(descriptor_);
}

// Waits for bytes or the end of the input, or for the request to stop; whether that came.
bool FileInput::stopped_before_ready() const {
  if (stop_ == nullptr) return false;
  if (may_wait_) {
    std::array<pollfd, 2> either{{{descriptor_, POLLIN, 0}, {stop_->descriptor(), POLLIN, 0}}};
    // A failure for another reason than a signal shows again, with its reason, in read(2).
    while (::poll(either.data(), either.size(), -1) < 0 && errno == EINTR) continue;
  }
  return stop_->requested();
}

bool FileInput::must_wait() const {
  if (!may_wait_) return false;
  pollfd wanted{descriptor_, POLLIN, 0};
  return ::poll(&wanted, 1, 0) == 0;
}

Expected<std::size_t> FileInput::read(std::span<std::uint8_t> out) {
  while (true) {
    if (stopped_before_ready()) return std::size_t{0};
    const ssize_t count = ::read(descriptor_, out.data(), out.size());
    if (count >= 0) {
      bytes_read_ += static_cast<std::uint64_t>(count);
      return static_cast<std::size_t>(count);
    }
    if (errno == EINTR) continue;
    return Error{ErrorCode::kReadWrite, fmt::format("cannot read \"{}\" after {} bytes: {}", path_,
                                                    bytes_read_, reason(errno))};
  }
}

}  // namespace chargewarden
