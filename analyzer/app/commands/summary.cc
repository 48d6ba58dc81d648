#include "analyzer/app/commands/summary.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include "alerts/model/text_form.h"
#include "collector/base/text.h"

namespace chargewarden {

namespace {

constexpr double kBitsPerGbit = 1e9;

// 1234567 as 1,234,567.
std::string grouped(std::uint64_t number) {
  std::string out = std::to_string(number);
  for (std::size_t at = out.size(); at > 3;) {
    at -= 3;
    out.insert(at, 1, ',');
  }
  return out;
}

void line(std::string& out, std::string_view name, const std::string& text) {
  out += fmt::format("  {:<16}{}\n", name, text);
}

void add_input(const PipelineResult& result, std::string& out) {
  const LogCounters& logs = result.logs;
  if (result.packets > 0 || logs.lines == 0) {
    line(out, "packets",
         fmt::format("{}, {} bytes", grouped(result.packets), grouped(result.bytes)));
  }
  if (logs.lines > 0) {
    line(out, "log lines",
         fmt::format("{}, {} bytes, {} connections of stations, {} other lines",
                     grouped(logs.lines), grouped(logs.bytes),
                     grouped(result.decode.log_connections), grouped(result.decode.log_lines)));
  }
  if (!result.empty()) {
    line(
        out, "time",
        fmt::format("{} to {}", to_rfc3339(result.first_time_ns), to_rfc3339(result.last_time_ns)));
  }
  const DecodeStats& decode = result.decode;
  line(out, "connections",
       fmt::format("{} ({} from their begin), {} encrypted", grouped(decode.connections),
                   grouped(decode.connections_with_syn), grouped(decode.connections_tls)));
  line(out, "WebSockets",
       fmt::format("{} opened, {} refused, {} without OCPP", grouped(decode.upgrades),
                   grouped(decode.upgrades_refused), grouped(decode.websockets_other)));
  line(out, "control frames",
       fmt::format("{} ping, {} pong, {} close", grouped(decode.pings), grouped(decode.pongs),
                   grouped(decode.closes)));
  line(out, "stations", grouped(decode.stations.size()));
  line(out, "sessions", fmt::format("{} begun", grouped(decode.session_starts)));
}

using Counts = std::array<std::uint64_t, ocpp::kMessageTypes>;

std::string counts_text(const Counts& counts) {
  constexpr std::array<std::string_view, ocpp::kMessageTypes> kNames = {
      "calls", "results", "errors", "result errors", "sends"};
  std::string out;
  for (std::size_t t = 0; t < counts.size(); ++t) {
    if (counts[t] == 0) continue;
    if (!out.empty()) out += ", ";
    out += fmt::format("{} {}", grouped(counts[t]), kNames[t]);
  }
  return out;
}

void add_messages(const DecodeStats& decode, std::string& out) {
  Counts totals{};
  for (std::size_t t = 0; t < totals.size(); ++t) {
    totals[t] = decode.total(static_cast<ocpp::MessageType>(t));
  }
  line(out, "OCPP messages",
       fmt::format("{}{}{}", grouped(decode.total_messages()),
                   decode.total_messages() > 0 ? ": " : "", counts_text(totals)));
  if (decode.ocpp_invalid > 0) {
    line(out, "", fmt::format("{} not valid as OCPP", grouped(decode.ocpp_invalid)));
  }
  if (decode.ocpp_partial > 0) {
    line(out, "", fmt::format("{} only in part", grouped(decode.ocpp_partial)));
  }
  for (std::size_t v = 0; v < kOcppVersions; ++v) {
    std::map<std::string, Counts> by_action;
    for (std::size_t a = 1; a <= ocpp::action_count(); ++a) {
      const Counts& counts = decode.messages[v][a];
      if (std::all_of(counts.begin(), counts.end(), [](auto n) { return n == 0; })) continue;
      by_action[std::string(ocpp::action_def(static_cast<ocpp::ActionId>(a)).name)] = counts;
    }
    if (by_action.empty()) continue;
    const std::string_view version = to_string(static_cast<OcppVersion>(v));
    out += fmt::format("  OCPP {}\n", version.empty() ? "of unknown version" : version);
    for (const auto& [action, counts] : by_action) {
      out += fmt::format("    {:<34}{}\n", action, counts_text(counts));
    }
  }
  if (decode.unknown_actions.empty()) return;
  out += "  actions of no OCPP version\n";
  for (const auto& [action, counts] : decode.unknown_actions) {
    std::string safe;
    append_terminal_safe(safe, action);
    out += fmt::format("    {:<34}{}\n", safe, counts_text(counts));
  }
}

void add_blind(const PipelineResult& result, std::string& out) {
  const DecodeStats& decode = result.decode;
  std::string text;
  const auto say = [&](std::uint64_t count, std::string_view what) {
    if (count > 0) text += fmt::format("    {} {}\n", grouped(count), what);
  };
  say(decode.connections_tls,
      "connections encrypted with TLS, without keys: nothing inside them was seen");
  say(decode.gaps,
      fmt::format("gaps in connections, {} bytes never captured", grouped(decode.gap_bytes)));
  say(decode.ocpp_partial, "OCPP messages of which a part was never captured");
  say(decode.connections - std::min(decode.connections, decode.connections_with_syn),
      "connections whose begin was not captured: station and version may be unknown");
  say(decode.connections_unknown, "connections that speak a protocol nobody here understands");
  const DecodeCounters& packets = result.packets_by_outcome;
  say(packets.of(DecodeOutcome::kTruncated), "packets cut by the capture before their headers end");
  say(packets.of(DecodeOutcome::kMalformed), "packets with malformed headers");
  say(packets.of(DecodeOutcome::kOpaque), "packets of encrypted tunnels");
  say(packets.of(DecodeOutcome::kTooDeep), "packets inside too many tunnels");
  for (const auto& [type, count] : packets.unsupported_links) {
    say(count, fmt::format("packets of link type {}, which is not decoded", link_type_name(type)));
  }
  say(packets.unsupported_other, "packets of further link types that are not decoded");
  say(result.fragments.expired + result.fragments.evicted, "IP datagrams that stayed incomplete");
  if (const LogCounters& logs = result.logs; logs.unparsed > 0) {
    std::string first;
    append_terminal_safe(first, logs.first_unparsed);
    say(logs.unparsed, fmt::format("log lines not recognised, first {}", first));
  }
  say(result.clock_backwards, "packets or log lines whose time goes back by more than a second");
  const CorrelatorCounters& correlation = result.correlation;
  say(correlation.late, "matches too late in time for correlations");
  say(correlation.clock_set_back, "times the clock was set back, and correlations began anew");
  say(correlation.without_group_field, "matches without a field that a correlation groups by");
  say(correlation.groups_evicted, "groups of correlations given up, because there were too many");
  say(correlation.entries_dropped, "matches dropped by correlations with too many in a window");
  for (std::size_t i = 0; i < kLimitNames.size(); ++i) {
    say(decode.limits.count(static_cast<Limit>(i)),
        fmt::format("times the limit {} was hit", kLimitNames[i]));
  }
  if (!text.empty()) out += "  not observable, and why\n" + text;
}

void add_alerts(const SummaryInput& input, std::string& out) {
  std::string levels;
  std::uint64_t total = 0;
  for (std::size_t level = kLevelCount; level-- > 0;) {
    const std::uint64_t count = input.dispatch.creates_by_level[level];
    total += count;
    if (count == 0) continue;
    levels += fmt::format("{}{} {}", levels.empty() ? ": " : ", ", grouped(count),
                          to_string(static_cast<Level>(level)));
  }
  line(out, "alerts",
       fmt::format("{}{} (from {} matches of {} rules)", grouped(total), levels,
                   grouped(input.folder.findings), grouped(input.rule_count)));
  const auto& suppressed = input.result.suppressed;
  if (const auto sum = std::accumulate(suppressed.begin(), suppressed.end(), std::uint64_t{0});
      sum > 0) {
    line(out, "",
         sum == 1 ? "1 match was suppressed by a filter"
                  : fmt::format("{} matches were suppressed by filters", grouped(sum)));
  }
  if (input.dispatch.unrecorded > 0) {
    line(out, "",
         fmt::format("{} could not be recorded and were not published",
                     grouped(input.dispatch.unrecorded)));
  }
}

void add_evidence(const EvidenceCounters& evidence, std::string& out) {
  line(out, "evidence",
       fmt::format("{} files, {} packets", grouped(evidence.files), grouped(evidence.packets)));
  if (evidence.packets_left_out > 0) {
    line(out, "",
         fmt::format("{} packets of alerts with very many were left out",
                     grouped(evidence.packets_left_out)));
  }
  if (evidence.alerts_left_out > 0) {
    line(out, "",
         fmt::format("{} alerts have no file, because there were too many",
                     grouped(evidence.alerts_left_out)));
  }
}

}  // namespace

std::string render_summary(const SummaryInput& input) {
  const PipelineResult& result = input.result;
  std::string out = "Summary\n";
  if (!input.interrupted_by.empty()) {
    line(out, "interrupted",
         fmt::format("by {} after {} packets, the rest of the input was not read",
                     input.interrupted_by, grouped(result.packets)));
  }
  add_input(result, out);
  add_messages(result.decode, out);
  add_alerts(input, out);
  if (input.evidence) add_evidence(*input.evidence, out);
  add_blind(result, out);
  const double seconds = std::max(input.seconds, 1e-6);
  line(out, "speed",
       fmt::format(
           "{} messages/s, {:.2f} Gbit/s ({:.2f} s)",
           grouped(static_cast<std::uint64_t>(static_cast<double>(result.decode.total_messages()) /
                                              seconds)),
           static_cast<double>(result.bytes + result.logs.bytes) * 8 / seconds / kBitsPerGbit,
           seconds));
  return out;
}

}  // namespace chargewarden
