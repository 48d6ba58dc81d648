#pragma once
// The contract of detectors: what one message cannot show.
//
// A detector keeps what it needs over time, within limits, and reports derived events; whether they
// matter is decided by rules. It never includes another detector: what several need is in the
// World. One folder, and one line in registry.cc, make a detector.
//
// All detectors run in the detection stage, behind the merge of the shards: one thread, facts in
// the order of the packets, time only that of facts. Deterministic: nothing may depend on addresses
// in memory or on the order of a hash table.

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "analyzer/detectors/packets.h"
#include "analyzer/facts/fact.h"
#include "analyzer/site/site_knowledge.h"
#include "analyzer/state/world.h"
#include "collector/base/siphash.h"
#include "collector/event/event.h"

namespace chargewarden {

// Where an event belongs: the station and, if there is one, the connection. What a link is for is
// in its addresses.
struct Subject {
  const Station* station = nullptr;
  const Link* link = nullptr;
};

// Makes an event without subject one about a backend, of which source.ip is the address. `flow` is
// memory that must live until the event is emitted.
inline void set_backend(Event& event, const Fleet& fleet, FlowInfo& flow) {
  flow.server_ip_text = fleet.address;
  event.set_flow(flow, Side::kServer);
}

// Makes derived events and hands them on. One per run; valid during a call of a detector.
class Reporter {
 public:
  virtual ~Reporter() = default;

  // An event about what the present fact, or tick, has shown: it has its time and origin. Without a
  // subject, that of the fact.
  [[nodiscard]] virtual Event make(const EventDef& def) const = 0;
  [[nodiscard]] virtual Event make(const EventDef& def, const Subject& subject) const = 0;

  // PacketTag of the present fact.
  [[nodiscard]] virtual std::uint64_t tag() const = 0;

  // Texts and packets that the event refers to must be valid until it returns.
  virtual void emit(const Event& event) = 0;
};

// Which facts a detector is given.
struct FactInterest {
  std::array<bool, static_cast<std::size_t>(FactKind::kCount)> kinds{};
  bool all_messages = false;  // Else those of `actions`, calls and answers.
  std::vector<std::string_view> actions;
};

class Detector {
 public:
  virtual ~Detector() = default;

  [[nodiscard]] virtual FactInterest interest() const = 0;

  // World is as prepare() of World says.
  virtual void on_fact(const Fact& fact, const World& world, Reporter& reporter) = 0;

  // A fact of this station comes soon: may ask for the memory that on_fact() will need.
  virtual void prefetch(StationIndex /*station*/) const noexcept {}

  // Event time has come this far; about once a second of it, and it may go back.
  virtual void on_tick(std::int64_t /*now_ns*/, const World& /*world*/, Reporter& /*reporter*/) {}

  // The input has ended. Nothing more comes, which says nothing about the stations.
  virtual void on_end(const World& /*world*/, Reporter& /*reporter*/) {}

  // The place of the station will be another one's.
  virtual void on_station_forgotten(StationIndex /*station*/) {}

  // Entries that were given up because a table was full, and did not expire.
  [[nodiscard]] virtual std::uint64_t dropped() const { return 0; }
};

// What a detector is made with.
struct DetectorContext {
  HashKey hash_key;
  const SiteKnowledge& site;  // Outlives the detector.
};

struct DetectorDef {
  std::string_view name;
  std::span<const EventDef* const> events;  // That it reports.
  std::unique_ptr<Detector> (*create)(const DetectorContext& context);
};

// All detectors, in the order in which they see a fact.
std::span<const DetectorDef> detector_defs();

}  // namespace chargewarden
