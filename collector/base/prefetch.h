#pragma once
// Asks for memory that is looked at soon. Changes nothing but the time that it takes.

#include <cstddef>

namespace chargewarden {

inline void prefetch_memory(const void* start, std::size_t size) noexcept {
  constexpr std::size_t kCacheLine = 64;
  for (std::size_t at = 0; at < size; at += kCacheLine) {
    __builtin_prefetch(static_cast<const char*>(start) + at);
  }
}

}  // namespace chargewarden
