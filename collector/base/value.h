#pragma once
// Value: one typed value of an event field, 24 bytes, owning nothing.
//
// Text and lists are views. In an Event they live until the end of the call that delivers the
// event; whoever keeps a value copies it.

#include <cstdint>
#include <span>
#include <string_view>

namespace chargewarden {

enum class ValueKind : std::uint8_t {
  kAbsent,  // The event does not say. Not the same as null.
  kNull,    // JSON null.
  kBool,
  kInt,
  kReal,  // Finite.
  kText,
  kList,    // Several values of one field; a condition matches if any element does.
  kObject,  // A JSON object or array as such: it exists, and has no value to compare. text() is its
            // JSON.
};

class Value {
 public:
  constexpr Value() noexcept = default;

  static constexpr Value null() noexcept { return Value(ValueKind::kNull); }

  static constexpr Value boolean(bool value) noexcept {
    Value out(ValueKind::kBool);
    out.int_ = value ? 1 : 0;
    return out;
  }

  static constexpr Value integer(std::int64_t value) noexcept {
    Value out(ValueKind::kInt);
    out.int_ = value;
    return out;
  }

  static constexpr Value real(double value) noexcept {
    Value out(ValueKind::kReal);
    out.real_ = value;
    return out;
  }

  static constexpr Value text(std::string_view value) noexcept {
    Value out(ValueKind::kText);
    out.data_ = value.data();
    out.size_ = value.size();
    return out;
  }

  static constexpr Value object(std::string_view json) noexcept {
    Value out = text(json);
    out.kind_ = ValueKind::kObject;
    return out;
  }

  static constexpr Value list(std::span<const Value> values) noexcept {
    Value out(ValueKind::kList);
    out.list_ = values.data();
    out.size_ = values.size();
    return out;
  }

  [[nodiscard]] constexpr ValueKind kind() const noexcept { return kind_; }

  [[nodiscard]] constexpr bool is_absent() const noexcept { return kind_ == ValueKind::kAbsent; }

  // Each accessor may be called only for its kind.
  [[nodiscard]] constexpr bool as_bool() const noexcept { return int_ != 0; }

  [[nodiscard]] constexpr std::int64_t as_int() const noexcept { return int_; }

  [[nodiscard]] constexpr double as_real() const noexcept { return real_; }

  [[nodiscard]] constexpr std::string_view as_text() const noexcept { return {data_, size_}; }

  [[nodiscard]] constexpr std::span<const Value> as_list() const noexcept { return {list_, size_}; }

 private:
  explicit constexpr Value(ValueKind kind) noexcept : kind_(kind) {}

  union {
    std::int64_t int_ = 0;
    double real_;
    const char* data_;
    const Value* list_;
  };

  std::size_t size_ = 0;
  ValueKind kind_ = ValueKind::kAbsent;
};

}  // namespace chargewarden
