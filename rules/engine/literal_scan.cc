#include "rules/engine/literal_scan.h"

#include <bit>
#include <unordered_map>

namespace chargewarden {

namespace {

// Bits of the table for each mark: one place of the text in sixteen that is no mark looks like one.
constexpr std::size_t kBitsPerMark = 16;

// Least and most logarithm of the table's size: 128 bytes, and 128 KiB, which stays in the second
// cache. More literals than that makes for are found too, with more comparisons.
constexpr unsigned kTableLogMin = 10;
constexpr unsigned kTableLogCap = 20;

// Hashes that share one bucket, as a logarithm.
constexpr unsigned kBucketLog = 3;

std::uint32_t bytes_at(std::string_view text, std::size_t at) {
  std::uint32_t out = 0;
  std::memcpy(&out, text.data() + at, sizeof out);
  return out;
}

}  // namespace

LiteralScan::LiteralScan(const std::vector<ScanLiteral>& literals) {
  std::vector<std::uint32_t> with_mark;
  std::vector<std::uint32_t> with_pair;
  for (std::uint32_t i = 0; i < literals.size(); ++i) {
    const ScanLiteral& literal = literals[i];
    literals_.push_back({static_cast<std::uint32_t>(pool_.size()),
                         static_cast<std::uint32_t>(literal.text.size()), literal.begins,
                         literal.ends});
    pool_ += literal.text;
    auto& kind = literal.text.size() >= kMarkLen   ? with_mark
                 : literal.text.size() >= kPairLen ? with_pair
                                                   : singles_;
    kind.push_back(i);
  }
  if (!with_mark.empty()) add_marks(with_mark);
  if (!with_pair.empty()) add_pairs(with_pair);
}

void LiteralScan::add_marks(const std::vector<std::uint32_t>& literals) {
  std::unordered_map<std::uint32_t, std::uint32_t> uses;
  const auto text_of = [&](std::uint32_t literal) {
    return std::string_view(pool_).substr(literals_[literal].begin, literals_[literal].size);
  };
  for (const std::uint32_t literal : literals) {
    const std::string_view text = text_of(literal);
    for (std::size_t at = 0; at + kMarkLen <= text.size(); ++at) ++uses[bytes_at(text, at)];
  }
  for (const std::uint32_t literal : literals) {
    const std::string_view text = text_of(literal);
    std::size_t best = 0;
    for (std::size_t at = 1; at + kMarkLen <= text.size(); ++at) {
      if (uses[bytes_at(text, at)] < uses[bytes_at(text, best)]) best = at;
    }
    marks_.push_back({bytes_at(text, best), static_cast<std::uint32_t>(best), literal});
  }
  const auto log = std::clamp(static_cast<unsigned>(std::bit_width(marks_.size() * kBitsPerMark)),
                              kTableLogMin, kTableLogCap);
  shift_ = 32 - log;
  bucket_shift_ = kBucketLog;
  bits_.assign((std::size_t{1} << log) / 64, 0);
  buckets_.assign(std::size_t{1} << (log - kBucketLog), {});
  std::sort(marks_.begin(), marks_.end(), [this](const Mark& a, const Mark& b) {
    return hash(a.bytes) != hash(b.bytes) ? hash(a.bytes) < hash(b.bytes) : a.literal < b.literal;
  });
  for (std::uint32_t i = 0; i < marks_.size(); ++i) {
    const std::uint32_t place = hash(marks_[i].bytes);
    bits_[place / 64] |= std::uint64_t{1} << (place % 64);
    Bucket& bucket = buckets_[place >> bucket_shift_];
    if (bucket.count++ == 0) bucket.begin = i;
  }
}

void LiteralScan::add_pairs(const std::vector<std::uint32_t>& literals) {
  pair_bits_.assign(std::size_t{65536} / 64, 0);
  for (const std::uint32_t literal : literals) {
    std::uint16_t bytes = 0;
    std::memcpy(&bytes, pool_.data() + literals_[literal].begin, kPairLen);
    pair_bits_[bytes / 64U] |= std::uint64_t{1} << (bytes % 64U);
    pairs_.push_back({bytes, 0, literal});
  }
  std::sort(pairs_.begin(), pairs_.end(), [](const Mark& a, const Mark& b) {
    return a.bytes != b.bytes ? a.bytes < b.bytes : a.literal < b.literal;
  });
}

bool LiteralScan::stands_somewhere(std::uint32_t literal, std::string_view text) const {
  const Mark mark{.bytes = 0, .offset = 0, .literal = literal};
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (stands(mark, text, at)) return true;
  }
  return false;
}

}  // namespace chargewarden
