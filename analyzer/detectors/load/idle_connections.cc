#include "analyzer/detectors/load/idle_connections.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "collector/event/defs/load_events.h"

namespace chargewarden::load {

namespace {

using F = FactField;

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

// connection.protocol of what no decoder understands, and of what never said anything.
constexpr std::string_view kUnknown = "unknown";

// A client sends its request within two round trips of its SYN, and the server its answer within
// one more: on a bad mobile link about 3 s with one retransmission (RFC 6298, 2.1).
constexpr std::int64_t kGraceNs = 5 * kNsPerSecond;

// A short span, for floods as tools make them, and a minute for slow ones.
constexpr std::uint32_t kShortMs = 10'000;
constexpr std::uint32_t kMinuteMs = 60'000;

// From how many on it is told: a load balancer that tests once a second reaches 20 and 120.
constexpr std::uint32_t kSourceFloor = 20;
constexpr std::uint32_t kSlowSourceFloor = 120;
constexpr std::uint32_t kBackendFloor = 100;

// Sources that are followed at a time, about 300 bytes each.
// Test: load_detector_test.cc "the table of sources of idle connections is bounded".
constexpr std::size_t kSourcesMax = 20'000;
constexpr std::int64_t kSourceLifetimeNs = 120 * kNsPerSecond;

// Connections that wait for the end of the grace time, 24 bytes each. Faster floods lose those that
// stay open, and are counted by those that end.
// Test: load_detector_test.cc "waiting connections are bounded".
constexpr std::size_t kWaitingMax = 65'536;

// A backend that is down, or does not answer, keeps no place for a connection.
bool may_hold(const Fact& fact) {
  return !fact.has(F::kAccepted) || fact.is_true(F::kAccepted);
}

}  // namespace

IdleConnections::IdleConnections(const HashKey& key)
    : sources_(key, kSourcesMax, kSourceLifetimeNs) {}

void IdleConnections::on_opened(const Fact& fact, const World& world) {
  if (world.link() == nullptr || world.link()->midstream || world.link()->from_log) return;
  if (fact.has(F::kResumes) || !may_hold(fact)) return;
  // What nobody understands may be answered all the same: its end tells.
  if (fact.text(F::kProtocol) == kUnknown) return;
  if (waiting_.size() >= kWaitingMax) {
    waiting_.pop_front();
    ++dropped_;
  }
  waiting_.push_back({world.link_index(), world.link()->opened_tag, world.link()->opened_ns});
}

void IdleConnections::on_closed(const Fact& fact, const World& world, Reporter& reporter) {
  const Link* link = world.link();
  if (link == nullptr || link->midstream || link->from_log || link->spoke) return;
  if (fact.text(F::kProtocol) != kUnknown && link->opened_ns <= judged_until_ns_) return;
  if (!may_hold(fact)) return;
  if (fact.text(F::kCloseReason) == "end_of_input") return;
  // An answer that no decoder understands is an answer.
  if (fact.number(F::kServerBytes).value_or(0) > 0) return;
  count(*link, fact.time_ns(), world, reporter);
}

void IdleConnections::on_tick(std::int64_t now_ns, const World& world, Reporter& reporter) {
  while (!waiting_.empty() && now_ns - waiting_.front().opened_ns >= kGraceNs) {
    const Waiting waiting = waiting_.front();
    waiting_.pop_front();
    judged_until_ns_ = std::max(judged_until_ns_, waiting.opened_ns);
    const Link& link = world.link(waiting.link);
    if (!link.open || link.opened_tag != waiting.opened_tag || link.spoke) continue;
    count(link, now_ns, world, reporter);
  }
}

void IdleConnections::count(const Link& link, std::int64_t now_ns, const World& world,
                            Reporter& reporter) {
  Source& source = sources_.at(link.flow.client_ip_text + ' ' + link.flow.server_ip_text, now_ns);
  if (link.fleet >= backends_.size()) backends_.resize(link.fleet + std::size_t{1});
  RepeatCount& backend = backends_[link.fleet];
  source.idle.add(now_ns, kShortMs);
  source.idle_minute.add(now_ns, kMinuteMs);
  backend.add(now_ns, kShortMs);
  source.packets.add(link.opened_tag);
  const bool fast = source.idle.should_tell(kSourceFloor);
  const bool slow = source.idle_minute.should_tell(kSlowSourceFloor);
  const bool many = backend.should_tell(kBackendFloor);
  if (!fast && !slow && !many) return;
  FlowInfo flow;
  flow.client_ip_text = link.flow.client_ip_text;
  flow.server_ip_text = world.fleet(link.fleet).address;
  Event event = reporter.make(kConnectionFlood, {});
  event.set_flow(flow, Side::kClient);
  event.set_int(kIdle, source.idle.count());
  event.set_int(kIdleMinute, source.idle_minute.count());
  event.set_int(kBackendIdle, backend.count());
  event.set_packets(source.packets.tags());
  reporter.emit(event);
}

}  // namespace chargewarden::load
