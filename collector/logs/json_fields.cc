#include "collector/logs/json_fields.h"

#include <cstring>

#include "collector/base/json_scalar.h"
#include "collector/logs/json_extent.h"

namespace chargewarden {

namespace {

bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

JsonFields::JsonFields(std::string_view text) noexcept : text_(text) {
  if (text_.empty() || text_.front() != '{') {
    (void)fail();
  } else {
    at_ = 1;
  }
}

void JsonFields::skip_blanks() noexcept {
  while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
}

// Place of the quote that ends the string whose inside begins at `from`, or npos. Backslashes
// before a quote are counted backwards: each belongs to one quote only, so this stays linear.
std::size_t JsonFields::string_end(std::size_t from) const noexcept {
  for (std::size_t at = text_.find('"', from); at != std::string_view::npos;
       at = text_.find('"', at + 1)) {
    std::size_t escapes = 0;
    while (at - escapes > from && text_[at - escapes - 1] == '\\') ++escapes;
    if (escapes % 2 == 0) return at;
  }
  return std::string_view::npos;
}

void JsonFields::read_value(JsonField& out) noexcept {
  const char c = text_[at_];
  out.whole = true;
  if (c == '"') {
    out.kind = JsonFieldKind::kString;
    const std::size_t end = string_end(at_ + 1);
    out.whole = end != std::string_view::npos;
    out.value = text_.substr(at_ + 1, out.whole ? end - at_ - 1 : std::string_view::npos);
    at_ = out.whole ? end + 1 : text_.size();
  } else if (c == '{' || c == '[') {
    out.kind = c == '{' ? JsonFieldKind::kObject : JsonFieldKind::kList;
    const std::size_t len = json_extent(text_.substr(at_));
    out.whole = len != JsonExtent::kOpen;
    out.value = text_.substr(at_, out.whole ? len : std::string_view::npos);
    at_ += out.value.size();
  } else {
    out.kind = (c >= '0' && c <= '9') || c == '-' ? JsonFieldKind::kNumber : JsonFieldKind::kWord;
    const std::size_t end = text_.find_first_of(",} \t\r\n", at_);
    out.whole = end != std::string_view::npos;
    out.value = text_.substr(at_, out.whole ? end - at_ : std::string_view::npos);
    at_ += out.value.size();
  }
}

bool JsonFields::next(JsonField& out) noexcept {
  if (done_) return false;
  skip_blanks();
  if (at_ < text_.size() && text_[at_] == '}') {
    ++at_;
    skip_blanks();
    if (at_ < text_.size()) return fail();
    done_ = true;
    return false;
  }
  if (!first_) {
    if (at_ >= text_.size() || text_[at_] != ',') return fail();
    ++at_;
    skip_blanks();
  }
  first_ = false;
  if (at_ >= text_.size() || text_[at_] != '"') return fail();
  const std::size_t end = string_end(at_ + 1);
  if (end == std::string_view::npos) return fail();
  out.name = text_.substr(at_ + 1, end - at_ - 1);
  at_ = end + 1;
  skip_blanks();
  if (at_ >= text_.size() || text_[at_] != ':') return fail();
  ++at_;
  skip_blanks();
  if (at_ >= text_.size()) return fail();
  read_value(out);
  // What is cut in the middle of a value has no end either.
  if (!out.whole || at_ >= text_.size()) problem_ = true;
  return true;
}

std::string_view json_plain(std::string_view raw, ValueArena& arena) {
  if (raw.find('\\') == std::string_view::npos) return raw;
  // What is cut may end within an escape.
  while (!json_escapes_are_valid(raw)) {
    const auto last = raw.rfind('\\');
    if (last == std::string_view::npos || raw.size() - last > 12) return raw;
    raw = raw.substr(0, last);
  }
  char* const out = arena.allocate(raw.size() + kJsonPadding);
  const std::size_t len = json_unescape(raw, out);
  std::memset(out + len, ' ', kJsonPadding);
  return {out, len};
}

std::string_view padded_copy(std::string_view text, ValueArena& arena) {
  char* const out = arena.allocate(text.size() + kJsonPadding);
  text.copy(out, text.size());
  std::memset(out + text.size(), ' ', kJsonPadding);
  return {out, text.size()};
}

}  // namespace chargewarden
