#include "collector/event/contact.h"

#include <array>
#include <string>

#include <catch2/catch.hpp>

#include "collector/event/redactor.h"

using namespace chargewarden;

namespace {

std::string found_in(std::string_view text) {
  std::string out;
  ContactSpan span{};
  for (std::size_t at = 0; at < text.size() && find_contact(text, at, span);
       at = span.start + span.len) {
    out += std::string(text.substr(span.start, span.len)) + ";";
  }
  return out;
}

}  // namespace

TEST_CASE("bank accounts are found in sentences, grouped or not") {
  CHECK(found_in("refund to DE89370400440532013000 please") == "DE89370400440532013000;");
  CHECK(found_in("IBAN: DE89 3704 0044 0532 0130 00 BIC COBADEFF") ==
        "DE89 3704 0044 0532 0130 00;");
  CHECK(found_in("gb82 west 1234 5698 7654 32.") == "gb82 west 1234 5698 7654 32;");
  CHECK(found_in("NO9386011117947,BE68539007547034") == "NO9386011117947;BE68539007547034;");
  CHECK(found_in("first\\nFR1420041010050500013M02606\\n") == "FR1420041010050500013M02606;");
}

TEST_CASE("what has the form of a bank account and is none is left") {
  for (const char* text :
       {"DE89370400440532013001", "XX89370400440532013000", "DE8937040044053201300",
        "ADE89370400440532013000", "DE893704004405320130000", "DE89  3704 0044 0532 0130 00",
        "DE89", "SN-DE89-3704-0044-0532-0130-00", ""}) {
    CAPTURE(text);
    CHECK(found_in(text).empty());
  }
}

TEST_CASE("telephone numbers are found in sentences") {
  CHECK(found_in("please call +49 170 1234567 now") == "+49 170 1234567;");
  CHECK(found_in("+44 (0)20 7946 0958") == "+44 (0)20 7946 0958;");
  CHECK(found_in("phone: 0170/1234567, tel. 030 123456") == "0170/1234567;030 123456;");
  CHECK(found_in("My mobile number is 0170-1234567.") == "0170-1234567;");
  CHECK(found_in("\\\"phone\\\":\\\"+4917012345678\\\"") == "+4917012345678;");
  CHECK(found_in("Call (202) 555-0143") == "(202) 555-0143;");
}

TEST_CASE("numbers that are no telephone numbers are left") {
  for (const char* text :
       {"2026-11-22T10:00:00+01:00", "2026-11-22T10:00:00+0100", "+1.5", "meter 12345678",
        "+1234567", "+1234567890123456", "+049170123456", "hotel 12345678", "a+49170123456",
        "code 0x1700000000", "phone", "phone: 12345", "+", "tel. 1.2.3", "1.+49170123456"}) {
    CAPTURE(text);
    CHECK(found_in(text).empty());
  }
}

TEST_CASE("bank accounts and telephone numbers in sentences are shown as pseudonyms") {
  const Redactor redactor(RedactionKey{});
  const std::string text =
      redactor.clean("driver asks to be called at +49 170 1234567, refund DE89370400440532013000");
  CHECK(text.find("1234567") == std::string::npos);
  CHECK(text.find("DE89") == std::string::npos);
  CHECK(text.find(redactor.pseudonym("+49 170 1234567")) != std::string::npos);
  CHECK(text.find(redactor.pseudonym("DE89370400440532013000")) != std::string::npos);
  CHECK(redactor.clean("voltage 230.1 at 2026-11-22T10:00:00Z") ==
        "voltage 230.1 at 2026-11-22T10:00:00Z");
}
