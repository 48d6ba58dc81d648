#include "rules/lang/rule_parser.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "collector/base/digest.h"
#include "rules/lang/correlation_parser.h"
#include "rules/lang/detection_parser.h"
#include "rules/lang/filter_parser.h"
#include "rules/lang/suggest.h"

namespace chargewarden {

namespace {

constexpr auto kKeys = std::to_array<std::string_view>(
    {"title",       "id",        "related",  "name",           "taxonomy", "status",
     "description", "license",   "author",   "date",           "modified", "references",
     "logsource",   "detection", "fields",   "falsepositives", "level",    "tags",
     "scope",       "response",  "examples", "correlation",    "filter",   "generate"});
constexpr auto kSections = std::to_array<std::string_view>({"detection", "correlation", "filter"});
constexpr auto kLevels =
    std::to_array<std::string_view>({"informational", "low", "medium", "high", "critical"});
constexpr auto kStatuses = std::to_array<std::string_view>(
    {"stable", "test", "experimental", "deprecated", "unsupported"});
constexpr auto kRelations =
    std::to_array<std::string_view>({"derived", "obsolete", "merged", "renamed", "similar"});
constexpr std::string_view kPostureTag = "chargewarden.posture";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// RFC 9562, 4: 8-4-4-4-12 hex digits.
bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !is_hex(text[i])) return false;
  }
  return true;
}

unsigned number(std::string_view digits) {
  unsigned out = 0;
  for (const char c : digits) out = out * 10 + static_cast<unsigned>(c - '0');
  return out;
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i != 4 && i != 7 && !is_digit(text[i])) return false;
  }
  const unsigned year = number(text.substr(0, 4));
  const unsigned month = number(text.substr(5, 2));
  const unsigned day = number(text.substr(8, 2));
  static constexpr std::array<unsigned, 12> kDays{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1 || day > kDays[month - 1]) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month != 2 || day != 29 || leap;
}

// Sigma 2.1: ^[a-z0-9_-]+\.[a-z0-9._-]+$
bool is_tag(std::string_view text) {
  const std::size_t dot = text.find('.');
  if (dot == 0 || dot == std::string_view::npos || dot + 1 == text.size()) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || is_digit(c) || c == '_' || c == '-' || c == '.';
  });
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

class RuleParser {
 public:
  RuleParser(YamlDocument document, const SourceFile& file, Diagnostics& diagnostics)
      : document_(std::move(document)), file_(file), diagnostics_(diagnostics) {}

  std::optional<RuleDocument> run() {
    const std::size_t errors_before = diagnostics_.error_count();
    const YamlNode& root = document_.root;
    out_.position = root.position;
    if (root.kind != YamlKind::kMap) {
      report(Problem::kNotAMap, root.position, "the document is not a map",
             "a rule is a map with title, logsource and detection");
      return std::nullopt;
    }
    const bool one_kind = find_kind();
    check_keys();
    identity();
    texts();
    lists();
    if (out_.kind != DocumentKind::kCorrelation) logsource();
    if (one_kind) section();
    examples();
    out_.info.path = file_.path();
    out_.info.hash = sha256_hex(document_.text);
    out_.complete = diagnostics_.error_count() == errors_before;
    return std::move(out_);
  }

 private:
  void report(Problem problem, Position position, std::string message, std::string hint = {}) {
    diagnostics_.add(problem, file_, position, std::move(message), std::move(hint));
  }

  // Without any section it is taken for a detection rule, whose section is then missing.
  bool find_kind() {
    const YamlEntry* found = nullptr;
    for (const YamlEntry& entry : document_.root.entries) {
      const auto* const section = std::find(kSections.begin(), kSections.end(), entry.key);
      if (section == kSections.end()) continue;
      if (found != nullptr) {
        report(Problem::kKindMixed, entry.position,
               fmt::format("the document has `{}` and `{}`", found->key, entry.key),
               "write two documents, with a line --- between them");
        return false;
      }
      found = &entry;
      out_.kind = static_cast<DocumentKind>(section - kSections.begin());
    }
    return true;
  }

  void section() {
    const YamlNode* node = required(kSections[static_cast<std::size_t>(out_.kind)]);
    if (node == nullptr) return;
    switch (out_.kind) {
      case DocumentKind::kDetection:
        parse_detection(*node, file_, out_, diagnostics_);
        break;
      case DocumentKind::kCorrelation:
        parse_correlation(*node, file_, out_, diagnostics_);
        generate();
        break;
      case DocumentKind::kFilter:
        parse_filter(*node, file_, out_, diagnostics_);
        break;
    }
  }

  // Sigma's text puts it beside `level`, its tools into the section: both are taken.
  void generate() {
    const YamlNode* node = document_.root.find("generate");
    if (node == nullptr) return;
    if (const auto value = bool_of(*node)) {
      out_.correlation->generate = *value;
    } else {
      report(Problem::kWrongType, node->position, "`generate` must be true or false",
             "write it without quotes");
    }
  }

  void check_keys() {
    for (const YamlEntry& entry : document_.root.entries) {
      if (std::find(kKeys.begin(), kKeys.end(), entry.key) != kKeys.end()) continue;
      report(Problem::kUnknownKey, entry.position,
             fmt::format("the key \"{}\" is not known and has no effect", entry.key),
             did_you_mean(entry.key, kKeys));
    }
  }

  const YamlNode* required(std::string_view key) {
    const YamlNode* node = document_.root.find(key);
    if (node == nullptr) {
      report(Problem::kMissingKey, document_.root.position,
             fmt::format("the rule has no `{}`", key), fmt::format("add `{}:`", key));
    }
    return node;
  }

  // Text of the key; plain numbers and dates are taken as written. Null when absent or wrong.
  const YamlNode* text_node(std::string_view key) {
    const YamlNode* node = document_.root.find(key);
    if (node == nullptr) return nullptr;
    if (node->kind == YamlKind::kScalar && !node->text.empty()) return node;
    report(Problem::kWrongType, node->position, fmt::format("`{}` must be a text", key),
           "write the text behind the colon, or remove the key");
    return nullptr;
  }

  void set_text(std::string_view key, std::string& out, std::size_t max_characters = 0) {
    const YamlNode* node = text_node(key);
    if (node == nullptr) return;
    out = node->text;
    if (max_characters != 0 && characters(out) > max_characters) {
      report(Problem::kTooLong, node->position,
             fmt::format("`{}` is longer than {} characters", key, max_characters), "shorten it");
    }
  }

  void identity() {
    required("title");
    set_text("title", out_.info.title, kRuleTitleMax);
    set_text("name", out_.info.name, kRuleNameMax);
    if (const YamlNode* name = document_.root.find("name")) out_.name_position = name->position;
    const YamlNode* id = text_node("id");
    if (id == nullptr) return;
    out_.info.id = id->text;
    out_.id_position = id->position;
    if (!is_uuid(id->text)) {
      report(Problem::kBadId, id->position, fmt::format("the id \"{}\" is not a UUID", id->text),
             "make one with uuidgen");
    }
  }

  void texts() {
    set_text("description", out_.info.description, kDescriptionMax);
    set_text("response", out_.info.response, kDescriptionMax);
    set_text("author", out_.info.author);
    for (const std::string_view key : {"taxonomy", "license"}) (void)text_node(key);
    date("date");
    date("modified");
    if (const YamlNode* node = text_node("status")) {
      out_.info.status = node->text;
      one_of("status", *node, kStatuses, Problem::kBadStatus);
    }
    if (const YamlNode* node = text_node("level")) {
      if (one_of("level", *node, kLevels, Problem::kBadLevel)) {
        out_.has_level = true;
        out_.info.level = static_cast<Level>(std::find(kLevels.begin(), kLevels.end(), node->text) -
                                             kLevels.begin());
      }
    }
  }

  void date(std::string_view key) {
    const YamlNode* node = text_node(key);
    if (node == nullptr) return;
    out_.info.date = node->text;
    if (is_date(node->text)) return;
    report(Problem::kBadDate, node->position,
           fmt::format("`{}` is \"{}\", which is no date", key, node->text),
           "write a date as YYYY-MM-DD");
  }

  bool one_of(std::string_view key, const YamlNode& node, std::span<const std::string_view> words,
              Problem problem) {
    if (std::find(words.begin(), words.end(), node.text) != words.end()) return true;
    report(problem, node.position, fmt::format("the {} \"{}\" is not known", key, node.text),
           did_you_mean(node.text, words, fmt::format("write one of {}", fmt::join(words, ", "))));
    return false;
  }

  void list(std::string_view key, std::vector<std::string>* out) {
    const YamlNode* node = document_.root.find(key);
    if (node == nullptr) return;
    if (node->kind != YamlKind::kList) {
      report(Problem::kWrongType, node->position, fmt::format("`{}` must be a list", key),
             "write one entry a line, each after a dash");
      return;
    }
    std::set<std::string_view> known;
    for (const YamlNode& item : node->items) {
      if (item.kind != YamlKind::kScalar) {
        report(Problem::kWrongType, item.position,
               fmt::format("an entry of `{}` must be a text", key));
        continue;
      }
      if (!known.insert(item.text).second) {
        report(Problem::kDuplicateEntry, item.position,
               fmt::format("`{}` has \"{}\" twice", key, item.text), "remove one");
      }
      if (out != nullptr) out->push_back(item.text);
    }
  }

  void lists() {
    list("references", &out_.info.references);
    falsepositives();
    list("fields", &out_.info.fields);
    list("scope", nullptr);
    list("tags", &out_.info.tags);
    related();
    const YamlNode* tags = document_.root.find("tags");
    if (tags == nullptr) return;
    for (const YamlNode& tag : tags->items) {
      if (tag.kind != YamlKind::kScalar) continue;
      if (tag.text == kPostureTag) out_.info.posture = true;
      if (is_tag(tag.text)) continue;
      report(Problem::kBadRuleTag, tag.position, fmt::format("\"{}\" is not a tag", tag.text),
             "write namespace.value in lower case, such as attack.t0848");
    }
  }

  // Of a correlation it may be one text.
  void falsepositives() {
    const YamlNode* node = document_.root.find("falsepositives");
    if (node != nullptr && node->kind == YamlKind::kScalar &&
        out_.kind == DocumentKind::kCorrelation) {
      out_.info.falsepositives.push_back(node->text);
    } else {
      list("falsepositives", &out_.info.falsepositives);
    }
  }

  void related() {
    const YamlNode* node = document_.root.find("related");
    if (node == nullptr) return;
    if (node->kind != YamlKind::kList) {
      report(Problem::kBadRelated, node->position, "`related` must be a list",
             "write entries with `id` and `type`");
      return;
    }
    for (const YamlNode& item : node->items) {
      const YamlNode* id = item.find("id");
      const YamlNode* type = item.find("type");
      if (id == nullptr || !is_uuid(id->text) || type == nullptr) {
        report(Problem::kBadRelated, item.position, "an entry of `related` needs `id` and `type`",
               "the id is the UUID of the other rule");
      } else {
        one_of("type", *type, kRelations, Problem::kBadRelated);
      }
    }
  }

  void logsource() {
    const YamlNode* node = required("logsource");
    if (node == nullptr) return;
    if (node->kind != YamlKind::kMap || node->entries.empty()) {
      report(Problem::kBadLogsource, node->position, "`logsource` must be a map",
             "write `product: evcharging` and a category below it");
      return;
    }
    Logsource& out = out_.logsource;
    out.position = node->position;
    for (const YamlEntry& entry : node->entries) {
      if (entry.value.kind != YamlKind::kScalar) {
        report(Problem::kBadLogsource, entry.value.position,
               fmt::format("`{}` of the logsource must be a text", entry.key));
      } else if (entry.key == "category") {
        out.category = entry.value.text;
        out.category_position = entry.value.position;
      } else if (entry.key == "product") {
        out.product = entry.value.text;
        out.product_position = entry.value.position;
      } else if (entry.key == "service") {
        out.service = entry.value.text;
        out.service_position = entry.value.position;
      }
    }
    if (out.category.empty() && out.product.empty() && out.service.empty()) {
      report(Problem::kBadLogsource, node->position,
             "the logsource has neither category, product nor service",
             "write `product: evcharging` and a category");
    }
  }

  void examples() {
    auto& entries = document_.root.entries;
    const auto found = std::find_if(entries.begin(), entries.end(),
                                    [](const YamlEntry& entry) { return entry.key == "examples"; });
    if (found == entries.end()) return;
    YamlNode& node = found->value;
    if (node.kind != YamlKind::kMap) {
      report(Problem::kBadExample, node.position, "`examples` must be a map",
             "write the lists `match` and `no_match` below it");
      return;
    }
    for (YamlEntry& entry : node.entries) {
      if (entry.key != "match" && entry.key != "no_match") {
        report(Problem::kBadExample, entry.position,
               fmt::format("examples know no \"{}\"", entry.key), "write `match` or `no_match`");
        continue;
      }
      if (entry.value.kind != YamlKind::kList) {
        report(Problem::kBadExample, entry.value.position,
               fmt::format("`{}` must be a list of events", entry.key),
               "write each event as a map of fields after a dash");
        continue;
      }
      for (YamlNode& event : entry.value.items) {
        if (event.kind == YamlKind::kMap) {
          out_.examples.push_back({std::move(event), entry.key == "match"});
        } else {
          report(Problem::kBadExample, event.position, "an example must be a map of fields");
        }
      }
    }
  }

  YamlDocument document_;
  const SourceFile& file_;
  Diagnostics& diagnostics_;
  RuleDocument out_;
};

}  // namespace

std::optional<RuleDocument> parse_rule(YamlDocument document, const SourceFile& file,
                                       Diagnostics& diagnostics) {
  return RuleParser(std::move(document), file, diagnostics).run();
}

std::span<const std::string_view> rule_keys() {
  return kKeys;
}

std::span<const std::string_view> rule_statuses() {
  return kStatuses;
}

std::span<const std::string_view> rule_relations() {
  return kRelations;
}

}  // namespace chargewarden
