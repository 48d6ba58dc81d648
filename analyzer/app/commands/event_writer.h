#pragma once
// EventWriter: the lines of --events, to a file or standard output.

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "collector/base/expected.h"

namespace chargewarden {

// One thread. After a failed write nothing more is written, and error() says why.
class EventWriter {
 public:
  // "-" is standard output.
  static Expected<std::unique_ptr<EventWriter>> open(const std::string& path);
  ~EventWriter();
  EventWriter(const EventWriter&) = delete;
  EventWriter& operator=(const EventWriter&) = delete;

  // Without line feed. Lines are gathered until there are 64 KiB of them, or flush().
  void write(std::string_view line);
  void flush();

  [[nodiscard]] bool failed() const noexcept { return failed_; }

  [[nodiscard]] Error error() const;

 private:
  EventWriter(std::FILE* file, std::string name) : file_(file), name_(std::move(name)) {}

  std::FILE* file_;
  std::string name_;  // As messages say it.
  std::string buffer_;
  std::string reason_;
  bool failed_ = false;
};

}  // namespace chargewarden
