#include "rules/engine/rule_loader.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "rules/engine/flat_event.h"
#include "rules/engine/matcher.h"
#include "rules/lang/rule_parser.h"
#include "rules/lang/yaml_reader.h"

namespace chargewarden {

namespace {

namespace fs = std::filesystem;

// A file of rules and the folder below which it was found.
struct FoundFile {
  std::string path;
  std::string theme;
};

// Rules have 1 to 4 KB, and there are thousands of them: a larger block is mostly cleared memory.
constexpr std::size_t kReadBlock = std::size_t{8} * 1024;

// One byte more than a YAML file may have is enough to see that it is too long.
std::optional<std::string> read_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return std::nullopt;
  std::string out;
  std::string block(kReadBlock, '\0');
  while (stream && out.size() <= kYamlFileMax) {
    stream.read(block.data(), static_cast<std::streamsize>(block.size()));
    out.append(block, 0, static_cast<std::size_t>(stream.gcount()));
  }
  if (stream.bad()) return std::nullopt;
  return out;
}

void unreadable(const std::string& path, const std::string& why, LoadedRules& out) {
  out.unreadable = true;
  out.diagnostics.add_file(Problem::kUnreadableFile, path, fmt::format("cannot read it: {}", why),
                           "check the path and its permissions");
}

bool is_rule_file(const fs::path& path) {
  const std::string extension = path.extension().string();
  return (extension == ".yml" || extension == ".yaml") && path.filename() != kPlaceholdersFile;
}

// The first folder below the one that was named.
std::string theme_of(const fs::path& path, const fs::path& folder) {
  const fs::path relative = path.lexically_relative(folder);
  const auto first = relative.begin();
  return first == relative.end() || std::next(first) == relative.end() ? std::string()
                                                                       : first->string();
}

void find_files(const std::string& path, std::size_t files_max, std::vector<FoundFile>& files,
                LoadedRules& out) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (error || !fs::exists(status)) {
    unreadable(path, error ? error.message() : "no such file or folder", out);
    return;
  }
  if (!fs::is_directory(status)) {
    files.push_back({path, {}});
    return;
  }
  std::vector<FoundFile> found;
  fs::recursive_directory_iterator entry(path, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    std::error_code ignored;
    if (!is_rule_file(entry->path()) || !entry->is_regular_file(ignored)) continue;
    if (files.size() + found.size() >= files_max) {
      out.diagnostics.add_file(Problem::kTooManyRules, path,
                               fmt::format("there are more than {} files of rules", files_max),
                               "load fewer, or put several rules into one file");
      break;
    }
    found.push_back({entry->path().string(), theme_of(entry->path(), path)});
  }
  if (error) unreadable(path, error.message(), out);
  std::sort(found.begin(), found.end(),
            [](const FoundFile& a, const FoundFile& b) { return a.path < b.path; });
  std::move(found.begin(), found.end(), std::back_inserter(files));
}

void load_file(const FoundFile& found, bool examples, RuleSetBuilder& builder, LoadedRules& out) {
  auto text = read_file(found.path);
  if (!text) {
    unreadable(found.path, "it cannot be opened", out);
    return;
  }
  out.files.push_back(std::make_unique<SourceFile>(found.path, std::move(*text)));
  const SourceFile& file = *out.files.back();
  for (YamlDocument& document : read_yaml(file, out.diagnostics, examples ? "" : "examples")) {
    ++out.document_count;
    auto rule = parse_rule(std::move(document), file, out.diagnostics);
    if (!rule) continue;
    rule->info.theme = found.theme;
    if (!builder.add(*rule, file, out.diagnostics)) continue;
    auto& list = rule->kind == DocumentKind::kDetection     ? out.rules
                 : rule->kind == DocumentKind::kCorrelation ? out.correlations
                                                            : out.filters;
    list.push_back({std::move(*rule), &file});
  }
}

void take_placeholders(const YamlNode& root, const SourceFile& file, PlaceholderMap& out,
                       Diagnostics& diagnostics) {
  const YamlNode* map = root.find("placeholders");
  if (map == nullptr || map->kind == YamlKind::kNull) return;
  if (map->kind != YamlKind::kMap) {
    diagnostics.add(Problem::kBadPlaceholders, file, map->position,
                    "`placeholders` must be a map of lists", "write `name: [value, value]` below");
    return;
  }
  for (const YamlEntry& entry : map->entries) {
    std::vector<std::string> values;
    bool good = entry.value.kind == YamlKind::kList;
    for (const YamlNode& value : entry.value.items) {
      good = good && value.kind == YamlKind::kScalar;
      values.push_back(value.text);
    }
    if (!good) {
      diagnostics.add(Problem::kBadPlaceholders, file, entry.position,
                      fmt::format("the placeholder \"{}\" must be a list of texts", entry.key),
                      "write `name: [value, value]`; an empty list matches nothing");
      continue;
    }
    out.insert_or_assign(entry.key, std::move(values));
  }
}

}  // namespace

void read_placeholders(const std::string& path, PlaceholderMap& out, Diagnostics& diagnostics) {
  auto text = read_file(path);
  if (!text) {
    diagnostics.add_file(Problem::kUnreadableFile, path, "cannot read it",
                         "check the path and its permissions");
    return;
  }
  const SourceFile file(path, std::move(*text));
  for (const YamlDocument& document : read_yaml(file, diagnostics)) {
    take_placeholders(document.root, file, out, diagnostics);
  }
}

LoadedRules load_rules(const LoadOptions& options) {
  Diagnostics none;
  LoadedRules out{.set = RuleSetBuilder({}, options.check).build(none),
                  .diagnostics = {},
                  .rules = {},
                  .correlations = {},
                  .filters = {},
                  .files = {},
                  .document_count = 0,
                  .unreadable = false};
  PlaceholderMap placeholders;
  std::vector<FoundFile> files;
  for (const std::string& path : options.paths) {
    find_files(path, options.files_max, files, out);
    const std::string defaults = (fs::path(path) / kPlaceholdersFile).string();
    std::error_code ignored;
    if (fs::is_regular_file(defaults, ignored)) {
      read_placeholders(defaults, placeholders, out.diagnostics);
    }
  }
  for (const auto& [name, values] : options.placeholders) {
    placeholders.insert_or_assign(name, values);
  }
  RuleSetBuilder builder(std::move(placeholders), options.check);
  for (const FoundFile& file : files) load_file(file, options.examples, builder, out);
  out.set = builder.build(out.diagnostics);
  out.diagnostics.sort();
  return out;
}

Expected<RuleSet> load_rule_set(const LoadOptions& options) {
  LoadOptions without_examples = options;
  without_examples.examples = false;
  LoadedRules loaded = load_rules(without_examples);
  if (loaded.diagnostics.has_errors()) {
    const std::size_t count = loaded.diagnostics.error_count();
    return Error{loaded.unreadable ? ErrorCode::kUnreadable : ErrorCode::kUsage,
                 fmt::format("the rules have {} problem{}:\n{}", count, count == 1 ? "" : "s",
                             render_text(loaded.diagnostics))};
  }
  return std::move(loaded.set);
}

void run_examples(const LoadedRules& loaded, Diagnostics& diagnostics) {
  Matcher matcher(loaded.set);
  FlatEvent event;
  for (std::uint32_t i = 0; i < loaded.rules.size(); ++i) {
    const LoadedRule& rule = loaded.rules[i];
    for (const RuleExample& example : rule.document.examples) {
      const auto status = event.load(to_json(example.event));
      if (!status) {
        diagnostics.add(Problem::kBadExample, *rule.file, example.event.position,
                        status.error().message);
        continue;
      }
      // An example is about its rule alone: what a filter does with it is the site's affair.
      const bool holds = matcher.matches(i, event);
      const bool covered = matcher.in_logsource(i, event);
      if ((holds && covered) == example.expected) continue;
      const bool logsource = example.expected && holds;
      diagnostics.add(Problem::kExampleFailed, *rule.file, example.event.position,
                      example.expected ? "the rule does not match this example of `match`"
                                       : "the rule matches this example of `no_match`",
                      logsource ? "its event.category is not that of the logsource"
                                : "mend the detection or the example");
    }
  }
}

}  // namespace chargewarden
