#pragma once
// FtpFiles: files that were fetched by FTP. The name passes over one connection and the bytes over
// another (RFC 959, 3.2); either may be told first.

#include <cstdint>
#include <optional>
#include <string>

#include "analyzer/detectors/expiring_map.h"
#include "analyzer/detectors/location.h"
#include "analyzer/facts/fact.h"
#include "analyzer/state/world.h"

namespace chargewarden::firmware {

// A file that was seen as a whole.
struct FetchedFile {
  Location location;
  std::string client;  // Address of who fetched it.
  std::string sha256;  // Hex.
  std::int64_t size_bytes = 0;
};

// Halves that wait for each other. Test: ftp_files_test.cc "halves that wait are bounded".
inline constexpr std::size_t kFtpHalvesMax = 1'024;

class FtpFiles {
 public:
  explicit FtpFiles(const HashKey& key);

  // ftp.transfer of a download.
  std::optional<FetchedFile> on_transfer(const Fact& fact, const World& world);

  // connection.closed that may be a data connection.
  std::optional<FetchedFile> on_closed(const Fact& fact, const World& world);

  [[nodiscard]] std::uint64_t dropped() const { return named_.dropped() + data_.dropped(); }

 private:
  struct Data {
    std::string client_sha256;
    std::string server_sha256;
    std::int64_t client_bytes = 0;
    std::int64_t server_bytes = 0;
  };

  struct Named {
    std::string path;
    std::string client;  // Of the control connection.
    std::string server;
  };

  static std::optional<FetchedFile> join(const Named& named, const Data& data,
                                         const std::string& data_server);

  // By address and port that the data connection goes to.
  ExpiringMap<Named> named_;
  ExpiringMap<Data> data_;
};

}  // namespace chargewarden::firmware
