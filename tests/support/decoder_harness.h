#pragma once
// DecoderRig: drives one StreamDecoder as a connection does, and writes its events down as short
// lines; check_decoder() requires that events do not depend on how the bytes are cut.
//
// Bytes are handed over in memory of exactly their size, so that a sanitizer sees a read too far.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "collector/decoders/decoder.h"

namespace chargewarden::harness {

// "ws.control c opcode=ping payload_bytes=4 station=CP1": name, sender (c or s), the event's own
// fields by the last part of their name, station, payload and request. No times, no numbers of
// packets.
std::string short_form(const Event& event);

class EventRecorder : public EventConsumer {
 public:
  void on_event(const Event& event) override;

  [[nodiscard]] const std::vector<std::string>& lines() const noexcept { return lines_; }

  void clear() { lines_.clear(); }

 private:
  std::vector<std::string> lines_;
};

// Lines whose event has that name, or begins with it when it ends in a dot.
std::vector<std::string> named(const std::vector<std::string>& lines, std::string_view name);

// Kinds of all anomalies, in order, with a blank between.
std::string anomaly_kinds(const std::vector<std::string>& lines);

// The value of one field of a line, "" when it has none. Values with blanks are read up to the
// next field.
std::string field(const std::string& line, std::string_view name);

// Something that happens to a decoder: bytes of a side, or a gap.
struct Step {
  Side side = Side::kClient;
  std::string bytes;
  std::uint64_t missing = 0;  // Not 0: a gap of so many bytes, and no bytes.
};

inline Step client(std::string bytes) {
  return {Side::kClient, std::move(bytes), 0};
}

inline Step server(std::string bytes) {
  return {Side::kServer, std::move(bytes), 0};
}

inline Step gap(Side side, std::uint64_t missing) {
  return {side, {}, missing};
}

class DecoderRig {
 public:
  explicit DecoderRig(std::unique_ptr<StreamDecoder> decoder, bool midstream = false,
                      const Interest& interest = all_interest());
  DecoderRig(const DecoderRig&) = delete;
  DecoderRig& operator=(const DecoderRig&) = delete;

  DecoderRig& send(Side side, std::string_view bytes);
  DecoderRig& gap(Side side, std::uint64_t missing);
  DecoderRig& run(const std::vector<Step>& steps);
  void end(bool by_fin = false);

  // Lets time pass before the next step.
  DecoderRig& wait_s(std::int64_t seconds);

  [[nodiscard]] const std::vector<std::string>& lines() const noexcept { return recorder_.lines(); }

  [[nodiscard]] std::string kinds() const { return anomaly_kinds(lines()); }

  [[nodiscard]] const DecodeStats& stats() const noexcept { return shard_->stats; }

  [[nodiscard]] ShardContext& shard() noexcept { return *shard_; }

  [[nodiscard]] bool stopped() const noexcept { return stopped_; }

  [[nodiscard]] std::string_view protocol() const { return decoder_->protocol(); }

  [[nodiscard]] const std::string& station() const noexcept { return station_; }

  // As the opening handshake would have said.
  void set_station(std::string_view id) { station_ = id; }

  static const Interest& all_interest();

 private:
  StreamContext context();
  void after(StreamContext& context);

  EventRecorder recorder_;
  std::unique_ptr<ShardContext> shard_;
  FlowInfo flow_;
  std::string station_;
  std::unique_ptr<StreamDecoder> decoder_;
  std::int64_t time_ns_ = 1'767'225'600'000'000'000;  // 2026-01-01T00:00:00Z
  std::uint64_t number_ = 0;
  bool midstream_;
  bool stopped_ = false;
};

using MakeDecoder = std::function<std::unique_ptr<StreamDecoder>()>;

// Runs the steps whole, with each of them cut at every place, and byte by byte; requires the same
// events each time and returns them.
std::vector<std::string> check_decoder(const MakeDecoder& make, const std::vector<Step>& steps,
                                       bool end = true);

// The decoder of that name from the registry.
std::unique_ptr<StreamDecoder> make_stream_decoder(std::string_view name);

}  // namespace chargewarden::harness
