#include "analyzer/app/commands/rules_eval.h"

#include <istream>
#include <ostream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "analyzer/app/commands/eval_correlation.h"
#include "analyzer/app/exit_status.h"
#include "collector/base/text.h"
#include "rules/engine/flat_event.h"
#include "rules/engine/matcher.h"

namespace chargewarden {

namespace {

// Output is collected and written in blocks of this size, bytes.
constexpr std::size_t kBlock = std::size_t{64} * 1024;

class Evaluation final : private EvalHits {
 public:
  Evaluation(const RuleSet& rules, const std::string& time_field, std::ostream& out)
      : rules_(rules), out_(out), matcher_(rules), correlation_(rules, time_field, *this) {
    for (std::size_t i = 0; i < rules.size(); ++i) {
      append_json_string(labels_.emplace_back(), label_of(rules.info(i)));
    }
  }

  Expected<void> on_line(std::string_view line) {
    if (auto status = event_.load(line); !status) return status;
    const auto matches = matcher_.match(event_);
    for (const std::uint32_t rule : matches) {
      if (rules_.raises_alert(rule)) write(number_, rule);
    }
    correlation_.on_event(number_, event_, matches, matcher_);
    ++number_;
    return {};
  }

  // The end of the input: windows that are still open are judged.
  void finish() {
    correlation_.finish();
    flush();
  }

  void flush() {
    out_ << block_;
    block_.clear();
  }

  [[nodiscard]] std::uint64_t without_time() const noexcept { return correlation_.without_time(); }

 private:
  void on_correlation(std::uint64_t event, std::uint32_t rule) override { write(event, rule); }

  void write(std::uint64_t event, std::uint32_t rule) {
    fmt::format_to(std::back_inserter(block_), "{{\"event\": {}, \"rule\": {}}}\n", event,
                   labels_[rule]);
    if (block_.size() >= kBlock) flush();
  }

  const RuleSet& rules_;
  std::ostream& out_;
  Matcher matcher_;
  EvalCorrelation correlation_;
  FlatEvent event_;
  std::vector<std::string> labels_;  // By rule, as JSON.
  std::string block_;
  std::uint64_t number_ = 0;
};

}  // namespace

int rules_eval(const EvalOptions& options, std::istream& in, std::ostream& out, std::ostream& err) {
  const LoadedRules loaded = load_for_command(options.rules);
  if (!are_usable(loaded, err)) return kExitUsage;
  Evaluation evaluation(loaded.set, options.time_field, out);
  std::string line;
  std::size_t line_number = 0;
  while (std::getline(in, line)) {
    ++line_number;
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const auto status = evaluation.on_line(line);
    if (status) continue;
    evaluation.flush();
    finish(out, kExitDone);
    err << fmt::format("chargewarden: line {} of standard input: {}; write one object per line\n",
                       line_number, status.error().message);
    return kExitUsage;
  }
  evaluation.finish();
  if (evaluation.without_time() > 0) {
    err << fmt::format(
        "chargewarden: {} matches were not correlated, because their events have no time; name the "
        "field with --time-field\n",
        evaluation.without_time());
  }
  return finish(out, kExitDone);
}

}  // namespace chargewarden
