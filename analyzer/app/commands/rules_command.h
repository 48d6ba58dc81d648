#pragma once

// The subcommand `rules`: check, list, show, fields, eval, explain, coverage.

namespace CLI {
class App;
}

namespace chargewarden {

// Adds `rules` to the program. When the user asks for it, CLI11 runs it while parsing and
// `exit_status` is set; it must live as long as `app`.
void add_rules_command(CLI::App& app, int& exit_status);

}  // namespace chargewarden
