// The program: one binary, a subcommand for each job.

#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fcntl.h>
#include <unistd.h>

#include "alerts/model/text_form.h"
#include "analyzer/app/commands/audit_command.h"
#include "analyzer/app/commands/replay_command.h"
#include "analyzer/app/commands/rules_command.h"
#include "analyzer/app/exit_status.h"
#include "analyzer/app/paths.h"

namespace chargewarden {

namespace {

// One line for a wrong command line, in the form of all other messages.
std::string usage_message(const CLI::App* app, const CLI::Error& failure) {
  std::string out = "chargewarden: ";
  append_terminal_safe(out, failure.what());
  // CLI11 asks for what is missing before it complains about what it does not know.
  const std::vector<std::string> unknown = app->remaining(true);
  if (failure.get_name() == "RequiredError" && !unknown.empty()) {
    out += ", \"";
    append_terminal_safe(out, unknown.front());
    out += "\" is not known";
  }
  out += "; --help shows how to call it\n";
  return out;
}

// A full disk or a closed pipe must not look like success: what a command wrote may still wait in a
// buffer. Commands that write by stdio say themselves what failed, those that use std::cout do not.
int flushed(int exit_status) {
  const bool stream_written = std::cout.flush().good();
  const bool file_written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  if (stream_written && (file_written || exit_status == kExitReadWrite)) return exit_status;
  (void)std::fputs("chargewarden: cannot write everything to standard output\n", stderr);
  return kExitReadWrite;
}

// A standard stream that the caller closed would give its number to the next file that is opened,
// an audit trail for example, and output would end there. The wrong direction keeps its use an
// error.
void occupy_standard_streams() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) != -1) continue;
    (void)::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

// Ends the process by a signal if that is what the status says.
int leave(int exit_status) {
  if (exit_status > kExitBySignal) {
    (void)std::signal(exit_status - kExitBySignal, SIG_DFL);
    (void)std::raise(exit_status - kExitBySignal);
  }
  return exit_status;
}

}  // namespace

static int run_program(int argc, char** argv) {
  int exit_status = kExitDone;
  CLI::App app("Chargewarden: security monitoring and audit for EV charging infrastructure");
  app.footer("Example: chargewarden replay capture.pcap");
  app.require_subcommand(1);
  app.failure_message(usage_message);
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
    exit_status = app.exit(failure) == 0 ? kExitDone : kExitUsage;
  }
  return leave(flushed(exit_status));
}

}  // namespace chargewarden

int main(int argc, char** argv) {
  // A reader that goes away is an error of the write, not the end of the program.
  (void)std::signal(SIGPIPE, SIG_IGN);
  // So is a file at its size limit (setrlimit).
  (void)std::signal(SIGXFSZ, SIG_IGN);
  chargewarden::occupy_standard_streams();
  try {
    return chargewarden::run_program(argc, argv);
  } catch (const std::exception& failure) {
    (void)std::fprintf(stderr, "chargewarden: internal error: %s\n", failure.what());
    return chargewarden::kExitInternal;
  }
}
