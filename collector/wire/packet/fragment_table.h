#pragma once
// FragmentTable: puts IPv4 (RFC 791, 3.2) and IPv6 (RFC 8200, 4.5) datagrams together again.
//
// Bounded in datagrams, in bytes and in packet time. Fragments may come in any order and twice; on
// overlap the copy that came first wins. Strangers choose the keys, so places in the table come
// from a keyed hash, and what goes at a limit is the oldest of all: no choice of keys pushes out a
// certain datagram. One thread; no clock: time is that of the packets.

#include <array>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "collector/base/byte_reader.h"
#include "collector/base/ip_address.h"
#include "collector/base/siphash.h"
#include "collector/base/slot_index.h"

namespace chargewarden {

// Largest payload of one datagram, in bytes: the IP length field has 16 bits.
// Test: fragment_table_test.cc "a datagram of the largest size".
inline constexpr std::size_t kDatagramBytesMax = 65'535;

// Datagrams that wait for fragments. A tunnel at 1 Gbit/s has some dozens under way; lost fragments
// leave the rest. A page of memory for each is less than kFragmentBytesMax. Beyond it the oldest
// goes. Test: fragment_table_test.cc "more datagrams than the
// table holds".
inline constexpr std::size_t kFragmentDatagramsMax = 4'000;

// Bytes that they may take together. Test: fragment_table_test.cc "more bytes than".
inline constexpr std::size_t kFragmentBytesMax = 16 * 1024 * 1024;

// How long a datagram waits after its first fragment, in packet time: RFC 791 asks for at least 15
// s, Linux waits 30 s. Test: fragment_table_test.cc "a datagram that stays incomplete".
inline constexpr std::int64_t kFragmentTimeoutNs = 30'000'000'000;

struct FragmentCounters {
  std::uint64_t fragments = 0;    // Offered.
  std::uint64_t reassembled = 0;  // Datagrams that became whole.
  std::uint64_t duplicates = 0;   // Fragments with bytes that were there already and are equal.
  std::uint64_t conflicts = 0;  // The same, but not equal: somebody may try to show us other data.
  std::uint64_t refused = 0;    // Impossible places or lengths.
  std::uint64_t expired = 0;    // Datagrams given up after kFragmentTimeoutNs,
  std::uint64_t evicted = 0;    // or because the table was full.
};

struct FragmentKey {
  IpAddress source;
  IpAddress destination;
  std::uint32_t id = 0;
  std::uint32_t tunnel = 0;
  std::uint8_t protocol = 0;  // IPv4 only: ids count per protocol there.

  bool operator==(const FragmentKey&) const = default;
};

struct Fragment {
  FragmentKey key;
  std::uint8_t payload_protocol = 0;  // As this fragment names it.
  bool more = false;                  // More fragments follow it.
  std::uint32_t offset = 0;           // Bytes, a multiple of eight.
  Bytes data;
  std::int64_t time_ns = 0;
};

class FragmentTable {
 public:
  enum class Result : std::uint8_t { kHeld, kWhole, kRefused };

  // `key` guards the places in the table; it changes no result.
  explicit FragmentTable(const HashKey& key = {}) : hash_(key) {}

  // With kWhole, `whole` is the datagram's payload and `protocol` what its first fragment named.
  Result add(const Fragment& fragment, std::vector<std::uint8_t>& whole, std::uint8_t& protocol);

  [[nodiscard]] const FragmentCounters& counters() const noexcept { return counters_; }

  // Datagrams that wait, and the bytes of memory they hold.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  static constexpr std::uint32_t kNone = SlotIndex::kNone;

  // Memory is taken by the page, so that a lone fragment at the end of a datagram costs little.
  static constexpr std::size_t kUnitBytes = 8;  // Fragments start at multiples of it.
  static constexpr std::size_t kPageUnits = 512;
  static constexpr std::size_t kPageBytes = kPageUnits * kUnitBytes;
  static constexpr std::size_t kPages = (kDatagramBytesMax + kPageBytes - 1) / kPageBytes;

  struct Page {
    std::array<std::uint64_t, kPageUnits / 64> there;  // One bit for each unit.
    std::array<std::uint8_t, kPageBytes> data;
  };

  struct Entry {
    bool first_seen = false;
    std::uint8_t protocol = 0;
    std::uint32_t older = kNone;  // Neighbours in order of making.
    std::uint32_t newer = kNone;
    std::uint64_t hash = 0;
    std::int64_t first_time_ns = 0;
    std::uint32_t total_len = 0;  // 0 until the last fragment came.
    std::uint32_t end = 0;        // Highest byte that is there, plus one.
    std::uint32_t units_there = 0;
    FragmentKey key;
    std::array<std::unique_ptr<Page>, kPages> pages;
  };

  Entry& entry_for(const Fragment& fragment);
  Entry& make_entry(const Fragment& fragment, std::uint64_t hash);
  [[nodiscard]] std::uint64_t hash_of(const FragmentKey& key) const noexcept;
  bool place(Entry& entry, const Fragment& fragment);
  void copy_units(Entry& entry, const Fragment& fragment);
  Page& page_at(Entry& entry, std::size_t index);
  void remove(Entry& entry);
  void expire(std::int64_t now_ns);
  static bool is_expired(const Entry& entry, std::int64_t now_ns) noexcept;
  static std::vector<std::uint8_t> joined(const Entry& entry);

  SipHash13 hash_;              // Before anything was added.
  std::vector<Entry> entries_;  // Made with the first fragment: most links have none.
  std::vector<std::uint32_t> free_;
  SlotIndex slots_{1};
  std::uint32_t oldest_ = kNone;
  std::uint32_t newest_ = kNone;
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
  FragmentCounters counters_;
};

// Payloads of reassembled datagrams, kept for segments and datagrams that point into them. Goes
// with a batch of packets: cleared when the batch is refilled.
class FragmentStore {
 public:
  Bytes keep(std::vector<std::uint8_t> payload) {
    return payloads_.emplace_back(std::move(payload));
  }

  void clear() noexcept { payloads_.clear(); }

  [[nodiscard]] bool empty() const noexcept { return payloads_.empty(); }

 private:
  // The vectors may move, their bytes stay where they are.
  std::vector<std::vector<std::uint8_t>> payloads_;
};

}  // namespace chargewarden
