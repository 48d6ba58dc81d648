#pragma once
// Where the files that are shipped with the program are, and what the program is called.

#include <string>
#include <string_view>

namespace chargewarden {

// Folder of the shipped rules: ../share/chargewarden/rules/catalog beside the program where it is
// installed, else that of the source tree it was built from.
std::string catalog_dir();

std::string_view program_version();

}  // namespace chargewarden
