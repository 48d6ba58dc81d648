#pragma once
// Limits of reading logs, with their units and reasons. What happens at one is counted.

#include <cstddef>

namespace chargewarden {

// Longest line, or lines of one message, that is kept: what follows is dropped, and the message is
// one whose end is missing. CSMS accept messages of some MiB, but log them shorter, and nearly all
// OCPP messages stay below 2 KB. Test: log_source_test.cc "a line beyond the limit is cut".
inline constexpr std::size_t kLogRecordMaxLen = 1024 * 1024;

// Lines at the begin of a log from which its format and the date of times without one are found.
// Test: log_source_test.cc "only the first lines decide about the format".
inline constexpr std::size_t kLogHeadLinesMax = 20;

// Bytes of them, should the lines be long. Test: log_source_test.cc "a head of long lines is cut".
inline constexpr std::size_t kLogHeadBytesMax = 256 * 1024;

// Wrappers inside each other that are opened: a container's log that was sent by syslog and
// exported as JSON has three. Test: log_formats_test.cc "wrappers inside wrappers end".
inline constexpr std::size_t kLogWrappersMax = 4;

// Connections of stations that one shard keeps for all logs; 16 shards make 262,144: a fleet of
// 100,000 stations, each with the connection before its present one. The least recently active goes
// first. Test: log_flows_test.cc "the least recently active log connection goes at the limit".
inline constexpr std::size_t kLogFlowsPerShardMax = 16'384;

}  // namespace chargewarden
