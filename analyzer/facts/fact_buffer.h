#pragma once
// FactBuffer: the facts of one shard and one batch, one behind the other in memory that is reused.

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "analyzer/facts/fact.h"

namespace chargewarden {

// Longest text of one value. Certificates and their chains are the longest that anybody looks into
// (OCPP 2.1: 10,000 characters); longer ones are cut, and then are no certificate any more.
// Test: fact_buffer_test.cc "a text beyond the limit is cut".
inline constexpr std::size_t kFactTextMaxLen = 16'384;

// Values and readings of one fact. The longest lists that are looked into are local lists and
// charging schedules (1,024 periods in OCPP 2.x); what is beyond is left out, and the fact tells by
// its count that it is full. Test: fact_buffer_test.cc "values beyond the limit are left out".
inline constexpr std::size_t kFactValuesMax = 4'096;
inline constexpr std::size_t kFactReadingsMax = 1'024;

class FactBuffer {
 public:
  // Starts a fact; values follow, then commit(). Nothing is kept of one that is not committed.
  void begin(const FactHead& head, std::string_view station) {
    head_ = head;
    values_.clear();
    readings_.clear();
    texts_.assign(station.substr(0, kFactTextMaxLen));
    head_.station_len = static_cast<std::uint16_t>(texts_.size());
  }

  [[nodiscard]] FactHead& head() noexcept { return head_; }

  void add_text(FactField field, std::string_view text) {
    FactValue value;
    value.field = field;
    value.type = FactValue::Type::kText;
    value.text_len =
        static_cast<std::uint32_t>(text.size() < kFactTextMaxLen ? text.size() : kFactTextMaxLen);
    value.text_offset = texts_.size();
    texts_ += text.substr(0, value.text_len);
    add(value);
  }

  void add_number(FactField field, std::int64_t number) {
    FactValue value;
    value.field = field;
    value.number = number;
    add(value);
  }

  void add_real(FactField field, double real) {
    FactValue value;
    value.field = field;
    value.type = FactValue::Type::kReal;
    value.real = real;
    add(value);
  }

  // The first text of the field in the fact that was begun; empty when there is none.
  [[nodiscard]] std::string_view text(FactField field) const noexcept {
    for (const FactValue& value : values_) {
      if (value.field == field && value.type == FactValue::Type::kText) {
        return std::string_view(texts_).substr(value.text_offset, value.text_len);
      }
    }
    return {};
  }

  // Readings of the fact that was begun.
  [[nodiscard]] std::size_t reading_count() const noexcept { return readings_.size(); }

  // False when there is no more room.
  bool add_reading(const Reading& reading) {
    if (readings_.size() >= kFactReadingsMax) return false;
    readings_.push_back(reading);
    return true;
  }

  void commit();

  [[nodiscard]] bool empty() const noexcept { return words_.empty(); }

  void clear() noexcept { words_.clear(); }

  // A place in the buffer: that of the first fact is 0.
  [[nodiscard]] std::size_t end() const noexcept { return words_.size(); }

  // Of the fact at the place, which must be below end().
  [[nodiscard]] const FactHead& head_at(std::size_t place) const noexcept {
    return *static_cast<const FactHead*>(static_cast<const void*>(&words_[place]));
  }

  // The place behind the fact at this one.
  [[nodiscard]] std::size_t next(std::size_t place) const noexcept;

  [[nodiscard]] Fact read(std::size_t place) const noexcept;

 private:
  void add(const FactValue& value) {
    if (values_.size() < kFactValuesMax) values_.push_back(value);
  }

  std::vector<std::uint64_t> words_;
  FactHead head_;
  std::vector<FactValue> values_;
  std::vector<Reading> readings_;
  std::string texts_;
};

}  // namespace chargewarden
