#pragma once
// MeterChain: what one meter has signed so far: its key, and the numbers of its records.
//
// OCMF 1.4.1: each record of a context (transaction or fiscal) has a number (PG) one higher than
// the one before.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "analyzer/ocmf/ocmf_record.h"

namespace chargewarden::session {

enum class SignedProblem : std::uint8_t {
  kInvalid,
  kKeyChanged,
  kPageGap,
  kPageBack,
  kReplayed,
  kMeterState,
  kMeterError,
  kCount,
};

// As session.signed_problem spells it.
std::string_view to_string(SignedProblem problem);

// Where and when a record came.
struct RecordPlace {
  std::int64_t time_ns = 0;
  std::int64_t link_opened_ns = 0;  // Of its connection.
  std::int64_t gap_ns = 0;          // Latest gap in what was captured of the station; 0: none.
  // When its session began, if a number that was used before that time says something: the begin
  // was seen, the station was not offline, and this is the first record of the session.
  std::optional<std::int64_t> begun_ns;
};

struct PageFinding {
  std::optional<SignedProblem> problem;
  std::uint64_t page_before = 0;
  std::uint64_t missing = 0;
  bool capture_gap = false;
};

class MeterChain {
 public:
  explicit MeterChain(std::string serial) : serial_(std::move(serial)) {}

  [[nodiscard]] const std::string& serial() const noexcept { return serial_; }

  // Takes a new record (not one that comes again) of the meter in.
  PageFinding take_page(const ocmf::Record& record, const RecordPlace& place);

  // Text and fingerprint of the key that the meter's valid records were signed with; empty: none.
  [[nodiscard]] const std::string& key_text() const noexcept { return key_text_; }

  [[nodiscard]] const std::string& fingerprint() const noexcept { return fingerprint_; }

  void set_key(std::string_view text, const std::string& fingerprint);

  // Counts a problem; returns its number when it is to be told: the first and each doubling.
  std::optional<std::uint32_t> count(SignedProblem problem);

 private:
  struct Pages {
    std::optional<std::uint64_t> last;
    std::uint32_t steps = 0;  // How often in a row the number was one higher.
    std::int64_t last_ns = 0;
    std::int64_t link_opened_ns = 0;
  };

  std::string serial_;
  std::string key_text_;
  std::string fingerprint_;
  std::array<Pages, 2> pages_;  // Transaction, fiscal.
  std::array<std::uint32_t, static_cast<std::size_t>(SignedProblem::kCount)> counts_{};
};

}  // namespace chargewarden::session
