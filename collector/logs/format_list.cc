// The list of log formats: the one place to add one. And what is common to reading them.

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "collector/base/ip_address.h"
#include "collector/base/text.h"
#include "collector/logs/log_format.h"
#include "collector/logs/log_limits.h"
#include "collector/logs/log_text.h"

namespace chargewarden {

namespace logs {
std::unique_ptr<LogFormat> create_citrineos();
std::unique_ptr<LogFormat> create_cri();
std::unique_ptr<LogFormat> create_jsonl();
std::unique_ptr<LogFormat> create_libocpp();
std::unique_ptr<LogFormat> create_microocpp();
std::unique_ptr<LogFormat> create_mobilityhouse();
std::unique_ptr<LogFormat> create_ocppcore();
std::unique_ptr<LogFormat> create_steve();
std::unique_ptr<LogFormat> create_syslog();
}  // namespace logs

namespace {

// Tried in this order: the stricter the earlier.
constexpr auto kFormats = std::to_array<LogFormatDef>({
    {"jsonl", "JSON, one object a line", true, true, false, false, logs::create_jsonl},
    {"steve", "SteVe's steve.log", true, true, true, false, logs::create_steve},
    {"libocpp", "libocpp and EVerest, libocpp_*.log or .html", true, false, true, true,
     logs::create_libocpp},
    {"citrineos", "CitrineOS, pretty or JSON", true, true, true, false, logs::create_citrineos},
    {"ocppcore", "OCPP.Core, console or a dumped message", false, true, true, false,
     logs::create_ocppcore},
    {"microocpp", "MicroOcpp, console", false, true, true, true, logs::create_microocpp},
    {"cri", "log of a container, as the CRI writes it", true, false, false, false,
     logs::create_cri},
    {"syslog", "RFC 5424, RFC 3164, with or without priority", false, false, true, false,
     logs::create_syslog},
    {"mobilityhouse", "the Python library ocpp, also under Home Assistant", false, true, true,
     false, logs::create_mobilityhouse},
    {"docker", "log of a container, as Docker's json-file writes it", true, false, false, false,
     logs::create_jsonl},
    {"journald", "journalctl -o json", true, false, false, false, logs::create_jsonl},
});

Error usage(std::string message) {
  return {ErrorCode::kUsage, std::move(message)};
}

Expected<void> take_option(std::string_view option, LogFileOptions& out) {
  const auto equals = option.find('=');
  const std::string_view name = option.substr(0, equals);
  const std::string value =
      equals == std::string_view::npos ? std::string() : percent_decode(option.substr(equals + 1));
  if (name == "station" && !value.empty()) {
    out.station = value;
    return {};
  }
  if (name == "side" && (value == "csms" || value == "station")) {
    out.side_given = true;
    out.by_station = value == "station";
    return {};
  }
  bool is_date = false;
  if (name == "date" && find_date_ns(value, is_date) && is_date) {
    out.date = value;
    return {};
  }
  return usage(fmt::format(
      "--log does not know the option \"{}\": there are station=ID, side=csms or side=station, and "
      "date=YYYY-MM-DD",
      option));
}

}  // namespace

std::span<const LogFormatDef> log_formats() {
  return kFormats;
}

const LogFormatDef* find_log_format(std::string_view name) {
  const auto* const found = std::find_if(kFormats.begin(), kFormats.end(),
                                         [&](const auto& def) { return def.name == name; });
  return found != kFormats.end() ? found : nullptr;
}

std::string log_format_names() {
  std::string out = "auto";
  for (const LogFormatDef& def : kFormats) out += fmt::format(", {}", def.name);
  return out;
}

Expected<LogFileOptions> parse_log_argument(std::string_view argument) {
  const auto colon = argument.find(':');
  if (colon == std::string_view::npos || colon + 1 == argument.size()) {
    return usage(
        fmt::format("--log \"{}\" is not FORMAT:FILE, such as steve:steve.log; the formats "
                    "are {}",
                    argument, log_format_names()));
  }
  LogFileOptions out;
  out.path = argument.substr(colon + 1);
  std::string_view head = argument.substr(0, colon);
  const auto comma = head.find(',');
  out.format = head.substr(0, comma);
  const LogFormatDef* const def = find_log_format(out.format);
  if (def == nullptr && out.format != "auto") {
    return usage(fmt::format("--log \"{}\": there is no log format \"{}\"; there are {}", argument,
                             out.format, log_format_names()));
  }
  head.remove_prefix(comma == std::string_view::npos ? head.size() : comma + 1);
  while (!head.empty()) {
    const auto end = head.find(',');
    if (const auto taken = take_option(head.substr(0, end), out); !taken) return taken.error();
    head.remove_prefix(end == std::string_view::npos ? head.size() : end + 1);
  }
  return out;
}

bool read_wrapped(std::string_view text, LogRecord& out, LogContext& context) {
  if (context.wrappers >= kLogWrappersMax) return false;
  ++context.wrappers;
  text = trimmed(text);
  bool found = false;
  const bool by_station = context.by_station;
  for (std::size_t i = 0; i < context.inner.size(); ++i) {
    LogFormat* const format = context.inner[i].get();
    if (!kFormats[i].inner || !format->begins_record(text)) continue;
    if (!context.options.side_given) context.by_station = kFormats[i].by_station;
    LogRecord inner = out;
    if (!format->read(text, inner, context)) continue;
    // The wrapper's clock is the better known one.
    if (out.has_time) inner.time_ns = out.time_ns;
    inner.has_time = inner.has_time || out.has_time;
    if (inner.level.empty()) inner.level = out.level;
    out = inner;
    found = true;
    break;
  }
  --context.wrappers;
  context.by_station = by_station;
  return found;
}

void set_remote(std::string_view text, LogRecord& out) {
  std::string_view host = text;
  std::string_view port;
  if (take_prefix(host, "[")) {
    const auto end = host.find(']');
    if (end == std::string_view::npos) return;
    if (end + 1 < host.size() && host[end + 1] == ':') port = host.substr(end + 2);
    host = host.substr(0, end);
  } else if (const auto colon = text.rfind(':');
             colon != std::string_view::npos && text.find(':') == colon) {
    host = text.substr(0, colon);
    port = text.substr(colon + 1);
  }
  (void)take_prefix(host, "::ffff:");
  if (host.empty() || host.size() > 45 || !IpAddress::parse(host)) return;
  out.remote_ip = host;
  std::uint16_t number = 0;
  const auto end = std::from_chars(port.data(), port.data() + port.size(), number);
  if (port.empty() || end.ec != std::errc() || end.ptr != port.data() + port.size()) return;
  out.remote_port = number;
  if (out.session.empty()) out.session = text;
}

}  // namespace chargewarden
