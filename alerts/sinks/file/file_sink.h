#pragma once
// FileSink: alerts in a file or on standard output, one JSON object per line, or as text for
// people.
//
// Appends; a file that is missing is created with mode 0640. Each alert is one write(2) where the
// system takes it whole, so that lines of several programs in one file do not mix and a reader of a
// pipe sees an alert at once. Nothing is dropped: what cannot be written is an error that names the
// file. The program must ignore SIGPIPE, so that a reader that went away is an error as well.

#include <memory>
#include <string>

#include "alerts/model/text_form.h"
#include "alerts/sinks/sink.h"

namespace chargewarden {

enum class AlertForm : std::uint8_t { kOcsfLines, kText, kColouredText };

class FileSink final : public Sink {
 public:
  // "-" is standard output. kUsage when the path cannot be one of a file, kReadWrite when the file
  // cannot be opened for writing.
  static Expected<std::unique_ptr<FileSink>> open(const std::string& path, AlertForm form);

  ~FileSink() override;
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;

  [[nodiscard]] bool wants_json() const noexcept override { return form_ == AlertForm::kOcsfLines; }

  Expected<void> deliver(const Alert& alert, std::string_view ocsf_json) override;

 private:
  FileSink(std::string name, int fd, bool owned, AlertForm form)
      : name_(std::move(name)), fd_(fd), owned_(owned), form_(form) {}

  std::string name_;  // For messages.
  int fd_;
  bool owned_;
  AlertForm form_;
  std::string line_;
};

}  // namespace chargewarden
