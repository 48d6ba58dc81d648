#include "alerts/model/text_form.h"

#include <algorithm>

#include <fmt/format.h>

#include "alerts/model/limits.h"
#include "collector/base/text.h"

namespace chargewarden {

namespace {

constexpr std::size_t kColumns = 100;
constexpr std::size_t kIndent = 10;  // Columns; the width of the longest label and two spaces.

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

// Bytes of the sequence that begins with `lead`, in text that is UTF-8.
std::size_t sequence_len(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

// Of a terminal's view, U+0080 to U+009F and the marks of Unicode TR 9 (U+200E, U+200F, U+202A to
// U+202E, U+2066 to U+2069), and line separators (U+2028, U+2029).
bool is_harmful(std::string_view character) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(character[i]); };
  if (character.size() == 1) return at(0) < 0x20 || at(0) == 0x7f;
  if (character.size() == 2) return at(0) == 0xc2 && at(1) < 0xa0;
  if (character.size() != 3 || at(0) != 0xe2) return false;
  if (at(1) == 0x80) return at(2) == 0x8e || at(2) == 0x8f || (at(2) >= 0xa8 && at(2) <= 0xae);
  return at(1) == 0x81 && at(2) >= 0xa6 && at(2) <= 0xa9;
}

std::size_t columns_of(std::string_view text) {
  const auto count = std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
  });
  return static_cast<std::size_t>(count);
}

// A label and its text, broken between words; `text` is safe already.
void append_paragraph(std::string& out, std::string_view label, std::string_view text) {
  out += fmt::format("  {:<{}}", label, kIndent - 2);
  std::size_t column = kIndent;
  bool first = true;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    if (word.empty()) continue;
    const std::size_t width = columns_of(word);
    if (!first && column + 1 + width > kColumns) {
      out += '\n';
      out.append(kIndent, ' ');
      column = kIndent;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    out += word;
    column += width;
    first = false;
  }
  out += '\n';
}

// Line feeds of YAML blocks are spaces in a paragraph.
std::string prose(std::string_view text) {
  std::string flat(clip(text, kProseMax));
  std::replace(flat.begin(), flat.end(), '\n', ' ');
  std::string out;
  append_terminal_safe(out, flat);
  return out;
}

std::string seen_of(const Alert& alert) {
  const Finding& finding = alert.finding;
  std::string text = finding.event_name.empty() ? "event" : std::string(finding.event_name);
  if (!finding.source_ip.empty() && !finding.destination_ip.empty()) {
    text += fmt::format(" from {} to {}", finding.source_ip, finding.destination_ip);
  }
  if (!finding.origin.empty()) text += fmt::format(", {}", finding.origin);
  if (alert.count > 1) {
    text += fmt::format(", {} times until {}", alert.count, to_rfc3339(alert.last_time_ns));
  }
  return text;
}

}  // namespace

void append_terminal_safe(std::string& out, std::string_view text) {
  if (!is_valid_utf8(text)) {
    for (const char c : text) out += c >= 0x20 && c < 0x7f ? c : '?';
    return;
  }
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t len = sequence_len(static_cast<unsigned char>(text[i]));
    const std::string_view character = text.substr(i, len);
    if (is_harmful(character)) {
      out += '?';
    } else {
      out += character;
    }
    i += len;
  }
}

std::string_view colour_of(Level level) {
  switch (level) {
    case Level::kInformational:
      return "\x1b[36m";  // Cyan.
    case Level::kLow:
      return "\x1b[32m";  // Green.
    case Level::kMedium:
      return "\x1b[33m";  // Yellow.
    case Level::kHigh:
      return "\x1b[31m";  // Red.
    case Level::kCritical:
      return "\x1b[1;31m";  // Bold red.
  }
  return "";
}

void render_text(const Alert& alert, Colour colour, std::string& out) {
  const RuleInfo& rule = *alert.finding.rule;
  if (colour == Colour::kOn) out += colour_of(rule.level);
  out += upper(to_string(rule.level));
  if (colour == Colour::kOn) out += kColourOff;
  out += "  ";
  out += to_rfc3339(alert.last_time_ns);
  out += "  ";
  append_terminal_safe(out, clip(alert.finding.station_id, kNameMax));
  out += alert.finding.station_id.empty() ? "" : "  ";
  append_terminal_safe(out, clip(rule.title.empty() ? rule.name : rule.title, kTitleMax));
  out += '\n';
  if (!alert.finding.group.empty()) append_paragraph(out, "for", prose(alert.finding.group));
  if (alert.activity == Activity::kCreate && !rule.description.empty()) {
    append_paragraph(out, "what", prose(rule.description));
  }
  append_paragraph(out, "seen", prose(seen_of(alert)));
  if (alert.activity == Activity::kCreate && !rule.response.empty()) {
    append_paragraph(out, "do", prose(rule.response));
  }
  append_paragraph(out, "rule", prose(rule.name));
  if (!alert.evidence_file.empty()) append_paragraph(out, "packets", prose(alert.evidence_file));
}

}  // namespace chargewarden
