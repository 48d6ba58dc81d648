#include "analyzer/detectors/firmware/ftp_files.h"

#include <fmt/format.h>

namespace chargewarden::firmware {

namespace {

using F = FactField;

// The reply to a transfer comes right after its data connection has ended; what is told at the end
// of the control connection comes later.
constexpr std::int64_t kJoinNs = 600'000'000'000;

constexpr std::int64_t kFailedFrom = 400;

}  // namespace

FtpFiles::FtpFiles(const HashKey& key)
    : named_(key, kFtpHalvesMax, kJoinNs), data_(key, kFtpHalvesMax, kJoinNs) {}

std::optional<FetchedFile> FtpFiles::on_transfer(const Fact& fact, const World& world) {
  if (world.link() == nullptr || fact.text(F::kMethod) != "RETR") return std::nullopt;
  if (fact.number(F::kRangeStart).value_or(0) > 0 || !fact.has(F::kDataPort)) return std::nullopt;
  // 4xx and 5xx: it was broken off or refused, so the bytes are not the whole file (RFC 959, 4.2).
  if (fact.number(F::kStatusCode).value_or(0) >= kFailedFrom) return std::nullopt;
  const std::string data_server(fact.text(F::kDataIp));
  const std::string key = fmt::format("{}:{}", data_server, *fact.number(F::kDataPort));
  const FlowInfo& flow = world.link()->flow;
  Named named{std::string(fact.text(F::kPath)), flow.client_ip_text, flow.server_ip_text};
  if (const Data* data = data_.find(key, fact.time_ns())) {
    auto out = join(named, *data, data_server);
    data_.erase(key);
    return out;
  }
  named_.at(key, fact.time_ns()) = std::move(named);
  return std::nullopt;
}

std::optional<FetchedFile> FtpFiles::on_closed(const Fact& fact, const World& world) {
  const bool hashed = fact.has(F::kClientSha256) || fact.has(F::kServerSha256);
  if (world.link() == nullptr || !hashed) return std::nullopt;
  const FlowInfo& flow = world.link()->flow;
  const std::string key = fmt::format("{}:{}", flow.server_ip_text, flow.server_port);
  Data data{std::string(fact.text(F::kClientSha256)), std::string(fact.text(F::kServerSha256)),
            fact.number(F::kClientBytes).value_or(0), fact.number(F::kServerBytes).value_or(0)};
  if (const Named* named = named_.find(key, fact.time_ns())) {
    auto out = join(*named, data, flow.server_ip_text);
    named_.erase(key);
    return out;
  }
  data_.at(key, fact.time_ns()) = std::move(data);
  return std::nullopt;
}

// In passive mode the FTP server waits for the data connection, in active mode it opens it.
std::optional<FetchedFile> FtpFiles::join(const Named& named, const Data& data,
                                          const std::string& data_server) {
  const bool passive = data_server != named.client;
  FetchedFile out;
  out.location.scheme = "ftp";
  out.location.host = named.server;
  out.location.path = named.path;
  out.client = named.client;
  out.sha256 = passive ? data.server_sha256 : data.client_sha256;
  out.size_bytes = passive ? data.server_bytes : data.client_bytes;
  if (out.sha256.empty()) return std::nullopt;
  return out;
}

}  // namespace chargewarden::firmware
