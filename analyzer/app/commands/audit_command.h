#pragma once
// The command `audit`: looks into the audit trail.

#include <CLI/CLI.hpp>

namespace chargewarden {

// Adds `audit query` and `audit show` to the program. When one of them runs, it writes to standard
// output and sets `exit_status`: 0 done, 2 wrong usage or no audit trail, 74 a failed read or
// write. `exit_status` must live as long as `app`.
void add_audit_command(CLI::App& app, int& exit_status);

}  // namespace chargewarden
