// The Python library ocpp (mobilityhouse): `ID: receive message JSON` and `ID: send JSON` behind
// whatever prefix the application's logging has: `INFO:ocpp:`, Home Assistant's, a time, or none.

#include <array>

#include "collector/base/timestamp.h"
#include "collector/logs/log_format.h"
#include "collector/logs/log_text.h"

namespace chargewarden::logs {

namespace {

struct Word {
  std::string_view text;
  LogDirection direction;
};

constexpr auto kWords = std::to_array<Word>({
    {": receive message ", LogDirection::kReceived},
    {": send [", LogDirection::kSent},
});

// Place of the first of the words, or npos.
std::size_t find_word(std::string_view line, const Word*& word) {
  std::size_t best = std::string_view::npos;
  for (const Word& candidate : kWords) {
    const std::size_t at = line.find(candidate.text);
    if (at >= best) continue;
    best = at;
    word = &candidate;
  }
  return best;
}

// `LEVEL:logger:` of logging.basicConfig().
bool take_basic_prefix(std::string_view& text, LogRecord& out) {
  const auto level_end = text.find(':');
  if (level_end == std::string_view::npos || level_end > 8) return false;
  const std::string_view level = log_level(text.substr(0, level_end));
  const auto logger_end = text.find(':', level_end + 1);
  if (level.empty() || logger_end == std::string_view::npos) return false;
  const std::string_view logger = text.substr(level_end + 1, logger_end - level_end - 1);
  if (logger.empty() || logger.find(' ') != std::string_view::npos) return false;
  out.level = level;
  out.program = logger;
  text.remove_prefix(logger_end + 1);
  return true;
}

// `- LOGGER - LEVEL - `; the parts stand in any order, and the identity comes last.
void take_dashed_parts(std::string_view& text, LogRecord& out) {
  for (int i = 0; i < 3 && take_prefix(text, "- "); ++i) {
    std::string_view rest = text;
    std::string_view part;
    if (!take_until(rest, " - ", part)) return;
    if (const auto level = log_level(part); !level.empty()) {
      out.level = level;
    } else {
      out.program = part;
    }
    text.remove_prefix(part.size() + 1);
  }
  (void)take_prefix(text, "- ");
}

// `TIME LEVEL (THREAD) [LOGGER] ` of Home Assistant, or `TIME - LOGGER - LEVEL - `, or the time.
bool take_time_prefix(std::string_view& text, LogRecord& out) {
  const std::size_t len = timestamp_len(text);
  const auto time = parse_timestamp_ns(text.substr(0, len));
  if (len == 0 || !time) return false;
  out.time_ns = *time;
  out.has_time = true;
  text = without_leading_blanks(text.substr(len));
  if (text.starts_with("- ")) {
    take_dashed_parts(text, out);
    return true;
  }
  const std::string_view level = log_level(text.substr(0, text.find(' ')));
  if (level.empty()) return true;
  out.level = level;
  text = without_leading_blanks(text.substr(std::min(text.find(' '), text.size())));
  std::string_view ignored;
  std::string_view logger;
  if (text.starts_with('(')) (void)take_until(text, ") ", ignored);
  if (take_prefix(text, "[") && take_until(text, "] ", logger)) out.program = logger;
  return true;
}

class Mobilityhouse final : public LogFormat {
 public:
  [[nodiscard]] bool begins_record(std::string_view line) const override {
    const Word* word = nullptr;
    LogRecord ignored;
    std::string_view rest = line;
    return take_basic_prefix(rest, ignored) || timestamp_len(line) > 0 ||
           find_word(line, word) != std::string_view::npos;
  }

  bool read(std::string_view line, LogRecord& out, LogContext& context) override {
    std::string_view rest = line;
    const bool has_prefix = take_basic_prefix(rest, out) || take_time_prefix(rest, out);
    const Word* word = nullptr;
    const std::size_t at = find_word(rest, word);
    if (at == std::string_view::npos) {
      out.kind = LogKind::kLine;
      out.message = rest;
      if (!has_prefix) out.reason = "no_prefix";
      // Any program's log has times: inside of a wrapper only a logger makes it this one.
      return has_prefix && (!out.program.empty() || context.wrappers == 0);
    }
    out.station = rest.substr(0, at);
    rest.remove_prefix(at + word->text.size());
    // The bracket of the second word belongs to the message.
    if (word->text.ends_with('[')) rest = line.substr(line.size() - rest.size() - 1);
    out.kind = LogKind::kMessage;
    out.sender = context.sender_of(word->direction);
    out.message = rest;
    return true;
  }
};

}  // namespace

std::unique_ptr<LogFormat> create_mobilityhouse() {
  return std::make_unique<Mobilityhouse>();
}

}  // namespace chargewarden::logs
