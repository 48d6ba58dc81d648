#include "analyzer/app/commands/replay_output.h"

#include <array>
#include <cstring>
#include <initializer_list>

#include <catch2/catch.hpp>

#include "rules/engine/testing/rules_from_text.h"

using namespace chargewarden;

namespace {

class Kept final : public Sink {
 public:
  explicit Kept(std::vector<Alert>& out) : out_(out) {}

  Expected<void> deliver(const Alert& alert, std::string_view) override {
    out_.push_back(alert);
    return {};
  }

  Expected<void> flush() override { return {}; }

 private:
  std::vector<Alert>& out_;
};

// What is behind a pipeline, with two inputs.
struct Output {
  explicit Output(const ReplayOutputOptions& options = {}) {
    std::vector<std::unique_ptr<Sink>> sinks;
    sinks.push_back(std::make_unique<Kept>(alerts));
    dispatcher.emplace(Publisher{"0.1.0", "abcd"}, nullptr, std::move(sinks));
    output.emplace(*rules.set, *dispatcher, options);
    output->set_sources({"a.pcap", "b.pcap"}, 2);
  }

  void match(std::uint64_t packet, std::initializer_list<PacketTag> tags = {}) {
    Outbox outbox;
    Note note;
    note.time_ns = static_cast<std::int64_t>(packet);
    note.packet_number = packet;
    note.source = 1;
    note.station = outbox.keep("CP-1");
    const std::size_t start = outbox.buffer().size();
    for (const PacketTag& tag : tags) {
      const std::uint64_t packed = pack_tag(tag);
      std::array<char, sizeof packed> bytes{};
      std::memcpy(bytes.data(), &packed, sizeof packed);
      outbox.buffer().append(bytes.data(), bytes.size());
    }
    note.packets = outbox.kept_since(start);
    output->on_note(note, outbox);
  }

  testing::RulesFromText rules{
      testing::rule_of("  reset:\n    ocpp.action: Reset\n  condition: reset\n", "ocpp")};
  std::vector<Alert> alerts;
  std::optional<Dispatcher> dispatcher;
  std::optional<ReplayOutput> output;
};

std::vector<PacketRef> packets_of(const Alert& alert) {
  std::vector<PacketRef> out;
  for (std::size_t i = 0; i < alert.finding.packets.size(); ++i) {
    out.push_back(alert.finding.packets[i]);
  }
  return out;
}

}  // namespace

TEST_CASE("a match brings the packets of its note, or the note's own") {
  Output it;
  it.match(7, {{0, 3}, {1, 5}, {1, 7}});
  it.match(9);
  it.match(0);  // Nothing that stands in a packet.
  REQUIRE(it.output->finish(PipelineResult()));
  REQUIRE(it.alerts.size() == 2);
  CHECK(packets_of(it.alerts[0]) == std::vector<PacketRef>{{0, 3}, {1, 5}, {1, 7}});
  CHECK(packets_of(it.alerts[1]) == std::vector<PacketRef>{{0, 3}, {1, 5}, {1, 7}, {1, 9}});
  CHECK(it.alerts[0].finding.origin == "wire:b.pcap#7");
}
