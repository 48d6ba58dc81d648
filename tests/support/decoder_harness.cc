#include "tests/support/decoder_harness.h"

#include <algorithm>

#include <fmt/format.h>

namespace chargewarden::harness {

namespace {

std::string text_of(const Value& value) {
  switch (value.kind()) {
    case ValueKind::kAbsent:
      return "";
    case ValueKind::kNull:
      return "null";
    case ValueKind::kBool:
      return value.as_bool() ? "true" : "false";
    case ValueKind::kInt:
      return fmt::format("{}", value.as_int());
    case ValueKind::kReal:
      return fmt::format("{}", value.as_real());
    case ValueKind::kText:
    case ValueKind::kObject:
      return std::string(value.as_text());
    case ValueKind::kList: {
      std::vector<std::string> parts;
      for (const Value& each : value.as_list()) parts.push_back(text_of(each));
      return fmt::format("[{}]", fmt::join(parts, ","));
    }
  }
  return "";
}

}  // namespace

std::string short_form(const Event& event) {
  std::string out =
      fmt::format("{} {}", event.def().name, event.sender() == Side::kClient ? 'c' : 's');
  for (std::size_t i = kCommonSlotCount; i < slot_count(event.def()); ++i) {
    const auto slot = static_cast<Slot>(i);
    const Value value = event.value(slot);
    if (value.is_absent()) continue;
    const std::string_view name = field_of(event.def(), slot).name;
    out += fmt::format(" {}={}", name.substr(name.rfind('.') + 1), text_of(value));
  }
  if (!event.station().empty()) out += fmt::format(" station={}", event.station());
  if (event.payload() != nullptr) out += fmt::format(" payload={}", event.payload()->root_text());
  if (event.request() != nullptr) out += fmt::format(" request={}", event.request()->root_text());
  return out;
}

void EventRecorder::on_event(const Event& event) {
  lines_.push_back(short_form(event));
}

std::vector<std::string> named(const std::vector<std::string>& lines, std::string_view name) {
  std::vector<std::string> out;
  const std::string begin = std::string(name) + (name.ends_with('.') ? "" : " ");
  std::copy_if(lines.begin(), lines.end(), std::back_inserter(out),
               [&](const std::string& line) { return line.starts_with(begin); });
  return out;
}

std::string field(const std::string& line, std::string_view name) {
  const std::string begin = fmt::format(" {}=", name);
  const auto at = line.find(begin);
  if (at == std::string::npos) return "";
  const auto start = at + begin.size();
  // Up to the blank before the next "name=".
  const auto equals = line.find('=', start);
  const auto end = equals == std::string::npos ? line.size() : line.rfind(' ', equals);
  return line.substr(start, end < start ? std::string::npos : end - start);
}

std::string anomaly_kinds(const std::vector<std::string>& lines) {
  std::vector<std::string> kinds;
  for (const std::string& line : lines) {
    const std::string_view name = std::string_view(line).substr(0, line.find(' '));
    if (name.ends_with(".anomaly")) kinds.push_back(field(line, "kind"));
  }
  return fmt::format("{}", fmt::join(kinds, " "));
}

const Interest& DecoderRig::all_interest() {
  static const Interest kAll = Interest::all();
  return kAll;
}

DecoderRig::DecoderRig(std::unique_ptr<StreamDecoder> decoder, bool midstream,
                       const Interest& interest)
    : shard_(std::make_unique<ShardContext>(interest, recorder_)),
      decoder_(std::move(decoder)),
      midstream_(midstream) {
  flow_.client_ip_text = "10.0.0.1";
  flow_.server_ip_text = "10.0.0.2";
  flow_.client_port = 50'000;
  flow_.server_port = 9'000;
  flow_.id = "0-1";
}

StreamContext DecoderRig::context() {
  return StreamContext{*shard_,    flow_, station_, time_ns_, {"wire", "test.pcap", ++number_},
                       midstream_, false, nullptr,  {},       false};
}

void DecoderRig::after(StreamContext& context) {
  while (context.successor != nullptr) hand_over(decoder_, context);
  if (context.stop) stopped_ = true;
}

DecoderRig& DecoderRig::send(Side side, std::string_view bytes) {
  if (stopped_) return *this;
  StreamContext now = context();
  const Bytes view = as_bytes(bytes);
  const std::vector<std::uint8_t> exact(view.begin(), view.end());
  decoder_->on_data(side, exact, now);
  after(now);
  return *this;
}

DecoderRig& DecoderRig::gap(Side side, std::uint64_t missing) {
  if (stopped_) return *this;
  StreamContext now = context();
  decoder_->on_gap(side, missing, now);
  after(now);
  return *this;
}

DecoderRig& DecoderRig::run(const std::vector<Step>& steps) {
  for (const Step& step : steps) {
    if (step.missing > 0) {
      gap(step.side, step.missing);
    } else {
      send(step.side, step.bytes);
    }
  }
  return *this;
}

void DecoderRig::end(bool by_fin) {
  if (stopped_) return;
  StreamContext now = context();
  now.ended_by_fin = by_fin;
  decoder_->on_end(now);
}

DecoderRig& DecoderRig::wait_s(std::int64_t seconds) {
  time_ns_ += seconds * 1'000'000'000;
  return *this;
}

std::unique_ptr<StreamDecoder> make_stream_decoder(std::string_view name) {
  for (const StreamDecoderDef& def : stream_decoders()) {
    if (def.name == name) return def.create();
  }
  return nullptr;
}

}  // namespace chargewarden::harness
