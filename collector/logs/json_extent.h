#pragma once
// JsonExtent: where a JSON value with brackets ends, told while its text comes piece by piece.
//
// Counts brackets outside of strings and checks nothing else: whether it is JSON is for others to
// say. Constant memory, no recursion, each byte is looked at once.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace chargewarden {

class JsonExtent {
 public:
  static constexpr std::size_t kOpen = static_cast<std::size_t>(-1);

  // The next piece; returns the place behind the closing bracket within it, or kOpen.
  std::size_t feed(std::string_view piece) noexcept {
    for (std::size_t i = 0; i < piece.size(); ++i) {
      const char c = piece[i];
      if (in_string_) {
        if (escaped_) {
          escaped_ = false;
        } else if (c == '\\') {
          escaped_ = true;
        } else if (c == '"') {
          in_string_ = false;
        }
      } else if (c == '"') {
        in_string_ = true;
      } else if (c == '[' || c == '{') {
        ++depth_;
      } else if ((c == ']' || c == '}') && depth_ > 0 && --depth_ == 0) {
        return i + 1;
      }
    }
    return kOpen;
  }

  // Whether a bracket is open.
  [[nodiscard]] bool inside() const noexcept { return depth_ > 0; }

 private:
  std::uint64_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
};

// Length of the value that begins with the first bracket of the text, or JsonExtent::kOpen.
inline std::size_t json_extent(std::string_view text) noexcept {
  return JsonExtent().feed(text);
}

}  // namespace chargewarden
