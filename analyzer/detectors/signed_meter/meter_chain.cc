#include "analyzer/detectors/signed_meter/meter_chain.h"

namespace chargewarden::session {

namespace {

// Some stations do not send every record that their meter makes. A hole says something only where
// the numbers came one by one before: begin and end of two sessions.
constexpr std::uint32_t kStepsMin = 3;

// Texts of keys that are kept, so that records without a key can be checked. A key on one of the
// curves of OCMF has at most 300 characters in any of its forms; two bytes of base64 around that.
constexpr std::size_t kKeyKeptMaxLen = 512;

}  // namespace

std::string_view to_string(SignedProblem problem) {
  switch (problem) {
    case SignedProblem::kInvalid:
      return "invalid";
    case SignedProblem::kKeyChanged:
      return "key_changed";
    case SignedProblem::kPageGap:
      return "page_gap";
    case SignedProblem::kPageBack:
      return "page_back";
    case SignedProblem::kReplayed:
      return "replayed";
    case SignedProblem::kMeterState:
      return "meter_state";
    case SignedProblem::kMeterError:
      return "meter_error";
    case SignedProblem::kCount:
      break;
  }
  return "";
}

PageFinding MeterChain::take_page(const ocmf::Record& record, const RecordPlace& place) {
  PageFinding out;
  if (!record.page) return out;
  Pages& pages = pages_[record.context == 'F' ? 1 : 0];
  const std::uint64_t page = *record.page;
  const std::uint64_t before = pages.last.value_or(page);
  out.page_before = before;
  if (!pages.last || page > before) {
    const bool next = pages.last && page - before == 1;
    if (pages.last && !next && pages.steps >= kStepsMin) {
      out.problem = SignedProblem::kPageGap;
      out.missing = page - before - 1;
      out.capture_gap =
          place.gap_ns > pages.last_ns || place.link_opened_ns != pages.link_opened_ns;
    }
    pages.steps = next ? pages.steps + 1 : 0;
  } else {
    // What a station sends late has lower numbers too, but belongs to a session that began before.
    if (!place.begun_ns || *place.begun_ns <= pages.last_ns) return out;
    out.problem = SignedProblem::kPageBack;
    pages.steps = 0;
  }
  pages.last = page;
  pages.last_ns = place.time_ns;
  pages.link_opened_ns = place.link_opened_ns;
  return out;
}

void MeterChain::set_key(std::string_view text, const std::string& fingerprint) {
  key_text_ = text.size() <= kKeyKeptMaxLen ? text : std::string_view();
  fingerprint_ = fingerprint;
}

std::optional<std::uint32_t> MeterChain::count(SignedProblem problem) {
  std::uint32_t& number = counts_[static_cast<std::size_t>(problem)];
  if (number == UINT32_MAX) return std::nullopt;
  ++number;
  if ((number & (number - 1)) != 0) return std::nullopt;
  return number;
}

}  // namespace chargewarden::session
