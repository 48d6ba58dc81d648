#pragma once
// The parts of an address that a station is told to fetch from or send to (RFC 3986).

#include <string>
#include <string_view>

namespace chargewarden {

struct Location {
  std::string scheme;  // Lower case; empty when there is none.
  std::string host;    // Lower case, without port and credentials; IPv6 with its brackets.
  std::string path;    // From the slash, without query and fragment; "/" when there is none.
  bool has_credentials = false;
};

// Reads what it can; a text that is no address has an empty host.
Location read_location(std::string_view url);

}  // namespace chargewarden
