#include "analyzer/app/commands/evidence_files.h"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collector/capture/capture_source.h"

namespace chargewarden {

namespace {

constexpr mode_t kFolderMode = 0700;
constexpr mode_t kFileMode = 0600;
constexpr std::size_t kPacketsPerRead = 2048;

std::string reason_of(int error) {
  return std::generic_category().message(error);
}

// Hidden until it is whole.
std::string temporary_name(const std::string& name) {
  return "." + name + ".part";
}

}  // namespace

Expected<void> check_readable_twice(const std::vector<std::string>& captures) {
  for (const std::string& path : captures) {
    struct stat status {};

    const bool known = path != "-" && ::stat(path.c_str(), &status) == 0;
    if (path == "-" || (known && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode))) {
      return Error{ErrorCode::kUsage,
                   fmt::format("--evidence reads each capture twice, and \"{}\" can be read only "
                               "once: save it to a file first",
                               path)};
    }
  }
  return {};
}

// A packet and an alert whose file it belongs into.
struct EvidenceFiles::Want {
  PacketRef packet;
  std::uint32_t entry;

  auto operator<=>(const Want&) const = default;
};

struct EvidenceFiles::Input {
  const std::string* path;
  std::vector<Want> wants;  // By number.
  std::unique_ptr<CaptureSource> source;
  PacketBatch batch;
  std::size_t next_packet = 0;
  std::size_t next_want = 0;
  std::uint64_t missing = 0;  // A packet that is wanted and not there; 0: none.

  [[nodiscard]] bool done() const { return source == nullptr; }

  [[nodiscard]] const Packet& packet() const { return batch.packets[next_packet]; }

  // Notes wanted packets up to this number, exclusive, as missing.
  void pass(std::uint64_t number) {
    for (; next_want < wants.size() && wants[next_want].packet.number() < number; ++next_want) {
      missing = wants[next_want].packet.number();
    }
  }

  // To the next packet; done() behind the last one, and behind the last one that is wanted.
  Expected<void> advance() {
    if (next_want == wants.size()) {
      source.reset();
    } else if (++next_packet >= batch.packets.size()) {
      auto more = source->read(batch, kPacketsPerRead);
      if (!more) return more.error();
      next_packet = 0;
      if (more.value()) return {};
      pass(UINT64_MAX);
      source.reset();
    }
    return {};
  }
};

Expected<std::unique_ptr<EvidenceFiles>> EvidenceFiles::open(const std::string& folder,
                                                             std::size_t buffer_max) {
  if (::mkdir(folder.c_str(), kFolderMode) != 0 && errno != EEXIST) {
    return Error{ErrorCode::kUsage, fmt::format("cannot make folder \"{}\" for evidence: {}",
                                                folder, reason_of(errno))};
  }
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0 || ::faccessat(descriptor, ".", W_OK | X_OK, AT_EACCESS) != 0) {
    const int error = errno;
    if (descriptor >= 0) (void)::close(descriptor);
    return Error{ErrorCode::kUsage, fmt::format("cannot write evidence into folder \"{}\": {}",
                                                folder, reason_of(error))};
  }
  return std::unique_ptr<EvidenceFiles>(new EvidenceFiles(folder, descriptor, buffer_max));
}

EvidenceFiles::~EvidenceFiles() {
  for (const File& file : files_) {
    if (file.begun && !file.named) {
      (void)::unlinkat(descriptor_, temporary_name(file.name).c_str(), 0);
    }
  }
  (void)::close(descriptor_);
}

Expected<EvidenceCounters> EvidenceFiles::write(const EvidenceLedger& ledger,
                                                const std::vector<std::string>& captures) {
  counters_.packets_left_out = ledger.packets_left_out();
  counters_.alerts_left_out = ledger.alerts_left_out();
  files_of_entry_.resize(ledger.entries().size());
  std::vector<Input> inputs(captures.size());
  for (std::size_t i = 0; i < captures.size(); ++i) inputs[i].path = &captures[i];
  for (std::size_t i = 0; i < ledger.entries().size(); ++i) {
    for (const PacketRef packet : ledger.entries()[i].packets) {
      if (packet.input() >= inputs.size()) continue;
      inputs[packet.input()].wants.push_back({packet, static_cast<std::uint32_t>(i)});
    }
  }
  if (auto copied = copy(inputs, ledger); !copied) return copied.error();
  if (auto flushed = flush(); !flushed) return flushed.error();
  if (auto named = name_all(); !named) return named.error();
  for (const Input& input : inputs) {
    if (input.missing == 0) continue;
    return Error{ErrorCode::kReadWrite,
                 fmt::format("\"{}\" has changed: it does not hold packet {} any more, which is "
                             "missing among the evidence in \"{}\"",
                             *input.path, input.missing, folder_)};
  }
  return counters_;
}

// All inputs by time, as the run has read them. One from which nothing more is wanted does not
// change the order of the others.
Expected<void> EvidenceFiles::copy(std::vector<Input>& inputs, const EvidenceLedger& ledger) {
  for (Input& input : inputs) {
    std::sort(input.wants.begin(), input.wants.end());
    input.wants.erase(std::unique(input.wants.begin(), input.wants.end()), input.wants.end());
    if (input.wants.empty()) continue;
    auto source = CaptureSource::open(*input.path);
    if (!source) return Error{ErrorCode::kReadWrite, source.error().message};
    input.source = std::move(source).value();
    if (auto read = input.advance(); !read) return read.error();
  }
  for (;;) {
    Input* oldest = nullptr;
    for (Input& input : inputs) {
      if (input.done()) continue;
      if (oldest == nullptr || input.packet().time_ns < oldest->packet().time_ns) oldest = &input;
    }
    if (oldest == nullptr) return {};
    const Packet& packet = oldest->packet();
    oldest->pass(packet.number);
    for (; oldest->next_want < oldest->wants.size(); ++oldest->next_want) {
      const Want& want = oldest->wants[oldest->next_want];
      if (want.packet.number() != packet.number) break;
      if (auto taken = take(packet, want.entry, ledger); !taken) return taken.error();
    }
    if (auto read = oldest->advance(); !read) return read.error();
  }
}

Expected<void> EvidenceFiles::take(const Packet& packet, std::uint32_t entry,
                                   const EvidenceLedger& ledger) {
  const std::size_t index = file_of(packet, entry, ledger);
  File& file = files_[index];
  const std::size_t before = file.buffer.size();
  if (before == 0) waiting_.push_back(index);
  if (before == 0 && !file.begun) append_pcap_header(file.kind, file.buffer);
  append_pcap_record(packet, file.buffer);
  buffered_ += file.buffer.size() - before;
  ++counters_.packets;
  return buffered_ >= buffer_max_ ? flush() : Expected<void>();
}

std::size_t EvidenceFiles::file_of(const Packet& packet, std::uint32_t entry,
                                   const EvidenceLedger& ledger) {
  const PcapKind kind = pcap_kind_of(packet);
  std::vector<std::size_t>& own = files_of_entry_[entry];
  for (const std::size_t i : own) {
    if (files_[i].kind == kind) return i;
  }
  std::string uid = ledger.entries()[entry].finding_uid;
  if (!own.empty()) uid += fmt::format("-{}", own.size() + 1);
  own.push_back(files_.size());
  ++counters_.files;
  files_.push_back({EvidenceLedger::file_of(uid), kind, {}});
  return own.back();
}

Expected<void> EvidenceFiles::flush() {
  for (const std::size_t i : waiting_) {
    if (auto appended = append(files_[i]); !appended) return appended.error();
  }
  waiting_.clear();
  buffered_ = 0;
  return {};
}

Expected<void> EvidenceFiles::append(File& file) {
  const std::string name = temporary_name(file.name);
  // What an earlier run may have left unfinished is not gone on with.
  const int how = file.begun ? O_APPEND : O_CREAT | O_TRUNC;
  const int descriptor =
      ::openat(descriptor_, name.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW | how, kFileMode);
  if (descriptor < 0) return failure("open", file, errno);
  file.begun = true;
  std::string_view rest = file.buffer;
  int error = 0;
  while (!rest.empty() && error == 0) {
    const ssize_t written = ::write(descriptor, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      error = errno;
    }
  }
  if (::close(descriptor) != 0 && error == 0) error = errno;
  if (error != 0) return failure("write", file, error);
  std::string().swap(file.buffer);
  return {};
}

Expected<void> EvidenceFiles::name_all() {
  for (File& file : files_) {
    const std::string name = temporary_name(file.name);
    if (::renameat(descriptor_, name.c_str(), descriptor_, file.name.c_str()) != 0) {
      return failure("name", file, errno);
    }
    file.named = true;
  }
  return {};
}

Error EvidenceFiles::failure(const char* what, const File& file, int error) const {
  return {ErrorCode::kReadWrite, fmt::format("cannot {} evidence file \"{}/{}\": {}", what, folder_,
                                             file.name, reason_of(error))};
}

}  // namespace chargewarden
