#include "collector/base/ip_address.h"

#include <algorithm>
#include <charconv>

#include <arpa/inet.h>

namespace chargewarden {

namespace {

constexpr std::array<std::uint8_t, 12> kV4Prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t kTextMaxLen = 45;

}  // namespace

IpAddress IpAddress::from_bytes(Bytes bytes) noexcept {
  IpAddress out;
  if (bytes.size() == 4) {
    std::copy(kV4Prefix.begin(), kV4Prefix.end(), out.bytes_.begin());
    std::copy(bytes.begin(), bytes.end(), out.bytes_.begin() + 12);
  } else if (bytes.size() == 16) {
    std::copy(bytes.begin(), bytes.end(), out.bytes_.begin());
  }
  return out;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) noexcept {
  if (text.empty() || text.size() > kTextMaxLen) return std::nullopt;
  std::array<char, kTextMaxLen + 1> buffer{};
  std::copy(text.begin(), text.end(), buffer.begin());
  std::array<std::uint8_t, 16> raw{};
  if (inet_pton(AF_INET, buffer.data(), raw.data()) == 1) {
    return from_bytes(Bytes(raw.data(), 4));
  }
  if (inet_pton(AF_INET6, buffer.data(), raw.data()) == 1) return from_bytes(raw);
  return std::nullopt;
}

bool IpAddress::is_v4() const noexcept {
  return std::equal(kV4Prefix.begin(), kV4Prefix.end(), bytes_.begin());
}

std::string IpAddress::to_string() const {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  if (is_v4()) {
    inet_ntop(AF_INET, bytes_.data() + 12, buffer.data(), buffer.size());
  } else {
    inet_ntop(AF_INET6, bytes_.data(), buffer.data(), buffer.size());
  }
  return buffer.data();
}

std::optional<IpNetwork> IpNetwork::parse(std::string_view text) noexcept {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  IpNetwork out;
  out.base_ = *address;
  out.v4_ = address->is_v4();
  const unsigned width = out.v4_ ? 32 : 128;
  unsigned bits = width;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (failure != std::errc{} || end != digits.data() + digits.size() || bits > width) {
      return std::nullopt;
    }
  }
  out.prefix_bits_ = bits + (128 - width);
  for (unsigned bit = out.prefix_bits_; bit < 128; ++bit) {
    if ((out.base_.bytes()[bit / 8] >> (7 - bit % 8)) & 1U) return std::nullopt;
  }
  return out;
}

bool IpNetwork::contains(const IpAddress& address) const noexcept {
  if (address.is_v4() != v4_) return false;
  const unsigned whole = prefix_bits_ / 8;
  if (!std::equal(base_.bytes().begin(), base_.bytes().begin() + whole, address.bytes().begin())) {
    return false;
  }
  const unsigned left = prefix_bits_ % 8;
  if (left == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff00U >> left);
  return (base_.bytes()[whole] & mask) == (address.bytes()[whole] & mask);
}

bool IpAddress::is_public() const noexcept {
  static const auto kOthers = [] {
    constexpr auto kTexts = std::to_array<std::string_view>(
        {"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
         "172.16.0.0/12", "192.168.0.0/16", "::/127", "fc00::/7", "fe80::/10"});
    std::array<IpNetwork, kTexts.size()> out;
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = IpNetwork::parse(kTexts[i]).value_or(IpNetwork());
    }
    return out;
  }();
  return std::none_of(kOthers.begin(), kOthers.end(),
                      [this](const IpNetwork& each) { return each.contains(*this); });
}

bool is_public_address(std::string_view text) noexcept {
  const auto address = IpAddress::parse(text);
  return address && address->is_public();
}

}  // namespace chargewarden
