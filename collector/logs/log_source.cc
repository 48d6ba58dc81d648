#include "collector/logs/log_source.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <functional>

#include <fmt/format.h>

#include "collector/base/text.h"
#include "collector/base/timestamp.h"
#include "collector/capture/unpack.h"
#include "collector/logs/json_fields.h"
#include "collector/logs/log_text.h"

namespace chargewarden {

namespace {

// Asked of the operating system at once; see kBatchBytes of captures.
constexpr std::size_t kReadBytes = 256 * 1024;

// Programs that cut long texts do so here or later. What is shorter and has no end was sent so.
constexpr std::size_t kCutTextMinLen = 1'000;

// What MicroOcpp and others put where they cut.
constexpr std::string_view kCutMark = " [...]";

constexpr std::string_view kBom = "\xef\xbb\xbf";

// Digits of the length before a frame (RFC 6587, 3.4.1): those of kLogRecordMaxLen.
constexpr std::size_t kFrameDigits = 7;

std::string base_name(const std::string& path) {
  if (path == "-") return "stdin";
  const auto slash = path.find_last_of('/');
  return slash == std::string::npos ? path : path.substr(slash + 1);
}

std::string shown_path(const std::string& path) {
  return path == "-" ? "standard input" : path;
}

bool opens_json(std::string_view text) {
  return !text.empty() && (text.front() == '[' || text.front() == '{');
}

// Stack traces and the like belong to the record before.
bool continues(std::string_view line) {
  return line.starts_with(' ') || line.starts_with('\t') || line.starts_with("Caused by: ") ||
         line.starts_with("Traceback (");
}

bool lies_within(std::string_view piece, std::string_view text) {
  const std::less_equal<const char*> before;
  return before(text.data(), piece.data()) &&
         before(piece.data() + piece.size(), text.data() + text.size());
}

// Time of the message itself, for logs without times: the answers of the CSMS tell its clock.
std::optional<std::int64_t> told_time(std::string_view message) {
  constexpr std::string_view kMember = "\"currentTime\"";
  const auto at = message.find(kMember);
  if (at == std::string_view::npos) return std::nullopt;
  std::string_view rest = message.substr(at + kMember.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(" :\n\r"), rest.size()));
  if (!take_prefix(rest, "\"")) return std::nullopt;
  return parse_timestamp_ns(rest.substr(0, rest.find('"')));
}

std::string_view sentence(std::string_view reason) {
  if (reason == "not_json") return "it is not a JSON object, or its end is missing";
  if (reason == "bad_time") return "its time is none";
  if (reason == "no_direction") return "it does not say who sent the message";
  if (reason == "bad_frame") return "its length is wrong";
  if (reason == "bad_structured_data") return "its structured data has no end";
  return "it does not begin as a line of this format does";
}

}  // namespace

void LogCounters::add(const LogCounters& other) {
  bytes += other.bytes;
  lines += other.lines;
  records += other.records;
  unparsed += other.unparsed;
  cut += other.cut;
  if (first_unparsed.empty()) first_unparsed = other.first_unparsed;
}

Expected<std::unique_ptr<LogSource>> LogSource::open(const LogFileOptions& options,
                                                     const StopRequest* stop) {
  auto file = FileInput::open(options.path, stop);
  if (!file) return file.error();
  return from_input(std::move(*file), options, stop);
}

Expected<std::unique_ptr<LogSource>> LogSource::from_input(std::unique_ptr<ByteInput> input,
                                                           const LogFileOptions& options,
                                                           const StopRequest* stop) {
  auto stream = unpacked(std::move(input));
  if (!stream) return stream.error();
  std::unique_ptr<LogSource> source(new LogSource(std::move(*stream), options, stop));
  source->def_ = find_log_format(options.format);
  if (source->def_ == nullptr || !source->def_->has_dates) {
    if (auto read = source->read_head(); !read) return read.error();
  }
  const std::string damage = source->input_->damage();
  if (!damage.empty() && source->head_.empty()) {
    return Error{ErrorCode::kUnreadable,
                 fmt::format("cannot read \"{}\": {}", shown_path(options.path), damage)};
  }
  if (source->def_ == nullptr && !source->choose_format()) {
    return Error{
        ErrorCode::kUnreadable,
        fmt::format("cannot read \"{}\": none of its first lines is of a known log format; "
                    "name it, as in --log steve:{}; there are {}",
                    shown_path(options.path), options.path, log_format_names())};
  }
  source->format_ = source->def_->create();
  source->choose_start();
  return source;
}

LogSource::LogSource(std::unique_ptr<ByteInput> input, LogFileOptions options,
                     const StopRequest* stop)
    : input_(std::move(input)),
      options_(std::move(options)),
      stop_(stop),
      name_(base_name(options_.path)) {
  for (const LogFormatDef& def : log_formats()) inner_.push_back(def.create());
}

Expected<void> LogSource::read_head() {
  std::size_t lines = 0;
  while (lines < kLogHeadLinesMax && head_.size() < kLogHeadBytesMax) {
    const std::size_t filled = head_.size();
    head_.resize(kLogHeadBytesMax);
    auto count = input_->read(std::span(head_).subspan(filled));
    head_.resize(filled + (count ? *count : 0));
    if (!count) return count.error();
    if (*count == 0) {
      head_ended_ = true;
      break;
    }
    lines += static_cast<std::size_t>(
        std::count(head_.begin() + static_cast<std::ptrdiff_t>(filled), head_.end(), '\n'));
  }
  // A length and a message, instead of lines.
  const std::string_view head = as_text(head_);
  const auto blank = head.find_first_not_of("0123456789");
  octet_counted_ = blank > 0 && blank <= kFrameDigits && head.substr(blank).starts_with(" <");
  return {};
}

std::vector<std::string_view> LogSource::head_lines() const {
  std::vector<std::string_view> out;
  std::string_view rest = as_text(head_);
  (void)take_prefix(rest, kBom);
  // Empty ones count, so that what is looked at does not depend on how much was read at once.
  for (std::size_t i = 0; i < kLogHeadLinesMax && !rest.empty(); ++i) {
    const auto end = rest.find('\n');
    // What has no end yet is looked at only when there is nothing else.
    if (end == std::string_view::npos && !head_ended_ && !out.empty()) break;
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (!trimmed(line).empty()) out.push_back(line);
  }
  return out;
}

// The format that understands most of the first lines; a message counts for more than text that
// only looks like a line of it.
bool LogSource::choose_format() {
  constexpr std::size_t kPointsOfMessage = 4;
  const std::vector<std::string_view> lines = head_lines();
  if (octet_counted_) {
    def_ = find_log_format("syslog");
    return true;
  }
  std::size_t best = 0;
  for (const LogFormatDef& def : log_formats()) {
    const std::unique_ptr<LogFormat> format = def.create();
    std::size_t points = 0;
    LogBatch scratch;
    for (const std::string_view line : lines) {
      LogRecord record;
      LogContext where = context(scratch);
      where.by_station = def.by_station;
      std::string_view text = without_colours(padded_copy(line, scratch.arena), scratch.arena);
      while (text.ends_with('\r') || text.ends_with('\0')) text.remove_suffix(1);
      if (!format->begins_record(text) || !format->read(text, record, where)) continue;
      points += record.kind == LogKind::kLine ? 1 : kPointsOfMessage;
    }
    if (points <= best) continue;
    best = points;
    def_ = &def;
  }
  // Nothing was logged yet.
  const auto ends = std::count(head_.begin(), head_.end(), '\n');
  const bool all_seen = ends < static_cast<std::ptrdiff_t>(kLogHeadLinesMax);
  if (lines.empty() && all_seen) def_ = &log_formats().front();
  return def_ != nullptr;
}

void LogSource::choose_start() {
  bool is_date = false;
  auto start = find_date_ns(options_.date, is_date);
  if (!start && def_->has_dates) return;
  if (!start) start = find_date_ns(name_, is_date);
  if (!start) {
    for (const std::string_view line : head_lines()) {
      start = find_date_ns(line, is_date);
      if (start) break;
    }
  }
  if (start) clock_.set_start(*start, is_date);
}

Expected<std::size_t> LogSource::read_bytes(std::span<std::uint8_t> out) {
  if (!head_.empty()) {
    const std::size_t len = std::min(out.size(), head_.size());
    std::copy_n(head_.begin(), len, out.begin());
    head_.erase(head_.begin(), head_.begin() + static_cast<std::ptrdiff_t>(len));
    return len;
  }
  if (head_ended_) return std::size_t{0};
  return input_->read(out);
}

Expected<bool> LogSource::read(LogBatch& batch) {
  batch.records.clear();
  batch.arena.clear();
  while (batch.records.empty() && !ended_) {
    const std::size_t before = carry_.size();
    if (batch.storage.size() < before + kReadBytes + kJsonPadding) {
      batch.storage.resize(before + kReadBytes + kJsonPadding);
    }
    std::copy(carry_.begin(), carry_.end(), batch.storage.begin());
    auto count = read_bytes(std::span(batch.storage).subspan(before, kReadBytes));
    if (!count) {
      ended_ = true;
      return count.error();
    }
    counters_.bytes += *count;
    ended_ = *count == 0;
    stopped_ = ended_ && stop_ != nullptr && stop_->requested();
    const std::string_view bytes = as_text(std::span(batch.storage).first(before + *count));
    const std::size_t taken = take_lines(batch, bytes);
    const Bytes left = as_bytes(bytes.substr(taken));
    carry_.assign(left.begin(), left.end());
    if (ended_) finish(batch);
  }
  return !batch.records.empty();
}

void LogSource::finish(LogBatch& batch) {
  if (pending_.active) end_pending(batch);
  if (stopped_) return;
  const std::string damage = input_->damage();
  if (damage.empty()) return;
  problem_ = fmt::format("\"{}\" ends early: {}", shown_path(options_.path), damage);
}

std::size_t LogSource::take_lines(LogBatch& batch, std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const std::string_view rest = bytes.substr(at);
    if (skipping_) {
      const auto end = rest.find('\n');
      skipping_ = end == std::string_view::npos;
      at += skipping_ ? rest.size() : end + 1;
      continue;
    }
    Line line;
    if (octet_counted_ ? !next_frame(rest, line) : !next_line(rest, line)) break;
    at += line.len;
    take_line(line, batch);
  }
  return at;
}

bool LogSource::next_line(std::string_view bytes, Line& out) {
  const auto end = bytes.find('\n');
  const bool has_end = end != std::string_view::npos;
  out.text = bytes.substr(0, end);
  out.len = has_end ? end + 1 : bytes.size();
  out.cut = out.text.size() > kLogRecordMaxLen;
  if (out.cut) {
    out.text = out.text.substr(0, kLogRecordMaxLen);
    skipping_ = !has_end;
    return true;
  }
  // What was not read to its end is not there: nobody knows what would have come.
  return has_end || (ended_ && !stopped_);
}

// `LENGTH MESSAGE`. Where that is wrong, the next line feed is the next place to begin.
bool LogSource::next_frame(std::string_view bytes, Line& out) const {
  std::size_t len = 0;
  const auto read = std::from_chars(bytes.data(), bytes.data() + bytes.size(), len);
  const auto digits = static_cast<std::size_t>(read.ptr - bytes.data());
  const bool partial = digits == bytes.size() && digits > 0 && digits <= kFrameDigits;
  if (partial && !ended_) return false;
  if (read.ec != std::errc() || partial || digits > kFrameDigits || bytes[digits] != ' ' ||
      len == 0 || len > kLogRecordMaxLen) {
    const auto end = bytes.find('\n');
    if (end == std::string_view::npos && !ended_ && bytes.size() < kLogRecordMaxLen) return false;
    out.text = bytes.substr(0, std::min(end, kLogRecordMaxLen));
    out.len = end == std::string_view::npos ? out.text.size() : end + 1;
    out.problem = out.text.empty() ? std::string_view() : "bad_frame";
    return true;
  }
  const std::size_t begin = digits + 1;
  if (bytes.size() - begin < len && !ended_) return false;
  out.text = bytes.substr(begin, len);
  out.len = begin + out.text.size();
  out.cut = out.text.size() < len;
  return true;
}

void LogSource::take_line(const Line& line, LogBatch& batch) {
  ++counters_.lines;
  if (line.cut) ++counters_.cut;
  std::string_view text = line.text;
  if (counters_.lines == 1) (void)take_prefix(text, kBom);
  while (text.ends_with('\r') || text.ends_with('\0')) text.remove_suffix(1);
  text = without_colours(text, batch.arena);
  if (!line.problem.empty()) {
    add_unparsed(text, line.problem, batch);
    return;
  }
  if (pending_.active && extend_pending(text, batch)) return;
  if (!trimmed(text).empty()) read_record(text, line.cut, batch);
}

LogContext LogSource::context(LogBatch& batch) const {
  LogContext out{clock_, batch.arena, options_, name_, inner_};
  out.by_station = options_.side_given ? options_.by_station : def_ != nullptr && def_->by_station;
  return out;
}

void LogSource::read_record(std::string_view line, bool cut, LogBatch& batch) {
  LogRecord record;
  LogContext where = context(batch);
  record.line = counters_.lines;
  if (!format_->read(line, record, where)) {
    if (!continues(line)) {
      add_unparsed(line, record.reason, batch);
      return;
    }
    record = {};
    record.line = counters_.lines;
    record.message = trimmed(line);
  }
  if (!cut && def_->joins && begin_pending(record, line)) return;
  record.cut = record.cut || cut;
  deliver(record, batch);
}

// Whether the record's message goes on in the next line.
bool LogSource::begin_pending(const LogRecord& record, std::string_view line) {
  if (record.kind != LogKind::kMessage || record.cut || !lies_within(record.message, line)) {
    return false;
  }
  const std::string_view message = record.message;
  if (!record.block && (!opens_json(message) || message.ends_with(kCutMark))) return false;
  pending_.extent = {};
  if (!record.block && pending_.extent.feed(message) != JsonExtent::kOpen) return false;
  pending_.text = line;
  pending_.first_len = line.size();
  pending_.message_begin =
      record.block ? line.size() + 1 : static_cast<std::size_t>(message.data() - line.data());
  pending_.message_end = 0;
  pending_.line = record.line;
  pending_.block = record.block;
  pending_.active = true;
  return true;
}

// False when the line is none of the pending message's.
bool LogSource::extend_pending(std::string_view line, LogBatch& batch) {
  // Neither has a block without anything in it a message.
  const bool empty_block = pending_.block && !pending_.extent.inside() && trimmed(line).empty();
  const bool begins = format_->begins_record(line);
  const bool too_long = pending_.text.size() + 1 + line.size() > kLogRecordMaxLen;
  if (empty_block || too_long || begins) {
    if (!begins && too_long) ++counters_.cut;
    end_pending(batch);
    return empty_block;
  }
  const std::size_t begin = pending_.text.size() + 1;
  pending_.text += '\n';
  pending_.text += line;
  const std::size_t end = pending_.extent.feed(line);
  if (end != JsonExtent::kOpen) {
    pending_.message_end = begin + end;
    end_pending(batch);
  }
  return true;
}

void LogSource::end_pending(LogBatch& batch) {
  pending_.active = false;
  const std::string_view text = padded_copy(pending_.text, batch.arena);
  LogRecord record;
  LogContext where = context(batch);
  record.line = pending_.line;
  (void)format_->read(text.substr(0, pending_.first_len), record, where);
  std::size_t end = pending_.message_end;
  if (end == 0) {
    end = text.size();
    record.cut = pending_.block;
  }
  const std::size_t begin = std::min(pending_.message_begin, end);
  record.message = text.substr(begin, end - begin);
  format_->finish(record, where);
  deliver(record, batch);
}

void LogSource::deliver(LogRecord& record, LogBatch& batch) {
  record.format = def_->name;
  if (record.station.empty()) record.station = options_.station;
  if (record.kind == LogKind::kMessage) {
    const std::string_view message = record.message;
    if (message.ends_with(kCutMark)) {
      record.cut = true;
      record.message.remove_suffix(kCutMark.size());
    } else if (message.size() >= kCutTextMinLen && opens_json(message)) {
      record.cut = record.cut || json_extent(message) == JsonExtent::kOpen;
    }
  }
  note_time(record);
  ++counters_.records;
  batch.records.push_back(record);
}

void LogSource::note_time(LogRecord& record) {
  if (record.has_time) {
    clock_.note(record.time_ns);
    return;
  }
  record.time_ns = clock_.now_ns();
  if (record.kind != LogKind::kMessage) return;
  const auto told = told_time(record.message);
  if (!told || *told <= record.time_ns) return;
  record.time_ns = *told;
  clock_.note(*told);
}

void LogSource::add_unparsed(std::string_view line, std::string_view reason, LogBatch& batch) {
  LogRecord record;
  record.kind = LogKind::kUnparsed;
  record.line = counters_.lines;
  record.message = line;
  record.reason = reason.empty() ? "no_prefix" : reason;
  record.format = def_->name;
  record.time_ns = clock_.now_ns();
  if (counters_.unparsed == 0) {
    counters_.first_unparsed =
        fmt::format("{} line {}: {}", name_, counters_.lines, sentence(record.reason));
  }
  ++counters_.unparsed;
  ++counters_.records;
  batch.records.push_back(record);
}

}  // namespace chargewarden
