// Any bytes as a few correlations and a stream of matches: what is kept stays within small limits,
// and every hit is what a hit may be.

#include "rules/correlation/correlator.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/correlation/entry_store.h"

using namespace chargewarden;

namespace {

constexpr std::uint32_t kRules = 3;
constexpr CorrelatorLimits kLimits{6, 9, 64, 4};

class Source {
 public:
  Source(const std::uint8_t* data, std::size_t size) : data_(data), size_(size) {}

  [[nodiscard]] bool empty() const { return at_ == size_; }

  // 0 behind the end.
  std::uint8_t next() { return empty() ? std::uint8_t{0} : data_[at_++]; }

  std::uint32_t below(std::uint32_t bound) { return next() % bound; }

 private:
  const std::uint8_t* data_;
  std::size_t size_;
  std::size_t at_ = 0;
};

CorrelationDef read_def(Source& source, std::uint32_t defs) {
  static const char* const kFields[] = {"a", "b", "c"};
  CorrelationDef def;
  def.type = static_cast<CorrelationType>(source.below(7));
  for (auto left = source.below(3); left > 0; --left) {
    def.group_by.emplace_back(kFields[source.below(3)]);
  }
  for (auto left = source.below(3); left > 0; --left) {
    def.value_names.emplace_back(kFields[source.below(3)]);
  }
  for (auto left = 1 + source.below(4); left > 0; --left) {
    def.inputs.push_back({source.below(kRules + defs + 1), def.group_by, def.value_names});
  }
  def.timespan_ns = source.below(8) == 0 ? INT64_MAX : 1 + source.below(20);
  def.percentile = source.below(101);
  for (auto left = 1 + source.below(2); left > 0; --left) {
    const auto comparison = static_cast<Comparison>(source.below(6));
    def.bounds.push_back({comparison, static_cast<double>(source.next()) / 16 - 2});
  }
  for (auto left = source.below(2) * source.below(6); left > 0; --left) {
    CorrelationExpr node;
    node.kind = static_cast<CorrelationExpr::Kind>(source.below(4));
    node.rule = source.below(5);
    for (auto child = source.below(3); child > 0; --child) node.children.push_back(source.below(6));
    def.expression.push_back(node);
  }
  return def;
}

class Checked : public CorrelationHits {
 public:
  explicit Checked(const std::vector<CorrelationDef>& defs) : defs_(defs) {}

  void on_hit(const CorrelationHit& hit) override {
    const bool fire = hit.kind == CorrelationHitKind::kFire;
    ++(fire ? fires : repeats);
    if (hit.correlation >= defs_.size()) std::abort();
    if (hit.group.size() != defs_[hit.correlation].group_by.size()) std::abort();
    if (hit.tags.empty() || hit.tags.size() > (fire ? kEvidenceMax : 1)) std::abort();
    if (hit.matches > kLimits.entries_per_group || (hit.matches > 0) != fire) std::abort();
    if (fire && hit.first_ns > hit.time_ns) std::abort();
  }

  std::uint64_t fires = 0;
  std::uint64_t repeats = 0;

 private:
  const std::vector<CorrelationDef>& defs_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static constexpr std::array<std::string_view, 7> kTexts = {"1", "2",    "-0.5", "x",
                                                             "",  "1e18", "3"};
  Source source(data, size);
  std::vector<CorrelationDef> defs;
  const std::uint32_t count = 1 + source.below(4);
  while (defs.size() < count) defs.push_back(read_def(source, count));
  Checked out(defs);
  Correlator correlator(defs, kRules, out, kLimits, {source.next(), 1});
  std::int64_t time_ns = source.below(16) == 0 ? INT64_MAX - 50 : 0;
  std::uint64_t sequence = 0;
  while (!source.empty()) {
    const std::uint8_t step = source.next();
    const std::int64_t ahead = (step >> 2U) % 8;
    time_ns = time_ns > INT64_MAX - ahead ? INT64_MAX : time_ns + ahead;
    if (step % 8 == 7) {
      correlator.advance(time_ns);
      continue;
    }
    std::array<std::array<std::string_view, 3>, 8> texts;
    std::array<FieldTexts, 8> values;
    const std::uint32_t rule = source.below(kRules);
    const std::size_t fields = std::min(correlator.fields_of(rule).size(), values.size());
    for (std::size_t i = 0; i < fields; ++i) {
      const std::uint8_t what = source.next();
      for (std::size_t j = 0; j < 3; ++j) texts[i][j] = kTexts[(what + j * j) % kTexts.size()];
      values[i] = std::span(texts[i]).first(what / 16 % 4);
    }
    if (step % 8 != 6) ++sequence;
    correlator.on_match(
        {rule, time_ns - source.below(8), sequence, sequence, std::span(values).first(fields)});
    const CorrelatorUsage usage = correlator.usage();
    if (usage.groups > kLimits.groups) std::abort();
    if (usage.entries > kLimits.groups * kLimits.entries_per_group) std::abort();
    if (usage.groups > 1 && usage.entries > kLimits.entries) std::abort();
  }
  correlator.finish();
  if (correlator.usage().groups != 0 || correlator.usage().entries != 0) std::abort();
  const CorrelatorCounters& counters = correlator.counters();
  if (counters.fires != out.fires || counters.repeats != out.repeats) std::abort();
  return 0;
}
