// Rules that look at more than one event, filters, and rules that change while a run goes on.

#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "analyzer/pipeline/pipeline.h"
#include "collector/capture/memory_input.h"
#include "rules/engine/testing/rules_from_text.h"
#include "tests/support/frames.h"
#include "tests/support/tcp_talk.h"

using namespace chargewarden;
using namespace chargewarden::harness;

namespace {

using testing::RulesFromText;

// What reaches the consumer, a line each.
class Lines : public NoteConsumer {
 public:
  void on_start(const Packet& /*first*/) override {}

  void on_note(const Note& note, const Outbox& outbox) override {
    lines.push_back(fmt::format("{} {}", outbox.view(note.station), note.rule));
  }

  void on_hit(const CorrelationHit& hit) override {
    std::string line = hit.kind == CorrelationHitKind::kFire ? "fire" : "repeat";
    for (const std::string_view value : hit.group) line += fmt::format(" {}", value);
    if (hit.kind == CorrelationHitKind::kFire) line += fmt::format(" value={}", hit.value);
    lines.push_back(line);
    for (const std::uint64_t tag : hit.tags) packets.push_back(unpack_tag(tag).number);
  }

  void on_rules(const RulesChange& change) override {
    lines.push_back(change.offer.rules != nullptr
                        ? std::string("rules loaded")
                        : fmt::format("rules refused {}", change.offer.problems));
    for (const std::uint64_t count : change.suppressed) suppressed_before.push_back(count);
  }

  bool on_progress(std::uint64_t /*bytes_read*/, bool /*waiting*/) override { return true; }

  std::vector<std::string> lines;
  std::vector<std::uint64_t> packets;
  std::vector<std::uint64_t> suppressed_before;
};

struct Run {
  Lines out;
  PipelineResult result;
};

void run(const std::vector<std::uint8_t>& capture, const RuleSet& rules, unsigned threads, Run& out,
         NextRules next = {}) {
  static const Redactor kRedactor{RedactionKey{}};
  PipelineOptions options;
  options.redactor = &kRedactor;
  options.rules = &rules;
  std::vector<std::unique_ptr<CaptureSource>> sources;
  auto source =
      CaptureSource::from_input(std::make_unique<MemoryInput>(capture), "a.pcap", nullptr);
  REQUIRE(source.has_value());
  sources.push_back(std::move(source.value()));
  Pipeline pipeline(options, std::move(sources), threads, std::move(next));
  out.result = pipeline.run(out.out);
}

std::string call(const std::string& action, const std::string& payload) {
  static int id = 0;
  return fmt::format(R"([2,"{}","{}",{}])", ++id, action, payload);
}

// A station that authorises these tokens, one a second.
TcpTalk station(int number, const std::vector<std::string>& tokens) {
  TcpTalk talk(static_cast<std::uint16_t>(10'000 + number));
  talk.open();
  talk.data(Side::kClient, fmt::format("GET /ocpp/CP{} HTTP/1.1\r\nUpgrade: websocket\r\n"
                                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                       "Sec-WebSocket-Protocol: ocpp1.6\r\n\r\n",
                                       number));
  talk.data(Side::kServer,
            "HTTP/1.1 101 OK\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
            "Sec-WebSocket-Protocol: ocpp1.6\r\n\r\n");
  for (const std::string& token : tokens) {
    talk.wait_ms(1'000);
    talk.data(Side::kClient,
              client_text(call("Authorize", fmt::format(R"({{"idTag":"{}"}})", token))));
  }
  return talk;
}

std::vector<std::uint8_t> capture(std::vector<TcpTalk> talks) {
  std::vector<TalkSegment> all;
  for (TcpTalk& talk : talks) {
    for (TalkSegment& segment : talk.segments()) all.push_back(std::move(segment));
  }
  std::stable_sort(all.begin(), all.end(), [](const TalkSegment& a, const TalkSegment& b) {
    return a.segment.time_ns < b.segment.time_ns;
  });
  return capture_of(all);
}

const std::string kAuthorize =
    "title: Authorize\nname: authorize\nlogsource: {product: evcharging, category: ocpp}\n"
    "detection:\n  s: {ocpp.action: Authorize, ocpp.type: call}\n  condition: s\n---\n";

std::string correlation(const std::string& lines) {
  return "title: C\nname: c\ncorrelation:\n  rules: [authorize]\n" + lines + "---\n";
}

RulesFromText rules(const std::string& text) {
  return RulesFromText(text, SchemaCheck::kOurs);
}

}  // namespace

TEST_CASE("a correlation joins matches of connections on different shards") {
  const auto set = rules(kAuthorize + correlation("  type: value_count\n  timespan: 1m\n"
                                                  "  group-by: [ocpp.payload.idTag]\n"
                                                  "  condition: {gte: 3, field: station.id}\n"));
  REQUIRE(set.diagnostics.all().empty());
  // One token at several stations, and one at a single station often.
  const auto bytes = capture({station(1, {"AA", "BB", "BB"}), station(2, {"BB", "AA"}),
                              station(3, {"CC", "AA"}), station(4, {"BB", "BB", "BB", "BB"})});
  Run alone;
  run(bytes, *set.set, 1, alone);
  REQUIRE(alone.out.lines.size() >= 2);
  std::size_t fires = 0;
  for (const std::string& line : alone.out.lines) {
    CAPTURE(line);
    CHECK(line.find("AA") == std::string::npos);  // Tokens are shown as pseudonyms.
    CHECK(line.find(" ~") != std::string::npos);
    if (line.starts_with("fire")) {
      ++fires;
      CHECK(line.ends_with("value=3"));
    }
  }
  CHECK(fires == 2);
  // Three packets of each, and those of the repeats.
  CHECK(alone.out.packets.size() == 2 * 3 + (alone.out.lines.size() - fires));
  for (const unsigned threads : {2U, 4U}) {
    Run several;
    run(bytes, *set.set, threads, several);
    CHECK(several.out.lines == alone.out.lines);
    CHECK(several.out.packets == alone.out.packets);
  }
}

TEST_CASE("a rule that feeds a correlation is silent, and generate gives it its voice back") {
  const std::string count = "  type: event_count\n  timespan: 1m\n  condition: {gte: 2}\n";
  const auto bytes = capture({station(1, {"A", "B", "C"})});
  const auto silent = rules(kAuthorize + correlation(count));
  Run quiet;
  run(bytes, *silent.set, 1, quiet);
  CHECK(quiet.out.lines == std::vector<std::string>{"fire value=2", "repeat"});
  const auto both = rules(kAuthorize + correlation(count + "  generate: true\n"));
  Run loud;
  run(bytes, *both.set, 1, loud);
  CHECK(loud.out.lines ==
        std::vector<std::string>{"CP1 0", "CP1 0", "fire value=2", "CP1 0", "repeat"});
}

TEST_CASE("a window that no match ends is ended by the time of other packets") {
  const auto set = rules(kAuthorize + correlation("  type: event_count\n  timespan: 3s\n"
                                                  "  group-by: [station.id]\n"
                                                  "  condition: {lte: 1}\n"));
  REQUIRE(set.diagnostics.all().empty());
  // CP1 authorises once; CP2 goes on for ten seconds.
  const auto bytes =
      capture({station(1, {"A"}), station(2, {"A", "B", "C", "D", "E", "F", "G", "H", "I", "J"})});
  Run out;
  run(bytes, *set.set, 1, out);
  REQUIRE_FALSE(out.out.lines.empty());
  CHECK(out.out.lines.front() == "fire CP1 value=1");
}

TEST_CASE("what filters suppress is counted over all shards") {
  const auto set =
      rules(kAuthorize +
            "title: F\nlogsource: {product: evcharging}\nfilter:\n  rules: [authorize]\n"
            "  s: {ocpp.payload.idTag: test*}\n  condition: not s\n");
  REQUIRE(set.diagnostics.all().empty());
  const auto bytes = capture({station(1, {"test1", "A"}), station(2, {"test2", "test1"})});
  for (const unsigned threads : {1U, 3U}) {
    Run out;
    run(bytes, *set.set, threads, out);
    CHECK(out.out.lines == std::vector<std::string>{"CP1 0"});
    CHECK(out.result.suppressed == std::vector<std::uint64_t>{3});
  }
}

TEST_CASE("other rules are taken over between two packets, and events tell of it") {
  const std::string sensor =
      "title: S\nname: s\nlogsource: {product: evcharging, category: sensor}\ndetection:\n"
      "  s: {event.name: [sensor.rules_loaded, sensor.rules_refused]}\n  condition: s\n---\n";
  const auto first = rules(kAuthorize + sensor);
  const auto second = rules(sensor + kAuthorize);
  REQUIRE(second.diagnostics.all().empty());
  std::vector<TcpTalk> talks;
  for (int i = 0; i < 3'000; ++i) talks.push_back(station(i, {"A", "B", "C"}));
  const auto bytes = capture(std::move(talks));
  int asked = 0;
  const auto next = [&]() -> std::optional<RulesOffer> {
    ++asked;
    if (asked == 1) return RulesOffer{nullptr, 7};
    if (asked == 2) return RulesOffer{second.set.get(), 0};
    return std::nullopt;
  };
  Run out;
  run(bytes, *first.set, 2, out, next);
  REQUIRE(asked > 2);
  const auto& lines = out.out.lines;
  const auto refused = std::find(lines.begin(), lines.end(), "rules refused 7");
  const auto loaded = std::find(lines.begin(), lines.end(), "rules loaded");
  REQUIRE(refused != lines.end());
  REQUIRE(loaded > refused);
  CHECK(*(refused + 1) == " 1");  // The event of the refusal, by the old rules' numbers.
  CHECK(*(loaded + 1) == " 0");   // And by the new ones'.
  // No match is lost or counted twice: before the change it has one number, then the other.
  std::size_t matches = 0;
  for (auto line = lines.begin(); line != lines.end(); ++line) {
    if (!line->starts_with("CP")) continue;
    ++matches;
    if (!line->ends_with(line < loaded ? " 0" : " 1")) FAIL(*line);
  }
  CHECK(matches == 9'000);
}
