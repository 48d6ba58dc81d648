#include "analyzer/facts/fact_buffer.h"

#include <string>

#include <catch2/catch.hpp>

using namespace chargewarden;

namespace {

using F = FactField;

Fact only(const FactBuffer& buffer) {
  const Fact fact = buffer.read(0);
  CHECK(buffer.next(0) == buffer.end());
  return fact;
}

}  // namespace

TEST_CASE("facts are read as they were written, one behind the other") {
  FactBuffer buffer;
  CHECK(buffer.empty());
  FactHead head;
  head.order = 5;
  head.time_ns = 77;
  buffer.begin(head, "CP1");
  buffer.add_text(F::kToken, "abc");
  buffer.add_number(F::kConnector, 2);
  buffer.add_real(F::kLimit, 12.75);
  buffer.add_text(F::kToken, "second");
  CHECK(buffer.add_reading({.value = 3.5}));
  buffer.commit();
  head.order = 6;
  buffer.begin(head, "");
  buffer.commit();

  std::size_t place = 0;
  CHECK(buffer.head_at(0).order == 5);
  const Fact first = buffer.read(place);
  place = buffer.next(place);
  CHECK(first.station() == "CP1");
  CHECK(first.time_ns() == 77);
  CHECK(first.text(F::kToken) == "abc");
  CHECK(first.number(F::kConnector) == 2);
  CHECK(first.real(F::kConnector) == 2.0);
  CHECK(first.real(F::kLimit) == 12.75);
  CHECK(first.number(F::kLimit) == 12);
  CHECK_FALSE(first.number(F::kToken));
  CHECK(first.text(F::kConnector).empty());
  CHECK_FALSE(first.has(F::kVendor));
  REQUIRE(first.readings().size() == 1);
  CHECK(first.readings()[0].value == 3.5);
  CHECK(buffer.head_at(place).order == 6);
  const Fact second = buffer.read(place);
  place = buffer.next(place);
  CHECK(second.station().empty());
  CHECK(second.values().empty());
  CHECK(place == buffer.end());
  buffer.clear();
  CHECK(buffer.empty());
}

TEST_CASE("nothing is kept of a fact that is not committed") {
  FactBuffer buffer;
  buffer.begin({}, "CP1");
  buffer.add_text(F::kToken, "lost");
  buffer.begin({}, "CP2");
  buffer.commit();
  CHECK(only(buffer).station() == "CP2");
  CHECK(only(buffer).values().empty());
}

TEST_CASE("a text beyond the limit is cut") {
  const std::string text(kFactTextMaxLen + 1, 'x');
  FactBuffer buffer;
  buffer.begin({}, text);
  buffer.add_text(F::kCertificate, text);
  buffer.add_text(F::kVendor, "behind");
  buffer.commit();
  CHECK(only(buffer).station().size() == kFactTextMaxLen);
  CHECK(only(buffer).text(F::kCertificate).size() == kFactTextMaxLen);
  CHECK(only(buffer).text(F::kVendor) == "behind");
}

TEST_CASE("values beyond the limit are left out") {
  FactBuffer buffer;
  buffer.begin({}, "");
  for (std::size_t i = 0; i <= kFactValuesMax; ++i) {
    buffer.add_number(F::kLimit, static_cast<std::int64_t>(i));
  }
  for (std::size_t i = 0; i < kFactReadingsMax; ++i) CHECK(buffer.add_reading({}));
  CHECK_FALSE(buffer.add_reading({}));
  buffer.commit();
  CHECK(only(buffer).values().size() == kFactValuesMax);
  CHECK(only(buffer).values().back().number == kFactValuesMax - 1);
  CHECK(only(buffer).readings().size() == kFactReadingsMax);
}
