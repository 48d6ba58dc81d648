#include "analyzer/app/commands/rules_explain.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <istream>
#include <optional>
#include <ostream>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include "alerts/model/text_form.h"
#include "analyzer/app/commands/explain_text.h"
#include "analyzer/app/config.h"
#include "analyzer/app/exit_status.h"
#include "collector/base/digest.h"
#include "rules/engine/explain.h"
#include "rules/engine/matcher.h"

namespace chargewarden {

namespace {

std::string name_of(const std::string& path) {
  return path == "-" ? "standard input" : fmt::format("\"{}\"", path);
}

Expected<std::string> read_events(const std::string& path, std::istream& in) {
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    if (!file) {
      return Error{ErrorCode::kUnreadable, fmt::format("cannot open event file \"{}\": {}", path,
                                                       std::generic_category().message(errno))};
    }
  }
  std::istream& stream = path == "-" ? in : file;
  std::string text(kExplainedFileMax + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (stream.bad() || (text.empty() && !stream.eof())) {
    return Error{ErrorCode::kUnreadable, fmt::format("cannot read events from {}", name_of(path))};
  }
  if (text.size() > kExplainedFileMax) {
    return Error{ErrorCode::kUnreadable,
                 fmt::format("{} is longer than {} bytes; pick the events first, with grep for "
                             "example",
                             name_of(path), kExplainedFileMax)};
  }
  return text;
}

Expected<Redactor> make_redactor(const RulesOptions& options, std::string_view events) {
  if (!options.config.empty()) {
    auto config = read_config(options.config);
    if (!config) return config.error();
    if (config->privacy_key) return Redactor(*config->privacy_key);
  }
  return Redactor(sha256(events));
}

// Explains the events of a text one after the other.
class Explanations {
 public:
  Explanations(const LoadedRules& loaded, const LoadedRule& rule, const Redactor& redactor,
               OutputFormat format, std::ostream& out)
      : rule_(rule),
        set_(loaded.set),
        index_(static_cast<std::uint32_t>(&rule - loaded.rules.data())),
        matcher_(loaded.set),
        explainer_(loaded.set, redactor),
        format_(format),
        out_(out) {}

  // The whole text is one object, however many lines it takes; or each of its lines is one.
  Expected<void> run(std::string_view text, const std::string& name) {
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
      return Error{ErrorCode::kUnreadable,
                   fmt::format("{} holds no event; write one JSON object a line, as `replay "
                               "--events` prints them",
                               name)};
    }
    const auto whole = event_.load(text);
    if (whole) {
      explain(1);
      return {};
    }
    std::size_t line = 0;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      const std::string_view one = text.substr(at, end - at);
      at = end + 1;
      ++line;
      if (one.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      if (const auto loaded = event_.load(one); !loaded) {
        return Error{ErrorCode::kUnreadable,
                     fmt::format("line {} of {}: {}; write one object a line, or one object alone",
                                 line, name, loaded.error().message)};
      }
      explain(line);
    }
    return {};
  }

 private:
  void explain(std::size_t line) {
    const RuleInfo& info = rule_.document.info;
    const RuleExplanation told = explainer_.explain(index_, rule_.document, *rule_.file, event_);
    const ExplainedEvent event{number_, line, std::string(event_.text_of("event.name")),
                               std::string(event_.text_of("event.origin")), suppressing()};
    std::string text;
    if (format_ == OutputFormat::kJson) {
      append_explanation_json(info, event, told, text);
    } else {
      if (number_ > 0) text += '\n';
      append_explanation_text(info, event, told, text);
    }
    out_ << text;
    ++number_;
  }

  // Filters that take away the rule's match of the event.
  std::vector<std::string> suppressing() {
    std::vector<std::string> out;
    const auto counts = matcher_.suppressed();
    const std::vector<std::uint64_t> before(counts.begin(), counts.end());
    (void)matcher_.match(event_);
    const auto uses = set_.filter_uses();
    for (std::size_t i = 0; i < uses.size(); ++i) {
      if (uses[i].rule != index_ || matcher_.suppressed()[i] == before[i]) continue;
      out.emplace_back(display_name(set_.filter_info(uses[i].filter)));
    }
    return out;
  }

  const LoadedRule& rule_;
  const RuleSet& set_;
  std::uint32_t index_;
  Matcher matcher_;
  Explainer explainer_;
  OutputFormat format_;
  std::ostream& out_;
  FlatEvent event_;
  std::size_t number_ = 0;
};

}  // namespace

int rules_explain(const ExplainOptions& options, OutputFormat format, std::istream& in,
                  std::ostream& out, std::ostream& err) {
  const LoadedRules loaded = load_for_command(options.rules);
  if (!are_usable(loaded, err)) return kExitUsage;
  const LoadedRule* rule = find_rule(loaded, options.rule, err);
  if (rule == nullptr) return kExitUsage;
  if (rule->document.kind != DocumentKind::kDetection) {
    return report_error(
        {ErrorCode::kUsage,
         fmt::format("\"{}\" is a {}, which no single event decides: explain a rule that "
                     "it refers to",
                     options.rule,
                     rule->document.kind == DocumentKind::kFilter ? "filter" : "correlation")},
        err);
  }
  const auto events = read_events(options.event, in);
  if (!events) return report_error(events.error(), err);
  const auto redactor = make_redactor(options.rules, events.value());
  if (!redactor) return report_error(redactor.error(), err);
  Explanations explanations(loaded, *rule, redactor.value(), format, out);
  const auto done = explanations.run(events.value(), name_of(options.event));
  const int written = finish(out, kExitDone);
  return done ? written : report_error(done.error(), err);
}

}  // namespace chargewarden
