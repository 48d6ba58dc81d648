#include "collector/base/json_document.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <simdjson.h>

#include "collector/base/json_scalar.h"
#include "collector/base/text.h"

namespace chargewarden {

namespace {

constexpr std::size_t kTextMaxLen = 0x7fffffff;
constexpr std::size_t kArenaChunkMin = 4096;

bool is_space(char c) noexcept {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

}  // namespace

std::string_view to_string(JsonStatus status) {
  switch (status) {
    case JsonStatus::kOk:
      return "ok";
    case JsonStatus::kEmpty:
      return "empty";
    case JsonStatus::kTooLong:
      return "too long";
    case JsonStatus::kTooDeep:
      return "nested too deep";
    case JsonStatus::kNotUtf8:
      return "not UTF-8";
    case JsonStatus::kMalformed:
      return "malformed";
  }
  return "";
}

JsonPath::JsonPath(std::string_view dotted) {
  for (;;) {
    const auto dot = dotted.find('.');
    keys_.emplace_back(dotted.substr(0, dot));
    if (dot == std::string_view::npos) return;
    dotted.remove_prefix(dot + 1);
  }
}

void ValueArena::clear() noexcept {
  chunk_ = 0;
  used_ = 0;
}

char* ValueArena::allocate(std::size_t len) {
  len = (len + alignof(Value) - 1) / alignof(Value) * alignof(Value);
  while (chunk_ < chunks_.size() && chunks_[chunk_].size - used_ < len) {
    ++chunk_;
    used_ = 0;
  }
  if (chunk_ == chunks_.size()) {
    const std::size_t size = std::max(len, kArenaChunkMin);
    chunks_.push_back({std::make_unique<std::byte[]>(size), size});
  }
  std::byte* out = chunks_[chunk_].bytes.get() + used_;
  used_ += len;
  return static_cast<char*>(static_cast<void*>(out));
}

std::span<Value> ValueArena::allocate_values(std::size_t count) {
  auto* first = static_cast<Value*>(static_cast<void*>(allocate(count * sizeof(Value))));
  std::uninitialized_default_construct_n(first, count);
  return {first, count};
}

struct JsonDocument::Impl {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
  std::vector<char> copy;
  std::string_view text;
  std::span<const std::uint32_t> tokens;
  std::size_t root = 0;
  bool has_escapes = false;
  std::vector<Value> found;  // Scratch of find().
  bool found_list = false;   // The path led to a list, perhaps without elements.

  std::vector<std::uint32_t> behind;  // By token of an opening bracket: the token behind its end.
  std::array<std::uint32_t, kJsonTopElements> top{};  // Tokens of the outermost list's elements.
  std::size_t top_count = 0;

  JsonStatus run_stage1(std::string_view padded);
  JsonStatus check();
  [[nodiscard]] bool check_scalar(std::size_t token) const;
  [[nodiscard]] std::string_view raw_string(std::size_t token) const;
  [[nodiscard]] bool key_is(std::size_t token, std::string_view key) const;
  void collect(std::size_t token, std::span<const std::string> keys, const JsonDocument& owner,
               ValueArena& arena);

  // The first stage's places are inside the text.
  [[nodiscard]] char at(std::size_t token) const noexcept { return text.data()[tokens[token]]; }
};

JsonDocument::JsonDocument() : impl_(std::make_unique<Impl>()) {}

JsonDocument::~JsonDocument() = default;
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;

JsonStatus JsonDocument::Impl::run_stage1(std::string_view padded) {
  if (parser == nullptr || parser->capacity() < padded.size()) {
    // Grown in powers of two: the index needs four bytes for each byte of text.
    std::size_t capacity = 4096;
    while (capacity < padded.size()) capacity *= 2;
    parser.reset();
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(
            capacity, 1, parser) != simdjson::SUCCESS) {
      return JsonStatus::kTooLong;
    }
  }
  const auto error =
      parser->stage1(as_bytes(padded).data(), padded.size(), simdjson::stage1_mode::regular);
  if (error == simdjson::SUCCESS) {
    tokens = {parser->structural_indexes.get(), parser->n_structural_indexes};
    return JsonStatus::kOk;
  }
  if (error == simdjson::UTF8_ERROR) return JsonStatus::kNotUtf8;
  return error == simdjson::EMPTY ? JsonStatus::kEmpty : JsonStatus::kMalformed;
}

JsonStatus JsonDocument::load(std::string_view padded_text) {
  Impl& impl = *impl_;
  impl.text = padded_text;
  impl.tokens = {};
  impl.root = 0;
  impl.top_count = 0;
  if (padded_text.empty()) return JsonStatus::kEmpty;
  if (padded_text.size() > kTextMaxLen) return JsonStatus::kTooLong;
  JsonStatus status = impl.run_stage1(padded_text);
  if (status == JsonStatus::kOk) {
    impl.has_escapes = std::memchr(padded_text.data(), '\\', padded_text.size()) != nullptr;
    status = impl.check();
  }
  if (status != JsonStatus::kOk) {
    impl.tokens = {};
    impl.top_count = 0;
  }
  return status;
}

JsonStatus JsonDocument::load_copy(std::string_view text) {
  std::vector<char>& copy = impl_->copy;
  if (copy.size() < text.size() + kJsonPadding) copy.resize(text.size() + kJsonPadding);
  std::copy(text.begin(), text.end(), copy.begin());
  std::memset(copy.data() + text.size(), ' ', kJsonPadding);
  return load({copy.data(), text.size()});
}

// One walk over the structural index, a value at a time, with the nesting as bits of a word: 1 is
// an object. Of strings without escapes the first stage has checked all that can be wrong.
JsonStatus JsonDocument::Impl::check() {
  static_assert(kJsonDepthMax <= 64);
  const std::size_t count = tokens.size();
  const std::uint32_t* const places = tokens.data();
  const char* const bytes = text.data();
  const auto byte = [&](std::size_t token) { return bytes[places[token]]; };
  std::uint64_t objects = 0;
  std::size_t depth = 0;
  std::array<std::uint32_t, kJsonDepthMax> open;  // Opening tokens of the brackets around i.
  top_count = 0;
  if (behind.size() < count) behind.resize(count);
  std::uint32_t* const ends = behind.data();
  for (std::size_t i = 0;;) {
    if ((objects & 1U) != 0) {
      if (count - i < 3 || byte(i) != '"' || byte(i + 1) != ':') return JsonStatus::kMalformed;
      if (has_escapes && !check_scalar(i)) return JsonStatus::kMalformed;
      i += 2;
    }
    if (i >= count) return JsonStatus::kMalformed;
    if (depth == 1) {
      if (top_count < top.size()) top[top_count] = static_cast<std::uint32_t>(i);
      ++top_count;
    }
    const char first = byte(i);
    bool may_go_on = true;
    if (first == '{' || first == '[') {
      if (depth == kJsonDepthMax) return JsonStatus::kTooDeep;
      objects = (objects << 1U) | (first == '{' ? 1U : 0U);
      open.data()[depth++] = static_cast<std::uint32_t>(i++);
      if (i < count && byte(i) != (first == '{' ? '}' : ']')) continue;
      may_go_on = false;
    } else {
      if ((first != '"' || has_escapes) && !check_scalar(i)) return JsonStatus::kMalformed;
      ++i;
    }
    // Behind a value: a comma, or the brackets that end here.
    for (;; may_go_on = true) {
      if (depth == 0) return i == count ? JsonStatus::kOk : JsonStatus::kMalformed;
      if (i >= count) return JsonStatus::kMalformed;
      const char c = byte(i++);
      if (c == ',' && may_go_on) break;
      if (c != ((objects & 1U) != 0 ? '}' : ']')) return JsonStatus::kMalformed;
      objects >>= 1U;
      ends[open.data()[--depth]] = static_cast<std::uint32_t>(i);
    }
  }
}

bool JsonDocument::Impl::check_scalar(std::size_t token) const {
  const std::size_t start = tokens[token];
  if (text.data()[start] == '"') return json_escapes_are_valid(raw_string(token));
  return json_scalar_is_valid({text.data() + start, text.size() - start});
}

// What is between the quotes, escapes and all. The first stage has made sure that there is a
// closing quote, and the next token stands behind it.
std::string_view JsonDocument::Impl::raw_string(std::size_t token) const {
  const std::size_t start = tokens[token] + std::size_t{1};
  std::size_t end = token + 1 < tokens.size() ? tokens[token + 1] : text.size();
  const char* const bytes = text.data();  // The first stage's places are inside the text.
  while (end > start && is_space(bytes[end - 1])) --end;
  return end > start ? std::string_view(bytes + start, end - 1 - start) : std::string_view{};
}

bool JsonDocument::Impl::key_is(std::size_t token, std::string_view key) const {
  if (!has_escapes) {
    // The first quote behind the opening one ends the string.
    const std::size_t start = tokens[token] + std::size_t{1};
    return text.size() - start > key.size() && text.data()[start + key.size()] == '"' &&
           std::memcmp(text.data() + start, key.data(), key.size()) == 0;
  }
  const std::string_view raw = raw_string(token);
  if (raw.find('\\') == std::string_view::npos) return raw == key;
  // A key that hides behind escapes is still that key.
  std::string plain(raw.size(), '\0');
  const std::size_t len = json_unescape(raw, plain.data());
  return std::string_view(plain.data(), len) == key;
}

std::string_view JsonDocument::text() const noexcept {
  return impl_->text;
}

std::size_t JsonDocument::top_count() const noexcept {
  return impl_->top_count;
}

std::size_t JsonDocument::top_token(std::size_t element) const noexcept {
  return impl_->top[element];
}

void JsonDocument::set_root(std::size_t first_token) noexcept {
  impl_->root = first_token;
}

std::span<const std::uint32_t> JsonDocument::tokens() const noexcept {
  return impl_->tokens;
}

std::size_t JsonDocument::skip(std::size_t token) const noexcept {
  const Impl& impl = *impl_;
  const char c = impl.at(token);
  return c == '{' || c == '[' ? impl.behind[token] : token + 1;
}

std::string_view JsonDocument::root_text() const noexcept {
  const Impl& impl = *impl_;
  if (impl.root >= impl.tokens.size()) return {};
  const std::size_t start = impl.tokens[impl.root];
  const std::size_t next = skip(impl.root);
  std::size_t end = next < impl.tokens.size() ? impl.tokens[next] : impl.text.size();
  while (end > start && is_space(impl.text[end - 1])) --end;
  return impl.text.substr(start, end - start);
}

Value JsonDocument::scalar_at(std::size_t token, ValueArena& arena) const {
  const Impl& impl = *impl_;
  const char first = impl.at(token);
  if (first == '"') {
    const std::string_view raw = impl.raw_string(token);
    if (!impl.has_escapes || raw.find('\\') == std::string_view::npos) return Value::text(raw);
    char* out = arena.allocate(raw.size());
    return Value::text({out, json_unescape(raw, out)});
  }
  return json_scalar_value(impl.text.substr(impl.tokens[token]));
}

// NOLINTNEXTLINE(misc-no-recursion): at most kJsonDepthMax deep, which load() has checked.
void JsonDocument::Impl::collect(std::size_t token, std::span<const std::string> keys,
                                 const JsonDocument& owner, ValueArena& arena) {
  const char first = at(token);
  if (first == '[') {
    found_list = found_list || keys.empty();
    std::size_t i = token + 1;
    while (i < tokens.size() && at(i) != ']') {
      collect(i, keys, owner, arena);
      i = owner.skip(i);
      if (i < tokens.size() && at(i) == ',') ++i;
    }
    return;
  }
  if (keys.empty()) {
    if (first == '{') {
      const std::size_t next = owner.skip(token);
      const std::size_t start = tokens[token];
      found.push_back(Value::object(text.substr(start, tokens[next - 1] + std::size_t{1} - start)));
    } else {
      found.push_back(owner.scalar_at(token, arena));
    }
    return;
  }
  if (first != '{') return;
  for (std::size_t i = token + 1; i < tokens.size() && at(i) == '"';) {
    const std::size_t value = i + 2;
    if (value >= tokens.size()) return;
    if (key_is(i, keys.front())) collect(value, keys.subspan(1), owner, arena);
    i = owner.skip(value);
    if (i < tokens.size() && at(i) == ',') ++i;
  }
}

Value JsonDocument::find(const JsonPath& path, ValueArena& arena) const {
  Impl& impl = *impl_;
  if (impl.root >= impl.tokens.size()) return {};
  impl.found.clear();
  impl.found_list = false;
  impl.collect(impl.root, path.keys(), *this, arena);
  if (impl.found.empty()) return impl.found_list ? Value::list({}) : Value();
  if (impl.found.size() == 1) return impl.found.front();
  const std::span<Value> list = arena.allocate_values(impl.found.size());
  std::copy(impl.found.begin(), impl.found.end(), list.begin());
  return Value::list(list);
}

JsonWalk JsonDocument::walk() const noexcept {
  const Impl& impl = *impl_;
  JsonWalk out;
  out.text_ = impl.text.data();
  out.tokens_ = impl.tokens.data();
  out.behind_ = impl.behind.data();
  out.count_ = impl.tokens.size();
  out.root_ = impl.root;
  out.has_escapes_ = impl.has_escapes;
  return out;
}

std::string_view JsonWalk::unescaped(std::string_view raw, ValueArena& arena) {
  if (raw.find('\\') == std::string_view::npos) return raw;
  char* out = arena.allocate(raw.size());
  return {out, json_unescape(raw, out)};
}

void JsonDocument::visit(JsonVisitor& visitor, ValueArena& arena) const {
  const Impl& impl = *impl_;
  if (impl.root >= impl.tokens.size()) return;
  std::uint64_t objects = 0;
  std::size_t depth = 0;
  std::string_view key;
  std::size_t i = impl.root;
  do {
    const char c = impl.at(i);
    if (c == ',' || c == ':') {
      ++i;
    } else if (c == '}' || c == ']') {
      visitor.leave();
      objects >>= 1U;
      --depth;
      ++i;
    } else if (depth > 0 && (objects & 1U) != 0 && c == '"' && i + 1 < impl.tokens.size() &&
               impl.at(i + 1) == ':') {
      key = scalar_at(i, arena).as_text();
      i += 2;
      continue;
    } else if (c == '{' || c == '[') {
      if (visitor.enter(key, c == '{')) {
        objects = (objects << 1U) | (c == '{' ? 1U : 0U);
        ++depth;
        ++i;
      } else {
        i = skip(i);
      }
    } else {
      visitor.scalar(key, scalar_at(i, arena));
      ++i;
    }
    key = {};
  } while (depth > 0 && i < impl.tokens.size());
}

}  // namespace chargewarden
