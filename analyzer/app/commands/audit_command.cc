#include "analyzer/app/commands/audit_command.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "alerts/audit/audit_reader.h"
#include "alerts/audit/record_form.h"
#include "alerts/model/text_form.h"
#include "analyzer/app/commands/time_argument.h"
#include "analyzer/app/exit_status.h"
#include "analyzer/app/terminal.h"
#include "collector/base/json_document.h"
#include "collector/base/text.h"

namespace chargewarden {

namespace {

// Records that `audit query` shows when nobody asks for more: what fits a few screens.
constexpr std::uint64_t kDefaultLimit = 1'000;

// Rows that a table holds at once, since its columns are as wide as their widest cell. A longer
// answer comes as several tables.
constexpr std::size_t kTableRowsMax = 10'000;

// Output is handed to the system in pieces of this size, bytes.
constexpr std::size_t kPieceBytes = 64 * 1024;

int report(const Error& error) {
  std::string line;
  append_terminal_safe(line, error.message);
  (void)std::fprintf(stderr, "chargewarden: %s\n", line.c_str());
  return exit_status_of(error.code);
}

// Standard output with errors: a full disk or a closed pipe must not look like success.
class Output {
 public:
  std::string& text() { return text_; }

  // Writes what is there once it is a piece, or in any case.
  Expected<void> flush_if(bool always) {
    if (text_.empty() || (!always && text_.size() < kPieceBytes)) return {};
    const bool written = std::fwrite(text_.data(), 1, text_.size(), stdout) == text_.size() &&
                         (!always || std::fflush(stdout) == 0);
    const int error = errno;
    text_.clear();
    if (written) return {};
    return Error{ErrorCode::kReadWrite, fmt::format("cannot write to standard output: {}",
                                                    std::generic_category().message(error))};
  }

 private:
  std::string text_;
};

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

struct QueryArguments {
  std::string folder;
  std::string from;
  std::string to;
  std::string station;
  std::string rule;
  std::string action;
  std::string level;
  std::string kind;
  std::optional<std::uint64_t> after;
  std::uint64_t limit = kDefaultLimit;
  std::string format = "table";
};

Expected<AuditFilter> filter_of(const QueryArguments& arguments) {
  AuditFilter filter;
  const std::int64_t now = now_ns();
  if (!arguments.from.empty()) {
    const auto time = parse_time_argument("--from", arguments.from, now);
    if (!time) return time.error();
    filter.from_ns = time.value();
  }
  if (!arguments.to.empty()) {
    const auto time = parse_time_argument("--to", arguments.to, now);
    if (!time) return time.error();
    filter.to_ns = time.value();
  }
  filter.station = arguments.station;
  filter.rule = arguments.rule;
  filter.action = arguments.action;
  for (const Level level :
       {Level::kInformational, Level::kLow, Level::kMedium, Level::kHigh, Level::kCritical}) {
    if (arguments.level == to_string(level)) filter.level = level;
  }
  filter.kind = parse_record_kind(arguments.kind);
  filter.after = arguments.after;
  // One more tells whether there is a next page.
  filter.limit = arguments.limit == UINT64_MAX ? arguments.limit : arguments.limit + 1;
  return filter;
}

// Shows records one by one as the format wants them.
class Printer {
 public:
  explicit Printer(std::string_view format) : json_(format == "json"), csv_(format == "csv") {}

  Expected<void> add(const StoredRecord& record) {
    if (json_) {
      append_json_line(output_.text(), record);
    } else if (csv_) {
      if (first_) append_csv_header(output_.text());
      append_csv_row(output_.text(), record);
    } else {
      table_.add(record);
      if (++table_rows_ == kTableRowsMax) end_table();
    }
    first_ = false;
    return output_.flush_if(false);
  }

  Expected<void> finish() {
    if (table_rows_ > 0) end_table();
    return output_.flush_if(true);
  }

 private:
  void end_table() {
    table_.render(terminal_columns(), output_.text());
    table_ = RecordTable();
    table_rows_ = 0;
  }

  bool json_;
  bool csv_;
  bool first_ = true;
  RecordTable table_;
  std::size_t table_rows_ = 0;
  Output output_;
};

int run_query(const QueryArguments& arguments) {
  const auto filter = filter_of(arguments);
  if (!filter) return report(filter.error());
  auto reader = AuditReader::open(arguments.folder);
  if (!reader) return report(reader.error());
  Printer printer(arguments.format);
  std::uint64_t shown = 0;
  std::uint64_t last = 0;
  bool more = false;
  Expected<void> printed;
  const auto done = reader->query(filter.value(), [&](const StoredRecord& record) {
    more = shown == arguments.limit;
    if (more) return false;
    printed = printer.add(record);
    ++shown;
    last = record.index;
    return printed.has_value();
  });
  if (printed) printed = printer.finish();
  if (!printed) return report(printed.error());
  if (!done) return report(done.error());
  if (more) {
    (void)std::fprintf(stderr, "there are more records: go on with --after %llu\n",
                       static_cast<unsigned long long>(last));
  } else if (shown == 0) {
    (void)std::fputs("no record matches\n", stderr);
  }
  return kExitDone;
}

struct ShowArguments {
  std::string folder;
  std::uint64_t index = 0;
  std::string format = "text";
};

void add_line(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  out += fmt::format("{:<9}", name);
  append_terminal_safe(out, value);
  out += '\n';
}

// JSON with an indent of two; the text as it is when it is not JSON, or nested deeper than anything
// of ours: printing recurses, and a trail may have been tampered with.
std::string indented(std::string_view json) {
  bool too_deep = false;
  const auto keep = [&too_deep](int depth, nlohmann::ordered_json::parse_event_t /*event*/,
                                nlohmann::ordered_json& /*parsed*/) {
    too_deep = too_deep || depth > static_cast<int>(kJsonDepthMax);
    return !too_deep;
  };
  const auto value = nlohmann::ordered_json::parse(json, keep, false);
  return value.is_discarded() || too_deep ? std::string(json) : value.dump(2);
}

// What the columns say, then the body, indented.
void append_record_text(std::string& out, const StoredRecord& record) {
  add_line(out, "index", std::to_string(record.index));
  add_line(out, "kind", record.kind);
  add_line(out, "time", to_rfc3339(record.time_ns));
  add_line(out, "level", record.level ? to_string(*record.level) : std::string_view());
  add_line(out, "station", record.station);
  add_line(out, "rule", record.rule);
  add_line(out, "action", record.action);
  add_line(out, "outcome", record.outcome);
  out += '\n';
  const std::string text = indented(record.body);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    append_terminal_safe(out, std::string_view(text).substr(at, end - at));
    out += '\n';
    at = end + 1;
  }
}

int run_show(const ShowArguments& arguments) {
  auto reader = AuditReader::open(arguments.folder);
  if (!reader) return report(reader.error());
  Output output;
  auto found = reader->show(arguments.index, [&](const StoredRecord& record) {
    if (arguments.format == "json") {
      append_json_line(output.text(), record);
    } else {
      append_record_text(output.text(), record);
    }
  });
  if (!found) return report(found.error());
  if (!*found) {
    const auto count = reader->count();
    if (!count) return report(count.error());
    return report({ErrorCode::kUsage,
                   fmt::format("no record {} in \"{}\": it holds {} records, numbered from 0",
                               arguments.index, arguments.folder, count.value())});
  }
  const auto written = output.flush_if(true);
  return written ? kExitDone : report(written.error());
}

void add_query(CLI::App& audit, int& exit_status) {
  const auto arguments = std::make_shared<QueryArguments>();
  CLI::App* const query = audit.add_subcommand("query", "Find records of the audit trail");
  query->add_option("--audit", arguments->folder, "Folder of the audit trail")
      ->required()
      ->type_name("DIR");
  query->add_option("--from", arguments->from, "Event time, this one included: RFC 3339 or -24h")
      ->type_name("TIME");
  query->add_option("--to", arguments->to, "Event time, this one not included: RFC 3339 or -1h")
      ->type_name("TIME");
  query->add_option("--station", arguments->station, "Of this station only")->type_name("ID");
  query->add_option("--level", arguments->level, "Alerts of at least this level")
      ->check(CLI::IsMember({"informational", "low", "medium", "high", "critical"}))
      ->type_name("LEVEL");
  query->add_option("--rule", arguments->rule, "Alerts of this rule only")->type_name("NAME");
  query->add_option("--kind", arguments->kind, "Records of this kind only")
      ->check(CLI::IsMember({"alert", "action", "sensor"}))
      ->type_name("KIND");
  query->add_option("--action", arguments->action, "With this OCPP action only")
      ->type_name("ACTION");
  query->add_option("--limit", arguments->limit, "At most so many records")
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->type_name("N");
  query->add_option("--after", arguments->after, "Records behind this index: the next page")
      ->check(CLI::NonNegativeNumber)  // -1 would be read as 2^64 - 1.
      ->type_name("INDEX");
  query->add_option("--format", arguments->format, "Form of the answer: table, json or csv")
      ->check(CLI::IsMember({"table", "json", "csv"}))
      ->capture_default_str()
      ->type_name("FORM");
  query->footer(
      "Example: who commanded what on station CP-1 since yesterday\n"
      "  chargewarden audit query --audit /var/lib/chargewarden --station CP-1 --from -24h "
      "--kind action");
  query->callback([arguments, &exit_status] { exit_status = run_query(*arguments); });
}

void add_show(CLI::App& audit, int& exit_status) {
  const auto arguments = std::make_shared<ShowArguments>();
  CLI::App* const show = audit.add_subcommand("show", "Show one record in full");
  show->add_option("--audit", arguments->folder, "Folder of the audit trail")
      ->required()
      ->type_name("DIR");
  show->add_option("index", arguments->index, "Index of the record")
      ->required()
      ->check(CLI::NonNegativeNumber)
      ->type_name("INDEX");
  show->add_option("--format", arguments->format, "Form of the answer: text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str()
      ->type_name("FORM");
  show->footer("Example: chargewarden audit show --audit /var/lib/chargewarden 42");
  show->callback([arguments, &exit_status] { exit_status = run_show(*arguments); });
}

}  // namespace

void add_audit_command(CLI::App& app, int& exit_status) {
  CLI::App* const audit = app.add_subcommand("audit", "Look into the audit trail");
  audit->require_subcommand(1);
  audit->footer("Example: chargewarden audit query --audit /var/lib/chargewarden --level high");
  add_query(*audit, exit_status);
  add_show(*audit, exit_status);
}

}  // namespace chargewarden
