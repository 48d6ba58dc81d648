#include "alerts/sinks/file/file_sink.h"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace chargewarden {

namespace {

constexpr mode_t kFileMode = 0640;  // Alerts name stations and addresses: not for everybody.

std::string reason_of(int error) {
  return std::generic_category().message(error);
}

bool is_wrong_path(int error) {
  return error == ENOENT || error == ENOTDIR || error == EISDIR || error == ENAMETOOLONG;
}

}  // namespace

Expected<std::unique_ptr<FileSink>> FileSink::open(const std::string& path, AlertForm form) {
  if (path == "-") {
    return std::unique_ptr<FileSink>(new FileSink("standard output", STDOUT_FILENO, false, form));
  }
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kFileMode);
  if (fd < 0) {
    const int error = errno;
    return Error{
        is_wrong_path(error) ? ErrorCode::kUsage : ErrorCode::kReadWrite,
        fmt::format("cannot open alert file \"{}\" for writing: {}", path, reason_of(error))};
  }
  return std::unique_ptr<FileSink>(
      new FileSink(fmt::format("alert file \"{}\"", path), fd, true, form));
}

FileSink::~FileSink() {
  if (owned_) (void)::close(fd_);
}

Expected<void> FileSink::deliver(const Alert& alert, std::string_view ocsf_json) {
  line_.clear();
  if (form_ == AlertForm::kOcsfLines) {
    line_ += ocsf_json;
    line_ += '\n';
  } else {
    render_text(alert, form_ == AlertForm::kColouredText ? Colour::kOn : Colour::kOff, line_);
  }
  std::string_view rest = line_;
  while (!rest.empty()) {
    const ssize_t written = ::write(fd_, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      return Error{ErrorCode::kReadWrite,
                   fmt::format("cannot write an alert to {}: {}", name_, reason_of(errno))};
    }
  }
  return {};
}

}  // namespace chargewarden
