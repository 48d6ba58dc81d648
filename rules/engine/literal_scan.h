#pragma once
// LiteralScan: finds which of many literals stand in a text, in one pass over it.
//
// Of each literal the four bytes that fewest other literals share are its mark. The pass asks a
// table of bits, small enough for the nearest cache, about every four bytes of the text; only where
// a mark may stand is the whole literal compared. Thousands of literals cost little more than one,
// and what does not occur is hardly looked at. Literals of less than four bytes have marks of two
// bytes, or one, in a pass of their own.
//
// Immutable; may be shared between threads. Nothing is allocated by a search.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace chargewarden {

struct ScanLiteral {
  std::string text;     // Not empty.
  bool begins = false;  // Only at the beginning of the text.
  bool ends = false;    // Only at its end.
};

class LiteralScan {
 public:
  // The literals are numbered as they stand.
  explicit LiteralScan(const std::vector<ScanLiteral>& literals);

  // Calls found(number) for each place of each literal.
  template <typename Found>
  void run(std::string_view text, Found&& found) const {
    if (!marks_.empty()) run_marks(text, found);
    if (!pairs_.empty()) run_pairs(text, found);
    for (const std::uint32_t single : singles_) {
      if (stands_somewhere(single, text)) found(single);
    }
  }

 private:
  // A literal in pool_.
  struct Entry {
    std::uint32_t begin = 0;
    std::uint32_t size = 0;
    bool begins = false;
    bool ends = false;
  };

  // A mark, and where it stands in its literal. Sorted by mark.
  struct Mark {
    std::uint32_t bytes = 0;
    std::uint32_t offset = 0;
    std::uint32_t literal = 0;
  };

  // Marks with the same hash stand together from here.
  struct Bucket {
    std::uint32_t begin = 0;
    std::uint32_t count = 0;
  };

  static constexpr std::size_t kMarkLen = 4;
  static constexpr std::size_t kPairLen = 2;

  void add_marks(const std::vector<std::uint32_t>& literals);
  void add_pairs(const std::vector<std::uint32_t>& literals);
  [[nodiscard]] bool stands_somewhere(std::uint32_t literal, std::string_view text) const;

  [[nodiscard]] std::uint32_t hash(std::uint32_t mark) const noexcept {
    return (mark * 0x9E3779B1U) >> shift_;
  }

  // Whether the literal whose mark was found at `at` stands there.
  [[nodiscard]] bool stands(const Mark& mark, std::string_view text,
                            std::size_t at) const noexcept {
    const Entry& literal = literals_[mark.literal];
    if (at < mark.offset) return false;
    const std::size_t begin = at - mark.offset;
    if (text.size() - begin < literal.size) return false;
    if (literal.begins && begin != 0) return false;
    if (literal.ends && begin + literal.size != text.size()) return false;
    return std::memcmp(text.data() + begin, pool_.data() + literal.begin, literal.size) == 0;
  }

  template <typename Found>
  void run_marks(std::string_view text, Found&& found) const {
    if (text.size() < kMarkLen) return;
    const std::uint64_t* const bits = bits_.data();
    for (std::size_t at = 0; at + kMarkLen <= text.size(); ++at) {
      std::uint32_t bytes = 0;
      std::memcpy(&bytes, text.data() + at, kMarkLen);
      const std::uint32_t place = hash(bytes);
      if ((bits[place / 64] >> (place % 64) & 1U) == 0) continue;
      const Bucket bucket = buckets_[place >> bucket_shift_];
      for (std::uint32_t i = bucket.begin; i < bucket.begin + bucket.count; ++i) {
        if (marks_[i].bytes == bytes && stands(marks_[i], text, at)) found(marks_[i].literal);
      }
    }
  }

  template <typename Found>
  void run_pairs(std::string_view text, Found&& found) const {
    for (std::size_t at = 0; at + kPairLen <= text.size(); ++at) {
      std::uint16_t bytes = 0;
      std::memcpy(&bytes, text.data() + at, kPairLen);
      if ((pair_bits_[bytes / 64U] >> (bytes % 64U) & 1U) == 0) continue;
      auto mark = std::lower_bound(pairs_.begin(), pairs_.end(), bytes,
                                   [](const Mark& a, std::uint32_t b) { return a.bytes < b; });
      for (; mark != pairs_.end() && mark->bytes == bytes; ++mark) {
        if (stands(*mark, text, at)) found(mark->literal);
      }
    }
  }

  std::string pool_;
  std::vector<Entry> literals_;
  std::vector<std::uint64_t> bits_;  // By hash: whether a mark has it.
  std::vector<Bucket> buckets_;      // By the leading bits of the hash.
  std::vector<Mark> marks_;
  unsigned shift_ = 0;
  unsigned bucket_shift_ = 0;
  std::vector<std::uint64_t> pair_bits_;  // By the two bytes.
  std::vector<Mark> pairs_;               // By the two bytes, ascending.
  std::vector<std::uint32_t> singles_;
};

}  // namespace chargewarden
