#include "analyzer/site/inventory_tree.h"

#include <algorithm>
#include <span>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include "analyzer/site/inventory.h"
#include "collector/base/json_document.h"
#include "collector/base/text.h"

namespace chargewarden {

namespace {

// Puts the tree together and hands entries on. Keeps the first problem; what comes after it is
// passed over.
class TreeMaker {
 public:
  explicit TreeMaker(SiteEntryTaker& taker) : taker_(taker) {}

  [[nodiscard]] bool failed() const noexcept { return problem_.has_value(); }

  [[nodiscard]] const std::optional<SiteProblem>& problem() const noexcept { return problem_; }

  void fail(std::uint32_t line, std::string message) {
    if (!failed()) problem_ = SiteProblem{line, std::move(message)};
  }

  void open(SiteNodeKind kind, std::uint32_t line) {
    if (failed()) return;
    if (frames_.empty() && kind != SiteNodeKind::kMap) return fail(line, kNoMap);
    if (frames_.size() == 1 && frames_.back().has_key && kind != SiteNodeKind::kList) {
      return fail(line, fmt::format("\"{}\" must be a list", frames_.back().key));
    }
    if (!frames_.empty() && wants_key()) return fail(line, "a key must be plain text");
    if (frames_.size() >= kInventoryDepthMax) {
      return fail(line,
                  fmt::format("the file is nested deeper than {} levels", kInventoryDepthMax));
    }
    Frame frame;
    frame.node.kind = kind;
    frame.node.line = line;
    frames_.push_back(std::move(frame));
  }

  void close() {
    if (failed()) return;
    SiteNode done = std::move(frames_.back().node);
    frames_.pop_back();
    if (!frames_.empty()) value(std::move(done));
  }

  void scalar(SiteNodeKind kind, std::string_view text, std::uint32_t line) {
    if (failed()) return;
    if (text.size() > kInventoryTextMax) {
      return fail(line, fmt::format("a text is longer than {} bytes", kInventoryTextMax));
    }
    SiteNode node;
    node.kind = kind;
    node.line = line;
    node.text = text;
    value(std::move(node));
  }

 private:
  static constexpr const char* kNoMap =
      "the file must be a map of stations, csms, advisories and end_of_support";

  struct Frame {
    SiteNode node;
    std::string key;  // That waits for its value.
    bool has_key = false;
  };

  [[nodiscard]] bool wants_key() const {
    return frames_.back().node.kind == SiteNodeKind::kMap && !frames_.back().has_key;
  }

  void value(SiteNode node) {
    if (frames_.empty()) {
      if (node.kind != SiteNodeKind::kNull) fail(node.line, kNoMap);
    } else if (wants_key()) {
      take_key(std::move(node));
    } else if (frames_.back().node.kind == SiteNodeKind::kList) {
      take_item(std::move(node));
    } else {
      take_member(std::move(node));
    }
  }

  void take_key(SiteNode key) {
    Frame& frame = frames_.back();
    if (key.kind != SiteNodeKind::kText) return fail(key.line, "a key must be plain text");
    auto& seen = frame.node.members;
    const auto is_it = [&](const auto& each) { return each.key == key.text; };
    if (std::any_of(seen.begin(), seen.end(), is_it)) {
      return fail(key.line, fmt::format("the key \"{}\" stands twice in this map", key.text));
    }
    frame.key = std::move(key.text);
    frame.has_key = true;
    if (frames_.size() == 1) note(taker_.section(frame.key, key.line));
  }

  void take_member(SiteNode node) {
    Frame& frame = frames_.back();
    frame.has_key = false;
    if (frames_.size() == 1) {
      if (node.kind == SiteNodeKind::kText) {
        return fail(node.line, fmt::format("\"{}\" must be a list", frame.key));
      }
      node = SiteNode();  // Its entries were handed on.
    }
    if (frame.node.members.size() >= kInventoryListMax) return fail_full(frame.node.line);
    frame.node.members.push_back({std::move(frame.key), std::move(node)});
  }

  void take_item(SiteNode node) {
    if (frames_.size() == 2) return note(taker_.entry(node));
    SiteNode& list = frames_.back().node;
    if (list.items.size() >= kInventoryListMax) return fail_full(list.line);
    list.items.push_back(std::move(node));
  }

  void fail_full(std::uint32_t line) {
    fail(line, fmt::format("a list or map has more than {} values", kInventoryListMax));
  }

  void note(std::optional<SiteProblem> problem) {
    if (problem && !failed()) problem_ = std::move(problem);
  }

  SiteEntryTaker& taker_;
  std::vector<Frame> frames_;
  std::optional<SiteProblem> problem_;
};

// The parser cannot be stopped from here.
class YamlEvents final : public YAML::EventHandler {
 public:
  explicit YamlEvents(TreeMaker& tree) : tree_(tree) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) tree_.fail(line(mark), "the file must hold one document");
  }

  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    tree_.scalar(SiteNodeKind::kNull, {}, line(mark));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    tree_.fail(line(mark), "YAML aliases are not accepted; write the value out");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                const std::string& value) override {
    check_tag(mark, tag);
    tree_.scalar(SiteNodeKind::kText, value, line(mark));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value /*style*/) override {
    check_tag(mark, tag);
    tree_.open(SiteNodeKind::kList, line(mark));
  }

  void OnSequenceEnd() override { tree_.close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {
    check_tag(mark, tag);
    tree_.open(SiteNodeKind::kMap, line(mark));
  }

  void OnMapEnd() override { tree_.close(); }

  static std::uint32_t line(const YAML::Mark& mark) {
    return mark.is_null() ? 1 : static_cast<std::uint32_t>(mark.line) + 1;
  }

 private:
  void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!" || tag == "tag:yaml.org,2002:str") return;
    tree_.fail(line(mark), "YAML tags are not accepted; quote texts");
  }

  TreeMaker& tree_;
  int documents_ = 0;
};

void read_yaml_entries(std::string_view text, TreeMaker& tree) {
  std::istringstream stream{std::string(text)};
  YamlEvents events(tree);
  try {
    YAML::Parser parser(stream);
    // yaml-cpp finds documents without end behind text that it does not understand.
    while (!tree.failed() && parser.HandleNextDocument(events)) {
    }
  } catch (const YAML::Exception& exception) {
    tree.fail(YamlEvents::line(exception.mark), fmt::format("not YAML: {}", exception.msg));
  } catch (const std::exception& exception) {
    tree.fail(1, fmt::format("not YAML: {}", exception.what()));
  }
}

// Lines are counted on the way, as the tokens come in order.
class JsonEntries {
 public:
  JsonEntries(const JsonDocument& document, TreeMaker& tree)
      : text_(document.text()), tokens_(document.tokens()), walk_(document.walk()), tree_(tree) {}

  void read() { value(walk_.root()); }

 private:
  // As deep as TreeMaker allows.
  // NOLINTNEXTLINE(misc-no-recursion)
  void value(std::size_t token) {
    const char first = walk_.first_byte(token);
    const std::uint32_t line = line_of(token);
    if (first == '{' || first == '[') {
      const bool is_map = first == '{';
      tree_.open(is_map ? SiteNodeKind::kMap : SiteNodeKind::kList, line);
      if (!tree_.failed()) inside(token, is_map);
      tree_.close();
    } else if (token == walk_.root()) {
      tree_.fail(line, "the file must be a map");
    } else if (first == '"') {
      tree_.scalar(SiteNodeKind::kText, text(token), line);
    } else {
      std::string_view written = walk_.scalar(token);
      written = written.substr(0, written.find_first_of(" \t\r\n"));
      const bool is_null = written == "null";
      tree_.scalar(is_null ? SiteNodeKind::kNull : SiteNodeKind::kText,
                   is_null ? std::string_view() : written, line);
    }
  }

  // NOLINTNEXTLINE(misc-no-recursion): see value().
  void inside(std::size_t container, bool is_map) {
    for (std::size_t at = walk_.first_inside(container); at != 0 && !tree_.failed();) {
      std::size_t element = at;
      if (is_map) {
        tree_.scalar(SiteNodeKind::kText, text(at), line_of(at));
        element = JsonWalk::value_of(at);
      }
      value(element);
      at = walk_.next_inside(element);
    }
  }

  std::string_view text(std::size_t token) {
    arena_.clear();
    return walk_.text(token, arena_);
  }

  std::uint32_t line_of(std::size_t token) {
    const std::size_t end = tokens_[token];
    for (; counted_ < end; ++counted_) line_ += text_[counted_] == '\n' ? 1U : 0U;
    return line_;
  }

  std::string_view text_;
  std::span<const std::uint32_t> tokens_;
  JsonWalk walk_;
  TreeMaker& tree_;
  ValueArena arena_;
  std::size_t counted_ = 0;
  std::uint32_t line_ = 1;
};

}  // namespace

std::optional<SiteProblem> read_site_entries(std::string_view text, SiteEntryTaker& taker) {
  if (text.size() > kInventoryMaxBytes) {
    return SiteProblem{0, fmt::format("the file is larger than {} bytes", kInventoryMaxBytes)};
  }
  if (!is_valid_utf8(text) || text.find('\0') != std::string_view::npos) {
    return SiteProblem{0, "the file is not UTF-8 text; save it as UTF-8"};
  }
  TreeMaker tree(taker);
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && text[first] == '{') {
    JsonDocument document;
    if (document.load_copy(text) == JsonStatus::kOk) {
      JsonEntries(document, tree).read();
      return tree.problem();
    }
  }
  // YAML has maps in brackets too, and says where they are broken.
  if (text.size() > kInventoryYamlMaxBytes) {
    return SiteProblem{0, fmt::format("the file is not JSON, and as YAML it may have {} bytes; "
                                      "write it as JSON, which is read faster",
                                      kInventoryYamlMaxBytes)};
  }
  read_yaml_entries(text, tree);
  return tree.problem();
}

}  // namespace chargewarden
