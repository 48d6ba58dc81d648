#include "collector/decoders/ftp/data_endpoint.h"

#include <array>
#include <charconv>

namespace chargewarden::ftp {

namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr unsigned kPortMax = 65'535;

std::optional<unsigned> take_number(std::string_view& text, unsigned max) {
  unsigned number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || number > max) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

// A port, which is not 0, and the mark behind it.
std::optional<std::uint16_t> take_port(std::string_view text, char mark) {
  const auto port = take_number(text, kPortMax);
  if (!port || *port == 0 || text.empty() || text.front() != mark) return std::nullopt;
  return static_cast<std::uint16_t>(*port);
}

}  // namespace

std::optional<DataEndpoint> read_host_port(std::string_view text) {
  const auto begin = text.find_first_of(kDigits);
  if (begin == std::string_view::npos) return std::nullopt;
  text.remove_prefix(begin);
  std::array<std::uint8_t, 6> parts{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) {
      if (text.empty() || text.front() != ',') return std::nullopt;
      text.remove_prefix(1);
    }
    const auto part = take_number(text, 255);
    if (!part) return std::nullopt;
    parts[i] = static_cast<std::uint8_t>(*part);
  }
  DataEndpoint out;
  out.ip = IpAddress::from_bytes(Bytes(parts).first(4));
  out.port = static_cast<std::uint16_t>(parts[4] * 256U + parts[5]);
  if (out.port == 0) return std::nullopt;
  return out;
}

std::optional<DataEndpoint> read_extended_port(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const char mark = text.front();
  const auto ip_mark = text.find(mark, 1);
  if (ip_mark == std::string_view::npos) return std::nullopt;
  const auto port_mark = text.find(mark, ip_mark + 1);
  if (port_mark == std::string_view::npos) return std::nullopt;
  const auto port = take_port(text.substr(port_mark + 1), mark);
  DataEndpoint out;
  out.ip = IpAddress::parse(text.substr(ip_mark + 1, port_mark - ip_mark - 1));
  if (!out.ip || !port) return std::nullopt;
  out.port = *port;
  return out;
}

std::optional<DataEndpoint> read_extended_passive(std::string_view text) {
  const auto open = text.find('(');
  if (open == std::string_view::npos || open + 4 >= text.size()) return std::nullopt;
  const char mark = text[open + 1];
  if (text[open + 2] != mark || text[open + 3] != mark) return std::nullopt;
  const auto port = take_port(text.substr(open + 4), mark);
  if (!port) return std::nullopt;
  return DataEndpoint{std::nullopt, *port};
}

}  // namespace chargewarden::ftp
