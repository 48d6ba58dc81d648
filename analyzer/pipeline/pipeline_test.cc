// Captures in, notes out: the same for any number of threads, inputs merged by time.

#include "analyzer/pipeline/pipeline.h"

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "collector/capture/memory_input.h"
#include "collector/event/defs/ocpp_events.h"
#include "rules/engine/testing/rules_from_text.h"
#include "tests/support/frames.h"
#include "tests/support/tcp_talk.h"

using namespace chargewarden;
using namespace chargewarden::harness;

namespace {

using testing::rule_of;
using testing::RulesFromText;

using Captures = std::vector<std::vector<std::uint8_t>>;

// Writes every note down as one line.
class Notes : public NoteConsumer {
 public:
  void on_start(const Packet& first) override {
    ++starts;
    start_ns = first.time_ns;
    CHECK(lines.empty());
  }

  void on_note(const Note& note, const Outbox& outbox) override {
    static constexpr std::string_view kKinds[] = {"match", "event", "action"};
    lines.push_back(fmt::format(
        "{} order={} rule={} station={} {}:{}-{}:{} {} {} {} {} {} {}",
        kKinds[static_cast<std::size_t>(note.kind)], note.order, note.rule,
        outbox.view(note.station), outbox.view(note.source_ip), note.source_port,
        outbox.view(note.destination_ip), note.destination_port, outbox.view(note.flow_id),
        outbox.view(note.event_name), outbox.view(note.direction), outbox.view(note.action),
        outbox.view(note.outcome), outbox.view(note.text)));
    orders.push_back(note.order);
  }

  void on_hit(const CorrelationHit& hit) override {
    std::string group;
    for (const std::string_view value : hit.group) group += fmt::format("{} ", value);
    std::string packets;
    for (const std::uint64_t tag : hit.tags) packets += fmt::format(" {}", unpack_tag(tag).number);
    lines.push_back(fmt::format("{} {} group={}value={} packets={}",
                                hit.kind == CorrelationHitKind::kFire ? "fire" : "repeat",
                                hit.correlation, group, hit.value, packets));
  }

  void on_rules(const RulesChange& change) override {
    lines.push_back(fmt::format("rules {} {}", change.offer.rules != nullptr ? "loaded" : "refused",
                                change.offer.problems));
  }

  bool on_progress(std::uint64_t bytes_read, bool /*waiting*/) override {
    CHECK(bytes_read >= progress);
    progress = bytes_read;
    if (++rounds == stop_in_round) stop->request();
    return rounds < rounds_max;
  }

  std::vector<std::string> lines;
  std::vector<std::uint64_t> orders;
  std::uint64_t progress = 0;
  std::int64_t start_ns = 0;
  int starts = 0;
  int rounds = 0;
  int rounds_max = 1'000'000;
  int stop_in_round = 0;
  StopRequest* stop = nullptr;
};

struct Run {
  Notes notes;
  PipelineResult result;
  std::unique_ptr<CoverageCounter> coverage;
};

const Redactor& redactor() {
  static const Redactor kRedactor{RedactionKey{}};
  return kRedactor;
}

PipelineOptions events_only() {
  PipelineOptions options;
  options.redactor = &redactor();
  options.want_events = true;
  return options;
}

void run(const Captures& captures, const PipelineOptions& options, unsigned threads, Run& out,
         const StopRequest* stop = nullptr) {
  std::vector<std::unique_ptr<CaptureSource>> sources;
  for (std::size_t i = 0; i < captures.size(); ++i) {
    auto source = CaptureSource::from_input(std::make_unique<MemoryInput>(captures[i]),
                                            fmt::format("{}.pcap", i), stop);
    REQUIRE(source.has_value());
    sources.push_back(std::move(source.value()));
  }
  Pipeline pipeline(options, std::move(sources), threads);
  out.result = pipeline.run(out.notes);
  out.coverage = pipeline.coverage();
}

std::string upgrade(int station) {
  return fmt::format(
      "GET /ocpp/CP{} HTTP/1.1\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: ocpp1.6\r\n\r\n",
      station);
}

const std::string kSwitching =
    "HTTP/1.1 101 OK\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
    "Sec-WebSocket-Protocol: ocpp1.6\r\n\r\n";

// A station that boots, is reset, and meets an unknown action.
TcpTalk station(int number, std::int64_t start_ms) {
  TcpTalk talk(static_cast<std::uint16_t>(10'000 + number));
  talk.wait_ms(start_ms).open();
  talk.data(Side::kClient, upgrade(number)).data(Side::kServer, kSwitching);
  talk.data(Side::kClient, client_text(R"([2,"b","BootNotification",{"chargePointVendor":"V"}])"));
  talk.data(Side::kServer, server_text(R"([3,"b",{"status":"Accepted"}])"));
  talk.data(Side::kServer, server_text(R"([2,"r","Reset",{"type":"Hard"}])"));
  talk.data(Side::kClient, client_text(R"([3,"r",{"status":"Accepted"}])"));
  talk.data(Side::kClient, client_text(R"([2,"x","MakeCoffee",{}])"));
  talk.data(Side::kServer, server_text(R"([2,"u","ChangeAvailability",{}])"));
  return talk;
}

std::vector<TalkSegment> merged(std::vector<TcpTalk> talks) {
  std::vector<TalkSegment> out;
  for (TcpTalk& talk : talks) {
    for (TalkSegment& segment : talk.segments()) out.push_back(std::move(segment));
  }
  std::stable_sort(out.begin(), out.end(), [](const TalkSegment& a, const TalkSegment& b) {
    return a.segment.time_ns < b.segment.time_ns;
  });
  return out;
}

std::vector<TalkSegment> fleet(int stations) {
  std::vector<TcpTalk> talks;
  for (int i = 0; i < stations; ++i) talks.push_back(station(i, i / 3));
  return merged(std::move(talks));
}

std::size_t count(const Notes& notes, std::string_view begin) {
  return static_cast<std::size_t>(
      std::count_if(notes.lines.begin(), notes.lines.end(),
                    [&](const std::string& line) { return line.starts_with(begin); }));
}

}  // namespace

TEST_CASE("notes are the same for any number of threads, and in the order of packets") {
  constexpr int kStations = 4'000;  // Several reads for each batch of several threads.
  const RulesFromText rules(rule_of("  a:\n    ocpp.action: Reset\n  condition: a\n", "ocpp") +
                            "---\n" +
                            rule_of("  a:\n    anomaly.kind: unknown_action\n  condition: a\n"));
  REQUIRE(rules.set->size() == 2);
  PipelineOptions options;
  options.redactor = &redactor();
  options.rules = rules.set.get();
  options.want_actions = true;
  const Captures captures = {capture_of(fleet(kStations))};
  Run alone;
  run(captures, options, 1, alone);
  CHECK(count(alone.notes, "match") == 3 * kStations);
  CHECK(count(alone.notes, "action") == 3 * kStations);  // Boot, reset, availability unanswered.
  CHECK(std::is_sorted(alone.notes.orders.begin(), alone.notes.orders.end()));
  for (const unsigned threads : {2U, 5U}) {
    Run several;
    run(captures, options, threads, several);
    INFO(threads << " threads");
    CHECK(several.notes.lines == alone.notes.lines);
    CHECK(several.result.packets == alone.result.packets);
    CHECK(several.result.decode.total_messages() == alone.result.decode.total_messages());
  }
}

TEST_CASE("events are the same for any number of threads") {
  const Captures captures = {capture_of(fleet(300))};
  Run alone;
  run(captures, events_only(), 1, alone);
  // Opened, upgrade, six messages, an unknown action, two unanswered calls, closed.
  const auto derived = std::count_if(
      alone.notes.lines.begin(), alone.notes.lines.end(), [](const std::string& line) {
        return line.find(R"("event.category":"station")") != std::string::npos ||
               line.find(R"("event.category":"grid")") != std::string::npos;
      });
  CHECK(derived > 0);
  CHECK(count(alone.notes, "event") - static_cast<std::size_t>(derived) == 300 * 12);
  for (const unsigned threads : {2U, 5U}) {
    Run several;
    run(captures, events_only(), threads, several);
    CHECK(several.notes.lines == alone.notes.lines);
  }
}

TEST_CASE(
    "what the rules could see is counted when asked for, the same for any number of threads") {
  const RulesFromText rules(rule_of("  a:\n    ocpp.action: Reset\n  condition: a\n", "ocpp") +
                            "---\n" +
                            rule_of("  a:\n    ocpp.action: ClearCache\n  condition: a\n", "ocpp"));
  REQUIRE(rules.set->size() == 2);
  PipelineOptions options;
  options.redactor = &redactor();
  options.rules = rules.set.get();
  const Captures captures = {capture_of(fleet(300))};
  Run plain;
  run(captures, options, 1, plain);
  CHECK(plain.coverage == nullptr);
  CHECK(std::all_of(plain.result.events.begin(), plain.result.events.end(),
                    [](std::uint64_t count) { return count == 0; }));
  options.want_coverage = true;
  for (const unsigned threads : {1U, 2U, 5U}) {
    INFO(threads << " threads");
    Run out;
    run(captures, options, threads, out);
    CHECK(out.notes.lines == plain.notes.lines);
    REQUIRE(out.coverage != nullptr);
    const ObservedEvents& observed = out.coverage->observed();
    // Every message, wanted by a rule or not.
    CHECK(observed.total(event_index(ocpp::kMessage)) == 300 * 6);
    CHECK(out.result.events[event_index(ocpp::kMessage)] == 300 * 6);
    CHECK(judge_rule(*rules.set, 0, observed, out.coverage->missing(0)).looked_at == 300 * 2);
    CHECK(judge_rule(*rules.set, 1, observed, out.coverage->missing(1)).blind ==
          "no ClearCache message was seen");
  }
}

TEST_CASE("nothing depends on the key of the hash tables") {
  const RulesFromText rules(rule_of("  a:\n    event.category: ocpp\n  condition: a\n", "ocpp"));
  REQUIRE(rules.set->size() == 1);
  PipelineOptions options = events_only();
  options.rules = rules.set.get();
  options.want_actions = true;
  const Captures captures = {capture_of(fleet(2'000)), capture_of(fleet(100))};
  Run expected;
  run(captures, options, 1, expected);
  CHECK(count(expected.notes, "event") >= 2'000 * 12);
  CHECK(count(expected.notes, "match") > 2'000);
  for (const HashKey& key : {HashKey{1, 0}, HashKey{0x0123456789abcdef, 0xfedcba9876543210},
                             HashKey{~std::uint64_t{0}, ~std::uint64_t{0}}}) {
    options.hash_key = key;
    Run keyed;
    run(captures, options, 2, keyed);
    CHECK(keyed.notes.lines == expected.notes.lines);
    CHECK(keyed.notes.orders == expected.notes.orders);
  }
}

TEST_CASE("a command is noted with its outcome, in the direction of the command") {
  PipelineOptions options;
  options.redactor = &redactor();
  options.want_actions = true;
  Run out;
  run({capture_of(station(7, 0).segments())}, options, 1, out);
  REQUIRE(out.notes.lines.size() == 3);
  CHECK(out.notes.lines[0].find(
            " station=CP7 10.0.0.1:10007-10.0.0.2:9000 0-1 ocpp.message station_to_csms "
            "BootNotification  {") != std::string::npos);
  CHECK(out.notes.lines[1].find(
            " station=CP7 10.0.0.2:9000-10.0.0.1:10007 0-1 ocpp.message csms_to_station Reset "
            "Accepted {") != std::string::npos);
  CHECK(out.notes.lines[2].find(
            "ocpp.unanswered_call csms_to_station ChangeAvailability no answer {") !=
        std::string::npos);
}

TEST_CASE("several inputs are merged by time, so that two directions meet") {
  std::vector<TalkSegment> up;
  std::vector<TalkSegment> down;
  for (const TalkSegment& segment : fleet(100)) {
    (segment.sender == Side::kClient ? up : down).push_back(segment);
  }
  Run both;
  run({capture_of(fleet(100))}, events_only(), 1, both);
  for (const unsigned threads : {1U, 2U}) {
    Run split;
    run({capture_of(up), capture_of(down)}, events_only(), threads, split);
    CHECK(split.result.packets == both.result.packets);
    CHECK(split.result.clock_backwards == 0);
    CHECK(split.result.decode.answers_unmatched == 0);
    CHECK(split.result.decode.total_messages() == both.result.decode.total_messages());
    CHECK(split.notes.lines.size() == both.notes.lines.size());
  }
}

TEST_CASE("of packets with the same time those of the first input come first") {
  TcpTalk talk;
  talk.open();
  std::vector<TalkSegment> all = talk.data(Side::kClient, upgrade(1)).segments();
  for (TalkSegment& segment : all) segment.segment.time_ns = talk.segments()[0].segment.time_ns;
  const Captures captures = {capture_of({all[0], all[3]}), capture_of({all[1], all[2]})};
  Run out;
  run(captures, events_only(), 1, out);
  REQUIRE_FALSE(out.notes.lines.empty());
  CHECK(out.notes.lines[0].find("\"event.origin\":\"wire:0.pcap#2\"") != std::string::npos);
  CHECK(out.notes.orders[0] == 2);
}

TEST_CASE("the run starts with its first packet, or not at all") {
  TcpTalk late(1'000);
  TcpTalk early(1'001);
  late.wait_ms(5'000).open();
  early.open();
  Run out;
  run({capture_of(late.segments()), capture_of(early.segments())}, events_only(), 1, out);
  CHECK(out.notes.starts == 1);
  CHECK(out.notes.start_ns == early.segments()[0].segment.time_ns);
  CHECK(out.result.first_time_ns == out.notes.start_ns);
  CHECK(out.result.last_time_ns == late.segments().back().segment.time_ns);
  Run empty;
  run({capture_of({})}, events_only(), 2, empty);
  CHECK(empty.notes.starts == 0);
  CHECK(empty.result.packets == 0);
  Run none;
  run({}, events_only(), 1, none);
  CHECK(none.notes.starts == 0);
}

TEST_CASE("a consumer can end the run between batches") {
  const Captures captures = {capture_of(fleet(8'000))};
  for (const unsigned threads : {1U, 3U}) {
    Run out;
    out.notes.rounds_max = 1;
    run(captures, events_only(), threads, out);
    CHECK(out.notes.rounds == 1);
    CHECK(out.result.packets < 8'000 * 11);
    CHECK(std::is_sorted(out.notes.orders.begin(), out.notes.orders.end()));
  }
}

TEST_CASE("a stop ends the run as the end of the input does") {
  const std::vector<std::uint8_t> capture = capture_of(fleet(8'000));
  for (const unsigned threads : {1U, 2U, 3U}) {
    INFO(threads << " threads");
    auto stop = StopRequest::create();
    REQUIRE(stop);
    Run stopped;
    stopped.notes.stop = stop->get();
    stopped.notes.stop_in_round = 1;
    run({capture}, events_only(), threads, stopped, stop->get());
    CHECK(stopped.result.stopped);
    CHECK(stopped.result.problems.empty());
    REQUIRE(stopped.result.packets > 0);
    REQUIRE(stopped.result.packets < 8'000 * 11);

    std::vector<TalkSegment> head = fleet(8'000);
    head.resize(stopped.result.packets);
    Run whole;
    run({capture_of(head)}, events_only(), 1, whole);
    CHECK_FALSE(whole.result.stopped);
    CHECK(stopped.notes.lines == whole.notes.lines);
  }
}

TEST_CASE("a capture that is cut is read up to there, and told") {
  std::vector<std::uint8_t> cut = capture_of(fleet(10));
  cut.resize(cut.size() - 7);
  for (const unsigned threads : {1U, 2U}) {
    Run out;
    run({cut}, events_only(), threads, out);
    CHECK(out.result.problems.size() == 1);
    CHECK_FALSE(out.result.read_failed);
    CHECK(out.result.packets == 10 * 11 - 1);
  }
}

TEST_CASE("packets much older than the one before are counted") {
  TcpTalk talk;
  talk.open();
  std::vector<TalkSegment> segments = talk.segments();
  segments[1].segment.time_ns += 60'000'000'000;
  Run out;
  run({capture_of(segments)}, events_only(), 1, out);
  CHECK(out.result.clock_backwards == 1);
  CHECK(out.result.last_time_ns == segments[1].segment.time_ns);
}

TEST_CASE("the first alert of a group carries its event, the next ones do not") {
  const RulesFromText rules(rule_of("  a:\n    event.name: ocpp.message\n  condition: a\n"));
  PipelineOptions options;
  options.redactor = &redactor();
  options.rules = rules.set.get();
  Run out;
  run({capture_of(fleet(20))}, options, 1, out);
  CHECK(count(out.notes, "match") == 20 * 6);
  const auto described = std::count_if(
      out.notes.lines.begin(), out.notes.lines.end(),
      [](const std::string& line) { return line.find("\"event.name\"") != std::string::npos; });
  CHECK(described == 20);
}

TEST_CASE("a shard that knows too many groups starts afresh") {
  // Each connection without a station is a group of each rule.
  constexpr std::size_t kRules = 64;
  std::string text;
  for (std::size_t i = 0; i < kRules; ++i) {
    text += (i == 0 ? "" : "---\n") +
            rule_of("  a:\n    event.name: connection.opened\n  condition: a\n");
  }
  const RulesFromText rules(text);
  REQUIRE(rules.set->size() == kRules);
  PipelineOptions options;
  options.redactor = &redactor();
  options.rules = rules.set.get();
  const Interest interest = make_interest(options);
  const std::vector<std::string> sources = {"a.pcap"};
  Shard shard(options, interest, interest, sources);
  std::uint64_t order = 0;
  const std::string request = "GET / HTTP/1.1\r\n\r\n";
  // How many matches of a new connection from this address are described.
  const auto described = [&](std::size_t address) {
    TcpTalk talk(static_cast<std::uint16_t>(1 + order));
    talk.syn().data(Side::kClient, request);
    const std::string ip = fmt::format("10.1.{}.{}", address / 256, address % 256);
    for (const TalkSegment& each : talk.segments()) {
      Segment segment = each.segment;
      segment.key.source_ip = *IpAddress::parse(ip);
      segment.payload = as_bytes(each.bytes);
      shard.on_segment(segment, FlowHasher(HashKey{})(segment.key), 0, ++order);
    }
    const auto& notes = shard.outbox().notes();
    CHECK(notes.size() == kRules);
    const auto out = std::count_if(notes.begin(), notes.end(),
                                   [](const Note& note) { return note.text.len > 0; });
    shard.outbox().clear();
    return static_cast<std::size_t>(out);
  };
  const std::size_t addresses = kKnownGroupsMax / kRules;
  for (std::size_t i = 0; i < addresses; ++i) REQUIRE(described(i) == kRules);
  CHECK(described(0) == 0);               // All are known.
  CHECK(described(addresses) == kRules);  // One too many: what was known is forgotten.
  CHECK(described(0) == kRules);
  CHECK(described(0) == 0);
}

TEST_CASE("there are as many threads as processors, up to some") {
  CHECK(default_threads() >= 1);
  CHECK(default_threads() <= kThreadsDefaultMax);
  CHECK(default_threads() <= std::max(1U, std::thread::hardware_concurrency()));
}
