#pragma once
// What `replay` does, without the command line.

#include <string>
#include <vector>

namespace chargewarden {

struct ReplayOptions {
  std::vector<std::string> captures;
  std::vector<std::string> logs;   // Each as FORMAT[,OPTION...]:FILE.
  std::vector<std::string> rules;  // Empty: those of the configuration, else the shipped ones.
  std::string config;
  std::string inventory;  // Instead of that of the configuration, or empty.
  std::string alerts;
  std::string events;
  std::string audit;
  std::string publish;
  std::string evidence;  // Folder for the packets behind alerts, or empty.
  std::string fail_on;   // A level, or empty.
  unsigned threads = 0;  // 0: default_threads() of the pipeline.
};

// The exit status of the program.
int replay(const ReplayOptions& options);

}  // namespace chargewarden
