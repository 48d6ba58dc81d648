#pragma once
// EvidenceFiles: the packets behind each alert as a capture file of its own.
//
// After a replay the captures are read once more, and what the ledger names is copied: into
// FINDING_UID.pcap for each alert, in the order in which the run saw the packets, unchanged, with
// nanoseconds. A pcap file has one link type; should an alert's packets have several, those of the
// second go into FINDING_UID-2.pcap and so on. A file gets its name when it is whole; one of the
// same name is replaced, others are left alone.
//
// The files hold what was on the wire, personal data and secrets included: only the owner may read
// them. One thread.

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "alerts/dispatch/evidence_ledger.h"
#include "collector/base/expected.h"
#include "collector/capture/pcap_form.h"

namespace chargewarden {

// Bytes that are gathered before they are appended to their files: few files are open at a time,
// and few writes are short. Test: evidence_files_test.cc "what does not fit the memory".
inline constexpr std::size_t kEvidenceBufferMax = 64 * 1024 * 1024;

struct EvidenceCounters {
  std::uint64_t files = 0;
  std::uint64_t packets = 0;           // In all files.
  std::uint64_t packets_left_out = 0;  // Beyond the limits of the ledger.
  std::uint64_t alerts_left_out = 0;
};

// Whether these captures can be read twice: kUsage names the first that cannot, standard input or a
// pipe. Missing ones are somebody else's error.
Expected<void> check_readable_twice(const std::vector<std::string>& captures);

class EvidenceFiles {
 public:
  // Makes the folder if it is not there; its parent must be. kUsage when it cannot be one.
  static Expected<std::unique_ptr<EvidenceFiles>> open(const std::string& folder,
                                                       std::size_t buffer_max = kEvidenceBufferMax);

  // Takes away what is not whole.
  ~EvidenceFiles();
  EvidenceFiles(const EvidenceFiles&) = delete;
  EvidenceFiles& operator=(const EvidenceFiles&) = delete;

  // `captures` by PacketRef::input(). kReadWrite when packets are not there any more, too; all
  // others have been written then. To be called once.
  Expected<EvidenceCounters> write(const EvidenceLedger& ledger,
                                   const std::vector<std::string>& captures);

 private:
  struct File {
    std::string name;
    PcapKind kind;
    std::string buffer;
    bool begun = false;  // Stands in the folder, under its temporary name.
    bool named = false;
  };

  struct Want;
  struct Input;

  EvidenceFiles(std::string folder, int descriptor, std::size_t buffer_max)
      : folder_(std::move(folder)), descriptor_(descriptor), buffer_max_(buffer_max) {}

  Expected<void> copy(std::vector<Input>& inputs, const EvidenceLedger& ledger);
  Expected<void> take(const Packet& packet, std::uint32_t entry, const EvidenceLedger& ledger);
  std::size_t file_of(const Packet& packet, std::uint32_t entry, const EvidenceLedger& ledger);
  Expected<void> flush();
  Expected<void> append(File& file);
  Expected<void> name_all();
  [[nodiscard]] Error failure(const char* what, const File& file, int error) const;

  std::string folder_;
  int descriptor_;
  std::size_t buffer_max_;
  std::size_t buffered_ = 0;
  std::deque<File> files_;
  std::vector<std::vector<std::size_t>> files_of_entry_;
  std::vector<std::size_t> waiting_;  // Files with something in their buffer.
  EvidenceCounters counters_;
};

}  // namespace chargewarden
