// ocpp_generator: writes a capture of any size with plausible OCPP traffic, the same for the same
// options on every machine, and tells as JSON what is in it.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "tests/bench/ocpp_content.h"
#include "tests/bench/packets.h"
#include "tests/bench/random.h"
#include "tests/bench/websocket.h"

namespace chargewarden::bench {
namespace {

constexpr std::int64_t kStartNs = 1'795'305'600'000'000'000;  // 2026-11-22T00:00:00Z.
constexpr std::int64_t kMillisecondNs = 1'000'000;
constexpr std::uint32_t kServerIp = 0x0A000001;        // 10.0.0.1.
constexpr std::uint32_t kFirstStationIp = 0x0A010001;  // 10.1.0.1.
constexpr std::uint16_t kServerPort = 9000;
constexpr std::int64_t kQuickAnswerNs = 40 * kMillisecondNs;  // Linux's delayed acknowledgement.
constexpr std::size_t kDeflateFromLen = 64;                   // Shorter messages go as they are.
constexpr double kPingPercent = 1;

struct Options {
  std::uint64_t messages = 100'000;
  std::uint64_t connections = 1000;
  std::uint64_t concurrent = 400;
  double deflate_percent = 10;
  double fragments_percent = 1;
  Disorder disorder{0.5, 0.5};
  double alerts_per_1000 = 1;
  std::int64_t interval_ms = 10'000;
  std::uint64_t seed = 1;
  std::string output;
};

struct Truth {
  std::uint64_t messages = 0;
  std::uint64_t connections = 0;
  std::uint64_t calls = 0;
  std::uint64_t results = 0;
  std::uint64_t errors = 0;
  std::uint64_t compressed = 0;
  std::uint64_t fragmented = 0;
  std::uint64_t message_bytes = 0;                              // Text, before compression.
  std::map<std::string, std::uint64_t, std::less<>> by_action;  // Calls and answers.
  std::map<std::string, std::uint64_t, std::less<>> by_version;
  std::map<std::string, std::uint64_t, std::less<>> by_threat;
};

void count(std::map<std::string, std::uint64_t, std::less<>>& counts, std::string_view name,
           std::uint64_t amount) {
  const auto at = counts.find(name);
  if (at != counts.end()) {
    at->second += amount;
  } else {
    counts.emplace(name, amount);
  }
}

// A station on its connection.
struct Actor {
  Station station;
  TcpConnection tcp;
  std::uint64_t exchanges_left;
  bool open = false;
  bool answering = false;
  bool deflate = false;
  std::unique_ptr<Deflater> deflaters[2];
  Exchange exchange;
};

struct Turn {
  std::int64_t time_ns;
  std::size_t actor;

  bool operator>(const Turn& other) const {
    return time_ns != other.time_ns ? time_ns > other.time_ns : actor > other.actor;
  }
};

class Simulation {
 public:
  Simulation(const Options& options, PcapWriter& writer)
      : options_(options), random_(options.seed), writer_(writer) {}

  const Truth& run();

 private:
  std::unique_ptr<Actor> make_actor();
  std::int64_t act(Actor& actor, std::int64_t time_ns);
  void connect(Actor& actor, std::int64_t time_ns);
  void call(Actor& actor, std::int64_t time_ns);
  void send_message(Actor& actor, std::int64_t time_ns, End from, std::string_view text,
                    bool acknowledge);
  void ping(Actor& actor, std::int64_t time_ns);
  void hang_up(Actor& actor, std::int64_t time_ns);

  // Time until the station speaks again: around the mean, never regular.
  std::int64_t pause_ns() {
    const std::int64_t ms = random_.between(options_.interval_ms / 2, options_.interval_ms * 3 / 2);
    return ms * kMillisecondNs + random_.between(0, kMillisecondNs);
  }

  [[nodiscard]] bool done() const { return truth_.messages >= options_.messages; }

  const Options& options_;
  Random random_;
  PcapWriter& writer_;
  Truth truth_;
  std::uint64_t stations_ = 0;
  std::string frames_;
};

std::unique_ptr<Actor> Simulation::make_actor() {
  const std::uint64_t number = stations_++;
  const std::uint64_t dice = random_.below(100);
  const Version version = dice < 60 ? Version::k16 : (dice < 93 ? Version::k201 : Version::k21);
  const Address client{static_cast<std::uint32_t>(kFirstStationIp + number % 0xFF0000),
                       static_cast<std::uint16_t>(random_.between(32768, 60999))};
  // Half as long to half as long again as the mean; exchanges are two messages.
  const std::uint64_t mean = options_.messages / options_.connections / 2 + 1;
  return std::unique_ptr<Actor>(new Actor{
      Station(random_, number + 1, version),
      TcpConnection(writer_, random_, options_.disorder, client, {kServerIp, kServerPort}),
      mean / 2 + random_.below(mean) + 1,
      false,
      false,
      random_.chance(options_.deflate_percent),
      {},
      {}});
}

void Simulation::connect(Actor& actor, std::int64_t time_ns) {
  actor.tcp.open(time_ns);
  const Handshake handshake{actor.station.id(), subprotocol_of(actor.station.version()),
                            actor.deflate};
  const std::string request = upgrade_request(random_, handshake);
  actor.tcp.send(time_ns + kMillisecondNs, End::kClient, request, true);
  actor.tcp.send(time_ns + 5 * kMillisecondNs, End::kServer, upgrade_response(request, handshake),
                 true);
  if (actor.deflate) {
    for (auto& deflater : actor.deflaters) deflater = std::make_unique<Deflater>();
  }
  actor.open = true;
  ++truth_.connections;
}

void Simulation::send_message(Actor& actor, std::int64_t time_ns, End from, std::string_view text,
                              bool acknowledge) {
  ++truth_.messages;
  truth_.message_bytes += text.size();
  const bool compress = actor.deflate && text.size() >= kDeflateFromLen;
  std::string_view body = text;
  if (compress) {
    body = actor.deflaters[static_cast<std::size_t>(from)]->compress(text);
    ++truth_.compressed;
  }
  frames_.clear();
  if (body.size() > 1 && random_.chance(options_.fragments_percent)) {
    ++truth_.fragmented;
    const std::size_t cut = 1 + random_.below(body.size() - 1);
    append_frame(frames_, random_, from, Opcode::kText, false, compress, body.substr(0, cut));
    append_frame(frames_, random_, from, Opcode::kContinuation, true, false, body.substr(cut));
  } else {
    append_frame(frames_, random_, from, Opcode::kText, true, compress, body);
  }
  actor.tcp.send(time_ns, from, frames_, acknowledge);
}

void Simulation::ping(Actor& actor, std::int64_t time_ns) {
  frames_.clear();
  append_frame(frames_, random_, End::kServer, Opcode::kPing, true, false, "ping");
  actor.tcp.send(time_ns, End::kServer, frames_, false);
  frames_.clear();
  append_frame(frames_, random_, End::kClient, Opcode::kPong, true, false, "ping");
  actor.tcp.send(time_ns + kMillisecondNs, End::kClient, frames_, true);
}

void Simulation::hang_up(Actor& actor, std::int64_t time_ns) {
  if (!actor.open) return;
  constexpr std::string_view kNormalClosure("\x03\xE8", 2);  // 1000 (RFC 6455, 7.4.1).
  frames_.clear();
  append_frame(frames_, random_, End::kClient, Opcode::kClose, true, false, kNormalClosure);
  actor.tcp.send(time_ns, End::kClient, frames_, false);
  frames_.clear();
  append_frame(frames_, random_, End::kServer, Opcode::kClose, true, false, kNormalClosure);
  actor.tcp.send(time_ns + kMillisecondNs, End::kServer, frames_, true);
  actor.tcp.close(time_ns + 2 * kMillisecondNs, End::kServer);
}

void Simulation::call(Actor& actor, std::int64_t time_ns) {
  Exchange& exchange = actor.exchange;
  if (actor.station.idle() && random_.chance(kPingPercent)) ping(actor, time_ns - kMillisecondNs);
  // One exchange is two messages.
  if (random_.chance(options_.alerts_per_1000 / 1000 * 100 * 2)) {
    actor.station.attack(exchange);
    count(truth_.by_threat, exchange.threat, 1);
  } else {
    actor.station.next(time_ns, exchange);
  }
  ++truth_.calls;
  ++(exchange.is_error ? truth_.errors : truth_.results);
  count(truth_.by_action, exchange.action, 2);
  count(truth_.by_version, subprotocol_of(actor.station.version()).substr(4), 2);
}

// What the actor does now; returns when it wants its next turn.
std::int64_t Simulation::act(Actor& actor, std::int64_t time_ns) {
  if (!actor.open) {
    connect(actor, time_ns);
    return time_ns + 20 * kMillisecondNs;
  }
  Exchange& exchange = actor.exchange;
  const End other = exchange.caller == End::kClient ? End::kServer : End::kClient;
  if (actor.answering) {
    actor.answering = false;
    send_message(actor, time_ns, other, exchange.answer, true);
    if (actor.exchanges_left > 0) --actor.exchanges_left;
    return time_ns + pause_ns();
  }
  call(actor, time_ns);
  const std::int64_t latency_ns = random_.between(3, 200) * kMillisecondNs;
  send_message(actor, time_ns, exchange.caller, exchange.call, latency_ns > kQuickAnswerNs);
  actor.answering = true;
  return time_ns + latency_ns;
}

const Truth& Simulation::run() {
  std::vector<std::unique_ptr<Actor>> actors;
  std::priority_queue<Turn, std::vector<Turn>, std::greater<>> turns;
  for (std::size_t i = 0; i < std::min(options_.concurrent, options_.connections); ++i) {
    actors.push_back(make_actor());
    turns.push({kStartNs + random_.between(0, options_.interval_ms) * kMillisecondNs, i});
  }
  while (!turns.empty()) {
    const Turn turn = turns.top();
    turns.pop();
    std::unique_ptr<Actor>& actor = actors[turn.actor];
    if (done() && !actor->answering) {
      hang_up(*actor, turn.time_ns);
      continue;
    }
    if (actor->exchanges_left == 0 && !actor->answering && actor->station.idle()) {
      hang_up(*actor, turn.time_ns);
      actor = make_actor();
      turns.push({turn.time_ns + pause_ns(), turn.actor});
      continue;
    }
    turns.push({act(*actor, turn.time_ns), turn.actor});
  }
  return truth_;
}

nlohmann::ordered_json to_json(const Options& options, const Truth& truth,
                               const PacketTruth& packets) {
  nlohmann::ordered_json out;
  out["seed"] = options.seed;
  out["bytes"] = packets.bytes;
  out["packets"] = packets.packets;
  out["stream_bytes"] = packets.stream_bytes;
  out["retransmitted_segments"] = packets.retransmitted;
  out["reordered_segments"] = packets.reordered;
  out["seconds"] = static_cast<double>(packets.last_ns - packets.first_ns) / 1e9;
  out["connections"] = truth.connections;
  out["messages"] = truth.messages;
  out["message_bytes"] = truth.message_bytes;
  out["calls"] = truth.calls;
  out["results"] = truth.results;
  out["errors"] = truth.errors;
  out["compressed_messages"] = truth.compressed;
  out["fragmented_messages"] = truth.fragmented;
  out["messages_by_version"] = truth.by_version;
  out["messages_by_action"] = truth.by_action;
  out["calls_by_threat"] = truth.by_threat;
  return out;
}

int report(const Error& error) {
  std::fprintf(stderr, "ocpp_generator: %s\n", error.message.c_str());
  return 74;
}

int generate(const Options& options) {
  auto writer = PcapWriter::create(options.output);
  if (!writer) return report(writer.error());
  Simulation simulation(options, **writer);
  const Truth& truth = simulation.run();
  const auto closed = (*writer)->close();
  if (!closed) return report(closed.error());

  const std::string text = to_json(options, truth, (*writer)->truth()).dump(2) + "\n";
  if (options.output == "-") {
    std::fputs(text.c_str(), stderr);
    return 0;
  }
  std::fputs(text.c_str(), stdout);
  const std::string path = options.output + ".json";
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr || std::fputs(text.c_str(), file) < 0 || std::fclose(file) != 0) {
    return report({ErrorCode::kReadWrite, "cannot write \"" + path + "\""});
  }
  return 0;
}

}  // namespace
}  // namespace chargewarden::bench

int main(int argc, char** argv) {
  chargewarden::bench::Options options;
  CLI::App app("Writes a capture with OCPP traffic to FILE, and what is in it to FILE.json");
  const CLI::Range percent(0.0, 100.0);
  const CLI::Range at_least_one(std::uint64_t{1}, std::uint64_t{1} << 40U);
  app.add_option("--messages", options.messages, "OCPP messages, about")->check(at_least_one);
  app.add_option("--connections", options.connections, "Connections, about")->check(at_least_one);
  app.add_option("--concurrent", options.concurrent, "Open at a time")->check(at_least_one);
  app.add_option("--deflate", options.deflate_percent,
                 "Per cent of connections with permessage-deflate")
      ->check(percent);
  app.add_option("--fragments", options.fragments_percent, "Per cent of messages in two frames")
      ->check(percent);
  app.add_option("--retransmit", options.disorder.retransmit_percent,
                 "Per cent of segments sent twice")
      ->check(percent);
  app.add_option("--reorder", options.disorder.reorder_percent,
                 "Per cent of segments cut in two and swapped")
      ->check(percent);
  app.add_option("--alerts-per-1000", options.alerts_per_1000,
                 "Calls that a shipped rule is for, per 1,000 messages")
      ->check(CLI::Range(0.0, 500.0));
  app.add_option("--interval-ms", options.interval_ms, "Mean time between calls of a station")
      ->check(CLI::Range(1, 3'600'000));
  app.add_option("--seed", options.seed, "Another seed gives another capture");
  app.add_option("-o,--output", options.output, "The capture; - is standard output")->required();
  app.set_help_flag("-h,--help", "Example: ocpp_generator --messages 100000 -o traffic.pcap");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  return chargewarden::bench::generate(options);
}
