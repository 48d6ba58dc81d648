#include "analyzer/detectors/version_order.h"

#include <algorithm>
#include <array>
#include <optional>

#include "collector/base/text.h"

namespace chargewarden {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Takes the next run of digits or of letters off the text; empty at its end.
std::string_view next_run(std::string_view& text) {
  while (!text.empty() && !is_digit(text.front()) && !is_letter(text.front())) {
    text.remove_prefix(1);
  }
  const bool digits = !text.empty() && is_digit(text.front());
  std::size_t len = 0;
  while (len < text.size() && (digits ? is_digit(text[len]) : is_letter(text[len]))) ++len;
  const std::string_view out = text.substr(0, len);
  text.remove_prefix(len);
  return out;
}

int compare_numbers(std::string_view a, std::string_view b) {
  const auto strip = [](std::string_view text) {
    const std::size_t start = text.find_first_not_of('0');
    return start == std::string_view::npos ? std::string_view() : text.substr(start);
  };
  a = strip(a);
  b = strip(b);
  if (a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a.compare(b);
}

// Words before a release, in their order (semver.org, 11; the usual ones of vendors).
std::optional<int> stage_of(std::string_view word) {
  constexpr auto kStages = std::to_array<std::string_view>({"dev", "alpha", "beta", "pre", "rc"});
  for (std::size_t i = 0; i < kStages.size(); ++i) {
    if (iequals_ascii(word, kStages[i])) return static_cast<int>(i);
  }
  return std::nullopt;
}

bool is_zero(std::string_view run) {
  return run.find_first_not_of('0') == std::string_view::npos;
}

// What it means that one version goes on with this run, and then the rest, and the other has ended.
// 1.4 and 1.4.0 are the same; 1.4b and 1.4-fix1 follow 1.4; other words name a variant of it.
VersionOrder longer(std::string_view run, std::string_view rest) {
  while (!run.empty() && is_zero(run)) run = next_run(rest);
  if (run.empty()) return VersionOrder::kSame;
  if (is_digit(run.front())) return VersionOrder::kNewer;
  if (stage_of(run)) return VersionOrder::kOlder;
  constexpr auto kLater = std::to_array<std::string_view>({"fix", "hotfix", "patch", "sp", "post"});
  const auto is_it = [run](std::string_view word) { return iequals_ascii(run, word); };
  const bool later = run.size() == 1 || std::any_of(kLater.begin(), kLater.end(), is_it);
  return later ? VersionOrder::kNewer : VersionOrder::kUnknown;
}

VersionOrder opposite(VersionOrder order) {
  if (order == VersionOrder::kOlder) return VersionOrder::kNewer;
  return order == VersionOrder::kNewer ? VersionOrder::kOlder : order;
}

VersionOrder compare_words(std::string_view now, std::string_view before) {
  if (iequals_ascii(now, before)) return VersionOrder::kSame;
  const auto stage_now = stage_of(now);
  const auto stage_before = stage_of(before);
  if (stage_now && stage_before) {
    return *stage_now < *stage_before ? VersionOrder::kOlder : VersionOrder::kNewer;
  }
  // Single letters count up: 1.4b follows 1.4a. Other words name a variant.
  if (now.size() == 1 && before.size() == 1) {
    return now < before ? VersionOrder::kOlder : VersionOrder::kNewer;
  }
  return VersionOrder::kUnknown;
}

// The name of a commit: hex of some length with letters and digits both, often behind a g (as
// git-describe writes it). Such names have no order.
bool is_commit(std::string_view word) {
  constexpr std::size_t kLenMin = 7;
  if (word.size() > kLenMin && word.front() == 'g') word.remove_prefix(1);
  const bool is_hex = std::all_of(word.begin(), word.end(), [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
  return word.size() >= kLenMin && is_hex && std::any_of(word.begin(), word.end(), is_digit) &&
         std::any_of(word.begin(), word.end(), is_letter);
}

// Takes the name of a commit off the end; whether there was one.
bool drop_commit(std::string_view& text) {
  const std::size_t mark = text.find_last_of("-+._ ");
  const std::size_t start = mark == std::string_view::npos ? 0 : mark + 1;
  if (!is_commit(text.substr(start))) return false;
  text = text.substr(0, mark == std::string_view::npos ? 0 : mark);
  return true;
}

// A date, as 20260131 or 260131, and a counted number are not of one scheme.
bool differ_in_scheme(std::string_view a, std::string_view b) {
  constexpr std::size_t kDateLenMin = 6;
  constexpr std::size_t kCountLenMax = 3;
  return (a.size() >= kDateLenMin && b.size() <= kCountLenMax) ||
         (b.size() >= kDateLenMin && a.size() <= kCountLenMax);
}

VersionOrder compare_runs(std::string_view now, std::string_view before) {
  for (bool first = true;; first = false) {
    const std::string_view a = next_run(now);
    const std::string_view b = next_run(before);
    if (a.empty() && b.empty()) return VersionOrder::kSame;
    if (first && (a.empty() || b.empty())) return VersionOrder::kUnknown;
    if (b.empty()) return longer(a, now);
    if (a.empty()) return opposite(longer(b, before));
    if (is_digit(a.front()) != is_digit(b.front())) {
      if (!is_digit(a.front()) && stage_of(a)) return VersionOrder::kOlder;
      if (!is_digit(b.front()) && stage_of(b)) return VersionOrder::kNewer;
      return VersionOrder::kUnknown;
    }
    if (is_digit(a.front())) {
      if (first && differ_in_scheme(a, b)) return VersionOrder::kUnknown;
      const int order = compare_numbers(a, b);
      if (order != 0) return order < 0 ? VersionOrder::kOlder : VersionOrder::kNewer;
    } else if (const VersionOrder order = compare_words(a, b); order != VersionOrder::kSame) {
      return order;
    }
  }
}

}  // namespace

VersionOrder compare_versions(std::string_view now, std::string_view before) {
  if (now == before) return VersionOrder::kSame;
  // "v3.4.1" and "3.4.1" are the same.
  const auto drop_mark = [](std::string_view& text) {
    if (text.size() > 1 && (text[0] == 'v' || text[0] == 'V') && is_digit(text[1])) {
      text.remove_prefix(1);
    }
  };
  const bool has_commit = drop_commit(now);
  const bool had_commit = drop_commit(before);
  drop_mark(now);
  drop_mark(before);
  if (now.empty() || before.empty()) return VersionOrder::kUnknown;
  const VersionOrder order = compare_runs(now, before);
  const bool rebuilt = has_commit || had_commit;
  return order == VersionOrder::kSame && rebuilt ? VersionOrder::kUnknown : order;
}

}  // namespace chargewarden
