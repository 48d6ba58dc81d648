// Any text as OCPP messages, each chunk one message of its side: nothing crashes, each message is
// counted once, and events stay in proportion.

#include "tests/support/chunked_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace chargewarden;
  using namespace chargewarden::harness;
  EventJudge judge;
  static const Interest kAll = Interest::all();
  ShardContext shard(kAll, judge);
  FlowInfo flow;
  std::string station = "CP1";
  std::int64_t time_ns = 0;
  WebSocketParams params;
  params.ocpp_offered = true;
  const auto messages = make_message_decoder(params, "");
  if (messages == nullptr) std::abort();
  const auto context = [&] {
    time_ns += 1'000'000'000;
    return StreamContext{shard, flow,  station, time_ns, {"wire", "fuzz", 1},
                         false, false, nullptr, {},      false};
  };
  std::uint64_t given = 0;
  std::vector<std::uint8_t> padded;
  for_each_chunk(
      {data, size},
      [&](Side side, Bytes bytes) {
        ++given;
        padded.assign(bytes.begin(), bytes.end());
        padded.resize(bytes.size() + kJsonPadding);
        StreamContext now = context();
        // A message that was cut ends in a dot here.
        const bool damaged = bytes.back() == '.';
        const std::string_view text = as_text(Bytes(padded).first(bytes.size()));
        (void)messages->on_message({side, given % 7 != 0, damaged, text}, now);
      },
      [&](Side side, std::uint64_t) {
        StreamContext now = context();
        messages->on_gap(side, now);
      });
  StreamContext now = context();
  messages->on_end(now);
  if (shard.stats.total_messages() != given) std::abort();
  if (judge.events() > 32 + 12 * given) std::abort();
  return 0;
}
