// Any bytes as a log of each format: nothing is read beyond its end, records lie within limits, and
// what comes out does not depend on how the bytes are cut.
//
// The first byte chooses the format, the second how many bytes are read at once.

#include "collector/logs/log_source.h"

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "collector/base/limits.h"
#include "collector/base/text.h"
#include "collector/capture/memory_input.h"
#include "collector/event/redactor.h"
#include "collector/event/render_json.h"
#include "collector/logs/log_flows.h"

using namespace chargewarden;

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

// Every event as text, as --events has it.
class Text final : public EventConsumer {
 public:
  void on_event(const Event& event) override {
    render_flat_json(event, redactor_, text);
    text += '\n';
  }

  std::string text;

 private:
  Redactor redactor_{RedactionKey{}};
};

std::string events_of(std::vector<std::uint8_t> bytes, const std::string& format,
                      std::size_t step) {
  LogFileOptions options;
  options.format = format;
  options.path = "2026-01-02_03-04-06-1234_ocpp16-in.txt";
  const std::size_t size = bytes.size();
  auto source =
      LogSource::from_input(std::make_unique<MemoryInput>(std::move(bytes), step), options);
  if (!source) return source.error().message;
  static const Interest kAll = Interest::all();
  Text text;
  ShardContext shard(kAll, text);
  const std::vector<std::string> names = {"x.log"};
  LogFlows flows(shard, names, {}, 3);
  std::uint64_t records = 0;
  for (LogBatch batch;;) {
    const auto more = (*source)->read(batch);
    if (!more.has_value() || !more.value()) break;
    for (const LogRecord& record : batch.records) {
      require(record.message.size() <= kLogRecordMaxLen);
      require(record.line >= 1);
      flows.on_record(record, 0);
      require(flows.size() <= 3);
      ++records;
    }
  }
  flows.finish();
  require((*source)->counters().records == records);
  require((*source)->counters().lines <= size + 1);
  return text.text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto formats = log_formats();
  const std::size_t choice = data[0] % (formats.size() + 1);
  const std::string format = choice == formats.size() ? "auto" : std::string(formats[choice].name);
  const std::size_t step = std::size_t{data[1]} + 1;
  const std::vector<std::uint8_t> bytes(data + 2, data + size);
  require(events_of(bytes, format, SIZE_MAX) == events_of(bytes, format, step));
  return 0;
}
