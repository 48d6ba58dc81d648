#include "analyzer/app/paths.h"

#include <filesystem>
#include <system_error>

namespace chargewarden {

std::string catalog_dir() {
  std::error_code failure;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failure);
  if (!failure) {
    const auto installed =
        program.parent_path().parent_path() / "share" / "chargewarden" / "rules" / "catalog";
    if (std::filesystem::is_directory(installed, failure)) return installed.string();
  }
  return CHARGEWARDEN_CATALOG_DIR;
}

std::string_view program_version() {
  return CHARGEWARDEN_VERSION;
}

}  // namespace chargewarden
