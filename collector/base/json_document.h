#pragma once
// JsonDocument: one JSON text, checked once and then asked for single values.
//
// load() runs simdjson's first stage (UTF-8, quoting, structural index) and checks the grammar in
// one walk over that index; nothing is turned into values before somebody asks. Loading again
// reuses the memory. Not shared between threads. Depth is limited.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collector/base/value.h"

namespace chargewarden {

// Why a text is not JSON that we accept.
enum class JsonStatus : std::uint8_t { kOk, kEmpty, kTooLong, kTooDeep, kNotUtf8, kMalformed };

std::string_view to_string(JsonStatus status);

// Bytes that must be readable (not valid) behind a text that is loaded in place.
inline constexpr std::size_t kJsonPadding = 64;

// Deepest nesting that is followed. OCPP 2.1 needs 11 levels; attackers try thousands.
// Test: json_document_test.cc "nesting beyond the limit is refused".
inline constexpr std::size_t kJsonDepthMax = 64;

// Elements of the outermost list (or object) that are found without a search: the envelope of an
// OCPP message has six at most.
inline constexpr std::size_t kJsonTopElements = 8;

// A path such as firmware.location: the keys from the top. Lists on the way are entered.
class JsonPath {
 public:
  explicit JsonPath(std::string_view dotted);

  [[nodiscard]] std::span<const std::string> keys() const noexcept { return keys_; }

 private:
  std::vector<std::string> keys_;
};

// Memory for values that are handed out: unescaped text and lists. Cleared per event, never shrunk.
class ValueArena {
 public:
  void clear() noexcept;
  char* allocate(std::size_t len);
  std::span<Value> allocate_values(std::size_t count);

 private:
  struct Chunk {
    std::unique_ptr<std::byte[]> bytes;
    std::size_t size;
  };

  std::vector<Chunk> chunks_;
  std::size_t chunk_ = 0;
  std::size_t used_ = 0;
};

// Called for each member or element on a walk; see JsonDocument::visit.
class JsonVisitor {
 public:
  virtual ~JsonVisitor() = default;
  // `key` is the member's name as written, empty for an element of a list. Return false to skip
  // what is inside.
  virtual bool enter(std::string_view key, bool is_object) = 0;
  virtual void leave() = 0;
  virtual void scalar(std::string_view key, Value value) = 0;
};

class JsonDocument;

// Goes through the containers of a document that was loaded, without a path and without calls.
// Tokens are those of keys and values; 0 stands for none: only the root of a whole text is token 0.
// Nothing is checked again: tokens must come from here, from the root on.
class JsonWalk {
 public:
  // False when there is nothing to walk through.
  [[nodiscard]] bool has_root() const noexcept { return root_ < count_; }

  [[nodiscard]] std::size_t root() const noexcept { return root_; }

  // First byte of a value: '{', '[', '"', or what a number, true, false or null begins with.
  [[nodiscard]] char first_byte(std::size_t token) const noexcept { return text_[tokens_[token]]; }

  [[nodiscard]] bool is_container(std::size_t token) const noexcept {
    const char c = first_byte(token);
    return c == '{' || c == '[';
  }

  // The first key of an object or element of a list; 0 when it is empty.
  [[nodiscard]] std::size_t first_inside(std::size_t container) const noexcept {
    const char c = first_byte(container + 1);
    return c == '}' || c == ']' ? 0 : container + 1;
  }

  // The key or element behind this value; 0 at the end of its container.
  [[nodiscard]] std::size_t next_inside(std::size_t value) const noexcept {
    const std::size_t behind = is_container(value) ? behind_[value] : value + 1;
    return first_byte(behind) == ',' ? behind + 1 : 0;
  }

  // The value of the member whose key is at the token.
  [[nodiscard]] static constexpr std::size_t value_of(std::size_t key) noexcept { return key + 2; }

  // The text of a key, or of a text value inside a container; memory of the arena if it has
  // escapes.
  [[nodiscard]] std::string_view text(std::size_t token, ValueArena& arena) const {
    const std::size_t start = tokens_[token] + std::size_t{1};
    // The closing quote is the last one before the next token, of which there is always one.
    std::size_t end = tokens_[token + 1] - std::size_t{1};
    while (text_[end] != '"') --end;
    const std::string_view raw(text_ + start, end - start);
    return has_escapes_ ? unescaped(raw, arena) : raw;
  }

  // What a number, true, false or null inside a container is written like; blanks may follow.
  [[nodiscard]] std::string_view scalar(std::size_t token) const noexcept {
    return {text_ + tokens_[token], tokens_[token + 1] - tokens_[token]};
  }

 private:
  friend class JsonDocument;

  static std::string_view unescaped(std::string_view raw, ValueArena& arena);

  const char* text_ = nullptr;
  const std::uint32_t* tokens_ = nullptr;
  const std::uint32_t* behind_ = nullptr;
  std::size_t count_ = 0;
  std::size_t root_ = 0;
  bool has_escapes_ = false;
};

class JsonDocument {
 public:
  JsonDocument();
  ~JsonDocument();
  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;

  // The text must stay valid, with kJsonPadding readable bytes behind it, while the document is
  // used.
  JsonStatus load(std::string_view padded_text);

  // The same for any text: copies it.
  JsonStatus load_copy(std::string_view text);

  // What was loaded; empty before.
  [[nodiscard]] std::string_view text() const noexcept;

  // Restricts what collect() and visit() see to the value that starts at structural token `first`:
  // lets the envelope of a message be walked by its decoder and the payload by everybody else.
  void set_root(std::size_t first_token) noexcept;

  // The value at the path: absent, a scalar, an object, or a list of all values that the path leads
  // to when it crosses lists. A list without elements is present and empty: for `exists` its key
  // counts. Text is unescaped; memory comes from the arena.
  [[nodiscard]] Value find(const JsonPath& path, ValueArena& arena) const;

  // Walks everything below the root in document order.
  void visit(JsonVisitor& visitor, ValueArena& arena) const;

  // JSON text of the root value.
  [[nodiscard]] std::string_view root_text() const noexcept;

  // The structural index, for decoders that walk the envelope: offsets of brackets, commas, colons,
  // and first bytes of scalars.
  [[nodiscard]] std::span<const std::uint32_t> tokens() const noexcept;

  // How many elements the outermost list has, and the token at which one begins; `element` must be
  // below top_count() and kJsonTopElements. Of an object: its member values.
  [[nodiscard]] std::size_t top_count() const noexcept;
  [[nodiscard]] std::size_t top_token(std::size_t element) const noexcept;

  // The token behind the value that starts at `token`.
  [[nodiscard]] std::size_t skip(std::size_t token) const noexcept;

  // The scalar at the token; text is unescaped into the arena only if it holds escapes.
  [[nodiscard]] Value scalar_at(std::size_t token, ValueArena& arena) const;

  // A walk for those who know what they look for; valid until the next load().
  [[nodiscard]] JsonWalk walk() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace chargewarden
