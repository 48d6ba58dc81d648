#pragma once
// Expected<T>: a value, or an Error that says what went wrong in one sentence.
//
// For operations that can fail for reasons outside the program (files, sockets, SQL). Bytes from
// the wire that are wrong are not errors but findings. The names are those of C++23's
// std::expected, so that it can become an alias.

#include <string>
#include <utility>
#include <variant>

namespace chargewarden {

// What a caller can do about it; the exit status of the program follows from it.
enum class ErrorCode : unsigned char {
  kUsage,       // Wrong arguments, configuration or rules: the user mends it. Exit status 2.
  kUnreadable,  // Input that is not what it should be, or cannot be opened. Exit status 2.
  kReadWrite,   // A read or write that failed on the way. Exit status 74.
  kInternal,    // A defect of ours. Exit status 70.
};

// The message is a sentence without capital and full stop, with the object quoted, and never holds
// payload bytes or credentials: cannot open capture file "x.pcap": no such file.
struct Error {
  ErrorCode code;
  std::string message;
};

template <typename T>
class [[nodiscard]] Expected {
 public:
  // Not explicit, so that a function returns its value or an error as it is.
  // NOLINTNEXTLINE(google-explicit-constructor)
  Expected(T value) : state_(std::move(value)) {}

  // NOLINTNEXTLINE(google-explicit-constructor): as above.
  Expected(Error error) : state_(std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return state_.index() == 0; }

  explicit operator bool() const noexcept { return has_value(); }

  [[nodiscard]] T& value() & { return std::get<0>(state_); }

  [[nodiscard]] const T& value() const& { return std::get<0>(state_); }

  [[nodiscard]] T&& value() && { return std::get<0>(std::move(state_)); }

  T& operator*() & { return value(); }

  T* operator->() { return &value(); }

  [[nodiscard]] const Error& error() const& { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Expected<void> {
 public:
  Expected() = default;

  // NOLINTNEXTLINE(google-explicit-constructor): so that a function returns an error as it is.
  Expected(Error error) : failed_(true), error_(std::move(error)) {}

  [[nodiscard]] bool has_value() const noexcept { return !failed_; }

  explicit operator bool() const noexcept { return !failed_; }

  [[nodiscard]] const Error& error() const& { return error_; }

 private:
  bool failed_ = false;
  Error error_{};
};

}  // namespace chargewarden
