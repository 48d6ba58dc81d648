#include "collector/wire/tls/fingerprint.h"

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "collector/base/digest.h"
#include "collector/base/text.h"

namespace chargewarden::tls {

namespace {

using Numbers = std::vector<std::uint16_t>;

Numbers without_grease(const U16List& list) {
  Numbers out;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!is_grease(list[i])) out.push_back(list[i]);
  }
  return out;
}

Numbers types_of(const Extensions& extensions) {
  Numbers out;
  extensions.each([&](const Extension& each) {
    if (!is_grease(each.type)) out.push_back(each.type);
  });
  return out;
}

std::string md5_hex(std::string_view text) {
  std::array<std::uint8_t, 16> digest{};
  unsigned len = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &len, EVP_md5(), nullptr);
  return to_hex(digest);
}

// Four hex digits each, with commas.
std::string hex_list(const Numbers& numbers) {
  std::string out;
  for (const std::uint16_t each : numbers) {
    fmt::format_to(std::back_inserter(out), "{}{:04x}", out.empty() ? "" : ",", each);
  }
  return out;
}

constexpr std::size_t kJa4HashLen = 12;
constexpr std::string_view kJa4Nothing = "000000000000";

std::string ja4_hash(std::string_view text) {
  return sha256_hex(text).substr(0, kJa4HashLen);
}

std::string_view ja4_version(std::uint16_t version) {
  switch (version) {
    case kTls13:
      return "13";
    case kTls12:
      return "12";
    case kTls11:
      return "11";
    case kTls10:
      return "10";
    case kSsl30:
      return "s3";
    case 0x0002:
      return "s2";
    default:
      return "00";
  }
}

// First and last character of the first protocol; of one that is no letter or digit, of its hex.
std::string ja4_protocol(std::string_view protocol) {
  if (protocol.empty()) return "00";
  const auto is_plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  if (is_plain(protocol.front()) && is_plain(protocol.back())) {
    return {protocol.front(), protocol.back()};
  }
  const std::string hex = to_hex(as_bytes(protocol));
  return {hex.front(), hex.back()};
}

}  // namespace

std::string ja3_text(const ClientHello& hello) {
  Numbers formats(hello.point_formats.begin(), hello.point_formats.end());
  return fmt::format("{},{},{},{},{}", hello.legacy_version,
                     fmt::join(without_grease(hello.suites), "-"),
                     fmt::join(types_of(hello.extensions), "-"),
                     fmt::join(without_grease(hello.groups), "-"), fmt::join(formats, "-"));
}

std::string ja3s_text(const ServerHello& hello) {
  return fmt::format("{},{},{}", hello.legacy_version, hello.suite,
                     fmt::join(types_of(hello.extensions), "-"));
}

std::string ja3(const ClientHello& hello) {
  return md5_hex(ja3_text(hello));
}

std::string ja3s(const ServerHello& hello) {
  return md5_hex(ja3s_text(hello));
}

std::string ja4(const ClientHello& hello) {
  constexpr std::size_t kCountMax = 99;
  Numbers suites = without_grease(hello.suites);
  Numbers extensions = types_of(hello.extensions);
  std::string out = fmt::format(
      "t{}{}{:02}{:02}{}", ja4_version(hello.version()),
      hello.extensions.has(kServerNameExtension) ? 'd' : 'i', std::min(suites.size(), kCountMax),
      std::min(extensions.size(), kCountMax), ja4_protocol(hello.first_protocol));
  std::sort(suites.begin(), suites.end());
  out += '_';
  out += suites.empty() ? std::string(kJa4Nothing) : ja4_hash(hex_list(suites));
  std::erase_if(extensions, [](std::uint16_t each) {
    return each == kServerNameExtension || each == kAlpnExtension;
  });
  std::sort(extensions.begin(), extensions.end());
  std::string rest = hex_list(extensions);
  if (const Numbers algorithms = without_grease(hello.signature_algorithms); !algorithms.empty()) {
    rest += '_' + hex_list(algorithms);
  }
  out += '_';
  out += types_of(hello.extensions).empty() ? std::string(kJa4Nothing) : ja4_hash(rest);
  return out;
}

}  // namespace chargewarden::tls
