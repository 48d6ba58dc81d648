#pragma once
// The records of a log as short lines, for tests of formats and of what reads them.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "collector/base/text.h"
#include "collector/capture/memory_input.h"
#include "collector/logs/log_source.h"

namespace chargewarden::harness {

inline std::vector<std::uint8_t> bytes_of(std::string_view text) {
  const Bytes bytes = as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

// "3 message from=station station=CP1 cut [2,...": number of the line, kind, what is known, text.
inline std::string short_record(const LogRecord& record) {
  static constexpr std::string_view kKinds[] = {"line",   "message", "opened",
                                                "closed", "refused", "unparsed"};
  std::string out =
      fmt::format("{} {}", record.line, kKinds[static_cast<std::size_t>(record.kind)]);
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) out += fmt::format(" {}={}", name, value);
  };
  if (record.kind == LogKind::kMessage) {
    add("from", record.sender == Side::kClient ? "station" : "csms");
  }
  add("station", record.station);
  add("session", record.session);
  add("ip", record.remote_ip);
  if (record.remote_port != 0) out += fmt::format(" port={}", record.remote_port);
  if (record.status != 0) out += fmt::format(" status={}", record.status);
  add("protocol", record.protocol);
  add("level", record.level);
  add("program", record.program);
  add("host", record.host);
  add("reason", record.reason);
  if (record.cut) out += " cut";
  if (!record.message.empty()) out += fmt::format(" | {}", record.message);
  return out;
}

struct ReadLog {
  std::vector<std::string> lines;  // As short_record().
  std::vector<std::string> times;  // RFC 3339, in the same order.
  LogCounters counters;
  std::string format;
  std::string problem;
};

// `argument` is that of --log; at most `step` bytes are read at once.
inline ReadLog read_log(std::string_view text, std::string_view argument,
                        std::size_t step = SIZE_MAX) {
  const auto options = parse_log_argument(argument);
  REQUIRE(options.has_value());
  auto source =
      LogSource::from_input(std::make_unique<MemoryInput>(bytes_of(text), step), options.value());
  ReadLog out;
  if (!source) {
    out.problem = source.error().message;
    return out;
  }
  for (LogBatch batch;;) {
    const auto more = (*source)->read(batch);
    REQUIRE(more.has_value());
    if (!more.value()) break;
    REQUIRE(!batch.records.empty());
    for (const LogRecord& record : batch.records) {
      out.lines.push_back(short_record(record));
      out.times.push_back(to_rfc3339(record.time_ns));
    }
  }
  out.counters = (*source)->counters();
  out.format = (*source)->format();
  out.problem = (*source)->problem();
  return out;
}

}  // namespace chargewarden::harness
