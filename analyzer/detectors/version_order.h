#pragma once
// Which of two firmware versions is the later one. Vendors have no common scheme: numbers are
// compared as numbers, words as words, and what cannot be compared is said to be so.

#include <string_view>

namespace chargewarden {

enum class VersionOrder { kOlder, kSame, kNewer, kUnknown };

// What `now` is, seen from `before`.
VersionOrder compare_versions(std::string_view now, std::string_view before);

}  // namespace chargewarden
