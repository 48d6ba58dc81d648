#include "rules/engine/text_match.h"

#include <cstring>

#include "rules/engine/case_fold.h"

namespace chargewarden {

namespace {

constexpr std::size_t kNone = std::string_view::npos;

bool contains(std::string_view text, std::string_view needle) {
  return needle.empty() ||
         ::memmem(text.data(), text.size(), needle.data(), needle.size()) != nullptr;
}

// One character: a byte and what continues it.
std::size_t behind_character(std::string_view text, std::size_t at) {
  ++at;
  while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80U) ++at;
  return at;
}

// Where the pieces end if they stand at `at`.
std::size_t match_at(const std::vector<std::string>& pieces, std::string_view text,
                     std::size_t at) {
  for (const std::string& piece : pieces) {
    if (piece.empty()) {
      if (at >= text.size()) return kNone;
      at = behind_character(text, at);
    } else {
      if (!text.substr(at).starts_with(piece)) return kNone;
      at += piece.size();
    }
  }
  return at;
}

}  // namespace

TextMatch::TextMatch(const Pattern& pattern, bool cased) : cased_(cased) {
  open_begin_ = !pattern.empty() && pattern.front().kind == TokenKind::kAnyRun;
  open_end_ = !pattern.empty() && pattern.back().kind == TokenKind::kAnyRun;
  segments_.emplace_back();
  for (const PatternToken& token : pattern) {
    if (token.kind == TokenKind::kAnyRun) {
      if (!segments_.back().pieces.empty()) segments_.emplace_back();
    } else if (token.kind == TokenKind::kAnyOne) {
      segments_.back().pieces.emplace_back();
    } else {
      segments_.back().pieces.push_back(cased ? token.text : fold_case(token.text));
    }
  }
  if (segments_.back().pieces.empty() && (segments_.size() > 1 || open_end_)) segments_.pop_back();
  if (segments_.empty()) {
    shape_ = Shape::kAny;
    return;
  }
  const std::vector<std::string>& pieces = segments_.front().pieces;
  const bool plain =
      segments_.size() == 1 && (pieces.empty() || (pieces.size() == 1 && !pieces[0].empty()));
  if (!plain) {
    shape_ = Shape::kGlob;
    return;
  }
  needle_ = pieces.empty() ? std::string() : pieces[0];
  shape_ = open_begin_ ? (open_end_ ? Shape::kContains : Shape::kSuffix)
                       : (open_end_ ? Shape::kPrefix : Shape::kExact);
}

std::string_view TextMatch::longest_literal() const noexcept {
  if (shape_ != Shape::kGlob) return needle_;
  std::string_view out;
  for (const Segment& segment : segments_) {
    for (const std::string& piece : segment.pieces) {
      if (piece.size() > out.size()) out = piece;
    }
  }
  return out;
}

bool TextMatch::matches(std::string_view text) const {
  switch (shape_) {
    case Shape::kAny:
      return true;
    case Shape::kExact:
      return text == needle_;
    case Shape::kPrefix:
      return text.starts_with(needle_);
    case Shape::kSuffix:
      return text.ends_with(needle_);
    case Shape::kContains:
      return contains(text, needle_);
    case Shape::kGlob:
      return matches_glob(text);
  }
  return false;
}

// Each segment is taken where it first fits: with `*` between them no later place is better. The
// work is at most the length of the text times the length of the pattern.
bool TextMatch::matches_glob(std::string_view text) const {
  std::size_t at = 0;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    const std::vector<std::string>& pieces = segments_[i].pieces;
    const bool bound = i == 0 && !open_begin_;
    const bool last = i + 1 == segments_.size() && !open_end_;
    while (true) {
      const std::size_t end = match_at(pieces, text, at);
      if (end != kNone && (!last || end == text.size())) {
        at = end;
        break;
      }
      if (bound || at >= text.size()) return false;
      at = behind_character(text, at);
    }
  }
  return true;
}

}  // namespace chargewarden
