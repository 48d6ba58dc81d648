#pragma once
// Exit statuses of the program: a contract with people's scripts.

#include "collector/base/expected.h"

namespace chargewarden {

inline constexpr int kExitDone = 0;
inline constexpr int kExitFindings = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitInternal = 70;
inline constexpr int kExitReadWrite = 74;

// This and the number of a signal: the process ends by that signal once everything is written, so
// that whoever started it sees why, and a shell says this number.
inline constexpr int kExitBySignal = 128;

constexpr int exit_status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kUsage:
    case ErrorCode::kUnreadable:
      return kExitUsage;
    case ErrorCode::kReadWrite:
      return kExitReadWrite;
    case ErrorCode::kInternal:
      return kExitInternal;
  }
  return kExitInternal;
}

}  // namespace chargewarden
