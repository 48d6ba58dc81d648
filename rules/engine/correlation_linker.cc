#include "rules/engine/correlation_linker.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "collector/event/redactor.h"
#include "rules/engine/rule_checker.h"
#include "rules/lang/suggest.h"
#include "rules/model/correlation_limits.h"

namespace chargewarden {

namespace {

// How far a correlation has been followed on the way to others.
enum class Visit : std::uint8_t { kNew, kOpen, kDone };

class CorrelationLinker {
 public:
  CorrelationLinker(std::span<const ReadCorrelation> read, const NameTable& names,
                    std::span<const LinkedRule> rules, SchemaCheck check, Diagnostics& diagnostics)
      : read_(read), names_(names), rules_(rules), check_(check), diagnostics_(diagnostics) {}

  LinkedCorrelations run() {
    const std::size_t errors_before = diagnostics_.error_count();
    for (std::size_t i = 0; i < read_.size(); ++i) inputs(i);
    if (diagnostics_.error_count() == errors_before) {
      visits_.assign(read_.size(), Visit::kNew);
      depths_.assign(read_.size(), 1);
      for (std::size_t i = 0; i < read_.size() && !circle_; ++i) follow(i, i);
    }
    // Group values of one are fields of the next: those must be known first.
    for (std::size_t i = 0; !circle_ && i < out_.defs.size(); ++i) fields(i);
    if (circle_ || broken_ || diagnostics_.error_count() != errors_before) {
      return {.defs = {}, .infos = {}, .raises_alert = std::vector<bool>(rules_.size(), true)};
    }
    alerts();
    return std::move(out_);
  }

 private:
  void report(std::size_t i, Problem problem, Position position, std::string message,
              std::string hint = {}) {
    diagnostics_.add(problem, *read_[i].file, position, std::move(message), std::move(hint));
  }

  std::uint32_t rule_count() const { return static_cast<std::uint32_t>(rules_.size()); }

  // Numbers for the names of rules, and everything that needs no other document.
  void inputs(std::size_t i) {
    const CorrelationSection& section = read_[i].section;
    CorrelationDef def;
    def.type = section.type;
    def.timespan_ns = section.timespan_ns;
    def.bounds = section.bounds;
    def.percentile = section.percentile;
    for (const PlacedText& name : section.group_by) def.group_by.push_back(name.text);
    for (const PlacedText& name : section.value_names) def.value_names.push_back(name.text);
    for (const PlacedText& name : section.rules) {
      const auto rule = number_of(i, name);
      if (!rule) continue;
      const bool again =
          std::any_of(def.inputs.begin(), def.inputs.end(),
                      [&](const CorrelationInput& known) { return known.rule == *rule; });
      if (again) {
        report(i, Problem::kDuplicateEntry, name.position,
               fmt::format("\"{}\" is a rule that `rules` has already", name.text), "remove one");
      }
      def.inputs.push_back({*rule, {}, {}});
    }
    if (section.expression) def.expression = expression_of(section.expression->resolved);
    out_.defs.push_back(std::move(def));
    out_.infos.push_back(read_[i].info);
  }

  std::optional<std::uint32_t> number_of(std::size_t i, const PlacedText& name) {
    const NamedDocument* found = names_.find(name.text);
    if (found == nullptr) {
      report(i, Problem::kUnknownRule, name.position,
             fmt::format("there is no rule \"{}\"", name.text),
             did_you_mean(name.text, names_.names(), "write the id or name of a rule"));
      return std::nullopt;
    }
    if (found->kind == DocumentKind::kFilter) {
      report(i, Problem::kBadReference, name.position, fmt::format("\"{}\" is a filter", name.text),
             "name a rule or a correlation");
      return std::nullopt;
    }
    if (!found->index) {
      broken_ = true;  // Its own problems have been told.
      return std::nullopt;
    }
    return found->kind == DocumentKind::kDetection ? *found->index : rule_count() + *found->index;
  }

  static std::vector<CorrelationExpr> expression_of(const ResolvedCondition& condition) {
    std::vector<CorrelationExpr> out;
    for (const ResolvedNode& node : condition.nodes) {
      CorrelationExpr expr;
      expr.rule = node.selection;
      expr.children = node.children;
      switch (node.kind) {
        case ConditionKind::kAnd:
          expr.kind = CorrelationExpr::Kind::kAnd;
          break;
        case ConditionKind::kOr:
          expr.kind = CorrelationExpr::Kind::kOr;
          break;
        case ConditionKind::kNot:
          expr.kind = CorrelationExpr::Kind::kNot;
          break;
        default:
          expr.kind = CorrelationExpr::Kind::kRule;
          break;
      }
      out.push_back(std::move(expr));
    }
    // The root stands last.
    if (condition.root + 1 != out.size()) {
      out.push_back({CorrelationExpr::Kind::kAnd, 0, {condition.root}});
    }
    return out;
  }

  // Depth first, so that circles are found and levels come from below. `from` is where the walk
  // began. NOLINTNEXTLINE(misc-no-recursion): kCorrelationDepthMax bounds it.
  void follow(std::size_t i, std::size_t from, std::size_t depth = 1) {
    if (visits_[i] == Visit::kDone) return;
    if (visits_[i] == Visit::kOpen) {
      circle_ = true;
      report(from, Problem::kCorrelationCycle, read_[from].section.type_position,
             fmt::format("the correlation \"{}\" refers to itself by way of others",
                         read_[i].info.title),
             "remove one of the references");
      return;
    }
    if (depth > kCorrelationDepthMax) {
      too_deep(from);
      return;
    }
    visits_[i] = Visit::kOpen;
    Level level = Level::kInformational;
    for (const CorrelationInput& input : out_.defs[i].inputs) {
      if (input.rule < rule_count()) {
        level = std::max(level, rules_[input.rule].level);
        continue;
      }
      const std::size_t below = input.rule - rule_count();
      follow(below, from, depth + 1);
      if (circle_) return;
      depths_[i] = std::max(depths_[i], depths_[below] + 1);
      level = std::max(level, out_.infos[below].level);
    }
    if (depths_[i] > kCorrelationDepthMax) too_deep(i);
    if (!read_[i].has_level) out_.infos[i].level = level;
    visits_[i] = Visit::kDone;
  }

  void too_deep(std::size_t i) {
    circle_ = true;
    report(i, Problem::kCorrelationCycle, read_[i].section.type_position,
           fmt::format("more than {} correlations stand one upon the other", kCorrelationDepthMax),
           "join some of them");
  }

  // The field of an input that a member of group-by or of `field` means.
  const PlacedText& source_of(std::size_t i, std::size_t input, const PlacedText& name) const {
    for (const CorrelationSection::Alias& alias : read_[i].section.aliases) {
      if (alias.name.text != name.text) continue;
      for (const CorrelationSection::AliasSource& source : alias.sources) {
        if (rule_named(source.rule.text) == out_.defs[i].inputs[input].rule) return source.field;
      }
    }
    return name;
  }

  std::optional<std::uint32_t> rule_named(std::string_view name) const {
    const NamedDocument* found = names_.find(name);
    if (found == nullptr || !found->index || found->kind == DocumentKind::kFilter) {
      return std::nullopt;
    }
    return found->kind == DocumentKind::kDetection ? *found->index : rule_count() + *found->index;
  }

  void fields(std::size_t i) {
    const CorrelationSection& section = read_[i].section;
    check_aliases(i);
    for (std::size_t input = 0; input < out_.defs[i].inputs.size(); ++input) {
      for (const PlacedText& name : section.group_by) {
        const PlacedText& field = source_of(i, input, name);
        check_field(i, input, field, true);
        out_.defs[i].inputs[input].group_fields.push_back(field.text);
      }
      for (const PlacedText& name : section.value_names) {
        const PlacedText& field = source_of(i, input, name);
        check_field(i, input, field, false);
        out_.defs[i].inputs[input].value_fields.push_back(field.text);
      }
    }
  }

  void check_aliases(std::size_t i) {
    const CorrelationSection& section = read_[i].section;
    const auto is_in = [](const std::vector<PlacedText>& texts, std::string_view name) {
      return std::any_of(texts.begin(), texts.end(),
                         [&](const PlacedText& text) { return text.text == name; });
    };
    for (const CorrelationSection::Alias& alias : section.aliases) {
      if (!is_in(section.group_by, alias.name.text) &&
          !is_in(section.value_names, alias.name.text)) {
        report(i, Problem::kBadAlias, alias.name.position,
               fmt::format("nothing uses the alias \"{}\"", alias.name.text),
               "name it under group-by, or remove it");
      }
      for (const CorrelationSection::AliasSource& source : alias.sources) {
        const auto rule = rule_named(source.rule.text);
        const auto& inputs = out_.defs[i].inputs;
        if (rule && std::any_of(inputs.begin(), inputs.end(), [&](const CorrelationInput& input) {
              return input.rule == *rule;
            })) {
          continue;
        }
        std::vector<std::string_view> known;
        for (const PlacedText& name : section.rules) known.emplace_back(name.text);
        report(i, Problem::kBadAlias, source.rule.position,
               fmt::format("\"{}\" is none of the correlation's `rules`", source.rule.text),
               did_you_mean(source.rule.text, known, "name it as `rules` does"));
      }
    }
  }

  void check_field(std::size_t i, std::size_t input, const PlacedText& field, bool shown) {
    const std::uint32_t rule = out_.defs[i].inputs[input].rule;
    if (rule >= rule_count()) {
      const std::vector<std::string>& known = out_.defs[rule - rule_count()].group_by;
      if (std::find(known.begin(), known.end(), field.text) != known.end()) return;
      const std::vector<std::string_view> names(known.begin(), known.end());
      report(i, Problem::kCorrelationField, field.position,
             fmt::format("the correlation \"{}\" does not group by \"{}\"",
                         out_.infos[rule - rule_count()].title, field.text),
             did_you_mean(field.text, names,
                          "what a correlation hands on are the fields of its group-by"));
      return;
    }
    if (check_ == SchemaCheck::kForeign) return;
    check_rule_field(field.text, field.position, rules_[rule].category, *read_[i].file,
                     diagnostics_);
    const std::size_t dot = field.text.rfind('.');
    const std::string_view member =
        std::string_view(field.text).substr(dot == std::string::npos ? 0 : dot + 1);
    // A declared field says itself what it is.
    const bool declared =
        !field.text.starts_with(kPayloadPrefix) && !field.text.starts_with(kRequestPrefix);
    if (!shown || declared || Redactor::member_kind(member) != MemberKind::kSecret) return;
    report(i, Problem::kCorrelationField, field.position,
           fmt::format("\"{}\" is a secret, and group values are shown in alerts", field.text),
           "group by another field; value_count may count distinct secrets");
  }

  // A rule that correlations refer to raises no alert of its own, unless one of them says so.
  void alerts() {
    std::vector<bool> referred(rules_.size() + read_.size(), false);
    std::vector<bool> generated(referred.size(), false);
    for (std::size_t i = 0; i < read_.size(); ++i) {
      for (const CorrelationInput& input : out_.defs[i].inputs) {
        referred[input.rule] = true;
        if (read_[i].section.generate) generated[input.rule] = true;
      }
    }
    for (std::size_t i = 0; i < referred.size(); ++i) {
      out_.raises_alert.push_back(!referred[i] || generated[i]);
    }
  }

  std::span<const ReadCorrelation> read_;
  const NameTable& names_;
  std::span<const LinkedRule> rules_;
  SchemaCheck check_;
  Diagnostics& diagnostics_;
  LinkedCorrelations out_;
  std::vector<Visit> visits_;
  std::vector<std::size_t> depths_;
  bool circle_ = false;
  bool broken_ = false;
};

}  // namespace

LinkedCorrelations link_correlations(std::span<const ReadCorrelation> read, const NameTable& names,
                                     std::span<const LinkedRule> rules, SchemaCheck check,
                                     Diagnostics& diagnostics) {
  return CorrelationLinker(read, names, rules, check, diagnostics).run();
}

}  // namespace chargewarden
