#pragma once
// FlatEvent: an event as a JSON object of names and values, from `rules eval` or a rule's examples.
//
// A field is found under its exact name first, then along nested objects joined by dots; lists on
// the way are entered, and a list of values matches if any element does. Reusable: load() keeps the
// memory. Not shared between threads.

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "collector/base/expected.h"
#include "collector/base/json_document.h"
#include "collector/base/value.h"
#include "rules/lang/yaml_node.h"

namespace chargewarden {

// Longest event, bytes: sixteen times the longest OCPP message that is decoded.
// Test: flat_event_test.cc "an event beyond the limits is refused".
inline constexpr std::size_t kFlatEventMax = std::size_t{16} << 20U;

// Longest joined name of a field, bytes; what is nested under longer ones cannot be asked for.
// Test: flat_event_test.cc "a path beyond the limit is not followed".
inline constexpr std::size_t kFlatPathMax = 1'024;

class FlatEvent {
 public:
  struct Entry {
    std::string_view path;
    Value value;        // Scalar, or kObject without text, or an empty kList: present, no value.
    bool flat = false;  // The name stands so in the object itself.
  };

  // The text must be one JSON object; it is copied.
  Expected<void> load(std::string_view json);

  // All values, in the order of the text. Valid until the next load().
  [[nodiscard]] std::span<const Entry> entries() const noexcept { return entries_; }

  // Value of a name that holds text; empty otherwise.
  [[nodiscard]] std::string_view text_of(std::string_view name) const noexcept;

 private:
  class Collector;

  // An object or list that is being walked.
  struct Level {
    std::size_t path_len;
    bool is_object;
  };

  JsonDocument document_;
  ValueArena arena_;
  std::vector<Entry> entries_;
  std::string path_;           // Scratch of load(), kept for its memory.
  std::vector<Level> levels_;  // The same.
};

// A YAML map as JSON, typed as a rule's values are: for the examples of rules.
std::string to_json(const YamlNode& node);

}  // namespace chargewarden
