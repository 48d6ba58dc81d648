#include "analyzer/app/commands/rules_eval.h"

#include <istream>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
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

// Lines of a stream, taken from it in blocks: std::getline on standard input asks for every
// character by itself.
class LineReader {
 public:
  explicit LineReader(std::istream& in) : in_(in) {}

  // The next line without its end; nullopt behind the last. Valid until the next call. Of a line
  // beyond the limit of events as much is returned as is refused. `before_waiting` is called when
  // nothing can be read for the moment: what was told must not stay in a buffer.
  template <typename BeforeWaiting>
  std::optional<std::string_view> next(BeforeWaiting&& before_waiting) {
    std::size_t searched = begin_;
    while (true) {
      const std::size_t newline = buffer_.find('\n', searched);
      if (newline != std::string::npos) return take(newline, newline + 1);
      if (ended_ || buffer_.size() - begin_ > kFlatEventMax) {
        if (begin_ == buffer_.size()) return std::nullopt;
        return take(buffer_.size(), buffer_.size());
      }
      if (in_.rdbuf()->in_avail() <= 0) before_waiting();
      searched = fill();
    }
  }

 private:
  // Reads on, what is there by now; returns where the new text begins.
  std::size_t fill() {
    buffer_.erase(0, begin_);
    begin_ = 0;
    const std::size_t old_size = buffer_.size();
    if (in_.peek() == std::istream::traits_type::eof()) {
      ended_ = true;
      return old_size;
    }
    buffer_.resize(old_size + kReadBlock);
    const auto count = in_.readsome(buffer_.data() + old_size, kReadBlock);
    buffer_.resize(old_size + static_cast<std::size_t>(count));
    return old_size;
  }

  std::string_view take(std::size_t end, std::size_t next) {
    const std::string_view out = std::string_view(buffer_).substr(begin_, end - begin_);
    begin_ = next;
    return out;
  }

  static constexpr std::streamsize kReadBlock =
      std::streamsize{8} * 1024;  // Bytes: what filebuf holds.

  std::istream& in_;
  std::string buffer_;
  std::size_t begin_ = 0;  // Of the next line.
  bool ended_ = false;
};

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
    out_ << block_ << std::flush;
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
  LineReader lines(in);
  std::size_t line_number = 0;
  while (const auto line = lines.next([&] { evaluation.flush(); })) {
    ++line_number;
    if (line->find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const auto status = evaluation.on_line(*line);
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
