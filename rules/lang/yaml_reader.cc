#include "rules/lang/yaml_reader.h"

#include <algorithm>
#include <optional>
#include <sstream>
#include <string>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "collector/base/text.h"

namespace chargewarden {

namespace {

// Part of a file between document markers.
struct Chunk {
  std::string_view text;  // With the marker line.
  std::string_view body;  // Without it.
  std::uint32_t first_line;
};

bool is_marker(std::string_view line, std::string_view marker) {
  if (!line.starts_with(marker)) return false;
  line.remove_prefix(marker.size());
  return line.empty() || line.front() == ' ' || line.front() == '\t' || line.front() == '\r';
}

bool has_content(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first == std::string_view::npos || line[first] == '#' || line[0] == '%') continue;
    if (is_marker(line, "---") && line.find_first_not_of("- \t\r") == std::string_view::npos) {
      continue;
    }
    return true;
  }
  return false;
}

// Markers at the start of a line end a document whatever it was in the middle of (YAML 1.2, 9.1.2),
// so documents can be cut apart before they are parsed, and one that is broken hurts nobody else.
std::vector<Chunk> split_documents(std::string_view text) {
  std::vector<Chunk> out;
  std::size_t begin = 0;
  std::size_t body = 0;
  std::uint32_t first_line = 1;
  std::uint32_t line_number = 0;
  const auto close = [&](std::size_t end) {
    const Chunk chunk{text.substr(begin, end - begin), text.substr(body, end - body), first_line};
    if (has_content(chunk.text)) out.push_back(chunk);
  };
  for (std::size_t at = 0; at < text.size();) {
    ++line_number;
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::size_t next = std::min(end + 1, text.size());
    const std::string_view line = text.substr(at, end - at);
    const bool starts = is_marker(line, "---");
    if (starts || is_marker(line, "...")) {
      close(at);
      begin = starts ? at : next;
      body = starts && line.find_first_not_of("- \t\r") != std::string_view::npos ? at : next;
      first_line = starts ? line_number : line_number + 1;
    }
    at = next;
  }
  close(text.size());
  return out;
}

// The text with the lines of that key and its value emptied: what follows keeps its place. Whatever
// belongs to the value of an outermost key is indented (YAML 1.2, 8.2.2).
std::string without_section(std::string_view text, std::string_view key) {
  std::string out;
  bool inside = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t next = std::min(text.find('\n', at), text.size() - 1) + 1;
    const std::string_view line = text.substr(at, next - at);
    const bool indented = line.find_first_of(" \t\r\n#") == 0;
    if (!indented) {
      inside = !key.empty() && line.starts_with(key) && line.substr(key.size()).starts_with(':');
    }
    out += inside ? line.substr(line.ends_with('\n') ? line.size() - 1 : line.size()) : line;
    at = next;
  }
  return out;
}

// Builds the tree. The parser cannot be stopped from here, so what is over a limit is passed over.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const SourceFile& file, const Chunk& chunk, Diagnostics& diagnostics)
      : file_(file), first_line_(chunk.first_line), diagnostics_(diagnostics) {}

  std::optional<YamlNode> take() {
    if (failed_ || !done_) return std::nullopt;
    return std::move(root_);
  }

  [[nodiscard]] bool failed() const noexcept { return failed_; }

  void fail(Problem problem, const YAML::Mark& mark, std::string message, std::string hint = {}) {
    failed_ = true;
    if (++reported_ > kReportedMax) return;
    diagnostics_.add(problem, file_, position(mark), std::move(message), std::move(hint));
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (done_) fail(Problem::kYamlSyntax, mark, "text follows the end of the document");
  }

  void OnDocumentEnd() override {
    done_ = true;
    if (closes(last_quoted_)) return;
    failed_ = true;
    diagnostics_.add(Problem::kYamlSyntax, file_, last_quoted_, "this quote is never closed");
  }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    add(mark, node(YamlKind::kNull, mark));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    fail(Problem::kAlias, mark, "YAML aliases are not accepted", "write the value out");
    add(mark, node(YamlKind::kNull, mark));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                const std::string& value) override {
    YamlNode out = node(YamlKind::kScalar, mark);
    out.quoted = tag != "?";
    if (tag != "?" && tag != "!" && tag != "tag:yaml.org,2002:str") refuse_tag(mark, tag);
    out.text = value;
    if (out.quoted) last_quoted_ = out.position;
    add(mark, std::move(out));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value /*style*/) override {
    open(mark, tag, YamlKind::kList);
  }

  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {
    open(mark, tag, YamlKind::kMap);
  }

  void OnMapEnd() override { close(); }

 private:
  // Most problems reported of one document's structure: the first ones explain the rest.
  static constexpr std::size_t kReportedMax = 20;

  struct Frame {
    YamlNode node;
    std::unordered_set<std::string> keys;
    std::optional<YamlEntry> pending;  // A key that waits for its value.
    bool bad_key = false;              // Inside a key that is a list or a map.
  };

  [[nodiscard]] Position position(const YAML::Mark& mark) const {
    if (mark.is_null()) return {first_line_, 1};
    return {static_cast<std::uint32_t>(mark.line) + first_line_,
            static_cast<std::uint32_t>(mark.column) + 1};
  }

  [[nodiscard]] YamlNode node(YamlKind kind, const YAML::Mark& mark) const {
    YamlNode out;
    out.kind = kind;
    out.position = position(mark);
    return out;
  }

  // yaml-cpp takes the end of the text for a closing quote. Only the last quoted scalar of a
  // document can be without one.
  [[nodiscard]] bool closes(Position position) const {
    const std::string_view line = file_.line(position.line);
    if (position.column == 0 || position.column > line.size()) return true;
    const char quote = line[position.column - 1];
    if (quote != '"' && quote != '\'') return true;  // A block, or text by its tag.
    const auto offset = static_cast<std::size_t>(line.data() - file_.text().data());
    const std::string_view rest = file_.text().substr(offset + position.column);
    for (std::size_t i = 0; i < rest.size(); ++i) {
      const bool doubled = quote == '\'' && i + 1 < rest.size() && rest[i + 1] == quote;
      if (rest[i] == quote && !doubled) return true;
      if ((rest[i] == quote && doubled) || (quote == '"' && rest[i] == '\\')) ++i;
    }
    return false;
  }

  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    fail(Problem::kBadTag, mark, fmt::format("the YAML tag \"{}\" is not accepted", tag),
         "quote texts, and write numbers and booleans plainly");
  }

  void open(const YAML::Mark& mark, const std::string& tag, YamlKind kind) {
    if (tag != "?" && tag != "!" && !tag.empty()) refuse_tag(mark, tag);
    if (skipped_ > 0 || frames_.size() >= kYamlDepthMax) {
      if (skipped_ == 0) {
        fail(Problem::kTooDeep, mark,
             fmt::format("the document is nested deeper than {} levels", kYamlDepthMax));
      }
      ++skipped_;
      return;
    }
    Frame frame;
    frame.node = node(kind, mark);
    frames_.push_back(std::move(frame));
  }

  void close() {
    if (skipped_ > 0) {
      if (--skipped_ == 0) add_value(YamlNode{});
      return;
    }
    YamlNode done = std::move(frames_.back().node);
    frames_.pop_back();
    add_value(std::move(done));
  }

  void add(const YAML::Mark& mark, YamlNode value) {
    if (skipped_ > 0) return;
    if (++nodes_ > kYamlNodesMax) {
      if (nodes_ == kYamlNodesMax + 1) {
        fail(Problem::kTooManyNodes, mark,
             fmt::format("the document has more than {} values", kYamlNodesMax));
      }
      value = YamlNode{};
    }
    add_value(std::move(value));
  }

  void add_value(YamlNode value) {
    if (frames_.empty()) {
      root_ = std::move(value);
      return;
    }
    Frame& frame = frames_.back();
    if (nodes_ > kYamlNodesMax) return;  // The tree is lost already; keep nothing more.
    if (frame.node.kind == YamlKind::kList) {
      frame.node.items.push_back(std::move(value));
    } else if (frame.pending) {
      frame.pending->value = std::move(value);
      frame.node.entries.push_back(std::move(*frame.pending));
      frame.pending.reset();
    } else {
      begin_entry(frame, std::move(value));
    }
  }

  void begin_entry(Frame& frame, YamlNode key) {
    if (key.kind != YamlKind::kScalar) {
      failed_ = true;
      if (++reported_ <= kReportedMax) {
        diagnostics_.add(Problem::kBadKey, file_, key.position, "a key must be plain text",
                         "null, lists and maps cannot be keys; quote the key");
      }
    } else if (!frame.keys.insert(key.text).second) {
      failed_ = true;
      if (++reported_ <= kReportedMax) {
        diagnostics_.add(Problem::kDuplicateKey, file_, key.position,
                         fmt::format("the key \"{}\" stands twice in this map", key.text),
                         "merge the two, or make a list of maps if either may match");
      }
    }
    frame.pending = YamlEntry{std::move(key.text), key.position, {}};
  }

  const SourceFile& file_;
  std::uint32_t first_line_;
  Diagnostics& diagnostics_;
  std::vector<Frame> frames_;
  YamlNode root_;
  Position last_quoted_;
  std::size_t nodes_ = 0;
  std::size_t skipped_ = 0;  // Open lists and maps below the depth limit.
  std::size_t reported_ = 0;
  bool failed_ = false;
  bool done_ = false;
};

void read_document(const SourceFile& file, const Chunk& chunk, std::string_view unread,
                   Diagnostics& diagnostics, std::vector<YamlDocument>& out) {
  if (chunk.text.size() > kYamlDocumentMax) {
    diagnostics.add(Problem::kFileTooLong, file, {chunk.first_line, 1},
                    fmt::format("the document is longer than {} bytes", kYamlDocumentMax),
                    "split the rule, or move long lists of values to placeholders");
    return;
  }
  TreeBuilder builder(file, chunk, diagnostics);
  std::istringstream stream{without_section(chunk.text, unread)};
  try {
    YAML::Parser parser(stream);
    // The chunk holds one document. yaml-cpp finds documents without end behind text that it does
    // not understand, so the first one too many is the last.
    while (!builder.failed() && parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& exception) {
    builder.fail(Problem::kYamlSyntax, exception.mark,
                 fmt::format("the text is not YAML: {}", exception.msg),
                 "check indentation, and quote values that hold : # { [ * or a backslash");
  } catch (const std::exception& exception) {
    builder.fail(Problem::kYamlSyntax, YAML::Mark::null_mark(),
                 fmt::format("the text is not YAML: {}", exception.what()));
  }
  std::optional<YamlNode> root = builder.take();
  if (root) out.push_back({std::move(*root), chunk.body});
}

}  // namespace

std::vector<YamlDocument> read_yaml(const SourceFile& file, Diagnostics& diagnostics,
                                    std::string_view unread) {
  std::vector<YamlDocument> out;
  std::string_view text = file.text();
  if (text.size() > kYamlFileMax) {
    diagnostics.add_file(Problem::kFileTooLong, file.path(),
                         fmt::format("the file is longer than {} bytes", kYamlFileMax),
                         "split it; one rule a file is easiest to read");
    return out;
  }
  if (!is_valid_utf8(text) || text.find('\0') != std::string_view::npos) {
    diagnostics.add_file(Problem::kNotUtf8, file.path(), "the file is not UTF-8 text",
                         "save it as UTF-8");
    return out;
  }
  for (const Chunk& chunk : split_documents(text)) {
    read_document(file, chunk, unread, diagnostics, out);
  }
  return out;
}

}  // namespace chargewarden
