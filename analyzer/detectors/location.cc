#include "analyzer/detectors/location.h"

#include "collector/base/text.h"

namespace chargewarden {

Location read_location(std::string_view url) {
  Location out;
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return out;
  out.scheme = lower_ascii(url.substr(0, scheme));
  std::string_view rest = url.substr(scheme + 3);
  const std::size_t end = rest.find_first_of("/?#");
  std::string_view authority = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end);
  if (const std::size_t mark = authority.rfind('@'); mark != std::string_view::npos) {
    out.has_credentials = true;
    authority.remove_prefix(mark + 1);
  }
  const bool ipv6 = authority.starts_with('[');
  const std::size_t host_end = ipv6 ? authority.find(']') : authority.find(':');
  const std::size_t host_len =
      host_end == std::string_view::npos ? authority.size() : host_end + (ipv6 ? 1 : 0);
  out.host = lower_ascii(authority.substr(0, host_len));
  out.path = rest.starts_with('/') ? std::string(rest.substr(0, rest.find_first_of("?#"))) : "/";
  return out;
}

}  // namespace chargewarden
