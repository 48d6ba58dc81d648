#include "alerts/audit/folder_lock.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace chargewarden {

namespace {

// The trail names stations, addresses and people's commands: not for everybody.
constexpr mode_t kFolderMode = 0750;
constexpr mode_t kFileMode = 0640;

Error open_error(const std::string& folder, int error) {
  const bool wrong_path =
      error == ENOENT || error == ENOTDIR || error == ENAMETOOLONG || error == EEXIST;
  return {wrong_path ? ErrorCode::kUsage : ErrorCode::kReadWrite,
          fmt::format("cannot open audit folder \"{}\" for writing: {}", folder,
                      std::generic_category().message(error))};
}

}  // namespace

Expected<FolderLock> FolderLock::acquire(const std::string& folder) {
  if (::mkdir(folder.c_str(), kFolderMode) != 0 && errno != EEXIST) {
    return open_error(folder, errno);
  }
  FolderLock lock;
  const std::string path = folder + "/audit.lock";
  lock.fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kFileMode);
  if (lock.fd_ < 0) return open_error(folder, errno);
  if (::flock(lock.fd_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return open_error(folder, errno);
    return Error{
        ErrorCode::kReadWrite,
        fmt::format("audit folder \"{}\" is in use: another Chargewarden writes to it", folder)};
  }
  return lock;
}

FolderLock::~FolderLock() {
  if (fd_ >= 0) (void)::close(fd_);
}

FolderLock::FolderLock(FolderLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

FolderLock& FolderLock::operator=(FolderLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

}  // namespace chargewarden
