#pragma once
// LogClock: the time of records whose log does not tell all of it.
//
// A time without zone is UTC. One without year, or without date, is taken to be the nearest to the
// latest time known; a record without time has that of the record before. Before the first record
// this is what the file itself gives: a date that the user names, one in its name, or the first
// date in its first lines; without any, 1970-01-01T00:00:00Z. No clock and no modification time
// take part, so that the same file has the same times everywhere.

#include <cstdint>
#include <optional>
#include <string_view>

namespace chargewarden {

class LogClock {
 public:
  // What is known before the first record. A bare date stands for its whole day.
  void set_start(std::int64_t time_ns, bool is_date) noexcept;

  [[nodiscard]] bool has_start() const noexcept { return has_start_; }

  // Month from 1, day from 1; nullopt when no year near has that day.
  [[nodiscard]] std::optional<std::int64_t> without_year(unsigned month, unsigned day,
                                                         std::int64_t of_day_ns) const noexcept;

  [[nodiscard]] std::int64_t without_date(std::int64_t of_day_ns) const noexcept;

  // Of the latest record, or the start.
  [[nodiscard]] std::int64_t now_ns() const noexcept { return now_ns_; }

  // A record had this time.
  void note(std::int64_t time_ns) noexcept {
    now_ns_ = time_ns;
    reference_ns_ = time_ns;
  }

 private:
  std::int64_t now_ns_ = 0;
  std::int64_t reference_ns_ = 0;
  bool has_start_ = false;
};

// hh:mm:ss with an optional fraction, in nanoseconds since midnight; nullopt when it is no time.
// `len` is how many characters were read.
std::optional<std::int64_t> parse_time_of_day_ns(std::string_view text, std::size_t& len) noexcept;

// The first date in a text: yyyy-mm-dd, alone or with a time behind it, or yyyymmdd between others
// than digits. `is_date`: there was no time.
std::optional<std::int64_t> find_date_ns(std::string_view text, bool& is_date) noexcept;

}  // namespace chargewarden
