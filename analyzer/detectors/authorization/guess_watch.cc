#include "analyzer/detectors/authorization/guess_watch.h"

#include <algorithm>
#include <charconv>

namespace chargewarden::session {

namespace {

std::optional<std::uint64_t> parse(std::string_view text, int base) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number, base);
  if (text.empty() || read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return number;
}

}  // namespace

std::optional<std::uint64_t> number_of(std::string_view token) {
  if (const auto number = parse(token, 16)) return number;
  const std::size_t last = token.find_last_not_of("0123456789");
  return parse(last == std::string_view::npos ? token : token.substr(last + 1), 10);
}

bool GuessWatch::on_refused(std::string_view token, std::uint64_t hash, std::int64_t now_ns,
                            std::uint64_t tag) {
  if (now_ns - first_ns_ > kGuessWindowNs) {
    refused_.clear();
    packets_.clear();
    attempts_ = accepted_ = consecutive_ = 0;
    told_at_ = 0;
    first_ns_ = now_ns;
    last_number_.reset();
  }
  last_ns_ = now_ns;
  ++attempts_;
  packets_.add(tag);
  recent_[next_recent_++ % kRecent] = {now_ns, hash};
  const auto number = number_of(token);
  if (number && last_number_ && (*number == *last_number_ + 1 || *number + 1 == *last_number_)) {
    ++consecutive_;
  }
  last_number_ = number;
  refused_.add(hash);
  if (refused_.size() < kGuessFloor || refused_.size() < told_at_ * 2) return false;
  told_at_ = refused_.size();
  return true;
}

std::size_t GuessWatch::on_accepted(std::uint64_t hash, std::int64_t now_ns) {
  ++accepted_;
  DistinctSet others(kRecent);
  for (const Refusal& each : recent_) {
    const bool soon = each.time_ns != 0 && now_ns - each.time_ns <= kFoundWithinNs;
    if (soon && each.hash != hash) others.add(each.hash);
  }
  recent_ = {};
  return others.size();
}

bool GuessWatch::was_refused(std::uint64_t hash, std::int64_t now_ns) const {
  return now_ns - last_ns_ <= kGuessWindowNs && refused_.contains(hash);
}

}  // namespace chargewarden::session
