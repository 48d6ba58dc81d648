#pragma once
// What fuzz targets of streams share: input cut into chunks of two sides, and a judge of events.
//
// A chunk begins with kChunkMark and a byte that says what it is: even numbers come from the
// client, odd ones from the server; of 6 and 7 the next two bytes are the length of a gap. What
// precedes the first mark comes from the client. So plain text files are seeds as they are. A gap
// of the greatest length stands for a reset that turns out to be forged.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "collector/base/byte_reader.h"
#include "collector/base/text.h"
#include "collector/decoders/decoder.h"
#include "collector/event/defs/connection_events.h"
#include "collector/event/redactor.h"
#include "collector/event/render_json.h"

namespace chargewarden::harness {

inline constexpr std::string_view kChunkMark = "\xffZ";
inline constexpr std::uint64_t kGapOfReset = 65'536;

// Hands each chunk to `data(side, bytes)` or `gap(side, length)`.
template <typename Data, typename Gap>
void for_each_chunk(Bytes input, Data&& data, Gap&& gap) {
  std::string_view rest = as_text(input);
  std::uint8_t kind = 0;
  for (;;) {
    const auto end = rest.find(kChunkMark);
    Bytes chunk = as_bytes(rest.substr(0, end));
    const Side side = (kind & 1U) == 0 ? Side::kClient : Side::kServer;
    if ((kind & 6U) == 6U && chunk.size() >= 2) {
      gap(side, chunk[0] * std::uint64_t{256} + chunk[1] + 1);
      chunk = chunk.subspan(2);
    }
    if (!chunk.empty()) data(side, chunk);
    if (end == std::string_view::npos || end + kChunkMark.size() >= rest.size()) return;
    kind = as_bytes(rest)[end + kChunkMark.size()];
    rest.remove_prefix(end + kChunkMark.size() + 1);
  }
}

// Renders every event, so that all that it refers to is read, and counts them and their bytes.
class EventJudge : public EventConsumer {
 public:
  void on_event(const Event& event) override {
    ++events_;
    text_.clear();
    render_flat_json(event, redactor_, text_);
    bytes_ += text_.size();
  }

  [[nodiscard]] std::uint64_t events() const noexcept { return events_; }

  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

 private:
  Redactor redactor_{RedactionKey{}};
  std::string text_;
  std::uint64_t events_ = 0;
  std::uint64_t bytes_ = 0;
};

// A connection around one decoder, as flow/connection.h drives it.
class FuzzConnection {
 public:
  FuzzConnection(std::unique_ptr<StreamDecoder> decoder, bool midstream)
      : shard_(interest(), judge_), decoder_(std::move(decoder)), midstream_(midstream) {
    flow_.client_ip_text = "10.0.0.1";
    flow_.server_ip_text = "10.0.0.2";
    flow_.id = "0-1";
  }

  void data(Side side, Bytes bytes) {
    if (stopped_) return;
    taken_ += bytes.size();
    StreamContext now = context();
    decoder_->on_data(side, bytes, now);
    after(now);
  }

  void gap(Side side, std::uint64_t missing) {
    if (stopped_) return;
    StreamContext now = context();
    if (missing == kGapOfReset) {
      decoder_->on_end(now);
      return;
    }
    decoder_->on_gap(side, missing, now);
    after(now);
  }

  // Ends the connection and judges: events are in proportion to what was read, a small number for
  // each of the smallest frames.
  void end(std::size_t input_size) {
    if (!stopped_) {
      StreamContext now = context();
      decoder_->on_end(now);
    }
    if (judge_.events() > 16 + 8 * input_size) std::abort();
    if (shard_.stats.unknown_actions.size() > kUnknownActionsMax + 1) std::abort();
  }

  [[nodiscard]] const EventJudge& judge() const noexcept { return judge_; }

  [[nodiscard]] const DecodeStats& stats() const noexcept { return shard_.stats; }

 private:
  static const Interest& interest() {
    static const Interest kAll = Interest::all();
    return kAll;
  }

  StreamContext context() {
    time_ns_ += 500'000'000;
    return StreamContext{shard_,     flow_, station_, time_ns_, {"wire", "fuzz", ++number_},
                         midstream_, false, nullptr,  {},       false};
  }

  void after(StreamContext& context) {
    while (context.successor != nullptr) {
      // What was read ahead had been read before.
      for (const auto& ahead : context.read_ahead) {
        if (ahead.size() > taken_) std::abort();
      }
      hand_over(decoder_, context);
    }
    stopped_ = stopped_ || context.stop;
  }

  EventJudge judge_;
  ShardContext shard_;
  FlowInfo flow_;
  std::string station_;
  std::unique_ptr<StreamDecoder> decoder_;
  std::int64_t time_ns_ = 0;
  std::uint64_t number_ = 0;
  std::uint64_t taken_ = 0;
  bool midstream_;
  bool stopped_ = false;
};

}  // namespace chargewarden::harness
