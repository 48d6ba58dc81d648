#pragma once
// Contact: a connection outside OCPP on which something came about, and who its ends are.

#include <cstdint>
#include <string>
#include <string_view>

#include "analyzer/detectors/detector.h"

namespace chargewarden::network {

// Where FTP is spoken, before it is known that it is (RFC 959, 5.1).
inline constexpr std::uint16_t kFtpPort = 21;

// Data connections of FTP go to ports that are chosen for them, above the system ports (RFC 6335,
// 6).
inline constexpr std::uint16_t kDataPortMin = 1'024;

struct Contact {
  const Link* link = nullptr;
  std::string_view protocol;         // http, websocket, tls, ftp, unknown.
  StationIndex client = kNoStation;  // Whose own address the ends are.
  StationIndex server = kNoStation;
  bool client_is_backend = false;
  bool server_is_backend = false;

  [[nodiscard]] const std::string& client_ip() const noexcept { return link->flow.client_ip_text; }

  [[nodiscard]] const std::string& server_ip() const noexcept { return link->flow.server_ip_text; }

  // Whether it goes to where a data connection of FTP would.
  [[nodiscard]] bool may_be_data() const noexcept { return link->flow.server_port >= kDataPortMin; }

  // For tables: both addresses and the port of the service.
  [[nodiscard]] std::string key() const {
    return client_ip() + '\0' + server_ip() + '\0' + std::to_string(link->flow.server_port);
  }
};

}  // namespace chargewarden::network
