#pragma once

// The subcommand `replay`: captures in, alerts, events, audit trail and summary out.

namespace CLI {
class App;
}

namespace chargewarden {

// As add_rules_command().
void add_replay_command(CLI::App& app, int& exit_status);

}  // namespace chargewarden
