#include "collector/decoders/ocpp/settings.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "collector/base/limits.h"
#include "collector/event/redactor.h"

namespace chargewarden::ocpp {

namespace {

// The value of a member; 0 when there is none. The last of several counts, as for most parsers.
std::size_t member(const JsonWalk& walk, std::size_t object, std::string_view name,
                   ValueArena& arena) {
  std::size_t found = 0;
  if (walk.first_byte(object) != '{') return found;
  for (std::size_t key = walk.first_inside(object); key != 0;
       key = walk.next_inside(JsonWalk::value_of(key))) {
    if (walk.text(key, arena) == name) found = JsonWalk::value_of(key);
  }
  return found;
}

std::string_view text_of(const JsonWalk& walk, std::size_t value, ValueArena& arena) {
  if (value == 0 || walk.is_container(value)) return {};
  if (walk.first_byte(value) == '"') return walk.text(value, arena);
  // A number or boolean, where a text should be.
  const std::string_view raw = walk.scalar(value);
  const std::size_t end = raw.find_last_not_of(" \t\r\n");
  return raw.substr(0, end + 1);
}

std::string_view join(std::span<const std::string_view> parts, ValueArena& arena) {
  std::size_t len = 0;
  for (const std::string_view part : parts) len += part.size();
  char* const begin = arena.allocate(len);
  char* at = begin;
  for (const std::string_view part : parts) at = std::copy(part.begin(), part.end(), at);
  return {begin, len};
}

std::string_view read_setting(const JsonWalk& walk, std::size_t item, ValueArena& arena) {
  const auto name_in = [&](std::string_view object) {
    const std::size_t found = member(walk, item, object, arena);
    return found == 0 ? std::string_view()
                      : text_of(walk, member(walk, found, "name", arena), arena);
  };
  const std::string_view component = name_in("component");
  const std::string_view variable = name_in("variable");
  const std::string_view value = text_of(walk, member(walk, item, "attributeValue", arena), arena);
  if (!Redactor::is_secret_setting(variable)) {
    const std::array<std::string_view, 5> parts = {component, "/", variable, "=",
                                                   value.substr(0, kEventTextMaxLen)};
    return join(parts, arena);
  }
  std::array<char, 20> digits{};
  const char* const end =
      std::to_chars(digits.data(), digits.data() + digits.size(), value.size()).ptr;
  const std::string_view len(digits.data(), static_cast<std::size_t>(end - digits.data()));
  const std::array<std::string_view, 6> parts = {component, "/", variable, " (", len, " bytes)"};
  return join(parts, arena);
}

}  // namespace

std::span<const Value> read_settings(const JsonDocument& payload, ValueArena& arena) {
  const JsonWalk walk = payload.walk();
  if (!walk.has_root() || walk.first_byte(walk.root()) != '{') return {};
  const std::size_t list = member(walk, walk.root(), "setVariableData", arena);
  if (list == 0 || walk.first_byte(list) != '[') return {};
  std::size_t count = 0;
  for (std::size_t item = walk.first_inside(list); item != 0; item = walk.next_inside(item)) {
    ++count;
  }
  const std::span<Value> out = arena.allocate_values(count);
  std::size_t at = 0;
  for (std::size_t item = walk.first_inside(list); item != 0; item = walk.next_inside(item)) {
    out[at++] = Value::text(read_setting(walk, item, arena));
  }
  return out;
}

}  // namespace chargewarden::ocpp
