#pragma once
// Times on the command line: RFC 3339, or relative to now.

#include <cstdint>
#include <string>
#include <string_view>

#include "collector/base/expected.h"

namespace chargewarden {

// "2026-11-22T12:00:00Z", or "-24h": so long before `now_ns` (s, m, h, d or w). Nanoseconds since
// 1970-01-01 UTC. kUsage, with the name of the option, when it is neither.
Expected<std::int64_t> parse_time_argument(std::string_view option, std::string_view text,
                                           std::int64_t now_ns);

}  // namespace chargewarden
