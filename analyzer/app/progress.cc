#include "analyzer/app/progress.h"

#include <algorithm>
#include <cstdio>
#include <string>

#include <fmt/format.h>
#include <unistd.h>

namespace chargewarden {

namespace {

constexpr auto kRedraw = std::chrono::milliseconds(200);
constexpr std::size_t kBarWidth = 30;
constexpr double kMega = 1e6;

}  // namespace

ProgressBar::ProgressBar(std::uint64_t bytes_total)
    : bytes_total_(bytes_total),
      visible_(isatty(STDERR_FILENO) == 1),
      start_(Clock::now()),
      last_(start_) {}

ProgressBar::~ProgressBar() {
  clear();
}

void ProgressBar::update(std::uint64_t bytes_done) {
  if (!visible_) return;
  const auto now = Clock::now();
  if (now - last_ < kRedraw) return;
  last_ = now;
  draw(bytes_done, now);
}

void ProgressBar::draw(std::uint64_t bytes_done, Clock::time_point now) {
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double rate = seconds > 0 ? static_cast<double>(bytes_done) / seconds : 0;
  std::string line;
  if (bytes_total_ > 0) {
    const double share =
        std::min(1.0, static_cast<double>(bytes_done) / static_cast<double>(bytes_total_));
    const auto filled = static_cast<std::size_t>(share * static_cast<double>(kBarWidth));
    const double left =
        rate > 0
            ? std::max(0.0, static_cast<double>(bytes_total_) - static_cast<double>(bytes_done)) /
                  rate
            : 0;
    line = fmt::format("[{}{}] {:3.0f} %  {:.0f} of {:.0f} MB  {:.0f} MB/s  {:.0f} s left",
                       std::string(filled, '#'), std::string(kBarWidth - filled, '.'), share * 100,
                       static_cast<double>(bytes_done) / kMega,
                       static_cast<double>(bytes_total_) / kMega, rate / kMega, left);
  } else {
    line = fmt::format("{:.0f} MB  {:.0f} MB/s  {:.0f} s", static_cast<double>(bytes_done) / kMega,
                       rate / kMega, seconds);
  }
  (void)std::fprintf(stderr, "\r\033[K%s", line.c_str());
  (void)std::fflush(stderr);
  drawn_ = true;
}

void ProgressBar::clear() {
  if (!drawn_) return;
  (void)std::fprintf(stderr, "\r\033[K");
  (void)std::fflush(stderr);
  drawn_ = false;
}

}  // namespace chargewarden
