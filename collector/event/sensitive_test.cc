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
  CHECK(found_in("pan=4111 1111 1111 1111.") == "");  // A number with a fraction is no card.
  CHECK(found_in("pan=4111 1111 1111 1111;") == "card_number=4111 1111 1111 1111;");
  CHECK(found_in("\"5500-0055-5555-5559\"") == "card_number=5500-0055-5555-5559;");
  CHECK(found_in("378282246310005") == "card_number=378282246310005;");
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
  CHECK(found_in("ftp://user:secret@files.example.com/x").empty());
  CHECK(found_in("ftp://user@files.example.com/x").empty());
  CHECK(found_in("a@b").empty());
  CHECK(found_in("@example.com").empty());
}

TEST_CASE("redaction keeps text, takes credentials and joins equal values") {
  const Redactor redactor(RedactionKey{1, 2, 3});
  CHECK(redactor.clean("ftp://fwuser:Sommer2019@10.77.0.20/x.bin") == "ftp://***@10.77.0.20/x.bin");
  CHECK(redactor.clean("nothing here") == "nothing here");
  const std::string pseudonym = redactor.pseudonym("4111111111111111");
  CHECK(pseudonym.size() == 17);
  CHECK(redactor.clean("card 4111111111111111 ok") == "card " + pseudonym + " ok");
  CHECK(Redactor(RedactionKey{9}).pseudonym("4111111111111111") != pseudonym);
  CHECK(Redactor::is_secret_setting("AuthorizationKey"));
  CHECK(Redactor::is_secret_setting("BasicAuthPassword"));
  CHECK_FALSE(Redactor::is_secret_setting("HeartbeatInterval"));
}
