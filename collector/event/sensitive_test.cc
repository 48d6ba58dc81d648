#include "collector/event/sensitive.h"

#include <catch2/catch.hpp>

#include "collector/event/redactor.h"

using namespace chargewarden;

namespace {

std::string found_in(std::string_view text) {
  std::string out;
  SensitiveSpan span{};
  for (std::size_t at = 0; at < text.size() && find_sensitive(text, at, span);
       at = span.start + span.len) {
    out += std::string(to_string(span.kind)) + "=" +
           std::string(text.substr(span.start, span.len)) + ";";
  }
  return out;
}

}  // namespace

TEST_CASE("card numbers are found whatever stands around them") {
  const std::string card = "4111111111111111";
  for (std::size_t before = 0; before < 40; ++before) {
    const std::string text = std::string(before, 'x') + " " + card + "\",";
    CAPTURE(before);
    CHECK(found_in(text) == "card_number=" + card + ";");
  }
  CHECK(found_in("pan=4111 1111 1111 1111.") == "card_number=4111 1111 1111 1111;");
  CHECK(found_in("pan=4111 1111 1111 1111;") == "card_number=4111 1111 1111 1111;");
  CHECK(found_in("\"5500-0055-5555-5559\"") == "card_number=5500-0055-5555-5559;");
  CHECK(found_in("378282246310005") == "card_number=378282246310005;");
}

TEST_CASE("card numbers are found beside amounts, dates and check numbers, and on tracks") {
  for (const char* text :
       {"4111111111111111 0527", "4111111111111111 123", "25 4111111111111111",
        "25 4111111111111111 0527", ";4111111111111111=25121010000000000000?",
        "%B4111111111111111^DOE/JANE^2512101?", "first\\n4111111111111111\\nlast",
        "order paid with 4111111111111111", "paid 4111111111111111",
        "\"orderCard\":\"4111111111111111\"", "\"order\":{\"pan\":4111111111111111}",
        "\\\"pan\\\":\\\"4111111111111111\\\""}) {
    CAPTURE(text);
    CHECK(found_in(text) == "card_number=4111111111111111;");
  }
  CHECK(found_in("4111 1111 1111 1111 123") == "card_number=4111 1111 1111 1111;");
  CHECK(found_in("3782 822463 10005 1227") == "card_number=3782 822463 10005;");
}

TEST_CASE("identifiers of messages are no card numbers") {
  // All digits of 4 bits below 10, so that each of them is one that looks like a number.
  std::uint64_t state = 1;
  const auto digits = [&state](std::size_t count) {
    std::string out;
    for (; count > 0; --count) {
      state = state * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
      out += static_cast<char>('0' + (state >> 33U) % 10);
    }
    return out;
  };
  for (int i = 0; i < 20'000; ++i) {
    const std::string tail = digits(4) + "-" + digits(4) + "-" + digits(12);
    for (const std::string& id :
         {"e2618803-9f77-" + digits(4) + "-4" + digits(3) + "-" + digits(12),
          "5" + digits(7) + "-" + tail, "a5e0b1c2-" + tail}) {
      CAPTURE(id);
      REQUIRE(found_in("[2,\"" + id + "\",\"Heartbeat\",{}]").empty());
    }
  }
}

TEST_CASE("what is called another number is no card") {
  for (const char* text :
       {"\"chargePointSerialNumber\":\"4111111111111111\"", "\"orderId\":\"4111111111111111\"",
        "\\\"order\\\":\\\"4111111111111111\\\"", "invoice 4111111111111111",
        "imei=490154203237518", "transactionId: 4111111111111111",
        "\"customerId\":\"4111111111111111\"", "411111******1111",
        "4d4a2f6e-1111-4111-8111-111111111111", "1000 2000 3000 4111 1111 1111 1111",
        "DE89 3704 0044 0532 0130 00"}) {
    CAPTURE(text);
    CHECK(found_in(text).empty());
  }
}

TEST_CASE("numbers that only look like cards are left alone") {
  for (const char* text :
       {"4111111111111112", "1795349624939000", "2026-11-22T12:13:44.939Z", "89490200001234567890",
        "262011234567890", "A4111111111111111", "41111111111111110000", "4111111111111111.5",
        "\"SN4111111111111111\"", "411111111111"}) {
    CAPTURE(text);
    CHECK(found_in(text).empty());
  }
}

TEST_CASE("vehicle numbers need their check digit, mail addresses a domain") {
  CHECK(found_in("\"idTag\":\"1HGCM82633A004352\"") == "vin=1HGCM82633A004352;");
  CHECK(found_in("1HGCM82633A004353").empty());
  CHECK(found_in("x1HGCM82633A004352").empty());
  CHECK(found_in("mail anna.b@example.com, or") == "email=anna.b@example.com;");
  CHECK(found_in("E-Mail:anna.b@example.com") == "email=anna.b@example.com;");
  CHECK(found_in("mailto:anna.b@example.com") == "email=anna.b@example.com;");
  CHECK(found_in("https://example.com/u/anna@example.com") == "email=anna@example.com;");
  CHECK(found_in("mail=anna%40example.com&x") == "email=anna%40example.com;");
  CHECK(found_in(R"("mail":"anna\u0040example.com")") == R"(email=anna\u0040example.com;)");
  CHECK(found_in(R"("mail":"anna\\u0040example.com")").empty());
  CHECK(found_in("a%40b.example and anna@example.com") ==
        "email=a%40b.example;email=anna@example.com;");
  CHECK(found_in("j\xc3\xb6rg@m\xc3\xbcller.example") ==
        "email=j\xc3\xb6rg@m\xc3\xbcller.example;");
  CHECK(found_in("to\\nanna@example.com\\n") == "email=anna@example.com;");
  for (const char* text :
       {"Support@example.com", "no-reply@example.com", "logo@2x.png", "root@10.0.0.1",
        "op@gateway.local", "ftp:\\/\\/user:pw@files.example.com\\/x", "16A @ 230V", "a@b.c-d",
        "%40example.com", "100%40.example"}) {
    CAPTURE(text);
    CHECK(found_in(text).empty());
  }
  CHECK(found_in("ftp://user:secret@files.example.com/x").empty());
  CHECK(found_in("ftp://user@files.example.com/x").empty());
  CHECK(found_in("a@b").empty());
  CHECK(found_in("@example.com").empty());
}

TEST_CASE("vehicle numbers without a check digit need a maker or a name") {
  for (const char* text : {"WVWZZZ1JZ3W386752", "5YJ3E1EA7KF317000", "VF1AG000164123456",
                           "XP7YGCEL5PB012345", "\\nTMBJJ7NE8J0123456\\n"}) {
    CAPTURE(text);
    CHECK(found_in(text).starts_with("vin="));
  }
  CHECK(found_in("\"vin\":\"XYZAG000164123456\"") == "vin=XYZAG000164123456;");
  CHECK(found_in("chassis_no=XYZAG000164123456") == "vin=XYZAG000164123456;");
  for (const char* text :
       {"XYZAG000164123456", "\"serial\":\"WVWZZZ1JZ3W386752\"", "WVWZZZ1JZ3W38675A",
        "WVWZZZ1JZ3W3867522", "WVOZZZ1JZ3W386752", "\"vin\":\"12345678901234567\"",
        "\"chargePointSerialNumber\":\"ACP2024XK10012345\"", "aWVWZZZ1JZ3W386752"}) {
    CAPTURE(text);
    CHECK(found_in(text).empty());
  }
}

TEST_CASE("redaction keeps text, takes credentials and joins equal values") {
  const Redactor redactor(RedactionKey{1, 2, 3});
  CHECK(redactor.clean("ftp://fwuser:Sommer2019@10.77.0.20/x.bin") == "ftp://***@10.77.0.20/x.bin");
  CHECK(redactor.clean("nothing here") == "nothing here");
  const std::string pseudonym = redactor.pseudonym("4111111111111111");
  CHECK(pseudonym.size() == 17);
  CHECK(redactor.clean("card 4111111111111111 ok") == "card " + pseudonym + " ok");
  CHECK(Redactor(RedactionKey{9}).pseudonym("4111111111111111") != pseudonym);
  const std::string name = redactor.pseudonym("Erika");
  CHECK(redactor.clean(R"({"firstName":"Erika","x":1})") ==
        R"({"firstName":")" + name + R"(","x":1})");
  CHECK(redactor.clean(R"({\"firstName\": \"Erika\"})") ==
        R"({\"firstName\": \")" + name + R"(\"})");
  CHECK(redactor.clean("a;firstName=Erika;b") == "a;firstName=" + name + ";b");
  CHECK(redactor.clean(R"({"phone":null,"vin":"","email":{"x":1}})") ==
        R"({"phone":null,"vin":"","email":{"x":1}})");
  CHECK(redactor.clean("https://h/x?token=abc&y=1") == "https://h/x?token=***&y=1");
  CHECK(redactor.clean(R"("password":"a\"b")") == R"("password":"***")");
  CHECK(redactor.clean("\"password\":\"open") == "\"password\":\"***");
  CHECK(redactor.clean("the pin: broken") == "the pin: broken");
  for (const char* text : {"=", ":", "\"vin\":", "vin=", "\\\":\\\""}) {
    CAPTURE(text);
    CHECK(redactor.clean(text) == text);
  }
  CHECK(Redactor::is_secret_setting("AuthorizationKey"));
  CHECK(Redactor::is_secret_setting("BasicAuthPassword"));
  CHECK_FALSE(Redactor::is_secret_setting("HeartbeatInterval"));
}
