#pragma once
// DetectionStage: hands the facts of all shards to the World and the detectors, in the order of the
// packets, and makes notes of the events that detectors report.
//
// Belongs to the thread that merges the outboxes.

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "analyzer/detectors/detector.h"
#include "analyzer/pipeline/note_maker.h"
#include "analyzer/state/world.h"

namespace chargewarden {

// Whether anybody wants an event that a detector reports.
bool wants_detection(const PipelineOptions& options);

class DetectionStage : private Reporter {
 public:
  // `sources` names the inputs for event.origin. Both outlive the stage.
  DetectionStage(const PipelineOptions& options, const std::vector<std::string>& sources);

  // What the detectors say to it is in notes() afterwards.
  void on_fact(const Fact& fact, std::size_t shard);

  // A fact with this head comes soon: asks for the memory that it will need, in steps of which each
  // has what the one before asked for.
  static constexpr std::size_t kPrefetchSteps = 4;
  void prefetch(const FactHead& head, std::size_t shard, std::size_t step) const;

  // Event time has come this far, behind the facts of lower order.
  void advance(std::int64_t now_ns, std::uint64_t order);

  // The input has ended.
  void finish(std::uint64_t order);

  // The rules of the options have become others. Detectors of which nobody wanted anything begin
  // with what comes now.
  void change_rules();

  [[nodiscard]] NoteMaker& notes() noexcept { return notes_; }

  [[nodiscard]] const NoteMaker& notes() const noexcept { return notes_; }

  // What tables had no room for, by the name of the limit.
  struct Dropped {
    std::string name;
    std::uint64_t count;
  };

  [[nodiscard]] std::vector<Dropped> dropped() const;

 private:
  static constexpr std::size_t kActions = 128;  // More than there are; 0 is unknown.

  struct Entry {
    const DetectorDef* def;
    std::unique_ptr<Detector> detector;
    bool active = false;
  };

  [[nodiscard]] Event make(const EventDef& def) const override;
  [[nodiscard]] Event make(const EventDef& def, const Subject& subject) const override;
  [[nodiscard]] std::uint64_t tag() const override;
  void emit(const Event& event) override;

  void choose_detectors();
  void dispatch(Detector& detector);
  // Those that asked for such a fact.
  [[nodiscard]] const std::vector<Detector*>& interested(const FactHead& head) const;

  const PipelineOptions& options_;
  const std::vector<std::string>& sources_;
  NoteMaker notes_;
  World world_;
  std::vector<Entry> detectors_;
  std::array<std::vector<Detector*>, static_cast<std::size_t>(FactKind::kCount)> by_kind_;
  std::array<std::vector<Detector*>, kActions> by_action_;
  const Fact* fact_ = nullptr;
  std::int64_t now_ns_ = 0;
  std::uint64_t last_number_ = 0;  // Packet of the latest fact, and where it is from.
  std::uint16_t last_source_ = 0;
  bool last_from_log_ = false;
};

}  // namespace chargewarden
