#pragma once
// Fingerprints of TLS clients and servers: JA3 and JA3S (Salesforce, BSD-3), JA4 of the client
// (FoxIO, BSD-3). The same software with the same settings has the same one, whatever its address.

#include <string>

#include "collector/wire/tls/hello.h"

namespace chargewarden::tls {

// The text that JA3 is the MD5 of.
std::string ja3_text(const ClientHello& hello);
std::string ja3s_text(const ServerHello& hello);

// MD5 in lower-case hex.
std::string ja3(const ClientHello& hello);
std::string ja3s(const ServerHello& hello);

// Such as t13d1516h2_8daaf6152771_e5627efa2ab1; over TCP.
std::string ja4(const ClientHello& hello);

}  // namespace chargewarden::tls
