#include "analyzer/pipeline/detection_stage.h"

#include <algorithm>

#include "analyzer/facts/packet_tag.h"

namespace chargewarden {

namespace {

bool is_wanted(const DetectorDef& def, const PipelineOptions& options) {
  if (options.want_events || options.want_coverage) return true;
  return options.rules != nullptr &&
         std::any_of(def.events.begin(), def.events.end(),
                     [&](const EventDef* event) { return options.rules->wants_event(*event); });
}

}  // namespace

bool wants_detection(const PipelineOptions& options) {
  const auto defs = detector_defs();
  return std::any_of(defs.begin(), defs.end(),
                     [&](const DetectorDef& def) { return is_wanted(def, options); });
}

DetectionStage::DetectionStage(const PipelineOptions& options,
                               const std::vector<std::string>& sources)
    : options_(options), sources_(sources), notes_(options), world_(options.hash_key) {
  const SiteKnowledge& site = options.site != nullptr ? *options.site : no_knowledge();
  for (const DetectorDef& def : detector_defs()) {
    detectors_.push_back({&def, def.create({options.hash_key, site})});
  }
  world_.on_forget([this](StationIndex station) {
    for (const Entry& entry : detectors_) entry.detector->on_station_forgotten(station);
  });
  choose_detectors();
}

void DetectionStage::choose_detectors() {
  for (auto& list : by_kind_) list.clear();
  for (auto& list : by_action_) list.clear();
  for (Entry& entry : detectors_) {
    entry.active = is_wanted(*entry.def, options_);
    if (entry.active) dispatch(*entry.detector);
  }
}

void DetectionStage::dispatch(Detector& detector) {
  const FactInterest interest = detector.interest();
  for (std::size_t kind = 0; kind < by_kind_.size(); ++kind) {
    if (interest.kinds[kind]) by_kind_[kind].push_back(&detector);
  }
  if (interest.all_messages) {
    for (auto& list : by_action_) list.push_back(&detector);
    return;
  }
  for (const std::string_view action : interest.actions) {
    const ocpp::ActionId id = ocpp::action_id(action);
    if (id != ocpp::kUnknownAction) by_action_[id].push_back(&detector);
  }
}

void DetectionStage::change_rules() {
  notes_.change_rules();
  choose_detectors();
}

const std::vector<Detector*>& DetectionStage::interested(const FactHead& head) const {
  return head.kind == FactKind::kMessage ? by_action_[head.action]
                                         : by_kind_[static_cast<std::size_t>(head.kind)];
}

void DetectionStage::on_fact(const Fact& fact, std::size_t shard) {
  const FactHead& head = fact.head();
  notes_.set_order(head.order);
  fact_ = &fact;
  now_ns_ = fact.time_ns();
  last_number_ = head.packet_number;
  last_source_ = head.source;
  last_from_log_ = head.from_log;
  world_.prepare(fact, shard);
  for (Detector* detector : interested(head)) detector->on_fact(fact, world_, *this);
  world_.commit(fact);
  fact_ = nullptr;
}

void DetectionStage::prefetch(const FactHead& head, std::size_t shard, std::size_t step) const {
  if (!head.has_flow) return;
  if (step == 0) {
    world_.prefetch_link(shard, head.slot);
  } else if (step == 1) {
    world_.prefetch_station(shard, head.slot);
  } else if (step == 2) {
    const StationIndex station = world_.prefetch_session_list(shard, head.slot);
    if (station == kNoStation) return;
    for (const Detector* detector : interested(head)) detector->prefetch(station);
  } else {
    world_.prefetch_sessions(shard, head.slot);
  }
}

void DetectionStage::advance(std::int64_t now_ns, std::uint64_t order) {
  notes_.set_order(order);
  now_ns_ = now_ns;
  for (const Entry& entry : detectors_) {
    if (entry.active) entry.detector->on_tick(now_ns, world_, *this);
  }
}

void DetectionStage::finish(std::uint64_t order) {
  notes_.set_order(order);
  for (const Entry& entry : detectors_) {
    if (entry.active) entry.detector->on_end(world_, *this);
  }
}

Event DetectionStage::make(const EventDef& def) const {
  return make(def, {world_.station(), world_.link()});
}

Event DetectionStage::make(const EventDef& def, const Subject& subject) const {
  const Origin origin{last_from_log_ ? "log" : "wire", sources_[last_source_], last_number_,
                      last_source_};
  Event event(def, now_ns_, origin);
  if (subject.link != nullptr) {
    event.set_flow(subject.link->flow, fact_ != nullptr ? fact_->head().sender : Side::kClient);
  }
  if (subject.station != nullptr) event.set_station(subject.station->id);
  return event;
}

std::uint64_t DetectionStage::tag() const {
  return pack_tag({last_source_, last_number_});
}

void DetectionStage::emit(const Event& event) {
  notes_.on_event(event);
}

std::vector<DetectionStage::Dropped> DetectionStage::dropped() const {
  std::vector<Dropped> out;
  const WorldCounters& world = world_.counters();
  out.push_back({"stations_known", world.stations_forgotten});
  out.push_back({"sessions_per_station", world_.sessions().given_up()});
  out.push_back({"connectors_per_station", world.connectors_ignored});
  out.push_back({"connections_per_station", world.links_ignored});
  out.push_back({"backends_known", world_.fleets_ignored()});
  for (const Entry& entry : detectors_) {
    out.push_back({"detector_" + std::string(entry.def->name), entry.detector->dropped()});
  }
  std::erase_if(out, [](const Dropped& each) { return each.count == 0; });
  return out;
}

}  // namespace chargewarden
