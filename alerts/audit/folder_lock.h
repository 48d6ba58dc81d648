#pragma once
// FolderLock: keeps a second program from writing to the same audit trail.
//
// A lock on FOLDER/audit.lock (flock(2)), held while the object lives and gone with the process,
// however it ends. The file itself stays.

#include <string>

#include "collector/base/expected.h"

namespace chargewarden {

class FolderLock {
 public:
  // Creates the folder if only its last part is missing.
  static Expected<FolderLock> acquire(const std::string& folder);

  FolderLock() = default;
  ~FolderLock();
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&& other) noexcept;

 private:
  int fd_ = -1;
};

}  // namespace chargewarden
