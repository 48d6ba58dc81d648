#pragma once
// Writes TCP connections as a capture file: Ethernet, IPv4 and TCP with right lengths and
// checksums, handshake, acknowledgements, retransmissions, segments out of order, and the end.

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "collector/base/expected.h"
#include "tests/bench/random.h"

namespace chargewarden::bench {

enum class End : std::uint8_t { kClient, kServer };

// What was written.
struct PacketTruth {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;          // Of the file.
  std::uint64_t stream_bytes = 0;   // TCP payload, each byte once.
  std::uint64_t retransmitted = 0;  // Segments that were written twice.
  std::uint64_t reordered = 0;      // Pairs of segments that were swapped.
  std::int64_t first_ns = 0;
  std::int64_t last_ns = 0;
};

// A pcap file (microseconds, Ethernet), written through a buffer of its own. Times never go back:
// a packet that would be earlier than the one before gets its time plus a microsecond.
class PcapWriter {
 public:
  // "-" is standard output.
  static Expected<std::unique_ptr<PcapWriter>> create(const std::string& path);
  ~PcapWriter();
  PcapWriter(const PcapWriter&) = delete;
  PcapWriter& operator=(const PcapWriter&) = delete;

  void write(std::int64_t time_ns, std::string_view headers, std::string_view payload);

  // Writes what is left; to be called once, at the end.
  Expected<void> close();

  PacketTruth& truth() { return truth_; }

 private:
  explicit PcapWriter(std::FILE* file) : file_(file) {}

  void flush();

  std::FILE* file_;
  std::string buffer_;
  bool failed_ = false;
  PacketTruth truth_;
};

struct Address {
  std::uint32_t ip;  // Host byte order.
  std::uint16_t port;
};

// How often a segment is not sent once and in order, in percent.
struct Disorder {
  double retransmit_percent = 0;
  double reorder_percent = 0;
};

// One TCP connection. Sends what it is given at once; keeps nothing but numbers.
class TcpConnection {
 public:
  TcpConnection(PcapWriter& writer, Random& random, const Disorder& disorder, Address client,
                Address server);

  void open(std::int64_t time_ns);

  // Sends the bytes in segments of at most an MSS. When `acknowledge` is false, the other end's
  // next data carries the acknowledgement, as stacks do when they answer at once.
  void send(std::int64_t time_ns, End from, std::string_view bytes, bool acknowledge);

  void close(std::int64_t time_ns, End from);

 private:
  struct Side {
    Address address;
    std::uint32_t next_seq;
    std::uint16_t ip_id;
  };

  void segment(std::int64_t time_ns, End from, std::uint8_t flags, std::uint32_t seq,
               std::string_view payload);
  void data(std::int64_t time_ns, End from, std::string_view bytes);

  Side& side(End end) { return sides_[static_cast<std::size_t>(end)]; }

  PcapWriter& writer_;
  Random& random_;
  const Disorder& disorder_;
  Side sides_[2];
  std::string headers_;
};

}  // namespace chargewarden::bench
