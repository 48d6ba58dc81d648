#pragma once
// CaptureSource: the packets of one capture file or pipe, in file order.
//
// pcap and pcapng, plain or packed with gzip or zstd, all recognised by their first bytes. One
// thread reads a source; the batches may go to other threads. Memory is bounded whatever the file
// holds: about kBatchBytes per batch, more only while a single larger packet passes.
//
//   auto source = CaptureSource::open(path);
//   PacketBatch batch;
//   while (true) {
//     auto more = (*source)->read(batch, 1024);
//     if (!more || !*more) break;
//     ...
//   }
//   if (!(*source)->problem().empty()) ...  // Delivered up to there.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "collector/base/expected.h"
#include "collector/capture/byte_input.h"
#include "collector/capture/packet.h"
#include "collector/capture/pcap_parser.h"
#include "collector/capture/pcapng_parser.h"
#include "collector/capture/stop_request.h"

namespace chargewarden {

// Bytes of records that a batch holds: small enough to stay in the second-level cache between
// reading and decoding, large enough to make the cost of a system call vanish.
inline constexpr std::size_t kBatchBytes = 256 * 1024;

class CaptureSource {
 public:
  // "-" is standard input. kUnreadable when it cannot be opened or is not a capture, kReadWrite
  // when the first read fails. `stop` may be null; otherwise it outlives the source, and when it is
  // requested, read() delivers what has been read already and then ends. A stop while open() reads
  // the begin of the capture looks like an input that is too short.
  static Expected<std::unique_ptr<CaptureSource>> open(const std::string& path,
                                                       const StopRequest* stop = nullptr);

  // The same for bytes from anywhere; `path` names them in messages. An input that may wait has to
  // know of `stop` itself.
  static Expected<std::unique_ptr<CaptureSource>> from_input(std::unique_ptr<ByteInput> input,
                                                             const std::string& path,
                                                             const StopRequest* stop = nullptr);

  CaptureSource(const CaptureSource&) = delete;
  CaptureSource& operator=(const CaptureSource&) = delete;
  ~CaptureSource();

  // Refills the batch with at least one and at most `packets_max` packets, fewer when kBatchBytes
  // are used up or a pipe has no more for now; false at the end. The packets are views of
  // batch.storage, and the source itself may go away before them. kReadWrite when the operating
  // system fails; packets before the failure have been delivered then. Use at least 256 for
  // `packets_max`: what is left of a read is copied to the next.
  Expected<bool> read(PacketBatch& batch, std::size_t packets_max);

  // Whether the next read() would have to wait: every packet that has come was delivered.
  [[nodiscard]] bool must_wait() const { return !ended_ && drained_ && input_->must_wait(); }

  // One sentence when the capture ended before its end: cut in the middle of a record (normal for
  // a capture that was interrupted), or damaged. Everything before was delivered. Empty when all is
  // well; set when read() returns false.
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

  // Whether reading ended because that was requested. There is no problem() then: nobody knows what
  // would have come. Set when read() returns false.
  [[nodiscard]] bool stopped() const noexcept { return stopped_; }

  // For event.origin: the file's base name, or "stdin".
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  // Bytes of the file itself, packed or not; the total is 0 when unknown.
  [[nodiscard]] std::uint64_t bytes_read() const { return input_->bytes_read(); }

  [[nodiscard]] std::uint64_t bytes_total() const { return input_->bytes_total(); }

  // Text of the TLS key logs that the capture carries (decryption secrets blocks), as far as it has
  // been read. Valid until the next read(); wiped from memory with the source.
  [[nodiscard]] std::string_view secrets() const;

  [[nodiscard]] const CaptureCounters& counters() const;

 private:
  using Parser = std::variant<PcapParser, PcapngParser>;

  CaptureSource(std::unique_ptr<ByteInput> input, std::string path, Parser parser,
                std::vector<std::uint8_t> rest, const StopRequest* stop);

  ParseProgress parse(std::span<std::uint8_t> window, PacketBatch& batch, std::size_t packets_max);
  void fill_from_carry(PacketBatch& batch);
  bool make_room(PacketBatch& batch);
  Expected<std::size_t> read_more(PacketBatch& batch);

  [[nodiscard]] bool stop_requested() const { return stop_ != nullptr && stop_->requested(); }

  void finish(std::size_t bytes_left);

  std::unique_ptr<ByteInput> input_;
  const StopRequest* stop_;
  std::string path_;  // As the user wrote it.
  std::string name_;
  Parser parser_;
  std::vector<std::uint8_t> carry_;  // Bytes that were read and not parsed when a batch was full.
  std::size_t wanted_ = 0;           // What the parser needs to go on, from parsed_.
  std::size_t parsed_ = 0;           // Of batch.storage: parsed, and filled with bytes.
  std::size_t filled_ = 0;
  std::optional<Error> failure_;  // To be reported by the next read().
  bool drained_ = false;          // No whole record is left in carry_.
  bool ended_ = false;
  bool stopped_ = false;
  std::string problem_;
};

// "LINKTYPE_LINUX_SLL2 (276)", as libpcap names it, or just the number.
std::string link_type_name(std::uint16_t link_type);

}  // namespace chargewarden
