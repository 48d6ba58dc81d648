#pragma once
// Where the files that are shipped with the program are.

#include <string>

namespace chargewarden {

// Folder of the shipped rules.
std::string catalog_dir();

}  // namespace chargewarden
