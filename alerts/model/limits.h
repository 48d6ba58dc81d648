#pragma once
// Limits on what an alert says. Together they keep any alert below kAlertMax, whatever a station
// sends and a rule holds.

#include <cstddef>
#include <string_view>

#include "collector/base/text.h"

namespace chargewarden {

// Longest alert and longest record of the audit trail, bytes: C2SP tlog-tiles, "Log Entries", gives
// an entry a 16-bit length. Test: ocsf_test.cc "an alert never exceeds the size of a log entry".
inline constexpr std::size_t kAlertMax = 65'535;

// Longest event that an alert carries, bytes of JSON: half of an entry, the rest is for the rule's
// own texts. A longer one is replaced by its SHA-256 and size. Test: as above.
inline constexpr std::size_t kEventJsonMax = 32'768;

// Longest station id, origin, name of an event or a connection, bytes of JSON. OCPP identities have
// at most 48 characters (OCPP 2.1, part 4, 3.1.1); file names make the rest. Test: as above.
inline constexpr std::size_t kNameMax = 256;

// Longest name of an input beside the packets that an alert names, bytes of JSON. They may come
// from as many inputs as there are packets. Test: as above.
inline constexpr std::size_t kInputNameMax = 128;

// Longest title of a rule, bytes of JSON (Sigma 2.1: 256 characters). Test: as above.
inline constexpr std::size_t kTitleMax = 512;

// Longest description or response of a rule, bytes of JSON: two screens of text. Test: as above.
inline constexpr std::size_t kProseMax = 2'048;

// Most tags of a rule that are written out, and the longest, bytes of JSON; shipped rules have
// fewer than twenty. Test: as above.
inline constexpr std::size_t kLabelsMax = 64;
inline constexpr std::size_t kLabelMax = 128;

// The longest start of `text` that takes at most `max` bytes inside a JSON string
// (append_json_escaped), without half a UTF-8 sequence at the end. Bytes that are not UTF-8 count
// as the three bytes that replace them.
inline std::string_view clip(std::string_view text, std::size_t max) noexcept {
  constexpr std::size_t kControlLen = 6;      // Such as \u001b.
  constexpr std::size_t kReplacementLen = 3;  // U+FFFD.
  if (text.size() <= max / kControlLen) return text;
  const bool utf8 = is_valid_utf8(text);
  std::size_t used = 0;
  std::size_t end = 0;  // Behind the last whole character that fits.
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (!utf8 || (byte & 0xc0U) != 0x80U) end = i;
    if (byte < 0x20 || byte == 0x7f) {
      used += kControlLen;
    } else if (byte == '"' || byte == '\\') {
      used += 2;
    } else {
      used += byte >= 0x80 && !utf8 ? kReplacementLen : 1;
    }
    if (used > max) return text.substr(0, end);
  }
  return text;
}

}  // namespace chargewarden
