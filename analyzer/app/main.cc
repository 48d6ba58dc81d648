// The program: one binary, a subcommand for each job.

#include <csignal>
#include <cstdio>
#include <exception>

#include <CLI/CLI.hpp>

#include "analyzer/app/commands/audit_command.h"
#include "analyzer/app/commands/replay_command.h"
#include "analyzer/app/commands/rules_command.h"
#include "analyzer/app/exit_status.h"
#include "analyzer/app/paths.h"

namespace chargewarden {

static int run_program(int argc, char** argv) {
  int exit_status = kExitDone;
  CLI::App app("Chargewarden: security monitoring and audit for EV charging infrastructure");
  app.footer("Example: chargewarden replay capture.pcap");
  app.require_subcommand(1);
  add_replay_command(app, exit_status);
  add_rules_command(app, exit_status);
  add_audit_command(app, exit_status);
  app.add_subcommand("version", "Print the version")
      ->footer("Example: chargewarden version")
      ->callback([] {
        (void)std::printf("chargewarden %.*s\n", static_cast<int>(program_version().size()),
                          program_version().data());
      });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& failure) {
    const int status = app.exit(failure);
    return status == 0 ? kExitDone : kExitUsage;
  }
  return exit_status;
}

}  // namespace chargewarden

int main(int argc, char** argv) {
  // A reader that goes away is an error of the write, not the end of the program.
  (void)std::signal(SIGPIPE, SIG_IGN);
  // So is a file that may not grow any more.
  (void)std::signal(SIGXFSZ, SIG_IGN);
  try {
    return chargewarden::run_program(argc, argv);
  } catch (const std::exception& failure) {
    (void)std::fprintf(stderr, "chargewarden: internal error: %s\n", failure.what());
    return chargewarden::kExitInternal;
  }
}
