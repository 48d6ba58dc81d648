#pragma once
// Where an FTP data connection goes to, as commands and replies say it. Pure functions over hostile
// text; nullopt when it says nothing that can be meant.

#include <cstdint>
#include <optional>
#include <string_view>

#include "collector/base/ip_address.h"

namespace chargewarden::ftp {

struct DataEndpoint {
  std::optional<IpAddress> ip;  // Empty: that of the control connection's peer.
  std::uint16_t port = 0;
};

// h1,h2,h3,h4,p1,p2 of PORT, or somewhere in the text of a 227 (RFC 959, 4.1.2; RFC 1123, 4.1.2.6).
std::optional<DataEndpoint> read_host_port(std::string_view text);

// |1|132.235.1.2|6275| of EPRT (RFC 2428, 2).
std::optional<DataEndpoint> read_extended_port(std::string_view text);

// (|||6446|) of a 229 (RFC 2428, 3).
std::optional<DataEndpoint> read_extended_passive(std::string_view text);

}  // namespace chargewarden::ftp
