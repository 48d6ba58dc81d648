#pragma once
// LogFlows: the connections of stations as logs show them, and the events of log records.
//
// The part of a shard that belongs to logs: what FlowTable is for packets. For each log and
// station, and session where the log tells sessions apart, there is one logical connection with a
// decoder for its messages, so that calls and answers are paired and judged as on the wire. It
// begins with its first message or the line that says so, and ends with the line that says so.
// Bounded: at kLogFlowsPerShardMax the least recently active is closed. One thread at a time.

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "collector/base/siphash.h"
#include "collector/decoders/decoder.h"
#include "collector/logs/log_limits.h"
#include "collector/logs/log_record.h"

namespace chargewarden {

class LogFlows {
 public:
  // `sources` names the inputs for event.origin; it and `shard` must outlive the table. The key
  // guards the table, because strangers choose identities; it changes no output.
  LogFlows(ShardContext& shard, const std::vector<std::string>& sources, const HashKey& key,
           std::size_t flows_max = kLogFlowsPerShardMax);

  void on_record(const LogRecord& record, std::uint16_t source);

  // The input has ended: every connection is closed, the least recently active first.
  void finish();

  [[nodiscard]] std::size_t size() const noexcept { return flows_.size(); }

 private:
  // Keyed hash of what tells a connection apart, wide enough to stand for it.
  struct Mark {
    std::uint64_t first;
    std::uint64_t second;

    bool operator==(const Mark&) const = default;
  };

  struct MarkHash {
    std::size_t operator()(const Mark& mark) const noexcept { return mark.first; }
  };

  struct Flow {
    Mark mark{};
    FlowInfo info;
    std::string station;
    std::unique_ptr<MessageDecoder> decoder;
    std::int64_t first_time_ns = 0;
    std::int64_t last_time_ns = 0;
    std::uint64_t last_line = 0;
    std::uint16_t source = 0;
    bool midstream = false;
  };

  using Place = std::list<Flow>::iterator;

  [[nodiscard]] Mark mark_of(const LogRecord& record, std::uint16_t source) const;
  Place begin(const LogRecord& record, std::uint16_t source, const Mark& mark, bool from_begin);
  void close(Place flow, std::string_view reason, std::int64_t time_ns, std::uint64_t line);
  void on_message(const LogRecord& record, std::uint16_t source);
  void on_opened(const LogRecord& record, std::uint16_t source);
  void on_closed(const LogRecord& record, std::uint16_t source);
  void on_refused(const LogRecord& record, std::uint16_t source);
  void on_line(const LogRecord& record, std::uint16_t source);
  void on_unparsed(const LogRecord& record, std::uint16_t source, std::string_view reason);
  StreamContext context(Flow& flow, std::int64_t time_ns, std::uint64_t line);
  Event make_event(const EventDef& def, const LogRecord& record, std::uint16_t source);

  ShardContext& shard_;
  const std::vector<std::string>& sources_;
  HashKey key_;
  std::size_t flows_max_;
  std::list<Flow> flows_;  // Least recently active first.
  std::unordered_map<Mark, Place, MarkHash> places_;
  FlowInfo scratch_;  // Ends of what belongs to no connection.
  std::string text_;  // Memory of log.message.
};

}  // namespace chargewarden
