#pragma once
// JsonWriter: appends JSON to a string, members in the order of the calls, nothing between them.
//
// The same calls give the same bytes on every machine: no locale, no floating point, no hashing.
// The caller keeps begin and end in balance and gives a key to each member of an object.

#include <charconv>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "collector/base/text.h"

namespace chargewarden {

class JsonWriter {
 public:
  // Appends to `out`, which must outlive the writer.
  explicit JsonWriter(std::string& out) noexcept : out_(out) {}

  void begin_object() { open('{'); }

  void begin_object(std::string_view key) { open('{', key); }

  void end_object() { close('}'); }

  void begin_list() { open('['); }

  void begin_list(std::string_view key) { open('[', key); }

  void end_list() { close(']'); }

  void text(std::string_view value) {
    separate();
    append_json_string(out_, value);
  }

  void text(std::string_view key, std::string_view value) {
    put_key(key);
    append_json_string(out_, value);
  }

  // Left out when the value is empty.
  void text_if(std::string_view key, std::string_view value) {
    if (!value.empty()) text(key, value);
  }

  template <std::integral T>
  void number(T value) {
    separate();
    put_digits(value);
  }

  template <std::integral T>
  void number(std::string_view key, T value) {
    put_key(key);
    put_digits(value);
  }

  // A value that is JSON already.
  void raw(std::string_view key, std::string_view json) {
    put_key(key);
    out_ += json;
  }

 private:
  void separate() {
    if (needs_comma_) out_ += ',';
    needs_comma_ = true;
  }

  void put_key(std::string_view key) {
    separate();
    append_json_string(out_, key);
    out_ += ':';
  }

  template <std::integral T>
  void put_digits(T value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out_.append(digits, end);
  }

  void open(char bracket) {
    separate();
    out_ += bracket;
    needs_comma_ = false;
  }

  void open(char bracket, std::string_view key) {
    put_key(key);
    out_ += bracket;
    needs_comma_ = false;
  }

  void close(char bracket) {
    out_ += bracket;
    needs_comma_ = true;
  }

  std::string& out_;
  bool needs_comma_ = false;
};

}  // namespace chargewarden
