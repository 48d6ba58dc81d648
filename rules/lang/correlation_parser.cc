#include "rules/lang/correlation_parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "collector/base/timestamp.h"
#include "rules/lang/correlation_condition.h"
#include "rules/lang/suggest.h"

namespace chargewarden {

namespace {

constexpr auto kTypes =
    std::to_array<std::string_view>({"event_count", "value_count", "temporal", "temporal_ordered",
                                     "value_sum", "value_avg", "value_percentile"});
constexpr auto kKeys = std::to_array<std::string_view>(
    {"type", "rules", "group-by", "timespan", "condition", "aliases", "generate"});
constexpr std::int64_t kNsPerS = 1'000'000'000;

class CorrelationParser {
 public:
  CorrelationParser(const SourceFile& file, RuleDocument& out, Diagnostics& diagnostics)
      : file_(file), diagnostics_(diagnostics), out_(out.correlation.emplace()) {}

  void run(const YamlNode& section) {
    if (section.kind != YamlKind::kMap) {
      report(Problem::kWrongType, section.position, "`correlation` must be a map",
             "write type, rules, group-by, timespan and condition below it");
      return;
    }
    check_keys(section);
    const bool has_type = type(section);
    texts(section, "rules", kReferencesMax, out_.rules);
    if (section.find("rules") == nullptr) missing(section, "rules");
    texts(section, "group-by", kGroupByMax, out_.group_by);
    timespan(section);
    aliases(section);
    generate(section);
    // Which conditions there may be depends on the type.
    if (has_type) parse_correlation_condition(section, file_, out_, diagnostics_);
  }

 private:
  void report(Problem problem, Position position, std::string message, std::string hint = {}) {
    diagnostics_.add(problem, file_, position, std::move(message), std::move(hint));
  }

  void missing(const YamlNode& section, std::string_view key) {
    report(Problem::kMissingKey, section.position, fmt::format("the correlation has no `{}`", key),
           fmt::format("add `{}:`", key));
  }

  void check_keys(const YamlNode& section) {
    for (const YamlEntry& entry : section.entries) {
      if (std::find(kKeys.begin(), kKeys.end(), entry.key) != kKeys.end()) continue;
      report(
          Problem::kUnknownSectionKey, entry.position,
          fmt::format("a correlation has no key \"{}\"", entry.key),
          did_you_mean(entry.key, kKeys, fmt::format("its keys are {}", fmt::join(kKeys, ", "))));
    }
  }

  bool type(const YamlNode& section) {
    const YamlNode* node = section.find("type");
    if (node == nullptr) {
      missing(section, "type");
      return false;
    }
    const auto* const found = std::find(kTypes.begin(), kTypes.end(), node->text);
    if (node->kind != YamlKind::kScalar || found == kTypes.end()) {
      report(Problem::kBadCorrelationType, node->position,
             fmt::format("there is no correlation of type \"{}\"", node->text),
             did_you_mean(node->text, kTypes,
                          fmt::format("write one of {}", fmt::join(kTypes, ", "))));
      return false;
    }
    out_.type = static_cast<CorrelationType>(found - kTypes.begin());
    out_.type_position = node->position;
    return true;
  }

  // A list of texts, each once.
  void texts(const YamlNode& section, std::string_view key, std::size_t max,
             std::vector<PlacedText>& out) {
    const YamlNode* node = section.find(key);
    if (node == nullptr) return;
    if (node->kind != YamlKind::kList || node->items.empty()) {
      report(Problem::kWrongType, node->position, fmt::format("`{}` must be a list", key),
             "write one entry a line, each after a dash");
      return;
    }
    for (const YamlNode& item : node->items) {
      if (item.kind != YamlKind::kScalar || item.text.empty()) {
        report(Problem::kWrongType, item.position,
               fmt::format("an entry of `{}` must be a text", key));
        continue;
      }
      if (out.size() >= max) {
        report(Problem::kTooManyValues, item.position,
               fmt::format("`{}` has more than {} entries", key, max));
        return;
      }
      const bool again = std::any_of(
          out.begin(), out.end(), [&](const PlacedText& known) { return known.text == item.text; });
      if (again) {
        report(Problem::kDuplicateEntry, item.position,
               fmt::format("`{}` has \"{}\" twice", key, item.text), "remove one");
        continue;
      }
      out.push_back({item.text, item.position});
    }
  }

  void timespan(const YamlNode& section) {
    const YamlNode* node = section.find("timespan");
    if (node == nullptr) {
      missing(section, "timespan");
      return;
    }
    const auto parsed = node->kind == YamlKind::kScalar ? parse_timespan_ns(node->text)
                                                        : std::optional<std::int64_t>();
    if (parsed) {
      out_.timespan_ns = *parsed;
      return;
    }
    report(Problem::kBadTimespan, node->position,
           fmt::format("\"{}\" is not a timespan", node->text),
           "write a whole number above zero and s, m, h, d or w, such as 90m; at most ten years");
  }

  void aliases(const YamlNode& section) {
    const YamlNode* node = section.find("aliases");
    if (node == nullptr) return;
    if (node->kind != YamlKind::kMap || node->entries.empty()) {
      report(Problem::kBadAlias, node->position, "`aliases` must be a map",
             "write `alias:` and below it a line `rule: field` for each rule");
      return;
    }
    for (const YamlEntry& entry : node->entries) {
      if (out_.aliases.size() >= kReferencesMax) {
        report(Problem::kTooManyValues, entry.position,
               fmt::format("there are more than {} aliases", kReferencesMax));
        return;
      }
      alias(entry);
    }
  }

  void alias(const YamlEntry& entry) {
    if (entry.value.kind != YamlKind::kMap || entry.value.entries.empty()) {
      report(Problem::kBadAlias, entry.value.position,
             fmt::format("the alias \"{}\" must be a map", entry.key),
             "write a line `rule: field` for each rule");
      return;
    }
    CorrelationSection::Alias out{{entry.key, entry.position}, {}};
    for (const YamlEntry& source : entry.value.entries) {
      if (source.value.kind != YamlKind::kScalar || source.value.text.empty()) {
        report(Problem::kBadAlias, source.value.position,
               fmt::format("the alias \"{}\" needs the name of a field for \"{}\"", entry.key,
                           source.key));
        continue;
      }
      out.sources.push_back(
          {{source.key, source.position}, {source.value.text, source.value.position}});
    }
    out_.aliases.push_back(std::move(out));
  }

  void generate(const YamlNode& section) {
    const YamlNode* node = section.find("generate");
    if (node == nullptr) return;
    const auto value = bool_of(*node);
    if (!value) {
      report(Problem::kWrongType, node->position, "`generate` must be true or false",
             "write it without quotes");
      return;
    }
    out_.generate = *value;
  }

  const SourceFile& file_;
  Diagnostics& diagnostics_;
  CorrelationSection& out_;
};

}  // namespace

std::optional<std::int64_t> parse_timespan_ns(std::string_view text) noexcept {
  if (text.size() < 2) return std::nullopt;
  const auto unit_s = seconds_of_unit(text.back());
  const std::string_view digits = text.substr(0, text.size() - 1);
  std::int64_t amount = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), amount);
  if (error != std::errc() || end != digits.data() + digits.size() || amount <= 0) {
    return std::nullopt;
  }
  if (!unit_s || amount > kTimespanMaxS / *unit_s) return std::nullopt;
  return amount * *unit_s * kNsPerS;
}

std::string_view to_string(CorrelationType type) noexcept {
  return kTypes[static_cast<std::size_t>(type)];
}

void parse_correlation(const YamlNode& section, const SourceFile& file, RuleDocument& out,
                       Diagnostics& diagnostics) {
  CorrelationParser(file, out, diagnostics).run(section);
}

}  // namespace chargewarden
