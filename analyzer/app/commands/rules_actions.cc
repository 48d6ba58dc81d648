#include "analyzer/app/commands/rules_actions.h"

#include <algorithm>
#include <istream>
#include <optional>
#include <ostream>
#include <string_view>

#include <fmt/format.h>

#include "analyzer/app/commands/rules_text.h"
#include "analyzer/app/exit_status.h"
#include "collector/base/text.h"
#include "rules/engine/flat_event.h"
#include "rules/engine/matcher.h"
#include "rules/engine/rule_loader.h"
#include "rules/lang/suggest.h"

namespace chargewarden {

namespace {

int finish(std::ostream& out, int status) {
  out.flush();
  return out ? status : kExitReadWrite;
}

// Rules of the options' paths with the placeholders of its configuration.
LoadedRules load(const RulesOptions& options) {
  LoadOptions load_options;
  load_options.paths = options.paths;
  load_options.check = options.check;
  Diagnostics config_problems;
  if (!options.config.empty()) {
    read_placeholders(options.config, load_options.placeholders, config_problems);
  }
  LoadedRules out = load_rules(load_options);
  if (!config_problems.all().empty()) {
    for (const Diagnostic& problem : config_problems.all()) out.diagnostics.add(problem);
    out.unreadable = true;
  }
  return out;
}

// For commands that need good rules: reports what is wrong with them.
bool usable(const LoadedRules& loaded, std::ostream& err) {
  if (!loaded.diagnostics.has_errors()) return true;
  err << render_text(loaded.diagnostics)
      << fmt::format("chargewarden: the rules have {} problems; mend them, or see `rules check`\n",
                     loaded.diagnostics.error_count());
  return false;
}

std::string plural(std::size_t count, std::string_view word) {
  return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
}

std::string_view label_of(const RuleInfo& info) {
  if (!info.id.empty()) return info.id;
  return info.name.empty() ? info.title : info.name;
}

bool passes(const RuleInfo& info, const RulesFilter& filter) {
  return (filter.level.empty() || filter.level == to_string(info.level)) &&
         (filter.theme.empty() || filter.theme == info.theme) &&
         (filter.tag.empty() ||
          std::find(info.tags.begin(), info.tags.end(), filter.tag) != info.tags.end());
}

// Output is collected and written in blocks of this size, bytes.
constexpr std::size_t kBlock = std::size_t{64} * 1024;

// Lines of a stream, which is read in large blocks: std::getline on standard input asks for every
// character by itself.
class LineReader {
 public:
  explicit LineReader(std::istream& in) : in_(in) {}

  // The next line without its end; nullopt behind the last. Valid until the next call. Of a line
  // beyond the limit of events as much is returned as is refused.
  std::optional<std::string_view> next() {
    std::size_t searched = begin_;
    while (true) {
      const std::size_t newline = buffer_.find('\n', searched);
      if (newline != std::string::npos) return take(newline, newline + 1);
      if (ended_ || buffer_.size() - begin_ > kFlatEventMax) {
        if (begin_ == buffer_.size()) return std::nullopt;
        return take(buffer_.size(), buffer_.size());
      }
      searched = fill();
    }
  }

 private:
  // Reads on; returns where the new text begins.
  std::size_t fill() {
    buffer_.erase(0, begin_);
    begin_ = 0;
    const std::size_t old_size = buffer_.size();
    buffer_.resize(old_size + kReadBlock);
    in_.read(buffer_.data() + old_size, static_cast<std::streamsize>(kReadBlock));
    const auto count = static_cast<std::size_t>(in_.gcount());
    buffer_.resize(old_size + count);
    ended_ = count < kReadBlock;
    return old_size;
  }

  std::string_view take(std::size_t end, std::size_t next) {
    const std::string_view out = std::string_view(buffer_).substr(begin_, end - begin_);
    begin_ = next;
    return out;
  }

  static constexpr std::size_t kReadBlock = std::size_t{256} * 1024;  // Bytes.

  std::istream& in_;
  std::string buffer_;
  std::size_t begin_ = 0;  // Of the next line.
  bool ended_ = false;
};

}  // namespace

int rules_check(const RulesOptions& options, OutputFormat format, std::ostream& out,
                std::ostream& err) {
  LoadedRules loaded = load(options);
  run_examples(loaded, loaded.diagnostics);
  loaded.diagnostics.sort();
  const std::size_t problems = loaded.diagnostics.error_count();
  if (format == OutputFormat::kJson) {
    out << render_json(loaded.diagnostics);
  } else {
    out << render_text(loaded.diagnostics);
    if (const std::size_t warnings = loaded.diagnostics.warning_count(); warnings > 0) {
      out << plural(warnings, "warning") << '\n';
    }
    out << plural(loaded.document_count, "rule") << ", " << plural(problems, "problem") << '\n';
  }
  if (loaded.unreadable) {
    err << "chargewarden: not everything could be read\n";
    return finish(out, kExitUsage);
  }
  return finish(out, problems == 0 ? kExitDone : kExitFindings);
}

int rules_list(const RulesOptions& options, const RulesFilter& filter, OutputFormat format,
               std::ostream& out, std::ostream& err) {
  const LoadedRules loaded = load(options);
  if (!usable(loaded, err)) return kExitUsage;
  std::vector<const RuleInfo*> rules;
  for (std::size_t i = 0; i < loaded.set.size(); ++i) {
    if (passes(loaded.set.info(i), filter)) rules.push_back(&loaded.set.info(i));
  }
  out << (format == OutputFormat::kJson ? rules_json(rules) : rules_table(rules));
  return finish(out, kExitDone);
}

int rules_show(const RulesOptions& options, const std::string& name, std::ostream& out,
               std::ostream& err) {
  const LoadedRules loaded = load(options);
  if (!usable(loaded, err)) return kExitUsage;
  std::vector<std::string_view> names;
  for (const LoadedRule& rule : loaded.rules) {
    const RuleInfo& info = rule.document.info;
    if (info.name == name || info.id == name || info.title == name) {
      out << describe_rule(rule.document);
      return finish(out, kExitDone);
    }
    names.emplace_back(label_of(info));
    if (!info.name.empty()) names.emplace_back(info.name);
  }
  err << fmt::format("chargewarden: there is no rule \"{}\"; {}\n", name,
                     did_you_mean(name, names, "`rules list` shows all"));
  return kExitUsage;
}

int rules_fields(OutputFormat format, std::ostream& out) {
  out << (format == OutputFormat::kJson ? fields_json() : fields_markdown());
  return finish(out, kExitDone);
}

int rules_eval(const RulesOptions& options, std::istream& in, std::ostream& out,
               std::ostream& err) {
  const LoadedRules loaded = load(options);
  if (!usable(loaded, err)) return kExitUsage;
  std::vector<std::string> labels;
  for (std::size_t i = 0; i < loaded.set.size(); ++i) {
    append_json_string(labels.emplace_back(), label_of(loaded.set.info(i)));
  }
  Matcher matcher(loaded.set);
  FlatEvent event;
  LineReader lines(in);
  std::string block;
  std::size_t line_number = 0;
  std::size_t event_number = 0;
  while (const auto line = lines.next()) {
    ++line_number;
    if (line->find_first_not_of(" \t\r") == std::string_view::npos) continue;
    if (const auto status = event.load(*line); !status) {
      out << block;
      finish(out, kExitDone);
      err << fmt::format("chargewarden: line {} of standard input: {}; write one object per line\n",
                         line_number, status.error().message);
      return kExitUsage;
    }
    for (const std::uint32_t rule : matcher.match(event)) {
      fmt::format_to(std::back_inserter(block), "{{\"event\": {}, \"rule\": {}}}\n", event_number,
                     labels[rule]);
    }
    ++event_number;
    if (block.size() >= kBlock) {
      out << block;
      block.clear();
    }
  }
  out << block;
  return finish(out, kExitDone);
}

}  // namespace chargewarden
