#include "analyzer/app/commands/rules_command.h"

#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "analyzer/app/commands/rules_actions.h"
#include "analyzer/app/commands/rules_coverage.h"
#include "analyzer/app/commands/rules_eval.h"
#include "analyzer/app/commands/rules_explain.h"
#include "analyzer/app/paths.h"
#include "analyzer/app/terminal.h"

namespace chargewarden {

namespace {

// What the options of all subcommands write to; CLI11 keeps pointers to it.
struct Choices {
  RulesOptions rules;
  RulesFilter filter;
  std::string format;
  std::string name;
  std::string event;
  std::vector<std::string> captures;
  std::string audit;
  unsigned threads = 0;
  std::string time_field;
  bool any_logsource = false;

  [[nodiscard]] OutputFormat output() const {
    return format == "json" ? OutputFormat::kJson : OutputFormat::kText;
  }
};

using ChoicesPtr = std::shared_ptr<Choices>;

RulesOptions options_of(const Choices& choices) {
  RulesOptions out = choices.rules;
  if (out.paths.empty()) out.paths.push_back(catalog_dir());
  if (choices.any_logsource) out.check = SchemaCheck::kForeign;
  return out;
}

void add_rules_option(CLI::App& command, const ChoicesPtr& choices) {
  command
      .add_option("--rules", choices->rules.paths,
                  "Folder or file of rules, may be repeated; without it the shipped catalogue")
      ->type_name("DIR")
      ->allow_extra_args(false)  // What follows the folder is the name of a rule.
      ->take_all();
}

void add_config_option(CLI::App& command, const ChoicesPtr& choices) {
  command
      .add_option("--config", choices->rules.config,
                  "Configuration whose `placeholders` replace the defaults")
      ->type_name("FILE");
}

void add_format_option(CLI::App& command, const ChoicesPtr& choices, const char* text) {
  choices->format = text;
  command.add_option("--format", choices->format, std::string(text) + " or json")
      ->check(CLI::IsMember({std::string(text), std::string("json")}));
}

constexpr auto kLevelNames = {"informational", "low", "medium", "high", "critical"};

void add_filter_options(CLI::App& command, const ChoicesPtr& choices) {
  command.add_option("--level", choices->filter.level, "Only this level")
      ->check(CLI::IsMember(kLevelNames))
      ->type_name("LEVEL");
  command.add_option("--min-level", choices->filter.min_level, "Only this level and those above")
      ->check(CLI::IsMember(kLevelNames))
      ->type_name("LEVEL");
  command.add_option("--tag", choices->filter.tag, "Only rules with this tag")->type_name("TAG");
  command.add_option("--theme", choices->filter.theme, "Only this theme: the folder of the rule")
      ->type_name("THEME");
}

void add_check(CLI::App& rules, int& exit_status) {
  auto choices = std::make_shared<Choices>();
  CLI::App* command = rules.add_subcommand(
      "check", "Find everything that is wrong with rules, and run their examples");
  command->add_option("DIR", choices->rules.paths, "Folders or files of rules")->required();
  command->add_flag("--any-logsource", choices->any_logsource,
                    "Do not check logsources and names of fields");
  add_config_option(*command, choices);
  add_format_option(*command, choices, "text");
  command->footer("Example: chargewarden rules check my-rules/");
  command->callback([choices, &exit_status] {
    exit_status = rules_check(options_of(*choices), choices->output(), std::cout, std::cerr);
  });
}

void add_list(CLI::App& rules, int& exit_status) {
  auto choices = std::make_shared<Choices>();
  CLI::App* command = rules.add_subcommand("list", "List rules");
  add_rules_option(*command, choices);
  add_config_option(*command, choices);
  add_filter_options(*command, choices);
  add_format_option(*command, choices, "table");
  command->footer("Example: chargewarden rules list --min-level high --theme firmware");
  command->callback([choices, &exit_status] {
    exit_status = rules_list(options_of(*choices), choices->filter, choices->output(),
                             {terminal_columns(), terminal_has_colour()}, std::cout, std::cerr);
  });
}

void add_show(CLI::App& rules, int& exit_status) {
  auto choices = std::make_shared<Choices>();
  CLI::App* command = rules.add_subcommand("show", "Describe one rule in plain words");
  command->add_option("NAME", choices->name, "Name, id or title of the rule")->required();
  add_rules_option(*command, choices);
  add_config_option(*command, choices);
  command->footer("Example: chargewarden rules show unsigned_firmware_command");
  command->callback([choices, &exit_status] {
    exit_status = rules_show(options_of(*choices), choices->name, {terminal_columns(), false},
                             std::cout, std::cerr);
  });
}

void add_fields(CLI::App& rules, int& exit_status) {
  auto choices = std::make_shared<Choices>();
  CLI::App* command =
      rules.add_subcommand("fields", "Print the reference of all events and fields");
  choices->format = "markdown";
  command
      ->add_option("--format", choices->format,
                   "markdown, json, or schema: a JSON schema of rules for editors")
      ->check(CLI::IsMember({"markdown", "json", "schema"}));
  command->footer(
      "Examples:\n"
      "  chargewarden rules fields --format json\n"
      "  chargewarden rules fields --format schema > rules.schema.json");
  command->callback([choices, &exit_status] {
    const FieldsFormat format = choices->format == "schema" ? FieldsFormat::kSchema
                                : choices->format == "json" ? FieldsFormat::kJson
                                                            : FieldsFormat::kMarkdown;
    exit_status = rules_fields(format, std::cout);
  });
}

void add_eval(CLI::App& rules, int& exit_status) {
  auto choices = std::make_shared<Choices>();
  CLI::App* command = rules.add_subcommand(
      "eval", "Read flat JSON events from standard input, print which rules match");
  add_rules_option(*command, choices);
  command->get_option("--rules")->required();
  add_config_option(*command, choices);
  command->add_flag("--any-logsource", choices->any_logsource,
                    "Foreign rules: do not check logsources and names of fields");
  command
      ->add_option("--time-field", choices->time_field,
                   "Field with the time of an event, for correlations; without it event.time, "
                   "@timestamp, timestamp and other usual names")
      ->type_name("NAME");
  command->footer("Example: chargewarden rules eval --rules my-rules/ < events.jsonl");
  command->callback([choices, &exit_status] {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    exit_status =
        rules_eval({options_of(*choices), choices->time_field}, std::cin, std::cout, std::cerr);
  });
}

void add_explain(CLI::App& rules, int& exit_status) {
  auto choices = std::make_shared<Choices>();
  CLI::App* command =
      rules.add_subcommand("explain", "Tell part by part why a rule matches an event, or why not");
  command->add_option("--rule", choices->name, "Name, id or title of the rule")
      ->required()
      ->type_name("RULE");
  command
      ->add_option("--event", choices->event,
                   "File of one JSON event, or of one on each line; - is standard input")
      ->required()
      ->type_name("FILE");
  add_rules_option(*command, choices);
  add_config_option(*command, choices);
  command->add_flag("--any-logsource", choices->any_logsource,
                    "Foreign rules: do not check logsources and names of fields");
  add_format_option(*command, choices, "text");
  command->footer(
      "Example: why does the rule say nothing about these events?\n"
      "  chargewarden replay capture.pcap --events - | grep UpdateFirmware |\n"
      "    chargewarden rules explain --rule unsigned_firmware_command --event -");
  command->callback([choices, &exit_status] {
    const ExplainOptions options{options_of(*choices), choices->name, choices->event};
    exit_status = rules_explain(options, choices->output(), std::cin, std::cout, std::cerr);
  });
}

void add_coverage(CLI::App& rules, int& exit_status) {
  auto choices = std::make_shared<Choices>();
  CLI::App* command = rules.add_subcommand(
      "coverage", "Tell which rules fired, which could have, and which could see nothing, and why");
  CLI::Option* capture =
      command->add_option("--capture", choices->captures, "Captures to run the rules over")
          ->type_name("FILE");
  command->add_option("--audit", choices->audit, "Folder of an audit trail: all of its runs")
      ->type_name("DIR")
      ->excludes(capture);
  add_rules_option(*command, choices);
  add_config_option(*command, choices);
  add_filter_options(*command, choices);
  add_format_option(*command, choices, "table");
  command
      ->add_option("--threads", choices->threads,
                   "Threads to work with; without it as many as processors, at most 4")
      ->check(CLI::Range(1U, 64U))
      ->type_name("N");
  command->footer(
      "Examples:\n"
      "  chargewarden rules coverage --capture day.pcapng.zst --rules my-rules/\n"
      "  chargewarden rules coverage --audit /var/lib/chargewarden --min-level high");
  command->callback([choices, &exit_status] {
    const CoverageOptions options{options_of(*choices), choices->filter, choices->captures,
                                  choices->audit, choices->threads};
    exit_status = rules_coverage(options, choices->output(),
                                 {terminal_columns(), terminal_has_colour()}, std::cout, std::cerr);
  });
}

}  // namespace

void add_rules_command(CLI::App& app, int& exit_status) {
  CLI::App* rules = app.add_subcommand("rules", "Check, show and try detection rules");
  rules->require_subcommand(1);
  rules->footer("Example: chargewarden rules check my-rules/");
  add_check(*rules, exit_status);
  add_list(*rules, exit_status);
  add_show(*rules, exit_status);
  add_fields(*rules, exit_status);
  add_eval(*rules, exit_status);
  add_explain(*rules, exit_status);
  add_coverage(*rules, exit_status);
}

}  // namespace chargewarden
