#include "analyzer/app/commands/replay_command.h"

#include <memory>

#include <CLI/CLI.hpp>

#include "analyzer/app/commands/replay_run.h"

namespace chargewarden {

void add_replay_command(CLI::App& app, int& exit_status) {
  auto choices = std::make_shared<ReplayOptions>();
  CLI::App* command =
      app.add_subcommand("replay", "Read captures and report what went wrong in them");
  command->add_option(
      "CAPTURE", choices->captures,
      "pcap or pcapng files, plain or packed with gzip or zstd; - is standard input");
  command
      ->add_option(
          "--log", choices->logs,
          "Read a log too, may be repeated: jsonl, steve, syslog, libocpp, citrineos, "
          "mobilityhouse, ocppcore, microocpp, docker, journald, cri, or auto to find out; "
          "FILE may be packed, - is standard input")
      ->allow_extra_args(false)
      ->type_name("FORMAT:FILE");
  command->add_option("--config", choices->config, "Configuration file")->type_name("FILE");
  command
      ->add_option("--rules", choices->rules,
                   "Folder or file of rules, may be repeated; without it the shipped catalogue")
      ->allow_extra_args(false)  // What follows the folder is a capture.
      ->type_name("DIR");
  command
      ->add_option("--alerts", choices->alerts,
                   "Write alerts as OCSF objects, one a line; - is standard output")
      ->type_name("FILE");
  command
      ->add_option("--events", choices->events,
                   "Write every event as flat JSON, one a line; - is standard output")
      ->type_name("FILE");
  command->add_option("--audit", choices->audit, "Keep alerts and commands in this audit trail")
      ->type_name("DIR");
  command
      ->add_option("--publish", choices->publish,
                   "Publish alerts over ZeroMQ, such as tcp://127.0.0.1:5600")
      ->type_name("ENDPOINT");
  command
      ->add_option("--evidence", choices->evidence,
                   "Write the packets behind each alert into this folder, a pcap file each, in\n"
                   "clear and readable by their owner only; reads the captures twice")
      ->type_name("DIR");
  command
      ->add_option("--fail-on", choices->fail_on,
                   "Exit with 1 when there is an alert of this level or above")
      ->check(CLI::IsMember({"informational", "low", "medium", "high", "critical"}))
      ->type_name("LEVEL");
  command
      ->add_option("--threads", choices->threads,
                   "Threads to work with; without it as many as processors, at most 4")
      ->check(CLI::Range(1U, 64U))
      ->type_name("N");
  command->footer(
      "Ctrl-C (SIGINT) and SIGTERM end the reading. What came before is reported, as at the end\n"
      "of the input; then the process ends by that signal. Another one, a second later, ends it\n"
      "at once. SIGHUP has the rules read again while a pipe is read; when they have problems,\n"
      "the old ones stay.\n\n"
      "Behind FORMAT may stand what a log does not tell: station=ID, side=station when a station\n"
      "wrote it (side=csms when the backend did), date=YYYY-MM-DD for times without date, each\n"
      "after a comma. Times without zone are UTC. What a log repeats of a capture counts twice.\n\n"
      "Examples:\n"
      "  chargewarden replay samples/captures/06a_fw_unsigned.pcap\n"
      "  chargewarden replay day.pcapng.zst --alerts - --fail-on high > alerts.jsonl\n"
      "  chargewarden replay day.pcapng.zst --alerts alerts.jsonl --evidence packets/\n"
      "  tcpdump -w - port 9000 | chargewarden replay - --audit trail/\n"
      "  chargewarden replay --log steve:steve.log.gz --log syslog:/var/log/csms.log\n"
      "  chargewarden replay --log microocpp,station=CP-7,date=2026-01-02:serial.txt");
  command->callback([choices, &exit_status] { exit_status = replay(*choices); });
}

}  // namespace chargewarden
